"""Every move that a record can make now, in one step: judged like a check of the merge result, then written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from opsledger.check import Judgement
from opsledger.edit.changing import rewritten, source_of
from opsledger.edit.given import options_for
from opsledger.edit.marking import unmarked
from opsledger.edit.outcomes import facts_for
from opsledger.edit.plan import Plan, Write
from opsledger.edit.reaching import Judging, Search, against, farthest_first, first_closed, remembering
from opsledger.edit.shape import shape_of
from opsledger.edit.values import Assignment, assigned, placed
from opsledger.errors import Refused
from opsledger.finding import Finding
from opsledger.gate import gates_on
from opsledger.kind import Lifecycle, Requirement
from opsledger.ledger import Ledger, Record

_ROUNDS = 3
_END = "closed"
_CARRIED = {"draft": "scheduled", "implemented": _END}
"""The moves of a change that its release takes along: a standard one is on the calendar, one that went well is done."""


@dataclass(frozen=True)
class Moved:
    """A record that goes from one state to another."""

    record: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.record}: {self.before} → {self.after}"


@dataclass(frozen=True)
class Stop:
    """
    Where a record stays, and why.

    Args:
        before: the state that it stays in.
        after: the next one; empty where there is none.
        findings: what speaks against the move, each with what to do about it.
        said: what speaks against it besides, one sentence each.
        lacking: what the next state asks for and nobody has said.
        remedies: what to do about each of these.
        is_undecided: whether something could not be looked at, and nothing else stops it.
    """

    record: str
    before: str
    after: str = ""
    findings: tuple[Finding, ...] = ()
    said: tuple[str, ...] = ()
    lacking: tuple[Requirement, ...] = ()
    remedies: tuple[str, ...] = ()
    is_undecided: bool = False


@dataclass(frozen=True)
class Advance:
    """
    What was found to be possible.

    Args:
        plan: the files that make the moves.
        moves: what they do, the records that come along first.
        stops: where each record stays in the end.
        judgement: of the ledger as it would be; its verdicts say whose signatures are awaited.
    """

    plan: Plan
    moves: tuple[Moved, ...]
    stops: tuple[Stop, ...]
    judgement: Judgement

    @property
    def waiting(self) -> tuple[Any, ...]:
        """The verdicts that wait for nothing but signatures."""
        return tuple(one for one in self.judgement.verdicts if one.awaits_only)


@dataclass(frozen=True, eq=False)
class Course:
    """
    By what moves are made.

    Args:
        ledger: of the work tree.
        judge: of the ledger as it would be.
        gates: the judge's.
        machines: the moves that are a machine's to make, each with the lane that says so.
        may_wait: whether moves are made that wait for signatures alone.
        is_bold: whether moves are made that lead to no gate, no machine and no end: nobody asked for those by name.
        to: the state that the record shall get to, and not past it; empty for as far as it gets.
        given: fields to set on the way.
        search: how the end of the way is looked for.
    """

    ledger: Ledger
    judge: Judging
    gates: Sequence[Record] = ()
    machines: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    may_wait: bool = False
    is_bold: bool = True
    to: str = ""
    given: Sequence[Assignment] = ()
    search: Search = farthest_first


def advance(id: str, course: Course) -> Advance:
    """
    Make every move of a record that can be made, and those of the changes that a release takes along.

    Raises:
        NoSuchRecord: the ledger has none of that id.
        Refused: it has no states, or `to` lies on no way ahead of it.
    """
    record = course.ledger.record(id)
    _refuse(record, course.to)
    course, start = replace(course, judge=remembering(course.judge)), _Trip()
    riders = _changes_of(course.ledger, record)
    trip = _together(course, record, riders, start)
    if not _is_done(record, trip) and any(_is_done(one, trip) and trip.state_of(one) != one.state for one in riders):
        # A change is closed with its release and not before it: one pull request is enough for both. What stops the
        # release is what stops it when its changes are closed.
        stop = trip.stops[record.id]
        staying = tuple(one for one in riders if _CARRIED.get(one.state or "") != _END)
        trip = _together(course, record, staying, start).stopped(stop)
    moves = [_moved(one, trip) for one in (*riders, record) if trip.state_of(one) != one.state]
    stops = tuple(trip.stops[one.id] for one in (record, *riders) if one.id in trip.stops)
    return Advance(trip.plan, tuple(moves), stops, course.judge(trip.plan))


def _together(course: Course, record: Record, riders: Sequence[Record], trip: _Trip) -> _Trip:
    """Take a record and those that come along as far as they get, until none gets further."""
    for _ in range(_ROUNDS):
        before = trip.states
        for rider in riders:
            trip = _taken(replace(course, to="", given=(), is_bold=False), rider, trip, is_rider=True)
        trip = _taken(course, record, trip)
        if trip.states == before or not riders:
            break
    return trip


def _is_done(record: Record, trip: _Trip) -> bool:
    cycle = record.kind.lifecycle
    return cycle is not None and trip.state_of(record) in cycle.done


def _refuse(record: Record, to: str) -> None:
    cycle = record.kind.lifecycle
    if cycle is None:
        raise Refused(f"a {record.kind.title.lower()} has no states, so {record.id} cannot move")
    if not record.is_readable:
        raise Refused(f"{record.path} cannot be read", "mend it first: `opsledger check` says where")
    if to and (to not in cycle.main or cycle.main.index(to) < _place(cycle, record.state)):
        ahead = ", ".join(cycle.main[_place(cycle, record.state) + 1 :])
        raise Refused(
            f"{to} does not lie ahead of {record.id}, which is {record.state}",
            f"name one of {ahead}" if ahead else f"leave it {record.state}; that is its end",
        )


def _place(cycle: Lifecycle, state: str | None) -> int:
    return cycle.main.index(state) if state in cycle.main else -1


def _changes_of(ledger: Ledger, record: Record) -> tuple[Record, ...]:
    """The changes that a release carries out and that can be read."""
    if record.kind.name != "release":
        return ()
    found = (ledger.find(str(id)) for _, id in record.items("/changes"))
    return tuple(one for one in found if one is not None and one.kind.name == "change" and one.is_readable)


@dataclass(frozen=True, eq=False)
class _Trip:
    """How far the records have come: their writes, states and stops."""

    writes: Mapping[str, Write] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    stops: Mapping[str, Stop] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return Plan(tuple(self.writes[path] for path in sorted(self.writes)))

    def state_of(self, record: Record) -> str:
        return self.states.get(record.id, record.state or "")

    def gone(self, record: Record, state: str, writes: Sequence[Write]) -> _Trip:
        """The trip with a record in another state."""
        written = {**self.writes, **{one.path: one for one in writes}}
        return replace(self, writes=written, states={**self.states, record.id: state})

    def stopped(self, stop: Stop) -> _Trip:
        """The trip, with why a record stays."""
        return replace(self, stops={**self.stops, stop.record: stop})


def _moved(record: Record, trip: _Trip) -> Moved:
    return Moved(record.id, record.state or "", trip.state_of(record))


@dataclass(frozen=True, eq=False)
class _Way:
    """
    The states that lie before a record, as far as nothing but a judge could stop it.

    Args:
        trips: the trip as it is, and with the record in each of them.
        resting: whether the record may stay where each of them leaves it.
        end: why the way goes no further.
    """

    trips: tuple[_Trip, ...]
    resting: tuple[bool, ...]
    end: Stop


def _taken(course: Course, record: Record, trip: _Trip, *, is_rider: bool = False) -> _Trip:
    """Take one record as far as it gets, and back to the last place where it may rest."""
    way = _way(course, record, trip, is_rider=is_rider)
    states = [one.state_of(record) for one in way.trips[1:]]

    def tried(place: int) -> int:
        plan = way.trips[place].plan
        if any(against(course.judge, plan, may_wait=course.may_wait)):
            return first_closed(course.judge(plan), record.id, states[:place], may_wait=course.may_wait)
        return place

    reached = course.search(len(states), tried)
    stop = way.end
    if reached < len(states):
        found, doubts = against(course.judge, way.trips[reached + 1].plan, may_wait=course.may_wait)
        before, after = way.trips[reached].state_of(record), states[reached]
        stop = Stop(record.id, before, after, found, doubts, is_undecided=not found)
    rest = reached
    while not course.is_bold and rest and not way.resting[rest]:
        rest -= 1
    return way.trips[rest].stopped(replace(stop, before=way.trips[rest].state_of(record)) if rest < reached else stop)


def _way(course: Course, record: Record, trip: _Trip, *, is_rider: bool) -> _Way:
    """Every move that the record itself does not speak against, one after the other; nobody has judged them yet."""
    cycle = record.kind.lifecycle
    assert cycle is not None
    trips, resting = [trip], list[bool]()
    while True:
        here = trips[-1]
        state = here.state_of(record)
        after = _ahead(cycle, record, state, is_rider=is_rider)
        lane = course.machines.get((record.kind.name, state, after), "")
        has_gate = bool(after) and any(True for _ in gates_on(course.gates, record.kind.name, state, after))
        is_rest = has_gate or bool(lane) or state in (record.state, course.to) or state in cycle.done or is_rider
        resting.append(is_rest or _came_through_gate(course, record, cycle, state))
        stop = Stop(record.id, state, after)
        is_asked_for = has_gate or is_rider or after == course.to
        if reason := _why_it_rests(course, record, cycle, state, after, lane, is_asked_for=is_asked_for):
            return _Way(tuple(trips), tuple(resting), replace(stop, said=(reason,) if reason != _SILENT else ()))
        made = _made(course, record, after, is_named=not is_rider)
        if isinstance(made, tuple):
            remedies = tuple(one.fix or options_for(record.kind, one) for one in made)
            return _Way(tuple(trips), tuple(resting), replace(stop, lacking=made, remedies=remedies))
        trips.append(here.gone(record, after, made.writes))


def _ahead(cycle: Lifecycle, record: Record, state: str, *, is_rider: bool) -> str:
    """The next state, or empty; a change that comes along goes only where its release takes it."""
    if not is_rider:
        return _next(cycle, state, record.data)
    after = _CARRIED.get(state, "")
    return after if after in cycle.next_states(state, record.data) else ""


_SILENT = "\0"


def _why_it_rests(
    course: Course, record: Record, cycle: Lifecycle, state: str, after: str, lane: str, *, is_asked_for: bool
) -> str:
    """Why a move is not even tried."""
    if state not in cycle.main and state not in cycle.done:
        return f"it has left its path; coming back is a decision: opsledger transition {record.id} STATE --reason --by"
    if state == course.to or not after:
        return _SILENT
    if isinstance(hold := record.get("hold"), dict):
        return f"it is on hold: {hold.get('reason')}"
    if after in cycle.done and not (is_asked_for or lane):
        return f"no gate asks whether that is over; once it is: opsledger transition {record.id} {after}"
    return _why_not_by_hand(course, record, state, after, lane)


def _why_not_by_hand(course: Course, record: Record, state: str, after: str, lane: str) -> str:
    """Why a move is a machine's to make, which sees it happen; empty where people make it."""
    if lane and not course.to:
        by_hand = f"by hand: opsledger transition {record.id} {after}"
        return f"{lane} leaves this move to the pipeline, which makes it when it happens ({by_hand})"
    gates = gates_on(course.gates, record.kind.name, state, after)
    needs = [str(name) for gate in gates for _, name in gate.items("/needs")]
    return f"its gate is asked for each {needs[0]}, which `opsledger deploy start` does" if needs else ""


def _came_through_gate(course: Course, record: Record, cycle: Lifecycle, state: str) -> bool:
    """Whether a record that has moved to a state has just passed a gate."""
    before = next((one for one in cycle.main if _next(cycle, one, record.data) == state), "")
    return bool(before) and any(True for _ in gates_on(course.gates, record.kind.name, before, state))


def _next(cycle: Lifecycle, state: str, data: Mapping[str, Any]) -> str:
    """
    The next state on the main path, or empty.

    Where there are several, the end of the work goes first, then the nearest one; a state that the way may pass by is
    gone to only if the record says what belongs there (a pilot, say).
    """
    here = _place(cycle, state)
    ahead = [one for one in cycle.next_states(state, data) if here >= 0 and _place(cycle, one) > here]
    ahead.sort(key=lambda one: (one not in cycle.done, _place(cycle, one)))
    needed = [one for one in ahead if not _is_aside(cycle, one, ahead) or _is_meant(cycle, one, data)]
    return next(iter(needed or ahead), "")


def _is_aside(cycle: Lifecycle, state: str, ahead: Sequence[str]) -> bool:
    return any(_place(cycle, other) > _place(cycle, state) for other in ahead if other not in cycle.done)


def _is_meant(cycle: Lifecycle, state: str, data: Mapping[str, Any]) -> bool:
    own = [one for one in cycle.requirements(state) if one.states == {state}]
    return not own or all(one.is_met(data, cycle.definitions) for one in own)


def _made(course: Course, record: Record, state: str, *, is_named: bool) -> Plan | tuple[Requirement, ...]:
    """The file with a record in a state, with what was typed and what follows; or what is lacking."""
    cycle = record.kind.lifecycle
    assert cycle is not None
    typed, edits = assigned(record.data, shape_of(record.kind), course.given if is_named else ())
    typed, marks = unmarked(record.data, typed)
    facts = facts_for(course.ledger, record, typed, state)
    moved, more = placed(typed, {**facts, f"/{cycle.field}": state})
    lacking = tuple(one for one in cycle.requirements(state) if not one.is_met(moved, cycle.definitions))
    if lacking:
        return lacking
    return rewritten(record, source_of(record), [*edits, *marks, *more], moved)


def told(found: Advance) -> Iterator[str]:
    """What is done, where each record stays, and what would take it on."""
    yield from (str(one) for one in found.moves)
    yield from stays_told(found)


def stays_told(found: Advance) -> Iterator[str]:
    """Where each record stays, why, and what would take it on."""
    for stop in found.stops:
        if not stop.after and not stop.said:
            continue
        where = f"{stop.record} stays {stop.before}"
        yield f"{where}, before {stop.after}" if stop.after else where
        yield from (f"    {one}" for one in stop.said)
        for asked, fix in zip(stop.lacking, stop.remedies, strict=True):
            yield f"    {asked.code} {asked.says}"
            yield f"        fix: {fix}"
        for one in stop.findings:
            yield f"    {one.place}: {one.code} {one.message}"
            if one.fix:
                yield f"        fix: {one.fix}"
