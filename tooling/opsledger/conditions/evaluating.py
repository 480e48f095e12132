"""The value of a condition: found in a bounded number of steps, and the same each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from opsledger.conditions.operations import (
    COMPARABLE,
    FUNCTIONS,
    OPERATIONS,
    ORDERS,
    Exhausted,
    Unknown,
    in_order,
    length,
    rank,
    ranks,
)  # fmt: skip
from opsledger.conditions.shapes import Entry, Row, Word, said, seen, sort_of
from opsledger.conditions.syntax import (
    Call,
    Choice,
    Either,
    Fold,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    Select,
)  # fmt: skip

MOST_STEPS = 20_000
"""How many steps a condition may take; a bound of time would answer differently on a slow machine."""


class Lost(Unknown):
    """A part of a condition has no value, and where in the text that part stands."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@dataclass
class Evaluator:
    """One evaluation, with the steps that it has left."""

    steps: int = MOST_STEPS

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Exhausted

    def value(self, node: Node, names: Mapping[str, Any]) -> Any:
        """
        The value of a part.

        Raises:
            Lost: it has none.
            Exhausted: the steps are used up.
        """
        self.spend(1)
        return self._ways[type(node)](node, names)

    @cached_property
    def _ways(self) -> Mapping[type[Node], Callable[[Any, Mapping[str, Any]], Any]]:
        return {
            Literal: lambda node, _: node.value,
            Name: self.named,
            Select: self.selected,
            Call: self.called,
            Either: self.joined,
            Choice: self.chosen,
            ListOf: lambda node, names: Row(tuple(self.value(item, names) for item in node.items)),
            MapOf: self.mapped,
            Fold: self.folded,
        }

    def chosen(self, node: Choice, names: Mapping[str, Any]) -> Any:
        return self.value(node.then if self.truth(node.condition, names) else node.otherwise, names)

    def truth(self, node: Node, names: Mapping[str, Any]) -> bool:
        found = self.value(node, names)
        if not isinstance(found, bool):
            raise Lost(f"yes or no is expected here, and {written(node)} is {said(sort_of(found))}", node.column)
        return found

    def named(self, node: Name, names: Mapping[str, Any]) -> Any:
        if node.name not in names:
            raise Lost(f"nothing is called {node.name} here", node.column)
        return seen(names[node.name])

    def selected(self, node: Select, names: Mapping[str, Any]) -> Any:
        held = self.value(node.operand, names)
        if not isinstance(held, Entry):
            fault = f"{written(node.operand)} is {said(sort_of(held))} and has no fields"
            raise Lost(fault, node.column)
        if node.is_test:
            return node.name in held.data
        if node.name not in held.data:
            way = written(node)
            raise Lost(f"{way} is not there; where it may be missing, ask has({way}) first", node.column)
        return held.value(node.name)

    def joined(self, node: Either, names: Mapping[str, Any]) -> bool:
        """What `&&` and `||` say: one operand that settles it settles it, whatever the others are."""
        lost: Lost | None = None
        for operand in node.operands:
            try:
                if self.truth(operand, names) is not node.is_and:
                    return not node.is_and
            except Lost as unknown:
                lost = lost or unknown
        if lost is not None:
            raise lost
        return node.is_and

    def called(self, node: Call, names: Mapping[str, Any]) -> Any:
        values = [self.value(operand, names) for operand in node.operands]
        try:
            return self.applied(node.function, values)
        except Lost:
            raise
        except Unknown as unknown:
            raise Lost(str(unknown), node.column) from None

    def applied(self, function: str, values: list[Any]) -> Any:
        self.spend(sum(map(length, values)) if function not in ("size", "[]", "in") else 0)
        if len(values) == 1:
            value = values[0]
            sort = sort_of(value)
            if (function, sort) not in FUNCTIONS and isinstance(value, Word):
                value, sort = value.text, "string"
            if (function, sort) not in FUNCTIONS:
                raise Unknown(f"{function.rstrip('_')} is not for {said(sort)}")
            return FUNCTIONS[function, sort][1](value)
        one, other = values
        if function in ("==", "!="):
            return self.equal(one, other) is (function == "==")
        if function in ORDERS:
            if (sort_of(one), sort_of(other)) not in COMPARABLE:
                raise Unknown(f"{said(sort_of(one))} and {said(sort_of(other))} have no order{_hint(one, other)}")
            return ORDERS[function](*in_order(one, other))
        if function == "in":
            return self.contained(one, other)
        if function == "[]":
            return _indexed(one, other)
        return _combined(function, one, other)

    def contained(self, one: Any, other: Any) -> bool:
        if isinstance(other, Entry):
            return isinstance(one, str) and one in other.data
        if isinstance(other, Row):
            return any(self.equal(one, item) for item in other.values())
        raise Unknown(f"in looks into a list or a map, and not into {said(sort_of(other))}")

    def equal(self, one: Any, other: Any) -> bool:
        """Whether two values are the same; values of different sorts are not."""
        self.spend(1 + min(length(one), length(other)))
        if isinstance(one, Row) and isinstance(other, Row):
            return len(one.data) == len(other.data) and all(
                self.equal(*pair) for pair in zip(one.values(), other.values(), strict=True)
            )
        if isinstance(one, Entry) and isinstance(other, Entry):
            return one.data.keys() == other.data.keys() and all(
                self.equal(one.value(key), other.value(key)) for key in one.data
            )
        if isinstance(one, Word) or isinstance(other, Word):
            return _same_word(one, other)
        sorts = {sort_of(one), sort_of(other)}
        return (len(sorts) == 1 or sorts == {"int", "double"}) and bool(one == other)

    def mapped(self, node: MapOf, names: Mapping[str, Any]) -> Entry:
        made: dict[str, Any] = {}
        for key, value in node.entries:
            name = self.value(key, names)
            if not isinstance(name, str):
                raise Lost(f"the keys of a map are texts, and this one is {said(sort_of(name))}", key.column)
            if name in made:
                raise Lost(f"the key '{name}' stands here twice", key.column)
            made[name] = self.value(value, names)
        return Entry(made)

    def folded(self, node: Fold, names: Mapping[str, Any]) -> Any:
        held = self.value(node.operand, names)
        if not isinstance(held, Row | Entry):
            raise Lost(f"{node.macro} looks at a list or a map, and not at {said(sort_of(held))}", node.column)
        items = held.values() if isinstance(held, Row) else iter(held.data)
        self.spend(len(names))
        inner = dict(names)
        if node.macro in ("all", "exists"):
            return self.asked_of_each(node, items, inner)
        made = []
        for item in items:
            self.spend(1)
            inner[node.name] = item
            if node.macro == "map":
                if node.keeps is None or self.truth(node.keeps, inner):
                    made.append(self.value(node.body, inner))
            elif self.truth(node.body, inner):
                made.append(item)
        return len(made) == 1 if node.macro == "exists_one" else Row(tuple(made))

    def asked_of_each(self, node: Fold, items: Any, inner: dict[str, Any]) -> bool:
        """Whether it holds for all, or for one: an item that settles it outweighs those that cannot be judged."""
        is_all, lost = node.macro == "all", None
        for item in items:
            self.spend(1)
            inner[node.name] = item
            try:
                if self.truth(node.body, inner) is not is_all:
                    return not is_all
            except Lost as unknown:
                lost = lost or unknown
        if lost is not None:
            raise lost
        return is_all


def _indexed(one: Any, other: Any) -> Any:
    if isinstance(one, Row) and isinstance(other, int) and not isinstance(other, bool):
        if not 0 <= other < len(one.data):
            raise Unknown(f"the list has {len(one.data)} items, counted from 0, and no item {other}")
        return seen(one.data[other], one.shape.item)
    if isinstance(one, Entry) and isinstance(other, str):
        if other not in one.data:
            raise Unknown(f"the map has no key '{other[:40]}'")
        return one.value(other)
    raise Unknown(f"brackets are not for {said(sort_of(one))} and {said(sort_of(other))}")


def _combined(function: str, one: Any, other: Any) -> Any:
    sorts = (sort_of(one), sort_of(other))
    if (function, *sorts) not in OPERATIONS and "word" in sorts:
        one, other = (value.text if isinstance(value, Word) else value for value in (one, other))
        sorts = (sort_of(one), sort_of(other))
    if (function, *sorts) not in OPERATIONS:
        raise Unknown(f"{function} is not for {said(sorts[0])} and {said(sorts[1])}")
    return OPERATIONS[(function, *sorts)][1](one, other)


def _same_word(one: Any, other: Any) -> bool:
    if isinstance(one, Word) and isinstance(other, Word):
        if not one.words and not other.words:
            return one.text == other.text
        first, second = ranks(one, other)
        return first == second
    word, value = (one, other) if isinstance(one, Word) else (other, one)
    if isinstance(value, str):
        return bool(word.text == value)
    if isinstance(value, int) and not isinstance(value, bool):
        return rank(word) == value
    return False


def _hint(one: Any, other: Any) -> str:
    """What to write instead of a word in quotes."""
    texts = [value for value in (one, other) if isinstance(value, str)]
    is_word = any(isinstance(value, Word) for value in (one, other))
    return f": write {texts[0].upper()[:20]} without quotes" if is_word and texts else ""


def written(node: Node) -> str:
    """How a part of a condition reads, as far as messages need it."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select):
        return f"{written(node.operand)}.{node.name}"
    if isinstance(node, Literal):
        return f"'{node.value}'" if isinstance(node.value, str) else str(node.value).lower()
    return "this"
