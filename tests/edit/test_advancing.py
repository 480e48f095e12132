"""How far a record is taken: the next state, where it may rest, and what is held against it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import pytest

from opsledger.check import Judgement
from opsledger.edit.advancing import Advance, Course, advance, told
from opsledger.edit.judging import planned
from opsledger.edit.plan import Plan
from opsledger.edit.values import assignment
from opsledger.errors import NoSuchRecord, Refused
from opsledger.finding import Finding, Place, Severity
from opsledger.kind import packaged_kinds
from opsledger.ledger import Ledger, Record, load
from opsledger.prove.examples import staged
from opsledger.rules.register import Example
from opsledger.store import in_memory

KINDS = packaged_kinds()
PATH = "records/releases/2026/REL-2026-9001.yaml"
GATE = """
# records/gates/GAT-accept.yaml
mode: enforce
moves: [{kind: release, from: testing, to: accepted}]
codes: [LCY202]
"""
RELEASE = """
# records/releases/2026/REL-2026-9001.yaml
state: %s
type: fix
size_class: small
risk: low
service: CI-a
version: 1.0.0
accountable: PTY-a
changes: [CHG-2026-9001]
scope: {cis: [{ci: CI-a}]}
rollout: {model: big-bang, groups: [{id: a, environment: ENV-a}]}
backout: {method: uninstall}
package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
"""


def ledger_of(text: str) -> Ledger:
    """A ledger of records written one after the other, completed from the minimal record of their kind."""
    files = staged(Example("", textwrap.dedent(text).strip("\n")), KINDS).head
    return load(in_memory({".opsledger.yaml": b"preset: small\n", **files}, name="work tree"), KINDS)


def states_in(ledger: Ledger, plan: Plan) -> dict[str, str | None]:
    """The states of all records as a plan would leave them."""
    after = load(planned(ledger.snapshot, plan), KINDS)
    return {record.id: record.state for record in after.records()}


def course(ledger: Ledger, *, refused: str = "", doubted: str = "", **options: Any) -> Course:
    """A course whose judge refuses or doubts the release in one state and behind it, and finds nothing else."""
    main = KINDS["release"].lifecycle.main

    def judge(plan: Plan) -> Judgement:
        state = states_in(ledger, plan).get("REL-2026-9001")
        is_refused, is_doubted = (one and main.index(one) <= main.index(state) for one in (refused, doubted))
        stop = Finding(Place(PATH, 4, 8), "FLT751", f"it may not become {state}", "wait", Severity.ERROR)
        return Judgement(
            (stop,) if is_refused else (), "it", "the base", 1, undecided=("a clone",) if is_doubted else ()
        )

    gates: Sequence[Record] = ledger.of("gate")
    return Course(ledger, judge, gates=gates, **options)


def end_of(found: Advance, id: str = "REL-2026-9001") -> str:
    """Where a record gets."""
    return next((one.after for one in found.moves if one.record == id), "")


def test_unknown_record_is_refused():
    with pytest.raises(NoSuchRecord):
        advance("REL-2026-0404", course(ledger_of(RELEASE % "testing")))


@pytest.mark.parametrize("to", ["packaged", "deferred", "nowhere"])
def test_state_that_does_not_lie_ahead_is_refused(to):
    with pytest.raises(Refused, match="does not lie ahead"):
        advance("REL-2026-9001", course(ledger_of(RELEASE % "testing"), to=to))


def test_move_that_is_refused_is_not_made_and_its_reason_is_told():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "packaged"), refused="testing"))

    assert ((), ()) == (found.moves, found.plan.writes)
    assert [
        "REL-2026-9001 stays packaged, before testing", f"    {PATH}:4:8: FLT751 it may not become testing",
        "        fix: wait",
    ] == list(told(found))  # fmt: skip


def test_move_in_doubt_is_not_made_and_is_undecided():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "packaged"), doubted="testing"))

    assert ((), True, ("a clone",)) == (found.moves, found.stops[0].is_undecided, found.stops[0].said)


def test_finding_that_was_there_before_stops_nothing():
    ledger = ledger_of(RELEASE % "packaged")
    old = Judgement((Finding(Place(PATH), "LNK101", "old", "", Severity.ERROR),), "it", "the base", 1)

    found = advance("REL-2026-9001", Course(ledger, lambda _: old, to="testing"))

    assert "testing" == end_of(found)


def test_several_moves_are_one_edit_of_the_state():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "packaged"), to="ready"))

    assert "ready" == end_of(found)
    assert [PATH] == [write.path for write in found.plan.writes]
    assert b"state: ready\n" in (found.plan.writes[0].after or b"")


def test_pilot_is_passed_by_where_nobody_planned_one():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "testing"), to="accepted"))

    assert "accepted" == end_of(found)


def test_pilot_that_was_planned_comes_first():
    pilot = "pilot: {environment: ENV-a, start: 2026-03-01T00:00:00Z, end: 2026-03-02T00:00:00Z, success: It works}\n"
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "testing" + pilot), refused="accepted"))

    assert "piloting" == end_of(found)


def test_move_of_a_machine_is_left_to_it():
    machines = {("release", "ready", "deploying"): "LAN-pipeline"}
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "accepted"), machines=machines))

    assert "ready" == end_of(found)
    assert "LAN-pipeline leaves this move to the pipeline" in found.stops[0].said[0]


def test_move_of_a_machine_is_made_for_somebody_who_names_its_end():
    machines = {("release", "ready", "deploying"): "LAN-pipeline"}
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "ready"), machines=machines, to="deploying"))

    assert "deploying" == end_of(found)


def test_way_that_leads_to_no_gate_is_not_begun_unasked():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "accepted" + GATE), refused="early-life-support",
                                            is_bold=False))  # fmt: skip

    assert () == found.moves


def test_way_up_to_a_closed_gate_is_gone():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "packaged" + GATE), refused="accepted", is_bold=False))

    assert "testing" == end_of(found)


def test_way_behind_a_gate_is_not_gone_on_unasked():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "packaged" + GATE), refused="deploying", is_bold=False))

    assert "accepted" == end_of(found)


def test_standard_change_goes_along_and_a_normal_one_does_not():
    changes = """
    # records/changes/2026/CHG-2026-9001.yaml
    state: draft
    type: standard
    model: MDL-a
    owner: PTY-a
    effects: [{ci: CI-a, effect: changed}]
    # records/changes/2026/CHG-2026-9002.yaml
    state: draft
    type: normal
    """
    text = (RELEASE % "packaged").replace("CHG-2026-9001", "CHG-2026-9001, CHG-2026-9002") + textwrap.dedent(changes)

    found = advance("REL-2026-9001", course(ledger_of(text), to="testing"))

    assert ("scheduled", "") == (end_of(found, "CHG-2026-9001"), end_of(found, "CHG-2026-9002"))


def test_closed_record_stays_closed():
    found = advance("REL-2026-9001", course(ledger_of(RELEASE % "closed")))

    assert ((), []) == (found.moves, list(told(found)))


def test_change_is_not_closed_before_its_release():
    change = """
    # records/changes/2026/CHG-2026-9001.yaml
    state: implemented
    type: standard
    model: MDL-a
    owner: PTY-a
    effects: [{ci: CI-a, effect: changed}]
    actual: {start: 2026-03-01T00:00:00Z, end: 2026-03-01T01:00:00Z}
    closure_code: successful
    """
    gate = GATE.replace("from: testing, to: accepted", "from: early-life-support, to: closed")
    ledger = ledger_of(RELEASE % "early-life-support" + "outcome: successful\n" + textwrap.dedent(change) + gate)

    early = advance("REL-2026-9001", course(ledger, refused="closed"))
    late = advance("REL-2026-9001", course(ledger))

    assert ((), "FLT751") == (early.moves, early.stops[0].findings[0].code)
    assert ("closed", "closed") == (end_of(late), end_of(late, "CHG-2026-9001"))


EXCEPTION = """
# records/exceptions/2026/EXC-2026-9001.yaml
state: active
requested_by: PTY-a
scope: {records: [REL-2026-9001], rules: [FLT751]}
mitigation: [{action: Watch it., owner: PTY-a, due: 2026-03-02T00:00:00Z, state: open}]
level: low
residual_risk: low
expires: 2026-03-09T00:00:00Z
"""


def test_record_whose_end_no_gate_guards_is_not_ended_unasked():
    ledger = ledger_of(EXCEPTION)

    found = advance("EXC-2026-9001", course(ledger))

    said = "no gate asks whether that is over; once it is: opsledger transition EXC-2026-9001 closed"
    assert ((), (said,)) == (found.moves, found.stops[0].said)


def test_record_whose_end_no_gate_guards_is_ended_by_who_names_the_end():
    found = advance("EXC-2026-9001", course(ledger_of(EXCEPTION), to="closed"))

    assert ["EXC-2026-9001: active → closed"] == list(told(found))


def test_fact_that_lies_deep_is_asked_for_with_an_option_that_fits():
    lines = [line for line in (RELEASE % "draft").splitlines() if not line.startswith(("scope:", "rollout:"))]
    ledger = ledger_of("\n".join(lines) + "\n")

    first = list(told(advance("REL-2026-9001", course(ledger))))
    further = list(told(advance("REL-2026-9001", course(ledger, given=[assignment("scope.cis.0.ci=CI-a")]))))

    assert "        fix: give --set scope.cis.0.ci=…" in first
    where = "--set rollout.groups.0.id=… --set rollout.groups.0.environment=…"
    assert f"        fix: give --set rollout.model=big-bang|rolling|phased|blue-green|canary {where}" in further
