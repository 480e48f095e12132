"""Where in a file a condition's column stands."""

from __future__ import annotations

from opsledger.finding import Place
from opsledger.yamlfile import Unreadable
from opsledger.yamlfile.pointers import at


def place_within(source: bytes, path: str, pointer: str, column: int = 1) -> Place | None:
    """
    Where a character of a text stands in a file; where it is folded or written with escapes, the text's start.

    Args:
        column: of the character in the text, counted from 1.

    Returns:
        `None` where the pointer leads nowhere.
    """
    from opsledger.yamlfile import read_exact  # only findings need lines

    located = read_exact(source)
    if isinstance(located, Unreadable):
        return None
    text = at(located.data, pointer)
    if not isinstance(text, str):
        return None
    line, start = located.value_at(pointer)
    lines = source.decode("utf-8", "replace").split("\n")
    here = lines[line - 1][start - 1 :] if line <= len(lines) else ""
    if here.startswith(text):
        return Place(path, line, start + column - 1)
    if here[:1] in ("'", '"') and here[1 : len(text) + 1] == text:
        return Place(path, line, start + column)
    if here[:1] == "|":
        return _in_block(lines, line, text, path, column) or Place(path, line, start)
    return Place(path, line, start)


def _in_block(lines: list[str], line: int, text: str, path: str, column: int) -> Place | None:
    """Where it stands in a text of several lines, whose lines are set in."""
    before = text[: column - 1]
    found = line + before.count("\n")
    words = text.split("\n")[before.count("\n")]
    there = lines[found] if found < len(lines) else ""
    indent = len(there) - len(words)
    if indent < 0 or not there.endswith(words):
        return None
    return Place(path, found + 1, indent + len(before.rpartition("\n")[2]) + 1)
