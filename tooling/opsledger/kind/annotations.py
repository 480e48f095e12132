"""What a schema says of single values: references, versions, lists that only grow, order of times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from opsledger.kind.fragments import Schema
from opsledger.yamlfile.pointers import parts, pointer

MAX_TURNS = 2  # how often a definition that holds itself is followed


@dataclass(frozen=True)
class Reference:
    """
    A statement of the schema that a value names another record.

    Args:
        at: pointer pattern of the value, with `*` for each item or key.
        kinds: the kinds that may be named; `("*",)` is any.
        name: how the link reads from here, such as *ships*.
        inverse: how it reads from the other side, such as *shipped in*.
        role: `child` where the named record is part of this one's work, `parent` the other way round, or empty.
        mirror: pointer pattern in the named record where the same fact may stand, or empty.
        mirror_required: whether both sides must be written.
        acyclic: whether chains of it may not loop.
    """

    at: str
    kinds: tuple[str, ...]
    name: str
    inverse: str
    role: str = ""
    mirror: str = ""
    mirror_required: bool = False
    acyclic: bool = False

    def allows(self, kind: str) -> bool:
        """Whether a record of this kind may be named."""
        return self.kinds == ("*",) or kind in self.kinds


@dataclass(frozen=True)
class Mark:
    """
    What a text in a record stands for.

    Args:
        sort: `reference`, `cites` or `declares`.
        reference: for a reference.
        space: for the others, the name space of the value, such as `version`.
    """

    sort: str
    reference: Reference | None = None
    space: str = ""


@dataclass
class _Branch:
    """A place in the tree of pointer patterns; built once for a kind, then only read."""

    marks: list[Mark] = field(default_factory=list)
    named: dict[str, _Branch] = field(default_factory=dict)
    each: _Branch | None = None


@dataclass(frozen=True)
class Computed:
    """A value that follows from others: `table` maps their texts, joined by `/`, to it."""

    at: str
    source: tuple[str, ...]
    table: Mapping[str, Any]
    default: Any


@dataclass(frozen=True)
class Order:
    """Two times that must not stand the other way round: the pointer patterns of the earlier and of the later one."""

    start: str
    end: str

    @cached_property
    def is_starred(self) -> bool:
        """Whether they stand in each entry of something."""
        return "*" in self.start_parts or "*" in self.end_parts

    @cached_property
    def start_parts(self) -> tuple[str, ...]:
        """The keys on the way to the earlier time."""
        return tuple(parts(self.start))

    @cached_property
    def end_parts(self) -> tuple[str, ...]:
        """The keys on the way to the later time."""
        return tuple(parts(self.end))

    @property
    def top(self) -> str:
        """The field that holds the later time."""
        return self.end_parts[0]


@dataclass(frozen=True)
class Annotations:
    """All that a schema says of single values, by pointer pattern; `declares` are the name spaces that it fills."""

    references: tuple[Reference, ...]
    append_only: tuple[str, ...]
    computed: tuple[Computed, ...]
    orders: tuple[Order, ...]
    declares: frozenset[str]
    tree: _Branch = field(repr=False)

    def marks_in(self, data: Any) -> list[tuple[str, str, Mark]]:
        """The marked texts of a record: pointer, text, mark."""
        met: list[tuple[str, str, Mark]] = []
        _walk(self.tree, data, "", met)
        return met


def annotations_of(schema: Schema) -> Annotations:
    """Read the annotations of a bundled schema."""
    references: dict[Reference, None] = {}
    append_only: dict[str, None] = {}
    computed: dict[str, Computed] = {}
    declares: set[str] = set()
    tree = _Branch()
    for at, stated in _values(schema, schema.get("$defs", {}), (), ()):
        pattern = pointer(at)
        for mark in _marks(pattern, stated):
            if mark.reference:
                references[mark.reference] = None
            if mark.sort == "declares":
                declares.add(mark.space)
            branch = _grow(tree, at)
            if mark not in branch.marks:
                branch.marks.append(mark)
        if stated.get("x-append-only"):
            append_only[pattern] = None
        if isinstance(rule := stated.get("x-computed"), dict):
            computed[pattern] = Computed(pattern, tuple(rule["from"]), rule["table"], rule.get("default"))
    orders = tuple(Order(first, second) for first, second in schema.get("x-order", ()))
    return Annotations(
        tuple(references), tuple(append_only), tuple(computed.values()), orders, frozenset(declares), tree
    )


def _values(
    stated: Any, definitions: Schema, at: tuple[str, ...], within: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Each subschema with the place of the values it speaks of; `within` holds the references followed so far."""
    if not isinstance(stated, dict):
        return
    yield at, stated
    reference = stated.get("$ref")
    if isinstance(reference, str) and within.count(reference) < MAX_TURNS:
        name = reference.rpartition("/")[2]
        yield from _values(definitions.get(name), definitions, at, (*within, reference))
    for name, inner in stated.get("properties", {}).items():
        yield from _values(inner, definitions, (*at, name), within)
    for keyword in ("items", "additionalProperties", "contains"):
        yield from _values(stated.get(keyword), definitions, (*at, "*"), within)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for inner in stated.get(keyword, ()):
            yield from _values(inner, definitions, at, within)
    for keyword in ("if", "then", "else"):
        yield from _values(stated.get(keyword), definitions, at, within)


def _marks(pattern: str, stated: Schema) -> Iterator[Mark]:
    refers = stated.get("x-refers-to")
    if isinstance(refers, dict):
        yield Mark(
            "reference",
            Reference(
                at=pattern,
                kinds=tuple(refers["kinds"]),
                name=refers["as"],
                inverse=refers["inverse"],
                role=refers.get("role", ""),
                mirror=refers.get("mirror", ""),
                mirror_required=bool(refers.get("mirror_required", False)),
                acyclic=bool(refers.get("acyclic", False)),
            ),
        )
    for sort in ("cites", "declares"):
        if isinstance(space := stated.get(f"x-{sort}"), str):
            yield Mark(sort, space=space)


def _grow(tree: _Branch, at: tuple[str, ...]) -> _Branch:
    for part in at:
        if part == "*":
            tree.each = tree.each or _Branch()
            tree = tree.each
        else:
            tree = tree.named.setdefault(part, _Branch())
    return tree


def _walk(branch: _Branch, data: Any, at: str, met: list[tuple[str, str, Mark]]) -> None:
    """Gather below a place; plain loops, for this runs for each value of each record that is read."""
    if isinstance(data, dict):
        named, each = branch.named, branch.each
        for key, value in data.items():
            inner = named.get(key, each)
            if inner is not None:
                where = f"{at}/{_escaped(key)}"
                if isinstance(value, str):
                    met.extend((where, value, mark) for mark in inner.marks)
                elif value:
                    _walk(inner, value, where, met)
    elif isinstance(data, list) and branch.each is not None:
        each = branch.each
        for index, value in enumerate(data):
            if isinstance(value, str):
                met.extend((f"{at}/{index}", value, mark) for mark in each.marks)
            else:
                _walk(each, value, f"{at}/{index}", met)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key
