"""What a calendar says: spans of windows, and how things stand at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from opsledger.ledger import Record

ALLOWING = ("change-window", "maintenance", "release-slot", "emergency")
"""The types of window in which work may be done."""


@dataclass(frozen=True)
class Span:
    """
    One time at which a window holds: from its first second on, and no longer in its last.

    Args:
        end: `None` for one that lasts until somebody ends it.
    """

    window: Record
    start: datetime
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether a time lies in it."""
        return self.start <= at and (self.end is None or at < self.end)

    def meets(self, start: datetime, end: datetime | None) -> bool:
        """Whether it has a time in common with another span."""
        return (end is None or self.start < end) and (self.end is None or start < self.end)


@dataclass(frozen=True, order=True)
class Doubt:
    """
    What nobody knows of a window or a component, so that nothing is decided where it matters.

    Args:
        id: what it is about.
        path: its file.
        pointer: where in it.
        missing: what is not known, as a sentence without a stop.
        remedy: what to do about it now.
    """

    id: str
    path: str
    pointer: str
    missing: str
    remedy: str


@dataclass(frozen=True)
class Closed:
    """
    Components on which no work is allowed now, though it is at other times.

    Args:
        cis: their ids.
        windows: the change windows that say when it is.
    """

    cis: tuple[str, ...]
    windows: tuple[Record, ...]


@dataclass(frozen=True)
class Standing:
    """
    How some components stand at a time in an environment.

    Args:
        halts: what is stopped at once, whatever the type of change.
        freezes: what forbids this type of change.
        passed: freezes that hold and let this type of change through.
        allowed_by: the windows in which the work falls.
        closed: the components whose change windows are all shut.
        doubts: what could not be read.
        opens: when work is allowed next; the time that was asked about where it is now, and `None` where it is not
            within a year or nobody knows.
    """

    at: datetime
    halts: tuple[Span, ...] = ()
    freezes: tuple[Span, ...] = ()
    passed: tuple[Span, ...] = ()
    allowed_by: tuple[Span, ...] = ()
    closed: tuple[Closed, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    opens: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether work is allowed: nothing forbids it, each component may be worked on, and nothing is in doubt."""
        return not (self.halts or self.freezes or self.closed or self.doubts)

    @property
    def because(self) -> tuple[str, ...]:
        """Why it is as it is, each as a sentence without a stop."""
        from opsledger.calendar.saying import reasons  # words are needed only where somebody reads them

        return reasons(self)
