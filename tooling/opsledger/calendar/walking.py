"""The times of a recurrence rule on the wall clock, period by period; every walk ends where its caller says."""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product

from opsledger.calendar.recurrence import Rule

_DAY = timedelta(days=1)
_LAST_YEAR = 2299


def walls(rule: Rule, start: datetime, first: datetime, last: datetime) -> Iterator[tuple[int, datetime]]:
    """
    The times that a rule names between two times on the wall clock, both included.

    A rule that counts is walked from its start; every other one from the period in which `first` lies, so that a rule
    of many years costs no more than the span that is asked about. Between two periods never lie more than the days
    between them: the walk is bounded by its span, whatever the rule says.

    Args:
        start: where the rule begins, without a zone; times before it are none of the rule's.

    Yields:
        Each time with its number from 1, in order; the number is 0 where nobody had to count.
    """
    walk = _Walk(rule, start)
    counting = rule.count is not None
    number = 0
    for period in walk.periods(start if counting else max(start, first), last):
        for wall in walk.times(period):
            if wall < start:
                continue
            number += counting
            if wall > last or (rule.count is not None and number > rule.count):
                return
            if wall >= first:
                yield number, wall


@dataclass(frozen=True)
class _Walk:
    rule: Rule
    start: datetime

    def periods(self, first: datetime, last: datetime) -> Iterator[date]:
        """The first days of the periods from the one in which `first` lies, or the last before it, to `last`."""
        origin, there = self._index(self.start.date()), self._index(first.date())
        step = self.rule.interval
        at = origin + (there - origin) // step * step
        while (period := self._begin(at)) is not None and period <= last.date():
            yield period
            at += step

    def times(self, period: date) -> Iterator[datetime]:
        """The times in one period, in order, chosen by BYSETPOS."""
        found = [datetime.combine(day, hour) for day in self._days(period) for hour in self._hours()]
        places = self.rule.by.get("BYSETPOS")
        if places is None:
            return iter(found)
        wanted = {place - 1 if place > 0 else len(found) + place for place in places}
        return (wall for at, wall in enumerate(found) if at in wanted)

    def _hours(self) -> list[time]:
        by, start = self.rule.by, self.start
        several = (
            by.get("BYHOUR", (start.hour,)),
            by.get("BYMINUTE", (start.minute,)),
            by.get("BYSECOND", (start.second,)),
        )
        return [time(*one, start.microsecond) for one in product(*several)]

    def _index(self, day: date) -> int:
        """The number of the period in which a day lies."""
        match self.rule.frequency:
            case "DAILY":
                return day.toordinal()
            case "WEEKLY":
                return (day.toordinal() - 1 - self.rule.week_start) // 7
            case "MONTHLY":
                return day.year * 12 + day.month - 1
        return day.year

    def _begin(self, index: int) -> date | None:
        """The first day of the period of a number; `None` beyond the years that a calendar holds."""
        match self.rule.frequency:
            case "DAILY":
                ordinal = index
            case "WEEKLY":
                ordinal = index * 7 + 1 + self.rule.week_start
            case "MONTHLY":
                return date(index // 12, index % 12 + 1, 1) if index // 12 <= _LAST_YEAR else None
            case _:
                return date(index, 1, 1) if index <= _LAST_YEAR else None
        return date.fromordinal(ordinal) if ordinal <= date(_LAST_YEAR, 1, 1).toordinal() else None

    def _days(self, period: date) -> Iterator[date]:
        length = {
            "DAILY": 1,
            "WEEKLY": 7,
            "MONTHLY": monthrange(period.year, period.month)[1],
            "YEARLY": _year_length(period.year),
        }[self.rule.frequency]
        holds = self._conditions()
        for at in range(length):
            day = period + at * _DAY
            if all(one(day) for one in holds):
                yield day

    def _conditions(self) -> list[Callable[[date], bool]]:
        """What a day must be; where the rule leaves it open, it is like the day on which it starts."""
        by, frequency, start = dict(self.rule.by), self.rule.frequency, self.start
        days = self.rule.days
        if not days and not {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"} & by.keys():
            if frequency == "YEARLY":
                by.setdefault("BYMONTH", (start.month,))
            if frequency in ("YEARLY", "MONTHLY"):
                by["BYMONTHDAY"] = (start.day,)
            if frequency == "WEEKLY":
                days = ((0, start.weekday()),)
        conditions: list[Callable[[date], bool]] = []
        if "BYMONTH" in by:
            conditions.append(lambda day: day.month in by["BYMONTH"])
        if "BYMONTHDAY" in by:
            conditions.append(lambda day: _is_among(by["BYMONTHDAY"], day.day, monthrange(day.year, day.month)[1]))
        if "BYYEARDAY" in by:
            conditions.append(lambda day: _is_among(by["BYYEARDAY"], _day_of_year(day), _year_length(day.year)))
        if "BYWEEKNO" in by:
            conditions.append(lambda day: _is_among(by["BYWEEKNO"], *_week(day, self.rule.week_start)))
        if days:
            in_months = frequency == "MONTHLY" or "BYMONTH" in by
            conditions.append(lambda day: _is_weekday(days, day, in_months=in_months))
        return conditions


def _is_among(numbers: tuple[int, ...], number: int, most: int) -> bool:
    """Whether a number is named, from the front or from the end."""
    return number in numbers or number - most - 1 in numbers


def _is_weekday(days: tuple[tuple[int, int], ...], day: date, *, in_months: bool) -> bool:
    place, length = (
        (day.day, monthrange(day.year, day.month)[1]) if in_months else (_day_of_year(day), _year_length(day.year))
    )
    nth, from_the_end = (place - 1) // 7 + 1, -((length - place) // 7) - 1
    return any(weekday == day.weekday() and wanted in (0, nth, from_the_end) for wanted, weekday in days)


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


def _year_length(year: int) -> int:
    return 366 if isleap(year) else 365


def _week(day: date, week_start: int) -> tuple[int, int]:
    """The number of a day's week, and how many weeks its year has; a year's first week has four days in it."""
    begin = day - (day.weekday() - week_start) % 7 * _DAY
    year = (begin + 3 * _DAY).year
    return (begin - _first_week(year, week_start)).days // 7 + 1, _weeks_in(year, week_start)


def _first_week(year: int, week_start: int) -> date:
    fourth = date(year, 1, 4)
    return fourth - (fourth.weekday() - week_start) % 7 * _DAY


def _weeks_in(year: int, week_start: int) -> int:
    return (_first_week(year + 1, week_start) - _first_week(year, week_start)).days // 7
