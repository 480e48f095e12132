"""The words of a condition: names, numbers, texts and signs, each with its column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opsledger.conditions.syntax import LONGEST, Unsound

LEAST_INT, MOST_INT = -(2**63), 2**63 - 1

_WORDS = re.compile(
    r"(?P<space>[ \t\r\n\f]+|//[^\n]*)"
    r"|(?P<text>[rRbB]{0,2}(?:\"\"\"(?s:(?:[^\\]|\\.)*?)\"\"\"|'''(?s:(?:[^\\]|\\.)*?)'''"
    r"|\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*'))"
    r"|(?P<double>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<int>0[xX][0-9a-fA-F]+|[0-9]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])"
)
_RAW = re.compile(r"(?P<prefix>[rR]?)(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|\"[^\"\r\n]*\"|'[^'\r\n]*')", re.ASCII)
_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\?\"'`])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})"
    r"|(?P<octal>[0-3][0-7]{2})|(?P<odd>(?s:.)))"
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

RESERVED = frozenset({
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
})  # fmt: skip
"""Names that the language keeps for itself."""


@dataclass(frozen=True)
class Token:
    """
    One word of a condition.

    Args:
        sort: name, literal, sign or end.
        text: as it is written.
        value: of a literal.
    """

    sort: str
    text: str
    column: int
    value: Any = None


def tokens(text: str) -> Iterator[Token]:
    """
    The words of a condition, with one at its end.

    Raises:
        Unsound: something in it is no word of the language.
    """
    if len(text) > LONGEST:
        raise Unsound(f"a condition may have {LONGEST:,} characters, and this one has {len(text):,}", 1)
    at = 0
    while at < len(text):
        found = (_RAW.match(text, at) if text[at] in "rR" else None) or _WORDS.match(text, at)
        if found is None:
            raise Unsound(_unknown(text[at]), at + 1)
        if found.lastgroup != "space":
            yield _token(found, at + 1, text[found.end() : found.end() + 1])
        at = found.end()
    yield Token("end", "", len(text) + 1)


def _token(found: re.Match[str], column: int, after: str) -> Token:
    sort, text = found.lastgroup, found[0]
    if sort in ("text", "prefix"):
        return Token("literal", text, column, _spoken(text, column))
    if sort in ("int", "double"):
        if after.isalnum() or after == "_":
            is_unsigned = sort == "int" and after in "uU"
            said = "unsigned numbers are not supported: write it without the u" if is_unsigned else _unknown(after)
            raise Unsound(said, column + len(text))
        return Token("literal", text, column, _number(text, column, is_int=sort == "int"))
    if sort == "name" and text in RESERVED:
        raise Unsound(f"{text} is a word that the language keeps for itself", column)
    return Token(sort or "", text, column)


def _unknown(sign: str) -> str:
    if sign in "\"'":
        return "a text starts here and does not end"
    hint = {"=": "; two things are compared with ==", "&": "; and is written &&", "|": "; or is written ||"}
    return f"{sign!r} means nothing here{hint.get(sign, '')}"


def _number(text: str, column: int, *, is_int: bool) -> int | float:
    if not is_int:
        double = float(text)
        if double in (float("inf"), float("-inf")):
            raise Unsound("this number is too large", column)
        return double
    # The least of all numbers has no positive twin; the parser puts the sign before it.
    number = int(text, 16) if text[:2] in ("0x", "0X") else int(text) if len(text) <= 20 else MOST_INT + 2
    if number > MOST_INT + 1:
        raise Unsound("this number is too large", column)
    return number


def _spoken(text: str, column: int) -> str:
    """What a quoted text says."""
    start = re.match(r"[rRbB]*", text)
    prefix = start[0] if start else ""
    if "b" in prefix.lower():
        raise Unsound("bytes are not supported: write a text without the b", column)
    body = text[len(prefix) :]
    quotes = 3 if body[:3] in ('"""', "'''") and len(body) >= 6 else 1
    inner = body[quotes:-quotes]
    if prefix:
        return inner

    def meant(found: re.Match[str]) -> str:
        if found["plain"]:
            return _PLAIN.get(found["plain"], found["plain"])
        if found["odd"]:
            raise Unsound(f"\\{found['odd']} is no escape; a backslash is written \\\\", column)
        code = int(found["octal"], 8) if found["octal"] else int(found["x"] or found["u"] or found["long"], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise Unsound(f"{found[0]} stands for no character", column)
        return chr(code)

    return _ESCAPE.sub(meant, inner)
