"""Signatures on records: by whom, with which key, on which branch, and how they get there."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from opsledger.api import Book
from opsledger.approvals import Approval, sign, statement
from opsledger.cli.caller import Caller
from opsledger.cli.keys import signer_for
from opsledger.cli.pulling import Pull, protected_branch, tip_of
from opsledger.cli.screen import show, tell
from opsledger.edit import approving
from opsledger.errors import Refused, Undecided
from opsledger.ledger import Record
from opsledger.people import Party
from opsledger.report.plain import escape
from opsledger.store import Snapshot, land, overlaid
from opsledger.store.landing import fetched_tip


@dataclass(frozen=True)
class Wanted:
    """
    What somebody wants to sign, and how; a text that is empty was not given.

    Args:
        subjects: ids of the records.
        push: whether it is pushed, or only committed here.
    """

    subjects: tuple[str, ...]
    scope: str
    role: str
    decision: str
    key: str
    gpg: str
    by: str
    branch: str
    remote: str
    push: bool
    withdraws: str
    conditions: tuple[str, ...]


def approve(caller: Caller, book: Book, wanted: Wanted, *, dry_run: bool) -> None:
    """
    Show what is signed, sign it, and bring the signatures to their branch.

    Raises:
        Refused: one would not count.
        Undecided: whether it would cannot be told.
    """
    branch = _branch(book, wanted)
    pull = _pull(caller, book, wanted, branch)
    party = _signer(pull, wanted.by)
    drafts, left = _drafted(pull, party, wanted)
    for approval, subject in drafts:
        show(escape(line) for line in approving.shown(approval, subject.data))
    for line in left:
        tell(f"left to others: {escape(line)}")
    if dry_run:
        return
    question = "Sign this?" if len(drafts) == 1 else f"Sign these {len(drafts)}?"
    if caller.may_ask and not click.confirm(question, err=True):
        raise click.Abort
    _brought(pull, _signed(pull, party, drafts, wanted), branch, wanted)


def _branch(book: Book, wanted: Wanted) -> str:
    """Return the branch to sign on: the one that was named or is checked out, or the record's own proposal."""
    here = wanted.branch or book.repository.branch
    if wanted.branch or not wanted.push or here not in ("", protected_branch(book)):
        branch = here
    else:
        try:
            fetched_tip(book.repository, wanted.remote, f"propose/{wanted.subjects[0]}")
            branch = f"propose/{wanted.subjects[0]}"
        except Undecided:
            branch = here
    if not branch:
        raise Refused("no branch is checked out here", "name the branch to approve with --at")
    return branch


def _pull(caller: Caller, book: Book, wanted: Wanted, branch: str) -> Pull:
    """Return the branch against its base, both as the remote has them now."""
    protected = protected_branch(book)
    if wanted.push:
        base = fetched_tip(book.repository, wanted.remote, protected)
        return Pull(book, caller, base, fetched_tip(book.repository, wanted.remote, branch))
    return Pull(book, caller, tip_of(book, protected, wanted.remote), book.repository.resolve(f"refs/heads/{branch}"))


def _signer(pull: Pull, by: str) -> Party:
    """Return who signs."""
    people = pull.judge.people
    if by:
        found = people.parties.get(by)
        if found is None:
            raise Refused(f"{pull.judge.name} has no party called {by}", "`opsledger list party` names them")
        return found
    me = pull.book.repository.own.identity()
    found = people.by_email(me.email)
    if found is None:
        raise Refused(
            f"no party record on the base branch has the address {me.email}",
            "name yourself with --by, or add the address to your party record first",
        )
    return found


Drafts = Sequence[tuple[Approval, Record]]
"""Approvals that are not signed yet, each with its subject."""


def _drafted(pull: Pull, party: Party, wanted: Wanted) -> tuple[Drafts, tuple[str, ...]]:
    """Return all that this party is to sign, and what waits besides that it does not sign."""
    drafts: list[tuple[Approval, Record]] = []
    left: list[str] = []
    refused: Refused | None = None
    for id in dict.fromkeys(wanted.subjects):
        subject, waiting = pull.ledger.record(id), pull.waiting(id)
        try:
            found = _choices(pull, party, wanted, subject, waiting)
        except approving.NothingWaits as nothing:
            refused = refused or nothing
            found = ()
        drafts += [(_draft(pull, party, wanted, subject, one), subject) for one in found]
        left += approving.left_unsigned(waiting, subject, pull.situation, party, found, scope=wanted.scope)
    if refused is not None and not drafts:
        raise refused
    return drafts, tuple(left)


def _choices(
    pull: Pull, party: Party, wanted: Wanted, subject: Record, waiting: approving.Waiting
) -> tuple[approving.Choice, ...]:
    if wanted.decision != "granted" and wanted.scope and wanted.role:
        return (approving.Choice(wanted.scope, wanted.role),)
    found = approving.chosen(waiting, subject, pull.situation, party, scope=wanted.scope, role=wanted.role)
    if wanted.withdraws and (len(found) > 1 or len(wanted.subjects) > 1):
        listed = "\n".join(f"    {one}" for one in found)
        raise Refused(f"{wanted.withdraws} is of one scope, and {party.id} could speak on several:\n{listed}",
                      "choose with these options")  # fmt: skip
    return found


def _draft(pull: Pull, party: Party, wanted: Wanted, subject: Record, choice: approving.Choice) -> Approval:
    return approving.drafted(
        subject, choice, pull.situation, party, decision=wanted.decision, at=pull.caller.now,
        withdraws=wanted.withdraws, conditions=wanted.conditions,
    )  # fmt: skip


def _signed(pull: Pull, party: Party, drafts: Drafts, wanted: Wanted) -> tuple[Approval, ...]:
    """Return the approvals with their signatures, each counted once more as a gate would."""
    caller = pull.caller
    signer = signer_for(
        party, pull.book.repository, caller.environment, caller.now, key=wanted.key, gpg=wanted.gpg,
        directory=caller.directory,
    )  # fmt: skip
    signed = []
    for approval, _ in drafts:
        signature = sign(statement(approval), key=signer.key, type=signer.type, environment=caller.environment)
        signed.append(
            approving.with_proof(
                approval, pull.judge.kinds, type=signer.type, signature=signature, key=signer.fingerprint
            )
        )
    after = overlaid(pull.result, _files_of(signed), name=pull.result.name)
    ledger = pull.bench.ledger(after, pull.base)
    situation = pull.situation_in(ledger)
    for approval in signed:
        approving.refuse_uncounted(approval, ledger.record(approval.subject), situation)
    return tuple(signed)


def _files_of(signed: Iterable[Approval]) -> dict[str, bytes]:
    return {approval.path: approving.file_of(approval) for approval in signed}


def _brought(pull: Pull, signed: Sequence[Approval], branch: str, wanted: Wanted) -> None:
    """Commit the approvals on the branch, and push them unless that is not wanted."""
    repository, content = pull.book.repository, _files_of(signed)
    me = repository.own.identity()
    message = approving.message(signed)

    def changes_of(tip: Snapshot) -> dict[str, bytes]:
        now = Pull(pull.book, pull.caller, pull.base, tip.commit or "")
        for approval in signed:
            if approving.fingerprint(now.ledger.record(approval.subject), approval) != approval.digest:
                said = f"{approval.subject} changed on {branch} while you signed"
                raise Refused(said, "look at it, and approve it again")
        return content

    if wanted.push:
        landed = land(
            repository, wanted.remote, branch, changes_of, message=message, author=me, when=pull.caller.now,
            sleep=time.sleep, chance=random.random,
        )  # fmt: skip
        commit, where = landed.commit, f"pushed to {branch} of {wanted.remote}"
    else:
        commit = repository.commit_files(
            pull.head, content, message=message, author=me, committer=me, when=pull.caller.now
        )
        where = f"committed on {branch}"
        if not repository.update_ref(f"refs/heads/{branch}", commit, pull.head):
            raise Undecided(f"{branch} moved while you signed", "give the command again")
    _tell_here(pull.book, branch, commit, content, is_local=not wanted.push)
    show([*(f"wrote {escape(path)}" for path in content), f"{where} as {commit[:7]}"])


def _tell_here(book: Book, branch: str, commit: str, content: dict[str, bytes], *, is_local: bool) -> None:
    """Bring this clone's own branch along where that only adds the file, and say so where it does not."""
    repository = book.repository
    if repository.is_bare:
        return
    is_here = repository.branch == branch
    before = repository.parents(commit)[0]
    if not is_local:
        here = repository.head() if is_here else None
        if here != before or not repository.update_ref(f"refs/heads/{branch}", commit, before):
            if is_here and here != commit:
                tell(f"note: run `git pull` to get it onto {branch} here")
            return
    if is_here:
        from opsledger.edit.plan import Plan, Write, apply

        apply(Plan(tuple(Write(path, None, data) for path, data in content.items())), repository.root)
        repository.own.stand_on(f"refs/heads/{branch}", [repository.prefix + path for path in content])
