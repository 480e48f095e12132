"""Moments of records: from their text, and back to what records and people write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


def instant(text: str) -> datetime:
    """
    The moment that a record's date-time names, in UTC.

    Raises:
        ValueError: it names none, or lacks its offset from UTC.
    """
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} is no date and time with an offset from UTC")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} lies beyond the years 1 to 9999") from None


def moment(stated: object) -> datetime | None:
    """The moment that a date-time with its offset names, in UTC; `None` for anything else."""
    try:
        found = datetime.fromisoformat(stated) if isinstance(stated, str) else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def written(at: datetime) -> str:
    """A moment as records write it: in UTC, to the second where it has no smaller part."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def spoken(at: datetime) -> str:
    """A moment as a sentence says it: the day alone where it begins then."""
    return at.strftime("%Y-%m-%d") if at.time() == time() else to_the_minute(at)


def to_the_minute(at: datetime) -> str:
    """A moment to the minute in UTC, and to the second where that says more."""
    utc = at.astimezone(UTC)
    return utc.strftime("%Y-%m-%d %H:%M:%S UTC" if utc.second else "%Y-%m-%d %H:%M UTC")
