"""Whether a lifecycle holds together: states that exist, can be reached, and lead to an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from opsledger.finding import Fault
from opsledger.kind.fragments import Schema
from opsledger.kind.lint_shelf import Shelf, Spot, correction, fault, listed
from opsledger.kind.lint_walk import below

_AT = "/x-lifecycle"


@dataclass(frozen=True)
class _States:
    """The states of a kind, where they are listed, and where each may go."""

    names: tuple[str, ...]
    listed_at: str
    moves: dict[str, tuple[str, ...]]


def lifecycle_faults(shelf: Shelf, file: str) -> list[Fault]:
    """What is wrong with the lifecycle of a kind whose structure is sound."""
    schema = shelf.schemas[file]
    stated = schema.get("x-lifecycle")
    if stated is None:
        return []
    if schema.get("x-immutable"):
        message = f"{file} has a lifecycle, though `x-immutable` says that its records never change"
        return [fault("/x-immutable", message, "keep one of the two", on_key=True)]
    field = stated.get("field", "state")
    spots = shelf.inner([Spot(file, schema)], field)
    values = shelf.values(spots)
    if not spots or values is None:
        return [_no_states(shelf, file, stated, field, is_declared=bool(spots))]
    states = _States(tuple(values), _enum_at(schema, field), _moves(stated))
    faults = list(_unknown(file, stated, states))
    if not faults:
        faults += [
            *_ways(file, stated, states),
            *_requirements(file, stated),
            *_frozen(file, stated),
            *_repeated(file, stated),
        ]
    return faults


def _no_states(shelf: Shelf, file: str, stated: Schema, field: str, *, is_declared: bool) -> Fault:
    at = f"{_AT}/field" if "field" in stated else _AT
    if is_declared:
        message = f"{file} keeps its state in {field!r}, whose values are no closed list"
        return fault(at, message, f"list the states by `enum` at {field}")
    known = shelf.names([Spot(file, shelf.schemas[file])])
    message = f"{file} keeps its state in {field!r}, which is none of its fields"
    return fault(at, message, correction(field, known, f"add {field} to `properties`"))


def _enum_at(schema: Schema, field: str) -> str:
    """Where the states are listed, if that is in this file's own field."""
    properties = schema.get("properties", {})
    return below("/properties", field, "enum") if "enum" in properties.get(field, {}) else ""


def _moves(stated: Schema) -> dict[str, tuple[str, ...]]:
    return {state: tuple(_target(move) for move in out) for state, out in stated["moves"].items()}


def _target(move: Any) -> str:
    return str(move["to"] if isinstance(move, dict) else move)


def _mentions(stated: Schema) -> Iterator[tuple[str, str, bool]]:
    """Every state that a lifecycle names: pointer, name, whether it is a key."""
    for index, state in enumerate(stated["main"]):
        yield f"{_AT}/main/{index}", state, False
    for state, out in stated["moves"].items():
        yield below(f"{_AT}/moves", state), state, True
        for index, move in enumerate(out):
            at = below(f"{_AT}/moves", state, index)
            yield (f"{at}/to" if isinstance(move, dict) else at), _target(move), False
    frozen = stated.get("immutable_from", [])
    if isinstance(frozen, str):
        yield f"{_AT}/immutable_from", frozen, False
    else:
        for index, state in enumerate(frozen):
            yield f"{_AT}/immutable_from/{index}", state, False
    for name in ("done", "imported"):
        for index, state in enumerate(stated.get(name, ())):
            yield f"{_AT}/{name}/{index}", state, False
    for number, entry in enumerate(stated.get("requires", ())):
        if "from_state" in entry:
            yield f"{_AT}/requires/{number}/from_state", entry["from_state"], False
        for index, state in enumerate(entry.get("in_states", ())):
            yield f"{_AT}/requires/{number}/in_states/{index}", state, False


def _unknown(file: str, stated: Schema, states: _States) -> Iterator[Fault]:
    for at, state, is_key in _mentions(stated):
        if state not in states.names:
            message = f"{file} names the state {state!r}, which is none of {listed(states.names, 40)}"
            fix = correction(state, states.names, f"add {state} to the states, or remove it here")
            yield fault(at, message, fix, on_key=is_key)


def _ways(file: str, stated: Schema, states: _States) -> Iterator[Fault]:
    """States that no record can come to, and states that no record can leave though its work goes on."""
    start, done = stated["main"][0], set(stated["done"])
    reached = _reachable([start], states.moves)
    for index, state in enumerate(states.names):
        if state not in reached:
            at = f"{states.listed_at}/{index}" if states.listed_at else f"{_AT}/moves"
            message = f"{file} has the state {state!r}, to which no move leads from {start}"
            yield fault(at, message, f"add a move to {state}, or remove the state")
    ending = _reachable(done, _reversed(states.moves))
    for state in states.names:
        if state in reached and state not in ending:
            at = below(f"{_AT}/moves", state) if state in states.moves else _AT + "/done"
            message = f"{file} has no way from the state {state!r} to an end ({listed(stated['done'])})"
            yield fault(at, message, f"add {state} to `done`, or a move that leads out of it", on_key=True)
            return  # the others before it in the same trap follow from this one


def _reachable(start: Iterable[str], moves: dict[str, tuple[str, ...]]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        for state in moves.get(waiting.pop(), ()):
            if state not in found:
                found.add(state)
                waiting.append(state)
    return found


def _reversed(moves: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    back: dict[str, tuple[str, ...]] = {}
    for state, out in moves.items():
        for target in out:
            back[target] = (*back.get(target, ()), state)
    return back


def _requirements(file: str, stated: Schema) -> Iterator[Fault]:
    main = stated["main"]
    for index, entry in enumerate(stated.get("requires", ())):
        state = entry.get("from_state")
        if state is not None and state not in main:
            message = f"{file} requires something from the state {state!r} on, which is not on the main path"
            yield fault(f"{_AT}/requires/{index}/from_state", message, f'write "in_states": ["{state}"]')


def _frozen(file: str, stated: Schema) -> Iterator[Fault]:
    state = stated.get("immutable_from")
    if isinstance(state, str) and state not in stated["main"]:
        message = f"{file} freezes records from the state {state!r} on, which is not on the main path"
        yield fault(f"{_AT}/immutable_from", message, f'write ["{state}"]')


def _repeated(file: str, stated: Schema) -> Iterator[Fault]:
    """Moves that stand twice, or that lead nowhere."""
    for state, out in stated["moves"].items():
        always = [move for move in out if isinstance(move, str)]
        for index, move in enumerate(out):
            at = below(f"{_AT}/moves", state, index)
            if _target(move) == state:
                yield fault(at, f"{file} has a move from {state!r} to itself", "remove it: staying is no move")
            elif isinstance(move, dict) and _target(move) in always:
                message = f"{file} has the move from {state!r} to {_target(move)!r} twice, with a condition and without"
                yield fault(at, message, "keep one of the two")
