"""The calendar for eyes and for programs: a month drawn in text, lists, clashes, and when it opens."""

from __future__ import annotations

from calendar import Calendar as Months
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from opsledger.calendar import opening
from opsledger.moments import to_the_minute
from opsledger.report.json_lines import line
from opsledger.report.plain import counted, escape

if TYPE_CHECKING:
    from opsledger.calendar import Standing
    from opsledger.calendar.agenda import Entry
    from opsledger.calendar.model import Doubt
    from opsledger.calendar.work import Clash, Work
    from opsledger.ledger import Record

MARKS = {
    "halt": "!", "freeze": "#", "change-window": "+", "maintenance": "m", "release-slot": "s", "emergency": "e",
    "review-cycle": "r", "release": "R", "deployment": "D", "change": "C",
}  # fmt: skip
_WIDTH = 8
_DAY = timedelta(days=1)


def calendar_text(entries: Sequence[Entry], start: datetime, end: datetime, doubts: Sequence[Doubt]) -> Iterator[str]:
    """Yield the months of a span, drawn, and then what happens when, each day once."""
    for first in _months(start, end):
        yield from _month(first, entries)
        yield ""
    seen = [sort for sort in MARKS if any(one.sort == sort for one in entries)]
    if seen:
        yield "  ".join(f"{MARKS[sort]} {sort}" for sort in seen)
        yield ""
    yield from (_listed(one) for one in entries)
    if not entries:
        yield f"nothing is on the calendar from {to_the_minute(start)} to {to_the_minute(end)}"
    for doubt in doubts:
        yield escape(f"undecided: {doubt.missing} ({doubt.path})")
        yield f"  fix: {escape(doubt.remedy)}"


def _months(start: datetime, end: datetime) -> Iterator[date]:
    here = start.date().replace(day=1)
    while here < end.date() or here == start.date().replace(day=1):
        yield here
        here = (here + 32 * _DAY).replace(day=1)


def _month(first: date, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield one month: a column a day of the week, under each day the marks of what holds on it."""
    yield f"{first:%B %Y} (UTC)"
    yield "".join(f"{day:<{_WIDTH}}" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")).rstrip()
    for week in Months().monthdatescalendar(first.year, first.month):
        days = [(f"{day.day:>2} {_marks(day, entries)}" if day.month == first.month else "") for day in week]
        yield "".join(f"{text:<{_WIDTH}}" for text in days).rstrip()


def _marks(day: date, entries: Sequence[Entry]) -> str:
    begins = datetime.combine(day, datetime.min.time(), UTC)
    on = {one.sort for one in entries if one.start < begins + _DAY and (one.end is None or begins < one.end)}
    marks = "".join(mark for sort, mark in MARKS.items() if sort in on)
    return marks if len(marks) < _WIDTH - 3 else f"{marks[: _WIDTH - 5]}…"


def _listed(entry: Entry) -> str:
    until = to_the_minute(entry.end).removesuffix(" UTC") if entry.end is not None else "no end yet      "
    where = f" in {', '.join(entry.environments)}" if entry.environments else ""
    said = f"{entry.record.id} {entry.record.title if entry.record.title != entry.record.id else ''}".strip()
    return escape(f"{to_the_minute(entry.start).removesuffix(' UTC')} - {until}  {entry.sort:<13} {said}{where}")


def calendar_json(entries: Iterable[Entry], doubts: Iterable[Doubt]) -> Iterator[str]:
    """Yield one line a time, and one for what nobody can follow."""
    for one in entries:
        yield line({
            "sort": one.sort, "id": one.record.id, "title": one.record.title, "path": one.record.path,
            "start": one.start.isoformat(), "end": one.end.isoformat() if one.end is not None else None,
            "environments": list(one.environments), "cis": list(one.cis), "recurs": one.recurs,
        })  # fmt: skip
    for doubt in doubts:
        yield line(
            {"sort": "undecided", "id": doubt.id, "path": doubt.path, "message": doubt.missing, "fix": doubt.remedy}
        )


def standing_text(standing: Standing, environment: Record | None, cis: Sequence[str]) -> Iterator[str]:
    """Yield whether work is open now, else when it is, and why."""
    place = environment.id if environment is not None else "no environment"
    about = f"{place}, {', '.join(cis)}" if cis else place
    word = "open" if standing.is_open else "undecided" if standing.doubts else "closed"
    then = "" if standing.is_open or standing.doubts else f"; {opening(standing)}"
    yield escape(f"{about}: {word} at {to_the_minute(standing.at)}{then}")
    yield from (f"  {escape(why)}" for why in standing.because)


def standing_json(standing: Standing, environment: Record | None, cis: Sequence[str]) -> Iterator[str]:
    """Yield the same as one line for programs."""
    yield line({
        "environment": environment.id if environment is not None else "", "cis": list(cis),
        "as_of": standing.at.isoformat(), "is_open": standing.is_open,
        "opens": standing.opens.isoformat() if standing.opens is not None else None,
        "halts": [span.window.id for span in standing.halts], "freezes": [span.window.id for span in standing.freezes],
        "allowed_by": [span.window.id for span in standing.allowed_by],
        "undecided": [doubt.missing for doubt in standing.doubts], "because": list(standing.because),
    })  # fmt: skip


def clashes_text(clashes: Sequence[Clash]) -> Iterator[str]:
    """Yield every clash, with both sides by file and line."""
    for clash in clashes:
        until = to_the_minute(clash.end) if clash.end is not None else "no end yet"
        pairs = ", ".join(first if first == second else f"{first} with {second}" for first, second in clash.on)
        yield escape(f"{to_the_minute(clash.start)} - {until}: {pairs}")
        yield from (f"  {escape(_side(one))}" for one in (clash.first, clash.second))
    yield counted(len(clashes), "clash", "clashes") if clashes else "no planned work is in the way of other work"


def _side(work: Work) -> str:
    until = to_the_minute(work.end) if work.end is not None else "no end yet"
    title = f" {work.record.title}" if work.record.title not in ("", work.record.id) else ""
    where = f" in {', '.join(sorted(work.environments))}" if work.environments else ""
    return f"{_place(work)}: {work.record.id}{title}{where}, {to_the_minute(work.start)} - {until}"


def _place(work: Work) -> str:
    place = work.record.place(work.pointer)
    return f"{place.path}:{place.line}"


def clashes_json(clashes: Iterable[Clash]) -> Iterator[str]:
    """Yield one line a clash."""
    for clash in clashes:
        yield line({
            "start": clash.start.isoformat(), "end": clash.end.isoformat() if clash.end is not None else None,
            "on": [list(pair) for pair in clash.on],
            "sides": [_side_object(one) for one in (clash.first, clash.second)],
        })  # fmt: skip


def _side_object(work: Work) -> dict[str, Any]:
    place = work.record.place(work.pointer)
    return {
        "id": work.record.id, "path": place.path, "line": place.line, "start": work.start.isoformat(),
        "end": work.end.isoformat() if work.end is not None else None, "environments": sorted(work.environments),
    }  # fmt: skip
