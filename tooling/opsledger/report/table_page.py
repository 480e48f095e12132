"""Which tables and columns a query may ask."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from opsledger.edit.shape import shape_of
from opsledger.report.plain import escape
from opsledger.tables import Table

COLUMNS = ("table", "column", "what it holds")
_ABOUT = {
    "id": "The id of the record.",
    "kind": "The name of its kind.",
    "title": "Its title or name.",
    "state": "The state that it is in.",
    "path": "Its file, from the root of the ledger.",
    "step": "The place of its state on the main path, from 1; empty beside that path.",
    "is_done": "1 when that state ends the work, else 0.",
    "source": "The id of the record that names another.",
    "pointer": "Where in it.",
    "relation": "How the source reads on to the target.",
    "inverse": "How the target reads on to the source.",
    "target": "The id that is named.",
    "fragment": "The part of the target that is named, after a #.",
}


def table_lines(tables: Iterable[Table], columns_wide: int) -> Iterator[str]:
    """Yield each table with its columns below it."""
    for table in tables:
        yield escape(table.name)
        names = escape(", ".join(table.columns))
        yield from textwrap.wrap(names, columns_wide, initial_indent="    ", subsequent_indent="    ")


def table_rows(tables: Iterable[Table]) -> Iterator[tuple[str, str, str]]:
    """Yield one row a column."""
    for table in tables:
        shape = shape_of(table.kind) if table.kind is not None else None
        for column in table.columns:
            inner = shape.inside(column) if shape is not None else None
            yield table.name, column, inner.description if inner is not None else _ABOUT.get(column, "")
