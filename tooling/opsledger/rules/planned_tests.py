"""Tests that a release must pass, and whether they were run: TES603."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from opsledger.finding import Fault, Severity
from opsledger.ledger import Record
from opsledger.question import Question
from opsledger.rules.proofs import shown_gone
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.results import (
    RUN,
    TESTS,
    Case,
    Results,
    cases_of,
    has_passed,
    is_asked,
    of_package,
    results_of,
    short,
    subjects_of,
    unread_results,
)


@rule("TES603", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def test_that_was_not_run(question: Question) -> Iterator[Found | Remark]:
    """
    A test that a release must pass has no result for its package.

    ## Why
    A plan of tests is worth what was run of it. Run must be: each test of the plan that does not say `required: false`,
    each acceptance criterion with a target, and each regression test of what the release mends. A case names a test by
    its key, or by a part of it between dots, slashes and colons (`fees.test_yen_rounding` is the test `yen-rounding`),
    a test or a criterion by `criterion`, a regression test by `problem`. A release that asks for nothing of the sort
    needs one passed test run. Whether a result is good is TES604's business. Source: S0-5.1, S1-5.1, S3-acc-04,
    S3-acc-17.

    ## Examples
    ```yaml title="fails, a test of the plan"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    test_plan: {tests: [{id: refund-once, test: A refund is booked once.}]}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    cases: [{key: charge, result: passed}, {key: refund-once, result: not-run}]
    ```

    ```yaml title="fails, no test run at all"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    test_plan: {tests: [{id: refund-once, test: A refund is booked once.}]}
    acceptance_criteria: [{id: speed, criterion: It is fast enough., target: under 300 ms}]
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    cases: [{key: "bookings.test_refund_once", result: passed}, {key: p95, criterion: speed, result: passed}]
    ```

    ```yaml title="passes, near miss: the plan can do without it"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    test_plan: {tests: [{id: refund-once, test: A refund is booked once., required: false}]}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    ```

    ## Fix
    Run the test on this package and import its result; write `required: false` at a test that nobody waits for.
    """
    results = results_of(question)
    yield from unread_results(question, "TES603")
    asked = tuple(_asked(question, results.release))
    if not asked:
        yield from _some_test(question, results)
    for pointer, what, about, is_run in asked:
        if is_run(results.counted) or (about and _is_told_as_unproven(question, about, results)):
            continue
        late = [one.evidence for one in results.stale if is_run((one.evidence,))]
        if not results.are_told_stale(question, late):
            said = f"{results.release.id} must pass {what}, and there is no result for its package"
            typed = f"opsledger import junit FILE{of_package(results)}"
            fix = f"run it on this package and have the pipeline import its result: `{typed}`"
            yield Found(results.release.path, Fault(pointer, "TES603", said, fix), about)


def _is_told_as_unproven(question: Question, problem: str, results: Results) -> bool:
    """Whether TES601, at full weight, says of a problem that nothing shows it gone: then no result is one cause."""
    policy = question.policy
    is_judged = is_asked(question, "TES601") and policy.selects("TES601")
    is_full = policy.severity("TES601", Severity.ERROR, question.place) is Severity.ERROR
    return is_judged and is_full and shown_gone(problem, results.counted) is None


_IsRun = Callable[[Iterable[Record]], bool]


def _asked(question: Question, release: Record) -> Iterator[tuple[str, str, str, _IsRun]]:
    """What a release must pass: where that is said, in words, the problem behind it, and how to tell whether it ran."""
    for pointer, test in release.items("/test_plan/tests"):
        if isinstance(test, dict) and isinstance(test.get("id"), str) and test.get("required") is not False:
            yield pointer, f"the test {test['id']}", "", _ran(_calls(test["id"]))
    for pointer, one in release.items("/acceptance_criteria"):
        if isinstance(one, dict) and isinstance(one.get("id"), str) and one.get("target"):
            yield pointer, f"the criterion {one['id']}", "", _met(release, one["id"])
    for pointer, id in release.items("/fixes"):
        problem = question.ledger.find(id) if isinstance(id, str) else None
        stated = [one for _, one in problem.items("/regression_tests")] if problem is not None else []
        tests = [one["id"] for one in stated if isinstance(one, dict) and isinstance(one.get("id"), str)]
        for test in tests:
            yield (
                pointer,
                f"the regression test {id}#{test}",
                str(id),
                _replicated(str(id), test, is_only=len(tests) == 1),
            )


def _calls(id: str) -> Callable[[Case], bool]:
    return lambda case: case.is_called(id) or case.criterion == id


def _ran(is_meant: Callable[[Case], bool]) -> _IsRun:
    return lambda results: any(case.result in RUN and is_meant(case) for one in results for case in cases_of(one))


def _met(release: Record, criterion: str) -> _IsRun:
    """Whether a criterion was tried: by a case or a test that names it, or by a measure of its name."""
    stated = [one for _, one in release.items("/test_plan/tests") if isinstance(one, dict)]
    tests = [str(one.get("id")) for one in stated if one.get("criterion") == criterion]
    by_case = _ran(lambda case: case.criterion == criterion or any(case.is_called(test) for test in tests))

    def is_met(results: Iterable[Record]) -> bool:
        known = tuple(results)
        measures = (one for evidence in known for _, one in evidence.items("/measures") if isinstance(one, dict))
        return by_case(known) or any(one.get("metric") == criterion for one in measures)

    return is_met


def _replicated(problem: str, test: str, *, is_only: bool) -> _IsRun:
    """Whether a regression test was run; the only one of a problem is meant where the problem alone is named."""
    names = {f"{problem}#{test}", *([problem] if is_only else [])}
    by_case = _ran(lambda case: case.problem in names or case.key == f"{problem}#{test}")

    def is_run(results: Iterable[Record]) -> bool:
        known = tuple(results)
        whole = (one for one in known if problem in subjects_of(one) and one.get("type") in TESTS)
        return by_case(known) or (is_only and any(one.get("result") in RUN and not one.get("cases") for one in whole))

    return is_run


def _some_test(question: Question, results: Results) -> Iterator[Found | Remark]:
    """A release that names no test at all needs one passed test run for its package."""
    passed = next((one for one in results.counted if one.get("type") == "test-run" and has_passed(one)), None)
    if passed is not None:
        yield Remark(f"{results.release.id} names no test that it must pass; {passed.id} was passed")
        return
    late = [one.evidence for one in results.stale if one.evidence.get("type") == "test-run"]
    if not results.are_told_stale(question, late):
        about = (
            f"is about its package {short(results.digest)}" if results.digest else "can be: it has no package digest"
        )
        said = f"{results.release.id} names no test that it must pass, and no passed test run {about}"
        typed = f"opsledger import junit FILE{of_package(results)}"
        fix = f"run the tests on this package and import their result: `{typed}`"
        yield Found(results.release.path, Fault(_digest_pointer(results), "TES603", said, fix))


def _digest_pointer(results: Results) -> str:
    return "/package/digest" if results.digest else "/state"
