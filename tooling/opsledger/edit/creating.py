"""A new record: what must be asked, and the plan that writes it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from opsledger.edit.numbering import next_id, path_for
from opsledger.edit.plan import Overtaken, Plan, Write, apply
from opsledger.edit.shape import Shape, shape_of
from opsledger.edit.values import Assignment, assigned, assignment, pointer_of
from opsledger.errors import Refused
from opsledger.kind import Kind, Requirement
from opsledger.ledger import Ledger
from opsledger.moments import written
from opsledger.yamlfile import MISSING, at, parts, pointer, write

Accept = Callable[[Plan], object]
"""Raises when a plan would break the ledger."""

_WHEN = frozenset({"at", "begun", "found", "seen", "born", "sent"})  # moments whose names do not end in "ed"


@dataclass(frozen=True)
class Question:
    """
    One fact that a new record cannot do without.

    Args:
        pointer: where its answer goes.
        text: what it is, in a sentence.
        choices: what may be answered; empty where any text will do.
        default: what is taken when nobody answers, or the empty text.
        names: the kinds of record that the answer names.
    """

    pointer: str
    text: str
    choices: tuple[str, ...] = ()
    default: str = ""
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The field as people type it: `plan.owner`."""
        return ".".join(parts(self.pointer))


class Unanswered(Refused):
    """A record lacks facts, and nobody is there to be asked."""

    def __init__(self, kind: str, questions: Collection[Question]) -> None:
        names = ", ".join(question.name for question in questions)
        given = " ".join(f"--set {question.name}={_hint(question)}" for question in questions)
        long = [f"\n     {words}" for question in questions if (words := _long_hint(question))]
        super().__init__(f"a new {kind} needs {names}", f"give {given}{''.join(long)}")
        self.questions = tuple(questions)


def _hint(question: Question) -> str:
    """Return what could stand behind the equals sign."""
    choices = "|".join(question.choices)
    return choices if 0 < len(choices) <= 100 else "…"


def _long_hint(question: Question) -> str:
    """Return what could stand there where it does not fit behind the equals sign."""
    if _hint(question) != "…":
        return ""
    if question.names and question.names != ("*",):
        return f"{question.name} is the id of a record of kind {' or '.join(question.names)}"
    return f"{question.name} is one of {', '.join(question.choices)}" if question.choices else ""


def begin(kind: Kind, given: Iterable[Assignment]) -> dict[str, Any]:
    """
    Return the data of a new record as far as it is known: its first state and what was given.

    Raises:
        Refused: a given value does not fit.
    """
    data: dict[str, Any] = {kind.lifecycle.field: kind.lifecycle.initial} if kind.lifecycle else {}
    return assigned(data, shape_of(kind), given)[0]


def questions(
    kind: Kind, data: Mapping[str, Any], ledger: Ledger, *, now: datetime, states: Iterable[str] = ()
) -> tuple[Question, ...]:
    """
    Return what the record still lacks: what its schema requires, then what its state does.

    Args:
        states: that it is soon to be in, and which ask for facts too.
    """
    whole = shape_of(kind)
    without = {pointer_of(kind.id_from)} if kind.id_from == "/id" else set()
    asked = {one.pointer: one for one in _lacking(whole, data, "", ledger, now) if one.pointer not in without}
    cycle = kind.lifecycle
    for state in (kind.state_of(data), *states) if cycle is not None else ():
        for requirement in cycle.requirements(state) if cycle is not None else ():
            shape = whole.at(parts(requirement.at))
            if shape is None or cycle is None or at(data, requirement.at) is not MISSING:
                continue
            if not requirement.is_met(data, cycle.definitions):
                for one in _asked(shape, requirement.at, requirement.says, ledger, now):
                    asked.setdefault(one.pointer, one)
    return tuple(asked.values())


def _lacking(shape: Shape, value: Any, where: str, ledger: Ledger, now: datetime) -> Iterator[Question]:
    """Yield questions for the required fields that a value lacks, and for those inside what it has."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            inner = shape.inside(str(index))
            if inner is not None:
                yield from _lacking(inner, entry, f"{where}/{index}", ledger, now)
    if not isinstance(value, Mapping):
        return
    for name in dict.fromkeys([*shape.required, *value]):
        inner = shape.inside(name)
        if inner is None or inner.is_computed:
            continue
        place = where + pointer([name])
        if name in value:
            yield from _lacking(inner, value[name], place, ledger, now)
        else:
            yield from _asked(inner, place, inner.description, ledger, now)


def _asked(shape: Shape, where: str, text: str, ledger: Ledger, now: datetime) -> Iterator[Question]:
    """Yield the questions whose answers make up one missing value."""
    if "object" in shape.types and "string" not in shape.types and shape.required:
        yield from _lacking(shape, {}, where, ledger, now)
        return
    items = shape.inside("-")
    if "array" in shape.types and "string" not in shape.types and items is not None and "object" in items.types:
        yield from _lacking(items, {}, f"{where}/0", ledger, now)
        return
    target = items if items is not None and not shape.choices else shape
    yield Question(where, text, _choices(target, ledger), _default(shape, where, now), target.names)


def asked_by(kind: Kind, asked: Requirement, ledger: Ledger, *, now: datetime) -> tuple[Question, ...]:
    """The questions whose answers give a state what it asks for: the parts that it names, or the value as a whole."""
    shape = shape_of(kind).at(parts(asked.at))
    if shape is None:
        return ()
    named = [str(name) for name in asked.fragment.get("required", ())]
    inner = [(name, shape.inside(name)) for name in named]
    if not named:
        return tuple(_asked(shape, asked.at, asked.says, ledger, now))
    return tuple(
        question
        for name, part in inner
        if part is not None
        for question in _asked(part, asked.at + pointer([name]), part.description, ledger, now)
    )


def _choices(shape: Shape, ledger: Ledger) -> tuple[str, ...]:
    """Return the words of a vocabulary, or the ids that may be named."""
    if shape.choices:
        return tuple("true" if choice is True else "false" if choice is False else str(choice)
                     for choice in shape.choices)  # fmt: skip
    kinds = [kind for kind in shape.names if kind in ledger.kinds]
    return tuple(record.id for kind in kinds for record in ledger.of(kind))


def _default(shape: Shape, where: str, now: datetime) -> str:
    """Return what goes without saying: the schema's default, the only choice, or now for when it was noted."""
    if shape.default is not None:
        return str(shape.default)
    if len(shape.choices) == 1:
        return str(shape.choices[0])
    name = parts(where)[-1]
    if shape.is_instant and where.count("/") == 1 and (name.endswith(("ed", "_at")) or name in _WHEN):
        return written(now.replace(microsecond=0))
    return ""


def answered(kind: Kind, data: Mapping[str, Any], question: Question, text: str) -> dict[str, Any]:
    """
    Return the data with an answer in it.

    Raises:
        Refused: the answer does not fit.
    """
    after, _ = assigned(dict(data), shape_of(kind), [Assignment(question.pointer, "=", text)])
    for fault in kind.faults(after, "the record"):
        if f"{fault.pointer}/".startswith(f"{question.pointer}/"):
            raise Refused(fault.message, fault.fix)
    if question.names and question.names != ("*",):
        for named in (word.strip() for word in text.split(",")):
            if named.partition("#")[0] not in question.choices:
                near = difflib.get_close_matches(named, question.choices, n=1)
                raise Refused(f"no {' or '.join(question.names)} is called {named!r}",
                              f"did you mean {near[0]}?" if near else "name one that exists")  # fmt: skip
    return after


def by_default(kind: Kind, data: Mapping[str, Any], ledger: Ledger, *, now: datetime) -> dict[str, Any]:
    """
    Answer every question by its default.

    Raises:
        Unanswered: some have none.
    """
    filled, seen = dict(data), set[str]()
    while open_ones := questions(kind, filled, ledger, now=now):
        known = [one for one in open_ones if one.default and one.pointer not in seen]
        if not known:
            raise Unanswered(kind.name, open_ones)
        for one in known:
            filled = answered(kind, filled, one, one.default)
            seen.add(one.pointer)
    return filled


def plan_new(
    kind: Kind, data: Mapping[str, Any], *, taken: Collection[str], year: int, id: str = ""
) -> tuple[str, Plan]:
    """
    Plan the file of a new record.

    Args:
        kind: of the record.
        data: all of it but its id.
        taken: ids that exist here or on the base branch.
        year: of its id, where ids carry one.
        id: the id that was asked for, or empty to have one made.

    Returns:
        The id, and the plan.

    Raises:
        Refused: no id follows from the record, or the one asked for is taken.
    """
    own = id or _own_id(kind, data) or next_id(kind, data, taken=taken, year=year)
    if own in taken:
        raise Refused(f"{own} exists already", "choose another id, or leave --id out")
    if kind.id_from not in {"/id", "path"}:
        data, _ = assigned(dict(data), shape_of(kind), [assignment(f"{kind.id_from}={own}")])
    whole = {"id": own, **data} if kind.id_from == "/id" else dict(data)
    path = path_for(kind, own, whole)
    text = write(ordered(whole, shape_of(kind)))
    return own, Plan((Write(path, None, text),), tuple(_next_steps(kind, own, whole)))


def create(
    kind: Kind, data: Mapping[str, Any], *, taken: Collection[str], year: int, root: Path, accept: Accept, id: str = ""
) -> Plan:
    """
    Write a new record under an id that nobody has, also where others take ids at the same time.

    Args:
        kind: of the record.
        data: all of it but its id.
        taken: ids that exist here or on the base branch.
        year: of its id, where ids carry one.
        root: of the ledger.
        accept: refuses a plan that would break the ledger.
        id: the id that was asked for, or empty to have one made.

    Returns:
        The plan that was carried out.
    """
    gone = set(taken)
    while True:
        own, plan = plan_new(kind, data, taken=gone, year=year, id=id)
        accept(plan)
        try:
            apply(plan, root)
        except Overtaken:
            if id:
                raise
            gone.add(own)
            continue
        return plan


def _own_id(kind: Kind, data: Mapping[str, Any]) -> str:
    """Return the id that the record states itself, or the empty text."""
    stated = at(data, kind.id_from) if kind.id_from != "path" else MISSING
    return stated if isinstance(stated, str) else ""


def ordered(value: Any, shape: Shape | None) -> Any:
    """Return a value with the fields of each mapping in the schema's order."""
    if isinstance(value, list):
        return [ordered(entry, shape.inside(str(index)) if shape else None) for index, entry in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    known = shape.fields if shape else ()
    names = sorted(value, key=lambda name: known.index(name) if name in known else len(known))
    return {name: ordered(value[name], shape.inside(name) if shape else None) for name in names}


def _next_steps(kind: Kind, id: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what comes next in the record's life, and what that will ask for."""
    cycle = kind.lifecycle
    if cycle is None or data.get(cycle.field, cycle.initial) != cycle.initial:
        return
    ahead = [
        state for state in cycle.next_states(cycle.initial, data) if state in cycle.main and state not in cycle.done
    ]
    if not ahead:
        return
    yield f"next: opsledger transition {id} {ahead[0]}"
    for requirement in cycle.requirements(ahead[0]):
        if not requirement.is_met({**data, cycle.field: ahead[0]}, cycle.definitions):
            yield f"    {requirement.says} (set {'.'.join(parts(requirement.at))})"
