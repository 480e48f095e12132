"""Reviews of a pull request as approval records: which step it made, what was signed in it, and the files for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256

from opsledger.approvals import (
    Approval,
    Discounted,
    PullRequest,
    Review,
    Situation,
    Tally,
    data_of,
    digest_of,
    id_of,
    parts_of,
    scope_pointers,
)
from opsledger.edit.creating import ordered
from opsledger.edit.numbering import path_for
from opsledger.edit.plan import Plan, Write
from opsledger.edit.shape import shape_of
from opsledger.errors import NoSuchRevision, Undecided
from opsledger.gate import Judge, gates_on, moves_on, question_of
from opsledger.kind import Kind
from opsledger.ledger import Ledger
from opsledger.rules.lanes import lanes_of, may_add
from opsledger.steps import Step
from opsledger.store import CommitText, Repository, Snapshot
from opsledger.yamlfile import write

LONGEST = 20_000
"""How long a text in a record may be; a review whose answer is longer cannot be kept word for word."""


MOST_COMMITS = 1000
"""How many commits of a pull request are looked at; forges rebase a tenth of it at most."""


@dataclass(frozen=True)
class Reviewed:
    """
    The step that a pull request made, or would make.

    Args:
        base: full id of the commit that judges.
        result: full id of the commit after the merge; `None` while it is not merged.
        head: full id of the newest commit that people wrote for it.
    """

    base: str
    result: str | None
    head: str


@dataclass(frozen=True)
class Imported:
    """
    What the reviews of a pull request come to.

    Args:
        approvals: each with its record's file.
        refused: reviews that do not count, once each.
        unkept: sentences about reviews that count and cannot be kept.
        undecided: what could not be looked at.
    """

    approvals: tuple[tuple[Approval, Write], ...] = ()
    refused: tuple[Discounted, ...] = ()
    unkept: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()

    def plan(self, snapshot: Snapshot) -> Plan:
        """The files that a snapshot lacks; those that it holds already are left alone."""
        lacking = [write for _, write in self.approvals if write.path not in snapshot.files]
        return Plan(tuple(lacking))


def reviewed_step(repository: Repository, pull_request: PullRequest, base: str) -> Reviewed:
    """
    Find the step of a pull request, and get what was reviewed from the forge's reference for it.

    A merged one made the step to its merge commit: from its first parent or, where the forge put its commits on the
    base one by one, from before the first of them.

    Args:
        base: the commit before it, or the branch that an open one goes to; empty to find that out.

    Raises:
        Undecided: its commits are not in this clone and cannot be had.
    """
    reviewed = [review.commit for review in pull_request.reviews]
    for commit in dict.fromkeys(commit for commit in (*reviewed, pull_request.head) if commit):
        # A commit that a force push took away is not to be had; counting the review then says so.
        with suppress(Undecided):
            if pull_request.head_ref:
                repository.fetch_review(commit, pull_request.head_ref)
    if not pull_request.is_merged:
        onto = base or f"origin/{pull_request.base}"
        return Reviewed(_there(repository, onto, "its base"), None, _there(repository, pull_request.head, "its head"))
    result = _there(repository, pull_request.merge_commit, "its merge commit")
    parents = repository.parents(result)
    head = parents[1] if len(parents) > 1 else _known(repository, pull_request.head) or result
    if base:
        return Reviewed(_there(repository, base, "its base"), result, head)
    if not parents or (len(parents) == 1 and pull_request.head == result):
        raise Undecided(
            f"where {pull_request.url} starts cannot be told: its own commits are on {pull_request.base} as they are",
            "name with --base the commit before the first of them",
        )
    return Reviewed(_before(repository, result, head, parents), result, head)


def _there(repository: Repository, commit: str, what: str) -> str:
    """Return the full id of a commit that must be in this clone."""
    found = _known(repository, commit)
    if found is None:
        named = commit[:12] or "of no known id"
        raise Undecided(f"{what} ({named}) is not in this clone", "run `git fetch origin`, then give the command again")
    return found


def _known(repository: Repository, commit: str) -> str | None:
    try:
        return repository.resolve(commit) if commit else None
    except NoSuchRevision:
        return None


def _before(repository: Repository, result: str, head: str, parents: tuple[str, ...]) -> str:
    """Return the commit on which the base stood: a forge that rebases keeps who wrote each commit, and when."""
    if len(parents) > 1 or head == result:
        return parents[0]
    written: set[tuple[object, ...]] = set()
    here = head
    while len(written) < MOST_COMMITS and not repository.is_ancestor(here, result):
        text = repository.texts([here])[here]
        written.add(_mark(text))
        if not text.parents:
            break
        here = text.parents[0]
    here = result
    while len((text := repository.texts([here])[here]).parents) == 1 and _mark(text) in written:
        here = text.parents[0]
    return here if here != result else parents[0]


def _mark(text: CommitText) -> tuple[object, ...]:
    return text.author, text.authored, text.message.strip()


def imported(
    pull_request: PullRequest,
    steps: Sequence[Step],
    judge: Judge,
    ledger: Ledger,
    situation: Situation,
    kind: Kind,
    *,
    repository: str,
) -> Imported:
    """
    Turn the reviews that count into approval records: one for each subject, scope and role that a review signs.

    Args:
        steps: what the pull request does to the records.
        judge: whose gates say what must be signed.
        ledger: as it is after the merge.
        situation: what the reviews are counted in; its pull request is this one.
        kind: of approval records.
        repository: the ledger's address, as the records are to name it.
    """
    reviews = {review.id: review for review in pull_request.reviews}
    approvals: dict[str, tuple[Approval, Write]] = {}
    refused: dict[tuple[str, str], Discounted] = {}
    unkept: list[str] = []
    undecided: list[str] = []
    for tally in tallies(steps, judge, ledger, situation):
        undecided += tally.undecided
        for counted in tally.counted:
            review = reviews.get(counted.source)
            if review is None:
                continue
            if len(review.payload) > LONGEST:
                unkept.append(f"review {review.id} of {counted.party} is too long to be kept word for word")
                continue
            approval = _approval(tally, counted.role, counted.party, review, ledger, situation, repository)
            approvals[approval.id] = (approval, _written(approval, kind))
        for one in tally.discounted:
            if one.source in reviews:
                refused[one.source, one.fault.message] = one
    return Imported(
        tuple(approvals[id] for id in sorted(approvals)),
        tuple(refused.values()),
        tuple(dict.fromkeys(unkept)),
        tuple(dict.fromkeys(undecided)),
    )


def tallies(steps: Sequence[Step], judge: Judge, ledger: Ledger, situation: Situation) -> Iterator[Tally]:
    """Yield what the signatures add up to that each gate on the way of the steps asks for, each once."""
    seen: set[tuple[str, object]] = set()
    for step in steps:
        if step.after is None or not step.is_move:
            continue
        for move in moves_on(step):
            for gate in gates_on(judge.gates, move.kind, move.before, move.after):
                question = question_of(judge, ledger, situation, gate, move, step.after, step=step)
                for asked in question.asked:
                    if (step.after.id, asked) not in seen:
                        seen.add((step.after.id, asked))
                        yield question.tally(asked)


def _approval(
    tally: Tally, role: str, party: str, review: Review, ledger: Ledger, situation: Situation, repository: str
) -> Approval:
    """Return the approval that a review gives."""
    subject = ledger.record(tally.subject)
    scope = tally.asked.scope
    pointers = scope_pointers(subject.kind, scope)
    authorship = situation.authorship(subject, pointers)
    pull_request = situation.pull_request
    assert pull_request is not None
    made = Approval(
        id="", path="", subject=subject.id, scope=scope,
        digest=digest_of(subject.kind.name, subject.id, scope, pointers, subject.data),
        pointers=pointers, role=role, party=party, decision=review.decision, at=review.at, repository=repository,
        pull_request=pull_request.url, authors=tuple(sorted(authorship.parties)),
        unknown_authors=len(authorship.unknown), parts=parts_of(subject.data, pointers),
        evidence={
            "type": "forge-review", "forge": pull_request.forge, "review": review.id, "commit": review.commit,
            "payload": review.payload,
            "payload_digest": "sha256:" + sha256(review.payload.encode()).hexdigest(),
        },
    )  # fmt: skip
    return replace(made, id=id_of(made))


def _written(approval: Approval, kind: Kind) -> Write:
    """Return the file of an approval."""
    data = data_of(approval)
    return Write(path_for(kind, approval.id, data), None, write(ordered(data, shape_of(kind))))


def outside_lane(judge: Judge, by: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the files that no lane of a party lets it add, by the judge's lanes."""
    party = judge.people.parties.get(by)
    lanes = lanes_of(judge.snapshot, judge.kinds) if party and party.is_machine and party.is_active else ()
    return tuple(path for path in paths if not may_add(lanes, by, path))
