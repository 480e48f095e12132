"""`approve` signs what counts and nothing else, and its file lands on the branch whoever else pushes there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.receiving.conftest import ASSESSED, CHANGE, CI


@pytest.fixture
def proposal(served, bare, opsledger) -> str:
    """Branch `propose/CHG-2026-0001` of the remote, on which Ada moves the change behind its gate."""
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))
    assert 0 == opsledger("propose").code
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


def approvals(repo, bare, branch: str) -> list[str]:
    """The approval files of a branch of the remote."""
    names = repo.git("--git-dir", str(bare), "ls-tree", "-r", "--name-only", branch).splitlines()
    return [name for name in names if name.startswith("records/approvals/")]


def test_signature_lands_on_the_branch_and_opens_the_gate(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert 0 == ended.code, ended.text
    assert 1 == len(approvals(served, bare, proposal))
    served.git("fetch", "-q", "origin")
    assert 0 == opsledger("check", "--at", f"origin/{proposal}", "--base", "origin/main").code


def test_clone_that_stands_on_the_branch_comes_along(served, bare, proposal, grace, opsledger):
    served.git("-C", str(grace), "switch", "-q", proposal)

    opsledger("approve", "CHG-2026-0001", within=grace)

    assert f"## {proposal}...origin/{proposal}" == served.git("-C", str(grace), "status", "-sb")
    assert [str(path.relative_to(grace)) for path in grace.glob("records/approvals/*/*")] == approvals(
        served, bare, proposal
    )


def test_without_push_it_is_committed_here_alone(served, bare, proposal, grace, opsledger):
    served.git("-C", str(grace), "switch", "-q", proposal)

    ended = opsledger("approve", "CHG-2026-0001", "--no-push", within=grace)

    assert 0 == ended.code, ended.text
    assert [] == approvals(served, bare, proposal)
    assert "" == served.git("-C", str(grace), "status", "--porcelain")
    assert "1" == served.git("-C", str(grace), "rev-list", "--count", f"origin/{proposal}..{proposal}")


def test_dry_run_shows_and_signs_nothing(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--dry-run", within=grace)

    assert 0 == ended.code
    assert "    /risk  medium" in ended.text
    assert "fingerprint sha256:" in ended.text
    assert [] == approvals(served, bare, proposal)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param(["--by", "PTY-ada"], "PTY-ada wrote it", id="an author"),
        pytest.param(["--by", "PTY-pipeline"], "is a machine", id="a machine"),
        pytest.param(["--by", "PTY-zoe"], "has no party called PTY-zoe", id="a stranger"),
        pytest.param(["--scope", "request", "--role", "ROL-other"], "ROL-other", id="a role that is not there"),
        pytest.param(
            ["--scope", "nothing", "--role", "ROL-approver"], "no scope called 'nothing'", id="a scope that is none"
        ),
        pytest.param(["--key", "nowhere"], "no key is in", id="a key that is not there"),
    ],
)
def test_what_would_not_count_is_not_signed(served, bare, proposal, grace, opsledger, options, reason):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, *options, within=grace)

    assert 2 == ended.code
    assert reason in ended.text
    assert [] == approvals(served, bare, proposal)


def test_key_of_somebody_else_is_refused(served, bare, proposal, grace, keys, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--key", str(keys["ada"]), within=grace)

    assert 2 == ended.code
    assert "is none that counts for PTY-grace now" in ended.text


def test_key_in_its_usual_place_is_found(served, bare, proposal, grace, keys, opsledger):
    served.git("-C", str(grace), "config", "--unset", "user.signingkey")
    home = Path(served.environment["HOME"], ".ssh")
    home.mkdir()
    for suffix in ("", ".pub"):
        (home / f"id_ed25519{suffix}").write_bytes(Path(f"{keys['grace']}{suffix}").read_bytes())
        (home / f"id_ed25519{suffix}").chmod(0o600)

    assert 0 == opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace).code


def test_user_without_a_key_is_told_what_to_do(served, bare, proposal, grace, opsledger):
    served.git("-C", str(grace), "config", "--unset", "user.signingkey")

    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert 2 == ended.code
    assert "name the key's file with --key" in ended.text


def test_address_that_no_party_has_is_named(served, bare, proposal, grace, opsledger):
    served.git("-C", str(grace), "config", "user.email", "zoe@example.org")

    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert 2 == ended.code
    assert "no party record on the base branch has the address zoe@example.org" in ended.text


def test_second_signature_of_the_same_person_is_refused(served, bare, proposal, grace, opsledger):
    opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert 2 == ended.code
    assert "it is signed" in ended.text
    assert 1 == len(approvals(served, bare, proposal))


def test_record_without_a_gate_says_what_could_be_signed(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CI-api", "--at", proposal, within=grace)

    assert 2 == ended.code
    assert "no gate waits for a signature on CI-api" in ended.text


def test_repository_without_a_name_is_undecided(served, bare, proposal, grace, opsledger):
    marker = (served.root / ".opsledger.yaml").read_text(encoding="utf-8")
    served.switch("main")
    served.write(".opsledger.yaml", marker.replace("repository: git.example.org/ledger\n", ""))
    served.commit()
    served.git("push", "-q", "origin", "main")
    served.git("-C", str(grace), "remote", "rename", "origin", "upstream")

    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--remote", "upstream", within=grace)

    assert 3 == ended.code
    assert "nobody told what this repository is called" in ended.text


def test_race_on_the_branch_is_run_again(served, bare, proposal, grace, opsledger):
    hook = bare / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    # The first push finds that another one got in between its fetch and itself.
    other = served.git("commit-tree", "-p", f"origin/{proposal}", "-m", "Theirs", f"origin/{proposal}^{{tree}}")
    served.git("push", "-q", "origin", f"{other}:refs/heads/theirs")
    hook.write_text(
        f'#!/bin/sh\n[ -e "$GIT_DIR/raced" ] && exit 0\n: >"$GIT_DIR/raced"\nunset GIT_QUARANTINE_PATH\n'
        f"git update-ref refs/heads/{proposal} {other}\n"
    )
    hook.chmod(0o755)

    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert 0 == ended.code, ended.text
    assert 1 == len(approvals(served, bare, proposal))
    assert "Theirs" in served.git("--git-dir", str(bare), "log", "--format=%s", proposal)


def test_edit_while_somebody_signs_is_noticed(served, bare, proposal, grace, opsledger):
    served.write(CHANGE, ASSESSED.format(state="approved", risk="low"))
    served.commit()
    other = served.git("rev-parse", "HEAD")
    served.git("push", "-q", "origin", f"{other}:refs/heads/theirs")
    hook = bare / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/{proposal} {other}\n")
    hook.chmod(0o755)

    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, within=grace)

    assert 2 == ended.code
    assert f"CHG-2026-0001 changed on {proposal} while you signed" in ended.text
    assert [] == approvals(served, bare, proposal)


def test_no_is_signed_as_well(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", "--at", proposal, "--decision", "revise", within=grace)

    assert 0 == ended.code, ended.text
    served.git("fetch", "-q", "origin")
    assert 1 == opsledger("check", "--at", f"origin/{proposal}", "--base", "origin/main").code


def test_gpg_key_signs(served, bare, grace, proposal, opsledger, tmp_path):
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    quiet = ["gpg", "--homedir", str(home), "--batch", "--passphrase", ""]
    made = subprocess.run([*quiet, "--quick-gen-key", "Grace <grace@example.org>", "ed25519", "sign", "never"],
                          check=False, capture_output=True)  # fmt: skip
    if made.returncode != 0:
        assert os.environ.get("CI") != "true", made.stderr
        pytest.skip("gpg cannot make a key here")
    public = subprocess.run([*quiet, "--armor", "--export"], check=True, capture_output=True, text=True).stdout
    listed = subprocess.run([*quiet, "--list-keys"], check=True, capture_output=True, text=True).stdout
    fingerprint = re.findall(r"\b[0-9A-F]{40}\b", listed)[0]
    path = "records/parties/PTY-grace.yaml"
    served.switch("main")
    text = (served.root / path).read_text(encoding="utf-8")
    block = "".join(f"        {line}\n" for line in public.splitlines())
    dated = f'fingerprint: {fingerprint}\n      from: "2025-01-01T00:00:00Z"'
    key = f"  keys:\n    - type: gpg\n      {dated}\n      key: |\n{block}"
    served.write(path, "".join(key if line.startswith("  keys:") else line for line in text.splitlines(keepends=True)))
    served.commit()
    served.git("push", "-q", "origin", "main")

    ended = opsledger(
        "approve", "CHG-2026-0001", "--at", proposal, "--gpg", "grace@example.org", within=grace, GNUPGHOME=str(home)
    )

    assert 0 == ended.code, ended.text


def test_ordinary_record_of_main_is_signed_on_main(served, bare, proposal, grace, opsledger):
    ended = opsledger(
        "approve", "CHG-2026-0001", "--at", "main", "--scope", "request", "--role", "ROL-approver", within=grace
    )

    assert 0 == ended.code, ended.text
    assert 1 == len(approvals(served, bare, "main"))
    assert CI == served.git("--git-dir", str(bare), "show", "main:records/cis/CI-api.yaml") + "\n"


def test_proposal_of_the_record_is_found_from_main(served, bare, proposal, grace, opsledger):
    ended = opsledger("approve", "CHG-2026-0001", within=grace)

    assert 0 == ended.code, ended.text
    assert 1 == len(approvals(served, bare, proposal))
