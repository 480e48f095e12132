"""Times as other systems write them, turned into moments with an offset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from opsledger.calendar.zones import zone as zone_called

_OFFSET = re.compile(r"([+-][0-9]{2})([0-9]{2})$")


def moment(text: str, *, zone: str, formats: Sequence[str]) -> str:
    """
    A moment as records write it, in UTC.

    Args:
        zone: the IANA zone of times without an offset, or empty.
        formats: ways of writing, in the words of strptime, that are tried after ISO 8601.

    Raises:
        ValueError: it is none; says why, as the end of a sentence.
    """
    found = _parsed(text, formats)
    if found.tzinfo is None:
        found = _placed(found, text, zone)
    try:
        utc = found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r}, which lies beyond the years 1 to 9999") from None
    return utc.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ") if utc.year >= 1000 else _early(text)


def day(text: str, *, formats: Sequence[str]) -> str:
    """
    A calendar day as records write it.

    Raises:
        ValueError: it is none.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return _parsed(text, formats).date().isoformat()


def _early(text: str) -> str:
    raise ValueError(f"{text!r}, which lies before the year 1000")


def _parsed(text: str, formats: Sequence[str]) -> datetime:
    try:
        return datetime.fromisoformat(_OFFSET.sub(r"\1:\2", text))
    except ValueError:
        pass
    for form in formats:
        try:
            # Whether it says an offset is asked by whoever wants the moment.
            return datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError(f"{text!r}, which is no time that the field map knows how to read")


def _placed(found: datetime, text: str, zone: str) -> datetime:
    """A wall-clock time in its zone; of one that comes twice in autumn, the first is meant."""
    if not zone:
        raise ValueError(f"{text!r}, which says no offset, and the field map names no `time_zone`")
    placed = found.replace(tzinfo=zone_called(zone))
    if (placed.astimezone(UTC) + timedelta()).astimezone(placed.tzinfo).replace(tzinfo=None) != found:
        raise ValueError(f"{text!r}, which was skipped by the clocks of {zone}, which went forward over it")
    return placed
