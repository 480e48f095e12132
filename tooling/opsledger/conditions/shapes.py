"""What values are there to speak of: the sort of a value, and what a schema says of the values below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

ORDERED = (
    "severity", "impact", "urgency", "priority", "computed_priority", "risk", "criticality", "size_class", "confidence",
)  # fmt: skip
"""The shared definitions whose words have an order, from least to most."""

_SORTS = {
    "string": "string", "integer": "int", "number": "double", "boolean": "bool", "array": "list", "object": "map",
}  # fmt: skip
_BRANCHES = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True)
class Word:
    """
    A word of an ordered vocabulary.

    Args:
        text: as records write it.
        words: the vocabulary, from least to most; empty for a constant, which fits every vocabulary that has it.
    """

    text: str
    words: tuple[str, ...] = ()

    @property
    def constant(self) -> str:
        """How conditions write it."""
        return constant_of(self.text)


@dataclass(frozen=True)
class Shape:
    """
    What is known of a value before there is one.

    Args:
        sort: null, bool, int, double, string, word, list, map, timestamp, duration, or any.
        stated: what the schema says of it; empty where no schema does.
        definitions: what `$ref` leads to.
        words: of a word, its vocabulary; empty for a constant.
    """

    sort: str = "any"
    stated: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    definitions: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    words: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The only texts that it can be; empty where it can be any."""
        stated = self.stated.get("enum", ())
        return self.words or (tuple(stated) if all(isinstance(one, str) for one in stated) else ())

    def below(self, name: str) -> Shape | None:
        """What is known of a field; `None` where no value of this shape can have it."""
        found = [self._with(one) for one in self._stated_of(name)]
        if found:
            known = [shape for shape in found if shape.sort != "any"]
            return known[0] if known else found[0]
        return None if self.sort != "any" and self._is_closed else ANY

    @property
    def item(self) -> Shape:
        """What is known of the items of a list."""
        return next((self._with(one["items"]) for one in self._parts() if isinstance(one.get("items"), dict)), ANY)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that the schema knows."""
        return tuple(dict.fromkeys(name for one in self._parts() for name in one.get("properties", {})))

    @property
    def _is_closed(self) -> bool:
        return self.sort != "map" or self.stated.get("additionalProperties") is False

    def _stated_of(self, name: str) -> Iterator[Any]:
        for one in self._parts():
            if name in one.get("properties", {}):
                yield one["properties"][name]
            elif isinstance(one.get("additionalProperties"), dict):
                yield one["additionalProperties"]

    def _parts(self) -> Iterator[Mapping[str, Any]]:
        """What the schema says, branch by branch."""
        waiting, met = [self.stated], 0
        while waiting and met < 100:
            met += 1
            one = _resolved(waiting.pop(0), self.definitions)[0]
            yield one
            waiting += [branch for keyword in _BRANCHES for branch in one.get(keyword, ()) if isinstance(branch, dict)]
            waiting += [one[keyword] for keyword in ("then", "else") if isinstance(one.get(keyword), dict)]

    def _with(self, stated: Any) -> Shape:
        return shape_of(stated, self.definitions) if isinstance(stated, dict) else ANY


ANY = Shape()


@dataclass(frozen=True)
class Entry:
    """A map of a record, or one that a condition writes; its values are looked at through its shape."""

    data: Mapping[str, Any]
    shape: Shape = ANY

    def value(self, name: str) -> Any:
        """The value of a field that is there."""
        return seen(self.data[name], self.shape.below(name) or ANY)


@dataclass(frozen=True)
class Row:
    """A list of a record, or one that a condition writes."""

    data: tuple[Any, ...]
    shape: Shape = ANY

    def values(self) -> Iterator[Any]:
        """Each item, looked at through the shape."""
        item = self.shape.item
        return (seen(one, item) for one in self.data)


def shape_of(stated: Mapping[str, Any], definitions: Mapping[str, Any]) -> Shape:
    """What a part of a schema says of the values that fit it."""
    resolved, vocabulary = _resolved(stated, definitions)
    words = resolved.get("enum", ())
    if vocabulary in ORDERED and words:
        return Shape("word", resolved, definitions, tuple(map(str, words)))
    sort = resolved.get("type")
    if sort is None and words:
        sort = "string" if all(isinstance(one, str) for one in words) else None
    if sort is None:
        sort = "object" if "properties" in resolved else "array" if "items" in resolved else None
    return Shape(_SORTS.get(sort, "any") if isinstance(sort, str) else "any", resolved, definitions)


def _resolved(stated: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """What stands at the end of a chain of references, and the name of the last shared definition on it."""
    name, met = "", 0
    while isinstance(stated.get("$ref"), str) and met < 20:
        met += 1
        key = stated["$ref"].rpartition("/")[2]
        target = definitions.get(key)
        if not isinstance(target, dict):
            break
        name = key.removeprefix("common.")
        stated = {**target, **{word: value for word, value in stated.items() if word != "$ref"}}
    return stated, name


def constant_of(text: str) -> str:
    """How conditions write a word: in capitals."""
    return text.upper().replace("-", "_")


def seen(value: Any, shape: Shape = ANY) -> Any:
    """A value of a record as conditions see it."""
    if isinstance(value, dict):
        return Entry(value, shape)
    if isinstance(value, list | tuple):
        return Row(tuple(value), shape)
    if shape.sort == "word" and isinstance(value, str) and value in shape.words:
        return Word(value, shape.words)
    if shape.sort == "double" and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 1 << 63 else value
    return value


def sort_of(value: Any) -> str:
    """The sort of a value that there is."""
    for sort, kinds in _BY_CLASS:
        if isinstance(value, kinds):
            return sort
    return "null" if value is None else "any"


_BY_CLASS: tuple[tuple[str, type], ...] = (
    ("bool", bool), ("int", int), ("double", float), ("string", str), ("word", Word), ("list", Row), ("map", Entry),
    ("timestamp", datetime), ("duration", timedelta),
)  # fmt: skip

_SAID = {
    "null": "nothing", "bool": "yes or no", "int": "a whole number", "double": "a number", "string": "a text",
    "word": "a word with an order", "list": "a list", "map": "a map", "timestamp": "a time",
    "duration": "a length of time", "any": "something else",
}  # fmt: skip


def said(sort: str) -> str:
    """What people call a sort."""
    return _SAID[sort]
