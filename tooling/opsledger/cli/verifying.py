"""Approval records looked at again: their proof, their signer and their digest offline, their review at the forge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from opsledger.api import Book
from opsledger.approvals import Approval, PullRequest, approval_of, digest_of, verify
from opsledger.canonical import NotCanonical
from opsledger.errors import NoSuchRecord, OpsledgerError, Undecided
from opsledger.history import refuse_partial_history
from opsledger.ledger import Ledger, Record
from opsledger.people import People, people_of
from opsledger.store import Repository
from opsledger.yamlfile import Unreadable, read

Fetch = Callable[[str], PullRequest]
"""Asks the forge for a pull request by its address."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Verified:
    """
    What became of one approval record.

    Args:
        faults: why it does not stand.
        doubts: what could not be looked at.
        notes: what a reader should know though it stands.
    """

    id: str
    what: str
    faults: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def verified(book: Book, ids: Sequence[str], environment: Mapping[str, str]) -> Iterator[tuple[Approval, Verified]]:
    """
    Look at approval records by what the repository alone can tell; all of them where none is named.

    Raises:
        NoSuchRecord: one that was named is not there, or is no approval.
    """
    ledger = book.ledger()
    people = people_of(ledger.snapshot, ledger.kinds)
    for record in _named(ledger, ids):
        approval = approval_of(record.data, record.path, is_landed=True) if record.is_readable else None
        if approval is None:
            empty = Approval(record.id, record.path, "", "", "", (), "", "", "", _EPOCH, "")
            yield empty, Verified(record.id, "an approval", ("it says less than an approval must",))
            continue
        yield approval, _looked_at(approval, ledger, people, book.repository, environment)


def _named(ledger: Ledger, ids: Sequence[str]) -> Iterator[Record]:
    if not ids:
        yield from ledger.of("approval")
        return
    for id in ids:
        record = ledger.record(id)
        if record.kind.name != "approval":
            raise NoSuchRecord(id)
        yield record


def _looked_at(
    approval: Approval, ledger: Ledger, people: People, repository: Repository, environment: Mapping[str, str]
) -> Verified:
    """Say what the repository tells of an approval."""
    faults, doubts, notes = [], [], []
    try:
        fault = verify(approval, people, None, environment)
        faults += [fault.message] if fault else []
    except Undecided as unknown:
        doubts.append(f"{unknown.missing}; {unknown.remedy}")
    subject = ledger.find(approval.subject)
    matter = {approval.subject, *(link.target for link in ledger.links(approval.subject))} if subject else set()
    if people.holding(approval.party, approval.role, approval.at, matter=matter) is None:
        why = people.why_not(approval.party, approval.role, approval.at, matter=matter)
        faults.append(f"{approval.party} could not sign as {approval.role}: it {why}")
    if subject is None:
        faults.append(f"{approval.subject}, which it decides on, is not in this ledger")
    elif not _fits(approval, subject.kind.name, subject.data):
        try:
            if _fitted(approval, subject, repository):
                notes.append(f"{approval.subject} was changed after it was approved, so it no longer counts there")
            else:
                faults.append(f"its digest fits neither {approval.subject} nor what stood there when it came in")
        except OpsledgerError as unknown:
            doubts.append(f"whether its digest ever fitted {approval.subject}: {unknown}")
    what = f"{approval.decision} by {approval.party} as {approval.role}: the {approval.scope} of {approval.subject}"
    return Verified(approval.id, what, tuple(faults), tuple(doubts), tuple(notes))


def _fits(approval: Approval, kind: str, data: Mapping[str, object]) -> bool:
    try:
        return digest_of(kind, approval.subject, approval.scope, approval.pointers, data) == approval.digest
    except NotCanonical:
        return False


def _fitted(approval: Approval, subject: Record, repository: Repository) -> bool:
    """Whether the digest is that of what stood there in the commit that brought the approval in."""
    refuse_partial_history(repository)
    commits = list(repository.log(paths=[approval.path]))
    if not commits:
        return False
    snapshot = repository.commit(commits[-1].id)
    if subject.path not in snapshot.files:
        return False
    data = read(snapshot.read(subject.path))
    return not isinstance(data, Unreadable) and _fits(approval, subject.kind.name, data)


def against_forge(found: Iterable[tuple[Approval, Verified]], fetch: Fetch) -> Iterator[Verified]:
    """Hold copies of reviews against what the forge says of them today; each pull request is asked for once."""
    from opsledger.adapters.forges.comparing import differences

    asked: dict[str, PullRequest | OpsledgerError] = {}
    for approval, one in found:
        if approval.evidence.get("type") != "forge-review":
            yield one
            continue
        url = approval.pull_request
        if url not in asked:
            asked[url] = _asked(url, fetch)
        answer = asked[url]
        if isinstance(answer, OpsledgerError):
            yield replace(one, doubts=(*one.doubts, str(answer).removeprefix("undecided: ")))
        else:
            yield replace(one, faults=(*one.faults, *differences(approval, answer)))


def _asked(url: str, fetch: Fetch) -> PullRequest | OpsledgerError:
    if not url:
        return Undecided("it does not say in which pull request it was given", "import the review again")
    try:
        return fetch(url)
    except OpsledgerError as unknown:
        return unknown


def exit_code(found: Iterable[Verified]) -> int:
    """0 if all stand, 1 if one does not, 3 if something could not be looked at."""
    all_of_them = tuple(found)
    return 1 if any(one.faults for one in all_of_them) else 3 if any(one.doubts for one in all_of_them) else 0
