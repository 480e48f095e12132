"""The TES rules about results: what fails and what nearly does, beside the examples of their pages."""

from __future__ import annotations

import pytest

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
RELEASE = f"""
# asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
# records/releases/2026/REL-2026-9001.yaml
state: testing
package: {{digest: "{A}"}}
"""
FIX = (
    RELEASE
    + """\
fixes: [PRB-2026-9001]
# records/problems/2026/PRB-2026-9001.yaml
regression_tests: [{id: rt-1, test: One refund is booked once.}]
"""
)
RESULT = """
# records/evidence/2026/EVD-2026-{id}.yaml
type: {type}
at: "{at}"
package_digest: "{digest}"
result: {result}
"""
NOON = "2026-03-01T12:00:00Z"
ONE_CASE = "cases: [{key: refund-once, problem: 'PRB-2026-9001#rt-1', result: %s}]\n"
NO_ID = "# raw: records/evidence/2026/EVD-2026-dead.yaml\ntype: [\n"


def result(more="", id="a1b2", type="test-run", at="2026-03-01T10:00:00Z", digest=A, result="passed") -> str:
    return RESULT.format(id=id, type=type, at=at, digest=digest, result=result) + more


def messages(said) -> list[str]:
    return [finding.message for finding in said.findings]


UNPROVEN = [
    pytest.param("", id="no result at all"),
    pytest.param(result(), id="a result about something else"),
    pytest.param(result(ONE_CASE % "failed"), id="its case failed"),
    pytest.param(result(ONE_CASE % "not-run"), id="its case was not run"),
    pytest.param(result(ONE_CASE % "passed", digest=B), id="another package"),
    pytest.param(result("subjects: [PRB-2026-9001]\n", type="sbom"), id="a bill of materials tries nothing"),
    pytest.param(result("subjects: [PRB-2026-9001]\n", result="failed"), id="the whole test failed"),
    pytest.param(result(ONE_CASE % "failed" + "subjects: [PRB-2026-9001]\n"), id="the case outweighs the whole"),
    pytest.param(
        result("cases: [{key: x, problem: PRB-2026-90011, result: passed}]\n"), id="a problem of a longer name"
    ),
    pytest.param(
        result(ONE_CASE % "passed") + result(ONE_CASE % "failed", id="a1b3", at="2026-03-01T11:00:00Z"),
        id="it passed once and failed since",
    ),
]


@pytest.mark.parametrize("text", UNPROVEN)
def test_a_fix_that_nothing_shows_is_found_at_the_fix(answer, text):
    said = answer(FIX + text, "TES601")

    assert ("blocked", 8) == (said.outcome.value, said.findings[0].place.line)
    assert "REL-2026-9001 says that it mends PRB-2026-9001" in said.findings[0].message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(result(ONE_CASE % "passed"), id="a case of its regression test"),
        pytest.param(result(ONE_CASE % "passed-with-issues"), id="with issues"),
        pytest.param(result("cases: [{key: x, problem: PRB-2026-9001, result: passed}]\n"), id="a case of the problem"),
        pytest.param(result("subjects: [PRB-2026-9001]\n", type="uat"), id="users tried it"),
        pytest.param(
            result(ONE_CASE % "failed") + result(ONE_CASE % "passed", id="a1b3", at="2026-03-01T11:00:00Z"),
            id="it failed once and passed since",
        ),
    ],
)
def test_a_fix_that_something_shows_is_met_by_it(answer, text):
    said = answer(FIX + text, "TES601")

    assert "met" == said.outcome.value
    assert said.remarks[0].endswith("shows that PRB-2026-9001 is gone")


def test_regression_test_that_nobody_ran_is_told_by_one_code_only(answer):
    asked = {code: answer(FIX, code, "TES601", "TES603") for code in ("TES601", "TES603")}

    typed = f"opsledger import junit FILE --package-digest {A}"
    test = "its regression test, with PRB-2026-9001#rt-1 in the name of the case, on this package"
    fix = f"run {test}, and import its result (`{typed}`), or take PRB-2026-9001 out of `fixes`"
    assert ("blocked", "met") == (asked["TES601"].outcome.value, asked["TES603"].outcome.value)
    assert fix == asked["TES601"].findings[0].fix
    assert "blocked" == answer(FIX, "TES603").outcome.value


def test_regression_test_that_nobody_ran_is_told_where_another_test_shows_the_fix(answer):
    text = FIX.replace("booked once.}", "booked once.}, {id: rt-2, test: One charge is booked once.}")

    said = answer(text + result(ONE_CASE % "passed"), "TES603", "TES601")

    missing = "REL-2026-9001 must pass the regression test PRB-2026-9001#rt-2, and there is no result for its package"
    assert [missing] == messages(said)


def test_proof_of_another_package_is_told_by_one_code_only(answer):
    late = result(ONE_CASE % "passed" + "subjects: [REL-2026-9001]\n", digest=B)

    outcomes = [
        answer(FIX + late, code, "TES601", "TES603", "TES612").outcome.value for code in ("TES601", "TES603", "TES612")
    ]

    assert ["met", "met", "blocked"] == outcomes


def test_proof_of_another_package_is_no_proof_where_the_gate_does_not_ask_for_its_age(answer):
    late = result(ONE_CASE % "passed" + "subjects: [REL-2026-9001]\n", digest=B)

    assert "blocked" == answer(FIX + late, "TES601").outcome.value


@pytest.mark.parametrize("code", ["TES601", "TES603", "TES604", "TES612"])
def test_evidence_that_cannot_be_read_leaves_it_undecided(answer, code):
    whole = result(ONE_CASE % "passed")

    assert ["met", "undecided"] == [answer(FIX + text, code).outcome.value for text in (whole, whole + NO_ID)]


@pytest.mark.parametrize("code", ["TES601", "TES603", "TES604", "TES612"])
def test_evidence_that_does_not_fit_its_schema_leaves_it_undecided(answer, code):
    whole = result(ONE_CASE % "passed") + result("", id="a1b3", result="splendid")

    assert "undecided" == answer(FIX + whole, code).outcome.value


@pytest.mark.parametrize("code", ["TES601", "TES602", "TES603", "TES604", "TES612"])
def test_a_record_that_names_no_release_leaves_it_undecided(answer, code):
    text = "# asks: CHG-2026-9001 -> approved\n# records/changes/2026/CHG-2026-9001.yaml\nstate: assessed\n"

    assert "undecided" == answer(text, code).outcome.value


SCOPE = (
    RELEASE
    + """\
scope: {cis: [{ci: CI-payments}]}
# records/cis/CI-payments.yaml
title: Payments
# records/problems/2026/PRB-2026-9001.yaml
severity: medium
cis: [CI-payments]
"""
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param("state: resolved\n", "blocked", id="resolved"),
        pytest.param("state: fix-deployed\n", "blocked", id="its fix is out"),
        pytest.param("state: resolved\nregression_tests: []\n", "blocked", id="an empty list"),
        pytest.param("state: resolved\nresolution: {path: patch}\n", "blocked", id="patched"),
        pytest.param("state: fix-ready\n", "met", id="not mended yet"),
        pytest.param("state: closed\n", "met", id="closed for good"),
        pytest.param("state: resolved\nresolution: {path: risk_accepted}\n", "met", id="accepted"),
        pytest.param("state: resolved\nregression_tests: [{id: rt-1, test: It}]\n", "met", id="it has one"),
    ],
)
def test_a_mended_problem_needs_a_test(answer, more, expected):
    assert expected == answer(SCOPE + more, "TES602").outcome.value


@pytest.mark.parametrize(("least", "expected"), [("low", "blocked"), ("medium", "blocked"), ("high", "met")])
def test_from_which_severity_on_the_policy_says(answer, least, expected):
    policy = f"# records/policy/POL-example.yaml\ntesting: {{regression_severity: {least}}}\n"

    assert expected == answer(SCOPE + "state: resolved\n" + policy, "TES602").outcome.value


def test_a_mended_problem_on_another_component_is_no_matter(answer):
    text = SCOPE.replace("cis: [CI-payments]", "cis: [CI-ledger]") + "state: resolved\n"

    assert "met" == answer(text + "# records/cis/CI-ledger.yaml\ntitle: Ledger\n", "TES602").outcome.value


PLAN = RELEASE + "test_plan: {tests: [{id: refund-once, test: It is booked once.}]}\n"
CRITERION = RELEASE + "acceptance_criteria: [{id: speed, criterion: It is fast., target: under 300 ms}]\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAN, id="no result"),
        pytest.param(PLAN + result("cases: [{key: refund-once-more, result: passed}]\n"), id="a longer name"),
        pytest.param(PLAN + result("cases: [{key: refund-once, result: not-run}]\n"), id="skipped"),
        pytest.param(PLAN + result("cases: [{key: refund-once, result: passed}]\n", digest=B), id="another package"),
        pytest.param(CRITERION + result("cases: [{key: fast, result: passed}]\n"), id="a criterion that no case names"),
        pytest.param(RELEASE, id="a release without a plan, and no test run"),
        pytest.param(RELEASE + result(type="sbom"), id="a release without a plan, and no test"),
        pytest.param(RELEASE + result(result="failed"), id="a release without a plan, and a failed run"),
        pytest.param(
            FIX + result("subjects: [PRB-2026-9001]\ncases: [{key: x, result: passed}]\n"), id="other cases only"
        ),
    ],
)
def test_a_test_that_was_not_run_is_found(answer, text):
    assert "blocked" == answer(text, "TES603").outcome.value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAN + result("cases: [{key: refund-once, result: failed}]\n"), id="run and failed"),
        pytest.param(
            PLAN + result("cases: [{key: 'tests/test_refund_once.py::t[eur]', result: passed}]\n"), id="its file"
        ),
        pytest.param(
            CRITERION + result("cases: [{key: p, criterion: speed, result: passed}]\n"), id="a criterion of a case"
        ),
        pytest.param(CRITERION + result("measures: [{metric: speed, value: 270}]\n"), id="a measure of a criterion"),
        pytest.param(
            PLAN + result("cases: [{key: t1, criterion: refund-once, result: passed}]\n"), id="tied to the test"
        ),
        pytest.param(CRITERION.replace(", target: under 300 ms", "") + result(), id="a criterion for people to judge"),
        pytest.param(RELEASE + result(), id="a release without a plan, and a test run"),
        pytest.param(FIX + result("subjects: [PRB-2026-9001]\n"), id="the only regression test, as a whole"),
    ],
)
def test_a_test_that_was_run_is_not_found(answer, text):
    assert "met" == answer(text, "TES603").outcome.value


def test_each_test_that_is_missing_is_told_at_its_own_line(answer):
    plan = RELEASE + "test_plan:\n  tests:\n    - {id: one, test: One.}\n    - {id: two, test: Two.}\n"

    said = answer(plan + result("cases: [{key: one, result: passed}]\n"), "TES603")

    assert ["REL-2026-9001 must pass the test two, and there is no result for its package"] == messages(said)


FAILED = result("cases: [{key: tablet, result: failed}]\n", result="failed")
EXCEPTION = """
# records/exceptions/2026/EXC-2026-9001.yaml
type: failed-test
state: {state}
requested_by: PTY-ada
scope: {{records: [{about}], rules: [TES604]}}
justification: Hardly anybody has such a tablet, and they can scroll.
mitigation: [{{action: Tell support, owner: PTY-ada, due: "2026-03-02T00:00:00Z", state: open}}]
level: low
residual_risk: low
expires: "{expires}"
# records/parties/PTY-ada.yaml
type: person
"""


def disposed(word: str, more: str = "") -> str:
    return RELEASE + f"acceptance: {{dispositions: [{{case: tablet, disposition: {word}{more}}}]}}\n" + FAILED


def test_a_failure_is_told_where_it_stands(answer):
    said = answer(RELEASE + FAILED, "TES604")

    assert ["tablet failed in EVD-2026-a1b2, and nobody decided what becomes of that"] == messages(said)
    assert "records/evidence/2026/EVD-2026-a1b2.yaml" == said.findings[0].place.path


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        pytest.param(disposed("retested"), "no later run for this package passed", id="retested, and no run"),
        pytest.param(disposed("fixed"), "no later run for this package passed", id="fixed, and no run"),
        pytest.param(disposed("accepted"), "no exception is named", id="accepted by nobody"),
        pytest.param(disposed("deferred"), "no exception is named", id="put off to nowhere"),
        pytest.param(disposed("not-a-fault"), "without a reason", id="no fault, and nobody knows why"),
        pytest.param(
            disposed("accepted", ", exception: EXC-2026-9001")
            + EXCEPTION.format(state="requested", about="REL-2026-9001", expires="2026-04-01T00:00:00Z"),
            "is requested and not active",
            id="an exception that is not in force",
        ),
        pytest.param(
            disposed("accepted", ", exception: EXC-2026-9001")
            + EXCEPTION.format(state="active", about="REL-2026-9001", expires=NOON),
            "2026-03-01",
            id="an exception that ends this very second",
        ),
        pytest.param(
            disposed("accepted", ", exception: EXC-2026-9001")
            + EXCEPTION.format(state="active", about="REL-2026-9002", expires="2026-04-01T00:00:00Z")
            + "# records/releases/2026/REL-2026-9002.yaml\nstate: draft\n",
            "is not about REL-2026-9001",
            id="an exception for another release",
        ),
        pytest.param(
            disposed("deferred", ", problem: PRB-2026-9001")
            + "# records/problems/2026/PRB-2026-9001.yaml\nstate: resolved\n",
            "no exception is named",
            id="put off to a problem that is over",
        ),
    ],
)
def test_a_decision_that_does_not_hold_is_found(answer, text, lacking):
    said = answer(text, "TES604")

    assert ("blocked", True) == (said.outcome.value, lacking in said.findings[0].message), messages(said)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(disposed("not-a-fault", ", reason: The screen was broken."), id="no fault, with a reason"),
        pytest.param(
            RELEASE + FAILED + result("cases: [{key: t2, retest_of: tablet, result: passed}]\n", id="a1b3"),
            id="repeated under another name",
        ),
        pytest.param(RELEASE + result("cases: [{key: tablet, result: failed}]\n", digest=B), id="another package"),
        pytest.param(
            RELEASE + FAILED + result("supersedes: EVD-2026-a1b2\n", id="a1b3"), id="replaced by another result"
        ),
    ],
)
def test_a_failure_that_is_settled_is_not_found(answer, text):
    assert "met" == answer(text, "TES604").outcome.value


def test_a_failure_in_one_environment_is_not_settled_in_another(answer):
    there = "environment: {}\ncases: [{{key: tablet, result: {}}}]\n"
    text = RELEASE + result(there.format("ENV-a", "failed")) + result(
        there.format("ENV-b", "passed"), id="a1b3", at="2026-03-01T11:00:00Z"
    )  # fmt: skip

    places = "# records/environments/ENV-a.yaml\ntitle: A\n# records/environments/ENV-b.yaml\ntitle: B\n"

    assert "blocked" == answer(text + places, "TES604").outcome.value


def test_a_result_that_failed_without_saying_in_what_is_found(answer):
    said = answer(RELEASE + result(result="failed"), "TES604")

    assert ["EVD-2026-a1b2 failed, and nobody decided what becomes of that"] == messages(said)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-02-22T11:59:59Z", "blocked", id="a second too old"),
        pytest.param("2026-02-22T12:00:00Z", "met", id="to the second"),
        pytest.param("2026-02-22T12:00:01Z", "met", id="a second younger"),
        pytest.param("2026-03-01T12:00:00Z", "met", id="of this very second"),
        pytest.param("2026-03-01T12:00:01Z", "blocked", id="from tomorrow"),
    ],
)
def test_the_age_of_a_result_has_an_edge(answer, at, expected):
    assert expected == answer(RELEASE + result(type="scan", at=at), "TES612").outcome.value


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param("1d", "blocked", id="the release lets it count for less"),
        pytest.param("60d", "met", id="it is younger than both"),
    ],
)
def test_the_shorter_of_two_ages_holds(answer, plan, expected):
    text = RELEASE + f"test_plan: {{evidence_max_age: {plan}}}\n" + result(type="load-test", at="2026-02-20T12:00:00Z")

    assert expected == answer(text, "TES612").outcome.value


def test_a_release_cannot_make_results_last_longer_than_the_policy_does(answer):
    text = RELEASE + "test_plan: {evidence_max_age: 60d}\n" + result(type="scan", at="2026-02-20T12:00:00Z")

    assert "blocked" == answer(text, "TES612").outcome.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "acceptance: {evidence: [EVD-2026-a1b2]}\n" + result(digest=B), "blocked", id="the release rests on it"
        ),
        pytest.param(result("subjects: [REL-2026-9001]\n", digest=B), "blocked", id="it names the release"),
        pytest.param(result("subjects: [REL-2026-9001]\n", type="rehearsal", digest=B), "blocked", id="a rehearsal"),
        pytest.param(result("subjects: [REL-2026-9001]\n", type="sbom", digest=B), "met", id="no test at all"),
        pytest.param(result("subjects: [REL-2026-9001]\n", type="smoke", digest=B), "met", id="of a deployment"),
        pytest.param(result(digest=B), "met", id="it is about another release"),
        pytest.param(
            result("subjects: [REL-2026-9001]\n", digest=B) + result(id="a1b3"),
            "met",
            id="there is one of this package",
        ),
        pytest.param(
            "acceptance: {evidence: [EVD-2026-a1b2]}\n" + result(digest=B) + result(id="a1b3"),
            "blocked",
            id="named although there is one of this package",
        ),
    ],
)
def test_a_result_of_another_package_is_found_where_the_release_rests_on_it(answer, text, expected):
    assert expected == answer(RELEASE + text, "TES612").outcome.value


def test_a_result_that_names_the_release_and_no_package_is_found(answer):
    text = RELEASE + result("subjects: [REL-2026-9001]\n").replace(f'package_digest: "{A}"\n', "")

    assert "blocked" == answer(text, "TES612").outcome.value


def test_an_age_that_is_no_length_of_time_leaves_everything_undecided(answer):
    policy = "# raw: records/policy/POL-example.yaml\nid: POL-example\ntitle: x\nevidence: {max_age: {scan: soon}}\n"

    assert "undecided" == answer(RELEASE + result(type="scan") + policy, "SCH009", "TES612").outcome.value
