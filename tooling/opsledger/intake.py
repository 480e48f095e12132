"""Files of a snapshot turned into rows: the part of loading that runs once for each new file content."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opsledger.cache import INDEXES, forget
from opsledger.finding import Fault, Progress
from opsledger.kind import Kind, Kinds, Reference
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read
from opsledger.yamlfile.pointers import at

SUFFIX = ".yaml"
BATCH = 1000

RecordJudge = Callable[[Kind, str, str, str | None, dict[str, Any]], Iterable[Fault]]


@dataclass
class _Rows:
    """Rows that wait to be written, by table."""

    record: list[tuple[Any, ...]] = field(default_factory=list)
    alias: list[tuple[Any, ...]] = field(default_factory=list)
    edge: list[tuple[Any, ...]] = field(default_factory=list)
    citation: list[tuple[Any, ...]] = field(default_factory=list)
    declaration: list[tuple[Any, ...]] = field(default_factory=list)
    fault: list[tuple[Any, ...]] = field(default_factory=list)

    def flush(self, database: sqlite3.Connection) -> None:
        """Write what waits, and start anew."""
        for table, rows in vars(self).items():
            if rows:
                places = ", ".join("?" * len(rows[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
                rows.clear()


@dataclass
class Intake:
    """One run over a snapshot that brings the tables up to it."""

    database: sqlite3.Connection
    snapshot: Snapshot
    kinds: Kinds
    judge: RecordJudge
    _rows: _Rows = field(default_factory=_Rows)

    def run(self, progress: Progress) -> int:
        """Read what the tables do not know yet; returns the number of files read."""
        stored = self.database.execute("SELECT number, path, blob FROM record").fetchall()
        known = {path: blob for _, path, blob in stored}
        wanted = self._wanted()
        if known:
            forget(self.database, (number for number, path, blob in stored if wanted.get(path) != blob))
        waiting = sorted(path for path, blob in wanted.items() if known.get(path) != blob)
        # What is made here lives until the end or dies at once; looking for cycles in it is a tenth of the time.
        gc.disable()
        try:
            self._read(waiting, max((number for number, _, _ in stored), default=0) + 1, wanted, progress)
        finally:
            gc.enable()
        if not known:
            for statement in INDEXES.strip().split(";\n"):
                self.database.execute(statement)
        return len(waiting)

    def _wanted(self) -> dict[str, str]:
        """The files that are records, with their blobs."""
        of_path = self.kinds.of_path
        return {path: blob for path, blob in self.snapshot.files.items() if path.endswith(SUFFIX) and of_path(path)}

    def _read(self, paths: Sequence[str], first: int, blobs: Mapping[str, str], progress: Progress) -> None:
        numbers = self._numbers() if paths else {}
        for number, (path, source) in enumerate(self.snapshot.read_many(paths), first):
            kind = self.kinds.of_path(path)
            if kind is not None:
                self._take(number, path, blobs[path], kind, source, numbers)
            if number % BATCH == 0:
                self._rows.flush(self.database)
                progress(number - first, len(paths), "records")
        self._rows.flush(self.database)

    def _numbers(self) -> dict[tuple[str, str, str], int]:
        """The numbers of the schemas' references, by kind, pattern and name."""
        select = "SELECT kind, at, relation, number FROM reference"
        if not self.database.execute("SELECT 1 FROM reference").fetchone():
            rows = [(kind.name, *_reference_row(reference)) for kind in self.kinds.values() for reference in kind.references]
            self.database.executemany("INSERT INTO reference VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return {row[:3]: row[3] for row in self.database.execute(select)}

    def _take(
        self, number: int, path: str, blob: str, kind: Kind, source: bytes | None, numbers: Mapping[tuple[str, str, str], int]
    ) -> None:
        stem = path.rpartition("/")[2].removesuffix(SUFFIX)
        found = read(source) if source is not None else _vanished()
        if isinstance(found, Unreadable):
            id = stem if kind.id_from != "path" else _id_by_path(kind, path)
            self._rows.record.append((number, path, blob, id, kind.name, None, "", 0, False))
            self._rows.fault.append((number, "SCH009", "", found.line, found.column, found.message, found.fix, False))
            return
        id = id_of(kind, path, found)
        state = kind.state_of(found)
        done = bool(kind.lifecycle and state in kind.lifecycle.done)
        title = at(found, kind.title_pointer)
        self._rows.record.append((number, path, blob, id, kind.name, state, title if isinstance(title, str) else "", done, True))
        if stem != id and kind.id_from == "/id":
            self._rows.alias.append((number, stem))
        self._mark(number, kind, found, numbers)
        for fault in [*kind.faults(found, id), *self.judge(kind, path, id, state, found)]:
            row = (number, fault.code, fault.pointer, None, None, fault.message, fault.fix, fault.on_key)
            self._rows.fault.append(row)

    def _mark(self, number: int, kind: Kind, data: dict[str, Any], numbers: Mapping[tuple[str, str, str], int]) -> None:
        rows = self._rows
        for pointer, text, mark in kind.marks(data):
            if mark.reference is not None:
                target, _, fragment = text.partition("#")
                key = (kind.name, mark.reference.at, mark.reference.name)
                rows.edge.append((number, pointer, numbers[key], target, fragment))
            elif mark.sort == "cites":
                rows.citation.append((number, pointer, mark.space, text))
            else:
                rows.declaration.append((number, mark.space, text))


def id_of(kind: Kind, path: str, data: Mapping[str, Any]) -> str:
    """The id of a record: what its field says, or its file's name where that says nothing usable."""
    if kind.id_from == "path":
        return _id_by_path(kind, path)
    stated = at(data, kind.id_from)
    return stated if isinstance(stated, str) and stated else path.rpartition("/")[2].removesuffix(SUFFIX)


def _id_by_path(kind: Kind, path: str) -> str:
    return path.removeprefix(f"{kind.folder}/").removesuffix(SUFFIX)


def _reference_row(reference: Reference) -> tuple[Any, ...]:
    return (
        reference.at,
        " ".join(reference.kinds),
        reference.name,
        reference.inverse,
        reference.role,
        reference.mirror,
        reference.mirror_required,
        reference.acyclic,
    )


def _vanished() -> Unreadable:
    return Unreadable(1, 1, "this file went away or could not be opened while it was read", "run the check again, or make the file readable")
