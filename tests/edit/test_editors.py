"""What editors are given to complete and judge records."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import jsonschema
import pytest

from opsledger.edit.editors import associations, editor_schema, merged_settings, schema_files, settings_for
from opsledger.kind import Kinds


def judged(kinds: Kinds, data: dict[str, Any]) -> list[str]:
    """Return what a schema library that knows nothing of us says of a piece of work."""
    schema = json.loads(editor_schema(kinds["work"]))
    return sorted(found.message for found in jsonschema.Draft202012Validator(schema).iter_errors(data))


DRAFT = {"id": "WRK-2026-0001", "title": "x", "state": "draft", "size": "small", "opened": "2026-11-20T12:00:00Z"}


def test_schema_for_editors_needs_no_other_file(kinds: Kinds) -> None:
    assert [] == judged(kinds, DRAFT)
    assert ["'tiny' is not one of ['small', 'large']"] == judged(kinds, {**DRAFT, "size": "tiny"})


def test_schema_for_editors_says_what_a_state_asks(kinds: Kinds) -> None:
    assert ["'owner' is a required property"] == judged(kinds, {**DRAFT, "state": "ready"})


def test_schema_for_editors_holds_no_annotation_of_ours(kinds: Kinds) -> None:
    assert not [text for text in map(bytes.decode, schema_files(kinds).values()) if '"x-' in text]


def test_files_are_matched_by_folder_in_the_ledger(kinds: Kinds) -> None:
    assert ["/ops/records/works/**/*.yaml"] == associations(kinds, "ops/")["./ops/.opsledger/schemas/work.json"]


def test_settings_of_others_stay(kinds: Kinds) -> None:
    present = b'{\n  "editor.rulers": [80],\n  "yaml.schemas": {"./a.json": ["a.yaml"]}\n}\n'

    settings = json.loads(merged_settings(present, {"./b.json": ["b.yaml"]}) or b"")

    assert {"editor.rulers": [80], "yaml.schemas": {"./a.json": ["a.yaml"], "./b.json": ["b.yaml"]}} == settings


def test_settings_that_say_so_already_are_left_alone() -> None:
    present = b'{"yaml.schemas": {"./b.json": ["b.yaml"]}}'

    assert present == merged_settings(present, {"./b.json": ["b.yaml"]})


@pytest.mark.parametrize(
    "present",
    [b'// mine\n{"a": 1,}', b"[]", b'{"yaml.schemas": []}', b"\xff{}", b"{"],
    ids=["comments", "a list", "odd schemas", "no text", "torn"],
)
def test_settings_that_cannot_be_read_are_not_touched(present: bytes) -> None:
    assert merged_settings(present, {"./b.json": ["b.yaml"]}) is None


@pytest.mark.parametrize("editor", ["vscode", "zed"])
def test_settings_of_an_editor_are_json(kinds: Kinds, editor: str) -> None:
    assert "./.opsledger/schemas/work.json" in json.dumps(json.loads(settings_for(editor, associations(kinds, ""))))


def test_settings_of_helix_are_toml(kinds: Kinds) -> None:
    settings = tomllib.loads(settings_for("helix", associations(kinds, "")))

    schemas = settings["language-server"]["yaml-language-server"]["config"]["yaml"]["schemas"]
    assert ["/records/works/**/*.yaml"] == schemas["./.opsledger/schemas/work.json"]


def test_settings_of_neovim_name_the_language_server(kinds: Kinds) -> None:
    settings = settings_for("neovim", associations(kinds, ""))

    assert 'vim.lsp.config("yamlls"' in settings
    assert '["./.opsledger/schemas/work.json"] = { "/records/works/**/*.yaml" }' in settings
