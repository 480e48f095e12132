"""What a schema finds wrong with a record, in the reader's words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from opsledger.finding import Fault
from opsledger.kind.annotations import Computed
from opsledger.kind.fragments import Schema
from opsledger.kind.patterns import filled, matches
from opsledger.yamlfile.pointers import MISSING, at, parts, pointer

if TYPE_CHECKING:
    from opsledger.kind.model import Kind

SCHEMA = "SCH001"
VOCABULARY = "SCH005"
TIME = "SCH006"

# Of several complaints about one value, the first of these says most.
_TELLING = ("type", "enum", "const", "required", "additionalProperties", "format", "minLength", "maxLength", "pattern")
_SORTS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def is_plain(kind: Kind, data: dict[str, Any]) -> bool:
    """Whether what JSON Schema cannot say holds as well: the order of times and the values that follow from others."""
    annotations = kind.annotations
    if not annotations.orders and not annotations.computed:
        return True
    return not any(_order_faults(kind, data, "")) and not any(_computed_faults(kind, data, ""))


def faults_of(kind: Kind, data: dict[str, Any], subject: str) -> list[Fault]:
    """All faults of a record, one for each cause, in the order of their pointers."""
    found = list(_shape_faults(kind, data, subject))
    spoiled = [fault.pointer for fault in found]
    for fault in [*_order_faults(kind, data, subject), *_computed_faults(kind, data, subject)]:
        if not _touches(fault.pointer, spoiled):
            found.append(fault)
    spoiled = [fault.pointer for fault in found]
    found += [fault for fault in _state_faults(kind, data, subject) if not _touches(fault.pointer, spoiled)]
    return sorted(found)


def _touches(at: str, others: Sequence[str]) -> bool:
    """Whether a pointer stands at, above or below one of the others."""
    return any(at == other or at.startswith(f"{other}/") or other.startswith(f"{at}/") for other in others)


def _shape_faults(kind: Kind, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    told: dict[str, tuple[int, list[Fault]]] = {}
    for complaint in kind.validator(None).iter_errors(data):
        faults = list(_told(kind, complaint, data, subject))
        name = complaint.kind.name
        weight = _TELLING.index(name) if name in _TELLING else len(_TELLING)
        for fault in faults:
            before = told.get(fault.pointer)
            if before is None or weight < before[0]:
                told[fault.pointer] = (weight, [fault])
    for _, kept in told.values():
        yield from kept


def _told(kind: Kind, complaint: Any, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    where = pointer(complaint.instance_path)
    said = complaint.kind
    code, stated = _stated(kind, complaint.schema_path)
    field = _spoken(where)
    value = complaint.instance
    if said.name == "required":
        missing = said.property
        yield Fault(
            f"{where}/{_escape(missing)}", code, f"{subject} lacks {_spoken(f'{where}/{missing}')}", f"add `{missing}:`{_help(stated, missing)}"
        )
    elif said.name in ("additionalProperties", "unevaluatedProperties"):
        for key in said.unexpected:
            yield _unknown_field(kind, where, key, stated, subject)
    elif said.name == "type":
        yield Fault(where, code, f"{subject} gives {_seen(value)} as {field}, where {_wanted(stated)} was expected", _quote_hint(value, stated))
    elif said.name == "enum":
        yield _outside(where, code, field, value, said.options, subject)
    else:
        yield Fault(where, code, f"{subject} {_complaint(said, field, value, stated)}", _cure(said, stated))


def _stated(kind: Kind, path: Sequence[str | int]) -> tuple[str, Schema]:
    """The code and the innermost schema that a complaint comes from."""
    node: Any = kind.schema
    code, innermost = SCHEMA, kind.schema
    for step in path[:-1]:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(node, dict):
            innermost = node
            code = node.get("x-code", code)
    return code, innermost


def _unknown_field(kind: Kind, where: str, key: str, stated: Schema, subject: str) -> Fault:
    known = list(stated.get("properties", ()))
    near = difflib.get_close_matches(key, known, n=1)
    owner = f"a {kind.name}" if not where else _spoken(where)
    fix = f"write `{near[0]}:`" if near else f"remove it, or use one of {', '.join(known[:12])}{' …' if len(known) > 12 else ''}"
    return Fault(f"{where}/{_escape(key)}", SCHEMA, f"{subject} has a field {key!r} that {owner} does not know", fix, on_key=True)


def _outside(where: str, code: str, field: str, value: Any, options: Sequence[Any], subject: str) -> Fault:
    texts = [str(option) for option in options]
    near = difflib.get_close_matches(str(value), texts, n=1)
    fix = f"write {near[0]}" if near else f"write one of {', '.join(texts)}"
    return Fault(where, code, f"{subject} says {field} is {_quoted(value)}, which is none of {', '.join(texts)}", fix)


def _complaint(said: Any, field: str, value: Any, stated: Schema) -> str:  # noqa: PLR0911 - one sentence a keyword
    match said.name:
        case "format":
            return f"says {field} is {_quoted(value)}, which is no {_form(said.format)}"
        case "pattern":
            return f"says {field} is {_quoted(value)}, which does not have the form it must have: {said.pattern}"
        case "minLength" | "maxLength":
            return f"has {len(value)} characters as {field}, where {_least_or_most(said.name)} {said.limit} {_are(said.limit)} allowed"
        case "minItems" | "maxItems":
            return f"lists {len(value)} under {field}, where {_least_or_most(said.name)} {said.limit} {_are(said.limit)} allowed"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"says {field} is {value}, beyond the limit of {said.limit}"
        case "const":
            return f"says {field} is {_quoted(value)}, where {_quoted(said.expected_value)} was expected"
        case "uniqueItems":
            return f"lists something twice under {field}"
        case "falseSchema":
            return f"may not have {field}"
        case "anyOf" | "oneOf":
            about = stated.get("description", "one of its forms")
            return f"gives {_seen(value)} as {field}, which is not what was expected: {about}"
        case _:
            return f"does not hold what is asked of {field}: {stated.get('description', said.name)}"


def _cure(said: Any, stated: Schema) -> str:
    if said.name == "format" and said.format == "date-time":
        return "write date, time and offset, such as 2026-11-20T14:30:00Z"
    about = stated.get("description")
    return f"what is meant: {about}" if about else "correct it"


def _order_faults(kind: Kind, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    for first, second in kind.annotations.orders:
        for end_at, stars in matches(data, second):
            start_at = filled(first, stars)
            start, end = _moment(at(data, start_at)), _moment(at(data, end_at))
            if start is not None and end is not None and end < start:
                said = f"{subject} says {_spoken(end_at)} is {at(data, end_at)}, before {_spoken(start_at)} at {at(data, start_at)}"
                yield Fault(end_at, TIME, said, "correct one of the two times")


def _moment(value: Any) -> datetime | None:
    """A time as an aware datetime; a day counts from its first second in UTC."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 10:
            day = date.fromisoformat(value)
            return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _computed_faults(kind: Kind, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    for rule in kind.annotations.computed:
        value = at(data, rule.at)
        expected = computed_value(rule, data)
        if value is not MISSING and expected is not MISSING and value != expected:
            sources = " and ".join(_spoken(source) for source in rule.source)
            said = f"{subject} says {_spoken(rule.at)} is {_quoted(value)}, but {sources} make it {_quoted(expected)}"
            yield Fault(rule.at, VOCABULARY, said, f"remove it: it is computed; or write {expected}")


def computed_value(rule: Computed, data: Mapping[str, Any]) -> Any:
    """What a computed field must be, or `MISSING` where its sources are not all there."""
    sources = [at(data, source) for source in rule.source]
    if any(source is MISSING for source in sources):
        return MISSING
    return rule.table.get("/".join(str(source) for source in sources), rule.default if rule.default is not None else MISSING)


def _state_faults(kind: Kind, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    state = kind.state_of(data)
    if kind.lifecycle is None or state is None:
        return
    told: set[tuple[str, str]] = set()
    for asked in kind.lifecycle.requirements(state):
        if (asked.at, asked.code) not in told and not asked.is_met(data, kind.lifecycle.definitions):
            told.add((asked.at, asked.code))
            yield Fault(asked.at, asked.code, f"{subject} is {state}, but {asked.says}", asked.fix or f"fill in {_spoken(asked.at)}, or go back to an earlier state")


def _spoken(where: str) -> str:
    """A pointer as people say it: `/plan/tasks/0/owner` is *plan.tasks[1].owner*."""
    spoken = ""
    for part in parts(where):
        spoken += f"[{int(part) + 1}]" if part.isdigit() else f".{part}"
    return spoken.lstrip(".") or "the record"


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _quoted(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else _seen(value) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _seen(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return _quoted(value)


def _wanted(stated: Schema) -> str:
    sorts = stated.get("type", "something else")
    return " or ".join(_SORTS.get(sort, sort) for sort in ([sorts] if isinstance(sorts, str) else sorts))


def _quote_hint(value: Any, stated: Schema) -> str:
    if stated.get("type") == "string" and isinstance(value, int | float | bool):
        return f'quote it: "{value}"' if not isinstance(value, bool) else "quote it, or write it out"
    about = stated.get("description")
    return f"what is meant: {about}" if about else f"write {_wanted(stated)}"


def _help(stated: Schema, name: str) -> str:
    about = stated.get("properties", {}).get(name, {}).get("description")
    return f" {about}" if about else ""


def _form(format: str) -> str:  # noqa: A002 - the keyword's own name
    return {"date-time": "time with an offset", "date": "day", "uri": "address", "email": "e-mail address"}.get(format, format)


def _least_or_most(keyword: str) -> str:
    return "at least" if keyword.startswith("min") else "at most"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
