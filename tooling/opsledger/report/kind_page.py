"""What one kind of record is, for people at a terminal: fields, states, references and where its records lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.edit.shape import Shape, shape_of
from opsledger.kind import Kind, Kinds, Lifecycle

COLUMNS = ("kind", "family", "prefix", "folder", "description")
_IDS = {"numbered": "numbered by year", "named": "named after the title", "machine": "made from content"}


def kind_rows(kinds: Kinds) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield one row a kind."""
    for kind in kinds.values():
        yield kind.name, kind.family, kind.prefix, kind.folder, kind.description


def kind_page(kind: Kind, kinds: Kinds) -> Iterator[str]:
    """Yield the lines of the page about a kind."""
    yield f"{kind.title} ({kind.name})"
    yield f"    {kind.description}"
    yield ""
    yield f"Records: {kind.folder}/**/*.yaml"
    yield f"Ids: {_ids(kind)}"
    yield ""
    yield "Fields (* is always there):"
    yield from _fields(shape_of(kind), "    ", 0)
    if kind.lifecycle is not None:
        yield ""
        yield from _states(kind.lifecycle)
    yield from _links(kind, kinds)


def _ids(kind: Kind) -> str:
    """Say how its records get their ids."""
    start = f"{kind.prefix}-…, " if kind.prefix else ""
    match kind.id_from:
        case "/id":
            return start + _IDS.get(kind.ids, kind.ids)
        case "path":
            return "the path in its folder"
        case pointer:
            return f"the text at {pointer}"


def _fields(shape: Shape, indent: str, depth: int) -> Iterator[str]:
    """Yield the fields of a mapping with what may stand there, and those inside them two levels down."""
    for name in shape.fields:
        inner = shape.inside(name)
        if inner is None:
            continue
        star = "*" if name in shape.required else " "
        what = sort_of(inner)
        yield f"{indent}{star}{name}: {what}"
        if inner.description:
            yield f"{indent}     {inner.description}"
        items = inner.inside("-") if "array" in inner.types else inner
        if items is not None and items.fields and depth < 2:
            yield from _fields(items, indent + "    ", depth + 1)


def sort_of(shape: Shape) -> str:
    """Say in a few words what may stand at a place."""
    items = shape.inside("-")
    if "array" in shape.types and items is not None:
        return f"list of {sort_of(items)}"
    if shape.choices:
        return " | ".join(_word(choice) for choice in shape.choices)
    if shape.names:
        article = "an" if shape.names[0][0] in "aeiou" else "a"
        return "id of any record" if shape.names == ("*",) else f"id of {article} {' or '.join(shape.names)}"
    if shape.is_instant or shape.is_day:
        return "moment" if shape.is_instant else "day"
    words = {"string": "text", "object": "mapping", "integer": "whole number", "number": "number", "array": "list"}
    return " or ".join(sorted(words.get(name, name) for name in shape.types)) or "anything"


def _word(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _states(cycle: Lifecycle) -> Iterator[str]:
    """Yield the states, what each leads to and what it asks."""
    yield f"States ({cycle.field}): {' → '.join(cycle.main)}"
    for state in cycle.states:
        moves = [
            move.to + (" (on a condition)" if move.when is not None else "") for move in cycle.moves.get(state, ())
        ]
        yield f"    {state}: {'to ' + ', '.join(moves) if moves else 'the end'}"
        fresh = [one for one in cycle.requirements(state) if _begins(cycle, state, one.states)]
        yield from (f"        {one.code} {one.says}{' (on a condition)' if one.when else ''}" for one in fresh)


def _begins(cycle: Lifecycle, state: str, states: frozenset[str]) -> bool:
    """Tell whether a requirement is asked from this state on, and not already before it."""
    if state not in cycle.main:
        return True
    position = cycle.main.index(state)
    return position == 0 or cycle.main[position - 1] not in states


def _links(kind: Kind, kinds: Kinds) -> Iterator[str]:
    """Yield the references to and from the kind as sentences."""
    out = sorted({f"    {kind.name} {one.name} {' or '.join(one.kinds)}" for one in kind.references})
    into = sorted(
        {
            f"    {kind.name} {one.inverse} {other.name}"
            for other in kinds.values()
            for one in other.references
            if kind.name in one.kinds
        }
    )
    if out or into:
        yield ""
        yield "Links:"
        yield from out
        yield from into
