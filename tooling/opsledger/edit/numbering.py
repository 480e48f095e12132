"""Ids for new records, and the file that an id belongs in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from opsledger.canonical import digest
from opsledger.errors import Refused
from opsledger.kind import Kind
from opsledger.yamlfile import MISSING, at

LONGEST = 48


def next_id(kind: Kind, data: Mapping[str, Any], *, taken: Collection[str], year: int) -> str:
    """
    Return an id that nobody has.

    Args:
        kind: of the record.
        data: the record so far; ids are made from its title or from all of it.
        taken: the ids that exist, here and on the base branch.
        year: of the new record.

    Raises:
        Refused: its title makes no id.
    """
    match kind.ids:
        case "numbered":
            return _numbered(kind, taken, year)
        case "machine":
            return _from_content(kind, data, taken, year)
        case _:
            return _named(kind, data, taken)


def _numbered(kind: Kind, taken: Collection[str], year: int) -> str:
    """Return one past the highest number of the year; a gap is never filled, for somebody may remember its id."""
    pattern = re.compile(rf"{re.escape(kind.prefix)}-{year}-([0-9]+)")
    numbers = [int(found[1]) for other in taken if (found := pattern.fullmatch(other))]
    return f"{kind.prefix}-{year}-{max(numbers, default=0) + 1:04d}"


def _from_content(kind: Kind, data: Mapping[str, Any], taken: Collection[str], year: int) -> str:
    """Return an id that two machines make alike from alike content."""
    fingerprint = digest(dict(data)).removeprefix("sha256:")
    for size in range(8, len(fingerprint)):
        candidate = f"{kind.prefix}-{year}-{fingerprint[:size]}"
        if candidate not in taken:
            return candidate
    raise Refused(f"a {kind.name} with exactly this content exists already")


def _named(kind: Kind, data: Mapping[str, Any], taken: Collection[str]) -> str:
    """Return the title as an id, with a number behind it where it is taken."""
    title = at(data, kind.title_pointer)
    name = slug(title) if isinstance(title, str) else ""
    if not name:
        raise Refused(f"no id follows from the {kind.title.lower()}'s title", "name it with --id")
    start = f"{kind.prefix}-{name}" if kind.prefix else name
    number, candidate = 2, start
    while candidate in taken:
        number, candidate = number + 1, f"{start}-{number}"
    return candidate


def slug(title: str) -> str:
    """Return a title as lower-case ASCII words with hyphens between, cut at a word's end."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        name = longer
    return name


def path_for(kind: Kind, id: str, data: Mapping[str, Any]) -> str:
    """
    Return where a record's file belongs.

    Raises:
        Refused: the id cannot be the name of a file.
    """
    name = id if kind.id_from in {"/id", "path"} else slug(id)
    if not name or name.startswith((".", "-")) or re.search("[\x00-\x1f\x7f\\\\:\ud800-\udfff]", name) or ".." in name:
        raise Refused(f"{id!r} cannot be the name of a file", "name it with letters, digits and hyphens")
    if "/" in name and kind.id_from != "path":
        raise Refused(f"{id!r} cannot be the name of a file", "leave out the slash")
    return "/".join(part for part in (kind.folder, _shard(kind, id, data), f"{name}.yaml") if part)


def _shard(kind: Kind, id: str, data: Mapping[str, Any]) -> str:
    """Return the sub-folder that a record's file belongs in, or nothing."""
    if kind.shards == "year":
        found = re.match(r"[A-Z]+-([0-9]{4})-", id)
        return found[1] if found else ""
    value = at(data, kind.shards) if kind.shards else MISSING
    if isinstance(value, str) and value and "/" not in value and not value.startswith("."):
        return value
    return ""
