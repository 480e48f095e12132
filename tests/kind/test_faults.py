"""What a schema refuses is said in the reader's words, at the value or key that is to blame, with a fix."""

from __future__ import annotations

from typing import Any

import pytest

from opsledger.finding import Fault
from opsledger.kind import Kind
from opsledger.kind.faults import MOST
from opsledger.yamlfile import read

ID = {"type": "string", "maxLength": 20, "pattern": "^THG-[0-9]{4}-[0-9]{4}$", "description": "Its name."}
MOMENT = {
    "type": "string", "format": "date-time", "x-code": "SCH006", "description": "A moment.",
    "pattern": "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-5][0-9]:[0-5][0-9](Z|[+-][0-9]{2}:[0-9]{2})$",
}  # fmt: skip
OPTIONS = {"enum": ["low", "high"], "x-code": "SCH005", "description": "How bad it is."}
COMMIT = {"type": "string", "pattern": "^[0-9a-f]{40}$", "description": "The full id of a git commit."}
SPAN = {"type": "string", "pattern": "^[0-9]+(m|h)$", "description": "A length of time, for example 30m."}
STEP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["who"],
    "description": "One step of it.",
    "properties": {
        "who": {"type": "string", "description": "Who does it. May be a team."},
        "minutes": {"type": "integer", "minimum": 0, "maximum": 600, "description": "How long it takes."},
    },
}


def kind(name: str = "", stated: dict[str, Any] | None = None, **whole: Any) -> Kind:
    """A kind of numbered things with an id, a title and, if named, one more field."""
    schema = {
        "title": "Item",
        "x-kind": {"name": "item", "folder": "items", "prefix": "THG", "ids": "numbered"},
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "title"],
        "properties": {
            "id": ID,
            "title": {"type": "string", "minLength": 1, "maxLength": 20, "description": "One line, as in a list."},
            **({name: stated} if stated is not None else {}),
        },
        **whole,
    }
    return Kind("item", schema, {"moment": MOMENT, "severity": OPTIONS}, "0")


def faults(asked: Kind, text: str) -> list[Fault]:
    """What the kind finds in a sound thing with these lines beside."""
    data = read(("id: THG-2026-0001\ntitle: A thing\n" + text).encode())
    assert isinstance(data, dict), data
    return asked.faults(data, "THG-2026-0001")


FIELDS = [
    ("number for text", {"type": "string", "description": "What."}, "x: 42",
     "gives 42 as x, where text was expected", "put it in quotes"),
    ("truth for text", {"type": "string", "description": "What."}, "x: true",
     "gives true as x, where text was expected", "put it in quotes"),
    ("nothing for text", {"type": "string", "description": "What it is for."}, "x:",
     "gives nothing as x, where text was expected", "write what it is for"),
    ("list for text", {"type": "string", "description": "Who decides."}, "x: [a]",
     "gives a list as x, where text was expected", "write who decides"),
    ("text for a list", {"type": "array", "items": {"type": "string"}, "description": "Where."}, "x: CI-a",
     "gives 'CI-a' as x, where a list was expected", "put it in brackets: [CI-a]"),
    ("text for a number", {"type": "integer", "description": "How many."}, 'x: "42"',
     "gives '42' as x, where a whole number was expected", "write 42 without quotes"),
    ("fraction for a whole number", {"type": "integer", "description": "How many."}, "x: 1.5",
     "gives 1.5 as x, where a whole number was expected", "write how many"),
    ("word for a truth", {"type": "boolean", "description": "Whether."}, "x: yes",
     "gives 'yes' as x, where true or false was expected", "write true or false"),
    ("several sorts", {"type": ["string", "integer"], "description": "What."}, "x: [1]",
     "gives a list as x, where text or a whole number was expected", "write what"),
    ("near word", OPTIONS, "x: hihg", "says x is 'hihg', which is none of low, high", "write high"),
    ("far word", OPTIONS, "x: enormous", "says x is 'enormous', which is none of low, high", "write one of them"),
    ("no word", OPTIONS, "x:", "says x is nothing, which is none of low, high", "write one of them"),
    ("other constant", {"const": "v1"}, "x: v2", "says x is 'v2', where 'v1' was expected", "write v1"),
    ("pattern with an example", SPAN, "x: half an hour",
     "says x is 'half an hour', which does not have the form that it needs",
     "write a length of time, for example 30m"),
    ("pattern without an example", COMMIT, "x: abc",
     "says x is 'abc', which does not have the form that it needs",
     "write the full id of a git commit, in the form ^[0-9a-f]{40}$"),
    ("pattern without a word", {"type": "string", "pattern": "^a$"}, "x: b",
     "says x is 'b', which does not have the form that it needs", "write it in the form ^a$"),
    ("empty text", {"type": "string", "minLength": 1, "description": "What was done."}, "x: ''",
     "says nothing as x, where text was expected", "write what was done"),
    ("short text", {"type": "string", "minLength": 20, "description": "Why it is right."}, "x: so",
     "has 2 characters as x, and 20 are the least", "say more: why it is right"),
    ("long text", {"type": "string", "maxLength": 3}, "x: abcd",
     "has 4 characters as x, and 3 are the most", "shorten it"),
    ("empty list", {"type": "array", "minItems": 1}, "x: []",
     "lists nothing under x, and 1 is the least", "add what is missing, or remove the field"),
    ("long list", {"type": "array", "maxItems": 1}, "x: [1, 2, 3]",
     "lists 3 entries under x, and 1 is the most", "remove 2"),
    ("entry twice", {"type": "array", "uniqueItems": True}, "x: [a, b, a]",
     "lists 'a' twice under x", "remove one of the two"),
    ("too small", {"type": "number", "minimum": 0, "maximum": 1}, "x: -1",
     "says x is -1, and 0 is the least", "write a number from 0 to 1"),
    ("too large", {"type": "number", "maximum": 1}, "x: 2",
     "says x is 2, and 1 is the most", "write a number that is smaller"),
    ("not above", {"type": "number", "exclusiveMinimum": 0}, "x: 0",
     "says x is 0, and it must be more than 0", "write a number that is larger"),
    ("no multiple", {"type": "integer", "multipleOf": 5}, "x: 7",
     "says x is 7, which is no multiple of 5", "write a multiple of 5"),
    ("no address", {"type": "string", "format": "uri", "description": "An address on the web."}, "x: here",
     "says x is 'here', which is no address", "write an address on the web"),
    ("no mail", {"type": "string", "format": "email", "description": "An e-mail address."}, "x: ada",
     "says x is 'ada', which is no e-mail address", "write an e-mail address"),
    ("no day", {"type": "string", "format": "date"}, "x: soon",
     "says x is 'soon', which is no day", "write year, month and day, such as 2026-11-20"),
    ("a day that is none", {"type": "string", "format": "date"}, "x: 2026-02-30",
     "says x is '2026-02-30', which is no day that a record can name",
     "write year, month and day, such as 2026-11-20"),
    ("no time", MOMENT, "x: yesterday", "says x is 'yesterday', which is no time",
     "write date, time and offset, such as 2026-11-20T14:30:00Z"),
    ("only a day", MOMENT, "x: 2026-01-02", "says x is '2026-01-02', which lacks time and offset",
     "write date, time and offset, such as 2026-11-20T14:30:00Z"),
    ("no seconds", MOMENT, "x: 2026-01-02T10:00Z", "says x is '2026-01-02T10:00Z', which lacks its seconds",
     "write date, time and offset, such as 2026-11-20T14:30:00Z"),
    ("no offset", MOMENT, "x: 2026-01-02T10:00:00",
     "says x is '2026-01-02T10:00:00', which lacks its offset from UTC",
     "write 2026-01-02T10:00:00Z if that is UTC, or another offset, such as +02:00"),
    ("no such day", MOMENT, "x: 2026-02-30T10:00:00Z",
     "says x is '2026-02-30T10:00:00Z', which is no time that a record can name",
     "write one that exists, from 1970 to 2199, without a leap second"),
    ("one of several needed", {"type": "object", "anyOf": [{"required": ["a", "b"]}, {"required": ["c"]}]}, "x: {d: 1}",
     "lacks a and b or c under x", "add a and b or c"),
    ("one of several sorts", {"anyOf": [{"type": "string"}, {"type": "array"}], "description": "Where."}, "x: 1",
     "gives 1 as x, where text or a list was expected", "write where"),
    ("no form of several", {"oneOf": [{"pattern": "^a"}, {"pattern": "^b"}], "description": "A or b."}, "x: c",
     "gives 'c' as x, which has none of the forms it may have", "write a or b"),
    ("what may not be", False, "x: 1", "has x, which does not belong there", "remove it"),
    ("what is excluded", {"not": {"const": 1}, "description": "Another number."}, "x: 1",
     "says something as x that its schema does not allow (not)", "write another number"),
]  # fmt: skip


@pytest.mark.parametrize(("stated", "line", "said", "fix"), [pytest.param(*case[1:], id=case[0]) for case in FIELDS])
def test_each_keyword_has_its_sentence_and_its_fix(stated: Any, line: str, said: str, fix: str) -> None:
    found = faults(kind("x", stated), line)

    code = stated.get("x-code", "SCH001") if isinstance(stated, dict) else "SCH001"
    assert [Fault("/x", code, f"THG-2026-0001 {said}", fix)] == found


def test_missing_field_is_named_with_its_meaning() -> None:
    data = {"id": "THG-2026-0001"}

    assert [
        Fault("/title", "SCH001", "THG-2026-0001 lacks title", "add `title:` (one line, as in a list)")
    ] == kind().faults(data, "THG-2026-0001")


def test_missing_field_below_is_named_by_its_place() -> None:
    found = faults(kind("steps", {"type": "array", "items": STEP}), "steps:\n  - who: Ada\n  - minutes: 5\n")

    assert [Fault("/steps/1/who", "SCH001", "THG-2026-0001 lacks steps[2].who", "add `who:` (who does it)")] == found


@pytest.mark.parametrize(
    ("line", "pointer", "message", "fix"),
    [
        pytest.param(
            "minuets: 5", "/minuets", "has a field 'minuets' that an item does not know", "write `minutes:`", id="near"
        ),
        pytest.param(
            "titel: x", "/titel", "has a field 'titel' that an item does not know",
            "remove it: `title:` is there already", id="near one that is there",
        ),
        pytest.param(
            "colour: x", "/colour", "has a field 'colour' that an item does not know",
            "remove it, or use one of minutes", id="far",
        ),
        pytest.param(
            "a/b~c: x", "/a~1b~0c", "has a field 'a/b~c' that an item does not know",
            "remove it, or use one of minutes", id="odd",
        ),
    ],
)  # fmt: skip
def test_unknown_field_is_named_at_its_key(line: str, pointer: str, message: str, fix: str) -> None:
    found = faults(kind("minutes", STEP["properties"]["minutes"]), line)

    assert [Fault(pointer, "SCH001", f"THG-2026-0001 {message}", fix, on_key=True)] == found


def test_misspelt_field_is_one_fault_and_not_missing_as_well() -> None:
    data = {"id": "THG-2026-0001", "titel": "A thing"}

    found = kind().faults(data, "THG-2026-0001")

    assert [("/titel", "write `title:`")] == [(fault.pointer, fault.fix) for fault in found]


def test_unknown_field_below_is_named_by_its_place() -> None:
    found = faults(kind("steps", {"type": "array", "items": STEP}), "steps: [{who: Ada, woh: Eve}]\n")

    said = "THG-2026-0001 has a field 'woh' that steps[1] does not know"
    fix = "remove it: `who:` is there already"
    assert [Fault("/steps/0/woh", "SCH001", said, fix, on_key=True)] == found


def test_many_unknown_fields_are_counted() -> None:
    found = faults(kind(), "".join(f"k{number}: 1\n" for number in range(10)))

    assert 6 == len(found)
    assert "THG-2026-0001 has 5 more fields that an item does not know, such as 'k5'" == found[-1].message


def test_key_of_an_open_mapping_is_judged_at_the_key() -> None:
    stated = {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": {"type": "string"}}

    found = faults(kind("x", stated), "x: {Colour: red}")

    said = "THG-2026-0001 has a key 'Colour' under x, which does not have the form of its keys"
    assert [Fault("/x/Colour", "SCH001", said, "write a key in the form ^[a-z]+$", on_key=True)] == found


@pytest.mark.parametrize(
    ("id", "seen"),
    [
        pytest.param("THG-1", "'THG-1'", id="unlike"),
        pytest.param(7, "7", id="number"),
        pytest.param(None, "nothing", id="nothing"),
    ],
)
def test_id_that_is_none_is_shown_one(id: Any, seen: str) -> None:
    found = kind().faults({"id": id, "title": "x"}, "THG-2026-0001")

    said = f"THG-2026-0001 gives {seen} as its id, and the id of an item looks like THG-2026-0042"
    assert [Fault("/id", "SCH001", said, "write `id: THG-2026-0001`")] == found


def test_missing_id_is_the_name_of_the_file() -> None:
    found = kind().faults({"title": "x"}, "THG-2026-0001")

    assert [Fault("/id", "SCH001", "THG-2026-0001 lacks id", "add `id: THG-2026-0001`")] == found


def test_field_behind_a_condition_is_asked_for() -> None:
    condition = {"if": {"properties": {"title": {"const": "A thing"}}}, "then": {"required": ["x"]}}

    found = faults(kind("x", {"type": "string", "description": "Why it is one."}, **condition), "")

    assert [Fault("/x", "SCH001", "THG-2026-0001 lacks x", "add `x:` (why it is one)")] == found


def test_code_of_a_shared_definition_is_said() -> None:
    asked = kind("x", {"$ref": "common.json#/$defs/severity"})

    assert ["SCH005"] == [fault.code for fault in faults(asked, "x: enormous")]


def test_one_value_has_one_fault() -> None:
    asked = kind("x", {"type": "string", "minLength": 9, "pattern": "^a", "format": "uri"})

    assert ["/x"] == [fault.pointer for fault in faults(asked, "x: b")]


def test_long_values_are_shortened() -> None:
    found = faults(kind("x", OPTIONS), f"x: {'a' * 5_000}\n{'k' * 500}: 1\n")

    assert 2 == len(found)
    assert all(len(fault.message) < 200 for fault in found)


def test_faults_of_one_record_are_bounded() -> None:
    asked = kind("x", {"type": "array", "items": {"type": "string"}})

    found = faults(asked, f"x: [{'1, ' * 500}1]")

    assert MOST + 1 == len(found)
    assert "THG-2026-0001 breaks its schema in 451 more places" == found[0].message
