"""BAD-050, BAD-051, BAD-081 and BAD-082: schemas that check nothing, hang, reach outside or drop old records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opsledger import packaged

THING = "records/things/THG-1.yaml"
SCHEMA = "schemas/thing.json"


def _schema(**more: Any) -> dict[str, Any]:
    """A sound schema of one field beside the id, with more said of that field or, with `whole`, of the schema."""
    whole = more.pop("whole", {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Thing",
        "description": "A thing.",
        "x-kind": {"name": "thing", "folder": "things", "prefix": "THG"},
        "type": "object",
        "additionalProperties": False,
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "maxLength": 20, "pattern": "^THG-[0-9]+$", "description": "Its name."},
            "x": {"type": "string", "description": "What it says.", **more},
        },
        **whole,
    }


_LOOP = {"$defs": {"x": {"$ref": "#/$defs/x"}}}
_MAPS = {
    "type": "array",
    "uniqueItems": True,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "description": "One.",
        "properties": {"a": {"type": "string", "description": "Text."}},
    },
}
_ENDLESS = "thing.json has the pattern '^(a+)+$', which can be matched in so many ways that a long text never ends"
_SLOW = "thing.json asks for unique entries that may be mappings or lists, which takes long to compare"
UNSOUND = [
    ("BAD-081 unknown type", _schema(type="strng"), "thing.json says `type` is 'strng'"),
    ("BAD-081 misspelt keyword", _schema(whole={"requird": ["id"]}), "thing.json has a keyword 'requird'"),
    ("BAD-081 circle", _schema(**{"$ref": "#/$defs/x", "whole": _LOOP}), "thing.json defines x by itself"),
    ("BAD-081 web", _schema(**{"$ref": "https://example.org/x.json"}), "thing.json points to 'https://example.org"),
    ("BAD-081 file", _schema(**{"$ref": "file:///etc/passwd"}), "thing.json points to 'file:///etc/passwd'"),
    ("BAD-081 other file", _schema(**{"$ref": "../secret.json"}), "thing.json points to '../secret.json'"),
    ("BAD-050 endless pattern", _schema(maxLength=99, pattern="^(a+)+$"), _ENDLESS),
    ("BAD-051 unique maps", _schema(**_MAPS), _SLOW),
]
BROKEN = [
    pytest.param(b'{"title": ', id="breaks off"),
    pytest.param(b"", id="empty"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"[" * 50_000, id="deep"),
    pytest.param(b"\xff\xfe\0", id="no text"),
    pytest.param(b'{"title": NaN}', id="not a number"),
]


@pytest.mark.parametrize(("schema", "expected"), [pytest.param(*case[1:], id=case[0]) for case in UNSOUND])
def test_unsound_schema_is_one_finding_in_its_file(sample, schema, expected):
    sample.write(SCHEMA, json.dumps(schema, indent=1))
    sample.write(THING, "id: THG-1\n")

    found = sample.errors()

    assert 1 == len(found)
    place, _, said = found[0].partition(" SCH011 ")
    assert place.startswith(f"{SCHEMA}:")
    assert [expected] == sample.cut([said], expected)


@pytest.mark.parametrize("content", BROKEN)
@pytest.mark.parametrize("base", [None, "HEAD"])
def test_schema_that_cannot_be_read_is_one_finding_and_its_records_none(sample, content, base):
    sample.write(SCHEMA, content)
    sample.write(THING, "id: THG-1\n")

    found = sample.errors(base=base)

    assert 1 == len(found)
    assert found[0].startswith(f"{SCHEMA}:1:")
    assert " SCH011 thing.json " in found[0]


def test_text_made_for_backtracking_ends(sample):  # BAD-050
    sample.write(SCHEMA, json.dumps(_schema(maxLength=99, pattern="^(a+)+$"), indent=1))
    sample.write(THING, f"id: THG-1\nx: {'a' * 60}!\n")

    found = sample.errors()

    assert [f"{THING}:2:4 SCH001", SCHEMA] == [found[0].partition(" THG-1 ")[0], found[1].partition(":")[0]]


def test_thousands_of_maps_that_should_be_unique_end(sample):  # BAD-051
    sample.write(SCHEMA, json.dumps(_schema(**_MAPS), indent=1))
    sample.write(THING, "id: THG-1\nx:\n" + "".join(f"- a: n{number}\n" for number in range(3_000)) + "- a: n1\n")

    found = sample.errors()

    assert [THING, SCHEMA] == [one.partition(":")[0] for one in found]
    assert "lists something twice under x" in found[0]


def test_narrowed_schema_lists_the_records_that_fall_out(sample):  # BAD-082
    _narrow(sample)

    said = "problem.json refuses 3 problems that were there before: PRB-2026-0001, PRB-2026-0002, PRB-2026-0003"
    assert [f"schemas/problem.json:1:1 SCH011 schemas/{said}"] == sample.errors(base="HEAD")


def test_narrowed_schema_without_a_base_refuses_each_record(sample):  # BAD-082
    _narrow(sample)

    expected = [f"records/problems/PRB-2026-000{number}.yaml:1:1 SCH001" for number in (1, 2, 3)]
    assert expected == [one.partition(" PRB")[0] for one in sample.errors()]


def _narrow(sample):
    schema = json.loads(packaged.files("schemas")["problem.json"])
    schema["required"].append("owner")
    sample.write("schemas/problem.json", json.dumps(schema, indent=1))
