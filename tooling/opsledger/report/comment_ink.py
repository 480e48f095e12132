"""How the words of a comment are marked: for a forge, and for a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from opsledger.proposal.model import Named, Piece
from opsledger.report.inert import code, inert
from opsledger.report.plain import escape

SIGNS: Mapping[str, tuple[str, str]] = {
    "open": ("✅", ""), "blocked": ("⛔", ""), "undecided": ("❔", "undecided:"),
    "met": ("✅", ""), "waived": ("🟡", "waived:"), "owed": ("🟡", "owed:"), "warned": ("🟠", "warned:"),
    "awaiting": ("⏳", ""), "later": ("▫️", "later:"), "no": ("⛔", ""), "not counted": ("✖️", ""),
    "looser": ("🔓", ""), "other": ("✏️", ""), "clash": ("⚠️", ""), "new": ("➕", ""),
    "deleted": ("➖", ""), "move": ("➡️", ""),
    "error": ("🔴", ""), "warning": ("🟠", ""), "note": ("🔵", ""),
}  # fmt: skip
"""What stands before a line: on a forge, and where there are only words."""


class Ink(Protocol):
    """Marks words; what comes from records is made harmless on the way."""

    def text(self, words: str) -> str:
        """Return words of a record."""

    def strong(self, words: str) -> str:
        """Return words of a record that the eye should find."""

    def code(self, words: str) -> str:
        """Return a path, a digest or a code."""

    def sign(self, name: str) -> str:
        """Return what stands before a line of a sort."""

    def words(self, pieces: Sequence[Piece]) -> str:
        """Return a text with what went and what came."""

    def change(self, before: str, after: str) -> str:
        """Return a value that took another's place."""


@dataclass(frozen=True)
class Forge:
    """Marks for the Markdown of a forge."""

    def text(self, words: str) -> str:
        """Return words that mark, link and call nothing."""
        return inert(words)

    def strong(self, words: str) -> str:
        """Return bold words; no blank may stand at their ends."""
        return f"<b>{inert(words)}</b>" if words else ""

    def code(self, words: str) -> str:
        """Return words in the letters of code."""
        return code(words)

    def sign(self, name: str) -> str:
        """Return a small picture; the words beside it say the same."""
        return SIGNS[name][0]

    def words(self, pieces: Sequence[Piece]) -> str:
        """Return a text on one line, with what went struck out and what came underlined."""
        return _joined(_PIECES[piece.sort].format(_on_one_line(piece.text, inert)) for piece in pieces)

    def change(self, before: str, after: str) -> str:
        """Return the old value struck out before the new one."""
        return f"<del>{inert(before)}</del> → <ins>{inert(after)}</ins>"


_PIECES = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>", "cut": " … "}


def _joined(runs: Iterable[str]) -> str:
    return re.sub(" +", " ", "".join(runs)).strip()


def _on_one_line(text: str, harmless: Callable[[str], str]) -> str:
    """Return a run of words on one line, made harmless, with one blank at an end that has any."""
    words = " ".join(text.split())
    lead = " " if text[:1].isspace() else ""
    trail = " " if text[-1:].isspace() and words else ""
    return f"{lead}{harmless(words)}{trail}"


@dataclass(frozen=True)
class Terminal:
    """Marks for a terminal and a log."""

    def text(self, words: str) -> str:
        """Return words on one line."""
        return escape(words)

    def strong(self, words: str) -> str:
        """Return the same: a terminal's bold would not outlive a pipe."""
        return escape(words)

    def code(self, words: str) -> str:
        """Return words on one line."""
        return escape(words)

    def sign(self, name: str) -> str:
        """Return a word."""
        return SIGNS[name][1]

    def words(self, pieces: Sequence[Piece]) -> str:
        """Return a text with what went and what came in brackets."""
        marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}", "cut": " … "}
        return _joined(marks[piece.sort].format(_on_one_line(piece.text, self.text)) for piece in pieces)

    def change(self, before: str, after: str) -> str:
        """Return the old value before the new one."""
        return f"{escape(before)} → {escape(after)}"


def called(ink: Ink, record: Named) -> str:
    """Return a record by its id and title."""
    return f"{ink.strong(record.id)} {ink.text(record.title)}" if record.title else ink.strong(record.id)


def person(ink: Ink, party: Named) -> str:
    """Return somebody, or a role, by name; the id where nobody knows one."""
    return ink.text(party.title or party.id) or "somebody whom no record names"


def listed(parts: Sequence[str], most: int = 8) -> str:
    """Return parts as one part of a sentence, the first few of many."""
    shown = list(parts[:most])
    if len(parts) > most:
        shown.append(f"{len(parts) - most} more")
    *first, last = shown or [""]
    return f"{', '.join(first)} and {last}" if first else last
