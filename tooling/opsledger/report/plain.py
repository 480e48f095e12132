"""Text of records made harmless and measurable for terminals and the logs of CI."""

from __future__ import annotations

import re
import unicodedata

# C0, DEL and C1 steer terminals; bidi controls and invisible characters make text read otherwise than it is; the line
# and paragraph separators end lines in some viewers; a lone surrogate cannot be encoded. U+200C and U+200D stay: emoji
# and several scripts are written with them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
# What Azure Pipelines (anywhere in a line) and GitHub (at its start) take for an order.
_ORDER = re.compile(r"#(?=#(?:vso)?\[)|^\s*:(?=:)")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = re.compile(r"[ -\"$-9;-~]*")


def escape(text: str) -> str:
    """Return the text on one line, with what would steer a terminal or a CI log written as code points."""
    if _PLAIN.fullmatch(text):
        return text
    return _ORDER.sub(lambda found: found[0][:-1] + f"\\x{ord(found[0][-1]):02x}", _UNSEEN.sub(_named, text))


def _named(found: re.Match[str]) -> str:
    """Name one character by its code point."""
    character = found[0]
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """Return how many columns of a terminal escaped text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    """Return the columns that one character takes."""
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def cut(text: str, columns: int) -> str:
    """Return the text, shortened with an ellipsis where it takes more columns than there are."""
    if width(text) <= columns:
        return text
    taken = 0
    for index, character in enumerate(text):
        taken += _columns(character)
        if taken > columns - 1:
            return text[:index] + "…"
    return text


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, thousands apart: `1,304 records`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
