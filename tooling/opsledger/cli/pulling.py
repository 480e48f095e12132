"""A branch that is to be merged, as the commands see it that work on pull requests: its base, its judge, its gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from opsledger.api import Book
from opsledger.approvals import Situation, Tally
from opsledger.cli.bench import Bench
from opsledger.cli.caller import Caller
from opsledger.errors import NoSuchRevision, Refused, Undecided
from opsledger.gate import Judge, gates_on, moves_on, question_of, situation_of
from opsledger.ledger import Ledger, Record
from opsledger.policy import MARK, settings_of
from opsledger.question import Move, Occasion
from opsledger.steps import Step, steps_between
from opsledger.store import Conflict, Snapshot


@dataclass(frozen=True, eq=False)
class Pull:
    """
    What a branch would make of its base.

    Args:
        base: full id of the base's tip.
        head: full id of the branch's tip.
    """

    book: Book
    caller: Caller
    base: str
    head: str

    @cached_property
    def bench(self) -> Bench:
        """The judge and its ledgers."""
        return Bench(self.book)

    @cached_property
    def judge(self) -> Judge:
        """Whose gates and roles hold."""
        return self.bench.judge(self.base)

    @cached_property
    def result(self) -> Snapshot:
        """
        What the base would hold after the merge.

        Raises:
            Refused: the two do not merge.
        """
        found = self.book.repository.merge_result(self.base, self.head)
        if isinstance(found, Conflict):
            raise Refused(
                f"the branch and its base both changed {', '.join(found.paths[:3])}",
                "merge the base into the branch first",
            )
        return found

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of the merge result."""
        return self.bench.ledger(self.result, self.base)

    @cached_property
    def situation(self) -> Situation:
        """What signatures are counted in."""
        return self.situation_in(self.ledger)

    def situation_in(self, ledger: Ledger) -> Situation:
        """What signatures are counted in, in a ledger that is not committed yet."""
        occasion = Occasion(self.caller.now, None, "", self.caller.environment)
        made = situation_of(self.book.repository, self.judge, self.ledger, occasion, head=self.head)
        return replace(made, ledger=ledger)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What the branch does to each record."""
        return steps_between(self.judge.snapshot, self.ledger)

    def waiting(self, subject: str = "") -> tuple[tuple[str, Tally], ...]:
        """Each signature that a gate on the way asks for, with what there is of it; of one record, or of all."""
        return tuple(
            (gate.id, question.tally(asked))
            for gate, move, record, step in self._asked(subject)
            for question in [question_of(self.judge, self.ledger, self.situation, gate, move, record, step=step)]
            for asked in question.asked
        )

    def _asked(self, subject: str) -> Iterator[tuple[Record, Move, Record, Step]]:
        found = [
            (gate, move, step.after, step)
            for step in self.steps
            if step.is_move and step.after is not None and subject in ("", step.record)
            for move in moves_on(step)
            for gate in gates_on(self.judge.gates, move.kind, move.before, move.after)
        ]
        if found or not subject:
            yield from found
            return
        # Nothing moves on this branch: what its next moves will ask can be signed already.
        record = self.ledger.record(subject)
        lifecycle = record.kind.lifecycle
        for way in lifecycle.moves.get(record.state or lifecycle.initial, ()) if lifecycle else ():
            move = Move(record.kind.name, record.state or "", way.to)
            for gate in gates_on(self.judge.gates, move.kind, move.before, move.after):
                yield gate, move, record, Step(subject, record, record)


def protected_branch(book: Book) -> str:
    """Return the short name of the branch that others rely on."""
    repository = book.repository
    for revision in ("refs/remotes/origin/HEAD", "HEAD"):
        try:
            snapshot = repository.commit(revision)
        except (NoSuchRevision, Undecided):
            continue
        if MARK in snapshot.files:
            return settings_of(snapshot).protected.removeprefix("refs/heads/").removeprefix("origin/")
    return settings_of(book.snapshot()).protected.removeprefix("refs/heads/").removeprefix("origin/")


def tip_of(book: Book, branch: str, remote: str) -> str:
    """
    Return the newest commit of a branch as the remote has it or, without that, as it is here.

    Raises:
        Undecided: neither knows it.
    """
    for name in (f"refs/remotes/{remote}/{branch}", f"refs/heads/{branch}"):
        try:
            return book.repository.resolve(name)
        except NoSuchRevision:
            continue
    raise Undecided(f"no branch is called {branch}", f"run `git fetch {remote} {branch}`")
