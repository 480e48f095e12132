"""What the protected branch held at a time: a verdict by an older commit knows nothing of what came since."""

from __future__ import annotations

from datetime import datetime, timedelta

from opsledger.errors import Refused, Undecided
from opsledger.store import Repository

SLACK = timedelta(minutes=10)
"""How long after something landed a gate may still have been asked of what was there before: clones take a while."""

MOST = 10_000
"""How many steps of the branch are looked back."""


def held_at(repository: Repository, commit: str, *, tip: str, at: datetime) -> str:
    """
    The commit by which a gate had to be asked at a time, where somebody says that it was asked by an older one.

    It is the newest one that says of itself that it was there by then. Only first parents are walked: a commit of a
    merged branch was never held by the protected one, and may have said what no reviewer let stand.

    Args:
        commit: full id of the one by which it was asked.
        tip: full id of the newest commit of the protected branch.

    Returns:
        The full id; that of `commit` where it was the newest.

    Raises:
        Refused: the protected branch never held it.
        Undecided: it lies further back than anybody looks, or than this clone reaches.
    """
    here: str | None = tip
    newer = ""
    for _ in range(MOST):
        if here is None:
            break
        if here == commit:
            return newer or commit
        if not newer and _was_there(repository, here, at):
            newer = here
        here = next(iter(repository.parents(here)), None)
    else:
        raise Undecided(f"commit {commit[:7]} lies more than {MOST:,} steps back", "ask the gate at a newer commit")
    if repository.is_shallow:
        raise Undecided(f"nobody knows here whether the protected branch held {commit[:7]}", "fetch the whole history")
    raise Refused(f"commit {commit[:7]} was never the tip of the protected branch", "ask the gate at its tip")


def _was_there(repository: Repository, commit: str, at: datetime) -> bool:
    landed = repository.commit(commit).when
    return landed is not None and landed + SLACK < at
