"""Calendars of windows that are written as YAML, in memory."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import pytest

from opsledger.calendar import Calendar, Standing, calendar_of
from opsledger.kind import packaged_kinds
from opsledger.ledger import Ledger, load
from opsledger.prove.examples import staged
from opsledger.rules.register import Example
from opsledger.store import in_memory

KINDS = packaged_kinds()
WINDOW = "records/windows/WIN-one.yaml"


def files_of(text: str) -> Mapping[str, bytes]:
    """The files of records written one after the other, completed as the examples of a rule's page are."""
    return staged(Example("", textwrap.dedent(text).strip("\n")), KINDS).head


def utc(text: str) -> datetime:
    """A moment such as *2026-03-29 01:30*, with seconds or without."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def ledger_from() -> Iterator[Callable[[str], Ledger]]:
    """Makes a ledger of records."""
    made: list[Ledger] = []

    def maker(text: str) -> Ledger:
        made.append(load(in_memory(files_of(text), name="the test"), KINDS))
        return made[-1]

    yield maker
    for ledger in made:
        ledger.database.close()


@pytest.fixture
def calendar_from(ledger_from: Callable[[str], Ledger]) -> Callable[[str], Calendar]:
    """Makes the calendar of the windows among some records."""

    def maker(text: str) -> Calendar:
        ledger = ledger_from(text)
        return calendar_of(ledger.of("window"), ledger)

    return maker


@pytest.fixture
def spans_of(calendar_from: Callable[[str], Calendar]) -> Callable[..., list[tuple[str, str]]]:
    """Gives the times of one published window as pairs of UTC times."""

    def spans(text: str, start: str, end: str) -> list[tuple[str, str]]:
        calendar = calendar_from(f"# {WINDOW}\ntype: freeze\nstate: published\n" + textwrap.dedent(text))
        assert not calendar.doubts
        found = calendar.spans(calendar.records[0], utc(start), utc(end))
        return [(f"{one.start:%m-%d %H:%M:%S}", f"{one.end:%m-%d %H:%M:%S}") for one in found if one.end]

    return spans


@pytest.fixture
def standing_of(calendar_from: Callable[[str], Calendar]) -> Callable[..., Standing]:
    """Says how CI-payments stands in ENV-prod-eu at a time, under the windows among some records."""

    def standing(text: str, at: str, *, cis=("CI-payments",), change_type="normal", slots=()) -> Standing:
        places = "\n# records/environments/ENV-prod-eu.yaml\nproduction: true\n"
        calendar = calendar_from(textwrap.dedent(text).strip("\n") + places)
        place = calendar.ledger.record("ENV-prod-eu")
        return calendar.standing(utc(at), place, cis, change_type, slots=slots)

    return standing
