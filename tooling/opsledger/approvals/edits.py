"""Which fields of an approved scope were edited since, as far as it can be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opsledger.approvals.model import Approval
from opsledger.approvals.scopes import content_of, parts_of


def edited_since(approval: Approval, data: Mapping[str, Any]) -> tuple[str, ...]:
    """
    The pointers at which something else stands than was approved, by the digests that the approval keeps of its parts.

    Returns:
        Nothing where it keeps none.
    """
    if not approval.parts:
        return ()
    now = parts_of(data, approval.pointers)
    return tuple(sorted(key for key in {*now, *approval.parts} if now.get(key) != approval.parts.get(key)))


def edited_between(before: Mapping[str, Any], after: Mapping[str, Any], pointers: Iterable[str]) -> tuple[str, ...]:
    """The pointers within a scope at which two readings of a record differ, as deep as they lie."""
    from opsledger.history import field_changes

    pointers = tuple(pointers)
    changes = field_changes(content_of(before, pointers), content_of(after, pointers))
    # The content's keys are pointers themselves: the first part of where a change stands is one, written as a key.
    return tuple(_unfolded(change.pointer) for change in changes)


def _unfolded(pointer: str) -> str:
    from opsledger.yamlfile.pointers import parts
    from opsledger.yamlfile.pointers import pointer as joined

    first, *rest = parts(pointer)
    return first + joined(rest)
