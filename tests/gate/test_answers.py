"""What each code of a gate answers, and what the answers come to."""

from __future__ import annotations

import pytest

from opsledger.errors import Undecided
from opsledger.finding import Severity
from opsledger.gate import Outcome
from opsledger.rules.register import Remark

from .conftest import GATE, against, outcomes, said

SUBMITTED = """
# records/changes/2026/CHG-2026-9001.yaml
state: submitted
type: normal
"""
ASSESSED = """
# records/changes/2026/CHG-2026-9001.yaml
state: assessed
type: normal
effects: [{ci: CI-pay, effect: changed}]
# records/cis/CI-pay.yaml
title: Payments
"""


def gate(*codes: str, more: str = "") -> str:
    return GATE % ", ".join(codes) + more


def test_a_code_that_nothing_stands_against_is_met(decide, rule_says):
    rule_says("TST901")

    verdict = decide(ASSESSED + gate("TST901"))

    assert "met" == outcomes(verdict)["TST901"]


def test_a_met_code_says_by_what(decide, rule_says):
    rule_says("TST901", Remark("PTY-ada signed"))

    [answer, *_] = decide(ASSESSED + gate("TST901")).answers

    assert ("PTY-ada signed",) == answer.remarks


def test_what_a_rule_finds_blocks(decide, rule_says):
    rule_says("TST901", against("TST901"))

    verdict = decide(ASSESSED + gate("TST901"))

    assert ("blocked", "blocked", 1) == (outcomes(verdict)["TST901"], verdict.outcome, verdict.exit_code)


def test_a_code_that_nobody_built_is_undecided_and_never_met(decide):
    verdict = decide(ASSESSED + gate("XYZ999"))

    assert "undecided" == outcomes(verdict)["XYZ999"]
    assert ["GAT-approve asks XYZ999, which this version of opsledger does not judge"] == said(verdict, "XYZ999")


def test_a_code_put_off_is_said_and_stops_nothing(decide, rule_says):
    rule_says("TST901")

    verdict = decide(ASSESSED + gate("TST901", more="later: [XYZ999]\n"))

    assert "later" == outcomes(verdict)["XYZ999"]
    assert verdict.answers[-1].code not in {answer.code for answer in verdict.stopping}


def test_a_code_put_off_that_can_be_judged_says_so(decide, rule_says):
    rule_says("TST901", against("TST901"))

    [*_, answer] = decide(ASSESSED + gate(more="later: [TST901]\n")).answers

    assert Outcome.LATER is answer.outcome
    assert ("this version judges it: move it to `codes` to have it asked",) == answer.remarks


def test_a_code_that_is_asked_and_put_off_is_asked(decide, rule_says):
    rule_says("TST901", against("TST901"))

    verdict = decide(ASSESSED + gate("TST901", more="later: [TST901]\n"))

    assert "blocked" == outcomes(verdict)["TST901"]


SIGNED = "signatures: [{scope: request, roles: [ROL-approver]}]\n# records/roles/ROL-approver.yaml\ntitle: Approver\n"


def test_a_signature_is_asked_for_even_where_its_code_was_forgotten(decide, rule_says):
    rule_says("SIG301", against("SIG301"))

    verdict = decide(ASSESSED + gate(more=SIGNED))

    assert "blocked" == outcomes(verdict)["SIG301"]


def test_a_signature_whose_code_is_put_off_is_not_asked_for(decide, rule_says):
    rule_says("SIG301", against("SIG301"))

    verdict = decide(ASSESSED + gate(more=f"later: [SIG301]\n{SIGNED}"))

    assert "later" == outcomes(verdict)["SIG301"]


def test_what_the_next_state_asks_is_judged_before_the_move(decide):
    asked = gate("LCY202").replace("from: assessed, to: approved", "from: submitted, to: assessed")

    verdict = decide(SUBMITTED + asked)

    start = "CHG-2026-9001 may not become assessed at GAT-approve: an assessed change says whom"
    assert "blocked" == outcomes(verdict)["LCY202"]
    assert any(words.startswith(start) for words in said(verdict, "LCY202"))


def test_what_the_state_after_the_next_asks_is_not_judged_yet(decide):
    text = SUBMITTED + gate("LCY202").replace("from: assessed, to: approved", "from: draft, to: submitted")

    verdict = decide(text.replace("state: submitted", "state: draft"))

    assert not any("assessed" in words for words in said(verdict, "LCY202"))


def test_doubt_of_a_rule_is_undecided_with_what_is_missing(decide, rule_says):
    rule_says("TST901", Undecided("the reviews cannot be read", "fetch them"))

    verdict = decide(ASSESSED + gate("TST901"))

    assert "undecided" == outcomes(verdict)["TST901"]
    assert ["the reviews cannot be read"] == said(verdict, "TST901")


def test_doubt_does_not_take_back_what_was_said_before_it(decide, rule_says):
    rule_says("TST901", against("TST901"), Undecided("the reviews cannot be read", "fetch them"))

    verdict = decide(ASSESSED + gate("TST901"))

    assert ("blocked", 2) == (outcomes(verdict)["TST901"], len(said(verdict, "TST901")))


def test_blocked_outranks_undecided(decide, rule_says):
    rule_says("TST901", against("TST901"))

    verdict = decide(ASSESSED + gate("XYZ999", "TST901"))

    assert ("blocked", 1) == (verdict.outcome, verdict.exit_code)


def test_undecided_outranks_open(decide, rule_says):
    rule_says("TST901", against("TST901", undecided=True))
    rule_says("TST902")

    verdict = decide(WHOLE + gate("TST901", "TST902"))

    assert ({"TST901": "undecided", "TST902": "met"}, "undecided") == (outcomes(verdict), verdict.outcome)


@pytest.mark.parametrize(
    ("in_step", "answer"), [pytest.param(True, "awaiting", id="yes"), pytest.param(False, "blocked", id="no")]
)
def test_a_signature_can_be_waited_for_only_in_a_pull_request(decide, rule_says, in_step, answer):
    rule_says("TST901", against("TST901", awaiting=True))

    verdict = decide(ASSESSED + gate("TST901"), in_step=in_step)

    assert answer == outcomes(verdict)["TST901"]
    assert "blocked" == verdict.outcome


def test_a_verdict_that_waits_for_signatures_alone_says_so(decide, rule_says):
    rule_says("TST901", against("TST901", awaiting=True))

    verdict = decide(WHOLE + gate("TST901"), in_step=True)

    assert (True, 1) == (verdict.awaits_only, verdict.exit_code)


@pytest.mark.parametrize(
    "other", [against("TST902"), against("TST902", undecided=True)], ids=["something that stops", "something in doubt"]
)
def test_a_verdict_with_something_else_in_the_way_waits_for_more_than_signatures(decide, rule_says, other):
    rule_says("TST901", against("TST901", awaiting=True))
    rule_says("TST902", other)

    verdict = decide(WHOLE + gate("TST901", "TST902"), in_step=True)

    assert not verdict.awaits_only


def test_an_open_verdict_waits_for_nothing(decide, rule_says):
    rule_says("TST901")

    verdict = decide(WHOLE + gate("TST901"), in_step=True)

    assert (True, False, 0) == (verdict.is_open, verdict.awaits_only, verdict.exit_code)


@pytest.mark.parametrize(("mode", "weight"), [("observe", Severity.NOTE), ("warn", Severity.WARNING)])
def test_a_gate_that_does_not_enforce_says_everything_and_stops_nothing(decide, rule_says, mode, weight):
    rule_says("TST901", against("TST901"))

    verdict = decide(ASSESSED + gate("TST901", "XYZ999").replace("enforce", mode))

    assert {"warned"} == set(outcomes(verdict).values())
    assert ("open", {weight}) == (
        verdict.outcome,
        {finding.severity for answer in verdict.answers for finding in answer.findings},
    )


def test_a_rule_that_only_warns_does_not_stop(decide, rule_says):
    rule_says("TST901", against("TST901"), severity=Severity.WARNING)

    verdict = decide(WHOLE + gate("TST901"))

    assert ("warned", "open") == (outcomes(verdict)["TST901"], verdict.outcome)


WHOLE = """
# raw: records/changes/2026/CHG-2026-9001.yaml
id: CHG-2026-9001
title: Raise the timeout
state: assessed
type: normal
risk: low
owner: PTY-ada
business_need: Payments time out.
solution: Wait longer.
effects: [{ci: CI-pay, effect: changed}]
backout: {method: Put it back.}
impact: {summary: Nobody notices.}
# records/parties/PTY-ada.yaml
name: Ada
# records/cis/CI-pay.yaml
title: Payments
"""


@pytest.mark.parametrize(
    ("path", "text", "answer"),
    [
        pytest.param("records/cis/CI-pay.yaml", "id: CI-pay\n", {"SCH001": "blocked"}, id="one that is named"),
        pytest.param("records/cis/CI-pay.yaml", "id: [\n", {"SCH009": "undecided"}, id="one that cannot be read"),
        pytest.param("records/cis/CI-other.yaml", "id: CI-other\n", {}, id="one that is not named"),
        pytest.param("records/cis/CI-other.yaml", "id: [\n", {}, id="one that is not named nor readable"),
    ],
)
def test_every_gate_asks_about_the_records_that_the_subject_names(decide, rule_says, path, text, answer):
    rule_says("TST901")

    found = outcomes(decide(WHOLE + gate("TST901"), raw={path: text}))

    assert {"TST901": "met", **answer} == found


def test_every_gate_asks_about_the_subject_itself(decide, rule_says):
    rule_says("TST901")

    found = outcomes(decide((WHOLE + gate("TST901")).replace("ci: CI-pay,", "ci: CI-gone,")))

    assert "blocked" == found["LNK101"]


def test_a_subject_that_cannot_be_read_is_undecided(decide, rule_says):
    rule_says("TST901")

    verdict = decide(
        GATE % "TST901", raw={"records/changes/2026/CHG-2026-9001.yaml": "id: CHG-2026-9001\nid: CHG-2026-9001\n"}
    )

    assert "undecided" == outcomes(verdict)["SCH009"]
    assert not verdict.is_open


def test_records_two_links_away_are_not_asked_about(decide, rule_says):
    rule_says("TST901")
    text = WHOLE.replace("# records/cis/CI-pay.yaml\ntitle: Payments", "# records/cis/CI-pay.yaml\nowner: PTY-grace")

    found = outcomes(decide(text + gate("TST901"), raw={"records/parties/PTY-grace.yaml": "id: PTY-grace\n"}))

    assert {"TST901": "met"} == found


def test_a_gate_that_cannot_be_read_decides_nothing(decide):
    verdict = decide(WHOLE, raw={"records/gates/GAT-approve.yaml": "id: GAT-approve\nid: GAT-approve\n"})

    assert ("undecided", 3) == (verdict.outcome, verdict.exit_code)


def test_a_gate_that_does_not_fit_its_schema_decides_nothing(decide):
    verdict = decide(WHOLE, raw={"records/gates/GAT-approve.yaml": "id: GAT-approve\nmoves: everything\n"})

    assert "undecided" == verdict.outcome
