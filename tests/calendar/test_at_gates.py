"""The calendar's codes as gates ask them: what they say, when, and what they name."""

from __future__ import annotations

import textwrap

import pytest

from opsledger.kind import packaged_kinds
from opsledger.prove.at_gate import findings_at_gate
from opsledger.prove.examples import staged
from opsledger.rules.register import Example

KINDS = packaged_kinds()
RELEASE = """
# records/releases/2026/REL-2026-9001.yaml
state: ready
type: minor
scope: {cis: [{ci: CI-payments, effect: changed}]}
# records/cis/CI-payments.yaml
title: Payments
# records/environments/ENV-prod-eu.yaml
production: true
"""
FREEZE = """
# records/windows/WIN-freeze.yaml
type: freeze
state: published
start: "2026-11-23T00:00:00+01:00"
end: "2026-12-01T01:00:00+01:00"
"""


def said(text: str, code: str, at: str, subject: str = "REL-2026-9001 -> deploying") -> list:
    head = f"# asks: {subject} in ENV-prod-eu at {at}\n"
    stage = staged(Example("", head + textwrap.dedent(text).strip("\n")), KINDS)
    return list(findings_at_gate(stage, code, KINDS))


def test_a_freeze_is_named_with_its_file_and_when_it_opens():
    (found,) = said(RELEASE + FREEZE, "CAL902", "2026-11-25T10:00:00Z")

    assert (
        "REL-2026-9001 may not go on in ENV-prod-eu at 2026-11-25 10:00 UTC: the freeze WIN-freeze "
        "(records/windows/WIN-freeze.yaml) holds from 2026-11-22 23:00 UTC to 2026-12-01 00:00 UTC; "
        "it opens at 2026-12-01 00:00 UTC"
    ) == found.message
    assert "records/windows/WIN-freeze.yaml" == found.place.path


@pytest.mark.parametrize(
    ("at", "is_closed"),
    [
        pytest.param("2026-11-22T22:59:59Z", False, id="a second before"),
        pytest.param("2026-11-22T23:00:00Z", True, id="as it starts"),
        pytest.param("2026-11-30T23:59:59Z", True, id="in its last second"),
        pytest.param("2026-12-01T00:00:00Z", False, id="as it ends"),
    ],
)
def test_a_gate_sees_a_freeze_to_the_second(at, is_closed):
    assert is_closed == bool(said(RELEASE + FREEZE, "CAL902", at))


@pytest.mark.parametrize(
    ("release", "lets_through", "is_closed"),
    [
        pytest.param("type: emergency", "emergency", False, id="an emergency release"),
        pytest.param(
            "type: minor\nchanges: [CHG-2026-9001, CHG-2026-9002]", "standard", True, id="one change is normal"
        ),
        pytest.param("type: minor\nchanges: [CHG-2026-9001]", "standard", False, id="every change is standard"),
        pytest.param("type: minor\nchanges: [CHG-2026-9003]", "standard", True, id="a change that is not there"),
        pytest.param("type: minor", "standard", True, id="no change at all"),
        pytest.param("type: minor", "normal", False, id="any other"),
    ],
)
def test_a_freeze_lets_a_release_through_by_what_it_is(release, lets_through, is_closed):
    changes = """
# records/changes/2026/CHG-2026-9001.yaml
type: standard
# records/changes/2026/CHG-2026-9002.yaml
type: normal
"""
    text = RELEASE.replace("type: minor", release) + changes + FREEZE + f"scope: {{lets_through: [{lets_through}]}}\n"

    assert is_closed == bool(said(text, "CAL902", "2026-11-25T10:00:00Z"))


@pytest.mark.parametrize("code", ["CAL901", "CAL902", "CAL909"])
def test_a_release_that_names_no_component_is_undecided(code):
    text = RELEASE.replace("{cis: [{ci: CI-payments, effect: changed}]}", "{cis: []}")

    assert ["REL-2026-9001 names no component, so nobody knows which windows are about it"] == [
        one.message for one in said(text, code, "2026-11-25T10:00:00Z")
    ]


@pytest.mark.parametrize("code", ["CAL901", "CAL902", "CAL909"])
def test_a_window_that_cannot_be_read_is_undecided(code):
    text = RELEASE + "# raw: records/windows/WIN-broken.yaml\n[\n"

    (found,) = said(text, code, "2026-11-25T10:00:00Z")

    assert "records/windows/WIN-broken.yaml" == found.place.path
    assert "cannot be read" in found.message


def test_a_component_that_cannot_be_read_is_undecided_where_a_window_asks_what_it_is_part_of():
    text = (
        RELEASE.replace("# records/cis/CI-payments.yaml\ntitle: Payments\n", "")
        + "# raw: records/cis/CI-payments.yaml\n[\n"
    )
    scoped = FREEZE + "scope: {cis: [CI-other]}\n# records/cis/CI-other.yaml\ntitle: Other\n"

    (found,) = said(text + scoped, "CAL902", "2026-11-25T10:00:00Z")

    assert "CI-payments cannot be read" in found.message


def test_a_window_with_an_end_before_its_start_is_undecided():
    text = RELEASE + FREEZE.replace("2026-12-01", "2026-11-01")

    (found,) = said(text, "CAL902", "2026-11-25T10:00:00Z")

    assert "WIN-freeze ends before it begins" in found.message


def test_every_clash_is_told_and_each_names_the_other_record():
    changes = "".join(
        f"""
# records/changes/2026/CHG-2026-900{n}.yaml
state: implementing
effects: [{{ci: CI-payments, effect: changed}}]
planned: {{start: "2026-11-25T0{n}:00:00Z", end: "2026-11-25T11:00:00Z"}}
"""
        for n in (1, 2, 3)
    )

    found = said(RELEASE + changes, "CAL903", "2026-11-25T10:00:00Z")

    assert [f"records/changes/2026/CHG-2026-900{n}.yaml" for n in (1, 2, 3)] == sorted(one.place.path for one in found)


@pytest.mark.parametrize(
    ("at", "is_peak"),
    [
        pytest.param("2026-11-27T16:59:59Z", False, id="a second before"),
        pytest.param("2026-11-27T17:00:00Z", True, id="as they begin"),
        pytest.param("2026-11-28T00:59:59Z", True, id="past midnight"),
        pytest.param("2026-11-28T01:00:00Z", False, id="as they end"),
        pytest.param("2026-11-28T17:00:00Z", False, id="on another day"),
    ],
)
def test_work_keeps_out_of_peak_hours(at, is_peak):
    hours = 'peak_hours: {days: [fri], from: "18:00", until: "02:00", time_zone: Europe/Berlin}'

    assert is_peak == bool(said(RELEASE.replace("title: Payments", hours), "CAL903", at))


SLOT = """
# records/windows/WIN-slot.yaml
type: release-slot
state: published
start: "2026-11-25T20:00:00Z"
end: "2026-11-25T22:00:00Z"
"""
PLANNED = RELEASE.replace(
    "state: ready",
    'state: planned\nplan: {start: "2026-11-20T00:00:00Z", end: "2026-11-26T00:00:00Z", window: WIN-slot}',
)
NO_SLOT = PLANNED.replace(", window: WIN-slot", "")
REQUIRED = """
# records/policy/POL-policy.yaml
release: {slot: required}
"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(PLANNED + SLOT, "", id="a slot that serves"),
        pytest.param(PLANNED + SLOT.replace("published", "proposed"), "which is proposed on the base", id="a proposal"),
        pytest.param(PLANNED + SLOT.replace("release-slot", "freeze"), "a freeze, in which no work is", id="a freeze"),
        pytest.param(PLANNED + SLOT.replace("25T2", "27T2"), "has no time then", id="too late"),
        pytest.param(PLANNED + SLOT + "scope: {cis: [CI-other]}\n# records/cis/CI-other.yaml\ntitle: Other\n",
                     "which is not about CI-payments", id="for another component"),
        pytest.param(NO_SLOT + REQUIRED, "names no slot on the calendar", id="none where one must be named"),
        pytest.param(NO_SLOT, "", id="none where none must be named"),
        pytest.param(PLANNED, "which the calendar of the base does not have", id="one that is not there"),
    ],
)  # fmt: skip
def test_the_slot_of_a_plan_is_on_the_published_calendar(text, wanted):
    found = [one.message for one in said(text, "CAL908", "2026-11-20T10:00:00Z", "REL-2026-9001 -> plan-approved")]

    assert bool(wanted) == bool(found)
    assert all(wanted in one for one in found)


def test_a_slot_satisfies_the_change_windows_of_its_release_alone():
    mornings = """
# records/windows/WIN-mornings.yaml
type: change-window
state: published
start: "2026-11-25T08:00:00Z"
end: "2026-11-25T09:00:00Z"
"""
    ready = PLANNED.replace("state: planned", "state: ready")

    assert [] == said(ready + mornings + SLOT, "CAL901", "2026-11-25T21:00:00Z")
    assert 1 == len(said(RELEASE + mornings + SLOT, "CAL901", "2026-11-25T21:00:00Z"))
