"""What a forge answered about the protection of a branch, kept as a record of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opsledger.canonical import digest
from opsledger.edit.creating import ordered
from opsledger.edit.numbering import path_for
from opsledger.edit.plan import Plan, Write
from opsledger.edit.shape import shape_of
from opsledger.kind import Kind
from opsledger.moments import written
from opsledger.yamlfile import write

_LONGEST = 240


@dataclass(frozen=True)
class Seen:
    """
    One answer.

    Args:
        outcome: *enforced*, *missing* or *unknown*.
        is_advice: whether the flow holds without it.
    """

    name: str
    outcome: str
    sentence: str
    is_advice: bool = False


_RESULTS = {"enforced": "passed", "missing": "failed", "unknown": "not-run"}


def plan_protection(
    kind: Kind, seen: Sequence[Seen], *, address: str, branch: str, sort: str, now: datetime, by: str = ""
) -> Plan:
    """
    Plan the record of evidence that says how far a forge guards a branch.

    Args:
        kind: of evidence records.
        address: of the repository.
        sort: of the forge, which is the name of the adapter.
        by: the party that asked, or empty.
    """
    at = written(now.replace(microsecond=0))
    cases = [{"key": one.name, "actual": one.sentence, "result": _RESULTS[one.outcome]} for one in seen]
    data: dict[str, Any] = {
        "title": f"Protection of {branch} in {address}"[:_LONGEST],
        "type": "protection",
        **({"performed_by": [{"party": by}]} if by else {}),
        "at": at,
        "result": result_of(seen),
        "cases": cases,
        "source": {"adapter": sort, "id": f"{address} {branch}"[:_LONGEST], "fetched_at": at, "digest": digest(cases)},
    }
    id = f"EVD-{now.year:04}-{digest(data).removeprefix('sha256:')[:12]}"
    whole = {"id": id, **data}
    text = write(ordered(whole, shape_of(kind)))
    return Plan((Write(path_for(kind, id, whole), None, text),))


def result_of(seen: Sequence[Seen]) -> str:
    """The word for all answers together: what is not known is never passed."""
    needed = {one.outcome for one in seen if not one.is_advice}
    if "missing" in needed:
        return "failed"
    if "unknown" in needed:
        return "not-run"
    return "passed" if all(one.outcome == "enforced" for one in seen) else "passed-with-issues"
