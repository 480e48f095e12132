"""What `import csv --map` and `import json --map` do: rows of another system become records, for review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opsledger.cli.brought import bytes_brought
from opsledger.cli.caller import Caller
from opsledger.cli.screen import show, tell, watched
from opsledger.cli.writing import Desk, desk, finish
from opsledger.edit.base import stems
from opsledger.finding import Finding, Severity
from opsledger.report.plain import counted, escape

if TYPE_CHECKING:
    from opsledger.adapters.exports import FieldMap
    from opsledger.adapters.exports.importing import Imported


def bring_records(caller: Caller, form: str, file: str, name: str, *, base: str | None, dry_run: bool) -> int:
    """
    Write the records that an export comes to into the work tree.

    Args:
        form: `csv` or `json`.
        name: the field map: an id, one that the tool brings along, or a file.

    Returns:
        1 where a row was not taken, else 0.
    """
    from opsledger.adapters.exports.importing import import_rows
    from opsledger.adapters.exports.rows import MOST_BYTES

    data = bytes_brought(caller, file, most=MOST_BYTES, what="export")
    with desk(caller, base) as at:
        fields = _fields(caller, at, name)
        kind = at.ledger.kinds[fields.kind]
        taken = {record.id for record in at.ledger.records()} | stems(at.base, [kind.folder])
        with watched("reading") as progress:
            imported = import_rows(
                data, form, fields, at.ledger, name=file, now=caller.now, taken=taken, accept=at.accept,
                progress=progress,
            )  # fmt: skip
        finish(imported.plan, at.root, dry_run=dry_run)
    for finding in imported.findings:
        _tell(finding)
    refused = {one.place.line for one in imported.findings if one.severity is Severity.ERROR}
    show([_summary(imported, len(refused))])
    return int(bool(refused))


def _fields(caller: Caller, at: Desk, name: str) -> FieldMap:
    from opsledger.adapters.exports import field_map_called

    file = Path(caller.directory, name)
    is_file = name.endswith((".yaml", ".yml")) and file.is_file()
    return field_map_called(name, at.ledger, file.read_bytes() if is_file else None)


def _tell(finding: Finding) -> None:
    weight = "" if finding.severity is Severity.ERROR else f" ({finding.severity.word})"
    tell(f"{escape(str(finding.place))}: {finding.code}{weight} {escape(finding.message)}")
    if finding.fix:
        tell(f"    fix: {escape(finding.fix)}")


def _summary(imported: Imported, refused: int) -> str:
    rest = f", {counted(imported.passed_over, 'row')} passed over" if imported.passed_over else ""
    return (
        f"{counted(imported.taken, 'record')} written, {imported.unchanged} as before, "
        f"{counted(refused, 'row')} not taken{rest}"
    )
