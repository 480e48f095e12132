"""How much findings weigh where a policy says so by a condition over the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opsledger.conditions.bindings import bound_value, constants
from opsledger.conditions.condition import Unanswered, compiled
from opsledger.conditions.syntax import Call, Choice, Either, Literal, Node, Select, Unsound

if TYPE_CHECKING:
    from opsledger.ledger import Record

WEIGHTS = ("note", "warning", "error")


def weight(text: str, place: Record | None) -> str | Unanswered:
    """
    The weight that a condition gives for an environment: note, warning or error.

    Args:
        place: the environment; `None` where none is asked about.
    """
    try:
        condition = compiled(text)
    except Unsound as unsound:
        return Unanswered(unsound.message, unsound.column)
    named = constants(place.kind.shared) if place is not None else {}
    found = condition.word({**named, "environment": bound_value(place)})
    if isinstance(found, str) and found not in WEIGHTS:
        return Unanswered(f"it gives '{found[:40]}', and a weight is note, warning or error", condition.tree.column)
    return found


def refuse_other_words(tree: Node) -> None:
    """
    Look at the words that a condition gives as they are written in it.

    Raises:
        Unsound: one of them is no weight.
    """
    if isinstance(tree, Choice):
        refuse_other_words(tree.then)
        refuse_other_words(tree.otherwise)
    elif isinstance(tree, Literal) and tree.value not in WEIGHTS:
        raise Unsound("a weight is 'note', 'warning' or 'error'", tree.column)
    elif isinstance(tree, Either) or (isinstance(tree, Call | Select) and _is_truth(tree)):
        raise Unsound("a weight is expected, as in environment.regulated ? 'error' : 'warning'", tree.column)


def _is_truth(tree: Call | Select) -> bool:
    return tree.is_test if isinstance(tree, Select) else tree.function in ("==", "!=", "<", "<=", ">", ">=", "in", "!_")
