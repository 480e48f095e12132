"""A new kind by one schema file: checked, linked, made, listed and shown, with no Python touched."""

from __future__ import annotations

import json

import pytest

from .test_schema_changes import LESSON

PROBLEM = "id: PRB-2026-0001\ntitle: Payments time out\nstate: logged\nseverity: high\n"


@pytest.fixture
def taught(repo):
    repo.write("records/problems/PRB-2026-0001.yaml", PROBLEM)
    repo.write("schemas/lesson.json", json.dumps(LESSON, indent=2))
    repo.commit("A kind of our own")
    return repo


def test_new_makes_one_that_check_accepts_and_list_and_show_know(taught, run):
    made = run(taught, "new", "lesson", "--set", "title=Look at the pool first", "--set", "from=PRB-2026-0001")
    assert 0 == made[0], made[1]
    [path] = (taught.root / "records/lessons").iterdir()

    checked = run(taught, "check")
    listed = run(taught, "list", "lesson")
    shown = run(taught, "show", "PRB-2026-0001")

    assert 0 == checked[0], checked[1]
    assert path.stem in listed[1]
    assert path.stem in shown[1]


def test_its_broken_link_and_its_misspelt_field_are_heard(taught, run):
    taught.write("records/lessons/LSN-two.yaml", "id: LSN-two\ntitle: Wait\nfrom: PRB-2026-0009\nform: x\n")

    code, printed = run(taught, "check")

    assert 1 == code
    assert "records/lessons/LSN-two.yaml:3:7: LNK101 LSN-two was learnt from PRB-2026-0009" in printed
    assert "records/lessons/LSN-two.yaml:4:1: SCH001" in printed


def test_it_has_a_page_and_its_own_explanation(taught, run):
    taught.write("records/lessons/LSN-two.yaml", "id: LSN-two\ntitle: Wait a while\nfrom: PRB-2026-0001\n")
    taught.commit("A lesson")

    explained = run(taught, "kinds", "lesson")
    built = run(taught, "site", "build")

    assert "What was learnt" in explained[1]
    assert 0 == built[0], built[1]
    pages = [page for page in (taught.root / "build").rglob("*.html") if "Wait a while" in page.read_text("utf-8")]
    assert any("lsn-two" in str(page).lower() for page in pages)
