"""Approvals that a push brings: each is held against its proof before it comes in, for nobody asks for it again."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.approvals import Approval, Asked, Situation, approval_of, tally, verify
from opsledger.errors import NoSuchRecord
from opsledger.finding import Fault
from opsledger.gate import situation_of
from opsledger.ledger import Ledger, Record
from opsledger.question import Occasion
from opsledger.receiving.model import Court, Objection

# An approval that has become stale, or that its giver took back, may come in as a part of the story.
_OUTLIVED = frozenset({"SIG301", "SIG302"})


def unsound_approvals(court: Court, base: str, commit: str, by: str, *, is_alone: bool = False) -> Iterator[Objection]:
    """
    What speaks against approvals that are new in a step.

    Args:
        is_alone: whether they come without the content that they approve; then each must count as it stands.
    """
    judge = court.judge(base)
    kind = judge.kinds.get("approval")
    after = court.repository.commit(commit)
    start = f"{kind.folder}/" if kind is not None else "records/approvals/"
    new = [path for path in after.files if path.startswith(start) and path not in judge.snapshot.files]
    if not new:
        return
    ledger = court.ledger(commit, base)
    occasion = Occasion(court.as_of, None, by, court.environment)
    situation = situation_of(court.repository, judge, ledger, occasion, head=commit)
    for path in new:
        record = ledger.at_path(path)
        approval = approval_of(record.data, path) if record is not None and record.is_readable else None
        if record is None or approval is None:
            if is_alone:
                yield Objection(
                    f"{court.repository.prefix}{path} is no approval that can be read",
                    "make it with `opsledger approve`",
                )
            continue
        fault = _fault(approval, ledger, situation)
        if fault is not None and (is_alone or fault.code not in _OUTLIVED):
            place = record.place(fault.pointer)
            yield Objection(f"{court.repository.prefix}{place}: {fault.code} {fault.message}", fault.fix)


def _fault(approval: Approval, ledger: Ledger, situation: Situation) -> Fault | None:
    """Why an approval does not count, or its proof does not hold."""
    try:
        subject: Record = ledger.record(approval.subject)
    except NoSuchRecord:
        return Fault("/subject", "SIG305", f"{approval.id} is about {approval.subject}, which does not exist", "")
    if approval.decision != "granted":
        return verify(approval, situation.people, situation.as_of, situation.environment)
    found = tally(Asked(approval.scope, (approval.role,)), subject, situation)
    if any(one.source == approval.id for one in found.counted):
        return None
    for one in found.discounted:
        if one.source == approval.id:
            return one.fault
    said = "; ".join(found.undecided) or f"{approval.id} does not count for {approval.scope} of {approval.subject}"
    return Fault("", "SIG305", said, "sign it again with `opsledger approve`")
