"""SIG310: folders of records, and of the approvals of roles, that the forge asks nobody about."""

from __future__ import annotations

import pytest

from opsledger.codeowners import EVERYWHERE
from opsledger.kind import Kinds
from opsledger.ledger import load
from opsledger.rules.owners import LOCATIONS, path_that_nobody_owns
from opsledger.store import in_memory

CHANGE = "records/changes/2026/CHG-2026-0001.yaml"
ROLE = "records/roles/ROL-approver.yaml"


def _said(kinds: Kinds, files: dict[str, str]) -> list[str]:
    content = {".opsledger.yaml": "preset: small\n", CHANGE: "id: CHG-2026-0001\n", **files}
    snapshot = in_memory({path: text.encode() for path, text in content.items()}, name="example")
    found = list(path_that_nobody_owns(load(snapshot, kinds)))
    assert all("SIG310" == one.fault.code and one.path == one.place.path for one in found)
    return [f"{one.place} {one.fault.message}" for one in found]


def test_the_rule_looks_wherever_a_forge_does():
    assert set(EVERYWHERE) == set(LOCATIONS)


def test_a_ledger_without_a_file_is_not_judged(kinds: Kinds):
    assert [] == _said(kinds, {})


def test_a_folder_that_no_line_is_about_is_told(kinds: Kinds):
    assert [
        ".github/CODEOWNERS:1:1 GitHub asks nobody about records/changes/2026/: no line is about it, so GitHub asks "
        "nobody"
    ] == _said(kinds, {".github/CODEOWNERS": "/docs/ @ada\n"})


def test_a_folder_that_a_line_is_about_is_not_told(kinds: Kinds):
    assert [] == _said(kinds, {".github/CODEOWNERS": "/records/ @ada\n"})


def test_a_line_without_owners_is_where_it_is_told(kinds: Kinds):
    [said] = _said(kinds, {".github/CODEOWNERS": "/records/ @ada\n\n  /records/changes/2026\n"})

    assert said.startswith(".github/CODEOWNERS:3:3 GitHub asks nobody about records/changes/2026/: line 3 names no")


def test_the_folder_of_a_role_is_told_before_it_holds_an_approval(kinds: Kinds):
    files = {ROLE: "id: ROL-approver\n", ".github/CODEOWNERS": "/records/changes/ @ada\n/records/roles/ @ada\n"}

    [said] = _said(kinds, files)

    assert "about records/approvals/ROL-approver/: no line" in said


def test_an_optional_section_owns_nothing(kinds: Kinds):
    [said] = _said(kinds, {".gitlab/CODEOWNERS": "^[Records] @ada\n/records/\n"})

    assert "GitLab asks nobody about records/changes/2026/: line 2 only asks for an optional approval" in said


def test_an_excluded_folder_is_owned_by_nobody(kinds: Kinds):
    [said] = _said(kinds, {".gitlab/CODEOWNERS": "* @ada\n!/records/changes/\n"})

    assert "line 2 takes it out of what GitLab asks about" in said


def test_a_line_that_cannot_be_judged_owns_nothing_for_sure(kinds: Kinds):
    [said] = _said(kinds, {".forgejo/CODEOWNERS": "records/.* @ada\n(?i)x @ada\n"})

    assert ".forgejo/CODEOWNERS:2:1 " in said
    assert "line 2 may be about it, and nobody can tell: it has a group" in said


def test_lines_about_names_are_asked_name_by_name(kinds: Kinds):
    other = {"records/changes/2026/CHG-2026-0002.yaml": "id: CHG-2026-0002\n"}

    [said] = _said(kinds, {**other, ".github/CODEOWNERS": "CHG-2026-0001.yaml @ada\n"})

    assert "about records/changes/2026/CHG-2026-0002.yaml: no line" in said


def test_each_forge_that_has_a_file_of_its_own_is_judged(kinds: Kinds):
    said = _said(kinds, {".github/CODEOWNERS": "* @ada\n", ".gitlab/CODEOWNERS": "/docs/ @ada\n"})

    assert [".gitlab/CODEOWNERS:1:1"] == [one.split()[0] for one in said]


@pytest.mark.parametrize(
    ("text", "owners", "count"),
    [
        pytest.param("records/.* @ada\n", "forgejo", 0, id="expression for Forgejo"),
        pytest.param("/records/ @ada\n", "forgejo", 1, id="glob for Forgejo"),
        pytest.param("/records/ @ada\n", "gitlab", 0, id="glob for GitLab"),
    ],
)
def test_a_file_at_the_root_is_read_as_by_the_forge_of_the_roles(kinds: Kinds, text: str, owners: str, count: int):
    role = f"id: ROL-approver\nowners: {{{owners}: ['@ada']}}\n"

    said = _said(kinds, {ROLE: role, "CODEOWNERS": text})

    assert bool(count) == bool(said)


def test_a_file_in_docs_is_read_where_there_is_none_at_the_root(kinds: Kinds):
    [said] = _said(kinds, {"docs/CODEOWNERS": "/docs/ @ada\n"})

    assert said.startswith("docs/CODEOWNERS:1:1 ")


def test_a_role_whose_owners_are_no_mapping_tells_nothing(kinds: Kinds):
    [said] = _said(
        kinds,
        {ROLE: "id: ROL-approver\nowners: [gitlab]\n", "CODEOWNERS": "/records/[a] @ada\n* @ada\n/records/changes/\n"},
    )

    assert "GitHub asks nobody" in said


def test_a_file_at_the_root_that_nothing_tells_of_is_read_as_by_github(kinds: Kinds):
    [said] = _said(kinds, {"CODEOWNERS": "/docs/ @ada\n"})

    assert "GitHub asks nobody" in said


def test_a_hundred_thousand_records_are_asked_about_by_folder(kinds: Kinds, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    from opsledger.codeowners.owners import Owners

    original = Owners._plan
    monkeypatch.setattr(Owners, "_plan", lambda owners, folder: asked.append(folder) or original(owners, folder))
    many = {
        f"records/changes/2026/CHG-2026-{number:04}.yaml": f"id: CHG-2026-{number:04}\n" for number in range(1, 500)
    }

    _said(kinds, {**many, ".github/CODEOWNERS": "/records/ @ada\n"})

    assert ["records/changes/2026"] == asked
