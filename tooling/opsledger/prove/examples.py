"""The examples of a rule's page, completed to files that can be judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opsledger.kind import Kind, Kinds
from opsledger.moments import instant
from opsledger.prove.minimal import companions, minimal
from opsledger.rules.register import Example
from opsledger.yamlfile import Unreadable, read, write

_HEAD = re.compile(r"^# (?:(raw|before|base|head): )?(\S*/\S+)$")
_SIDES = ("before", "base", "head")
_ASKS = re.compile(
    r"# asks: (?P<subject>\S+) -> (?P<after>\S+)(?: in (?P<environment>\S+?))?(?:#(?P<group>\S+))?(?: at (?P<at>\S+))?$"
)
ASKED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""The time for which the gates of an example are asked, where it names none."""


@dataclass(frozen=True)
class Asks:
    """
    The gate that an example asks: `# asks: ID -> STATE in ENVIRONMENT#GROUP at TIME`, all behind STATE optional.

    Args:
        after: the state that the subject is to go to, from the one that it is in.
    """

    subject: str
    after: str
    environment: str = ""
    group: str = ""
    as_of: datetime = ASKED_AT


@dataclass(frozen=True)
class Staged:
    """
    An example as files.

    Args:
        head: what is judged.
        base: where the step starts; empty where the example is no step.
        before: what base and head both grew from; empty unless the example tells of two branches.
        asks: the gate to which the files are put; `None` where a check judges them.
    """

    head: Mapping[str, bytes] = field(default_factory=dict)
    base: Mapping[str, bytes] = field(default_factory=dict)
    before: Mapping[str, bytes] = field(default_factory=dict)
    asks: Asks | None = None


def staged(example: Example, kinds: Kinds) -> Staged:
    """
    Complete an example: parts of records lie on top of minimal ones, and records that those must name are added.

    Raises:
        ValueError: a part is no YAML mapping, or lies in the folder of no kind where it is not the example's point.
    """
    sides: dict[str, dict[str, bytes]] = {side: {} for side in _SIDES}
    for mark, path, text in _files(example.text):
        files = sides[mark if mark in _SIDES else "head"]
        kind = None if mark == "raw" else kinds.of_path(path)
        if kind is None:
            files[path] = text.encode()
            continue
        stated = read(text.encode())
        if isinstance(stated, Unreadable):
            raise ValueError(f"{path}: {stated.message}")
        least = minimal(kind, kinds, path.rpartition("/")[2].rpartition(".")[0])
        files[path] = write({**least, **stated})
        added = {field: value for field, value in least.items() if field not in stated}
        for other, data in _companions(kind, added, kinds):
            files.setdefault(other, data)
    return Staged(**sides, asks=_asks(example.text))


def _asks(text: str) -> Asks | None:
    found = _ASKS.match(text.partition("\n")[0])
    if found is None:
        return None
    as_of = instant(found["at"]) if found["at"] else ASKED_AT
    return Asks(found["subject"], found["after"], found["environment"] or "", found["group"] or "", as_of)


def _files(text: str) -> Iterator[tuple[str, str, str]]:
    """Each file of an example: its mark, its path and its text."""
    mark, path, lines = "", "", list[str]()
    for line in text.splitlines():
        found = _HEAD.match(line)
        if found is None:
            lines.append(line)
            continue
        if path:
            yield mark, path, _text(lines)
        mark, path, lines = found[1] or "", found[2], []
    if path:
        yield mark, path, _text(lines)


def _text(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _companions(kind: Kind, data: Mapping[str, Any], kinds: Kinds) -> Iterator[tuple[str, bytes]]:
    """The records that a completed part names, and those that these name."""
    for other, id in companions(kind, kinds, data):
        least = minimal(other, kinds, id)
        yield f"{other.folder}/{id}.yaml", write(least)
        yield from _companions(other, least, kinds)
