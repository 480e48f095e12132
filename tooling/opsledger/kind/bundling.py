"""One schema out of several files: a kind with everything that it takes from the shared definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.kind.fragments import Schema

_SHARED = re.compile(r"common\.json#/\$defs/([A-Za-z0-9_-]+)")
_OWN = re.compile(r"#/\$defs/[A-Za-z0-9_.-]+")


def bundle(schema: Schema, shared: Mapping[str, Schema]) -> Schema:
    """
    One schema that needs no other file: what it takes from `common.json` moves into its own `$defs`.

    Raises:
        ValueError: it refers to something that is neither its own nor in `common.json`.
    """
    definitions: dict[str, Any] = {}
    waiting = list(_shared_names(schema))
    bundled: Schema = _moved(schema)
    while waiting:
        name = waiting.pop()
        if f"common.{name}" in definitions:
            continue
        if name not in shared:
            raise ValueError(f"common.json has no $defs/{name}")
        definitions[f"common.{name}"] = _moved(shared[name], within_common=True)
        waiting += [*_shared_names(shared[name]), *_local_names(shared[name])]
    return {**bundled, "$defs": {**bundled.get("$defs", {}), **definitions}}


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _shared_names(schema: Any) -> Iterator[str]:
    for reference in _references(schema):
        if match := _SHARED.fullmatch(reference):
            yield match[1]
        elif not _OWN.fullmatch(reference):
            raise ValueError(f"{reference} is neither common.json#/$defs/… nor #/$defs/…")


def _local_names(schema: Any) -> Iterator[str]:
    """Names that a shared definition takes from its neighbours in `common.json`."""
    for reference in _references(schema):
        if _OWN.fullmatch(reference):
            yield reference.rpartition("/")[2]


def _moved(schema: Any, *, within_common: bool = False) -> Any:
    if isinstance(schema, list):
        return [_moved(value, within_common=within_common) for value in schema]
    if not isinstance(schema, dict):
        return schema
    moved = {key: _moved(value, within_common=within_common) for key, value in schema.items()}
    reference = moved.get("$ref")
    if isinstance(reference, str):
        if match := _SHARED.fullmatch(reference):
            moved["$ref"] = f"#/$defs/common.{match[1]}"
        elif within_common:
            moved["$ref"] = f"#/$defs/common.{reference.rpartition('/')[2]}"
    return moved
