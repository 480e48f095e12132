"""Tests that failed, and what was decided about them: TES604."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.packages import when
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.results import PASSED, Case, Results, has_passed, newest, results_of, unread_results

_AGAIN = frozenset({"fixed", "retested", "retest", "rework"})
"""What is decided of a failure that a later run must bear out."""


@rule("TES604", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def failure_that_nobody_decided_on(question: Question) -> Iterator[Found | Remark]:
    """
    A test of the package failed, and what becomes of that was not decided, or the decision does not hold.

    ## Why
    A failure may be mended, accepted or put off; it may not be forgotten. What counts is the newest result of a case
    in an environment. *Fixed*, *retested* and *rework* hold once a later run for this package passed. *Accepted* needs
    an exception that is in force and names the release and this code. *Deferred* needs such an exception, or an open
    problem in which it is followed up. *Not a fault* and *duplicate* need a reason. Source: S2-step-06, S3-acc-16,
    S3-eval-03, S3-role-tc-05, S3-role-tc-09.

    ## Examples
    ```yaml title="fails, nobody decided"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed-with-issues
    cases: [{key: charge, result: passed}, {key: old-tablet, result: failed}]
    ```

    ```yaml title="fails, accepted without an exception"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    acceptance: {dispositions: [{evidence: EVD-2026-a1b2, case: old-tablet, disposition: accepted, reason: Rare.}]}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed-with-issues
    cases: [{key: old-tablet, result: failed}]
    ```

    ```yaml title="passes, put off and followed up"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    acceptance: {dispositions: [{case: old-tablet, disposition: deferred, problem: PRB-2026-9001}]}
    # records/problems/2026/PRB-2026-9001.yaml
    state: logged
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed-with-issues
    cases: [{key: old-tablet, result: failed}]
    ```

    ```yaml title="passes, near miss: the next run passed"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    at: "2026-02-28T10:00:00Z"
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: failed
    cases: [{key: old-tablet, result: failed}]
    # records/evidence/2026/EVD-2026-a1b3.yaml
    type: test-run
    at: "2026-02-28T11:00:00Z"
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    cases: [{key: old-tablet, result: passed}]
    ```

    ## Fix
    Mend it and run it again; or write the decision under `acceptance.dispositions` of the release, with the exception
    or the problem behind it.
    """
    results = results_of(question)
    yield from unread_results(question, "TES604")
    for case in _failed(results):
        said = f"{case.key} failed in {case.evidence.id}" if case.key else f"{case.evidence.id} failed"
        decided = _decided(results.release, case)
        lacking = _lacking(question, results.release, decided)
        if not lacking:
            yield Remark(f"{said}, and it is {decided['disposition']}")
        else:
            name = f"case {case.key}" if case.key else "case"
            fix = f"mend it and test again, or decide on it: `acceptance.dispositions` of {results.release.id}, {name}"
            fault = Fault(f"{case.pointer}/result", "TES604", f"{said}, and {lacking}", fix)
            yield Found(case.evidence.path, fault, case.evidence.id)


def _failed(results: Results) -> Iterator[Case]:
    """The failures that stand: cases, and results that failed as a whole without saying in what."""
    borne_out = [case for case in results.cases if case.retest_of and case.result in PASSED]
    for case in newest(results.cases):
        if case.result == "failed" and not any(_repeats(one, case) for one in borne_out):
            yield case
    told = {case.evidence.id for case in results.cases if case.result == "failed"}
    for place, evidence in enumerate(results.counted):
        later = (one for one in results.counted[:place] if _same_sort(one, evidence))
        if evidence.get("result") == "failed" and evidence.id not in told and not any(map(has_passed, later)):
            yield Case(evidence, "", "", "failed")


def _repeats(later: Case, failed: Case) -> bool:
    return later.retest_of == failed.key and when(later.evidence, "at") >= when(failed.evidence, "at")


def _same_sort(one: Record, other: Record) -> bool:
    return all(one.get(name) == other.get(name) for name in ("type", "environment"))


def _decided(release: Record, case: Case) -> Mapping[str, Any]:
    """What was decided of a failure, as the release says it, else as the result itself does."""
    for _, one in release.items("/acceptance/dispositions"):
        is_meant = isinstance(one, dict) and one.get("evidence", case.evidence.id) == case.evidence.id
        if is_meant and (one.get("case") == case.key or not case.key):
            return dict(one)
    own = case.disposition
    return {**own, "disposition": own.get("decision")} if own else {}


def _lacking(question: Question, release: Record, decided: Mapping[str, Any]) -> str:
    """What is missing for a decision to hold, as the end of a sentence; empty where it holds."""
    word = decided.get("disposition")
    if not word:
        return "nobody decided what becomes of that"
    if word in _AGAIN:
        return f"it is called {word}, and no later run for this package passed"
    if word in ("accepted", "deferred"):
        doubt = _no_exception(question, release, decided.get("exception"))
        if word == "deferred" and doubt and _is_followed_up(question, decided.get("problem")):
            doubt = ""
        return f"it is {word}, but {doubt}" if doubt else ""
    return "" if decided.get("reason") or decided.get("problem") else f"it is called {word} without a reason"


def _no_exception(question: Question, release: Record, id: object) -> str:
    """Why no exception covers an accepted failure; empty where one does."""
    found = question.ledger.find(id) if isinstance(id, str) else None
    if found is None or found.kind.name != "exception":
        return "no exception is named under which it is"
    scope = found.get("scope")
    if not isinstance(scope, dict) or release.id not in (scope.get("records") or ()):
        return f"{found.id} is not about {release.id}"
    if "TES604" not in (scope.get("rules") or ()):
        return f"{found.id} does not name TES604 under `scope.rules`, and so accepts no failed test"
    reason = question.waivers.standing(found).reason
    return reason.sentence if reason is not None else ""


def _is_followed_up(question: Question, id: object) -> bool:
    found = question.ledger.find(id) if isinstance(id, str) else None
    lifecycle = found.kind.lifecycle if found is not None and found.kind.name == "problem" else None
    return found is not None and lifecycle is not None and found.is_readable and found.state not in lifecycle.done
