"""What signatures are counted in, gathered from a repository: whose approvals, which reviews, who wrote what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from opsledger.approvals import Situation, authors_of
from opsledger.approvals.model import Authorship, PullRequest
from opsledger.approvals.situation import nothing_is_lent
from opsledger.errors import NoSuchRevision, Undecided
from opsledger.gate.judge import Judge
from opsledger.ledger import Ledger, Record
from opsledger.policy import settings_of
from opsledger.question import Occasion
from opsledger.store import Repository, Snapshot


def situation_of(
    repository: Repository, judge: Judge, ledger: Ledger, occasion: Occasion, *, head: str | None
) -> Situation:
    """
    Gather what signatures are counted in.

    Args:
        ledger: what is judged.
        head: full id of the commit that is to be merged, or of a forge's test merge; of a work tree, the commit that it
            grew from; `None` where a commit of the judge's own branch is judged, which nobody brings any more.

    Raises:
        Undecided: nobody knows for which time to judge.
    """
    as_of = occasion.as_of or ledger.snapshot.when
    if as_of is None:
        raise Undecided("nobody told for which time to judge", "name it with --as-of")
    made = Situation(
        ledger,
        judge.people,
        as_of,
        repository=_address(repository, judge, occasion.pull_request),
        pull_request=occasion.pull_request,
        review_content=_reviewed(repository, occasion.pull_request),
        landed=judge.snapshot.files,
        by=occasion.by,
        may_bring=_lent(judge, occasion.by),
        environment=occasion.environment,
    )
    base = judge.snapshot.commit
    if head is None or base is None:
        return made
    brought = head_of(repository, base, head)
    return replace(made, authorship=_authorship(repository, judge, ledger, occasion, base, brought))


def _address(repository: Repository, judge: Judge, pull_request: PullRequest | None) -> str:
    """What the ledger's repository is called: by its own settings, by the clone's remote, or by whoever asks."""
    stated = settings_of(judge.snapshot).repository
    return stated or repository.remotes().get("origin", "") or (pull_request.repository if pull_request else "")


def _lent(judge: Judge, by: str) -> Callable[[str], bool]:
    """Which files a machine may add by its lanes; people and strangers have none."""
    party = judge.people.parties.get(by)
    if party is None or not party.is_machine or not party.is_active:
        return nothing_is_lent
    from opsledger.rules.lanes import lanes_of, may_add  # few ask as a machine

    lanes = lanes_of(judge.snapshot, judge.kinds)
    return lambda path: may_add(lanes, by, path)


def _reviewed(repository: Repository, pull_request: PullRequest | None) -> Callable[[str, str], bytes | None]:
    """The content of reviewed commits, each looked up once, and at the forge before it is called gone."""
    kept = pull_request.head_ref if pull_request else ""
    known: dict[str, Snapshot | None] = {}

    def content(commit: str, path: str) -> bytes | None:
        if commit not in known:
            try:
                if kept:
                    repository.fetch_review(commit, kept)
                known[commit] = repository.commit(commit)
            except (NoSuchRevision, Undecided):
                known[commit] = None
        snapshot = known[commit]
        if snapshot is None:
            return None
        return snapshot.read(path) if path in snapshot.files else b""

    return content


def _authorship(
    repository: Repository, judge: Judge, ledger: Ledger, occasion: Occasion, base: str, head: str
) -> Callable[[Record, tuple[str, ...]], Authorship]:
    """Who wrote a record's scope between the base and the head, and in files that nobody committed yet."""
    known: dict[tuple[str, tuple[str, ...]], Authorship] = {}
    is_on_disk = ledger.snapshot.name in ("work tree", "index")
    request = occasion.pull_request
    opener, forge = (request.opener, request.forge) if request else (None, "")

    def wrote(record: Record, pointers: tuple[str, ...]) -> Authorship:
        key = (record.path, pointers)
        if key not in known:
            known[key] = authors_of(
                repository, judge.people, record.path, record.kind, pointers, base, head, opener, forge,
                uncommitted=record.data if is_on_disk else None, environment=occasion.environment,
            )  # fmt: skip
        return known[key]

    return wrote


def head_of(repository: Repository, base: str, head: str) -> str:
    """The commit with the content that is to be merged: of a forge's test merge into the base, its second parent."""
    parents = repository.parents(head)
    return parents[1] if len(parents) > 1 and parents[0] == base else head
