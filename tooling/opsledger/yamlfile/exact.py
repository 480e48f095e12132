"""The exact tier: reads any record right, knows where each value stands, and alone refuses."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from opsledger.yamlfile import nodes
from opsledger.yamlfile.decoding import decode, start_of
from opsledger.yamlfile.model import MAX_BYTES, Data, Refusal, Unreadable, line_and_column
from opsledger.yamlfile.nodes import Node
from opsledger.yamlfile.pointers import parts, position

_JSON_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"|\t', re.DOTALL)


@dataclass(frozen=True)
class Located:
    """A record's data, and the place of each value in its text."""

    data: Data
    text: str = field(repr=False)
    root: Node = field(repr=False)

    def value_at(self, pointer: str) -> tuple[int, int]:
        """
        Line and column of the value at a pointer.

        Returns:
            The place of the nearest value above it when nothing stands there; for the whole record,
            the place of its first key.
        """
        return self._place(self._follow(pointer)[1].start)

    def key_at(self, pointer: str) -> tuple[int, int]:
        """Line and column of the key that leads to a pointer, or of the value itself when that is an item of a list."""
        key, value = self._follow(pointer)
        return self._place((key or value).start)

    def _follow(self, pointer: str) -> tuple[Node | None, Node]:
        key: Node | None = None
        here = self.root
        for part in parts(pointer):
            if part in here.pairs:
                key, here = here.pairs[part]
                continue
            index = position(part, len(here.items))
            if index is None:
                break
            key, here = None, here.items[index]
        return key, here

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]


def read_exact(data: bytes, *, limit: int = MAX_BYTES) -> Located | Unreadable:
    """
    Read a record with the place of each value, or say where and why it is none.

    Args:
        data: the file's bytes.
        limit: the most bytes that are read; schemas may have more than records.
    """
    try:
        text = decode(data, limit)
    except Refusal as refusal:
        return _unreadable(refusal, start_of(data) if refusal.offset else "")
    try:
        root = nodes.compose(_without_tabs(text))
    except Refusal as refusal:
        return _unreadable(refusal, text)
    return Located(nodes.data_of(root), text, root)


def _unreadable(refusal: Refusal, text: str) -> Unreadable:
    line, column = line_and_column(text, refusal.offset)
    return Unreadable(line, column, refusal.message, refusal.fix)


def _without_tabs(text: str) -> str:
    """Put blanks for the tabs between the tokens of JSON, where YAML's parser refuses some; offsets stay the same."""
    if "\t" not in text or not text.lstrip().startswith("{"):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _JSON_TOKENS.sub(lambda found: " " if found.group() == "\t" else found.group(), text)
