"""Who judges a step, what is judged, and what is said when one of the two cannot be had."""

from __future__ import annotations

import pytest

from opsledger.api import open_book
from opsledger.policy import OtherVersion

from .conftest import PROBLEM, edit, said

ONE = "records/problems/PRB-2026-0001.yaml"
TWO = "records/problems/PRB-2026-0002.yaml"
POLICY = "records/policy/POL-ours.yaml"
BAD = PROBLEM.format("PRB-2026-0002", "Refunds time out", "dreaming")
GOOD = PROBLEM.format("PRB-2026-0002", "Refunds time out", "logged")


def test_a_snapshot_by_itself_says_so(small, judge):
    judgement = judge(small, base=None)

    assert ("the work tree", "itself", 0) == (judgement.subject, judgement.judge, judgement.exit_code)


def test_a_step_names_its_judge(small, judge):
    judgement = judge(small)

    assert f"base main {small.git('rev-parse', 'main')[:7]}" == judgement.judge


def test_a_base_without_a_ledger_leaves_the_packaged_preset_to_judge(repo, judge):
    repo.delete(".opsledger.yaml")
    repo.write("README", "An application\n")
    repo.commit("No ledger yet")
    repo.switch("work", "main")
    repo.write(".opsledger.yaml", "preset: small\n")
    repo.write(TWO, BAD)

    judgement = judge(repo)

    assert [f"SCH001 {TWO}:3:8"] == said(judgement)
    assert any(note.endswith("holds no ledger yet, so the packaged preset judges") for note in judgement.notes)


def test_a_branch_that_lowers_a_severity_does_not_help_itself(small, judge):
    small.write(POLICY, "id: POL-ours\ntitle: Ours\nrules: {locked: [], severity: {LNK101: note}}\n")
    small.write(TWO, GOOD + "cis: [CI-nowhere]\n")

    assert 1 == judge(small).exit_code


def test_a_severity_that_the_base_lowered_is_in_force(small, judge):
    small.write(POLICY, "id: POL-ours\ntitle: Ours\nrules: {locked: [], severity: {LNK101: note}}\n")
    small.commit("Lower it")
    small.git("branch", "-f", "main", "work")
    small.write(TWO, GOOD + "cis: [CI-nowhere]\n")

    judgement = judge(small)

    assert ([f"LNK101 {TWO}:5:7"], 0) == (said(judgement), judgement.exit_code)


def test_a_branch_that_deselects_a_rule_does_not_help_itself(small, judge):
    small.write(POLICY, "id: POL-ours\ntitle: Ours\nrules: {locked: [], select: [SCH]}\n")
    small.write(TWO, GOOD + "cis: [CI-nowhere]\n")

    assert [f"LNK101 {TWO}:5:7"] == said(judge(small))


def test_another_version_than_the_bases_pin_may_not_judge(small, judge, run):
    small.git("switch", "-q", "main")
    small.write(".opsledger.yaml", 'tool: "9.9.9"\n')
    small.commit("Pin")
    small.git("switch", "-q", "-C", "work")
    small.write(".opsledger.yaml", 'tool: "0.1.0"\n')

    with pytest.raises(OtherVersion):
        judge(small)

    code, printed = run(small, "check", "--base", "main")
    assert 2 == code
    assert "run opsledger 9.9.9" in printed


def test_a_pin_that_only_the_branch_has_does_not_stop_the_base(small, judge):
    small.write(".opsledger.yaml", 'tool: "9.9.9"\n')

    assert 0 == judge(small).exit_code


def test_branches_that_do_not_merge_are_a_finding_at_each_file(small, judge):
    edit(small, ONE, "Payments", "Orders")
    small.commit("Here")
    small.switch("main")
    edit(small, ONE, "Payments", "Refunds")
    small.commit("There")

    judgement = judge(small, "work")

    assert ([f"LCY209 {ONE}:1:1"], 1) == (said(judgement), judgement.exit_code)


def test_branches_that_touch_different_files_are_judged_together(small, judge):
    small.write(TWO, GOOD + "duplicate_of: PRB-2026-0003\n")
    small.commit("Names a record that only the base has")
    small.switch("main")
    small.write("records/problems/PRB-2026-0003.yaml", GOOD.replace("0002", "0003"))
    small.commit("The record")

    assert ([], 0) == (said(judge(small, "work")), judge(small, "work").exit_code)


def test_a_work_tree_whose_base_has_moved_on_is_undecided(small, judge):
    small.switch("main")
    small.write("records/problems/PRB-2026-0003.yaml", GOOD.replace("0002", "0003"))
    small.commit("Meanwhile")
    small.switch("work")
    small.write(TWO, GOOD)

    judgement = judge(small)

    [missing] = judgement.undecided
    assert 3 == judgement.exit_code
    assert "commit first" in missing


def test_undecided_never_hides_an_error(small, judge):
    small.switch("main")
    small.commit("Meanwhile")
    small.switch("work")
    small.write(TWO, BAD)

    judgement = judge(small)

    assert (1, 1) == (judgement.exit_code, len(judgement.undecided))
    assert [f"SCH001 {TWO}:3:8"] == said(judgement)


def test_a_base_that_nobody_has_is_undecided_and_the_snapshot_is_judged(small, judge):
    judgement = judge(small, base="origin/main")

    assert (3, "itself") == (judgement.exit_code, judgement.judge)
    assert "git fetch" in judgement.undecided[0]


@pytest.fixture
def shallow(small):
    """What CI has: a clone of one commit, the branch's, with a mistake that only the step shows."""
    small.delete(ONE)
    small.write(TWO, GOOD)
    small.commit("One instead of another")
    return small.clone("ci", "--depth=1", "--branch=work", "--no-single-branch", "--no-tags")


def test_a_clone_of_one_commit_with_the_tip_of_the_base_gives_the_full_answer(shallow, judge):
    judgement = judge(shallow, base="origin/main")

    assert ([f"LCY204 {ONE}:1:1"], (), 1) == (said(judgement), judgement.undecided, judgement.exit_code)


def test_a_clone_of_one_commit_without_the_base_gives_the_snapshot_and_undecided(shallow, judge):
    shallow.git("update-ref", "-d", "refs/remotes/origin/main")

    judgement = judge(shallow, base="origin/main")

    assert ([], 3) == (said(judgement), judgement.exit_code)


def test_a_clone_of_one_commit_without_the_base_still_fails_on_an_error(shallow, judge):
    shallow.git("update-ref", "-d", "refs/remotes/origin/main")
    shallow.write(TWO, BAD)

    judgement = judge(shallow, base="origin/main")

    assert ([f"SCH001 {TWO}:3:8"], 1, 1) == (said(judgement), judgement.exit_code, len(judgement.undecided))


def test_nothing_that_a_clone_configures_is_run(small, tmp_path):
    canary = tmp_path / "canary"
    program = f"sh -c 'touch {canary}'"
    edit(small, ONE, "Payments", "Orders")
    small.commit("Here")
    small.switch("main")
    small.write(".gitattributes", "* merge=mine diff=mine filter=mine\n")
    small.write(TWO, GOOD)
    small.commit("There")
    for name in ("core.fsmonitor", "diff.external", "merge.mine.driver", "diff.mine.command", "diff.mine.textconv",
                 "filter.mine.clean", "filter.mine.smudge", "filter.mine.process", "core.pager", "core.sshCommand",
                 "core.editor", "gpg.program", "gpg.ssh.program", "uploadpack.packObjectsHook"):  # fmt: skip
        small.git("config", name, program)
    small.git("config", "core.hooksPath", str(tmp_path / "hooks"))

    with open_book(small.root, environment=small.environment) as book:
        outcomes = [book.check(at, base="main").exit_code for at in ("work", "main", None)]

    assert [0, 0, 0] == outcomes
    assert not canary.exists()
