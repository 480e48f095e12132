"""The marks at what nobody typed: taken away where somebody does, and written in as few lines as they take."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.edit.values import Edit, placed
from opsledger.yamlfile import MISSING, at, read
from opsledger.yamlfile import pointer as pointer_to

WIDTH = 100
_DERIVED = re.compile(rb"^derived:\n(?:  - [^\n]*\n)+", re.MULTILINE)


def unmarked(before: Mapping[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], list[Edit]]:
    """
    Take the marks away from what somebody typed otherwise.

    Args:
        before: the data of a record.
        after: the same with what was typed.

    Returns:
        The data with the marks that still hold, and the edits that make them so.
    """
    marks = after.get("derived")
    if not isinstance(marks, list) or marks != before.get("derived"):
        return after, []
    left = [one for mark in marks for one in _still_derived(str(mark), at(before, mark), at(after, mark))]
    if left == marks:
        return after, []
    return placed(after, {"/derived": left or MISSING})


def _still_derived(mark: str, before: Any, after: Any) -> Iterator[str]:
    """The mark itself, or those of the parts that stayed as they were; none where nothing did."""
    if before == after:
        yield mark
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from (mark + pointer_to([name]) for name, value in before.items() if after.get(name, MISSING) == value)


def with_short_marks(text: bytes) -> bytes:
    """The text of a record in which the list of what was derived takes few lines: nobody needs to read it."""
    found = read(text)
    marks = found.get("derived") if isinstance(found, dict) else None
    if not isinstance(marks, list):
        return text
    line = "\n  ".join(
        textwrap.wrap(f"derived: [{', '.join(str(one) for one in marks)}]", WIDTH, break_on_hyphens=False)
    )
    short = _DERIVED.sub(lambda _: f"{line}\n".encode(), text, count=1)
    return short if read(short) == found else text
