"""Questions in SQL, answered from tables that nothing can write to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from opsledger.errors import OpsledgerError
from opsledger.finding import Progress, silent
from opsledger.ledger import Ledger
from opsledger.tables.aggregates import register
from opsledger.tables.filling import fill, named_in
from opsledger.tables.layout import Table, tables_of
from opsledger.tables.mistakes import READS_ONLY, sentence_of

BREATH = 20_000  # steps of SQLite's machine, about a millisecond, after which Python may notice Ctrl-C
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_OUTWARD = frozenset({"load_extension", "fts3_tokenizer"})


class QueryRefused(OpsledgerError):
    """A query that has no answer as it is written."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Answer:
    """
    What a query gives.

    Args:
        columns: their names, all different.
        rows: as they are computed; to be read once.
        left_out: the paths of records whose rows are missing because their files cannot be read.
    """

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    left_out: tuple[str, ...] = ()


@contextmanager
def asked(ledger: Ledger, sql: str, progress: Progress = silent) -> Iterator[Answer]:
    """
    Answer a query on the ledger.

    Only the tables that it names are filled, and the answer is read while the `with` lasts.

    Raises:
        QueryRefused: it cannot be read, or would do more than read. Reading the rows raises it too.
        KeyboardInterrupt: the user had enough.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        tables = named_in(sql, ledger)
        fill(connection, ledger, tables, progress)
        register(connection)
        _unfold(connection)
        connection.set_authorizer(_authorise)
        connection.set_progress_handler(_breathe, BREATH)
        cursor = connection.cursor()
        with _said(ledger, sql):
            cursor.execute(sql)
        if cursor.description is None:
            raise QueryRefused(READS_ONLY)
        names = _all_different(str(column[0]) for column in cursor.description)
        yield Answer(names, _read(cursor, ledger, sql), _left_out(ledger, tables))


def _unfold(connection: sqlite3.Connection) -> None:
    """Let SQLite make its tables of JSON values now: their first use counts as making a table, and is refused later."""
    for name in ("json_each", "json_tree"):
        connection.execute(f"SELECT 1 FROM {name}('[]')")


def _authorise(action: int, _: str | None, second: str | None, *__: object) -> int:
    """Allow what reads, and nothing that writes, opens files or changes settings."""
    if action not in _READS or (action == sqlite3.SQLITE_FUNCTION and second in _OUTWARD):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _breathe() -> int:
    """Let Python look whether somebody pressed Ctrl-C; what it raises then ends the query."""
    return 0


@contextmanager
def _said(ledger: Ledger, sql: str) -> Iterator[None]:
    """Turn what SQLite raises into a sentence."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        if str(error) == "interrupted":
            raise KeyboardInterrupt from error
        raise QueryRefused(sentence_of(str(error), sql, tables_of(ledger.kinds))) from error


def _read(cursor: sqlite3.Cursor, ledger: Ledger, sql: str) -> Iterator[tuple[Any, ...]]:
    while True:
        with _said(ledger, sql):
            row = cursor.fetchone()
        if row is None:
            return
        yield row


def _all_different(names: Iterator[str]) -> tuple[str, ...]:
    """Number the names that come again, for a row may be read by name."""
    seen: dict[str, None] = {}
    for name in names:
        fresh, number = name, 2
        while fresh in seen:
            fresh, number = f"{name}_{number}", number + 1
        seen[fresh] = None
    return tuple(seen)


def _left_out(ledger: Ledger, tables: tuple[Table, ...]) -> tuple[str, ...]:
    """Name the files that should be in these tables and cannot be read."""
    folders = {table.kind.name for table in tables if table.kind is not None}
    if not folders:
        return ()
    stored = ledger.database.execute("SELECT path, kind FROM record WHERE NOT readable ORDER BY path")
    return tuple(path for path, kind in stored if kind in folders)
