"""iCalendar feeds (RFC 5545): one event for each time, in UTC, so that no reader has to follow a rule or a zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from opsledger.calendar.agenda import Entry

_OCTETS = 75
_SHIFTED = re.compile(r"([\\;,])")
# What no text of a calendar may hold (RFC 5545, 3.3.11), beside what some readers take for the end of a line.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAKS = re.compile(r"\r\n|\r|\n")


def feed(entries: Iterable[Entry], *, name: str, made: datetime, until: datetime) -> bytes:
    """
    A calendar that programs subscribe to.

    Each occurrence of a recurring window is an event of its own, with its time in UTC: what a gate would decide stands
    there, and not what the reader makes of a rule, a zone and its own copy of the zone's history.

    Args:
        name: what the calendar is called.
        made: the time of the commit that it tells of, so that the same commit gives the same bytes.
        until: where what has no end yet is cut off.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//opsledger//calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for entry in entries:
        lines += _event(entry, made, until)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(entry: Entry, made: datetime, until: datetime) -> Iterator[str]:
    record = entry.record
    end = entry.end or max(until, entry.start)
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(f'{record.id}.{_time(entry.start)}')}@opsledger"
    yield f"DTSTAMP:{_time(made)}"
    yield f"DTSTART:{_time(entry.start)}"
    yield f"DTEND:{_time(end)}"
    yield f"SUMMARY:{_text(f'{entry.sort}: {record.title or record.id}')}"
    yield f"DESCRIPTION:{_text(_described(entry))}"
    yield f"CATEGORIES:{_text(entry.sort)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _described(entry: Entry) -> str:
    parts = [entry.record.id, entry.record.path]
    if entry.environments:
        parts.append(", ".join(entry.environments))
    if entry.cis:
        parts.append(", ".join(entry.cis))
    if entry.end is None:
        parts.append("It has no end yet.")
    return "\n".join(parts)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """A text as it may stand behind a property's name: on one line, with nothing in it that ends the value."""
    escaped = _SHIFTED.sub(r"\\\1", _UNSEEN.sub("", _BREAKS.sub("\n", text)))
    return escaped.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets, none of which cuts a character in two."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
