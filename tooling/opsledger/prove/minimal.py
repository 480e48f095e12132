"""The smallest record that a schema lets pass, made from the schema alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.kind import Kind, Kinds
from opsledger.kind.fragments import Schema, holds

_TEXTS = (
    "A text that stands here as an example only",
    "2026-03-01T10:00:00Z",
    "2026-03-01",
    "https://example.org/",
    "example",
    "1.0.0",
    "/title",
    "7d",
    "SCH001",
    "PRB",
    "0123456789abcdef0123456789abcdef01234567",
    "sha256:" + "0" * 64,
    "example@example.org",
    "PTY-example",
    "1",
)
_DEEPEST = 12


def minimal(kind: Kind, kinds: Kinds, id: str = "") -> dict[str, Any]:
    """
    A record that has what the schema asks of every record of the kind, in its first state, and nothing more.

    Args:
        kinds: where the ids of records that it must name come from.
        id: its id; empty for one that the schema allows.
    """
    making = _Making(kind, kinds)
    record = _mapping(kind.schema, making, 0)
    if kind.id_from == "/id":
        record["id"] = id or example_id(kind)
    if kind.lifecycle is not None:
        record[kind.lifecycle.field] = kind.lifecycle.initial
        for asked in kind.lifecycle.requirements(kind.lifecycle.initial):
            name = asked.at.strip("/")
            if name in kind.fields and not asked.is_met(record, making.definitions):
                record[name] = _value(kind.schema["properties"][name], making, 1)
    return record


def example_id(kind: Kind) -> str:
    """An id that the kind's schema allows."""
    stated = {"$ref": "#/$defs/id", **kind.schema.get("properties", {}).get("id", {})}
    stated = stated if "id" in kind.schema.get("$defs", {}) else kind.schema.get("properties", {}).get("id", {})
    made = (f"{kind.prefix}-2026-9001", f"{kind.prefix}-2026-90ab", f"{kind.prefix}-example", kind.name)
    return next((id for id in made if holds(stated, id, kind.schema.get("$defs", {}))), kind.name)


def companions(kind: Kind, kinds: Kinds, data: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    """The kinds and ids of records that a record names and that `minimal` would make."""
    for _, text, mark in kind.marks(data):
        other = kinds.of_id(text) if mark.reference is not None else None
        if other is not None and text == example_id(other):
            yield other, text


class _Making:
    """What the parts of one record need to know of the whole."""

    def __init__(self, kind: Kind, kinds: Kinds) -> None:
        self.kinds = kinds
        self.definitions: Schema = kind.schema.get("$defs", {})

    def stated(self, schema: Schema) -> Schema:
        """A subschema with what it refers to laid under it."""
        while "$ref" in schema:
            below = self.definitions[schema["$ref"].rpartition("/")[2]]
            schema = {**below, **{key: value for key, value in schema.items() if key != "$ref"}}
        return schema


def _value(schema: Schema, making: _Making, depth: int) -> Any:
    stated = making.stated(schema)
    refers = stated.get("x-refers-to")
    named = next((name for name in (refers or {}).get("kinds", ()) if name in making.kinds), "party")
    sort = stated.get("type", "string")
    made: Any
    if refers:
        made = example_id(making.kinds[named])
    elif "const" in stated or "enum" in stated:
        made = _chosen(stated)
    elif sort == "object" and depth < _DEEPEST:
        made = _mapping(stated, making, depth)
    elif sort == "array":
        made = [_value(stated.get("items", {}), making, depth + 1) for _ in range(stated.get("minItems", 0))]
    elif sort in ("integer", "number"):
        made = stated.get("minimum", 1)
    elif sort == "boolean":
        made = False
    else:
        made = next((text for text in _TEXTS if holds(stated, text, making.definitions)), _TEXTS[0])
    return made


def _chosen(stated: Schema) -> Any:
    # The last word is most often the one that asks for nothing more.
    return stated["const"] if "const" in stated else stated["enum"][-1]


def _mapping(stated: Schema, making: _Making, depth: int) -> dict[str, Any]:
    properties: Mapping[str, Schema] = stated.get("properties", {})
    made = {name: _value(properties.get(name, {}), making, depth + 1) for name in stated.get("required", ())}
    for part in stated.get("allOf", ()):
        if "if" in part and holds(part["if"], made, making.definitions):
            asked = part.get("then", {}).get("required", ())
            made |= {name: _value(properties.get(name, {}), making, depth + 1) for name in asked if name not in made}
    return made
