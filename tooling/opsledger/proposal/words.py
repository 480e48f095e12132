"""Two readings of a text as runs of words that stayed, went and came."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from opsledger.proposal.model import Piece

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_MOST = 3000
"""How many words are compared one by one; the comparison takes the square of their number in the worst case."""
_AROUND = 6
_LONGEST = 400


def word_pieces(before: str, after: str) -> tuple[Piece, ...]:
    """
    Say how one text became another: what stayed is cut to a few words around what did not.

    Texts that are too long to be compared word by word are compared line by line.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > _MOST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) + len(new) > _MOST:
        return (Piece("gone", _cut(before)), Piece("new", _cut(after)))
    return tuple(_shortened(_joined(_runs(old, new))))


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for sort, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, came = "".join(old[a:b]), "".join(new[c:d])
        if sort == "equal":
            yield Piece("same", gone)
            continue
        yield from (Piece("gone", gone),) if gone else ()
        yield from (Piece("new", came),) if came else ()


def _joined(runs: Iterator[Piece]) -> Iterator[Piece]:
    """Bring changes together that only a blank or a mark keeps apart: single words are hard to read."""
    gone = new = ""
    waiting = ""
    for run in runs:
        if run.sort == "same" and (gone or new) and not re.search(r"\w{2}", run.text):
            waiting += run.text
        elif run.sort == "same":
            yield from _change(gone, new)
            yield Piece("same", waiting + run.text)
            gone = new = waiting = ""
        else:
            gone += waiting + (run.text if run.sort == "gone" else "")
            new += waiting + (run.text if run.sort == "new" else "")
            waiting = ""
    yield from _change(gone, new)
    if waiting:
        yield Piece("same", waiting)


def _change(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)


def _shortened(runs: Iterator[Piece]) -> Iterator[Piece]:
    pieces = list(runs)
    for number, piece in enumerate(pieces):
        if piece.sort == "same":
            yield from _context(piece.text, is_first=number == 0, is_last=number == len(pieces) - 1)
        else:
            yield Piece(piece.sort, _cut(piece.text))


def _context(text: str, *, is_first: bool, is_last: bool) -> Iterator[Piece]:
    """Keep the words next to a change."""
    words = _WORD.findall(text)
    before = 0 if is_first else 2 * _AROUND
    after = 0 if is_last else 2 * _AROUND
    if len(words) <= before + after + _AROUND:
        yield Piece("same", text)
        return
    if before:
        yield Piece("same", "".join(words[:before]))
    yield Piece("cut")
    if after:
        yield Piece("same", "".join(words[-after:]))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"
