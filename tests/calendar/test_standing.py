"""What is allowed and what is not: scope, types of change, slots, and when it opens."""

from __future__ import annotations

import pytest
from tests.calendar.conftest import utc

from opsledger.calendar import opening

FREEZE = """
# records/windows/WIN-freeze.yaml
type: freeze
state: published
start: "2026-11-23T00:00:00Z"
end: "2026-12-01T00:00:00Z"
"""
HALT = """
# records/windows/WIN-halt.yaml
type: halt
state: published
start: "2026-11-25T00:00:00Z"
"""
MORNINGS = """
# records/windows/WIN-mornings.yaml
type: change-window
state: published
start: "2026-01-05T09:00:00+01:00"
end: "2026-01-05T12:00:00+01:00"
time_zone: Europe/Berlin
recurrence: {rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}
scope: {cis: [CI-payments]}
"""
SLOT = """
# records/windows/WIN-slot.yaml
type: release-slot
state: published
start: "2026-11-20T18:00:00Z"
end: "2026-11-20T20:00:00Z"
"""
PAYMENTS = """
# records/cis/CI-payments.yaml
title: Payments
# records/cis/CI-api.yaml
relations: {part_of: [CI-payments]}
# records/cis/CI-queue.yaml
relations: {part_of: [CI-api]}
# records/cis/CI-portal.yaml
title: The portal
"""


def scoped(window: str, scope: str) -> str:
    return f"{window}scope: {{{scope}}}\n"


@pytest.mark.parametrize(
    ("scope", "cis", "holds"),
    [
        pytest.param("cis: [CI-payments]", ["CI-payments"], True, id="the component itself"),
        pytest.param("cis: [CI-payments]", ["CI-queue"], True, id="a part of a part of it"),
        pytest.param("cis: [CI-payments]", ["CI-portal", "CI-api"], True, id="one of several"),
        pytest.param("cis: [CI-api]", ["CI-payments"], False, id="the whole of which it is a part"),
        pytest.param("cis: [CI-payments]", ["CI-portal"], False, id="another component"),
        pytest.param("environments: [ENV-prod-eu]", ["CI-portal"], True, id="the environment"),
        pytest.param("environments: [ENV-prod-us]", ["CI-portal"], False, id="another environment"),
        pytest.param("environments: [ENV-prod-us], cis: [CI-payments]", ["CI-payments"], False, id="one of the two"),
        pytest.param("environments: []", ["CI-portal"], True, id="everything"),
    ],
)
def test_a_freeze_holds_for_what_it_names_and_all_that_is_part_of_it(standing_of, scope, cis, holds):
    found = standing_of(scoped(FREEZE, scope) + PAYMENTS, "2026-11-25 10:00", cis=cis)

    assert (["WIN-freeze"] if holds else []) == [span.window.id for span in found.freezes]
    assert holds == (not found.is_open)


@pytest.mark.parametrize("state", ["proposed", "cancelled"])
def test_only_a_published_window_counts(standing_of, state):
    assert standing_of(FREEZE.replace("published", state), "2026-11-25 10:00").is_open


def test_what_forbids_wins_over_what_allows(standing_of):
    found = standing_of(FREEZE + MORNINGS + PAYMENTS, "2026-11-25 09:00")

    assert ["WIN-mornings"] == [span.window.id for span in found.allowed_by]
    assert not found.is_open


def test_it_opens_when_the_freeze_is_over_and_a_change_window_is_there(standing_of):
    found = standing_of(FREEZE + MORNINGS + PAYMENTS, "2026-11-25 09:00")

    assert utc("2026-12-01 08:00") == found.opens


def test_it_opens_with_the_end_of_a_freeze_where_there_is_no_change_window(standing_of):
    assert utc("2026-12-01 00:00") == standing_of(FREEZE, "2026-11-25 09:00").opens


def test_two_freezes_that_touch_open_when_the_second_is_over(standing_of):
    second = FREEZE.replace("WIN-freeze", "WIN-second").replace("2026-12-01", "2026-12-05").replace("11-23", "12-01")

    assert utc("2026-12-05 00:00") == standing_of(FREEZE + second, "2026-11-25 09:00").opens


def test_a_halt_without_an_end_opens_when_it_is_cancelled(standing_of):
    found = standing_of(HALT + FREEZE, "2026-11-25 09:00")

    assert ["WIN-halt"] == [span.window.id for span in found.halts]
    assert found.opens is None


@pytest.mark.parametrize("change_type", ["standard", "normal", "emergency"])
def test_a_halt_lets_no_type_of_change_through(standing_of, change_type):
    halt = scoped(HALT, "lets_through: [standard, normal, emergency]")

    assert not standing_of(halt, "2026-11-25 09:00", change_type=change_type).is_open


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        pytest.param("2026-11-24 23:59:59", False, id="a second before it"),
        pytest.param("2026-11-25 00:00:00", True, id="as it begins"),
        pytest.param("2030-01-01 00:00:00", True, id="years later"),
    ],
)
def test_a_halt_lasts_from_its_start_until_it_is_cancelled(standing_of, at, holds):
    assert holds == bool(standing_of(HALT, at).halts)


@pytest.mark.parametrize(
    ("lets_through", "change_type", "passes"),
    [
        pytest.param("[emergency]", "emergency", True, id="an emergency, which is named"),
        pytest.param("[standard]", "emergency", False, id="an emergency, which is not named"),
        pytest.param("[standard]", "standard", True, id="a routine, which is named"),
        pytest.param("[emergency, standard]", "normal", False, id="anything else"),
        pytest.param("[]", "emergency", False, id="an emergency where nothing is named"),
    ],
)
def test_a_freeze_lets_through_what_it_names_and_nothing_else(standing_of, lets_through, change_type, passes):
    freeze = scoped(FREEZE, f"lets_through: {lets_through}")

    found = standing_of(freeze, "2026-11-25 09:00", change_type=change_type)

    assert passes == found.is_open
    assert passes == bool(found.passed)


def test_a_component_outside_its_window_closes_work_on_several(standing_of):
    afternoons = MORNINGS.replace("mornings", "afternoons").replace("T09", "T13").replace("T12", "T16")
    both = MORNINGS + afternoons.replace("CI-payments", "CI-portal") + PAYMENTS

    found = standing_of(both, "2026-11-25 09:00", cis=["CI-payments", "CI-portal"])

    assert [("CI-portal",)] == [closed.cis for closed in found.closed]
    assert found.opens is None


def test_a_component_without_change_windows_may_be_worked_on_at_any_time(standing_of):
    assert standing_of(MORNINGS + PAYMENTS, "2026-11-21 03:00", cis=["CI-portal"]).is_open


@pytest.mark.parametrize(
    ("slots", "is_open"),
    [pytest.param(["WIN-slot"], True, id="its own"), pytest.param([], False, id="somebody else's")],
)
def test_a_slot_allows_the_work_that_it_was_set_aside_for(standing_of, slots, is_open):
    assert is_open == standing_of(MORNINGS + SLOT + PAYMENTS, "2026-11-20 19:00", slots=slots).is_open


@pytest.mark.parametrize(
    ("change_type", "is_open"),
    [pytest.param("emergency", True, id="an emergency"), pytest.param("normal", False, id="no emergency")],
)
def test_an_emergency_window_allows_emergencies_alone(standing_of, change_type, is_open):
    window = SLOT.replace("release-slot", "emergency")

    assert is_open == standing_of(MORNINGS + window + PAYMENTS, "2026-11-20 19:00", change_type=change_type).is_open


def test_a_maintenance_window_allows_work_and_closes_nothing_when_it_is_over(standing_of):
    window = SLOT.replace("release-slot", "maintenance")

    assert standing_of(MORNINGS + window + PAYMENTS, "2026-11-20 19:00").is_open
    assert standing_of(window + PAYMENTS, "2027-01-01 00:00").is_open


def test_a_window_that_cannot_be_followed_leaves_everything_undecided(standing_of):
    broken = MORNINGS.replace("Europe/Berlin", "Europe/Atlantis").replace("change-window", "freeze")

    found = standing_of(broken + PAYMENTS, "2026-11-21 03:00", cis=["CI-portal"])

    assert ["WIN-mornings"] == [doubt.id for doubt in found.doubts]
    assert (False, None) == (found.is_open, found.opens)


def test_a_freeze_that_is_known_still_forbids_where_another_cannot_be_followed(standing_of):
    broken = MORNINGS.replace("Europe/Berlin", "Europe/Atlantis")

    assert standing_of(broken + FREEZE + PAYMENTS, "2026-11-25 03:00").freezes


@pytest.mark.parametrize("at", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_time_beyond_all_calendars_is_undecided(standing_of, at):
    found = standing_of(MORNINGS + PAYMENTS, at)

    assert (False, 1) == (found.is_open, len(found.doubts))


def test_what_does_not_open_within_a_year_says_so(standing_of):
    once = MORNINGS.replace('recurrence: {rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}\n', "")

    found = standing_of(once + PAYMENTS, "2026-11-20 09:00")

    assert "it does not open within a year" == opening(found)
