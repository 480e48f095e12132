"""HTML that a system exports as a description, as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class _Plain(HTMLParser):
    """Keeps the text of a fragment, with a line for each block."""

    _BLOCKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"})
    _SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in self._SILENT
        if tag in self._BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self._SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def plain_text(fragment: str) -> str:
    """The words of an HTML fragment, a line for each block."""
    reader = _Plain()
    reader.feed(fragment)
    reader.close()
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(reader.texts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
