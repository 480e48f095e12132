"""Addresses of pages: no id, however odd, leads a file out of the site or onto another's page."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9])?")
_OTHER = re.compile(r"[^A-Za-z0-9_]+")

# Names that a page of ours has, and names that Windows keeps for devices: an unpacked site must work there too.
_TAKEN = frozenset({"index", "con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


def slugs(names: Iterable[str]) -> Mapping[str, str]:
    """
    A file name for each name, without its suffix.

    Plain names stay as they are. All others, and names that a file system blind to case would take for
    the same, get a piece of their own digest, so that the answer hangs on the names alone.

    Returns:
        Name to slug; no two slugs are equal, whatever their case.
    """
    wanted = sorted(set(names))
    spoken = Counter(name.casefold() for name in wanted)
    marked = {name: _marked(name) for name in wanted}
    claimed = {slug.casefold() for slug in marked.values()}
    chosen = {
        name: name
        if _is_plain(name) and spoken[name.casefold()] == 1 and name.casefold() not in claimed
        else marked[name]
        for name in wanted
    }
    if len({slug.casefold() for slug in chosen.values()}) < len(chosen):
        return {name: f"x-{_digest(name)}" for name in wanted}
    return chosen


def slug(name: str) -> str:
    """The slug of one name that has no neighbours, such as a kind or a rule."""
    return slugs([name])[name]


def _is_plain(name: str) -> bool:
    stem = name.partition(".")[0].casefold()
    return bool(_PLAIN.fullmatch(name)) and ".." not in name and stem not in _TAKEN and not _paged(name)


def _paged(name: str) -> bool:
    """Whether a list's own further pages could be called so."""
    return name.casefold().startswith("index-")


def _marked(name: str) -> str:
    return f"{_OTHER.sub('-', name.encode('ascii', 'ignore').decode()).strip('-')[:60] or 'x'}-{_digest(name)[:12]}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
