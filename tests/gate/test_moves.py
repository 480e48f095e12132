"""Which moves a step makes, and so which gates are in its way."""

from __future__ import annotations

import pytest

from opsledger.gate import moves_on
from opsledger.ledger import load
from opsledger.steps import steps_between
from opsledger.store import in_memory

from .conftest import KINDS, files_of

CHG = "# records/changes/2026/CHG-2026-9001.yaml\n"


def walked(before: str, after: str) -> list[str]:
    """The moves of the one step between two states of a ledger, each by its ends."""
    base = in_memory(files_of(before) if before else {".opsledger.yaml": b""}, name="base")
    ledger = load(in_memory(files_of(after), name="head"), KINDS)
    steps = [step for step in steps_between(base, ledger) if step.record == "CHG-2026-9001" and step.is_move]
    return [f"{move.before} to {move.after}" for step in steps for move in moves_on(step)]


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        pytest.param("state: draft", "state: submitted", ["draft to submitted"], id="one move"),
        pytest.param("state: draft", "state: approved", ["draft to submitted", "submitted to assessed",
                                                         "assessed to approved"], id="several moves"),
        pytest.param("state: submitted", "state: draft", ["submitted to draft"], id="a move back"),
        pytest.param("state: draft", "state: draft\ntitle: Another", [], id="an edit without a move"),
        pytest.param("state: draft", "state: dreaming", [], id="to a state that is none"),
        pytest.param("state: dreaming", "state: submitted", ["draft to submitted"], id="from a state that is none"),
        pytest.param("", "state: assessed", ["draft to submitted", "submitted to assessed"], id="a new record"),
        pytest.param("", "state: draft", [], id="a new record at the start"),
        pytest.param("", "state: approved\ntype: standard",
                     ["draft to submitted", "submitted to assessed", "assessed to approved"],
                     id="a new record where it may not be"),
    ],
)  # fmt: skip
def test_a_step_makes_the_moves_of_the_shortest_legal_path(before, after, moves):
    kind = "" if "type" in after else "\ntype: normal"

    assert moves == walked(f"{CHG}{before}{kind}" if before else "", f"{CHG}{after}{kind}")


def test_a_file_that_could_not_be_read_before_has_come_all_the_way():
    base = in_memory({"records/changes/2026/CHG-2026-9001.yaml": b"id: [\n"}, name="base")
    ledger = load(in_memory(files_of(f"{CHG}state: submitted\ntype: normal"), name="head"), KINDS)

    [step] = steps_between(base, ledger)

    assert ["draft to submitted"] == [f"{move.before} to {move.after}" for move in moves_on(step)]


def test_a_deleted_record_makes_no_move():
    assert [] == walked(f"{CHG}state: submitted\ntype: normal", "# records/parties/PTY-ada.yaml\nname: Ada\n")


def test_a_record_that_moves_to_another_folder_makes_no_move():
    text = f"{CHG}state: submitted\ntype: normal"

    assert [] == walked(text, text.replace("changes/2026/", "changes/"))
