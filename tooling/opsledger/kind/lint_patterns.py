"""What makes a regular expression unfit for a schema: read as a tree, not tried out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # the tree's names; there is no public way to them
from re import _parser  # type: ignore[attr-defined]  # as above
from typing import Any

from opsledger.kind.lint_backtracking import can_explode

_ASCII_FOR = {
    "CATEGORY_DIGIT": (r"\d", "[0-9]"),
    "CATEGORY_NOT_DIGIT": (r"\D", "[^0-9]"),
    "CATEGORY_WORD": (r"\w", "[A-Za-z0-9_]"),
    "CATEGORY_NOT_WORD": (r"\W", "[^A-Za-z0-9_]"),
    "CATEGORY_SPACE": (r"\s", r"[ \t]"),
    "CATEGORY_NOT_SPACE": (r"\S", "[!-~]"),
}
_NOT_EVERYWHERE = {
    "ASSERT": "looks ahead or behind",
    "ASSERT_NOT": "looks ahead or behind",
    "GROUPREF": "refers back to a group",
    "GROUPREF_EXISTS": "depends on a group",
    "ATOMIC_GROUP": "has an atomic group",
    "POSSESSIVE_REPEAT": "has a possessive quantifier",
}
_SYNTAX = re.compile(
    r"\\(?P<escape>[AZzGbBpPQE])|\(\?(?P<group>P[<=>]|<[A-Za-z_]|#|[a-zA-Z]+[:)]|-)|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]",
    re.DOTALL,
)
_BRANCH = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\|", re.DOTALL)

Unfit = tuple[str, str]
"""What is wrong with a pattern, and what to do."""


@lru_cache(maxsize=4096)
def unfit(pattern: str) -> tuple[Unfit, ...]:
    """Everything that makes a pattern unfit for records, most basic first; nothing for a good one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as failure:
        fix = "correct it, with a backslash before each character meant as itself"
        return ((f"which is no regular expression: {failure}", fix),)
    found = list(_foreign(pattern, tree))
    if found:
        return tuple(found)
    if not (_starts(tree) and _ends(tree)):
        found.append(("which is not tied to both ends, so that more text around it passes", _anchored(pattern)))
    found += _wide(tree)
    if can_explode(_parser.parse(_with_branches_apart(pattern))):
        found.append(
            (
                "which can be matched in so many ways that a long text never ends",
                "let each character be matched by one part only, for example (a|b)+ in place of (a+|b)+",
            )
        )
    return tuple(found)


def longest(pattern: str) -> int | None:
    """The most characters that a pattern lets through, or `None` where there is no limit."""
    try:
        most = int(_parser.parse(pattern).getwidth()[1])
    except (re.error, RecursionError, OverflowError):
        return None
    return None if most >= int(sre.MAXREPEAT) else most


def _with_branches_apart(pattern: str) -> str:
    """
    The pattern with an empty group after each `|`.

    Python makes one class of `a|a`, which is harmless then; other engines try both.
    """
    return _BRANCH.sub(lambda token: "|()" if token.group() == "|" else token.group(), pattern)


def _foreign(pattern: str, tree: Any) -> Iterator[Unfit]:
    """Constructs that not every validator and editor knows."""
    for operation, _ in _operations(tree):
        if operation in _NOT_EVERYWHERE:
            why = f"which {_NOT_EVERYWHERE[operation]}, and not every validator can"
            yield why, "say it without, or in `not` with a pattern of its own"
            return
    for syntax in _SYNTAX.finditer(pattern):
        if syntax["escape"]:
            why = f"which uses \\{syntax['escape']}, that validators read differently"
            yield why, "use ^ and $ for the ends and plain classes between"
            return
        if syntax["group"]:
            why = "which has a group with a name, a flag or a comment, that validators read differently"
            yield why, "write plain groups: ( … )"
            return


def _operations(tree: Any) -> Iterator[tuple[str, Any]]:
    """Each operation of a parsed pattern with its argument, outermost first."""
    for operation, argument in tree:
        yield str(operation), argument
        for inner in _subtrees(argument):
            yield from _operations(inner)


def _subtrees(argument: Any) -> Iterator[Any]:
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from _subtrees(part)


def _starts(tree: Any) -> bool:
    return len(tree) > 0 and _is_tied(tree[0], "AT_BEGINNING", _starts)


def _ends(tree: Any) -> bool:
    return len(tree) > 0 and _is_tied(tree[-1], "AT_END", _ends)


def _is_tied(step: Any, anchor: str, question: Any) -> bool:
    operation, argument = str(step[0]), step[1]
    if operation == "AT":
        return str(argument) == anchor
    if operation == "SUBPATTERN":
        return bool(question(argument[-1]))
    return operation == "BRANCH" and all(question(branch) for branch in argument[1])


def _anchored(pattern: str) -> str:
    inside = pattern.removeprefix("^").removesuffix("$")
    return f"write ^({inside})$" if "|" in inside else f"write ^{inside}$"


def _wide(tree: Any) -> Iterator[Unfit]:
    """Classes that take in other scripts, or that reach further than they look."""
    told: set[str] = set()
    for operation, argument in _operations(tree):
        for part in argument if operation == "IN" else ():
            name = str(part[1])
            if name in _ASCII_FOR and name not in told:
                told.add(name)
                short, plain = _ASCII_FOR[name]
                yield (
                    f"in which {short} lets in letters or digits of other scripts",
                    f"write {plain} in place of {short}",
                )
            elif str(part[0]) == "RANGE" and argument[0][0] is not sre.NEGATE:
                yield from _odd_range(*part[1])


def _odd_range(low: int, high: int) -> Iterator[Unfit]:
    shown = f"{chr(low)}-{chr(high)}"
    if low <= ord("Z") and ord("a") <= high < 0x7F and chr(low).isalpha():
        yield f"in which {shown} takes in the marks between Z and a", "write A-Za-z"
    elif low < 0x80 <= high:
        yield f"in which {shown} lets in letters or digits of other scripts", "end the range within ASCII"
