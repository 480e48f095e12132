"""Field maps as values: how a row's columns become a record's fields."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsledger import packaged
from opsledger.calendar.zones import NoSuchZone, zone
from opsledger.errors import Refused
from opsledger.kind import Kinds
from opsledger.ledger import Ledger
from opsledger.yamlfile import Unreadable, read

FOLDER = "fieldmaps"


@dataclass(frozen=True)
class Filling:
    """
    How one field is filled.

    Args:
        to: pointer pattern of the field; `*` stands for each of several values.
        column: where it comes from, or empty where `value` says it.
        value: what it always says; `None` where the column says it.
        words: their words → ours; empty where any text will do.
        sort: one of text, html, time, day, number, yes-no, party, record.
        split: what stands between several values in one cell, or empty.
        unknown: *refuse* or *leave-out*: what to do with a name that nobody here has.
    """

    to: str
    column: str = ""
    value: str | int | float | bool | None = None
    words: Mapping[str, str] | None = None
    sort: str = "text"
    split: str = ""
    unknown: str = "leave-out"


@dataclass(frozen=True)
class FieldMap:
    """
    How the rows of one export become records of one kind.

    Args:
        key: the column with a row's name over there.
        only: column → the words that it must say for the row to be taken.
        unready: the state of rows that lack what their own state asks here; empty to refuse them.
    """

    id: str
    system: str
    kind: str
    key: str
    fillings: tuple[Filling, ...]
    url: str = ""
    rows: str = ""
    delimiter: str = ""
    time_zone: str = ""
    time_formats: tuple[str, ...] = ()
    only: Mapping[str, frozenset[str]] | None = None
    unready: str = ""


def field_map(data: Mapping[str, Any]) -> FieldMap:
    """What a record of kind fieldmap says; it must fit its schema."""
    return FieldMap(
        id=data["id"],
        system=data["system"],
        kind=data["kind"],
        key=data["key"],
        fillings=tuple(_filling(one) for one in data["fields"]),
        url=data.get("url", ""),
        rows=data.get("rows", ""),
        delimiter=data.get("delimiter", ""),
        time_zone=data.get("time_zone", ""),
        time_formats=tuple(data.get("time_formats", ())),
        unready=data.get("unready", ""),
        only={one["from"]: frozenset(one["one_of"]) for one in data.get("only", ())},
    )


def _filling(stated: Mapping[str, Any]) -> Filling:
    return Filling(
        to=stated["to"],
        column=stated.get("from", ""),
        value=stated.get("value"),
        words=stated.get("words"),
        sort=stated.get("is", "text"),
        split=stated.get("split", ""),
        unknown=stated.get("unknown", "leave-out"),
    )


def ready_maps() -> Mapping[str, bytes]:
    """The field maps that the tool brings along, by name, such as `jira-change`."""
    found = packaged.files(FOLDER)
    return {name.removeprefix("FMP-").removesuffix(".yaml"): text for name, text in found.items()}


def field_map_called(name: str, ledger: Ledger, text: bytes | None = None) -> FieldMap:
    """
    The field map that somebody means: a record of the ledger, one that the tool brings along, or a file's text.

    Args:
        name: an id, with or without FMP-, or how a file is called.
        text: what the file holds; `None` where it is no file.

    Raises:
        Refused: there is none of that name, or it does not fit its schema.
    """
    if text is None:
        record = ledger.find(name) or ledger.find(f"FMP-{name}")
        if record is not None and record.kind.name == "fieldmap":
            return _sound(record.data, record.path, ledger.kinds)
        ready = ready_maps()
        text = ready.get(name.removeprefix("FMP-"))
        if text is None:
            near = difflib.get_close_matches(name.removeprefix("FMP-"), ready, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            known = ", ".join(sorted(ready))
            raise Refused(f"no field map is called {name!r}{hint}", f"name one of {known}, or a file")
    found = read(text)
    if isinstance(found, Unreadable):
        raise Refused(f"{name} cannot be read: {found.message}", "mend it")
    return _sound(found, name, ledger.kinds)


def _sound(data: Mapping[str, Any], where: str, kinds: Kinds) -> FieldMap:
    faults = kinds["fieldmap"].faults(dict(data), where)
    if faults:
        raise Refused(f"{where}: {faults[0].message}", faults[0].fix or "mend the field map")
    try:
        zone(data.get("time_zone", "UTC"))
    except NoSuchZone as unknown:
        raise Refused(f"{where}: {unknown}", "correct `time_zone`, as Europe/Berlin") from None
    if data["kind"] not in kinds:
        raise Refused(f"{where} makes records of kind {data['kind']!r}, and no schema defines it", "correct `kind`")
    return field_map(data)
