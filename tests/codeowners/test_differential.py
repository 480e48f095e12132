"""Random GitHub files read by us and by the package `codeowners`; each way in which the two differ is explained."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from codeowners import CodeOwners
from opsledger.codeowners import Dialect, parse

NAMES = st.sampled_from(["a", "b", "ab", "docs", "x.md", ".dot", "a b", "B"])
PARTS = st.sampled_from(
    ["a", "b", "docs", "*", "**", "***", "*.md", "a*", "?", "a?", "[ab]", "x.md", ".dot", "a\\ b", "*b*", "a**", "\\#a",
     "a#b", "!a", "\\a"]
)  # fmt: skip
PATTERNS = st.builds(
    lambda start, parts, end: f"{start}{'/'.join(parts)}{end}",
    st.sampled_from(["", "", "/"]), st.lists(PARTS, min_size=1, max_size=4), st.sampled_from(["", "", "/"]),
)  # fmt: skip
OWNERS = st.sampled_from(
    ["@ada", "@bob", "@org/team", "carl@example.org", "@Dan-1", "nobody", "@-x", "#rest", "# @eve"]
)
LINES = st.builds(lambda pattern, owners: " ".join([pattern, *owners]), PATTERNS, st.lists(OWNERS, max_size=3))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def _pattern(line: str) -> str:
    return re.match(r"(?:\\.|\S)*", line)[0]


def _words(line: str) -> list[str]:
    """The words behind the pattern, up to a comment."""
    return re.split(r"(?:^|\s)#", line[len(_pattern(line)) :])[0].split()


EXPLAINED: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "brackets": (
        "About code owners, CODEOWNERS syntax: brackets make no range of characters (the package reads them as one, or"
        " the whole line as a heading of GitLab's)",
        lambda line, path: "[" in _pattern(line),
    ),
    "negation": (
        "About code owners, CODEOWNERS syntax: ! negates nothing (the package looks for a file that starts with it)",
        lambda line, path: line.startswith("!"),
    ),
    "escaped number sign": (
        "About code owners, CODEOWNERS syntax: a backslash does not save a pattern that starts with # (the package says"
        " it does)",
        lambda line, path: line.startswith("\\#"),
    ),
    "number sign inside": (
        "nowhere documented, so that we count the line for nothing (the package takes # for a character)",
        lambda line, path: "#" in _pattern(line),
    ),
    "three stars": (
        "REST API, List CODEOWNERS errors: three stars are no pattern (the package takes them for one)",
        lambda line, path: "***" in _pattern(line),
    ),
    "odd owner": (
        "About code owners, CODEOWNERS syntax: a line with a fault is skipped (the package drops the word alone)",
        lambda line, path: any(word in ("nobody", "@-x") for word in _words(line)),
    ),
    "comment behind owners": (
        "About code owners, Example of a CODEOWNERS file: a comment may stand behind the owners (the package takes"
        " names in it for owners)",
        lambda line, path: re.search(r"\s#.*@", line[len(_pattern(line)) :]) is not None,
    ),
    "blank in the path": (
        "gitignore, Pattern format: a star stands for anything but a slash (the package puts slashes for blanks, so"
        " that stars stop there and names end there)",
        lambda line, path: " " in path,
    ),
}


def _theirs(text: str, path: str) -> tuple[int | None, list[str]]:
    owners, line, _, _ = CodeOwners(text).matching_line(path)
    return line, list(dict.fromkeys(owner for _, owner in owners))


def _ours(text: str, path: str) -> tuple[int | None, list[str]]:
    demands = parse(text, Dialect.GITHUB).of(path).demands
    return (demands[0].entry.line, list(demands[0].owners)) if demands else (None, [])


def _why(line: str, path: str) -> str | None:
    return next((name for name, (_, holds) in EXPLAINED.items() if holds(line, path)), None)


@settings(max_examples=600, deadline=None)
@given(LINES, PATHS)
@example("docs/* @ada", "docs/a/b")
@example("a/** @ada", "a")
@example("a**/* @ada", "ab/a/b")
def test_one_line_means_the_same_to_both_but_for_what_is_explained(line: str, path: str):
    if _theirs(line, path) != _ours(line, path):
        event(_why(line, path) or "unexplained")

        assert _why(line, path) is not None, (_theirs(line, path), _ours(line, path))


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6), PATHS)
def test_files_differ_only_where_a_line_of_theirs_does(lines: list[str], path: str):
    text = "\n".join(lines)

    if all(_theirs(line, path) == _ours(line, path) for line in lines):
        assert _theirs(text, path) == _ours(text, path)


@pytest.mark.parametrize(
    ("name", "line", "path"),
    [
        ("brackets", "[ab] @ada", "a"),
        ("negation", "!a @ada", "!a"),
        ("escaped number sign", "\\#a @ada", "#a"),
        ("number sign inside", "a#b @ada", "a#b"),
        ("three stars", "*** @ada", "a"),
        ("odd owner", "a @ada nobody", "a"),
        ("comment behind owners", "a @ada # @eve", "a"),
        ("blank in the path", "a?b @ada", "a b"),
    ],
)
def test_each_explanation_is_of_a_difference_that_there_is(name: str, line: str, path: str):
    assert _theirs(line, path) != _ours(line, path)
    assert name == _why(line, path)


def test_every_explanation_names_a_sentence_or_that_there_is_none():
    assert [] == [
        name for name, (said, _) in EXPLAINED.items() if not re.match(r"[A-Z][\w ]+, |gitignore, |nowhere", said)
    ]
