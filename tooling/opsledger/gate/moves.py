"""The gates on the way of a pull request: which ones its moves must pass, and what they say of the merge result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from opsledger.check import AtGates
from opsledger.finding import Fault
from opsledger.gate.asking import Said, answers_to
from opsledger.gate.deciding import verdict_of
from opsledger.gate.judge import Judge
from opsledger.gate.model import Outcome, Verdict
from opsledger.gate.reading import gates_on
from opsledger.ledger import Ledger, Record
from opsledger.policy import Policy
from opsledger.question import Move, Question
from opsledger.rules.register import Found
from opsledger.steps import Step

Put = Callable[[Record, Move, Record, Step], Question]
"""Puts a gate to a record that makes a move in a step."""

Behind = Callable[[Record, Record], str]
"""By what a gate has answered a record's move already, at the time of the act: a sentence, or empty."""


def nothing_lies_behind(_: Record, __: Record) -> str:
    """Every gate is asked now."""
    return ""


def done_elsewhere(step: Step, policy: Policy, ledger: Ledger) -> str:
    """
    By what a new record has no gate on its way: its work ended in another system, and the policy takes its records.

    A record that comes in with its work still to do passes every gate here, wherever it comes from; so does one that
    work still to be done here counts on.
    """
    record = step.after
    if record is None or step.before is not None or record.kind.lifecycle is None:
        return ""
    source = record.get("source")
    adapter = source.get("adapter") if isinstance(source, dict) else None
    if record.state not in record.kind.lifecycle.imported or adapter not in policy.at("sync", "adapters", default=()):
        return ""
    if any(_is_open(ledger.find(link.source)) for link in ledger.backlinks(record.id)):
        return ""
    return f"{record.id} came in {record.state} by {adapter}, which the policy names: its work was done elsewhere"


def _is_open(record: Record | None) -> bool:
    lifecycle = record.kind.lifecycle if record is not None else None
    return record is not None and lifecycle is not None and record.state not in lifecycle.done


def moves_on(step: Step) -> Iterator[Move]:
    """
    The moves on the way of a step, in order.

    A new record has come all the way from the first state of its kind. Where its fields bar every way to where it
    stands, the gates before each state of the main path up to there are in the way: nothing is passed by leaving out.
    """
    record = step.after
    lifecycle = record.kind.lifecycle if record is not None else None
    if record is None or lifecycle is None or record.state is None or step.start is None:
        return
    path = lifecycle.path(step.start, record.state, record.data)
    if path is None:
        upto = lifecycle.main.index(record.state) + 1 if record.state in lifecycle.main else 0
        path = lifecycle.main[:upto] if upto else (step.start, record.state)
    for before, after in pairwise(path):
        yield Move(record.kind.name, before, after)


def ask_on_the_way(
    steps: Sequence[Step], found: Sequence[Found], *, judge: Judge, put: Put, behind: Behind = nothing_lies_behind
) -> AtGates:
    """
    Ask each gate on the way of each step.

    Args:
        steps: those that changed a state by a legal path.
        found: what the rules found in the merge result; what they said is not said again.
        put: makes the question.
        behind: tells which gates were asked when the act began, and stood open.
    """
    told = {(one.path, one.fault) for one in found}
    stops: list[Found] = []
    doubts: list[str] = []
    verdicts: list[Verdict] = []
    asked: Counter[str] = Counter()
    for step in steps:
        for move in moves_on(step):
            for gate in gates_on(judge.gates, move.kind, move.before, move.after):
                assert step.after is not None
                question = put(gate, move, step.after, step)
                if told_by := behind(gate, step.after) or done_elsewhere(step, judge.policy, question.ledger):
                    verdicts.append(replace(verdict_of(question, (), judge=judge.name), notes=(told_by,)))
                    continue
                said = answers_to(question, found)
                verdicts.append(verdict_of(question, said, judge=judge.name))
                asked.update(one.code for one in said if one.outcome is not Outcome.LATER)
                news = [(one, what) for one in said for what in one.found if (what.path, what.fault) not in told]
                stops += [_stop(question, one, what) for one, what in news if not _is_doubt(one, what)]
                doubts += [_doubt(question, what) for one, what in news if _is_doubt(one, what)]
    return AtGates(tuple(stops), tuple(dict.fromkeys(doubts)), tuple(verdicts), asked)


def _is_doubt(said: Said, found: Found) -> bool:
    return found.undecided and said.outcome is not Outcome.WARNED


def _stop(question: Question, said: Said, found: Found) -> Found:
    """What stops a move, at the state that was changed."""
    subject, move = question.subject, question.move
    start = f"{subject.id} may not become {move.after}"
    told = found.fault.message
    if found.waived:
        start = f"{subject.id} becomes {move.after}"
    words = told if told.startswith(start) else f"{start} at {question.gate.id}: {told}"
    fault = Fault(question.state_pointer, said.code, words, found.fault.fix)
    return Found(subject.path, fault, found.about, severity=found.severity)


def _doubt(question: Question, found: Found) -> str:
    move = question.move
    way = f"{question.gate.id} before {question.subject.id} goes from {move.before} to {move.after}"
    return f"{way}: {found.fault.message}" + (f"; {found.fault.fix}" if found.fault.fix else "")
