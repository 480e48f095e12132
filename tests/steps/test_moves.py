"""Records before and after: moves, edits of what is closed, and what was lost."""

from __future__ import annotations

import json

import pytest

from .conftest import PARTY, edit, said, schema

ONE = "records/problems/PRB-2026-0001.yaml"
CHANGE = "records/changes/CHG-2026-0001.yaml"
EVIDENCE = "records/evidence/EVD-2026-a1b2.yaml"
LOG = """  - {at: "2026-03-01T10:00:00Z", by: PTY-ada, note: First}
  - {at: "2026-03-01T11:00:00Z", by: PTY-ada, note: Second}
"""
RECORDS = {
    "records/parties/PTY-ada.yaml": PARTY.format("ada"),
    ONE: "id: PRB-2026-0001\ntitle: Payments time out\nstate: logged\nseverity: high\nlog:\n" + LOG,
    CHANGE: "id: CHG-2026-0001\ntitle: Raise the timeout\nstate: draft\ntype: normal\n",
    EVIDENCE: "id: EVD-2026-a1b2\ntitle: A run\ntype: test-run\nat: \"2026-03-01T10:00:00Z\"\nresult: failed\n",
    "records/cis/CI-pay.yaml": "id: CI-pay\ntitle: Pay\nclass: service\nstate: planned\nowner: PTY-ada\n",
    "records/changes/CHG-2026-0002.yaml": "id: CHG-2026-0002\ntitle: Old\nstate: cancelled\ntype: normal\ndecisions:\n"
    '  - {at: "2026-03-01T10:00:00Z", by: PTY-ada, state: cancelled, reason: No longer wanted.}\n',
}  # fmt: skip
CANCELLED = "records/changes/CHG-2026-0002.yaml"


@pytest.fixture
def book(repo):
    for path, text in RECORDS.items():
        repo.write(path, text)
    repo.commit("The ledger")
    repo.switch("work", "main")
    return repo


def test_nothing_changed_is_nothing_found(book, judge):
    assert [] == said(judge(book))


@pytest.mark.parametrize(
    ("path", "before", "after", "line"),
    [
        pytest.param(CANCELLED, "cancelled\ntype", "draft\ntype", 3, id="out of a state that nothing leaves"),
        pytest.param(CHANGE, "draft\ntype: normal", "submitted\ntype: standard", 3, id="by a move for other types"),
        pytest.param(CHANGE, "draft\ntype: normal", "rejected\ntype: standard", 3, id="over a state it may not be in"),
        pytest.param(CANCELLED, "state: cancelled\ntype", "state: deferred\ntype", 3, id="between two ways out"),
    ],
)  # fmt: skip
def test_an_illegal_move_stands_at_the_state_and_hides_what_the_state_asks(book, judge, path, before, after, line):
    edit(book, path, before, after)

    assert [f"LCY201 {path}:{line}:8"] == said(judge(book))


@pytest.mark.parametrize("state", ["pending", "live", "standby"])
def test_moves_in_a_row_are_one_legal_step(book, judge, state):
    edit(book, "records/cis/CI-pay.yaml", "state: planned", f"state: {state}\ncriticality: high")

    assert [] == said(judge(book))


def test_a_new_record_may_start_in_any_state(book, judge):
    old = RECORDS["records/cis/CI-pay.yaml"]
    book.write("records/cis/CI-new.yaml", old.replace("CI-pay", "CI-new").replace("planned", "live\ncriticality: low"))

    assert [] == said(judge(book))


def test_a_state_that_is_none_is_a_fault_of_form_and_no_move(book, judge):
    edit(book, CHANGE, "state: draft", "state: dreaming")

    assert [f"SCH001 {CHANGE}:3:8"] == said(judge(book))


@pytest.mark.parametrize(
    ("path", "before", "after", "place"),
    [
        pytest.param(EVIDENCE, "result: failed", "result: passed", "5:9", id="a fact that may never change"),
        pytest.param(EVIDENCE, "title: A run", "title: Another run", "2:8", id="the title of one"),
        pytest.param(CANCELLED, "title: Old", "title: New", "2:8", id="a closed record"),
        pytest.param(CANCELLED, "type: normal", "type: normal\nowner: PTY-ada", "5:8", id="a field added to one"),
    ],
)
def test_an_edit_of_what_may_no_longer_change_stands_at_the_edit(book, judge, path, before, after, place):
    edit(book, path, before, after)

    assert [f"LCY203 {path}:{place}"] == said(judge(book))


def test_comments_and_order_of_a_closed_record_may_change(book, judge):
    edit(book, CANCELLED, "title: Old\nstate: cancelled", "state: cancelled  # since March\ntitle: Old")

    assert [] == said(judge(book))


def test_a_closed_record_may_move_to_the_folder_of_its_year(book, judge):
    book.write("records/changes/2026/CHG-2026-0002.yaml", RECORDS[CANCELLED])
    book.delete(CANCELLED)

    assert [] == said(judge(book))


def test_a_deletion_stands_at_the_old_path_also_for_a_draft(book, judge):
    book.delete(CHANGE)

    assert [f"LCY204 {CHANGE}:1:1"] == said(judge(book))


def test_a_renamed_record_is_a_deletion_of_the_old_id(book, judge):
    book.write("records/changes/CHG-2026-0009.yaml", RECORDS[CHANGE].replace("0001", "0009"))
    book.delete(CHANGE)

    assert [f"LCY204 {CHANGE}:1:1"] == said(judge(book))


def test_another_id_in_the_same_file_is_one_finding_at_the_id(book, judge):
    edit(book, CHANGE, "id: CHG-2026-0001", "id: CHG-2026-0009")

    assert [f"SCH002 {CHANGE}:1:5"] == said(judge(book))


def test_a_record_that_cannot_be_read_any_more_is_not_deleted(book, judge):
    book.write(CHANGE, "id: CHG-2026-0001\nid: CHG-2026-0001\n")

    assert [f"SCH009 {CHANGE}:2:1"] == said(judge(book))


def test_the_id_may_not_go_to_a_record_of_another_kind(book, judge):
    free = {**schema("evidence"), "x-kind": {"name": "note", "plural": "notes", "folder": "notes", "family": "Ground"}}
    free["properties"]["id"] = {"type": "string", "maxLength": 40, "description": "Any name."}
    book.write("schemas/note.json", json.dumps(free, indent=1))
    book.write("records/notes/CHG-2026-0002.yaml", RECORDS[EVIDENCE].replace("EVD-2026-a1b2", "CHG-2026-0002"))
    book.delete(CANCELLED)

    found = judge(book)

    [lost] = [finding for finding in found.findings if finding.code == "LCY204"]
    assert "CHG-2026-0002 was a change and is now a note" == lost.message


def test_a_record_named_by_a_field_of_its_own_is_not_renamed_in_place(book, judge):
    named = json.loads(json.dumps(schema("control")))
    named["x-kind"] = {"name": "duty", "plural": "duties", "folder": "duties", "family": "Ground", "id_from": "/title"}
    named["x-lifecycle"]["immutable_from"] = "withdrawn"
    del named["properties"]["id"]
    named["required"].remove("id")
    book.write("schemas/duty.json", json.dumps(named, indent=1))
    path = "records/duties/one.yaml"
    book.write(path, "title: Watch\nstate: draft\nframework: ours\nstatement: Somebody watches.\n")
    book.commit("A duty")
    book.git("branch", "-f", "main", "work")
    edit(book, path, "title: Watch", "title: Sleep")

    assert [f"LCY204 {path}:1:1"] == said(judge(book))


@pytest.mark.parametrize(
    ("after", "place"),
    [
        pytest.param(LOG.replace("First", "Third"), "6:5", id="rewritten"),
        pytest.param(LOG.splitlines(keepends=True)[0], "6:3", id="the last one removed"),
        pytest.param(LOG.splitlines(keepends=True)[1], "6:3", id="the first one removed"),
        pytest.param("".join(reversed(LOG.splitlines(keepends=True))), "6:5", id="put in another order"),
    ],
)
def test_an_entry_of_a_list_that_only_grows_stays(book, judge, after, place):
    edit(book, ONE, LOG, after)

    assert [f"LCY204 {ONE}:{place}"] == said(judge(book))


def test_a_list_that_only_grows_may_grow_at_its_end(book, judge):
    edit(book, ONE, LOG, LOG + LOG.splitlines(keepends=True)[0].replace("First", "Third"))

    assert [] == said(judge(book))


def test_references_to_a_deleted_record_say_nothing_more(book, judge):
    edit(book, ONE, "severity: high", "severity: high\nowner: PTY-ada")
    book.commit("A name")
    book.git("branch", "-f", "main", "work")
    book.delete("records/parties/PTY-ada.yaml")

    assert ["LCY204 records/parties/PTY-ada.yaml:1:1"] == said(judge(book))


def test_versions_that_a_deleted_record_declared_say_nothing_more(book, judge):
    edit(book, "records/cis/CI-pay.yaml", "state: planned", 'state: planned\nversion: "4.2"')
    edit(book, ONE, "severity: high", "severity: high\naffected_versions: [{ci: CI-pay, version: '4.2'}]")
    book.commit("A version")
    book.git("branch", "-f", "main", "work")
    book.delete("records/cis/CI-pay.yaml")

    assert ["LCY204 records/cis/CI-pay.yaml:1:1"] == said(judge(book))
