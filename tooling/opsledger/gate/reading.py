"""The gates of a judge: which there are, which stand before a move, and which one somebody means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from opsledger.errors import OpsledgerError
from opsledger.intake import SUFFIX, id_of
from opsledger.kind import Kind, Kinds
from opsledger.ledger import Record
from opsledger.question import Move
from opsledger.store import Snapshot
from opsledger.yamlfile import read


class NoSuchGate(OpsledgerError, LookupError):
    """The judge has no gate of that name."""

    def __init__(self, name: str, judge: str, nearest: str = "") -> None:
        super().__init__(name, judge, nearest)
        self.name = name
        self.judge = judge
        self.nearest = nearest

    def __str__(self) -> str:
        hint = f"; did you mean {self.nearest}?" if self.nearest else "; a gate holds once its record is on the base"
        return f"{self.judge} has no gate called {self.name!r}{hint}"


def gates_of(snapshot: Snapshot, kinds: Kinds) -> tuple[Record, ...]:
    """
    The gates of a judge's snapshot, by path.

    One whose file cannot be read, or does not fit its schema, is among them and says `is_readable` is false: nobody
    knows which moves it stands before.
    """
    return judging_records(snapshot, kinds, "gate")


def judging_records(snapshot: Snapshot, kinds: Kinds, name: str) -> tuple[Record, ...]:
    """The records of a kind that judges, by path, from the judge's snapshot; unsound ones are not `is_readable`."""
    kind = kinds.get(name)
    if kind is None:
        return ()
    paths = [path for path in snapshot.below(kind.folder) if path.endswith(SUFFIX)]
    made = []
    for path, source in snapshot.read_many([path for path in paths if kinds.of_path(path) is kind]):
        found = read(source) if source is not None else None
        if isinstance(found, dict):
            id, title, is_sound = id_of(kind, path, found), str(found.get("title", "")), _is_sound(kind, found)
        else:
            id, title, is_sound = path.rpartition("/")[2].removesuffix(SUFFIX), "", False
        state = str(found["state"]) if isinstance(found, dict) and kind.lifecycle and "state" in found else None
        made.append(Record(id, kind, path, snapshot.files[path], state, title, snapshot, is_sound))
    return tuple(made)


def _is_sound(kind: Kind, data: dict[str, Any]) -> bool:
    return bool(kind.is_sound and kind.validator(None).is_valid(data))


def gates_on(gates: Iterable[Record], kind: str, before: str, after: str) -> tuple[Record, ...]:
    """The gates before a move; those that cannot be read stand before every one."""
    return tuple(gate for gate in gates if not gate.is_readable or _names(gate, kind, before, after))


def _names(gate: Record, kind: str, before: str, after: str) -> bool:
    return any(
        move["kind"] == kind and move["to"] == after and move.get("from", before) == before
        for _, move in gate.items("/moves")
    )


def moves_of(gate: Record, subject: Record) -> Iterator[Move]:
    """
    The moves of a record's kind that a gate stands before; where it names no state to come from, those that exist.

    Yields:
        Each move once, in the order of the gate's record and of the kind's states.
    """
    lifecycle = subject.kind.lifecycle
    if lifecycle is None or not gate.is_readable:
        return
    for _, move in gate.items("/moves"):
        ways = [state for state in lifecycle.states if move["to"] in (way.to for way in lifecycle.moves.get(state, ()))]
        if move["kind"] == subject.kind.name:
            yield from (Move(move["kind"], state, move["to"]) for state in ([move["from"]] if "from" in move else ways))


def gate_called(gates: Sequence[Record], name: str, judge: str) -> Record:
    """
    The gate that somebody calls by its id, or by its id without the prefix.

    Raises:
        NoSuchGate: there is none; it names the nearest one.
    """
    by_name = {spelling: gate for gate in gates for spelling in (gate.id.removeprefix("GAT-"), gate.id)}
    found = by_name.get(name)
    if found is None:
        near = difflib.get_close_matches(name, by_name, n=1)
        raise NoSuchGate(name, judge, near[0] if near else "")
    return found
