"""Which gates there are, which stand before a move, and which one somebody means."""

from __future__ import annotations

import pytest

from opsledger.gate import Move, NoSuchGate, gate_called, gates_of, gates_on, moves_of
from opsledger.ledger import load
from opsledger.store import in_memory

from .conftest import CHANGE, KINDS, files_of

GATES = """
# records/gates/GAT-approve.yaml
moves: [{kind: change, from: assessed, to: approved}]
# records/gates/GAT-close.yaml
moves: [{kind: change, to: closed}, {kind: release, to: closed}]
# records/changes/2026/CHG-2026-9001.yaml
state: assessed
"""


@pytest.fixture
def gates():
    return gates_of(in_memory(files_of(GATES), name="base"), KINDS)


def named(gates, kind, before, after) -> list[str]:
    return [gate.id for gate in gates_on(gates, kind, before, after)]


def test_gates_stand_in_order_of_their_files(gates):
    assert ["GAT-approve", "GAT-close"] == [gate.id for gate in gates]


@pytest.mark.parametrize(
    ("move", "standing"),
    [
        pytest.param(("change", "assessed", "approved"), ["GAT-approve"], id="the move that it names"),
        pytest.param(("change", "draft", "approved"), [], id="the same end from another start"),
        pytest.param(("change", "assessed", "rejected"), [], id="another end from the same start"),
        pytest.param(("release", "assessed", "approved"), [], id="the same move of another kind"),
        pytest.param(("change", "reviewed", "closed"), ["GAT-close"], id="any start where none is named"),
        pytest.param(("release", "early-life-support", "closed"), ["GAT-close"], id="one of several moves"),
    ],
)
def test_a_gate_stands_before_the_moves_that_it_names(gates, move, standing):
    assert standing == named(gates, *move)


@pytest.mark.parametrize("text", ["id: GAT-odd\nid: GAT-odd\n", "id: GAT-odd\nmoves: [{to: closed}]\n", "[]\n"])
def test_a_gate_that_cannot_be_read_stands_before_every_move(text):
    files = {**files_of(GATES), "records/gates/GAT-odd.yaml": text.encode()}

    gates = gates_of(in_memory(files, name="base"), KINDS)

    assert ["GAT-odd"] == named(gates, "problem", "logged", "triaged")


@pytest.mark.parametrize("name", ["plan", "GAT-plan"])
def test_a_gate_may_be_called_by_its_id_or_without_the_prefix(name):
    files = files_of("# records/gates/GAT-plan.yaml\ntitle: Plan\n")

    assert "GAT-plan" == gate_called(gates_of(in_memory(files, name="base"), KINDS), name, "the base").id


def test_a_gate_that_nobody_knows_is_refused_with_the_nearest(gates):
    with pytest.raises(NoSuchGate, match="the base has no gate called 'aprove'; did you mean approve"):
        gate_called(gates, "aprove", "the base")


def test_a_ledger_without_gates_has_none():
    assert () == gates_of(in_memory(files_of("# records/parties/PTY-ada.yaml\nname: Ada\n"), name="base"), KINDS)


def test_the_moves_of_a_gate_without_a_start_are_those_that_exist(gates):
    record = load(in_memory(files_of(GATES), name="base"), KINDS).record(CHANGE)

    assert [Move("change", state, "closed") for state in ("implemented", "reviewed")] == list(
        moves_of(gates[1], record)
    )
