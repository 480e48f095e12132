"""Records that come from another system: new ones, changed ones, and those that are here already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opsledger.canonical import digest
from opsledger.edit.creating import ordered
from opsledger.edit.judging import NotAccepted
from opsledger.edit.numbering import next_id, path_for
from opsledger.edit.plan import Plan, Write
from opsledger.edit.shape import shape_of
from opsledger.finding import Fault, Finding
from opsledger.kind import Kind
from opsledger.ledger import Ledger, Record
from opsledger.yamlfile import set_values, write

ROUNDS = 8
"""How often rows that the check refuses are left out before nothing is taken: one may lean on another."""


@dataclass(frozen=True)
class Coming:
    """
    One record as another system has it.

    Args:
        key: its name over there.
        url: its address over there, or empty.
        data: its fields, without where it comes from.
        line: where it stands in the export.
        year: the year that its id is to be of.
    """

    key: str
    data: Mapping[str, Any]
    line: int
    year: int
    url: str = ""


@dataclass(frozen=True)
class Arrived:
    """
    What an import comes to.

    Args:
        unchanged: the ids of records that say the same as over there.
        refused: the lines of rows that a check would not let pass, each with what it says.
        unready: the lines of rows that came in in an earlier state than they had, each with what they lack for it.
    """

    plan: Plan
    unchanged: tuple[str, ...] = ()
    refused: Mapping[int, tuple[Finding | Fault, ...]] = field(default_factory=dict)
    unready: Mapping[int, tuple[Fault, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """
    Where an import comes from.

    Args:
        adapter: the importer, for example csv.
        system: as `external` names it.
        fetched_at: when the export was read, as records write it.
    """

    adapter: str
    system: str
    fetched_at: str


def bring(
    coming: Sequence[Coming],
    kind: Kind,
    origin: Origin,
    ledger: Ledger,
    *,
    taken: Iterable[str],
    accept: Callable[[Plan], object],
    unready: str = "",
) -> Arrived:
    """
    Plan the files of an import; the same import again plans nothing.

    A record is known by system and key. One that says the same as before is left alone, whatever was edited here in
    fields that the import does not fill; one that changed over there gets its new values, and nothing else of it is
    touched. A row whose record the check would refuse is left out, and the others are taken.

    Args:
        taken: ids that nobody else may get.
        accept: raises `NotAccepted` when a plan would break the ledger.
        unready: the state in which a new row comes in that lacks what its own state asks; empty to refuse it.
    """
    ids = set(taken)
    refused: dict[int, tuple[Finding | Fault, ...]] = {}
    unreadies: dict[int, tuple[Fault, ...]] = {}
    unchanged: list[str] = []
    by_path: dict[str, int] = {}
    writes: list[Write] = []
    for one in coming:
        known = _known(one, kind, origin, ledger)
        if known is not None and _digest_here(known) == digest(dict(one.data)):
            unchanged.append(known.id)
            continue
        made = _changed(known, one, origin) if known is not None else _new(one, kind, origin, ids)
        faults = kind.faults(made.data, made.id)
        if faults and unready and known is None:
            eased = _new(one, kind, origin, ids, state=unready)
            if not kind.faults(eased.data, eased.id):
                unreadies[one.line], made, faults = tuple(faults), eased, []
        if faults:
            refused[one.line] = tuple(faults)
            continue
        ids.add(made.id)
        by_path[made.write.path] = one.line
        writes.append(made.write)
    plan = _accepted(writes, by_path, refused, accept)
    return Arrived(plan, tuple(unchanged), refused, unreadies)


@dataclass(frozen=True)
class _Made:
    id: str
    data: dict[str, Any]
    write: Write


def _known(one: Coming, kind: Kind, origin: Origin, ledger: Ledger) -> Record | None:
    for record in ledger.declaring("external", one.key, kind.name):
        for _, entry in record.items("/external"):
            if isinstance(entry, dict) and (entry.get("system"), entry.get("key")) == (origin.system, one.key):
                return record
    return None


def _digest_here(record: Record) -> str:
    source = record.get("source")
    return str(source.get("digest", "")) if isinstance(source, dict) else ""


def _source(one: Coming, origin: Origin) -> dict[str, Any]:
    return {
        "adapter": origin.adapter,
        "id": one.key,
        "fetched_at": origin.fetched_at,
        "digest": digest(dict(one.data)),
    }


def _new(one: Coming, kind: Kind, origin: Origin, ids: set[str], *, state: str = "") -> _Made:
    external = {"system": origin.system, "key": one.key, **({"url": one.url} if one.url else {})}
    stated = {kind.lifecycle.field: state} if state and kind.lifecycle else {}
    data = {**one.data, **stated, "external": [external], "source": _source(one, origin)}
    id = next_id(kind, data, taken=ids, year=one.year)
    whole = ordered({"id": id, **data}, shape_of(kind))
    return _Made(id, whole, Write(path_for(kind, id, whole), None, write(whole)))


def _changed(known: Record, one: Coming, origin: Origin) -> _Made:
    values = {f"/{name}": value for name, value in one.data.items() if known.data.get(name) != value}
    values["/source"] = _source(one, origin)
    before = known.snapshot.read(known.path)
    data = {**known.data, **one.data, "source": values["/source"]}
    return _Made(known.id, data, Write(known.path, before, set_values(before, values)))


def _accepted(
    writes: list[Write],
    by_path: Mapping[str, int],
    refused: dict[int, tuple[Finding | Fault, ...]],
    accept: Callable[[Plan], object],
) -> Plan:
    """The plan without the rows that the check refuses; what those say is noted."""
    for _ in range(ROUNDS):
        try:
            accept(Plan(tuple(writes)))
        except NotAccepted as against:
            paths = {finding.place.path for finding in against.findings}
            for path in paths:
                said = tuple(finding for finding in against.findings if finding.place.path == path)
                refused[by_path[path]] = said
            writes = [one for one in writes if one.path not in paths]
        else:
            return Plan(tuple(writes))
    return Plan()
