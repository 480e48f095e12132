"""The calendar's page: months, what comes, the windows, what is in each other's way, and the feeds."""

from __future__ import annotations

from calendar import Calendar as Months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from opsledger.calendar import Calendar, calendar_of, window_of
from opsledger.calendar.agenda import Entry as Planned
from opsledger.calendar.agenda import agenda, services
from opsledger.calendar.calendar import YEARS
from opsledger.calendar.feeds import feeds
from opsledger.calendar.work import Clash, Work, all_work, clashes
from opsledger.ledger import Ledger, Record
from opsledger.moments import to_the_minute
from opsledger.policy import policy_of, settings_of
from opsledger.site.atlas import Atlas, Entry
from opsledger.site.press import Press

ADDRESS = "overviews/calendar"
FEEDS = "calendar"
MONTHS = 3
QUIET = frozenset({"change-window", "review-cycle"})
"""What is drawn as a band of its day, since it comes back too often to be read one by one."""

_DAY = timedelta(days=1)
_EACH = 4
_BEFORE = timedelta(days=7)


@dataclass(frozen=True)
class Item:
    """One thing on the page."""

    entry: Entry
    sort: str
    when: str
    where: str
    ongoing: bool


@dataclass(frozen=True)
class Day:
    """One day of a month; `number` is 0 where it belongs to another month."""

    number: int
    name: str = ""
    is_today: bool = False
    bands: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    more: int = 0


def write_calendar(ledger: Ledger, atlas: Atlas, press: Press) -> None:
    """Write the page and the feeds; the page tells of the time of the commit, never of the clock."""
    now = ledger.snapshot.when
    if now is None or "window" not in ledger.kinds or now.year not in YEARS:
        press.page(ADDRESS, "calendar", "Calendar", {"times": [], "clashes": []}, now="", months=[], **_nothing())
        return
    now = now.astimezone(UTC).replace(microsecond=0)
    calendar = calendar_of(ledger.of("window"), ledger)
    firsts = _firsts(now.date())
    start = datetime.combine(firsts[0], time(), UTC)
    end = datetime.combine((firsts[-1] + 32 * _DAY).replace(day=1), time(), UTC)
    entries = agenda(ledger, calendar, start, end, now=now)
    works = [one for one in all_work(ledger, calendar, now) if one.end is None or one.end > now]
    policy = policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)
    found = clashes(ledger, works, policy.at("impact", "depth"))
    made = feeds(ledger, calendar, now=now, made=now)
    for name, content in made.items():
        press.put(f"{FEEDS}/{name}", content)
    near = [one for one in entries if one.sort not in QUIET and (one.end is None or one.end > now - _BEFORE)]
    press.page(
        ADDRESS, "calendar", "Calendar",
        {"times": [_twin(one) for one in entries], "clashes": [_clash_twin(one) for one in found]},
        now=to_the_minute(now),
        months=[_month(first, now, entries, atlas) for first in firsts],
        coming=[_item(one, atlas) for one in near],
        windows=[_window_row(one, calendar, now, atlas) for one in calendar.records],
        doubts=calendar.doubts,
        clashes=[_clash_row(one.first, one.second, one.start, one.end, one.on, atlas) for one in found],
        feeds=[(atlas.of(one), f"{FEEDS}/{one.id}.ics") for one in services(ledger) if f"{one.id}.ics" in made],
    )  # fmt: skip


def _nothing() -> dict[str, Any]:
    return {"coming": [], "windows": [], "doubts": (), "clashes": [], "feeds": []}


def _firsts(today: date) -> list[date]:
    firsts = [today.replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.append((firsts[-1] + 32 * _DAY).replace(day=1))
    return firsts


def _month(first: date, now: datetime, entries: Sequence[Planned], atlas: Atlas) -> dict[str, Any]:
    weeks = [
        [_day(day, now, entries, atlas) if day.month == first.month else Day(0) for day in week]
        for week in Months().monthdatescalendar(first.year, first.month)
    ]
    is_quiet = not any(day.items or day.more for week in weeks for day in week)
    return {"name": f"{first:%B %Y}", "weeks": weeks, "is_quiet": is_quiet}


def _day(day: date, now: datetime, entries: Sequence[Planned], atlas: Atlas) -> Day:
    begins = datetime.combine(day, time(), UTC)
    on = [one for one in entries if one.start < begins + _DAY and (one.end is None or begins < one.end)]
    # Work that goes on without an end is shown on the day on which it began, and today.
    shown = [one for one in on if one.sort not in QUIET and (one.end or day in (one.start.date(), now.date()))]
    bands = tuple(
        sort for sort in ("halt", "freeze", "change-window", "review-cycle") if any(x.sort == sort for x in on)
    )
    kept = [_item(one, atlas) for one in shown if one.sort not in ("halt", "freeze") or one.start >= begins]
    return Day(
        day.day,
        f"{day:%A} {day.day} {day:%B}",
        day == now.date(),
        bands,
        tuple(kept[:_EACH]),
        max(len(kept) - _EACH, 0),
    )


def _item(one: Planned, atlas: Atlas) -> Item:
    return Item(atlas.of(one.record), one.sort, _when(one.start, one.end), ", ".join(one.environments), one.end is None)


def _when(start: datetime, end: datetime | None) -> str:
    if end is None:
        return f"{to_the_minute(start)}, no end yet"
    if end.date() == start.date():
        return f"{start:%Y-%m-%d %H:%M} to {end:%H:%M} UTC"
    return f"{start:%Y-%m-%d %H:%M} to {to_the_minute(end)}"


def _window_row(record: Record, calendar: Calendar, now: datetime, atlas: Atlas) -> dict[str, Any]:
    """One window: what it is, how it comes back, and when it holds next."""
    data = record.data if record.is_readable else {}
    scope = data.get("scope", {})
    recurrence = data.get("recurrence")
    return {
        "entry": atlas.of(record),
        "sort": str(data.get("type", "")),
        "next": _next(record, calendar, now),
        "rule": f"{recurrence['rule']} {data.get('time_zone', '')}".strip() if recurrence else "",
        "scope": [*scope.get("environments", ()), *scope.get("cis", ())],
        "lets_through": scope.get("lets_through", []),
        "doubt": getattr(window_of(record), "missing", "") if record.state == "published" else "",
    }


def _next(record: Record, calendar: Calendar, now: datetime) -> str:
    if record.state != "published":
        return ""
    ahead = next(calendar.spans(record, now, now + 366 * _DAY), None)
    if ahead is None:
        return "over"
    return f"now, {_when(ahead.start, ahead.end)}" if ahead.start <= now else _when(ahead.start, ahead.end)


def _clash_row(
    first: Work, second: Work, start: datetime, end: datetime | None, on: Sequence[tuple[str, str]], atlas: Atlas
) -> dict[str, Any]:
    return {
        "when": _when(start, end),
        "on": [one if one == other else f"{one} with {other}" for one, other in on],
        "sides": [(atlas.of(one.record), _place(one), _when(one.start, one.end)) for one in (first, second)],
    }


def _place(work: Work) -> str:
    place = work.record.place(work.pointer)
    return f"{place.path}:{place.line}"


def _twin(one: Planned) -> dict[str, Any]:
    return {
        "sort": one.sort, "id": one.record.id, "start": one.start.isoformat(),
        "end": one.end.isoformat() if one.end is not None else None,
        "environments": list(one.environments), "cis": list(one.cis),
    }  # fmt: skip


def _clash_twin(clash: Clash) -> dict[str, Any]:
    return {
        "start": clash.start.isoformat(), "end": clash.end.isoformat() if clash.end is not None else None,
        "on": [list(pair) for pair in clash.on],
        "sides": [{"id": one.record.id, "at": _place(one)} for one in (clash.first, clash.second)],
    }  # fmt: skip
