"""What a step does to each record, in words."""

from __future__ import annotations

import pytest
from tests.conftest import Repo

from opsledger.proposal import sentences
from opsledger.proposal.model import Edit, RecordStep

from .conftest import Propose, approve_plan, edit

CHANGE = "records/changes/2026/CHG-2026-0001.yaml"
RELEASE = "records/releases/2026/REL-2026-0001.yaml"


def only(steps: tuple[RecordStep, ...]) -> RecordStep:
    [step] = steps
    return step


def test_nothing_changes_nothing(desk: Repo, propose: Propose) -> None:
    assert () == propose(desk).steps


def test_move_names_the_states_on_its_way(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)

    step = only(propose(desk).steps)

    assert (("planned", "plan-approved"), True) == (step.states, step.is_legal)
    assert ["rollout", "backout"] == [one.where for one in step.edits]


def test_move_over_several_states_names_each(desk: Repo, propose: Propose) -> None:
    edit(desk, RELEASE, "state: planned", "state: building")

    assert ("planned", "plan-approved", "building") == only(propose(desk).steps).states


def test_move_that_the_lifecycle_does_not_know_is_told_as_such(desk: Repo, propose: Propose) -> None:
    edit(desk, "records/cis/CI-database.yaml", "state: live", "state: planned")

    step = only(propose(desk).steps)

    assert (("live", "planned"), False) == (step.states, step.is_legal)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("risk: low\nenv", "risk: high\nenv", Edit("risk", "/risk", "replaced", "low", "high"), id="value"),
        pytest.param(
            "owner: PTY-ada", "owner: PTY-grace",
            Edit("owner", "/owner", "replaced", "PTY-ada (Ada Brandt)", "PTY-grace (Grace Olsen)"), id="link",
        ),
        pytest.param(
            "owner: PTY-ada", "owner: PTY-eve",
            Edit("owner", "/owner", "replaced", "PTY-ada (Ada Brandt)", "PTY-eve"), id="link to nothing",
        ),
        pytest.param(
            "effects: [{", "effects: [{ci: CI-payments, effect: restarted}, {",
            Edit("effects", "/effects/0", "added", after="ci: CI-payments (Payments); effect: restarted"), id="entry",
        ),
        pytest.param(
            "environments: [ENV-prod]", "environments: []",
            Edit("environments", "/environments/0", "dropped", "ENV-prod (Production)"), id="entry that is gone",
        ),
        pytest.param(
            "impact: {summary: Nobody sees it.}", "impact: {summary: Nobody sees it., downtime: PT5M}",
            Edit("impact › downtime", "/impact/downtime", "set", after="PT5M"), id="new field further in",
        ),
        pytest.param(
            "backout: {method: switch-back}\n", "", Edit("backout", "/backout", "removed", "method: switch-back"),
            id="field that is gone",
        ),
        pytest.param(
            "business_need: Payments stop while the index is built.", "business_need: Payments stop.",
            Edit("business need", "/business_need", "replaced", "Payments stop while the index is built.",
                 "Payments stop."), id="short text",
        ),
    ],
)  # fmt: skip
def test_edit_is_told_in_words(desk: Repo, propose: Propose, old: str, new: str, expected: Edit) -> None:
    edit(desk, CHANGE, old, new)

    [told] = only(propose(desk).steps).edits

    assert expected == told


def test_longer_text_is_told_by_its_words(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "in one transaction", "at night")

    [told] = only(propose(desk).steps).edits

    assert "reworded" == told.sort
    assert [("gone", "in one transaction"), ("new", "at night")] == [
        (piece.sort, piece.text) for piece in told.pieces if piece.sort in ("gone", "new")
    ]


def test_field_of_an_entry_is_called_by_the_entry(desk: Repo, propose: Propose) -> None:
    edit(desk, RELEASE, "version: 2.1.0, effect", "version: 2.1.1, effect")

    [told] = only(propose(desk).steps).edits

    assert "scope › cis › no. 1 › version" == told.where


def test_new_and_deleted_records_take_one_line_each(desk: Repo, propose: Propose) -> None:
    desk.write("records/cis/CI-cache.yaml", "id: CI-cache\ntitle: Cache\nclass: component\nstate: planned\n")
    desk.delete("records/windows/WIN-year-end.yaml")

    new, deleted = propose(desk).steps

    assert ("CI-cache", "new", ()) == (new.record.id, new.sort, new.edits)
    assert ("WIN-year-end", "deleted", ()) == (deleted.record.id, deleted.sort, deleted.edits)


def test_record_whose_file_moved_is_no_new_one(desk: Repo, propose: Propose) -> None:
    desk.git("mv", CHANGE, "records/changes/CHG-2026-0001.yaml")

    step = only(propose(desk).steps)

    assert ("changed", CHANGE, "records/changes/CHG-2026-0001.yaml", ()) == (
        step.sort, step.renamed_from, step.path, step.edits,
    )  # fmt: skip


def test_comment_in_a_file_changes_no_field(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "state: approved", "state: approved  # at last")

    assert () == only(propose(desk).steps).edits


def test_moves_come_first(desk: Repo, propose: Propose) -> None:
    desk.write("records/cis/CI-cache.yaml", "id: CI-cache\ntitle: Cache\nclass: component\nstate: planned\n")
    approve_plan(desk)

    assert ["REL-2026-0001", "CI-cache"] == [step.record.id for step in propose(desk).steps]


def test_sentences_say_what_happens_to_each_record(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")
    edit(desk, "records/cis/CI-database.yaml", "state: live", "state: live # x")
    desk.write("records/cis/CI-cache.yaml", "id: CI-cache\ntitle: Cache\nclass: component\nstate: planned\n")
    desk.delete("records/windows/WIN-year-end.yaml")

    assert (
        "REL-2026-0001: planned → plan-approved",
        "adds CI-cache: Cache",
        "CHG-2026-0001: risk",
        "CI-database: another order of its fields",
        "deletes WIN-year-end: Year end",
    ) == sentences(propose(desk).steps)


def test_sentence_of_a_new_record_behind_the_first_state_names_its_state(desk: Repo, propose: Propose) -> None:
    desk.write("records/cis/CI-cache.yaml", "id: CI-cache\ntitle: Cache\nclass: component\nstate: live\n")

    assert ("adds CI-cache (live): Cache",) == sentences(propose(desk).steps)
