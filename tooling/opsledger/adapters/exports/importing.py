"""An export as a whole: each row read, turned into a record and judged, and what was wrong with which row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from opsledger.adapters.exports.fieldmaps import FieldMap
from opsledger.adapters.exports.mapping import Brought, Look, brought
from opsledger.adapters.exports.rows import Rows, read_rows
from opsledger.edit.bringing import Arrived, Coming, Origin, bring
from opsledger.edit.plan import Plan
from opsledger.edit.shape import shape_of
from opsledger.errors import Refused
from opsledger.finding import Finding, Place, Progress, Severity, silent
from opsledger.ledger import Ledger
from opsledger.moments import written
from opsledger.people import People, people_of

CODE = "SYN983"
_MOST = 30
"""How many columns are named."""
_YEARS = ("logged", "submitted", "detected_at", "started_at", "closed")
"""Fields that say when a record was born, the best first."""


@dataclass(frozen=True)
class Imported:
    """
    What an import would do.

    Args:
        plan: the files that it writes.
        findings: what was wrong with which row, in the order of the file.
        taken: how many rows become or change a record.
        unchanged: how many say the same as the records that are here.
        passed_over: how many the field map does not take.
    """

    plan: Plan
    findings: tuple[Finding, ...]
    taken: int
    unchanged: int
    passed_over: int


def import_rows(
    data: bytes,
    form: str,
    fields: FieldMap,
    ledger: Ledger,
    *,
    name: str,
    now: datetime,
    taken: Iterable[str],
    accept: Callable[[Plan], object],
    progress: Progress = silent,
) -> Imported:
    """
    Plan what an export brings.

    Args:
        data: the export.
        form: `csv` or `json`.
        name: what the export is called, for findings.
        now: when it was read.
        taken: ids that nobody else may get.
        accept: raises when a plan would break the ledger.

    Raises:
        Refused: the export as a whole cannot be read, or the field map does not fit it.
    """
    kind = ledger.kinds[fields.kind]
    whole, look = shape_of(kind), look_of(ledger, fields.system, now)
    rows = read_rows(data, form, delimiter=fields.delimiter, where=fields.rows)
    if fields.key not in rows.columns and (form == "csv" or rows.rows):
        shown = ", ".join(rows.columns[:_MOST]) or "none"
        raise Refused(
            f"the export has no column {fields.key!r}, by which {fields.id} knows its rows; it has {shown}",
            "choose another field map, or correct `key` in it",
        )
    all_rows = []
    for number, row in enumerate(rows.rows):
        progress(number, len(rows.rows), "rows")
        all_rows.append(brought(row, fields, whole, look))
    wanted = [one for one in all_rows if one.is_wanted]
    findings = [*_unused(rows, fields, name), *(finding for one in wanted for finding in _troubles(one, name))]
    sound = [one for one in wanted if one.is_sound]
    findings += _said_twice(sound, name)
    first = {one.key: one for one in reversed(sound)}
    coming = [_coming(one, fields, now) for one in sound if first[one.key] is one]
    origin = Origin(form, fields.system, written(now.replace(microsecond=0)))
    arrived = bring(coming, kind, origin, ledger, taken=taken, accept=accept, unready=fields.unready)
    findings += _unready(arrived, {one.row.line: one for one in sound}, name, fields)
    findings += _refused(arrived, {one.row.line: one for one in sound}, name)
    return Imported(
        arrived.plan,
        tuple(sorted(findings)),
        taken=len(arrived.plan.writes),
        unchanged=len(arrived.unchanged),
        passed_over=len(all_rows) - len(wanted),
    )


def _coming(one: Brought, fields: FieldMap, now: datetime) -> Coming:
    born = next((str(one.data[name]) for name in _YEARS if name in one.data), "")
    year = int(born[:4]) if born[:4].isdigit() else now.year
    return Coming(one.key, one.data, one.row.line, year, fields.url.replace("{key}", one.key))


def _unused(rows: Rows, fields: FieldMap, name: str) -> Iterator[Finding]:
    """The columns that the map would take and that no row has."""
    lacking = [one.column for one in fields.fillings if one.column and one.column not in rows.columns]
    if lacking and rows.rows:
        said = f"the export has nothing under {', '.join(dict.fromkeys(lacking))}"
        yield Finding(Place(name), CODE, said, "export those columns too, if they hold something", Severity.NOTE)


def _troubles(one: Brought, name: str) -> Iterator[Finding]:
    for trouble in one.troubles:
        severity = Severity.ERROR if trouble.is_grave else Severity.WARNING
        yield Finding(Place(name, one.row.line), CODE, f"{_row(one)}: {trouble.message}", trouble.fix, severity)


def _said_twice(rows: Sequence[Brought], name: str) -> Iterator[Finding]:
    first: dict[str, Brought] = {}
    for one in rows:
        before = first.setdefault(one.key, one)
        if before is not one:
            said = f"{_row(one)}: {one.key} stands in row {before.row.number} already, and that row was taken"
            yield Finding(Place(name, one.row.line), CODE, said, "export each only once")


def _refused(arrived: Arrived, rows: dict[int, Brought], name: str) -> Iterator[Finding]:
    for line, said in arrived.refused.items():
        for one in said:
            yield Finding(Place(name, line), one.code, f"{_row(rows[line])}: {one.message}", one.fix)


def _unready(arrived: Arrived, rows: dict[int, Brought], name: str, fields: FieldMap) -> Iterator[Finding]:
    """What rows lack that come in in an earlier state than they had."""
    for line, said in arrived.unready.items():
        lacking = ", ".join(dict.fromkeys(one.pointer.lstrip("/").replace("/", ".") for one in said))
        words = f"{_row(rows[line])}: it comes in as {fields.unready}, for its own state asks here for {lacking}"
        yield Finding(Place(name, line), CODE, words, "fill that in, then move it on", Severity.WARNING)


def _row(one: Brought) -> str:
    return f"row {one.row.number} ({one.key})" if one.key else f"row {one.row.number}"


def look_of(ledger: Ledger, system: str, now: datetime) -> Look:
    """Who and what a ledger knows, for the names that an export of a system uses."""
    people = people_of(ledger.snapshot, ledger.kinds)
    known: dict[str, tuple[str, ...]] = {}

    def party(text: str) -> tuple[str, ...]:
        if text not in known:
            known[text] = tuple(dict.fromkeys(_parties(text, ledger, people, system, now)))
        return known[text]

    def record(text: str, kinds: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_records(text, kinds, ledger)))

    return Look(party, record)


def _parties(text: str, ledger: Ledger, people: People, system: str, now: datetime) -> Iterator[str]:
    """The best way to know somebody that leads anywhere: id, e-mail, account there, key there, then the name."""
    if text in people.parties:
        yield text
        return
    by_address = people.by_email(text) if "@" in text else None
    by_account = people.by_account(system, login=text, at=now)
    found = [one.id for one in (by_address, by_account) if one is not None]
    found += [one.id for one in ledger.declaring("external", text, "party")]
    yield from found or _titled(text, ("party",), ledger)


def _records(text: str, kinds: Sequence[str], ledger: Ledger) -> Iterator[str]:
    wanted = ledger.kinds if "*" in kinds else kinds
    for name in wanted:
        prefix = ledger.kinds[name].prefix if name in ledger.kinds else ""
        for id in (text, f"{prefix}-{text}"):
            record = ledger.find(id)
            if record is not None and record.kind.name == name:
                yield record.id
                return
    found = [one.id for one in ledger.declaring("external", text) if one.kind.name in wanted]
    yield from found or _titled(text, wanted, ledger)


def _titled(text: str, kinds: Iterable[str], ledger: Ledger) -> Iterator[str]:
    for kind in kinds:
        rows = ledger.database.execute("SELECT id FROM record WHERE kind = ? AND title = ? ORDER BY id", (kind, text))
        yield from (id for (id,) in rows)
