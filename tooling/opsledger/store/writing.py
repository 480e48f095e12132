"""Writes commits and moves references, by git plumbing that heeds nothing of the clone's own configuration."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from opsledger.errors import GitFailed, Undecided
from opsledger.store.git import Git
from opsledger.store.log import Person

_PATIENCE = 10_000
"""For how many milliseconds another writer may hold a reference before git gives up."""


def commit_files(
    git: Git, parent: str | None, changes: Mapping[str, bytes | None], *,
    message: str, author: Person, committer: Person, when: datetime, executable: Collection[str] = (),
    is_lasting: bool = True,
) -> str:  # fmt: skip
    """
    Write a commit into the clone's own objects; no reference names it yet.

    Args:
        parent: full id of the commit that it stands on; `None` for a first commit.
        changes: path from the top of the repository → its new bytes, or `None` to take the file away.
        when: the time of both author and committer.
        executable: those of the paths whose file may be executed.
        is_lasting: whether it is for the clone; otherwise it is gone once nobody looks at the repository any more.

    Returns:
        The full id of the commit, also where its tree is that of the parent.

    Raises:
        Undecided: the parent, or a part of it, is not in this clone.
        GitFailed: git could not write, or refuses a path.
    """
    for path in changes:
        _refuse_odd(path)
    own = {"GIT_OBJECT_DIRECTORY": str((git.clone.common_dir if is_lasting else git.directory) / "objects")}
    with tempfile.TemporaryDirectory(dir=git.directory) as folder:
        staged = own | {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        _read_tree(git, parent, staged)
        blobs = _blobs(git, [data for data in changes.values() if data is not None], Path(folder), own)
        written = iter(blobs)
        nothing = "0" * git.clone.id_length
        entries = [
            f"0 {nothing}\t{path}\0"
            if data is None
            else f"{'100755' if path in executable else '100644'} {next(written)}\t{path}\0"
            for path, data in sorted(changes.items(), key=lambda change: change[1] is not None)
        ]
        git.feed(os.fsencode("".join(entries)), "update-index", "-z", "--replace", "--index-info", variables=staged)
        # A partial clone lacks what it left out on purpose, and the parent vouches for it.
        lenient = ["--missing-ok"] if git.clone.is_partial() else []
        tree = git.feed(b"", "write-tree", *lenient, variables=staged).decode().strip()
    parents = ["-p", parent] if parent is not None else []
    people = _people(author, committer, when)
    text = message.encode("utf-8", "replace")
    return git.feed(text, *_DURABLE, "commit-tree", tree, *parents, variables=own | people).decode().strip()


def update_ref(git: Git, name: str, new: str | None, old: str | None) -> bool:
    """
    Let a reference name another commit, if it still names the one that the caller saw.

    Args:
        name: in full, as refs/heads/main.
        new: the commit; `None` takes the reference away.
        old: what it names now; `None` where it must not exist yet.

    Returns:
        Whether it was done; if not, somebody else was quicker.

    Raises:
        GitFailed: git could not write, or refuses the name.
    """
    nothing = "0" * git.clone.id_length
    what = ["-d", name, old or nothing] if new is None else [name, new, old or nothing]
    try:
        git.feed(b"", "-c", f"core.filesRefLockTimeout={_PATIENCE}", "update-ref", "--no-deref", *what)
    except GitFailed:
        if _now(git, name) != old:
            return False
        raise
    return True


_DURABLE = ("-c", "core.fsync=committed", "-c", "core.fsyncMethod=batch")


def _refuse_odd(path: str) -> None:
    # Git leaves such a path out with a warning and ends well.
    parts = path.split("/")
    if "\0" in path or any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts):
        raise GitFailed("update-index", f"{path!r} is no path of a file in a repository")


def _read_tree(git: Git, parent: str | None, variables: Mapping[str, str]) -> None:
    try:
        git.feed(b"", "read-tree", *([parent] if parent is not None else ["--empty"]), variables=variables)
    except GitFailed as failure:
        raise Undecided(
            f"commit {(parent or '')[:7]} is not whole in this clone", "run `git fsck`, or fetch what is missing"
        ) from failure


def _blobs(git: Git, contents: Sequence[bytes], folder: Path, variables: Mapping[str, str]) -> list[str]:
    """Write the blobs in the order of removals first, as `changes` is sorted: one process for all of them."""
    if not contents:
        return []
    for number, data in enumerate(contents):
        (folder / str(number)).write_bytes(data)
    names = "".join(f"{folder / str(number)}\n" for number in range(len(contents)))
    command = ("hash-object", "-w", "--no-filters", "--stdin-paths")
    return git.feed(os.fsencode(names), *_DURABLE, *command, variables=variables).decode().split()


def _people(author: Person, committer: Person, when: datetime) -> dict[str, str]:
    date = f"@{int(when.timestamp())} +0000"
    return {
        "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email, "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_NAME": committer.name, "GIT_COMMITTER_EMAIL": committer.email, "GIT_COMMITTER_DATE": date,
    }  # fmt: skip


def _now(git: Git, name: str) -> str | None:
    """Return the id that a reference holds now."""
    code, output = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name, accept=(0, 1, 128))
    return output.decode().strip() if code == 0 else None
