"""Time zones from the tzdata package, so that every machine reads a wall clock alike; zoneinfo lives here."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache


class NoSuchZone(ValueError):
    """The IANA database knows no zone of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"no time zone is called {self.name!r}"


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """
    The time zone of a name such as *Europe/Berlin*.

    The machine's own database is not asked: two machines whose databases differ in age would decide differently.

    Raises:
        NoSuchZone: there is none.
    """
    from importlib import resources
    from zoneinfo import ZoneInfo

    if name == "UTC":
        return UTC
    if name not in _names():
        raise NoSuchZone(name)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    from importlib import resources

    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def on_the_clock(wall: datetime, place: tzinfo) -> datetime:
    """
    The moment at which a clock on the wall shows a time, in UTC.

    A time that comes twice when the clock is put back means the first. One that is left out when the clock is put
    forward is read with the offset that held before: 02:30 of that night in Berlin is 03:30 by summer time.

    Source:
        RFC 5545, 3.3.5.
    """
    return wall.replace(tzinfo=place, fold=0).astimezone(UTC)
