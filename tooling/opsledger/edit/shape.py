"""What a schema says of the value at one place of a record: its types, its choices, what belongs inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from opsledger.kind import Kind

Schema = Mapping[str, Any]
_POSITION = re.compile(r"0|[1-9][0-9]{0,8}|-")
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


@dataclass(frozen=True, eq=False)
class Shape:
    """
    All that is said of one value.

    Args:
        stated: the subschemas that speak of it, in the order of their weight.
        definitions: what `#/$defs/…` means in them.
    """

    stated: tuple[Schema, ...]
    definitions: Schema

    @cached_property
    def _certain(self) -> tuple[Schema, ...]:
        """What holds of every such value: the subschemas, what they refer to, and all parts of `allOf`."""
        return tuple(one for schema in self.stated for one in _expanded(schema, self.definitions, ("allOf",), 0))

    @cached_property
    def _possible(self) -> tuple[Schema, ...]:
        """What may hold: the branches of choices and conditions too."""
        words = ("allOf", "anyOf", "oneOf", "then", "else")
        return tuple(one for schema in self.stated for one in _expanded(schema, self.definitions, words, 0))

    def inside(self, part: str) -> Shape | None:
        """Return the shape of a field, or of a list's item; `None` where nothing of that name may stand."""
        found: list[Schema] = []
        for schema in self._possible:
            properties = schema.get("properties", {})
            if part in properties:
                found.append(properties[part])
            elif _POSITION.fullmatch(part) and isinstance(schema.get("items"), dict):
                found.append(schema["items"])
            elif isinstance(schema.get("additionalProperties"), dict):
                found.append(schema["additionalProperties"])
        return Shape(tuple(found), self.definitions) if found else None

    def at(self, parts: list[str]) -> Shape | None:
        """Return the shape of the value that a pointer's parts lead to."""
        here: Shape | None = self
        for part in parts:
            here = here.inside(part) if here is not None else None
        return here

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types that the value may have; empty where the schema leaves it open."""
        found: set[str] = set()
        for schema in self._possible:
            named = schema.get("type", [])
            found |= {named} if isinstance(named, str) else set(named)
            values = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
            found |= {_JSON_TYPES[type(value)] for value in values if type(value) in _JSON_TYPES}
        return frozenset(found)

    @cached_property
    def choices(self) -> tuple[Any, ...]:
        """The only values that are allowed, in the schema's order; empty where any will do."""
        for schema in self._possible:
            if "const" in schema:
                return (schema["const"],)
            if "enum" in schema:
                return tuple(schema["enum"])
        return (True, False) if self.types == {"boolean"} else ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The kinds of record that the value names; empty where it names none."""
        kinds = self._first("x-refers-to", {}).get("kinds", ())
        return tuple(kinds)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields inside it, in the schema's order."""
        return tuple(dict.fromkeys(name for schema in self._possible for name in schema.get("properties", {})))

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the fields that must stand inside it, in the schema's order."""
        named = {name for schema in self._certain for name in schema.get("required", ())}
        return tuple(sorted(named, key=lambda name: (self._position(name), name)))

    def _position(self, name: str) -> int:
        return self.fields.index(name) if name in self.fields else len(self.fields)

    @property
    def description(self) -> str:
        """What it is, in a sentence."""
        return str(self._first("description", ""))

    @property
    def default(self) -> Any:
        """What the schema proposes, or `None`."""
        return self._first("default", None)

    @property
    def is_computed(self) -> bool:
        """Whether it follows from other fields and need not be written."""
        return self._first("x-computed", None) is not None

    @property
    def is_instant(self) -> bool:
        """Whether it is a moment in time."""
        return bool(self._first("format", "") == "date-time")

    @property
    def is_day(self) -> bool:
        """Whether it is a calendar day."""
        return bool(self._first("format", "") == "date")

    @property
    def pattern(self) -> str:
        """The pattern that its text must match, or the empty text."""
        return str(self._first("pattern", ""))

    def _first(self, keyword: str, otherwise: Any) -> Any:
        return next((schema[keyword] for schema in self._certain if keyword in schema), otherwise)


def shape_of(kind: Kind) -> Shape:
    """Return the shape of a whole record of a kind."""
    return Shape((kind.schema,), kind.schema.get("$defs", {}))


def _expanded(schema: Schema, definitions: Schema, words: tuple[str, ...], depth: int) -> Iterator[Schema]:
    """Yield a subschema and all that it takes in by reference or by the given keywords."""
    if not isinstance(schema, Mapping) or depth > 20:
        return
    yield schema
    if isinstance(reference := schema.get("$ref"), str):
        yield from _expanded(definitions.get(reference.rpartition("/")[2], {}), definitions, words, depth + 1)
    for word in words:
        inner = schema.get(word, ())
        for part in inner if isinstance(inner, list) else (inner,) if inner else ():
            yield from _expanded(part, definitions, words, depth + 1)
