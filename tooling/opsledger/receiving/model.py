"""A push and what is said to it, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from opsledger.check import Judgement
from opsledger.errors import Refused
from opsledger.gate import Judge
from opsledger.ledger import Ledger
from opsledger.store import Repository


@dataclass(frozen=True)
class Update:
    """One reference that a push moves; an id of zeros stands for nothing."""

    old: str
    new: str
    ref: str

    @property
    def is_new(self) -> bool:
        """Whether the reference is not there yet."""
        return not self.old.strip("0")

    @property
    def is_deletion(self) -> bool:
        """Whether the reference goes away."""
        return not self.new.strip("0")


def updates(lines: Iterable[str]) -> tuple[Update, ...]:
    """
    What git writes to a hook: old id, new id and reference, a line each.

    Raises:
        Refused: a line is none of git's.
    """
    found = []
    for line in lines:
        words = line.rstrip("\n").split(" ", 2)
        if len(words) != 3 or not words[2].startswith("refs/"):
            raise Refused("what came in is not what git writes to a hook", "call it from a pre-receive hook")
        found.append(Update(*words))
    return tuple(found)


@dataclass(frozen=True)
class Pusher:
    """
    Who pushes, as far as the server vouches for it.

    Args:
        party: id of the party; empty where nobody is vouched for.
        note: what the reader should know of how that was found out.
    """

    party: str = ""
    note: str = ""


@dataclass(frozen=True)
class Objection:
    """Why a push is not taken, and what to do."""

    said: str
    fix: str = ""


@dataclass(frozen=True)
class Ruling:
    """
    What is said to a push.

    Args:
        objections: to the way in which it came.
        judgements: on what it would make of the ledger, one for each step.
        notes: what the reader should know.
    """

    objections: tuple[Objection, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether it is taken; what is undecided is not."""
        return not self.objections and all(one.exit_code == 0 for one in self.judgements)


@dataclass(frozen=True)
class Court:
    """
    What a push is judged by: the parts of an open ledger.

    Args:
        check: judges a commit against a base, or by itself without one, for the party that makes the step.
        ledger: a commit's ledger under the schemas of a base.
        judge: whose gates, roles and lanes hold at a commit.
        as_of: the time of the push.
        environment: where to look for ssh-keygen and gpg.
    """

    repository: Repository
    check: Callable[[str, str | None, str], Judgement]
    ledger: Callable[[str, str], Ledger]
    judge: Callable[[str], Judge]
    as_of: datetime
    environment: Mapping[str, str] = field(default_factory=dict)
