"""A gate put to a record: which of its moves is meant, and everything that its rules may look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from opsledger.approvals import Situation
from opsledger.check import AskGates, AtGates
from opsledger.errors import Refused, Undecided
from opsledger.finding import Fault
from opsledger.gate.acting import Replay, act_of, acts_of
from opsledger.gate.asking import Said, answers_to
from opsledger.gate.deciding import verdict_of
from opsledger.gate.judge import Judge
from opsledger.gate.model import Outcome, Verdict
from opsledger.gate.moves import ask_on_the_way
from opsledger.gate.reading import gate_called, moves_of
from opsledger.ledger import Ledger, Record
from opsledger.question import Move, Question
from opsledger.rules.register import Found
from opsledger.steps import Step


def asker(judge: Judge, situate: Callable[[Ledger], Situation], replay: Replay | None = None) -> AskGates:
    """
    What a check asks of the gates on the way of its steps.

    Args:
        situate: what signatures are counted in, once the ledger that is judged is known.
        replay: asks again for the verdicts that deployments keep; see `opsledger.gate.acting`.
    """

    def ask(ledger: Ledger, steps: Sequence[Step], found: Sequence[Found]) -> AtGates:
        try:
            situation = situate(ledger)
            acts = acts_of(ledger, steps, judge.policy, situation.as_of, replay)
            heard = judge.hears(ledger)

            def put(gate: Record, move: Move, subject: Record, step: Step) -> Question:
                act = act_of(acts, subject)
                seen = ledger if subject.kind.judges else heard
                if act is None:
                    return question_of(judge, seen, situation, gate, move, subject, step=step)
                brought = act.deployment
                then = replace(situation, as_of=act.time_of(move))
                return question_of(
                    judge, seen, then, gate, move, subject, step=step,
                    environment=str(brought.get("environment", "")), group=str(brought.get("group") or ""),
                )  # fmt: skip

            def behind(gate: Record, subject: Record) -> str:
                act = act_of(acts, subject)
                return act.note if act is not None and act.answers(gate, subject) else ""

            asked = ask_on_the_way(steps, found, judge=judge, put=put, behind=behind)
            said = {(one.path, one.fault.code) for one in found}
            false = (one for act in acts for one in act.found() if (one.path, one.fault.code) not in said)
            return replace(asked, found=(*asked.found, *false))
        except Undecided as unknown:
            return AtGates(undecided=(f"the gates on the way: {unknown.missing}; {unknown.remedy}",))

    return ask


def question_of(
    judge: Judge,
    ledger: Ledger,
    situation: Situation,
    gate: Record,
    move: Move,
    subject: Record,
    *,
    step: Step | None = None,
    environment: str = "",
    group: str = "",
) -> Question:
    """A gate put to a record; a deployment goes where its own record says, unless somebody says otherwise."""
    named = subject.get("environment")
    return Question(
        gate,
        move,
        subject,
        ledger,
        judge.people,
        judge.policy,
        situation.as_of,
        situation,
        environment=environment or (named if isinstance(named, str) else ""),
        group=group,
        step=step,
        windows=judge.windows,
    )


def verdict_on(
    judge: Judge,
    ledger: Ledger,
    situation: Situation,
    found: Sequence[Found],
    gate: str,
    subject: str,
    *,
    step: Step | None = None,
    environment: str = "",
    group: str = "",
    emergency: bool = False,
) -> Verdict:
    """
    Decide whether a record may pass a gate.

    Args:
        gate: as somebody calls it.
        subject: id of the record.
        found: what the rules find in the ledger as it stands.
        step: the record before and after the pull request that is judged, if one is.
        emergency: whether what the policy lets be met afterwards is to be owed.

    Raises:
        NoSuchGate: the judge has none of that name.
        NoSuchRecord: the ledger has no such record.
        Refused: the gate stands before no move of such a record, or wants to be told more; or this is no emergency.
    """
    called = gate_called(judge.gates, gate, judge.name)
    record = ledger.record(subject)
    seen = ledger if record.kind.judges else judge.hears(ledger)
    move, early, notes = _beside(called, record, seen.find(environment)) or _move(called, record)
    question = question_of(
        judge, seen, situation, called, move, record, step=step, environment=environment, group=group
    )
    _wants(question)
    if emergency:
        from opsledger.gate.emergencies import as_emergency  # few do

        question = as_emergency(question)
        notes = (*notes, "it was asked as an emergency, so what the policy lets be met afterwards is owed")
    verdict = verdict_of(question, (*early, *answers_to(question, found)), judge=judge.name)
    return replace(verdict, notes=(*notes, *verdict.notes))


def _beside(
    gate: Record, release: Record, place: Record | None
) -> tuple[Move, tuple[Said, ...], tuple[str, ...]] | None:
    """
    The move of a deployment that is meant where a release is brought somewhere before it is ready for customers.

    A package is proven on the rungs of the ladder below production, so there the release itself makes no move.
    """
    lifecycle, kind = release.kind.lifecycle, place.kind.name if place is not None else ""
    if kind != "environment" or place is None or place.get("production") is True or release.kind.name != "release":
        return None
    if lifecycle is None or not gate.is_readable or release.state not in lifecycle.main:
        return None
    starts = [move.before for move in moves_of(gate, release)]
    is_early = all(release.state in lifecycle.main[: lifecycle.main.index(start)] for start in starts)
    brought = [one for _, one in gate.items("/moves") if one["kind"] == "deployment" and "from" in one]
    if not starts or not is_early or not brought:
        return None
    note = f"{release.id} is {release.state} and makes no move; what is asked is whether it may be tried there"
    return Move("deployment", brought[0]["from"], brought[0]["to"]), (), (note,)


def _move(gate: Record, subject: Record) -> tuple[Move, tuple[Said, ...], tuple[str, ...]]:
    """The move that is meant, what bars the way to its start, and what to say of it."""
    moves = tuple(moves_of(gate, subject))
    lifecycle = subject.kind.lifecycle
    if lifecycle is None or (gate.is_readable and not moves):
        raise Refused(
            f"{gate.id} stands before no move of a {subject.kind.name}",
            "choose another gate: `opsledger list gate` names them",
        )
    state = subject.state
    if not gate.is_readable:
        return Move(subject.kind.name, state or lifecycle.initial, state or lifecycle.initial), (), ()
    meant = next((move for move in moves if move.before == state), None)
    if meant is not None:
        return meant, (), ()
    passed = [move for move in moves if state in lifecycle.onwards(move.after)]
    if passed:
        note = f"{subject.id} is {state} and so has passed {gate.id}; it is judged again as it stands"
        return passed[-1], (), (note,)
    move = moves[0]
    words = f"{subject.id} is {state or 'in no state'}, and {gate.id} stands before the way from {move.before}"
    fault = Fault(f"/{lifecycle.field}", "LCY201", f"{words} to {move.after}", f"move it to {move.before} first")
    return move, (Said("LCY201", Outcome.BLOCKED, (Found(subject.path, fault),)),), ()


def _wants(question: Question) -> None:
    """Refuse to go on where the gate has to be told more than was told."""
    given = {"environment": question.environment, "group": question.group}
    options = {"environment": "--env", "group": "--group"}
    for _, name in question.gate.items("/needs") if question.gate.is_readable else ():
        if not given.get(str(name), ""):
            raise Refused(
                f"{question.gate.id} is asked for one {name}, and none was named", f"name it with {options[str(name)]}"
            )
    if question.environment and question.place is None:
        raise Refused(f"no environment is called {question.environment!r}", "`opsledger list environment` names them")
