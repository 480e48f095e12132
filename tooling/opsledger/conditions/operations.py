"""What operators and functions do, on the sorts of values that they are made for."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from opsledger.conditions.lexing import LEAST_INT, MOST_INT
from opsledger.conditions.shapes import Entry, Row, Word

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?", re.ASCII
)
_SPAN = re.compile(r"-?([0-9]{1,12}(\.[0-9]{1,9})?(d|h|ms|m|s|us|ns))+", re.ASCII)
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(d|h|ms|m|s|us|ns)", re.ASCII)
_SECONDS = {
    "d": Fraction(86400), "h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6), "ns": Fraction(1, 10**9),
}  # fmt: skip
_LONGEST = 315_576_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unknown(Exception):
    """A part of a condition has no value; told in one sentence."""


class Exhausted(Exception):
    """The steps that a condition may take are used up."""


def _whole(value: int) -> int:
    if not LEAST_INT <= value <= MOST_INT:
        raise Unknown("the number is too large")
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise Unknown("the number is too large")
    return value


def _quotient(one: int, other: int) -> int:
    if other == 0:
        raise Unknown("it divides by zero")
    found = abs(one) // abs(other)
    return _whole(found if (one < 0) == (other < 0) else -found)


def _rest(one: int, other: int) -> int:
    if other == 0:
        raise Unknown("it divides by zero")
    return one - other * _quotient(one, other) if (one, other) != (LEAST_INT, -1) else 0


def _ratio(one: float, other: float) -> float:
    if other == 0:
        raise Unknown("it divides by zero")
    return _finite(one / other)


def _row(one: Row, other: Row) -> Row:
    return Row((*one.values(), *other.values()))


def _time(made: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def bounded(one: Any, other: Any) -> Any:
        try:
            return made(one, other)
        except OverflowError:
            raise Unknown("the time is too far away") from None

    return bounded


OPERATIONS: Mapping[tuple[str, str, str], tuple[str, Callable[[Any, Any], Any]]] = {
    ("+", "int", "int"): ("int", lambda one, other: _whole(one + other)),
    ("+", "double", "double"): ("double", lambda one, other: _finite(one + other)),
    ("+", "string", "string"): ("string", operator.add),
    ("+", "list", "list"): ("list", _row),
    ("+", "timestamp", "duration"): ("timestamp", _time(operator.add)),
    ("+", "duration", "timestamp"): ("timestamp", _time(lambda one, other: other + one)),
    ("+", "duration", "duration"): ("duration", _time(operator.add)),
    ("-", "int", "int"): ("int", lambda one, other: _whole(one - other)),
    ("-", "double", "double"): ("double", lambda one, other: _finite(one - other)),
    ("-", "timestamp", "timestamp"): ("duration", _time(operator.sub)),
    ("-", "timestamp", "duration"): ("timestamp", _time(operator.sub)),
    ("-", "duration", "duration"): ("duration", _time(operator.sub)),
    ("*", "int", "int"): ("int", lambda one, other: _whole(one * other)),
    ("*", "double", "double"): ("double", lambda one, other: _finite(one * other)),
    ("/", "int", "int"): ("int", _quotient),
    ("/", "double", "double"): ("double", _ratio),
    ("%", "int", "int"): ("int", _rest),
    ("startsWith", "string", "string"): ("bool", str.startswith),
    ("endsWith", "string", "string"): ("bool", str.endswith),
    ("contains", "string", "string"): ("bool", lambda one, other: other in one),
}
"""Operators and methods with two operands: the sort of the result, and what is done."""

ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
COMPARABLE = frozenset(
    {(sort, sort) for sort in ("bool", "int", "double", "string", "word", "timestamp", "duration")}
    | {("int", "double"), ("double", "int"), ("word", "int"), ("int", "word")}
)
"""The pairs of sorts that have an order."""


def in_order(one: Any, other: Any) -> tuple[Any, Any]:
    """Two values of comparable sorts as two that Python compares."""
    if isinstance(one, Word) and isinstance(other, Word):
        return ranks(one, other)
    return (rank(one) if isinstance(one, Word) else one), (rank(other) if isinstance(other, Word) else other)


def ranks(one: Word, other: Word) -> tuple[int, int]:
    """Where two words stand in the vocabulary that they share."""
    words = one.words or other.words
    if (one.words and other.words and one.words != other.words) or not words:
        raise Unknown(f"{one.constant} and {other.constant} are words of different vocabularies")
    for word in (one, other):
        if word.text not in words:
            raise Unknown(f"{word.constant} is none of the words {', '.join(words)}")
    return words.index(one.text), words.index(other.text)


def rank(word: Word) -> int:
    """Where a word stands in its vocabulary, from 0."""
    if not word.words:
        raise Unknown(f"{word.constant} has a place only beside a field of its vocabulary")
    return word.words.index(word.text)


def moment(text: str) -> datetime:
    """A time as records write it; a day is its first moment in UTC."""
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        stated = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text) if "T" in text else f"{text}T00:00:00Z"
        return datetime.fromisoformat(stated).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unknown(f"{_quoted(text)} is no time; one is written 2026-11-20T14:30:00Z") from None


def span(text: str) -> timedelta:
    """A length of time: numbers with d, h, m, s, ms, us or ns."""
    if not _SPAN.fullmatch(text) or len(text) > 60:
        raise Unknown(f"{_quoted(text)} is no length of time; one is written 90m, 36h or 14d")
    seconds = sum((Fraction(number) * _SECONDS[unit] for number, unit in _PART.findall(text)), Fraction(0))
    if seconds > _LONGEST:
        raise Unknown("the length of time is too large")
    found = timedelta(seconds=int(seconds), microseconds=int(seconds % 1 * 10**6))
    return -found if text.startswith("-") else found


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII):
        raise Unknown(f"{_quoted(text)} is no whole number")
    return _whole(int(text))


def _double(text: str) -> float:
    if not re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", text, re.ASCII):
        raise Unknown(f"{_quoted(text)} is no number")
    return _finite(float(text))


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise Unknown(f"{_quoted(text)} is neither true nor false")
    return text == "true"


def _spelled(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _written_time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _written_span(value: timedelta) -> str:
    return f"{_spelled(value.total_seconds())}s"


def _total(value: timedelta, seconds: int) -> int:
    found = abs(value) // timedelta(seconds=seconds)
    return found if value >= timedelta(0) else -found


def _same(value: Any) -> Any:
    return value


def _size(value: Any) -> int:
    return len(value.data)


FUNCTIONS: Mapping[tuple[str, str], tuple[str, Callable[[Any], Any]]] = {
    ("!_", "bool"): ("bool", operator.not_),
    ("-_", "int"): ("int", lambda value: _whole(-value)),
    ("-_", "double"): ("double", operator.neg),
    ("-_", "duration"): ("duration", operator.neg),
    ("size", "string"): ("int", len),
    ("size", "list"): ("int", _size),
    ("size", "map"): ("int", _size),
    ("int", "int"): ("int", _same),
    ("int", "double"): ("int", lambda value: _whole(int(value))),
    ("int", "string"): ("int", _number),
    ("int", "timestamp"): ("int", lambda value: (value - _EPOCH) // timedelta(seconds=1)),
    ("int", "word"): ("int", rank),
    ("double", "int"): ("double", float),
    ("double", "double"): ("double", _same),
    ("double", "string"): ("double", _double),
    ("bool", "bool"): ("bool", _same),
    ("bool", "string"): ("bool", _truth),
    ("string", "string"): ("string", _same),
    ("string", "int"): ("string", str),
    ("string", "double"): ("string", _spelled),
    ("string", "bool"): ("string", lambda value: "true" if value else "false"),
    ("string", "word"): ("string", lambda value: value.text),
    ("string", "timestamp"): ("string", _written_time),
    ("string", "duration"): ("string", _written_span),
    ("timestamp", "timestamp"): ("timestamp", _same),
    ("timestamp", "string"): ("timestamp", moment),
    ("duration", "duration"): ("duration", _same),
    ("duration", "string"): ("duration", span),
    ("getFullYear", "timestamp"): ("int", lambda value: value.year),
    ("getMonth", "timestamp"): ("int", lambda value: value.month - 1),
    ("getDate", "timestamp"): ("int", lambda value: value.day),
    ("getDayOfMonth", "timestamp"): ("int", lambda value: value.day - 1),
    ("getDayOfWeek", "timestamp"): ("int", lambda value: value.isoweekday() % 7),
    ("getDayOfYear", "timestamp"): ("int", lambda value: value.timetuple().tm_yday - 1),
    ("getHours", "timestamp"): ("int", lambda value: value.hour),
    ("getMinutes", "timestamp"): ("int", lambda value: value.minute),
    ("getSeconds", "timestamp"): ("int", lambda value: value.second),
    ("getHours", "duration"): ("int", lambda value: _total(value, 3600)),
    ("getMinutes", "duration"): ("int", lambda value: _total(value, 60)),
    ("getSeconds", "duration"): ("int", lambda value: _total(value, 1)),
}
"""Operators, functions and methods with one operand: the sort of the result, and what is done."""


def length(value: Any) -> int:
    """How much there is of a value: what an operation on it costs beside the step itself."""
    if isinstance(value, str):
        return len(value) >> 6
    return len(value.data) if isinstance(value, Row | Entry) else 0


def _quoted(text: str) -> str:
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"
