"""What the hook of a server asks of its repository: branches, whole commits side by side, and honest merges."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from opsledger.errors import GitFailed, Undecided
from opsledger.store.git import Git
from opsledger.store.merging import Conflict
from opsledger.store.objects import Objects
from opsledger.store.trees import lacking


@dataclass(frozen=True)
class Server:
    """A repository that others push to; paths count from its top, wherever the ledger stands."""

    git: Git
    objects: Objects

    def branches(self) -> Mapping[str, str]:
        """Its branches: full name → id."""
        listed = self.git.run("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/").decode()
        return dict(line.split(" ") for line in listed.splitlines())

    def tree(self, commit: str) -> str:
        """
        The id of a commit's tree.

        Raises:
            Undecided: the commit is not here.
        """
        found = self.objects.commit(commit)
        if found is None:
            raise lacking(self.git, f"commit {commit[:7]}")
        return found.tree

    def differences(self, before: str, after: str) -> tuple[tuple[str, str], ...]:
        """The files in which two commits differ: `A`, `M`, `D` or `T`, and the path."""
        options = ("-r", "-z", "--no-renames", "--name-status")
        pieces = os.fsdecode(self.git.run("diff-tree", *options, before, after)).split("\0")
        return tuple(zip(pieces[::2], pieces[1::2], strict=False))

    def merged_tree(self, base: str, head: str) -> str | Conflict:
        """
        The tree that a clean merge of two commits has.

        Raises:
            Undecided: they cannot be merged here.
        """
        options = ("--write-tree", "-z", "--name-only", "--no-messages")
        try:
            code, output = self.git.ask("merge-tree", *options, base, head, accept=(0, 1))
        except GitFailed as failure:
            said = failure.said.strip()
            raise Undecided(f"{base[:7]} and {head[:7]} cannot be merged here: {said}", "run `git fsck`") from failure
        tree, *names = output.decode("utf-8", "surrogateescape").rstrip("\0").split("\0")
        return Conflict(tuple(sorted(set(names)))) if code == 1 else tree
