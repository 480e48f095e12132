"""What else gates are asked of a book: components, moves that were made, and what lets a deployment through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from opsledger.api.hearing import hearing
from opsledger.api.in_force import in_force
from opsledger.check import Base
from opsledger.errors import NoSuchRevision, Refused, Undecided
from opsledger.finding import Progress, silent
from opsledger.packages import digest_of
from opsledger.question import Occasion

if TYPE_CHECKING:
    from opsledger.api.book import Book
    from opsledger.gate import Verdict
    from opsledger.gate.hindsight import Passage


def ci_check(
    book: Book,
    cis: Sequence[str] = (),
    *,
    paths: Sequence[str] = (),
    belongs: Callable[[object], bool] | None = None,
    version: str = "",
    at: str = "HEAD",
    base: str | None = None,
    as_of: datetime | None = None,
    environment: str = "",
    progress: Progress = silent,
) -> Verdict:
    """
    Decide whether something may be built on components, before there is a release.

    Args:
        cis: their ids.
        paths: files that were changed: the components that they belong to are meant as well.
        belongs: whether the paths are of the repository that a component names; `None` where it names none.
        version: the one that is built, or empty.

    Raises:
        As `decide`.
    """
    from opsledger.gate import situation_of
    from opsledger.gate.ci_check import cis_at, verdict_on_cis

    judge, ledger, found, head = hearing(book, at, base, progress)
    touched = cis_at(ledger, paths, belongs or (lambda named: named is None)) if paths else ()
    situation = situation_of(book.repository, judge, ledger, Occasion(as_of), head=head)
    return verdict_on_cis(judge, ledger, situation, found, (*cis, *touched), environment=environment, version=version)


def hindsight(
    book: Book, gate: str, *, since: datetime, base: str | None = None, progress: Progress = silent
) -> tuple[Passage, ...]:
    """
    What a gate of today would have said of the moves that were made since a time, the newest first.

    Args:
        gate: its id, or its id without the prefix.
        base: the branch that is looked at and whose tip judges; `None` for the remote's main branch.

    Raises:
        Undecided: nobody knows who judges, or the clone does not reach back that far.
        NoSuchGate: the judge has none of that name.
    """
    from opsledger.gate import Judge, judge_of
    from opsledger.gate.hindsight import passages

    judging = book.base(base if base is not None else judge_of(book.repository, book.repository.resolve("HEAD")))
    if not judging.is_ledger:
        raise Undecided(f"{judging.name} holds no ledger, so no gate is in force", "name another one with --base")
    kinds, policy = in_force(judging.snapshot, judging.kinds, judging)
    judge = Judge(judging.name, judging.snapshot, judging.kinds, policy)
    occasion = Occasion(environment=book.environment)
    found = passages(
        book.repository, judge, lambda there: book.load(there, kinds, policy), gate,
        since=since, occasion=occasion, progress=progress,
    )  # fmt: skip
    return tuple(found)


def let_through(
    book: Book,
    gate: str,
    subject: str,
    *,
    at: str,
    as_of: datetime,
    base: str = "",
    environment: str = "",
    group: str = "",
    emergency: bool = False,
) -> tuple[Verdict, dict[str, Any]]:
    """
    Decide at a commit of the protected branch, by that very commit, whether a record may pass a gate.

    Args:
        base: how people call that commit.

    Returns:
        The verdict, and what a deployment keeps of it.

    Raises:
        As `decide`.
    """
    from opsledger.gate.storing import stored

    verdict = book.decide(
        gate, subject, at=at, base=base or at, as_of=as_of, environment=environment, group=group,
        emergency=emergency,
    )  # fmt: skip
    ledger = book.ledger(at)
    package = digest_of(ledger.record(subject))
    return verdict, stored(verdict, package=package, judge=ledger.snapshot, kinds=ledger.kinds)


def let_through_again(book: Book, base: Base | None, kept: Mapping[str, Any]) -> dict[str, Any]:
    """
    Ask again for a verdict that a deployment keeps, at the commit and for the time that it names.

    Raises:
        Refused: the commit is not part of the base.
        Undecided: it is not in this clone.
    """
    commit, tip = str(kept.get("commit", "")), base.snapshot.commit if base is not None else None
    try:
        is_known = tip is not None and book.repository.is_ancestor(commit, tip)
    except NoSuchRevision:
        raise Undecided(f"commit {commit[:7]} is not in this clone", "fetch the whole history") from None
    if not is_known or tip is None:
        raise Refused(f"commit {commit[:7]} is not part of the protected branch", "ask the gate there")
    from opsledger.gate.tips import held_at

    as_of = datetime.fromisoformat(str(kept.get("as_of", "")))
    owed = [one for one in kept.get("answers", ()) if one.get("outcome") == "owed"]
    ask = partial(
        let_through, book, str(kept.get("gate", "")), str(kept.get("subject", "")), as_of=as_of,
        environment=str(kept.get("environment", "")), group=str(kept.get("group", "")),
        emergency=any(not one.get("waived_by") for one in owed),
    )  # fmt: skip
    held = held_at(book.repository, book.repository.resolve(commit), tip=tip, at=as_of)
    if held != book.repository.resolve(commit) and not ask(at=held)[0].is_open:
        said = f"the protected branch had gone on from {commit[:7]} to {held[:7]}, and there the gate is shut"
        raise Refused(said, "ask the gate at the tip of the protected branch")
    return ask(at=commit)[1]
