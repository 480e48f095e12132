"""A release and all that is written with it: its standard change, the links of changes, the versions on their way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opsledger.edit.changing import plan_set
from opsledger.edit.creating import Accept, plan_new
from opsledger.edit.deriving import Draft
from opsledger.edit.deriving_changes import standard_change
from opsledger.edit.marking import with_short_marks
from opsledger.edit.numbering import next_id
from opsledger.edit.plan import Overtaken, Plan, Write, apply
from opsledger.edit.values import Assignment
from opsledger.kind import Kind, Kinds
from opsledger.ledger import Record


@dataclass(frozen=True)
class Bundle:
    """
    A release that is to be written.

    Args:
        draft: what was derived.
        data: the whole release but its id, answers included.
    """

    draft: Draft
    data: Mapping[str, Any]


def plan_bundle(kinds: Kinds, bundle: Bundle, *, taken: Collection[str], year: int) -> tuple[str, Plan]:
    """
    Plan a release with its standard change, and say at its changes and components what it brings.

    Args:
        taken: ids that exist here or on the base branch.
        year: of the new ids.

    Returns:
        The id of the release, and the plan.

    Raises:
        Refused: a record that is to be changed cannot be read.
    """
    draft, data = bundle.draft, dict(bundle.data)
    release = next_id(kinds["release"], data, taken=taken, year=year)
    writes: list[Write] = []
    made: dict[str, Any] | None = None
    if not data.get("changes") and draft.model is not None:
        made = standard_change(release, data, draft.model, draft.environments, draft.pull)
    if made is not None:
        id, plan = plan_new(kinds["change"], made, taken=taken, year=year)
        writes += plan.writes
        data["changes"] = [id]
    data["derived"] = sorted({*draft.derived, *(["/changes"] if made else [])})
    own, plan = plan_new(_kind(kinds), data, taken=taken, year=year, id=release)
    links = (write for record in draft.named.changes for write in _linked(record, own, data))
    pending, notes = _pending(draft.cis, own, data)
    said = (*draft.notes, *notes)
    new = (replace(write, after=with_short_marks(write.after or b"")) for write in (*plan.writes, *writes))
    return own, Plan((*new, *links, *pending), said)


def write_bundle(
    kinds: Kinds, bundle: Bundle, *, taken: Collection[str], year: int, root: Path, accept: Accept
) -> tuple[str, Plan]:
    """Write a release and all that belongs to it under ids that nobody has, also where others take ids meanwhile."""
    gone = set(taken)
    while True:
        own, plan = plan_bundle(kinds, bundle, taken=gone, year=year)
        accept(plan)
        try:
            apply(plan, root)
        except Overtaken as overtaken:
            if not overtaken.exists:
                raise
            gone.add(Path(overtaken.path).stem)
            continue
        return own, plan


def _kind(kinds: Kinds) -> Kind:
    return kinds["release"]


def _linked(change: Record, release: str, data: Mapping[str, Any]) -> Iterator[Write]:
    """The link from a change that the commits name back to the release, where it has none."""
    if change.id in data.get("changes", ()) and change.get("release") is None:
        yield from plan_set(change, [Assignment("/release", "=", release)]).writes


def _pending(cis: Collection[Record], release: str, data: Mapping[str, Any]) -> tuple[list[Write], list[str]]:
    """The version on its way, at each component that the release brings one of."""
    versions = {part["ci"]: part.get("version") for part in data.get("scope", {}).get("cis", ())}
    writes: list[Write] = []
    notes: list[str] = []
    for record in cis:
        version, before = versions.get(record.id), record.get("pending")
        if not version:
            own = f"opsledger set {record.id} pending.version=…"
            notes.append(f"{record.id} has a version of its own, and nobody told the next one: {own}")
        elif before is not None:
            notes.append(f"{record.id} waits for {before.get('version')} already, so {version} is not entered there")
        else:
            pending = [Assignment("/pending/version", "=", version), Assignment("/pending/release", "=", release)]
            writes += plan_set(record, pending).writes
    return writes, notes
