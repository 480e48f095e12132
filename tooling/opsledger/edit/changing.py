"""Changes inside records that exist: fields set, a state moved, fields put in order."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from opsledger.edit.given import options_for
from opsledger.edit.marking import unmarked, with_short_marks
from opsledger.edit.plan import Plan, Write
from opsledger.edit.shape import shape_of
from opsledger.edit.values import Assignment, Edit, assigned, refuse_bytes
from opsledger.errors import OpsledgerError, Refused
from opsledger.finding import Progress, silent
from opsledger.kind import Lifecycle, Requirement
from opsledger.ledger import Ledger, Record
from opsledger.moments import written
from opsledger.yamlfile import MISSING, REMOVE, Unreadable, order_keys, read, set_values


class NotReady(OpsledgerError):
    """A record lacks what the state asks for that it is to move to; nothing was written."""

    exit_code = 1

    def __init__(self, id: str, state: str, unmet: Sequence[Requirement], stated: Mapping[str, str]) -> None:
        super().__init__(id, state, unmet, stated)
        self.id = id
        self.state = state
        self.unmet = tuple(unmet)
        self.stated = stated

    def __str__(self) -> str:
        lines = [f"{self.id} is not ready to be {self.state}, so nothing was written"]
        for requirement in self.unmet:
            lines.append(f"{requirement.code} {requirement.says}")
            lines.append(f"    fix: {requirement.fix or self.stated[requirement.at]}")
        return "\n".join(lines)


def plan_set(record: Record, changes: Iterable[Assignment]) -> Plan:
    """
    Plan to change fields of a record, and nothing else in its file.

    Raises:
        Refused: a value does not fit its place, or the file cannot be read.
    """
    wanted = list(changes)
    cycle = record.kind.lifecycle
    for change in wanted:
        if cycle is not None and change.pointer == f"/{cycle.field}":
            raise Refused(
                f"{change.pointer} only moves", f"use opsledger transition {record.id} {change.text}".rstrip()
            )
    source = source_of(record)
    after, edits = assigned(record.data, shape_of(record.kind), wanted)
    after, marks = unmarked(record.data, after)
    return rewritten(record, source, [*edits, *marks], after)


def plan_transition(
    record: Record,
    state: str,
    changes: Iterable[Assignment] = (),
    *,
    now: datetime,
    reason: str = "",
    by: str = "",
) -> Plan:
    """
    Plan to move a record to another state.

    Args:
        record: to be moved.
        state: where to.
        changes: further fields to set, which the state may ask for.
        now: the time of the decision.
        reason: why it leaves its usual path or comes back to it; needed then.
        by: the party who decided that.

    Raises:
        Refused: no legal move leads there, or a reason is due.
        NotReady: the state asks for what the record lacks.
    """
    cycle = _cycle(record, state)
    before = str(record.get(cycle.field, ""))
    source = source_of(record)
    middle, edits = assigned(record.data, shape_of(record.kind), changes)
    middle, marks = unmarked(record.data, middle)
    edits += marks
    _refuse_illegal(record, cycle, state, middle)
    moved, more = assigned(middle, shape_of(record.kind), [Assignment(f"/{cycle.field}", "=", state)])
    edits += more
    if _leaves_path(cycle, before, state) and "decisions" in record.kind.fields:
        moved, more = _decided(record, moved, state, reason=reason, by=by, now=now)
        edits += more
    unmet = [one for one in cycle.requirements(state) if not one.is_met(moved, cycle.definitions)]
    if unmet:
        raise NotReady(record.id, state, unmet, {one.at: options_for(record.kind, one) for one in unmet})
    plan = rewritten(record, source, edits, moved)
    return Plan(plan.writes, (f"{record.id} is {state} now, it was {before}", *_ahead(record, cycle, state, moved)))


def _cycle(record: Record, state: str) -> Lifecycle:
    """Return the lifecycle of a record, if it has that state."""
    cycle = record.kind.lifecycle
    if cycle is None:
        raise Refused(f"a {record.kind.title.lower()} has no states, so {record.id} cannot be {state}")
    if state not in cycle.states:
        near = difflib.get_close_matches(state, cycle.states, n=1)
        choices = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(cycle.states)}"
        raise Refused(f"a {record.kind.title.lower()} is never {state!r}", choices)
    return cycle


def _refuse_illegal(record: Record, cycle: Lifecycle, state: str, data: Mapping[str, Any]) -> None:
    """Refuse a move that no path of legal moves makes."""
    before = str(record.get(cycle.field, ""))
    if before == state:
        raise Refused(f"{record.id} is {state} already")
    if cycle.path(before, state, data) is None:
        ahead = cycle.next_states(before, data)
        fix = f"from {before} it may go to {', '.join(ahead)}" if ahead else f"leave it {before}; that is its end"
        raise Refused(f"{record.id} may not go from {before} to {state}", fix)


def _leaves_path(cycle: Lifecycle, before: str, after: str) -> bool:
    """Tell whether a move leaves the main path or comes back to it."""
    return before not in cycle.main or after not in cycle.main


def _decided(
    record: Record, data: dict[str, Any], state: str, *, reason: str, by: str, now: datetime
) -> tuple[dict[str, Any], list[Edit]]:
    """Add the entry that says why."""
    lacking = [option for option, value in (("--reason", reason), ("--by", by)) if not value]
    if lacking:
        raise Refused(
            f"{record.id} leaves its usual path or comes back to it, which somebody decides for a reason",
            f"give {' and '.join(lacking)}",
        )
    refuse_bytes(reason + by, "/decisions")
    entry = {"at": written(now.replace(microsecond=0)), "by": by, "state": state, "reason": reason}
    after = copy.deepcopy(data)
    if "decisions" in after:
        after["decisions"].append(entry)
        return after, [Edit("/decisions/-", entry)]
    return {**after, "decisions": [entry]}, [Edit("/decisions", [entry])]


def _ahead(record: Record, cycle: Lifecycle, state: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the record may go from here."""
    ahead = cycle.next_states(state, data)
    if ahead:
        yield f"next: opsledger transition {record.id} {' | '.join(ahead)}"


def source_of(record: Record) -> bytes:
    """Return the text of a record's file, if it can be read."""
    source = record.snapshot.read(record.path)
    found = read(source)
    if isinstance(found, Unreadable):
        raise Refused(f"{record.path}:{found.line}:{found.column}: {found.message}, so nothing was changed", found.fix)
    return source


def rewritten(record: Record, source: bytes, edits: Sequence[Edit], after: Mapping[str, Any]) -> Plan:
    """Make the edits in the file's text, and see that it says exactly what it should."""
    text = source
    for edit in edits:
        value = REMOVE if edit.value is MISSING else edit.value
        text = set_values(text, {edit.pointer: value}, order=record.kind.fields)
    if read(text) != after:
        raise AssertionError("the edited text does not say what it should")
    if any(edit.pointer == "/derived" for edit in edits):
        text = with_short_marks(text)
    if text == source:
        return Plan((), (f"{record.id} says so already",))
    return Plan((Write(record.path, source, text),))


def plan_fmt(ledger: Ledger, paths: Sequence[str] = (), *, progress: Progress = silent) -> Plan:
    """
    Plan to put the top-level fields of records in the order of their schema; comments stay with their field.

    Args:
        ledger: of the work tree.
        paths: files or folders, relative to the ledger's root; none means all records.
        progress: told of each record.

    Raises:
        Refused: a path holds no record.
    """
    chosen = [record for record in ledger.records() if not paths or _is_below(record.path, paths)]
    for path in paths:
        if not any(_is_below(record.path, [path]) for record in chosen):
            raise Refused(f"{path} holds no record of the ledger")
    writes = []
    for done, record in enumerate(sorted(chosen, key=lambda record: record.path), 1):
        source = record.snapshot.read(record.path)
        if record.is_readable and (text := order_keys(source, record.kind.fields)) != source:
            writes.append(Write(record.path, source, text))
        progress(done, len(chosen), "records")
    return Plan(tuple(writes))


def _is_below(path: str, folders: Iterable[str]) -> bool:
    """Tell whether a path is one of some files, or lies in one of some folders."""
    return any(folder in {"", "."} or path == folder or path.startswith(f"{folder.rstrip('/')}/") for folder in folders)
