"""Approvals that a step brings: each is held against its proof before it comes in, for nobody asks for it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from opsledger.approvals import Approval, Asked, Discounted, Situation, approval_of, tally, verify
from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.people import People
from opsledger.rules.landed import Landed
from opsledger.rules.register import Found
from opsledger.store import Repository
from opsledger.yamlfile import read

# An approval that has become stale, or that its giver took back, may come in as a part of the story.
_OUTLIVED = frozenset({"SIG301", "SIG302"})


def new_approvals(ledger: Ledger, situation: Situation) -> Iterator[Record]:
    """The approval records that the judge does not hold, by path."""
    kind = ledger.kinds.get("approval")
    start = f"{kind.folder}/" if kind is not None else "records/approvals/"
    for path, blob in ledger.snapshot.files.items():
        if path.startswith(start) and situation.landed.get(path) != blob:
            record = ledger.at_path(path)
            if record is not None and record.is_readable:
                yield record


def unsound_approvals(ledger: Ledger, situation: Situation, *, is_alone: bool = False) -> Iterator[Found]:
    """
    What speaks against approvals that are new in a step: once they are in, they count.

    Args:
        ledger: the merge result.
        situation: what its signatures are counted in.
        is_alone: whether they come without the content that they approve; then each must count as it stands.
    """
    for record in new_approvals(ledger, situation):
        approval = approval_of(record.data, record.path)
        found = _found(approval, ledger, situation) if approval is not None else None
        if approval is not None and found is not None and (is_alone or found.fault.code not in _OUTLIVED):
            yield Found(record.path, found.fault, approval.id, undecided=found.undecided)


def is_signed_in(repository: Repository, people: People, environment: Mapping[str, str]) -> Callable[[Landed], bool]:
    """Tells whether everything that a commit changed is an approval whose signature holds."""

    def is_signed(landed: Landed) -> bool:
        files = repository.commit(landed.text.id)
        for change in landed.changes:
            said = read(files.read(change.path)) if change.path in files.files else None
            approval = approval_of(said, change.path) if isinstance(said, dict) else None
            if approval is None or approval.evidence.get("type") == "forge-review":
                return False
            if verify(approval, people, landed.text.when, environment) is not None:
                return False
        return True

    return is_signed


def _found(approval: Approval, ledger: Ledger, situation: Situation) -> Discounted | None:
    """Why an approval does not count, or its proof does not hold."""
    subject = ledger.find(approval.subject)
    if subject is None or not subject.is_readable:
        return None  # LNK101 or the reader says so, and nothing can count on it
    if approval.decision != "granted":
        fault = verify(approval, situation.people, situation.as_of, situation.environment)
        return _against(approval, fault) if fault is not None else None
    found = tally(Asked(approval.scope, (approval.role,)), subject, situation)
    if any(one.source == approval.id for one in found.counted):
        return None
    for one in found.discounted:
        if one.source == approval.id:
            return one
    said = "; ".join(found.undecided) or f"{approval.id} does not count for the {approval.scope} of {approval.subject}"
    return _against(approval, Fault("", "SIG305", said, "sign it again with `opsledger approve`"))


def _against(approval: Approval, fault: Fault) -> Discounted:
    return Discounted(approval.id, approval.party, approval.role, approval.path, fault)
