"""Moments of records: from their text, and back to what people read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from opsledger.people.model import Term

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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


def days(first: str, last: str) -> Term:
    """
    The span of two calendar days, both of them in it, by UTC.

    Raises:
        ValueError: one of them is no day.
    """
    if not (_DAY.fullmatch(first) and _DAY.fullmatch(last)):
        raise ValueError(f"{first!r} to {last!r} are no days")
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    try:
        after = end + timedelta(days=1)
    except OverflowError:
        return Term(datetime.combine(start, time(), UTC))
    return Term(datetime.combine(start, time(), UTC), datetime.combine(after, time(), UTC))


def spoken(moment: datetime) -> str:
    """A moment as a sentence says it: the day alone where it begins then."""
    form = "%Y-%m-%d" if moment.time() == time() else "%Y-%m-%d %H:%M UTC"
    return moment.strftime(form if not moment.second else "%Y-%m-%d %H:%M:%S UTC")
