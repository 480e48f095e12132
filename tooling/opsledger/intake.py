"""Files of a snapshot turned into rows: the part of loading that runs once for each new file content."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from opsledger.cache import BY_RECORD, INDEXES, is_whole, look_near, start_anew
from opsledger.companion import Companion, is_worth_it
from opsledger.finding import Fault, Progress
from opsledger.kind import Kind, Kinds, Reference
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read
from opsledger.yamlfile.pointers import at
from opsledger.yamlfile.switches import switches

SUFFIX = ".yaml"
BATCH = 250
LONG = 1500
"""From how many files on a second process is worth its start."""

_NO_SWITCH = "take it away; what must be waived is waived by an exception: `opsledger new exception`"

Piece = tuple[int, str, str, bytes | None]
"""A file to take in: its record number, path, blob id and bytes, `None` where it cannot be read."""

Rows = dict[str, list[tuple[Any, ...]]]
"""Rows that wait to be written, by table."""

RecordJudge = Callable[[Kind, str, str, str | None, dict[str, Any]], Iterable[Fault]]


@dataclass
class Intake:
    """One run over a snapshot that brings the tables up to it."""

    database: sqlite3.Connection
    snapshot: Snapshot
    kinds: Kinds
    judge: RecordJudge

    def run(self, progress: Progress) -> tuple[int, Collection[str]]:
        """Read what the tables do not know yet; returns how many files that were, and the paths to look at."""
        known = dict(self.database.execute("SELECT path, blob FROM record"))
        files = self.snapshot.files
        gone = [path for path, blob in known.items() if files.get(path) != blob]
        fresh = {path: blob for path, blob in files.items() if known.get(path) != blob and self._is_record(path)}
        start_anew(self.database, gone, is_first=not known)
        first = self.database.execute("SELECT coalesce(max(number), 0) + 1 FROM record").fetchone()[0]
        # What is made here lives until the end or dies at once; looking for cycles in it is a tenth of the time.
        gc.disable()
        try:
            self._read(sorted(fresh), first, fresh, progress)
        finally:
            gc.enable()
        if not known:
            for statement in INDEXES.strip().split(";\n"):
                self.database.execute(statement)
        look_near(self.database, first)
        return len(fresh), files.keys() if is_whole(self.database) else files.keys() - known.keys()

    def _is_record(self, path: str) -> bool:
        """Whether a kind claims the file; names that are no text are refused by name, and no table could hold them."""
        return path.endswith(SUFFIX) and self.kinds.of_path(path) is not None and (path.isascii() or _is_utf8(path))

    def _read(self, paths: Sequence[str], first: int, blobs: Mapping[str, str], progress: Progress) -> None:
        self._reference_numbers = self._numbers(paths) if paths else {}
        read = self.snapshot.read_many(paths)
        numbered = ((number, path, blobs[path], source) for number, (path, source) in enumerate(read, first))
        done = 0
        for rows, taken in self._taken(batched(numbered), is_long=len(paths) >= LONG):
            for table, values in rows.items():
                if values:
                    places = ", ".join("?" * len(values[0]))
                    self.database.executemany(f"INSERT INTO {table} VALUES ({places})", values)
            done += taken
            progress(done, len(paths), "records")

    def _taken(self, pieces: Iterator[list[Piece]], *, is_long: bool) -> Iterator[tuple[Rows, int]]:
        """The rows of each batch in turn; of many batches, each second one is done by a companion process."""
        if not is_long or not is_worth_it():
            yield from ((self._rows_of(piece), len(piece)) for piece in pieces)
            return
        with Companion(self._rows_of) as companion:
            for theirs in pieces:
                companion.hand(theirs)
                ours = next(pieces, [])
                rows = self._rows_of(ours)
                try:
                    yield companion.take(), len(theirs)
                except EOFError:
                    yield self._rows_of(theirs), len(theirs)
                yield rows, len(ours)

    def _rows_of(self, pieces: Iterable[Piece]) -> Rows:
        rows: Rows = {table: [] for table in ("record", *BY_RECORD)}
        for number, path, blob, source in pieces:
            kind = self.kinds.of_path(path)
            if kind is not None:
                self._take(rows, number, path, blob, kind, source)
        return rows

    def _numbers(self, paths: Iterable[str]) -> dict[tuple[str, str, str], int]:
        """The numbers of the references of all kinds that have records, by kind, pattern and name."""
        known = {row[0] for row in self.database.execute("SELECT DISTINCT kind FROM reference")}
        met = {kind.name: kind for path in paths if (kind := self.kinds.of_path(path)) is not None}
        rows = [
            (name, *_reference_row(reference))
            for name in sorted(met.keys() - known)
            for reference in met[name].references
        ]
        self.database.executemany("INSERT INTO reference VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        select = "SELECT kind, at, relation, number FROM reference"
        return {row[:3]: row[3] for row in self.database.execute(select)}

    def _take(self, rows: Rows, number: int, path: str, blob: str, kind: Kind, source: bytes | None) -> None:
        stem = path.rpartition("/")[2].removesuffix(SUFFIX)
        found = read(source) if source is not None else _vanished()
        if isinstance(found, Unreadable):
            id = stem if kind.id_from != "path" else _id_by_path(kind, path)
            # A file that went away is looked for anew by the next run, also if it comes back as it was.
            known_as = blob if source is not None else ""
            rows["record"].append((number, path, known_as, id, kind.name, None, "", 0, False))
            rows["fault"].append((number, "SCH009", "", found.line, found.column, found.message, found.fix, False))
            return
        id = id_of(kind, path, found)
        state = kind.state_of(found)
        done = bool(kind.lifecycle and state in kind.lifecycle.done)
        title = found.get(kind.title_field)
        name = title if isinstance(title, str) else ""
        rows["record"].append((number, path, blob, id, kind.name, state, name, done, True))
        if stem != id and kind.id_from == "/id":
            rows["alias"].append((number, stem))
        self._mark(rows, number, kind, found)
        for fault in [*kind.faults(found, id), *self.judge(kind, path, id, state, found)]:
            row = (number, fault.code, fault.pointer, None, None, fault.message, fault.fix, fault.on_key)
            rows["fault"].append(row)
        for line, column, said in switches(source or b"", found):
            message = f"{id} says `{said}`, and no comment switches a rule off"
            rows["fault"].append((number, "WVR927", "", line, column, message, _NO_SWITCH, False))

    def _mark(self, rows: Rows, number: int, kind: Kind, data: dict[str, Any]) -> None:
        for pointer, text, mark in kind.marks(data):
            if mark.reference is not None:
                target, _, fragment = text.partition("#")
                reference = self._reference_numbers[kind.name, mark.reference.at, mark.reference.name]
                rows["edge"].append((number, pointer, reference, target, fragment))
            elif mark.sort == "cites":
                rows["citation"].append((number, pointer, mark.space, text))
            else:
                rows["declaration"].append((number, mark.space, text))


def batched(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces in lists of `BATCH`, the last one shorter."""
    waiting = iter(pieces)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _is_utf8(path: str) -> bool:
    """Whether a file's name is UTF-8; other bytes stand in it as half characters."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def id_of(kind: Kind, path: str, data: Mapping[str, Any]) -> str:
    """The id of a record: what its field says, or its file's name where that says nothing usable."""
    if kind.id_from == "path":
        return _id_by_path(kind, path)
    stated = at(data, kind.id_from)
    stem = path.rpartition("/")[2].removesuffix(SUFFIX)
    if stated == stem or not isinstance(stated, str) or not stated:
        return stem
    return stated if kind.id_from != "/id" or _is_id(kind, data) else stem


def _is_id(kind: Kind, data: Mapping[str, Any]) -> bool:
    """Whether the schema lets pass what a record says its id is."""
    return all(fault.pointer != "/id" for fault in kind.faults(dict(data), ""))


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
    return Unreadable(
        1,
        1,
        "this file went away or could not be opened while it was read",
        "run the check again, or make the file readable",
    )
