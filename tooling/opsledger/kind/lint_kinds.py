"""What a kind says of itself and of others: its name, folder and prefix, and the kinds that it refers to."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.kind.fragments import Schema
from opsledger.kind.lint_shelf import COMMON, Shelf, Spot, correction, fault, listed
from opsledger.kind.lint_walk import Node


def kind_faults(shelf: Shelf, file: str) -> Iterator[Fault]:
    """A kind that is called unlike its file, or that takes what another kind has."""
    schema = shelf.schemas[file]
    about, stem = schema["x-kind"], file.removesuffix(".json")
    if about["name"] != stem:
        message = f"{file} says its kind is {about['name']!r}, unlike its file's name"
        yield fault("/x-kind/name", message, f"write {stem}, or rename the file to {about['name']}.json")
    if {".", ".."} & set(about["folder"].split("/")):
        message = f"{file} keeps its records in {about['folder']!r}, which leads to another place than it says"
        yield fault("/x-kind/folder", message, "write the folder without . and ..")
    if about.get("ids", "named") == "named" and about.get("shards") == "year" and "id_from" not in about:
        message = f"{file} sorts its files by year, but its ids are named and have none"
        yield fault("/x-kind/shards", message, 'remove "shards", or write "ids": "numbered"')
    yield from _taken(shelf, file, about)
    if shelf.is_clear(file):
        yield from _without_id(shelf, file, schema)


def _taken(shelf: Shelf, file: str, about: Schema) -> Iterator[Fault]:
    for key, spoken in (("folder", "keeps its records in"), ("prefix", "starts its ids with")):
        for other in _earlier(shelf, file):
            theirs = shelf.schemas[other].get("x-kind")
            if key not in about or not isinstance(theirs, dict):
                continue
            if _same(key, about[key]) == _same(key, theirs.get(key)):
                message = f"{file} {spoken} {about[key]!r}, as {other} does"
                yield fault(f"/x-kind/{key}", message, f"choose another {key} for one of the two")
                break


def _earlier(shelf: Shelf, file: str) -> list[str]:
    """The files to compare with, so that of two that clash only one is told of, and that one can be edited."""
    return [
        other
        for other in shelf.kind_files
        if other in shelf.schemas and (other < file or other not in shelf.own) and other != file
    ]


def _same(key: str, value: object) -> object:
    if key != "folder" or not isinstance(value, str):
        return value
    return value.strip("/") if value.startswith("/") else f"records/{value.strip('/')}"


def _without_id(shelf: Shelf, file: str, schema: Schema) -> Iterator[Fault]:
    about = schema["x-kind"]
    if about.get("id_from", "/id") != "/id":
        return
    is_required = "id" in schema.get("required", ())
    if not shelf.inner([Spot(file, schema)], "id"):
        if is_required:
            return  # that it is asked for and not declared is told of where it is asked for
        message = f"{file} declares no field `id`, and does not say where ids come from"
        yield fault("/x-kind", message, 'add `id` to `properties`, or "id_from" to `x-kind`', on_key=True)
    elif not is_required:
        message = f"{file} does not require `id`, so a record may have none"
        yield fault("/properties/id", message, "add id to `required`", on_key=True)


def link_faults(shelf: Shelf, file: str, node: Node) -> Iterator[Fault]:
    """A reference to kinds that nobody defines, or with another side that is not there."""
    stated = node.stated.get("x-refers-to")
    if not isinstance(stated, dict):
        return
    at = f"{node.at}/x-refers-to"
    known = [other.removesuffix(".json") for other in shelf.kind_files]
    kinds = stated["kinds"]
    unknown = [(index, kind) for index, kind in enumerate(kinds) if kind != "*" and kind not in known]
    for index, kind in unknown:
        message = f"{file} refers to the kind {kind!r}, which no schema defines"
        otherwise = f"add schemas/{kind}.json, or use one of {listed(known, 40)}"
        yield fault(f"{at}/kinds/{index}", message, correction(kind, known, otherwise))
    if "*" in kinds and len(kinds) > 1:
        message = f"{file} refers to any kind by '*' and names others beside it"
        yield fault(f"{at}/kinds/{kinds.index('*')}", message, 'keep "*" alone, or the names')
    elif "mirror" in stated and not unknown:
        yield from _mirror(shelf, file, at, stated)


def _mirror(shelf: Shelf, file: str, at: str, stated: Schema) -> Iterator[Fault]:
    if stated["kinds"] == ["*"]:
        message = f"{file} has a mirror in any kind, where its place cannot be known"
        yield fault(f"{at}/mirror", message, "name the kinds, or remove `mirror`")
        return
    own_name = file.removesuffix(".json")
    for kind in stated["kinds"]:
        other = f"{kind}.json"
        if not shelf.is_clear(other) or not isinstance(shelf.schemas[other].get("properties"), dict):
            continue
        spots, near = shelf.trace(other, stated["mirror"])
        if not spots:
            message = f"{file} has its mirror at {stated['mirror']!r} of {kind}, which {other} does not declare"
            fix = f"write {near}" if near else f"add {stated['mirror']} to {other}, or remove `mirror`"
            yield fault(f"{at}/mirror", message, fix)
            return
        if file != COMMON and not _refers_to(shelf, spots, own_name):
            message = f"{file} has its mirror at {stated['mirror']!r} of {kind}, which refers to no {own_name}"
            yield fault(f"{at}/mirror", message, f"point to the field of {kind} that names a {own_name}")
            return


def _refers_to(shelf: Shelf, spots: list[Spot], kind: str) -> bool:
    """Whether a text at some spots may name a record of a kind."""
    stated = [same.stated.get("x-refers-to") for spot in spots for same in shelf.same_value(spot)]
    return any({kind, "*"} & set(refers.get("kinds", ())) for refers in stated if isinstance(refers, dict))
