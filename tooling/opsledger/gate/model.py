"""What a gate answers, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from opsledger.finding import Finding
from opsledger.question import Move

__all__ = ["Answer", "Move", "Outcome", "Verdict"]


class Outcome(Enum):
    """What one code answers."""

    MET = "met"
    WAIVED = "waived"
    OWED = "owed"
    WARNED = "warned"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"
    AWAITING = "awaiting"
    LATER = "later"


@dataclass(frozen=True)
class Answer:
    """
    One code's part of a verdict.

    Args:
        findings: why it is not met, or what the reader should know.
        remarks: by what it is met: who signed, in one sentence each.
        waived_by: the exceptions that cover what was found, by id, with a comma between them; empty where none does.
        until: of a code that is waived or owed: when that ends; `None` of every other.
    """

    code: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    waived_by: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """
    The decision of a gate.

    Args:
        outcome: *open*, *blocked* or *undecided*.
        commit: full id of what was judged; empty for a work tree.
        judge: by whose gate and roles, as people say it.
        reviews: digest of the live reviews that were counted, or empty.
        tool: the version that judged.
        notes: what the reader should know of how it was judged, one sentence each.
    """

    gate: str
    subject: str
    move: Move
    environment: str
    commit: str
    judge: str
    as_of: datetime
    outcome: str
    answers: tuple[Answer, ...]
    mode: str = "enforce"
    reviews: str = ""
    tool: str = ""
    group: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the move may be made."""
        return self.outcome == "open"

    @property
    def exit_code(self) -> int:
        """0 open, 1 blocked, 3 undecided."""
        return {"open": 0, "blocked": 1}.get(self.outcome, 3)

    @property
    def awaits_only(self) -> bool:
        """Whether nothing but signatures that reviews of this very pull request can give stands in the way."""
        outcomes = {answer.outcome for answer in self.answers}
        return Outcome.AWAITING in outcomes and outcomes.isdisjoint({Outcome.BLOCKED, Outcome.UNDECIDED})

    @property
    def stopping(self) -> tuple[Answer, ...]:
        """The answers for which it is not open."""
        stops = {Outcome.BLOCKED, Outcome.AWAITING, Outcome.UNDECIDED}
        return tuple(answer for answer in self.answers if answer.outcome in stops)
