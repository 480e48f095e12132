"""Walks along links: what led to a record and what came of it, and what depends on it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from opsledger.errors import OpsledgerError
from opsledger.ledger import Ledger, Record

CHAIN: Mapping[str, int] = {
    "event": 0, "incident": 1, "vulnerability": 1, "problem": 2, "patch": 3, "change": 4, "release": 5, "deployment": 6,
}  # fmt: skip
"""How far along the way from a fault to its end in production a kind stands."""

ALONG = frozenset({"problem", "change", "release", "deployment"})
"""The kinds that a trace follows one way only: from a release to its problems, and not on to their other releases."""

GROUND = frozenset({"Ground", "Policy"})
"""Families that nearly everything names, so that no trace leads through them."""

UP, ASIDE, ACROSS, DOWN = _WAYS = ("up", "aside", "across", "down")

TOWARDS_WHOLE = frozenset({"is part of"})
"""Relations in which the named record suffers from the naming one; in all others it is the other way round."""

HARMLESS = frozenset({"describes"})
"""Relations along which no harm travels."""

WORK = frozenset({"Flow", "Fault", "Fix"})
"""Families of records that are open until their work is done."""


class AmbiguousName(OpsledgerError):
    """Several records carry the same key of another system."""

    def __init__(self, name: str, ids: tuple[str, ...]) -> None:
        super().__init__(name, ids)
        self.name = name
        self.ids = ids

    def __str__(self) -> str:
        return f"{self.name!r} is the key of {len(self.ids)} records: {', '.join(self.ids)}; say which"


@dataclass(frozen=True)
class Node:
    """
    A record as a walk meets it.

    Args:
        kind: the name of its kind, or empty where nobody can tell.
        is_known: whether the ledger has a record of that id.
    """

    id: str
    kind: str = ""
    state: str | None = None
    title: str = ""
    is_known: bool = True


@dataclass(frozen=True)
class Branch:
    """
    A record in a trace, with what hangs on it.

    Args:
        node: the record.
        relations: how the record above it reads on to this one, such as *shipped in*.
        way: `up` towards causes, `down` towards production, `aside` for what only hangs on, `across` where the chain
            is entered from a record beside it, empty for the start.
        is_above: whether its own branches are drawn further up.
        branches: by way, stage and id.
    """

    node: Node
    relations: tuple[str, ...] = ()
    way: str = ""
    is_above: bool = False
    branches: tuple[Branch, ...] = ()

    def walked(self, depth: int = 0) -> Iterator[tuple[int, Branch]]:
        """Yield this branch and all on it with their depth, from the top down."""
        yield depth, self
        for branch in self.branches:
            yield from branch.walked(depth + 1)


@dataclass(frozen=True)
class Touch:
    """Open work on a record, and how the record reads on to it."""

    relations: tuple[str, ...]
    node: Node


@dataclass(frozen=True)
class Reached:
    """
    A record that depends on another.

    Args:
        node: the record.
        depth: how many links lie between.
        via: the id of the next record on the way back.
        relations: how that record reads on to this one, such as *needed by*.
        touched: the open work on it.
    """

    node: Node
    depth: int
    via: str
    relations: tuple[str, ...]
    touched: tuple[Touch, ...] = ()


@dataclass(frozen=True)
class Impact:
    """
    All that depends on a record.

    Args:
        start: the record.
        touched: the open work on it.
        reached: what depends on it, by the shortest way, from the top of the tree down.
    """

    start: Node
    touched: tuple[Touch, ...] = ()
    reached: tuple[Reached, ...] = ()

    @cached_property
    def _via(self) -> Mapping[str, str]:
        return {one.node.id: one.via for one in self.reached}

    def path_to(self, id: str) -> tuple[str, ...]:
        """Return the ids on the shortest way from the start to a reached record, both included."""
        way = [id]
        while way[-1] != self.start.id:
            way.append(self._via[way[-1]])
        return tuple(reversed(way))


def named(ledger: Ledger, name: str) -> Record:
    """
    Return the record of an id, or the one that another system knows by that key (`external[].key`).

    Raises:
        NoSuchRecord: none is called that; it names the nearest id.
        AmbiguousName: several are.
    """
    found = ledger.find(name)
    if found is not None:
        return found
    known = {record.id: record for record in ledger.declaring("external", name)}
    if len(known) > 1:
        raise AmbiguousName(name, tuple(sorted(known)))
    return next(iter(known.values())) if known else ledger.record(name)


def node_of(record: Record) -> Node:
    """Return what a walk needs of a record."""
    return Node(record.id, record.kind.name, record.state, record.title)


def neighbours(ledger: Ledger, id: str) -> Mapping[str, tuple[str, ...]]:
    """Return the ids that a record is linked with, either way, each with how the record reads on to it."""
    relations: dict[str, dict[str, None]] = defaultdict(dict)
    for link in ledger.links(id):
        relations[link.target][link.reference.name] = None
    for link in ledger.backlinks(id):
        relations[link.source][link.reference.inverse] = None
    relations.pop(id, None)
    return {other: tuple(names) for other, names in relations.items()}


def trace(ledger: Ledger, id: str, *, depth: int | None = None) -> Branch:
    """
    Follow the links of a record both ways: up to the faults behind it, down to the deployments that came of it.

    A walk that goes up does not turn down again, so that a release leads to its problems and not to all the other
    releases with them. Approvals, reviews, evidence and kinds of one's own hang on the records that they name.

    Args:
        depth: how many links to follow at most; `None` for all.

    Raises:
        NoSuchRecord: there is no such record.
    """
    return _Tracing(ledger, node_of(ledger.record(id)), depth).tree()


@dataclass(frozen=True)
class _Step:
    """One link that a trace takes, and in which direction."""

    id: str
    relations: tuple[str, ...]
    way: str


class _Tracing:
    """The walks of one trace."""

    def __init__(self, ledger: Ledger, start: Node, depth: int | None) -> None:
        self._ledger = ledger
        self._start = start
        self._depth = depth
        self._nodes = {start.id: start}
        self._known_steps: dict[tuple[str, str], list[_Step]] = {}
        self._levels = self._found()
        self._drawn: set[str] = set()
        self._links: set[frozenset[str]] = set()

    def _found(self) -> Mapping[str, int]:
        """Return how many links lie between the start and each record that the trace goes through."""
        levels = {self._start.id: 0}
        waiting = deque([(self._start.id, "")])
        while waiting:
            here, walking = waiting.popleft()
            if not self._goes_on(levels[here]):
                continue
            for step in self._steps(here, walking):
                if step.way != ASIDE and step.id not in levels:
                    levels[step.id] = levels[here] + 1
                    waiting.append((step.id, step.way))
        return levels

    def _goes_on(self, level: int) -> bool:
        return self._depth is None or level < self._depth

    def tree(self) -> Branch:
        """Return the trace; the nearest stage first, so that a release hangs on its change and not on the problem."""
        return self._branch(_Step(self._start.id, (), ""))

    def _branch(self, step: _Step) -> Branch:
        """Return the tree from a record on; there are few stages, so it is never deep."""
        node = self._nodes[step.id]
        if step.way == ASIDE:
            return Branch(node, step.relations, step.way)
        if step.id in self._drawn:
            return Branch(node, step.relations, step.way, is_above=True)
        self._drawn.add(step.id)
        below = []
        for other in self._steps(step.id, step.way):
            link = frozenset((step.id, other.id))
            is_near = self._goes_on(self._levels[step.id]) if other.way == ASIDE else other.id in self._levels
            if is_near and link not in self._links:
                self._links.add(link)
                below.append(self._branch(other))
        return Branch(node, step.relations, step.way, branches=tuple(below))

    def _steps(self, id: str, walking: str) -> list[_Step]:
        """Return where the walk may go from a record, in the order in which it is drawn."""
        if (id, walking) not in self._known_steps:
            found = [
                _Step(other, relations, way)
                for other, relations in neighbours(self._ledger, id).items()
                if (way := self._way(self._nodes[id], self._node(other), walking))
            ]
            self._known_steps[id, walking] = sorted(found, key=lambda step: (_WAYS.index(step.way), *self._rank(step)))
        return self._known_steps[id, walking]

    def _node(self, id: str) -> Node:
        if id not in self._nodes:
            record = self._ledger.find(id)
            kind = self._ledger.kinds.of_id(id)
            self._nodes[id] = node_of(record) if record else Node(id, kind.name if kind else "", is_known=False)
        return self._nodes[id]

    def _rank(self, step: _Step) -> tuple[int, str, str]:
        """Order steps of one way: the nearest stage first."""
        kind = self._nodes[step.id].kind
        stage = CHAIN.get(kind, len(CHAIN))
        return -stage if step.way == UP else stage, kind, step.id

    def _way(self, here: Node, there: Node, walking: str) -> str:
        """Return in which direction a step leads, or nothing where the trace does not take it."""
        kind = self._ledger.kinds.get(there.kind)
        if kind is not None and kind.family in GROUND:
            return ""
        stage, other = CHAIN.get(here.kind), CHAIN.get(there.kind)
        if other is None:
            return ASIDE
        if stage is None:
            return ACROSS if there.kind in ALONG else ASIDE
        way = UP if other < stage else DOWN if other > stage else ASIDE
        if walking in ("", ACROSS, way):
            return way
        return "" if there.kind in ALONG else ASIDE


def impact(ledger: Ledger, id: str, *, depth: int | None = None) -> Impact:
    """
    Name everything that depends on a record, directly or through others of its kind, with the open work on each.

    Args:
        depth: how many links to follow at most; `None` for all.

    Raises:
        NoSuchRecord: there is no such record.
    """
    start = ledger.record(id)
    nodes = {record.id: node_of(record) for record in ledger.of(start.kind.name)}
    dependants = _dependants(ledger, start.kind.name, nodes)
    found: dict[str, Reached] = {}
    waiting = deque([(id, 0)])
    while waiting:
        here, level = waiting.popleft()
        if depth is not None and level >= depth:
            continue
        for other in sorted(dependants.get(here, {})):
            if other != id and other not in found:
                found[other] = Reached(nodes[other], level + 1, here, tuple(dependants[here][other]))
                waiting.append((other, level + 1))
    touched = _touched(ledger, {id, *found})
    reached = (
        Reached(one.node, one.depth, one.via, one.relations, touched.get(one.node.id, ()))
        for one in _from_the_top(id, found.values())
    )
    return Impact(nodes[id], touched.get(id, ()), tuple(reached))


def _dependants(ledger: Ledger, kind: str, nodes: Mapping[str, Node]) -> Mapping[str, Mapping[str, Mapping[str, None]]]:
    """Return, for each record of a kind, the others that depend on it and how it reads on to them."""
    stored = ledger.database.execute(
        "SELECT record.id, edge.target, edge.reference FROM record JOIN edge ON edge.record = record.number "
        "WHERE record.kind = ? ORDER BY record.id, edge.rowid",
        (kind,),
    )
    dependants: dict[str, dict[str, dict[str, None]]] = {}
    for source, target, number in stored:
        reference = ledger.references[number]
        if target not in nodes or reference.name in HARMLESS:
            continue
        if reference.name in TOWARDS_WHOLE:
            dependants.setdefault(source, {}).setdefault(target, {})[reference.name] = None
        else:
            dependants.setdefault(target, {}).setdefault(source, {})[reference.inverse] = None
    return dependants


def _from_the_top(start: str, found: Iterable[Reached]) -> Iterator[Reached]:
    """Order what was reached as a tree is drawn; chains may be longer than calls may nest."""
    below: dict[str, list[Reached]] = defaultdict(list)
    for one in found:
        below[one.via].append(one)
    waiting = below[start][::-1]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(below[one.node.id][::-1])


def _touched(ledger: Ledger, ids: set[str]) -> Mapping[str, tuple[Touch, ...]]:
    """Return the open work that names each of these records, by stage and id."""
    kinds = [kind.name for kind in ledger.kinds.values() if kind.family in WORK and kind.lifecycle is not None]
    stored = ledger.database.execute(
        "SELECT edge.target, record.id, record.kind, record.state, record.title, edge.reference FROM record "
        "JOIN edge ON edge.record = record.number WHERE record.state IS NOT NULL AND NOT record.done "
        f"AND record.kind IN ({', '.join('?' * len(kinds))})",
        kinds,
    )
    touched: dict[str, dict[Node, dict[str, None]]] = defaultdict(dict)
    for target, source, kind, state, title, number in stored:
        if target in ids:
            relations = touched[target].setdefault(Node(source, kind, state, title), {})
            relations[ledger.references[number].inverse] = None
    return {
        target: tuple(
            Touch(tuple(sorted(works[node])), node)
            for node in sorted(works, key=lambda node: (CHAIN.get(node.kind, len(CHAIN)), node.kind, node.id))
        )
        for target, works in touched.items()
    }
