"""What a change of a schema's file does to what is asked of records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.store import Snapshot

_MOST_BYTES = 1 << 20


def schema_sentences(path: str, before: Snapshot, after: Snapshot) -> Iterator[tuple[str, bool]]:
    """Say what a schema asks no more, covers no more or newly allows; anything else in one sentence."""
    if path not in after.files:
        yield f"deletes {path}: the packaged schema holds then, if there is one", True
        return
    if path not in before.files:
        yield f"adds {path}: it takes the place of the packaged schema, if there is one", False
        return
    old, new = _schema(before, path), _schema(after, path)
    said = [*_scopes(old, new), *_asked(old, new), *_moves(old, new), *_required(old, new)]
    for sentence in said:
        yield f"{path}: {sentence}", True
    if not said:
        yield f"changes {path}", False


def _schema(snapshot: Snapshot, path: str) -> Mapping[str, Any]:
    try:
        found = json.loads(snapshot.read(path, limit=_MOST_BYTES))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _scopes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    covered = _mapping(new, "x-scopes")
    for scope, pointers in _mapping(old, "x-scopes").items():
        for pointer in pointers if isinstance(pointers, list) else ():
            if pointer not in _list(covered, scope):
                yield f"an approval of the {scope} no longer covers {pointer}"


def _asked(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    kept = {_text(one) for one in _list(_mapping(new, "x-lifecycle"), "requires")}
    for one in _list(_mapping(old, "x-lifecycle"), "requires"):
        if _text(one) not in kept and isinstance(one, Mapping):
            yield f"this is no longer asked like this: {one.get('says', one.get('at', ''))}"


def _moves(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    known = _mapping(_mapping(old, "x-lifecycle"), "moves")
    for state, moves in _mapping(_mapping(new, "x-lifecycle"), "moves").items():
        for move in moves if isinstance(moves, list) else ():
            if move not in _list(known, state):
                to = move.get("to") if isinstance(move, Mapping) else move
                yield f"a new way leads from {state} to {to}"


def _required(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for field in _list(old, "required"):
        if field not in _list(new, "required"):
            yield f"the field {field} need not be there any more"


def _mapping(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def _list(holder: Mapping[str, Any], key: str) -> list[Any]:
    found = holder.get(key)
    return found if isinstance(found, list) else []


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
