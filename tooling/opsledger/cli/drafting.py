"""A proposal on its way: gathered from the work tree, checked as its merge would be, committed, pushed and opened."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from opsledger.api import Book
from opsledger.cli.caller import Caller
from opsledger.cli.moving import as_merged, moved_for
from opsledger.cli.opening import opened
from opsledger.cli.pulling import Pull, protected_branch, tip_of
from opsledger.cli.screen import show, tell
from opsledger.cli.writing import escaped_line
from opsledger.edit import proposing
from opsledger.edit.judging import planned
from opsledger.edit.plan import Plan, apply
from opsledger.edit.reaching import stopping_in
from opsledger.errors import GitFailed, Refused, Undecided
from opsledger.report.judgement import printed
from opsledger.report.plain import counted, escape
from opsledger.store import Person, Rejected
from opsledger.store.landing import fetched_tip, not_taken


@dataclass(frozen=True)
class Wished:
    """
    What somebody wants to propose; a text that is empty was not given.

    Args:
        ids: these records alone; none for every changed file.
        base: another revision than the protected branch, or `None`.
        is_offline: whether nothing is fetched, pushed or asked of a forge.
        given: fields of the only record, as they were typed.
        is_still: whether no record is moved.
    """

    ids: tuple[str, ...]
    title: str
    branch: str
    remote: str
    base: str | None
    is_offline: bool
    given: tuple[str, ...] = ()
    is_still: bool = False


@dataclass(frozen=True)
class Draft:
    """
    A proposal that is ready to be committed.

    Args:
        parent: the commit that it stands on.
        base: full id of the protected branch's tip.
        changes: path → bytes, or `None` where a file goes away.
        executable: those of them that may be executed.
        said: what it does, line by line.
        plan: the moves that were made for it, which the work tree does not have yet.
        stays: where records stay, and why.
    """

    parent: str
    base: str
    protected: str
    branch: str
    is_new: bool
    changes: Mapping[str, bytes | None]
    executable: frozenset[str]
    title: str
    said: tuple[str, ...]
    author: Person
    plan: Plan = field(default_factory=Plan)
    stays: tuple[str, ...] = ()


def propose(caller: Caller, book: Book, wished: Wished, *, dry_run: bool) -> None:
    """
    Propose what stands in the work tree.

    Raises:
        SystemExit: check finds something to mend first.
        Refused: there is nothing to propose, or no branch for it.
        Undecided: the remote does not answer.
    """
    draft = _draft(caller, book, wished, is_offline=wished.is_offline or dry_run)
    pull = _judged(caller, book, draft)
    if not dry_run:
        _brought(caller, book, draft, wished.remote, is_offline=wished.is_offline)
    show(_told(draft, dry_run=dry_run))
    show(escaped_line(line) for line in draft.stays)
    forge_said: tuple[str, ...] = ()
    if not (dry_run or wished.is_offline):
        body = "\n".join(draft.said)
        forge_said = opened(caller, book, pull, draft.branch, draft.protected, draft.title, body, remote=wished.remote)
    sign = f"opsledger approve {{subject}} --at {shlex.quote(draft.branch)}"
    show(escape(line) for line in proposing.still_to_sign(pull.waiting(), sign))
    show(escape(line) for line in forge_said)


def _draft(caller: Caller, book: Book, wished: Wished, *, is_offline: bool) -> Draft:
    """Return the proposal that the work tree makes."""
    repository, protected = book.repository, protected_branch(book)
    parent = repository.head()
    if parent is None:
        raise Refused("there is no commit yet to propose a change of", f"commit and push {protected} first")
    tip = _tip(book, wished, protected, is_offline=is_offline)
    here, committed = book.ledger(), book.ledger(parent)
    me, only = repository.own.identity(), proposing.paths_of(wished.ids, here, committed)

    def trial_of(plan: Plan) -> Draft:
        snapshot = planned(here.snapshot, plan)
        changes = proposing.taken(snapshot, committed.snapshot, only)
        runs = proposing.executable(here.snapshot, changes)
        return Draft(parent, tip, protected, "", True, changes, runs, "Trial", (), me, plan)

    judged = as_merged(caller, book, here, tip, me=me, only=only)
    plan, stays = moved_for(caller, book, here, tip, judged, ids=() if wished.is_still else wished.ids,
                            given=wished.given)  # fmt: skip
    trial = trial_of(plan)
    changes = trial.changes
    if wished.ids and not changes and stays:
        show(escaped_line(line) for line in stays)
        tell("not proposed: nothing can move yet")
        raise SystemExit(1)
    if wished.ids and not changes:
        raise Refused(f"{', '.join(wished.ids)} stands as it is committed", "change it first: `opsledger set`")
    for path in proposing.left_out(here.snapshot, committed.snapshot):
        tell(f"note: {escape(path)} is no plain file, and is not taken")
    pull = Pull(book, caller, tip, _commit(caller, book, trial, is_lasting=False))
    if pull.result.files == pull.judge.snapshot.files:
        raise Refused("nothing here differs from the protected branch", "change a record first: `opsledger set`")
    said = proposing.sentences(pull.steps, changes, wished.ids)
    known = {name.removeprefix("refs/heads/") for name in repository.server.branches()}
    own = repository.branch if repository.branch != protected else ""
    called = wished.branch or own or proposing.branch_for(pull.steps, known, next(iter(wished.ids), ""))
    if called == protected:
        raise Refused(f"{protected} is the protected branch", "propose it on a branch of its own, with --branch")
    title = proposing.titled(said, wished.title)
    return replace(trial, branch=called, is_new=called not in known, title=title, said=said, stays=stays)


def _tip(book: Book, wished: Wished, protected: str, *, is_offline: bool) -> str:
    """Return the commit that the proposal is judged by and goes to."""
    if wished.base is not None:
        return book.repository.resolve(wished.base)
    if is_offline or wished.remote not in book.repository.remotes():
        return tip_of(book, protected, wished.remote)
    return fetched_tip(book.repository, wished.remote, protected)


def _commit(caller: Caller, book: Book, draft: Draft, *, is_lasting: bool) -> str:
    """Return the commit of a proposal; where there is nothing to commit, its parent."""
    if not draft.changes:
        return draft.parent
    return book.repository.commit_files(
        draft.parent, draft.changes, message=proposing.message(draft.title, draft.said), author=draft.author,
        committer=draft.author, when=caller.now, executable=draft.executable, is_lasting=is_lasting,
    )  # fmt: skip


def _judged(caller: Caller, book: Book, draft: Draft) -> Pull:
    """Check the proposal as its merge would be, and stop for all but signatures."""
    trial = _commit(caller, book, draft, is_lasting=False)
    judgement = book.check(trial, base=draft.base, as_of=caller.now, most=None)
    stopping = stopping_in(judgement)
    if stopping:
        show(printed(replace(judgement, findings=stopping), "text", prefix=book.repository.prefix))
        tell("not proposed: mend what is found, and give the command again")
        raise SystemExit(1)
    for one in judgement.undecided:
        tell(f"note: undecided: {escape(one)}")
    return Pull(book, caller, draft.base, trial)


def _brought(caller: Caller, book: Book, draft: Draft, remote: str, *, is_offline: bool) -> None:
    """Commit the proposal on its branch, stand there, and push it."""
    repository, ref = book.repository, f"refs/heads/{draft.branch}"
    commit = _commit(caller, book, draft, is_lasting=True)
    old = None if draft.is_new else repository.resolve(ref)
    if old is not None and old != draft.parent:
        raise Refused(f"{draft.branch} exists already, and you do not stand on it", "choose another name with --branch")
    apply(draft.plan, repository.root)
    if not repository.update_ref(ref, commit, old):
        raise Undecided(f"{draft.branch} moved while it was written", "give the command again")
    repository.own.stand_on(ref, [repository.prefix + path for path in draft.changes])
    if is_offline:
        return
    if remote not in repository.remotes():
        tell(f"note: no remote is called {escape(remote)}, so nothing was pushed")
        return
    answer = repository.push(remote, f"{ref}:{ref}")
    if isinstance(answer, Rejected):
        raise not_taken(answer, remote, draft.branch)
    followed = repository.own.ask("branch", f"--set-upstream-to={remote}/{draft.branch}", draft.branch)
    if followed.code != 0:
        raise GitFailed("branch", followed.complaint)


def _told(draft: Draft, *, dry_run: bool) -> Iterator[str]:
    """Yield what was proposed, and where."""
    verb = "would propose" if dry_run else "proposed"
    yield f"{verb} {escape(draft.title)}"
    yield from (f"    {escape(line)}" for line in draft.said if len(draft.said) > 1)
    yield f"on {escape(draft.branch)}, {counted(len(draft.changes), 'file')}, for {escape(draft.protected)}"
