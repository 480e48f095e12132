"""The judge of the schemas themselves: each fault of a schema file at its line (SCH011)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from opsledger.finding import Fault, Finding, Place
from opsledger.kind.fragments import Schema
from opsledger.kind.lint_kinds import kind_faults, link_faults
from opsledger.kind.lint_lifecycle import lifecycle_faults
from opsledger.kind.lint_pointers import branch_faults, computed_faults, fragment_faults, pointer_faults
from opsledger.kind.lint_reading import MAX_BYTES, schema_in
from opsledger.kind.lint_references import lost_definitions, reference_faults
from opsledger.kind.lint_shape import shape_faults
from opsledger.kind.lint_shelf import CODE, COMMON, Shelf, fault
from opsledger.kind.lint_values import completeness_faults, value_faults
from opsledger.kind.lint_walk import Node, nodes_of
from opsledger.kind.model import Kind
from opsledger.yamlfile import Unreadable, read_exact

_TOP_ANNOTATIONS = ("x-kind", "x-lifecycle", "x-scopes", "x-order", "x-title")


def lint(files: Mapping[str, bytes], own: Collection[str]) -> list[Finding]:
    """
    Everything wrong with a ledger's own schemas, given all schemas that hold together with them.

    A fault that follows from another is left out: a file whose keywords are misspelt is not told in the same
    breath that its fields are missing.

    Args:
        files: schema file name to bytes, the packaged ones and the ledger's own laid over them.
        own: the names that stand in the ledger itself, and that findings are about.

    Returns:
        Findings in the order of their places.
    """
    read = {name: schema_in(data) for name, data in files.items() if "/" not in name and name.endswith(".json")}
    schemas = {name: schema for name, schema in read.items() if not isinstance(schema, Unreadable)}
    refused = {name: reason for name, reason in read.items() if isinstance(reason, Unreadable)}
    shelf = Shelf(schemas, frozenset(refused), frozenset(own))
    nodes = {name: nodes_of(schema, is_common=name == COMMON) for name, schema in schemas.items()}
    structural = {name: _structural(shelf, name, nodes[name]) for name in schemas if name in shelf.own}
    shelf.unclear.update(name for name, faults in structural.items() if any(map(_is_about_fields, faults)))
    fragments = _only_for_fragments(shelf, nodes)
    findings = [_refusal(name, reason) for name, reason in refused.items() if name in shelf.own]
    for name, faults in structural.items():
        findings += _placed(name, files[name], [*faults, *_meaning(shelf, name, nodes[name], faults, fragments)])
    if not findings:
        findings = [one for name in structural for one in _placed(name, files[name], _uncompiled(shelf, name))]
    return sorted(findings)


def _structural(shelf: Shelf, name: str, nodes: list[Node]) -> list[Fault]:
    """What keeps a file from being understood: unknown keywords, values of the wrong sort, lost references."""
    shape = shape_faults(name, shelf.schemas[name], is_common=name == COMMON)
    return [*shape, *reference_faults(shelf, name, nodes)]


def _is_about_fields(fault: Fault) -> bool:
    return not fault.pointer.startswith(tuple(f"/{annotation}" for annotation in _TOP_ANNOTATIONS))


def _meaning(
    shelf: Shelf, name: str, nodes: list[Node], structural: list[Fault], fragments: frozenset[tuple[str, str]]
) -> Iterator[Fault]:
    """What a file that can be understood says wrong; nothing that may only follow from a structural fault."""
    spoiled = _spoiled(structural)
    for node in nodes:
        if node.at not in spoiled:
            yield from value_faults(shelf, name, node)
            if node.whole and (name, node.at) not in fragments:
                yield from completeness_faults(shelf, name, node)
        if "x-refers-to" in node.stated and f"{node.at}/x-refers-to" not in spoiled:
            yield from link_faults(shelf, name, node)
    if name == COMMON:
        yield from lost_definitions(shelf)
        return
    sound = _sound_annotations(shelf.schemas[name], spoiled)
    if "x-kind" in sound:
        yield from kind_faults(shelf, name)
    if shelf.is_clear(name):
        yield from _of_fields(shelf, name, nodes, sound)


def _sound_annotations(schema: Schema, spoiled: frozenset[str]) -> tuple[str, ...]:
    """The annotations at the top whose own structure is in order."""
    return tuple(key for key in _TOP_ANNOTATIONS if key in schema and f"/{key}" not in spoiled)


def _of_fields(shelf: Shelf, name: str, nodes: list[Node], sound: tuple[str, ...]) -> Iterator[Fault]:
    """What can only be judged where every field is known."""
    yield from pointer_faults(shelf, name, sound=sound)
    for node in nodes:
        yield from computed_faults(shelf, name, node)
        yield from branch_faults(shelf, name, node)
    if "x-lifecycle" in sound:
        yield from lifecycle_faults(shelf, name)
        yield from fragment_faults(shelf, name, shelf.schemas[name])


def _spoiled(faults: Iterable[Fault]) -> frozenset[str]:
    """Where something is at fault already: the spots, what holds them, and the annotations that they are part of."""
    spots: set[str] = set()
    for one in faults:
        holder = one.pointer.rpartition("/")[0]
        spots |= {one.pointer, holder, holder.removesuffix("/properties")}
        parts = one.pointer.split("/")
        spots |= {"/".join(parts[: index + 1]) for index, part in enumerate(parts) if part.startswith("x-")}
    return frozenset(spots)


def _only_for_fragments(shelf: Shelf, nodes: Mapping[str, list[Node]]) -> frozenset[tuple[str, str]]:
    """Definitions that only fragments use, by file and pointer: they need not say all there is to say of a value."""
    used: dict[tuple[str, str], bool] = {}
    for file, inside in nodes.items():
        for node in inside:
            if "$ref" in node.stated and (target := shelf.target(file, node.stated["$ref"])) is not None:
                spot = (target[0], f"/$defs/{target[1]}")
                used[spot] = used.get(spot, False) or node.whole
    return frozenset(spot for spot, is_whole in used.items() if not is_whole)


def _uncompiled(shelf: Shelf, name: str) -> list[Fault]:
    """What is left when nothing is found, and yet the validator of records refuses the schema."""
    if name == COMMON:
        return []
    shared = shelf.schemas.get(COMMON, {}).get("$defs", {})
    kind = Kind(name.removesuffix(".json"), shelf.schemas[name], shared, digest="")
    try:
        kind.validator(None)
    except (ValueError, RecursionError) as failure:
        said = str(failure).partition("\n")[0]
        return [fault("", f"{name} is refused by the validator of records: {said}", "write it in simpler keywords")]
    return []


def _refusal(name: str, reason: Unreadable) -> Finding:
    message = f"{name} cannot be read as a schema: {reason.message}"
    return Finding(Place(f"schemas/{name}", reason.line, reason.column), CODE, message, reason.fix)


def _placed(name: str, data: bytes, faults: Iterable[Fault]) -> list[Finding]:
    """Faults as findings, each with the line and column of its spot; only a file at fault is read for places."""
    distinct = _distinct(faults)
    if not distinct:
        return []
    located = read_exact(data, limit=MAX_BYTES)
    if isinstance(located, Unreadable):
        return [_refusal(name, located)]
    findings = []
    for one in distinct:
        line, column = located.key_at(one.pointer) if one.on_key else located.value_at(one.pointer)
        findings.append(Finding(Place(f"schemas/{name}", line, column), one.code, one.message, one.fix))
    return findings


def _distinct(faults: Iterable[Fault]) -> list[Fault]:
    """
    Each fault once.

    Several spots that lack the same thing share a cause, and the first speaks for them; several spots that are
    misspelt must each be corrected.
    """
    told: dict[tuple[str, str], Fault] = {}
    for one in faults:
        spot = one.pointer if one.fix.startswith("write ") else ""
        told.setdefault((one.message, spot), one)
    return list(told.values())
