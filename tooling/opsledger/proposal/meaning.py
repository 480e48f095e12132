"""What a pull request does to each record, field by field and in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from opsledger.history import FieldChange, field_changes
from opsledger.ledger import Ledger, Record
from opsledger.proposal.model import Edit, Named, RecordStep
from opsledger.proposal.words import word_pieces
from opsledger.steps import Step
from opsledger.yamlfile import MISSING
from opsledger.yamlfile.pointers import at, parts, pointer

Titles = Callable[[str], Named]
"""Looks a record up by its id."""

_LONG_TEXT = 60
_LONGEST_VALUE = 240
_MOST_GATHERED = 500
_NAMES = ("id", "name", "title", "action")


def titles_in(*ledgers: Ledger, steps: Iterable[Step] = ()) -> Titles:
    """Look records up in ledgers, the first that knows one, and among the records that steps delete."""
    known: dict[str, Named] = {step.record: named(step.before) for step in steps if step.before is not None}

    def look_up(id: str) -> Named:
        for ledger in ledgers:
            found = ledger.find(id)
            if found is not None:
                return named(found)
        return known.get(id, Named(id))

    return look_up


def named(record: Record) -> Named:
    """Return a record as people call it."""
    title = record.title if record.title != record.id else ""
    return Named(record.id, title, record.kind.name, record.state or "")


def meaning(steps: Iterable[Step], titles: Titles) -> tuple[RecordStep, ...]:
    """Say what each step does to its record; moves first, then new, changed and deleted ones, by id."""
    said = [_meaning(step, titles) for step in steps]
    order = ("new", "changed", "deleted")
    return tuple(sorted(said, key=lambda one: (not one.states, order.index(one.sort), one.record.id)))


def _meaning(step: Step, titles: Titles) -> RecordStep:
    before, after = step.before, step.after
    if after is None:
        assert before is not None
        return RecordStep(named(before), "deleted", before.path)
    states, is_legal = _states(step)
    if before is None:
        return RecordStep(named(after), "new", after.path, states, is_legal)
    renamed = before.path if before.path != after.path else ""
    return RecordStep(named(after), "changed", after.path, states, is_legal, edits_of(step, titles), renamed)


def _states(step: Step) -> tuple[tuple[str, ...], bool]:
    """The states that a step goes through, and whether the lifecycle allows it."""
    after, lifecycle = step.after, step.after.kind.lifecycle if step.after is not None else None
    if after is None or lifecycle is None or after.state is None:
        return (), True
    start = step.start
    if start is None or start == after.state:
        return (), True
    path = lifecycle.path(start, after.state, after.data)
    return (path, True) if path is not None else ((start, after.state), False)


def edits_of(step: Step, titles: Titles) -> tuple[Edit, ...]:
    """What changed in a record beside its state."""
    before, after = step.before, step.after
    assert before is not None
    assert after is not None
    lifecycle = after.kind.lifecycle
    ignored = {f"/{lifecycle.field}"} if lifecycle is not None and after.state and before.state else set()
    changes = [change for change in field_changes(before.data, after.data) if change.pointer not in ignored]
    reading = _Reading(before, after, titles)
    return tuple(reading.edit(change) for change in _gathered(changes, before.data, after.data))


def _gathered(
    changes: Sequence[FieldChange], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """Bring the fields of an entry together that is new, or gone, as a whole."""
    place = 0 if len(changes) <= _MOST_GATHERED else len(changes)
    yield from changes if place else ()
    while place < len(changes):
        change = changes[place]
        data, other = (before, after) if change.after is MISSING else (after, before)
        run = _run(changes, place)
        for stem in _stems(change.pointer):
            value = at(dict(data), stem)
            if not _is_whole(stem, dict(data), dict(other)):
                continue
            size = _leaves(value)
            if 0 < size <= len(run) and all(one.pointer.startswith(f"{stem}/") for one in run[:size]):
                gone = change.after is MISSING
                yield FieldChange(stem, value if gone else MISSING, MISSING if gone else value)
                place += size
                break
        else:
            yield change
            place += 1


def _run(changes: Sequence[FieldChange], start: int) -> list[FieldChange]:
    """The changes from here on that are all new fields, or all removed ones."""
    first = changes[start]
    if first.before is not MISSING and first.after is not MISSING:
        return []
    run = []
    for change in changes[start:]:
        if (change.before is MISSING) != (first.before is MISSING) or (change.after is MISSING) != (
            first.after is MISSING
        ):
            break
        run.append(change)
    return run


def _is_whole(stem: str, data: Any, other: Any) -> bool:
    """Whether all at a place came or went: a field that stays, but empty, did not. Entries of a list have no place."""
    above = pointer(parts(stem)[:-1])
    return isinstance(at(data, above), list) or at(other, stem) is MISSING


def _stems(where: str) -> Iterator[str]:
    """The places above a pointer, the highest first."""
    steps = parts(where)
    return (pointer(steps[:length]) for length in range(1, len(steps)))


def _leaves(value: Any) -> int:
    if isinstance(value, Mapping) and value:
        return sum(map(_leaves, value.values()))
    if isinstance(value, list) and value:
        return sum(map(_leaves, value))
    return 0 if value is MISSING else 1


class _Reading:
    """Both readings of one record, with what is named in them."""

    def __init__(self, before: Record, after: Record, titles: Titles) -> None:
        self._data = (before.data, after.data)
        self._titles = titles
        self._named = (_references(before), _references(after))

    def edit(self, change: FieldChange) -> Edit:
        """Put a change of a field into words."""
        where, is_entry = self._where(change)
        if change.before is MISSING:
            after = self._shown(change.after, change.pointer, 1)
            return Edit(where, change.pointer, "added" if is_entry else "set", after=after)
        if change.after is MISSING:
            before = self._shown(change.before, change.pointer, 0)
            return Edit(where, change.pointer, "dropped" if is_entry else "removed", before=before)
        if _is_prose(change.before, change.after):
            pieces = word_pieces(change.before.strip("\n"), change.after.strip("\n"))
            if any(piece.sort != "same" for piece in pieces):
                return Edit(where, change.pointer, "reworded", pieces=pieces)
        before, after = (
            self._shown(value, change.pointer, side) for side, value in enumerate((change.before, change.after))
        )
        return Edit(where, change.pointer, "replaced", before, after)

    def _where(self, change: FieldChange) -> tuple[str, bool]:
        """The way to a value, entries of lists by name; and whether it is an entry that came or went."""
        is_whole = change.before is MISSING or change.after is MISSING
        data: Any = self._data[0 if change.after is MISSING else 1]
        words: list[str] = []
        is_entry = False
        for step in parts(change.pointer):
            inside = at(data, pointer([step])) if isinstance(data, dict | list) else MISSING
            is_entry = isinstance(data, list)
            words.append(_entry_name(inside, step) if is_entry else step.replace("_", " "))
            data = inside
        if is_entry and (is_whole or not isinstance(data, Mapping)):
            words.pop()
        return " › ".join(words), is_entry and is_whole

    def _shown(self, value: Any, place: str, side: int) -> str:
        """A value on one line, a record that it names with its title."""
        if isinstance(value, Mapping):
            inner = (
                f"{str(key).replace('_', ' ')}: {self._nested(item, f'{place}{pointer([key])}', side)}"
                for key, item in value.items()
            )
            return _cut("; ".join(inner)) or "nothing in it"
        if isinstance(value, list):
            inner = (self._nested(item, f"{place}/{number}", side) for number, item in enumerate(value))
            return _cut(", ".join(inner)) or "an empty list"
        if isinstance(value, str):
            known = self._titles(self._named[side][place]) if place in self._named[side] else None
            return f"{_cut(value)} ({_cut(known.title)})" if known is not None and known.title else _cut(value)
        return json.dumps(value)

    def _nested(self, value: Any, place: str, side: int) -> str:
        shown = self._shown(value, place, side)
        return f"({shown})" if isinstance(value, Mapping) else shown


def _references(record: Record) -> Mapping[str, str]:
    """Pointer → the id that stands there."""
    marks = record.kind.marks(record.data)
    return {place: text.partition("#")[0] for place, text, mark in marks if mark.sort == "reference"}


def _entry_name(entry: Any, step: str) -> str:
    """What an entry of a list calls itself, else which it is."""
    stated = [entry.get(name) for name in _NAMES] if isinstance(entry, Mapping) else []
    name = next((one for one in stated if isinstance(one, str) and one), "")
    return name if 0 < len(name) <= _LONG_TEXT else f"no. {int(step) + 1}"


def _is_prose(before: Any, after: Any) -> bool:
    """Whether two values are texts of which the words are worth comparing."""
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    return max(len(before), len(after)) > _LONG_TEXT or "\n" in before.strip("\n") or "\n" in after.strip("\n")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE].rstrip()} …"
