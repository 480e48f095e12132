"""Digests of data: canonical JSON as in RFC 8785, by the rfc8785 library."""

from __future__ import annotations

from hashlib import sha256
from typing import Any


class NotCanonical(ValueError):
    """Data holds a value that canonical JSON cannot carry exactly, so no digest may stand for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"this data has no canonical form: {self.why}"


def canonical(value: Any) -> bytes:
    """
    Write data as canonical JSON: one text for equal data, whatever the order of its keys.

    Raises:
        NotCanonical: an integer of 2^53 or more either way, a number that is not finite, half of a surrogate pair, or
            a value or key that JSON does not have.

    Source:
        RFC 8785; larger integers are refused rather than rounded.
    """
    import rfc8785  # a check that computes no digest does not pay for it

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as problem:
        raise NotCanonical(str(problem) or "it is nested too deep") from None


def digest(value: Any) -> str:
    """The SHA-256 of data's canonical form, as `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + sha256(canonical(value)).hexdigest()
