"""By whom a gate judges: the schemas, the policy, the people and the gates of one snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from opsledger.errors import NoSuchRevision, Undecided
from opsledger.gate.reading import gates_of, judging_records
from opsledger.kind import Kind, Kinds
from opsledger.ledger import Ledger, Record
from opsledger.people import People, people_of
from opsledger.policy import Policy, settings_of
from opsledger.store import Repository, Snapshot

ORIGIN = "refs/remotes/origin/HEAD"


@dataclass(frozen=True, eq=False)
class Judge:
    """
    Whose gates and roles hold.

    Args:
        name: as people say it, such as *base origin/main 1a2b3c4*.
        kinds: what the judge's schemas say.
    """

    name: str
    snapshot: Snapshot = field(repr=False)
    kinds: Kinds = field(repr=False)
    policy: Policy = field(repr=False)

    @cached_property
    def gates(self) -> tuple[Record, ...]:
        """Its gates, by path."""
        return gates_of(self.snapshot, self.kinds)

    @cached_property
    def windows(self) -> tuple[Record, ...]:
        """
        Its calendar, by path; a window that cannot be read or does not fit its schema is among them.

        It then says `is_readable` is false: nobody knows what it forbids.
        """
        return judging_records(self.snapshot, self.kinds, "window")

    @cached_property
    def people(self) -> People:
        """Its parties and roles."""
        return people_of(self.snapshot, self.kinds)

    def hears(self, ledger: Ledger) -> Ledger:
        """
        What is judged as its gates see it: records of the kinds that judge are its own, whatever stands there.

        A step that softens an environment is judged by the environment as it is on the base.
        """
        judging = [kind for kind in ledger.kinds.values() if kind.judges]
        others = [kind.name for kind in judging if self._within(kind) != _files_within(ledger.snapshot, kind)]
        records = {name: judging_records(self.snapshot, self.kinds, name) for name in others}
        return ledger.under({name: {one.id: one for one in several} for name, several in records.items()})

    def _within(self, kind: Kind) -> dict[str, str]:
        return _files_within(self.snapshot, kind)


def _files_within(snapshot: Snapshot, kind: Kind) -> dict[str, str]:
    return {path: snapshot.files[path] for path in snapshot.below(kind.folder)}


def judge_of(repository: Repository, commit: str) -> str:
    """
    The reference whose tip judges a commit where nobody named one.

    It is what the remote called origin has checked out, if the commit is part of it: a branch does not judge itself.
    In a repository without any remote it is the protected branch that the commit's settings name, if the commit is
    part of it or grew from it.

    Args:
        commit: its full id.

    Raises:
        Undecided: there is none, or the commit is not part of it, so somebody has to say.
    """
    try:
        tip = repository.resolve(ORIGIN)
    except NoSuchRevision:
        if repository.remotes():
            raise Undecided(
                "this clone does not know the remote's main branch, so nobody knows who judges",
                "name the judge with --base, or run `git remote set-head origin --auto`",
            ) from None
        return _protected(repository, commit)
    if not repository.is_ancestor(commit, tip):
        raise Undecided(
            f"{commit[:7]} is not part of {ORIGIN.removeprefix('refs/remotes/')}, so nobody knows who judges",
            "name with --base the branch that it is to be merged into",
        )
    return ORIGIN


def _protected(repository: Repository, commit: str) -> str:
    name = settings_of(repository.commit(commit)).protected
    branch = f"refs/heads/{name}"
    try:
        tip = repository.resolve(branch)
    except NoSuchRevision:
        raise Undecided(
            f"no branch is called {name}, which .opsledger.yaml calls the protected one, so nobody knows who judges",
            "name the judge with --base",
        ) from None
    if repository.is_ancestor(commit, tip) or repository.is_ancestor(tip, commit):
        return branch
    raise Undecided(
        f"{commit[:7]} has parted from {name}, so nobody knows who judges",
        f"name the judge with --base {name}, or merge {name} into it",
    )
