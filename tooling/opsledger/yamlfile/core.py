"""What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2, by its own regular expressions."""

from __future__ import annotations

import math
import re

from opsledger.yamlfile.model import LARGEST_INTEGER

Scalar = str | int | float | bool | None

NULL = re.compile(r"(?:null|Null|NULL|~|)")
BOOLEAN = re.compile(r"(?:true|True|TRUE|false|False|FALSE)")
DECIMAL = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
INFINITY = re.compile(r"[-+]?(?:\.inf|\.Inf|\.INF)")
NOT_A_NUMBER = re.compile(r"(?:\.nan|\.NaN|\.NAN)")
_INTEGERS = ((DECIMAL, 10), (OCTAL, 8), (HEXADECIMAL, 16))


class Unfit(ValueError):
    """A plain scalar means something that no record may hold."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def resolve(text: str) -> Scalar:
    """
    Say what a plain scalar means.

    Dates and times are no type of the core schema: they stay text (BAD-036, BAD-042).

    Raises:
        Unfit: it means a number that canonical JSON cannot carry: infinite, not a number, an integer of 2^53 or more.
    """
    # Almost every text starts with a letter that starts no typed scalar: one look settles it.
    if text and text[0] not in "+-.0123456789~nNtTfF":
        return text
    if NULL.fullmatch(text):
        return None
    if BOOLEAN.fullmatch(text):
        return text[0] in "tT"
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(text):
            return _integer(text if base == 10 else text[2:], base)
    return _float(text) if FLOAT.fullmatch(text) else _finite(text)


def is_text(text: str) -> bool:
    """Whether a plain scalar of these characters would be read back as text."""
    try:
        return isinstance(resolve(text), str)
    except Unfit:
        return False


def _integer(digits: str, base: int) -> int:
    bare = digits.lstrip("+-").lstrip("0")
    # 2^53 has 16 decimal and 18 octal digits; longer ones are never turned into a number, which
    # would be slow, and past 4,300 digits an exception (BAD-037).
    number = int(digits, base) if len(bare) <= 18 else None
    if number is None or abs(number) > LARGEST_INTEGER:
        raise Unfit(
            f"the number {_short(digits)} is larger than {LARGEST_INTEGER}, the largest that a record can hold exactly",
            "put it in quotes if it is an identifier, or choose a larger unit",
        )
    return number


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        fix = "write a smaller number, or put it in quotes as text"
        raise Unfit(f"the number {_short(text)} is too large to hold", fix)
    return number


def _finite(text: str) -> str:
    if INFINITY.fullmatch(text) or NOT_A_NUMBER.fullmatch(text):
        fix = "write a finite number, or put it in quotes as text"
        raise Unfit(f"{text} is no number that a record can hold", fix)
    return text


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:12]}... of {len(text)} characters"
