"""The states of a kind, the moves between them, and what each state asks of a record."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from opsledger.kind.fragments import Schema, at_pointer, holds


@dataclass(frozen=True)
class Move:
    """A step from one state to another, open where `when` holds of the record."""

    to: str
    when: Schema | None = None


@dataclass(frozen=True)
class Requirement:
    """
    What a record must hold from some state on.

    Args:
        states: the states in which it is asked.
        at: RFC 6901 pointer of what it judges.
        code: the rule that a record breaks by not holding it.
        says: what is expected, as the end of a sentence that starts with the record's id.
        fix: what to do, or the empty text.
        fragment: the schema of the value at the pointer.
        when: a schema that the record must fit for this to be asked, or `None` for always.
    """

    states: frozenset[str]
    at: str
    code: str
    says: str
    fix: str
    fragment: Schema
    when: Schema | None = None

    @cached_property
    def as_schema(self) -> Schema:
        """The requirement as a schema of the whole record."""
        asked = at_pointer(self.at, self.fragment)
        return {"if": self.when, "then": asked} if self.when is not None else asked

    def is_met(self, data: Mapping[str, Any], definitions: Schema) -> bool:
        """Whether the record's data holds what is asked, or is not asked."""
        return holds(self.as_schema, data, definitions)


@dataclass(frozen=True)
class Lifecycle:
    """
    The states of a kind.

    Args:
        field: the name of the field that holds the state.
        main: the main path, in order; the first is where a record starts.
        moves: the moves out of each state.
        frozen: the states in which only a move may change the record.
        done: the states that end the work.
        requires: what states ask.
        imported: the states in which a record may come in whose work was done in another system.
        definitions: the `$defs` that fragments may refer to.
    """

    field: str
    main: tuple[str, ...]
    moves: Mapping[str, tuple[Move, ...]]
    frozen: frozenset[str]
    done: frozenset[str]
    requires: tuple[Requirement, ...]
    definitions: Schema
    imported: frozenset[str] = frozenset()

    @property
    def initial(self) -> str:
        """The state in which a record starts."""
        return self.main[0]

    @cached_property
    def states(self) -> tuple[str, ...]:
        """All states: the main path in order, then the others as the moves name them."""
        named = [move.to for moves in self.moves.values() for move in moves]
        return tuple(dict.fromkeys([*self.main, *self.moves, *named]))

    @property
    def off_path(self) -> tuple[str, ...]:
        """The states beside the main path."""
        return tuple(state for state in self.states if state not in self.main)

    def onwards(self, state: str) -> tuple[str, ...]:
        """A state of the main path and those behind it; nothing where the path has no such state."""
        return self.main[self.main.index(state) :] if state in self.main else ()

    def requirements(self, state: str | None) -> Iterator[Requirement]:
        """What the state asks of a record, in the schema's order."""
        return (requirement for requirement in self.requires if state in requirement.states)

    def next_states(self, state: str, data: Mapping[str, Any]) -> tuple[str, ...]:
        """The states that one move reaches from a state, for a record with this data."""
        return tuple(
            move.to
            for move in self.moves.get(state, ())
            if move.when is None or holds(move.when, data, self.definitions)
        )

    def path(self, before: str, after: str, data: Mapping[str, Any]) -> tuple[str, ...] | None:
        """
        The shortest legal path from one state to another, both ends included.

        Between its ends it runs over main-path states only and meets no state twice.

        Returns:
            The states in order (one state where nothing moves), or `None` where no path exists.
        """
        if before == after:
            return (before,)
        seen = {before}
        waiting: deque[tuple[str, ...]] = deque([(before,)])
        while waiting:
            walked = waiting.popleft()
            for state in self.next_states(walked[-1], data):
                if state == after:
                    return (*walked, state)
                if state in self.main and state not in seen:
                    seen.add(state)
                    waiting.append((*walked, state))
        return None


def lifecycle_of(schema: Schema) -> Lifecycle | None:
    """The lifecycle that a kind's schema states, or `None` where its records have no states."""
    stated = schema.get("x-lifecycle")
    if not isinstance(stated, dict):
        return None
    main = tuple(stated.get("main", ()))
    if not main:
        return None
    moves = {state: tuple(_move(move) for move in out) for state, out in stated.get("moves", {}).items()}
    return Lifecycle(
        field=stated.get("field", "state"),
        main=main,
        moves=moves,
        frozen=_frozen(stated.get("immutable_from"), main),
        done=frozenset(stated.get("done", ())),
        requires=tuple(_requirement(entry, main, _elsewhere(stated)) for entry in stated.get("requires", ())),
        definitions=schema.get("$defs", {}),
        imported=frozenset(stated.get("imported", ())),
    )


def _move(stated: str | dict[str, Any]) -> Move:
    return Move(stated) if isinstance(stated, str) else Move(stated["to"], stated.get("when"))


def _frozen(stated: str | list[str] | None, main: tuple[str, ...]) -> frozenset[str]:
    if isinstance(stated, str):
        return frozenset(_from(stated, main))
    return frozenset(stated or ())


def _from(state: str, main: tuple[str, ...]) -> tuple[str, ...]:
    return main[main.index(state) :] if state in main else (state,)


def _elsewhere(stated: Schema) -> Schema | None:
    """What a record holds whose work was done in another system: it owes nothing of what its states ask here."""
    if not stated.get("imported"):
        return None
    field = stated.get("field", "state")
    return {"required": ["source", field], "properties": {field: {"enum": list(stated["imported"])}}}


def _requirement(entry: dict[str, Any], main: tuple[str, ...], elsewhere: Schema | None) -> Requirement:
    when = entry.get("when")
    if elsewhere is not None:
        spared = {"not": elsewhere}
        when = spared if when is None else {"allOf": [when, spared]}
    states = _from(entry["from_state"], main) if "from_state" in entry else tuple(entry["in_states"])
    return Requirement(
        states=frozenset(states),
        at=entry["at"],
        code=entry.get("code", "LCY202"),
        says=entry["says"],
        fix=entry.get("fix", ""),
        fragment=entry["schema"],
        when=when,
    )
