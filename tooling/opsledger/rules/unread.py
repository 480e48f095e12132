"""What cannot be read and may be the very record that a gate looks for, so that nothing is decided."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Ledger
from opsledger.rules.register import Found

_MISSHAPEN = ("SCH001", "SCH005", "SCH006")


def unread(ledger: Ledger, code: str, kind: str, matter: str, fields: tuple[str, ...] = ()) -> Iterator[Found]:
    """
    The files of a kind that a question may be about and that nobody can tell from others, as undecided findings.

    Args:
        matter: what nobody knows of such a file, as the end of *nobody knows whether …*.
        fields: pointers; a file that can be read is among them where its schema refuses what stands there.
    """
    rows = ledger.database.execute(
        # From the faults, of which there are few: SQLite would rather look at every record of the kind.
        "SELECT record.path, record.readable, record.done, fault.code, fault.pointer FROM fault "
        "CROSS JOIN record ON record.number = fault.record "
        "WHERE record.kind = ? AND fault.code GLOB 'SCH*' ORDER BY record.path, fault.rowid",
        (kind,),
    )
    told: set[str] = set()
    for path, readable, done, fault, pointer in rows:
        doubtful = not readable or (not done and fault in _MISSHAPEN and _touches(pointer, fields))
        if doubtful and path not in told:
            told.add(path)
            said = f"{path} cannot be read as {_article(kind)}, so nobody knows whether {matter}"
            fix = "mend it: `opsledger check` says what is wrong there"
            yield Found(path, Fault("" if not readable else pointer, code, said, fix), undecided=True)


def must_declare(ledger: Ledger, kind: str, space: str) -> None:
    """
    Make sure that records of a kind are found by a value that they declare, before anything is concluded from none.

    Raises:
        Undecided: the ledger's own schema of the kind declares no such value.
    """
    known = ledger.kinds.get(kind)
    if known is not None and space not in known.annotations.declares:
        missing = f"the ledger's own schema of {kind} lacks `x-declares: {space}`, so no {kind} is found by that"
        raise Undecided(missing, f"take it over into schemas/{kind}.json: `opsledger kinds {kind}` shows the kind")


def _touches(pointer: str, fields: tuple[str, ...]) -> bool:
    return bool(fields) and (pointer == "" or any(pointer == one or pointer.startswith(f"{one}/") for one in fields))


def _article(kind: str) -> str:
    from opsledger.kind.wording import with_article

    return with_article(kind)
