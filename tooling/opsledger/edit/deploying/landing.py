"""What a deployment writes on the ledger's tip: its record, and what follows for release, changes and components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from opsledger.edit.creating import ordered
from opsledger.edit.numbering import next_id, path_for
from opsledger.edit.plan import Plan, Write
from opsledger.edit.shape import shape_of
from opsledger.errors import Refused
from opsledger.kind import Kind
from opsledger.ledger import Ledger, Record
from opsledger.moments import written
from opsledger.packages import LANDED, deployments_of, digest_of, parts_of
from opsledger.policy import Policy
from opsledger.yamlfile import REMOVE, at, set_values, write

Data = Mapping[str, Any]
_STAGE = "early-life-support"
_ON_ITS_WAY = ("ready", "deploying")
_NOTHING: Data = MappingProxyType({})


def landing(
    ledger: Ledger,
    record: Data,
    *,
    policy: Policy,
    by: str,
    problem: Mapping[str, Any] = _NOTHING,
    debt: Mapping[str, Any] = _NOTHING,
    is_alone: bool = False,
) -> Plan:
    """
    Plan what a deployment writes.

    Args:
        ledger: of the protected branch's tip.
        record: the deployment as it is now.
        by: the party that writes.
        problem: the record of the problem that a rollback made; empty without one.
        debt: the exception that is owed, still without an id; empty without one.
        is_alone: whether the release, its changes and its components stay as they are.

    Raises:
        Refused: the ledger holds another deployment of that id, or no such release.
    """
    made = _Landing(ledger, _with_facts(ledger, record), policy, by)
    writes = [made.deployment()]
    if not is_alone:
        writes += [*made.release(), *made.changes(), *made.components()]
    if problem and ledger.find(str(problem["id"])) is None:
        writes.append(_new(ledger.kinds["problem"], str(problem["id"]), problem))
    if debt and not _is_owed_already(ledger, str(record["id"])):
        kind = ledger.kinds["exception"]
        taken = {one.id for one in ledger.of(kind.name)}
        id = next_id(kind, debt, taken=taken, year=int(str(record["started"])[:4]))
        writes.append(_new(kind, id, {"id": id, **debt}))
    return Plan(tuple(one for one in writes if one.before != one.after))


def _is_owed_already(ledger: Ledger, deployment: str) -> bool:
    found = ledger.naming(deployment, "exception", at="/scope/records/*")
    return any(one.get("type") == "emergency-deviation" for one in found)


def _new(kind: Kind, id: str, data: Data) -> Write:
    return Write(path_for(kind, id, data), None, write(ordered(data, shape_of(kind))))


def _with_facts(ledger: Ledger, record: Data) -> dict[str, Any]:
    """The record with what only the ledger knows: the package of a release, and what stored results say."""
    made = dict(record)
    release = ledger.find(str(record["release"]))
    if release is None or release.kind.name != "release":
        raise Refused(f"the ledger has no release {record['release']}", "name one that `opsledger list release` lists")
    if digest := digest_of(release):
        made.setdefault("package_digest", digest)
    if "verification" in made:
        made["verification"] = [_judged(ledger, one) for one in made["verification"]]
    return made


def _judged(ledger: Ledger, looked: Data) -> Data:
    found = ledger.find(str(looked.get("evidence", "")))
    if found is None or found.kind.name != "evidence" or not str(looked["check"]).startswith("As "):
        return looked
    sort = found.get("type")
    kinds = {"type": sort} if sort in ("smoke", "synthetic", "audience", "configuration") else {}
    times = {"at": found.get("at")} if found.get("at") else {}
    return {
        **looked,
        "check": str(found.get("title", looked["check"])),
        "result": found.get("result"),
        **kinds,
        **times,
    }


def items_of(ledger: Ledger, release: Record) -> list[dict[str, Any]]:
    """What a release brings, component by component, so exactly that it can be found again."""
    digest, artifacts = digest_of(release), [one for _, one in release.items("/package/artifacts")]
    found: list[dict[str, Any]] = []
    for part in parts_of(release):
        if part.effect == "retired" or ledger.find(part.ci) is None:
            continue
        own = next((one["digest"] for one in artifacts if one.get("ci") == part.ci), digest)
        version = {"version": part.version} if part.version else {}
        if version or own:
            found.append({"ci": part.ci, **version, **({"digest": own} if own else {})})
    return found


@dataclass(frozen=True, eq=False)
class _Landing:
    """One deployment on top of one ledger."""

    ledger: Ledger
    record: Data
    policy: Policy
    by: str

    def deployment(self) -> Write:
        kind, id = self.ledger.kinds["deployment"], str(self.record["id"])
        text = write(ordered(self.record, shape_of(kind)))
        there = self.ledger.find(id)
        if there is None:
            return Write(path_for(kind, id, self.record), None, text)
        same = ("release", "environment", "group", "pipeline")
        if any(there.get(name) != self.record.get(name) for name in same):
            raise Refused(f"{id} in the ledger is another deployment", "look at it with `opsledger show`")
        return Write(there.path, there.snapshot.read(there.path), text)

    def release(self) -> Iterator[Write]:
        release, goal = self._release, self._goal
        ways = {"deploying": ("ready",), _STAGE: _ON_ITS_WAY, "backed-out": (*_ON_ITS_WAY, _STAGE)}
        if release.state not in ways.get(goal, ()):
            return
        edits: dict[str, Any] = {}
        if goal == _STAGE:
            els = release.get("els") or {}
            start = datetime.fromisoformat(self.record["ended"])
            until = written(start + timedelta(days=self._days))
            told = {"start": els.get("start", written(start)), "until": els.get("until", until)}
            edits |= {f"/els/{name}": value for name, value in told.items()} if els else {"/els": told}
        if goal == "backed-out":
            edits |= self._decided(release, "backed-out")
        yield _edited(release, edits | {"/state": goal})

    def changes(self) -> Iterator[Write]:
        goals = {"deploying": "implementing", _STAGE: "implemented", "backed-out": "backed-out"}
        goal = goals.get(self._goal)
        for _, id in self._release.items("/changes"):
            change = self.ledger.find(str(id))
            if goal is None or change is None or change.state not in ("scheduled", "implementing"):
                continue
            if change.state == goal:
                continue
            edits: dict[str, Any] = {}
            if goal == "implemented":
                start = at(change.data, "/actual/start")
                begun = start if isinstance(start, str) else self.record["started"]
                edits["/actual"] = {"start": begun, "end": self.record["ended"]}
                edits["/closure_code"] = self.record["outcome"]
            if goal == "backed-out":
                backout = self.record["backout"]
                edits["/backed_out"] = {
                    "cause": backout["reason"], "restored": backout["ended"], "problem": backout["problem"]
                }  # fmt: skip
                edits |= self._decided(change, goal)
            yield _edited(change, edits | {"/state": goal})

    def components(self) -> Iterator[Write]:
        """Components say what is in use once it is everywhere, and what was in use before once it was taken back."""
        is_back = self._goal == "backed-out" and self._release.state == _STAGE
        if self._goal != _STAGE and not is_back:
            return
        former = self._former if is_back else {}
        for part in parts_of(self._release):
            ci = self.ledger.find(part.ci)
            if ci is None or not part.version or part.effect == "retired":
                continue
            versions = [str(one) for _, one in ci.items("/versions")]
            version = former.get(part.ci) or (_before(versions, part.version) if is_back else part.version)
            if not version:
                continue
            edits: dict[str, Any] = {"/version": version, "/verified_at": self.record["ended"]}
            if version not in versions:
                edits["/versions"] = [*versions, version]
            pending = ci.get("pending") or {}
            if pending and (pending.get("version") == version or pending.get("release") == self._release.id):
                edits["/pending"] = REMOVE
            yield _edited(ci, edits)

    @property
    def _release(self) -> Record:
        return self.ledger.record(str(self.record["release"]))

    @property
    def _former(self) -> Mapping[str, str]:
        target = self.ledger.find(str(at(self.record, "/backout/target")))
        return {part.ci: part.version for part in parts_of(target)} if target and target.kind.name == "release" else {}

    @property
    def _goal(self) -> str:
        """The state that the release is to be in; empty where the deployment is nothing to it."""
        place = self.ledger.find(str(self.record["environment"]))
        if place is None or place.get("production") is not True:
            return ""
        state = self.record["state"]
        if state == "backed-out":
            return "backed-out"
        return _STAGE if state in LANDED and self._is_everywhere else "deploying"

    @property
    def _is_everywhere(self) -> bool:
        """Whether each rollout group of a production environment has the package now."""
        groups = [
            (str(one.get("id")), str(one.get("environment"))) for _, one in self._release.items("/rollout/groups")
        ]
        there = [(group, place) for group, place in groups if self._is_production(place)]
        mine = {(one.get("group") or "", one.get("environment")) for one in self._others}
        mine.add((self.record.get("group") or "", self.record["environment"]))
        alone = {place for _, place in there if sum(place == other for _, other in there) == 1}
        return all((group, place) in mine or (place in alone and ("", place) in mine) for group, place in there)

    @property
    def _others(self) -> Sequence[Record]:
        digest = self.record.get("package_digest")
        found = deployments_of(self.ledger, self._release)
        return [one for one in found if one.state in LANDED and one.get("package_digest") == digest]

    def _is_production(self, place: str) -> bool:
        found = self.ledger.find(place)
        return found is not None and found.get("production") is True

    @property
    def _days(self) -> int:
        """For how long a release is watched, as the policy says of that stage."""
        stages = self.policy.at("stages", default=())
        return next((int(one.get("min_days", 0)) for one in stages if one.get("name") == _STAGE), 0)

    def _decided(self, record: Record, state: str) -> dict[str, Any]:
        backout = self.record["backout"]
        entry = {"at": backout["started"], "by": self.by, "state": state, "reason": backout["reason"]}
        return {"/decisions/-": entry} if record.get("decisions") else {"/decisions": [entry]}


def _before(versions: Sequence[str], version: str) -> str:
    """The version that was known before another one, or empty."""
    place = versions.index(version) if version in versions else 0
    return versions[place - 1] if place else ""


def _edited(record: Record, edits: Mapping[str, Any]) -> Write:
    source = record.snapshot.read(record.path)
    text = source
    for pointer, value in edits.items():
        if at(record.data, pointer) != value:
            text = set_values(text, {pointer: value}, order=record.kind.fields)
    return Write(record.path, source, text)
