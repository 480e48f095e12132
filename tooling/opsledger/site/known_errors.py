"""Known errors: problems of which users and staff are told how they show and what to do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from opsledger.site.atlas import Entry, badge
from opsledger.site.text import prose


@dataclass(frozen=True)
class KnownError:
    """A problem whose cause or way around is written down."""

    entry: Entry
    badge: Markup
    symptom: Markup
    cause: Markup
    workaround: Markup
    affected: tuple[str, ...]
    fixed: tuple[str, ...]
    severity: str


def known_error(entry: Entry, data: Mapping[str, Any]) -> KnownError | None:
    """What the page of known errors says of a problem; `None` where no known error is written."""
    section = data.get("known_error")
    if not isinstance(section, Mapping):
        return None
    return KnownError(
        entry,
        badge(entry.state, entry.standing),
        _words(section, "symptom", "symptoms"),
        _words(data.get("root_cause"), "cause"),
        _words(section, "workaround", "workarounds"),
        tuple(_cited(data.get("affected_versions"))),
        tuple(_cited(data.get("fixed_in"))),
        str(data.get("severity", "")),
    )


def _words(section: Any, *names: str) -> Markup:
    if not isinstance(section, Mapping):
        return Markup("")
    return Markup("").join(prose(text) for name in names for text in _texts(section.get(name)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _cited(value: Any) -> Iterator[str]:
    """Versions in a list of texts or of mappings that hold a version."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            found = item.get("version") or item.get("versions") or item.get("range")
            yield from [found] if isinstance(found, str) else _cited(found)
