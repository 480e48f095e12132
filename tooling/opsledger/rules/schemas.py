"""What a step does to the schemas: both the base's and the new ones must hold, and old records must not fall out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from opsledger.finding import Fault
from opsledger.kind import Kind, Kinds
from opsledger.ledger import Ledger, Record
from opsledger.rules.register import Found
from opsledger.store import Snapshot

NAMED = 5


def schema_notes(judging: Kinds, own: Kinds) -> Iterator[str]:
    """What the reader should be told of kinds that the step brings or changes."""
    for kind in own.values():
        if kind.name not in judging:
            yield f"{kind.name} is a new kind: its records are judged by its own schema, {_file(kind)}"
        elif judging[kind.name].digest != kind.digest:
            yield f"{_file(kind)} changed: records must hold under the base's schema and under the new one"


def schema_faults(ledger: Ledger, base: Snapshot, own: Kinds) -> Iterator[Found]:
    """
    Judge the records by the schemas that the step brings, beside those of the base.

    Args:
        ledger: loaded under the base's kinds, and those that the base does not know.
        base: where the step starts.
        own: the kinds as the judged snapshot states them.
    """
    for kind in own.values():
        if ledger.kinds[kind.name].digest != kind.digest:
            yield from _under_the_new(ledger, base, kind)
    judging = ledger.kinds.elders or ledger.kinds
    if {kind.name: kind.folder for kind in own.values()} != {kind.name: kind.folder for kind in judging.values()}:
        yield from _moved_out(ledger, own)
    for name in sorted(set(ledger.kinds) - set(own)):
        left = ledger.of(name)
        if left and f"{name}.json" not in own.broken:
            path = _file(ledger.kinds[name])
            plural = f"{ledger.kinds[name].plural} remain" if len(left) > 1 else f"{name} remains"
            words = f"{path} is gone, but {len(left)} {plural}, such as {left[0].id}"
            yield Found(path, Fault("", "SCH011", words, "restore the schema, or move its records first"))


def _file(kind: Kind) -> str:
    return f"schemas/{kind.name}.json"


def _under_the_new(ledger: Ledger, base: Snapshot, kind: Kind) -> Iterator[Found]:
    refused: list[Record] = []
    for record, data in ledger.data_of(ledger.of(kind.name)):
        faults = kind.faults(data, record.id)
        if not faults:
            continue
        if base.files.get(record.path) == record.blob:
            refused.append(record)
        else:
            known = {(fault.pointer, fault.code) for fault in record.kind.faults(data, record.id)}
            yield from (Found(record.path, fault) for fault in faults if (fault.pointer, fault.code) not in known)
    if refused:
        yield Found(
            _file(kind),
            Fault(
                "",
                "SCH011",
                _words(kind, refused),
                "widen the schema, move the records, then narrow it, in three steps",
            ),
        )


def _moved_out(ledger: Ledger, own: Kinds) -> Iterator[Found]:
    """Records that would lie in another kind's folder, or in none, once the new schemas hold."""
    left: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path, id, name in ledger.database.execute("SELECT path, id, kind FROM record ORDER BY path"):
        there = own.of_path(path)
        if name in own and (there is None or there.name != name):
            left[name, there.name if there is not None else ""].append(id)
    for (name, taker), ids in sorted(left.items()):
        plural = own[name].plural if len(ids) > 1 else name
        taken = f"takes {len(ids)} {plural} for {own[taker].plural}" if taker else f"leaves {len(ids)} {plural} behind"
        path = _file(own[taker or name])
        apart = f"choose a folder apart from {ledger.kinds[name].folder}"
        fix = apart if taker else f"keep the folder {ledger.kinds[name].folder}"
        yield Found(path, Fault("", "SCH011", f"{path} {taken}, such as {ids[0]}", fix))


def _words(kind: Kind, refused: Sequence[Record]) -> str:
    named = ", ".join(record.id for record in refused[:NAMED])
    more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    plural = f"{kind.plural} that were" if len(refused) > 1 else f"{kind.name} that was"
    return f"{_file(kind)} refuses {len(refused)} {plural} there before: {named}{more}"
