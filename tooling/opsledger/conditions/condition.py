"""A condition: read once, judged of many things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from opsledger.conditions.checking import Checker, Terms
from opsledger.conditions.evaluating import MOST_STEPS, Evaluator, Lost, written
from opsledger.conditions.operations import Exhausted
from opsledger.conditions.parsing import parsed
from opsledger.conditions.shapes import Word, said, sort_of
from opsledger.conditions.syntax import Node, Unsound


@dataclass(frozen=True)
class Unanswered:
    """
    A condition could not be judged.

    Args:
        message: why, as a sentence without a stop.
        column: where in its text, counted from 1.
    """

    message: str
    column: int = 1


@dataclass(frozen=True)
class Condition:
    """
    An expression in CEL, the Common Expression Language.

    Args:
        text: as it is written.
    """

    text: str
    tree: Node = field(repr=False, compare=False)

    def holds(self, bindings: Mapping[str, Any], *, steps: int = MOST_STEPS) -> bool | Unanswered:
        """
        Whether it holds.

        Args:
            bindings: what it speaks of, as `bindings_of` makes it.
            steps: how many it may take.
        """
        found = self._value(bindings, steps)
        if isinstance(found, bool | Unanswered):
            return found
        return Unanswered(f"yes or no is expected, and it gives {said(sort_of(found))}", self.tree.column)

    def word(self, bindings: Mapping[str, Any], *, steps: int = MOST_STEPS) -> str | Unanswered:
        """The text that it gives, such as *warning*."""
        found = self._value(bindings, steps)
        if isinstance(found, Word):
            return found.text
        if isinstance(found, str | Unanswered):
            return found
        return Unanswered(f"a word is expected, and it gives {said(sort_of(found))}", self.tree.column)

    def check(self, terms: Terms, *, gives: str = "bool") -> None:
        """
        Look whether it speaks only of what there is.

        Args:
            terms: what it may speak of.
            gives: the sort of its value.

        Raises:
            Unsound: it does not, or its value is of another sort.
        """
        sort = Checker(terms).shape(self.tree, terms).sort
        if sort not in (gives, "any"):
            raise Unsound(f"{said(gives)} is expected, and {written(self.tree)} is {said(sort)}", self.tree.column)

    def _value(self, bindings: Mapping[str, Any], steps: int) -> Any:
        try:
            return Evaluator(steps).value(self.tree, bindings)
        except Lost as unknown:
            return Unanswered(unknown.message, unknown.column)
        except Exhausted:
            return Unanswered(f"it takes more than {steps:,} steps", self.tree.column)


@lru_cache(maxsize=512)
def compiled(text: str) -> Condition:
    """
    A condition from its text.

    Raises:
        Unsound: it is none; says what is wrong, and in which column.
    """
    return Condition(text, parsed(text))
