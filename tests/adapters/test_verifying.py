"""Approval records looked at again, here and at the forge, and the list of what counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.desk import CHANGE, LENA, Desk, serve
from tests.adapters.server import Server
from tests.cli.conftest import Call


@pytest.fixture
def imported(desk: Desk, call: Call) -> Desk:
    """A ledger whose one approval was imported and committed."""
    call("-C", desk.repo.root, "approvals", "import", desk.export())
    desk.repo.commit("Approvals")
    return desk


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"state": "DISMISSED"}, "review 80 was granted and is dismissed now", id="dismissed since"),
        pytest.param({"state": "CHANGES_REQUESTED"}, "was granted and is asking for changes now", id="revise"),
        pytest.param({"body": "Never mind"}, "the text of review 80 was changed", id="edited"),
        pytest.param({"user": LENA | {"login": "lh"}}, "lena behind review 80 is called lh now", id="renamed"),
        pytest.param({"user": LENA | {"id": 7}}, "is by account 7 now and was by 84", id="another account"),
        pytest.param({"user": None}, "the account lena behind review 80 is gone", id="account gone"),
        pytest.param({"id": 81, "node_id": "x"}, "review 80 is gone from", id="review gone"),
        pytest.param({"submitted_at": "2026-11-02T10:00:01Z"}, "of another time now", id="another time"),
        pytest.param({"commit_id": "d4" * 20}, "of commit d4d4d4d4d4d4 now", id="another commit"),
    ],
)
def test_what_the_forge_says_otherwise_today_is_listed(
    imported: Desk, call: Call, forge: Server, changes: dict[str, Any], sentence: str
) -> None:
    serve(forge, imported, **changes)

    ended = call("-C", imported.repo.root, "approvals", "verify", "--live")

    assert 1 == ended.code
    assert sentence in ended.out


def test_a_review_that_is_the_same_today_stands(imported: Desk, call: Call, forge: Server) -> None:
    serve(forge, imported)

    assert 0 == call("-C", imported.repo.root, "approvals", "verify", "--live").code


def test_a_forge_that_cannot_be_asked_again_is_undecided(imported: Desk, call: Call, forge: Server) -> None:
    ended = call("-C", imported.repo.root, "approvals", "verify", "--live")

    assert 3 == ended.code
    assert "undecided" in ended.out


def only_record(desk: Desk) -> Path:
    [path] = desk.repo.root.glob("records/approvals/**/*.yaml")
    return path


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        pytest.param("login", "lugin", "not those that its payload_digest stands for", id="edited payload"),
        pytest.param("party: PTY-lena", "party: PTY-tomasz", "could not sign as ROL-approver", id="another party"),
        pytest.param("\ndigest: sha256:", f"\ndigest: sha256:{'0' * 64}\n#", "its digest fits neither", id="digest"),
        pytest.param("scope: request", "scope: plan", "its digest fits neither", id="another scope"),
    ],
)
def test_a_record_that_was_tampered_with_does_not_stand(
    imported: Desk, call: Call, before: str, after: str, sentence: str
) -> None:
    path = only_record(imported)
    path.write_text(path.read_text().replace(before, after, 1))

    ended = call("-C", imported.repo.root, "approvals", "verify")

    assert 1 == ended.code
    assert sentence in ended.out


def test_content_that_was_edited_later_is_a_note_on_an_approval_that_was_right(imported: Desk, call: Call) -> None:
    text = (imported.repo.root / CHANGE).read_text()
    imported.repo.write(CHANGE, text.replace("Put a queue", "Put a bucket"))
    imported.repo.commit("Edit it")

    ended = call("-C", imported.repo.root, "approvals", "verify")

    assert (0, True) == (ended.code, "was changed after it was approved" in ended.out)


def test_whether_an_old_digest_ever_fitted_is_undecided_in_a_shallow_clone(imported: Desk, call: Call) -> None:
    text = (imported.repo.root / CHANGE).read_text()
    imported.repo.write(CHANGE, text.replace("Put a queue", "Put a bucket"))
    imported.repo.commit("Edit it")
    shallow = imported.repo.clone("shallow", "--depth=1")

    ended = call("-C", shallow.root, "approvals", "verify")

    assert 3 == ended.code
    assert "--unshallow" in ended.out


def test_the_list_says_what_counts(imported: Desk, call: Call) -> None:
    ended = call("-C", imported.repo.root, "approvals", "list", "CHG-2026-9001")

    assert 0 == ended.code, ended.out + ended.err
    assert "request of CHG-2026-9001: signed" in ended.out
    assert "PTY-lena as ROL-approver on 2026-11-02 10:00 UTC" in ended.out


def test_the_list_says_who_has_not_signed(desk: Desk, call: Call) -> None:
    ended = call("-C", desk.repo.root, "approvals", "list", "CHG-2026-9001")

    assert 1 == ended.code
    assert "not signed; nobody has signed as ROL-approver" in ended.out


def test_the_list_is_also_for_programs(imported: Desk, call: Call) -> None:
    ended = call("-C", imported.repo.root, "approvals", "list", "CHG-2026-9001", "--format", "json")

    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert ["counted", "scope"] == [line["sort"] for line in lines]
    assert ("PTY-lena", True) == (lines[0]["party"], lines[1]["is_met"])


def test_records_named_for_verification_must_be_approvals(imported: Desk, call: Call) -> None:
    assert 2 == call("-C", imported.repo.root, "approvals", "verify", "CHG-2026-9001").code
    assert 2 == call("-C", imported.repo.root, "approvals", "verify", "APR-2026-ffff").code
