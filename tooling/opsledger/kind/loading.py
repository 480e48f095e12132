"""Schema files read into kinds: what is packaged, with a ledger's own laid over it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from opsledger import packaged
from opsledger.kind.fragments import Schema
from opsledger.kind.model import Kind, Kinds

COMMON = "common.json"


def packaged_kinds() -> Kinds:
    """The kinds that the tool brings along."""
    return load_kinds(packaged.files("schemas"), {})


def load_kinds(packaged: Mapping[str, bytes], own: Mapping[str, bytes]) -> Kinds:
    """
    The kinds that hold in a ledger.

    A file of the ledger that cannot be read as a kind stands in `Kinds.broken`, and the linter says why; where
    the tool brings a schema of that name, that one holds meanwhile, so that one cause makes one finding.

    Args:
        packaged: the schemas of the tool, file name to bytes.
        own: the ledger's own schemas, which win over packaged ones of the same name.
    """
    files = {**packaged, **own}
    shared, broken = _shared_definitions(files.get(COMMON, b"{}"))
    if broken:
        shared, _ = _shared_definitions(packaged.get(COMMON, b"{}"))
    shared_bytes = files.get(COMMON, b"")
    kinds: dict[str, Kind] = {}
    for name in sorted(files):
        if name == COMMON or "/" in name or not name.endswith(".json"):
            continue
        kind = _kind(name.removesuffix(".json"), files[name], shared, shared_bytes)
        if kind is None or (name in own and not kind.is_sound):
            broken = (*broken, name)
            spare = packaged.get(name)
            kind = _kind(name.removesuffix(".json"), spare, shared, shared_bytes) if spare else None
        if kind is not None:
            kinds[kind.name] = kind
    return Kinds(kinds, broken=broken, vocabularies=shared, own=frozenset(own))


def _shared_definitions(source: bytes) -> tuple[dict[str, Schema], tuple[str, ...]]:
    try:
        stated = json.loads(source).get("$defs", {})
    except (ValueError, AttributeError, RecursionError):
        return {}, (COMMON,)
    return {name: schema for name, schema in stated.items() if isinstance(schema, dict)}, ()


def _kind(name: str, source: bytes, shared: Mapping[str, Schema], shared_bytes: bytes) -> Kind | None:
    try:
        schema = json.loads(source)
    except (ValueError, RecursionError):
        return None
    about = schema.get("x-kind") if isinstance(schema, dict) else None
    if not isinstance(about, dict) or about.get("name") != name or not isinstance(about.get("folder"), str):
        return None
    digest = hashlib.sha256(source + b"\0" + shared_bytes).hexdigest()
    return Kind(name=name, stated=schema, shared=shared, digest=digest)
