"""Which fields of a record went from what to what."""

from __future__ import annotations

import pytest

from opsledger.history import FieldChange, field_changes
from opsledger.yamlfile import MISSING

RELEASE = {"id": "REL-1", "state": "draft", "tags": ["a", "b", "c"], "plan": {"start": "x", "end": "y"}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(RELEASE, RELEASE, [], id="nothing"),
        pytest.param(RELEASE, dict(reversed(RELEASE.items())), [], id="order of keys"),
        pytest.param({"a": 1}, {"a": 1.0}, [], id="one is one point zero"),
        pytest.param({"a": 1}, {"a": True}, [("/a", 1, True)], id="one is not true"),
        pytest.param({"a": None}, {}, [("/a", None, MISSING)], id="null is not nothing"),
        pytest.param({}, {"a": None}, [("/a", MISSING, None)], id="nothing is not null"),
        pytest.param({"a": ""}, {"a": " "}, [("/a", "", " ")], id="blank"),
        pytest.param({"a": "1"}, {"a": 1}, [("/a", "1", 1)], id="text is not a number"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 2}}, [("/a/b", 1, 2)], id="inner field"),
        pytest.param({}, {"a": {"b": 1, "c": 2}}, [("/a/b", MISSING, 1), ("/a/c", MISSING, 2)], id="new mapping"),
        pytest.param({}, {"a": {}}, [("/a", MISSING, {})], id="new empty mapping"),
        pytest.param({"a": []}, {}, [("/a", [], MISSING)], id="removed empty list"),
        pytest.param({"a": {}}, {"a": []}, [("/a", {}, [])], id="mapping becomes list"),
        pytest.param({"a": {"b": 1}}, {"a": "b"}, [("/a", {"b": 1}, "b")], id="mapping becomes text"),
        pytest.param({"x/y~z": 1}, {"x/y~z": 2}, [("/x~1y~0z", 1, 2)], id="escaped key"),
        pytest.param({"t": ["a", "b"]}, {"t": ["a", "b", "c"]}, [("/t/2", MISSING, "c")], id="added at the end"),
        pytest.param({"t": ["a", "b"]}, {"t": ["x", "a", "b"]}, [("/t/0", MISSING, "x")], id="added at the start"),
        pytest.param({"t": ["a", "b", "c"]}, {"t": ["a", "c"]}, [("/t/1", "b", MISSING)], id="removed in the middle"),
        pytest.param({"t": ["a", "b", "c"]}, {"t": ["a", "x", "c"]}, [("/t/1", "b", "x")], id="changed in the middle"),
        pytest.param({"t": ["a", "a"]}, {"t": ["a"]}, [("/t/1", "a", MISSING)], id="one of two alike"),
        pytest.param({"t": ["a", "b"]}, {"t": ["b", "a"]}, [("/t/0", "a", "b"), ("/t/1", "b", "a")], id="plain order"),
        pytest.param({"t": [[1, 2]]}, {"t": [[1, 3]]}, [("/t/0/1", 2, 3)], id="list in a list"),
        pytest.param({"t": [{"x": 1}]}, {"t": [{"x": 2}]}, [("/t/0/x", 1, 2)], id="mapping without a name"),
    ],
)
def test_fields_are_compared_as_data(before, after, expected):
    assert tuple(FieldChange(*change) for change in expected) == field_changes(before, after)


@pytest.mark.parametrize("key", ["id", "name"])
def test_named_entries_are_matched_by_name(key):
    before = {"steps": [{key: "one", "done": False}, {key: "two", "done": False}, {key: "three", "done": False}]}
    after = {"steps": [{key: "zero", "done": True}, {key: "three", "done": False}, {key: "one", "done": True}]}

    expected = (
        FieldChange(f"/steps/0/{key}", MISSING, "zero"),
        FieldChange("/steps/0/done", MISSING, True),
        FieldChange("/steps/2/done", False, True),
        FieldChange(f"/steps/1/{key}", "two", MISSING),
        FieldChange("/steps/1/done", False, MISSING),
    )
    assert expected == field_changes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([{"id": "a"}, {"id": "a"}], [{"id": "a"}, {"id": "b"}], id="a name twice"),
        pytest.param([{"id": "c"}, {"id": 1}], [{"id": "c"}, {"id": 2}], id="a name that is a number"),
        pytest.param([{"id": "a"}, {"x": 1}], [{"id": "a"}, {"x": 2}], id="one without a name"),
        pytest.param([{"id": "a"}, "x"], [{"id": "a"}, "y"], id="one that is no mapping"),
    ],
)
def test_entries_that_no_name_tells_apart_are_matched_by_place(before, after):
    [change] = field_changes({"t": before}, {"t": after})

    assert change.pointer.startswith("/t/1")


def test_new_record_and_deleted_record_are_told_field_by_field():
    record = {"id": "REL-1", "plan": {"start": "x"}}

    added = (FieldChange("/id", MISSING, "REL-1"), FieldChange("/plan/start", MISSING, "x"))
    removed = (FieldChange("/id", "REL-1", MISSING), FieldChange("/plan/start", "x", MISSING))
    assert added == field_changes(None, record)
    assert removed == field_changes(record, None)
    assert () == field_changes(None, None)
