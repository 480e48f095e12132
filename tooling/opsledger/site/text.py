"""Words of a record as HTML that cannot act; markdown-it lives here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

# Characters that draw nothing, turn the reading direction or end a line where nobody sees it.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WEB = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
_MARKS = re.compile(r"[\\`*_\[\]<&!]|^\s*(?:[-+#>=~]|[0-9]+[.)])|^(?: {4}|\t)|  $", re.MULTILINE)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})")

OUTWARD = Markup('rel="noopener noreferrer nofollow"')


def reveal(text: str) -> str:
    """The text with each hidden character shown as its code point, such as `⟨U+202E⟩`."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


def turns(text: str) -> bool:
    """Whether the text holds characters that turn the reading direction."""
    return not text.isascii() and bool(_TURNING.search(text))


def safe(text: object) -> Markup:
    """Any text of a record, as it stands in a page or in an attribute."""
    return escape(reveal(str(text)))


def markup(template: str, *values: object, **named: object) -> Markup:
    """
    HTML from a template of ours, in which every value is escaped that is not HTML already.

    It says what `Markup.format` says, ten times as fast: that one is written in Python.
    """
    shown = [value if type(value) is Markup else escape(value) for value in values]
    if not named:
        return Markup(template.format(*shown))  # noqa: S704 - all values are escaped
    called = {name: value if type(value) is Markup else escape(value) for name, value in named.items()}
    return Markup(template.format(*shown, **called))  # noqa: S704 - all values are escaped


def finish(value: object) -> object:
    """What a template prints: text is revealed first, what is already HTML passes."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else reveal(value)


def prose(text: str) -> Markup:
    """
    A longer text of a record, read as CommonMark.

    HTML in it stays text, links lead only to web and mail addresses, pictures are named and never loaded,
    and headings get no place among the headings of the page.
    """
    shown = reveal(text).strip("\n")
    if not _MARKS.search(shown):
        return Markup("").join(markup("<p>{}</p>", part) for part in re.split(r"\n\s*\n", shown) if part)
    return Markup(_commonmark().render(shown))  # noqa: S704 - the parser escapes; its HTML input is off


def web_link(text: str) -> Markup | None:
    """A link, where the whole text is a web address that may be followed; otherwise `None`."""
    if not _WEB.fullmatch(text):
        return None
    return markup('<a class="out" href="{0}" {1}>{0}</a>', reveal(text), OUTWARD)


def moment(text: str) -> Markup | None:
    """A time of a record in UTC, with the original where that says it otherwise; `None` if it is no time."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    beside = "" if text.endswith(("Z", "+00:00")) else markup(' <small class="as-written">written {}</small>', text)
    return markup('<time datetime="{0}" title="{0}">{1}</time>{2}', text, minute(when), beside)


def opening(words: str) -> str:
    """Words as they stand at the start of a line: the first letter large, all others as they are."""
    return f"{words[:1].upper()}{words[1:]}"


def minute(when: datetime) -> str:
    """A time as people read it, in UTC and to the minute."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@cache
def _commonmark() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    parser.validateLink = lambda url: bool(_SAFE_LINK.match(url))  # type: ignore[method-assign]  # the library's way
    for name, rule in {
        "image": _picture,
        "heading_open": _heading_open,
        "heading_close": _heading_close,
        "link_open": _link_open,
        "fence": _code,
        "code_block": _code,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


def _picture(_: RendererHTML, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
    address = tokens[at].attrs.get("src", "")
    return markup('<span class="picture">picture not loaded: {} ({})</span>', tokens[at].content, address)


def _heading_open(*_: Any) -> str:
    return '<p class="said-heading">'


def _heading_close(*_: Any) -> str:
    return "</p>\n"


def _link_open(_: RendererHTML, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
    return markup('<a class="out" href="{}" {}>', tokens[at].attrs.get("href", ""), OUTWARD)


def _code(_: RendererHTML, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
    return markup('<pre class="said-code"><code>{}</code></pre>\n', tokens[at].content)
