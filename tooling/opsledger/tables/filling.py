"""The rows of the query database: read from the ledger and written table by table."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from opsledger.errors import Refused
from opsledger.finding import Progress, silent
from opsledger.ledger import Ledger, Record
from opsledger.tables.layout import Table, quoted, tables_of

Row = tuple[Any, ...]
STRIDE = 1000


def named_in(sql: str, ledger: Ledger) -> tuple[Table, ...]:
    """Return the tables whose names occur in a query; one too many costs time and changes no answer."""
    words = sql.casefold()
    tables = tables_of(ledger.kinds).values()
    return tuple(table for table in tables if re.search(rf"(?<!\w){re.escape(table.name.casefold())}(?!\w)", words))


def fill(connection: sqlite3.Connection, ledger: Ledger, tables: Iterable[Table], progress: Progress = silent) -> None:
    """Make these tables, write their rows, and index the ids by which they are joined."""
    for table in tables:
        connection.execute(f"CREATE TABLE {quoted(table.name)} ({', '.join(map(quoted, table.columns))})")
        places = ", ".join("?" * len(table.columns))
        connection.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({places})", _rows(table, ledger, progress))
        # SQLite makes no index of its own for a query inside a query, and would read the table once a row.
        for column in table.ids:
            index = quoted(f"{table.name} by {column}")
            connection.execute(f"CREATE INDEX {index} ON {quoted(table.name)} ({quoted(column)})")


def _rows(table: Table, ledger: Ledger, progress: Progress) -> Iterator[Row]:
    match table.name:
        case "record" if table.kind is None:
            return _records(ledger)
        case "state" if table.kind is None:
            return _states(ledger)
        case "link" if table.kind is None:
            return _links(ledger)
        case _:
            return _of_kind(table, ledger, progress)


def _records(ledger: Ledger) -> Iterator[Row]:
    return ledger.database.execute("SELECT id, kind, title, state, path FROM record ORDER BY kind, id, path")


def _states(ledger: Ledger) -> Iterator[Row]:
    """Yield where each record stands; steps count from 1 along the main path."""
    steps = {
        (kind.name, state): step
        for kind in ledger.kinds.values()
        if kind.lifecycle is not None
        for step, state in enumerate(kind.lifecycle.main, 1)
    }
    stored = ledger.database.execute(
        "SELECT id, kind, state, done FROM record WHERE state IS NOT NULL ORDER BY kind, id, path"
    )
    for source, kind, state, done in stored:
        yield source, kind, state, steps.get((kind, state)), int(done)


def _links(ledger: Ledger) -> Iterator[Row]:
    return ledger.database.execute(
        "SELECT record.id, edge.pointer, reference.relation, reference.inverse, edge.target, edge.fragment "
        "FROM record JOIN edge ON edge.record = record.number JOIN reference ON reference.number = edge.reference "
        "ORDER BY record.kind, record.id, record.path, edge.rowid"
    )


def _of_kind(table: Table, ledger: Ledger, progress: Progress) -> Iterator[Row]:
    assert table.kind is not None
    records = ledger.of(table.kind.name)
    fields = table.kind.fields
    # The id may be the file's name, or stand in another field: then it has a column before the fields.
    by_field = fields.index("id") if table.kind.id_from == "/id" and "id" in fields else None
    for number, (record, data) in enumerate(ledger.data_of(records), 1):
        cells = [_cell(data.get(field)) for field in fields]
        if by_field is not None:
            cells[by_field] = record.id
        yield (*_own_id(record, table), *cells, record.path)
        if number % STRIDE == 0:
            progress(number, len(records), f"{table.name} records")


def _own_id(record: Record, table: Table) -> tuple[str, ...]:
    assert table.kind is not None
    return () if "id" in table.kind.fields else (record.id,)


def _cell(value: Any) -> Any:
    """Return a value as a column holds it: scalars as they are, truth as 0 or 1, the rest as JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return int(value) if isinstance(value, bool) else value


def write_database(ledger: Ledger, path: Path, *, replace: bool = False, progress: Progress = silent) -> None:
    """
    Write all tables to a SQLite file; one ledger always gives one content.

    The file appears when it is whole, and an old one stays until then.

    Raises:
        Refused: a file stands there and may not be replaced, or its folder is not there.
    """
    try:
        _admit(path, replace=replace)
        with tempfile.TemporaryDirectory(prefix=f".{path.name[:100]}.", dir=path.parent) as folder:
            fresh = Path(folder, "ledger")
            _write(ledger, fresh, progress)
            os.replace(fresh, path)
    except (OSError, sqlite3.OperationalError) as error:
        raise Refused(f"{path} cannot be written: {_why(error)}", "make room or name another file") from error


def _admit(path: Path, *, replace: bool) -> None:
    """Refuse a place that cannot or may not take the file."""
    if not path.parent.is_dir():
        raise Refused(f"the folder {path.parent} is not there", "make it, or name another file")
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise Refused(f"{path} is no plain file", "name another file")
    if (path.exists() or path.is_symlink()) and not replace:
        raise Refused(f"{path} is there already", "name another file, or replace it with --force")


def _write(ledger: Ledger, path: Path, progress: Progress) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Nobody reads the file before it has its name, so there is nothing to roll back to.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        fill(connection, ledger, tables_of(ledger.kinds).values(), progress)
        connection.execute("COMMIT")


def _why(error: OSError | sqlite3.OperationalError) -> str:
    """Return what the machine or SQLite said, in lower case."""
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()
