"""The examples of a rule's page, completed to files that can be judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

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
        data = text.encode() if mark == "raw" else _completed(path, text, kinds)
        sides[mark if mark in _SIDES else "head"][path] = data
    for files in sides.values():
        _add_companions(files, kinds)
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


def _completed(path: str, text: str, kinds: Kinds) -> bytes:
    kind = kinds.of_path(path)
    stated = read(text.encode())
    if isinstance(stated, Unreadable):
        raise ValueError(f"{path}: {stated.message}")
    if kind is None:
        return text.encode()
    return write({**minimal(kind, kinds, path.rpartition("/")[2].rpartition(".")[0]), **stated})


def _add_companions(files: dict[str, bytes], kinds: Kinds) -> None:
    waiting = [(kind, data) for path, data in files.items() if path.endswith(".yaml") and (kind := kinds.of_path(path))]
    while waiting:
        kind, data = waiting.pop()
        found = read(data)
        for other, id in () if isinstance(found, Unreadable) else companions(kind, kinds, found):
            path = _path(other, id)
            if path not in files:
                files[path] = write(minimal(other, kinds, id))
                waiting.append((other, files[path]))


def _path(kind: Kind, id: str) -> str:
    return f"{kind.folder}/{id}.yaml"
