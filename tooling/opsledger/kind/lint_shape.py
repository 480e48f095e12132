"""What the meta-schema finds wrong with a schema file, in the words of its author."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opsledger import packaged
from opsledger.finding import Fault
from opsledger.kind.fragments import Schema, compiled
from opsledger.kind.lint_shelf import closest, correction, fault, listed
from opsledger.kind.lint_walk import below
from opsledger.yamlfile.pointers import pointer

if TYPE_CHECKING:
    import jsonschema_rs

_SORTS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_UNKNOWN = "additionalProperties"
_LEAST = {"minItems": "fewer than", "minLength": "shorter than", "minProperties": "fewer than", "minimum": "less than"}
_MOST = {"maxItems": "more than", "maxLength": "longer than", "maxProperties": "more than", "maximum": "more than"}


@lru_cache(maxsize=1)
def meta_schema() -> Schema:
    """The schema that judges schemas: the closed list of keywords and annotations."""
    meta: Schema = json.loads(packaged.text("schemas/meta/kind.json"))
    return meta


@lru_cache(maxsize=2)
def _judge(*, is_common: bool) -> tuple[Schema, jsonschema_rs.Draft202012Validator]:
    meta = meta_schema()
    if is_common:
        meta = {**meta["$defs"]["common"], "$defs": meta["$defs"]}
    return meta, compiled(meta)


def shape_faults(file: str, schema: Schema, *, is_common: bool) -> list[Fault]:
    """
    What the meta-schema refuses, one fault for each spot.

    Args:
        file: the file's name, which messages start with.
        schema: what stands in it.
        is_common: whether it holds shared definitions and no kind.
    """
    meta, judge = _judge(is_common=is_common)
    if judge.is_valid(schema):
        return []
    complaints: list[Any] = list(judge.iter_errors(schema))
    misspelt = {tuple(one.instance_path) for one in complaints if _is_misspelling(meta, one)}
    found: dict[tuple[str, str], Fault] = {}
    for complaint in complaints:
        if complaint.kind.name == "required" and tuple(complaint.instance_path) in misspelt:
            continue  # what seems to be missing is what is misspelt
        stated, keyword = _innermost(meta, complaint.schema_path)
        for told in _told(file, complaint, stated, keyword):
            found.setdefault((told.pointer, told.message), told)
    return list(found.values())


def _is_misspelling(meta: Schema, complaint: Any) -> bool:
    """Whether an unknown keyword is nearest to one that is not there."""
    if complaint.kind.name != _UNKNOWN:
        return False
    stated, _ = _innermost(meta, complaint.schema_path)
    meant = [closest(key, _usable(stated)) for key in complaint.kind.unexpected]
    return any(keyword is not None and keyword not in complaint.instance for keyword in meant)


def _usable(stated: Schema) -> list[str]:
    """The keywords that a part of the meta-schema knows and does not refuse."""
    return [name for name, entry in stated["properties"].items() if entry.get("not") != {}]


def _innermost(meta: Schema, path: Sequence[str | int]) -> tuple[Schema, str]:
    """The part of the meta-schema that a complaint comes from, and the keyword of it that complains."""
    here: Any = meta
    stated = meta
    for step in path[:-1]:
        here = here[step]
        stated = here if isinstance(here, dict) else stated
    return stated, str(path[-1])


def _told(file: str, complaint: Any, stated: Schema, keyword: str) -> Iterator[Fault]:
    at, said = pointer(complaint.instance_path), complaint.kind
    says, fix = stated.get("x-says"), stated.get("x-fix", "")
    if said.name == _UNKNOWN:
        for key in said.unexpected:
            yield _unknown_keyword(file, at, key, complaint.instance[key], stated)
    elif said.name == "propertyNames":
        name = said.error.instance
        yield fault(below(at, name), f"{file} has the name {name!r}, which {says}", fix, on_key=True)
    elif said.name == "not":
        yield fault(at, f"{file} {says}", fix, on_key=True)
    elif said.name == "required":
        yield _missing(file, at, said.property, complaint.instance_path, stated)
    elif keyword == "pattern" and complaint.instance_path[-1] == "$ref":
        return  # worded by what is known of the other files
    elif said.name == "uniqueItems":
        yield _twice(file, at, complaint.instance)
    elif says and said.name != "type":
        shown = _seen(complaint.instance)
        yield fault(at, f"{file} says `{_spoken(complaint.instance_path)}` is {shown}, which {says}", fix)
    else:
        yield _elsewise(file, at, complaint, stated)


def _unknown_keyword(file: str, at: str, key: str, value: Any, stated: Schema) -> Fault:
    known = _usable(stated)
    if key.startswith("x-"):
        known = [name for name in known if name.startswith("x-")] or known
    near = closest(key, known)
    if near:
        fix = f"write `{near}`"
    elif isinstance(value, dict) and "properties" in known:
        fix = "move it into `properties` if it is a field, otherwise remove it"
    else:
        fix = f"remove it; known here are {listed(known)}"
    sort = "an annotation" if key.startswith("x-") else "a keyword"
    return fault(below(at, key), f"{file} has {sort} {key!r} that is not known here", fix, on_key=True)


def _missing(file: str, at: str, name: str, path: Sequence[str | int], stated: Schema) -> Fault:
    about = stated.get("properties", {}).get(name, {}).get("description", "")
    owner = f"`{_spoken(path)}`" if path else "the schema"
    return fault(at, f"{file} lacks `{name}` in {owner}", f"add `{name}`" + (f": {about}" if about else ""))


def _twice(file: str, at: str, items: list[Any]) -> Fault:
    seen: list[Any] = []
    for index, item in enumerate(items):
        if item in seen:
            return fault(f"{at}/{index}", f"{file} lists {_seen(item)} twice", "remove one of the two")
        seen.append(item)
    return fault(at, f"{file} lists something twice", "remove one of the two")


def _elsewise(file: str, at: str, complaint: Any, stated: Schema) -> Fault:
    said, path, value = complaint.kind, complaint.instance_path, complaint.instance
    name = _spoken(path)
    if said.name == "type":
        return _other_type(file, at, path, value, stated)
    if said.name == "enum":
        texts = listed(said.options, most=40)
        fix = correction(value, said.options, f"write one of {texts}")
        return fault(at, f"{file} says `{name}` is {_seen(value)}, which is none of {texts}", fix)
    if said.name in _LEAST:
        fix = "write a greater number" if said.name == "minimum" else "fill it, or remove it"
        return fault(at, f"{file} has {_LEAST[said.name]} {said.limit} in `{name}`", fix)
    if said.name in _MOST:
        return fault(at, f"{file} has {_MOST[said.name]} {said.limit} in `{name}`", "shorten it")
    about = stated.get("description", "")
    return fault(
        at,
        f"{file} says `{name}` is {_seen(value)}, which does not fit",
        f"what is meant: {about}" if about else "correct it",
    )


def _other_type(file: str, at: str, path: Sequence[str | int], value: Any, stated: Schema) -> Fault:
    name = _spoken(path)
    wanted = stated["type"]
    sorts = " or ".join(_SORTS[sort] for sort in ([wanted] if isinstance(wanted, str) else wanted))
    known = meta_schema()["$defs"]["schema"]["properties"]
    if wanted == "object" and len(path) > 1 and path[-2] == "properties" and name in known:
        message = f"{file} has `{name}` inside `properties`, where it is the name of a field"
        return fault(at, message, f"move `{name}` out of `properties`, one level up", on_key=True)
    if name == "required" and isinstance(value, bool):
        message = f"{file} says `required` of a field itself, where it lists the fields of a mapping"
        return fault(at, message, "list the field's name under `required` of the mapping around it")
    return fault(at, f"{file} gives {_seen(value)} as `{name}`, where {sorts} was expected", f"write {sorts}")


def _spoken(path: Sequence[str | int]) -> str:
    """The last name on a path: an entry of a list is spoken of by the list's name."""
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else "the schema"


def _seen(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
