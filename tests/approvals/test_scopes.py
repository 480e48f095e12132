"""What a scope covers, and the digest that anyone can work out again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from opsledger.approvals import approval_of, content_of, data_of, digest_of, id_of, parts_of, scope_pointers, uncovered
from opsledger.approvals.edits import edited_between, edited_since
from opsledger.canonical import NotCanonical
from opsledger.kind import packaged_kinds
from opsledger.yamlfile import read

KINDS = packaged_kinds()
ROOT = Path(__file__).resolve().parents[2]
EXCEPTION = {
    "mitigation": [
        {"action": "Watch it", "owner": "PTY-ada", "due": "2026-12-01T00:00:00Z", "state": "open"},
        {"action": "Mend it", "owner": "PTY-joan", "due": "2026-12-24T00:00:00Z", "state": "open"},
    ],
    "expires": "2027-01-01T00:00:00Z",
}


def test_a_scope_covers_what_the_kinds_schema_says_sorted():
    assert ("/residuals",) == scope_pointers(KINDS["release"], "residuals")
    assert tuple(sorted(scope_pointers(KINDS["release"], "plan"))) == scope_pointers(KINDS["release"], "plan")
    assert () == scope_pointers(KINDS["release"], "nothing")


def test_a_star_stands_for_every_entry_and_what_is_absent_is_left_out():
    content = content_of(EXCEPTION, ["/mitigation/*/owner", "/expires", "/starts"])

    assert {
        "/expires": "2027-01-01T00:00:00Z", "/mitigation/0/owner": "PTY-ada", "/mitigation/1/owner": "PTY-joan",
    } == content  # fmt: skip


def test_a_star_stands_for_every_key_of_a_mapping_and_keys_are_escaped():
    assert {"/a/x~1y/b": 1} == content_of({"a": {"x/y": {"b": 1}, "z": {}}}, ["/a/*/b"])


def test_a_digest_can_be_worked_out_by_hand():
    by_hand = b'{"content":{"/expires":"2027-01-01T00:00:00Z"},'
    by_hand += b'"kind":"exception","scope":"exception","subject":"EXC-2026-0001"}'

    found = digest_of("exception", "EXC-2026-0001", "exception", ["/starts", "/expires"], EXCEPTION)

    assert f"sha256:{hashlib.sha256(by_hand).hexdigest()}" == found


@pytest.mark.parametrize("path", sorted((ROOT / "records/approvals").rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_sample_approvals_carry_the_digest_of_what_stands_there(path):
    approval = approval_of(read(path.read_bytes()), str(path))
    [subject] = (ROOT / "records").rglob(f"{approval.subject}.yaml")
    kind, data = KINDS.of_path(str(subject.relative_to(ROOT))), read(subject.read_bytes())

    assert approval.digest == digest_of(kind.name, approval.subject, approval.scope, approval.pointers, data)


def test_finishing_an_action_changes_no_digest_of_an_exception():
    pointers = scope_pointers(KINDS["exception"], "exception")
    done = json.loads(json.dumps(EXCEPTION))
    done["mitigation"][0] |= {"state": "done", "done": "2026-11-30T00:00:00Z", "note": "It is quiet"}
    put_off = json.loads(json.dumps(EXCEPTION))
    put_off["mitigation"][0]["due"] = "2027-12-01T00:00:00Z"

    digests = [
        digest_of("exception", "EXC-2026-0001", "exception", pointers, data) for data in (EXCEPTION, done, put_off)
    ]

    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


@pytest.mark.parametrize(
    "about",
    [
        pytest.param(("change", "X-1", "plan"), id="another kind"),
        pytest.param(("release", "X-2", "plan"), id="another subject"),
        pytest.param(("release", "X-1", "strategy"), id="another scope"),
    ],
)
def test_a_digest_is_of_one_scope_of_one_record(about):
    assert digest_of("release", "X-1", "plan", ["/expires"], EXCEPTION) != digest_of(*about, ["/expires"], EXCEPTION)


def test_the_order_of_keys_and_pointers_makes_no_difference():
    one = digest_of("release", "X-1", "plan", ["/a", "/b"], {"a": {"x": 1, "y": 2}, "b": 3})

    assert one == digest_of("release", "X-1", "plan", ["/b", "/a"], {"b": 3, "a": {"y": 2, "x": 1}})


def test_a_number_that_cannot_be_carried_exactly_has_no_digest():
    with pytest.raises(NotCanonical):
        digest_of("release", "X-1", "plan", ["/a"], {"a": 2**53})


def test_parts_name_each_field_by_its_own_digest():
    before = parts_of(EXCEPTION, ["/mitigation/*/owner", "/expires"])
    after = parts_of({**EXCEPTION, "expires": "2027-02-01T00:00:00Z"}, ["/mitigation/*/owner", "/expires"])

    assert ["/expires"] == [pointer for pointer in before if before[pointer] != after[pointer]]


@pytest.mark.parametrize(
    ("have", "left_out"),
    [
        pytest.param(["/a", "/b/c"], (), id="the same"),
        pytest.param(["/a", "/b"], (), id="the whole of it"),
        pytest.param(["/a", "/b/*"], (), id="every entry of it"),
        pytest.param(["/a"], ("/b/c",), id="one missing"),
        pytest.param(["/a", "/b/c/d"], ("/b/c",), id="only a part of it"),
        pytest.param(["/a", "/b/cc"], ("/b/c",), id="one that starts alike"),
    ],
)
def test_a_pointer_is_covered_by_itself_or_what_stands_above(have, left_out):
    assert left_out == uncovered(have, ["/a", "/b/c"])


def test_a_star_is_not_covered_by_one_entry():
    assert ("/a/*/b",) == uncovered(["/a/0/b"], ["/a/*/b"])


def test_an_approval_says_itself_again(scene):
    approval = scene.approval(
        conditions=("At night only",), withdraws="APR-2026-a1b2", authors=("PTY-ada",), unknown_authors=1
    )

    assert approval == approval_of(data_of(approval), approval.path)


def test_ids_of_approvals_differ_in_what_they_say(scene):
    approval = scene.approvals[0]

    assert id_of(approval) == id_of(approval)
    assert id_of(approval) != id_of(scene.approval("joan"))
    assert id_of(approval).startswith("APR-2026-")


@pytest.mark.parametrize(
    "field", ["id", "subject", "digest", "role", "party", "decision", "repository", "at", "pointers"]
)
def test_what_says_less_than_an_approval_is_none(scene, field):
    data = data_of(scene.approvals[0])
    del data[field]

    assert approval_of(data, "x.yaml") is None


@pytest.mark.parametrize("at", ["yesterday", "2026-11-20T12:00:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_makes_no_approval(scene, at):
    assert approval_of({**data_of(scene.approvals[0]), "at": at}, "x.yaml") is None


def test_odd_parts_of_an_approval_are_passed_over(scene):
    odd = {"parts": [], "evidence": "mine", "authors": "me", "unknown_authors": "two"}

    found = approval_of({**data_of(scene.approvals[0]), **odd}, "x.yaml")

    assert ({}, {}, (), 0) == (found.parts, found.evidence, found.authors, found.unknown_authors)


def test_an_edit_is_named_by_the_parts_that_the_approval_keeps(scene):
    approval = scene.approvals[0]
    data = read(scene.subject.replace("4.2.1", "4.2.2").replace("ENV-prod", "ENV-test").encode())

    assert ("/environment", "/items") == edited_since(approval, data)
    assert () == edited_since(scene.approval(parts={}), data)


def test_an_edit_between_two_readings_is_named_as_deep_as_it_lies(scene):
    before, after = read(scene.subject.encode()), read(scene.subject.replace("4.2.1", "4.2.2").encode())

    assert ("/items/0/version",) == edited_between(before, {**after, "state": "authorised"}, ("/items", "/release"))
    assert ("/release",) == edited_between(
        before, {key: value for key, value in before.items() if key != "release"}, ("/release",)
    )
