"""Schema files read as strict JSON; where one is not, the place and the reason."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from opsledger.kind.fragments import Schema
from opsledger.yamlfile import MAX_DEPTH, Unreadable, read_exact

MAX_BYTES = 1 << 20
"""The most bytes a schema file may have."""

LARGEST_INTEGER = 2**53

_ODD_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<odd>NaN|-?Infinity)')
_EXPECTED = {
    "Expecting ',' delimiter": ("a comma or a closing bracket was expected here", "separate the two with a comma"),
    "Expecting ':' delimiter": ("a colon was expected here", "write a colon between key and value"),
    "Expecting property name enclosed in double quotes": (
        "a key in double quotes was expected here",
        'write the key as "key", and no comma after the last one',
    ),
    "Expecting value": ("a value was expected here", "write a value, and no comma after the last one"),
    "Extra data": ("something follows after the end of the schema", "remove what follows the last closing bracket"),
    "Unterminated string starting at": ("this text has no closing quote", "close it with a double quote"),
}


class _Refused(ValueError):
    """Something that JSON readers differ on, and that the exact tier words."""


def schema_in(data: bytes) -> Schema | Unreadable:
    """
    Read one schema file.

    JSON is read fast here; only what is refused goes to the exact tier, which knows places.

    Returns:
        The schema, or why it is none.
    """
    if len(data) > MAX_BYTES:
        return _refusal(data, "", ValueError())
    try:
        text = data.decode("utf-8-sig")
        stated = _loaded(text)
    except UnicodeDecodeError as failure:
        return _refusal(data, "", failure)
    except (ValueError, RecursionError) as failure:
        return _refusal(data, text, failure)
    if not isinstance(stated, dict):
        return Unreadable(1, 1, "the file holds no JSON object", "write a schema between { and }")
    if _has_half_character(text, stated) or _is_deep(stated, MAX_DEPTH):
        return _refusal(data, text, _Refused())
    return stated


def _loaded(text: str) -> Any:
    return json.loads(
        text, object_pairs_hook=_mapping, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
    )


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _Refused
    return mapping


def _no_constant(name: str) -> NoReturn:
    raise _Refused(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _Refused
    return number


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
        raise _Refused
    return int(text)


def _has_half_character(text: str, stated: Any) -> bool:
    if "\\ud" not in text.lower():
        return False
    try:
        json.dumps(stated, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _is_deep(value: Any, left: int) -> bool:
    if isinstance(value, dict):
        return left == 0 or any(_is_deep(inner, left - 1) for inner in value.values() if isinstance(inner, dict | list))
    if isinstance(value, list):
        return left == 0 or any(_is_deep(inner, left - 1) for inner in value if isinstance(inner, dict | list))
    return False


def _refusal(data: bytes, text: str, failure: Exception) -> Unreadable:
    """Why a file is no JSON: in JSON's own words where those say where, otherwise in the exact tier's."""
    if isinstance(failure, json.JSONDecodeError) and text.strip():
        said, fix = _EXPECTED.get(failure.msg, ("this is no JSON from here on", "write JSON, as a schema file does"))
        return Unreadable(failure.lineno, failure.colno, said, fix)
    exact = read_exact(data, limit=MAX_BYTES)
    if isinstance(exact, Unreadable):
        return exact
    line, column = _odd_constant(text)
    return Unreadable(line, column, "this is no number that JSON knows", "write a number in digits")


def _odd_constant(text: str) -> tuple[int, int]:
    for found in _ODD_CONSTANT.finditer(text):
        if found["odd"]:
            start = found.start()
            return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return 1, 1
