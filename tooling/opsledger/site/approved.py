"""Who approved what of a record, and when, and whether that is still what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from opsledger.approvals import approvals_on, digest_of
from opsledger.approvals.model import Approval
from opsledger.canonical import NotCanonical
from opsledger.ledger import Ledger, Link, Record
from opsledger.site.atlas import Atlas, Entry, chip, missing
from opsledger.site.text import minute

STANDS, CHANGED, WITHDRAWN = "as it stands", "changed since", "withdrawn"


@dataclass(frozen=True)
class Word:
    """
    One approval, as the page of its subject tells it.

    Args:
        what: the scope that was decided on.
        content: whether the content is still the one that was signed, in words.
    """

    approval: Approval
    entry: Entry | None
    who: Markup
    role: Markup
    when: str
    what: str
    decision: str
    content: str

    @property
    def twin(self) -> dict[str, str]:
        """The same for programs."""
        one = self.approval
        return {
            "approval": one.id, "party": one.party, "role": one.role, "scope": one.scope, "decision": one.decision,
            "at": one.at.isoformat(), "digest": one.digest, "content": self.content,
        }  # fmt: skip


def words_on(
    record: Record, data: Mapping[str, Any], backlinks: Sequence[Link], ledger: Ledger, atlas: Atlas, root: str
) -> list[Word]:
    """What the approval records say of a record, the newest first; a gate looks at each one's proof besides."""
    named = (atlas.find(link.source) for link in backlinks if link.pointer == "/subject")
    if not any(entry is not None and entry.kind == "approval" for entry in named):
        return []
    return list(_words(record, data, approvals_on(ledger, record.id, landed={}), atlas, root))[::-1]


def _words(
    record: Record, data: Mapping[str, Any], approvals: Sequence[Approval], atlas: Atlas, root: str
) -> Iterator[Word]:
    withdrawn = {one.withdraws for one in approvals if one.withdraws}
    for one in approvals:
        content = WITHDRAWN if one.id in withdrawn else STANDS if _is_same(record, data, one) else CHANGED
        who, role = (_chip(atlas, id, root) for id in (one.party, one.role))
        yield Word(one, atlas.find(one.id), who, role, minute(one.at), one.scope, one.decision, content)


def _is_same(record: Record, data: Mapping[str, Any], approval: Approval) -> bool:
    try:
        now = digest_of(record.kind.name, record.id, approval.scope, approval.pointers, data)
    except NotCanonical:
        return False
    return now == approval.digest


def _chip(atlas: Atlas, id: str, root: str) -> Markup:
    entry = atlas.find(id)
    return chip(entry, root) if entry is not None else missing(id)
