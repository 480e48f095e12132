"""What conditions speak of: records with their ordered words, and the words themselves as constants."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opsledger.conditions.checking import Terms
from opsledger.conditions.shapes import ORDERED, Entry, Shape, Word, constant_of, shape_of

if TYPE_CHECKING:
    from opsledger.kind import Kind, Kinds
    from opsledger.ledger import Record

ABSENT = Entry({})
"""What stands for a record that nobody named: a map without fields, so that has() is false of each."""


def bindings_of(record: Record | None, kinds: Kinds, **more: Any) -> dict[str, Any]:
    """
    What a condition on a record is given: `record`, the same under the name of its kind, and the constants.

    Args:
        more: further names: records, `None` for one that nobody named, words, or plain values.
    """
    bound: dict[str, Any] = dict(constants(kinds.vocabularies))
    if record is not None:
        bound["record"] = bound[record.kind.name] = entry_of(record.data, record.kind)
    return bound | {name: bound_value(value) for name, value in more.items()}


def entry_of(data: Mapping[str, Any], kind: Kind) -> Entry:
    """A record's content as conditions see it."""
    return Entry(data, shape_of_kind(kind))


def bound_value(value: Any) -> Any:
    """A value from outside as conditions see it; a record by its content, and `None` as a map without fields."""
    if value is None:
        return ABSENT
    data, kind = getattr(value, "data", None), getattr(value, "kind", None)
    return entry_of(data, kind) if isinstance(data, dict) and kind is not None else value


def terms_of(kinds: Kinds, *records: str, subject: str = "", **more: str) -> dict[str, Shape]:
    """
    What a condition may speak of.

    Args:
        records: names of kinds under which records are given.
        subject: the kind of the record that `record` is; empty where that is any record, or `record` is not given.
        more: further names, each with its sort or with the vocabulary that its word is of.
    """
    terms: dict[str, Shape] = {
        name: Shape("word", {"const": word.text}) for name, word in constants(kinds.vocabularies).items()
    }
    for name in (*records, *((subject,) if subject else ())):
        if name in kinds:
            terms[name] = shape_of_kind(kinds[name])
    if subject and subject in kinds:
        terms["record"] = terms[subject]
    for name, sort in more.items():
        words = tuple(kinds.vocabularies.get(sort, {}).get("enum", ()))
        terms[name] = Shape("word", words=words) if words else Shape(sort)
    return terms


def constants(vocabularies: Mapping[str, Mapping[str, Any]]) -> dict[str, Word]:
    """
    The words of all ordered vocabularies in capitals, such as `HIGH` and `P1`.

    A constant is compared by the vocabulary of what stands beside it: `MEDIUM` is a risk beside `release.risk` and a
    size beside `release.size_class`.
    """
    words = [word for name in ORDERED for word in vocabularies.get(name, {}).get("enum", ())]
    return {constant_of(str(word)): Word(str(word)) for word in words}


def word_of(kinds: Kinds, vocabulary: str, text: str) -> Word:
    """
    A word to be given to a condition under a name of its own, such as `max_fixed_severity`.

    Raises:
        ValueError: the vocabulary has no such word.
    """
    words = tuple(kinds.vocabularies.get(vocabulary, {}).get("enum", ()))
    if text not in words:
        raise ValueError(f"{text} is no word of the vocabulary {vocabulary}")
    return Word(text, words)


@lru_cache(maxsize=256)
def shape_of_kind(kind: Kind) -> Shape:
    """What the schema of a kind says of its records."""
    return shape_of(kind.schema, kind.schema.get("$defs", {}))


__all__ = ["Terms", "bindings_of", "constants", "entry_of", "shape_of_kind", "terms_of", "word_of"]
