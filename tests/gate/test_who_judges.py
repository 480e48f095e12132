"""By whom a gate judges where nobody said it, and what it judges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opsledger.api import open_book
from opsledger.errors import Undecided

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GATE = "records/gates/GAT-done.yaml"
ONE = "records/problems/PRB-2026-0001.yaml"
RECORDS = {
    ONE: "id: PRB-2026-0001\ntitle: Payments time out\nstate: logged\nseverity: high\n",
    "records/cis/CI-pay.yaml": "id: CI-pay\ntitle: Pay\nclass: service\nstate: planned\nowner: PTY-ada\n"
    "criticality: low\n",
    "records/parties/PTY-ada.yaml": "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n",
    GATE: "id: GAT-done\ntitle: Live\nquestion: Is it owned?\nmode: enforce\n"
    "moves: [{kind: ci, from: planned, to: live}, {kind: ci, from: planned, to: pending}]\ncodes: [LCY202]\n",
}


@pytest.fixture
def ledger(repo):
    """A ledger with a gate on `main`, without any remote."""
    for path, text in RECORDS.items():
        repo.write(path, text)
    repo.commit("The ledger")
    return repo


def decide(repo, at="HEAD", base=None, subject="CI-pay", **more):
    with open_book(repo.root, environment=repo.environment) as book:
        return book.decide("done", subject, at=at, base=base, as_of=NOON, **more)


def test_without_a_remote_the_protected_branch_judges(ledger):
    verdict = decide(ledger)

    assert ("open", f"base refs/heads/main {ledger.git('rev-parse', 'main')[:7]}") == (verdict.outcome, verdict.judge)


def test_without_a_remote_the_protected_branch_judges_what_grew_from_it(ledger):
    ledger.switch("work", "main")
    ledger.write(GATE, RECORDS[GATE].replace("codes: [LCY202]", "codes: [XYZ999]"))
    ledger.commit("Ask more")

    assert decide(ledger).judge.startswith("base refs/heads/main")
    assert decide(ledger).is_open


def test_without_a_remote_nobody_judges_what_parted_from_the_protected_branch(ledger):
    ledger.switch("work", "main")
    ledger.commit("Here")
    ledger.switch("main")
    ledger.commit("There")

    with pytest.raises(Undecided, match="has parted from main"):
        decide(ledger, "work")


def test_without_a_remote_and_the_protected_branch_nobody_judges(ledger):
    ledger.git("branch", "-m", "main", "trunk")

    with pytest.raises(Undecided, match="no branch is called main"):
        decide(ledger)


def test_the_main_branch_of_the_remote_judges_what_is_part_of_it(ledger):
    clone = ledger.clone("clone")

    assert decide(clone).judge.startswith("base refs/remotes/origin/HEAD")


def test_a_branch_does_not_judge_itself(ledger):
    clone = ledger.clone("clone")
    clone.switch("work", "main")
    clone.commit("Ahead")

    with pytest.raises(Undecided, match="is not part of origin/HEAD"):
        decide(clone)


def test_a_protected_branch_ahead_of_the_remote_does_not_judge_itself(ledger):
    clone = ledger.clone("clone")
    clone.commit("Ahead")

    with pytest.raises(Undecided, match="is not part of origin/HEAD"):
        decide(clone)


def test_a_clone_that_forgot_the_remote_s_main_branch_is_undecided(ledger):
    clone = ledger.clone("clone")
    clone.git("remote", "set-head", "origin", "--delete")

    with pytest.raises(Undecided, match="does not know the remote's main branch"):
        decide(clone)


def test_a_base_that_nobody_has_is_undecided(ledger):
    with pytest.raises(Undecided, match="no commit is named 'origin/main'"):
        decide(ledger, base="origin/main")


def test_a_base_without_a_ledger_is_undecided(repo):
    repo.delete(".opsledger.yaml")
    repo.write("README", "An application\n")
    repo.commit("No ledger yet")
    repo.switch("work", "main")
    repo.write(".opsledger.yaml", "preset: small\n")
    for path, text in RECORDS.items():
        repo.write(path, text)
    repo.commit("The ledger")

    with pytest.raises(Undecided, match="holds no ledger, so no gate is in force"):
        decide(repo, base="main")


def test_a_named_base_judges_the_merge_result(ledger):
    ledger.switch("work", "main")
    ledger.write("records/cis/CI-pay.yaml", RECORDS["records/cis/CI-pay.yaml"].replace("PTY-ada", "PTY-new"))
    ledger.commit("Another owner")
    ledger.switch("main")
    ledger.write("records/parties/PTY-new.yaml", RECORDS["records/parties/PTY-ada.yaml"].replace("ada", "new"))
    ledger.commit("Meanwhile somebody new")

    verdict = decide(ledger, "work", "main")

    assert ("open", "") == (verdict.outcome, verdict.commit)


def test_a_commit_of_the_base_is_judged_as_it_was(ledger):
    before = ledger.git("rev-parse", "HEAD")
    ledger.write("records/cis/CI-pay.yaml", "id: CI-pay\n")
    ledger.commit("Damage")

    assert ("open", before) == (decide(ledger, before).outcome, decide(ledger, before).commit)
    assert "blocked" == decide(ledger).outcome


def test_branches_that_do_not_merge_are_undecided(ledger):
    ledger.switch("work", "main")
    ledger.write(ONE, RECORDS[ONE].replace("Payments", "Orders"))
    ledger.commit("Here")
    ledger.switch("main")
    ledger.write(ONE, RECORDS[ONE].replace("Payments", "Refunds"))
    ledger.commit("There")

    with pytest.raises(Undecided, match=f"{ONE} does not merge into base main"):
        decide(ledger, "work", "main")


def test_a_depth_one_clone_of_the_base_gives_the_full_answer(ledger):
    shallow = ledger.clone("ci", "--depth=1")

    assert decide(shallow).is_open


def test_a_gate_that_the_branch_deleted_still_asks(ledger):
    ledger.switch("work", "main")
    ledger.delete(GATE)
    ledger.write("records/cis/CI-pay.yaml", "id: CI-pay\n")
    ledger.commit("No gate")

    assert "blocked" == decide(ledger, "work", "main").outcome


def test_the_same_question_gets_the_same_answer_tomorrow(ledger):
    assert decide(ledger) == decide(ledger)
