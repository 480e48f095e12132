"""Commits and trees as snapshots."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime

from opsledger.errors import GitFailed, Undecided
from opsledger.store import disk
from opsledger.store.git import Git
from opsledger.store.objects import Objects
from opsledger.store.snapshot import Snapshot, in_order

RECORD_SUFFIXES = (".yaml", ".yml")
_MODES = {"120000": disk.SYMLINK, "160000": disk.SUBMODULE, "100755": disk.EXECUTABLE}
_PLAIN = "100644 blob "
# Two patterns that start with a plain byte: a class in front would make the search five times slower.
_REFUSED_BY_GIT = tuple(re.compile(start + rb"(?:\.{0,2}|\.[gG][iI][tT])[/\0]") for start in (b"/", b"\t"))


def tree_snapshot(
    git: Git, objects: Objects, tree: str, prefix: str, *, name: str, commit: str | None, when: datetime | None
) -> Snapshot:
    """
    The files of a tree below a folder; none if the tree has no such folder.

    Raises:
        Undecided: this clone lacks a part of the tree.
    """
    files: dict[str, str] = {}
    odd: dict[str, str] = {}
    listed = _list(git, tree, prefix, name)
    _sort_out(listed, git.clone.id_length, len(prefix), files, odd)
    odd |= odd_folders(files, listed)
    return Snapshot(name, commit, when, in_order(files), in_order(odd), objects)


def lacking(git: Git, name: str) -> Undecided:
    """What to say when objects of a commit are not there."""
    if git.clone.is_partial():
        return Undecided(
            f"this clone is partial and lacks parts of the {name}", "run `git fetch --refetch --no-filter` to get them"
        )
    return Undecided(f"objects of the {name} are damaged or missing", "run `git fsck` to see which, and clone again")


def odd_folders(files: Iterable[str], listed: bytes) -> dict[str, str]:
    """Folders that are called like a record and hold files."""
    if b".yaml/" not in listed and b".yml/" not in listed:
        return {}
    return {
        path[: match.end() - 1]: disk.NAMED_LIKE_A_RECORD for path in files for match in re.finditer(r"\.ya?ml/", path)
    }


def _list(git: Git, tree: str, prefix: str, name: str) -> bytes:
    try:
        return git.run("ls-tree", "-r", "-z", "--full-tree", tree, "--", *([prefix] if prefix else []))
    except GitFailed as failure:
        raise lacking(git, name) from failure


def _sort_out(listed: bytes, id_length: int, skip: int, files: dict[str, str], odd: dict[str, str]) -> None:
    # `git ls-tree` prints whatever a hand-made tree holds.
    is_strange = any(pattern.search(listed) for pattern in _REFUSED_BY_GIT)
    lines = os.fsdecode(listed).split("\0")[:-1]
    # Nearly all lines are `100644 blob <id><tab><path>`: those are cut at fixed places, for speed.
    end = 12 + id_length
    plain = {line[end + 1 + skip :]: line[12:end] for line in lines if line[:12] == _PLAIN}
    if len(plain) == len(lines) and not is_strange:
        files.update(plain)
        return
    for line in lines:
        before, _, path = line.partition("\t")
        mode, _, blob = before.split(" ")
        path = path[skip:]
        if is_strange and _REFUSED_BY_GIT[0].search(b"/" + os.fsencode(path) + b"/"):
            odd[path] = "malformed path"
            continue
        if path in files:
            odd[path] = "listed twice"
        elif reason := _MODES.get(mode):
            odd[path] = reason
        if mode.startswith("100"):
            files[path] = blob
