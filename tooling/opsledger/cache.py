"""What earlier runs found out about unchanged files, kept in an SQLite file outside the repository."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE reference (number INTEGER PRIMARY KEY, kind TEXT, at TEXT, kinds TEXT, relation TEXT, inverse TEXT,
  role TEXT, mirror TEXT, mirror_required INTEGER, acyclic INTEGER);
CREATE TABLE record (number INTEGER PRIMARY KEY, path TEXT, blob TEXT, id TEXT, kind TEXT, state TEXT, title TEXT,
  done INTEGER, readable INTEGER);
CREATE TABLE alias (record INTEGER, name TEXT);
CREATE TABLE edge (record INTEGER, pointer TEXT, reference INTEGER, target TEXT, fragment TEXT);
CREATE TABLE citation (record INTEGER, pointer TEXT, space TEXT, value TEXT);
CREATE TABLE declaration (record INTEGER, space TEXT, value TEXT);
CREATE TABLE fault (record INTEGER, code TEXT, pointer TEXT, line INTEGER, column INTEGER, message TEXT, fix TEXT,
  on_key INTEGER);
CREATE VIEW link AS SELECT record.path AS path, record.id AS source, edge.pointer AS pointer,
  reference.relation AS relation, reference.inverse AS inverse, edge.target AS target, edge.fragment AS fragment,
  edge.reference AS reference
  FROM edge JOIN record ON record.number = edge.record JOIN reference ON reference.number = edge.reference;
"""
INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS record_path ON record (path);
CREATE INDEX IF NOT EXISTS record_id ON record (id);
CREATE INDEX IF NOT EXISTS record_kind ON record (kind, id);
CREATE INDEX IF NOT EXISTS alias_name ON alias (name);
CREATE INDEX IF NOT EXISTS alias_record ON alias (record);
CREATE INDEX IF NOT EXISTS edge_record ON edge (record);
CREATE INDEX IF NOT EXISTS edge_target ON edge (target);
CREATE INDEX IF NOT EXISTS citation_record ON citation (record);
CREATE INDEX IF NOT EXISTS declaration_record ON declaration (record);
CREATE INDEX IF NOT EXISTS declaration_value ON declaration (value, space);
CREATE INDEX IF NOT EXISTS fault_record ON fault (record);
"""
BY_RECORD = ("alias", "edge", "citation", "declaration", "fault")


def open_cache(place: Path | None, key: str) -> sqlite3.Connection:
    """
    The tables of a ledger, as an earlier run left them or empty, in a transaction that is ours alone.

    A file that is damaged, of another key or owner, writable by others, or in use by another run is not trusted:
    the tables then live in memory, and the answer is the same.

    Args:
        place: the file, or `None` for memory alone.
        key: what the content depends on beside the files; another key empties the tables.
    """
    if place is not None:
        with suppress(sqlite3.Error, OSError):
            return _opened(place, key)
        with suppress(OSError):
            if not _is_busy(place):
                place.unlink()
    return _fresh(sqlite3.connect(":memory:", isolation_level=None), key)


def keep(connection: sqlite3.Connection) -> None:
    """Write what was found to the file, and go on holding it; a file that cannot be written is forgotten."""
    with suppress(sqlite3.Error):
        connection.execute("COMMIT")
    with suppress(sqlite3.Error):
        connection.execute("BEGIN IMMEDIATE")


def forget(connection: sqlite3.Connection, records: Iterable[int]) -> None:
    """Remove records by number, with all that was said of them."""
    numbers = [(number,) for number in records]
    connection.executemany("DELETE FROM record WHERE number = ?", numbers)
    for table in BY_RECORD:
        connection.executemany(f"DELETE FROM {table} WHERE record = ?", numbers)


def _opened(place: Path, key: str) -> sqlite3.Connection:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileNotFoundError):
        found = place.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise PermissionError(place)
    connection = sqlite3.connect(place, isolation_level=None, timeout=0)
    try:
        # A lost cache is computed anew, so nothing waits for the disk.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("BEGIN IMMEDIATE")
        return connection if _is_of(connection, key) else _fresh(connection, key)
    except BaseException:
        connection.close()
        raise


def _is_busy(place: Path) -> bool:
    try:
        with sqlite3.connect(place, isolation_level=None, timeout=0) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as refusal:
        return "locked" in str(refusal)
    except sqlite3.Error:
        return False
    return False


def _is_of(connection: sqlite3.Connection, key: str) -> bool:
    tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
    return bool(tables) and (key,) in connection.execute("SELECT value FROM meta WHERE key = 'key'").fetchall()


def _fresh(connection: sqlite3.Connection, key: str) -> sqlite3.Connection:
    if not connection.in_transaction:
        connection.execute("BEGIN")
    known = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    for sort, name in known:
        connection.execute(f"DROP {sort} {name}")
    for statement in TABLES.split(";\n"):
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('key', ?)", (key,))
    return connection
