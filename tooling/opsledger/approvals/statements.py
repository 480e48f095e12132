"""The statement that a signer signs, and the record that carries it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from opsledger.approvals.model import Approval
from opsledger.canonical import canonical
from opsledger.moments import written

NAMESPACE = "opsledger-approval"
"""The namespace of SSH signatures, so that one made for anything else proves nothing here."""


def statement(approval: Approval) -> bytes:
    """
    The exact text that a signature of an approval is made over: canonical JSON of what it decides.

    It carries `withdraws` and `conditions` as well where the approval has them, so that neither can be added or
    taken away afterwards.
    """
    said: dict[str, Any] = {
        "repository": approval.repository,
        "subject": approval.subject,
        "scope": approval.scope,
        "digest": approval.digest,
        "pointers": sorted(approval.pointers),
        "role": approval.role,
        "party": approval.party,
        "decision": approval.decision,
        "at": written(approval.at),
    }
    if approval.withdraws:
        said["withdraws"] = approval.withdraws
    if approval.conditions:
        said["conditions"] = list(approval.conditions)
    return canonical(said)


def id_of(approval: Approval) -> str:
    """The id that an approval gets from what it says, so that two people never take the same."""
    proof = str(approval.evidence.get("review", "")).encode()
    return f"APR-{approval.at.year:04}-{sha256(statement(approval) + proof).hexdigest()[:12]}"


def data_of(approval: Approval) -> dict[str, Any]:
    """The record of an approval, its fields in the schema's order."""
    every: dict[str, Any] = {
        "id": approval.id,
        "subject": approval.subject,
        "scope": approval.scope,
        "digest": approval.digest,
        "pointers": list(approval.pointers),
        "parts": dict(approval.parts),
        "role": approval.role,
        "party": approval.party,
        "decision": approval.decision,
        "withdraws": approval.withdraws,
        "at": written(approval.at),
        "conditions": list(approval.conditions),
        "repository": approval.repository,
        "pull_request": approval.pull_request,
        "authors": list(approval.authors),
        "unknown_authors": approval.unknown_authors,
        "evidence": dict(approval.evidence),
    }
    return {key: value for key, value in every.items() if value not in ("", [], {}, 0)}
