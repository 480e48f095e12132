"""What is tried to prove a rule, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from opsledger.ledger import Ledger


class Outcome(Enum):
    """What became of one thing that was broken on purpose."""

    KILLED = "killed"
    SURVIVED = "survived"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Spoiling:
    """
    One small harm done to a copy of the ledger.

    Args:
        said: what was done, such as *records/… /fixes/0 misspelt*.
        changes: files with their new content, or `None` where they are taken away.
        paths: the files at any of which the rule must speak.
        is_step: whether the harm lies in the step from the ledger as it is, and not in what comes out.
    """

    said: str
    changes: Mapping[str, bytes | None]
    paths: frozenset[str]
    is_step: bool = False


@dataclass(frozen=True)
class Trial:
    """
    One thing that must be heard.

    Args:
        code: the rule that must speak.
        clause: which part of the rule it is, such as *release /fixes/**; empty for the rule as such.
        lacking: what the ledger would need for it, as the end of *the ledger has no …*.
        spoilings: ways to break it, the best first; made when they are asked for.
    """

    code: str
    clause: str
    lacking: str
    spoilings: Callable[[Ledger], Iterable[Spoiling]]


@dataclass(frozen=True)
class Proof:
    """What came of a trial; the fields are those of the trial, and what was done or what was missing."""

    code: str
    clause: str
    outcome: Outcome
    said: str

    def __str__(self) -> str:
        clause = f" ({self.clause})" if self.clause else ""
        return f"{self.code} {self.outcome.value}{clause}: {self.said}"
