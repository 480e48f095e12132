"""`who` names owners, signers and holders, and says why of each."""

from __future__ import annotations

import json

import pytest
from tests.conftest import Repo

GATE = """
id: GAT-plan
title: Plan
question: Is it clear what comes?
mode: enforce
moves: [{kind: release, from: planned, to: plan-approved}]
codes: [SIG301]
signatures: [{scope: plan, roles: [ROL-approver, ROL-owner], quorum: 3}]
"""
RELEASE = 'name: pay-1.0.0\ntitle: "Fast \\e[31mpay"\ntype: fix\nstate: planned\n'
RECORDS = {
    "roles/ROL-approver": "title: Approver\ndescription: Says yes.\nleast: 1\npaths: [/records/releases/, '!*.md']\n"
    "kinds: [release]\nincompatible: [{role: ROL-owner, on: same-release, when: 'release.risk >= HIGH'}]\n",
    "roles/ROL-owner": "title: Owner\ndescription: Owns it.\nscopes: [plan]\n",
    "parties/PTY-ada": "name: Ada\ntype: person\nstate: active\n"
    "roles: [{role: ROL-approver, until: '2026-01-01T00:00:00Z'}]\n"
    "identities:\n  emails: [ada@example.org, shared@example.org]\n"
    "  accounts: [{forge: github, login: ada, id: '7', from: '2026-01-01T00:00:00Z'}]\n"
    "  keys:\n    - {type: gpg, key: armour, from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z'}\n"
    "    - {type: gpg, key: armour, fingerprint: AB12, from: '2026-02-01T00:00:00Z'}\n",
    "parties/PTY-bo": "name: Bo\ntype: person\nstate: active\nabsences: [{from: '2026-11-16', until: '2026-11-27'}]\n"
    "identities: {emails: [shared@example.org]}\n"
    "delegations:\n"
    "  - {to: PTY-cy, roles: [ROL-approver], from: '2026-11-16T00:00:00Z', until: '2026-11-28T00:00:00Z'}\n"
    "  - {to: PTY-ada, from: '2027-11-16T00:00:00Z', until: '2027-11-28T00:00:00Z'}\n",
    "parties/PTY-cy": "name: Cy\ntype: person\nstate: active\n",
    "parties/PTY-board": "name: The board\ntype: body\nstate: active\nquorum: 2\nroles: [{role: ROL-approver}]\n"
    "members:\n  - {party: PTY-bo}\n  - {party: PTY-ada, until: '2025-01-01T00:00:00Z'}\n",
    "releases/2026/REL-2026-0001": RELEASE,
}  # fmt: skip


@pytest.fixture
def ledger(repo: Repo, call, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with a gate, two roles, a board and a release before that gate; the caller stands in it."""
    for path, text in RECORDS.items():
        repo.write(f"records/{path}.yaml", f"id: {path.rpartition('/')[2]}\n{text}")
    repo.write("records/gates/GAT-plan.yaml", GATE.lstrip("\n"))
    repo.commit("Start")
    monkeypatch.chdir(repo.root)
    return repo


NOTE = """
Note:
    PTY-ada and PTY-bo claim the address shared@example.org, so it counts as nobody's
"""


def test_of_a_release_it_says_who_owns_it_and_who_must_sign(ledger, call):
    expected = """\
REL-2026-0001  Fast \\x1b[31mpay
    Release, planned
    records/releases/2026/REL-2026-0001.yaml
    as of 2026-11-20 12:00 UTC, by the work tree

Owned by:
    ROL-approver Approver, by /records/releases/
        PTY-bo Bo: through PTY-board, absent until 2026-11-27
        PTY-cy Cy: stands in for PTY-bo (through PTY-board) until 2026-11-28

Gates ahead:
    planned → plan-approved: GAT-plan
        plan, to be signed as ROL-approver and ROL-owner by 3 people at least
            missing: ROL-approver Approver, which could be signed by
                PTY-bo Bo: through PTY-board, absent until 2026-11-27
                PTY-cy Cy: stands in for PTY-bo (through PTY-board) until 2026-11-28
            missing: ROL-owner Owner, which could be signed by
                nobody holds it
            missing: 1 more person

No gate before:
    draft, deferred, rejected, cancelled, superseded
"""

    done = call("who", "REL-2026-0001")

    assert (0, expected + NOTE) == (done.code, done.out)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("records/releases/2026/REL-2026-0001.yaml", id="from the root"),
        pytest.param("./records/../records/releases/2026/REL-2026-0001.yaml", id="the long way"),
    ],
)
def test_the_file_of_a_record_is_the_record(ledger, call, name):
    assert call("who", "REL-2026-0001").out == call("who", name).out


def test_a_path_counts_from_where_the_caller_stands_and_from_the_root(ledger, call, monkeypatch):
    expected = call("who", "REL-2026-0001").out
    monkeypatch.chdir(ledger.root / "records/releases")

    assert [expected] * 3 == [
        call("who", name).out
        for name in ("2026/REL-2026-0001.yaml", "records/releases/2026/REL-2026-0001.yaml",
                     ledger.root / "records/releases/2026/REL-2026-0001.yaml")
    ]  # fmt: skip


def test_a_file_that_is_not_there_yet_has_owners(ledger, call):
    expected = """\
records/releases/2026/new.yaml
    as of 2026-11-20 12:00 UTC, by the work tree

Owned by:
    ROL-approver Approver, by /records/releases/
"""

    assert call("who", "records/releases/2026/new.yaml").out.startswith(expected)


@pytest.mark.parametrize("path", ["records/releases/README.md", ".opsledger.yaml", "elsewhere/x"])
def test_a_file_that_no_pattern_names_has_no_owner(ledger, call, path):
    ledger.write("records/releases/README.md", "# Releases\n")

    assert "    no role: no pattern under `paths` of any role fits\n" in call("who", path).out


def test_of_a_person_it_tells_all_that_the_records_say(ledger, call):
    expected = """\
PTY-ada  Ada
    Party, active
    records/parties/PTY-ada.yaml
    as of 2026-11-20 00:00 UTC, by the work tree

Roles:
    ROL-approver: held ROL-approver until 2026-01-01

Known as:
    ada@example.org
    shared@example.org
    ada at github.com (number 7) from 2026-01-01

Keys:
    gpg (no fingerprint) from 2026-01-01 until 2027-01-01
    gpg AB12 from 2026-02-01

Claimed by others as well, and so nobody's:
    address shared@example.org: PTY-ada, PTY-bo
"""

    assert expected + NOTE == call("who", "PTY-ada", "--as-of", "2026-11-20").out


def test_of_somebody_who_is_away_it_tells_who_stands_in(ledger, call):
    expected = """\
Roles:
    ROL-approver through PTY-board, absent until 2026-11-27

Belongs to:
    PTY-board

Lets act in its place:
    PTY-cy as ROL-approver from 2026-11-16 until 2026-11-28
    PTY-ada as whatever it holds from 2027-11-16 until 2027-11-28

Absent:
    from 2026-11-16, absent until 2026-11-27
"""

    assert expected in call("who", "PTY-bo").out


def test_of_a_board_it_tells_its_members_and_its_quorum(ledger, call):
    assert "\nMembers:\n    PTY-bo\n\nQuorum:\n    2 must take part in a decision\n" in call("who", "PTY-board").out


def test_of_a_role_it_tells_who_holds_it_and_where_it_signs(ledger, call):
    expected = """\
Held by:
    PTY-bo Bo: through PTY-board, absent until 2026-11-27
    PTY-cy Cy: stands in for PTY-bo (through PTY-board) until 2026-11-28

Not now:
    PTY-ada: held ROL-approver until 2026-01-01

Does not go with:
    ROL-owner on the same release when release.risk >= HIGH

Approves:
    any scope of release

Signs at:
    GAT-plan Plan: plan

Owns:
    /records/releases/
    !*.md
"""

    assert expected in call("who", "ROL-approver").out


def test_the_roles_are_those_of_the_base_and_the_record_is_the_one_at_hand(ledger, call):
    ledger.write(
        "records/roles/ROL-owner.yaml", "id: ROL-owner\ntitle: Owner\ndescription: x\nholders: [{party: PTY-ada}]\n"
    )

    by_base = call("who", "REL-2026-0001", "--base", "main").out
    by_itself = call("who", "REL-2026-0001").out

    assert ("PTY-ada Ada: directly" in by_itself, "PTY-ada Ada" in by_base) == (True, False)
    assert f"by base main {ledger.git('rev-parse', 'HEAD')[:7]}\n" in by_base


def test_a_scope_that_is_named_is_the_only_one_told(ledger, call):
    assert "plan, to be signed" in call("who", "REL-2026-0001", "--scope", "plan").out
    assert "GAT-plan asks for no signature" in call("who", "REL-2026-0001", "--scope", "package").out


def test_reviews_that_are_brought_count_as_they_stand(ledger, call):
    account = "identities: {accounts: [{forge: github, login: cy, id: '9'}]}\n"
    ledger.write("records/parties/PTY-cy.yaml", f"id: PTY-cy\n{RECORDS['parties/PTY-cy']}{account}")
    board = RECORDS["parties/PTY-board"].replace("quorum: 2", "quorum: 1")
    ledger.write("records/parties/PTY-board.yaml", f"id: PTY-board\n{board}")
    ledger.git("remote", "add", "origin", "https://github.com/x/ledger.git")
    ledger.commit("Name Cy's account")
    ledger.switch("work", "main")
    ledger.write("records/releases/2026/REL-2026-0001.yaml", f"id: REL-2026-0001\n{RELEASE}risk: low\n")
    head = ledger.commit("Plan")
    repository = {"full_name": "x/ledger", "html_url": "https://github.com/x/ledger"}
    pull = {
        "node_id": "P", "merged_at": None, "number": 1,
        "html_url": "https://github.com/x/ledger/pull/1", "state": "open", "merged": False,
        "user": {"login": "ada", "id": 7, "type": "User"},
        "head": {"sha": head, "ref": "work", "repo": repository},
        "base": {"ref": "main", "sha": head, "repo": repository},
    }  # fmt: skip
    review = {
        "node_id": "R", "id": 80,
        "user": {"login": "cy", "id": 9, "type": "User"}, "state": "APPROVED", "commit_id": head, "body": "",
        "submitted_at": "2026-11-20T11:00:00Z", "html_url": "https://github.com/x/ledger/pull/1#pullrequestreview-80",
    }  # fmt: skip
    ledger.write("../reviews.json", json.dumps({"pull_request": pull, "reviews": [review]}))

    done = call("who", "REL-2026-0001", "--base", "main", "--reviews", ledger.root.parent / "reviews.json")

    assert "missing: 1 more person\n" in done.out
    assert "signed: PTY-cy as ROL-approver on 2026-11-20 11:00 UTC" in done.out, done
    assert "missing: ROL-approver" not in done.out


def test_an_author_of_the_plan_is_told_that_it_is_not_theirs_to_sign(ledger, call):
    ledger.switch("work", "main")
    ledger.write("records/parties/PTY-cy.yaml", f"id: PTY-cy\n{RECORDS['parties/PTY-cy']}")
    ledger.write("records/releases/2026/REL-2026-0001.yaml", f"id: REL-2026-0001\n{RELEASE}risk: low\n")
    ledger.commit("Plan", author="Bo <bo@example.org>")
    ledger.switch("main")
    text = RECORDS["parties/PTY-bo"].replace("shared@example.org", "bo@example.org")
    ledger.write("records/parties/PTY-bo.yaml", f"id: PTY-bo\n{text}")
    ledger.commit("Name Bo's address")
    ledger.switch("work")
    ledger.merge("main")

    said = call("who", "REL-2026-0001", "--base", "main").out

    assert "PTY-bo Bo: through PTY-board, absent until 2026-11-27, but is an author of it\n" in said


def test_for_programs_it_is_one_object(ledger, call):
    done = call("who", "REL-2026-0001", "--format", "json")

    found = json.loads(done.out)
    [gated] = [one for one in found["ahead"] if one["gate"]]
    assert ("record", "2026-11-20T12:00:00+00:00") == (found["sort"], found["as_of"])
    assert [("PTY-bo", "through PTY-board, absent until 2026-11-27")] == [
        (one["party"], one["why"]) for one in found["owners"][0]["people"][:1]
    ]
    assert [["ROL-approver", "ROL-owner"], 3] == [
        [role["role"] for role in gated["signatures"][0]["roles"]], gated["signatures"][0]["quorum"]
    ]  # fmt: skip
    assert {"Roles": [], "Quorum": ["2 must take part in a decision"]}.items() <= {
        key: value for key, value in json.loads(call("who", "PTY-board", "--format", "json").out)["facts"].items()
        if key in ("Roles", "Quorum")
    }.items()  # fmt: skip


def test_a_gate_that_cannot_be_read_is_told_before_every_move(ledger, call):
    ledger.write("records/gates/GAT-plan.yaml", "id: GAT-plan\n")

    said = call("who", "REL-2026-0001").out

    assert "    planned → draft: GAT-plan cannot be read, so nobody knows what it asks\n" in said
    assert "Signs at" not in call("who", "ROL-approver").out


def test_what_a_gate_asks_and_nobody_can_tell_is_undecided(ledger, call):
    text = (
        GATE.replace("mode: enforce", "mode: warn").replace("ROL-owner]", "ROL-gone]") + "when: release.risk >= HIGH\n"
    )
    ledger.write("records/gates/GAT-plan.yaml", text.lstrip("\n"))

    said = call("who", "REL-2026-0001").out

    assert "planned → plan-approved: GAT-plan, in mode warn\n" in said
    assert "        undecided: no role record describes ROL-gone, which must sign\n" in said
    assert "        undecided: only when release.risk >= HIGH, which cannot be judged\n" in said


def test_a_record_without_states_has_no_gates_ahead(ledger, call):
    assert "ahead" not in call("who", "GAT-plan").out


def test_a_role_that_signs_nowhere_is_told_to_hold_and_own_only(ledger, call):
    ledger.write("records/gates/GAT-plan.yaml", GATE.replace(", ROL-owner]", "]").lstrip("\n"))

    assert "Approves:\n    plan of any kind\n\nNote:" in call("who", "ROL-owner").out


def test_files_that_cannot_be_read_are_told(ledger, call):
    ledger.write("records/parties/PTY-odd.yaml", "{{{\n")

    assert "    records/parties/PTY-odd.yaml cannot be read as it should be" in call("who", "REL-2026-0001").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["PTY-boo"], 2, "no record is called 'PTY-boo'; did you mean PTY-bo", id="no such record"),
        pytest.param(["REL-2026-0001", "--base", "origin/x"], 3, "git fetch origin x", id="no such base"),
        pytest.param(["REL-2026-0001", "--as-of", "soon"], 2, "'soon' is no time", id="no such time"),
        pytest.param([], 2, "Missing argument", id="nothing"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(ledger, call, arguments, code, words):
    done = call("who", *arguments)

    assert (code, "") == (done.code, done.out)
    assert words in done.err


def test_a_screen_without_arrows_gets_hyphens_and_one_with_colour_a_bold_head(ledger, call, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("opsledger.cli.who.is_plain", lambda: True)

    said = call("who", "REL-2026-0001").out

    assert said.startswith("\x1b[1mREL-2026-0001")
    assert "planned -> plan-approved" in said


def test_names_and_reasons_steer_no_terminal(ledger, call):
    hostile = RECORDS["parties/PTY-cy"].replace("Cy", '"C\\e[2Jy"')
    ledger.write("records/parties/PTY-cy.yaml", f"id: PTY-cy\n{hostile}")

    assert "\x1b" not in call("who", "REL-2026-0001").out
    assert "PTY-cy C\\x1b[2Jy: stands in" in call("who", "REL-2026-0001").out
