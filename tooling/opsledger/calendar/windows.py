"""One window of the calendar: when it holds, told by the clock of its zone."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from opsledger.calendar.model import Doubt, Span
from opsledger.calendar.recurrence import Rule, UnsoundRule, rule_of
from opsledger.calendar.walking import walls
from opsledger.calendar.zones import NoSuchZone, on_the_clock, zone
from opsledger.ledger import Record
from opsledger.moments import instant

SLACK = timedelta(days=2)
"""More than any two clocks on the wall differ, and more than any clock is put forward or back."""


@dataclass(frozen=True)
class Window:
    """
    A window that can be read.

    Args:
        end: `None` for one that lasts until it is cancelled.
        cis: the components that it is for, with all that is part of them; empty for all.
        environments: those that it holds in; empty for all.
    """

    record: Record
    type: str
    start: datetime
    end: datetime | None
    environments: frozenset[str] = frozenset()
    cis: frozenset[str] = frozenset()
    lets_through: frozenset[str] = frozenset()
    rule: Rule | None = None
    place: tzinfo = UTC
    left_out: frozenset[datetime] = frozenset()
    also: tuple[datetime, ...] = ()

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """
        The times at which it holds that have a second in common with a span, by their start.

        Each occurrence starts and ends when the clock of the zone shows what it shows at the first one. So a window
        from 22:00 to 06:00 lasts seven hours in the night in which clocks go forward, and nine when they go back.
        Where that would leave nothing of an occurrence, it lasts as long as the first one.
        """
        if self.rule is None or self.end is None:
            first = Span(self.record, self.start, self.end)
            return iter([first] if first.meets(start, end) else [])
        named = heapq.merge(
            self._ruled(start, end), sorted(self._extra(), key=lambda span: span.start), key=lambda span: span.start
        )
        return _distinct(span for span in named if span.start not in self.left_out and span.meets(start, end))

    def rule_names(self, moment: datetime) -> bool:
        """Whether the rule itself names a moment as a start."""
        return any(span.start == moment for span in self._ruled(moment, moment + timedelta(seconds=1)))

    def _ruled(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The occurrences that the rule names, among them the first, which the record states."""
        assert self.rule is not None
        assert self.end is not None
        wall = self.start.astimezone(self.place).replace(tzinfo=None)
        lasts = self.end.astimezone(self.place).replace(tzinfo=None) - wall
        earliest, latest = _naive(start) - max(lasts, self.end - self.start) - SLACK, _naive(end) + SLACK
        for _, here in walls(self.rule, wall, earliest, latest):
            moment = self.start if here == wall else on_the_clock(here, self.place)
            if self.rule.until is not None and moment > self.rule.until:
                return
            yield self._from(moment, here + lasts)

    def _extra(self) -> Iterator[Span]:
        assert self.end is not None
        wall = self.start.astimezone(self.place).replace(tzinfo=None)
        lasts = self.end.astimezone(self.place).replace(tzinfo=None) - wall
        for moment in (self.start, *self.also):
            yield self._from(moment, moment.astimezone(self.place).replace(tzinfo=None) + lasts)

    def _from(self, moment: datetime, until: datetime) -> Span:
        assert self.end is not None
        if moment == self.start:
            return Span(self.record, self.start, self.end)
        end = on_the_clock(until, self.place)
        return Span(self.record, moment, end if end > moment else moment + (self.end - self.start))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _distinct(spans: Iterator[Span]) -> Iterator[Span]:
    last: datetime | None = None
    for span in spans:
        if span.start != last:
            last = span.start
            yield span


def window_of(record: Record) -> Window | Doubt:
    """What a window record says; a doubt where it cannot be followed, since nobody then knows what it forbids."""
    if not record.is_readable:
        missing = f"{record.id} cannot be read or does not fit its schema, so nobody knows what it forbids"
        return Doubt(record.id, record.path, "", missing, f"mend {record.path} on the base")
    try:
        return _read(record, record.data)
    except _Lacking as lacking:
        return Doubt(record.id, record.path, lacking.pointer, f"{record.id} {lacking.sentence}", lacking.fix)


class _Lacking(Exception):
    def __init__(self, pointer: str, sentence: str, fix: str) -> None:
        super().__init__(sentence)
        self.pointer = pointer
        self.sentence = sentence
        self.fix = fix


def _read(record: Record, data: Mapping[str, Any]) -> Window:
    start, end = _moment(data, "start"), _moment(data, "end")
    if start is None:
        raise _Lacking("", "does not say when it begins", "write its `start`")
    if end is None and (data["type"] != "halt" or "recurrence" in data):
        raise _Lacking("", "does not say when it ends", "write its `end`")
    if end is not None and end <= start:
        raise _Lacking("/end", "ends before it begins", "correct `start` or `end`")
    scope = data.get("scope", {})
    window = Window(
        record,
        data["type"],
        start,
        end,
        frozenset(scope.get("environments", ())),
        frozenset(scope.get("cis", ())),
        frozenset(scope.get("lets_through", ())),
    )
    stated = data.get("recurrence")
    return window if stated is None else _recurring(window, data, stated)


def _recurring(window: Window, data: Mapping[str, Any], stated: Mapping[str, Any]) -> Window:
    if "time_zone" not in data:
        raise _Lacking("/recurrence", "comes back and names no time zone", "write its `time_zone`: Europe/Berlin, say")
    try:
        place = zone(data["time_zone"])
    except NoSuchZone as unknown:
        fix = "write the name of a zone of the IANA database, such as Europe/Berlin"
        raise _Lacking("/time_zone", f"follows the clock of a zone that does not exist: {unknown}", fix) from None
    try:
        rule = rule_of(stated["rule"])
    except UnsoundRule as unsound:
        words = f"comes back by a rule that nobody can follow: {unsound.sentence}"
        raise _Lacking("/recurrence/rule", words, unsound.fix) from None
    left_out = frozenset(instant(one) for one in stated.get("except", ()))
    also = tuple(instant(one) for one in stated.get("also", ()))
    return Window(
        window.record, window.type, window.start, window.end, window.environments, window.cis, window.lets_through,
        rule, place, left_out, also,
    )  # fmt: skip


def _moment(data: Mapping[str, Any], key: str) -> datetime | None:
    if key not in data:
        return None
    try:
        return instant(data[key])
    except ValueError as unknown:
        raise _Lacking(f"/{key}", f"has a time that no calendar holds: {unknown}", f"correct `{key}`") from None
