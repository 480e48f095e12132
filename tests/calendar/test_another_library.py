"""An independent calendar library reads the same windows and finds the same times."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from opsledger.calendar import calendar_of
from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.store import in_memory
from opsledger.yamlfile import write

KINDS = packaged_kinds()
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MANY = 1000
# Both clocks of a year change in all zones.
FIRST, LAST = datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)


def some_rule(chance: random.Random) -> str:
    frequency = chance.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    if chance.random() < 0.4:
        parts.append(f"INTERVAL={chance.randint(1, 4)}")
    if frequency == "WEEKLY":
        parts.append(f"BYDAY={','.join(chance.sample(DAYS, chance.randint(1, 3)))}")
        parts.append(f"WKST={chance.choice(DAYS)}")
    elif frequency in ("MONTHLY", "YEARLY") and chance.random() < 0.5:
        parts.append(f"BYDAY={chance.choice(['1', '2', '-1', '-2', '4'])}{chance.choice(DAYS)}")
        if frequency == "YEARLY" or chance.random() < 0.4:
            parts.append(f"BYMONTH={','.join(str(month) for month in sorted(chance.sample(range(1, 13), 4)))}")
    elif frequency == "MONTHLY":
        kind = chance.random()
        if kind < 0.4:
            parts.append(f"BYMONTHDAY={chance.choice([1, 15, 28, 29, 31, -1, -3])}")
        elif kind < 0.8:
            parts.append(f"BYDAY=MO,TU,WE,TH,FR;BYSETPOS={chance.choice([1, 3, -1])}")
    ending = chance.random()
    if ending < 0.2:
        parts.append(f"COUNT={chance.randint(1, 90)}")
    elif ending < 0.4:
        parts.append(f"UNTIL={(FIRST + timedelta(days=chance.randint(0, 300))):%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


def some_window(number: int, chance: random.Random) -> dict:
    """A window that starts on one of its rule's own times, at half past or on the hour, so that none is undefined."""
    from dateutil.rrule import rrulestr

    zone = ZoneInfo(chance.choice(ZONES))
    rule = some_rule(chance)
    naive = datetime.fromisoformat("2025-01-01") + timedelta(
        days=chance.randint(0, 500), minutes=30 * chance.randint(0, 47)
    )
    timeless = ";".join(part for part in rule.split(";") if not part.startswith(("UNTIL", "COUNT")))
    wall = next(iter(rrulestr(f"{timeless};COUNT=1", dtstart=naive)), None)
    if wall is None or f"{wall:UNTIL=%Y%m%d}" > rule[rule.find("UNTIL") :][:14] > "UNTIL":
        return some_window(number, chance)  # such a rule names no time at all
    start = wall.replace(tzinfo=zone)
    end = (wall + timedelta(minutes=30 * chance.randint(1, 60))).replace(tzinfo=zone)
    recurrence: dict = {"rule": rule}
    for key in ("except", "also"):
        if chance.random() < 0.3:
            times = [chance.randint(0, 280) for _ in range(2)]
            recurrence[key] = [
                datetime.combine((FIRST + timedelta(days=day)).date(), wall.time(), zone).isoformat() for day in times
            ]
    return {
        "id": f"WIN-{number}", "title": "Random", "type": "change-window", "state": "published",
        "start": start.isoformat(), "end": end.isoformat(), "time_zone": zone.key, "recurrence": recurrence,
    }  # fmt: skip


def theirs(window: dict) -> list[tuple[datetime, datetime]]:
    """The times that the other library finds."""
    zone = ZoneInfo(window["time_zone"])
    event = icalendar.Event()
    event.add("uid", window["id"])
    event.add("dtstart", datetime.fromisoformat(window["start"]).replace(tzinfo=zone))
    event.add("dtend", datetime.fromisoformat(window["end"]).replace(tzinfo=zone))
    event.add("rrule", icalendar.vRecur.from_ical(window["recurrence"]["rule"]))
    for key, name in (("except", "exdate"), ("also", "rdate")):
        for stated in window["recurrence"].get(key, ()):
            event.add(name, datetime.fromisoformat(stated).replace(tzinfo=zone))
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    found = recurring_ical_events.of(calendar).between(FIRST, LAST)
    return sorted((one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC)) for one in found)


def test_an_independent_library_finds_the_same_times_of_a_thousand_windows():
    chance = random.Random(20261120)
    windows = [some_window(number, chance) for number in range(MANY)]
    files = {f"records/windows/{one['id']}.yaml": write(one) for one in windows}
    ledger = load(in_memory(files, name="the test"), KINDS)
    calendar = calendar_of(ledger.of("window"), ledger)
    by_id = {record.id: record for record in calendar.records}

    ours = {
        one["id"]: [(span.start, span.end) for span in calendar.spans(by_id[one["id"]], FIRST, LAST)] for one in windows
    }
    differing = [one for one in windows if ours[one["id"]] != theirs(one)]
    ledger.database.close()

    assert [] == [doubt.missing for doubt in calendar.doubts]
    assert [] == differing
    assert MANY < sum(len(starts) for starts in ours.values())
