"""
Data to block-style YAML, fast: the generated corpora are written by hand-made text, not by the tool under test.

Text is quoted as JSON wherever a YAML reader could take it for something else, so every reader agrees on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# A leading letter, then nothing that YAML gives a meaning to; words that some YAML version reads as
# true, false or nothing are left out below.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./()+-]*(?: [A-Za-z0-9_./()+-]+)*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def yaml_text(data: Mapping[str, Any]) -> bytes:
    """The record as UTF-8 YAML: mappings in the order given, lists of scalars on one line, nothing folded."""
    return "".join(_mapping(data, "")).encode()


def _mapping(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry(f"{indent}{key}:", value, indent)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield f"{head}\n"
        yield from _mapping(value, indent + "  ")
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        yield f"{head}\n"
        for item in value:
            yield from _item(item, indent + "  ")
    elif isinstance(value, str) and "\n" in value and _fits_a_block(value):
        yield f"{head} |-\n"
        yield from (f"{indent}  {line}\n" if line else "\n" for line in value.split("\n"))
    else:
        yield f"{head} {_inline(value)}\n"


def _item(item: Any, indent: str) -> Iterator[str]:
    """One list entry: a mapping's first key stands on the line of its dash."""
    if not isinstance(item, Mapping) or not item:
        yield f"{indent}- {_inline(item)}\n"
        return
    first = True
    for key, value in item.items():
        head = f"{indent}{'- ' if first else '  '}{key}:"
        yield from _entry(head, value, indent + "  ")
        first = False


def _inline(value: Any) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else _quoted(value)
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inline(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def _quoted(text: str) -> str:
    # JSON leaves some characters as they are that YAML wants escaped: DEL, the C1 controls, a byte order mark.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in quoted)


def _escape(point: int) -> str:
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def _fits_a_block(text: str) -> bool:
    """Whether a literal block says the same: no edge white space to lose, no character that a reader refuses."""
    return text == text.strip() and all(char.isprintable() or char == "\n" for char in text)
