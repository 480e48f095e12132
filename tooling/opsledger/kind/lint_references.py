"""What a `$ref` may lead to: a definition in the same file or in common.json, and in the end to something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from opsledger.finding import Fault
from opsledger.kind.fragments import Schema
from opsledger.kind.lint_shelf import COMMON, Shelf, closest, fault
from opsledger.kind.lint_walk import Node, below, in_place

_ALLOWED = re.compile(r"(common\.json)?#/\$defs/([A-Za-z][A-Za-z0-9_-]*)")


def reference_faults(shelf: Shelf, file: str, nodes: Iterable[Node]) -> Iterator[Fault]:
    """References of one file that lead out of the ledger, to nothing, or round in a circle."""
    for node in nodes:
        reference = node.stated.get("$ref")
        if isinstance(reference, str) and shelf.target(file, reference) is None:
            told = _astray(shelf, file, node.at, reference)
            if told is not None:
                yield told
    yield from _circles(shelf, file)


def _astray(shelf: Shelf, file: str, at: str, reference: str) -> Fault | None:
    match = _ALLOWED.fullmatch(reference)
    if match is None:
        said, fix = _why_refused(reference)
        return fault(f"{at}/$ref", f"{file} points to {reference!r}, {said}", fix)
    holder, name = match[1] or file, match[2]
    if holder in shelf.unreadable:
        return None
    known = _definitions(shelf, holder)
    if name in known:
        return None  # it is there, but is no schema; that is said where it stands
    if not known and closest("$defs", set(shelf.schemas.get(holder, {})) - {"$defs"}):
        return None  # `$defs` itself is misspelt
    other = file if holder == COMMON else COMMON
    here = f"{COMMON}#/$defs/" if holder == COMMON else "#/$defs/"
    there = f"{COMMON}#/$defs/" if other == COMMON else "#/$defs/"
    if name in _definitions(shelf, other):
        fix = f"write {there}{name}"
    else:
        near = closest(name, known)
        fix = f"write {here}{near}" if near else f"define {name} under `$defs` of {holder}"
    return fault(f"{at}/$ref", f"{file} points to {reference!r}, which {holder} does not define", fix)


def _definitions(shelf: Shelf, file: str) -> Schema:
    definitions = shelf.schemas.get(file, {}).get("$defs")
    return definitions if isinstance(definitions, dict) else {}


def _why_refused(reference: str) -> tuple[str, str]:
    """Why a reference is of no allowed form, and what to write."""
    target, _, fragment = reference.partition("#")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", target) or target.startswith("//"):
        return "which lies outside the ledger", "copy that schema into `$defs` and write #/$defs/NAME"
    if target not in ("", COMMON):
        return "which is another file", f"move what it means into {COMMON} and write {COMMON}#/$defs/NAME"
    if not target and not fragment:
        return "which is the whole file itself", "move what repeats into `$defs` and write #/$defs/NAME"
    return "which is no definition under `$defs`", f"move it into `$defs` and write {target}#/$defs/NAME"


def _circles(shelf: Shelf, file: str) -> Iterator[Fault]:
    """Definitions that end up at themselves without a step into the value, which no validator survives."""
    edges = {
        name: [
            (at, target[1])
            for at, stated in in_place(below("/$defs", name), definition)
            if (target := shelf.target(file, stated.get("$ref"))) is not None and target[0] == file
        ]
        for name, definition in _definitions(shelf, file).items()
    }
    told: set[str] = set()
    for name, leads in edges.items():
        circle = _circle(edges, name)
        if circle and not told & set(circle):
            told |= set(circle)
            at = next(at for at, target in leads if target in circle)
            way = " → ".join([*circle, name])
            yield fault(
                f"{at}/$ref",
                f"{file} defines {name} by itself: {way}",
                "end the circle: let one of them say what it is",
            )


def _circle(edges: dict[str, list[tuple[str, str]]], start: str) -> list[str]:
    """The names on a way from a definition back to itself, or nothing."""
    waiting, seen = [[start]], {start}
    while waiting:
        walked = waiting.pop(0)
        for _, target in edges.get(walked[-1], ()):
            if target == start:
                return walked
            if target not in seen:
                seen.add(target)
                waiting.append([*walked, target])
    return []


def lost_definitions(shelf: Shelf) -> Iterator[Fault]:
    """
    Definitions that packaged kinds take from common.json and that the ledger's own common.json lacks.

    The packaged files cannot be corrected, so the finding stands at the file that can.
    """
    if COMMON not in shelf.own or not shelf.is_clear(COMMON):
        return
    users: dict[str, str] = {}
    for file in sorted(set(shelf.schemas) - shelf.own):
        for reference in _references(shelf.schemas[file]):
            match = _ALLOWED.fullmatch(reference)
            if match and match[1] and match[2] not in _definitions(shelf, COMMON):
                users.setdefault(match[2], file)
    for name, file in users.items():
        message = f"{COMMON} lacks {name}, which {file} takes from it"
        yield fault("/$defs", message, f"add {name} again, as the packaged {COMMON} defines it", on_key=True)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
