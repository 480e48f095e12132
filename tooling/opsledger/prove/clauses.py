"""What the schemas state, clause by clause: what states ask, what fields refer to, what comes first, what grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from opsledger.kind import Kind, Kinds, Reference
from opsledger.kind.lifecycle import Lifecycle, Requirement
from opsledger.kind.patterns import filled, matches
from opsledger.ledger import Ledger, Record
from opsledger.prove.harm import GONE, changed
from opsledger.prove.model import Spoiling, Trial
from opsledger.prove.spoilers import candidates, edited, value_at
from opsledger.yamlfile import MISSING, at

_LONG_AGO = {10: "1999-01-01"}
Spoilings = Callable[[Ledger], Iterable[Spoiling]]


def clause_trials(kinds: Kinds) -> Iterator[Trial]:
    """A trial for each clause of each kind's schema."""
    for kind in kinds.values():
        for asked in kind.lifecycle.requires if kind.lifecycle else ():
            states = ", ".join(sorted(asked.states))
            clause = f"{kind.name} {asked.at}: {asked.says}"
            yield Trial(asked.code, clause, f"{kind.name} of which this is asked ({states})", _without(kind, asked))
        for reference in kind.references:
            clause = f"{kind.name} {reference.at} {reference.name}"
            lacking = f"{kind.name} that says what it {reference.name}"
            yield Trial("LNK101", clause, lacking, _misspelt(kind, reference))
            if reference.kinds != ("*",):
                yield Trial("LNK102", clause, lacking, _of_another_kind(kind, reference))
        for first, second in ((order.start, order.end) for order in kind.annotations.orders):
            lacking = f"{kind.name} with both times"
            yield Trial("SCH006", f"{kind.name} {second} after {first}", lacking, _too_early(kind, first, second))
        for rule in kind.annotations.computed:
            clause = f"{kind.name} {rule.at} computed"
            yield Trial("SCH005", clause, f"{kind.name} with what it follows from", _miscounted(kind, rule.at))
        for pattern in kind.annotations.append_only:
            clause = f"{kind.name} {pattern} only grows"
            yield Trial("LCY204", clause, f"{kind.name} with an entry", _shortened(kind, pattern))


def _without(kind: Kind, asked: Requirement) -> Spoilings:
    """A record that met what its state asks, without it; where none is in such a state, one is put there."""

    def spoilings(ledger: Ledger) -> Iterator[Spoiling]:
        lifecycle = kind.lifecycle
        if lifecycle is None:
            return
        places = ", ".join("?" * len(asked.states))
        there = list(candidates(ledger, f"kind = ? AND state IN ({places})", (kind.name, *sorted(asked.states))))
        for record in there:
            yield from _missing(record, lifecycle, asked, {})
        field = f"/{lifecycle.field}"
        for record in candidates(ledger, "kind = ?", (kind.name,)):
            for state in sorted(asked.states - {record.state}):
                yield from _missing(record, lifecycle, asked, {field: state})

    return spoilings


def _missing(record: Record, lifecycle: Lifecycle, asked: Requirement, first: dict[str, str]) -> Iterator[Spoiling]:
    """The record without the field that is asked, else without a part of it, else without its entries."""
    moved = {**record.data, **{key.strip("/"): value for key, value in first.items()}}
    for taken in _ways(record, asked.at):
        data = moved
        for where in taken:
            data = changed(data, where, GONE)
        there = [where for where in taken if value_at(record, where) is not MISSING]
        # What breaks the shape as well is said as that alone.
        if not record.kind.validator(None).is_valid(data):
            continue
        if not asked.is_met(data, lifecycle.definitions) and (there or first):
            said = f"removed in state {moved.get(lifecycle.field)}" if there else "set, without what it asks"
            yield from edited(record, {**dict.fromkeys(there, GONE), **first}, said)


def _ways(record: Record, where: str) -> Iterator[list[str]]:
    """What to take away: the field, else one of its parts, its only entry, or all but one key of an entry."""
    stated = value_at(record, where)
    yield [where]
    if isinstance(stated, dict):
        yield from ([f"{where}/{name}"] for name in stated)
    elif isinstance(stated, list):
        if len(stated) == 1:
            yield [f"{where}/0"]
        for index, entry in enumerate(stated):
            if isinstance(entry, dict):
                yield [f"{where}/{index}/{name}" for name in list(entry)[1:]]


def _linked(ledger: Ledger, kind: Kind, reference: Reference) -> Iterator[tuple[Record, str, str]]:
    """A few records that hold a link of this reference: record, pointer, what it names."""
    rows = ledger.database.execute(
        "SELECT edge.record, edge.pointer, edge.target FROM reference JOIN edge ON edge.reference = reference.number "
        "WHERE reference.kind = ? AND reference.at = ? AND reference.relation = ? LIMIT 12",
        (kind.name, reference.at, reference.name),
    ).fetchall()
    for number, where, target in rows:
        for record in candidates(ledger, "number = ?", (number,)):
            yield record, where, target


def _misspelt(kind: Kind, reference: Reference) -> Spoilings:
    def spoilings(ledger: Ledger) -> Iterator[Spoiling]:
        for record, where, target in _linked(ledger, kind, reference):
            yield from edited(record, {where: f"{target}-404"}, f"misspelt, {target}-404")

    return spoilings


def _of_another_kind(kind: Kind, reference: Reference) -> Spoilings:
    def spoilings(ledger: Ledger) -> Iterator[Spoiling]:
        barred = [name for name in ledger.kinds if not reference.allows(name)]
        others = [record for name in barred for record in candidates(ledger, "kind = ?", (name,))][:1]
        for record, where, _ in _linked(ledger, kind, reference):
            for other in others:
                yield from edited(record, {where: other.id}, f"set to {other.id}")

    return spoilings


def _too_early(kind: Kind, first: str, second: str) -> Spoilings:
    def spoilings(ledger: Ledger) -> Iterator[Spoiling]:
        for record in _of(ledger, kind):
            for where, stars in matches(record.data, second):
                end, start = value_at(record, where), at(record.data, filled(first, stars))
                if isinstance(end, str) and isinstance(start, str):
                    yield from edited(record, {where: _LONG_AGO.get(len(end), "1999-01-01T00:00:00Z")}, "set to 1999")

    return spoilings


def _miscounted(kind: Kind, where: str) -> Spoilings:
    def spoilings(ledger: Ledger) -> Iterator[Spoiling]:
        rule = next(rule for rule in kind.annotations.computed if rule.at == where)
        values = dict.fromkeys([*rule.table.values(), rule.default])
        for record in _of(ledger, kind):
            if all(at(record.data, source) is not MISSING for source in rule.source):
                for other in values:
                    if other is not None and other != at(record.data, where):
                        yield from edited(record, {where: other}, f"set to {other}")

    return spoilings


def _shortened(kind: Kind, pattern: str) -> Spoilings:
    def spoilings(ledger: Ledger) -> Iterator[Spoiling]:
        for record in _of(ledger, kind):
            for where, _ in matches(record.data, pattern):
                if value_at(record, where):
                    yield from edited(record, {f"{where}/0": GONE}, "removed", is_step=True)

    return spoilings


def _of(ledger: Ledger, kind: Kind) -> Iterator[Record]:
    for record, _ in ledger.data_of(ledger.of(kind.name)):
        yield record
