"""The calendar of a ledger: what is allowed, forbidden and stopped, where and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from opsledger.calendar.model import ALLOWING, Closed, Doubt, Span, Standing
from opsledger.calendar.reach import in_doubt, wholes_of
from opsledger.calendar.windows import Window, window_of
from opsledger.ledger import Ledger, Record

AHEAD = timedelta(days=366)
"""How far the calendar looks for the next opening."""

YEARS = range(1900, 2290)
"""The years about which a calendar may be asked: those of records, and some room on both sides."""

_SECOND = timedelta(seconds=1)
_NEVER = datetime.max.replace(tzinfo=UTC)
_RESTRICTING = "change-window"


def calendar_of(windows: Iterable[Record], ledger: Ledger) -> Calendar:
    """
    The calendar that some window records make; only published ones count, and those that nobody can read.

    Args:
        windows: those of the judge.
        ledger: whose components say what is part of what.
    """
    records = tuple(windows)
    read = [window_of(one) for one in records if one.state == "published" or not one.is_readable]
    return Calendar(
        records,
        ledger,
        tuple(one for one in read if isinstance(one, Window)),
        tuple(one for one in read if isinstance(one, Doubt)),
    )


@dataclass(frozen=True, eq=False)
class Calendar:
    """
    The published windows.

    Args:
        records: all window records, whatever their state.
        doubts: the published windows that nobody can follow; each closes what it may be about, which is everything.
    """

    records: tuple[Record, ...] = field(repr=False)
    ledger: Ledger = field(repr=False)
    windows: tuple[Window, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def find(self, id: str) -> Record | None:
        """The window record of an id, whatever its state."""
        return next((one for one in self.records if one.id == id), None)

    def spans(self, window: Record, start: datetime, end: datetime) -> Iterator[Span]:
        """The times at which a window holds that lie in a span, by their start; none where it does not count."""
        found = self._by_id.get(window.id)
        return found.spans(start, end) if found is not None else iter(())

    def applying(self, environment: Record | None, cis: Collection[str]) -> tuple[Window, ...]:
        """The windows that are about an environment and at least one of some components; no component means any."""
        here = [one for one in self.windows if self._is_in(one, environment)]
        return tuple(one for one in here if not cis or any(self.is_about(one, ci) for ci in cis))

    def standing(
        self,
        at: datetime,
        environment: Record | None,
        cis: Collection[str],
        change_type: str,
        *,
        slots: Collection[str] = (),
    ) -> Standing:
        """
        How things stand at a time; what forbids wins over what allows.

        Work is open where no halt holds, no freeze holds that does not let this type of change through, and each
        component that has change windows is in one, or in a maintenance window, in a slot of this very work, or, for
        an emergency change, in an emergency window.

        Args:
            environment: `None` for work that is in none: windows of particular environments are then not about it.
            cis: the components that are worked on.
            change_type: *standard*, *normal* or *emergency*.
            slots: ids of the release slots that were set aside for this work; others' slots allow it nothing.
        """
        if at.year not in YEARS:
            missing = f"no calendar reaches as far as {at:%Y-%m-%d}"
            return Standing(at, doubts=(Doubt("", "", "", missing, "ask for a time that somebody can plan for"),))
        work = _Work(self, environment, tuple(sorted(cis)), change_type, frozenset(slots))
        return work.standing(at)

    @cached_property
    def _by_id(self) -> dict[str, Window]:
        return {one.record.id: one for one in self.windows}

    def _is_in(self, window: Window, environment: Record | None) -> bool:
        return not window.environments or (environment is not None and environment.id in window.environments)

    def is_about(self, window: Window, ci: str) -> bool:
        """Whether a window is about a component, or about something that it is part of."""
        return not window.cis or not window.cis.isdisjoint(self.wholes(ci))

    def wholes(self, ci: str) -> frozenset[str]:
        """A component and all that it is part of."""
        if ci not in self._known_wholes:
            self._known_wholes[ci] = wholes_of(self.ledger, ci)
        return self._known_wholes[ci]

    @cached_property
    def _known_wholes(self) -> dict[str, frozenset[str]]:
        return {}


@dataclass(frozen=True, eq=False)
class _Work:
    """Some work, and the windows that are about it."""

    calendar: Calendar
    environment: Record | None
    cis: tuple[str, ...]
    change_type: str
    slots: frozenset[str]

    def standing(self, at: datetime) -> Standing:
        closed = tuple(self._closed(at))
        found = Standing(
            at,
            halts=self._now("halt", at),
            freezes=self._at(self._freezes, at),
            passed=self._at([one for one in self._of("freeze") if one not in self._freezes], at),
            allowed_by=self._at([one for one in self._windows if self._allows(one)], at),
            closed=closed,
            doubts=(*self.calendar.doubts, *self._doubtful_cis()),
        )
        opens = at if found.is_open else None if found.doubts else self._opening(at)
        return Standing(
            at, found.halts, found.freezes, found.passed, found.allowed_by, found.closed, found.doubts, opens
        )

    @cached_property
    def _windows(self) -> tuple[Window, ...]:
        return self.calendar.applying(self.environment, self.cis)

    def _of(self, type: str) -> list[Window]:
        return [one for one in self._windows if one.type == type]

    @cached_property
    def _freezes(self) -> list[Window]:
        return [one for one in self._of("freeze") if self.change_type not in one.lets_through]

    def _now(self, type: str, at: datetime) -> tuple[Span, ...]:
        return self._at(self._of(type), at)

    def _at(self, windows: Iterable[Window], at: datetime) -> tuple[Span, ...]:
        return tuple(span for one in windows for span in one.spans(at, at + _SECOND) if span.holds(at))

    def _allows(self, window: Window) -> bool:
        if window.type == "release-slot":
            return window.record.id in self.slots
        return window.type in ALLOWING and (window.type != "emergency" or self.change_type == "emergency")

    def _closed(self, at: datetime) -> Iterator[Closed]:
        """The components outside all their windows, together where the same windows are theirs."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for ci, restricting, allowing in self._by_ci:
            if not self._at(allowing, at):
                groups.setdefault(tuple(one.record.id for one in restricting), []).append(ci)
        for ids, cis in groups.items():
            records = (self.calendar.find(id) for id in ids)
            yield Closed(tuple(cis), tuple(one for one in records if one is not None))

    @cached_property
    def _by_ci(self) -> list[tuple[str, list[Window], list[Window]]]:
        """Each component that has change windows, with these and with all that allow work on it."""
        found = []
        for ci in self.cis:
            about = [one for one in self._windows if self.calendar.is_about(one, ci)]
            restricting = [one for one in about if one.type == _RESTRICTING]
            if restricting:
                found.append((ci, restricting, [one for one in about if self._allows(one)]))
        return found

    def _doubtful_cis(self) -> Iterator[Doubt]:
        """Components whose file cannot be read, where a window asks what they are part of."""
        if not any(one.cis for one in self.calendar.windows):
            return
        for id, path in in_doubt(self.calendar.ledger, {one for ci in self.cis for one in self.calendar.wholes(ci)}):
            missing = f"{id} cannot be read, so nobody knows what it is part of and which windows are about it"
            yield Doubt(id, path, "", missing, f"mend {path}")

    def _opening(self, at: datetime) -> datetime | None:
        """The first time from now on at which work is open; each round ends a span, so there are few rounds."""
        last = at + AHEAD
        denying = _merged(span for one in (*self._of("halt"), *self._freezes) for span in one.spans(at, last))
        allowing = [_merged(span for one in windows for span in one.spans(at, last)) for _, _, windows in self._by_ci]
        while at < last:
            ends = _end_of(denying, at)
            if ends is not None:
                at = ends
                continue
            starts = [start for spans in allowing if (start := _start_from(spans, at)) > at]
            if not starts:
                return at
            at = max(starts)
        return None


def _merged(spans: Iterable[Span]) -> list[tuple[datetime, datetime]]:
    """Spans as stretches of time that do not touch, in order."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted((span.start, span.end or _NEVER) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _end_of(spans: Sequence[tuple[datetime, datetime]], at: datetime) -> datetime | None:
    return next((end for start, end in spans if start <= at < end), None)


def _start_from(spans: Sequence[tuple[datetime, datetime]], at: datetime) -> datetime:
    """The first time from `at` on that lies in one of the stretches."""
    later = (max(start, at) for start, end in spans if at < end)
    return next(later, _NEVER)
