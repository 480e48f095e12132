"""When an exception is in force, to the second, and what it does to a gate's answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .conftest import DAY, END, EXCEPTION, NOON, PROBLEM, RELEASE, SECOND, Case, answer, said


def test_a_code_that_is_covered_answers_waived_and_the_gate_opens(case: Case):
    verdict = case.decide()

    assert ("open", "waived") == (verdict.outcome, answer(verdict))


def test_a_waived_answer_says_by_what_and_until_when(case: Case):
    [waived] = case.decide().answers

    assert (EXCEPTION, END) == (waived.waived_by, waived.until)


def test_what_is_waived_is_still_shown(case: Case):
    verdict = case.decide()

    assert ["waived by EXC-2026-0004 until 2026-12-18 16:00 UTC: PRB-2026-0013 stands against it"] == said(verdict)


def test_nothing_is_waived_where_nothing_is_found(case: Case, rule_finds):
    rule_finds("FLT751")

    [met] = case.decide().answers

    assert ("met", "", None) == (met.outcome.value, met.waived_by, met.until)


def test_an_exception_covers_only_what_it_names(case: Case, rule_finds):
    rule_finds("FLT751", PROBLEM, "PRB-2026-0099")

    verdict = case.decide()

    assert ("blocked", "blocked") == (verdict.outcome, answer(verdict))
    assert [
        "waived by EXC-2026-0004 until 2026-12-18 16:00 UTC: PRB-2026-0013 stands against it",
        "PRB-2026-0099 stands against it",
        "EXC-2026-0004 does not waive FLT751 for REL-2026-0020: it does not name PRB-2026-0099",
    ] == said(verdict)


def test_two_exceptions_may_cover_one_code(case: Case, rule_finds):
    rule_finds("FLT751", PROBLEM, "PRB-2026-0099")
    both = {"records": [RELEASE, PROBLEM, "PRB-2026-0099"], "rules": ["FLT751"]}

    [waived] = case.but(scope=both).decide().answers

    assert ("waived", EXCEPTION) == (waived.outcome.value, waived.waived_by)


def test_the_environment_that_is_asked_about_need_not_be_named_among_the_records(case: Case, rule_finds):
    rule_finds("FLT751", f"{PROBLEM} ENV-prod")

    assert "waived" == answer(replace(case, environment="ENV-prod").decide())


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        pytest.param(-SECOND, "waived", id="a second before its end"),
        pytest.param(0 * SECOND, "blocked", id="at its end"),
        pytest.param(SECOND, "blocked", id="a second after its end"),
    ],
)
def test_an_exception_ends_to_the_second(case: Case, late, expected: str):
    assert expected == answer(replace(case, as_of=END + late).decide())


@pytest.mark.parametrize(
    ("early", "expected"),
    [
        pytest.param(-SECOND, "blocked", id="a second before it starts"),
        pytest.param(0 * SECOND, "waived", id="as it starts"),
    ],
)
def test_an_exception_starts_to_the_second(case: Case, early, expected: str):
    starts = case.but(starts="2026-11-20T12:00:00Z")

    assert expected == answer(replace(starts, as_of=NOON + early).decide())


def test_an_exception_without_a_start_starts_with_its_last_signature(case: Case):
    standing = case.waivers.standing(case.ledger.record(EXCEPTION))

    assert (NOON - DAY, END) == (standing.since, standing.until)


def test_a_signature_of_tomorrow_does_not_count_today(case: Case):
    signed = (("grace", "ROL-service-owner", NOON - DAY), ("joan", "ROL-risk-owner", NOON + SECOND))

    assert not replace(case, signed=signed).helps


def test_an_exception_that_lasts_as_long_as_the_policy_allows_helps(case: Case):
    assert case.but(starts="2026-11-18T16:00:00Z").helps


def test_a_signature_outlives_what_is_done_about_the_mitigation(case: Case):
    done = [{**case.data["mitigation"][0], "state": "done", "done": "2026-11-20T11:00:00Z"}]

    assert case.edited(mitigation=done).helps


def test_the_one_that_lasts_longest_is_named(case: Case):
    waiver = case.waivers.covering("FLT751", [RELEASE, PROBLEM], "")

    assert waiver is not None
    assert (EXCEPTION, END) == (waiver.exception.id, waiver.until)


def test_nothing_covers_a_question_about_nothing(case: Case):
    assert case.waivers.covering("FLT751", [], "") is None


def older(number: int, renews: str = "") -> tuple[str, str]:
    """An earlier exception."""
    id = f"EXC-2026-{number:04}"
    more = f"renews: {renews}\n" if renews else ""
    return f"records/exceptions/2026/{id}.yaml", (
        f"id: {id}\ntitle: Earlier\ntype: known-problem-release\nstate: closed\njustification: {'It was so. ' * 3}\n"
        f"scope: {{records: [{RELEASE}], rules: [FLT751]}}\n{more}"
    )


def test_a_renewal_within_the_limit_helps(case: Case):
    assert case.with_file(*older(3)).but(renews="EXC-2026-0003").helps


def test_one_renewal_too_many_does_not_help(case: Case):
    chain = case.with_file(*older(2)).with_file(*older(3, "EXC-2026-0002")).but(renews="EXC-2026-0003")

    assert ("EXC-2026-0004 is renewal 2 of what EXC-2026-0002 accepted, and the policy allows 1",) == chain.why_not


def repeat(number: int, records: str, end: str) -> tuple[str, str]:
    """An earlier exception for the same, which nothing calls renewed."""
    path, text = older(number)
    return path, text.replace(f"[{RELEASE}]", f"[{records}]") + f'expires: "{end}"\n'


def test_an_exception_for_the_same_under_another_number_is_a_renewal(case: Case):
    same = f"{RELEASE}, {PROBLEM}"
    again = case.with_file(*repeat(2, same, "2026-09-01T00:00:00Z")).with_file(*repeat(3, same, "2026-10-01T00:00:00Z"))

    assert ("EXC-2026-0004 is renewal 2 of what EXC-2026-0002 accepted, and the policy allows 1",) == again.why_not


def test_an_exception_for_another_release_is_no_renewal(case: Case):
    other = f"REL-2026-0019, {PROBLEM}"
    again = case.with_file(*repeat(2, other, "2026-09-01T00:00:00Z")).with_file(
        *repeat(3, other, "2026-10-01T00:00:00Z")
    )

    assert again.helps


def test_an_exception_that_lasts_longer_is_not_renewed_by_a_shorter_one(case: Case):
    same = f"{RELEASE}, {PROBLEM}"
    beside = case.with_file(*repeat(2, same, "2027-09-01T00:00:00Z")).with_file(
        *repeat(3, same, "2027-10-01T00:00:00Z")
    )

    assert beside.helps


UNPATCHED = {
    "type": "unpatched-vulnerability",
    "unpatched": {"severity": "medium", "exploited": False, "occurrence_per_quarter": 1},
}
MILD = (f"records/problems/2026/{PROBLEM}.yaml", f"id: {PROBLEM}\ntitle: Slow\nstate: logged\nseverity: low\n")


def test_a_weakness_within_the_limits_may_wait(case: Case):
    assert case.with_file(*MILD).but(**UNPATCHED).helps


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        pytest.param({"severity": "high"}, "accepts a weakness of high severity", id="too grave"),
        pytest.param({"exploited": True}, "accepts a weakness that attackers use", id="used by attackers"),
        pytest.param({"occurrence_per_quarter": 1.5}, "caused 1.5 incidents in a quarter", id="too often"),
    ],
)
def test_a_weakness_beyond_the_limits_may_not_wait(case: Case, facts, why: str):
    beyond = case.with_file(*MILD).but(**UNPATCHED | {"unpatched": {**UNPATCHED["unpatched"], **facts}})

    [told] = beyond.why_not

    assert why in told


DEVIATION = {"type": "emergency-deviation", "retest_by": "2026-11-23T12:00:00Z"}


def test_what_a_deviation_lets_pass_is_owed(case: Case):
    [owed] = case.but(**DEVIATION).decide().answers

    assert ("owed", EXCEPTION, NOON + 3 * DAY) == (owed.outcome.value, owed.waived_by, owed.until)


@pytest.mark.parametrize(
    ("late", "expected"),
    [pytest.param(-SECOND, "owed", id="a second before"), pytest.param(0 * SECOND, "blocked", id="when it is due")],
)
def test_what_is_not_made_up_for_in_time_blocks_again(case: Case, late, expected: str):
    assert expected == answer(replace(case.but(**DEVIATION), as_of=NOON + 3 * DAY + late).decide())


RELYING = (
    "id: GAT-promote\ntitle: Promote\nquestion: May it?\nmode: enforce\n"
    "moves: [{kind: release, from: draft, to: planned}]\ncodes: [FLT751, WVR922]\n"
)


def test_an_exception_that_was_the_only_cover_and_ended_is_named(case: Case):
    ended = replace(case.with_file("records/gates/GAT-promote.yaml", RELYING), as_of=END)

    verdict = ended.decide()

    assert "blocked" == answer(verdict, "WVR922")
    assert ["EXC-2026-0004 has ended, and REL-2026-0020 still needs it for FLT751"] == said(verdict, "WVR922")


def test_an_exception_that_ended_and_that_nothing_needs_is_only_warned_of(case: Case, rule_finds):
    rule_finds("FLT751")
    ended = replace(case.with_file("records/gates/GAT-promote.yaml", RELYING), as_of=END)

    verdict = ended.decide()

    assert ("open", "warned") == (verdict.outcome, answer(verdict, "WVR922"))
    assert ["EXC-2026-0004 ended at 2026-12-18 16:00 UTC and is still active"] == said(verdict, "WVR922")


@pytest.mark.parametrize(
    ("early", "expected"),
    [
        pytest.param(14 * DAY + SECOND, "met", id="a second too early to warn"),
        pytest.param(14 * DAY, "warned", id="warn_days before its end"),
    ],
)
def test_an_end_that_is_near_is_warned_of(case: Case, early, expected: str):
    near = replace(case.with_file("records/gates/GAT-promote.yaml", RELYING), as_of=END - early)

    assert expected == answer(near.decide(), "WVR922")
