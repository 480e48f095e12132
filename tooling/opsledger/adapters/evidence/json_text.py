"""JSON from tools that nobody vouches for: bounded, no doubled keys or odd numbers, and a place for each fault."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from opsledger.edit.evidence import NotRead

DEEPEST = 200
"""How deep lists and mappings may lie in each other."""

_DIGITS = 18
# Nothing is given back in a text: of one of 20 MB, each character would be kept in case it were.
_WORD = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)
_AGAIN = "have the tool write it again"


class _Odd(ValueError):
    """A number that no report means."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class _Doubled(ValueError):
    """A key that one mapping holds twice."""


def decoded(data: bytes) -> str:
    """
    The text of a file in UTF-8, a byte order mark at its start taken off.

    Raises:
        NotRead: it is in another encoding, or holds a NUL.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotRead("the file is written in UTF-16, and reports are read in UTF-8", "write it anew in UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8", "replace")
        line, column = _counted(before, len(before))
        said = f"the byte 0x{data[fault.start]:02x} stands where UTF-8 has none"
        raise NotRead(said, "write the file anew in UTF-8", place=(line, column)) from None
    if "\0" in text:
        line, column = _counted(text, text.index("\0"))
        raise NotRead("a NUL character stands in the file", _AGAIN, place=(line, column))
    return text


def read_json(data: bytes, what: str) -> Mapping[str, Any]:
    """
    The mapping that a JSON file holds.

    Args:
        what: it should be, as messages call it: "a SARIF log".

    Raises:
        NotRead: it is none, or what it says is not one thing.
    """
    text = decoded(data)
    found = _loaded(text, what)
    if not isinstance(found, dict):
        raise NotRead(f"the file is not {what}, which is one JSON object", "name the file that the tool wrote")
    return found


def place_of(data: bytes, *pointer: str | int) -> tuple[int, int]:
    """The line and column of a value; those of the file's start where nothing is there."""
    text = decoded(data)
    wanted = tuple(map(str, pointer))
    for path, start, _, _ in _values(text):
        if path == wanted:
            return _counted(text, start)
    return 1, 1


def _loaded(text: str, what: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_odd, parse_int=_integer, parse_float=_number
        )  # fmt: skip
    except json.JSONDecodeError as fault:
        said = f"the file is not {what}: it stops being JSON here"
        raise NotRead(said, f"look whether it is cut off, or {_AGAIN}", place=(fault.lineno, fault.colno)) from None
    except RecursionError:
        _too_deep(text)
    except _Odd as fault:
        start = next((found.start() for found in _WORD.finditer(text) if found[0] == fault.word), 0)
        shown = fault.word if len(fault.word) < 30 else f"{fault.word[:12]}… of {len(fault.word):,} digits"
        line, column = _counted(text, start)
        raise NotRead(f"{shown} is no number that a report means", _AGAIN, place=(line, column)) from None
    except _Doubled as fault:
        line, column = _counted(text, _second(text))
        said = f"one mapping holds the key {str(fault)[:80]!r} twice, so nobody can tell which of the two is meant"
        raise NotRead(said, _AGAIN, place=(line, column)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _Doubled(next(name for name in made if counts[name] > 1))
    return made


def _odd(word: str) -> NoReturn:
    raise _Odd(word)


def _integer(word: str) -> int:
    return int(word) if len(word) <= _DIGITS else _odd(word)


def _number(word: str) -> float:
    value = float(word) if len(word) <= 60 else math.inf
    return value if math.isfinite(value) else _odd(word)


def _too_deep(text: str) -> NoReturn:
    depth, start = 0, 0
    for found in _WORD.finditer(text):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > DEEPEST:
            start = found.start()
            break
    line, column = _counted(text, start)
    raise NotRead(f"lists and mappings lie more than {DEEPEST} deep in each other", _AGAIN, place=(line, column))


def _second(text: str) -> int:
    """Where the first key stands that its mapping holds already."""
    return next((key for _, _, key, is_second in _values(text) if is_second), 0)


@dataclass
class _Frame:
    """A list or mapping on the way to where the text is read."""

    is_mapping: bool
    name: str = ""
    index: int = 0
    start: int = 0
    names: set[str] = field(default_factory=set)
    is_named: bool = False


def _values(text: str) -> Iterator[tuple[tuple[str, ...], int, int, bool]]:
    """Each value: its path, where it stands, where its key does, and whether its mapping held the key already."""
    frames: list[_Frame] = []
    for found in _WORD.finditer(text):
        word, frame = found[0], frames[-1] if frames else None
        if word == ":":
            continue
        if word in {"]", "}"}:
            frames = frames[:-1]
        elif word == ",":
            if frame is not None:
                frame.is_named, frame.index = False, frame.index + 1
        elif frame is not None and frame.is_mapping and not frame.is_named and word[0] == '"':
            frame.name, frame.start, frame.is_named = _key(word), found.start(), True
        else:
            yield _step(frames, found.start())
            if frame is not None:
                frame.names.add(frame.name)
            if word in {"[", "{"}:
                frames.append(_Frame(word == "{"))


def _step(frames: list[_Frame], start: int) -> tuple[tuple[str, ...], int, int, bool]:
    path = tuple(one.name if one.is_mapping else str(one.index) for one in frames)
    last = frames[-1] if frames and frames[-1].is_mapping else None
    return path, start, last.start if last else start, last is not None and last.name in last.names


def _key(word: str) -> str:
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word


def _counted(text: str, start: int) -> tuple[int, int]:
    """The line and column of a character, as editors count them."""
    return text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1
