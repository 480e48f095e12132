"""Entries of a list in two readings of a record, which may be written in any way: which are new, which are gone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from opsledger.ledger import Record
from opsledger.yamlfile.pointers import at


def entries(record: Record, pointer: str) -> list[Any]:
    """The entries of a list; none where no list stands."""
    found = at(record.data, pointer)
    return found if isinstance(found, list) else []


def fresh(before: Record, after: Record, pointer: str) -> list[str]:
    """The texts in a list that the later reading has and the earlier one has not."""
    return [entry for entry in _fresh(before, after, pointer) if isinstance(entry, str)]


def gone(before: Record, after: Record, pointer: str) -> list[str]:
    """The texts in a list that the earlier reading has and the later one has not."""
    return fresh(after, before, pointer)


def fresh_mappings(before: Record, after: Record, pointer: str) -> list[Mapping[str, Any]]:
    """As `fresh`, of a list of mappings."""
    return [entry for entry in _fresh(before, after, pointer) if isinstance(entry, Mapping)]


def gone_mappings(before: Record, after: Record, pointer: str) -> list[Mapping[str, Any]]:
    """As `gone`, of a list of mappings."""
    return fresh_mappings(after, before, pointer)


def listed(holder: Mapping[str, Any], key: str) -> list[str]:
    """The list of a mapping as texts; nothing where no list stands."""
    found = holder.get(key)
    return [str(entry) for entry in found] if isinstance(found, list) else []


def number(value: Any, otherwise: int) -> int:
    """A number, or another one where none stands."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _fresh(before: Record, after: Record, pointer: str) -> list[Any]:
    known = {_text(entry) for entry in entries(before, pointer)}
    return [entry for entry in entries(after, pointer) if _text(entry) not in known]


def _text(entry: Any) -> str:
    return json.dumps(entry, sort_keys=True, default=str)
