"""Pointer patterns, with `*` for each item or key, met in data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from opsledger.yamlfile.pointers import parts, pointer


def matches(data: Any, pattern: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """
    The pointers in data that a pattern leads to, in the order of the data.

    Yields:
        Each pointer with what its stars stood for.
    """
    yield from _met(data, parts(pattern), (), ())


def filled(pattern: str, stars: Sequence[str]) -> str:
    """The pattern with its first stars replaced, in order; a star too many stays."""
    waiting = iter(stars)
    return pointer(next(waiting, "*") if part == "*" else part for part in parts(pattern))


def fits(where: str, pattern: str) -> bool:
    """Whether a pointer is one that a pattern leads to."""
    there, asked = parts(where), parts(pattern)
    return len(there) == len(asked) and all(b in ("*", a) for a, b in zip(there, asked, strict=True))


def _met(
    data: Any, left: Sequence[str], walked: tuple[str, ...], stars: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not left:
        yield pointer(walked), stars
        return
    part, rest = left[0], left[1:]
    if isinstance(data, dict):
        for key in data if part == "*" else ([part] if part in data else []):
            yield from _met(data[key], rest, (*walked, key), (*stars, key) if part == "*" else stars)
    elif isinstance(data, list):
        for index in (
            range(len(data)) if part == "*" else ([int(part)] if part.isdigit() and int(part) < len(data) else [])
        ):
            yield from _met(data[index], rest, (*walked, str(index)), (*stars, str(index)) if part == "*" else stars)
