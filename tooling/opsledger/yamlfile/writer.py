"""Data to YAML text: block style, one way to write each value, quotes only where they are needed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsledger.yamlfile.core import is_text
from opsledger.yamlfile.decoding import FORBIDDEN
from opsledger.yamlfile.model import LARGEST_INTEGER

# Text that some reader of YAML (1.1, or an editor's) takes for a number, a time, a truth value or a merge
# key: the core schema reads most of it as text, yet quotes keep every reader of one mind (BAD-043).
_LOOKS_TYPED = re.compile(
    r"[-+.]*[0-9][-+0-9.,:_eExXobBTZ ]*|[-+]?\.(?:inf|nan)|0[xX][0-9a-fA-F_]+"
    r"|(?:y|n|yes|no|on|off|true|false|null)|~|=|<<",
    re.IGNORECASE,
)
# Starts with nothing that YAML reserves, holds no ': ' and no ' #', ends in no blank and no colon.
_PLAIN = re.compile(r"(?![-?:,\[\]{}#&*!|>'\"%@`\s]|---|\.\.\.|=)(?:(?!: | #)[^\t\r\n])*(?<![\s:])")
_FLOW_RESERVED = re.compile(r"[,\[\]{}?:#]")
_PARAGRAPHS = re.compile(r"[^ \t\n][^\t\n]*(?:\n+(?: *[^ \t\n][^\t\n]*))*\n?")

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})

WIDTH = 120
"""Lists and maps in brackets stay within this many characters."""


class NotWritable(ValueError):
    """A value is no data of a record, so no text would read back as it."""

    def __init__(self, value: object) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return f"a record cannot hold {self.value!r:.80}"


def write(data: Mapping[str, Any]) -> bytes:
    """
    Write a fresh record.

    Text that looks like a time, a number or a truth value is quoted; text of several lines becomes a
    `|` block; everything else is as plain as it can be. Keys keep their order.

    Raises:
        NotWritable: a value is of no type that a record holds.
    """
    if not data:
        return b"{}\n"
    return ("\n".join(block(data, 0)) + "\n").encode()


def block(value: Mapping[str, Any] | Sequence[Any], indent: int) -> list[str]:
    """The lines of a map or list that is not empty, each indented by that many blanks."""
    blanks = " " * indent
    if isinstance(value, Mapping):
        return [line for key, inner in value.items() for line in entry(f"{blanks}{text(_key(key))}:", inner, indent)]
    return [line for inner in value for line in item(inner, indent)]


def entry(start: str, value: Any, indent: int) -> list[str]:
    """The lines of a key and its value: `start` is the key with its colon, `indent` where that key stands."""
    if isinstance(value, str) and is_literal(value):
        return [f"{start} {literal_header(value)}", *literal(value, indent + 2)]
    if _is_block(value):
        return [start, *block(value, indent + 2)]
    return [f"{start} {inline(value)}"]


def item(value: Any, indent: int) -> list[str]:
    """The lines of an item of a list whose dash stands at that indent."""
    dash = " " * indent + "-"
    if _is_block(value):
        first, *rest = block(value, indent + 2)
        return [f"{dash} {first.lstrip(' ')}", *rest]
    return entry(dash, value, indent)


def inline(value: Any, *, flow: bool = False, as_json: bool = False, quote: str = "") -> str:
    """
    A value on one line.

    Args:
        flow: whether it stands between brackets, where commas and colons mean something.
        as_json: whether only JSON will do.
        quote: `'` or `"` to keep the quotes that the text before it had.
    """
    if isinstance(value, str):
        if as_json and not FORBIDDEN.search(value):
            return json.dumps(_sound(value), ensure_ascii=False)
        return text(value, flow=flow, quote='"' if as_json else quote)
    if isinstance(value, Mapping):
        shown = ((inline(_key(key), flow=True, as_json=as_json), inner) for key, inner in value.items())
        return "{" + ", ".join(f"{key}: {inline(inner, flow=True, as_json=as_json)}" for key, inner in shown) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(inner, flow=True, as_json=as_json) for inner in value) + "]"
    return _typed(value)


def text(value: str, *, flow: bool = False, quote: str = "") -> str:
    """Text on one line: plain where every reader takes it for text, in the quotes given or needed otherwise."""
    _sound(value)
    plain_enough = _PLAIN.fullmatch(value) and not _LOOKS_TYPED.fullmatch(value) and not FORBIDDEN.search(value)
    if value and not quote and plain_enough and is_text(value) and not (flow and _FLOW_RESERVED.search(value)):
        return value
    if quote == "'" and not re.search(r"[\r\n\t]", value) and not FORBIDDEN.search(value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + FORBIDDEN.sub(_escape, value.translate(_ESCAPES)) + '"'


def is_literal(value: str) -> bool:
    """Whether text is best read as a `|` block: several lines, none of which begins oddly or hides a blank."""
    return "\n" in value.rstrip("\n") and _PARAGRAPHS.fullmatch(value) is not None and not FORBIDDEN.search(value)


def literal_header(value: str) -> str:
    """What stands after the key: `|`, or `|-` for text that ends in no line feed."""
    return "|" if value.endswith("\n") else "|-"


def literal(value: str, indent: int) -> list[str]:
    """The lines of a `|` block."""
    blanks = " " * indent
    return [blanks + line if line else "" for line in _sound(value).removesuffix("\n").split("\n")]


def _typed(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) <= LARGEST_INTEGER:
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    raise NotWritable(value)


def _is_block(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple) and bool(value)


def _key(key: object) -> str:
    if not isinstance(key, str) or not key:
        raise NotWritable(key)
    return key


def _sound(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotWritable(value) from None
    return value


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
