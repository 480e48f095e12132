"""One `approve` signs each scope that waits for somebody, and says of the rest who else it waits for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.receiving.conftest import ASSESSED, CHANGE

GATE = "records/gates/GAT-change-approve.yaml"
PLAN = "steps: [{step: Take the old key out}]\n"
SECOND = "records/changes/2026/CHG-2026-0002.yaml"


@pytest.fixture
def served(served, request):
    """The ledger, whose gate asks for two scopes: the request by an approver, the plan by whoever the test says."""
    asked = getattr(request, "param", "[ROL-approver]")
    served.switch("main")
    gate = (served.root / GATE).read_text(encoding="utf-8").partition("signatures:")[0]
    scopes = f"  - {{scope: request, roles: [ROL-approver]}}\n  - {{scope: plan, roles: {asked}}}\n"
    served.write(GATE, f"{gate}signatures:\n{scopes}")
    served.write(
        "records/roles/ROL-operator.yaml", "id: ROL-operator\ntitle: Operator\ndescription: Runs it\nleast: 1\n"
    )
    served.write(
        "records/parties/PTY-linus.yaml",
        "id: PTY-linus\nname: Linus\ntype: person\nstate: active\nroles: [{role: ROL-operator}]\n",
    )
    served.commit("Two scopes")
    served.git("branch", "-f", "work", "main")
    return served


@pytest.fixture
def proposal(served, bare, opsledger) -> str:
    """Branch `propose/CHG-2026-0001` of the remote, on which Ada moves the change behind its gate."""
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium") + PLAN)
    ended = opsledger("propose")
    assert 0 == ended.code, ended.text
    return "propose/CHG-2026-0001"


@pytest.fixture
def grace(served, bare, proposal, keys, tmp_path) -> Path:
    """A clone of Grace's, in which git signs with her key."""
    place = tmp_path / "grace"
    served.git("clone", "-q", str(bare), str(place))
    for name, value in (("user.name", "Grace"), ("user.email", "grace@example.org"), ("gpg.format", "ssh"),
                        ("user.signingkey", str(keys["grace"]))):  # fmt: skip
        served.git("-C", str(place), "config", name, value)
    return place


def signed(repo, bare, branch: str) -> list[str]:
    """The scopes that are signed on a branch of the remote."""
    names = repo.git("--git-dir", str(bare), "ls-tree", "-r", "--name-only", branch).splitlines()
    files = [repo.git("--git-dir", str(bare), "show", f"{branch}:{name}") for name in names if "/approvals/" in name]
    return sorted(
        line.removeprefix("scope: ") for text in files for line in text.splitlines() if line.startswith("scope:")
    )


def commits(repo, bare, branch: str) -> str:
    return repo.git("--git-dir", str(bare), "rev-list", "--count", f"main..{branch}")


def test_author_signs_none_of_several_scopes(served, bare, proposal, keys, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--key", str(keys["ada"]))

    assert (2, []) == (ended.code, signed(served, bare, proposal))
    assert 2 == ended.text.count("PTY-ada wrote it")


@pytest.mark.parametrize("served", ["[ROL-operator]"], indirect=True, ids=["another role"])
def test_scope_of_a_role_that_is_not_held_is_left_and_told(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert (0, ["request"]) == (ended.code, signed(served, bare, proposal)), ended.text
    said = "left to others: GAT-change-approve asks for the plan of CHG-2026-0001 by ROL-operator"
    assert f"{said}: PTY-grace" in ended.text


def test_scope_that_somebody_wrote_is_left_and_told(served, bare, proposal, grace, opsledger):
    served.git("-C", str(grace), "switch", "-q", proposal)
    place = grace / CHANGE
    place.write_text(place.read_text().replace("Take the old key out", "Take both keys out"))
    served.git("-C", str(grace), "commit", "-qam", "Mend it", "--author=Grace <grace@example.org>")
    served.git("-C", str(grace), "push", "-q", "origin", proposal)

    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert (0, ["request"]) == (ended.code, signed(served, bare, proposal)), ended.text
    assert "plan of CHG-2026-0001 by ROL-approver: PTY-grace wrote it" in ended.text


@pytest.mark.parametrize("served", ["[ROL-approver, ROL-operator]"], indirect=True, ids=["two roles"])
def test_scope_that_could_be_signed_in_two_roles_asks_which(served, bare, keys, opsledger):
    path = "records/parties/PTY-grace.yaml"
    served.switch("main")
    stated = (served.root / path).read_text(encoding="utf-8")
    served.write(path, stated.replace("{role: ROL-approver}", "{role: ROL-approver}, {role: ROL-operator}"))
    served.commit("Both")
    served.git("push", "-q", "origin", "main")
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium") + PLAN)
    opsledger("propose")
    for name, value in (("user.email", "grace@example.org"), ("user.signingkey", str(keys["grace"]))):
        served.git("config", name, value)
    served.git("config", "gpg.format", "ssh")

    ended = opsledger("approve", "CHG-2026-0001")
    chosen = opsledger("approve", "CHG-2026-0001", "--scope", "plan", "--role", "ROL-operator")

    assert (2, 0) == (ended.code, chosen.code), chosen.text
    assert "can sign the plan of CHG-2026-0001 in 2 roles, and in one only" in ended.text
    assert "--scope plan --role ROL-operator" in ended.text
    assert ["plan"] == signed(served, bare, "propose/CHG-2026-0001")


def test_each_scope_that_waits_is_signed_in_one_commit(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert (0, ["plan", "request"]) == (ended.code, signed(served, bare, proposal)), ended.text
    assert "2" == commits(served, bare, proposal)
    assert "CHG-2026-0001: PTY-grace signs 2 scopes" == served.git(
        "--git-dir", str(bare), "log", "-1", "--format=%s", proposal
    )
    served.git("fetch", "-q", "origin")
    assert 0 == opsledger("check", "--at", f"origin/{proposal}", "--base", "origin/main").code


def test_all_that_is_signed_is_shown_first(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--dry-run", within=grace)

    assert (0, []) == (ended.code, signed(served, bare, proposal))
    assert "granted the request of CHG-2026-0001, as ROL-approver, by PTY-grace" in ended.text
    assert "granted the plan of CHG-2026-0001, as ROL-approver, by PTY-grace" in ended.text
    assert 2 == ended.text.count("fingerprint sha256:")


def test_one_scope_that_is_named_is_signed_alone_and_the_other_later(served, bare, proposal, grace, opsledger):
    first = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--scope", "plan", within=grace)
    alone = signed(served, bare, proposal)
    second = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert (0, ["plan"], False) == (first.code, alone, "left to others" in first.text)
    assert (0, ["plan", "request"]) == (second.code, signed(served, bare, proposal)), second.text


def test_nothing_is_signed_twice(served, bare, proposal, grace, opsledger):
    opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)
    again = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert (2, ["plan", "request"]) == (again.code, signed(served, bare, proposal))
    assert 2 == again.text.count("it is signed")


def test_no_to_all_that_waits_is_one_word(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--decision", "revise", within=grace)

    assert (0, ["plan", "request"]) == (ended.code, signed(served, bare, proposal)), ended.text


def test_what_takes_back_one_approval_needs_its_scope(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--decision", "withdrawn",
                      "--withdraws", "APR-2026-0000aaaa", within=grace)  # fmt: skip

    assert (2, []) == (ended.code, signed(served, bare, proposal))
    assert "APR-2026-0000aaaa is of one scope" in ended.text


def test_records_of_one_pull_request_are_signed_together(served, bare, keys, opsledger):
    served.switch("main")
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))
    served.write(SECOND, ASSESSED.format(state="approved", risk="low").replace("CHG-2026-0001", "CHG-2026-0002"))
    proposed = opsledger("propose", "CHG-2026-0001", "CHG-2026-0002")
    branch = "propose/CHG-2026-0001"
    for name, value in (("user.email", "grace@example.org"), ("user.signingkey", str(keys["grace"]))):
        served.git("config", name, value)
    served.git("config", "gpg.format", "ssh")

    ended = opsledger("approve", "CHG-2026-0001", "CHG-2026-0002")

    assert f"    opsledger approve CHG-2026-0001 CHG-2026-0002 --at {branch}\n" in proposed.text
    assert (0, ["plan", "plan", "request", "request"]) == (ended.code, signed(served, bare, branch)), ended.text
