"""What editors need to complete and judge records while they are typed: one schema file a kind, and folder globs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from opsledger.kind import Kind, Kinds, Lifecycle

FOLDER = ".opsledger/schemas"
SETTINGS = ".vscode/settings.json"


def editor_schema(kind: Kind) -> bytes:
    """Return the schema of a kind in one file, with what each state asks, for the YAML language server."""
    cycle = kind.lifecycle
    asked = [_as_condition(cycle, number) for number in range(len(cycle.requires))] if cycle else []
    shape = _plain(kind.schema)
    whole = {**shape, "allOf": [*shape.get("allOf", []), *asked]} if asked else shape
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def _as_condition(cycle: Lifecycle, number: int) -> dict[str, Any]:
    """Return one requirement as: in these states, the record must look like this."""
    requirement = cycle.requires[number]
    states = [state for state in cycle.states if state in requirement.states]
    applies = {"required": [cycle.field], "properties": {cycle.field: {"enum": states}}}
    return {"if": applies, "then": _plain(requirement.as_schema)}


def _plain(schema: Any) -> Any:
    """Return a schema without our own annotations, which editors would not understand."""
    if isinstance(schema, list):
        return [_plain(inner) for inner in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {key: _plain(inner) for key, inner in schema.items() if not (key.startswith("x-") and key != "x-")}


def schema_files(kinds: Kinds) -> dict[str, bytes]:
    """Return the schema files for editors, by their path from the ledger's root."""
    return {f"{FOLDER}/{kind.name}.json": editor_schema(kind) for kind in kinds.values()}


def associations(kinds: Kinds, prefix: str) -> dict[str, list[str]]:
    """
    Return which files each schema is for, as the YAML language server wants it told.

    Args:
        kinds: of the ledger.
        prefix: where the ledger stands in the folder that the editor opens (`""` or `"sub/"`).
    """
    return {f"./{prefix}{FOLDER}/{kind.name}.json": [f"/{prefix}{kind.folder}/**/*.yaml"] for kind in kinds.values()}


def merged_settings(present: bytes | None, schemas: Mapping[str, list[str]]) -> bytes | None:
    """
    Return VS Code's settings with the associations in them and all else as it was; `None` if they cannot be read.

    Settings with comments in them are valid to VS Code and not to us: those are left for people to edit.
    """
    try:
        settings = json.loads(present) if present and present.strip() else {}
    except ValueError:
        return None
    if not isinstance(settings, dict) or not isinstance(settings.get("yaml.schemas", {}), dict):
        return None
    wanted = {**settings, "yaml.schemas": {**settings.get("yaml.schemas", {}), **schemas}}
    if wanted == settings and present is not None:
        return present
    return (json.dumps(wanted, indent=2, ensure_ascii=False) + "\n").encode()


EDITORS = ("vscode", "zed", "helix", "neovim")


def settings_for(editor: str, schemas: Mapping[str, list[str]]) -> str:
    """Return what to put into an editor's own settings, so that its YAML language server knows the schemas."""
    match editor:
        case "helix":
            rows = [f"{json.dumps(schema)} = {json.dumps(globs)}" for schema, globs in schemas.items()]
            return "\n".join(["[language-server.yaml-language-server.config.yaml.schemas]", *rows])
        case "neovim":
            rows = [f"    [{json.dumps(schema)}] = {{ {', '.join(map(json.dumps, globs))} }},"
                    for schema, globs in schemas.items()]  # fmt: skip
            head = 'vim.lsp.config("yamlls", { settings = { yaml = { schemas = {'
            return "\n".join([head, *rows, "} } } })", 'vim.lsp.enable("yamlls")'])
        case "zed":
            return _json({"lsp": {"yaml-language-server": {"settings": {"yaml": {"schemas": schemas}}}}})
        case _:
            return _json({"yaml.schemas": schemas})


def _json(settings: object) -> str:
    return json.dumps(settings, indent=2, ensure_ascii=False)
