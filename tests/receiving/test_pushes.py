"""The protected branch takes merges, lanes and signed approvals, each judged by the branch as it stood before."""

from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest
from tests.receiving.conftest import ASSESSED, CHANGE, CI, EVIDENCE, MAIN, NOON, NOTHING, said

from opsledger.receiving import Update

STRANGE = f"{'1' * 40}"


def merged(repo, *options: str, branch: str = "work") -> str:
    """Merge a branch into what `main` is, on a branch that nobody sees, and give the merge."""
    repo.git("switch", "-q", "--detach", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", *options, branch)
    return str(repo.git("rev-parse", "HEAD"))


def test_direct_push_is_refused(served, push):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))

    ruling = push(served.commit(), by="PTY-ada")

    assert not ruling.is_accepted
    assert "was pushed to main directly: records/cis/CI-api.yaml" in said(ruling)


def test_fast_forward_of_a_branch_is_a_direct_push(served, push):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()

    assert "directly" in said(push(served.git("rev-parse", "work")))


def test_direct_push_of_nothing_is_refused(served, push):
    assert "directly: it changes nothing" in said(push(served.commit("Empty")))


def test_deletion_is_refused(served, push):
    ruling = push(NOTHING)

    assert "main is protected and is not deleted" == said(ruling)


def test_force_push_is_refused(served, push):
    served.git("commit", "-q", "--amend", "-m", "Rewritten")

    assert "is not part of what was pushed" in said(push(served.git("rev-parse", "HEAD")))


def test_unrelated_history_is_refused(served, push):
    served.git("switch", "-q", "--orphan", "other")
    served.write("x", "x")

    assert "is not part of what was pushed" in said(push(served.commit()))


def test_branch_that_holds_main_behind_a_merge_is_refused(served, push):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()
    served.switch("main")
    served.write("x", "x")
    served.commit()
    served.switch("work")
    turned = served.merge("main")

    assert "leads there only through a merged branch" in said(push(turned))


def test_merge_of_a_branch_that_the_server_has_is_taken(served, push):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()

    ruling = push(merged(served))

    assert "" == said(ruling)
    assert ruling.is_accepted


def test_merge_of_what_is_no_branch_is_refused(served, push):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()
    merge = merged(served)
    served.git("branch", "-D", "work")

    assert "which is the head of no branch on this server" in said(push(merge))


def test_merge_of_an_earlier_commit_of_a_branch_is_refused(served, push):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()
    merge = merged(served)
    served.switch("work")
    served.commit("Later")

    assert "which is the head of no branch" in said(push(merge))


def test_merge_of_several_branches_at_once_is_refused(served, push):
    for name in ("one", "two"):
        served.switch(name, "main")
        served.write(f"{name}.txt", name)
        served.commit()
    served.git("switch", "-q", "--detach", "main")
    served.git("merge", "-q", "--no-ff", "-m", "Both", "one", "two")

    assert "merges 2 branches at once" in said(push(served.git("rev-parse", "HEAD")))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("records/cis/CI-api.yaml", CI.replace("API", "Other"), id="another record"),
        pytest.param("app/main.py", "print()\n", id="a file outside the records"),
    ],
)
def test_merge_that_slips_something_in_is_refused(served, push, path, text):
    served.write("records/cis/CI-other.yaml", CI.replace("CI-api", "CI-other"))
    served.commit()
    merged(served)
    served.write(path, text)
    served.git("add", "-A")
    served.git("commit", "-q", "--amend", "--no-edit")

    assert "is not what merging" in said(push(served.git("rev-parse", "HEAD")))


def test_merge_that_leaves_everything_out_is_refused(served, push):
    served.write("records/cis/CI-other.yaml", CI.replace("CI-api", "CI-other"))
    served.commit()

    assert "is not what merging" in said(push(merged(served, "-s", "ours")))


def test_conflict_that_was_settled_in_the_merge_is_refused(served, push):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()
    served.switch("main")
    served.write("records/cis/CI-api.yaml", CI.replace("high", "medium"))
    served.commit()

    assert "settles a conflict in records/cis/CI-api.yaml" in said(push(merged(served, "-X", "ours")))


def test_move_without_its_approval_is_refused(served, push):
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))
    served.commit()

    ruling = push(merged(served))

    assert not ruling.is_accepted
    assert "SIG301 CHG-2026-0001 may not become approved" in said(ruling)


def test_move_with_its_approval_is_taken(served, push, approve):
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))
    approve()
    served.commit()

    ruling = push(merged(served))

    assert "" == said(ruling)
    assert ruling.is_accepted


def test_branch_cannot_entitle_its_own_approver(served, push, approve, keys):
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))
    stranger = (served.root / "records/parties/PTY-grace.yaml").read_text(encoding="utf-8")
    served.write("records/parties/PTY-stranger.yaml", stranger.replace("grace", "stranger").replace(
        keys["grace"].with_suffix(".pub").read_text().strip(), keys["stranger"].with_suffix(".pub").read_text().strip()
    ))  # fmt: skip
    approve("stranger")
    served.commit()

    assert not push(merged(served)).is_accepted


def test_deleted_record_of_a_branch_is_refused(served, push):
    served.delete(CHANGE)
    served.commit()

    assert "LCY204 CHG-2026-0001 was deleted" in said(push(merged(served)))


def test_each_of_several_steps_is_judged_by_the_one_before(served, push, approve):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()
    merged(served)
    served.switch("second", "HEAD")
    served.write(CHANGE, ASSESSED.format(state="approved", risk="medium"))
    served.commit()
    served.git("switch", "-q", "--detach", "second~1")
    served.git("merge", "-q", "--no-ff", "-m", "Second", "second")

    ruling = push(served.git("rev-parse", "HEAD"))

    assert [0, 1] == [one.exit_code for one in ruling.judgements]


def test_protected_branch_that_merges_itself_is_refused(served, push):
    served.switch("main")
    served.git("branch", "-D", "work")
    tree, tip = served.git("rev-parse", "main^{tree}", "main").split()
    raw = f"tree {tree}\nparent {tip}\nparent {tip}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n"
    served.write("raw", raw)

    ruling = push(served.git("hash-object", "-t", "commit", "-w", "raw"))

    assert "which is the head of no branch on this server" in said(ruling)


# Approvals by themselves


def test_signed_approval_alone_is_taken_from_anybody(served, push, approve):
    approve()

    ruling = push(served.commit("Approve"))

    assert "" == said(ruling)
    assert ruling.is_accepted


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({"by": "ada"}, "PTY-ada", id="by an author"),
        pytest.param({"key": "stranger"}, "nobody's by the party records", id="with an unknown key"),
        pytest.param({"key": "ada"}, "PTY-ada signed it", id="with another's key"),
        pytest.param({"repository": "git.example.org/other"}, "git.example.org/other", id="for another repository"),
        pytest.param({"at": NOON + timedelta(hours=1)}, "which is after", id="from tomorrow"),
        pytest.param({"role": "ROL-owner"}, "ROL-owner", id="in a role that nobody holds"),
        pytest.param({"subject": "CHG-2026-0009"}, "does not exist", id="of nothing"),
        pytest.param({"digest": f"sha256:{'0' * 64}"}, "", id="of other content"),
        pytest.param({"decision": "rejected", "key": "stranger"}, "nobody's by", id="a no by somebody else"),
    ],
)
def test_approval_alone_that_would_not_count_is_refused(served, push, approve, given, reason):
    approve(**given)

    ruling = push(served.commit("Approve"))

    assert not ruling.is_accepted
    assert reason in said(ruling)


def test_approval_alone_that_was_tampered_with_is_refused(served, push, approve):
    path = approve()
    text = (served.root / path).read_text(encoding="utf-8")
    served.write(path, text.replace("decision: granted", "decision: revise"))

    assert "over another statement" in said(push(served.commit("Approve")))


def test_approval_beside_another_change_is_a_direct_push(served, push, approve):
    approve()
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))

    assert "directly" in said(push(served.commit()))


def test_changed_approval_is_a_direct_push(served, push, approve):
    path = approve()
    served.commit()
    served.git("branch", "-f", "main", "work")
    text = (served.root / path).read_text(encoding="utf-8")
    served.write(path, f"{text}note: more\n")

    assert "directly" in said(push(served.commit()))


def test_file_among_the_approvals_that_is_none_is_refused(served, push):
    served.write("records/approvals/ROL-approver/note.yaml", "x: 1\n")

    assert "is no approval that can be read" in said(push(served.commit()))


def test_unsound_approval_inside_a_merge_is_refused(served, push, approve):
    approve("ada")
    served.commit()

    ruling = push(merged(served))

    assert not ruling.is_accepted


def test_stale_approval_inside_a_merge_is_a_part_of_the_story(served, push, approve):
    approve()
    served.commit()
    served.write(CHANGE, ASSESSED.format(state="assessed", risk="low"))
    served.commit()

    assert () == push(merged(served)).objections


# Machines


def test_machine_writes_in_its_lane(served, push):
    served.write("records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))

    ruling = push(served.commit(), by="PTY-pipeline")

    assert "" == said(ruling)
    assert ruling.is_accepted


@pytest.mark.parametrize("by", [pytest.param("", id="nobody"), "PTY-ada", "PTY-unknown"])
def test_lane_is_open_to_its_machine_alone(served, push, by):
    served.write("records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))

    assert "directly" in said(push(served.commit(), by=by))


def test_address_in_a_commit_opens_no_lane(served, push):
    served.write("records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))

    assert not push(served.commit(author="Pipeline <pipeline@example.org>")).is_accepted


@pytest.mark.parametrize(
    ("key", "is_taken"), [("pipeline", True), ("stranger", False), pytest.param("grace", False, id="a person's")]
)
def test_commit_signed_with_a_machines_key_is_the_machines(served, push, keys, key, is_taken):
    served.write("records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))
    served.git("add", "-A")
    signing = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={keys[key]}")
    served.git(*signing, "commit", "-q", "-S", "-m", "Evidence")

    ruling = push(served.git("rev-parse", "HEAD"))

    assert is_taken == ruling.is_accepted
    assert is_taken != ("directly" in said(ruling))


def test_signature_that_was_made_for_something_else_is_none(served, push, keys):
    served.write("records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))
    raw = served.git("cat-file", "commit", served.commit()) + "\n"
    command = ["ssh-keygen", "-Y", "sign", "-n", "file", "-f", str(keys["pipeline"])]
    block = subprocess.run(command, input=raw, check=True, capture_output=True, text=True).stdout
    header, _, body = raw.partition("\n\n")
    signature = "gpgsig " + block.strip().replace("\n", "\n ")
    served.write("raw", f"{header}\n{signature}\n\n{body}")

    assert "directly" in said(push(served.git("hash-object", "-t", "commit", "-w", "raw")))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(CHANGE, ASSESSED.format(state="assessed", risk="low"), id="a field that is not granted"),
        pytest.param(CHANGE, ASSESSED.format(state="approved", risk="medium"), id="a move that is not granted"),
        pytest.param("records/roles/ROL-new.yaml", "id: ROL-new\ntitle: New\n", id="a role"),
        pytest.param("app/main.py", "print()\n", id="a file of the application"),
        pytest.param("records/cis/CI-new.yaml", CI.replace("CI-api", "CI-new"), id="a record elsewhere"),
    ],
)
def test_machine_outside_its_lane_is_refused(served, push, path, text):
    served.write(path, text)

    assert "PTY-pipeline may not" in said(push(served.commit(), by="PTY-pipeline"))


def test_machine_that_writes_beside_the_ledger_is_refused(served, push):
    served.git("mv", "records", "moved")

    assert not push(served.commit(), by="PTY-pipeline").is_accepted


# Other references


def test_other_branches_are_free(served, push):
    served.git("commit", "-q", "--amend", "-m", "Rewritten")
    new = served.git("rev-parse", "HEAD")
    old = served.git("rev-parse", "main")

    assert push(updates=(Update(old, new, "refs/heads/work"), Update(old, NOTHING, "refs/heads/x"))).is_accepted


def test_one_refused_reference_refuses_them_all(served, push):
    old = served.git("rev-parse", "main")

    assert not push(updates=(Update(NOTHING, old, "refs/heads/x"), Update(old, NOTHING, MAIN))).is_accepted


def test_reference_that_replaces_objects_is_refused(served, push):
    old = served.git("rev-parse", "main")

    assert "in place of the true one" in said(push(updates=(Update(NOTHING, old, f"refs/replace/{old}"),)))


def test_protected_tag_is_made_once(served, push):
    old = served.git("rev-parse", "main")

    assert push(updates=(Update(NOTHING, old, "refs/tags/v1"),), tags=("v*",)).is_accepted
    assert "stays where it is" in said(push(updates=(Update(old, NOTHING, "refs/tags/v1"),), tags=("v*",)))
    assert "stays where it is" in said(push(updates=(Update(old, STRANGE, "refs/tags/v1"),), tags=("v*",)))
    assert push(updates=(Update(old, NOTHING, "refs/tags/nightly"),), tags=("v*",)).is_accepted


def test_first_push_is_judged_by_itself(served, push):
    assert push(updates=(Update(NOTHING, served.git("rev-parse", "main"), MAIN),)).is_accepted
    served.write(CHANGE, "id: CHG-2026-0001\nstate: [\n")
    assert not push(updates=(Update(NOTHING, served.commit(), MAIN),)).is_accepted


def test_what_cannot_be_read_is_refused_and_says_so(served, push):
    ruling = push(STRANGE)

    assert not ruling.is_accepted
    assert not ruling.is_accepted
