"""What a schema finds wrong with a record, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from opsledger.finding import Fault
from opsledger.kind.annotations import Computed, Order
from opsledger.kind.fragments import Schema
from opsledger.kind.patterns import filled, matches
from opsledger.kind.wording import Complaint, closest, phrase, quoted, sentence, spoken, with_article
from opsledger.yamlfile.pointers import MISSING, at, parts, pointer

if TYPE_CHECKING:
    from opsledger.kind.model import Kind

SCHEMA = "SCH001"
VOCABULARY = "SCH005"
TIME = "SCH006"

MOST = 50
"""How many faults of one record are told apart; a file that has more is no record but something else."""

# Of several complaints about one value, the first of these says most.
_TELLING = ("type", "enum", "const", "required", "additionalProperties", "minLength", "maxLength", "format", "pattern")
_FEW = 5
_SOME = 12
_EXAMPLES = {"numbered": "2026-0042", "named": "name", "machine": "2026-a1b2c3"}


def is_plain(kind: Kind, data: dict[str, Any]) -> bool:
    """Whether what JSON Schema cannot say holds as well: the order of times and the values that follow from others."""
    annotations = kind.annotations
    if not all(_is_ordered(data, order) for order in annotations.orders):
        return False
    return not annotations.computed or not any(_computed_faults(kind, data, ""))


def _is_ordered(data: dict[str, Any], order: Order) -> bool:
    """Whether two times stand in order, by the quickest way to tell; in doubt, no."""
    start: Any = data
    end: Any = data
    if order.is_starred:
        return order.top not in data or not any(_disorders(order, data, ""))
    for part in order.start_parts:
        start = start.get(part) if isinstance(start, dict) else None
    for part in order.end_parts:
        end = end.get(part) if isinstance(end, dict) else None
    if start is None or end is None:
        return True
    # Two times of one length in UTC stand in the order of their texts.
    if isinstance(start, str) and isinstance(end, str) and len(start) == len(end) and start[-1:] == end[-1:] == "Z":
        return start <= end
    return not any(_disorders(order, data, ""))


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
    told: dict[str, tuple[int, Fault]] = {}
    left_out = 0
    for complaint in kind.validator(None).iter_errors(data):
        if len(told) >= MOST:
            left_out += 1
            continue
        name = complaint.kind.name
        weight = _TELLING.index(name) if name in _TELLING else len(_TELLING)
        for fault in _told(kind, complaint, subject):
            before = told.get(fault.pointer)
            if before is None or weight < before[0]:
                told[fault.pointer] = (weight, fault)
    yield from (fault for _, fault in told.values())
    if left_out:
        said = f"{subject} breaks its schema in {left_out:,} more places"
        yield Fault("", SCHEMA, said, "look first whether the file is what it should be")


def _told(kind: Kind, complaint: Any, subject: str) -> Iterator[Fault]:
    where = pointer(complaint.instance_path)
    said = complaint.kind
    code, stated = _stated(kind, complaint.schema_path)
    if said.name == "required":
        if not _is_misspelt(said.property, complaint.instance, stated):
            yield _missing(kind, f"{where}/{_escape(said.property)}", code, subject)
    elif said.name in ("additionalProperties", "unevaluatedProperties"):
        yield from _unknown_fields(kind, where, complaint, stated, subject)
    elif said.name == "propertyNames":
        key = str(said.error.instance)
        about = stated.get("description", "")
        form = stated.get("pattern", "")
        fix = f"write {phrase(about)}" if about else f"write a key in the form {form}" if form else "shorten the key"
        words = f"{subject} has a key {quoted(key)} under {spoken(where)}, which does not have the form of its keys"
        yield Fault(f"{where}/{_escape(key)}", code, words, fix, on_key=True)
    elif where == kind.id_from == "/id" and said.name != "maxLength":
        yield _id_fault(kind, complaint.instance, code, subject)
    else:
        words, fix = sentence(Complaint(said, spoken(where), complaint.instance, stated, _about(kind, where)))
        yield Fault(where, code, f"{subject} {words}", fix)


def _is_misspelt(name: str, there: Mapping[str, Any], stated: Schema) -> bool:
    """Whether a missing field stands there under a name so like it that the fix of that will name it."""
    known = list(stated.get("properties", ()))
    strange = [key for key in there if key not in known][:_FEW]
    return stated.get("additionalProperties") is False and any(closest(key, known) == name for key in strange)


def _missing(kind: Kind, where: str, code: str, subject: str) -> Fault:
    name, about = parts(where)[-1], _about(kind, where)
    fix = f"add `{name}:`{f' ({about})' if about else ''}"
    if where == kind.id_from == "/id" and _is_id(kind, subject):
        fix = f"add `id: {subject}`"
    return Fault(where, code, f"{subject} lacks {spoken(where)}", fix)


def _id_fault(kind: Kind, value: Any, code: str, subject: str) -> Fault:
    """An id that cannot be one; the file's name mostly can."""
    example = f"{kind.prefix}-{_EXAMPLES.get(kind.ids, 'name')}"
    pattern = kind.schema["properties"]["id"].get("pattern", "")
    form = f"looks like {example}" if _is_id(kind, example) else f"has the form {pattern}"
    said = f"{subject} gives {quoted(value)} as its id, and the id of {with_article(_noun(kind))} {form}"
    is_named = _is_id(kind, subject)
    return Fault(
        "/id", code, said, f"write `id: {subject}`" if is_named else "give it such an id, and its file that name"
    )


def _is_id(kind: Kind, text: str) -> bool:
    return all([*complaint.instance_path] != ["id"] for complaint in kind.validator(None).iter_errors({"id": text}))


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


def _about(kind: Kind, where: str) -> str:
    """What the schema says of the field at a pointer, as a phrase; empty where it says nothing."""
    node: Any = kind.schema
    for part in parts(where):
        node = _meant(kind, node)
        inner = node.get("properties", {}).get(part, node.get("additionalProperties"))
        node = inner if isinstance(inner, dict) else node.get("items")
        if not isinstance(node, dict):
            return ""
    return phrase(str(node.get("description") or _meant(kind, node).get("description") or ""))


def _meant(kind: Kind, node: Schema) -> Schema:
    name = str(node.get("$ref", "")).removeprefix("#/$defs/")
    found: Schema = kind.schema.get("$defs", {}).get(name, node) if "$ref" in node else node
    return found


def _unknown_fields(kind: Kind, where: str, complaint: Any, stated: Schema, subject: str) -> Iterator[Fault]:
    unexpected = complaint.kind.unexpected
    owner = with_article(_noun(kind)) if not where else spoken(where)
    for key in unexpected[:_FEW]:
        fix = _cure(kind, key, stated, complaint.instance)
        said = f"{subject} has a field {quoted(key)} that {owner} does not know"
        yield Fault(f"{where}/{_escape(key)}", SCHEMA, said, fix, on_key=True)
    if len(unexpected) > _FEW:
        more = f"{len(unexpected) - _FEW:,} more fields" if len(unexpected) > _FEW + 1 else "one more field"
        said = f"{subject} has {more} that {owner} does not know, such as {quoted(unexpected[_FEW])}"
        fix = "remove them, or use the fields that there are"
        yield Fault(f"{where}/{_escape(unexpected[_FEW])}", SCHEMA, said, fix, on_key=True)


def _cure(kind: Kind, key: str, stated: Schema, there: Mapping[str, Any]) -> str:
    known = list(stated.get("properties", ()))
    near = closest(key, known)
    if near and near not in there:
        return f"write `{near}:`"
    if near:
        return f"remove it: `{near}:` is there already"
    unused = [name for name in known if name not in there]
    if not unused or len(unused) > _SOME:
        return f"remove it, or use another field: `opsledger kinds {kind.name}` lists them"
    return f"remove it, or use one of {', '.join(unused)}"


def _order_faults(kind: Kind, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    for order in kind.annotations.orders:
        yield from _disorders(order, data, subject)


def _disorders(order: Order, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    for end_at, stars in matches(data, order.end):
        start_at = filled(order.start, stars)
        start, end = _moment(at(data, start_at)), _moment(at(data, end_at))
        if start is not None and end is not None and end < start:
            before = f"before {spoken(start_at)} at {at(data, start_at)}"
            said = f"{subject} says {spoken(end_at)} is {at(data, end_at)}, {before}"
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
            sources = " and ".join(spoken(source) for source in rule.source)
            said = f"{subject} says {spoken(rule.at)} is {quoted(value)}, but {sources} make it {quoted(expected)}"
            yield Fault(rule.at, VOCABULARY, said, f"remove it: it is computed; or write {expected}")


def computed_value(rule: Computed, data: Mapping[str, Any]) -> Any:
    """What a computed field must be, or `MISSING` where its sources are not all there."""
    sources = [at(data, source) for source in rule.source]
    if any(source is MISSING for source in sources):
        return MISSING
    return rule.table.get(
        "/".join(str(source) for source in sources), rule.default if rule.default is not None else MISSING
    )


def _state_faults(kind: Kind, data: dict[str, Any], subject: str) -> Iterator[Fault]:
    state = kind.state_of(data)
    if kind.lifecycle is None or state is None:
        return
    told: set[tuple[str, str]] = set()
    for asked in kind.lifecycle.requirements(state):
        if (asked.at, asked.code) not in told and not asked.is_met(data, kind.lifecycle.definitions):
            told.add((asked.at, asked.code))
            yield Fault(
                asked.at,
                asked.code,
                f"{subject} is {state}, but {asked.says}",
                asked.fix or f"fill in `{spoken(asked.at)}`, or go back to an earlier state",
            )


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _noun(kind: Kind) -> str:
    """What people call one record of a kind, inside a sentence."""
    return phrase(kind.title)
