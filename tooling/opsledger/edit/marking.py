"""The marks at what nobody typed, in as few lines as they take."""

from __future__ import annotations

import re
import textwrap

from opsledger.yamlfile import read

WIDTH = 100
_DERIVED = re.compile(rb"^derived:\n(?:  - [^\n]*\n)+", re.MULTILINE)


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
