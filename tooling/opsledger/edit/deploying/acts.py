"""The record of a deployment after each thing that the pipeline tells of it; nothing here reads or writes a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from opsledger.errors import Refused
from opsledger.moments import written
from opsledger.packages import LANDED

Data = Mapping[str, Any]

ENDED = {*LANDED, "failed", "backed-out", "cancelled"}
_CHECKS = ("smoke", "synthetic", "audience", "configuration")
_LONGEST_TITLE = 240
_TRADES = {"successful": "succeeded", "successful_with_issues": "succeeded", "partially_implemented": "succeeded"}


@dataclass(frozen=True)
class Beginning:
    """
    What begins a deployment.

    Args:
        package: digest of the package that is brought, or empty.
        system: which pipeline; empty where it was not a pipeline's run.
        run: the number or name of its run.
        by: id of the party whose lane writes it down.
        executor: id of the party that carries it out.
    """

    release: str
    environment: str
    at: datetime
    by: str
    executor: str
    group: str = ""
    package: str = ""
    system: str = ""
    run: str = ""
    url: str = ""
    reason: str = "planned"
    snapshot: str = ""

    @property
    def key(self) -> str:
        """What stays the same however often it is begun: without a run, each beginning is one of its own."""
        run = f"{self.system}/{self.run}" if self.run else written(self.at)
        told = "\0".join((self.release, self.environment, self.group, self.package, run))
        return sha256(told.encode()).hexdigest()[:16]

    @property
    def id(self) -> str:
        """The id of the deployment."""
        return f"DEP-{self.at.year}-{self.key}"


def begun(start: Beginning, verdict: Data, items: Sequence[Data] = ()) -> dict[str, Any]:
    """The record of a deployment that a gate let through."""
    return _record(start, items) | {"verdict": dict(verdict)}


def in_glass(start: Beginning, *, reason: str, word: str, hours: float) -> dict[str, Any]:
    """
    The record of a deployment that goes ahead without being asked for, in an emergency.

    Args:
        word: id of the party who decided it.
        hours: until when what was skipped must have been made up for.

    Raises:
        Refused: nobody says why.
    """
    if not reason.strip():
        raise Refused("somebody must be able to read later why it could not wait", "say why with --reason")
    due = written(start.at + timedelta(hours=hours))
    glass = {"reason": reason, "by": word, "at": written(start.at), "owed_until": due}
    return _record(start, ()) | {"break_glass": glass, "reason": "hotfix"}


def _record(start: Beginning, items: Sequence[Data]) -> dict[str, Any]:
    told = {"system": start.system, "run": start.run, "url": start.url}
    made: dict[str, Any] = {
        "id": start.id,
        "state": "in-progress",
        "release": start.release,
        "environment": start.environment,
        "group": start.group,
        "reason": start.reason,
        "package_digest": start.package,
        "items": [dict(one) for one in items],
        "started": written(start.at),
        "executor": start.executor,
        "pipeline": {name: value for name, value in told.items() if value} if start.run else {},
        "snapshot": {"taken": written(start.at), "uri": start.snapshot} if start.snapshot else {},
    }
    return {name: value for name, value in made.items() if value not in ("", [], {})}


def progressed(
    record: Data, note: str, *, at: datetime, by: str, observations: Iterable[Data] = (), steps: Iterable[str] = ()
) -> dict[str, Any]:
    """
    The record after something more was told of a deployment that goes on.

    Raises:
        Refused: it has ended.
    """
    _must_go_on(record)
    made = dict(record)
    if note:
        made["progress"] = [*record.get("progress", ()), {"at": written(at), "by": by, "note": note}]
    if seen := [{"at": written(at), **one} for one in observations]:
        made["observations"] = [*record.get("observations", ()), *seen]
    if done := [{"step": one, "owner": by} for one in steps]:
        made["steps"] = [*record.get("steps", ()), *done]
    return made


def finished(
    record: Data, *, at: datetime, by: str, outcome: str = "successful", checks: Mapping[str, str] = {},
    evidence: Iterable[str] = (), reason: str = "",
) -> dict[str, Any]:  # fmt: skip
    """
    The record of a deployment that has ended.

    Args:
        outcome: how, as the closure code says.
        checks: what was looked at afterwards, and its result.
        evidence: ids of stored results that say so as well.
        reason: why, where it did not succeed.

    Raises:
        Refused: it has ended already, nothing was looked at, or something of it failed.
    """
    _must_go_on(record)
    state = _TRADES.get(outcome, "failed")
    ended = dict(record) | {"state": state, "ended": written(at), "outcome": outcome}
    made = looked_at(ended, at=at, by=by, checks=checks, evidence=evidence)
    if state == "failed":
        made["decisions"] = [*record.get("decisions", ()), _decision(at, by, state, reason or f"It ended {outcome}.")]
    return made


def looked_at(
    record: Data, *, at: datetime, by: str, checks: Mapping[str, str] = {}, evidence: Iterable[str] = ()
) -> dict[str, Any]:
    """
    The record of a deployment that has ended, with what was looked at since.

    Raises:
        Refused: it is called a success, and nothing was looked at or something failed.
    """
    looked = [_check(name, result, written(at), by) for name, result in checks.items()]
    looked += [{"check": f"As {id} says", "type": "other", "result": "passed", "evidence": id} for id in evidence]
    verification = [*record.get("verification", ()), *looked]
    if record["state"] == "succeeded" and not verification:
        raise Refused(
            f"{record['id']} counts as succeeded when something was looked at afterwards",
            "say what, such as --verify smoke=passed, or name a result with --evidence EVD-…",
        )
    failed = [one["check"] for one in verification if one["result"] == "failed"]
    if record["state"] == "succeeded" and failed:
        raise Refused(
            f"{record['id']} did not succeed: {', '.join(failed)} failed",
            f"run `opsledger deploy rollback {record['id']} --reason …`, or finish it with --outcome unsuccessful",
        )
    return dict(record) | ({"verification": verification} if verification else {})


def _check(name: str, result: str, at: str, by: str) -> dict[str, Any]:
    return {"check": name, "type": name if name in _CHECKS else "other", "result": result, "at": at, "by": by}


def taken_back(
    record: Data, *, at: datetime, by: str, reason: str, problem: str, automated: bool, target: str = ""
) -> dict[str, Any]:
    """
    The record of a deployment that was taken back.

    Args:
        problem: id of the problem in which the cause is followed up.
        target: id of the release or baseline that was returned to, or empty.

    Raises:
        Refused: it was taken back already, or nobody says why.
    """
    if record["state"] in ("backed-out", "cancelled", "handed-over"):
        raise Refused(f"{record['id']} is {record['state']} already", "start another deployment")
    if not reason.strip():
        raise Refused(f"nobody says why {record['id']} is taken back", "say it with --reason")
    backout = {"started": written(at), "ended": written(at), "reason": reason, "automated": automated}
    backout |= ({"target": target} if target else {}) | {"problem": problem}
    made = dict(record) | {"state": "backed-out", "outcome": "backed_out", "backout": backout}
    made.setdefault("ended", written(at))
    made["decisions"] = [*record.get("decisions", ()), _decision(at, by, "backed-out", reason)]
    return made


def problem_of(
    record: Data, *, cis: Sequence[str], at: datetime, reason: str, severity: str, returned: Iterable[str] = ()
) -> dict[str, Any]:
    """
    The problem in which the cause of a rollback is followed up; the same one for the same deployment.

    Args:
        cis: the components of the release.
        returned: ids of problems of which signs were seen.
    """
    deployment = str(record["id"])
    mark = sha256(deployment.encode()).hexdigest()[:12]
    first = reason.strip().splitlines()[0]
    title = f"{record['release']} was taken back from {record['environment']}: {first}"
    again = [{"to": id, "type": "looks-alike"} for id in dict.fromkeys(returned)]
    return {
        "id": f"PRB-{at.year}-r{mark}",
        "title": title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…",
        "state": "logged",
        "description": reason,
        "severity": severity,
        "logged": written(at),
        **({"cis": list(cis)} if cis else {}),
        "environments": [record["environment"]],
        "introduced_by": {"record": record["release"], "confidence": "suspected"},
        **({"relations": again} if again else {}),
        "source": {"adapter": "rollback", "id": deployment, "fetched_at": written(at)},
    }


def debt_of(record: Data, *, codes: Sequence[str], level: str, owner: str, days: int, at: datetime) -> dict[str, Any]:
    """
    The exception that a deployment behind broken glass owes; its id is given when it is written.

    Args:
        codes: what the gate would have asked and did not get.
        owner: who makes up for it.
        days: how long the exception may last at most.
        at: when it is written down.
    """
    glass = record["break_glass"]
    due = glass["owed_until"]
    end = max(datetime.fromisoformat(due), at + timedelta(days=1))
    expires = max(end, datetime.fromisoformat(glass["at"]) + timedelta(days=days))
    skipped = ", ".join(codes)
    return {
        "title": f"{record['release']} went to {record['environment']} without being asked for",
        "type": "emergency-deviation",
        "state": "requested",
        "requested_by": glass["by"],
        "scope": {
            "records": [record["release"], record["id"]],
            "rules": list(codes),
            "environments": [record["environment"]],
        },
        "justification": f"The glass was broken at {glass['at']}: {glass['reason']} What was skipped: {skipped}.",
        "mitigation": [{"action": f"Make up for {skipped}", "owner": owner, "due": written(end), "state": "open"}],
        "level": level,
        "residual_risk": level,
        "retest_by": written(end),
        "expires": written(expires),
    }


def _decision(at: datetime, by: str, state: str, reason: str) -> dict[str, str]:
    return {"at": written(at), "by": by, "state": state, "reason": reason}


def _must_go_on(record: Data) -> None:
    if record["state"] in ENDED:
        raise Refused(f"{record['id']} has ended: it is {record['state']}", "start another deployment")
