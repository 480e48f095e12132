"""The `case` fixture: a release with a problem, an exception that lets it pass, and signatures made with real keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.approvals.conftest import Keys, keys, person

from opsledger.approvals import Approval, Authorship, Situation, data_of, digest_of, parts_of, scope_pointers, statement
from opsledger.check import found_in
from opsledger.finding import Fault, Severity
from opsledger.gate import Judge, Verdict, verdict_on
from opsledger.kind import packaged_kinds
from opsledger.ledger import Ledger, load
from opsledger.policy import policy_of
from opsledger.question import Question
from opsledger.rules import register as registering
from opsledger.rules.register import Found, Reach, Rule, record_faults
from opsledger.store import in_memory
from opsledger.waivers import Waivers, waivers_of
from opsledger.yamlfile import read, write

__all__ = ["keys"]

KINDS = packaged_kinds()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
END = datetime(2026, 12, 18, 16, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
REPOSITORY = "github.com/kestrel-pay/ledger"
RELEASE, PROBLEM, EXCEPTION = "REL-2026-0020", "PRB-2026-0013", "EXC-2026-0004"
ROLES = ("ROL-approver", "ROL-service-owner", "ROL-risk-owner")
EVERY = "".join(f"\n  - {{role: {role}}}" for role in ROLES)

DATA: Mapping[str, Any] = {
    "id": EXCEPTION,
    "title": "Goes live although scoring is slow",
    "type": "known-problem-release",
    "state": "active",
    "requested_by": "PTY-ada",
    "scope": {"records": [RELEASE, PROBLEM], "rules": ["FLT751"]},
    "justification": "Merchants would rather wait than pay for attacks.",
    "mitigation": [{"action": "Switch rules off", "owner": "PTY-ada", "due": "2026-12-18T16:00:00Z", "state": "open"}],
    "level": "high",
    "residual_risk": "medium",
    "expires": "2026-12-18T16:00:00Z",
}
POLICY = """
id: POL-main
title: Policy
exceptions:
  signers:
    low: [ROL-approver]
    medium: [ROL-service-owner]
    high: [ROL-service-owner, ROL-risk-owner]
    critical: [ROL-service-owner, ROL-risk-owner]
  max_days: {low: 180, medium: 90, high: 30, critical: 7}
  max_renewals: 1
  warn_days: 14
"""
FILES = {
    ".opsledger.yaml": f"preset: small\nrepository: {REPOSITORY}\n",
    f"records/problems/2026/{PROBLEM}.yaml": f"id: {PROBLEM}\ntitle: Slow\nstate: logged\nseverity: high\n",
    "records/problems/2026/PRB-2026-0099.yaml": "id: PRB-2026-0099\ntitle: Another\nstate: logged\nseverity: high\n",
    f"records/releases/2026/{RELEASE}.yaml": (
        f"id: {RELEASE}\nname: risk-1.9.0\ntitle: Risk\nstate: draft\ntype: minor\nknown_problems: [{PROBLEM}]\n"
    ),
    "records/environments/ENV-prod.yaml": "id: ENV-prod\ntitle: Production\nproduction: true\n",
    "records/gates/GAT-promote.yaml": (
        "id: GAT-promote\ntitle: Promote\nquestion: May it?\nmode: enforce\n"
        "moves: [{kind: release, from: draft, to: planned}]\ncodes: [FLT751]\n"
    ),
    "records/policy/POL-main.yaml": POLICY,
    **{f"records/roles/{role}.yaml": f"id: {role}\ntitle: Role\ndescription: One\n" for role in ROLES},
}


@dataclass(frozen=True)
class Case:
    """
    Everything that decides whether an exception helps; `replace` gives one that differs in one thing.

    Args:
        data: the exception.
        files: the other records, as YAML.
        signed: who signed as what, at which time; signed over `seen`.
        seen: what the signers saw; the exception itself where it is `None`.
        landed: whether the judge holds the approvals already.
        authors: who wrote the exception in the step that is judged.
        found: what the gate finds under FLT751: the records of each finding beside the release.
    """

    keys: Keys
    data: Mapping[str, Any] = field(default_factory=lambda: dict(DATA))
    files: Mapping[str, str] = field(default_factory=lambda: dict(FILES))
    signed: tuple[tuple[str, str, datetime], ...] = (
        ("grace", "ROL-service-owner", NOON - DAY), ("joan", "ROL-risk-owner", NOON - DAY),
    )  # fmt: skip
    seen: Mapping[str, Any] | None = None
    scope: str = "exception"
    landed: bool = False
    authors: frozenset[str] = frozenset({"PTY-ada"})
    found: tuple[str, ...] = (PROBLEM,)
    as_of: datetime = NOON
    environment: str = ""

    def but(self, **over: Any) -> Case:
        """The same, with fields of the exception changed before anybody signed it; `None` takes one out."""
        return replace(self, data={name: one for name, one in {**self.data, **over}.items() if one is not None})

    def edited(self, **over: Any) -> Case:
        """The same, with fields of the exception changed after everybody had signed it."""
        return replace(self.but(**over), seen=self.seen or self.data)

    def with_file(self, path: str, text: str) -> Case:
        """The same, with a file more or another one."""
        return replace(self, files={**self.files, path: text})

    @property
    def approvals(self) -> Iterator[Approval]:
        """The signatures."""
        seen = self.seen or self.data
        pointers = scope_pointers(KINDS["exception"], "exception")
        for number, (name, role, at) in enumerate(self.signed, start=1):
            made = Approval(
                id=f"APR-2026-0000000{number}", path="", subject=EXCEPTION, scope=self.scope, pointers=pointers,
                digest=digest_of("exception", EXCEPTION, self.scope, pointers, seen), role=role, party=f"PTY-{name}",
                decision="granted", at=at, repository=REPOSITORY, parts=parts_of(seen, pointers),
            )  # fmt: skip
            said = self.keys.sign(name, statement(made))
            yield replace(
                made, path=f"records/approvals/{role}/{made.id}.yaml",
                evidence={"type": "ssh-signature", "signature": said},
            )  # fmt: skip

    @property
    def all_files(self) -> Mapping[str, bytes]:
        """What is judged."""
        parties = {name: person(name, self.keys, id, roles=EVERY) for id, name in enumerate(PEOPLE, start=1)}
        return {
            **{path: text.encode() for path, text in self.files.items()},
            **{f"records/parties/PTY-{name}.yaml": text.encode() for name, text in parties.items()},
            **{one.path: write(data_of(one)) for one in self.approvals},
            f"records/exceptions/2026/{EXCEPTION}.yaml": write(dict(self.data)),
        }

    @property
    def judge(self) -> Judge:
        """By whom."""
        snapshot = in_memory(self.all_files, name="base")
        return Judge("the base", snapshot, KINDS, policy_of(snapshot, KINDS))

    @property
    def ledger(self) -> Ledger:
        """What is judged."""
        policy = self.judge.policy
        return load(
            in_memory(self.all_files, name="m"), KINDS, judge=lambda one, data: record_faults(one, data, policy)
        )

    def situation(self, ledger: Ledger) -> Situation:
        """What signatures are counted in."""
        return Situation(
            ledger, self.judge.people, self.as_of, REPOSITORY, environment={"PATH": os.environ["PATH"]},
            authorship=lambda *_: Authorship(self.authors, last_edit=NOON - 2 * DAY),
            landed=ledger.snapshot.files if self.landed else {},
        )  # fmt: skip

    @property
    def waivers(self) -> Waivers:
        """The exceptions."""
        judge, ledger = self.judge, self.ledger
        return waivers_of(ledger, judge.people, judge.policy, self.as_of, self.situation(ledger))

    @property
    def helps(self) -> bool:
        """Whether the problem may go out with the release."""
        return self.waivers.covering("FLT751", {RELEASE, PROBLEM}, self.environment) is not None

    @property
    def why_not(self) -> tuple[str, ...]:
        """Why it does not help."""
        return self.waivers.refused("FLT751", {RELEASE, PROBLEM}, self.environment)

    def decide(self, *, emergency: bool = False, gate: str = "promote") -> Verdict:
        """What the gate says."""
        judge, ledger = self.judge, self.ledger
        return verdict_on(
            judge, ledger, self.situation(ledger), found_in(ledger, judge.policy), gate, RELEASE,
            environment=self.environment, emergency=emergency,
        )  # fmt: skip


PEOPLE = ("ada", "grace", "joan", "linus")


@pytest.fixture
def case(keys: Keys, rule_finds: Callable[..., None]) -> Case:
    """Ada asked for an exception; Grace and Joan signed it: it holds. See `Case`."""
    rule_finds("FLT751", PROBLEM)
    return Case(keys)


@pytest.fixture
def rule_finds(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Enters a rule that finds something against the release for each `about`, for this test."""

    def entered(code: str, *abouts: str, undecided: bool = False) -> None:
        def ask(question: Question) -> Iterator[Found]:
            """Say it."""
            for about in abouts:
                fault = Fault("/state", code, f"{about or 'it'} stands against it", "mend it")
                yield Found(question.subject.path, fault, about, undecided=undecided)

        registering.register()
        monkeypatch.setitem(registering._REGISTER, code, Rule(code, ask, Reach.QUESTION, Severity.ERROR, ask_gate=ask))
        monkeypatch.setitem(registering._AT_GATES, code, ask)

    return entered


def answer(verdict: Verdict, code: str = "FLT751") -> str:
    """What a code answers."""
    return next((one.outcome.value for one in verdict.answers if one.code == code), "nothing")


def said(verdict: Verdict, code: str = "FLT751") -> list[str]:
    """What is told under a code."""
    return [finding.message for one in verdict.answers if one.code == code for finding in one.findings]


def data_in(text: str) -> dict[str, Any]:
    """YAML as data."""
    found = read(text.encode())
    assert isinstance(found, dict)
    return found
