"""The edges of windows to the second, over both changes of the clock in three zones."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.calendar.conftest import utc

SECOND = timedelta(seconds=1)
# Zone, a recurring window's first occurrence in local time with its offset, a day of it, and when it starts and ends.
NIGHTS = {
    "Berlin, clocks go forward": (
        "Europe/Berlin",
        "2026-03-01T23:00:00+01:00",
        "2026-03-02T06:00:00+01:00",
        "2026-03-28 22:00:00",
        "2026-03-29 04:00:00",
    ),
    "Berlin, the night after": (
        "Europe/Berlin",
        "2026-03-01T23:00:00+01:00",
        "2026-03-02T06:00:00+01:00",
        "2026-03-29 21:00:00",
        "2026-03-30 04:00:00",
    ),
    "Berlin, clocks go back": (
        "Europe/Berlin",
        "2026-03-01T23:00:00+01:00",
        "2026-03-02T06:00:00+01:00",
        "2026-10-24 21:00:00",
        "2026-10-25 05:00:00",
    ),
    "Berlin, starts in the gap": (
        "Europe/Berlin",
        "2026-03-01T02:30:00+01:00",
        "2026-03-01T05:00:00+01:00",
        "2026-03-29 01:30:00",
        "2026-03-29 03:00:00",
    ),
    "Berlin, ends in the gap": (
        "Europe/Berlin",
        "2026-03-01T00:30:00+01:00",
        "2026-03-01T02:30:00+01:00",
        "2026-03-28 23:30:00",
        "2026-03-29 01:30:00",
    ),
    "Berlin, nothing is left of it": (
        "Europe/Berlin",
        "2026-03-01T02:30:00+01:00",
        "2026-03-01T03:00:00+01:00",
        "2026-03-29 01:30:00",
        "2026-03-29 02:00:00",
    ),
    "Berlin, starts in the hour that comes twice": (
        "Europe/Berlin",
        "2026-03-01T02:30:00+01:00",
        "2026-03-01T05:00:00+01:00",
        "2026-10-25 00:30:00",
        "2026-10-25 04:00:00",
    ),
    "Berlin, ends in the hour that comes twice": (
        "Europe/Berlin",
        "2026-03-01T00:30:00+01:00",
        "2026-03-01T02:30:00+01:00",
        "2026-10-24 22:30:00",
        "2026-10-25 00:30:00",
    ),
    "New York, clocks go forward": (
        "America/New_York",
        "2026-01-01T22:00:00-05:00",
        "2026-01-02T04:00:00-05:00",
        "2026-03-08 03:00:00",
        "2026-03-08 08:00:00",
    ),
    "New York, clocks go back": (
        "America/New_York",
        "2026-01-01T22:00:00-05:00",
        "2026-01-02T04:00:00-05:00",
        "2026-11-01 02:00:00",
        "2026-11-01 09:00:00",
    ),
    "New York, starts in the gap": (
        "America/New_York",
        "2026-01-01T02:15:00-05:00",
        "2026-01-01T04:00:00-05:00",
        "2026-03-08 07:15:00",
        "2026-03-08 08:00:00",
    ),
    "New York, starts in the hour that comes twice": (
        "America/New_York",
        "2026-01-01T01:15:00-05:00",
        "2026-01-01T04:00:00-05:00",
        "2026-11-01 05:15:00",
        "2026-11-01 09:00:00",
    ),
    # Here the clock is put by half an hour: forward at 02:00 on 4 October, back at 02:00 on 5 April.
    "Lord Howe, clocks go forward": (
        "Australia/Lord_Howe",
        "2026-01-01T01:00:00+11:00",
        "2026-01-01T04:00:00+11:00",
        "2026-10-03 14:30:00",
        "2026-10-03 17:00:00",
    ),
    "Lord Howe, clocks go back": (
        "Australia/Lord_Howe",
        "2026-01-01T01:00:00+11:00",
        "2026-01-01T04:00:00+11:00",
        "2026-04-04 14:00:00",
        "2026-04-04 17:30:00",
    ),
    "Lord Howe, starts in the gap": (
        "Australia/Lord_Howe",
        "2026-01-01T02:15:00+11:00",
        "2026-01-01T04:00:00+11:00",
        "2026-10-03 15:45:00",
        "2026-10-03 17:00:00",
    ),
    "Lord Howe, starts in the half hour that comes twice": (
        "Australia/Lord_Howe",
        "2026-01-01T01:45:00+11:00",
        "2026-01-01T04:00:00+11:00",
        "2026-04-04 14:45:00",
        "2026-04-04 17:30:00",
    ),
}


def daily(zone: str, start: str, end: str) -> str:
    return f"""
        # records/windows/WIN-night.yaml
        type: freeze
        state: published
        start: "{start}"
        end: "{end}"
        time_zone: {zone}
        recurrence: {{rule: FREQ=DAILY}}
        """


@pytest.mark.parametrize(("zone", "start", "end", "begins", "ends"), NIGHTS.values(), ids=NIGHTS)
def test_a_recurring_window_holds_from_its_first_second_and_no_longer_in_its_last(
    standing_of, zone, start, end, begins, ends
):
    moments = [utc(begins) - SECOND, utc(begins), utc(ends) - SECOND, utc(ends)]

    held = [bool(standing_of(daily(zone, start, end), f"{at:%Y-%m-%d %H:%M:%S}").freezes) for at in moments]

    assert [False, True, True, False] == held


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        pytest.param("2026-11-22 22:59:59", False, id="a second before it starts"),
        pytest.param("2026-11-22 23:00:00", True, id="as it starts"),
        pytest.param("2026-11-22 23:00:01", True, id="a second after it starts"),
        pytest.param("2026-12-01 04:59:59", True, id="a second before it ends"),
        pytest.param("2026-12-01 05:00:00", False, id="as it ends"),
        pytest.param("2026-12-01 05:00:01", False, id="a second after it ends"),
    ],
)
def test_a_freeze_that_comes_once_has_exact_edges(standing_of, at, holds):
    found = standing_of(
        """
        # records/windows/WIN-black-week.yaml
        type: freeze
        state: published
        start: "2026-11-23T00:00:00+01:00"
        end: "2026-12-01T06:00:00+01:00"
        """,
        at,
    )

    assert holds == bool(found.freezes)
    assert holds == (not found.is_open)


def test_a_first_occurrence_in_the_hour_that_comes_twice_is_the_one_that_the_record_says(spans_of):
    second = """
        start: "2026-10-25T02:30:00+01:00"
        end: "2026-10-25T02:45:00+01:00"
        time_zone: Europe/Berlin
        recurrence: {rule: FREQ=DAILY}
        """

    found = spans_of(second, "2026-10-25 00:00", "2026-10-27 00:00")

    assert [("10-25 01:30:00", "10-25 01:45:00"), ("10-26 01:30:00", "10-26 01:45:00")] == found
