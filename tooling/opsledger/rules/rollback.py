"""When a release is taken back: criteria that are missing, or that what was seen has broken: DPL705."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment, spoken
from opsledger.packages import deployments_of, digest_of
from opsledger.policy import rank
from opsledger.question import Question
from opsledger.rules.criteria import breaches, criteria_of
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule, stated
from opsledger.rules.rollout import release_of
from opsledger.rules.unread import unread

_BACK = "backed-out"
Stated = Mapping[str, Any]


@rule("DPL705", Reach.RECORD, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def release_that_would_be_taken_back(ledger: Ledger) -> Iterator[Found]:
    """
    Nobody said when a release is taken back, or what was said has happened.

    ## Why
    In the hour of trouble everybody hopes for one more minute. So the limits are written down before, and judged by
    what was observed, wherever this package was deployed: a measure above or below its limit, or a problem that was
    seen again, be it one of a criterion or one that the release mends. What was once outside stays so until the package
    is another one. Criteria must be there for medium and large releases, from risk high on, and for a canary;
    every check asks those that are medium or large, and ready, for them. Source: S0-2.5, S2-step-10, S3-build-15,
    S3-pilot-05, S4-dep-05.

    ## Examples
    ```yaml title="fails, nobody said"
    # asks: REL-2026-9001 -> ready
    # records/releases/2026/REL-2026-9001.yaml
    state: accepted
    size_class: small
    risk: high
    ```

    ```yaml title="fails, it happened"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: small
    rollout:
      model: canary
      rollback_criteria: [{id: repeats, criterion: It comes back., measure: repeat-share, above: 0.05}]
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: verifying
    release: REL-2026-9001
    observations: [{at: "2026-03-01T09:00:00Z", criterion: repeats, measure: repeat-share, value: 0.08}]
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> ready
    # records/releases/2026/REL-2026-9001.yaml
    state: accepted
    size_class: small
    risk: medium
    ```

    ```yaml title="passes, near miss: exactly at the limit"
    # asks: REL-2026-9001 -> early-life-support
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: medium
    rollout:
      model: canary
      rollback_criteria: [{id: repeats, criterion: It comes back., measure: repeat-share, above: 0.05}]
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: verifying
    release: REL-2026-9001
    observations: [{at: "2026-03-01T09:00:00Z", criterion: repeats, measure: repeat-share, value: 0.05}]
    ```

    ## Fix
    Take it back with `opsledger deploy rollback`; or write down under `rollout.rollback_criteria` what would make you.
    """
    return stated(ledger, "DPL705")


@asked_at_gates("DPL705")
def limit_that_was_broken(question: Question) -> Iterator[Found | Remark]:
    """What was seen of a release, against its criteria; a deployment's release is asked for criteria as well."""
    release = release_of(question)
    yield from unread(question.ledger, "DPL705", "deployment", f"{release.id} is taken back", ("/observations",))
    criteria = criteria_of(release.data)
    if not criteria and (why := _needs_criteria(question, release)):
        said = f"{release.id} {why}, and does not say what would make it be taken back"
        fix = "write it down under `rollout.rollback_criteria`: a measure with its limit, or a problem"
        yield Found(release.path, Fault("/rollout" if release.get("rollout") else "/state", "DPL705", said, fix))
    digest, seen = digest_of(release), 0
    for deployment in deployments_of(question.ledger, release):
        if digest_of(deployment) in ("", digest) and deployment.is_readable:
            observations = _observations(deployment)
            seen += len(observations)
            yield from _broken(release, criteria, deployment, observations)
            yield from _unjudged(release, criteria, deployment, observations)
    if seen:
        many = f"{seen} observation{'' if seen == 1 else 's'}"
        limits = f"{len(criteria)} rollback criteri{'on' if len(criteria) == 1 else 'a'}"
        yield Remark(f"{many} of this package held against {limits}")


def _observations(deployment: Record) -> list[Stated]:
    """What was seen in a deployment, each at its place in the list; what cannot be read is empty."""
    stated = deployment.get("observations", [])
    return [one if isinstance(one, dict) else {} for one in (stated if isinstance(stated, list) else [None])]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _needs_criteria(question: Question, release: Record) -> str:
    """Why a release must say when it is taken back, as a part of a sentence; empty where it need not."""
    size, risk = release.get("size_class"), str(release.get("risk"))
    rollout = release.get("rollout")
    if size in ("medium", "large"):
        # Asked about itself, its own states say so already.
        return f"is {size}" if question.subject is not release else ""
    if isinstance(rollout, dict) and rollout.get("model") == "canary":
        return "goes out as a canary"
    kinds = question.ledger.kinds
    words = kinds.vocabularies.get("risk", {}).get("enum", ())
    return f"is of risk {risk}" if risk in words and rank(kinds, "risk", risk) >= rank(kinds, "risk", "high") else ""


def _broken(
    release: Record, criteria: tuple[Stated, ...], deployment: Record, observations: list[Stated]
) -> Iterator[Found]:
    """The limits that observations broke, and the problems that came back although the release mends them."""
    told = set()
    for breach in breaches(criteria, observations):
        told.add(breach.position)
        field = "problem" if breach.problem else "value"
        yield _breach(deployment, observations, breach.position, field, breach.said, breach.problem)
    mended = {id for _, id in release.items("/fixes")}
    for place, one in enumerate(observations):
        problem = one.get("problem")
        if place not in told and isinstance(problem, str) and problem in mended:
            said = f"{problem} was seen again, and {release.id} is there to mend it"
            yield _breach(deployment, observations, place, "problem", said, problem)


def _unjudged(
    release: Record, criteria: tuple[Stated, ...], deployment: Record, observations: list[Stated]
) -> Iterator[Found]:
    """Observations that speak to a criterion and cannot be held against it."""
    known = {one.get("id"): one for one in criteria}
    for place, one in enumerate(observations):
        measured = (id for id, limit in known.items() if limit.get("measure") == one.get("measure", ""))
        name = one.get("criterion", next(measured, None))
        if name is None and one:
            continue
        if not one:
            said = f"{deployment.id} observed something that cannot be read"
            fix = "mend it: `opsledger check` says what is wrong there"
            fault = Fault(f"/observations/{place}", "DPL705", said, fix)
            yield Found(deployment.path, fault, deployment.id, undecided=True)
            continue
        if name not in known:
            said = f"{deployment.id} observed something of {name}, which is no rollback criterion of {release.id}"
            fix = f"name one of them: {', '.join(map(str, known)) or 'there is none yet'}"
        elif not _is_number(one.get("value")) and "problem" not in one and known[name].keys() & {"above", "below"}:
            said = f"{deployment.id} observed {name} without a number that was measured"
            fix = "add the value that was measured"
        else:
            continue
        fault = Fault(f"/observations/{place}/criterion", "DPL705", said, fix)
        yield Found(deployment.path, fault, deployment.id, undecided=True)


def _breach(
    deployment: Record, observations: list[Stated], position: int, field: str, said: str, problem: str
) -> Found:
    pointer = f"/observations/{position}/{field}"
    at = moment(observations[position].get("at"))
    when = f" on {spoken(at)}" if at is not None else ""
    place = deployment.place(pointer)
    words = f"{said} in {deployment.id}{when}, {place.path}:{place.line}"
    fix = f"roll it back: `opsledger deploy rollback {deployment.id} --reason TEXT`"
    if deployment.state == _BACK:
        fix = "it was taken back; mend what was seen and build another package"
    return Found(deployment.path, Fault(pointer, "DPL705", words, fix), f"{deployment.id} {problem}".strip())
