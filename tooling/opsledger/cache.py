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
CREATE INDEX IF NOT EXISTS record_id ON record (id, kind, readable);
CREATE INDEX IF NOT EXISTS record_kind ON record (kind, id);
CREATE INDEX IF NOT EXISTS record_unreadable ON record (path) WHERE NOT readable;
CREATE INDEX IF NOT EXISTS alias_name ON alias (name);
CREATE INDEX IF NOT EXISTS alias_record ON alias (record);
CREATE INDEX IF NOT EXISTS edge_record ON edge (record);
CREATE INDEX IF NOT EXISTS edge_target ON edge (target);
CREATE INDEX IF NOT EXISTS citation_record ON citation (record);
CREATE INDEX IF NOT EXISTS citation_value ON citation (value);
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


def start_anew(connection: sqlite3.Connection, gone: Iterable[str], *, is_first: bool) -> None:
    """
    Remove the records of some files, and note what their absence may touch.

    Where the tables are empty, or the last look at them found something, everything will be looked at again.
    """
    connection.execute("CREATE TEMP TABLE touched (id TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.execute("CREATE TEMP TABLE lost (id TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.execute("CREATE TEMP TABLE undeclared (space TEXT, value TEXT)")
    is_sound = connection.execute("SELECT 1 FROM meta WHERE key = 'sound'").fetchone() and not is_first
    connection.execute("CREATE TEMP TABLE scope AS SELECT ? AS is_whole", (not is_sound,))
    found = [connection.execute("SELECT number FROM record WHERE path = ?", (path,)).fetchone() for path in gone]
    for (number,) in found:
        _touch(connection, number)
        connection.execute("INSERT OR IGNORE INTO lost SELECT target FROM edge WHERE record = ?", (number,))
        connection.execute("INSERT INTO undeclared SELECT space, value FROM declaration WHERE record = ?", (number,))
        connection.execute("DELETE FROM record WHERE number = ?", (number,))
        for table in BY_RECORD:
            connection.execute(f"DELETE FROM {table} WHERE record = ?", (number,))


def look_near(connection: sqlite3.Connection, first: int) -> None:
    """
    Make the tables that rules start from: what is new, what names it and what it names, or simply everything.

    `near_record`, `near_edge` and `near_citation` have the columns of the tables that they are part of. A rule that
    found nothing before can find something only there.

    Args:
        first: the number of the first record that was read anew.
    """
    if connection.execute("SELECT is_whole FROM scope").fetchone()[0]:
        for table in ("record", "edge", "citation"):
            connection.execute(f"CREATE TEMP VIEW near_{table} AS SELECT rowid AS place, * FROM {table}")
        return
    fresh = [row[0] for row in connection.execute("SELECT number FROM record WHERE number >= ?", (first,))]
    for number in fresh:
        _touch(connection, number)
    if fresh or connection.execute("SELECT 1 FROM touched").fetchone():
        connection.execute("DELETE FROM meta WHERE key = 'sound'")
    connection.execute(
        "CREATE TEMP TABLE near_record AS SELECT rowid AS place, * FROM record "
        "WHERE id IN (SELECT id FROM touched UNION SELECT id FROM lost)"
    )
    connection.execute(
        "CREATE TEMP TABLE near_edge AS SELECT rowid AS place, * FROM edge WHERE target IN (SELECT id FROM touched) "
        "UNION SELECT rowid AS place, * FROM edge WHERE record IN "
        "(SELECT number FROM record WHERE id IN (SELECT id FROM touched))"
    )
    connection.execute(
        "CREATE TEMP TABLE near_citation AS SELECT rowid AS place, * FROM citation WHERE record IN "
        "(SELECT number FROM near_record) OR value IN (SELECT value FROM undeclared)"
    )
    _call_short(connection, "near_record", "near_edge", "near_citation")


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether rules look at everything, and not only at what is near to something new."""
    return bool(connection.execute("SELECT is_whole FROM scope").fetchone()[0])


def call_sound(connection: sqlite3.Connection) -> None:
    """Note that every rule over the tables was asked and found nothing, so that the next run may look near only."""
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('sound', '1')")
    keep(connection)


def _call_short(connection: sqlite3.Connection, *tables: str) -> None:
    """
    Tell SQLite that tables of ours are short, so that its plans start there.

    Of a table that it knows nothing of it thinks that it is long: it would start from every record there is.
    """
    connection.execute("ANALYZE temp")
    connection.execute("DELETE FROM temp.sqlite_stat1")
    connection.executemany("INSERT INTO temp.sqlite_stat1 VALUES (?, NULL, '1')", [(table,) for table in tables])
    connection.execute("ANALYZE temp.sqlite_master")


def _touch(connection: sqlite3.Connection, number: int) -> None:
    """Note the ids that a record has and that its file is called by."""
    connection.execute(
        "INSERT OR IGNORE INTO touched SELECT id FROM record WHERE number = :number "
        "UNION SELECT name FROM alias WHERE record = :number",
        {"number": number},
    )


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
