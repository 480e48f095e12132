"""Approvals that are pushed by themselves, without the content that they approve: each must count as it stands."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.approvals import approval_of
from opsledger.gate import new_approvals, situation_of, unsound_approvals
from opsledger.question import Occasion
from opsledger.receiving.model import Court, Objection


def unsound(court: Court, base: str, commit: str, by: str) -> Iterator[Objection]:
    """What speaks against approvals that are all that a commit adds."""
    judge = court.judge(base)
    ledger = court.ledger(commit, base)
    occasion = Occasion(court.as_of, None, by, court.environment)
    situation = situation_of(court.repository, judge, ledger, occasion, head=commit)
    prefix = court.repository.prefix
    records = {record.path: record for record in new_approvals(ledger, situation)}
    for path, record in records.items():
        if approval_of(record.data, path) is None:
            yield Objection(f"{prefix}{path} is no approval that can be read", "make it with `opsledger approve`")
    for found in unsound_approvals(ledger, situation, is_alone=True):
        fault = found.fault
        place = records[found.path].place(fault.pointer)
        yield Objection(f"{prefix}{place}: {fault.code} {fault.message}", fault.fix)
