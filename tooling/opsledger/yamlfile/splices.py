"""One change to a record's text: put in the bytes of one value, leave every other byte as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsledger.yamlfile import writer
from opsledger.yamlfile.nodes import LIST, MAP, PLAIN, Node

_COLON = re.compile(r"[ \t]*:(?=[\s,\]}\"'\[{]|\Z)")


@dataclass(frozen=True)
class Page:
    """
    A record's text with its nodes, ready for one change.

    Args:
        line_end: what ends the lines that are added.
        as_json: whether the record is in JSON syntax and stays so.
        on_one_line: whether new values are to take one line, because a comment below would else become text.
    """

    text: str
    root: Node
    line_end: str
    as_json: bool
    on_one_line: bool = False

    def spliced(self, start: int, end: int, new: str) -> str:
        """The text with what stands from start to end replaced."""
        return self.text[:start] + new + self.text[end:]

    def line_start(self, offset: int) -> int:
        """Where the line of an offset starts."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_stop(self, offset: int) -> int:
        """Where the line of an offset ends, before its line end."""
        stop = self.text.find("\n", offset)
        if stop < 0:
            return len(self.text)
        return stop - 1 if self.text[stop - 1 : stop] == "\r" and stop > offset else stop

    def column(self, offset: int) -> int:
        """How many characters stand before an offset on its line."""
        return offset - self.line_start(offset)

    def joined(self, lines: Sequence[str]) -> str:
        """Lines as one text, without a line end after the last."""
        return self.line_end.join(lines)


def replace(page: Page, parent: Node, key: Node | None, old: Node, value: Any) -> str:
    """Put a value in the place of another; `key` leads to it, or is `None` for an item of a list."""
    if page.on_one_line:
        return page.spliced(*_span(page, key, old, writer.inline(value, flow=parent.flow, as_json=page.as_json)))
    simple = not isinstance(value, Mapping | list | tuple) or not value
    if parent.flow or page.as_json:
        new = writer.inline(value, flow=True, as_json=page.as_json, quote=_quote(old, value))
        return page.spliced(*_span(page, key, old, new))
    takes_lines = not simple or (isinstance(value, str) and writer.is_literal(value))
    took_lines = old.style in ("|", ">") or (old.style in (MAP, LIST) and not old.flow)
    if not takes_lines and not took_lines:
        return page.spliced(*_span(page, key, old, writer.inline(value, quote=_quote(old, value))))
    if old.flow and not simple:
        new = writer.inline(value)
        if page.column(old.start) + len(new) <= writer.WIDTH:
            return page.spliced(old.start, old.end, new)
    return _replace_lines(page, parent, key, old, value)


def insert_key(page: Page, parent: Node, name: str, value: Any, after: Node | None) -> str:
    """Add a key to a map that is not empty: after the pair whose value is given, or before the first."""
    first_key = next(iter(parent.pairs.values()))[0]
    if parent.flow:
        shown = writer.inline({name: value}, as_json=page.as_json)[1:-1]
        last_key, last = next(reversed(parent.pairs.values()))
        return _insert_flow(page, last_key, max(last_key.end, last.end), shown)
    indent = page.column(first_key.start)
    start = f"{' ' * indent}{writer.text(name)}:"
    lines = [f"{start} {writer.inline(value)}"] if page.on_one_line else writer.entry(start, value, indent)
    if after is None:
        lead = lines[0].lstrip(" ")
        rest = [lead, *lines[1:]]
        return page.spliced(first_key.start, first_key.start, page.joined(rest) + page.line_end + " " * indent)
    return _insert_lines(page, after.end, lines)


def append(page: Page, parent: Node, value: Any) -> str:
    """Add an item at the end of a list that is not empty."""
    last = parent.items[-1]
    if parent.flow:
        return _insert_flow(page, last, last.end, writer.inline(value, flow=True, as_json=page.as_json))
    return _insert_lines(page, last.end, writer.item(value, page.column(parent.start)))


def remove_key(page: Page, parent: Node, name: str) -> str:
    """Take a pair out of a map that holds others."""
    pairs = list(parent.pairs.values())
    index = list(parent.pairs).index(name)
    starts = [key.start for key, _ in pairs]
    ends = [max(key.end, value.end) for key, value in pairs]
    return _remove(page, parent, index, starts, ends)


def remove_item(page: Page, parent: Node, index: int) -> str:
    """Take an item out of a list that holds others."""
    starts = [item.start for item in parent.items] if parent.flow else _dashes(page, parent)
    return _remove(page, parent, index, starts, [item.end for item in parent.items])


def _quote(old: Node, value: Any) -> str:
    return old.style if isinstance(value, str) and old.style in ("'", '"') else ""


def _span(page: Page, key: Node | None, old: Node, new: str) -> tuple[int, int, str]:
    """Where a value on one line goes; an empty value has no place of its own yet."""
    if old.start != old.end:
        return old.start, old.end, new
    if key is None:
        return old.start, old.start, f" {new}" if page.text[old.start - 1] in "-," else new
    colon = _COLON.match(page.text, key.end)
    return (colon.end(), colon.end(), f" {new}") if colon else (key.end, key.end, f": {new}")


def _replace_lines(page: Page, parent: Node, key: Node | None, old: Node, value: Any) -> str:
    """Replace a value by one, or one by a value, that takes lines of its own."""
    if key is not None:
        colon = _COLON.match(page.text, key.end)
        start = colon.end() if colon else key.end
        lines = writer.entry("" if colon else ":", value, page.column(next(iter(parent.pairs.values()))[0].start))
    else:
        dash = _dashes(page, parent)[parent.items.index(old)]
        start = dash + 1
        lines = writer.item(value, page.column(dash))
        lines[0] = lines[0].lstrip(" ").removeprefix("-")
    stop = page.line_stop(max(old.end, start)) if old.style != PLAIN or len(lines) > 1 else old.end
    if old.flow or old.style in (PLAIN, "'", '"'):
        # A comment after a value of one line says something about its key: it stays on that line.
        tail = page.text[max(old.end, start) : stop]
        kept = tail.rstrip() if tail.strip().startswith("#") else ""
    else:
        header = page.text[start : page.line_stop(start)]
        kept = header.rstrip() if header.strip().startswith("#") else ""
    lines[0] += kept
    return page.spliced(start, stop, page.joined(lines))


def _insert_lines(page: Page, end: int, lines: list[str]) -> str:
    indent = len(lines[0]) - len(lines[0].lstrip(" "))
    stop = page.line_stop(_after_comments(page, end, indent))
    return page.spliced(stop, stop, page.line_end + page.joined(lines))


def _after_comments(page: Page, end: int, indent: int) -> int:
    """The end of the last comment below a value that is indented deeper than its key, so that it stays with it."""
    deeper = re.compile(rf"(?:[ \t]*\r?\n)* {{{indent + 1},}}#[^\r\n]*")
    while True:
        stop = page.text.find("\n", end)
        found = deeper.match(page.text, stop + 1) if stop >= 0 else None
        if found is None:
            return end
        end = found.end()


def _insert_flow(page: Page, last_start: Node, end: int, shown: str) -> str:
    comma = re.compile(r"[ \t]*,").match(page.text, end)
    at = comma.end() if comma else end
    lead = page.text[page.line_start(last_start.start) : last_start.start]
    gap = f"{page.line_end}{lead}" if lead and not lead.strip() else " "
    return page.spliced(at, at, ("" if comma else ",") + gap + shown)


def _remove(page: Page, parent: Node, index: int, starts: list[int], ends: list[int]) -> str:
    if parent.flow:
        if index + 1 < len(starts):
            return page.spliced(starts[index], starts[index + 1], "")
        return page.spliced(ends[index - 1], ends[index], "")
    line = page.line_start(starts[index])
    if page.text[line : starts[index]].strip() and index + 1 < len(starts):
        return page.spliced(starts[index], starts[index + 1], "")
    stop = page.text.find("\n", _after_comments(page, ends[index], page.column(starts[index])))
    if stop >= 0:
        return page.spliced(line, stop + 1, "")
    # The last line has no line end, and its new last line shall have none either.
    return page.text[:line].removesuffix("\n").removesuffix("\r")


def _dashes(page: Page, parent: Node) -> list[int]:
    """Where the dash of each item of a block list stands."""
    dash = re.compile(rf"^ {{{page.column(parent.start)}}}-", re.MULTILINE)
    found = [parent.start]
    for item in parent.items[:-1]:
        match = dash.search(page.text, item.end)
        if match is None:
            break
        found.append(match.end() - 1)
    return found
