"""What people type, read as the schema means it."""

from __future__ import annotations

from typing import Any

import pytest

from opsledger.edit.shape import Shape
from opsledger.edit.values import Assignment, Edit, assigned, assignment, parsed, removal
from opsledger.errors import Refused
from opsledger.yamlfile import MISSING

DEFINITIONS: dict[str, Any] = {
    "word": {"type": "string", "pattern": "^[a-z]+$"},
    "risk": {"enum": ["low", "high"], "description": "How bad."},
}
WHOLE = Shape(
    (
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "title": {"type": "string"},
                "risk": {"$ref": "#/$defs/risk"},
                "count": {"type": "integer"},
                "share": {"type": "number"},
                "safe": {"type": "boolean"},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/word"}},
                "notes": {"type": "array", "items": {"type": "string"}},
                "plan": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "owner": {"type": "string"},
                        "steps": {"type": "array", "items": {"type": "string"}},
                    },
                },
                "log": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"note": {"type": "string"}, "size": {"type": "integer"}},
                    },
                },
                "until": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
        },
    ),
    DEFINITIONS,
)


def changed(data: dict[str, Any], *stated: str) -> dict[str, Any]:
    return assigned(data, WHOLE, [assignment(one) for one in stated])[0]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param("title=Ship it", {"title": "Ship it"}, id="text"),
        pytest.param("title=2026-11-20", {"title": "2026-11-20"}, id="text that looks like a day"),
        pytest.param("title=true", {"title": "true"}, id="text that looks like a truth value"),
        pytest.param("title=a=b", {"title": "a=b"}, id="text with an equals sign"),
        pytest.param("title=", {"title": ""}, id="empty text"),
        pytest.param("risk=high", {"risk": "high"}, id="a word of a vocabulary"),
        pytest.param("count=-12", {"count": -12}, id="a whole number"),
        pytest.param("share=0.25", {"share": 0.25}, id="a number"),
        pytest.param("share=1", {"share": 1}, id="a number without a point"),
        pytest.param("safe=false", {"safe": False}, id="a truth value"),
        pytest.param("tags=a, b", {"tags": ["a", "b"]}, id="a list of words"),
        pytest.param("tags=[a, b]", {"tags": ["a", "b"]}, id="a list in YAML"),
        pytest.param("notes=one, two", {"notes": ["one, two"]}, id="a list of texts keeps commas"),
        pytest.param("plan.owner=ada", {"plan": {"owner": "ada"}}, id="a field inside"),
        pytest.param("/plan/owner=ada", {"plan": {"owner": "ada"}}, id="a pointer"),
        pytest.param("plan={owner: ada}", {"plan": {"owner": "ada"}}, id="a mapping in YAML"),
        pytest.param("log+={note: x, size: 2}", {"log": [{"note": "x", "size": 2}]}, id="an entry that is a mapping"),
        pytest.param("log.0.note=x", {"log": [{"note": "x"}]}, id="a field of the first entry"),
        pytest.param("tags+=a", {"tags": ["a"]}, id="the first entry of a list"),
        pytest.param("until=tomorrow", {"until": "tomorrow"}, id="one of several types"),
    ],
)
def test_value_becomes_what_the_schema_says(stated: str, expected: dict[str, Any]) -> None:
    assert expected == changed({}, stated)


def test_entry_is_added_at_the_end() -> None:
    data, edits = assigned({"tags": ["a"]}, WHOLE, [assignment("tags+=b"), assignment("tags+=c")])

    assert {"tags": ["a", "b", "c"]} == data
    assert [Edit("/tags/-", "b"), Edit("/tags/-", "c")] == edits


def test_entry_is_taken_out_and_the_last_takes_the_list_along() -> None:
    assert {"tags": ["a"]} == changed({"tags": ["a", "b"]}, "tags-=b")
    assert {} == changed({"tags": ["a"]}, "tags-=a")


def test_field_is_taken_out() -> None:
    assert ({"count": 1}, [Edit("/title", MISSING)]) == assigned({"title": "x", "count": 1}, WHOLE, [removal("title")])


def test_field_that_the_schema_does_not_know_is_taken_out() -> None:
    assert {"title": "x"} == assigned({"title": "x", "titel": "y"}, WHOLE, [removal("titel")])[0]


def test_given_data_stays_as_it_was() -> None:
    data = {"tags": ["a"]}

    changed(data, "tags+=b")

    assert {"tags": ["a"]} == data


@pytest.mark.parametrize(
    ("stated", "sentence", "fix"),
    [
        pytest.param("risk=hihg", "/risk may not be 'hihg'", "did you mean high?", id="a misspelt word"),
        pytest.param("risk=42", "/risk may not be '42'", "choose one of low, high", id="a word of no vocabulary"),
        pytest.param("titel=x", "the record has no field 'titel'", "did you mean title?", id="a misspelt field"),
        pytest.param("plan.ownr=x", "/plan has no field 'ownr'", "did you mean owner?", id="a misspelt field inside"),
        pytest.param("count=many", "/count expects a whole number, not 'many'", "write a whole number", id="no number"),
        pytest.param("count=1e400", "/count expects a whole number, not '1e400'", "write a whole number", id="too big"),
        pytest.param("share=.nan", "/share expects a number, not '.nan'", "write a number", id="not finite"),
        pytest.param("safe=yes", "/safe may not be 'yes'", "choose one of true, false", id="no truth value"),
        pytest.param(
            "plan=x", "/plan expects a mapping, not 'x'",
            "give its fields one by one (/plan/field=value), or write it as {field: value}", id="no mapping",
        ),
        pytest.param("title+=x", "/title is not a list", "give it one value: /title=…", id="adding to a text"),
        pytest.param("tags-=z", "/tags does not hold 'z', so it cannot be taken out", "", id="not in the list"),
        pytest.param("tags.00=x", "/tags has no field '00'", "", id="an entry with two names"),
        pytest.param("tags.\u00b2=x", "/tags has no field '\u00b2'", "", id="an entry of no number"),
        pytest.param("log.7.note=x", "/log has 0 entries, so there is no entry '7'", "", id="an entry too far"),
        pytest.param(
            "title", "'title' does not say which field gets which value", "write it as field=value", id="no value"
        ),
        pytest.param(
            "title=\udcff", "what was typed for /title is no text in UTF-8", "type it in UTF-8", id="no text"
        ),
        pytest.param("=x", "'=x' does not say which field gets which value", "write it as field=value", id="no field"),
    ],
)  # fmt: skip
def test_value_that_cannot_stand_there_is_refused(stated: str, sentence: str, fix: str) -> None:
    with pytest.raises(Refused) as refused:
        changed({"log": []}, stated)

    assert (sentence, fix) == (refused.value.sentence, refused.value.fix)


def test_alias_in_a_typed_value_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read as the value of /plan"):
        changed({}, "plan={owner: &a x}")


def test_first_missing_part_is_what_a_file_gets() -> None:
    _, edits = assigned({}, WHOLE, [Assignment("/plan/steps", "+=", "go")])

    assert [Edit("/plan", {"steps": ["go"]})] == edits


def test_shape_without_a_word_takes_what_yaml_means() -> None:
    assert [12, True, "x"] == [parsed(text, Shape(({},), {}), "/x") for text in ("12", "true", "x")]
