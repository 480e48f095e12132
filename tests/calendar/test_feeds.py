"""iCalendar feeds, read back by another library."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from tests.calendar.conftest import utc

from opsledger.calendar import calendar_of
from opsledger.calendar.agenda import Entry
from opsledger.calendar.feed import feed
from opsledger.calendar.feeds import feeds

NOW = utc("2026-11-20 12:00")
SERVICE = """
# records/cis/CI-payments.yaml
title: Payments
class: service
# records/cis/CI-api.yaml
class: component
relations: {part_of: [CI-payments]}
# records/cis/CI-portal.yaml
class: service
title: The portal
"""


@pytest.fixture
def feed_of(ledger_from):
    """Makes the feed of CI-payments of a ledger."""

    def made(text: str) -> bytes:
        ledger = ledger_from(text.strip("\n") + SERVICE)
        return feeds(ledger, calendar_of(ledger.of("window"), ledger), now=NOW, made=NOW)["CI-payments.ics"]

    return made


def window(title: str = "A freeze", scope: str = "{}", more: str = "") -> str:
    return f"""
# records/windows/WIN-one.yaml
title: {title}
type: freeze
state: published
start: "2026-12-14T00:00:00+01:00"
end: "2026-12-15T00:00:00+01:00"
scope: {scope}
{more}
"""


def events(feed: bytes) -> list:
    return icalendar.Calendar.from_ical(feed).walk("VEVENT")


def test_an_event_has_its_time_in_utc(feed_of):
    (event,) = events(feed_of(window()))

    assert (utc("2026-12-13 23:00"), utc("2026-12-14 23:00")) == (event.decoded("dtstart"), event.decoded("dtend"))
    assert "freeze: A freeze" == str(event["summary"])


def test_each_occurrence_is_an_event_of_its_own_with_a_name_of_its_own(feed_of):
    daily = 'time_zone: Europe/Berlin\nrecurrence: {rule: "FREQ=MONTHLY;COUNT=3"}'

    found = events(feed_of(window(more=daily)))

    assert [12, 1, 2] == [
        event.decoded("dtstart").month if event.decoded("dtstart").day == 13 else 0 for event in found
    ]
    assert 3 == len({str(event["uid"]) for event in found})


@pytest.mark.parametrize(
    ("scope", "is_told"),
    [
        pytest.param("{}", True, id="everything"),
        pytest.param("{cis: [CI-payments]}", True, id="the service"),
        pytest.param("{cis: [CI-api]}", True, id="a part of it"),
        pytest.param("{cis: [CI-portal]}", False, id="another service"),
    ],
)
def test_a_feed_tells_what_is_about_its_service_and_its_parts(feed_of, scope, is_told):
    assert is_told == bool(events(feed_of(window(scope=scope))))


HOSTILE = {
    "a line break": "A\\r\\nBEGIN:VALARM\\r\\nACTION:EMAIL",
    "a lone line feed": "A\\nATTENDEE:mailto:eve@example.org",
    "a lone carriage return": "A\\rATTENDEE:mailto:eve@example.org",
    "a line separator": "A\\u2028ATTENDEE:eve",
    "an end of the calendar": "A\\nEND:VEVENT\\nEND:VCALENDAR\\nBEGIN:VCALENDAR",
    "signs of the format": "a,b;c\\\\n:d",
    "a null": "A\\0B",
    "letters of many octets": "\\U0001F4A3" * 60,
}


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_title_adds_no_line_to_a_feed(ledger_from, title):
    record = next(iter(ledger_from(window()).of("window")))
    text = title.encode().decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16")

    made = feed(
        [Entry(replace(record, title=text), "freeze", NOW, NOW + timedelta(hours=1))], name=text, made=NOW, until=NOW
    )

    (event,) = events(made)
    assert [] == [sub for sub in event.walk() if sub is not event]
    names = ["UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CATEGORIES", "TRANSP"]
    assert sorted(names) == sorted(event.keys())
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    assert made.count(b"\n") == made.count(b"\r") == made.count(b"\r\n")


def test_a_text_comes_back_as_it_was(feed_of):
    title = '"a, b; c \\\\ and a very long title that does not fit on one line: Zahlungsverkehr für Händler überall"'

    (event,) = events(feed_of(window(title=title)))

    wanted = "a, b; c \\ and a very long title that does not fit on one line: Zahlungsverkehr für Händler überall"
    assert f"freeze: {wanted}" == str(event["summary"])


def test_the_same_commit_gives_the_same_bytes(feed_of):
    assert feed_of(window()) == feed_of(window())
