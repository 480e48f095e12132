"""How each rule is provoked: the smallest harm that it must hear, done to whatever record of the ledger suits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from opsledger import packaged
from opsledger.kind import Kind
from opsledger.ledger import Ledger, Record
from opsledger.prove.harm import GONE, changed
from opsledger.prove.model import Spoiling, Trial
from opsledger.yamlfile import NotWritable, at, parts, write

MOST = 12
"""How many records are looked at for one spoiling."""
_TEXTS = ("title", "name", "description", "summary", "statement", "justification", "note")


def edited(record: Record, changes: Mapping[str, Any], said: str, *, is_step: bool = False) -> Iterator[Spoiling]:
    """A record with some values changed; nothing where its text does not let that be done."""
    data: Any = record.data
    for pointer, value in changes.items():
        data = changed(data, pointer, value)
    try:
        text = write(data)
    except NotWritable:
        return
    where = f"{record.path} {next(iter(changes))}"
    yield Spoiling(f"{where} {said}", {record.path: text}, frozenset({record.path}), is_step)


def candidates(ledger: Ledger, where: str, values: tuple[Any, ...] = ()) -> Iterator[Record]:
    """A few records that can be read and that fit a condition on the columns of the table `record`."""
    rows = ledger.database.execute(
        f"SELECT path FROM record WHERE readable AND ({where}) ORDER BY kind, id LIMIT {MOST}", values
    ).fetchall()
    for (path,) in rows:
        record = ledger.at_path(path)
        if record is not None and record.id not in ledger.in_doubt:
            yield record


def each_kind(ledger: Ledger) -> Iterator[tuple[Kind, Record]]:
    """A few records of every kind."""
    for kind in ledger.kinds.values():
        for record in candidates(ledger, "kind = ?", (kind.name,)):
            yield kind, record


def _unknown_field(ledger: Ledger) -> Iterator[Spoiling]:
    for kind, record in each_kind(ledger):
        if kind.stated.get("additionalProperties") is False:
            yield from edited(record, {"/no_such_field": "spoilt"}, "added")


def _renamed(ledger: Ledger) -> Iterator[Spoiling]:
    for kind, record in each_kind(ledger):
        if kind.id_from == "/id":
            path = f"{record.path.removesuffix('.yaml')}-spoilt.yaml"
            yield _copied(record, path, f"renamed to {path}", takes_away=True)


def _copied(record: Record, path: str, said: str, *, takes_away: bool = False) -> Spoiling:
    data = record.snapshot.read(record.path)
    changes: dict[str, bytes | None] = {path: data}
    if takes_away:
        changes[record.path] = None
    return Spoiling(f"{record.path} {said}", changes, frozenset({path, record.path}))


def _claimed_twice(ledger: Ledger) -> Iterator[Spoiling]:
    for kind, record in each_kind(ledger):
        if kind.id_from == "/id":
            name = record.path.rpartition("/")[2]
            yield _copied(record, f"{kind.folder}/spoilt/{name}", f"copied to {kind.folder}/spoilt/")


def _of_no_kind(ledger: Ledger) -> Iterator[Spoiling]:
    for record in ledger.records():
        path = f"records/no-such-kind/{record.path.rpartition('/')[2]}"
        yield _copied(record, path, f"moved to {path}", takes_away=True)


def _unsafe_name(ledger: Ledger) -> Iterator[Spoiling]:
    for kind, record in each_kind(ledger):
        path = f"{kind.folder}/aux.yaml"
        yield _copied(record, path, f"renamed to {path}", takes_away=True)


def _said_twice(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "1"):
        key = next(iter(record.data), "")
        if key.isidentifier():
            text = record.snapshot.read(record.path).rstrip(b"\n") + f"\n{key}: spoilt\n".encode()
            yield Spoiling(f"{record.path} /{key} written twice", {record.path: text}, frozenset({record.path}))


def _coded(code: str, spoilt: str) -> Callable[[Ledger], Iterator[Spoiling]]:
    """Another text in a top-level field whose definition in the schema carries this code."""

    def spoilings(ledger: Ledger) -> Iterator[Spoiling]:
        for kind, record in each_kind(ledger):
            for name, stated in kind.schema.get("properties", {}).items():
                defined = kind.schema.get("$defs", {}).get(str(stated.get("$ref", "")).rpartition("/")[2], {})
                if code in (stated.get("x-code"), defined.get("x-code")) and isinstance(record.get(name), str):
                    yield from edited(record, {f"/{name}": spoilt}, f"set to {spoilt}")

    return spoilings


def _other_name(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'release'"):
        if all(isinstance(record.get(name), str) for name in ("name", "service", "version")):
            yield from edited(record, {"/name": "spoilt"}, "set to spoilt")


def _unsound_schema(ledger: Ledger) -> Iterator[Spoiling]:
    for kind, _ in each_kind(ledger):
        path = f"schemas/{kind.name}.json"
        own = path in ledger.snapshot.files
        schema = json.loads(ledger.snapshot.read(path, limit=1 << 20) if own else packaged.text(path))
        schema["requird"] = ["id"]
        spoilt = json.dumps(schema, indent=2).encode()
        yield Spoiling(f"{path} /requird added", {path: spoilt}, frozenset({path}))


def _version_of_nothing(ledger: Ledger) -> Iterator[Spoiling]:
    rows = ledger.database.execute("SELECT record, pointer, value FROM citation LIMIT ?", (MOST,)).fetchall()
    for number, pointer, value in rows:
        for record in candidates(ledger, "number = ?", (number,)):
            yield from edited(record, {pointer: f"{value}.404"}, f"set to {value}.404")


def _unapproved_change(ledger: Ledger) -> Iterator[Spoiling]:
    """The only change of a release that is on its way, taken back to where nobody has approved it."""
    rows = ledger.database.execute(
        "SELECT record.path, min(edge.target) FROM edge JOIN reference ON reference.number = edge.reference "
        "JOIN record ON record.number = edge.record WHERE reference.kind = 'release' AND reference.at = '/changes/*' "
        "GROUP BY record.number HAVING count(*) = 1 ORDER BY record.path"
    ).fetchall()
    for release, change in rows:
        for record in candidates(ledger, "id = ?", (change,)):
            for spoilt in edited(record, {"/state": "submitted"}, "set to submitted"):
                yield Spoiling(spoilt.said, spoilt.changes, spoilt.paths | {release})


def _alone(ledger: Ledger) -> Iterator[Spoiling]:
    named = "EXISTS (SELECT 1 FROM edge WHERE edge.target = record.id)"
    for record in candidates(ledger, f"NOT {named}"):
        fields = dict.fromkeys(f"/{parts(link.pointer)[0]}" for link in ledger.links(record.id))
        if fields:
            yield from edited(record, dict.fromkeys(fields, GONE), "removed, with all that it names")


def _other_side(ledger: Ledger) -> Iterator[Spoiling]:
    """Another record named at the other end of a link that may be told from both ends."""
    rows = ledger.database.execute(
        "SELECT record.id, record.kind, edge.target, mirror FROM edge "
        "JOIN reference ON reference.number = edge.reference "
        f"JOIN record ON record.number = edge.record WHERE mirror != '' ORDER BY record.path LIMIT {MOST * 4}"
    ).fetchall()
    for source, kind, target, mirror in rows:
        other = next((one for one in ledger.of(kind) if one.id != source), None)
        named = ledger.find(target)
        field = mirror.removesuffix("/*")
        if other is None or named is None or not named.is_readable or "*" in field:
            continue
        is_list = any(reference.at == f"{field}/*" for reference in named.kind.references)
        for spoilt in edited(named, {field: [other.id] if is_list else other.id}, f"set to {other.id}, not {source}"):
            there = ledger.record(source).path
            yield Spoiling(spoilt.said, spoilt.changes, spoilt.paths | {there})


def _circle(ledger: Ledger) -> Iterator[Spoiling]:
    rows = ledger.database.execute(
        "SELECT edge.record, edge.pointer, record.kind, reference.kinds FROM edge JOIN reference "
        "ON reference.number = edge.reference JOIN record ON record.number = edge.record WHERE acyclic"
    ).fetchall()
    for number, pointer, kind, kinds in rows:
        if kind in kinds.split() or kinds == "*":
            for record in candidates(ledger, "number = ?", (number,)):
                yield from edited(record, {pointer: record.id}, f"set to {record.id} itself")


def _jump(ledger: Ledger) -> Iterator[Spoiling]:
    for kind, record in each_kind(ledger):
        lifecycle = kind.lifecycle
        if lifecycle is None or record.state is None:
            continue
        for state in lifecycle.states:
            data = {**record.data, lifecycle.field: state}
            if lifecycle.path(record.state, state, data) is None:
                said = f"moved from {record.state} to {state}"
                yield from edited(record, {f"/{lifecycle.field}": state}, said, is_step=True)


def _frozen_edit(ledger: Ledger) -> Iterator[Spoiling]:
    for kind in ledger.kinds.values():
        states = tuple(kind.lifecycle.frozen) if kind.lifecycle else ()
        held = "1" if kind.is_immutable else f"state IN ({', '.join('?' * len(states))})"
        for record in candidates(ledger, f"kind = ? AND {held}", (kind.name, *(() if kind.is_immutable else states))):
            for name in _TEXTS:
                if isinstance(record.get(name), str):
                    yield from edited(record, {f"/{name}": f"{record.get(name)} spoilt"}, "edited", is_step=True)


def _deleted(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "1"):
        yield Spoiling(f"{record.path} deleted", {record.path: None}, frozenset({record.path}), is_step=True)


def _reopened_child(ledger: Ledger) -> Iterator[Spoiling]:
    rows = ledger.database.execute(
        "SELECT CASE role WHEN 'child' THEN source.id ELSE edge.target END, "
        "CASE role WHEN 'child' THEN edge.target ELSE source.id END FROM edge "
        "JOIN reference ON reference.number = edge.reference JOIN record source ON source.number = edge.record "
        "WHERE role != '' ORDER BY source.path"
    ).fetchall()
    for parent, child in ((ledger.find(one), ledger.find(other)) for one, other in rows):
        over, under = (record.kind.lifecycle if record else None for record in (parent, child))
        if parent and child and over and under and parent.state == over.main[-1] and parent.state in over.done:
            for spoilt in edited(child, {f"/{under.field}": under.initial}, f"set back to {under.initial}"):
                yield Spoiling(spoilt.said, spoilt.changes, frozenset({parent.path}))


def _clashing_roles(ledger: Ledger) -> Iterator[Spoiling]:
    roles = list(candidates(ledger, "kind = 'role'"))
    parties = list(candidates(ledger, "kind = 'party'"))
    if len(roles) < 2 or not parties:
        return
    one, other = (role.id for role in roles[:2])
    apart = {"/incompatible": [{"role": other, "on": "same-release"}]}
    team = {"/team": [{"party": parties[0].id, "role": role} for role in (one, other)]}
    for record in candidates(ledger, "kind = 'release'"):
        for forbidding in edited(roles[0], apart, f"keeps {other} apart"):
            for spoilt in edited(record, team, f"set to {parties[0].id} as {one} and as {other}"):
                yield Spoiling(spoilt.said, {**spoilt.changes, **forbidding.changes}, spoilt.paths)


def _unfilled_role(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'role'"):
        yield from edited(record, {"/least": 999}, "set to 999")


def _unowned(ledger: Ledger) -> Iterator[Spoiling]:
    path = ".github/CODEOWNERS"
    if len(ledger):
        yield Spoiling(f"{path} about no record", {path: b"/no-such-folder/ @nobody\n"}, frozenset({path}))


def value_at(record: Record, pointer: str) -> Any:
    """The value of a record at a pointer; a sentinel where there is none."""
    return at(record.data, pointer)


def _other_judge(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind IN ('policy', 'role', 'gate', 'lane')"):
        yield from edited(record, {"/title": "Spoilt"}, "set to Spoilt", is_step=True)


def _senseless(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'gate'"):
        yield from edited(record, {"/when": "no_such_thing > 1"}, "set to no_such_thing > 1")


_TABLE: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "SCH001": ("record of a kind that knows its fields", _unknown_field),
    "SCH002": ("record that is called by its id", _renamed),
    "SCH003": ("record that is called by its id", _claimed_twice),
    "SCH004": ("record", _of_no_kind),
    "SCH005": ("field with a shared vocabulary", _coded("SCH005", "spoilt")),
    "SCH006": ("field that holds a time", _coded("SCH006", "2026-03-01T10:00:00")),
    "SCH007": ("release with a name, a service and a version", _other_name),
    "SCH009": ("record", _said_twice),
    "SCH010": ("record", _unsafe_name),
    "SCH011": ("record", _unsound_schema),
    "LNK103": ("release that ships one change", _unapproved_change),
    "LNK105": ("version that is named and must be declared", _version_of_nothing),
    "LNK109": ("record that names others and that none names", _alone),
    "LNK113": ("link that may be told from both ends", _other_side),
    "LNK114": ("link that must not go round in a circle", _circle),
    "DUT353": ("release, two roles and a party", _clashing_roles),
    "DUT354": ("role", _unfilled_role),
    "SIG310": ("record", _unowned),
    "LCY201": ("record with a state", _jump),
    "LCY203": ("record that may no longer change", _frozen_edit),
    "LCY204": ("record", _deleted),
    "LCY208": ("closed record whose parts are records", _reopened_child),
    "GOV964": ("policy, role, gate or lane", _other_judge),
    "GOV969": ("gate", _senseless),
}


def rule_trials() -> Iterator[Trial]:
    """One trial for each rule that is provoked as such; the others are provoked clause by clause."""
    from opsledger.prove import (
        spoiled_approvals,
        spoiled_calendar,
        spoiled_deployments,
        spoiled_evidence,
        spoiled_releases,
        spoiled_waivers,
    )

    rooms = (
        spoiled_approvals,
        spoiled_calendar,
        spoiled_deployments,
        spoiled_evidence,
        spoiled_releases,
        spoiled_waivers,
    )
    for table in (_TABLE, *(room.SPOILERS for room in rooms)):
        for code, (lacking, spoilings) in table.items():
            yield Trial(code, "", lacking, spoilings)
