"""
The schemas by which the ledger of the upgrade graph differs from the packaged ones.

They are made from the packaged files, so that they follow them: no `requires` (the source knows no owner, no
test, no signature), ids that carry a version instead of a number, and the few fields that only this source has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ID = "[0-9A-Za-z][0-9A-Za-z._-]*$"


def overrides(packaged: Path) -> Iterator[tuple[str, bytes]]:
    """Path and text of each overriding schema."""
    common = json.loads((packaged / "common.json").read_text())
    for name, shards in (("release", "/minor"), ("problem", None), ("deployment", "/environment")):
        schema = json.loads((packaged / f"{name}.json").read_text())
        _loosen(schema, shards)
        if name == "release":
            schema["properties"]["minor"] = _minor()
        if name == "problem":
            _exposure(schema, common["$defs"]["affected_version"])
        yield f"schemas/{name}.json", (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()


def _loosen(schema: dict[str, Any], shards: str | None) -> None:
    schema["x-lifecycle"].pop("requires", None)
    kind = schema["x-kind"]
    kind["ids"] = "named"
    kind.pop("shards", None)
    if shards:
        kind["shards"] = shards
    schema["properties"]["id"] |= {"maxLength": 120, "pattern": f"^{kind['prefix']}-{_ID}"}


def _minor() -> dict[str, Any]:
    return {
        "type": "string", "maxLength": 10, "pattern": "^[0-9]+[.][0-9]+$",
        "description": "The minor version that it belongs to, for example 4.15.",
    }  # fmt: skip


def _exposure(schema: dict[str, Any], affected: dict[str, Any]) -> None:
    """Who is exposed: from which releases an update is risky, on which hardware, and for which clusters."""
    item = json.loads(json.dumps(affected).replace('"#/$defs/', '"common.json#/$defs/'))
    item["properties"]["updates_from"] = {
        "type": "string", "maxLength": 400,
        "description": "Releases, as a regular expression, from which updating is risky.",
    }  # fmt: skip
    item["properties"]["architecture"] = {
        "type": "string", "maxLength": 20, "description": "The hardware that it is about, if only one.",
    }  # fmt: skip
    schema["properties"]["affected_versions"]["items"] = item
    schema["properties"]["exposure"] = {
        "type": "array",
        "description": "How to tell whether a cluster is exposed.",
        "items": {
            "type": "object", "additionalProperties": False, "required": ["type"], "description": "One rule.",
            "properties": {
                "type": {"type": "string", "maxLength": 20, "description": "Always, or a PromQL question."},
                "promql": {"type": "string", "maxLength": 10000, "description": "The question; 1 means exposed."},
            },
        },
    }  # fmt: skip
