"""What a forge answered, as data that nobody has vouched for: JSON with limits, and its fields asked for one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opsledger.errors import Undecided

LIMIT = 32 << 20
"""How many bytes of JSON are read at most; the busiest pull request on record has about a tenth of it."""

COUNT = 20_000
"""How many entries one list may have."""


class NotJson(ValueError):
    """A text is not JSON that can be relied on."""

    def __init__(self, why: str, *, is_cut: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_cut = is_cut


class Unexpected(Undecided):
    """An answer lacks a field, or holds something else there than its forge documents."""

    def __init__(self, place: str, wanted: str) -> None:
        super().__init__(
            f"{place} should be {wanted} and is not",
            "ask the forge again, or report the answer if it says the same twice",
        )
        self.place = place
        self.wanted = wanted


def documents(text: bytes) -> tuple[Any, ...]:
    """
    Read one JSON text, or several one after the other, as programs that page write them.

    Raises:
        NotJson: it is too long, not UTF-8, not JSON, nested too deep, or gives one key twice.
    """
    if len(text) > LIMIT:
        raise NotJson(f"it is longer than {LIMIT >> 20} MiB")
    try:
        whole = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotJson("it is not UTF-8 text") from None
    found, start = [], _blank(whole, 0)
    while start < len(whole):
        value, start = _one(whole, start)
        found.append(value)
        start = _blank(whole, start)
    if not found:
        raise NotJson("it is empty", is_cut=True)
    return tuple(found)


def document(text: bytes) -> Any:
    """
    Read exactly one JSON text.

    Raises:
        NotJson: as `documents`, or something follows it.
    """
    found = documents(text)
    if len(found) > 1:
        raise NotJson("something stands behind its end")
    return found[0]


def _one(text: str, start: int) -> tuple[Any, int]:
    decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)
    try:
        return decoder.raw_decode(text, start)
    except json.JSONDecodeError as problem:
        is_cut = not text[problem.pos :].strip() or problem.msg.startswith("Unterminated")
        raise NotJson(f"it is not JSON from line {problem.lineno} on", is_cut=is_cut) from None
    except RecursionError:
        raise NotJson("it is nested too deep") from None
    except NotJson:
        raise
    except ValueError:
        raise NotJson("it holds a number that is too long") from None


def _blank(text: str, start: int) -> int:
    """Return where the next character stands that is not blank."""
    while start < len(text) and text[start] in " \t\r\n":
        start += 1
    return start


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("it gives one key twice")
    return found


def _constant(name: str) -> Any:
    raise NotJson(f"it holds {name}, which JSON does not have")


@dataclass(frozen=True)
class Answer:
    """
    One object of an answer.

    Args:
        name: where it stands, for messages.
    """

    name: str
    data: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, value: Any) -> Answer:
        """
        Take a value for an object.

        Raises:
            Unexpected: it is none.
        """
        if not isinstance(value, dict):
            raise Unexpected(name, "an object")
        return cls(name, value)

    def has(self, *path: str) -> bool:
        """Whether something other than null stands there."""
        return self._at(path) is not None

    def text(self, *path: str) -> str:
        """
        The text that stands there, not empty.

        Raises:
            Unexpected: none does.
        """
        value = self._at(path)
        if not isinstance(value, str) or not value:
            raise Unexpected(self._name(path), "a text")
        return value

    def text_or_nothing(self, *path: str) -> str:
        """The text that stands there; empty where nothing does."""
        value = self._at(path)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Unexpected(self._name(path), "a text")
        return value

    def id(self, *path: str) -> str:
        """
        The number or text by which something is known for good.

        Raises:
            Unexpected: neither stands there.
        """
        value = self._at(path)
        if isinstance(value, bool) or not isinstance(value, (int, str)) or value == "" or len(str(value)) > 200:
            raise Unexpected(self._name(path), "an id")
        return str(value)

    def id_or_nothing(self, *path: str) -> str:
        """As `id`, or empty where nothing stands."""
        return self.id(*path) if self.has(*path) else ""

    def moment(self, *path: str) -> datetime:
        """
        The time that stands there, in UTC.

        Raises:
            Unexpected: it is no date-time with an offset.
        """
        try:
            found = datetime.fromisoformat(self.text(*path))
            if found.tzinfo is None:
                raise ValueError
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Unexpected(self._name(path), "a time with its offset from UTC") from None

    def moment_or_none(self, *path: str) -> datetime | None:
        """As `moment`, or `None` where nothing stands."""
        return self.moment(*path) if self.text_or_nothing(*path) else None

    def flag(self, *path: str) -> bool:
        """
        Whether it says so; nothing there is no.

        Raises:
            Unexpected: something else than true, false or null stands there.
        """
        value = self._at(path)
        if value is not None and not isinstance(value, bool):
            raise Unexpected(self._name(path), "true or false")
        return bool(value)

    def commit(self, *path: str) -> str:
        """The full id of a commit that stands there; empty where none does, or only the start of one."""
        value = self._at(path)
        is_full = isinstance(value, str) and len(value) in {40, 64} and set(value) <= set("0123456789abcdef")
        return str(value) if is_full else ""

    def inner(self, *path: str) -> Answer:
        """
        The object that stands there.

        Raises:
            Unexpected: none does.
        """
        return Answer.of(self._name(path), self._at(path))

    def inner_or_none(self, *path: str) -> Answer | None:
        """As `inner`, or `None` where nothing stands."""
        return self.inner(*path) if self.has(*path) else None

    def items(self, *path: str) -> tuple[Answer, ...]:
        """
        The objects of the list that stands there; nothing there is an empty list.

        Raises:
            Unexpected: something else stands there, or the list is too long to be true.
        """
        value = self._at(path)
        return tuple(entries(self._name(path), [] if value is None else value))

    def _at(self, path: tuple[str, ...]) -> Any:
        here: Any = self.data
        for part in path:
            if here is None:
                return None
            if not isinstance(here, dict):
                raise Unexpected(self._name(path), "inside an object")
            here = here.get(part)
        return here

    def _name(self, path: tuple[str, ...]) -> str:
        return ".".join((self.name, *path))


def entries(name: str, value: Any) -> Iterator[Answer]:
    """
    Yield the objects of a list.

    Raises:
        Unexpected: it is no list, too long, or holds something else.
    """
    if not isinstance(value, list) or len(value) > COUNT:
        raise Unexpected(name, f"a list of at most {COUNT:,} entries")
    for index, entry in enumerate(value):
        yield Answer.of(f"{name}[{index}]", entry)


def payload_of(name: str, value: Mapping[str, Any]) -> str:
    """
    Write an object as it is kept in an approval: the canonical JSON of everything the forge said in it.

    It is not the bytes that came over the wire: spaces and the order of keys are those of RFC 8785, so that the same
    answer gives the same text however it was fetched. The digest in the approval is over exactly this text.

    Raises:
        Unexpected: it holds a value that canonical JSON cannot carry.
    """
    from opsledger.canonical import NotCanonical, canonical

    try:
        return canonical(value).decode()
    except NotCanonical:
        raise Unexpected(name, "data that canonical JSON can carry") from None
