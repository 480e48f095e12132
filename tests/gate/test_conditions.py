"""Gates and signatures that are asked only under conditions, and weights that depend on the environment."""

from __future__ import annotations

import pytest

from opsledger.finding import Fault, Severity
from opsledger.gate import Outcome
from opsledger.rules.register import Found

RECORDS = """
# records/gates/GAT-approve.yaml
mode: enforce
moves: [{kind: change, from: assessed, to: approved}]
codes: [LCY202]
%s
# records/roles/ROL-owner.yaml
title: Owner
# records/changes/2026/CHG-2026-9001.yaml
state: assessed
type: emergency
owner: PTY-ada
effects: [{ci: CI-pay, effect: changed}]
%s
# records/parties/PTY-ada.yaml
type: person
# records/cis/CI-pay.yaml
title: Payments
"""
SIGNED = "signatures: [{scope: request, roles: [ROL-owner]%s}]"


def gate(said: str = "", change: str = "risk: medium") -> str:
    return RECORDS % (said, change)


def missing(field: str) -> str:
    return f"{field} is not there; where it may be missing, ask has({field}) first"


def outcome(verdict, code: str) -> Outcome:
    return next(answer.outcome for answer in verdict.answers if answer.code == code)


def test_a_gate_whose_condition_holds_is_asked(decide):
    verdict = decide(gate(f"when: change.risk >= MEDIUM\n{SIGNED % ''}"))

    assert ("blocked", ()) == (verdict.outcome, verdict.notes)


def test_a_gate_whose_condition_does_not_hold_is_open_and_says_so(decide):
    verdict = decide(gate(f"when: change.risk >= HIGH\n{SIGNED % ''}"))

    note = "GAT-approve is asked only when change.risk >= HIGH, which does not hold of CHG-2026-9001, so it is open"
    assert ("open", (), (note,)) == (verdict.outcome, verdict.answers, verdict.notes)


UNANSWERED = {
    "a missing field": ("change.actual.start == ''", missing("change.actual")),
    "a field that is none": ("change.rsik >= HIGH", "change never has a field rsik; did you mean risk?"),
    "a division by zero": ("1 / 0 == 1", "it divides by zero"),
    "no condition": ("change.risk >=", "it ends where something is still to come"),
    "no environment": ("environment.regulated", missing("environment.regulated")),
    "no release": ("release.risk >= HIGH", missing("release.risk")),
}


@pytest.mark.parametrize(("when", "why"), UNANSWERED.values(), ids=UNANSWERED)
def test_a_gate_whose_condition_has_no_answer_is_undecided_at_its_line(decide, when: str, why: str):
    verdict = decide(gate(f'when: "{when}"'))

    [finding] = [one for answer in verdict.answers for one in answer.findings if answer.code == "GOV969"]
    assert "undecided" == verdict.outcome
    assert f"the condition of GAT-approve cannot be judged of CHG-2026-9001: {why}" == finding.message
    assert "records/gates/GAT-approve.yaml" == finding.place.path
    assert finding.place.line > 1


def test_a_gate_without_an_answer_is_asked_all_the_same_and_blocked_outranks_undecided(decide):
    verdict = decide(gate(f'when: "1 / 0 == 1"\n{SIGNED % ""}'))

    assert "blocked" == verdict.outcome
    assert Outcome.BLOCKED is outcome(verdict, "SIG301")
    assert Outcome.UNDECIDED is outcome(verdict, "GOV969")


def test_a_gate_that_only_warns_warns_of_its_condition(decide):
    verdict = decide(gate('when: "1 / 0 == 1"').replace("enforce", "warn"))

    assert ("open", Outcome.WARNED) == (verdict.outcome, outcome(verdict, "GOV969"))


def test_a_signature_whose_condition_does_not_hold_is_not_asked_and_said_in_a_remark(decide):
    verdict = decide(gate(SIGNED % ", when: change.risk >= HIGH"))

    [remarks] = [answer.remarks for answer in verdict.answers if answer.code == "SIG301"]
    assert "open" == verdict.outcome
    assert "ROL-owner need not sign request, which is asked only when change.risk >= HIGH" in remarks


@pytest.mark.parametrize("risk", ["high", "critical"])
def test_a_signature_whose_condition_holds_is_asked(decide, risk: str):
    verdict = decide(gate(SIGNED % ", when: change.risk >= HIGH", f"risk: {risk}"))

    assert "blocked" == verdict.outcome


def test_a_signature_whose_condition_has_no_answer_is_asked_and_leaves_it_undecided(decide):
    verdict = decide(gate(SIGNED % ', when: "1 / 0 == 1"'))

    assert ("blocked", Outcome.UNDECIDED) == (verdict.outcome, outcome(verdict, "GOV969"))


def test_a_role_that_nobody_describes_does_not_matter_where_its_signature_is_not_asked(decide):
    said = "signatures: [{scope: request, roles: [ROL-none], when: change.risk >= HIGH}]"

    assert "open" == decide(gate(said)).outcome


# Rules of the organisation's own.

OWN = """
# records/policy/POL-x.yaml
rules:
  own:
    - {code: ORG001, kind: %s, must: "%s", says: it says why}
"""


def asked(kind: str, must: str) -> str:
    return gate().replace("[LCY202]", "[ORG001]") + OWN % (kind, must)


def test_a_gate_asks_a_rule_of_the_organisations_own(decide):
    verdict = decide(asked("change", "has(change.risk) && change.risk >= HIGH"))

    [answer] = verdict.answers
    assert ("blocked", "ORG001", "CHG-2026-9001: it says why") == (
        verdict.outcome, answer.code, answer.findings[0].message,
    )  # fmt: skip


def test_a_rule_of_the_organisations_own_that_holds_is_met(decide):
    verdict = decide(asked("change", "change.risk >= MEDIUM"))

    assert ("open", Outcome.MET) == (verdict.outcome, outcome(verdict, "ORG001"))


def test_a_rule_of_the_organisations_own_without_an_answer_is_undecided_at_the_line_of_the_policy(decide):
    verdict = decide(asked("change", "1 / 0 == 1"))

    [finding] = verdict.answers[0].findings
    assert "undecided" == verdict.outcome
    assert ("GOV969", "records/policy/POL-x.yaml") == (finding.code, finding.place.path)


def test_a_rule_of_the_organisations_own_for_another_kind_says_that_it_had_nothing_to_judge(decide):
    verdict = decide(asked("incident", "true"))

    assert ("ORG001 is asked of each incident, and CHG-2026-9001 names none",) == verdict.answers[0].remarks


def test_a_code_that_the_policy_does_not_state_is_still_unknown(decide):
    verdict = decide(asked("change", "true").replace("[ORG001]", "[ORG002]"))

    assert "undecided" == verdict.outcome


# Weights by environment.

WEIGHED = """
# records/policy/POL-x.yaml
rules: {severity: {FLT999: "%s"}}
# records/environments/ENV-x.yaml
regulated: %s
"""
BY_REGULATOR = "environment.regulated ? 'error' : 'warning'"


@pytest.fixture
def weighed(decide, rule_says):
    """The verdict of a gate that asks a rule which always speaks, in an environment or in none."""

    def decided(said: str, regulated: str = "true", environment: str = "ENV-x"):
        rule_says("FLT999", Found("records/changes/2026/CHG-2026-9001.yaml", Fault("/title", "FLT999", "it is so")))
        text = gate().replace("[LCY202]", "[FLT999]") + WEIGHED % (said, regulated)
        return decide(text, environment=environment)

    return decided


@pytest.mark.parametrize(("regulated", "expected"), [("true", "blocked"), ("false", "open")])
def test_a_rule_weighs_by_the_environment(weighed, regulated: str, expected: str):
    assert expected == weighed(BY_REGULATOR, regulated).outcome


def test_without_an_environment_a_rule_weighs_as_it_says_itself(weighed):
    assert "blocked" == weighed(BY_REGULATOR, environment="").outcome


@pytest.mark.parametrize(
    "said", ["environment.nothing ? 'note' : 'note'", "'soft'", "1 / 0 == 1 ? 'note' : 'note'", "("]
)
def test_a_weight_that_nobody_can_judge_is_an_error_and_told_at_the_line_of_the_policy(weighed, said: str):
    verdict = weighed(said)

    [finding] = [one for answer in verdict.answers for one in answer.findings if answer.code == "GOV969"]
    assert ("blocked", "records/policy/POL-x.yaml", Severity.ERROR) == (
        verdict.outcome, finding.place.path, finding.severity,
    )  # fmt: skip
    assert finding.message.startswith("how much FLT999 weighs in ENV-x cannot be judged: ")
