"""
The judge of records (jsonschema-rs) and the reference (jsonschema) say the same of every record, right or spoilt.

What they are known to read differently is kept out of schemas by the linter: other scripts' digits, `multipleOf` and
NaN. One difference is left, on the safe side: the reference lets a newline pass at the end of a text with a pattern.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]  # there is no public way to a pattern's tree
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from opsledger import packaged
from opsledger.kind import Kind, load_kinds
from opsledger.yamlfile import read

SCHEMAS = {name: data for name, data in packaged.files("schemas").items() if "/" not in name}
KINDS = load_kinds(SCHEMAS, {})
COMMON = json.loads(SCHEMAS["common.json"])
RECORDS = Path(__file__).parents[2] / "records"
ROUNDS = 80

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def is_day(text: object) -> bool:
    return not isinstance(text, str) or bool(
        re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) and date.fromisoformat(text)
    )


@FORMATS.checks("date-time", raises=ValueError)
def is_instant(text: object) -> bool:
    return not isinstance(text, str) or bool(_TIME.fullmatch(text) and datetime.fromisoformat(text.upper()))


@FORMATS.checks("uri")
def is_address(text: object) -> bool:
    return not isinstance(text, str) or bool(_URI.fullmatch(text))


@FORMATS.checks("email")
def is_mailbox(text: object) -> bool:
    return not isinstance(text, str) or bool(re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+", text))


BAD = {
    "date": "2026-02-30",
    "date-time": "2026-02-30T10:00:00Z",
    "uri": "https://exa mple.org",
    "email": "ada.example.org",
}

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, 10**6, "", " ", "x", "REL-2026-0001", "2026-02-30", "yesterday",
    "2026-11-20", "2026-11-20T14:30:00Z", "2026-11-20 14:30:00", "2026-11-20T25:00:00Z", "2026-11-20T14:30:00",
    "https://exa mple.org", "https://example.org/%zz", "no mailbox", "a@b", "٣", "٢٠٢٦-١١-٢٠", "é", "\u200b",
    "low", "LOW", "x" * 30000, [], [1], ["x", "x"], [[]], {}, {"x": 1}, {"id": "x"},
]  # fmt: skip


def text_of(tree: Any) -> str:
    """A shortest text that a parsed pattern lets through."""
    return "".join(_piece(str(operation), argument) for operation, argument in tree)


def _piece(operation: str, argument: Any) -> str:
    if operation == "LITERAL":
        return chr(argument)
    if operation in ("MAX_REPEAT", "MIN_REPEAT"):
        return text_of(argument[2]) * argument[0]
    if operation == "SUBPATTERN":
        return text_of(argument[-1])
    if operation == "BRANCH":
        return text_of(argument[1][0])
    if operation == "IN" and str(argument[0][0]) == "NEGATE":
        return "n"
    if operation == "IN":
        sort, value = argument[0]
        return chr(value if str(sort) == "LITERAL" else value[0])
    return "" if operation == "AT" else "n"


def sample(stated: dict[str, Any], definitions: dict[str, Any], depth: int = 0) -> Any:
    """A value that a schema most likely lets through, with every field down to some depth."""
    if "$ref" in stated:
        return sample(
            {**definitions[stated["$ref"].rpartition("/")[2]], **{k: v for k, v in stated.items() if k != "$ref"}},
            definitions,
            depth,
        )
    if "const" in stated or "enum" in stated:
        return stated["const"] if "const" in stated else stated["enum"][0]
    for keyword in ("oneOf", "anyOf"):
        if "type" not in stated and keyword in stated:
            return sample(stated[keyword][0], definitions, depth)
    sort = stated.get("type", "string")
    match sort if isinstance(sort, str) else sort[0]:
        case "object":
            names = stated.get("properties", {}) if depth < 4 else stated.get("required", ())
            return {name: sample(stated["properties"][name], definitions, depth + 1) for name in names}
        case "array":
            entries = range(max(1, stated.get("minItems", 1)) if depth < 5 else 0)
            made = [sample(stated.get("items", {}), definitions, depth + 1) for _ in entries]
            return [one + "n" * index if isinstance(one, str) else one for index, one in enumerate(made)]
        case "string":
            return (
                text_of(_parser.parse(stated["pattern"]))
                if "pattern" in stated
                else "n" * max(1, stated.get("minLength", 1))
            )
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return stated.get("minimum", 1)


def spots(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every spot inside a value, itself not counted."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*at, key)
        yield from spots(inner, (*at, key))


def spoil(record: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy of a record with one to three odd changes."""
    spoilt = copy.deepcopy(record)
    for _ in range(chance.randint(1, 3)):
        every = list(spots(spoilt))
        if not every:
            break
        *path, last = chance.choice(every)
        holder: Any = spoilt
        for step in path:
            holder = holder[step]
        action = chance.choice(("replace", "replace", "delete", "add", "repeat"))
        if action == "delete":
            del holder[last]
        elif action == "add" and isinstance(holder, dict):
            holder["unheard_of"] = chance.choice(ODD)
        elif action == "repeat" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[int(last)]))
        else:
            holder[last] = copy.deepcopy(chance.choice(ODD))
    return spoilt


def records_of(kind: Kind) -> list[dict[str, Any]]:
    """Some written records of a kind, and one made up from its schema."""
    found = [read(path.read_bytes()) for path in sorted((RECORDS.parent / kind.folder).rglob("*.yaml"))[:2]]
    return [*(one for one in found if isinstance(one, dict)), sample(kind.schema, kind.schema["$defs"])]


def reference(kind: Kind) -> jsonschema.Draft202012Validator:
    """The reference on the schema as it is written, with the shared definitions beside it and nothing else in reach."""
    registry: Registry[Any] = Registry().with_resource("common.json", Resource(COMMON, DRAFT202012))
    return jsonschema.Draft202012Validator(kind.stated, registry=registry, format_checker=FORMATS)


def paths(complaints: Callable[[Any], Iterator[Any]], record: Any, name: str) -> set[tuple[str, ...]]:
    """Where the complaints point; a key of digits is a number to one validator and a text to the other."""
    return {tuple(map(str, getattr(one, name))) for one in complaints(record)}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_validators_agree_on_verdict_and_places(name: str) -> None:
    kind, chance = KINDS[name], random.Random(name)
    judge, second = kind.validator(None), reference(kind)
    disagreements = []

    for record in records_of(kind):
        for tried in [record, *(spoil(record, chance) for _ in range(ROUNDS))]:
            ours = paths(judge.iter_errors, tried, "instance_path")
            theirs = paths(second.iter_errors, tried, "absolute_path")
            if ours != theirs or judge.is_valid(tried) == bool(theirs):
                disagreements.append((ours ^ theirs, tried))

    assert [] == disagreements


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.lifecycle))
def test_validators_agree_on_what_a_state_requires(name: str) -> None:
    kind, chance = KINDS[name], random.Random(name)
    definitions = kind.schema["$defs"]
    assert kind.lifecycle is not None
    record = records_of(kind)[-1]
    disagreements = []

    for asked in kind.lifecycle.requires:
        second = jsonschema.Draft202012Validator({"$defs": definitions, **asked.as_schema}, format_checker=FORMATS)
        for tried in [record, {}, *(spoil(record, chance) for _ in range(4))]:
            if asked.is_met(tried, definitions) != second.is_valid(tried):
                disagreements.append((asked.at, tried))

    assert [] == disagreements


@pytest.mark.parametrize("name", sorted(KINDS))
def test_record_made_up_from_a_schema_is_right(name: str) -> None:
    kind = KINDS[name]

    complaints = [(one.instance_path, one.message) for one in kind.validator(None).iter_errors(records_of(kind)[-1])]

    assert [] == complaints


def formats_used(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("format"), str):
            yield value["format"]
        for inner in value.values():
            yield from formats_used(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from formats_used(inner)


@pytest.mark.parametrize("name", sorted({name for data in SCHEMAS.values() for name in formats_used(json.loads(data))}))
def test_format_in_use_can_fail(name: str) -> None:
    judge = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)

    assert (False, False) == (judge.is_valid(BAD[name]), FORMATS.conforms(BAD[name], name))


def test_newline_at_the_end_is_refused_by_the_judge_of_records() -> None:
    assert not jsonschema_rs.is_valid({"pattern": "^[A-Z]+$"}, "REL\n")


def test_schema_reaches_for_nothing_outside_the_ledger(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"type": "string"}')
    person = json.loads(SCHEMAS["change.json"])
    person["properties"]["id"] = {"$ref": secret.as_uri()}

    kinds = load_kinds(SCHEMAS, {"change.json": json.dumps(person).encode()})

    assert ("change.json",) == kinds.broken
