"""Judges a push, reference by reference and on the protected branch step by step, before the server takes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from opsledger.errors import OpsledgerError, Undecided
from opsledger.finding import Place
from opsledger.ledger import Ledger
from opsledger.receiving.approving import unsound
from opsledger.receiving.model import Court, Objection, Pusher, Ruling, Update
from opsledger.receiving.pushers import machine_behind
from opsledger.rules.lanes import lanes_of, outside
from opsledger.rules.register import Found
from opsledger.steps import steps_between
from opsledger.store import Conflict

APPROVALS = "records/approvals/"
MOST = 1000
"""How many steps one push may bring."""


def receive(
    pushed: Sequence[Update], court: Court, pusher: Pusher, *, protected: str, tags: Collection[str] = ()
) -> Ruling:
    """
    Judge a push.

    Args:
        protected: the protected branch, in full, as refs/heads/main.
        tags: patterns of tags that stay where they are once they are there.
    """
    rulings = []
    for update in pushed:
        try:
            rulings.append(_ruling(update, court, pusher, protected, tags))
        except Undecided as unknown:
            said = f"{update.ref} is undecided, and so it is not taken: {unknown.missing}"
            rulings.append(Ruling((Objection(said, unknown.remedy),)))
        except OpsledgerError as failure:
            rulings.append(Ruling((Objection(f"{update.ref} could not be judged, and so it is not taken: {failure}"),)))
    return _joined(rulings)


def _joined(rulings: Sequence[Ruling]) -> Ruling:
    return Ruling(
        tuple(one for ruling in rulings for one in ruling.objections),
        tuple(one for ruling in rulings for one in ruling.judgements),
        tuple(dict.fromkeys(one for ruling in rulings for one in ruling.notes)),
    )


def _ruling(update: Update, court: Court, pusher: Pusher, protected: str, tags: Collection[str]) -> Ruling:
    if update.ref == protected:
        return _protected(update, court, pusher)
    if update.ref.startswith("refs/replace/"):
        said = f"{update.ref} would show another object in place of the true one"
        return Ruling((Objection(said, "keep it in your own clone, or drop it with `git replace -d`"),))
    tag = update.ref.removeprefix("refs/tags/")
    if update.ref.startswith("refs/tags/") and not update.is_new and any(fnmatchcase(tag, one) for one in tags):
        return Ruling((Objection(f"tag {tag} is protected and stays where it is", "make a new tag"),))
    return Ruling()


def _protected(update: Update, court: Court, pusher: Pusher) -> Ruling:
    branch = update.ref.removeprefix("refs/heads/")
    if update.is_deletion:
        return Ruling((Objection(f"{branch} is protected and is not deleted", "push to a branch of your own"),))
    if update.is_new:
        return Ruling(judgements=(court.check(update.new, None, pusher.party),))
    if not court.repository.is_ancestor(update.old, update.new):
        said = f"{branch} is protected: {update.old[:7]}, where it stands, is not part of what was pushed"
        return Ruling((Objection(said, f"run `git pull --rebase` on {branch}, and push again without --force"),))
    steps = _steps(court, update)
    if steps is None:
        said = f"{branch} stands at {update.old[:7]}, and what was pushed leads there only through a merged branch"
        return Ruling((Objection(said, f"start from {branch}, merge the other branch into it, and push that"),))
    heads = {id for name, id in court.repository.server.branches().items() if name != update.ref}
    return _joined([_step(court, pusher, base, commit, heads, branch) for base, commit in steps])


def _steps(court: Court, update: Update) -> list[tuple[str, str]] | None:
    """The steps on the branch itself, oldest first: each base and commit; `None` where they lead elsewhere."""
    steps: list[tuple[str, str]] = []
    here = update.new
    while here != update.old:
        parents = court.repository.parents(here)
        if not parents:
            return None
        if len(steps) == MOST and court.repository.is_ancestor(update.old, here):
            raise Undecided(f"more than {MOST} steps were pushed at once", "push them in parts")
        steps.append((parents[0], here))
        here = parents[0]
    return steps[::-1]


def _step(court: Court, pusher: Pusher, base: str, commit: str, heads: Collection[str], branch: str) -> Ruling:
    parents = court.repository.parents(commit)
    if len(parents) > 1:
        objections = tuple(_of_merge(court, commit, parents, heads, branch))
        if objections:
            return Ruling(objections)
        return Ruling((), (court.check(commit, base, pusher.party),))
    return _direct(court, pusher, base, commit, branch)


def _of_merge(
    court: Court, commit: str, parents: Sequence[str], heads: Collection[str], branch: str
) -> Iterator[Objection]:
    server, short = court.repository.server, commit[:7]
    if len(parents) > 2:
        yield Objection(f"{short} merges {len(parents) - 1} branches at once", "merge them one after the other")
    elif parents[1] not in heads:
        said = f"{short} merges {parents[1][:7]}, which is the head of no branch on this server"
        yield Objection(said, "push the branch first, let it be approved, and merge its head")
    elif isinstance(merged := server.merged_tree(parents[0], parents[1]), Conflict):
        said = f"{short} settles a conflict in {', '.join(merged.paths[:3])} that nobody but its author has seen"
        yield Objection(said, f"merge {branch} into the branch, settle it there, and merge that")
    elif merged != server.tree(commit):
        said = f"{short} is not what merging {parents[1][:7]} into {parents[0][:7]} gives"
        yield Objection(said, "merge it again with `git merge --no-ff`, without edits and without `-s ours`")


def _direct(court: Court, pusher: Pusher, base: str, commit: str, branch: str) -> Ruling:
    """A commit that was pushed as it is: from a machine in its lane, or nothing but signed approvals."""
    prefix = court.repository.prefix
    touched = court.repository.server.differences(base, commit)
    judge = court.judge(base)
    elsewhere = [path for _, path in touched if not path.startswith(prefix)]
    machine = judge.people.parties.get(pusher.party)
    if machine is None or not machine.is_machine:
        [text] = court.repository.texts([commit]).values()
        machine = machine_behind(text, judge.people, court.as_of, court.environment)
    if machine is not None and not elsewhere:
        return _by_machine(court, base, commit, machine.id)
    adds_approvals = bool(touched) and all(
        status == "A" and path.startswith(f"{prefix}{APPROVALS}") for status, path in touched
    )
    if adds_approvals:
        return Ruling(tuple(unsound(court, base, commit, pusher.party)), (court.check(commit, base, pusher.party),))
    what = ", ".join(path for _, path in touched[:3]) + (" …" if len(touched) > 3 else "")
    who = f" by {machine.id}" if machine is not None else ""
    said = f"{commit[:7]} was pushed to {branch} directly{who}: {what or 'it changes nothing'}"
    fix = f"run `opsledger propose`, let it be approved, and merge its branch into {branch} with `git merge --no-ff`"
    return Ruling((Objection(said, fix),), notes=(pusher.note,) if pusher.note else ())


def _by_machine(court: Court, base: str, commit: str, machine: str) -> Ruling:
    judge = court.judge(base)
    ledger = court.ledger(commit, base)
    steps = steps_between(judge.snapshot, ledger)
    lanes = lanes_of(judge.snapshot, judge.kinds)
    found = outside(steps, judge.snapshot, ledger, lanes, judge.people.parties[machine])
    objections = tuple(_objection(court, ledger, one) for one in found)
    if objections:
        return Ruling(objections)
    return Ruling((), (court.check(commit, base, machine),))


def _objection(court: Court, ledger: Ledger, found: Found) -> Objection:
    record = ledger.at_path(found.path)
    place = record.place(found.fault.pointer) if record is not None and record.is_readable else Place(found.path)
    said = f"{court.repository.prefix}{place}: {found.fault.code} {found.fault.message}"
    return Objection(said, found.fault.fix)
