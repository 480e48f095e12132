"""Gates put to records that are written as YAML, in memory."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

import pytest

from opsledger.approvals import Situation
from opsledger.check import found_in
from opsledger.finding import Fault, Severity
from opsledger.gate import Judge, Verdict, verdict_on
from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.policy import policy_of
from opsledger.prove.examples import staged
from opsledger.question import Question
from opsledger.rules import register as registering
from opsledger.rules.register import Example, Found, Reach, Remark, Rule, record_faults
from opsledger.steps import Step
from opsledger.store import Snapshot, in_memory

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KINDS = packaged_kinds()
MARK = {".opsledger.yaml": b"preset: small\n"}
CHANGE = "CHG-2026-9001"
GATE = """
# records/gates/GAT-approve.yaml
mode: enforce
moves: [{kind: change, from: assessed, to: approved}]
codes: [%s]
"""


def files_of(text: str) -> Mapping[str, bytes]:
    """The files of records written one after the other, completed as the examples of a rule's page are."""
    return {**MARK, **staged(Example("", textwrap.dedent(text).strip("\n")), KINDS).head}


def judge_of_files(files: Mapping[str, bytes]) -> Judge:
    snapshot = in_memory(files, name="base")
    return Judge("the base", snapshot, KINDS, policy_of(snapshot, KINDS))


@pytest.fixture
def decide() -> Callable[..., Verdict]:
    """Puts a gate of the text to a record of it; `in_step` as a pull request would, `raw` files lie on top."""

    def decided(
        text: str, *, gate: str = "approve", subject: str = CHANGE, in_step: bool = False,
        raw: Mapping[str, str] = {}, environment: str = "",
    ) -> Verdict:  # fmt: skip
        files = {**files_of(text), **{path: written.encode() for path, written in raw.items()}}
        judge = judge_of_files(files)
        snapshot: Snapshot = in_memory(files, name="the merge result")
        ledger = load(snapshot, KINDS, judge=lambda record, data: record_faults(record, data, judge.policy))
        situation = Situation(ledger, judge.people, NOON)
        record = ledger.find(subject)
        step = Step(subject, record, record) if in_step else None
        return verdict_on(
            judge, ledger, situation, found_in(ledger, judge.policy), gate, subject, step=step, environment=environment
        )

    return decided


@pytest.fixture
def rule_says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Enters a rule of reach *question* that says these things of every subject, for this test."""

    def entered(code: str, *said: Found | Remark | Exception, severity: Severity = Severity.ERROR) -> None:
        def ask(question: Question) -> Iterator[Found | Remark]:
            """Say it."""
            for one in said:
                if isinstance(one, Exception):
                    raise one
                yield one

        rule = Rule(code, ask, Reach.QUESTION, severity, ask_gate=ask)
        monkeypatch.setitem(registering._REGISTER, code, rule)

    return entered


def against(code: str, *, undecided: bool = False, awaiting: bool = False, words: str = "it does not hold") -> Found:
    """A finding against the change."""
    path = f"records/changes/2026/{CHANGE}.yaml"
    return Found(path, Fault("/state", code, words, "mend it"), undecided=undecided, awaiting=awaiting)


def outcomes(verdict: Verdict) -> Mapping[str, str]:
    """The answer of each code."""
    return {answer.code: answer.outcome.value for answer in verdict.answers}


def said(verdict: Verdict, code: str) -> Iterable[str]:
    """What is said under a code."""
    return [finding.message for answer in verdict.answers if answer.code == code for finding in answer.findings]
