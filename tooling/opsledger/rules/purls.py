"""
Package URLs and the ranges of versions in which a weakness is: whether a component is meant.

Versions are compared as numbers between dots, with pre-releases before their release as SemVer 2.0.0 orders them. What
is written in any other way can only be the same or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_NUMBERS = re.compile(r"v?([0-9]{1,18}(?:\.[0-9]{1,18}){0,9})(?:-([0-9A-Za-z.-]{1,80}))?(?:\+[0-9A-Za-z.-]{1,80})?")
_BOUND = re.compile(r"(<=|>=|==|<|>|=)?\s*([0-9A-Za-z][0-9A-Za-z._+~:-]*)")
_WILD = re.compile(r"(^|\.)[xX]($|\.)")
_ALL = ("", "*")
_UNCASED = ("pypi", "github", "bitbucket", "composer", "deb", "rpm", "apk")


@dataclass(frozen=True)
class Component:
    """
    A package as a package URL names it.

    Args:
        package: type, name space and name, in the spelling that all writers share.
        version: empty where the URL names none.
    """

    package: str
    version: str


def component(purl: str) -> Component:
    """
    What a package URL names, without its qualifiers and subpath.

    Source:
        purl-spec: parts are percent-encoded, and some types know no capitals.
    """
    bare = purl.partition("#")[0].partition("?")[0]
    head, at, tail = bare.rpartition("@")
    # The @ of a name space, as in pkg:npm/@scope/name, is no mark of a version.
    package, version = (head, tail) if at and "/" in head and "/" not in tail else (bare, "")
    sort, _, name = unquote(package).removeprefix("pkg:").partition("/")
    name = name.lower() if sort in _UNCASED else name
    name = name.replace("_", "-") if sort == "pypi" else name
    return Component(f"pkg:{sort}/{name.strip('/')}", unquote(version))


def is_in(version: str, stated: str) -> bool | None:
    """
    Whether a version lies in a range, such as `<9.6`, `>=1.0 <2.0` or `1.2.3`; `None` where nobody can compare them.

    Args:
        stated: bounds that hold together, apart by spaces or commas; `||` between ranges of which one is enough.
            `vers:` in front is taken as the standard says; nothing and `*` mean every version.
    """
    if stated.strip() in _ALL:
        return True
    if stated.startswith("vers:"):
        return _in_vers(version, stated.partition("/")[2])
    answers = [_in_one(version, one) for one in stated.split("||")]
    return _any(answers)


def _in_one(version: str, stated: str) -> bool | None:
    bounds = list(_bounds(stated))
    single = [sign in ("=", "==") for sign, _ in bounds]
    if not bounds or (any(single) and not all(single)):
        return None
    answers = [_holds(version, sign, bound) for sign, bound in bounds]
    if all(single):
        return _any(answers)
    return False if False in answers else None if None in answers else True


def _in_vers(version: str, stated: str) -> bool | None:
    """A range as `vers` writes it: single versions, or pairs of a lower and an upper bound, apart by `|`."""
    if stated.strip() == "*":
        return True
    bounds = [bound for one in stated.split("|") for bound in _bounds(one)]
    if not bounds or "!" in stated:
        return None
    answers: list[bool | None] = []
    low: bool | None = None
    is_open = False
    for sign, bound in bounds:
        met = _holds(version, sign, bound)
        if sign in (">", ">="):
            low, is_open = met, True
        elif sign in ("<", "<="):
            answers.append(_both(low, met) if is_open else met)
            is_open = False
        else:
            answers.append(met)
    if is_open:
        answers.append(low)
    return _any(answers)


def _any(answers: Iterable[bool | None]) -> bool | None:
    given = tuple(answers)
    return True if True in given else None if None in given else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    return False if False in (one, other) else None if None in (one, other) else True


def _bounds(stated: str) -> Iterator[tuple[str, str]]:
    """Each bound with its sign; nothing where something stands there that is none, such as a word."""
    text = unquote(stated)
    found = list(_BOUND.finditer(text))
    if not _BOUND.sub("", text).strip(" ,") and all(any(map(str.isdigit, one[2])) for one in found):
        yield from ((one[1] or "=", one[2]) for one in found)


def _holds(version: str, sign: str, bound: str) -> bool | None:
    is_same = version == bound
    if sign in ("=", "=="):
        one, other = _key(version), _key(bound)
        if _WILD.search(bound):
            return None
        return is_same or (one is not None and one == other)
    if is_same:
        return sign in ("<=", ">=")
    one, other = _key(version), _key(bound)
    if one is None or other is None:
        return None
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]


def _key(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]] | None:
    found = _NUMBERS.fullmatch(version)
    if found is None:
        return None
    numbers = [int(one) for one in found[1].split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    before = found[2].split(".") if found[2] else []
    return tuple(numbers), not before, tuple(_part(one) for one in before)


def _part(text: str) -> tuple[bool, int, str]:
    return (False, int(text), "") if text.isascii() and text.isdigit() else (True, 0, text)
