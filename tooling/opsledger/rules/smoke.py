"""Whether what was deployed answers: TES613."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.packages import LANDED, digest_of, parts_of
from opsledger.policy import Policy
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule, stated
from opsledger.rules.results import PASSED, cases_of, has_passed, is_asked, names, unread_results
from opsledger.rules.rollout import Group, groups_of, landed_in, release_of
from opsledger.rules.verification import Check, checks_of

_CODE = "TES613"


@rule(_CODE, Reach.RECORD, counts="SELECT count(*) FROM record WHERE kind = 'deployment'")
def success_without_a_smoke_test(ledger: Ledger) -> Iterator[Found]:
    """
    A deployment is called a success although its smoke test failed, or a gate is asked and none has passed.

    ## Why
    A smoke test is the least that can be known: it starts, and it answers. Every check of the records refuses a
    success whose last smoke test failed. A gate asks more: of each group of the rollout a smoke test that passed, as a
    check of `type: smoke` in the deployment or as evidence of that type for this package in that environment, made
    after the deployment began; and where a component names `smoke_tests`, each of them. Source: S4-dep-19, S4-dep-20.

    ## Examples
    ```yaml title="fails"
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    started: "2026-03-01T10:00:00Z"
    ended: "2026-03-01T10:10:00Z"
    executor: PTY-robot
    verification: [{check: It answers, type: smoke, result: failed}]
    # records/parties/PTY-robot.yaml
    type: machine
    ```

    ```yaml title="fails, at a gate: nobody tried"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    rollout: {model: rolling, groups: [{id: eu, environment: ENV-prod-eu, order: 1}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    verification: [{check: Ten people looked, type: audience, result: passed}]
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    scope: {cis: [{ci: CI-payments}]}
    rollout: {model: rolling, groups: [{id: eu, environment: ENV-prod-eu, order: 1}]}
    # records/cis/CI-payments.yaml
    smoke_tests: [{id: answers, test: It answers.}]
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    verification: [{check: answers, type: smoke, result: passed}]
    ```

    ```yaml title="passes, near miss: it failed once and was tried again"
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    started: "2026-03-01T10:00:00Z"
    ended: "2026-03-01T10:10:00Z"
    executor: PTY-robot
    verification: [{check: It answers, type: smoke, result: failed}, {check: It answers, type: smoke, result: passed}]
    # records/parties/PTY-robot.yaml
    type: machine
    ```

    ## Fix
    Run the smoke test and add its result to the deployment; where it fails, do not call the deployment a success.
    """
    return stated(ledger, _CODE)


def smoke_that_failed(record: Record, data: Mapping[str, Any], policy: Policy) -> Iterator[Fault]:
    """The part of TES613 that is asked of each deployment as it is read."""
    if record.kind.name != "deployment" or record.state not in LANDED or not policy.selects(_CODE):
        return
    last: dict[str, tuple[int, object]] = {}
    verification = data.get("verification")
    for place, one in enumerate(verification if isinstance(verification, list) else ()):
        if isinstance(one, dict) and one.get("type") == "smoke":
            last[str(one.get("check"))] = (place, one.get("result"))
    for name, (place, result) in last.items():
        if result == "failed":
            said = f"{record.id} is {record.state}, but its smoke test {name} failed"
            fix = "take it back, or mend it and add the smoke test that then passed"
            yield Fault(f"/verification/{place}/result", _CODE, said, fix)


@asked_at_gates(_CODE)
def group_without_a_smoke_test(question: Question) -> Iterator[Found | Remark]:
    """The smoke tests of each group of a release, or of one deployment."""
    release, subject = release_of(question), question.subject
    yield from unread_results(question, _CODE)
    if subject.kind.name == "deployment":
        yield from _untried(question, release, subject)
        return
    groups = groups_of(release)
    if not groups:
        said = f"{release.id} has no rollout group, so nobody knows where it must answer"
        yield Found(release.path, Fault("/state", _CODE, said, "say under `rollout.groups` where it goes"))
    for group in groups:
        landed = landed_in(question.ledger, release, group)
        if landed:
            yield from _untried(question, release, landed[-1])
        elif not is_asked(question, "DPL703"):  # which says of the same group that nothing is there
            yield from _nowhere(release, group)


def _nowhere(release: Record, group: Group) -> Iterator[Found]:
    said = f"no smoke test of {release.id} has passed for group {group.id} in {group.environment}: it is not there yet"
    yield Found(release.path, Fault(group.pointer, _CODE, said, f"deploy it to {group.environment} and try it there"))


def _untried(question: Question, release: Record, deployment: Record) -> Iterator[Found | Remark]:
    """What of the smoke tests of one deployment has failed, or has not passed."""
    checks = [check for check in checks_of(deployment) if check.type == "smoke"]
    results = _results(question.ledger, deployment, checks)
    failed = next((check for check in checks if check.result == "failed"), None)
    if failed is not None:
        said = f"the smoke test {failed.name} of {deployment.id} failed"
        fault = Fault(f"{failed.pointer}/result", _CODE, said, "take it back, or mend it and try again")
        yield Found(deployment.path, fault, deployment.id)
        return
    named = list(_named(question.ledger, release))
    missing = [(ci, id) for ci, id in named if not _has(id, checks_of(deployment), results)]
    for ci, id in missing:
        said = f"the smoke test {id} of {ci} has not passed after {deployment.id}"
        yield _lacking(deployment, said, f"run it in {deployment.get('environment')}, and {_told(deployment, id)}")
    if not named and not any(check.has_passed for check in checks) and not any(map(has_passed, results)):
        said = f"no smoke test has passed after {deployment.id} in {deployment.get('environment')}"
        yield _lacking(deployment, said, f"try whether it answers, and {_told(deployment, 'smoke')}")
    elif not missing:
        said = ", ".join([*(check.name for check in checks if check.has_passed), *(one.id for one in results)])
        yield Remark(f"{deployment.id} in {deployment.get('environment')}: {said}")


def _named(ledger: Ledger, release: Record) -> Iterator[tuple[str, str]]:
    """The smoke tests that the components of a release ask for, each with its component."""
    for part in parts_of(release):
        ci = ledger.find(part.ci) if part.effect != "retired" else None
        for _, one in ci.items("/smoke_tests") if ci is not None and ci.is_readable else ():
            if isinstance(one, dict) and isinstance(one.get("id"), str):
                yield part.ci, one["id"]


def _results(ledger: Ledger, deployment: Record, checks: list[Check]) -> list[Record]:
    """The results behind a deployment's smoke tests: those that it names, and those of its package in its place."""
    digest, began = digest_of(deployment), moment(deployment.get("started"))
    found = [one for check in checks if check.evidence and (one := ledger.find(check.evidence)) is not None]
    for one in ledger.declaring("package", digest, "evidence") if digest else ():
        made = moment(one.get("at"))
        is_here = one.get("type") == "smoke" and one.get("environment") == deployment.get("environment")
        if is_here and made is not None and (began is None or made >= began) and one.id not in {x.id for x in found}:
            found.append(one)
    return found


def _has(id: str, checks: Iterable[Check], results: list[Record]) -> bool:
    """Whether a smoke test has passed: as a check of its name, whatever its type, or as a case of a result."""
    cases = (case for one in results for case in cases_of(one))
    by_case = any(case.result in PASSED and case.is_called(id) for case in cases)
    return by_case or any(check.has_passed and names(check.name, id) for check in checks)


def _told(deployment: Record, check: str) -> str:
    """How to say that a smoke test passed: while the deployment goes on, and once its record stands."""
    return f"say so: `opsledger deploy finish --verify {check}=passed`, or under `verification` in {deployment.path}"


def _lacking(deployment: Record, said: str, fix: str) -> Found:
    pointer = "/verification" if deployment.get("verification") else "/state"
    return Found(deployment.path, Fault(pointer, _CODE, said, fix), deployment.id)
