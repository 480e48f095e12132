"""A verdict replays: the same commit, judge, time and tool give the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opsledger import api
from opsledger.errors import OpsledgerError
from opsledger.policy import OtherVersion
from opsledger.report.verdict_json import verdict_line

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GATE = "records/gates/GAT-live.yaml"
ASKS = (
    "id: GAT-live\ntitle: Live\nquestion: Is it owned?\nmode: enforce\n"
    "moves: [{kind: ci, from: planned, to: live}]\ncodes: [LCY202, LNK101, DUT354]\nlater: [PKG511]\n"
)
CI = "records/cis/CI-pay.yaml"
PLANNED = "id: CI-pay\ntitle: Pay\nclass: service\nstate: planned\nowner: PTY-ada\n"


@pytest.fixture
def ledger(repo):
    """A ledger with a gate that stops what lacks its criticality."""
    repo.write(".opsledger.yaml", "preset: small\nprotected: main\n")
    repo.write("records/parties/PTY-ada.yaml", "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n")
    repo.write(CI, PLANNED)
    repo.write(GATE, ASKS)
    repo.commit("The ledger")
    return repo


def written(repo, commit: str, *, base: str | None = None, cache: str = "on") -> str:
    environment = {**repo.environment, **({"OPSLEDGER_CACHE": "off"} if cache == "off" else {})}
    with api.open_book(repo.root, environment=environment) as book:
        return verdict_line(book.decide("live", "CI-pay", at=commit, base=base, as_of=NOON))


def test_the_same_question_asked_later_gets_the_same_bytes(ledger):
    commit = ledger.git("rev-parse", "HEAD")
    judge = commit
    first = written(ledger, commit, base=judge)
    ledger.write(CI, PLANNED + "criticality: low\n")
    ledger.commit("Told what it lacked")
    ledger.write(GATE, ASKS.replace("LNK101, ", ""))
    ledger.commit("Another judge")

    assert first == written(ledger, commit, base=judge)
    assert first == written(ledger, commit, base=judge, cache="off")


def test_another_clone_gives_the_same_bytes(ledger):
    commit = ledger.git("rev-parse", "HEAD")
    clone = ledger.clone("other")

    assert written(ledger, commit, base=commit) == written(clone, commit, base=commit)


@pytest.mark.parametrize(
    ("field", "value"), [("tool", "0.0.9"), ("commit", "f" * 40), ("as_of", datetime(2026, 11, 21, tzinfo=UTC))]
)
def test_a_verdict_names_what_it_rests_on(ledger, field, value):
    with api.open_book(ledger.root, environment=ledger.environment) as book:
        verdict = book.decide("live", "CI-pay", as_of=NOON)

    assert json.loads(verdict_line(verdict)) != json.loads(verdict_line(replace(verdict, **{field: value})))


def test_another_version_of_the_tool_says_that_it_is_another(ledger):
    ledger.write(".opsledger.yaml", "preset: small\nprotected: main\ntool: 0.0.9\n")
    ledger.commit("Pin it")

    with pytest.raises(OtherVersion) as refusal:
        written(ledger, "HEAD")

    assert isinstance(refusal.value, OpsledgerError)
    assert ("0.0.9", api.__version__) == (refusal.value.wanted, refusal.value.running)
