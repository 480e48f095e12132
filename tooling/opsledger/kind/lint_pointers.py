"""Whether the pointers of annotations lead to fields that the kind declares, and what they compare fits together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.finding import Fault
from opsledger.kind.fragments import Schema
from opsledger.kind.lint_shelf import Shelf, Spot, correction, fault, listed
from opsledger.kind.lint_walk import Node, below, fragments_of


def pointer_faults(shelf: Shelf, file: str, *, sound: tuple[str, ...]) -> Iterator[Fault]:
    """
    Pointers of a kind's annotations that no field answers to.

    Args:
        shelf: all schema files.
        file: the kind's file.
        sound: the annotations whose own structure is in order; others are passed over.
    """
    schema = shelf.schemas[file]
    for at, pattern, purpose in _pointers(schema, sound):
        if pattern == "":
            continue
        if "*" in pattern.split("/") and at.endswith("/at"):
            message = f"{file} requires something at {pattern!r}, where one spot must be named and not each entry"
            yield fault(at, message, "point to the list, and say with `items` what each entry needs")
            continue
        spots, near = shelf.trace(file, pattern)
        if not spots:
            fix = f"write {near}" if near else f"add {pattern} to `properties`, or remove it here"
            yield fault(at, f"{file} {purpose} {pattern!r}, which no field declares", fix)
    if "x-order" in sound:
        yield from _uneven(file, schema.get("x-order", []))


def _pointers(schema: Schema, sound: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Every pointer of the annotations at the top: where it stands, itself, and what it is for."""
    stated = {key: value for key, value in schema.items() if key in sound}
    for scope, pointers in stated.get("x-scopes", {}).items():
        for index, pattern in enumerate(pointers):
            yield below("/x-scopes", scope, index), pattern, f"covers by the scope {scope!r}"
    for number, pair in enumerate(stated.get("x-order", ())):
        for index, pattern in enumerate(pair):
            yield f"/x-order/{number}/{index}", pattern, "puts in order"
    if "x-title" in stated:
        yield "/x-title", stated["x-title"], "takes its title from"
    about = stated.get("x-kind", {})
    for key, purpose in (("shards", "sorts its files by"), ("id_from", "takes its id from")):
        if about.get(key, "").startswith("/"):
            yield f"/x-kind/{key}", about[key], purpose
    for index, entry in enumerate(stated.get("x-lifecycle", {}).get("requires", ())):
        yield f"/x-lifecycle/requires/{index}/at", entry["at"], "requires something at"


def _uneven(file: str, orders: list[list[str]]) -> Iterator[Fault]:
    """Pairs of which one times a list's entries and the other another list's."""
    for index, (first, second) in enumerate(orders):
        lists = [pattern.rpartition("/*")[0] for pattern in (first, second)]
        if all(lists) and lists[0] != lists[1]:
            message = f"{file} compares {first!r} with {second!r}, which are entries of different lists"
            yield fault(f"/x-order/{index}", message, "compare two fields of the same entry")


def computed_faults(shelf: Shelf, file: str, node: Node) -> Iterator[Fault]:
    """A computed value whose sources the kind lacks, or whose table names values that they never have."""
    if node.sort != "field" or not {"x-computed", "$ref"} & node.stated.keys():
        return
    for spot in shelf.same_value(Spot(file, node.stated)):
        rule = spot.stated.get("x-computed")
        if not isinstance(rule, dict):
            continue
        is_here = spot.stated is node.stated
        sources: list[list[Any] | None] = []
        for index, pattern in enumerate(rule["from"]):
            spots, near = shelf.trace(file, pattern)
            if not spots:
                at = f"{node.at}/x-computed/from/{index}" if is_here else node.at
                message = f"{file} computes a value from {pattern!r}, which no field declares"
                yield fault(at, message, f"write {near}" if near and is_here else f"add {pattern} to `properties`")
            sources.append(shelf.values(spots) if spots else None)
        if is_here:
            yield from _table(file, node.at, rule, sources, shelf.values([spot]))


def _table(
    file: str, at: str, rule: Schema, sources: list[list[Any] | None], results: list[Any] | None
) -> Iterator[Fault]:
    for row, result in rule["table"].items():
        where = below(f"{at}/x-computed/table", row)
        parts = row.split("/")
        if len(parts) != len(sources):
            message = f"{file} has the row {row!r} for {len(sources)} sources"
            yield fault(where, message, "write one text for each, joined by /", on_key=True)
            continue
        for part, values in zip(parts, sources, strict=True):
            if values is not None and part not in map(str, values):
                message = f"{file} has the row {row!r}, though {part!r} is none of {listed(values)}"
                yield fault(where, message, correction(part, values, "correct the row"), on_key=True)
                break
        if results is not None and result not in results:
            yield _no_result(file, where, result, results)
    if "default" in rule and results is not None and rule["default"] not in results:
        yield _no_result(file, f"{at}/x-computed/default", rule["default"], results)


def _no_result(file: str, at: str, result: Any, results: list[Any]) -> Fault:
    message = f"{file} computes {result!r}, which is none of {listed(results)}"
    return fault(at, message, correction(result, results, "write one of them"))


def fragment_faults(shelf: Shelf, file: str, schema: Schema) -> Iterator[Fault]:
    """Fragments of a lifecycle that speak of fields or values that the kind does not have."""
    root = [Spot(file, schema)]
    for at, fragment in fragments_of(schema):
        spots = root
        if at.endswith("/schema"):
            entry = schema["x-lifecycle"]["requires"][int(at.split("/")[3])]
            spots = shelf.trace(file, entry["at"])[0]
        yield from narrowing_faults(shelf, file, at, fragment, spots)


def branch_faults(shelf: Shelf, file: str, node: Node) -> Iterator[Fault]:
    """Branches beside a schema's own fields that speak of others."""
    if not node.whole or not {"properties", "$ref"} & node.stated.keys():
        return
    spots = [Spot(file, node.stated)]
    for at, branch in _beside(node.at, node.stated):
        yield from narrowing_faults(shelf, file, at, branch, spots)


def _beside(at: str, stated: Schema) -> Iterator[tuple[str, Schema]]:
    """The branches and conditions of a subschema, which judge the same value."""
    for keyword in ("allOf", "anyOf", "oneOf"):
        inner = stated.get(keyword)
        for index, branch in enumerate(inner if isinstance(inner, list) else ()):
            if isinstance(branch, dict):
                yield f"{at}/{keyword}/{index}", branch
    for keyword in ("not", "if", "then", "else"):
        if isinstance(branch := stated.get(keyword), dict):
            yield f"{at}/{keyword}", branch
    dependent = stated.get("dependentSchemas")
    for name, branch in dependent.items() if isinstance(dependent, dict) else ():
        if isinstance(branch, dict):
            yield below(f"{at}/dependentSchemas", name), branch


def narrowing_faults(shelf: Shelf, file: str, at: str, fragment: Schema, spots: list[Spot]) -> Iterator[Fault]:
    """
    What a fragment says of fields that are declared elsewhere and that it misspells.

    Args:
        shelf: all schema files.
        file: where the fragment stands.
        at: pointer of the fragment.
        fragment: a schema that narrows what is declared.
        spots: what is declared of the value that it judges.
    """
    if not spots:
        return
    yield from _strange_values(shelf, file, at, fragment, spots)
    known = shelf.names(spots)
    fields = fragment.get("properties", {})
    names = [(below(f"{at}/properties", name), name, True) for name in fields]
    names += [(f"{at}/required/{index}", name, False) for index, name in enumerate(fragment.get("required", ()))]
    told: set[str] = set()
    for where, name, is_key in names if known else ():
        if name not in told and not shelf.inner(spots, name):
            told.add(name)
            message = f"{file} speaks of a field {name!r} that is declared nowhere"
            fix = correction(name, known, f"declare {name} under `properties`, or remove it here")
            yield fault(where, message, fix, on_key=is_key)
    for name, inner in fields.items():
        yield from narrowing_faults(shelf, file, below(f"{at}/properties", name), inner, shelf.inner(spots, name))
    for keyword in ("items", "contains", "additionalProperties"):
        if isinstance(inner := fragment.get(keyword), dict):
            yield from narrowing_faults(shelf, file, f"{at}/{keyword}", inner, shelf.inner(spots, "*"))
    for where, branch in _beside(at, fragment):
        yield from narrowing_faults(shelf, file, where, branch, spots)


def _strange_values(shelf: Shelf, file: str, at: str, fragment: Schema, spots: list[Spot]) -> Iterator[Fault]:
    asked = [(f"{at}/enum/{index}", value) for index, value in enumerate(fragment.get("enum", ()))]
    if "const" in fragment:
        asked.append((f"{at}/const", fragment["const"]))
    values = shelf.values(spots) if asked else None
    for where, value in asked:
        if values is not None and value not in values:
            message = f"{file} asks for {value!r}, which is none of {listed(values)}"
            yield fault(where, message, correction(value, values, "write one of them"))
