"""What was checked after a deployment, and by whom: DPL703."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment, spoken
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.results import PASSED, span
from opsledger.rules.rollout import BEGUN, group_of, groups_of, landed_in, release_of, serves_users
from opsledger.rules.unread import unread


@dataclass(frozen=True)
class Check:
    """One check after a deployment; what it does not say is empty."""

    pointer: str
    name: str
    type: str
    result: str
    at: str = ""
    audience: str = ""
    evidence: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether it came out well."""
        return self.result in PASSED


def checks_of(deployment: Record) -> tuple[Check, ...]:
    """The checks after a deployment, in its order; of those of one name and type the last one."""
    found: dict[tuple[str, str], Check] = {}
    for pointer, stated in deployment.items("/verification"):
        if isinstance(stated, dict):
            words = ("check", "type", "result", "at", "audience", "evidence")
            name, type, *rest = (str(stated.get(word) or "") for word in words)
            found[name, type] = Check(pointer, name, type, *rest)
    return tuple(found.values())


@rule("DPL703", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'deployment'")
def deployment_that_nobody_verified(question: Question) -> Iterator[Found | Remark]:
    """
    A group was deployed to and nobody checked it, a check failed, or those who use it were not asked.

    ## Why
    It runs is what the one who deployed it says; that it works is for others to say. Of each group of a rollout there
    must be a deployment of this package that came to a good end, with a check that passed and none that failed. Where
    users are served and the release is not small, each audience of the policy (`verification.audiences`) must have
    confirmed it, and a played-through path must have passed in time (`verification.synthetic_within`). Before the next
    group starts, the groups before it are asked the same, but for audiences and played-through paths.
    Source: S0-6.1, S2-step-11, S3-obj-05, S3-dep-02, S3-dep-03, S3-clu-dep-halt.

    ## Examples
    ```yaml title="fails, a check failed"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: small
    rollout: {model: rolling, groups: [{id: eu, environment: ENV-prod-eu, order: 1}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    verification: [{check: It answers, type: smoke, result: passed}, {check: It pays, result: failed}]
    ```

    ```yaml title="fails, nobody asked those who run it"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: medium
    rollout: {model: rolling, groups: [{id: eu, environment: ENV-prod-eu, order: 1}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/policy/POL-example.yaml
    verification: {audiences: [operations]}
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    verification: [{check: It answers, type: smoke, result: passed}]
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: small
    rollout: {model: rolling, groups: [{id: eu, environment: ENV-prod-eu, order: 1}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    verification: [{check: It answers, type: smoke, result: passed}]
    ```

    ```yaml title="passes, near miss: what failed was checked again"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: small
    rollout: {model: rolling, groups: [{id: eu, environment: ENV-prod-eu, order: 1}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    verification: [{check: It pays, type: smoke, result: failed}, {check: It pays, type: smoke, result: passed}]
    ```

    ## Fix
    Check what the message names and add the result to `verification` of the deployment; take it back where it failed.
    """
    release, subject = release_of(question), question.subject
    yield from unread(
        question.ledger, "DPL703", "deployment", f"it brought {release.id}", ("/verification", "/release")
    )
    if subject.kind.name == "release":
        yield from _of_groups(question, release)
    elif question.move.after in BEGUN:
        yield from _of_groups_before(question, release)
    else:
        yield from _unverified(question, release, subject, whole=True)


def _of_groups(question: Question, release: Record) -> Iterator[Found | Remark]:
    groups = groups_of(release)
    if not groups:
        said = f"{release.id} has no rollout group, so nobody knows where it must work"
        yield Found(release.path, Fault("/state", "DPL703", said, "say under `rollout.groups` where it goes"))
    for group in groups:
        landed = landed_in(question.ledger, release, group)
        if not landed:
            said = f"no deployment of the package of {release.id} to group {group.id} in {group.environment} succeeded"
            fix = "deploy it there and let it succeed, or take the group out of the release"
            yield Found(release.path, Fault(group.pointer, "DPL703", said, fix))
        else:
            yield from _unverified(question, release, landed[-1], whole=True)


def _of_groups_before(question: Question, release: Record) -> Iterator[Found | Remark]:
    """What was not verified in the groups that go before the one of a deployment."""
    groups = groups_of(release)
    name = question.group or str(question.subject.get("group") or "")
    here = group_of(groups, name, question.environment)
    for group in groups:
        if here is not None and group.order < here.order:
            for landed in landed_in(question.ledger, release, group)[-1:]:
                yield from _unverified(question, release, landed, whole=False)


def _unverified(question: Question, release: Record, deployment: Record, *, whole: bool) -> Iterator[Found | Remark]:
    """
    What is missing in the verification of one deployment.

    Args:
        whole: whether audiences and played-through paths are asked for as well.
    """
    checks = checks_of(deployment)
    found = [one for check in checks if (one := _failed(question.ledger, deployment, check)) is not None]
    if not any(check.has_passed for check in checks) and not found:
        words = f"nobody checked {deployment.id} afterwards"
        found.append(_lacking(deployment, words, "check it, and add the result to `verification`"))
    if whole and release.get("size_class") != "small" and serves_users(question.ledger, deployment):
        found += _audiences(question, deployment, checks)
        found += _synthetic(question, deployment, checks)
    yield from found
    if not found:
        passed = ", ".join(check.name for check in checks if check.has_passed)
        yield Remark(f"{deployment.id} in {deployment.get('environment')}: {passed}")


def _failed(ledger: Ledger, deployment: Record, check: Check) -> Found | None:
    """Why a check does not hold: by what it says itself, or by the result that it names."""
    evidence = ledger.find(check.evidence) if check.evidence else None
    pointer, said = f"{check.pointer}/result", ""
    if not check.has_passed:
        said = f"{check.name} was not run" if check.result == "not-run" else f"{check.name} failed"
    elif evidence is not None and evidence.get("result") not in PASSED:
        outcome = evidence.get("result") or "in no state that can be read"
        pointer, said = f"{check.pointer}/evidence", f"{check.name} is called passed, but {evidence.id} is {outcome}"
    if not said:
        return None
    fix = "mend it and check again, or take it back"
    fault = Fault(pointer, "DPL703", f"in {deployment.id}, {said}", fix)
    doubtful = evidence is not None and not evidence.is_readable
    return Found(deployment.path, fault, deployment.id, undecided=doubtful and check.has_passed)


def _audiences(question: Question, deployment: Record, checks: tuple[Check, ...]) -> Iterator[Found]:
    stated = question.policy.at("verification", "audiences", default=())
    wanted = [str(one) for one in stated] if isinstance(stated, list | tuple) else []
    asked = [check for check in checks if check.type == "audience" and check.has_passed]
    for audience in wanted:
        # Who looked need not be said where only one audience is asked for.
        if not any(check.audience == audience or (len(wanted) == 1 and not check.audience) for check in asked):
            said = f"no confirmation of {deployment.id} by {audience}, which the policy asks for"
            fix = f"have {audience} look, and add a check with `type: audience, audience: {audience}`"
            yield _lacking(deployment, said, fix)


def _synthetic(question: Question, deployment: Record, checks: tuple[Check, ...]) -> Iterator[Found]:
    stated = question.policy.at("verification", "synthetic_within")
    if stated is None:
        return
    limit, ended = span(stated), moment(deployment.get("ended"))
    if limit is None:
        raise Undecided(
            f"`verification.synthetic_within` of the policy is {stated!r}", "write a length of time, say 30m"
        )
    passed = [check for check in checks if check.type == "synthetic" and check.has_passed]
    times = [at for check in passed if (at := moment(check.at)) is not None]
    if ended is None:
        yield _lacking(deployment, f"{deployment.id} does not say when it ended", "write it under `ended`")
    elif not any(at <= ended + limit for at in times):
        by = spoken(ended + limit)
        late = f"the first one is of {spoken(min(times))}" if times else "there is none with a time"
        said = f"no played-through path of {deployment.id} had passed by {by}: {late}"
        yield _lacking(
            deployment, said, "play a user's path through, and add a check with `type: synthetic` and its time"
        )


def _lacking(deployment: Record, said: str, fix: str) -> Found:
    pointer = "/verification" if deployment.get("verification") else "/state"
    return Found(deployment.path, Fault(pointer, "DPL703", said, fix), deployment.id)
