"""What a gate would have said of the moves that were made without it: for a soft start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from opsledger.check import found_in
from opsledger.errors import NoSuchRevision, Undecided
from opsledger.finding import Progress, silent
from opsledger.gate.asking import answers_to
from opsledger.gate.deciding import verdict_of
from opsledger.gate.judge import Judge
from opsledger.gate.model import Outcome, Verdict
from opsledger.gate.moves import moves_on
from opsledger.gate.putting import question_of
from opsledger.gate.reading import gate_called, gates_on
from opsledger.gate.situations import situation_of
from opsledger.ledger import Ledger, Record
from opsledger.question import Move, Occasion
from opsledger.steps import Step, steps_between
from opsledger.store import Repository, Snapshot

Load = Callable[[Snapshot], Ledger]


@dataclass(frozen=True)
class Passage:
    """
    One move that was made, and what the gate would have said of it then.

    Args:
        commit: full id of the commit by which it reached the branch.
        when: when that was, as the commit says.
    """

    commit: str
    when: datetime
    verdict: Verdict

    @property
    def would_stop(self) -> bool:
        """Whether the gate, had it been enforced, would have stopped it."""
        stops = {Outcome.BLOCKED, Outcome.AWAITING, Outcome.UNDECIDED}
        return any(answer.outcome in stops for answer in self.verdict.answers)


def passages(
    repository: Repository,
    judge: Judge,
    load: Load,
    name: str,
    *,
    since: datetime,
    occasion: Occasion,
    progress: Progress = silent,
) -> Iterator[Passage]:
    """
    The moves before which a gate stands, as they reached the judge's branch, the newest first.

    Each is judged at the commit that brought it and for that commit's time, by the judge of today, as if the gate had
    been enforced. The first parents are walked: each commit there is one pull request or push.

    Args:
        load: reads a snapshot under the judge's kinds.
        name: the gate, as somebody calls it.
        since: how far back.
        occasion: where programs are looked for; its time is not used.

    Raises:
        NoSuchGate: the judge has none of that name.
        Undecided: the gate cannot be read, or the clone is too shallow to look back that far.
    """
    gate = gate_called(judge.gates, name, judge.name)
    if not gate.is_readable:
        raise Undecided(f"{gate.path} cannot be read or does not fit its schema", "mend it on the base")
    folders = tuple(f"{judge.kinds[kind].folder}/" for kind in _kinds(gate) if kind in judge.kinds)
    for number, (before, after) in enumerate(_pairs(repository, judge.snapshot, since)):
        progress(number, number + 1, f"{(after.commit or '')[:7]}")
        if _touches(before, after, folders):
            yield from _of_commit(repository, judge, load, gate, before, after, occasion)


def _kinds(gate: Record) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(move["kind"]) for _, move in gate.items("/moves")))


def _pairs(repository: Repository, tip: Snapshot, since: datetime) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Each commit of the first-parent line with the one before it, down to a time."""
    after = tip
    while after.when is not None and after.when >= since:
        parents = repository.parents(after.commit or "")
        try:
            before = repository.commit(parents[0]) if parents else None
        except NoSuchRevision:
            before = None
        if before is None:
            if repository.is_shallow:
                raise Undecided("this clone is too shallow to look back that far", "run `git fetch --unshallow`")
            return
        yield before, after
        after = before


def _touches(before: Snapshot, after: Snapshot, folders: tuple[str, ...]) -> bool:
    return any(path.startswith(folders) and before.files.get(path) != blob for path, blob in after.files.items())


def _of_commit(
    repository: Repository,
    judge: Judge,
    load: Load,
    gate: Record,
    before: Snapshot,
    after: Snapshot,
    occasion: Occasion,
) -> Iterator[Passage]:
    ledger = load(after)
    when = after.when
    made = [(step, move) for step in steps_between(before, ledger) for move in _asked(gate, step)]
    if not made or when is None:
        return
    then = Occasion(when, environment=occasion.environment, by=occasion.by)
    # What stood on the branch then had come in then: it is not judged anew, as nothing on the base is.
    situation = replace(situation_of(repository, judge, ledger, then, head=None), landed=after.files)
    found = found_in(ledger, judge.policy)
    for step, move in made:
        if step.after is not None:
            question = question_of(judge, ledger, situation, gate, move, step.after)
            said = answers_to(question, found, mode="enforce")
            yield Passage(after.commit or "", when, verdict_of(question, said, judge=judge.name))


def _asked(gate: Record, step: Step) -> Iterator[Move]:
    yield from (move for move in moves_on(step) if gates_on((gate,), move.kind, move.before, move.after))
