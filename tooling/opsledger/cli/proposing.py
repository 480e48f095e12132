"""What a comment on a pull request is made of, gathered from an open ledger."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from opsledger.api import Book, kinds_of
from opsledger.approvals.model import PullRequest, Tally
from opsledger.check import Base
from opsledger.errors import NoSuchRevision, OpsledgerError, Undecided
from opsledger.finding import Progress, silent
from opsledger.gate import Judge, gates_on, moves_on, question_of, situation_of
from opsledger.history import refuse_partial_history
from opsledger.ledger import Ledger
from opsledger.policy import policy_of, settings_of
from opsledger.proposal import Material, Other, glimpses
from opsledger.question import Occasion
from opsledger.steps import Step, steps_between
from opsledger.store import Conflict, Repository, Snapshot


def gathered(
    book: Book,
    at: str | None,
    *,
    base: str,
    occasion: Occasion,
    others: Sequence[str] = (),
    progress: Progress = silent,
) -> Material:
    """
    Judge the step from a base to what it would become, and gather what else there is to say of it.

    Args:
        at: the revision that is to be merged; `None` for the work tree.
        occasion: when it is judged, whose reviews count and who makes the step; its time is known.
        others: other revisions that wait to be merged.

    Raises:
        NoSuchRevision: no commit is called `at`.
        OtherVersion: the judge pins another version of the tool.
    """
    as_of, pull_request = occasion.as_of, occasion.pull_request
    assert as_of is not None
    judgement = book.check(
        at, base=base, as_of=as_of, pull_request=pull_request, by=occasion.by, most=None, progress=progress
    )
    try:
        judging = book.base(base)
        result = book.repository.merge_result(base, at)
    except Undecided:
        return Material(judgement, as_of)
    if isinstance(result, Conflict):
        return Material(judgement, as_of)
    kinds = judging.kinds.merged(kinds_of(result))
    policy = policy_of(judging.snapshot, kinds, settings_of(judging.snapshot).preset)
    ledger = book.load(result, kinds, policy, progress)
    steps = steps_between(judging.snapshot, ledger)
    judge = Judge(judging.name, judging.snapshot, judging.kinds, policy)
    head = book.repository.resolve(at) if at is not None else book.repository.head()
    return Material(
        judgement,
        as_of,
        ledger=ledger,
        before=judging.snapshot,
        whole=_whole(book.repository, base, at, occasion),
        steps=steps,
        tallies=tuple(_tallies(book.repository, judge, ledger, steps, occasion, head)) if judging.is_ledger else (),
        writers=_writers(book.repository, judge, base, head, pull_request),
        others=tuple(_other(book.repository, judging, base, name) for name in others),
        reverted=_reverted(book.repository, base, head, judging.snapshot, result),
    )


def _whole(repository: Repository, base: str, at: str | None, occasion: Occasion) -> tuple[Snapshot, Snapshot] | None:
    """The whole repository at the base and after the merge, where the ledger is but a part of it."""
    if not repository.prefix:
        return None
    with Repository.at_top(repository.top, environment=occasion.environment) as top:
        result = top.merge_result(base, at)
        if isinstance(result, Conflict):
            raise Undecided(f"{', '.join(result.paths[:3])} outside of the ledger would not merge", "merge the base")
        return top.commit(base), result


def _tallies(
    repository: Repository, judge: Judge, ledger: Ledger, steps: Sequence[Step], occasion: Occasion, head: str | None
) -> Iterator[tuple[str, Tally]]:
    """Each signature that a gate on the way asks for; what cannot be counted is undecided in the check already."""
    moves = [(step, move) for step in steps if step.is_move for move in moves_on(step)]
    asked = [(*one, gate) for one in moves for gate in gates_on(judge.gates, one[1].kind, one[1].before, one[1].after)]
    if not asked:
        return
    try:
        situation = situation_of(repository, judge, ledger, occasion, head=head)
        for step, move, gate in asked:
            assert step.after is not None
            question = question_of(judge, ledger, situation, gate, move, step.after, step=step)
            later = {code for _, code in gate.items("/later")}
            yield from ((gate.id, question.tally(one)) for one in question.asked if one.code not in later)
    except Undecided:
        return


def _writers(
    repository: Repository, judge: Judge, base: str, head: str | None, pull_request: PullRequest | None
) -> frozenset[str]:
    """The parties that wrote the pull request, as far as it can be told."""
    found = []
    try:
        commits = list(repository.log(head, since=base)) if head is not None else []
    except OpsledgerError:
        commits = []
    for commit in commits:
        found += [judge.people.by_email(who.email) for who in (commit.author, commit.committer)]
    if pull_request is not None:
        opener = pull_request.opener
        when = commits[0].when if commits else None
        if when is not None:
            found.append(judge.people.by_account(pull_request.forge, login=opener.login, id=opener.id, at=when))
    return frozenset(party.id for party in found if party is not None)


def _other(repository: Repository, judging: Base, base: str, name: str) -> Other:
    """What another branch would change in the base."""
    try:
        result = repository.merge_result(base, name)
    except NoSuchRevision:
        # Whoever opens a pull request chooses its branch's name, and somebody may paste this into a shell.
        branch = shlex.quote(name.removeprefix("origin/"))
        return Other(name, doubt=f"no commit is called that; run `git fetch origin {branch}`")
    except Undecided as unknown:
        return Other(name, doubt=f"{unknown.missing}; {unknown.remedy}")
    if isinstance(result, Conflict):
        paths = ", ".join(result.paths[:3])
        return Other(name, doubt=f"it does not merge into the base itself ({paths}); bring it up to date")
    return Other(name, glimpses(judging.snapshot, result, judging.kinds.merged(kinds_of(result))))


def _reverted(
    repository: Repository, base: str, head: str | None, before: Snapshot, after: Snapshot
) -> tuple[str, ...]:
    """Records that commits on the way changed and changed back; nothing where the history is not whole."""
    if head is None:
        return ()
    try:
        refuse_partial_history(repository)
        commits = list(repository.log(head, since=base))
    except OpsledgerError:
        return ()
    touched = Counter(change.path for commit in commits for change in commit.changes)
    back = (path for path, count in touched.items() if count > 1 and before.files.get(path) == after.files.get(path))
    return tuple(sorted(path for path in back if path.startswith("records/")))
