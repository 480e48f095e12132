"""JUnit reports in the dialects of other runners: suites in suites, no times, repeats, properties, markers."""

from __future__ import annotations

import pytest
from tests.adapters.evidence.conftest import Bench, reading_of

NESTED = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="All" tests="2" failures="1" time="1.5"><testsuite name="Paying">
<testcase name="once" class="PayTest" classname="Kestrel.PayTest" time="0.5"/></testsuite>
<testsuite name="Refund"><testcase name="twice"><failure type="Assert">Expected 1,
got 2</failure></testcase></testsuite></testsuite></testsuites>"""
RERUN = """<testsuite name="s" failures="0" errors="0">
<testcase classname="a.B" name="flaky"><flakyFailure message="m" type="t"/></testcase>
<testcase classname="a.B" name="sound"/></testsuite>"""
RERUN_IN_VAIN = """<testsuite name="s"><testcase classname="a.B" name="flaky"><failure message="late"/>
<rerunFailure message="later"/></testcase></testsuite>"""


def test_suites_in_suites_give_their_cases_with_a_name_of_their_own() -> None:
    found = reading_of("junit", NESTED)

    assert [("Kestrel.PayTest.once", "passed", ""), ("Refund.twice", "failed", "Expected 1,\ngot 2")] == [
        (case.key, case.result, case.actual) for case in found.cases
    ]
    assert ("failed", None, 1.5) == (found.result, found.at, found.took.total_seconds() if found.took else 0)


@pytest.mark.parametrize(
    ("cases", "result"),
    [
        pytest.param("<testcase name='a'/>", "passed", id="passed"),
        pytest.param("<testcase name='a'/><testcase name='b'><skipped/></testcase>", "passed", id="one skipped"),
        pytest.param("<testcase name='a'><skipped/></testcase>", "not-run", id="all skipped"),
        pytest.param("<testcase name='a' status='notrun'/>", "not-run", id="not run, as googletest says"),
        pytest.param("<testcase name='a' result='suppressed'/>", "not-run", id="suppressed"),
        pytest.param("", "not-run", id="no case"),
        pytest.param("<testcase name='a'><error/></testcase>", "failed", id="broken"),
        pytest.param("<testcase name='a' status='failed'/>", "failed", id="failed by its attribute"),
        pytest.param("<testcase name='a' status='broken'/>", "failed", id="broken by its attribute"),
        pytest.param("<testcase name='a' result='Timeout'/>", "failed", id="too slow by its attribute"),
        pytest.param("<testcase name='a'><skipped/><failure/></testcase>", "failed", id="skipped and failed"),
        pytest.param("<testcase name='a'><failure/><skipped/></testcase>", "failed", id="failed and skipped"),
    ],
)
def test_the_result_follows_from_the_cases(cases: str, result: str) -> None:
    assert result == reading_of("junit", f"<testsuite>{cases}</testsuite>").result


def test_a_case_that_passed_when_repeated_is_no_plain_pass() -> None:
    found = reading_of("junit", RERUN)

    assert ("passed-with-issues", ("1 cases passed only when they were repeated.",)) == (found.result, found.notes)


def test_a_case_that_failed_again_failed() -> None:
    found = reading_of("junit", RERUN_IN_VAIN)

    assert ("failed", ["late"]) == (found.result, [case.actual for case in found.cases])


def test_failures_that_no_case_shows_fail_the_report() -> None:
    found = reading_of(
        "junit", "<testsuites errors='2'><testsuite name='s'><testcase name='a'/></testsuite></testsuites>"
    )

    assert ("failed", ("The report counts 2 failures that none of its cases shows.",)) == (found.result, found.notes)


def test_of_two_cases_of_one_name_the_worse_stands() -> None:
    twice = "<testcase name='a'><failure/></testcase><testcase name='a'/>"

    found = reading_of("junit", f"<testsuite name='s' failures='1'>{twice}</testsuite>")

    assert [("s.a", "failed")] == [(case.key, case.result) for case in found.cases]
    assert ("Of 1 cases with the name of another, the worse outcome was kept.",) == found.notes


def test_the_report_is_of_the_time_when_its_last_suite_ended() -> None:
    first = "<testsuite timestamp='2026-11-16T10:00:00+01:00' time='60'/>"
    last = "<testsuite timestamp='2026-11-16T09:30:00' time='1,800.0'/>"

    found = reading_of("junit", f"<testsuites>{first}{last}</testsuites>")

    assert found.at is not None
    assert ("2026-11-16T10:00:00+00:00", True) == (found.at.isoformat(), "taken as UTC" in found.notes[-1])


@pytest.mark.parametrize("time", ["", "NaN", "inf", "-1", "1e400", "9" * 50, "x"])
def test_an_odd_time_is_no_time(time: str) -> None:
    assert reading_of("junit", f"<testsuite time='{time}' timestamp='{time}'/>").took is None


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        pytest.param("name='late [PRB-2026-0017#rt-1]'", "PRB-2026-0017#rt-1", id="with its test"),
        pytest.param("name='PRB-2026-0017 late'", "PRB-2026-0017", id="by the problem alone"),
        pytest.param("name='late' classname='kestrel.PRB-2026-0017'", "PRB-2026-0017", id="in the class"),
        pytest.param("name='late XPRB-2026-0017'", "", id="near miss, part of a word"),
        pytest.param("name='late PRB-26-0017'", "", id="near miss, a short year"),
    ],
)
def test_a_marker_in_the_name_ties_a_case_to_a_problem(case: str, problem: str) -> None:
    [found] = reading_of("junit", f"<testsuite><testcase {case}/></testsuite>").cases

    assert problem == found.problem


@pytest.mark.parametrize("value", ["value='PRB-2026-0017#rt-1'/>", ">PRB-2026-0017#rt-1</property>"])
def test_a_property_ties_a_case_to_a_problem(value: str) -> None:
    said = f"<properties><property name='opsledger.problem' {value}</properties>"

    [found] = reading_of("junit", f"<testsuite><testcase name='a'>{said}</testcase></testsuite>").cases

    assert "PRB-2026-0017#rt-1" == found.problem


def test_a_map_ties_cases_by_name_and_says_what_no_case_is_called(bench: Bench) -> None:
    place = bench.report("a.xml", "<testsuite name='s'><testcase name='late'/><testcase name='quick[1]'/></testsuite>")
    ties = bench.report(
        "map.yaml", 's.late: "PRB-2026-0017#rt-1"\ns.quick[*: {criterion: quick}\ns.gone: {criterion: no}\n'
    )

    ended = bench.run("junit", place, "--case-map", ties)

    record = bench.record()
    assert (0, ["PRB-2026-0017#rt-1", None], [None, "quick"]) == (
        ended.code, [one.get("problem") for one in record["cases"]], [one.get("criterion") for one in record["cases"]],
    )  # fmt: skip
    assert "The map of cases names s.gone, which no case is called." == record["note"]


@pytest.mark.parametrize(
    ("ties", "code"),
    [
        pytest.param("a: [1\n", "SYN985", id="no YAML"),
        pytest.param("a: {problem: 17}\n", "SYN983", id="no problem"),
        pytest.param("a: {defect: PRB-2026-0017}\n", "SYN983", id="another word"),
        pytest.param("a: {covers: late}\n", "SYN983", id="no list"),
    ],
)
def test_an_odd_map_is_one_finding_and_nothing_is_written(bench: Bench, ties: str, code: str) -> None:
    place = bench.report("a.xml", "<testsuite><testcase name='a'/></testsuite>")

    ended = bench.run("junit", place, "--case-map", bench.report("map.yaml", ties))

    assert (1, True, set()) == (ended.code, f": {code} the map" in ended.err, bench.written())


def test_a_marker_of_a_problem_that_is_not_there_is_a_finding(bench: Bench) -> None:
    place = bench.report("a.xml", "<testsuite><testcase name='PRB-2026-9999'/></testsuite>")

    ended = bench.run("junit", place)

    assert (1, True, set()) == (ended.code, "LNK101" in ended.err, bench.written())
