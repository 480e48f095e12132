"""What the commands about approvals gather: the step that a pull request made, and what was signed in it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from opsledger.api import Book, kinds_of
from opsledger.approvals import Asked, PullRequest, Tally, approvals_on
from opsledger.cli.caller import Caller
from opsledger.edit.importing import Imported, imported, outside_lane, reviewed_step
from opsledger.edit.judging import accept
from opsledger.errors import Refused
from opsledger.finding import Progress
from opsledger.gate import Judge, moves_of, question_of, situation_of
from opsledger.ledger import Ledger, Record
from opsledger.policy import policy_of, settings_of
from opsledger.question import Occasion
from opsledger.steps import steps_between
from opsledger.store import Conflict, Landed, Person, Snapshot, land


@dataclass(frozen=True)
class Wanted:
    """
    Whose reviews are to be imported, and how.

    Args:
        address: of the ledger's repository.
        base: the branch that an open pull request goes to, or the commit before a merged one; empty to find it.
        by: the machine that writes the records, or empty.
    """

    pull_request: PullRequest
    address: str
    base: str = ""
    by: str = ""


def gathered(book: Book, caller: Caller, wanted: Wanted, progress: Progress) -> Imported:
    """
    Work out what the reviews of a pull request come to.

    Raises:
        Refused: the pull request is of another repository, or does not merge.
        Undecided: a part of it is not in this clone.
    """
    pull_request, repository = wanted.pull_request, book.repository
    if pull_request.repository.lower() != wanted.address.lower():
        raise Refused(
            f"{pull_request.url} is a pull request of {pull_request.repository}, and this ledger is {wanted.address}",
            "name one of its own, or correct `repository` in .opsledger.yaml",
        )
    step = reviewed_step(repository, pull_request, wanted.base)
    judging = book.base(step.base)
    result = repository.commit(step.result) if step.result else repository.merge_result(step.base, step.head)
    if isinstance(result, Conflict):
        raise Refused(f"{pull_request.url} does not merge into {pull_request.base}", "bring its branch up to date")
    kinds = judging.kinds.merged(kinds_of(result))
    policy = policy_of(judging.snapshot, kinds, settings_of(judging.snapshot).preset)
    ledger = book.load(result, kinds, policy, progress)
    judge = Judge(judging.name, judging.snapshot, judging.kinds, policy)
    occasion = Occasion(pull_request.merged_at or caller.now, pull_request, wanted.by, caller.environment)
    assert occasion.as_of is not None
    situation = situation_of(repository, judge, ledger, occasion, head=step.head)
    steps = steps_between(judging.snapshot, ledger)
    kind = kinds["approval"]
    return imported(pull_request, steps, judge, ledger, situation, kind, repository=wanted.address)


def pushed(book: Book, caller: Caller, wanted: Wanted, found: Imported, remote: str) -> Landed | None:
    """
    Commit the records on the protected branch of the remote, as the machine, and push them; `None` if none is new.

    Raises:
        Refused: the pull request is not merged, or no lane of the machine takes the files.
        Undecided: the remote cannot be reached.
    """
    pull_request, repository = wanted.pull_request, book.repository
    if not pull_request.is_merged:
        raise Refused(
            f"{pull_request.url} is not merged, and its reviews count as they stand while it is open",
            "import them when it is merged",
        )
    branch = settings_of(book.snapshot()).protected.removeprefix("refs/heads/").removeprefix("origin/")

    def changes(tip: Snapshot) -> dict[str, bytes | None]:
        plan = found.plan(tip)
        judge = _judge(tip)
        outside = outside_lane(judge, wanted.by, (write.path for write in plan.writes))
        if outside:
            raise Refused(
                f"no lane lets {wanted.by or 'nobody'} add {outside[0]}",
                "name with --by a machine whose lane takes records/approvals/**, on the protected branch",
            )
        accept(tip, plan, lambda snapshot: book.judge(snapshot, most=None).findings)
        return {write.path: write.after for write in plan.writes}

    if not found.approvals:
        return None
    number = len(found.approvals)
    message = (
        f"approvals: import {number} from pull request {pull_request.number}\n\n"
        f"What reviewers said of {pull_request.url}, as records.\n"
    )
    return land(
        repository, remote, branch, changes, message=message, author=_person(book, wanted.by), when=caller.now,
        sleep=time.sleep, chance=random.random,
    )  # fmt: skip


def _judge(snapshot: Snapshot) -> Judge:
    kinds = kinds_of(snapshot)
    name = f"commit {(snapshot.commit or '')[:7]}"
    return Judge(name, snapshot, kinds, policy_of(snapshot, kinds, settings_of(snapshot).preset))


def _person(book: Book, by: str) -> Person:
    """Return how a machine signs its commits: by its first address, which its party record names."""
    party = _judge(book.snapshot()).people.parties.get(by)
    if party is None or not party.emails:
        raise Refused(
            f"{by or 'nobody'} has no address to commit with", f"give {by or 'the machine'} one: identities.emails"
        )
    return Person(party.name, party.emails[0])


def tallied(
    book: Book, caller: Caller, subject: str, *, base: str | None, as_of: datetime, pull_request: PullRequest | None
) -> tuple[Record, tuple[Tally, ...]]:
    """
    Count the signatures on every scope of a record that a gate asks for or that somebody signed.

    Args:
        base: whose roles and gates hold; `None` for those of the work tree.

    Raises:
        NoSuchRecord: none is called that.
        Undecided: the base is not in this clone.
    """
    ledger = book.ledger()
    judge = _judge(ledger.snapshot if base is None else book.base(base).snapshot)
    record = ledger.record(subject)
    head = book.repository.head() if base is not None else None
    occasion = Occasion(as_of, pull_request, environment=caller.environment)
    situation = situation_of(book.repository, judge, ledger, occasion, head=head)
    questions = [
        question_of(judge, ledger, situation, gate, move, record)
        for gate in judge.gates
        for move in tuple(moves_of(gate, record))[:1]
    ]
    found = {asked: question.tally(asked) for question in questions for asked in question.asked}
    for asked in _unasked(ledger, record, {asked.scope for asked in found}):
        from opsledger.approvals import tally

        found[asked] = tally(asked, record, situation)
    return record, tuple(found.values())


def _unasked(ledger: Ledger, record: Record, scopes: set[str]) -> Iterator[Asked]:
    """Yield the scopes that somebody signed though no gate asks for them, each in the roles that were signed in."""
    held = approvals_on(ledger, record.id, landed={})
    for scope in dict.fromkeys(approval.scope for approval in held if approval.scope not in scopes):
        roles = tuple(dict.fromkeys(approval.role for approval in held if approval.scope == scope))
        yield Asked(scope, roles)
