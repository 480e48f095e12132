"""Brings a small change onto a branch that many write to: on its tip, again and again, until the remote takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from opsledger.errors import NoSuchRevision, Refused, Undecided
from opsledger.store.log import Person
from opsledger.store.sending import Rejected
from opsledger.store.snapshot import Snapshot

if TYPE_CHECKING:
    from opsledger.store.repository import Repository

Changes = Mapping[str, bytes | None]
ATTEMPTS = 40
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 3.0


@dataclass(frozen=True)
class Landed:
    """
    A change that the remote took.

    Args:
        commit: its full id, and the branch's tip when it landed; the tip itself where nothing was left to change.
        attempts: how many pushes it took; 0 where nothing was left to change.
    """

    commit: str
    attempts: int


def land(
    repository: Repository, remote: str, branch: str, changes_of: Callable[[Snapshot], Changes], *,
    message: str, author: Person, when: datetime, sleep: Callable[[float], None], chance: Callable[[], float],
    attempts: int = ATTEMPTS,
) -> Landed:  # fmt: skip
    """
    Commit a change on the tip of a remote's branch and push it; whoever loses a race starts again from the new tip.

    No branch and no file of this clone moves, so many of them can work beside each other.

    Args:
        branch: its short name, as main.
        changes_of: what to write, given the tip: path below the ledger's root → bytes, or `None` to remove it. It is
            asked again for every tip, and refuses by raising.
        sleep: waits for that many seconds.
        chance: a number from 0 to 1, so that those who lost together do not meet again.

    Raises:
        Refused: the remote refuses the change itself, or others were quicker every time.
        Undecided: the remote cannot be reached.
    """
    reference = f"refs/heads/{branch}"
    for attempt in range(1, attempts + 1):
        tip = fetched_tip(repository, remote, branch)
        changes = _needed(changes_of(repository.commit(tip)), repository.commit(tip))
        if not changes:
            return Landed(tip, attempt - 1)
        commit = repository.commit_files(
            tip, changes, message=message, author=author, committer=author, when=when
        )  # fmt: skip
        answer = repository.push(remote, f"{commit}:{reference}")
        if not isinstance(answer, Rejected):
            return Landed(commit, attempt)
        if not answer.is_race:
            raise not_taken(answer, remote, branch)
        sleep(min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempt, 10)) * (0.5 + chance()))
    raise Refused(
        f"{remote} moved on under each of {attempts} pushes to {branch}", "give the command again in a minute"
    )


def fetched_tip(repository: Repository, remote: str, branch: str) -> str:
    """
    The newest commit of a remote's branch, with all that it stands on.

    Raises:
        Undecided: the remote cannot be reached or has no such branch.
    """
    here = f"refs/remotes/{remote}/{branch}"
    repository.fetch(remote, f"+refs/heads/{branch}:{here}")
    try:
        tip = repository.resolve(here)
    except NoSuchRevision:
        raise Undecided(f"{remote} has no branch {branch}", "push it first") from None
    repository.complete(tip, remote)
    return tip


def not_taken(answer: Rejected, remote: str, branch: str) -> Refused:
    """What to say when the remote refuses a push for what is in it."""
    said = f":\n{answer.said}" if answer.said else ""
    return Refused(f"{remote} does not take the push to {branch} ({answer.reason}){said}")


def _needed(changes: Changes, tip: Snapshot) -> Changes:
    """Leave out what the tip holds already: a push that was taken though nobody heard of it is not made twice."""
    return {
        path: data
        for path, data in changes.items()
        if (path in tip.files) != (data is not None) or (data is not None and tip.read(path) != data)
    }
