"""Records before and after: what a pull request or push did, from two snapshots."""

from __future__ import annotations

from dataclasses import dataclass

from opsledger.intake import SUFFIX, id_of
from opsledger.ledger import Ledger, Record
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read
from opsledger.yamlfile.pointers import at


@dataclass(frozen=True)
class Step:
    """One record before and after a pull request or push; `None` is a record that is not there."""

    record: str
    before: Record | None
    after: Record | None

    @property
    def is_move(self) -> bool:
        """Whether it took a record to another state, or brought a new one in another state than the first."""
        if self.after is None or self.after.kind.lifecycle is None:
            return False
        return self.after.state not in (None, self.start)

    @property
    def start(self) -> str | None:
        """The state that the record was in; the first of its kind where it is new, or was none of that kind."""
        lifecycle = self.after.kind.lifecycle if self.after is not None else None
        if self.after is None or lifecycle is None:
            return None
        if self.before is None or self.before.kind != self.after.kind:
            return lifecycle.initial
        return self.before.state or lifecycle.initial


def steps_between(base: Snapshot, ledger: Ledger) -> tuple[Step, ...]:
    """
    The steps of the records that differ, by id.

    A record whose file moved is one step and not two. A file that cannot be read on either side makes no step: it is
    neither deleted nor new.
    """
    before = {record.id: record for path in _changed(base, ledger.snapshot) if (record := _read(base, ledger, path))}
    after: dict[str, Record] = {}
    for path in _changed(ledger.snapshot, base):
        record = ledger.at_path(path)
        if record is not None:
            after[record.id] = record
    steps = []
    for id in sorted({*before, *after}):
        old, new = before.get(id), after.get(id)
        new = new or (ledger.find(id) if old else None)
        if old is not None and new is None and _is_told_otherwise(ledger, old):
            continue
        if new is None or new.is_readable:
            steps.append(Step(id, old, new))
    return tuple(steps)


def _changed(here: Snapshot, there: Snapshot) -> list[str]:
    """The paths of one snapshot that the other lacks or has with other content."""
    other = there.files
    return [path for path, blob in here.files.items() if other.get(path) != blob]


def _read(base: Snapshot, ledger: Ledger, path: str) -> Record | None:
    kind = ledger.kinds.of_path(path) if path.endswith(SUFFIX) else None
    found = read(base.read(path)) if kind else None
    if kind is None or found is None or isinstance(found, Unreadable):
        return None
    title = at(found, kind.title_pointer)
    return Record(id_of(kind, path, found), kind, path, base.files[path], kind.state_of(found), str(title or ""), base)


def _is_told_otherwise(ledger: Ledger, record: Record) -> bool:
    """Whether the record's file is still there, and it is said already that it cannot be read or lies about its id."""
    here = ledger.at_path(record.path)
    if here is None:
        return record.path in ledger.snapshot.files or record.path in ledger.snapshot.odd
    return not here.is_readable or record.kind.id_from == "/id"
