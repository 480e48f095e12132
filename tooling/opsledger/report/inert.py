"""Text of records made inert for Markdown on a forge: it formats nothing, links nowhere, and calls nobody."""

from __future__ import annotations

import re

from opsledger.report.plain import escape

_SPACE = "&#8203;"
"""A space of no width; what stands on both its sides is read as two words by every filter of a forge."""

# What can open something in the middle of a line in CommonMark or a dialect of it; a `_` between letters cannot.
_PUNCTUATION = re.compile(r"[\\`*\[\]#|~!^]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "$": "<span>$</span>"}
_ENTITY = re.compile(r"[&<>\"$]")
# What opens a block where a line begins: a list, a heading's underline, a table's rule.
_START = re.compile(r"(?:([-+=:])|([0-9]+)([.)]))")
# Names, numbers and addresses of which a forge makes links after the Markdown is read, so that no escape helps:
# mentions, issues, merge requests, milestones, snippets, labels, web addresses, emoji, commits.
_CALLS = re.compile(
    r"(@)|(#)(?=\w)|((?<![\w!])!|(?<!\w)[%~]|GH-)(?=\w)|(:)(?=//)|(?i:(www)(?=\.))|(mailto|xmpp)(?=:)|(:)(?=[\w+-]*[a-z][\w+-]*:)"
)
_COMMIT = re.compile(r"\b[0-9a-f]{7,40}\b")
_MARK = "\x00"


def inert(text: str) -> str:
    """
    Return text on one line, as it may stand anywhere in a forge's Markdown, in a cell of a table too.

    What a reader sees is the text, with unseen characters by their code points. A mark in it marks nothing. An
    entity would not do for `@`: a forge looks for names after it has resolved entities.
    """
    return _calm(_COMMIT.sub(lambda found: _MARK.join(re.findall(".{1,6}", found[0])), escape(text)))


def code(text: str) -> str:
    """
    Return text in the letters of code, in which forges look for no commits.

    It stands not between backticks, which would let a `|` of it cut a table.
    """
    return f"<code>{_calm(escape(text))}</code>" if text else ""


def _calm(text: str) -> str:
    """Return a line that calls nobody and marks nothing."""
    calm = _CALLS.sub(lambda found: found[0] + _MARK, text)
    safe = _PUNCTUATION.sub(r"\\\g<0>", _ENTITY.sub(lambda found: _ENTITIES[found[0]], calm))
    safe = _START.sub(_escaped_start, safe.lstrip(), count=1) if _START.match(safe.lstrip()) else safe.lstrip()
    return safe.replace(_MARK, _SPACE).rstrip()


def _escaped_start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"
