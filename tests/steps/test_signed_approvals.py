"""Signed approvals in a pull request: what keeps them valid, what ends them, and why one is not counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from opsledger.api import open_book

from .conftest import edit
from .signing import EARLY, GRACE, LINUS, approval, approved, check, keys, planned, public, put
from .test_gates_in_steps import NOON, REL, commit, told

__all__ = ["approved", "keys", "planned"]


def test_a_signed_approval_on_the_branch_opens_the_gate(approved):
    judgement = check(approved)

    assert ([], 0) == (told(judgement), judgement.exit_code)


def test_one_word_of_the_plan_ends_it_and_the_finding_names_approval_and_field(approved):
    edit(approved, REL, "task: Raise it twofold", "task: Raise it threefold")
    commit(approved)

    judgement = check(approved)

    [stale] = [line for line in told(judgement) if line.startswith("SIG302 ") and "APR-2026-" in line]
    assert "/plan/tasks/0/task was edited since" in stale
    assert stale.startswith(f"SIG302 {REL}:4:8: ")
    assert 1 == judgement.exit_code


def test_an_edit_outside_the_scope_leaves_it_valid(approved):
    edit(approved, REL, "title: Longer timeouts", "title: Much longer timeouts")
    commit(approved)

    assert ([], 0) == (told(check(approved)), check(approved).exit_code)


def _squashed(repo):
    """As a forge squashes: one commit by the opener, everybody else a co-author."""
    repo.switch("squashed", "main")
    repo.git("merge", "-q", "--squash", "work")
    repo.commit("Longer timeouts (#7)\n\nCo-authored-by: Grace <grace@example.org>", when=NOON)
    return "squashed"


def _rebased(repo):
    _moved_on(repo)
    repo.git("rebase", "-q", "main", "work")
    return "work"


def _updated(repo):
    _moved_on(repo)
    repo.switch("work")
    repo.merge("main", subject="Merge main into work")
    return "work"


def _suggested(repo):
    edit(repo, REL, "title: Longer timeouts", "title: Timeouts, longer")
    repo.commit("Apply suggestion\n\nCo-authored-by: Grace <grace@example.org>")
    return "work"


def _moved_on(repo):
    repo.switch("main")
    edit(repo, "records/cis/CI-pay.yaml", "title: Pay", "title: Payments")
    repo.commit("Meanwhile", author="Linus <linus@example.org>", when=NOON)


@pytest.mark.parametrize(
    "happen",
    [
        pytest.param(_rebased, id="a rebase"),
        pytest.param(_updated, id="update branch"),
        pytest.param(_suggested, id="an accepted suggestion elsewhere, with the approver as co-author"),
    ],
)
def test_it_stays_valid_through(approved, happen):
    at = happen(approved)

    judgement = check(approved, at, as_of=NOON + timedelta(hours=1))

    assert ([], 0) == (told(judgement), judgement.exit_code)


def test_it_stays_valid_through_a_squash_merge_once_it_landed(approved):
    approved.git("branch", "-f", "before", "main")
    at = _squashed(approved)
    approved.git("branch", "-f", "main", at)
    approved.switch("next", "main")
    edit(approved, REL, "title: Longer timeouts", "title: Much longer timeouts")
    commit(approved)

    judgement = check(approved, "next", as_of=NOON + timedelta(hours=1))

    assert ([], 0) == (told(judgement), judgement.exit_code)


def test_a_scope_that_grew_makes_nothing_stale_and_the_gate_says_what_is_not_covered(approved):
    approved.git("branch", "-f", "main", "work")
    approved.switch("main")
    schema = Path("schemas/release.json").read_text()
    approved.write(
        "schemas/release.json", schema.replace('"plan": [\n      "/type",', '"plan": [\n      "/name", "/type",')
    )
    approved.commit("A wider plan", author="Linus <linus@example.org>", when=NOON)

    with open_book(approved.root, environment=approved.environment) as book:
        plain = book.check("main", base=None, as_of=NOON + timedelta(hours=1))
        verdict = book.decide("plan", "REL-2026-0001", at="main", base="main", as_of=NOON + timedelta(hours=1))

    assert [] == told(plain)
    assert "open" == verdict.outcome
    assert any("/name" in remark for answer in verdict.answers for remark in answer.remarks)


# Not counted, each with its reason.


def _late_key(repo, keys):
    edit(repo, GRACE, f"from: {EARLY}", f'from: {EARLY}, until: "2026-11-20T00:00:00Z"')


def _no_key(repo, keys):
    edit(repo, GRACE, public(keys, "grace"), public(keys, "ada").replace("ada", "grace"))


def _no_role(repo, keys):
    edit(repo, GRACE, "{role: ROL-approver}", '{role: ROL-approver, until: "2026-11-01T00:00:00Z"}')


def _inactive(repo, keys):
    edit(repo, GRACE, "state: active", "state: inactive")


def _machine(repo, keys):
    edit(repo, GRACE, "type: person", "type: machine")


def _author(repo, keys):
    edit(repo, "records/parties/PTY-ada.yaml", "identities:", "roles: [{role: ROL-approver}]\nidentities:")


@pytest.mark.parametrize(
    ("on_base", "how", "code", "reason"),
    [
        pytest.param(_author, {"party": "PTY-ada", "by": "ada"}, "DUT351", "PTY-ada", id="by an author"),
        pytest.param(_no_role, {}, "SIG303", "held ROL-approver until", id="by a former holder"),
        pytest.param(_inactive, {}, "SIG303", "inactive", id="by an ex-member"),
        pytest.param(_machine, {}, "SIG303", "machine", id="by a bot"),
        pytest.param(None, {"party": "PTY-linus", "by": "linus"}, "SIG303", "ROL-approver", id="by a stranger to it"),
        pytest.param(None, {"at": NOON - timedelta(hours=25)}, "SIG30", "", id="from before the last edit"),
        pytest.param(None, {"repository": "github.com/other/ledger"}, "SIG301", "github.com/other/ledger",
                     id="for another repository"),
        pytest.param(_late_key, {}, "SIG305", "had ended", id="by an expired key"),
        pytest.param(_late_key, {"at": NOON - timedelta(hours=20)}, "SIG301", "back-dated",
                     id="by an expired key, dated back"),
        pytest.param(_no_key, {}, "SIG305", "nobody's", id="by an unknown key"),
        pytest.param(None, {"by": "linus"}, "SIG305", "PTY-linus signed it", id="by another's key"),
        pytest.param(None, {"at": NOON + timedelta(minutes=1)}, "SIG301", "which is after", id="dated in the future"),
        pytest.param(None, {"decision": "rejected"}, "SIG301", "", id="that says no"),
        pytest.param(None, {"digest": "sha256:" + "0" * 64}, "SIG302", "", id="of other content"),
        pytest.param(None, {"pointers": ("/plan",)}, "SIG302", "", id="of less than the plan"),
        pytest.param(None, {"scope": "strategy"}, "SIG301", "", id="of another part"),
    ],
)  # fmt: skip
def test_not_counted(planned, keys, on_base, how, code, reason):
    if on_base is not None:
        planned.switch("main")
        on_base(planned, keys)
        planned.commit("On the base", author="Linus <linus@example.org>", when=NOON - timedelta(days=2))
        planned.git("rebase", "-q", "main", "work")
        planned.switch("work") if planned.git("branch", "--show-current") != "work" else None
    how = dict(how)
    signer = how.pop("by", "grace")
    made = approval(planned, keys[signer], **how)
    put(planned, made)
    commit(planned, "Grace <grace@example.org>")

    judgement = check(planned)

    assert 1 == judgement.exit_code
    assert [line for line in told(judgement) if line.startswith(code) and reason in line], told(judgement)
    assert any(REL in line.split(": ")[0] or "approvals" in line.split(": ")[0] for line in told(judgement))


def test_a_key_that_the_pull_request_brings_proves_nothing(planned, keys):
    edit(planned, LINUS, public(keys, "linus"), public(keys, "ada").replace("ada", "linus"))
    edit(planned, LINUS, "identities:", "roles: [{role: ROL-approver}]\nidentities:")
    put(planned, approval(planned, keys["ada"], party="PTY-linus"))
    commit(planned)

    assert 1 == check(planned).exit_code


@pytest.mark.parametrize("program", ["ssh-keygen", "gpg"])
def test_a_signing_program_that_the_clone_names_is_not_asked(approved, tmp_path, program):
    canary = tmp_path / "canary"
    fake = tmp_path / "fake"
    fake.write_text(f"#!/bin/sh\ntouch {canary}\nexit 0\n")
    fake.chmod(0o755)
    with (approved.root / ".git/config").open("a") as config:
        config.write(f'[gpg]\n\tprogram = {fake}\n[gpg "ssh"]\n\tprogram = {fake}\n\tallowedSignersFile = /dev/null\n')
        config.write(f"[core]\n\tfsmonitor = {fake}\n[diff]\n\texternal = {fake}\n")
    edit(approved, REL, "task: Raise it twofold", "task: Raise it threefold")
    commit_plainly(approved)

    judgement = check(approved)

    assert 1 == judgement.exit_code
    assert not canary.exists()


def commit_plainly(repo) -> None:
    """Commit without git's reading the configuration that is under test."""
    config = repo.root / ".git/config"
    kept = config.read_text()
    config.write_text(kept.partition("[gpg]")[0])
    commit(repo)
    config.write_text(kept)


def test_a_replaced_commit_does_not_hide_its_author(approved):
    wrote = approved.git("rev-parse", "work~1")
    other = approved.git("commit-tree", f"{wrote}^{{tree}}", "-p", f"{wrote}~1", "-m", "Somebody else",
                         GIT_AUTHOR_EMAIL="linus@example.org", GIT_COMMITTER_EMAIL="linus@example.org")  # fmt: skip
    approved.git("replace", wrote, other)

    with_replacement = check(approved)
    approved.git("replace", "-d", wrote)
    without = check(approved)

    assert without.exit_code == 0
    assert with_replacement.exit_code in {0, 3}


def test_a_depth_1_clone_says_undecided_and_which_command_helps(approved):
    clone = approved.clone("shallow", "--depth=1", "--branch=work")
    clone.git("fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")

    judgement = check(clone, "HEAD", base="origin/main")

    assert 3 == judgement.exit_code
    assert any("git fetch" in missing for missing in judgement.undecided)


# An approval that comes in without a move is judged as fully: from then on it counts.


@pytest.fixture
def waiting(planned):
    """The same, with the release still planned, so that no gate is asked."""
    edit(planned, REL, "state: plan-approved", "state: planned")
    commit(planned)
    return planned


def test_a_sound_approval_comes_in_before_the_move(waiting, keys):
    put(waiting, approval(waiting, keys["grace"], at=NOON - timedelta(minutes=5)))
    commit(waiting, "Grace <grace@example.org>")

    assert ([], 0) == (told(check(waiting)), check(waiting).exit_code)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param({"party": "PTY-linus", "by": "linus"}, "SIG303", id="of a stranger to the role"),
        pytest.param({"by": "linus"}, "SIG305", id="with another's key"),
        pytest.param({"repository": "github.com/other/ledger"}, "SIG305", id="for another repository"),
        pytest.param({"at": NOON + timedelta(hours=1)}, "SIG309", id="from tomorrow"),
        pytest.param({"decision": "withdrawn", "by": "linus"}, "SIG305", id="taken back by another"),
    ],
)
def test_an_unsound_approval_does_not_come_in_without_a_move(waiting, keys, how, code):
    how = dict(how)
    put(waiting, approval(waiting, keys[how.pop("by", "grace")], **{"at": NOON - timedelta(minutes=5), **how}))
    commit(waiting, "Grace <grace@example.org>")

    judgement = check(waiting)

    assert 1 == judgement.exit_code
    assert code in {line[:6] for line in told(judgement)}, told(judgement)


def test_a_copied_review_does_not_come_in_by_a_person(waiting):
    said = '{"id":7,"user":{"id":2,"login":"grace"},"state":"APPROVED","submitted_at":"2026-11-20T11:00:00Z"}'
    head = waiting.git("rev-parse", "work")
    evidence = {"type": "forge-review", "forge": "github.com", "review": "7", "commit": head, "payload": said,
                "payload_digest": "sha256:" + sha256(said.encode()).hexdigest()}  # fmt: skip
    put(waiting, replace(approval(waiting, None), evidence=evidence))
    commit(waiting)

    [line] = [line for line in told(check(waiting)) if line.startswith("SIG305")]

    assert "lane" in line
