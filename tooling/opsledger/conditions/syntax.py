"""What a condition is made of, once it is read: a tree whose leaves are names and literals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from opsledger.errors import OpsledgerError

LONGEST = 2000
"""How many characters a condition may have."""
DEEPEST = 32
"""How many parts of a condition may stand one inside the other."""


class Unsound(OpsledgerError):
    """
    A text is no condition, or one that speaks of something that does not exist.

    Args:
        message: what is wrong, as a sentence without a stop.
        column: where in the text, counted in characters from 1.
    """

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message = message
        self.column = column

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


@dataclass(frozen=True)
class Node:
    """One part of a condition, and the column that messages about it name."""

    column: int = field(compare=False)


@dataclass(frozen=True)
class Literal(Node):
    """A value as it is written: null, a truth value, a number or a text."""

    value: Any


@dataclass(frozen=True)
class Name(Node):
    """Something that is given from outside, or bound by a macro around it."""

    name: str


@dataclass(frozen=True)
class Select(Node):
    """A field of a map; with `is_test`, whether it is there."""

    operand: Node
    name: str
    is_test: bool = False


@dataclass(frozen=True)
class Call(Node):
    """An operator or a function with its operands; of a method, what stands before the dot is the first."""

    function: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Either(Node):
    """Several conditions joined by `&&` or `||`."""

    is_and: bool
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Choice(Node):
    """One of two values, by a condition."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class ListOf(Node):
    """A list as it is written."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class MapOf(Node):
    """A map as it is written."""

    entries: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True)
class Fold(Node):
    """
    A macro over a list or the keys of a map.

    Args:
        macro: all, exists, exists_one, filter or map.
        name: what an item is called in `body` and `keeps`.
        keeps: of a map with three arguments, which items it is made of.
    """

    macro: str
    operand: Node
    name: str
    body: Node
    keeps: Node | None = None
