"""Open problems on the way of a release: FLT751 and FLT752."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.moments import moment
from opsledger.packages import digest_of
from opsledger.question import Question
from opsledger.rules.open_problems import (
    HELD_UP,
    SHAPE,
    Held,
    brought_parts,
    is_at_least,
    is_no_production,
    known_in,
    mended_by,
    problems_on,
    release_of,
    threshold_of,
    tier_of,
    where,
)
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.typed import exception_typed
from opsledger.rules.unread import unread

OF_PROBLEMS = "SELECT count(*) FROM record WHERE kind = 'problem'"

_WAYS = {
    "fix-first": ("mend", "defer", "accept"),
    "defer-or-hotfix": ("defer", "mend", "accept"),
    "exception-or-defer": ("accept", "defer", "mend"),
}
_BY_WORK = frozenset({"patch", "change", "configuration", "vendor", "replacement"})
"""The ways in which a problem ends that can be tried before going live."""


@rule("FLT751", Reach.QUESTION, counts=OF_PROBLEMS)
def blocking_problem(question: Question) -> Iterator[Found | Remark]:
    """
    A release is to go on with an open problem that is bad enough to hold it up.

    ## Why
    Users meet the problem the day the release arrives, and somebody knew. A problem counts that the release names
    under `known_problems`, one whose affected versions hold the very version that a component in scope gets, and one
    on such a component that names none of its versions. It counts from the severity that the policy says in
    `blocking.production` or `blocking.pre-production`, by the environment that is asked about; a gate without one
    judges for the strictest that the rollout goes to. What the release fixes is asked under FLT752.
    Source: S0-1.1, S0-2.1, S0-2.3, S2-role-els-08.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: high
    cis: [CI-payments]
    affected_versions: [{ci: CI-payments, version: 4.2.1}]
    # records/environments/ENV-prod.yaml
    production: true
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/problems/PRB-2026-9001.yaml
    state: resolved
    severity: high
    cis: [CI-payments]
    affected_versions: [{ci: CI-payments, version: 4.2.1}]
    # records/environments/ENV-prod.yaml
    production: true
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes, near miss: the version before has it"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: high
    cis: [CI-payments]
    affected_versions: [{ci: CI-payments, version: 4.2.0}]
    # records/environments/ENV-prod.yaml
    production: true
    # records/cis/CI-payments.yaml
    title: Payments
    versions: [4.2.0]
    ```

    ## Fix
    Defer the release, or mend the problem first, or accept the risk for a while with an exception that names both.
    """
    release, least = release_of(question), threshold_of(question)
    parts = brought_parts(question)
    mended, told = mended_by(release), set[str]()
    held = [*known_in(question.ledger, release)]
    held += (one for part in parts for one in problems_on(question.ledger, part))
    for one in held:
        if one.problem.id not in told | mended and is_at_least(question, one.problem, least):
            told.add(one.problem.id)
            yield _blocks(question, release, one, least)
    matter = f"{release.id} brings a problem that is in it"
    yield from unread(question.ledger, "FLT751", "problem", matter, SHAPE)
    if not told:
        components = f"{len(parts)} component{'s' if len(parts) != 1 else ''}"
        yield Remark(f"no open problem of severity {least} or worse is known in it or in its {components}")


def _blocks(question: Question, release: Record, held: Held, least: str) -> Found:
    problem = held.problem
    if held.doubt:
        fix = f"write the version at the component in {release.path}"
        return Found(release.path, Fault(held.pointer, "FLT751", held.doubt, fix), problem.id, undecided=True)
    bad = f"({problem.get('severity')}, {problem.state}, {where(problem)})"
    said = f"{release.id} {held.words} {bad}; {least} or worse holds up a release to {tier_of(question)}"
    return Found(release.path, Fault(held.pointer, "FLT751", said, _ways_out(question, release, problem)), problem.id)


def _ways_out(question: Question, release: Record, problem: Record) -> str:
    """The three ways out, the one first that the policy's decision table wants."""
    ways = {
        "defer": f"defer {release.id} (`opsledger transition {release.id} deferred --reason TEXT --by PARTY`)",
        "mend": f"mend {problem.id} and name it under `fixes`",
        "accept": "accept the risk until a day with an exception that names both "
        f"({exception_typed('known-problem-release', (release.id, problem.id), HELD_UP)})",
    }
    wanted = _wanted(question, release, problem)
    first, second, third = (ways[name] for name in _WAYS.get(wanted, ("defer", "mend", "accept")))
    policy = f"by the policy, {wanted}: " if wanted else ""
    return f"{policy}{first}, or {second}, or {third}"


def _wanted(question: Question, release: Record, problem: Record) -> str:
    """What the policy's decision table says of a problem so bad, so many days before the window; or nothing."""
    start = _window(question, release)
    days = None if start is None else (start - question.as_of).days
    for row in question.policy.at("blocking", "decision_table", default=()):
        if row.get("severity") == problem.get("severity") and _fits(row, days):
            return str(row.get("then", ""))
    return ""


def _fits(row: dict[str, Any], days: int | None) -> bool:
    least, below = row.get("days_at_least"), row.get("days_below")
    if least is None and below is None:
        return True
    return days is not None and (least is None or days >= least) and (below is None or days < below)


def _window(question: Question, release: Record) -> datetime | None:
    """When the release is to go live, as far as somebody wrote it down."""
    planned, plan = question.subject.get("planned"), release.get("plan")
    if isinstance(planned, dict) and question.subject.kind.name == "deployment":
        return moment(planned.get("start"))
    if not isinstance(plan, dict):
        return None
    window = question.ledger.find(plan["window"]) if isinstance(plan.get("window"), str) else None
    start = moment(window.get("start")) if window is not None and not window.get("recurrence") else None
    return start or moment(plan.get("end"))


@dataclass(frozen=True)
class _Fixed:
    """A problem that was mended: its record, and the package in which that is brought, or empty."""

    problem: Record
    digest: str = ""


@rule("FLT752", Reach.QUESTION, counts=OF_PROBLEMS)
def closure_unverified(question: Question) -> Iterator[Found | Remark]:
    """
    Nobody has shown outside production that a problem which the release fixes is gone.

    ## Why
    A fix that was never tried where nobody is hurt is tried on users. The problem names under `closure_verification`
    the environment and the stored result; the environment is none that customers depend on, the result passed, and it
    speaks of the package that goes out. Asked of a release for what it `fixes`, and of a problem that is to be closed
    after work was done on it. Source: S0-2.1.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: fix-ready
    # records/environments/ENV-prod.yaml
    production: true
    ```

    ```yaml title="fails, tried in production"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: fix-ready
    closure_verification: {environment: ENV-prod, evidence: EVD-2026-9001abcd}
    # records/evidence/EVD-2026-9001abcd.yaml
    result: passed
    # records/environments/ENV-prod.yaml
    production: true
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: fix-ready
    closure_verification: {environment: ENV-staging, evidence: EVD-2026-9001abcd}
    # records/evidence/EVD-2026-9001abcd.yaml
    result: passed
    # records/environments/ENV-prod.yaml
    production: true
    # records/environments/ENV-staging.yaml
    production: false
    ```

    ```yaml title="fails, near miss: the trial was of another package"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    fixes: [PRB-2026-9001]
    package: {digest: "sha256:2222222222222222222222222222222222222222222222222222222222222222"}
    # records/problems/PRB-2026-9001.yaml
    state: fix-ready
    closure_verification: {environment: ENV-staging, evidence: EVD-2026-9001abcd}
    # records/evidence/EVD-2026-9001abcd.yaml
    result: passed
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    # records/environments/ENV-prod.yaml
    production: true
    # records/environments/ENV-staging.yaml
    production: false
    ```

    ## Fix
    Try it in staging with this package, store the result, and name both under `closure_verification` of the problem.
    """
    for fixed in _fixed(question):
        problem = fixed.problem
        if not problem.is_readable:
            said = f"{problem.path} cannot be read, so nobody knows whether {problem.id} was shown to be gone"
            fix = "mend it: `opsledger check` says what is wrong there"
            yield Found(problem.path, Fault("", "FLT752", said, fix), problem.id, undecided=True)
            continue
        yield from _verified(question, fixed)


def _fixed(question: Question) -> Iterator[_Fixed]:
    """The problems whose end must have been tried: what a release fixes, or the one that is to be closed."""
    subject = question.subject
    if subject.kind.name == "problem":
        resolution = subject.get("resolution")
        path = resolution.get("path") if isinstance(resolution, dict) else None
        if path in _BY_WORK:
            yield _Fixed(subject)
        return
    release = release_of(question)
    for id in sorted(mended_by(release)):
        problem = question.ledger.find(id)
        if problem is not None and problem.kind.name == "problem":
            yield _Fixed(problem, digest_of(release))


def _verified(question: Question, fixed: _Fixed) -> Iterator[Found | Remark]:
    problem, stated = fixed.problem, fixed.problem.get("closure_verification")
    if not isinstance(stated, dict):
        said = f"{problem.id} is said to be fixed, and it names no trial before going live that shows it"
        yield _unverified(problem, "/state", said)
        return
    place = str(stated.get("environment"))
    if not is_no_production(question.ledger, place):
        said = f"{problem.id} was shown to be gone in {place}, which does not say that it is no production"
        yield _unverified(problem, "/closure_verification/environment", said)
        return
    named = stated.get("evidence")
    result = question.ledger.find(named) if isinstance(named, str) else None
    if result is None:
        said = f"{problem.id} names {place} as where it was shown to be gone, and no result of that is stored"
        yield _unverified(problem, "/closure_verification", said)
    elif not result.is_readable:
        said = f"{result.path} cannot be read, so nobody knows whether {problem.id} is gone"
        fault = Fault("", "FLT752", said, "mend it: `opsledger check` says what is wrong there")
        yield Found(result.path, fault, problem.id, undecided=True)
    else:
        told = _shows(result, place, fixed.digest)
        pointer = "/closure_verification/evidence"
        yield (
            _unverified(problem, pointer, f"{problem.id} rests on {result.id}, {told}")
            if told
            else Remark(f"{problem.id} was shown to be gone in {place} by {result.id}, which {_passed(result)}")
        )


def _shows(result: Record, place: str, digest: str) -> str:
    """What a result lacks to show that a problem is gone, as the end of a sentence; or nothing."""
    if result.get("result") not in ("passed", "passed-with-issues"):
        return f"whose result is {result.get('result')}"
    if result.get("environment", place) != place:
        return f"which was made in {result.get('environment')} and not in {place}"
    of = digest_of(result)
    return f"which speaks of another package ({of[:19]}…, not {digest[:19]}…)" if of and digest and of != digest else ""


def _passed(result: Record) -> str:
    return str(result.get("result")).replace("-", " ")


def _unverified(problem: Record, pointer: str, said: str) -> Found:
    fix = "try it outside production and name environment and evidence under `closure_verification`"
    return Found(problem.path, Fault(pointer, "FLT752", said, fix), problem.id)
