"""One value of a record changed in a copy of its data."""

from __future__ import annotations

from typing import Any, Final

from opsledger.yamlfile import MISSING, parts

GONE: Final = MISSING
"""In place of a value: take away what stands there."""


def changed(data: Any, pointer: str, value: Any) -> Any:
    """
    A copy of data with another value at a pointer; mappings that are missing on the way are made.

    >>> changed({"plan": {"tasks": [1, 2]}}, "/plan/tasks/0", GONE)
    {'plan': {'tasks': [2]}}
    """
    return _changed(data, parts(pointer), value)


def _changed(data: Any, way: list[str], value: Any) -> Any:
    if not way:
        return value
    first, rest = way[0], way[1:]
    if isinstance(data, list):
        entries = {str(index): entry for index, entry in enumerate(data)}
        return list(_changed(entries, way, value).values()) if first in entries else data
    here = dict(data) if isinstance(data, dict) else {}
    if not rest and value is GONE:
        here.pop(first, None)
    elif rest and first not in here and value is GONE:
        return data
    else:
        here[first] = _changed(here.get(first), rest, value)
    return here
