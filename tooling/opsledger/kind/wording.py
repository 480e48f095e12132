"""The sentences about what a schema refuses: what the record says, what was expected, and what to do now."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opsledger.kind.fragments import Schema
from opsledger.yamlfile.pointers import parts

_SORTS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_FORMATS = {"uri": "address", "email": "e-mail address"}
_LONGEST = 80
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SENTENCE_END = re.compile(r"\.(?=\s+[A-Z])")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Complaint:
    """
    What the library says of one value.

    Args:
        said: the library's own account, with the keyword's name and what belongs to it.
        field: how people call the place.
        value: what stands there.
        stated: the schema that refuses it.
        about: what the schema says of the field; empty for nothing.
    """

    said: Any
    field: str
    value: Any
    stated: Schema
    about: str


def sentence(complaint: Complaint) -> tuple[str, str]:
    """What the record does, to be read after its id, and the fix."""
    return _SENTENCES.get(complaint.said.name, _otherwise)(complaint)


def _type(complaint: Complaint) -> tuple[str, str]:
    sorts = complaint.stated.get("type", "something else")
    wanted = [sorts] if isinstance(sorts, str) else list(sorts)
    expected = " or ".join(_SORTS.get(sort, sort) for sort in wanted)
    said = f"gives {quoted(complaint.value)} as {complaint.field}, where {expected} was expected"
    return said, _as_sort(complaint.value, wanted) or _write(complaint.about, expected)


def _as_sort(value: Any, wanted: Sequence[str]) -> str:
    """How to make a value one of the sorts that are wanted; empty where there is no telling."""
    is_single = isinstance(value, str | int | float) and len(str(value)) <= _LONGEST
    if "string" in wanted and isinstance(value, int | float):
        return "put it in quotes"
    if "array" in wanted and is_single:
        return f"put it in brackets: [{json.dumps(value) if isinstance(value, bool) else value}]"
    if {"integer", "number"} & {*wanted} and isinstance(value, str) and _NUMBER.fullmatch(value):
        return f"write {value} without quotes"
    if "boolean" in wanted and value is not None:
        return "write true or false"
    return ""


def _enum(complaint: Complaint) -> tuple[str, str]:
    texts = [json.dumps(option) if not isinstance(option, str) else option for option in complaint.said.options]
    near = closest(str(complaint.value), texts)
    said = f"says {complaint.field} is {quoted(complaint.value)}, which is none of {', '.join(texts)}"
    return said, f"write {near}" if near else "write one of them"


def _const(complaint: Complaint) -> tuple[str, str]:
    wanted = complaint.said.expected_value
    said = f"says {complaint.field} is {quoted(complaint.value)}, where {quoted(wanted)} was expected"
    return said, f"write {wanted if isinstance(wanted, str) else json.dumps(wanted)}"


def _format(complaint: Complaint) -> tuple[str, str]:
    form = complaint.stated.get("format", complaint.said.name)
    says = f"says {complaint.field} is {quoted(complaint.value)}"
    if form == "date-time":
        why, fix = _no_moment(complaint.value)
        return f"{says}, {why}", fix
    if form == "date":
        shape = _DAY.fullmatch(complaint.value)
        why = "which is no day that a record can name" if shape else "which is no day"
        return f"{says}, {why}", "write year, month and day, such as 2026-11-20"
    return f"{says}, which is no {_FORMATS.get(form, form)}", _write(_meant(complaint), f"text in the form {form}")


def _no_moment(value: str) -> tuple[str, str]:
    """Why a text is no moment, and what to write."""
    shape = _TIME.fullmatch(value)
    if shape is None:
        why = "which lacks time and offset" if _DAY.fullmatch(value) else "which is no time"
        return why, "write date, time and offset, such as 2026-11-20T14:30:00Z"
    if shape[1] is None:
        return "which lacks its seconds", "write date, time and offset, such as 2026-11-20T14:30:00Z"
    if shape[3] is None and _exists(value):
        return "which lacks its offset from UTC", f"write {value}Z if that is UTC, or another offset, such as +02:00"
    return "which is no time that a record can name", "write one that exists, from 1970 to 2199, without a leap second"


def _exists(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _pattern(complaint: Complaint) -> tuple[str, str]:
    if complaint.stated.get("format") in ("date-time", "date"):
        return _format(complaint)
    said = f"says {complaint.field} is {quoted(complaint.value)}, which does not have the form that it needs"
    pattern = complaint.stated.get("pattern", complaint.said.pattern)
    meant = _meant(complaint)
    if ", for example " in meant or ", such as " in meant or len(pattern) > _LONGEST:
        return said, _write(meant, "what the schema asks for")
    return said, f"write {meant}, in the form {pattern}" if meant else f"write it in the form {pattern}"


def _length(complaint: Complaint) -> tuple[str, str]:
    has, limit, is_least = len(complaint.value), complaint.said.limit, complaint.said.name == "minLength"
    if is_least and not has:
        return f"says nothing as {complaint.field}, where text was expected", _write(complaint.about, "some text")
    said = f"has {_counted(has, 'character')} as {complaint.field}, {_bound(limit, is_least=is_least)}"
    return said, f"say more: {complaint.about}" if is_least and complaint.about else _more_or_less(is_least=is_least)


def _items(complaint: Complaint) -> tuple[str, str]:
    has, limit, is_least = len(complaint.value), complaint.said.limit, complaint.said.name == "minItems"
    listed = _counted(has, "entry", "entries") if has else "nothing"
    said = f"lists {listed} under {complaint.field}, {_bound(limit, is_least=is_least)}"
    return said, "add what is missing, or remove the field" if is_least else f"remove {has - limit}"


def _fields(complaint: Complaint) -> tuple[str, str]:
    has, limit, is_least = len(complaint.value), complaint.said.limit, complaint.said.name == "minProperties"
    held = _counted(has, "field") if has else "nothing"
    said = f"has {held} under {complaint.field}, {_bound(limit, is_least=is_least)}"
    return said, "add what is missing" if is_least else f"remove {has - limit}"


def _number(complaint: Complaint) -> tuple[str, str]:
    limit, name = complaint.said.limit, complaint.said.name
    bound = {
        "minimum": f"{limit} is the least",
        "maximum": f"{limit} is the most",
        "exclusiveMinimum": f"it must be more than {limit}",
        "exclusiveMaximum": f"it must be less than {limit}",
    }[name]
    least, most = complaint.stated.get("minimum"), complaint.stated.get("maximum")
    between = f"write a number from {least} to {most}" if None not in (least, most) else ""
    fix = between or f"write a number that is {'larger' if 'Minimum' in name or name == 'minimum' else 'smaller'}"
    return f"says {complaint.field} is {quoted(complaint.value)}, and {bound}", fix


def _multiple(complaint: Complaint) -> tuple[str, str]:
    step = complaint.said.multiple_of
    said = f"says {complaint.field} is {quoted(complaint.value)}, which is no multiple of {step}"
    return said, f"write a multiple of {step}"


def _unique(complaint: Complaint) -> tuple[str, str]:
    seen: list[str] = []
    twice = None
    for value in complaint.value[:1000]:
        text = json.dumps(value, sort_keys=True)
        if text in seen:
            twice = value
            break
        seen.append(text)
    what = quoted(twice) if isinstance(twice, str | int | float) else "something"
    return f"lists {what} twice under {complaint.field}", "remove one of the two"


def _never(complaint: Complaint) -> tuple[str, str]:
    return f"has {complaint.field}, which does not belong there", "remove it"


def _branches(complaint: Complaint) -> tuple[str, str]:
    """Of several forms a value has none, or several at once."""
    keyword = "anyOf" if complaint.said.name == "anyOf" else "oneOf"
    branches = [branch for branch in complaint.stated.get(keyword, ()) if isinstance(branch, dict)]
    needed = [branch.get("required") for branch in branches]
    if needed and all(needed) and isinstance(complaint.value, dict):
        ways = [" and ".join(names) for names in needed if names]
        where = "" if complaint.field == "the record" else f" under {complaint.field}"
        return f"lacks {_or(ways)}{where}", f"add {_or(ways)}"
    gives = f"gives {quoted(complaint.value)} as {complaint.field}"
    sorts = [branch.get("type") for branch in branches]
    if sorts and all(isinstance(sort, str) for sort in sorts) and not isinstance(complaint.value, dict):
        expected = " or ".join(dict.fromkeys(_SORTS.get(str(sort), str(sort)) for sort in sorts))
        return f"{gives}, where {expected} was expected", _write(complaint.about, expected)
    return f"{gives}, which has none of the forms it may have", _write(complaint.about, "one of them")


def _otherwise(complaint: Complaint) -> tuple[str, str]:
    said = f"says something as {complaint.field} that its schema does not allow ({complaint.said.name})"
    return said, _write(complaint.about, "what the schema asks for")


_SENTENCES: Mapping[str, Callable[[Complaint], tuple[str, str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "format": _format,
    "pattern": _pattern,
    "minLength": _length,
    "maxLength": _length,
    "minItems": _items,
    "maxItems": _items,
    "minProperties": _fields,
    "maxProperties": _fields,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "multipleOf": _multiple,
    "uniqueItems": _unique,
    "falseSchema": _never,
    "anyOf": _branches,
    "oneOf": _branches,
    "oneOfNotValid": _branches,
}


def quoted(value: Any) -> str:
    """What the reader wrote, short enough for a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")
    return json.dumps(value)


def spoken(where: str) -> str:
    """A pointer as people say it: `/plan/tasks/0/owner` is *plan.tasks[1].owner*."""
    text = ""
    for part in parts(where):
        text += f"[{int(part) + 1}]" if part.isdigit() else f".{part}"
    text = text.lstrip(".")
    return (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…") or "the record"


def phrase(description: str) -> str:
    """The first sentence of a description, to stand inside another one: without capital and stop."""
    first = _SENTENCE_END.split(description.strip(), maxsplit=1)[0].rstrip(".")
    is_word = first[1:2].islower() or first[1:2] == " "
    return first[:1].lower() + first[1:] if is_word else first


def closest(name: str, known: Sequence[str]) -> str:
    """The known name that a misspelt one is most like, or nothing."""
    import difflib

    if len(name) > _LONGEST:
        return ""
    return next(iter(difflib.get_close_matches(name, known, n=1)), "")


def with_article(noun: str) -> str:
    """
    A noun behind *a* or *an*.

    >>> with_article("incident")
    'an incident'
    """
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def _meant(complaint: Complaint) -> str:
    """What the refusing schema says of itself, which tells the form; else what is said of the field."""
    description = complaint.stated.get("description")
    return phrase(description) if isinstance(description, str) else complaint.about


def _write(about: str, otherwise: str) -> str:
    return f"write {about or otherwise}"


def _counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def _bound(limit: int, *, is_least: bool) -> str:
    return f"and {limit:,} {'is' if limit == 1 else 'are'} the {'least' if is_least else 'most'}"


def _more_or_less(*, is_least: bool) -> str:
    return "say more" if is_least else "shorten it"


def _or(ways: Sequence[str]) -> str:
    return ways[0] if len(ways) == 1 else f"{', '.join(ways[:-1])} or {ways[-1]}"
