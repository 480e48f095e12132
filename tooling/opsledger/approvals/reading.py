"""Approval records as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from opsledger.ledger import Ledger
from opsledger.moments import moment

if TYPE_CHECKING:
    from opsledger.approvals.model import Approval


def approvals_on(ledger: Ledger, subject_id: str, *, landed: Mapping[str, str]) -> tuple[Approval, ...]:
    """
    The approvals that decide on a record, oldest first.

    A file that says less than an approval must is passed over here: its schema refuses it.

    Args:
        landed: the judge's files, path → blob id; an approval that is among them was judged when it came in.
    """
    rows = ledger.database.execute(
        "SELECT DISTINCT record.id FROM edge JOIN reference ON reference.number = edge.reference "
        "JOIN record ON record.number = edge.record "
        "WHERE edge.target = ? AND reference.kind = 'approval' AND reference.at = '/subject' AND record.readable",
        (subject_id,),
    ).fetchall()
    found = approvals_called(ledger, [id for (id,) in rows], landed=landed)
    return tuple(sorted(found, key=lambda one: (one.at, one.id)))


def approvals_called(
    ledger: Ledger, ids: Iterable[str], *, landed: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Approval]:
    """The approvals of these ids, in that order; those that say less than an approval must are left out."""
    records = [record for id in ids if (record := ledger.find(id)) is not None]
    for record, data in ledger.data_of(records):
        found = approval_of(data, record.path, is_landed=landed.get(record.path) == record.blob)
        if found is not None:
            yield found


def approval_of(data: Mapping[str, Any], path: str, *, is_landed: bool = False) -> Approval | None:
    """What an approval record says; `None` where it says less than its schema asks."""
    texts = [data.get(key) for key in ("id", "subject", "scope", "digest", "role", "party", "decision", "repository")]
    made = moment(data.get("at"))
    pointers = _texts(data.get("pointers"))
    if made is None or not pointers or not all(isinstance(text, str) and text for text in texts):
        return None
    id, subject, scope, digest, role, party, decision, repository = map(str, texts)
    unknown, evidence, parts = data.get("unknown_authors"), data.get("evidence"), data.get("parts")
    from opsledger.approvals.model import Approval  # a ledger whose approvals are known already does without

    return Approval(
        id, path, subject, scope, digest, pointers, role, party, decision, made, repository,
        pull_request=str(data.get("pull_request") or ""),
        withdraws=str(data.get("withdraws") or ""),
        authors=_texts(data.get("authors")),
        unknown_authors=unknown if isinstance(unknown, int) else 0,
        parts={str(key): str(value) for key, value in parts.items()} if isinstance(parts, dict) else {},
        evidence=evidence if isinstance(evidence, dict) else {},
        conditions=_texts(data.get("conditions")),
        is_landed=is_landed,
    )  # fmt: skip


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
