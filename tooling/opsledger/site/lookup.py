"""The index behind the search box: ids, titles and kinds alone, in pieces that a page loads when somebody types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from opsledger.kind import Kind
from opsledger.rules.register import Rule
from opsledger.site.atlas import Entry, home
from opsledger.site.press import Press
from opsledger.site.slugs import slug
from opsledger.site.text import opening, reveal

PIECE = 4000
_LONGEST = 90
_HEADING = re.compile(r"^(#{1,2}) +(.+?)(?: *\{[^}]*\})?$", re.MULTILINE)
_MARKUP = re.compile(r"[`*]")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)

Found = tuple[str, str, str, str, str]
"""What a reader may look for: id, title, state, the word for its sort, and the address without suffix."""


def of_records(entries: Iterable[Entry]) -> Iterator[Found]:
    """What the index says of records."""
    for entry in entries:
        title = reveal(entry.title[:_LONGEST]) if entry.title != entry.id else ""
        yield reveal(entry.id), title, entry.state, entry.kind, entry.address


def of_kinds(kinds: Iterable[Kind]) -> Iterator[Found]:
    """What the index says of kinds: the list of each, and its page in the reference."""
    for kind in kinds:
        yield opening(kind.plural), "all of them", "", "list", f"{home(kind)}/index"
        yield kind.title, "how this kind works", "", "kind", f"kinds/{slug(kind.name)}"


def of_rules(rules: Iterable[Rule]) -> Iterator[Found]:
    """What the index says of rules."""
    return (
        (rule.code, _MARKUP.sub("", rule.title.removesuffix(".")), "", "rule", f"rules/{slug(rule.code)}")
        for rule in rules
    )


def of_guide(sources: Mapping[str, bytes]) -> Iterator[Found]:
    """What the index says of the hand-written pages: each page and each of its chapters."""
    for path in sorted(sources):
        if not path.startswith("pages/") or not path.endswith(".md"):
            continue
        address, page = path.removeprefix("pages/").removesuffix(".md"), ""
        for mark, words in _HEADING.findall(_FENCED.sub("", sources[path].decode())):
            heading = _MARKUP.sub("", words)
            page = page or heading
            yield (
                heading,
                "" if mark == "#" else page,
                "",
                "guide",
                address if mark == "#" else f"{address}#{_anchor(heading)}",
            )


def write(found: Iterable[Found], press: Press) -> int:
    """
    Write the index in pieces, as scripts: a browser loads a script from a disk, but no JSON.

    Returns:
        How many pieces there are.
    """
    piece: list[Found] = []
    count = 0
    for one in found:
        piece.append(one)
        if len(piece) == PIECE:
            _put(piece, count, press)
            piece, count = [], count + 1
    if piece or not count:
        _put(piece, count, press)
        count += 1
    return count


def _put(piece: list[Found], number: int, press: Press) -> None:
    """Addresses that follow from kind and id are left out, which halves the index."""
    rows = [
        [name, title, state, sort, "" if address == f"records/{sort}/{name}" else address]
        for name, title, state, sort, address in piece
    ]
    text = json.dumps(rows, separators=(",", ":")).replace("<", "\\u003c")
    press.put(f"assets/index-{number}.js", f"opsledgerIndex({number},{text});\n".encode())


def _anchor(heading: str) -> str:
    """The anchor that the theme gives a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
