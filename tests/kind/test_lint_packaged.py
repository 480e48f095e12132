"""The linter on the schemas that travel with the tool: nothing to say of them, and no keyword that it overlooks."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from opsledger import packaged
from opsledger.kind.lint import lint
from opsledger.kind.lint_shape import meta_schema
from opsledger.yamlfile import Located, read_exact

HERE = Path(__file__).parent / "lint"
SMALL = {path.name: path.read_bytes() for path in sorted(HERE.glob("*.json"))}
PACKAGED = {name: data for name, data in packaged.files("schemas").items() if "/" not in name}
FREE = {
    "properties",
    "patternProperties",
    "$defs",
    "x-scopes",
    "moves",
    "table",
    "dependentRequired",
    "dependentSchemas",
}
"""Where keys are names that an author makes up."""


def keywords(value: Any, at: str = "", *, is_free: bool = False) -> Iterator[str]:
    """The pointers of all keys of a schema that are keywords or parts of annotations."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
            if not is_free:
                yield here
            if key not in ("enum", "const", "default", "examples") or is_free:
                yield from keywords(inner, here, is_free=not is_free and key in FREE)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from keywords(inner, f"{at}/{index}")


def misspelt(schema: Any, pointer: str) -> str:
    """Swap two letters of one key, in place of which nothing else changes; the new key."""
    *path, old = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in path:
        schema = schema[int(part) if isinstance(schema, list) else part]
    new = old[:-2] + old[-1] + old[-2] if old[-1] != old[-2] else old + "s"
    entries = [(new if key == old else key, value) for key, value in schema.items()]
    schema.clear()
    schema.update(entries)
    return new


def places_of_findings(
    files: dict[str, bytes], name: str, pointer: str
) -> tuple[set[tuple[int, int]], tuple[int, int]]:
    """Where the linter finds something after one key is misspelt, and where that key stands."""
    schema = json.loads(files[name])
    new = misspelt(schema, pointer)
    text = json.dumps(schema, indent=1).encode()
    findings = lint({**files, name: text}, {name})
    located = read_exact(text, limit=1 << 20)
    assert isinstance(located, Located)
    spot = pointer.rpartition("/")[0] + "/" + new.replace("~", "~0").replace("/", "~1")
    return {(one.place.line, one.place.column) for one in findings}, located.key_at(spot)


def test_packaged_schemas_are_not_faulted() -> None:
    assert [] == [str(one.place) + " " + one.message for one in lint(PACKAGED, PACKAGED)]


def test_packaged_schemas_are_judged_quickly() -> None:
    lint(PACKAGED, PACKAGED)
    start = time.process_time()

    lint(PACKAGED, PACKAGED)

    assert time.process_time() - start < 0.5, "the aim is 80 ms; a slow machine gets six times that"


@pytest.mark.parametrize("name", sorted(SMALL))
def test_each_misspelt_keyword_is_the_one_finding(name: str) -> None:
    missed = []
    for pointer in keywords(json.loads(SMALL[name])):
        found, place = places_of_findings(SMALL, name, pointer)
        if {place} != found:
            missed.append((pointer, place, found))

    assert [] == missed


@pytest.mark.parametrize("name", sorted(PACKAGED))
def test_misspelt_keyword_of_a_packaged_schema_is_found(name: str) -> None:
    every = sorted(keywords(json.loads(PACKAGED[name])))

    for pointer in random.Random(name).sample(every, k=2):
        found, place = places_of_findings(PACKAGED, name, pointer)
        assert place in found, f"{pointer} of {name}"


def test_meta_schema_is_itself_a_schema_of_the_draft() -> None:
    jsonschema.Draft202012Validator.check_schema(meta_schema())


def test_every_keyword_of_the_meta_schema_says_what_it_is_or_why_not() -> None:
    meta = meta_schema()
    listings = {
        "the top": meta["properties"],
        **{name: one.get("properties", {}) for name, one in meta["$defs"].items()},
    }

    silent = [
        f"{keyword} of {where}"
        for where, listing in listings.items()
        for keyword, stated in listing.items()
        if not {"description", "x-says", "$ref"} & stated.keys()
    ]
    targets = {name for name, stated in meta["$defs"].items() if "description" not in stated}

    assert ([], set()) == (silent, targets)


@pytest.mark.parametrize("name", sorted(PACKAGED))
def test_both_validators_judge_a_packaged_schema_alike(name: str) -> None:
    meta = meta_schema()
    judge = {**meta["$defs"]["common"], "$defs": meta["$defs"]} if name == "common.json" else meta
    schema = json.loads(PACKAGED[name])

    verdicts = (jsonschema.Draft202012Validator(judge).is_valid(schema), jsonschema_rs.is_valid(judge, schema))

    assert (True, True) == verdicts


@pytest.mark.parametrize("name", meta_schema()["$defs"]["format"]["enum"])
def test_format_that_may_be_used_can_fail(name: str) -> None:
    judge = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)

    assert not all(judge.is_valid(text) for text in ("x", "(", "\\ ", "{", "〮", "a b@"))
