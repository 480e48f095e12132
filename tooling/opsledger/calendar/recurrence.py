"""RFC 5545 recurrence rules as they are written: their parts, and what is refused of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST_A_DAY = 48

_PART = re.compile(r"([A-Z]+)=([^=]+)")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"[0-9]{8}T[0-9]{6}Z")
# From, to, and whether it may be counted from the end.
_RANGES: Mapping[str, tuple[int, int, bool]] = {
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
}
# RFC 5545, 3.3.10: which parts must not stand with which frequency.
_NOT_WITH: Mapping[str, frozenset[str]] = {
    "BYWEEKNO": frozenset({"DAILY", "WEEKLY", "MONTHLY"}),
    "BYYEARDAY": frozenset({"DAILY", "WEEKLY", "MONTHLY"}),
    "BYMONTHDAY": frozenset({"WEEKLY"}),
}


class UnsoundRule(ValueError):
    """A recurrence rule that cannot be followed."""

    def __init__(self, sentence: str, fix: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fix = fix


@dataclass(frozen=True)
class Rule:
    """
    A recurrence rule that can be followed.

    Args:
        by: the numbers of each BY part but BYDAY; a part that is left out is left out here.
        days: the days of BYDAY, each with its place in the month or year, 0 for every one.
        week_start: the first day of a week, Monday being 0.
    """

    frequency: str
    by: Mapping[str, tuple[int, ...]]
    days: tuple[tuple[int, int], ...] = ()
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0


def rule_of(text: str) -> Rule:
    """
    Read a recurrence rule.

    A window comes back by days, weeks, months or years: with shorter steps it would be a pattern within a day, which
    nobody can follow, and a rule such as FREQ=SECONDLY would have to be walked through second by second.

    Raises:
        UnsoundRule: it cannot be followed; it says why and what to write.
    """
    parts = _parts(text)
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        allowed = ", ".join(FREQUENCIES[:-1])
        raise UnsoundRule(f"FREQ={frequency} is not followed", f"use FREQ={allowed} or {FREQUENCIES[-1]}")
    by = {name: _numbers(name, parts.pop(name)) for name in _RANGES if name in parts}
    days = _days(parts.pop("BYDAY", ""))
    interval = _number("INTERVAL", parts.pop("INTERVAL", "1"))
    count = _number("COUNT", parts.pop("COUNT")) if "COUNT" in parts else None
    until = _until(parts.pop("UNTIL")) if "UNTIL" in parts else None
    week_start = _week_start(parts.pop("WKST", "MO"))
    if parts:
        raise UnsoundRule(f"{next(iter(parts))} is no part of a recurrence rule", "leave it out")
    rule = Rule(frequency, by, days, interval, count, until, week_start)
    _refuse_what_does_not_go_together(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        found = _PART.fullmatch(part)
        if found is None:
            raise UnsoundRule(f"{part!r} is no part of a recurrence rule", "write parts as NAME=VALUE, with ; between")
        if found[1] in parts:
            raise UnsoundRule(f"{found[1]} stands there twice", "say it once")
        parts[found[1]] = found[2]
    return parts


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text):
        raise UnsoundRule(f"{name}={text} is no number from 1 on", f"write {name} as a whole number from 1 on")
    return int(text)


def _numbers(name: str, text: str) -> tuple[int, ...]:
    least, most, from_the_end = _RANGES[name]
    for word in text.split(","):
        found = re.fullmatch(r"([+-]?)([0-9]{1,3})", word)
        if found is None or not least <= int(found[2]) <= most or (found[1] and not from_the_end):
            allowed = f"numbers from {least} to {most}{', or from the end with a minus' if from_the_end else ''}"
            raise UnsoundRule(f"{name}={text} holds {word!r}", f"give {name} {allowed}")
    return tuple(sorted({int(word) for word in text.split(",")}))


def _days(text: str) -> tuple[tuple[int, int], ...]:
    if not text:
        return ()
    days = []
    for word in text.split(","):
        found = _DAY.fullmatch(word)
        if found is None or (found[1] and not 1 <= abs(int(found[1])) <= 53):
            raise UnsoundRule(f"BYDAY={text} holds {word!r}", "write days as MO, 2TU or -1FR")
        days.append((int(found[1] or 0), WEEKDAYS.index(found[2])))
    return tuple(days)


def _until(text: str) -> datetime:
    if _UNTIL.fullmatch(text):
        try:
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
    # A day alone is read as its first second by some programs and as its last by others.
    raise UnsoundRule(f"UNTIL={text} names no second in UTC", "write it as UNTIL=20261231T225959Z")


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise UnsoundRule(f"WKST={text} is no day of the week", "write one of MO, TU, WE, TH, FR, SA and SU")
    return WEEKDAYS.index(text)


def _refuse_what_does_not_go_together(rule: Rule) -> None:
    for name, frequencies in _NOT_WITH.items():
        if name in rule.by and rule.frequency in frequencies:
            raise UnsoundRule(f"{name} does not go with FREQ={rule.frequency}", "leave one of the two out")
    if any(nth for nth, _ in rule.days) and (rule.frequency not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in rule.by):
        raise UnsoundRule("BYDAY counts days where there is no month or year to count in", "write days without numbers")
    if rule.count is not None and rule.until is not None:
        raise UnsoundRule("COUNT and UNTIL both say when it ends", "leave one of the two out")
    if "BYSETPOS" in rule.by and len(rule.by) == 1 and not rule.days:
        raise UnsoundRule("BYSETPOS chooses among days that no other part names", "add BYDAY or BYMONTHDAY")
    many = len(rule.by.get("BYHOUR", "1")) * len(rule.by.get("BYMINUTE", "1")) * len(rule.by.get("BYSECOND", "1"))
    if many > MOST_A_DAY:
        raise UnsoundRule(f"it begins {many:,} times a day", f"let it begin {MOST_A_DAY} times a day at most")
