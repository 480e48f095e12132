"""What a scope covers in a record, and the digest that stands for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opsledger.kind import Kind
from opsledger.kind.patterns import matches
from opsledger.yamlfile.pointers import at, parts


def scope_pointers(kind: Kind, scope: str) -> tuple[str, ...]:
    """
    The fields that a scope of a kind covers, sorted; `*` stands for every entry of a list or mapping.

    Returns:
        Nothing where the kind has no such scope.
    """
    return tuple(sorted(kind.scopes.get(scope, ())))


def content_of(data: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, Any]:
    """What stands at some pointers, by the pointer with its stars filled in; those that lead nowhere are left out."""
    whole = dict(data)
    return {there: at(whole, there) for pattern in sorted(pointers) for there, _ in matches(whole, pattern)}


def digest_of(kind_name: str, subject_id: str, scope: str, pointers: Iterable[str], data: Mapping[str, Any]) -> str:
    """
    The digest that an approval of a scope carries.

    It is the SHA-256 of the canonical JSON of `{kind, subject, scope, content: {pointer: value}}`.

    Raises:
        NotCanonical: the content holds a value that canonical JSON cannot carry exactly.

    Source:
        RFC 8785, RFC 6901; S2-purpose-01.
    """
    from opsledger.canonical import digest

    content = content_of(data, pointers)
    return digest({"kind": kind_name, "subject": subject_id, "scope": scope, "content": content})


def parts_of(data: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, str]:
    """
    The digest of each single value that a scope covers, so that a later edit can be named.

    Raises:
        NotCanonical: as `digest_of`.
    """
    from opsledger.canonical import digest

    return {pointer: digest(value) for pointer, value in content_of(data, pointers).items()}


def uncovered(pointers: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of the wanted pointers that none of the others is or stands above."""
    known = [parts(pointer) for pointer in pointers]
    return tuple(pointer for pointer in wanted if not any(_covers(wide, parts(pointer)) for wide in known))


def _covers(wide: list[str], narrow: list[str]) -> bool:
    return len(wide) <= len(narrow) and all(part in ("*", there) for part, there in zip(wide, narrow, strict=False))
