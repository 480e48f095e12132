"""The page about a kind."""

from __future__ import annotations

import json

import pytest

from opsledger.kind import Kinds, load_kinds
from opsledger.report.kind_page import kind_page, kind_rows

WORK = {
    "title": "Piece of work",
    "description": "Something to be done.",
    "x-kind": {"name": "work", "family": "Flow", "folder": "works", "prefix": "WRK", "ids": "numbered"},
    "x-lifecycle": {
        "field": "state",
        "main": ["draft", "ready"],
        "moves": {"draft": [{"to": "ready", "when": {"required": ["owner"]}}, "dropped"]},
        "requires": [{"from_state": "ready", "at": "/owner", "says": "ready work has an owner", "schema": True}],
    },
    "type": "object",
    "required": ["id", "state"],
    "properties": {
        "id": {"type": "string", "description": "Its name."},
        "state": {"enum": ["draft", "ready", "dropped"], "description": "Where it stands."},
        "owner": {"type": "string", "description": "Who.", "x-refers-to": {
            "kinds": ["work"], "as": "owned by", "inverse": "owns"}},
        "steps": {"type": "array", "description": "What is done.", "items": {
            "type": "object", "required": ["step"], "properties": {"step": {"type": "string", "description": "One."}}}},
    },
}  # fmt: skip


@pytest.fixture
def kinds() -> Kinds:
    return load_kinds({"work.json": json.dumps(WORK).encode()}, {})


def test_kinds_are_listed(kinds: Kinds) -> None:
    assert [("work", "Flow", "WRK", "records/works", "Something to be done.")] == list(kind_rows(kinds))


def test_page_says_what_may_be_written_and_where_it_may_go(kinds: Kinds) -> None:
    assert (
        """\
Piece of work (work)
    Something to be done.

Records: records/works/**/*.yaml
Ids: WRK-…, numbered by year

Fields (* is always there):
    *id: text
         Its name.
    *state: draft | ready | dropped
         Where it stands.
     owner: id of a work
         Who.
     steps: list of mapping
         What is done.
        *step: text
             One.

States (state): draft → ready
    draft: to ready (on a condition), dropped
    ready: the end
        LCY202 ready work has an owner
    dropped: the end

Links:
    work owned by work
    work owns work""".splitlines()
        == list(kind_page(kinds["work"], kinds))
    )
