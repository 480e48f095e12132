"""What depends on who makes a step: the lanes of machines, the owners of what judges, and the authors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from opsledger.check import OfMakers
from opsledger.errors import OpsledgerError, Undecided
from opsledger.gate.judge import Judge
from opsledger.ledger import Ledger
from opsledger.policy import settings_of
from opsledger.question import Occasion
from opsledger.rules.commits import OfCommits, found_of_commits, signer_among
from opsledger.rules.governance import Makers, policy_changes, reviews_overdue
from opsledger.rules.lanes import lane_findings, lanes_of
from opsledger.rules.register import Found
from opsledger.steps import Step
from opsledger.store import Repository


def found_of_makers(
    repository: Repository, judge: Judge, occasion: Occasion, ledger: Ledger, steps: Sequence[Step], *, head: str | None
) -> OfMakers:
    """
    Judge a step by who makes it: a machine keeps to its lane, whoever owns what judges agrees, authors are known.

    Args:
        ledger: the merge result.
        head: full id of the newest commit of the step; of a work tree, of the one that it grew from.
    """
    judged = lane_findings(
        steps, judge.snapshot, ledger, judge.people, lanes_of(judge.snapshot, judge.kinds), by=occasion.by,
        emails=_emails(repository, judge, head), is_proposal=occasion.pull_request is not None,
    )  # fmt: skip
    default = judge.policy.data.get("approvals", {}).get("default_role", "")
    at = occasion.as_of or ledger.snapshot.when
    makers = Makers(judge.people, at, occasion.by, occasion.pull_request, default)
    commits = _commits(repository, judge, occasion, head)
    brought = _brought(repository, judge, occasion, ledger, steps, head)
    overdue = _overdue(ledger, judge, at) if occasion.is_timed and at is not None else ()
    beside, whole, unknown = _landed(repository, judge, occasion, head) if occasion.is_landed else ((), (), ())
    sure = (*(one for one in brought if not one.undecided), *overdue, *beside)
    doubts = tuple(f"{one.fault.message}; {one.fault.fix}" for one in brought if one.undecided)
    return OfMakers(
        (*judged.found, *policy_changes(steps, judge.snapshot, ledger, makers), *commits.found, *sure),
        (*judged.notes, *commits.notes, *whole), (*commits.undecided, *doubts, *unknown),
    )  # fmt: skip


def _overdue(ledger: Ledger, judge: Judge, at: datetime) -> tuple[Found, ...]:
    """What is past its day at a time that somebody chose: reviews of policies, and exceptions."""
    from opsledger.rules.waivers import exceptions_overdue

    return (*reviews_overdue(ledger, at), *exceptions_overdue(ledger, judge.policy, at))


def _landed(
    repository: Repository, judge: Judge, occasion: Occasion, head: str | None
) -> tuple[tuple[Found, ...], tuple[str, ...], tuple[str, ...]]:
    """What came to the branch beside a pull request or a lane, how many commits came which way, and what is unknown."""
    from opsledger.gate.newcomers import is_signed_in
    from opsledger.rules.landed_lanes import landed_findings

    request = occasion.pull_request
    try:
        found, population = landed_findings(
            repository, judge.snapshot, judge.kinds, judge.people, old=judge.snapshot.commit or "", new=head or "",
            branch=settings_of(judge.snapshot).protected, signer=signer_among(judge.people, occasion.environment),
            by=occasion.by, known=(request.merge_commit,) if request and request.merge_commit else (),
            is_signed=is_signed_in(repository, judge.people, occasion.environment),
        )  # fmt: skip
    except Undecided as unknown:
        return (), (), (f"how the step landed: {unknown.missing}; {unknown.remedy}",)
    return found, (str(population),), ()


def _brought(
    repository: Repository, judge: Judge, occasion: Occasion, ledger: Ledger, steps: Sequence[Step], head: str | None
) -> tuple[Found, ...]:
    """What speaks against the approvals that the step brings."""
    if not any(step.after is not None and step.after.kind.name == "approval" for step in steps):
        return ()
    from opsledger.gate.newcomers import unsound_approvals
    from opsledger.gate.situations import situation_of

    return tuple(unsound_approvals(ledger, situation_of(repository, judge, ledger, occasion, head=head)))


def _emails(repository: Repository, judge: Judge, head: str | None) -> list[tuple[str, str]]:
    """The addresses of author and committer of each commit of the step; none where the history is not here."""
    if head is None or judge.snapshot.commit is None:
        return []
    try:
        commits = list(repository.log(head, since=judge.snapshot.commit))
    except OpsledgerError:
        return []
    return [(one.author.email, one.committer.email) for one in commits]


def _commits(repository: Repository, judge: Judge, occasion: Occasion, head: str | None) -> OfCommits:
    if head is None or judge.snapshot.commit is None:
        return OfCommits()
    return found_of_commits(
        repository, judge.people, judge.policy, base=judge.snapshot.commit, head=head, environment=occasion.environment
    )
