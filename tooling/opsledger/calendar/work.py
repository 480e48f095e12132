"""Planned work on the calendar: when, on what, and which of it gets in each other's way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from opsledger.calendar.calendar import Calendar
from opsledger.calendar.reach import near_to
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.packages import parts_of
from opsledger.yamlfile import at

STATES: Mapping[str, tuple[str, ...]] = {
    "deployment": ("planned", "authorised", "in-progress", "verifying", "paused"),
    "change": ("approved", "scheduled", "implementing"),
    "release": (
        "planned",
        "plan-approved",
        "building",
        "packaged",
        "testing",
        "piloting",
        "accepted",
        "ready",
        "deploying",
    ),
}
"""The states in which work has a time on the calendar."""

RUNNING = frozenset({"in-progress", "verifying", "paused", "implementing", "deploying"})
"""The states in which work goes on, whatever was planned."""

FIELDS = ("/scope/cis/", "/effects/", "/items/")
"""The lists in which work names the components that it is on."""

_SLOT = timedelta(days=366)


@dataclass(frozen=True)
class Work:
    """
    Some work at a time.

    Args:
        pointer: where the record says when.
        end: `None` for work that goes on.
        cis: the components, each with where the record names it.
        environments: where; empty for everywhere.
        matter: ids that belong to the same work: a release, its changes, its deployments.
    """

    record: Record
    pointer: str
    start: datetime
    end: datetime | None
    cis: Mapping[str, str] = field(default_factory=dict)
    environments: frozenset[str] = frozenset()
    matter: frozenset[str] = frozenset()

    def meets(self, other: Work) -> bool:
        """Whether two pieces of work that do not belong together happen at one time in one place."""
        if self.matter & other.matter:
            return False
        if self.environments and other.environments and not self.environments & other.environments:
            return False
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)


@dataclass(frozen=True)
class Clash:
    """
    Two pieces of work at one time on components that hang together.

    Args:
        on: pairs of components: of the first, and of the second.
    """

    first: Work
    second: Work
    start: datetime
    end: datetime | None
    on: tuple[tuple[str, str], ...]


def cis_of(record: Record, ledger: Ledger) -> Mapping[str, str]:
    """The components that a release, deployment or change is about, each with where that is said, or an empty text."""
    found: dict[str, str] = {}
    for pointer in ("/items", "/effects"):
        for place, one in record.items(pointer):
            if isinstance(one, dict) and isinstance(one.get("ci"), str):
                found.setdefault(one["ci"], f"{place}/ci")
    release = release_of(record, ledger)
    if release is not None:
        own = release.id == record.id
        for part in parts_of(release):
            found.setdefault(part.ci, f"{part.pointer}/ci" if own else "/release")
        if isinstance(release.get("service"), str):
            found.setdefault(release.get("service"), "/service" if own else "/release")
    return found


def release_of(record: Record, ledger: Ledger) -> Record | None:
    """The release that a record is, or that a deployment brings."""
    if record.kind.name == "release":
        return record
    named = record.get("release") if record.kind.name == "deployment" else None
    found = ledger.find(named) if isinstance(named, str) else None
    return found if found is not None and found.kind.name == "release" else None


def environments_of(record: Record) -> frozenset[str]:
    """The environments that a record names; none for everywhere."""
    named: Iterable[Any] = (
        (one.get("environment") for _, one in record.items("/rollout/groups") if isinstance(one, dict))
        if record.kind.name == "release"
        else (record.get("environment"), *record.get("environments", ()))
    )
    return frozenset(one for one in named if isinstance(one, str))


def slots_of(record: Record, ledger: Ledger) -> tuple[tuple[Record, str, str], ...]:
    """The windows that were chosen for a record: who says so, where, and the id of the window."""
    release = release_of(record, ledger)
    stated = [(record, "/window", record.get("window"))] if record.kind.name == "change" else []
    if record.kind.name == "change":
        named = record.get("release")
        release = ledger.find(named) if isinstance(named, str) else None
    if release is not None and release.kind.name == "release":
        stated.append((release, "/plan/window", at(release.data, "/plan/window")))
    return tuple((whose, pointer, id) for whose, pointer, id in stated if isinstance(id, str))


def matter_of(record: Record, ledger: Ledger) -> frozenset[str]:
    """The ids of what belongs to the same work as a record."""
    release = release_of(record, ledger)
    named = {record.id, *(one for one in (record.get("release"),) if isinstance(one, str))}
    if release is not None:
        named |= {release.id, *(one for one in release.get("changes", ()) if isinstance(one, str))}
    return frozenset(named)


def work_of(record: Record, ledger: Ledger, calendar: Calendar, now: datetime) -> Iterator[Work]:
    """
    When a record has work done: as it began, as it is planned, or in the window that was chosen for it.

    Work that goes on lasts to its planned end, and past that until its record says that it is over. A release without
    a window of its own is on the calendar only once it is ready: before that its plan says when people work on it, not
    when it goes live.
    """
    if record.state not in STATES.get(record.kind.name, ()) or not record.is_readable:
        return
    found = _time(record, calendar, now)
    if found is not None:
        pointer, start, end = found
        yield Work(
            record, pointer, start, end, cis_of(record, ledger), environments_of(record), matter_of(record, ledger)
        )


def all_work(ledger: Ledger, calendar: Calendar, now: datetime) -> list[Work]:
    """All work that is planned or goes on, by its start."""
    kinds = [kind for kind in STATES if kind in ledger.kinds]
    records = (record for kind in kinds for record in _in_states(ledger, kind))
    works = [one for record in records for one in work_of(record, ledger, calendar, now)]
    return sorted(works, key=lambda one: (one.start, one.record.id))


def work_near(
    ledger: Ledger, calendar: Calendar, cis: Collection[str], now: datetime, depth: int | None = None
) -> list[Work]:
    """The work that is planned or goes on on what hangs together with some components, by its start."""
    works: list[Work] = []
    for record in _naming(ledger, near_to(ledger, cis, depth)):
        works += work_of(record, ledger, calendar, now)
    return sorted(works, key=lambda one: (one.start, one.record.id))


def clashes(ledger: Ledger, works: Iterable[Work], depth: int | None = None) -> tuple[Clash, ...]:
    """
    Every two pieces of work that get in each other's way, by the time at which they first do.

    Args:
        depth: over how many links components hang together; `None` for any number.
    """
    near: dict[str, frozenset[str]] = {}
    found, running = [], list[Work]()
    for work in sorted(works, key=lambda one: (one.start, one.record.id)):
        running = [one for one in running if one.end is None or one.end > work.start]
        for other in running:
            clash = clash_of(ledger, other, work, near, depth)
            if clash is not None:
                found.append(clash)
        running.append(work)
    return tuple(found)


def clash_of(
    ledger: Ledger, first: Work, second: Work, near: dict[str, frozenset[str]], depth: int | None = None
) -> Clash | None:
    """How two pieces of work get in each other's way, or `None`; `near` keeps what hangs together with a component."""
    if not first.meets(second):
        return None
    on = []
    for ci in first.cis:
        if ci not in near:
            near[ci] = near_to(ledger, [ci], depth)
        on += [(ci, other) for other in second.cis if other in near[ci]]
    ends = [one.end for one in (first, second) if one.end is not None]
    return Clash(first, second, max(first.start, second.start), min(ends, default=None), tuple(on)) if on else None


def _time(record: Record, calendar: Calendar, now: datetime) -> tuple[str, datetime, datetime | None] | None:
    data = record.data
    running = record.state in RUNNING
    if record.state == "deploying":
        return "/state", now, None  # its deployments say since when
    for pointer in ("/started", "/actual/start", "/planned/start") if running else ("/planned/start",):
        start = moment(at(data, pointer))
        if start is not None:
            end = moment(at(data, "/planned/end"))
            if running:
                return pointer, start, end if end is not None and end > now else None
            return (pointer, start, end) if end is not None else None
    return _in_window(record, calendar, now)


def _in_window(record: Record, calendar: Calendar, now: datetime) -> tuple[str, datetime, datetime | None] | None:
    """The time of the window that was chosen: within the plan the last one, else the next one."""
    pointer = "/plan/window" if record.kind.name == "release" else "/window"
    window = calendar.find(str(at(record.data, pointer)))
    begins, ends = moment(at(record.data, "/plan/start")), moment(at(record.data, "/plan/end"))
    if window is not None and window.state != "cancelled":
        first = max(begins or now, now) if ends is None or ends > now else begins or ends
        spans = list(calendar.spans(window, first, (ends or first) + (timedelta(0) if ends else _SLOT)))
        if spans:
            chosen = spans[-1] if ends else spans[0]
            return pointer, chosen.start, chosen.end
    if record.state == "ready" and begins is not None and ends is not None:
        return "/plan/start", begins, ends
    return None


def _in_states(ledger: Ledger, kind: str) -> Iterator[Record]:
    states = STATES[kind]
    rows = ledger.database.execute(
        f"SELECT path FROM record WHERE kind = ? AND NOT done AND state IN ({_places(states)}) ORDER BY id",
        (kind, *states),
    ).fetchall()
    found = (ledger.at_path(path) for (path,) in rows)
    return (record for record in found if record is not None)


def _naming(ledger: Ledger, cis: Collection[str]) -> Iterator[Record]:
    """Open work that names one of some components, itself or through the release that it brings."""
    found = list(_open_on(ledger, sorted(cis), list(STATES)))
    named = {path for path, _, _, pointer in found if _names_ci(pointer)}
    releases = sorted({id for path, kind, id, _ in found if kind == "release" and path in named})
    named |= {path for path, _, _, pointer in _open_on(ledger, releases, ["deployment"]) if pointer == "/release"}
    records = (ledger.at_path(path) for path in sorted(named))
    return (record for record in records if record is not None)


def _open_on(ledger: Ledger, ids: list[str], kinds: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Path, kind and id of the open work of some kinds that names one of some ids, and where in it; by links alone."""
    states = sorted({state for kind in kinds for state in STATES[kind]})
    # The order of the two tables is given: a component has few links beside all the work that is open somewhere.
    yield from ledger.database.execute(
        "SELECT record.path, record.kind, record.id, edge.pointer FROM edge CROSS JOIN record "
        f"ON record.number = edge.record WHERE edge.target IN ({_places(ids)}) AND NOT record.done "
        f"AND record.kind IN ({_places(kinds)}) AND record.state IN ({_places(states)})",
        (*ids, *kinds, *states),
    )


def _places(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _names_ci(pointer: str) -> bool:
    return pointer == "/service" or (pointer.endswith("/ci") and pointer.startswith(FIELDS))
