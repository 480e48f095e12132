"""Which tables a ledger has, which columns they have, and the query behind a plain list."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from opsledger.errors import OpsledgerError
from opsledger.kind import Kind, Kinds

FIXED: Mapping[str, tuple[str, ...]] = {
    "record": ("id", "kind", "title", "state", "path"),
    "state": ("id", "kind", "state", "step", "is_done"),
    "link": ("source", "pointer", "relation", "inverse", "target", "fragment"),
}
"""The tables that every ledger has, by name, with their columns."""

FILE = "path"


class NoSuchColumn(OpsledgerError, LookupError):
    """A table has no column of that name."""

    def __init__(self, table: str, name: str, nearest: str = "") -> None:
        super().__init__(table, name, nearest)
        self.table = table
        self.name = name
        self.nearest = nearest

    def __str__(self) -> str:
        sentence = f"{self.table} has no column called {self.name!r}"
        return sentence + (f"; did you mean {self.nearest}?" if self.nearest else "")


@dataclass(frozen=True)
class Table:
    """
    One table of the query database.

    Args:
        name: as queries name it.
        columns: in order; names differ by more than upper and lower case, as SQL wants it.
        kind: whose records are its rows, or `None` for the tables about all records.
        id_at: the position of the column that holds the id of the record.
    """

    name: str
    columns: tuple[str, ...]
    kind: Kind | None = None
    id_at: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The columns that hold ids of records, by which tables are joined."""
        both = ("source", "target")
        return both if self.kind is None and self.name == "link" else (self.columns[self.id_at],)


def quoted(name: str) -> str:
    """Write a name so that SQL takes it as one, whatever is in it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def tables_of(kinds: Kinds) -> Mapping[str, Table]:
    """
    Name the tables of a ledger with these kinds: those about all records first, then one a kind.

    A kind is called like its table, unless a fixed table or another kind has that name already.
    """
    tables = {name: Table(name, columns) for name, columns in FIXED.items()}
    for kind in kinds.values():
        name = _free(kind.name, tables)
        columns, id_at = _columns(kind)
        tables[name] = Table(name, columns, kind, id_at)
    return tables


def _columns(kind: Kind) -> tuple[tuple[str, ...], int]:
    """Name a kind's columns: its fields in the schema's order, an id where no field is one, and the file."""
    fields = [] if "id" in kind.fields else ["id"]
    for field in kind.fields:
        fields.append(_free(field, fields))
    fields.append(_free(FILE, fields))
    return tuple(fields), fields.index("id")


def _free(name: str, taken: Iterable[str]) -> str:
    """Return the name, with a number behind it where SQL could not tell it from one that is taken."""
    known = {one.casefold() for one in taken}
    if name.casefold() not in known:
        return name
    return next(f"{name}_{number}" for number in range(2, len(known) + 3) if f"{name}_{number}".casefold() not in known)


def listing(table: Table, columns: Sequence[str], *, where: str = "", states: Sequence[str] = ()) -> str:
    """
    Write the query for a plain list of one kind's records, by id.

    Args:
        table: of the kind.
        columns: what to show; `plan.owner` reaches into a mapping.
        where: a condition in SQL, or empty.
        states: the only states to show; empty shows all.

    Raises:
        NoSuchColumn: a column is none of the table.
    """
    shown = ", ".join(f"{_expression(table, column)} AS {quoted(column)}" for column in columns)
    conditions = [f"({where}\n)"] if where.strip() else []
    if states:
        field = table.kind.lifecycle.field if table.kind is not None and table.kind.lifecycle is not None else "state"
        conditions.append(f"{quoted(field)} IN ({', '.join(_text(state) for state in states)})")
    filtered = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {shown} FROM {quoted(table.name)}{filtered} ORDER BY {quoted(table.columns[table.id_at])}"


def _expression(table: Table, column: str) -> str:
    """Write one column of a list, or a path into one."""
    by_name = {name.casefold(): name for name in table.columns}
    name, *inner = [column] if column.casefold() in by_name else column.split(".")
    if name.casefold() not in by_name:
        near = difflib.get_close_matches(name, table.columns, n=1)
        raise NoSuchColumn(table.name, name, near[0] if near else "")
    # SQLite takes a quoted name that it does not know for text, so only known ones get this far.
    found = quoted(by_name[name.casefold()])
    path = "$" + "".join(f"[{part}]" if part.isdigit() else f".{quoted(part)}" for part in inner)
    return f"json_extract({found}, {_text(path)})" if inner else found


def _text(words: str) -> str:
    """Write text for SQL."""
    doubled = words.replace("'", "''")
    return f"'{doubled}'"
