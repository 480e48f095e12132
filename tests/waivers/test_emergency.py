"""The short way for emergencies: who may take it, what is owed then, and that it is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from opsledger.errors import Refused

from .conftest import EXCEPTION, NOON, PROBLEM, RELEASE, SECOND, Case, answer, said

RELEASE_FILE = f"records/releases/2026/{RELEASE}.yaml"
CHANGE_FILE = "records/changes/2026/CHG-2026-0041.yaml"
FAULT_FILE = "records/incidents/2026/INC-2026-0003.yaml"
URGENT = (
    f"id: {RELEASE}\nname: pay-4.1.3\ntitle: Pay\nstate: draft\ntype: emergency\nchanges: [CHG-2026-0041]\n"
    "emergency: {fault: INC-2026-0003}\n"
)
CHANGE = "id: CHG-2026-0041\ntitle: Charge once\nstate: draft\ntype: emergency\n"
FAULT = "id: INC-2026-0003\ntitle: Charged twice\nstate: detected\nimpact: high\ndetected_at: '2026-11-20T11:00:00Z'\n"
DUE = "2026-11-23T12:00:00Z"
OTHER = {"type": "rule-waiver", "scope": {"records": ["PRB-2026-0099"], "rules": ["FLT755"]}}


@pytest.fixture
def urgent(case: Case, rule_finds) -> Case:
    """An emergency release under an emergency change for a fault of high impact; TES607 stands against it."""
    rule_finds("TES607", "")
    gate = case.files["records/gates/GAT-promote.yaml"].replace("FLT751", "TES607, GOV965")
    made = case.with_file("records/gates/GAT-promote.yaml", gate).with_file(RELEASE_FILE, URGENT)
    return made.with_file(CHANGE_FILE, CHANGE).with_file(FAULT_FILE, FAULT).but(**OTHER)


def deviation(case: Case, **over: object) -> Case:
    scope = {"records": [RELEASE], "rules": ["TES607"]}
    made = {"type": "emergency-deviation", "state": "requested", "scope": scope, "retest_by": DUE}
    return replace(case.but(**{**made, **over}), signed=())


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        pytest.param(RELEASE_FILE, "type: emergency", "type: minor", "is of type minor", id="a plain release"),
        pytest.param(
            CHANGE_FILE, "type: emergency", "type: normal", "no change of type emergency", id="a plain change"
        ),
        pytest.param(FAULT_FILE, "impact: high", "impact: medium", "is of medium impact", id="a small fault"),
        pytest.param(FAULT_FILE, "impact: high\n", "", "is of no stated impact", id="a fault of no stated impact"),
        pytest.param(RELEASE_FILE, "INC-2026-0003", "INC-2026-0999", "names no fault", id="a fault that is not there"),
    ],
)
def test_only_an_emergency_goes_the_short_way(urgent: Case, path: str, old: str, new: str, why: str):
    plain = urgent.with_file(path, urgent.files[path].replace(old, new))

    with pytest.raises(Refused, match=why):
        plain.decide(emergency=True)


def test_without_the_word_emergency_the_code_blocks(urgent: Case):
    assert "blocked" == answer(deviation(urgent).decide(), "TES607")


def test_what_the_policy_lets_be_met_afterwards_is_owed(urgent: Case):
    verdict = deviation(urgent).decide(emergency=True)

    [owed] = [one for one in verdict.answers if one.code == "TES607"]
    assert ("owed", "", NOON.replace(day=23)) == (owed.outcome.value, owed.waived_by, owed.until)
    assert ["owed until 2026-11-23 12:00 UTC: it stands against it"] == said(verdict, "TES607")


def test_a_code_that_the_policy_does_not_name_blocks_all_the_same(urgent: Case, rule_finds):
    rule_finds("TES603", "")
    gate = urgent.files["records/gates/GAT-promote.yaml"].replace("TES607", "TES603")

    verdict = deviation(urgent).with_file("records/gates/GAT-promote.yaml", gate).decide(emergency=True)

    assert "blocked" == answer(verdict, "TES603")


def test_what_is_locked_is_not_owed_even_where_the_policy_says_so(urgent: Case, rule_finds):
    rule_finds("SIG302", "")
    gate = urgent.files["records/gates/GAT-promote.yaml"].replace("TES607", "SIG302")
    policy = urgent.files["records/policy/POL-main.yaml"] + "emergency: {deferrable: [SIG302]}\n"
    made = urgent.with_file("records/gates/GAT-promote.yaml", gate).with_file("records/policy/POL-main.yaml", policy)

    assert "blocked" == answer(deviation(made).decide(emergency=True), "SIG302")


def test_what_is_undecided_is_not_owed(urgent: Case, rule_finds):
    rule_finds("TES607", "", undecided=True)

    assert "undecided" == answer(deviation(urgent).decide(emergency=True), "TES607")


def test_what_is_owed_must_be_written_down(urgent: Case):
    verdict = urgent.decide(emergency=True)

    assert "blocked" == verdict.outcome
    assert ["REL-2026-0020 goes on without TES607, and no exception of type emergency-deviation says so"] == said(
        verdict, "GOV965"
    )


def test_what_an_exception_covers_in_part_must_be_written_down_for_the_rest(urgent: Case, rule_finds):
    rule_finds("TES607", PROBLEM, "PRB-2026-0099")
    half = urgent.but(scope={"records": [RELEASE, PROBLEM], "rules": ["TES607"]}, type="rule-waiver")

    verdict = half.decide(emergency=True)

    assert "owed" == answer(verdict, "TES607")
    assert "blocked" == answer(verdict, "GOV965")


def test_it_is_demanded_also_where_the_gate_does_not_ask_for_it(urgent: Case):
    gate = urgent.files["records/gates/GAT-promote.yaml"].replace(", GOV965", "")

    verdict = urgent.with_file("records/gates/GAT-promote.yaml", gate).decide(emergency=True)

    assert "blocked" == answer(verdict, "GOV965")


@pytest.mark.parametrize(
    "over",
    [
        pytest.param({"state": "draft"}, id="a draft"),
        pytest.param({"scope": {"records": [RELEASE], "rules": ["CAL901"]}}, id="of another rule"),
        pytest.param({"scope": {"records": ["PRB-2026-0099"], "rules": ["TES607"]}}, id="of another record"),
        pytest.param({"type": "rule-waiver"}, id="of another type"),
        pytest.param({"retest_by": None}, id="that says no time"),
        pytest.param({"retest_by": "2026-11-20T12:00:00Z"}, id="whose time has come"),
        pytest.param({"retest_by": "2026-11-23T12:00:01Z"}, id="a second later than is allowed"),
    ],
)
def test_a_record_that_does_not_say_it_all_is_not_enough(urgent: Case, over):
    assert "blocked" == answer(deviation(urgent, **over).decide(emergency=True), "GOV965")


def test_a_deviation_record_opens_the_gate(urgent: Case):
    verdict = deviation(urgent).decide(emergency=True)

    assert ("open", "met") == (verdict.outcome, answer(verdict, "GOV965"))


def test_a_deviation_that_is_signed_is_named_as_what_it_is_owed_by(urgent: Case):
    signed = replace(deviation(urgent, state="active"), signed=urgent.signed)

    [owed] = [one for one in signed.decide(emergency=True).answers if one.code == "TES607"]

    assert ("owed", EXCEPTION) == (owed.outcome.value, owed.waived_by)


CLOSE = (
    "id: GAT-close\ntitle: Close\nquestion: May it?\nmode: enforce\n"
    "moves: [{kind: release, from: early-life-support, to: closed}]\ncodes: [GOV965]\n"
)


@pytest.fixture
def ending(urgent: Case) -> Case:
    """The same release, about to be closed."""
    late = urgent.with_file(RELEASE_FILE, URGENT.replace("state: draft", "state: early-life-support"))
    return late.with_file("records/gates/GAT-close.yaml", CLOSE)


def test_a_release_is_not_closed_while_its_deviation_is_open(ending: Case, rule_finds):
    rule_finds("TES607")

    verdict = deviation(ending).decide(gate="close")

    assert [f"{EXCEPTION} is requested: what it let pass was to be made up for by {DUE}"] == said(verdict, "GOV965")


def test_a_release_is_not_closed_while_what_was_skipped_is_not_met(ending: Case):
    verdict = deviation(ending, state="closed").decide(gate="close")

    assert [f"{EXCEPTION} let TES607 pass, and it is not made up for: it stands against it"] == said(verdict, "GOV965")


def test_a_release_is_closed_once_all_is_made_up_for(ending: Case, rule_finds):
    rule_finds("TES607")

    verdict = deviation(ending, state="closed").decide(gate="close")

    assert "met" == answer(verdict, "GOV965")


def test_an_emergency_release_that_went_on_without_a_word_is_told(ending: Case, rule_finds):
    rule_finds("TES607")

    verdict = ending.decide(gate="close")

    assert [
        "REL-2026-0020 went on as an emergency, and no exception of type emergency-deviation says what was skipped"
    ] == said(verdict, "GOV965")


def test_what_is_owed_is_due_to_the_second(urgent: Case):
    later = replace(deviation(urgent), as_of=NOON - SECOND)

    assert "blocked" == answer(later.decide(emergency=True), "GOV965")
