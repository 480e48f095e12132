"""JSON Schema fragments as questions that a record's data answers with yes or no."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opsledger.yamlfile.pointers import parts

if TYPE_CHECKING:
    import jsonschema_rs

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def refuse_retrieval(uri: str) -> Any:
    """Stand in for the network and the disk: a schema may only name what the ledger holds."""
    raise ValueError(f"{uri} is not one of the ledger's schemas")


def compiled(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """
    The validator of a self-contained schema, with formats on and retrieval off.

    Raises:
        ValueError: the schema cannot be compiled.
    """
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, retriever=refuse_retrieval)


@lru_cache(maxsize=4096)
def _compiled_text(text: str) -> jsonschema_rs.Draft202012Validator:
    return compiled(json.loads(text))


def holds(fragment: Schema, data: Any, definitions: Schema) -> bool:
    """Whether data fits a fragment that may refer to `#/$defs/…` of its kind."""
    return _compiled_text(json.dumps({"$defs": definitions, **fragment}, sort_keys=True)).is_valid(data)


def at_pointer(pointer: str, fragment: Schema) -> Schema:
    """
    The fragment, wrapped so that it judges the whole record and fails where the pointer leads nowhere.

    >>> at_pointer("/plan/tasks", {"minItems": 1})["required"]
    ['plan']
    """
    wrapped = fragment
    for part in reversed(parts(pointer)):
        wrapped = {"type": "object", "required": [part], "properties": {part: wrapped}}
    return wrapped
