"""The schema files of a ledger side by side: what a `$ref` leads to, and what a pointer finds declared."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from opsledger.finding import Fault
from opsledger.kind.fragments import Schema
from opsledger.yamlfile.pointers import parts, pointer

CODE = "SCH011"
COMMON = "common.json"

_REFERENCE = re.compile(r"(common\.json)?#/\$defs/([A-Za-z][A-Za-z0-9_-]*)")


class Spot(NamedTuple):
    """A subschema, and the file that it stands in."""

    file: str
    stated: Schema


@dataclass(frozen=True)
class Shelf:
    """
    The schema files that hold together.

    Args:
        schemas: file name to schema, of the files that can be read.
        unreadable: names of the others.
        own: names of the files that stand in the ledger itself.
        unclear: files whose fields cannot be told, because their structure is at fault.
    """

    schemas: Mapping[str, Schema]
    unreadable: frozenset[str]
    own: frozenset[str]
    unclear: set[str] = field(default_factory=set)

    @property
    def kind_files(self) -> list[str]:
        """All files that are to be kinds, whether they can be read or not."""
        return sorted({*self.schemas, *self.unreadable} - {COMMON})

    def is_clear(self, file: str) -> bool:
        """Whether what a file declares can be told, shared definitions included."""
        return not self.unclear & {file, COMMON} and not self.unreadable & {file, COMMON}

    def target(self, file: str, reference: Any) -> tuple[str, str, Schema] | None:
        """File, name and schema of the definition that a `$ref` leads to, or `None` where it leads nowhere."""
        match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
        if match is None:
            return None
        holder, name = match[1] or file, match[2]
        definitions = self.schemas.get(holder, {}).get("$defs")
        found = definitions.get(name) if isinstance(definitions, dict) else None
        return (holder, name, found) if isinstance(found, dict) else None

    def same_value(self, spot: Spot) -> Iterator[Spot]:
        """A subschema and all others that declare the very same value, through references and branches."""
        waiting, seen = [spot], set()
        while waiting:
            here = waiting.pop(0)
            if id(here.stated) in seen:
                continue
            seen.add(id(here.stated))
            yield here
            if "$ref" in here.stated and (target := self.target(here.file, here.stated["$ref"])) is not None:
                waiting.append(Spot(target[0], target[2]))
            waiting += [Spot(here.file, branch) for branch in _branches(here.stated)]

    def inner(self, spots: Iterable[Spot], part: str) -> list[Spot]:
        """What is declared one step further down: a field's name, or `*` for each entry."""
        found: list[Spot] = []
        for same in (same for spot in spots for same in self.same_value(spot)):
            found += [Spot(same.file, stated) for stated in _declared(same.stated, part) if isinstance(stated, dict)]
        return found

    def names(self, spots: Iterable[Spot]) -> list[str]:
        """The fields that are declared below some subschemas."""
        stated = [same.stated.get("properties") for spot in spots for same in self.same_value(spot)]
        return [name for properties in stated if isinstance(properties, dict) for name in properties]

    def values(self, spots: Iterable[Spot]) -> list[Any] | None:
        """The values that are allowed, or `None` where they are not a closed list."""
        found: list[Any] = []
        for spot in spots:
            lists = [same.stated["enum"] for same in self.same_value(spot) if isinstance(same.stated.get("enum"), list)]
            if not lists:
                return None
            found += [value for listed in lists for value in listed]
        return found or None

    def trace(self, file: str, pattern: str) -> tuple[list[Spot], str | None]:
        """
        Follow a pointer pattern through what a kind declares.

        Returns:
            What is declared there, and `None`; or nothing, and the nearest pattern that is declared
            (the empty text where there is none).
        """
        spots = [Spot(file, self.schemas[file])]
        walked: list[str] = []
        for part in parts(pattern):
            further = self.inner(spots, part)
            if not further:
                return [], self._nearest(spots, walked, pattern)
            spots = further
            walked.append(part)
        return spots, None

    def _nearest(self, spots: list[Spot], walked: list[str], pattern: str) -> str:
        wanted = parts(pattern)
        near = closest(wanted[len(walked)], self.names(spots))
        if near is None:
            return ""
        corrected = pointer([*walked, near, *wanted[len(walked) + 1 :]])
        return corrected if corrected != pattern else ""


def _branches(stated: Schema) -> Iterator[Schema]:
    """Branches that may declare something: beside fields or values of its own, a branch can only narrow those."""
    if {"properties", "enum", "const"} & stated.keys() or stated.get("additionalProperties") is False:
        return
    for keyword in ("allOf", "anyOf", "oneOf"):
        inner = stated.get(keyword)
        yield from (branch for branch in (inner if isinstance(inner, list) else ()) if isinstance(branch, dict))
    for keyword in ("then", "else"):
        if isinstance(branch := stated.get(keyword), dict):
            yield branch


def _declared(stated: Schema, part: str) -> Iterator[Any]:
    properties = stated.get("properties")
    if isinstance(properties, dict) and part in properties:
        yield properties[part]
        return
    if part == "*" or part.isdigit():
        yield stated.get("items")
    yield stated.get("additionalProperties")
    patterned = stated.get("patternProperties")
    if isinstance(patterned, dict):
        yield from patterned.values()


def closest(name: Any, known: Iterable[Any]) -> str | None:
    """The known name that a misspelt one is nearest to; a name that is merely similar is none."""
    texts = [str(one) for one in known]
    swapped = [one for one in texts if sorted(one) == sorted(str(name))]  # too short a word is similar to nothing
    near = swapped or difflib.get_close_matches(str(name), texts, n=1, cutoff=0.65)
    return near[0] if near else None


def correction(name: Any, known: Iterable[Any], otherwise: str) -> str:
    """What to do about an unknown name."""
    near = closest(name, known)
    return f"write {near}" if near else otherwise


def listed(names: Iterable[Any], most: int = 12) -> str:
    """Some names, separated by commas."""
    texts = [str(name) for name in names]
    return ", ".join(texts[:most]) + (" …" if len(texts) > most else "")


def fault(at: str, message: str, fix: str, *, on_key: bool = False) -> Fault:
    """A fault of a schema file."""
    return Fault(at, CODE, message, fix, on_key=on_key)
