"""What becomes of an exception, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from opsledger.ledger import Record


@dataclass(frozen=True)
class Reason:
    """
    Why an exception does not count.

    Args:
        pointer: where in the exception it shows.
        said: the second half of a sentence that begins with the exception's id.
        fix: what to do now.
        is_expired: whether it counted once, and only its end has passed.
    """

    exception: Record
    pointer: str
    said: str
    fix: str
    is_expired: bool = False

    @property
    def sentence(self) -> str:
        """The whole sentence, without a stop."""
        return f"{self.exception.id} {self.said}"


@dataclass(frozen=True)
class Waiver:
    """
    An exception that is in force.

    Args:
        until: from when on it has no force; `None` only of what never ends.
        is_owed: whether what it waives must be made up for by then.
    """

    exception: Record
    until: datetime | None
    is_owed: bool = False


@dataclass(frozen=True)
class Standing:
    """
    How an exception stands at a time, whatever is asked of it.

    Args:
        reason: why it is not in force; `None` where it is.
        signed: who signed it, each with the role, as *PTY-x as ROL-y*.
        since: from when on it has force; `None` while it is not signed.
        until: from when on it has none.
    """

    exception: Record
    reason: Reason | None = None
    signed: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    is_owed: bool = False
