"""How each commit came onto the protected branch: by a merge, by a machine in its lane, or beside every way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from opsledger.errors import Undecided
from opsledger.history import refuse_partial_history
from opsledger.store import Change, Commit, CommitText, Repository

APPROVALS = "records/approvals/"
MOST = 10_000
"""How many commits one push may bring before nobody looks at them one by one."""


class Way(Enum):
    """How a commit came onto the branch."""

    MERGE = "by a merge"
    REQUEST = "by a pull request that its forge tells of"
    LANE = "by a machine in its lane"
    SIGNED = "as signed approvals alone"
    BESIDE = "beside every way"


@dataclass(frozen=True)
class Landed:
    """
    One commit on the branch itself.

    Args:
        changes: the files of the ledger that it changed; of a merge, none.
    """

    text: CommitText
    changes: tuple[Change, ...]

    @property
    def id(self) -> str:
        """Its full id."""
        return self.text.id

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it changed."""
        return tuple(change.path for change in self.changes)


@dataclass(frozen=True)
class Population:
    """
    Every commit that came onto the branch, with its way, newest first.

    Args:
        lost: whether the branch no longer leads to where it stood before: somebody rewrote it.
    """

    ways: tuple[tuple[Landed, Way], ...] = ()
    lost: bool = False

    @property
    def beside(self) -> tuple[Landed, ...]:
        """Those that came beside every way."""
        return tuple(landed for landed, way in self.ways if way is Way.BESIDE)

    def __str__(self) -> str:
        counts = Counter(way for _, way in self.ways)
        parts = ", ".join(f"{counts[way]} {way.value}" for way in Way if counts[way])
        return f"{len(self.ways)} commit{'' if len(self.ways) == 1 else 's'} landed{f': {parts}' if parts else ''}"


Admits = Callable[[Landed], bool]
"""Whether something is so of a commit that landed."""


def landed_commits(repository: Repository, old: str, new: str) -> tuple[tuple[Landed, ...], bool]:
    """
    The commits of a branch itself since it stood at `old`, newest first, and whether it still leads there.

    Only first parents are walked: on a protected branch each of them is one pull request, or something beside.

    Args:
        old: full id; empty for a branch that was not there.

    Raises:
        Undecided: the history is not whole in this clone, or is bent.
    """
    refuse_partial_history(repository)
    walked: list[str] = []
    here: str | None = new
    while here is not None and here != old:
        if len(walked) == MOST:
            raise Undecided(f"more than {MOST:,} commits landed at once", "judge them in parts, with --base")
        walked.append(here)
        here = next(iter(repository.parents(here)), None)
    changes = {commit.id: _own(commit) for commit in repository.log(new, since=old or None)} if walked else {}
    texts = repository.texts(walked)
    landed = tuple(Landed(texts[id], changes.get(id, ())) for id in walked if id in texts)
    return landed, bool(old) and here != old


def sorted_out(
    landed: Sequence[Landed], *, lost: bool, known: Collection[str], in_lane: Admits, is_signed: Admits
) -> Population:
    """
    Say of each commit how it came.

    Args:
        known: ids of commits that a forge names as what its pull requests left on the branch.
        in_lane: whether a machine made it, within its lane.
        is_signed: whether its files are approvals whose signatures hold.
    """
    return Population(tuple((one, _way(one, known, in_lane, is_signed)) for one in landed), lost)


def _way(landed: Landed, known: Collection[str], in_lane: Admits, is_signed: Admits) -> Way:
    if landed.id in known:
        return Way.REQUEST
    if len(landed.text.parents) > 1:
        return Way.MERGE
    if landed.changes and all(_is_new_approval(change) for change in landed.changes) and is_signed(landed):
        return Way.SIGNED
    return Way.LANE if in_lane(landed) else Way.BESIDE


def _is_new_approval(change: Change) -> bool:
    return change.status == "A" and change.path.startswith(APPROVALS)


def _own(commit: Commit) -> tuple[Change, ...]:
    return commit.changes if len(commit.parents) < 2 else ()
