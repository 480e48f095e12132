"""Work that gets in the way of other work."""

from __future__ import annotations

import pytest
from tests.calendar.conftest import utc

from opsledger.calendar import calendar_of
from opsledger.calendar.work import all_work, clashes, work_near

NOW = utc("2026-11-20 12:00")
GROUND = """
# records/cis/CI-app.yaml
relations: {depends_on: [CI-queue], part_of: [CI-service]}
# records/cis/CI-queue.yaml
relations: {runs_on: [CI-cluster]}
# records/cis/CI-cluster.yaml
title: The cluster
# records/cis/CI-service.yaml
title: The service
# records/cis/CI-other.yaml
relations: {depends_on: [CI-queue]}
# records/environments/ENV-eu.yaml
production: true
# records/environments/ENV-us.yaml
production: true
"""


def change(number: int, ci: str, start: str, end: str, more: str = "state: scheduled") -> str:
    return f"""
# records/changes/2026/CHG-2026-900{number}.yaml
type: normal
effects: [{{ci: {ci}, effect: changed}}]
planned: {{start: "{start}", end: "{end}"}}
{more}
"""


FIRST = change(1, "CI-app", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z")


@pytest.fixture
def clashing(ledger_from):
    """Names the pairs that clash in a ledger."""

    def pairs(text: str, depth: int | None = None) -> list[tuple[str, str]]:
        ledger = ledger_from(text.strip("\n") + GROUND)
        works = all_work(ledger, calendar_of(ledger.of("window"), ledger), NOW)
        return [(one.first.record.id, one.second.record.id) for one in clashes(ledger, works, depth)]

    return pairs


@pytest.mark.parametrize(
    ("ci", "clash"),
    [
        pytest.param("CI-app", True, id="on the same"),
        pytest.param("CI-queue", True, id="on what it needs"),
        pytest.param("CI-cluster", True, id="on what that runs on"),
        pytest.param("CI-service", True, id="on the whole"),
        pytest.param("CI-other", False, id="on another that needs the same"),
    ],
)
def test_work_clashes_on_what_hangs_together(clashing, ci, clash):
    second = change(2, ci, "2026-11-21T11:00:00Z", "2026-11-21T13:00:00Z")

    assert ([("CHG-2026-9001", "CHG-2026-9002")] if clash else []) == clashing(FIRST + second)


def test_components_hang_together_over_as_many_links_as_are_asked_for(clashing):
    second = change(2, "CI-cluster", "2026-11-21T11:00:00Z", "2026-11-21T13:00:00Z")

    assert [] == clashing(FIRST + second, 1)
    assert [("CHG-2026-9001", "CHG-2026-9002")] == clashing(FIRST + second, 2)


@pytest.mark.parametrize(
    ("start", "clash"),
    [
        pytest.param("2026-11-21T11:59:59Z", True, id="a second before the end"),
        pytest.param("2026-11-21T12:00:00Z", False, id="with the end"),
    ],
)
def test_work_clashes_while_it_has_a_second_in_common(clashing, start, clash):
    assert clash == bool(clashing(FIRST + change(2, "CI-app", start, "2026-11-21T14:00:00Z")))


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        pytest.param("[ENV-eu]", "[ENV-us]", False, id="in two places"),
        pytest.param("[ENV-eu]", "[ENV-us, ENV-eu]", True, id="in one of several"),
        pytest.param("[ENV-eu]", "[]", True, id="everywhere"),
    ],
)
def test_work_clashes_in_one_place(clashing, first, second, clash):
    one = change(
        1, "CI-app", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z", f"state: scheduled\nenvironments: {first}"
    )
    two = change(
        2, "CI-app", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z", f"state: scheduled\nenvironments: {second}"
    )

    assert clash == bool(clashing(one + two))


@pytest.mark.parametrize("state", ["draft", "submitted", "implemented", "closed", "cancelled"])
def test_work_that_is_not_planned_any_more_or_yet_clashes_with_nothing(clashing, state):
    assert [] == clashing(
        FIRST + change(2, "CI-app", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z", f"state: {state}")
    )


def test_work_that_goes_on_past_its_planned_end_is_still_in_the_way(clashing):
    late = change(2, "CI-app", "2026-11-01T10:00:00Z", "2026-11-01T12:00:00Z", "state: implementing")

    assert [("CHG-2026-9002", "CHG-2026-9001")] == clashing(FIRST + late)


def test_a_release_does_not_clash_with_its_own_changes_and_deployments(clashing):
    own = """
# records/releases/2026/REL-2026-9001.yaml
state: ready
changes: [CHG-2026-9001]
scope: {cis: [{ci: CI-app, effect: changed}]}
plan: {start: "2026-11-21T00:00:00Z", end: "2026-11-22T00:00:00Z"}
# records/deployments/2026/DEP-2026-90ab.yaml
state: planned
release: REL-2026-9001
environment: ENV-eu
planned: {start: "2026-11-21T10:00:00Z", end: "2026-11-21T12:00:00Z"}
"""

    assert [] == clashing(FIRST + own)


def test_every_pair_of_several_is_told(clashing):
    several = "".join(change(n, "CI-app", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z") for n in range(1, 6))

    assert 10 == len(clashing(several))


def test_a_release_is_on_the_calendar_in_the_slot_that_it_chose(ledger_from):
    ledger = ledger_from(
        """
# records/releases/2026/REL-2026-9001.yaml
state: planned
scope: {cis: [{ci: CI-app, effect: changed}]}
plan: {start: "2026-11-01T00:00:00Z", end: "2026-12-03T00:00:00Z", window: WIN-nights}
# records/windows/WIN-nights.yaml
type: change-window
state: published
start: "2026-11-05T20:00:00Z"
end: "2026-11-05T22:00:00Z"
time_zone: UTC
recurrence: {rule: FREQ=WEEKLY}""".strip("\n")
        + GROUND
    )

    (work,) = work_near(ledger, calendar_of(ledger.of("window"), ledger), ["CI-cluster"], NOW)

    assert ("/plan/window", utc("2026-11-26 20:00")) == (work.pointer, work.start)
