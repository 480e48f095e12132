"""Values that people type, read as the schema means them, and put where they belong in a record's data."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsledger.edit.shape import Shape
from opsledger.errors import Refused
from opsledger.yamlfile import MISSING, Unreadable, at, parts, pointer, read

_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_STATED = re.compile(r"(?P<name>[^=]*?)(?P<sign>[+-]?)=(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True)
class Assignment:
    """
    One `POINTER=VALUE` as it was typed.

    Args:
        pointer: RFC 6901 pointer of the value.
        sign: `=` puts the value there, `+=` adds it to a list, `-=` takes it out of one, `unset` takes the field out.
        text: the value as it was typed.
    """

    pointer: str
    sign: str
    text: str = ""


def assignment(stated: str) -> Assignment:
    """
    Read `field=value`, `plan.steps=value` or `/plan/steps/0=value`, with `=`, `+=` or `-=`.

    Raises:
        Refused: there is no `=` in it, or nothing before it.
    """
    found = _STATED.fullmatch(stated)
    if found is None or not found["name"].strip():
        raise Refused(f"{stated!r} does not say which field gets which value", "write it as field=value")
    return Assignment(pointer_of(found["name"].strip()), f"{found['sign']}=", found["text"])


def removal(name: str) -> Assignment:
    """Read the name of a field that is to be taken out."""
    return Assignment(pointer_of(name), "unset")


def pointer_of(name: str) -> str:
    """Return the pointer that a typed name means: `plan.steps` is `/plan/steps`."""
    return name if name.startswith("/") else pointer(name.split("."))


def assigned(data: dict[str, Any], whole: Shape, changes: Iterable[Assignment]) -> tuple[dict[str, Any], list[Edit]]:
    """
    Put typed values into a copy of a record's data.

    Returns:
        The new data, and each edit as pointer and value, to be made one after the other in a file's text.

    Raises:
        Refused: a value does not fit its place, or the schema knows no such place.
    """
    after = copy.deepcopy(data)
    edits = [_put(after, edit) for change in changes for edit in _edits(after, whole, change)]
    return after, edits


@dataclass(frozen=True)
class Edit:
    """A value for a pointer; `MISSING` takes away what stands there, and a pointer ending in `/-` adds to a list."""

    pointer: str
    value: Any


def placed(data: dict[str, Any], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Edit]]:
    """As `assigned`, for values that are values already, by their pointers."""
    after = copy.deepcopy(data)
    return after, [_put(after, Edit(place, value)) for place, value in values.items()]


def _edits(data: dict[str, Any], whole: Shape, change: Assignment) -> list[Edit]:
    """Turn one assignment into edits, while the data is as the ones before have left it."""
    path = parts(change.pointer)
    shape = whole.at(path)
    present = at(data, change.pointer)
    if change.sign == "unset" and present is not MISSING:
        return [Edit(change.pointer, MISSING)]  # what the schema does not know may always go
    if shape is None:
        raise _no_such_field(whole, path)
    match change.sign:
        case "unset":
            raise Refused(f"{change.pointer} is not in the record, so it cannot be taken out")
        case "+=":
            return _additions(change, _list_items(shape, change), present)
        case "-=":
            return _removals(change, _list_items(shape, change), present)
        case _:
            return [Edit(change.pointer, parsed(change.text, shape, change.pointer))]


def _list_items(shape: Shape, change: Assignment) -> Shape:
    """Return the shape of a list's items."""
    items = shape.inside("-")
    if items is None or (shape.types and "array" not in shape.types):
        raise Refused(f"{change.pointer} is not a list", f"give it one value: {change.pointer}=…")
    return items


def _additions(change: Assignment, items: Shape, present: Any) -> list[Edit]:
    """Return the edit that adds one value to a list, which is begun if there is none."""
    value = parsed(change.text, items, change.pointer)
    return [Edit(change.pointer, [value]) if present is MISSING else Edit(f"{change.pointer}/-", value)]


def _removals(change: Assignment, items: Shape, present: Any) -> list[Edit]:
    """Return the edit that takes one value out of a list; the last one takes the list along."""
    value = parsed(change.text, items, change.pointer)
    if not isinstance(present, list) or value not in present:
        raise Refused(f"{change.pointer} does not hold {change.text!r}, so it cannot be taken out")
    if len(present) == 1:
        return [Edit(change.pointer, MISSING)]
    return [Edit(f"{change.pointer}/{present.index(value)}", MISSING)]


def _no_such_field(whole: Shape, path: list[str]) -> Refused:
    """Say how far the path makes sense, and what was probably meant."""
    known = 0
    while (inner := whole.at(path[: known + 1])) is not None and known < len(path):
        known += 1
    del inner
    around = whole.at(path[:known]) or whole
    near = difflib.get_close_matches(path[known], around.fields, n=1)
    where = f"{pointer(path[:known])} has" if known else "the record has"
    choices = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(around.fields)}"
    return Refused(f"{where} no field {path[known]!r}", choices if around.fields else "")


def _put(data: dict[str, Any], edit: Edit) -> Edit:
    """
    Make an edit in the data, and return it as a file's text needs it.

    Where the way to the place does not exist yet, the edit becomes one of the first part that is missing.
    """
    *way, last = parts(edit.pointer)
    here: Any = data
    for depth, part in enumerate(way):
        inner = at(here, pointer([part]))
        if inner is MISSING or not isinstance(inner, dict | list):
            value = _wrapped([*way[depth + 1 :], last], edit.value)
            return _put(data, Edit(pointer(way[: depth + 1]), value))
        here = inner
    if edit.value is MISSING:
        del here[int(last) if isinstance(here, list) else last]
    elif isinstance(here, list):
        return _put_in_list(here, way, last, edit)
    else:
        here[last] = copy.deepcopy(edit.value)  # a later edit inside it must not reach into this one
    return edit


def _put_in_list(items: list[Any], way: list[str], last: str, edit: Edit) -> Edit:
    """Replace an item of a list, or add one at its end."""
    if last == "-" or last == str(len(items)):
        items.append(copy.deepcopy(edit.value))
        return Edit(pointer([*way, "-"]), edit.value)
    if not last.isdigit() or int(last) > len(items):
        raise Refused(f"{pointer(way)} has {len(items)} entries, so there is no entry {last!r}")
    items[int(last)] = copy.deepcopy(edit.value)
    return edit


def _wrapped(way: Sequence[str], value: Any) -> Any:
    """Return a value inside the lists and mappings that lead to it."""
    for part in reversed(way):
        value = [value] if part in {"0", "-"} else {part: value}
    return value


def parsed(text: str, shape: Shape, where: str) -> Any:
    """
    Read what somebody typed as the schema means it.

    A list may be typed as `a, b` where its items are single words, and as YAML in `[…]`; a mapping as YAML in `{…}`.

    Raises:
        Refused: the text cannot stand at that place.
    """
    refuse_bytes(text, where)
    types = shape.types
    for choice in shape.choices:
        if _spelled(choice) == text:
            return choice
    if shape.choices:
        raise _not_a_choice(text, shape, where)
    if "array" in types and text.lstrip().startswith("["):
        return _as_yaml(text, where)
    if "object" in types and text.lstrip().startswith("{"):
        return _as_yaml(text, where)
    if "string" in types or ("null" in types and text == "null"):
        return text if "string" in types else None
    if "array" in types:
        return _as_list(text, shape, where)
    return _as_scalar(text, types, where)


def refuse_bytes(text: str, where: str) -> None:
    """Refuse what reached the command line as bytes that are no text."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused(f"what was typed for {where} is no text in UTF-8", "type it in UTF-8")


def _as_scalar(text: str, types: frozenset[str], where: str) -> Any:
    """Read a number or truth value, or whatever YAML makes of it where the schema leaves it open."""
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return int(text) if _INTEGER.fullmatch(text) else float(text)
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    if types:
        raise Refused(f"{where} expects {_expected(types)}, not {text!r}", _example(types, where))
    return _as_yaml(text, where)


def _as_list(text: str, shape: Shape, where: str) -> list[Any]:
    """Read a list of words with commas between, or one value where items are free text."""
    items = shape.inside("-") or Shape((), shape.definitions)
    if "object" in items.types and "string" not in items.types:
        raise Refused(f"{where} is a list of mappings", f"add one with {where}+='{{…}}'")
    single = items.types == {"string"} and not (items.choices or items.names or items.pattern)
    words = [text] if single else [word.strip() for word in text.split(",")]
    return [parsed(word, items, where) for word in words if word]


def _as_yaml(text: str, where: str) -> Any:
    """Read a value in YAML's one-line form."""
    found = read(f"value: {text}\n".encode())
    if isinstance(found, Unreadable):
        raise Refused(f"{text!r} cannot be read as the value of {where}: {found.message}", found.fix)
    return found.get("value")


def _not_a_choice(text: str, shape: Shape, where: str) -> Refused:
    words = [_spelled(choice) for choice in shape.choices]
    near = difflib.get_close_matches(text, words, n=1)
    return Refused(
        f"{where} may not be {text!r}",
        f"did you mean {near[0]}?" if near else f"choose one of {', '.join(words)}",
    )


def _spelled(value: Any) -> str:
    """Return a choice as people type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _expected(types: frozenset[str]) -> str:
    """Name the types that a value may have, for people."""
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "object": "a mapping",
             "array": "a list", "null": "nothing", "string": "text"}  # fmt: skip
    named = sorted(words[name] for name in types if name in words and not (name == "integer" and "number" in types))
    return " or ".join(named)


def _example(types: frozenset[str], where: str) -> str:
    """Return what to do about a value that does not fit."""
    if "object" in types:
        return f"give its fields one by one ({where}/field=value), or write it as {{field: value}}"
    return f"write {_expected(types)}"
