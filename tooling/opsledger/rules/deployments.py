"""Deployments that nobody let through: DPL701."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.moments import moment, spoken
from opsledger.packages import deployments_of
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule
from opsledger.rules.rollout import release_of, serves_users
from opsledger.rules.unread import unread
from opsledger.steps import Step
from opsledger.store import Snapshot
from opsledger.yamlfile import read

_CODE = "DPL701"
_NOT_YET = (None, "planned", "cancelled")
"""The states of a deployment that nobody has let through, nor needs to."""

_READY = ("piloting", "ready", "deploying", "early-life-support", "closed")
"""The states in which a release may go to users: it is ready, or tried out by some of them."""

_GATES = "records/gates/"
_TO_USERS = (("deployment", "authorised"), ("release", "deploying"))
Data = Mapping[str, Any]


@rule(_CODE, Reach.STEP, counts="")
def deployment_that_nobody_let_through(step: Step) -> Iterator[Found]:
    """
    Something was deployed to users, and no gate has said that it may.

    ## Why
    The answer of the gate is stored in the deployment (`verdict`) by whoever deploys: `opsledger deploy start` does so.
    It must be open, of a gate before deployments, for this very release, environment, group and package, asked before
    the deployment began, and as it was given; and the release must be ready. In an emergency `break_glass` stands in
    its place, with the time by which what was skipped is made up for. A pilot rests on its own gate. Checked are the
    deployments that a pull request or push brings or moves; at a gate, those of the release. Elsewhere than with users
    a deployment needs none: that is where one finds out. Source: S2-role-rdm-16, S2-role-dep-01, S2-step-07,
    S3-obj-05, S4-dep-01.

    ## Examples
    ```yaml title="fails"
    # base: records/deployments/2026/DEP-2026-a1b1.yaml
    state: planned
    release: REL-2026-9001
    environment: ENV-prod-eu
    # base: records/environments/ENV-prod-eu.yaml
    production: true
    # base: records/releases/2026/REL-2026-9001.yaml
    state: draft
    # head: records/deployments/2026/DEP-2026-a1b1.yaml
    state: authorised
    release: REL-2026-9001
    environment: ENV-prod-eu
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    # head: records/environments/ENV-prod-eu.yaml
    production: true
    # head: records/releases/2026/REL-2026-9001.yaml
    state: draft
    ```

    ```yaml title="fails, at a gate: it said no"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    verdict: {gate: promote, outcome: blocked, as_of: "2026-03-01T09:00:00Z",
              commit: "53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3"}
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    started: "2026-03-01T09:00:00Z"
    verdict: {gate: promote, outcome: open, as_of: "2026-03-01T09:00:00Z",
              commit: "53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3"}
    ```

    ```yaml title="passes, near miss: it went to nobody yet"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    # records/environments/ENV-staging.yaml
    production: false
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-staging
    ```

    ## Fix
    Start deployments with `opsledger deploy start`, which asks the gate and keeps its answer; record a deployment that
    went ahead without as an exception.
    """
    after = step.after
    if after is None or after.kind.name != "deployment" or after.state in _NOT_YET:
        return
    before = step.before if step.before is not None and step.before.kind == after.kind else None
    told = ("release", "environment", "group", "package_digest", "verdict", "break_glass")
    if before is not None and before.state not in _NOT_YET and all(before.get(one) == after.get(one) for one in told):
        return
    place = _data(after.snapshot, after.get("environment"))
    release = _data(after.snapshot, after.get("release"))
    if place is not None and release is not None and place.get("production") is True:
        gates = before_users(_gates_in(after.snapshot))
        # What a gate on the way says of the same verdict is told of the release, and then need not be said twice.
        yield from (replace(one, about=str(after.get("release"))) for one in _unauthorised(after, release, gates))
        yield from _unready(after, release, after.path, "/state")


@asked_at_gates(_CODE)
def release_that_nobody_let_through(question: Question) -> Iterator[Found | Remark]:
    """The deployments of a release to users, or the one that is asked about."""
    release, subject = release_of(question), question.subject
    ledger = question.ledger
    yield from unread(ledger, _CODE, "deployment", f"it brought {release.id}", ("/verdict", "/release", "/environment"))
    gates = before_users((gate.path, gate.data) for gate in ledger.of("gate"))
    asked = (subject,) if subject.kind.name == "deployment" else deployments_of(ledger, release)
    for deployment in asked:
        if not serves_users(ledger, deployment):
            continue
        if deployment is subject and question.move.after == "authorised":
            yield from _unready(deployment, release.data, subject.path, question.state_pointer)
        elif deployment.state not in _NOT_YET:
            found = list(_unauthorised(deployment, release.data, gates))
            yield from found
            if not found:
                yield Remark(f"{deployment.id} {_by_what(deployment)}")


def _unauthorised(deployment: Record, release: Data, gates: Collection[str]) -> Iterator[Found]:
    """Why nobody has let a deployment to users through; nothing where somebody has."""
    if isinstance(deployment.get("break_glass"), dict) or is_pilot(deployment, release):
        return
    verdict = deployment.get("verdict")
    if not isinstance(verdict, dict):
        said = f"{deployment.id} is {deployment.state}, and carries no verdict of a gate"
        yield _told(deployment, "/state", said)
        return
    for pointer, said in faults_of_verdict(deployment, verdict, gates):
        yield _told(deployment, f"/verdict{pointer}", f"{deployment.id} {said}")
        return


def faults_of_verdict(deployment: Record, verdict: Data, gates: Collection[str]) -> Iterator[tuple[str, str]]:
    """
    What is wrong with a stored verdict: where, and as the end of a sentence; the gravest first.

    Args:
        gates: the names of the gates before something goes to users; none where the ledger has none of its own.
    """
    if verdict.get("outcome") != "open":
        yield "/outcome", f"went ahead on a verdict that says {verdict.get('outcome')}"
    if gates and verdict.get("gate") not in gates:
        yield "/gate", f"carries a verdict of {verdict.get('gate')}, which stands before no deployment"
    meant: dict[str, tuple[object, ...]] = {"subject": (deployment.get("release"), deployment.id)}
    meant |= {name: (deployment.get(name),) for name in ("environment", "group", "package_digest")}
    for name, values in meant.items():
        if name in verdict and verdict[name] not in values:
            yield f"/{name}", f"carries a verdict for {verdict[name]}, and brings {values[0]}"
    asked, began = moment(verdict.get("as_of")), moment(deployment.get("started"))
    if asked is not None and began is not None and asked > began:
        yield "/as_of", f"began on {spoken(began)}, and the gate was asked for {spoken(asked)}"
    if "digest" in verdict and verdict["digest"] != _fingerprint(verdict):
        yield "/digest", "carries a verdict that was changed after it was given"


def _unready(deployment: Record, release: Data, path: str, pointer: str) -> Iterator[Found]:
    """A release that goes to users before it is ready; what takes a version back brings one that was."""
    excused = deployment.get("reason") == "rollback" or isinstance(deployment.get("break_glass"), dict)
    # A pipeline writes one commit at the end, and by then what was taken back is backed-out.
    excused = excused or (deployment.state == "backed-out" and release.get("state") == "backed-out")
    if not excused and release.get("state") not in _READY:
        brought = deployment.get("release")
        said = f"{deployment.id} goes to users, and {brought} is {release.get('state')} and not ready"
        fix = f"bring {brought} to ready first: `opsledger advance {brought}` says what is missing"
        yield Found(path, Fault(pointer, _CODE, said, fix), f"{deployment.id} {brought}")


def _told(deployment: Record, pointer: str, said: str) -> Found:
    fix = "start deployments with `opsledger deploy start`; record what went ahead without a yes as an exception"
    return Found(deployment.path, Fault(pointer, _CODE, said, fix), deployment.id)


def _by_what(deployment: Record) -> str:
    broken, verdict = deployment.get("break_glass"), deployment.get("verdict")
    if isinstance(broken, dict):
        return f"went ahead on the word of {broken.get('by')}, owed until {broken.get('owed_until')}"
    if isinstance(verdict, dict):
        return f"was let through by {verdict.get('gate')} as of {verdict.get('as_of')}"
    return "is a pilot"


def is_pilot(deployment: Record, release: Data) -> bool:
    """Whether a deployment brings a release to those who try it out, in the time that is set for that."""
    pilot = release.get("pilot")
    if not isinstance(pilot, dict) or pilot.get("environment") != deployment.get("environment"):
        return False
    start, end, began = moment(pilot.get("start")), moment(pilot.get("end")), moment(deployment.get("started"))
    return began is None or (start is not None and end is not None and start <= began <= end)


def before_users(gates: Iterable[tuple[str, object]]) -> frozenset[str]:
    """Of some gates, each given by its path and what it says, the names of those before something goes to users."""
    found = set()
    for path, gate in gates:
        moves = gate.get("moves") if isinstance(gate, dict) else None
        for move in moves if isinstance(moves, list) else ():
            if isinstance(move, dict) and (move.get("kind"), move.get("to")) in _TO_USERS:
                found.add(path.rpartition("/")[2].removesuffix(".yaml").removeprefix("GAT-"))
    return frozenset(found)


def _gates_in(snapshot: Snapshot) -> Iterator[tuple[str, object]]:
    paths = (path for path in snapshot.below(_GATES.rstrip("/")) if path.endswith(".yaml"))
    return ((path, read(snapshot.read(path))) for path in paths)


def _data(snapshot: Snapshot, id: object) -> Data | None:
    """What the record of an id says; a step knows no ledger, so it is looked up by its file."""
    usual = (f"records/environments/{id}.yaml", f"records/releases/{str(id)[4:8]}/{id}.yaml")
    named = (path for path in snapshot.files if path.endswith(f"/{id}.yaml"))
    path = next((one for one in usual if one in snapshot.files), None) or next(named, None)
    found = read(snapshot.read(path)) if path is not None else None
    return found if isinstance(found, dict) else None


def _fingerprint(verdict: Data) -> str:
    from opsledger.canonical import digest  # heavy, and only a new deployment pays for it

    return digest({name: value for name, value in verdict.items() if name != "digest"})
