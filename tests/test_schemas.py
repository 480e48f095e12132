"""What every schema file promises, worked out here without the rooms that read schemas."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry, Resource

from opsledger import yamlfile
from opsledger.kind.lint import lint

ROOT = Path(__file__).resolve().parent.parent
FILES = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "schemas").glob("*.json"))}
COMMON = FILES["common.json"]
KINDS = {schema["x-kind"]["name"]: schema for name, schema in FILES.items() if name != "common.json"}
LIFECYCLES = {name: schema["x-lifecycle"] for name, schema in KINDS.items() if "x-lifecycle" in schema}
RECORDS = sorted((ROOT / "records").rglob("*.yaml"))

BAD_VALUE_OF_FORMAT = {
    "date-time": "yesterday",
    "date": "2026-02-30",
    "uri": "not an address",
    "email": "nobody",
    "idn-email": "nobody",
    "json-pointer": "no/slash",
    "hostname": "-",
    "ipv4": "1.2.3",
    "ipv6": "1.2.3",
    "duration": "soon",
    "time": "noon",
    "uuid": "1",
    "uri-reference": "\\\\",
    "regex": "(",
}


def judge(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    registry = jsonschema_rs.Registry([("common.json", COMMON)])
    return jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)


def oracle(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    registry = Registry().with_resource("common.json", Resource.from_contents(COMMON))
    return jsonschema.Draft202012Validator(schema, registry=registry)


def shared(name: str) -> jsonschema_rs.Draft202012Validator:
    return judge({"$ref": f"common.json#/$defs/{name}"})


def schemas_within(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping in a schema file that stands where a schema may stand."""
    if isinstance(schema, dict):
        yield at, schema
        for key in ("properties", "$defs"):
            for name, inner in schema.get(key, {}).items():
                yield from schemas_within(inner, f"{at}/{key}/{name}")
        for key in ("items", "not", "if", "then", "else", "contains"):
            yield from schemas_within(schema.get(key), f"{at}/{key}")
        for key in ("allOf", "anyOf", "oneOf"):
            for place, inner in enumerate(schema.get(key, [])):
                yield from schemas_within(inner, f"{at}/{key}/{place}")


def moves(lifecycle: dict[str, Any], **facts: str) -> dict[str, set[str]]:
    """From each state the states that a record with these facts may go to."""
    open_moves: dict[str, set[str]] = {}
    for state, targets in lifecycle["moves"].items():
        open_moves[state] = set()
        for target in targets:
            if isinstance(target, str):
                open_moves[state].add(target)
            elif not facts or jsonschema_rs.is_valid(target["when"], facts):
                open_moves[state].add(target["to"])
    return open_moves


def reached(open_moves: dict[str, set[str]], start: str, *, without: str = "") -> set[str]:
    seen, waiting = set(), [start]
    while waiting:
        state = waiting.pop()
        if state not in seen and state != without:
            seen.add(state)
            waiting.extend(open_moves.get(state, ()))
    return seen


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_file_is_sound_json_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(FILES[name])


def test_our_own_linter_has_nothing_to_say_about_our_schemas() -> None:
    files = {path.name: path.read_bytes() for path in (ROOT / "schemas").glob("*.json")}

    assert [] == lint(files, set(files))


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_kind_is_compiled_by_both_libraries_and_refuses_a_field_it_does_not_know(name: str) -> None:
    record = {"not_a_field_of_any_kind": 1}

    assert not judge(KINDS[name]).is_valid(record)
    assert not oracle(KINDS[name]).is_valid(record)


def test_each_kind_has_its_own_name_prefix_and_folder() -> None:
    about = [schema["x-kind"] for schema in KINDS.values()]

    for key in ("name", "plural", "folder"):
        values = [kind[key] for kind in about]
        assert sorted(set(values)) == sorted(values), key
    prefixes = [kind["prefix"] for kind in about if "prefix" in kind]
    assert sorted(set(prefixes)) == sorted(prefixes)


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_property_says_what_it_is(name: str) -> None:
    silent = [
        f"{at}/properties/{field}"
        for at, schema in schemas_within(FILES[name])
        for field, inner in schema.get("properties", {}).items()
        if at.count("/") < 40
        and not inner.get("description")
        and "$ref" not in inner
        and "additionalProperties" in schema
    ]

    assert [] == silent


def test_each_shared_definition_says_what_it_is() -> None:
    assert [] == [name for name, schema in COMMON["$defs"].items() if not schema.get("description")]


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_mapping_with_fields_refuses_others(name: str) -> None:
    open_ones = [
        at
        for at, schema in schemas_within(FILES[name])
        if "properties" in schema and schema.get("type") == "object" and schema.get("additionalProperties") is not False
    ]

    assert [] == open_ones


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_pattern_is_anchored_bounded_and_free_of_open_classes(name: str) -> None:
    patterns = [(at, schema) for at, schema in schemas_within(FILES[name]) if "pattern" in schema]

    for at, schema in patterns:
        assert schema["pattern"].startswith("^"), at
        assert schema["pattern"].endswith("$"), at
        assert not re.search(r"\\[dDwWsSbB]|\\p", schema["pattern"]), at
        assert not re.search(r"[+*]\)[+*]|\}\)[+*]", schema["pattern"]), f"{at} may backtrack"
        assert "maxLength" in schema, at


def test_each_format_in_use_can_fail() -> None:
    used = {schema["format"] for file in FILES.values() for _, schema in schemas_within(file) if "format" in schema}

    passed = {name for name in used if judge({"type": "string", "format": name}).is_valid(BAD_VALUE_OF_FORMAT[name])}

    assert set() == passed


@pytest.mark.parametrize("name", sorted(KINDS))
def test_digits_of_other_scripts_are_in_no_id(name: str) -> None:
    field = KINDS[name]["properties"].get("id")
    ids = [path.stem for path in RECORDS if path.stem.startswith(f"{KINDS[name]['x-kind'].get('prefix')}-")]
    if field is None or not ids:
        pytest.skip("the kind takes no id from a field, or the sample has none")
    validator = judge(field)

    for good in ids:
        assert validator.is_valid(good), good
        assert not validator.is_valid(good + "\n")
        assert not validator.is_valid(good + "٣")
        assert not validator.is_valid(re.sub("[0-9]", "３", good) if re.search("[0-9]", good) else good + "é")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-11-20T12:00:00", id="no offset"),
        pytest.param("2026-11-20 12:00:00Z", id="a blank for the T"),
        pytest.param("2026-11-20T12:00Z", id="no seconds"),
        pytest.param("2026-06-30T23:59:60Z", id="leap second"),
        pytest.param("2026-11-20T24:00:00Z", id="hour 24"),
        pytest.param("2026-02-30T12:00:00Z", id="a day that is not in the month"),
        pytest.param("2026-13-01T12:00:00Z", id="month 13"),
        pytest.param("0000-01-01T00:00:00Z", id="year 0"),
        pytest.param("1969-12-31T23:59:59Z", id="before 1970"),
        pytest.param("2200-01-01T00:00:00Z", id="after 2199"),
        pytest.param("2026-11-20T12:00:00+25:00", id="offset of more than a day"),
        pytest.param("2026-11-20t12:00:00z", id="lower case"),
        pytest.param("2026-11-20T12:00:00Z\n", id="trailing newline"),
        pytest.param("٢٠٢٦-11-20T12:00:00Z", id="digits of another script"),
        pytest.param("yesterday", id="a word"),
    ],
)
def test_an_instant_without_one_meaning_is_refused(text: str) -> None:
    assert not shared("instant").is_valid(text)


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:00Z", "2199-12-31T23:59:59Z", "2026-11-20T12:00:00+05:45", "2028-02-29T01:02:03.5-08:00"]
)
def test_an_instant_with_its_offset_is_taken(text: str) -> None:
    assert shared("instant").is_valid(text)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-1-2", "2026-11-20T00:00:00Z", "2026-11-20\n", "1969-12-31"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    assert not shared("day").is_valid(text)


@pytest.mark.parametrize(
    ("definition", "good", "bad"),
    [
        ("digest", "sha256:" + "0a" * 32, "sha256:" + "0A" * 32),
        ("digest", "sha256:" + "0a" * 32, "sha256:" + "0a" * 31),
        ("commit", "0a" * 20, "0a" * 21),
        ("code", "FLT751", "FLT75１"),
        ("version", "4.2.1", "4.2.１"),
        ("slug", "prod-eu", "Prod-eu"),
        ("span", "30m", "30 minutes"),
        ("time_zone", "Europe/Berlin", "Europe Berlin"),
        ("purl", "pkg:pypi/requests@2.32.3", "requests==2.32.3"),
        ("url", "https://git.example/a", "javascript:alert(1)"),
        ("share", 1, 1.01),
        ("severity", "high", "High"),
        ("risk", "critical", "very high"),
        ("priority", "P1", 1),
    ],
)
def test_a_shared_definition_takes_the_good_and_refuses_the_bad(definition: str, good: object, bad: object) -> None:
    assert shared(definition).is_valid(good)
    assert not shared(definition).is_valid(bad)


def test_priority_is_worked_out_for_every_impact_and_urgency_and_never_falls_as_they_rise() -> None:
    impacts, urgencies = COMMON["$defs"]["impact"]["enum"], COMMON["$defs"]["urgency"]["enum"]
    order = COMMON["$defs"]["priority"]["enum"]
    table = COMMON["$defs"]["computed_priority"]["x-computed"]["table"]

    assert {f"{impact}/{urgency}" for impact, urgency in itertools.product(impacts, urgencies)} == set(table)
    rank = {key: order.index(value) for key, value in table.items()}
    for impact, (lower, higher) in itertools.product(impacts, itertools.pairwise(urgencies)):
        assert rank[f"{impact}/{lower}"] <= rank[f"{impact}/{higher}"]
    for (lower, higher), urgency in itertools.product(itertools.pairwise(impacts), urgencies):
        assert rank[f"{lower}/{urgency}"] <= rank[f"{higher}/{urgency}"]


@pytest.mark.parametrize("name", sorted(LIFECYCLES))
def test_each_state_is_reached_and_has_a_way_on_or_is_an_end(name: str) -> None:
    lifecycle = LIFECYCLES[name]
    stated = set(KINDS[name]["properties"][lifecycle["field"]]["enum"])
    open_moves = moves(lifecycle)

    assert stated == reached(open_moves, lifecycle["main"][0])
    assert set(lifecycle["main"]) <= stated
    assert set(lifecycle["done"]) <= stated
    assert set() == {state for state in stated if not open_moves.get(state)} - set(lifecycle["done"])


@pytest.mark.parametrize("name", sorted(LIFECYCLES))
def test_each_usual_path_leads_to_an_end(name: str) -> None:
    lifecycle = LIFECYCLES[name]
    open_moves = moves(lifecycle)
    on_path = {state: targets & set(lifecycle["main"]) for state, targets in open_moves.items()}

    assert lifecycle["main"][-1] in reached(on_path, lifecycle["main"][0])
    assert set(reached(open_moves, lifecycle["main"][0])) & set(lifecycle["done"])


def test_an_emergency_change_that_began_always_comes_to_a_review() -> None:
    open_moves = moves(LIFECYCLES["change"], type="emergency", closure_code="successful")

    unreviewed = reached(open_moves, "implementing", without="reviewed")

    assert "implementing" in open_moves["draft"]
    assert set() == {state for state in unreviewed if not open_moves.get(state)}


def test_a_normal_change_is_neither_begun_nor_scheduled_without_being_approved() -> None:
    open_moves = moves(LIFECYCLES["change"], type="normal", closure_code="successful")

    assert "implementing" not in reached(open_moves, "draft", without="approved")
    assert "scheduled" not in reached(open_moves, "draft", without="approved")


def test_a_standard_change_is_never_submitted() -> None:
    assert "submitted" not in reached(moves(LIFECYCLES["change"], type="standard"), "draft")


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_each_record_of_the_sample_fits_its_schema_in_both_libraries(path: Path) -> None:
    data = yamlfile.read(path.read_bytes())
    assert isinstance(data, dict), data
    place = path.relative_to(ROOT / "records").as_posix()
    folders = {schema["x-kind"]["folder"]: schema for schema in KINDS.values()}
    schema = folders[max((folder for folder in folders if place.startswith(f"{folder}/")), key=len)]

    assert [] == [str(fault) for fault in judge(schema).iter_errors(data)]
    assert oracle(schema).is_valid(data)


def test_the_sample_shows_every_state_of_the_usual_paths() -> None:
    stands: dict[str, set[str]] = {}
    for path in RECORDS:
        data = yamlfile.read(path.read_bytes())
        assert isinstance(data, dict), data
        for name, schema in KINDS.items():
            if path.stem.startswith(f"{schema['x-kind'].get('prefix')}-") and name in LIFECYCLES:
                stands.setdefault(name, set()).add(data[LIFECYCLES[name]["field"]])

    policy_kinds = {"policy", "role", "gate", "lane", "model"}
    missing = {
        name: set(lifecycle["main"]) - stands.get(name, set())
        for name, lifecycle in LIFECYCLES.items()
        if name not in policy_kinds
    }
    assert {} == {name: states for name, states in missing.items() if states}


def test_the_sample_has_a_record_of_every_kind() -> None:
    folders = {schema["x-kind"]["folder"]: name for name, schema in KINDS.items()}

    filled = {name for folder, name in folders.items() if list((ROOT / "records" / folder).rglob("*.yaml"))}

    assert set(KINDS) == filled
