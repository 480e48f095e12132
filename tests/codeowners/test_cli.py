"""`codeowners` at the terminal."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import CI, PARTY, Call, call
from tests.conftest import Repo

__all__ = ["call"]

ROLE = """id: ROL-approver
title: Approver
description: Says yes or no.
paths: [/records/]
owners: {github: ["@example/approvers"]}
"""
FILE = ".github/CODEOWNERS"


@pytest.fixture
def ledger(repo: Repo) -> Repo:
    """A repository with a ledger whose one role owns its records at GitHub."""
    repo.write("records/parties/PTY-ada.yaml", PARTY)
    repo.write("records/cis/CI-payments-api.yaml", CI)
    repo.write("records/roles/ROL-approver.yaml", ROLE)
    repo.commit("Start the ledger")
    return repo


def test_a_file_is_printed_and_not_written(ledger: Repo, call: Call):
    done = call("-C", ledger.root, "codeowners", "generate")

    assert 0 == done.code
    assert "/records/ @example/approvers # ROL-approver" in done.out.splitlines()
    assert not (ledger.root / FILE).exists()


def test_a_file_is_written_and_then_has_no_findings(ledger: Repo, call: Call):
    written = call("-C", ledger.root, "codeowners", "generate", "--write")
    checked = call("-C", ledger.root, "codeowners", "check")

    assert (0, f"wrote {FILE}\n") == (written.code, written.out)
    assert (0, f"Judged {FILE} by the roles: 3 records, no findings\n") == (checked.code, checked.out)


def test_a_file_that_is_as_it_should_be_is_left_alone(ledger: Repo, call: Call):
    call("-C", ledger.root, "codeowners", "generate", "--write")

    again = call("-C", ledger.root, "codeowners", "generate", "--write")

    assert (0, f"{FILE} says already what the roles say\n") == (again.code, again.out)


def test_a_dry_run_shows_the_difference_and_writes_nothing(ledger: Repo, call: Call):
    done = call("-C", ledger.root, "codeowners", "generate", "--write", "--dry-run")

    assert f"would write {FILE}" in done.out
    assert not (ledger.root / FILE).exists()


def test_no_file_is_a_finding(ledger: Repo, call: Call):
    done = call("-C", ledger.root, "codeowners", "check")

    assert 1 == done.code
    assert f"{FILE}:1:1: SIG310 GitHub finds no CODEOWNERS file" in done.out


def test_findings_come_in_other_forms(ledger: Repo, call: Call):
    ledger.write(FILE, "* @example/approvers\n!*.md @example/approvers\n")

    done = call("-C", ledger.root, "codeowners", "check", "--format", "json")

    finding = json.loads(done.out.splitlines()[0])
    assert (1, FILE, 2, "SIG310") == (done.code, finding["path"], finding["line"], finding["code"])


def test_which_line_decides_is_explained(ledger: Repo, call: Call):
    ledger.write(FILE, "* @dev\n/records/ @example/approvers\n")

    done = call("-C", ledger.root, "codeowners", "explain", "records/cis/CI-payments-api.yaml")

    assert (
        0,
        [
            "records/cis/CI-payments-api.yaml, as GitHub reads .github/CODEOWNERS:",
            "    line 2 /records/ asks for one of @example/approvers",
            "GitHub waits for this where the branch requires the review of code owners",
            "The records ask for ROL-approver (@example/approvers)",
        ],
    ) == (done.code, done.out.splitlines())


def test_a_path_that_nobody_owns_is_said_to_fail_open(ledger: Repo, call: Call):
    ledger.write(FILE, "/docs/ @dev\n")

    done = call("-C", ledger.root, "codeowners", "explain", "records/cis/CI-payments-api.yaml")

    assert 1 == done.code
    assert "GitHub lets a change of it through: no line is about it, so GitHub asks nobody" in done.out
    assert "opsledger counts nobody as having approved where nobody was asked" in done.out


def test_a_path_is_explained_without_any_file(ledger: Repo, call: Call):
    done = call("-C", ledger.root, "codeowners", "explain", "x", "--dialect", "gitlab")

    assert (1, True) == (done.code, "GitLab finds no CODEOWNERS file" in done.out)


def test_an_owner_whom_nobody_knows_is_no_owner(ledger: Repo, call: Call):
    ledger.write(FILE, "* @stranger\n")

    done = call("-C", ledger.root, "codeowners", "explain", "x")

    assert (1, True) == (done.code, "line 1 asks @stranger, whom the records do not know" in done.out)


def test_a_line_that_cannot_be_judged_is_undecided(ledger: Repo, call: Call):
    ledger.write(".gitea/CODEOWNERS", "(?i)a @example/approvers\n")

    done = call("-C", ledger.root, "codeowners", "explain", "a", "--dialect", "gitea")

    assert (3, True) == (done.code, "line 1 (?i)a cannot be judged here: it has a group" in done.out)


def test_an_explanation_for_programs_names_sections(ledger: Repo, call: Call):
    ledger.write(".gitlab/CODEOWNERS", "[Records][2] @example/approvers\n/records/\n")

    done = call("-C", ledger.root, "codeowners", "explain", "records/a", "--dialect", "gitlab", "--format", "json")

    [demand] = json.loads(done.out)["demands"]
    assert {
        "line": 2, "pattern": "/records/", "section": "Records", "owners": ["@example/approvers"], "count": 2,
        "is_optional": False,
    } == demand  # fmt: skip


@pytest.mark.parametrize("command", ["generate", "check"])
def test_an_unknown_forge_is_asked_for(ledger: Repo, call: Call, command: str):
    ledger.write("records/roles/ROL-approver.yaml", ROLE.partition("owners:")[0])

    done = call("-C", ledger.root, "codeowners", command)

    assert (2, True) == (done.code, "nobody can tell which forge this is for" in done.err)


def test_a_role_that_cannot_be_read_is_undecided(ledger: Repo, call: Call):
    ledger.write("records/roles/ROL-approver.yaml", "id: [\n")

    done = call("-C", ledger.root, "codeowners", "generate", "--dialect", "github")

    assert (3, True) == (done.code, "records/roles/ROL-approver.yaml" in done.err)


def test_a_ledger_in_a_folder_has_its_file_at_the_top(ledger: Repo, call: Call):
    ledger.git("mv", "records", "keep")
    (ledger.root / "ops").mkdir()
    ledger.git("mv", "keep", "ops/records")
    ledger.git("mv", ".opsledger.yaml", "ops/.opsledger.yaml")

    written = call("-C", ledger.root / "ops", "codeowners", "generate", "--write")
    checked = call("-C", ledger.root / "ops", "codeowners", "check")

    assert (0, 0) == (written.code, checked.code), checked.out
    assert "/ops/records/ @example/approvers # ROL-approver" in (ledger.root / FILE).read_text().splitlines()


def test_a_quorum_of_a_body_is_asked_for_at_gitlab(ledger: Repo, call: Call):
    ledger.write(
        "records/parties/PTY-cab.yaml",
        "id: PTY-cab\nname: Board\ntype: body\nstate: active\nquorum: 2\nmembers: [{party: PTY-ada}]\n",
    )
    ledger.write("records/roles/ROL-approver.yaml", ROLE.replace("github", "gitlab") + "holders: [{party: PTY-cab}]\n")

    done = call("-C", ledger.root, "codeowners", "generate")

    assert "[ROL-approver][2] @example/approvers" in done.out.splitlines()
