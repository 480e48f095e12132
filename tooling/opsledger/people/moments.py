"""The spans of time in which somebody holds something."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from opsledger.people.model import Term

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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
