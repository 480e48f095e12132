"""What shows that a problem is gone, and would show it again: TES601 and TES602."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.packages import parts_of
from opsledger.policy import rank
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.results import (
    PASSED,
    TESTS,
    Results,
    cases_of,
    has_passed,
    newest,
    of_package,
    results_of,
    short,
    subjects_of,
    unread_results,
)
from opsledger.rules.unread import unread

MENDED = ("fix-deployed", "resolved")
"""The states of a problem that is said to be gone and can still be given a test; a closed one may not change."""

_UNTESTABLE = frozenset({"process", "workaround_accepted", "risk_accepted", "not_reproducible"})
"""The ways to end a problem that leave nothing to try out."""

_RELEASES = "SELECT count(*) FROM record WHERE kind = 'release'"


@rule("TES601", Reach.QUESTION, counts=_RELEASES)
def fix_that_nothing_shows(question: Question) -> Iterator[Found | Remark]:
    """
    A release says that it mends a problem or a weakness, and no result for its package shows that it does.

    ## Why
    A fix that nobody tried is a hope. What shows it is a case that names the problem or one of its regression tests,
    or a test whose `subjects` name the problem, passed by the very package that goes out. Where the only proof is
    about another build or too old, TES612 says so instead. Source: S0-5.3.

    ## Examples
    ```yaml title="fails, nothing tried it"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    fixes: [PRB-2026-9001]
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/problems/2026/PRB-2026-9001.yaml
    title: Refunds are booked twice
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    cases: [{key: charge, result: passed}]
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    fixes: [PRB-2026-9001]
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/problems/2026/PRB-2026-9001.yaml
    title: Refunds are booked twice
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed-with-issues
    cases: [{key: refund-once, problem: "PRB-2026-9001#rt-1", result: passed}, {key: other, result: failed}]
    ```

    ```yaml title="passes, near miss: no case, but the whole test is about the problem"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    fixes: [PRB-2026-9001]
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/problems/2026/PRB-2026-9001.yaml
    title: Refunds are booked twice
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    subjects: [PRB-2026-9001]
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    ```

    ## Fix
    Run the problem's regression test on this package and import the result; or take the problem out of `fixes`.
    """
    results = results_of(question)
    yield from unread_results(question, "TES601")
    release = results.release
    for pointer, id in release.items("/fixes"):
        if not isinstance(id, str):
            continue
        shown = shown_gone(id, results.counted)
        if shown is not None:
            yield Remark(f"{shown.id} shows that {id} is gone")
            continue
        proofs = [one.evidence for one in results.stale if shown_gone(id, (one.evidence,)) is not None]
        if not results.are_told_stale(question, proofs):
            said = f"{release.id} says that it mends {id}, and {_nothing(id, results)}"
            typed = f"opsledger import junit FILE{of_package(results)}"
            fix = f"run {_test_of(question, id)}, and import its result (`{typed}`), or take {id} out of `fixes`"
            yield Found(release.path, Fault(pointer, "TES601", said, fix), id)


def shown_gone(problem: str, results: Iterable[Record]) -> Record | None:
    """The first of some results, the newest first, that shows a problem to be gone; cases outweigh the whole."""
    known = tuple(results)
    told = [case for evidence in known for case in cases_of(evidence) if case.shows(problem)]
    if told:
        return next((case.evidence for case in newest(told) if case.result in PASSED), None)
    whole = (one for one in known if problem in subjects_of(one) and one.get("type") in TESTS)
    return next((one for one in whole if has_passed(one)), None)


def _nothing(problem: str, results: Results) -> str:
    failed = next((case for case in newest(results.cases) if case.shows(problem) and case.result == "failed"), None)
    if failed is not None:
        return f"{failed.key} in {failed.evidence.id} failed"
    package = f"its package {short(results.digest)}" if results.digest else "a package, which it does not have,"
    return f"no passed result for {package} is about it"


def _test_of(question: Question, id: str) -> str:
    problem = question.ledger.find(id)
    tests = problem.items("/regression_tests") if problem is not None and problem.is_readable else ()
    named = [one["id"] for _, one in tests if isinstance(one, dict) and isinstance(one.get("id"), str)]
    test = f"its regression test, with {id}#{named[0]} in the name of the case," if named else f"a test that names {id}"
    return f"{test} on this package"


@rule("TES602", Reach.QUESTION, counts=_RELEASES)
def mended_problem_without_a_test(question: Question) -> Iterator[Found]:
    """
    A problem on a component of the release was mended, and has no test that would show it if it came back.

    ## Why
    What was mended once is broken again by somebody who does not know of it. Judged are the problems on the components
    in scope whose fix is out or that are resolved, from the severity `testing.regression_severity` of the policy on;
    not those that ended by a process, an acceptance, or because nobody could show them, and not closed ones, which may
    no longer change. Source: S0-4.3, S0-5.1, S1-5.1.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    scope: {cis: [{ci: CI-payments}]}
    # records/cis/CI-payments.yaml
    title: Payments
    # records/problems/2026/PRB-2026-9001.yaml
    state: resolved
    severity: medium
    cis: [CI-payments]
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    scope: {cis: [{ci: CI-payments}]}
    # records/cis/CI-payments.yaml
    title: Payments
    # records/problems/2026/PRB-2026-9001.yaml
    state: resolved
    severity: medium
    cis: [CI-payments]
    regression_tests: [{id: rt-1, test: One refund is booked once.}]
    ```

    ```yaml title="passes, near miss: there is nothing to try out"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    scope: {cis: [{ci: CI-payments}]}
    # records/cis/CI-payments.yaml
    title: Payments
    # records/problems/2026/PRB-2026-9001.yaml
    state: resolved
    severity: medium
    cis: [CI-payments]
    resolution: {path: process, resolved: "2026-02-01T10:00:00Z"}
    ```

    ## Fix
    Write down under `regression_tests` of the problem what to do and what must come out, and let the test run.
    """
    release = results_of(question).release
    least = str(question.policy.at("testing", "regression_severity", default="medium"))
    shape = ("/state", "/severity", "/cis", "/regression_tests")
    yield from unread(question.ledger, "TES602", "problem", f"it is on a component of {release.id}", shape)
    told: set[str] = set()
    for part in parts_of(release):
        for problem in _mended_on(question, part.ci):
            if problem.id not in told and _wants_a_test(question, problem, least):
                told.add(problem.id)
                said = f"{problem.id} on {part.ci} is {problem.state}, and no test would show it if it came back"
                fix = f"describe one under `regression_tests` in {problem.path}"
                yield Found(problem.path, Fault("/state", "TES602", said, fix), problem.id)


def _mended_on(question: Question, ci: str) -> Iterator[Record]:
    """The mended problems of a component, which may have had thousands; by id."""
    rows = question.ledger.database.execute(
        # From the component's links: SQLite would rather look at every problem of the ledger.
        "SELECT DISTINCT record.path FROM edge CROSS JOIN record ON record.number = edge.record "
        "WHERE edge.target = ? AND edge.pointer GLOB '/cis/*' AND record.kind = 'problem' AND record.readable "
        "AND record.state IN (?, ?) ORDER BY record.id",
        (ci, *MENDED),
    ).fetchall()
    found = (question.ledger.at_path(path) for (path,) in rows)
    return (problem for problem in found if problem is not None)


def _wants_a_test(question: Question, problem: Record, least: str) -> bool:
    resolution = problem.get("resolution")
    path = resolution.get("path") if isinstance(resolution, dict) else None
    if any(isinstance(one, dict) for _, one in problem.items("/regression_tests")) or path in _UNTESTABLE:
        return False
    kinds, severity = question.ledger.kinds, problem.get("severity")
    try:
        return rank(kinds, "severity", str(severity)) >= rank(kinds, "severity", least)
    except ValueError:
        missing = f"{problem.id} is of severity {severity!r} and the policy says {least!r}, which nobody can compare"
        raise Undecided(missing, f"write one of the severities of schemas/common.json in {problem.path}") from None
