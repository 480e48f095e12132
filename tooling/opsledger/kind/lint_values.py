"""What one subschema says of a value: whether its keywords fit together, and whether it says enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.finding import Fault
from opsledger.kind.fragments import Schema
from opsledger.kind.lint_patterns import longest, unfit
from opsledger.kind.lint_shelf import Shelf, Spot, correction, fault, listed
from opsledger.kind.lint_walk import Node, below

_OF_TYPE = {
    "object": "properties required additionalProperties patternProperties propertyNames minProperties maxProperties "
    "dependentRequired dependentSchemas",
    "array": "items contains minContains maxContains minItems maxItems uniqueItems x-append-only",
    "string": "minLength maxLength pattern format x-refers-to x-cites x-declares",
    "number": "minimum maximum exclusiveMinimum exclusiveMaximum",
}
_TYPE_OF = {keyword: sort for sort, keywords in _OF_TYPE.items() for keyword in keywords.split()}
_SAYS_TYPE = ("type", "$ref", "enum", "const", "anyOf", "oneOf", "allOf", "not")
_LIMITS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
    ("minimum", "maximum"),
)
_LEASTS = frozenset(least for least, _ in _LIMITS)
_LINKS = ("x-refers-to", "x-cites", "x-declares", "x-append-only", "x-computed")
_PLAIN = frozenset({"string", "integer", "number", "boolean", "null"})
_TYPES = _PLAIN | {"object", "array"}


def value_faults(shelf: Shelf, file: str, node: Node) -> Iterator[Fault]:
    """Everything about one subschema that can be told without the rest of its kind."""
    stated = node.stated
    types = _types(stated)
    yield from _misplaced(file, node, types)
    if {"enum", "const", "default"} & stated.keys():
        yield from _other_values(file, node, types)
    if _LEASTS & stated.keys():
        yield from _limits(file, node)
    if "pattern" in stated or "patternProperties" in stated:
        yield from _patterns(file, node)
    if stated.get("uniqueItems") is True:
        yield from _unique(shelf, file, node)


def completeness_faults(shelf: Shelf, file: str, node: Node) -> Iterator[Fault]:
    """What a subschema that is to say all there is to say of a value leaves out."""
    stated, name = node.stated, _name(node)
    types = _types(stated)
    if not any(keyword in stated for keyword in _SAYS_TYPE):
        yield fault(node.at, f"{file} does not say what type {name} is, so any value passes", 'add "type"', on_key=True)
    elif types is not None and "object" in types and "additionalProperties" not in stated:
        fix = 'add "additionalProperties": false, or the schema of the values behind free names'
        yield fault(node.at, f"{file} lets any field into {name}, so a misspelt one is never heard", fix, on_key=True)
    if stated.get("additionalProperties") is False:
        yield from _unlisted(file, node)
    if node.sort == "field" and not _is_described(shelf, Spot(file, stated)):
        message = f"{file} does not say what {name} means to a reader"
        yield fault(node.at, message, 'add "description": one sentence for the site', on_key=True)


def _types(stated: Schema) -> frozenset[str] | None:
    """The types that a value may have; `None` where that is not said, or not said right."""
    found = stated.get("type")
    named = found if isinstance(found, list) else [found]
    if not named or not all(isinstance(one, str) and one in _TYPES for one in named):
        return None
    return frozenset(named)


def _name(node: Node) -> str:
    if node.sort == "root":
        return "the record"
    part = node.at.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    if node.sort == "entry" and part in ("items", "additionalProperties"):
        return f"an entry of {node.at.rsplit('/', 2)[1]}"
    return part


def _misplaced(file: str, node: Node, types: frozenset[str] | None) -> Iterator[Fault]:
    for keyword in node.stated:
        wanted = _TYPE_OF.get(keyword)
        if wanted is None:
            continue
        if types is not None and wanted not in types and not (wanted == "number" and "integer" in types):
            said = " or ".join(sorted(types))
            fix = "list the field's name under `required` of the mapping around it"
            if keyword != "required":
                fix = f'remove it, or write "type": "{wanted}"'
            message = f"{file} has `{keyword}` beside type {said}, of which it says nothing"
            yield fault(f"{node.at}/{keyword}", message, fix, on_key=True)
        elif keyword in _LINKS and node.sort == "condition":
            message = f"{file} has `{keyword}` inside a condition, where it says nothing"
            yield fault(f"{node.at}/{keyword}", message, "move it to the field's own schema", on_key=True)


def _other_values(file: str, node: Node, types: frozenset[str] | None) -> Iterator[Fault]:
    """Listed values that the type rules out, and a default that is not among them."""
    stated = node.stated
    listing = stated.get("enum")
    values = listing if isinstance(listing, list) else []
    named = [(f"{node.at}/enum/{index}", value) for index, value in enumerate(values)]
    named += [(f"{node.at}/{keyword}", stated[keyword]) for keyword in ("const", "default") if keyword in stated]
    for at, value in named:
        if types is not None and not _is_of(value, types):
            yield _never(file, at, value, types)
        elif at.endswith("/default") and values and value not in values:
            message = f"{file} has {value!r} as default, which is none of {listed(values)}"
            yield fault(at, message, correction(value, values, "write one of them"))


def _never(file: str, at: str, value: Any, types: frozenset[str]) -> Fault:
    said = " or ".join(sorted(types))
    return fault(at, f"{file} lists {value!r}, which a value of type {said} never is", "correct the value or the type")


def _is_of(value: Any, types: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, int):
        return bool(types & {"integer", "number"})
    if isinstance(value, float):
        return "number" in types or (value.is_integer() and "integer" in types)
    sorts = {str: "string", list: "array", dict: "object", type(None): "null"}
    return sorts[type(value)] in types


def _limits(file: str, node: Node) -> Iterator[Fault]:
    for least, most in _LIMITS:
        low, high = node.stated.get(least), node.stated.get(most)
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            message = f"{file} asks for {least} {low} and {most} {high}, which no value meets"
            yield fault(f"{node.at}/{least}", message, f"lower `{least}` or raise `{most}`")


def _patterns(file: str, node: Node) -> Iterator[Fault]:
    stated = node.stated
    pattern = stated.get("pattern")
    if isinstance(pattern, str):
        wrong = unfit(pattern)
        for why, fix in wrong[:1]:
            yield fault(f"{node.at}/pattern", f"{file} has the pattern {pattern!r}, {why}", fix)
        is_bounded = not node.whole or bool({"maxLength", "$ref", "enum"} & stated.keys())
        if not wrong and not is_bounded and longest(pattern) is None:
            message = f"{file} has a pattern without `maxLength`, so a text may be as long as it likes"
            yield fault(f"{node.at}/pattern", message, 'add "maxLength"', on_key=True)
    named = stated.get("patternProperties")
    for name in named if isinstance(named, dict) else ():
        for why, fix in unfit(name)[:1]:
            at = below(f"{node.at}/patternProperties", name)
            yield fault(at, f"{file} has the pattern {name!r}, {why}", fix, on_key=True)


def _unique(shelf: Shelf, file: str, node: Node) -> Iterator[Fault]:
    """Comparing every entry with every other takes long where there are many or large ones (BAD-051)."""
    at = f"{node.at}/uniqueItems"
    entries = shelf.inner([Spot(file, node.stated)], "*")
    if not node.whole or "$ref" in node.stated or not shelf.is_clear(file):
        return
    if not entries or not all(_is_plain(shelf, entry) for entry in entries):
        message = f"{file} asks for unique entries that may be mappings or lists, which takes long to compare"
        yield fault(
            at, message, "remove `uniqueItems`, or say by `items` that entries are texts or numbers", on_key=True
        )
    elif "maxItems" not in node.stated:
        message = f"{file} asks for unique entries of a list that may be as long as it likes"
        yield fault(at, message, 'add "maxItems"', on_key=True)


def _is_plain(shelf: Shelf, entry: Spot) -> bool:
    for same in shelf.same_value(entry):
        types = _types(same.stated)
        if types is not None:
            return types <= _PLAIN
        values = same.stated.get("enum", [same.stated["const"]] if "const" in same.stated else None)
        if isinstance(values, list):
            return not any(isinstance(value, dict | list) for value in values)
    return False


def _unlisted(file: str, node: Node) -> Iterator[Fault]:
    """Fields that are asked for and that no other keyword lets in, so that no record can be right."""
    fields, names = node.stated.get("properties", {}), node.stated.get("required", ())
    if not isinstance(fields, dict) or not isinstance(names, list) or "patternProperties" in node.stated:
        return
    for index, name in enumerate(names):
        if isinstance(name, str) and name not in fields:
            message = f"{file} requires {name!r}, which `properties` does not list"
            fix = correction(name, fields, f"add {name} to `properties`, or remove it here")
            yield fault(f"{node.at}/required/{index}", message, fix)


def _is_described(shelf: Shelf, spot: Spot) -> bool:
    seen: set[int] = set()
    while id(spot.stated) not in seen:
        if spot.stated.get("description"):
            return True
        seen.add(id(spot.stated))
        reference = spot.stated.get("$ref")
        if reference is None:
            return False
        target = shelf.target(spot.file, reference)
        if target is None:
            return True  # a reference that leads nowhere is told of on its own
        spot = Spot(target[0], target[2])
    return True
