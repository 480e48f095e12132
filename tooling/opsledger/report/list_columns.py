"""Which fields of a kind say enough to stand in a list."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.edit.shape import Shape, shape_of
from opsledger.kind import Kind
from opsledger.tables import Table

FEW = 3


def list_columns(table: Table) -> tuple[str, ...]:
    """
    Choose the columns of a kind's list: id, state, the first few with a choice of words, and the title last.

    Fields that must be there come before those that may.
    """
    kind = table.kind
    assert kind is not None
    title = kind.title_pointer.removeprefix("/")
    state = kind.lifecycle.field if kind.lifecycle is not None else ""
    named = [table.columns[table.id_at], state]
    telling = [name for name in _telling(kind) if name not in {*named, title}][:FEW]
    return tuple(dict.fromkeys(name for name in (*named, *telling, title) if name in table.columns))


def _telling(kind: Kind) -> Iterator[str]:
    """Yield the fields that hold one short word, those first that are always there."""
    shape = shape_of(kind)
    short = [name for name in shape.fields if _is_short(shape.inside(name))]
    yield from sorted(short, key=lambda name: name not in shape.required)


def _is_short(shape: Shape | None) -> bool:
    return shape is not None and bool(shape.choices or shape.names) and "array" not in shape.types
