"""The examples of rules that gates ask: put to a gate that asks nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opsledger.approvals import Situation
from opsledger.check import found_in
from opsledger.finding import Finding
from opsledger.gate import Answer, Judge, verdict_on
from opsledger.kind import Kinds
from opsledger.ledger import load
from opsledger.policy import MARK, policy_of
from opsledger.prove.examples import Staged
from opsledger.rules.register import record_faults
from opsledger.store import in_memory
from opsledger.yamlfile import write


def findings_at_gate(stage: Staged, code: str, kinds: Kinds) -> tuple[Finding, ...]:
    """
    What a gate before the move that an example names finds under one code; see `answers_at_gate`.

    Raises:
        ValueError: the example names a record or a state that it does not have.
    """
    return answers_at_gate(stage, (code,), kinds)[code].findings


def answers_at_gate(stage: Staged, codes: Sequence[str], kinds: Kinds) -> Mapping[str, Answer]:
    """
    What a gate before the move that an example names answers, by code.

    The example's files are both the judge and what is judged; a gate that asks these codes alone is added to them.

    Raises:
        ValueError: the example names a record or a state that it does not have.
    """
    asks = stage.asks
    if asks is None:
        raise ValueError("the example asks no gate")
    found = next((path for path in stage.head if path.rpartition("/")[2] == f"{asks.subject}.yaml"), "")
    kind = kinds.of_path(found)
    if kind is None:
        raise ValueError(f"the example has no record called {asks.subject}")
    gate = {
        "id": "GAT-example",
        "title": "Example",
        "question": "May it?",
        "mode": "enforce",
        "moves": [{"kind": kind.name, "to": asks.after}],
        "codes": list(codes),
    }
    folder = kinds["gate"].folder
    files = {MARK: b"preset: small\n", **stage.head, f"{folder}/GAT-example.yaml": write(gate)}
    snapshot = in_memory(files, name="the example")
    policy = policy_of(snapshot, kinds)
    judge = Judge("the example", snapshot, kinds, policy)
    ledger = load(snapshot, kinds, judge=lambda record, data: record_faults(record, data, policy))
    try:
        verdict = verdict_on(
            judge,
            ledger,
            Situation(ledger, judge.people, asks.as_of),
            found_in(ledger, policy),
            "example",
            asks.subject,
            environment=asks.environment,
            group=asks.group,
        )
    finally:
        ledger.database.close()
    return {answer.code: answer for answer in verdict.answers}
