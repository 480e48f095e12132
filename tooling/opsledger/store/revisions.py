"""Turns what people call a commit into its full id, by rules that no name in the clone can bend."""

from __future__ import annotations

import re

from opsledger.errors import NoSuchRevision, Undecided
from opsledger.store.git import Git
from opsledger.store.objects import Objects

_NAME = re.compile(r"(?P<base>[^\x00-\x20~^:?*\[\\\x7f@-][^\x00-\x20~^:?*\[\\\x7f]*|@)(?P<steps>(?:[~^][0-9]*)*)")
_HEX = re.compile(r"[0-9a-fA-F]{4,64}")
_PLACES = ("refs/heads/{}", "refs/tags/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD", "refs/{}")
_HEADS = {"HEAD", "@", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD"}


def resolve(git: Git, objects: Objects, revision: str) -> str:
    """
    The full id of the commit that a revision names: a reference, an id or its beginning, with `~2` or `^1` behind.

    Git would take a tag before a branch of the same name, in silence; here a name that fits several commits
    is no answer.

    Raises:
        NoSuchRevision: it names no commit of this clone.
        Undecided: it names several.
    """
    match = _NAME.fullmatch(revision)
    if match is None or ".." in revision or "@{" in revision:
        raise NoSuchRevision(revision)
    git.refresh_heads()
    base, steps = match["base"], match["steps"]
    if _HEX.fullmatch(base) and len(base) == git.clone.id_length:
        names = [base.lower()]
    elif base in _HEADS or base.startswith("refs/"):
        names = [base]
    else:
        names = [place.format(base) for place in _PLACES]
    found = {name: commit for name in names if (commit := _commit(objects, name + steps))}
    if len(set(found.values())) > 1:
        listed = " and ".join(found)
        raise Undecided(f"{base!r} names several commits: {listed}", f"write the full name, as {next(iter(found))}")
    if not found and _HEX.fullmatch(base) and (commit := _commit(objects, base.lower() + steps)):
        return commit
    if not found:
        raise NoSuchRevision(revision)
    return next(iter(found.values()))


def _commit(objects: Objects, name: str) -> str | None:
    found = objects.get(name + "^{commit}")
    return found[0] if found is not None else None
