"""What a check says: a place, a code, a sentence and what to do now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How much a finding weighs; only errors make a check fail."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """The name as people write it, in lower case."""
        return self.name.lower()


@dataclass(frozen=True, order=True)
class Place:
    """
    A spot in a file of the ledger.

    Lines and columns count from 1 and in characters, as editors count. The path is relative to the
    ledger's root, with `/` between its parts.
    """

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Finding:
    """
    One thing that does not hold, and what the reader can do about it now.

    The message names the record, what it says and what was expected, with no stop at its end. Text of
    records stands in it as it was written: whoever prints it escapes it.
    """

    place: Place
    code: str
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR

    @property
    def mark(self) -> tuple[str, str, str]:
        """What stays the same of it when lines move: its path, code and message."""
        return self.place.path, self.code, self.message


@dataclass(frozen=True, order=True)
class Fault:
    """
    What is wrong inside one record, before anyone needs to know the line it stands on.

    Args:
        pointer: RFC 6901 pointer of the value; the empty pointer is the record itself.
        code: the rule that this breaks.
        message: as in `Finding`.
        fix: as in `Finding`.
        on_key: whether the key is at fault (a field nobody knows) and not the value behind it.
    """

    pointer: str
    code: str
    message: str
    fix: str = ""
    on_key: bool = False


Progress = Callable[[int, int, str], None]
"""Told `(done, total, noun)` by long work, as often as it likes."""


def silent(done: int, total: int, noun: str) -> None:
    """The progress that nobody watches."""
