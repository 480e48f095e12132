"""What a gate would have stopped, looked at from today: for a team that sets a gate to observe first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opsledger.api import hindsight, open_book
from opsledger.errors import Undecided
from opsledger.gate import NoSuchGate

GATE = "records/gates/GAT-live.yaml"
CI = "records/cis/CI-{0}.yaml"
PLANNED = "id: CI-{0}\ntitle: Pay\nclass: service\nstate: planned\nowner: PTY-ada\n"
LIVE = PLANNED.replace("planned", "live") + "criticality: {1}\n"
ASKS = (
    "id: GAT-live\ntitle: Live\nquestion: Is it owned?\nmode: observe\n"
    "moves: [{kind: ci, from: planned, to: live}]\ncodes: [LNK101]\n"
)


def day(number: int) -> datetime:
    return datetime(2026, 10, number, 12, tzinfo=UTC)


@pytest.fixture
def ledger(repo):
    """Two components went live: one names an owner who is there, the other names nobody who is."""
    repo.write(".opsledger.yaml", "preset: small\nprotected: main\n")
    repo.write("records/parties/PTY-ada.yaml", "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n")
    for name in ("pay", "ship"):
        repo.write(CI.format(name), PLANNED.format(name))
    repo.commit("The ledger", when=day(1))
    repo.write(CI.format("pay"), LIVE.format("pay", "low"))
    repo.commit("Pay goes live", when=day(5))
    repo.write(CI.format("ship"), LIVE.format("ship", "low").replace("PTY-ada", "PTY-nobody"))
    repo.commit("Ship goes live", when=day(9))
    repo.write(GATE, ASKS)
    repo.commit("Watch who goes live", when=day(12))
    return repo


def look_back(repo, since: datetime, gate: str = "live"):
    with open_book(repo.root, environment=repo.environment) as book:
        return hindsight(book, gate, since=since)


def test_each_move_since_the_day_is_judged_as_if_the_gate_had_been_enforced(ledger):
    seen = [(one.verdict.subject, one.when, one.would_stop) for one in look_back(ledger, day(1))]

    assert [("CI-ship", day(9), True), ("CI-pay", day(5), False)] == seen


def test_what_lies_before_the_day_is_not_looked_at(ledger):
    assert ["CI-ship"] == [one.verdict.subject for one in look_back(ledger, day(9))]
    assert () == look_back(ledger, datetime(2026, 10, 9, 12, 0, 1, tzinfo=UTC))


def test_an_edit_that_moves_nothing_is_not_asked_about(ledger):
    ledger.write(CI.format("pay"), LIVE.format("pay", "high"))
    ledger.commit("It matters more", when=day(14))

    assert ["CI-ship", "CI-pay"] == [one.verdict.subject for one in look_back(ledger, day(1))]


def test_a_gate_that_is_not_there_is_named(ledger):
    with pytest.raises(NoSuchGate, match="lives"):
        look_back(ledger, day(1), gate="lives")


def test_a_gate_that_cannot_be_read_is_undecided(ledger):
    ledger.write(GATE, ASKS.replace("codes", "cods"))
    ledger.commit("Misspelt", when=day(15))

    with pytest.raises(Undecided, match="does not fit its schema"):
        look_back(ledger, day(1))


def test_a_shallow_clone_is_undecided_and_says_what_to_fetch(ledger):
    shallow = ledger.clone("shallow", "--depth=2", "--no-local")

    with pytest.raises(Undecided, match="too shallow") as refusal:
        look_back(shallow, day(1))

    assert "git fetch --unshallow" in refusal.value.remedy
