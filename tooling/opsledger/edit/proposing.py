"""A proposal before it is pushed: which files it takes, what it is called, and what it says of itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from opsledger.approvals import Tally
from opsledger.errors import NoSuchRecord, Refused
from opsledger.history import field_changes
from opsledger.ledger import Ledger, Record
from opsledger.steps import Step
from opsledger.store import Snapshot

EXECUTABLE = "executable"
_LONGEST = 1 << 26
_MOST = 6
"""How many fields of one record a commit's message names."""


def taken(here: Snapshot, committed: Snapshot, only: Collection[str]) -> Mapping[str, bytes | None]:
    """
    What differs between the work tree and the commit that it grew from: path → bytes, or `None` where a file is gone.

    Args:
        only: these paths; none for all.

    Raises:
        Refused: a file is too long to be taken.
    """
    changed = [
        path for path, blob in here.files.items() if committed.files.get(path) != blob or _turned(path, here, committed)
    ]
    gone = [path for path in committed.files if path not in here.files and path not in here.odd]
    found: dict[str, bytes | None] = {}
    for path in (*changed, *gone):
        if only and path not in only:
            continue
        data = here.read(path, limit=_LONGEST) if path in here.files else None
        if data is not None and len(data) > _LONGEST:
            raise Refused(f"{path} is longer than 64 MiB", "commit it yourself, or leave it out")
        found[path] = data
    return found


def executable(here: Snapshot, paths: Collection[str]) -> frozenset[str]:
    """Those of the files that may be executed."""
    return frozenset(path for path in paths if here.odd.get(path) == EXECUTABLE)


def left_out(here: Snapshot, committed: Snapshot) -> tuple[str, ...]:
    """What differs and is no plain file, so that no proposal takes it."""
    odd = (path for path, sort in here.odd.items() if sort != EXECUTABLE and committed.odd.get(path) != sort)
    return tuple(sorted(odd))


def _turned(path: str, here: Snapshot, committed: Snapshot) -> bool:
    return (here.odd.get(path) == EXECUTABLE) != (committed.odd.get(path) == EXECUTABLE)


def paths_of(ids: Sequence[str], here: Ledger, committed: Ledger) -> frozenset[str]:
    """
    The files of records and of what was written with them, as they stand and as they stood.

    With a release come the changes that it carries out, and the components that wait for a version of it.

    Raises:
        NoSuchRecord: there is none of that id, and there was none.
    """
    found = set()
    for id in ids:
        now, before = here.find(id), committed.find(id)
        if now is None and before is None:
            raise NoSuchRecord(id)
        found |= {record.path for record in (now, before) if record is not None}
        found |= {record.path for record in _written_with(now, here)}
    return frozenset(found)


def _written_with(record: Record | None, here: Ledger) -> Iterator[Record]:
    if record is None or record.kind.name != "release":
        return
    yield from here.naming(record.id, "ci", at="/pending/release")
    for _, id in record.items("/changes"):
        change = here.find(str(id))
        if change is not None:
            yield change


def sentences(steps: Sequence[Step], changed: Collection[str], first: Collection[str] = ()) -> tuple[str, ...]:
    """What each step does, in plain words, some records first; then the files that are no records."""
    known = {record.path for step in steps for record in (step.before, step.after) if record is not None}
    ordered = sorted(steps, key=lambda step: (step.record not in first, not step.is_move))
    said = (_sentence(step) for step in ordered)
    return (*said, *(f"{path} changes" for path in sorted(set(changed) - known)))


def _sentence(step: Step) -> str:
    before, after = step.before, step.after
    if after is None:
        return f"{step.record}: removed"
    if before is None:
        state = f", {after.state}" if after.state else ""
        return f"{step.record}: new {after.kind.name}{state}"
    if step.is_move:
        return f"{step.record}: {before.state or step.start} → {after.state}"
    fields = list(dict.fromkeys(change.pointer for change in field_changes(before.data, after.data)))
    listed = ", ".join(field.lstrip("/").replace("/", ".") for field in fields[:_MOST])
    more = " …" if len(fields) > _MOST else ""
    return f"{step.record}: {listed}{more}" if fields else f"{step.record}: written anew"


def titled(said: Sequence[str], title: str) -> str:
    """The first line of the commit and the title of the pull request."""
    if title or not said:
        return title or "Propose changes"
    return said[0] if len(said) == 1 else f"{said[0]}, and {len(said) - 1} more"


def message(title: str, said: Sequence[str]) -> str:
    """The commit's message."""
    body = "\n".join(said) if list(said) != [title] else ""
    return f"{title}\n\n{body}\n" if body else f"{title}\n"


def branch_for(steps: Sequence[Step], known: Collection[str], called: str = "") -> str:
    """
    A branch named after a record, numbered where the name is taken.

    Args:
        called: the record that it is named after; the first one that moves where none is said.
    """
    first = next((step for step in steps if step.is_move), steps[0] if steps else None)
    name = f"propose/{called or (first.record if first is not None else 'files')}"
    if name not in known:
        return name
    return next(f"{name}-{number}" for number in range(2, 10_000) if f"{name}-{number}" not in known)


def still_to_sign(waiting: Sequence[tuple[str, Tally]], command: str) -> Iterator[str]:
    """Who must sign what before it can be merged, and the one command with which each of them does."""
    subjects: dict[str, None] = {}
    for gate, there in waiting:
        what = f"the {there.asked.scope} of {there.subject}"
        for role in there.missing:
            who = ", ".join(there.holders.get(role, ())) or "nobody holds it and did not write it"
            yield f"{gate} waits for {what} to be signed by {role}: {who}"
        if there.short:
            yield f"{gate} waits for {there.short} more to sign {what}"
        if not there.is_met:
            subjects[there.subject] = None
    if subjects:
        yield f"    {command.format(subject=' '.join(subjects))}"
