"""A pull request that makes a move which an exception lets pass."""

from __future__ import annotations

from dataclasses import replace

from opsledger.check import found_in
from opsledger.finding import Severity
from opsledger.gate import asker
from opsledger.rules.register import Found
from opsledger.steps import Step

from .conftest import END, EXCEPTION, RELEASE, Case

FILE = f"records/releases/2026/{RELEASE}.yaml"


def stops(case: Case) -> list[Found]:
    """What the gate on the way says under FLT751 of a step from draft to planned."""
    before = case.ledger.record(RELEASE)
    after = case.with_file(FILE, case.files[FILE].replace("state: draft", "state: planned"))
    ledger, judge = after.ledger, case.judge
    ask = asker(judge, after.situation)
    step = Step(RELEASE, before, ledger.record(RELEASE))
    return [one for one in ask(ledger, [step], found_in(ledger, judge.policy)).found if one.fault.code == "FLT751"]


def test_what_is_waived_is_a_note_and_stops_nothing(case: Case):
    [one] = stops(case)

    assert Severity.NOTE is one.severity
    assert (
        "REL-2026-0020 becomes planned at GAT-promote: waived by EXC-2026-0004 until 2026-12-18 16:00 UTC: "
        "PRB-2026-0013 stands against it" == one.fault.message
    )


def test_an_exception_that_ended_stops_the_move_and_says_so(case: Case):
    stopped, why = stops(replace(case, as_of=END))

    assert (None, Severity.NOTE) == (stopped.severity, why.severity)
    assert why.fault.message.startswith("REL-2026-0020 may not become planned at GAT-promote: EXC-2026-0004 does not")


def test_an_exception_that_comes_with_the_pull_request_and_that_nobody_signed_stops_nothing_from_being_said(case: Case):
    stopped, why = stops(replace(case, signed=()))

    assert (
        "REL-2026-0020 may not become planned at GAT-promote: PRB-2026-0013 stands against it" == stopped.fault.message
    )
    assert EXCEPTION in why.about
