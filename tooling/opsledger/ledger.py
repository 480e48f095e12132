"""All records at a snapshot: their ids, states and links as tables, their content on demand."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsledger import cache as caching
from opsledger.errors import NoSuchKind, NoSuchRecord
from opsledger.finding import Fault, Finding, Place, Progress, silent
from opsledger.intake import Intake
from opsledger.kind import Kind, Kinds, Reference
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read
from opsledger.yamlfile.pointers import at

if TYPE_CHECKING:
    from opsledger.yamlfile import Located

Judge = Callable[["Record", Mapping[str, Any]], Iterable[Fault]]
"""What is asked of a record while its content is at hand: faults that depend on the record alone."""

_COLUMNS = "path, blob, id, kind, state, title, readable"


def nobody(_: Record, __: Mapping[str, Any]) -> Iterable[Fault]:
    """The judge that finds nothing."""
    return ()


@dataclass(frozen=True)
class Link:
    """
    One record naming another.

    Args:
        source: the id of the record in which it stands.
        pointer: where in it.
        target: the id that is named; no record of that id need exist.
        fragment: what stands behind `#` in the value, or empty.
        reference: the schema's statement behind it.
    """

    source: str
    pointer: str
    target: str
    fragment: str
    reference: Reference = field(repr=False)


@dataclass(frozen=True)
class Record:
    """One YAML file about one thing."""

    id: str
    kind: Kind = field(repr=False, compare=False)
    path: str
    blob: str = field(repr=False)
    state: str | None
    title: str
    snapshot: Snapshot = field(repr=False, compare=False)
    is_readable: bool = True

    @cached_property
    def data(self) -> dict[str, Any]:
        """What the file says; empty where it cannot be read."""
        found = read(self.snapshot.read(self.path))
        return {} if isinstance(found, Unreadable) else found

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a top-level field."""
        return self.data.get(key, default)

    def items(self, pointer: str) -> Iterator[tuple[str, Any]]:
        """Each value of the list or mapping at a pointer, with its own pointer; nothing where there is none."""
        found = at(self.data, pointer)
        if isinstance(found, dict):
            yield from (
                (f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", value) for key, value in found.items()
            )
        elif isinstance(found, list):
            yield from ((f"{pointer}/{index}", value) for index, value in enumerate(found))

    def place(self, pointer: str = "", *, on_key: bool = False) -> Place:
        """Where the value at a pointer, or the key that leads to it, stands in the file."""
        return place_in(self.snapshot, self.path, pointer, on_key=on_key)


def place_in(snapshot: Snapshot, path: str, pointer: str, *, on_key: bool = False) -> Place:
    """Where a pointer leads in a file of a snapshot; the file's first character where it leads nowhere."""
    located = _located(snapshot.read(path))
    if located is None:
        return Place(path)
    return Place(path, *(located.key_at(pointer) if on_key else located.value_at(pointer)))


@lru_cache(maxsize=64)
def _located(data: bytes) -> Located | None:
    from opsledger.yamlfile import read_exact  # only findings need lines

    found = read_exact(data)
    return None if isinstance(found, Unreadable) else found


@dataclass(frozen=True, eq=False)
class Ledger:
    """
    All records of a snapshot, read under the schemas of `kinds`.

    `database` holds the tables that `cache` describes: record, alias, edge, citation, declaration, fault and the
    view link; and near_record, near_edge and near_citation, from which rules start.

    Args:
        fresh: how many files were read anew.
        new_paths: the files that no sound run has looked at before.
        judged_by: the judge's records of the kinds that judge, by kind and id, where they are others than those that
            stand here; `find` and `of` then give these alone.
    """

    snapshot: Snapshot
    kinds: Kinds
    database: sqlite3.Connection = field(repr=False)
    fresh: int = 0
    new_paths: Collection[str] = ()
    judged_by: Mapping[str, Mapping[str, Record]] = field(default_factory=dict, repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether rules look at everything, and not only at what is near to something new."""
        return caching.is_whole(self.database)

    def under(self, judged_by: Mapping[str, Mapping[str, Record]]) -> Ledger:
        """The same ledger with the records that judge taken from the judge; see `judged_by`."""
        return replace(self, judged_by=judged_by) if judged_by else self

    def call_sound(self) -> None:
        """Note that every rule over the tables found nothing, so that the next run may start from what is new."""
        caching.call_sound(self.database)

    def record(self, id: str) -> Record:
        """
        The record of an id.

        Raises:
            NoSuchRecord: the ledger has none; it names the nearest id.
        """
        found = self.find(id)
        if found is None:
            near = difflib.get_close_matches(
                id, (row[0] for row in self.database.execute("SELECT id FROM record")), n=1
            )
            raise NoSuchRecord(id, near[0] if near else "")
        return found

    def find(self, id: str) -> Record | None:
        """The record of an id, or `None`."""
        judging = next((records[id] for records in self.judged_by.values() if id in records), None)
        if judging is not None:
            return judging
        rows = self.database.execute(f"SELECT {_COLUMNS} FROM record WHERE id = ? ORDER BY path LIMIT 1", (id,))
        found = next(self._records(rows), None)
        return None if found is not None and found.kind.name in self.judged_by else found

    def at_path(self, path: str) -> Record | None:
        """The record in a file, or `None`."""
        try:
            rows = self.database.execute(f"SELECT {_COLUMNS} FROM record WHERE path = ?", (path,))
        except UnicodeEncodeError:
            return None  # a name that is no UTF-8 is refused as such, and no record has it
        return next(self._records(rows), None)

    def records(self) -> Iterator[Record]:
        """All records, by kind and id."""
        return self._records(self.database.execute(f"SELECT {_COLUMNS} FROM record ORDER BY kind, id, path"))

    def of(self, kind: str) -> tuple[Record, ...]:
        """
        The records of a kind, by id.

        Raises:
            NoSuchKind: no schema defines it.
        """
        if kind not in self.kinds:
            near = difflib.get_close_matches(kind, self.kinds, n=1)
            raise NoSuchKind(kind, near[0] if near else "")
        if kind in self.judged_by:
            return tuple(record for _, record in sorted(self.judged_by[kind].items()))
        rows = self.database.execute(f"SELECT {_COLUMNS} FROM record WHERE kind = ? ORDER BY id, path", (kind,))
        return tuple(self._records(rows))

    def __len__(self) -> int:
        return int(self.database.execute("SELECT count(*) FROM record").fetchone()[0])

    def links(self, id: str) -> tuple[Link, ...]:
        """The links that stand in a record, in the order of its file."""
        rows = self.database.execute(
            "SELECT record.id, edge.pointer, edge.target, edge.fragment, edge.reference FROM record "
            "JOIN edge ON edge.record = record.number WHERE record.id = ? ORDER BY edge.rowid",
            (id,),
        )
        return tuple(self._link(row) for row in rows)

    def backlinks(self, id: str) -> tuple[Link, ...]:
        """The links of other records that name this one, by the naming record's kind and id."""
        rows = self.database.execute(
            "SELECT record.id, edge.pointer, edge.target, edge.fragment, edge.reference FROM edge "
            "JOIN record ON record.number = edge.record WHERE edge.target = ? "
            "ORDER BY record.kind, record.id, edge.rowid",
            (id,),
        )
        return tuple(self._link(row) for row in rows)

    def naming(self, id: str, kind: str, *, at: str = "*", is_open: bool = False) -> tuple[Record, ...]:
        """
        The records of a kind that name a record, by id.

        Args:
            at: where in them, as a pointer in which `*` stands for any text.
            is_open: only those whose work is not done.
        """
        rows = self.database.execute(
            # The plus keeps SQLite from going through all records of the kind.
            f"SELECT {_COLUMNS} FROM record WHERE +kind = ? AND (NOT ? OR NOT done) AND number IN "
            "(SELECT record FROM edge WHERE target = ? AND pointer GLOB ?) ORDER BY id, path",
            (kind, is_open, id, at),
        )
        return tuple(self._records(rows))

    def declaring(self, space: str, value: str, kind: str = "") -> tuple[Record, ...]:
        """
        The records that declare a value, as `x-declares` in their schema says: `package` digests, say; by kind and id.

        Args:
            kind: only those of this one.
        """
        rows = self.database.execute(
            f"SELECT {_COLUMNS} FROM record WHERE (? = '' OR +kind = ?) AND number IN "
            "(SELECT record FROM declaration WHERE value = ? AND space = ?) ORDER BY kind, id, path",
            (kind, kind, value, space),
        )
        return tuple(self._records(rows))

    @cached_property
    def in_doubt(self) -> frozenset[str]:
        """Ids of which nothing may be concluded: their file cannot be read, or two files claim them."""
        unreadable = self.database.execute("SELECT id FROM record WHERE NOT readable")
        claimed_twice = self.database.execute("SELECT id FROM record GROUP BY id HAVING count(*) > 1")
        return frozenset(row[0] for rows in (unreadable, claimed_twice) for row in rows)

    @cached_property
    def unreadable(self) -> Mapping[str, Finding]:
        """The files that cannot be read as records, with what is wrong."""
        rows = self.database.execute(
            "SELECT record.path, code, line, column, message, fix FROM fault "
            "JOIN record ON record.number = fault.record WHERE NOT record.readable ORDER BY record.path"
        )
        return {row[0]: Finding(Place(row[0], row[2] or 1, row[3] or 1), row[1], row[4], row[5]) for row in rows}

    @cached_property
    def references(self) -> Mapping[int, Reference]:
        """The schemas' statements behind links, by the number that the tables use."""
        rows = self.database.execute(
            "SELECT number, at, kinds, relation, inverse, role, mirror, mirror_required, acyclic FROM reference"
        )
        return {
            number: Reference(at, tuple(kinds.split()), name, inverse, role, mirror, bool(required), bool(acyclic))
            for number, at, kinds, name, inverse, role, mirror, required, acyclic in rows
        }

    def data_of(self, records: Iterable[Record]) -> Iterator[tuple[Record, dict[str, Any]]]:
        """The content of many records, read in one go; those that cannot be read are left out."""
        by_path = {}
        for record in records:
            if record.kind.name not in self.judged_by:
                by_path[record.path] = record
            elif record.is_readable:
                yield record, record.data
        for path, source in self.snapshot.read_many(list(by_path)):
            found = read(source) if source is not None else None
            if isinstance(found, dict):
                yield by_path[path], found

    def _records(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Record]:
        for path, blob, id, kind, state, title, readable in rows:
            yield Record(id, self.kinds[kind], path, blob, state, title, self.snapshot, bool(readable))

    def _link(self, row: tuple[Any, ...]) -> Link:
        return Link(row[0], row[1], row[2], row[3], self.references[row[4]])


def load(
    snapshot: Snapshot,
    kinds: Kinds,
    *,
    cache: Path | None = None,
    version: str = "",
    judge: Judge = nobody,
    progress: Progress = silent,
) -> Ledger:
    """
    Read the records of a snapshot into a ledger; unchanged files are not opened where a cache knows them.

    Args:
        cache: the file that keeps what was found, or `None`.
        version: what, beside the schemas, the cached findings depend on.
        judge: asked of each record that is read anew; must depend on the record alone.
    """
    database = caching.open_cache(cache, f"{version} {kinds.digest}")
    intake = Intake(database, snapshot, kinds, lambda *about: judge(_bare(snapshot, *about[:-1]), about[-1]))
    fresh, new_paths = intake.run(progress)
    caching.keep(database)
    return Ledger(snapshot, kinds, database, fresh, new_paths)


def _bare(snapshot: Snapshot, kind: Kind, path: str, id: str, state: str | None) -> Record:
    return Record(id, kind, path, "", state, "", snapshot)
