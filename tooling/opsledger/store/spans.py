"""The commits between two revisions, merges among them, and what an annotated tag says."""

from __future__ import annotations

from opsledger.errors import GitFailed
from opsledger.store.git import Git
from opsledger.store.objects import Objects
from opsledger.store.trees import lacking


def commits_between(git: Git, before: str, after: str) -> tuple[str, ...]:
    """
    The full ids of the commits that are part of one commit and not of another, newest first.

    Raises:
        Undecided: a part of the history is not in this clone.
    """
    try:
        listed = git.run("rev-list", "--date-order", after, f"^{before}")
    except GitFailed as failure:
        raise lacking(git, "history") from failure
    return tuple(listed.decode("ascii", "replace").split())


def tag_message(objects: Objects, name: str) -> str:
    """What an annotated tag says, without the signature behind it; empty where the tag is none, or says nothing."""
    found = objects.get(f"refs/tags/{name}") if name else None
    if found is None or found[1] != "tag":
        return ""
    text = found[2].partition(b"\n\n")[2].decode("utf-8", "replace")
    for start in ("-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----"):
        text = text.partition(start)[0]
    return text.strip()
