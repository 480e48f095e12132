"""Every subschema of a schema file, with where it stands and how much it must say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opsledger.kind.fragments import Schema

_SAYS_WHAT = frozenset({"type", "properties", "$ref", "enum", "const", "additionalProperties"})
_INSIDE = ("contains", "propertyNames", "not", "if", "then", "else", "dependentSchemas", "allOf", "anyOf", "oneOf")
_APPLICATORS = frozenset({"properties", "patternProperties", "additionalProperties", "items", *_INSIDE})


@dataclass(frozen=True, slots=True)
class Node:
    """
    One subschema.

    Args:
        at: pointer of it in its file.
        stated: the subschema itself.
        sort: `root`, `field`, `entry`, `definition`, `branch` or `condition`.
        whole: whether it says all there is to say of the value (and not only what some state or case adds).
    """

    at: str
    stated: Schema
    sort: str
    whole: bool


def below(at: str, *parts: str | int) -> str:
    """The pointer of something inside what stands at a pointer."""
    for part in parts:
        at += f"/{part.replace('~', '~0').replace('/', '~1') if isinstance(part, str) else part}"
    return at


def nodes_of(schema: Schema, *, is_common: bool) -> list[Node]:
    """
    All subschemas of a file, outermost first, in file order; what is no mapping is passed over.

    Args:
        schema: a kind's schema, or the shared definitions.
        is_common: whether it is the shared definitions, which are no schema themselves.
    """
    found: list[Node] = []
    if not is_common:
        _add(found, "", schema, "root", whole=True)
    _add_each(found, schema, "$defs", "", "definition", whole=True)
    for at, fragment in fragments_of(schema) if not is_common else ():
        _add(found, at, fragment, "branch" if at.endswith("/schema") else "condition", whole=False)
    return found


def fragments_of(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The fragments inside a lifecycle: conditions of moves, and what states require."""
    lifecycle = schema.get("x-lifecycle")
    if not isinstance(lifecycle, dict):
        return
    moves = lifecycle.get("moves")
    for state, out in moves.items() if isinstance(moves, dict) else ():
        for index, move in enumerate(out if isinstance(out, list) else ()):
            if isinstance(move, dict) and isinstance(move.get("when"), dict):
                yield below("/x-lifecycle/moves", state, index, "when"), move["when"]
    requires = lifecycle.get("requires")
    for index, entry in enumerate(requires if isinstance(requires, list) else ()):
        for part in ("when", "schema"):
            if isinstance(entry, dict) and isinstance(entry.get(part), dict):
                yield f"/x-lifecycle/requires/{index}/{part}", entry[part]


def _add(found: list[Node], at: str, stated: Any, sort: str, *, whole: bool) -> None:
    """Add a subschema and what is inside it."""
    if not isinstance(stated, dict):
        return
    found.append(Node(at, stated, sort, whole))
    for keyword in stated:
        match keyword if keyword in _APPLICATORS else None:
            case None:
                continue
            case "properties":
                _add_each(found, stated, keyword, at, "field", whole=whole)
            case "patternProperties":
                _add_each(found, stated, keyword, at, "entry", whole=whole)
            case "additionalProperties" | "items":
                _add(found, f"{at}/{keyword}", stated[keyword], "entry", whole=whole)
            case "contains" | "propertyNames" | "not" | "if":
                _add(found, f"{at}/{keyword}", stated[keyword], "condition", whole=False)
            case "then" | "else":
                _add(found, f"{at}/{keyword}", stated[keyword], "branch", whole=False)
            case "dependentSchemas":
                _add_each(found, stated, keyword, at, "branch", whole=False)
            case _:
                _add_branches(found, at, stated, keyword, whole=whole)


def _add_branches(found: list[Node], at: str, stated: Schema, keyword: str, *, whole: bool) -> None:
    """Alternatives that nothing stands beside are all that is said, so each must be whole itself."""
    is_whole = whole and keyword != "allOf" and not _SAYS_WHAT & stated.keys()
    branches = stated[keyword]
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        _add(found, f"{at}/{keyword}/{index}", branch, "branch", whole=is_whole)


def _add_each(found: list[Node], stated: Schema, keyword: str, at: str, sort: str, *, whole: bool) -> None:
    mapping = stated.get(keyword)
    if isinstance(mapping, dict):
        for name, inner in mapping.items():
            _add(found, below(f"{at}/{keyword}", name), inner, sort, whole=whole)


def in_place(at: str, stated: Any) -> Iterator[tuple[str, Schema]]:
    """A subschema and all those inside it that judge the very same value."""
    if not isinstance(stated, dict):
        return
    yield at, stated
    for keyword in ("allOf", "anyOf", "oneOf"):
        inner = stated.get(keyword)
        for index, branch in enumerate(inner if isinstance(inner, list) else ()):
            yield from in_place(f"{at}/{keyword}/{index}", branch)
    for keyword in ("not", "if", "then", "else"):
        if keyword in stated:
            yield from in_place(f"{at}/{keyword}", stated[keyword])
    dependent = stated.get("dependentSchemas")
    for name, branch in dependent.items() if isinstance(dependent, dict) else ():
        yield from in_place(below(f"{at}/dependentSchemas", name), branch)
