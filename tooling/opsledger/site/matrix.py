"""Releases and problems against each other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsledger.ledger import Ledger
from opsledger.site.atlas import Atlas, Entry

_COLUMNS = 40
_NUMBERS = re.compile(r"[0-9]+|[^0-9]+")
_MINOR = re.compile(r"[0-9]+\.[0-9]+")
# What a link, or a version that is cited, says of a release and a problem; other fields say nothing of the two.
_WORDS = {
    "fixes": "fixes",
    "fixed_in": "fixes",
    "known_problems": "known",
    "affected_versions": "known",
    "introduced_by": "known",
    "blocks": "waits",
}

Cell = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Head:
    """A column: a release, or all releases of a minor version."""

    name: str
    version: str
    href: str
    hint: str


@dataclass(frozen=True)
class Matrix:
    """
    Releases and problems against each other.

    Args:
        rows: a problem, and a cell for each column: its words, each with how many releases say so. Problems of the
            newest release come first.
        grouped: whether a column stands for all releases of a minor version.
        releases: how many releases are in it.
        facts: all that it says, one by one.
    """

    heads: tuple[Head, ...]
    rows: tuple[tuple[Entry, tuple[Cell, ...]], ...]
    grouped: bool
    releases: int
    facts: tuple[tuple[str, str, str], ...]


def matrix(ledger: Ledger, atlas: Atlas) -> Matrix:
    """Which release fixes which problem, which goes out with it known, and which must wait for it."""
    facts = tuple(sorted({*_facts(ledger), *_facts_by_version(ledger)}, key=lambda fact: (natural(fact[0]), fact[1:])))
    releases = {release for release, _, _ in facts}
    versions = dict(_versions(ledger))
    grouped = len(releases) > _COLUMNS
    columns = {release: _minor(versions.get(release, release)) if grouped else release for release in releases}
    cells: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for release, problem, word in facts:
        cells[problem][columns[release]][word] += 1
    order = sorted(set(columns.values()), key=lambda name: natural(versions.get(name) or name), reverse=True)
    rows = [
        (entry, tuple(_cell(cells[problem].get(column, {}), grouped) for column in order))
        for problem in sorted(cells, key=natural, reverse=True)
        if (entry := atlas.find(problem)) is not None
    ]
    rows.sort(key=lambda row: next(at for at, cell in enumerate(row[1]) if cell))
    heads = tuple(_head(name, atlas, versions, grouped) for name in order)
    return Matrix(heads, tuple(rows), grouped, len(releases), facts)


def _facts(ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    """Release, problem and what one says of the other, from links in either direction."""
    query = (
        "SELECT s.id, edge.pointer, t.id FROM edge JOIN record s ON s.number = edge.record "
        "JOIN record t ON t.id = edge.target WHERE s.kind = ? AND t.kind = ?"
    )
    for source, pointer, target in ledger.database.execute(query, ("release", "problem")):
        if word := _word(pointer):
            yield source, target, word
    for source, pointer, target in ledger.database.execute(query, ("problem", "release")):
        if word := _word(pointer):
            yield target, source, word


def _facts_by_version(ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    """The same from versions that problems cite and releases declare."""
    query = (
        "SELECT r.id, p.id, citation.pointer FROM citation "
        "JOIN record p ON p.number = citation.record AND p.kind = 'problem' "
        "JOIN declaration d ON d.space = citation.space AND d.value = citation.value "
        "JOIN record r ON r.number = d.record AND r.kind = 'release'"
    )
    for release, problem, pointer in ledger.database.execute(query):
        if word := _word(pointer):
            yield release, problem, word


def _word(pointer: str) -> str | None:
    return _WORDS.get(pointer.split("/")[1])


def _versions(ledger: Ledger) -> Iterator[tuple[str, str]]:
    query = (
        "SELECT r.id, d.value FROM declaration d JOIN record r ON r.number = d.record "
        "WHERE r.kind = 'release' AND d.space = 'version' ORDER BY r.id, d.value DESC"
    )
    yield from ledger.database.execute(query)


def _minor(version: str) -> str:
    found = _MINOR.search(version)
    return found[0] if found else version


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts 4.9 before 4.10."""
    return [(1, int(part[:18]), "") if part[0] in "0123456789" else (0, 0, part) for part in _NUMBERS.findall(text)]


def _cell(words: Mapping[str, int], grouped: bool) -> Cell:
    return tuple((word, str(count) if grouped else "") for word, count in sorted(words.items()))


def _head(name: str, atlas: Atlas, versions: Mapping[str, str], grouped: bool) -> Head:
    entry = None if grouped else atlas.find(name)
    if entry is None:
        return Head(name, "", "", f"all releases of {name}")
    return Head(name, versions.get(name, ""), entry.href, entry.title)
