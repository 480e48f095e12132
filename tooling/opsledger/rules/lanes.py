"""What machines may write by themselves: lanes as the judge grants them, and what a step does outside of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from opsledger.codeowners.globs import Glob, NoGlob, gitignored
from opsledger.finding import Fault
from opsledger.kind import Kinds
from opsledger.ledger import Ledger, Record
from opsledger.people import Party, People
from opsledger.rules.judges import _judges
from opsledger.rules.register import Found
from opsledger.steps import Step
from opsledger.store import Snapshot
from opsledger.yamlfile import MISSING, Unreadable, at, parts, read

CODE = "SIG303"
SUFFIX = ".yaml"


@dataclass(frozen=True)
class Condition:
    """What a new record must hold: something at a pointer and, where values are listed, one of those."""

    at: str
    one_of: tuple[Any, ...] = ()

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether a record's data holds it."""
        found = at(data, self.at)
        return found is not MISSING and (not self.one_of or any(_is_same(found, one) for one in self.one_of))

    def __str__(self) -> str:
        return f"{self.at} is {' or '.join(map(str, self.one_of))}" if self.one_of else f"it has {self.at}"


@dataclass(frozen=True)
class Lane:
    """
    What one lane record grants.

    Args:
        parties: the machines that it is for.
        paths: the files that they may add; a pattern that is none grants nothing.
        conditions: kind → what a new record of it must hold.
        fields: kind → pointers of what they may change in records that stand; `*` is any key or place in a list.
        moves: kind, state before and state after of each move.
    """

    id: str
    parties: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    conditions: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moves: frozenset[tuple[str, str, str]] = frozenset()

    @cached_property
    def _globs(self) -> tuple[Glob, ...]:
        return tuple(_globs_of(self.paths))

    def takes(self, path: str) -> bool:
        """Whether a file may be added there."""
        return any(glob.matches(path) for glob in self._globs)

    def takes_field(self, kind: str, pointer: str) -> bool:
        """Whether a field of a kind may be changed; what is below a granted one is included."""
        return any(_is_below(pointer, granted) for granted in self.fields.get(kind, ()))


def lanes_of(snapshot: Snapshot, kinds: Kinds) -> tuple[Lane, ...]:
    """The lanes that stand in a snapshot, which is the judge's, by id; one that cannot be read grants nothing."""
    kind = kinds.get("lane")
    if kind is None:
        return ()
    below = snapshot.below(kind.folder)
    wanted = [path for path in below if path.endswith(SUFFIX) and kinds.of_path(path) is kind]
    found = (read(data) for _, data in snapshot.read_many(wanted) if data is not None)
    return tuple(_lane(one) for one in found if not isinstance(one, Unreadable))


def lanes_for(lanes: Iterable[Lane], party: str) -> tuple[Lane, ...]:
    """The lanes that are for a party."""
    return tuple(lane for lane in lanes if party in lane.parties)


def may_add(lanes: Iterable[Lane], party: str, path: str) -> bool:
    """Whether a party's lanes let it add a file at a path."""
    return any(lane.takes(path) for lane in lanes_for(lanes, party)) and not _is_of_the_judge(path)


@dataclass(frozen=True)
class Judged:
    """
    What is said of a step as a machine's.

    Args:
        party: the machine; empty where the step is nobody's or a person's.
        notes: what the reader should know of how that was found out.
    """

    party: str = ""
    found: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()


def lane_findings(
    steps: Sequence[Step],
    before: Snapshot,
    ledger: Ledger,
    people: People,
    lanes: Sequence[Lane],
    *,
    by: str = "",
    emails: Collection[tuple[str, str]] = (),
    is_proposal: bool = False,
) -> Judged:
    """
    Judge a step by the lanes of whoever makes it, where that is a machine.

    Without a pusher who is known, commits that all say they are by one machine make it the machine's. That only ever
    restricts: an address proves nothing, so whoever wants to count such a step as the machine's asks for `by`.

    Args:
        before: the files of the base, which is the judge.
        ledger: the merge result.
        people: the judge's.
        lanes: the judge's, from `lanes_of`.
        by: the party that pushes, or empty where nobody vouches for one.
        emails: the addresses of author and committer of each commit of the step.
        is_proposal: whether it is an open pull request, which people decide on.
    """
    party, notes = _writer(people, by, emails, is_proposal=is_proposal)
    if party is None:
        return Judged(notes=notes)
    return Judged(party.id, tuple(outside(steps, before, ledger, lanes, party)), notes)


def outside(
    steps: Sequence[Step], before: Snapshot, ledger: Ledger, lanes: Iterable[Lane], party: Party
) -> Iterator[Found]:
    """What a step does that no lane of a machine grants: every file that it touches is looked at."""
    granted = lanes_for(lanes, party.id) if party.is_active else ()
    touched = sorted(_touched(before, ledger.snapshot))
    if not touched:
        return
    if not granted:
        why = "no lane names it" if party.is_active else "it is not active"
        fix = "propose it in a pull request, or give it a lane"
        yield Found(touched[0], Fault("", CODE, f"{party.id} may push nothing: {why}", fix))
        return
    writing = _Writing(party.id, granted)
    by_path = {step.after.path: step for step in steps if step.after is not None}
    for path in touched:
        yield from writing.outside(path, by_path.get(path), before, ledger.snapshot)


@dataclass(frozen=True)
class _Writing:
    """A machine and what it is granted."""

    party: str
    lanes: tuple[Lane, ...]

    def outside(self, path: str, step: Step | None, before: Snapshot, after: Snapshot) -> Iterator[Found]:
        odd = after.odd.get(path)
        if path not in after.files and odd is None:
            yield self._no(path, "", f"delete {path}", "which no lane can grant", "restore it")
        elif odd != before.odd.get(path):
            sort = f"it is of the sort {odd}" if odd else f"it was of the sort {before.odd[path]}"
            yield self._no(path, "", f"write {path}", f"{sort}, and lanes grant plain files alone", "")
        elif _is_of_the_judge(path) or (step is not None and step.after is not None and step.after.kind.judges):
            yield self._no(path, "", f"write {path}", "it judges others, which no lane can grant", "")
        elif step is None:
            yield from self._file(path, is_new=path not in before.files)
        elif step.before is None and step.after is not None:
            yield from self._added(step.after)
        elif step.before is not None and step.after is not None:
            yield from self._changed(step.before, step.after)

    def _file(self, path: str, *, is_new: bool) -> Iterator[Found]:
        if not is_new:
            yield self._no(path, "", f"change {path}", "lanes grant fields of records, and new files", "")
        elif not self._takes(path):
            yield self._not_there(path)

    def _added(self, record: Record) -> Iterator[Found]:
        if not self._takes(record.path):
            yield self._not_there(record.path)
            return
        if not any(lane.takes(record.path) and _holds(lane, record) for lane in self.lanes):
            asked = self._asked_of(record)
            said = f"add {record.id} as it is"
            yield self._no(record.path, "", said, f"{self._names} wants a {record.kind.name} where {asked}", "")
        lifecycle = record.kind.lifecycle
        if lifecycle is not None and record.state is not None:
            yield from self._moved(record, lifecycle.initial, record.state)

    def _changed(self, before: Record, after: Record) -> Iterator[Found]:
        if before.path != after.path or before.kind != after.kind:
            yield self._no(after.path, "", f"move {after.id} from {before.path}", "which no lane can grant", "")
            return
        from opsledger.history import field_changes  # only what machines wrote is compared here

        name, lifecycle = after.kind.name, after.kind.lifecycle
        state = f"/{lifecycle.field}" if lifecycle else None
        pointers = [change.pointer for change in field_changes(before.data, after.data)]
        refused = [
            pointer
            for pointer in pointers
            if pointer != state and not any(lane.takes_field(name, pointer) for lane in self.lanes)
        ]
        for pointer in refused:
            yield self._no(after.path, pointer, f"change {pointer} of {after.id}", self._fields(name), "")
        if state in pointers:
            yield from self._moved(after, before.state, after.state)
        if not refused and (not pointers or self._is_shuffled(before, after, state)):
            why = "only order or comments change, which no lane can grant"
            yield self._no(after.path, "", f"write {after.id} anew", why, "leave it as it was")

    def _is_shuffled(self, before: Record, after: Record, state: str | None) -> bool:
        """Whether the order of entries changed, which a comparison by field does not show."""
        granted = [one for lane in self.lanes for one in lane.fields.get(after.kind.name, ())]
        left = [tuple(parts(one)) for one in (*granted, *([state] if state else []))]
        return bool(_without(before.data, left, ()) != _without(after.data, left, ()))

    def _moved(self, record: Record, before: str | None, after: str | None) -> Iterator[Found]:
        lifecycle = record.kind.lifecycle
        if lifecycle is None or before == after:
            return
        walked = lifecycle.path(before, after, record.data) if before and after else None
        for one, other in pairwise(walked) if walked else [(before, after)]:
            if not any((record.kind.name, one, other) in lane.moves for lane in self.lanes):
                said = f"take {record.id} from {one} to {other}"
                yield self._no(record.path, f"/{lifecycle.field}", said, self._moves(record.kind.name), "")
                return

    def _takes(self, path: str) -> bool:
        return any(lane.takes(path) for lane in self.lanes)

    def _not_there(self, path: str) -> Found:
        paths = [path for lane in self.lanes for path in lane.paths]
        return self._no(path, "", f"add {path}", f"{self._names} grants {_listed(paths) or 'no new files'}", "")

    def _asked_of(self, record: Record) -> str:
        asked = (lane.conditions.get(record.kind.name, ()) for lane in self.lanes if lane.takes(record.path))
        return ", or ".join(" and ".join(map(str, conditions)) for conditions in asked if conditions)

    def _fields(self, kind: str) -> str:
        fields = [one for lane in self.lanes for one in lane.fields.get(kind, ())]
        return f"{self._names} grants {_listed(fields) or f'no field of a {kind}'}"

    def _moves(self, kind: str) -> str:
        moves = sorted(f"{one} to {other}" for lane in self.lanes for name, one, other in lane.moves if name == kind)
        return f"{self._names} grants {_listed(moves) or f'no move of a {kind}'}"

    @property
    def _names(self) -> str:
        return " and ".join(lane.id for lane in self.lanes)

    def _no(self, path: str, pointer: str, what: str, why: str, fix: str) -> Found:
        said = f"{self.party} may not {what}: {why}"
        return Found(path, Fault(pointer, CODE, said, fix or "propose it in a pull request, or widen the lane"))


def _writer(
    people: People, by: str, emails: Collection[tuple[str, str]], *, is_proposal: bool
) -> tuple[Party | None, tuple[str, ...]]:
    """The machine whose lanes judge the step, if one's do, and what to tell of it."""
    if by:
        party = people.parties.get(by)
        if party is None:
            return None, (f"{by}, who makes this step, is no party of the base",)
        return (party if party.is_machine else None), ()
    if is_proposal or not emails:
        return None, ()
    writers = {people.by_email(email) for pair in emails for email in pair}
    party = writers.pop() if len(writers) == 1 else None
    if party is None or not party.is_machine:
        return None, ()
    return party, (f"every commit says it is by {party.id}, so this step is judged by its lane",)


def _is_of_the_judge(path: str) -> bool:
    """Whether a file says how others are judged: then people decide on it, whatever a lane's pattern takes in."""
    return path.startswith("schemas/") or _judges(path)


def _touched(before: Snapshot, after: Snapshot) -> set[str]:
    """The files that differ, in content or in sort."""
    contents = {path for path, blob in after.files.items() if before.files.get(path) != blob}
    gone = {path for path in before.files if path not in after.files}
    odd = {path for path in {*before.odd, *after.odd} if before.odd.get(path) != after.odd.get(path)}
    return contents | gone | odd


def _lane(data: Mapping[str, Any]) -> Lane:
    lane = Lane(
        str(data.get("id", "")),
        frozenset(_texts(data.get("parties"))),
        tuple(_texts(data.get("paths"))),
        moves=frozenset(
            (str(one.get("kind")), str(one.get("from")), str(one.get("to"))) for one in _mappings(data.get("moves"))
        ),
    )
    fields: dict[str, tuple[str, ...]] = {}
    for one in _mappings(data.get("fields")):
        name = str(one.get("kind"))
        fields[name] = (*fields.get(name, ()), *_texts(one.get("fields")))
    conditions: dict[str, tuple[Condition, ...]] = {}
    for one in _mappings(data.get("records")):
        name = str(one.get("kind"))
        conditions[name] = (*conditions.get(name, ()), *map(_condition, _mappings(one.get("where"))))
    return replace(lane, fields=fields, conditions=conditions)


def _condition(data: Mapping[str, Any]) -> Condition:
    listed = data.get("one_of")
    return Condition(str(data.get("at", "")), tuple(listed) if isinstance(listed, list) else ())


def _globs_of(paths: Iterable[str]) -> Iterator[Glob]:
    for text in paths:
        try:
            yield gitignored(text)
        except NoGlob:
            continue  # what is no pattern grants nothing


def _holds(lane: Lane, record: Record) -> bool:
    return all(condition.holds(record.data) for condition in lane.conditions.get(record.kind.name, ()))


def _is_below(pointer: str, granted: str) -> bool:
    there, asked = parts(pointer), parts(granted)
    return len(there) >= len(asked) and all(b in ("*", a) for a, b in zip(there, asked, strict=False))


def _without(data: Any, left: Sequence[tuple[str, ...]], walked: tuple[str, ...]) -> Any:
    """Data but for what stands at some pointers, which are taken apart."""
    if isinstance(data, dict):
        kept = ((key, (*walked, key), value) for key, value in data.items())
        return {key: _without(value, left, there) for key, there, value in kept if not _is_named(there, left)}
    if isinstance(data, list):
        entries = (((*walked, str(index)), value) for index, value in enumerate(data))
        return [_without(value, left, there) for there, value in entries if not _is_named(there, left)]
    return data


def _is_named(there: tuple[str, ...], left: Sequence[tuple[str, ...]]) -> bool:
    return any(len(one) == len(there) and all(b in ("*", a) for a, b in zip(there, one, strict=True)) for one in left)


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(texts))


def _texts(value: Any) -> Iterator[str]:
    return (one for one in value if isinstance(one, str)) if isinstance(value, list) else iter(())


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
