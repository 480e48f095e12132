"""Another id for a record that nobody else knows yet: its file, its id and every reference to it, in one plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from opsledger.edit.numbering import next_id, path_for
from opsledger.edit.plan import Plan, Write
from opsledger.errors import Refused
from opsledger.ledger import Ledger, Record
from opsledger.yamlfile import set_values


def plan_renumber(ledger: Ledger, id: str, new: str = "", *, known: Collection[str], is_new: bool, year: int) -> Plan:
    """
    Plan to give a record another id.

    Args:
        ledger: of the work tree.
        id: that the record has.
        new: that it gets; empty for the next free one.
        known: the ids that the base branch has.
        is_new: whether the record came with this branch, so that nobody relies on its id yet.
        year: of the new id, where ids carry one.

    Raises:
        NoSuchRecord: nobody is called that.
        Refused: the record is on the base, the new id is taken or of another sort, or a file cannot be read.
    """
    record = ledger.record(id)
    _refuse(ledger, record, is_published=record.id in known and not is_new)
    taken = {one.id for one in ledger.records()} | set(known)
    new = new or next_id(record.kind, _without_id(record), taken=taken, year=year)
    if new in taken:
        raise Refused(f"{new} exists already", "choose another id, or leave it out")
    if record.kind.prefix and not new.startswith(f"{record.kind.prefix}-"):
        raise Refused(f"{new} is no id of a {record.kind.title.lower()}", f"start it with {record.kind.prefix}-")
    changes = _changes(ledger, record, new)
    path = _new_path(record, new)
    own = record.snapshot.read(record.path)
    writes = [Write(path, None, set_values(own, changes.pop(record.path, {})))]
    for other, values in sorted(changes.items()):
        source = ledger.snapshot.read(other)
        writes.append(Write(other, source, set_values(source, values)))
    # The old file goes last: stopped before that, the same command finds its work and ends it.
    writes.append(Write(record.path, own, None))
    count = len(changes)
    others = f"{count} other {'record names' if count == 1 else 'records name'} it so too"
    elsewhere = others if count else "no other record named it"
    return Plan(tuple(writes), (f"{id} is {new} now; {elsewhere}",))


def _refuse(ledger: Ledger, record: Record, *, is_published: bool) -> None:
    """Refuse where a new id would break what others rely on, or cannot be carried through."""
    if is_published:
        raise Refused(
            f"{record.id} is on the base branch, where others may name it, so it keeps its id",
            "leave it, and open a new record if it says something else",
        )
    if record.kind.id_from == "path":
        raise Refused(f"{record.id} is called after its path", "move the file with git mv")
    if record.id in ledger.in_doubt:
        raise Refused(
            f"{record.id} cannot be read, or stands in two files", "mend that first: opsledger check says how"
        )
    if ledger.unreadable:
        first = min(ledger.unreadable)
        raise Refused(f"{first} cannot be read, and it may name {record.id}", "mend it first: opsledger check says how")


def _without_id(record: Record) -> Mapping[str, object]:
    return {name: value for name, value in record.data.items() if name != "id"}


def _changes(ledger: Ledger, record: Record, new: str) -> dict[str, dict[str, str]]:
    """Return what becomes of each file: pointers to new values."""
    changes: defaultdict[str, dict[str, str]] = defaultdict(dict)
    changes[record.path][record.kind.id_from] = new
    for link in ledger.backlinks(record.id):
        path = ledger.record(link.source).path
        changes[path][link.pointer] = f"{new}#{link.fragment}" if link.fragment else new
    return dict(changes)


def _new_path(record: Record, new: str) -> str:
    """Return where the record goes: to its proper place if it was in one, else beside where it was."""
    if record.kind.id_from != "/id":
        return str(PurePosixPath(record.path).with_stem(new))
    if record.path == path_for(record.kind, record.id, record.data):
        return path_for(record.kind, new, record.data)
    return str(PurePosixPath(record.path).with_stem(new))
