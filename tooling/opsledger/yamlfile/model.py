"""What the room's files share: the limits of a record and the one way to refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_BYTES = 131_072
"""The most bytes a record may have (BAD-047)."""

MAX_DEPTH = 64
"""How deep maps and lists of a record may nest (BAD-032)."""

MAX_VALUES = 20_000
"""The most values a record may hold, so that no file within the byte limit takes long to read (BAD-049)."""

LARGEST_INTEGER = 2**53 - 1
"""
Canonical JSON (RFC 8785, over RFC 7493 section 2.2) carries no larger integers, so a digest could
not tell them apart: 2^53 itself is where 2^53 + 1 is rounded to.
"""

Data = dict[str, Any]
"""The data of a record: text, integers, floats, booleans, nothing, lists and maps with text keys; no other type."""


@dataclass(frozen=True)
class Unreadable:
    """
    Why a file is no record, where it says so, and what its author can do.

    Lines and columns count from 1 and in characters; a byte order mark takes no column.
    """

    line: int
    column: int
    message: str
    fix: str


class Refusal(Exception):  # never leaves the room: it carries a refusal from the spot where it is seen
    """Carries what is wrong at an offset of the text up to where offsets become lines."""

    def __init__(self, offset: int, message: str, fix: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.fix = fix


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Count where an offset of a text lies, from 1; only `\\n` ends a line, as a lone `\\r` never gets this far."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def quoted(text: str) -> str:
    """Show a piece of a record inside a message: in quotes, one line, at most 60 characters."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    return "'" + shown.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t") + "'"
