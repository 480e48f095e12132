"""The order of a record's top-level keys, changed without touching anything else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from opsledger.yamlfile.decoding import BOM
from opsledger.yamlfile.editing import CannotEdit, same
from opsledger.yamlfile.exact import Located, read_exact
from opsledger.yamlfile.model import Unreadable

_DEEPER_COMMENT = re.compile(r"[ \t]+#")


def order_keys(source: bytes, order: Sequence[str]) -> bytes:
    """
    Put a record's top-level keys in an order, keys it does not name behind them as they were.

    Comments and blank lines above a key travel with it; what stands at the top of the file, before its first
    blank line or the first key, and what follows the last key stay where they are. A record in JSON
    syntax, or one whose data a move would change, is left as it is.

    Raises:
        CannotEdit: the source is no record.
    """
    located = read_exact(source)
    if isinstance(located, Unreadable):
        raise CannotEdit(located)
    keys = list(located.data)
    rank = {key: index for index, key in enumerate(order)}
    wanted = sorted(keys, key=lambda key: rank.get(key, len(rank)))
    if wanted == keys or located.root.flow:
        return source
    mark = BOM if source.startswith(BOM) else b""
    result = mark + _rearranged(located, wanted).encode()
    again = read_exact(result)
    unharmed = isinstance(again, Located) and same(again.data, located.data) and list(again.data) == wanted
    return result if unharmed else source


def _rearranged(located: Located, wanted: list[str]) -> str:
    text = located.text
    header, chunks, tail = _chunks(located)
    line_end = "\r\n" if "\r\n" in text else "\n"
    body = [chunks[key] for key in wanted]
    # A file without a line end after its last line keeps having none.
    if not text.endswith("\n") and not tail:
        body = [chunk if chunk.endswith("\n") else chunk + line_end for chunk in body]
        body[-1] = body[-1].removesuffix("\n").removesuffix("\r")
    return header + "".join(body) + tail


def _chunks(located: Located) -> tuple[str, dict[str, str], str]:
    """The text before the first key's lines, the lines of each key with what stands above it, and the rest."""
    text, pairs = located.text, located.root.pairs
    starts: list[int] = []
    previous = 0
    for key, value in pairs.values():
        line = text.rfind("\n", 0, key.start) + 1
        starts.append(_first_line_of(text, previous, line) if starts else _after_header(text, line))
        stop = text.find("\n", max(key.end, value.end))
        previous = len(text) if stop < 0 else stop + 1
    end = _first_line_of(text, previous, len(text))
    bounds = [*starts, end]
    chunks = {key: text[bounds[index] : bounds[index + 1]] for index, key in enumerate(pairs)}
    return text[: starts[0]], chunks, text[end:]


def _after_header(text: str, line: int) -> int:
    """Where the comments about the first key start: after the last blank line above it, if there is one."""
    blank = list(re.finditer(r"^[ \t]*\r?\n", text[:line], re.MULTILINE))
    start = blank[-1].end() if blank else line
    # The mark of the document's start belongs to no key.
    marker = list(re.finditer(r"^---[^\n]*\n", text[start:line], re.MULTILINE))
    return start + marker[-1].end() if marker else start


def _first_line_of(text: str, start: int, stop: int) -> int:
    """Where, after the lines of one key, those of the next begin: comments indented deeper stay."""
    first = here = start
    while here < stop:
        end = text.find("\n", here, stop)
        end = stop if end < 0 else end + 1
        if _DEEPER_COMMENT.match(text, here, end):
            first = end
        here = end
    return first
