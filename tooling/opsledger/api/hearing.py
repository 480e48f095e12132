"""What a question that is put at a revision needs: who judges, what is judged, and what is found there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opsledger.api.in_force import in_force, kinds_of
from opsledger.check import Base, found_in
from opsledger.errors import Undecided
from opsledger.finding import Progress
from opsledger.ledger import Ledger
from opsledger.rules.register import Found
from opsledger.rules.schemas import schema_faults
from opsledger.store import Conflict, Snapshot

if TYPE_CHECKING:
    from opsledger.api.book import Book
    from opsledger.gate import Judge


def hearing(book: Book, at: str, base: str | None, progress: Progress) -> tuple[Judge, Ledger, list[Found], str | None]:
    """
    What a question needs that is put at a revision.

    Returns:
        Who judges, what is judged, what the rules find there, and the commit that is to be merged if one is.

    Raises:
        As `decide`.
    """
    from opsledger.gate import Judge, judge_of

    commit = book.repository.resolve(at)
    judging = book.base(base if base is not None else judge_of(book.repository, commit))
    snapshot, is_step = merged(book, judging, commit)
    own = judging.kinds if snapshot is judging.snapshot else kinds_of(snapshot)
    kinds, policy = in_force(snapshot, own, judging)
    ledger = book.load(snapshot, kinds, policy, progress)
    found = found_in(ledger, policy)
    if is_step:
        found += schema_faults(ledger, judging.snapshot, own)
    judge = Judge(judging.name, judging.snapshot, judging.kinds, policy)
    return judge, ledger, found, commit if is_step else None


def merged(book: Book, judging: Base, commit: str) -> tuple[Snapshot, bool]:
    """
    What a gate judges: the commit, where it is part of the base, else what it would make of the base.

    Raises:
        Undecided: the base holds no ledger, or the two do not merge.
    """
    tip = judging.snapshot.commit or ""
    if not judging.is_ledger:
        raise Undecided(f"{judging.name} holds no ledger, so no gate is in force", "name another one with --base")
    # A forge's test merge names its base as its parent, also where a shallow clone knows nothing else.
    is_ahead = commit != tip and book.repository.is_ancestor(tip, commit)
    if not is_ahead and book.repository.is_ancestor(commit, tip):
        return book.repository.commit(commit), False
    result = book.repository.merge_result(tip, commit)
    if isinstance(result, Conflict):
        raise Undecided(
            f"{', '.join(result.paths)} {'does' if len(result.paths) == 1 else 'do'} not merge into {judging.name}",
            "merge the base into the branch, and solve the conflict there",
        )
    return result, True
