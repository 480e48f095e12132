"""Where a pull request meets other open work."""

from __future__ import annotations

import shlex

import pytest
from tests.conftest import Repo

from .conftest import Propose, approve_plan, edit

CHANGE = "records/changes/2026/CHG-2026-0001.yaml"
OTHER_CHANGE = """\
id: CHG-2026-0002
title: Another disk
state: submitted
type: normal
owner: PTY-grace
submitted: "2026-11-02T09:00:00Z"
business_need: The old one is full.
effects: [{ci: CI-database, effect: changed}]
"""
PROBLEM = "id: PRB-2026-0001\ntitle: {}\nstate: logged\nseverity: low\n"


def branch(desk: Repo, path: str, text: str | None, *, name: str = "other") -> None:
    """Another branch that writes a file, or deletes it; `work` is checked out again."""
    desk.commit("Work")
    desk.switch(name, "main")
    if text is None:
        desk.delete(path)
    else:
        desk.write(path, text)
    desk.commit("Other work")
    desk.switch("work")


def sentences(desk: Repo, propose: Propose, *others: str) -> list[str]:
    return [clash.sentence for clash in propose(desk, "work", others=others).clashes]


def test_other_branch_that_touches_nothing_of_ours_is_no_clash(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)
    branch(desk, "records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format("Payments time out"))

    assert [] == sentences(desk, propose, "other")


def test_record_that_both_change_is_told(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")
    text = (desk.root / CHANGE).read_text(encoding="utf-8")
    branch(desk, CHANGE, text.replace("risk: high", "risk: medium"))

    assert ["branch other changes CHG-2026-0001 (Build the index beside the table) too"] == sentences(
        desk, propose, "other"
    )


def test_record_that_the_other_deletes_is_told(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")
    branch(desk, CHANGE, None)

    assert ["branch other deletes CHG-2026-0001 (Build the index beside the table) too"] == sentences(
        desk, propose, "other"
    )


def test_same_edit_on_both_is_no_clash(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")
    branch(desk, CHANGE, (desk.root / CHANGE).read_text(encoding="utf-8"))

    assert [] == sentences(desk, propose, "other")


def test_same_number_on_both_is_told(desk: Repo, propose: Propose) -> None:
    desk.write("records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format("Payments time out"))
    branch(desk, "records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format("Something else"))

    assert ["branch other adds PRB-2026-0001 too; the later one needs `opsledger renumber PRB-2026-0001`"] == sentences(
        desk, propose, "other"
    )


def test_open_work_of_another_branch_on_the_same_component_is_told(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)
    branch(desk, "records/changes/2026/CHG-2026-0002.yaml", OTHER_CHANGE)

    assert ["CHG-2026-0002 on branch other works on CI-database (Database) as well"] == sentences(
        desk, propose, "other"
    )


def test_open_work_of_the_ledger_on_the_same_component_is_told(desk: Repo, propose: Propose) -> None:
    desk.switch("main")
    desk.write("records/changes/2026/CHG-2026-0002.yaml", OTHER_CHANGE)
    desk.commit("More work")
    desk.switch("judged", "main")
    approve_plan(desk)

    assert ["CHG-2026-0002 (Another disk) is open (submitted) and works on CI-database (Database) as well"] == [
        clash.sentence for clash in propose(desk).clashes
    ]


def test_change_that_the_release_ships_is_no_clash(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)

    assert () == propose(desk).clashes


def test_branch_that_is_not_here_is_undecided(desk: Repo, propose: Propose) -> None:
    assert [
        "what branch origin/x changes cannot be told: no commit is called that; run `git fetch origin x`"
    ] == sentences(desk, propose, "origin/x")


@pytest.mark.parametrize("name", ["--help", "x;touch${IFS}y", "a b", "-o"])
def test_name_that_is_no_branch_is_undecided_and_quoted(desk: Repo, propose: Propose, name: str) -> None:
    [sentence] = sentences(desk, propose, name)

    assert f"git fetch origin {shlex.quote(name)}`" in sentence


def test_branch_that_does_not_merge_itself_is_undecided(desk: Repo, propose: Propose) -> None:
    text = (desk.root / CHANGE).read_text(encoding="utf-8")
    branch(desk, CHANGE, text.replace("risk: low\nenv", "risk: medium\nenv"))
    desk.switch("main")
    desk.write(CHANGE, text.replace("risk: low\nenv", "risk: high\nenv"))
    desk.commit("The base moves on")
    desk.switch("work")

    [sentence] = sentences(desk, propose, "other")

    assert sentence.startswith("what branch other changes cannot be told: it does not merge into the base itself")


def test_edit_that_is_taken_back_on_the_way_is_told(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")
    desk.commit("There")
    edit(desk, CHANGE, "risk: high\nenv", "risk: low\nenv")
    desk.commit("And back")

    proposal = propose(desk, "work")

    assert ((), (CHANGE,)) == (proposal.steps, proposal.reverted)


def test_edit_that_stays_is_not_taken_back(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")
    desk.commit("There")
    edit(desk, CHANGE, "risk: high\nenv", "risk: medium\nenv")
    desk.commit("And on")

    assert () == propose(desk, "work").reverted
