"""Whether a condition speaks of things that there are: fields of the schemas, words of the vocabularies, sorts."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from opsledger.conditions.evaluating import written
from opsledger.conditions.operations import COMPARABLE, FUNCTIONS, OPERATIONS, ORDERS
from opsledger.conditions.shapes import ANY, Shape, constant_of, said
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
    Unsound,
)  # fmt: skip

Terms = Mapping[str, Shape]
"""What a condition may speak of: names, each with what is known of its value."""

_BOOL = Shape("bool")
_LITERALS = {bool: "bool", int: "int", float: "double", str: "string", type(None): "null"}


@dataclass(frozen=True)
class Checker:
    """
    One condition and what it may speak of.

    Args:
        terms: the names that are given.
    """

    terms: Terms

    def shape(self, node: Node, terms: Terms) -> Shape:
        """
        What is known of the value of a part.

        Raises:
            Unsound: it can have none, whatever the records say.
        """
        return self._ways[type(node)](node, terms)

    @cached_property
    def _ways(self) -> Mapping[type[Node], Callable[[Any, Terms], Shape]]:
        return {
            Literal: lambda node, _: Shape(_LITERALS[type(node.value)]),
            Name: self.named,
            Select: self.selected,
            Call: self.called,
            Either: self.joined,
            Choice: self.chosen,
            ListOf: self.listed,
            MapOf: self.mapped,
            Fold: self.folded,
        }

    def joined(self, node: Either, terms: Terms) -> Shape:
        for operand in node.operands:
            self.truth(operand, terms)
        return _BOOL

    def chosen(self, node: Choice, terms: Terms) -> Shape:
        self.truth(node.condition, terms)
        then, otherwise = self.shape(node.then, terms), self.shape(node.otherwise, terms)
        return then if then == otherwise else ANY

    def listed(self, node: ListOf, terms: Terms) -> Shape:
        for item in node.items:
            self.shape(item, terms)
        return Shape("list")

    def truth(self, node: Node, terms: Terms) -> None:
        sort = self.shape(node, terms).sort
        if sort not in ("bool", "any"):
            raise Unsound(f"yes or no is expected here, and {written(node)} is {said(sort)}", node.column)

    def named(self, node: Name, terms: Terms) -> Shape:
        if node.name not in terms:
            raise Unsound(f"nothing is called {node.name} here{_nearest(node.name, terms)}", node.column)
        return terms[node.name]

    def selected(self, node: Select, terms: Terms) -> Shape:
        held = self.shape(node.operand, terms)
        if held.sort not in ("map", "any"):
            raise Unsound(f"{written(node.operand)} is {said(held.sort)} and has no fields", node.column)
        found = held.below(node.name)
        if found is None:
            said_of = f"{written(node.operand)} never has a field {node.name}{_nearest(node.name, held.fields)}"
            raise Unsound(said_of, node.column)
        return _BOOL if node.is_test else found

    def called(self, node: Call, terms: Terms) -> Shape:
        if node.function == "in":
            self.contained(node, terms)
            return _BOOL
        shapes = [self.shape(operand, terms) for operand in node.operands]
        if node.function in ("==", "!="):
            self.equal(node, node.operands[0], node.operands[1], shapes[0], shapes[1])
            return _BOOL
        if node.function in ORDERS:
            self.ordered(node, *shapes)
            return _BOOL
        if node.function == "[]":
            return self.indexed(node, *shapes)
        return _result(node, [one.sort for one in shapes])

    def equal(self, node: Node, left: Node, right: Node, one: Shape, other: Shape) -> None:
        for shape, literal in ((one, right), (other, left)):
            if isinstance(literal, Literal) and isinstance(literal.value, str):
                _within(shape, literal.value, literal.column)
        if one.sort == other.sort == "word":
            _fitting(one, other, node.column)
        elif "any" not in (one.sort, other.sort) and one.sort != other.sort:
            pair = {one.sort, other.sort}
            if pair not in ({"int", "double"}, {"word", "string"}, {"word", "int"}) and "null" not in pair:
                raise Unsound(f"{said(one.sort)} is never the same as {said(other.sort)}", node.column)

    def ordered(self, node: Node, one: Shape, other: Shape) -> None:
        if one.sort == other.sort == "word":
            _fitting(one, other, node.column)
        elif "any" not in (one.sort, other.sort) and (one.sort, other.sort) not in COMPARABLE:
            hint = (
                ": write the word in capitals and without quotes"
                if {one.sort, other.sort} == {"word", "string"}
                else ""
            )
            raise Unsound(f"{said(one.sort)} and {said(other.sort)} have no order{hint}", node.column)

    def contained(self, node: Call, terms: Terms) -> None:
        left, right = node.operands
        one = self.shape(left, terms)
        if isinstance(right, ListOf):
            for item in right.items:
                self.equal(item, left, item, one, self.shape(item, terms))
            return
        other = self.shape(right, terms)
        if other.sort not in ("list", "map", "any"):
            raise Unsound(f"in looks into a list or a map, and {written(right)} is {said(other.sort)}", node.column)
        if other.sort == "list":
            self.equal(node, left, right, one, other.item)

    def indexed(self, node: Call, one: Shape, other: Shape) -> Shape:
        wanted = {"list": "int", "map": "string"}.get(one.sort)
        if (wanted is None and one.sort != "any") or (wanted and other.sort not in (wanted, "any")):
            raise Unsound(f"brackets are not for {said(one.sort)} and {said(other.sort)}", node.column)
        key = node.operands[1]
        if one.sort == "map" and isinstance(key, Literal) and isinstance(key.value, str):
            found = one.below(key.value)
            if found is None:
                raise Unsound(f"there is never a key '{key.value}'{_nearest(key.value, one.fields)}", key.column)
            return found
        return one.item if one.sort == "list" else ANY

    def mapped(self, node: MapOf, terms: Terms) -> Shape:
        for key, value in node.entries:
            if self.shape(key, terms).sort not in ("string", "any"):
                raise Unsound("the keys of a map are texts", key.column)
            self.shape(value, terms)
        return Shape("map", _open(node))

    def folded(self, node: Fold, terms: Terms) -> Shape:
        held = self.shape(node.operand, terms)
        if held.sort not in ("list", "map", "any"):
            raise Unsound(f"{node.macro} looks at a list or a map, and not at {said(held.sort)}", node.column)
        item = {"list": held.item, "map": Shape("string")}.get(held.sort, ANY)
        inner = {**terms, node.name: item}
        if node.keeps is not None:
            self.truth(node.keeps, inner)
        if node.macro == "map":
            self.shape(node.body, inner)
            return Shape("list")
        self.truth(node.body, inner)
        if node.macro != "filter":
            return _BOOL
        return held if held.sort == "list" else Shape("list")


def _open(node: MapOf) -> Mapping[str, object]:
    """What is known of a map that a condition writes: the keys that it writes, if they are all plain texts."""
    names = [key.value for key, _ in node.entries if isinstance(key, Literal)]
    return {"properties": {name: {} for name in names}, "additionalProperties": len(names) != len(node.entries)}


def _result(node: Call, sorts: list[str]) -> Shape:
    """The shape of what an operator or a function gives; `any` fits everywhere."""
    table = [
        (key[1:], result)
        for key, (result, _) in (*OPERATIONS.items(), *FUNCTIONS.items())
        if key[0] == node.function and len(key) == len(sorts) + 1
    ]
    texts = ["string" if sort == "word" else sort for sort in sorts]
    for meant in (sorts, texts):
        results = {
            result for key, result in table if all(one in (two, "any") for one, two in zip(meant, key, strict=True))
        }
        if results:
            return Shape(results.pop()) if len(results) == 1 else ANY
    raise Unsound(f"{node.function.rstrip('_')} is not for {' and '.join(map(said, sorts))}", node.column)


def _within(shape: Shape, text: str, column: int) -> None:
    """Refuse a text that a field can never say."""
    texts = shape.texts
    if shape.stated.get("enum") and texts and text not in texts:
        raise Unsound(f"it never says '{text}'; it says one of {', '.join(texts)}", column)


def _fitting(one: Shape, other: Shape, column: int) -> None:
    """Refuse words that do not belong to one vocabulary."""
    for field, constant in ((one, other), (other, one)):
        spelled = constant.stated.get("const")
        if spelled is not None and field.words and spelled not in field.words:
            words = ", ".join(map(constant_of, field.words))
            raise Unsound(f"{constant_of(str(spelled))} is none of its words, which are {words}", column)
    if one.words and other.words and one.words != other.words:
        raise Unsound("these are words of different vocabularies, which have no common order", column)


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    small = [one for one in names if not one.isupper()]
    return f"; there are {', '.join(small)}" if 0 < len(small) <= 12 else ""
