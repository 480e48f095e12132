"""What a pull request would make of its base: the merge result, computed as a forge computes it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from opsledger.errors import GitFailed, NoSuchRevision, Undecided
from opsledger.store.git import Git
from opsledger.store.objects import Objects
from opsledger.store.revisions import resolve
from opsledger.store.snapshot import Snapshot
from opsledger.store.trees import tree_snapshot

_DEEPEN = "run `git fetch --unshallow` (or `git fetch --deepen=100`) to get the commits between"


@dataclass(frozen=True)
class Conflict:
    """
    Base and head changed the same places in different ways, so there is no merge result yet.

    Args:
        paths: the ledger's files in conflict, relative to its root, sorted.
    """

    paths: tuple[str, ...]


def base_commit(git: Git, objects: Objects, base: str) -> str:
    """
    The full id of the base's tip.

    Raises:
        Undecided: this clone has no such commit; says how to get it.
    """
    try:
        return resolve(git, objects, base)
    except NoSuchRevision as absent:
        raise Undecided(f"the base {base!r} is not in this clone", f"run `{_fetch(git, base)}`") from absent


def is_ancestor(git: Git, objects: Objects, older: str, newer: str) -> bool:
    """
    Whether one commit is the other or lies in its history.

    Raises:
        Undecided: the history that would tell is not in this clone.
    """
    # A commit names its parents even where a shallow clone has cut them off.
    commit = objects.commit(newer)
    if older == newer or (commit is not None and older in commit.parents):
        return True
    return older == _merge_base(git, older, newer)


def merge(
    git: Git, objects: Objects, base: str, head: str, *, prefix: str, unmerged: Undecided | None
) -> Snapshot | Conflict | None:
    """
    The merge of two commits, by full id; None if the base lies in the history of head, which then is the result.

    Attributes of the tree are not heeded, as on the forges: a driver such as `merge=union` would invent a clean
    result that no forge computes. So a conflict is the worst that a `.gitattributes` can bring about.

    Args:
        unmerged: what to say where histories have diverged and nothing may be merged.

    Raises:
        Undecided: the history that is needed is not in this clone, or there is none in common.
    """
    if is_ancestor(git, objects, base, head):
        return None
    if unmerged is not None:
        raise unmerged
    if _merge_base(git, base, head) is None:
        raise Undecided(
            f"{base[:7]} and {head[:7]} have no history in common",
            "name a base that the change grew from, as `--base origin/main`",
        )
    return _merged(git, objects, base, head, prefix)


def _merge_base(git: Git, base: str, head: str) -> str | None:
    try:
        code, output = git.ask("merge-base", base, head, accept=(0, 1))
    except GitFailed as failure:
        raise Undecided(f"commits between {base[:7]} and {head[:7]} are not in this clone", _DEEPEN) from failure
    found = output.decode().strip() if code == 0 else None
    # In a shallow clone only a yes is certain: another way may lead through what was cut off.
    if found != base and git.clone.shallow():
        raise Undecided(f"this clone is shallow and does not show how {base[:7]} and {head[:7]} are related", _DEEPEN)
    return found


def _merged(git: Git, objects: Objects, base: str, head: str, prefix: str) -> Snapshot | Conflict:
    try:
        code, output = git.ask(
            "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, head, accept=(0, 1)
        )
    except GitFailed as failure:
        raise Undecided(
            f"{base[:7]} and {head[:7]} cannot be merged here: {failure.said.strip()}",
            "run `git fsck`; in a partial clone run `git fetch --refetch --no-filter`",
        ) from failure
    tree, *names = output.decode("utf-8", "surrogateescape").rstrip("\0").split("\0")
    # What lies outside the ledger may be in conflict: its part of the tree is merged all the same.
    paths = sorted({name[len(prefix) :] for name in names if name.startswith(prefix)})
    if code == 1 and paths:
        return Conflict(tuple(paths))
    newest = objects.commit(head)
    when = newest.when if newest is not None else None
    name = f"merge of {head[:7]} into {base[:7]}"
    return tree_snapshot(git, objects, tree, prefix, name=name, commit=None, when=when)


def _fetch(git: Git, base: str) -> str:
    depth = "--depth=1 " if git.clone.shallow() else ""
    name = base.removeprefix("refs/remotes/")
    remote, _, branch = name.partition("/")
    if branch and not base.startswith(("refs/heads/", "refs/tags/")):
        wanted = f"{branch}:refs/remotes/{remote}/{branch}"
        return f"git fetch {depth}{shlex.quote(remote)} {shlex.quote(wanted)}"
    return f"git fetch {depth}origin {shlex.quote(base)}"
