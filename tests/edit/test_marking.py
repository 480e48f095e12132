"""The marks at what was derived go where somebody types otherwise, and stay elsewhere."""

from __future__ import annotations

import pytest

from opsledger.edit.changing import plan_set, plan_transition
from opsledger.edit.marking import unmarked
from opsledger.edit.values import assignment, removal
from opsledger.kind import packaged_kinds
from opsledger.ledger import Record, load
from opsledger.store import in_memory

from .conftest import NOW

KINDS = packaged_kinds()
PATH = "records/releases/2026/REL-2026-0001.yaml"
DERIVED = """\
id: REL-2026-0001
name: payments-4.2.1
title: Send a key with each charge
state: draft
type: fix
package:
  digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
  sbom: EVD-2026-0000aaaa
fixes: [PRB-2026-0001]
derived: [/fixes, /package, /title, /type]
"""


def record(text: str = DERIVED) -> Record:
    ledger = load(in_memory({".opsledger.yaml": b"preset: small\n", PATH: text.encode()}, name="work tree"), KINDS)
    return ledger.record("REL-2026-0001")


def marks(*changes: str, text: str = DERIVED) -> str:
    """The line with the marks after some changes."""
    found = record(text)
    plan = plan_set(found, [assignment(one) for one in changes])
    lines = (plan.writes[0].after or b"").decode().splitlines()
    return next((line for line in lines if line.startswith("derived:")), "")


def test_value_that_is_typed_again_as_it_was_stays_marked():
    assert () == plan_set(record(), [assignment("type=fix")]).writes


def test_change_of_what_was_never_derived_leaves_all_marks():
    assert "derived: [/fixes, /package, /title, /type]" == marks("risk=low")


def test_field_that_is_typed_otherwise_loses_its_mark():
    assert "derived: [/fixes, /package, /type]" == marks("title=Something else")


def test_field_that_is_taken_out_loses_its_mark():
    plan = plan_set(record(), [removal("title")])

    assert b"derived: [/fixes, /package, /type]\n" in (plan.writes[0].after or b"")


def test_list_that_somebody_adds_to_loses_its_mark():
    assert "derived: [/package, /title, /type]" == marks("fixes+=PRB-2026-0002")


def test_part_of_a_section_loses_its_mark_and_the_rest_keeps_theirs():
    assert "derived: [/fixes, /package/digest, /title, /type]" == marks("package.sbom=EVD-2026-0000bbbb")


def test_part_that_is_new_in_a_section_was_typed():
    assert "derived: [/fixes, /package/digest, /package/sbom, /title, /type]" == marks("package.baseline=BAS-2026-0001")


def test_last_mark_takes_the_list_along():
    text = DERIVED.replace("[/fixes, /package, /title, /type]", "[/title]")

    assert "" == marks("title=Something else", text=text)


def test_marks_that_somebody_sets_are_as_they_were_set():
    assert "derived: [/type]" == marks("derived=[/type]", "title=Something else")


def test_field_that_is_typed_with_a_move_loses_its_mark():
    changes = [assignment("title=Something else")]
    plan = plan_transition(record(), "deferred", changes, now=NOW, reason="Later", by="PTY-ada")

    assert b"derived: [/fixes, /package, /type]\n" in (plan.writes[0].after or b"")


@pytest.mark.parametrize("data", [{}, {"derived": "no list"}, {"derived": []}], ids=["none", "odd", "empty"])
def test_record_without_marks_stays_without(data):
    assert (data, []) == unmarked(data, dict(data))
