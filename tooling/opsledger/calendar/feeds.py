"""The feeds of a ledger: one for each service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from opsledger.calendar.agenda import agenda, parts_below, services
from opsledger.calendar.calendar import AHEAD, Calendar
from opsledger.calendar.feed import feed
from opsledger.ledger import Ledger

_BEFORE = timedelta(days=31)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def feeds(ledger: Ledger, calendar: Calendar, *, now: datetime, made: datetime) -> Mapping[str, bytes]:
    """
    The iCalendar feed of each service, by the name of its file: from a month ago to a year ahead.

    Args:
        now: the time around which it is told.
        made: the time of the commit that it tells of.
    """
    start, end = now - _BEFORE, now + AHEAD
    found = {}
    for service in services(ledger):
        if _FILE.fullmatch(service.id):
            entries = agenda(ledger, calendar, start, end, now=now, cis=parts_below(ledger, service.id))
            name = f"{service.title} ({service.id})"
            found[f"{service.id}.ics"] = feed(entries, name=name, made=made, until=end)
    return found
