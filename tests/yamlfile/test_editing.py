"""Changes to a record's text touch what they change and nothing else."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from opsledger.yamlfile import REMOVE, CannotEdit, NothingThere, NotWritable, read, set_values

RECORD = """\
# A release.

id: REL-1   # never changes
title: "hello"
state: draft
list:   # what it ships
  - a
  - b # the second
  # and more to come
items:
- {ci: A, status: x}
- ci: B
  status: 'y'
text: |
  one
  two

empty: []
none:
# about depth
deep:
  x: 1
  y:
    z: q
"""

CASES: list[Any] = [
    pytest.param({"/title": "bye"}, ['-title: "hello"', '+title: "bye"'], id="quotes stay"),
    pytest.param({"/title": 5}, ['-title: "hello"', "+title: 5"], id="a number takes no quotes"),
    pytest.param({"/state": "done"}, ["-state: draft", "+state: done"], id="plain text"),
    pytest.param({"/state": "no: way"}, ["-state: draft", '+state: "no: way"'], id="quotes where needed"),
    pytest.param({"/state": "2026-01-01"}, ["-state: draft", '+state: "2026-01-01"'], id="a day in quotes"),
    pytest.param({"/id": "REL-2"}, ["-id: REL-1   # never changes", "+id: REL-2   # never changes"], id="comment"),
    pytest.param(
        {"/id": "a\nb\n"}, ["-id: REL-1   # never changes", "+id: |   # never changes", "+  a", "+  b"], id="a block"
    ),
    pytest.param({"/text": "new"}, ["-text: |", "-  one", "-  two", "+text: new"], id="a block becomes a line"),
    pytest.param({"/text": "one\nthree\n"}, ["-  two", "+  three"], id="a block changes"),
    pytest.param({"/none": "now"}, ["-none:", "+none: now"], id="a value where none was"),
    pytest.param({"/none": {"a": [1]}}, ["+  a:", "+    - 1"], id="a map where nothing was"),
    pytest.param({"/list/-": "c"}, ["+  - c"], id="an item at the end"),
    pytest.param({"/list/0": REMOVE}, ["-  - a"], id="an item goes"),
    pytest.param({"/list": ["b"]}, ["-  - a"], id="a list that lost its first item"),
    pytest.param({"/list": ["a", "b", "c"]}, ["+  - c"], id="a list that grew"),
    pytest.param(
        {"/items/0/status": "a, b"}, ["-- {ci: A, status: x}", '+- {ci: A, status: "a, b"}'], id="in brackets"
    ),
    pytest.param(
        {"/items/0/note": "new"}, ["-- {ci: A, status: x}", "+- {ci: A, status: x, note: new}"], id="a key in brackets"
    ),
    pytest.param({"/items/0/ci": REMOVE}, ["-- {ci: A, status: x}", "+- {status: x}"], id="a key out of brackets"),
    pytest.param({"/items/1/ci": REMOVE}, ["-- ci: B", "-  status: 'y'", "+- status: 'y'"], id="the key beside a dash"),
    pytest.param({"/items/1/status": "z"}, ["-  status: 'y'", "+  status: 'z'"], id="single quotes stay"),
    pytest.param({"/items/-": {"ci": "C", "on": []}}, ["+- ci: C", '+  "on": []'], id="a map as an item"),
    pytest.param({"/empty/-": "x"}, ["-empty: []", "+empty: [x]"], id="the first item"),
    pytest.param({"/deep/y/z": REMOVE}, ["-  y:", "-    z: q", "+  y: {}"], id="the last key of a map"),
    pytest.param({"/deep/y": REMOVE}, ["-  y:", "-    z: q"], id="a map goes"),
    pytest.param({"/deep/x": {"m": "o"}}, ["-  x: 1", "+  x:", "+    m: o"], id="a line becomes a map"),
    pytest.param({"/new/part/-": "v"}, ["+new:", "+  part:", "+    - v"], id="maps and lists on the way"),
    pytest.param({"/title": REMOVE, "/state": REMOVE}, ['-title: "hello"', "-state: draft"], id="two keys go"),
    pytest.param({"/title": "hello"}, [], id="the value it had"),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_a_change_touches_its_lines_only(changes: dict[str, Any], expected: list[str]) -> None:
    changed = set_values(RECORD.encode(), changes)

    difference = difflib.unified_diff(RECORD.splitlines(), changed.decode().splitlines(), n=0, lineterm="")
    assert expected == [line for line in difference if line[:2] not in ("--", "++", "@@") or line.startswith("-- ")]


def test_line_ends_and_mark_and_missing_last_line_end_stay() -> None:
    source = b"\xef\xbb\xbfa: 1\r\nb:\r\n  - x"

    changed = set_values(source, {"/b/-": "y z", "/c": 2})

    assert b"\xef\xbb\xbfa: 1\r\nb:\r\n  - x\r\n  - y z\r\nc: 2" == changed


def test_a_new_key_goes_to_its_place_in_the_order() -> None:
    changed = set_values(b"b: 1\nd: 2 # two\nx: 3\n", {"/c": 2, "/a": [1], "/z": 0}, order=["a", "b", "c", "d"])

    assert b"a:\n  - 1\nb: 1\nc: 2\nd: 2 # two\nx: 3\nz: 0\n" == changed


def test_changes_apply_one_after_the_other() -> None:
    changed = set_values(b"a: [x, y, z]\n", {"/a/0": REMOVE, "/a/1": "last"})

    assert b"a: [y, last]\n" == changed


def test_a_record_in_json_stays_json() -> None:
    source = b'{\n  "a": 1,\n  "b": ["x"]\n}\n'

    changed = set_values(source, {"/c": {"d": "e"}, "/b/-": "y", "/a": None})

    assert b'{\n  "a": null,\n  "b": ["x", "y"],\n  "c": {"d": "e"}\n}\n' == changed


def test_a_block_at_the_end_of_a_file_without_line_end_is_not_changed_by_what_follows() -> None:
    source = b"a: |\n  one\n  two"

    changed = set_values(source, {"/b": 1})

    assert {"a": "one\ntwo", "b": 1} == read(changed)


def test_a_comment_below_does_not_become_text() -> None:
    changed = set_values(b"a:\n  # why\nb: 1\n", {"/a": "x\ny\n"})

    assert {"a": "x\ny\n", "b": 1} == read(changed)
    assert b"  # why\n" in changed


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"/title/x": 1}, id="into text"),
        pytest.param({"/list/7": "x"}, id="past the end"),
        pytest.param({"/nothing": REMOVE}, id="removing what is absent"),
        pytest.param({"/list/7": REMOVE}, id="removing past the end"),
        pytest.param({"/a/b/c": REMOVE}, id="removing from what is absent"),
        pytest.param({"": "text"}, id="the record as text"),
    ],
)
def test_a_change_to_nothing_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NothingThere):
        set_values(RECORD.encode(), changes)


@pytest.mark.parametrize(
    "value",
    [pytest.param(float("nan"), id="nan"), pytest.param(2**53, id="large"), pytest.param(object(), id="object")],
)
def test_a_value_that_no_record_holds_is_refused(value: object) -> None:
    with pytest.raises(NotWritable):
        set_values(RECORD.encode(), {"/title": value})


def test_a_text_that_is_no_record_is_refused_with_its_place() -> None:
    with pytest.raises(CannotEdit) as caught:
        set_values(b"a: 1\na: 2\n", {"/a": 3})

    assert "the record cannot be read at 2:1: the key 'a' stands here again, after line 1" == str(caught.value)
