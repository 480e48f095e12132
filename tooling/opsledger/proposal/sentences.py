"""What a pull request does, in one plain sentence a record: for subjects, commit messages and titles."""

from __future__ import annotations

from collections.abc import Iterable

from opsledger.proposal.model import RecordStep

_MOST = 3


def sentences(steps: Iterable[RecordStep]) -> tuple[str, ...]:
    """
    Say of each record what happens to it, such as *REL-2026-0042: planned → plan-approved*.

    Returns:
        One sentence a record, in their order, without a stop; text of records stands in them as it is.
    """
    return tuple(map(_sentence, steps))


def _sentence(step: RecordStep) -> str:
    record = step.record
    title = f": {record.title}" if record.title else ""
    if step.sort == "new":
        state = f" ({record.state})" if step.states else ""
        return f"adds {record.id}{state}{title}"
    if step.sort == "deleted":
        return f"deletes {record.id}{title}"
    if step.states:
        return f"{record.id}: {' → '.join(step.states)}"
    if step.edits:
        return f"{record.id}: {_fields(step)}"
    return f"{record.id}: {'another file' if step.renamed_from else 'another order of its fields'}"


def _fields(step: RecordStep) -> str:
    """Name the fields that change, the first few."""
    names = list(dict.fromkeys(edit.where.partition(" › ")[0] for edit in step.edits))
    rest = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + rest
