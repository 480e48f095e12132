"""What happens when: windows and planned work in the order of their times."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from opsledger.calendar.calendar import Calendar
from opsledger.calendar.reach import wholes_of
from opsledger.calendar.work import Work, all_work
from opsledger.ledger import Ledger, Record


@dataclass(frozen=True)
class Entry:
    """
    One thing on the calendar.

    Args:
        sort: the type of a window, or the kind of a record of work.
        end: `None` for what has no end yet.
        recurs: whether it is one occurrence of several.
    """

    record: Record
    sort: str
    start: datetime
    end: datetime | None
    environments: tuple[str, ...] = ()
    cis: tuple[str, ...] = ()
    recurs: bool = False


def agenda(
    ledger: Ledger,
    calendar: Calendar,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    environment: str = "",
    cis: Collection[str] = (),
) -> tuple[Entry, ...]:
    """
    The published windows and the planned work that have a time in common with a span, by their start.

    Args:
        now: the time for which it is told: work that is chosen a recurring window gets its next time.
        environment: only what is about this one; empty for all.
        cis: only what is about one of these, or about what they are part of; none for all.
    """
    near = frozenset(one for ci in cis for one in wholes_of(ledger, ci))
    found = [*_windows(calendar, start, end), *_works(all_work(ledger, calendar, now), start, end)]
    kept = (
        one
        for one in found
        if (not environment or not one.environments or environment in one.environments)
        and (not near or not one.cis or not near.isdisjoint(one.cis))
    )
    return tuple(sorted(kept, key=lambda one: (one.start, one.sort, one.record.id)))


def _windows(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Entry]:
    for window in calendar.windows:
        about = (tuple(sorted(window.environments)), tuple(sorted(window.cis)), window.rule is not None)
        for span in window.spans(start, end):
            yield Entry(window.record, window.type, span.start, span.end, *about)


def _works(works: Iterable[Work], start: datetime, end: datetime) -> Iterator[Entry]:
    for work in works:
        if work.start < end and (work.end is None or start < work.end):
            about = (tuple(sorted(work.environments)), tuple(sorted(work.cis)))
            yield Entry(work.record, work.record.kind.name, work.start, work.end, *about)


def services(ledger: Ledger) -> tuple[Record, ...]:
    """The components that are services, by id; each has a feed of its own."""
    if "ci" not in ledger.kinds:
        return ()
    found = {record.id for record, data in ledger.data_of(ledger.of("ci")) if data.get("class") == "service"}
    return tuple(record for record in ledger.of("ci") if record.id in found)


def parts_below(ledger: Ledger, ci: str) -> frozenset[str]:
    """A component and all that is part of it, at whatever distance."""
    seen, waiting = {ci}, [ci]
    while waiting:
        here = waiting.pop()
        for link in ledger.backlinks(here):
            if link.pointer.startswith("/relations/part_of/") and link.source not in seen:
                seen.add(link.source)
                waiting.append(link.source)
    return frozenset(seen)
