"""The branch that others rely on: whose ids are taken for good."""

from __future__ import annotations

from collections.abc import Iterable

from opsledger.errors import NoSuchRevision
from opsledger.policy import settings_of
from opsledger.store import Repository, Snapshot


def base_snapshot(repository: Repository, here: Snapshot, base: str | None = None) -> Snapshot | None:
    """
    Return the base branch as it is known here, or `None` where it does not exist yet.

    Args:
        repository: of the ledger.
        here: a snapshot with the ledger's settings, which name the protected branch.
        base: another revision to take.

    Raises:
        NoSuchRevision: the revision that was asked for does not exist.
    """
    if base is not None:
        return repository.commit(base)
    protected = settings_of(here).protected.removeprefix("refs/heads/").removeprefix("origin/")
    for name in (f"refs/remotes/origin/{protected}", f"refs/heads/{protected}"):
        try:
            return repository.commit(name)
        except NoSuchRevision:
            continue
    return None


def stems(snapshot: Snapshot | None, folders: Iterable[str]) -> frozenset[str]:
    """Return the names of the records' files in some folders, which are ids where the file name is the id."""
    if snapshot is None:
        return frozenset()
    starts = tuple(f"{folder}/" for folder in folders)
    return frozenset(
        path.rpartition("/")[2].removesuffix(".yaml")
        for path in snapshot.files
        if path.startswith(starts) and path.endswith(".yaml")
    )


def came_with_branch(repository: Repository, path: str, base: Snapshot | None) -> bool:
    """
    Tell whether a file was made on this branch, also where the base has meanwhile got another of that name.

    Raises:
        Undecided: the history that would tell is not in this clone.
    """
    head = repository.head()
    if base is None or base.commit is None or head is None or path not in repository.commit(head).files:
        return True
    commits = repository.log(head, paths=[path], since=base.commit)
    statuses = (change.status for commit in commits for change in commit.changes if change.path == path)
    # The newest of its comings and goings counts: a file that this branch gave up came back with the base's.
    return "A" in next((status for status in statuses if "A" in status or "D" in status), "")
