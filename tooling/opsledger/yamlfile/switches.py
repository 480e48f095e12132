"""Comments that are to switch a checker off, found in the text of a YAML file."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SWITCH = re.compile(
    rb"#[ \t]*((?:noqa|nosec|nolint)\b|opsledger[ \t]*:[ \t]*(?:ignore|skip|disable|off|allow|waive|suppress|noqa)"
    rb"|(?:ignore|disable|skip|suppress|waive)[ \t:=-]+[A-Z]{3}[0-9]{3}\b)[^\r\n]*",
    re.IGNORECASE,
)


def switches(source: bytes, found: object) -> Iterator[tuple[int, int, str]]:
    """
    The comments of a file that read as if they switched a rule off.

    What stands in a text is no comment: taking it away changes what the file says.

    Args:
        found: what the file says.

    Yields:
        Line and column, counted from 1, and the comment.
    """
    if b"#" not in source:
        return
    for match in _SWITCH.finditer(source):
        start = match.start()
        if start and source[start - 1 : start] not in (b" ", b"\t", b"\n", b"\r"):
            continue
        from opsledger.yamlfile import read

        if read(source[:start] + source[match.end() :]) == found:
            line = source.count(b"\n", 0, start) + 1
            before = source[source.rfind(b"\n", 0, start) + 1 : start]
            column = len(before.decode("utf-8", "replace")) + 1
            yield line, column, match[0].decode("utf-8", "replace").strip()
