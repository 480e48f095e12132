"""How a pull request stands, in one sentence, and what it touches."""

from __future__ import annotations

import re

from tests.conftest import Repo

from opsledger.report.comment import comment

from .conftest import NOON, Propose, approve_plan, edit

CHANGE = "records/changes/2026/CHG-2026-0001.yaml"


def test_edit_without_a_move_is_open(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")

    proposal = propose(desk)

    assert ("open", 0, "nothing stands against it, and no gate is asked") == (
        proposal.outcome, proposal.exit_code, proposal.reason,
    )  # fmt: skip


def test_move_without_its_signature_is_blocked_and_says_whose(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)
    desk.commit("Approve the plan")

    proposal = propose(desk, "work")

    assert ("blocked", 1) == (proposal.outcome, proposal.exit_code)
    assert "a signature of Approver on the plan of REL-2026-0001 is missing" == proposal.reason
    [asked] = proposal.sought
    [wanted] = asked.wanted
    assert ("Approver", ["Grace Olsen"]) == (wanted.role.title, [holder.title for holder in wanted.holders])
    assert ("/backout", "/changes") == asked.pointers[:2]
    assert asked.digest.startswith("sha256:")


def test_signature_that_the_gate_puts_off_is_not_asked_for(desk: Repo, propose: Propose) -> None:
    desk.switch("main")
    edit(desk, "records/gates/GAT-plan.yaml", "codes: [LCY202, SIG301]", "codes: [LCY202]\nlater: [SIG301]")
    desk.commit("Put it off")
    desk.switch("judged", "main")
    approve_plan(desk)

    proposal = propose(desk)

    assert ("open", ()) == (proposal.outcome, proposal.sought)


def test_one_finding_is_the_reason_itself(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "owner: PTY-ada", "owner: PTY-eve")

    proposal = propose(desk)

    assert "CHG-2026-0001" in proposal.reason
    assert "PTY-eve" in proposal.reason


def test_conflict_is_blocked(desk: Repo, propose: Propose) -> None:
    text = (desk.root / CHANGE).read_text(encoding="utf-8")
    desk.write(CHANGE, text.replace("risk: low\nenv", "risk: medium\nenv"))
    desk.commit("Ours")
    desk.switch("main")
    desk.write(CHANGE, text.replace("risk: low\nenv", "risk: high\nenv"))
    desk.commit("Theirs")

    proposal = propose(desk, "work")

    assert ("blocked", ()) == (proposal.outcome, proposal.steps)
    assert ["LCY209"] == [finding.code for finding in proposal.findings]


def test_base_that_is_not_here_is_undecided(desk: Repo, propose: Propose) -> None:
    desk.git("branch", "-D", "main")

    proposal = propose(desk)

    assert ("undecided", 3) == (proposal.outcome, proposal.exit_code)
    assert "no commit is named 'main'" in proposal.reason


def test_components_are_those_that_changed_records_name_and_what_depends_on_them(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")

    touching = propose(desk).touching

    assert ["CI-database"] == [record.id for record in touching.named]
    assert [("CI-payments", 1, "CI-database", "needed by")] == [
        (one.record.id, one.depth, one.via, one.relation) for one in touching.reached
    ]


def test_component_that_is_no_longer_named_is_touched_too(desk: Repo, propose: Propose) -> None:
    edit(desk, CHANGE, "ci: CI-database", "ci: CI-payments")

    assert ["CI-payments", "CI-database"] == [record.id for record in propose(desk).touching.named]


def test_time_is_the_one_that_was_given(desk: Repo, propose: Propose) -> None:
    assert f"{NOON:%Y-%m-%d %H:%M} UTC" == propose(desk).as_of


def test_same_material_gives_the_same_proposal(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)

    assert propose(desk) == propose(desk)


def test_ledger_that_a_pull_request_starts_is_told(repo: Repo, propose: Propose) -> None:
    repo.delete(".opsledger.yaml")
    repo.write("README.md", "Nothing yet\n")
    repo.commit("Start")
    repo.switch("work", "main")
    repo.write(".opsledger.yaml", "preset: small\n")
    repo.write("records/parties/PTY-ada.yaml", "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n")
    repo.commit("A ledger")

    proposal = propose(repo, "work")

    assert ("open", ["PTY-ada"]) == (proposal.outcome, [step.record.id for step in proposal.steps])
    assert any("holds no ledger yet" in note for note in proposal.notes)


def test_findings_in_files_that_are_left_alone_are_told_apart(desk: Repo, propose: Propose) -> None:
    desk.switch("main")
    edit(desk, "records/cis/CI-payments.yaml", "owner: PTY-grace", "owner: PTY-nobody")
    desk.commit("An old fault")
    desk.switch("judged", "main")
    edit(desk, CHANGE, "owner: PTY-ada", "owner: PTY-eve")

    proposal = propose(desk)

    assert ("records/cis/CI-payments.yaml",) == proposal.elsewhere
    assert [CHANGE, "records/cis/CI-payments.yaml"] == [finding.place.path for finding in proposal.findings]
    assert re.search(
        f"<code>{CHANGE}</code>.*In files that this pull request leaves as they are:.*CI-payments.yaml</code>",
        comment(proposal), re.DOTALL,
    )  # fmt: skip
