"""The repository: where a ledger lies in it, and snapshots, merge results and history of that ledger."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType

from opsledger.errors import NoLedger, NoSuchRevision, Undecided
from opsledger.store import merging, sending, worktree, writing
from opsledger.store.clone import Clone, find_clone, small_file
from opsledger.store.disk import Disk
from opsledger.store.git import Git
from opsledger.store.log import Commit, Person, log
from opsledger.store.merging import Conflict
from opsledger.store.objects import Objects
from opsledger.store.own import OwnGit
from opsledger.store.revisions import resolve
from opsledger.store.sending import Pushed, Rejected
from opsledger.store.server import Server
from opsledger.store.snapshot import Snapshot
from opsledger.store.spans import commits_between, tag_message
from opsledger.store.texts import CommitText, commit_text
from opsledger.store.trees import lacking, tree_snapshot

MARKER = ".opsledger.yaml"
"""The file that makes a directory the root of a ledger."""
_LISTED = 3
"""Of how many commits the files are remembered: a gate asks for those of its judge several times over."""


class Repository:
    """
    A clone and the ledger in it; use it in a `with`.

    Nothing that the clone itself configures is run or heeded: see `opsledger.store.git`. Only `fetch`, `push` and
    `own`, which somebody must ask for by name, work as the user's git does: see `opsledger.store.own`.

    Args:
        root: the ledger's root.
        top: the top of the work tree; of a bare repository, the git directory.
        prefix: the root seen from the top: empty, or a path with `/` at its end.
    """

    def __init__(self, clone: Clone, prefix: str, environment: Mapping[str, str]) -> None:
        self.top = clone.top
        self.prefix = prefix
        self.root = clone.top / prefix
        self._clone = clone
        self._git = Git(clone, environment)
        self._objects = Objects(self._git)
        self._environment = environment
        self._listed: dict[str, Snapshot] = {}

    @classmethod
    def open(cls, directory: Path, *, environment: Mapping[str, str]) -> Repository:
        """
        The repository around a directory, and the ledger whose marker is nearest upward.

        A bare repository has no files to look for: there the ledger is looked for at the top of HEAD.

        Args:
            environment: PATH, HOME, XDG_CONFIG_HOME, SUDO_UID, TMPDIR and, in a server's hook, where git keeps the
                objects of the push are taken from it, and nothing else but what `fetch`, `push` and `own` hand on.

        Raises:
            NoRepository: no clone is there.
            NoLedger: no marker stands between the directory and the top of the clone.
            NoGit: git is missing or too old.
            Undecided: the clone is another user's, or stored in a way that this tool cannot read.
        """
        clone = find_clone(directory)
        if clone.is_bare:
            return cls(clone, "", environment)
        start = Path(os.path.realpath(directory))
        for folder in (start, *start.parents):
            if (folder / MARKER).is_file():
                return cls(clone, _prefix(clone.top, folder), environment)
            if folder == clone.top:
                break
        raise NoLedger(str(directory))

    @classmethod
    def within(cls, directory: Path, folder: str, *, environment: Mapping[str, str]) -> Repository:
        """As `open`, where somebody says in which folder of the repository the ledger stands: `ops`, or nothing."""
        clean = folder.strip("/")
        return cls(find_clone(directory), f"{clean}/" if clean not in ("", ".") else "", environment)

    @classmethod
    def at_top(cls, directory: Path, *, environment: Mapping[str, str]) -> Repository:
        """As `open`, for a directory that is to become a ledger's root: no marker is looked for."""
        clone = find_clone(directory)
        prefix = "" if clone.is_bare else _prefix(clone.top, Path(os.path.realpath(directory)))
        return cls(clone, prefix, environment)

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End git and remove what was made for it."""
        self._objects.close()
        if "_disk" in self.__dict__:
            self._disk.close()
        self._git.close()

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when the clone was made."""
        return bool(self._clone.shallow())

    @property
    def is_bare(self) -> bool:
        """Whether there is no work tree."""
        return self._clone.is_bare

    @property
    def branch(self) -> str:
        """The branch that is checked out, by its short name; empty where HEAD names a commit instead."""
        head = (small_file(self._clone.git_dir / "HEAD") or b"").decode("utf-8", "replace").strip()
        return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else ""

    @property
    def git_dir(self) -> Path:
        """The clone's own git directory, for files that must not be committed."""
        return self._clone.common_dir

    def resolve(self, revision: str) -> str:
        """
        The full id of the commit that a revision names.

        Raises:
            NoSuchRevision: it names none.
            Undecided: it names several.
        """
        return resolve(self._git, self._objects, revision)

    def head(self) -> str | None:
        """The full id of the commit that is checked out; None before the first commit."""
        try:
            return self.resolve("HEAD")
        except NoSuchRevision:
            return None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """
        Whether one commit is another one, or lies in its history.

        Raises:
            NoSuchRevision: one of them does not exist.
            Undecided: the history that would tell is not in this clone.
        """
        return merging.is_ancestor(self._git, self._objects, self.resolve(older), self.resolve(newer))

    def parents(self, revision: str) -> tuple[str, ...]:
        """
        The full ids of a commit's parents as the commit itself names them, whatever a shallow clone has cut off.

        Raises:
            NoSuchRevision: the revision names no commit.
            Undecided: it names several, or the clone lacks the commit.
        """
        commit = self._objects.commit(self.resolve(revision))
        if commit is None:
            raise lacking(self._git, f"commit {revision}")
        return commit.parents

    def work_tree(self) -> Snapshot:
        """
        The files as they stand on disk, committed or not; ignored ones are left out.

        Raises:
            Undecided: there is no work tree, or a merge or another command is in the middle of it.
        """
        self._needs_work_tree()
        return worktree.work_tree(self._git, self._objects, self._disk, self.root)

    def index(self) -> Snapshot:
        """
        The files as they would be committed now.

        Raises:
            Undecided: there is no index, or a merge or another command is in the middle of it.
        """
        self._needs_work_tree()
        return worktree.index(self._git, self._objects, self.root)

    def commit(self, revision: str) -> Snapshot:
        """
        The files of a commit; none if the ledger was not there yet.

        Raises:
            NoSuchRevision: the revision names no commit.
            Undecided: it names several, or the clone lacks parts of the commit.
        """
        full = self.resolve(revision)
        name = f"commit {full[:7]}"
        if (known := self._listed.get(full)) is not None:
            return known
        commit = self._objects.commit(full)
        if commit is None:
            raise lacking(self._git, name)
        found = tree_snapshot(
            self._git, self._objects, commit.tree, self.prefix, name=name, commit=full, when=commit.when
        )
        self._listed[full] = found
        if len(self._listed) > _LISTED:
            del self._listed[next(iter(self._listed))]
        return found

    def merge_result(self, base: str, head: str | None) -> Snapshot | Conflict:
        """
        What the base would hold after head is merged into it.

        If the base lies in the history of head it is head itself, a forge's own test merge included.

        Args:
            head: a revision, or None for the work tree.

        Raises:
            NoSuchRevision: head names no commit.
            Undecided: the base or the history is not in this clone, or a work tree's base has moved on.
        """
        tip = merging.base_commit(self._git, self._objects, base)
        commit = self.head() if head is None else self.resolve(head)
        if commit is None:
            raise Undecided("this branch has no commit yet", "commit first, then name the commit")
        diverged = Undecided(
            f"{base} has moved on since the work tree's branch left it",
            f"merge {base} into it, or commit first and judge the commit with `--at HEAD`",
        )
        result = merging.merge(
            self._git, self._objects, tip, commit, prefix=self.prefix, unmerged=diverged if head is None else None
        )
        if result is not None:
            return result
        return self.work_tree() if head is None else self.commit(commit)

    def log(
        self, tip: str = "HEAD", *, paths: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[Commit]:
        """
        The commits that touched the ledger, newest first, as a stream; see `history` for who may trust it.

        Args:
            paths: only commits that touched one of these, relative to the ledger's root; None for all.
            since: leave out this commit and all before it.
        """
        newest = self.resolve(tip)
        oldest = self.resolve(since) if since is not None else None
        return log(self._git, newest, prefix=self.prefix, paths=paths, since=oldest)

    def between(self, before: str, after: str) -> tuple[str, ...]:
        """The full ids of the commits that came to `before` to make it `after`, newest first, merges among them."""
        return commits_between(self._git, self.resolve(before), self.resolve(after))

    def tag_message(self, name: str) -> str:
        """What an annotated tag says; empty where there is none of that name, or it says nothing."""
        return tag_message(self._objects, name)

    def grafted(self) -> str | None:
        """What in this clone makes git show another history than its commits tell; None if there is nothing."""
        replaced = self._git.run("for-each-ref", "--count=1", "--format=%(refname)", "refs/replace/").decode().strip()
        if replaced:
            return f"{replaced} shows another object in place of the true one"
        if (small_file(self._clone.common_dir / "info" / "grafts") or b"").strip():
            return "info/grafts gives commits other parents than their own"
        return None

    def texts(self, ids: Sequence[str]) -> Mapping[str, CommitText]:
        """What commits say of themselves, by full id; those that are not in this clone are left out."""
        form = self._clone.object_format
        found = {id: self._objects.get(id) for id in ids}
        return {
            id: commit_text(one[0], one[2], object_format=form)
            for id, one in found.items()
            if one is not None and one[1] == "commit"
        }

    def commit_files(
        self, parent: str | None, changes: Mapping[str, bytes | None], *,
        message: str, author: Person, committer: Person, when: datetime, executable: Collection[str] = (),
        is_lasting: bool = True,
    ) -> str:  # fmt: skip
        """
        Write a commit on top of another one; no branch knows of it yet. See `writing.commit_files`.

        Args:
            changes: path below the ledger's root → its new bytes, or `None` to take the file away.
        """
        placed = {self.prefix + path: data for path, data in changes.items()}
        return writing.commit_files(
            self._git, parent, placed, message=message, author=author, committer=committer, when=when,
            executable={self.prefix + path for path in executable}, is_lasting=is_lasting,
        )  # fmt: skip

    def update_ref(self, name: str, new: str | None, old: str | None) -> bool:
        """Let a reference name another commit if it still names `old`; whether it was done."""
        return writing.update_ref(self._git, name, new, old)

    def remotes(self) -> Mapping[str, str]:
        """The clone's remotes: name → address."""
        return sending.remotes(self._git)

    def fetch(self, remote: str, *refspecs: str) -> None:
        """
        Fetch from a remote as its user would.

        Raises:
            Undecided: it could not be reached, or has no such reference.
        """
        sending.fetch(self.own, remote, refspecs)

    def complete(self, commit: str, remote: str = "origin") -> None:
        """
        Get the contents of the ledger's files at a commit, where this clone left contents out on purpose.

        Raises:
            Undecided: they could not be had.
        """
        if self._clone.is_partial():
            sending.complete(self._git, self.own, remote, commit, self.prefix)

    def fetch_review(self, commit: str, ref: str, *, remote: str = "origin") -> None:
        """
        Get a reviewed commit from a forge's reference, such as refs/pull/12/head, for as long as this is open.

        Raises:
            Undecided: it could not be had.
        """
        if self._objects.commit(commit) is None:
            sending.fetch_review(self._git, self._environment, commit, ref, remote)

    def push(self, remote: str, *refspecs: str, lease: str | None = None) -> Pushed | Rejected:
        """
        Push to a remote as its user would, but without the clone's hooks. See `sending.push`.

        Raises:
            Undecided: it could not be reached.
        """
        return sending.push(self.own, remote, refspecs, lease)

    @property
    def server(self) -> Server:
        """What a server's hook may ask."""
        return Server(self._git, self._objects)

    @cached_property
    def own(self) -> OwnGit:
        """The user's own git in this clone."""
        return OwnGit(self._git, self._environment)

    @cached_property
    def _disk(self) -> Disk:
        return Disk(self.root)

    def _needs_work_tree(self) -> None:
        if self.is_bare:
            raise Undecided(f"{self.top} is a bare repository without a work tree", "name a commit with --at")


def _prefix(top: Path, root: Path) -> str:
    relative = root.relative_to(top).as_posix()
    return "" if relative == "." else f"{relative}/"
