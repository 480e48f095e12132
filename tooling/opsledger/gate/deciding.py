"""The decision of a gate from the answers of its codes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from opsledger import __version__
from opsledger.approvals.model import PullRequest
from opsledger.check import Weigh, placed, weighed_by
from opsledger.gate.asking import Said, answers_to
from opsledger.gate.model import Answer, Outcome, Verdict
from opsledger.ledger import Ledger
from opsledger.question import Question
from opsledger.rules.register import Found

_STOPS = (Outcome.BLOCKED, Outcome.AWAITING)


def decide(question: Question, found: Sequence[Found], *, judge: str) -> Verdict:
    """
    Put a gate to a record and say whether it may pass.

    Args:
        found: what the rules find in the ledger as it stands.
        judge: by whose gate and roles, as people say it.
    """
    return verdict_of(question, answers_to(question, found), judge=judge)


def verdict_of(question: Question, said: Iterable[Said], *, judge: str) -> Verdict:
    """The decision that these answers make; what stops outranks what is undecided."""
    weigh = weighed_by(question.policy, question.place)
    answers = tuple(_answer(question.ledger, one, weigh) for one in said)
    outcomes = {answer.outcome for answer in answers}
    stops = not outcomes.isdisjoint(_STOPS)
    gate = question.gate
    return Verdict(
        gate=gate.id,
        subject=question.subject.id,
        move=question.move,
        environment=question.environment,
        commit=question.ledger.snapshot.commit or "",
        judge=judge,
        as_of=question.as_of,
        outcome="blocked" if stops else "undecided" if Outcome.UNDECIDED in outcomes else "open",
        answers=answers,
        mode=str(gate.get("mode", "enforce")) if gate.is_readable else "enforce",
        reviews=reviews_digest(question.situation.pull_request),
        tool=__version__,
        group=question.group,
        notes=_notes(question),
    )


def _notes(question: Question) -> tuple[str, ...]:
    if question.applies:
        return ()
    gate, when = question.gate, question.conditions["/when"].text
    return (f"{gate.id} is asked only when {when}, which does not hold of {question.subject.id}, so it is open",)


def _answer(ledger: Ledger, said: Said, weigh: Weigh) -> Answer:
    found = tuple(placed(ledger, said.found, weigh))
    return Answer(said.code, said.outcome, found, said.remarks, said.waived_by, said.until)


def reviews_digest(pull_request: PullRequest | None) -> str:
    """The fingerprint of the live reviews that were counted, so that a verdict says what it rested on."""
    if pull_request is None:
        return ""
    text = json.dumps(asdict(pull_request), sort_keys=True, default=_written)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
