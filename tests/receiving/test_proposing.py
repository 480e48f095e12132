"""`propose` brings the work onto a branch of its own, checked, committed and pushed, or leaves everything as it was."""

from __future__ import annotations

import pytest
from tests.receiving.conftest import ASSESSED, CHANGE, CI


def at(repo, bare, name: str) -> str:
    """What a reference of the remote names; empty if there is none."""
    listed = repo.git("ls-remote", str(bare), name)
    return listed.split("\t")[0]


def standing(repo) -> tuple[str, str, str]:
    """The branch, its commit and what is not committed."""
    return repo.git("branch", "--show-current"), repo.git("rev-parse", "HEAD"), repo.git("status", "--porcelain")


def test_work_stands_on_a_branch_of_its_own_and_main_stays(served, bare, opsledger):
    main = served.git("rev-parse", "main")
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))
    served.write("records/cis/CI-new.yaml", CI.replace("CI-api", "CI-new"))

    ended = opsledger("propose")

    branch, commit, dirt = standing(served)
    assert (0, "propose/CHG-2026-0001", "") == (ended.code, branch, dirt), ended.text
    assert commit == at(served, bare, "refs/heads/propose/CHG-2026-0001")
    assert main == served.git("rev-parse", "main") == at(served, bare, "refs/heads/main")
    assert "origin/propose/CHG-2026-0001" == served.git("rev-parse", "--abbrev-ref", "@{upstream}")
    assert "Ada <ada@example.org>" == served.git("log", "-1", "--format=%an <%ae>")
    assert [
        "CHG-2026-0001: assessed → approved, and 1 more", "", "CHG-2026-0001: assessed → approved",
        "CI-new: new ci, live",
    ] == served.git("log", "-1", "--format=%B").splitlines()  # fmt: skip


def test_who_must_sign_is_named(served, bare, opsledger):
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))

    ended = opsledger("propose")

    assert (
        "GAT-change-approve waits for the request of CHG-2026-0001 to be signed by ROL-approver: PTY-grace"
        in ended.text
    )
    assert "git merge --no-ff origin/propose/CHG-2026-0001" in ended.text


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        pytest.param("records/cis/CI-api.yaml", CI.replace("class: service\n", ""), "SCH001", id="a field missing"),
        pytest.param("records/cis/CI-api.yaml", CI.replace("PTY-ada", "PTY-bob"), "LNK101", id="a link to nobody"),
        pytest.param(CHANGE, ASSESSED.format(state="draft", risk="medium").replace("CHG-2026-0001", "CHG-2026-0002"),
                     "SCH002", id="an id that is not the file's"),
    ],
)  # fmt: skip
def test_what_check_finds_stops_it_and_nothing_moves(served, bare, opsledger, path, text, reason):
    served.write(path, text)
    before = standing(served)

    ended = opsledger("propose")

    assert 1 == ended.code
    assert reason in ended.text
    assert before == standing(served)
    assert "" == served.git("ls-remote", str(bare), "refs/heads/propose/*")


def test_nothing_to_propose_is_said(served, bare, opsledger):
    ended = opsledger("propose")

    assert 2 == ended.code
    assert "nothing here differs from the protected branch" in ended.text


def test_dry_run_writes_nothing(served, bare, opsledger):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    before = standing(served), served.git("count-objects")

    ended = opsledger("propose", "--dry-run")

    assert (0, "would propose CI-api: criticality") == (ended.code, ended.text.splitlines()[0])
    assert before == (standing(served), served.git("count-objects"))


def test_named_records_alone_are_taken(served, bare, opsledger):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.write("records/cis/CI-new.yaml", CI.replace("CI-api", "CI-new"))

    ended = opsledger("propose", "CI-api")

    assert 0 == ended.code, ended.text
    assert "records/cis/CI-api.yaml" == served.git("diff", "--name-only", "main", "HEAD")
    assert "?? records/cis/CI-new.yaml" == served.git("status", "--porcelain")


def test_record_that_is_not_there_is_named(served, bare, opsledger):
    ended = opsledger("propose", "CI-nothing")

    assert 2 == ended.code
    assert "no record is called 'CI-nothing'" in ended.text


def test_branch_of_ones_own_is_used_again(served, bare, opsledger):
    served.switch("mine", "main")
    for level in ("low", "medium"):
        served.write("records/cis/CI-api.yaml", CI.replace("high", level))
        assert 0 == opsledger("propose").code

    assert "mine" == served.git("branch", "--show-current")
    assert "2" == served.git("rev-list", "--count", "main..origin/mine")


def test_name_that_is_taken_gets_a_number(served, bare, opsledger):
    served.git("branch", "propose/CI-api")
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))

    opsledger("propose")

    assert "propose/CI-api-2" == served.git("branch", "--show-current")


@pytest.mark.parametrize(("name", "reason"), [("main", "protected branch"), ("work", "exists already")])
def test_branch_of_others_is_not_taken(served, bare, opsledger, name, reason):
    served.git("commit", "-q", "--allow-empty", "-m", "Ahead")
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    before = standing(served)

    ended = opsledger("propose", "--branch", name)

    assert 2 == ended.code
    assert reason in ended.text
    assert before == standing(served)


def test_work_is_judged_against_what_the_remote_holds_now(served, bare, opsledger):
    served.git("clone", "-q", str(bare), "../other")
    served.git("-C", "../other", "rm", "-q", "records/parties/PTY-grace.yaml")
    served.git("-C", "../other", "commit", "-q", "-m", "Grace left")
    served.git("-C", "../other", "push", "-q", "origin", "main")
    served.write("records/cis/CI-api.yaml", CI.replace("PTY-ada", "PTY-grace"))

    ended = opsledger("propose")

    assert 1 == ended.code
    assert "LNK" in ended.text


def test_user_whom_git_does_not_know_is_asked_for(served, bare, opsledger):
    served.git("config", "--unset", "user.email")
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))

    ended = opsledger("propose")

    assert 2 == ended.code
    assert "git does not know who you are" in ended.text


def test_remote_that_does_not_answer_leaves_it_undecided(served, bare, opsledger):
    bare.rename(bare.parent / "gone")
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    before = standing(served)

    ended = opsledger("propose")

    assert 3 == ended.code
    assert before == standing(served)


def test_offline_commits_and_pushes_nothing(served, bare, opsledger):
    bare.rename(bare.parent / "gone")
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))

    ended = opsledger("propose", "--offline")

    assert 0 == ended.code, ended.text
    assert ("propose/CI-api", "") == (standing(served)[0], standing(served)[2])


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("github.com/pay/ledger", ["gh pr create --base main --head propose/CI-api", "https://github.com/pay/ledger/compare/main...propose%2FCI-api?expand=1"]),
        ("gitlab.com/pay/ledger", ["glab mr create", "https://gitlab.com/pay/ledger/-/merge_requests/new"]),
        ("codeberg.org/pay/ledger", ["tea pulls create", "https://codeberg.org/pay/ledger/compare/main...propose%2FCI-api"]),
        ("bitbucket.org/pay/ledger", ["https://bitbucket.org/pay/ledger/pull-requests/new?source=propose%2FCI-api"]),
    ],
)  # fmt: skip
def test_forge_without_a_token_is_named_with_its_command(served, bare, opsledger, address, words):
    text = (served.root / ".opsledger.yaml").read_text(encoding="utf-8")
    served.write(".opsledger.yaml", text.replace("git.example.org/ledger", address))
    served.commit()
    served.git("push", "-q", "origin", "main")
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))

    ended = opsledger("propose")

    assert 0 == ended.code
    assert all(word in ended.text for word in words), ended.text


def test_ledger_in_a_folder_takes_what_is_in_it(served, bare, opsledger):
    (served.root / "ops").mkdir()
    served.git("mv", "records", ".opsledger.yaml", "ops/")
    served.commit("Into a folder")
    served.git("push", "-q", "origin", "main")
    served.write("ops/records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.write("app.py", "print()\n")

    ended = opsledger("propose", within=served.root / "ops")

    assert 0 == ended.code, ended.text
    assert "ops/records/cis/CI-api.yaml" == served.git("diff", "--name-only", "main", "HEAD")
    assert "?? app.py" == served.git("status", "--porcelain")


def test_linked_work_tree_stands_on_the_branch_afterwards(served, bare, opsledger, tmp_path):
    linked = tmp_path / "linked"
    served.git("worktree", "add", "-q", "--detach", str(linked), "main")
    (linked / "records/cis/CI-api.yaml").write_text(CI.replace("high", "low"))

    ended = opsledger("propose", within=linked)

    assert 0 == ended.code, ended.text
    assert "propose/CI-api" == served.git("-C", str(linked), "branch", "--show-current")
    assert "main" == served.git("branch", "--show-current")


def test_script_keeps_its_right_to_be_executed_and_a_link_stays_behind(served, bare, opsledger):
    served.write("tools/run.sh", "#!/bin/sh\n").chmod(0o755)
    (served.root / "tools/link").symlink_to("run.sh")

    ended = opsledger("propose")

    assert 0 == ended.code, ended.text
    assert "note: tools/link is no plain file, and is not taken" in ended.text
    assert served.git("ls-tree", "HEAD", "tools/run.sh").startswith("100755")
    assert "?? tools/link" == served.git("status", "--porcelain")


def test_file_that_is_gone_is_gone_from_the_branch(served, bare, opsledger):
    served.write("records/notes.txt", "note\n")
    served.commit()
    served.git("push", "-q", "origin", "main")
    served.delete("records/notes.txt")

    ended = opsledger("propose")

    assert 0 == ended.code, ended.text
    assert "D\trecords/notes.txt" == served.git("diff", "--name-status", "main", "HEAD")
