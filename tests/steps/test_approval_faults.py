"""The catalogue of faults, as far as it concerns approval: each has its outcome in a pull request on real git."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from opsledger.approvals import id_of, statement

from .conftest import edit
from .signing import GRACE, KEY, LINUS, approval, approved, check, keys, planned, public, put
from .test_gates_in_steps import GATE, NOON, PERSON, RECORDS, REL, ROLE, commit, opened, review, told
from .test_gates_in_steps import check as check_with

__all__ = ["approved", "keys", "planned"]

DEP = "records/deployments/2026/DEP-2026-a1b2c3.yaml"
DEPLOYED = """id: DEP-2026-a1b2c3
state: in-progress
release: REL-2026-0001
environment: ENV-prod
started: "2026-11-20T10:00:00Z"
items: [{ci: CI-pay, version: "4.2"}]
"""


def codes(judgement) -> set[str]:
    return {line[:6] for line in told(judgement)}


def on_base(repo, change) -> None:
    """Change the base, and bring the branch onto it."""
    repo.switch("main")
    change(repo)
    repo.commit("On the base", author="Linus <linus@example.org>", when=NOON - timedelta(days=2))
    repo.git("rebase", "-q", "main", "work")


def test_bad_074_approval_after_the_deployment_began(approved, keys):
    edit(approved, "records/environments/ENV-prod.yaml", "production: false", "production: true")
    approved.write(DEP, DEPLOYED)
    made = approval(approved, keys["grace"], subject="DEP-2026-a1b2c3", scope="deployment")
    put(approved, made)
    commit(approved)

    assert [line for line in told(check(approved)) if line.startswith("SIG309") and made.id in line]


def test_bad_079_the_author_approves_by_another_account_of_theirs(planned):
    second = PERSON.format("ada", "Ada", 1).replace('id: "1"}', 'id: "1"}, {forge: github.com, login: ada2, id: "11"}')
    on_base(
        planned, lambda repo: repo.write("records/parties/PTY-ada.yaml", second + "roles: [{role: ROL-approver}]\n")
    )
    head = planned.git("rev-parse", "work")

    judgement = check_with(planned, "work", opened(planned, review("ada2", 11, head)))

    assert {"SIG301", "DUT351"} <= codes(judgement)


def test_bad_079_the_author_commits_by_another_address_of_theirs(planned, keys):
    alias = PERSON.format("grace", "Grace", 2).replace("emails: [", "emails: [g@home.example, ")
    key = KEY.format(public(keys, "grace"), '"2026-01-01T00:00:00Z"', "")
    on_base(planned, lambda repo: repo.write(GRACE, f"{alias}{key}roles: [{{role: ROL-approver}}]\n"))
    edit(planned, REL, "task: Raise it twofold", "task: Raise it threefold")
    planned.commit("As somebody else", author="G <g@home.example>", when=NOON - timedelta(hours=3))
    put(planned, approval(planned, keys["grace"]))
    commit(planned, "Grace <grace@example.org>")

    assert {"SIG301", "DUT351"} <= codes(check(planned))


def test_bad_080_one_person_twice_is_one_of_a_quorum(planned, keys):
    on_base(planned, lambda repo: edit(repo, GATE, "roles: [ROL-approver]", "roles: [ROL-approver], quorum: 2"))
    put(planned, approval(planned, keys["grace"]))
    put(planned, approval(planned, keys["grace"], at=NOON - timedelta(minutes=30)))
    commit(planned, "Grace <grace@example.org>")

    [line] = [line for line in told(check(planned)) if line.startswith("SIG301")]

    assert "2 people" in line
    assert "only PTY-grace did" in line


@pytest.mark.parametrize(
    "author",
    [
        pytest.param("Grace <nobody@nowhere.example>", id="of nobody"),
        pytest.param("ada <ADA@EXAMPLE.ORG>", id="written otherwise"),
    ],
)
def test_bad_118_a_forged_author_does_not_make_the_signer_independent(planned, keys, author):
    planned.git("commit", "-q", "--amend", "--no-edit", f"--author={author}")
    on_base(planned, lambda repo: edit(repo, "records/parties/PTY-ada.yaml", "identities:",
                                       "roles: [{role: ROL-approver}]\nidentities:"))  # fmt: skip
    put(planned, approval(planned, keys["ada"], party="PTY-ada"))
    commit(planned, "Grace <grace@example.org>")

    assert {"SIG301", "DUT351"} <= codes(check(planned))


def test_bad_118_a_last_edit_in_2099_is_before_no_approval(planned, keys):
    edit(planned, REL, "task: Raise it twofold", "task: Raise it threefold")
    planned.commit("From the future", when=NOON.replace(year=2099))
    put(planned, approval(planned, keys["grace"]))
    commit(planned, "Grace <grace@example.org>")

    assert 1 == check(planned).exit_code


def test_bad_119_a_signature_over_another_statement(planned, keys):
    other = approval(planned, keys["grace"], scope="strategy")
    made = replace(approval(planned, keys["grace"]), evidence=other.evidence)
    assert statement(other) != statement(made)
    put(planned, replace(made, id=id_of(made)))
    commit(planned, "Grace <grace@example.org>")

    assert "SIG301" in codes(check(planned))


def test_bad_119_a_double_signature(planned, keys):
    made = approval(planned, keys["grace"])
    twice = replace(made, evidence={**made.evidence, "signature": made.evidence["signature"] * 2})
    put(planned, twice)
    commit(planned, "Grace <grace@example.org>")

    assert {"SIG301", "SIG305"} <= codes(check(planned))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(".github/CODEOWNERS", "* @mallory\n", id="BAD-120 owners that are others"),
        pytest.param(GATE, RECORDS[GATE].replace("mode: enforce", "mode: warn"), id="BAD-121 a softer gate"),
        pytest.param("schemas/release.json", "{}", id="BAD-121 an empty schema"),
        pytest.param(".github/workflows/check.yaml", "on: never\n", id="BAD-121 a workflow that never runs"),
        pytest.param(".opsledger.yaml", "tool: 9.9.9\n", id="BAD-121 another version of the tool"),
        pytest.param("records/policy/POL-x.yaml", "id: POL-x\ntitle: X\nrules: {select: [SCH]}\n",
                     id="BAD-121 a policy that selects little"),
        pytest.param(ROLE, "id: ROL-approver\ntitle: A\ndescription: B\nholders: [{party: PTY-ada}]\n",
                     id="BAD-121 a role for the author"),
    ],
)  # fmt: skip
def test_a_loosened_judge_is_reported_and_does_not_judge(planned, path, text):
    planned.write(path, text)
    commit(planned)

    judgement = check(planned)

    name = path.rpartition("/")[2].removesuffix(".yaml")
    assert "SIG301" in codes(judgement)
    assert any(name in said for said in (*judgement.notes, *told(judgement))), judgement.notes


@pytest.mark.parametrize(
    ("login", "number", "counts"),
    [
        pytest.param("grace-of-old", 2, True, id="BAD-123 a renamed login is known by its number"),
        pytest.param("grace", 77, False, id="BAD-123 somebody who took over the login"),
        pytest.param("ghost", 10137, False, id="BAD-123 a deleted account"),
    ],
)
def test_whose_review_it_is(planned, login, number, counts):
    head = planned.git("rev-parse", "work")

    judgement = check_with(planned, "work", opened(planned, review(login, number, head)))

    assert counts == (judgement.exit_code == 0), told(judgement)


def test_bad_122_a_review_of_a_bot(planned):
    said = review("grace", 2, planned.git("rev-parse", "work"))

    judgement = check_with(planned, "work", opened(planned, replace(said, account=replace(said.account, is_bot=True))))

    assert {"SIG301", "SIG303"} <= codes(judgement)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda repo, path: repo.delete(path), id="BAD-124 deleted"),
        pytest.param(lambda repo, path: edit(repo, path, "decision: granted", "decision: rejected"), id="edited"),
        pytest.param(lambda repo, path: edit(repo, path, "party: PTY-grace", "party: PTY-linus"), id="given away"),
        pytest.param(lambda repo, path: repo.git("mv", path, path.replace(".yaml", ".yml")), id="BAD-124 renamed"),
        pytest.param(lambda repo, path: (repo.root / path).chmod(0o755), id="BAD-124 made executable"),
    ],
)
def test_an_approval_that_landed_stays_as_it_is(approved, change):
    [path] = approved.git("ls-files", "records/approvals").splitlines()
    approved.git("branch", "-f", "main", "work")
    approved.switch("next", "main")
    change(approved, path)
    commit(approved)

    assert 1 == check(approved, "next").exit_code


def test_bad_126_an_edit_and_its_undoing_leave_the_approval_valid(approved):
    edit(approved, REL, "task: Raise it twofold", "task: Raise it threefold")
    commit(approved)
    edit(approved, REL, "task: Raise it threefold", "task: Raise it twofold")
    approved.commit("Take it back", when=NOON - timedelta(hours=2))

    assert "SIG302" not in codes(check(approved))


def test_bad_127_two_good_pull_requests_are_bad_together(approved):
    approved.switch("other", "main")
    edit(approved, REL, "task: Raise it", "task: Raise it by night")
    approved.commit("Another plan", author="Linus <linus@example.org>", when=NOON - timedelta(hours=5))
    assert 0 == check(approved, "other").exit_code, told(check(approved, "other"))
    approved.git("branch", "-f", "main", "other")

    # Both edit one line of the plan: as a conflict, or once merged by hand, it is red in the merge queue.
    assert 1 == check(approved, "work").exit_code


def test_an_approval_of_another_pull_request_does_not_count_in_this_one(planned, keys):
    made = approval(planned, keys["grace"], pull_request="https://github.com/kestrel-pay/ledger/pull/8")
    put(planned, made)
    head = commit(planned, "Grace <grace@example.org>")

    judgement = check_with(planned, "work", opened(planned, review("linus", 3, head)))

    assert "SIG301" in codes(judgement)


def test_who_is_nobody_by_the_base_is_nobody_here(planned, keys):
    edit(planned, LINUS, "identities:", "roles: [{role: ROL-approver}]\nidentities:")
    put(planned, approval(planned, keys["linus"], party="PTY-linus"))
    commit(planned, "Linus <linus@example.org>")

    assert {"SIG301", "SIG303"} <= codes(check(planned))
