"""Hours that come back every week, such as those at which a component is used most."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from opsledger.calendar.zones import zone

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def in_hours(hours: Mapping[str, Any], at: datetime) -> bool:
    """
    Whether a moment lies in some weekly hours, by the clock of their zone; those that end before they start end on the
    day after.

    Raises:
        NoSuchZone: their zone does not exist.
    """
    wall = at.astimezone(zone(hours["time_zone"])).replace(tzinfo=None)
    start, end = time.fromisoformat(hours["from"]), time.fromisoformat(hours["until"])
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        begins = datetime.combine(day, start)
        ends = datetime.combine(day + timedelta(days=end <= start), end)
        if _DAYS[day.weekday()] in hours["days"] and begins <= wall < ends:
            return True
    return False
