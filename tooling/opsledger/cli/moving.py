"""Moves that are made for somebody: the judge, what machines do themselves, and questions about missing facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from opsledger.api import Book
from opsledger.check import Judgement
from opsledger.cli.asking import ask_one
from opsledger.cli.bench import Bench
from opsledger.cli.caller import Caller
from opsledger.cli.pulling import protected_branch, tip_of
from opsledger.cli.screen import show
from opsledger.cli.writing import escaped_line, finish
from opsledger.edit import proposing
from opsledger.edit.advancing import Advance, Course, advance, stays_told, told
from opsledger.edit.judging import planned
from opsledger.edit.plan import Plan, Write
from opsledger.edit.reaching import Judging
from opsledger.edit.values import Assignment, assignment
from opsledger.errors import Refused
from opsledger.gate import moves_of
from opsledger.ledger import Ledger, Record
from opsledger.rules.lanes import lanes_of
from opsledger.store import Conflict, Person

NOBODY = Person("nobody", "nobody@invalid")
"""The author of a trial where git was never told who works here: no party is called so."""


@dataclass(frozen=True)
class Onward:
    """
    What somebody wants to move; a text that is empty was not given.

    Args:
        given: fields as they were typed.
        by: id of the party that makes the step.
        base: another revision than the protected branch, or `None`.
    """

    id: str
    to: str
    given: tuple[str, ...]
    by: str
    base: str | None


def onward(caller: Caller, wanted: Onward, *, dry_run: bool) -> int:
    """
    Make the moves that are open, and return the exit code.

    Raises:
        NoSuchRecord: nothing has that id.
        Refused: no way leads there, or a field does not fit.
        Undecided: nobody knows who judges.
    """
    with caller.book() as book:
        ledger = book.ledger()
        base = wanted.base or tip_of(book, protected_branch(book), "origin")
        course = course_of(book, ledger, base)
        judge = as_merged(caller, book, ledger, base, me=_me(book), by=wanted.by)
        given = [assignment(stated) for stated in wanted.given]
        found = as_far_as_it_gets(caller, wanted.id, replace(course, judge=judge, to=wanted.to, given=given))
        finish(found.plan, book.repository.root, dry_run=dry_run)
        show(escaped_line(line) for line in told(found))
        return _code(found, is_there=ledger.record(wanted.id).state == wanted.to)


def as_merged(
    caller: Caller, book: Book, ledger: Ledger, base: str, *, me: Person, only: Collection[str] = (), by: str = ""
) -> Judging:
    """
    Judge plans as the merge result of the work tree would be judged, if somebody committed it now.

    Args:
        ledger: of the work tree.
        me: the author of the commit.
        only: the paths that are committed; none for all.
        by: id of the party that makes the step, or empty.

    Raises:
        Refused: there is no commit yet, or the two do not merge.
    """
    repository = book.repository
    parent = repository.head()
    if parent is None:
        raise Refused("there is no commit yet", "commit first")
    committed = repository.commit(parent)

    def trial(plan: Plan) -> str:
        snapshot = planned(ledger.snapshot, plan)
        changes = proposing.taken(snapshot, committed, only)
        runs = proposing.executable(ledger.snapshot, changes)
        return repository.commit_files(
            parent, changes, message="Trial\n", author=me, committer=me, when=caller.now, executable=runs,
            is_lasting=False,
        ) if changes else parent  # fmt: skip

    if isinstance(found := repository.merge_result(base, trial(Plan())), Conflict):
        raise Refused(f"the branch and its base both changed {', '.join(found.paths[:3])}",
                      "merge the base into the branch first")  # fmt: skip
    return lambda plan: book.check(trial(plan), base=base, as_of=caller.now, by=by, most=None)


def _me(book: Book) -> Person:
    try:
        return book.repository.own.identity()
    except Refused:
        return NOBODY


def moved_for(
    caller: Caller, book: Book, ledger: Ledger, base: str, judge: Judging, *, ids: Sequence[str], given: Sequence[str]
) -> tuple[Plan, tuple[str, ...]]:
    """
    Move records for a proposal: as far as their gates let them, and through those that wait for its reviews alone.

    Args:
        ledger: of the work tree.
        base: full id of the commit that judges.
        judge: of the proposal, if a plan were carried out.
        ids: of the records; one that no gate guards stays as it is.
        given: fields of the only record, as they were typed.

    Returns:
        The plan that makes the moves, and where records stay, line by line.

    Raises:
        Refused: fields were given and not one record, or they do not fit.
    """
    if given and len(ids) != 1:
        raise Refused("--set goes with the id of one record", "name the record, or use `opsledger set`")
    writes: dict[str, Write] = {}
    stays: list[str] = []
    course = replace(course_of(book, ledger, base), may_wait=True, is_bold=False)
    for id in ids:
        record = ledger.find(id)
        if record is None or not record.is_readable or not _is_guarded(course, record):
            continue

        typed = [assignment(stated) for stated in given]
        found = as_far_as_it_gets(caller, id, replace(course, judge=_after(writes, judge), given=typed))
        writes |= {one.path: one for one in found.plan.writes}
        stays += stays_told(found)
    return Plan(tuple(writes.values())), tuple(stays)


def _after(writes: Mapping[str, Write], judge: Judging) -> Judging:
    """Judge plans as if some files were written before."""
    before = dict(writes)
    return lambda plan: judge(Plan(tuple({**before, **{one.path: one for one in plan.writes}}.values())))


def _is_guarded(course: Course, record: Record) -> bool:
    """Whether a gate stands before some move of such records."""
    return any(True for gate in course.gates for _ in moves_of(gate, record))


def course_of(book: Book, ledger: Ledger, base: str) -> Course:
    """By what moves are made under a base; who judges is still to be said."""
    judge = Bench(book).judge(base)
    machines: Mapping[tuple[str, str, str], str] = {
        # A lane that takes only some records of a kind leaves the moves of the others to people.
        move: lane.id
        for lane in lanes_of(judge.snapshot, judge.kinds)
        for move in sorted(lane.moves)
        if move[0] not in lane.conditions
    }
    return Course(ledger, _nobody, gates=judge.gates, machines=machines)


def _nobody(_: Plan) -> Judgement:
    raise AssertionError("nobody was named to judge")


def as_far_as_it_gets(caller: Caller, id: str, course: Course) -> Advance:
    """Move a record; at a terminal, ask for what its next state lacks and try again."""
    found = advance(id, course)
    while caller.may_ask and (lacking := [one for stop in found.stops if stop.record == id for one in stop.lacking]):
        record = course.ledger.record(id)
        typed: Sequence[Assignment] = ask_one(record.kind, lacking[0], course.ledger, now=caller.now)
        course = replace(course, given=[*course.given, *typed])
        found = advance(id, course)
    return found


def _code(found: Advance, *, is_there: bool) -> int:
    """0 when something moved, 1 when nothing could, 3 when nobody knows."""
    if found.moves or is_there:
        return 0
    doubtful = [stop.is_undecided for stop in found.stops if stop.after]
    return 3 if doubtful and doubtful[0] else 1
