"""The examples of a rule's page, completed to files that can be judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsledger.kind import Kind, Kinds
from opsledger.prove.minimal import companions, minimal
from opsledger.rules.register import Example
from opsledger.yamlfile import Unreadable, read, write

_HEAD = re.compile(r"^# (?:(raw|before|base|head): )?(\S*/\S+)$")
_SIDES = ("before", "base", "head")


@dataclass(frozen=True)
class Staged:
    """
    An example as files.

    Args:
        head: what is judged.
        base: where the step starts; empty where the example is no step.
        before: what base and head both grew from; empty unless the example tells of two branches.
    """

    head: Mapping[str, bytes] = field(default_factory=dict)
    base: Mapping[str, bytes] = field(default_factory=dict)
    before: Mapping[str, bytes] = field(default_factory=dict)


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
    return Staged(**sides)


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
