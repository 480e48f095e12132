"""What the calendar's commands share: the calendar of a snapshot, and which part of it is asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import ledger_at
from opsledger.cli.occasion import utc_time
from opsledger.errors import Refused

if TYPE_CHECKING:
    from opsledger.calendar import Calendar
    from opsledger.calendar.agenda import Entry
    from opsledger.ledger import Ledger, Record

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_MOST = timedelta(days=1200)
_MONTH = timedelta(days=31)


def environment_option(function: Decorated) -> Decorated:
    """Name an environment."""
    words = "Only what is about this environment."
    return click.option("--env", "environment", default="", metavar="ENVIRONMENT", help=words)(function)


def ci_option(function: Decorated) -> Decorated:
    """Name components."""
    words = "Only what is about this component, or about what it is part of (may be repeated)."
    return click.option("--ci", "cis", multiple=True, metavar="CI", help=words)(function)


def span_options(function: Decorated) -> Decorated:
    """Name a span of time."""
    first = "From this day or time on.  [default: the first of this month]"
    last = "Up to this day or time, which is not shown any more.  [default: a month later]"
    function = click.option("--to", "end", callback=utc_time, metavar="TIME", help=last)(function)
    return click.option("--from", "start", callback=utc_time, metavar="TIME", help=first)(function)


@dataclass(frozen=True)
class Planned:
    """A calendar, and what is on it in a span."""

    calendar: Calendar
    entries: tuple[Entry, ...]
    start: datetime
    end: datetime
    made: datetime

    def lines(self, form: str) -> Iterator[str]:
        """Return it in one of the forms."""
        from opsledger.calendar.feed import feed
        from opsledger.report.calendar import calendar_json, calendar_text

        if form == "ics":
            text = feed(self.entries, name="opsledger", made=self.made, until=self.end).decode()
            return iter(text.removesuffix("\n").split("\n"))
        if form == "json":
            return calendar_json(self.entries, self.calendar.doubts)
        return calendar_text(self.entries, self.start, self.end, self.calendar.doubts)


@contextmanager
def printed(
    caller: Caller, at: str, start: datetime | None, end: datetime | None, as_of: datetime | None,
    *, environment: str = "", cis: Collection[str] = (),
) -> Iterator[Planned]:  # fmt: skip
    """
    Open the calendar and what is on it in a span.

    Raises:
        NoSuchRecord: an environment or component is not there.
        Refused: the span is none, or longer than anybody can read.
    """
    from opsledger.calendar.agenda import agenda

    now = as_of or caller.now
    first = start or now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = end or (first + _MONTH if start else (first + _MONTH).replace(day=1))
    if not first < last <= first + _MOST:
        raise Refused(f"{first:%Y-%m-%d} to {last:%Y-%m-%d} is no span that can be shown", "name up to three years")
    with calendar_at(caller, at) as (ledger, calendar):
        known = [ledger.record(id).id for id in (environment, *cis) if id]
        entries = agenda(
            ledger, calendar, first, last, now=now, environment=environment, cis=known[bool(environment) :]
        )
        yield Planned(calendar, entries, first, last, ledger.snapshot.when or now)


@contextmanager
def calendar_at(caller: Caller, at: str) -> Iterator[tuple[Ledger, Calendar]]:
    """Open the ledger with its own windows."""
    from opsledger.calendar import calendar_of

    with ledger_at(caller, at) as ledger:
        yield ledger, calendar_of(ledger.of("window") if "window" in ledger.kinds else (), ledger)


def environment_called(ledger: Ledger, id: str) -> Record:
    """
    Return the environment of an id.

    Raises:
        NoSuchRecord: there is none.
        Refused: it is something else.
    """
    record = ledger.record(id)
    if record.kind.name != "environment":
        raise Refused(f"{id} is a {record.kind.name}, not an environment", "`opsledger list environment` names them")
    return record
