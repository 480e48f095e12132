"""Conditions in CEL, the Common Expression Language: what policies and gates say holds only sometimes."""

from __future__ import annotations

from opsledger.conditions.bindings import bindings_of, terms_of, word_of
from opsledger.conditions.checking import Terms
from opsledger.conditions.condition import Condition, Unanswered, compiled
from opsledger.conditions.evaluating import MOST_STEPS
from opsledger.conditions.shapes import Word
from opsledger.conditions.syntax import Unsound

__all__ = [
    "MOST_STEPS",
    "Condition",
    "Terms",
    "Unanswered",
    "Unsound",
    "Word",
    "bindings_of",
    "compiled",
    "terms_of",
    "word_of",
]
