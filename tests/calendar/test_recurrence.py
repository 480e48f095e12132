"""Windows that come back: rules, exceptions, and what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from opsledger.calendar import walking
from opsledger.calendar.recurrence import UnsoundRule, rule_of
from opsledger.calendar.walking import walls


def wall_of(text: str) -> datetime:
    """What a clock on the wall shows."""
    return datetime.fromisoformat(text)


THURSDAYS = """
    start: "2026-01-08T21:00:00+01:00"
    end: "2026-01-08T23:00:00+01:00"
    time_zone: Europe/Berlin
    """


def test_an_exception_leaves_out_the_start_that_it_names_and_no_other(spans_of):
    left_out = (
        THURSDAYS
        + """
    recurrence: {rule: "FREQ=WEEKLY;BYDAY=TH", except: ["2026-03-26T21:00:00+01:00"]}
    """
    )

    found = spans_of(left_out, "2026-03-18 00:00", "2026-04-03 00:00")

    assert [("03-19 20:00:00", "03-19 22:00:00"), ("04-02 19:00:00", "04-02 21:00:00")] == found


def test_a_start_may_come_in_addition_and_ends_by_the_clock_of_the_zone(spans_of):
    also = (
        THURSDAYS
        + """
    recurrence: {rule: "FREQ=WEEKLY;BYDAY=TH", also: ["2026-03-28T23:30:00+01:00", "2026-03-26T20:00:00Z"]}
    """
    )

    found = spans_of(also, "2026-03-26 00:00", "2026-03-30 00:00")

    assert [("03-26 20:00:00", "03-26 22:00:00"), ("03-28 22:30:00", "03-29 00:30:00")] == found


def test_what_is_left_out_is_left_out_even_where_it_comes_in_addition(spans_of):
    both = (
        THURSDAYS
        + """
    recurrence:
      rule: "FREQ=WEEKLY;BYDAY=TH"
      except: ["2026-03-28T10:00:00Z"]
      also: ["2026-03-28T10:00:00Z"]
    """
    )

    assert [] == spans_of(both, "2026-03-27 00:00", "2026-03-30 00:00")


def test_the_first_occurrence_can_be_left_out(spans_of):
    first = (
        THURSDAYS
        + """
    recurrence: {rule: "FREQ=WEEKLY;BYDAY=TH", except: ["2026-01-08T20:00:00Z"]}
    """
    )

    assert ["01-15 20:00:00"] == [start for start, _ in spans_of(first, "2026-01-01 00:00", "2026-01-16 00:00")]


def test_an_occurrence_that_began_before_the_span_is_part_of_it(spans_of):
    long = """
        start: "2026-01-01T00:00:00Z"
        end: "2026-01-09T00:00:00Z"
        time_zone: UTC
        recurrence: {rule: FREQ=MONTHLY}
        """

    assert [("06-01 00:00:00", "06-09 00:00:00")] == spans_of(long, "2026-06-08 23:59:59", "2026-06-30 00:00")
    assert [] == spans_of(long, "2026-06-09 00:00:00", "2026-06-30 00:00")


@pytest.mark.parametrize(
    ("until", "last"),
    [
        pytest.param("20260402T190000Z", "04-02 19:00:00", id="the second of a start"),
        pytest.param("20260402T185959Z", "03-26 20:00:00", id="the second before it"),
    ],
)
def test_a_rule_ends_with_the_start_that_until_names(spans_of, until, last):
    found = spans_of(
        THURSDAYS
        + f"""
    recurrence: {{rule: "FREQ=WEEKLY;BYDAY=TH;UNTIL={until}"}}
    """,
        "2026-03-01 00:00",
        "2026-06-01 00:00",
    )

    assert last == found[-1][0]


UNSOUND = {
    "seconds": "FREQ=SECONDLY;COUNT=1000000000",
    "minutes": "FREQ=MINUTELY",
    "hours": "FREQ=HOURLY",
    "no frequency": "INTERVAL=2",
    "an unknown part": "FREQ=DAILY;BYEASTER=1",
    "a part twice": "FREQ=DAILY;FREQ=WEEKLY",
    "a part without a value": "FREQ=DAILY;COUNT=",
    "a step of nothing": "FREQ=DAILY;INTERVAL=0",
    "a step back": "FREQ=DAILY;INTERVAL=-1",
    "a month that is none": "FREQ=YEARLY;BYMONTH=13",
    "a day that is none": "FREQ=MONTHLY;BYMONTHDAY=32",
    "a day of nothing": "FREQ=MONTHLY;BYMONTHDAY=0",
    "a weekday that is none": "FREQ=WEEKLY;BYDAY=XX",
    "a counted weekday in a week": "FREQ=WEEKLY;BYDAY=2TU",
    "a day of a month in a week": "FREQ=WEEKLY;BYMONTHDAY=1",
    "a week number in a month": "FREQ=MONTHLY;BYWEEKNO=20",
    "two ends": "FREQ=DAILY;COUNT=3;UNTIL=20260101T000000Z",
    "an end without a time": "FREQ=DAILY;UNTIL=20260101",
    "an end in a time of no zone": "FREQ=DAILY;UNTIL=20260101T000000",
    "an end on a day that is none": "FREQ=DAILY;UNTIL=20260230T000000Z",
    "a choice among nothing": "FREQ=MONTHLY;BYSETPOS=1",
    "every second of a day": "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7;BYMINUTE=0,1,2,3,4,5,6",
    "a number of other digits": "FREQ=DAILY;COUNT=٣",
    "a number without end": f"FREQ=DAILY;COUNT={'9' * 250}",
}


@pytest.mark.parametrize("rule", UNSOUND.values(), ids=UNSOUND)
def test_a_rule_that_nobody_can_follow_is_refused_with_what_to_write(rule):
    with pytest.raises(UnsoundRule) as refused:
        rule_of(rule)

    assert refused.value.sentence
    assert refused.value.fix


@pytest.mark.parametrize(
    ("rule", "doubted"),
    [
        pytest.param("rule: FREQ=SECONDLY", "/recurrence/rule", id="the rule"),
        pytest.param("rule: FREQ=DAILY", "/time_zone", id="the zone"),
    ],
)
def test_a_window_that_nobody_can_follow_is_in_doubt_at_its_line(calendar_from, rule, doubted):
    zone = "Europe/Berlin" if doubted == "/recurrence/rule" else "Europe/Atlantis"
    calendar = calendar_from(f"""
        # records/windows/WIN-one.yaml
        type: freeze
        state: published
        start: "2026-01-08T21:00:00+01:00"
        end: "2026-01-08T23:00:00+01:00"
        time_zone: {zone}
        recurrence: {{{rule}}}
        """)

    assert [("WIN-one", doubted)] == [(doubt.id, doubt.pointer) for doubt in calendar.doubts]


BOUNDED = {
    "a thousand million times from 1970": "FREQ=DAILY;COUNT=1000000000",
    "a day that never comes": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "a day that never comes in a month": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
    "a step beyond all years": "FREQ=YEARLY;INTERVAL=999999999",
    "a step of days beyond all years": "FREQ=DAILY;INTERVAL=999999999",
    "a step of weeks beyond all years": "FREQ=WEEKLY;INTERVAL=999999999",
    "a step of months beyond all years": "FREQ=MONTHLY;INTERVAL=999999999",
}


@pytest.mark.parametrize("rule", BOUNDED.values(), ids=BOUNDED)
def test_a_rule_of_many_steps_looks_at_no_more_days_than_its_span_has(monkeypatch, rule):
    looked = []
    start = wall_of("1970-01-01")
    days = walking._Walk._days

    def counted(self, period):
        looked.append(period)
        return days(self, period)

    monkeypatch.setattr(walking._Walk, "_days", counted)
    list(walls(rule_of(rule), start, wall_of("2026-01-01"), wall_of("2027-01-01")))

    span = 367 if "COUNT" not in rule else 58 * 366
    assert len(looked) <= span


def test_a_rule_that_counts_ends_after_its_last_time():
    found = [
        wall
        for _, wall in walls(
            rule_of("FREQ=DAILY;COUNT=3"), wall_of("2026-01-01"), wall_of("2026-01-01"), wall_of("2027-01-01")
        )
    ]

    assert [wall_of("2026-01-01"), wall_of("2026-01-02"), wall_of("2026-01-03")] == found


@pytest.mark.parametrize(
    ("week_start", "second"),
    [pytest.param("MO", [11, 19, 25], id="from Monday"), pytest.param("SU", [18, 19], id="from Sunday")],
)
def test_every_second_week_depends_on_the_day_on_which_weeks_start(week_start, second):
    rule = rule_of(f"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST={week_start}")

    found = [
        wall.day for _, wall in walls(rule, wall_of("2026-01-05"), wall_of("2026-01-06"), wall_of("2026-01-25 23:00"))
    ]

    assert second == found
