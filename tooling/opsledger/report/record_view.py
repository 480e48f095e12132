"""One record for people at a terminal: its fields, its links as sentences, and where it stands in its lifecycle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.edit.shape import shape_of
from opsledger.kind import Lifecycle
from opsledger.ledger import Ledger, Link, Record
from opsledger.report.plain import escape

INDENT = "    "


def record_view(record: Record, ledger: Ledger, *, colour: bool = False, plain: bool = False) -> Iterator[str]:
    """
    Yield the lines about a record; what it says itself is escaped.

    Args:
        colour: whether to dim the descriptions of fields.
        plain: whether to use no character of our own beyond ASCII.
    """
    title = f"  {escape(record.title)}" if record.title != record.id else ""
    yield _marked(f"{escape(record.id)}{title}".rstrip(), "1", colour)
    yield f"{INDENT}{record.kind.title}{f', {escape(record.state)}' if record.state else ''}"
    yield f"{INDENT}{escape(record.path)}"
    yield from (INDENT + doubt for doubt in _doubts(record, ledger))
    yield from _fields(record, colour)
    links = [_sentence(ledger, link.target, link.reference.name) for link in ledger.links(record.id)]
    named_by = [_sentence(ledger, link.source, link.reference.inverse) for link in _others(record, ledger)]
    yield from _section("Links:", links)
    # A fact that both records state is said once.
    yield from _section("Named by:", [sentence for sentence in named_by if sentence not in links])
    if record.kind.lifecycle is not None and record.state is not None:
        yield from _standing(record.kind.lifecycle, record.state, record, plain)


def _doubts(record: Record, ledger: Ledger) -> Iterator[str]:
    """Yield why not all of this can be relied on."""
    finding = ledger.unreadable.get(record.path)
    if finding is not None:
        yield f"cannot be read: line {finding.place.line}: {escape(finding.message)}"
    twins = [other.path for other in ledger.of(record.kind.name) if other.id == record.id and other.path != record.path]
    yield from (f"stands twice: {escape(path)} has the same id" for path in twins)


def _fields(record: Record, colour: bool) -> Iterator[str]:
    """Yield each field with its description, in the order of the schema."""
    shape = shape_of(record.kind)
    known = [name for name in record.kind.fields if name in record.data]
    for number, name in enumerate([*known, *(name for name in record.data if name not in known)]):
        if number == 0:
            yield ""
        yield from _value(escape(name), record.data[name], INDENT)
        inner = shape.inside(name)
        if inner is not None and inner.description:
            yield _marked(f"{INDENT}  # {escape(inner.description)}", "2", colour)


def _value(name: str, value: Any, indent: str) -> Iterator[str]:
    """Yield a value under its name, nested ones further in, as YAML would have it."""
    if isinstance(value, dict) and value:
        yield f"{indent}{name}:"
        for key, inner in value.items():
            yield from _value(escape(key), inner, indent + "  ")
    elif isinstance(value, list) and any(isinstance(item, list | dict) for item in value):
        yield f"{indent}{name}:"
        for item in value:
            yield from _item(item, indent + "  ")
    elif isinstance(value, str) and "\n" in value:
        yield f"{indent}{name}:"
        yield from (f"{indent}  {escape(line)}".rstrip() for line in value.rstrip("\n").split("\n"))
    else:
        yield f"{indent}{name}: {_scalar(value)}"


def _item(item: Any, indent: str) -> Iterator[str]:
    """Yield an item of a list, its first line behind a hyphen."""
    if not isinstance(item, dict) or not item:
        yield f"{indent}- {_scalar(item)}"
        return
    lines = [line for key, inner in item.items() for line in _value(escape(key), inner, indent + "  ")]
    yield f"{indent}- {lines[0].removeprefix(indent + '  ')}"
    yield from lines[1:]


def _scalar(value: Any) -> str:
    """Return a value on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case list():
            return f"[{', '.join(_scalar(item) for item in value)}]"
        case dict():
            return "{" + ", ".join(f"{escape(key)}: {_scalar(inner)}" for key, inner in value.items()) + "}"
        case _:
            return escape(str(value))


def _others(record: Record, ledger: Ledger) -> Iterator[Link]:
    """Yield the links by which other records name this one."""
    return (link for link in ledger.backlinks(record.id) if link.source != record.id)


def _sentence(ledger: Ledger, other: str, relation: str) -> str:
    """Return a link as the end of a sentence that starts with the record."""
    found = ledger.find(other)
    if found is None:
        return f"{escape(relation)} {escape(other)} (no such record)"
    state = f" [{escape(found.state)}]" if found.state else ""
    title = f" {escape(found.title)}" if found.title != other else ""
    return f"{escape(relation)} {escape(other)}{state}{title}".rstrip()


def _section(head: str, lines: list[str]) -> Iterator[str]:
    """Yield lines under a head, each once; nothing where there are none."""
    if lines:
        yield ""
        yield head
        yield from (INDENT + line for line in dict.fromkeys(lines))


def _standing(cycle: Lifecycle, state: str, record: Record, plain: bool) -> Iterator[str]:
    """Yield the main path with the record's place on it, and each next move with what it still asks."""
    arrow = " -> " if plain else " → "
    yield ""
    yield "Lifecycle:"
    yield INDENT + escape(arrow.join(f"[{one}]" if one == state else one for one in cycle.main))
    if state not in cycle.main:
        yield f"{INDENT}beside that path: [{escape(state)}]"
    moves = cycle.next_states(state, record.data)
    if not moves:
        yield f"{INDENT}no move leads on from here"
    for move in moves:
        missing = _missing(cycle, move, record)
        yield f"{INDENT}may go to {escape(move)}{', once:' if missing else ''}"
        yield from (f"{INDENT}    {escape(says)}" for says in missing)


def _missing(cycle: Lifecycle, state: str, record: Record) -> list[str]:
    """Name what a state asks of a record and the record does not hold yet."""
    return [asked.says for asked in cycle.requirements(state) if not asked.is_met(record.data, cycle.definitions)]


def record_object(record: Record, ledger: Ledger) -> dict[str, Any]:
    """Return all that is known of a record, for programs."""
    cycle = record.kind.lifecycle
    moves = cycle.next_states(record.state, record.data) if cycle is not None and record.state is not None else ()
    return {
        "id": record.id, "kind": record.kind.name, "state": record.state, "title": record.title, "path": record.path,
        "is_readable": record.is_readable, "data": record.data,
        "links": [
            {"pointer": link.pointer, "relation": link.reference.name, "target": link.target, "fragment": link.fragment}
            for link in ledger.links(record.id)
        ],
        "named_by": [
            {"source": link.source, "pointer": link.pointer, "relation": link.reference.inverse}
            for link in ledger.backlinks(record.id)
        ],
        "moves": [
            {"to": move, "missing": _missing(cycle, move, record)} for move in moves if cycle is not None
        ],
    }  # fmt: skip


def _marked(words: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{words}\x1b[0m" if colour else words
