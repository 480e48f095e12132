"""Expressions of Go: what they meet, what is refused, what is not judged, and that none takes long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsledger.codeowners.automaton import Expression
from opsledger.codeowners.expressions import NoExpression, NotJudged

PIECES = [
    "a",
    "b",
    "/",
    ".",
    "*",
    "+",
    "?",
    "(",
    ")",
    "|",
    "[ab]",
    "[^a]",
    "^",
    "$",
    "{2}",
    "{1,2}",
    "\\.",
    "[a-]",
    "x{",
]


@settings(max_examples=800, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.lists(st.text("ab/.x{", max_size=6), max_size=6))
def test_an_expression_is_found_where_another_engine_finds_it(pattern: str, texts: list[str]):
    try:
        expression = Expression(f"^{pattern}$")
        other = re.compile(f"^{pattern}$".replace("$", "\\Z"))
    except (NoExpression, NotJudged, re.error):
        return  # what Python refuses and Go reads, such as a repeated start, stands among the vectors

    assert [other.search(text) is not None for text in texts] == [expression.matches(text) for text in texts]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text("ab.x", min_size=1),
    st.sampled_from(["", "a", "a/b"]),
)
def test_a_folder_is_answered_for_as_its_files_are(pattern: str, name: str, folder: str):
    try:
        expression = Expression(f"^{pattern}$")
    except (NoExpression, NotJudged):
        return

    names = expression.below(folder)

    path = f"{folder}/{name}" if folder else name
    assert expression.matches(path) == (names if isinstance(names, bool) else names(name))


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("(a+)+b", id="loop in a loop"),
        pytest.param("(a|a)*b", id="two ways each time"),
        pytest.param("(a*)*b", id="loop that may be empty"),
        pytest.param(".*.*.*.*.*b", id="many stars"),
    ],
)
def test_a_pattern_that_explodes_elsewhere_is_answered(pattern: str):
    assert not Expression(f"^{pattern}$").matches("a" * 3000)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        pytest.param("a(b", "not closed", id="open parenthesis"),
        pytest.param("a)b", "no opening one", id="closing parenthesis"),
        pytest.param("a[b", "not closed", id="open bracket"),
        pytest.param("[b-a]", "backwards", id="range that goes backwards"),
        pytest.param("a**", "follows another", id="two repeats"),
        pytest.param("a*+", "follows another", id="possessive repeat"),
        pytest.param("(*a)", "nothing to repeat", id="repeat of nothing"),
        pytest.param("(?P<>a)", "no proper name", id="group without a name"),
        pytest.param("[[:letter:]]", "there is not", id="unknown named class"),
        pytest.param("[a\\", "ends with a backslash", id="backslash that ends a class"),
        pytest.param("a{3,2}", "counts wrongly", id="count that goes backwards"),
        pytest.param("a{1000000000}", "1,000 times", id="enormous count"),
        pytest.param("(a{100}){100}", "1,000 times", id="counts inside counts"),
    ],
)
def test_what_go_cannot_read_is_refused(pattern: str, why: str):
    with pytest.raises(NoExpression, match=why):
        Expression(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("(?=a)", id="looking ahead"),
        pytest.param("(?<!a)", id="looking behind"),
        pytest.param("(?>a)", id="atomic group"),
        pytest.param("(?i)a", id="flag"),
        pytest.param("(?s:a)", id="flag for a group"),
        pytest.param("(?<n>a)", id="newer name for a group"),
        pytest.param("(a)\\1", id="back reference"),
        pytest.param("a\\Z", id="other end of the text"),
        pytest.param("\\bA", id="border of a word"),
        pytest.param("\\pL", id="class of Unicode"),
        pytest.param("\\x41", id="character by its number"),
        pytest.param("\\Qa.b\\E", id="quotation"),
        pytest.param("[a-z-[aeiou]]", id="class less a class"),
        pytest.param("[a-\\d]", id="range that ends with a class"),
        pytest.param("[\\d-z]", id="range that starts with a class"),
        pytest.param("(" * 200 + ")" * 200, id="groups far too deep"),
        pytest.param("(abcdefghij){1000}", id="far too large"),
    ],
)
def test_what_engines_read_differently_is_not_judged(pattern: str):
    with pytest.raises(NotJudged):
        Expression(pattern)


@pytest.mark.parametrize(
    ("pattern", "path", "is_met"),
    [
        pytest.param("^[]a]$", "]", True, id="bracket that comes first in a class"),
        pytest.param("^[^]a]$", "b", True, id="bracket that comes first in a negated class"),
        pytest.param("^[a-]$", "-", True, id="hyphen at the end of a class"),
        pytest.param("^[^a-ca-d]$", "b", False, id="ranges that overlap"),
        pytest.param("^[^a-ca-d]$", "e", True, id="beyond ranges that overlap"),
        pytest.param("^a{,2}$", "a{,2}", True, id="braces that count nothing"),
        pytest.param("^a{$", "a{", True, id="open brace"),
        pytest.param("^\\w$", "_", True, id="underscore in a word"),
        pytest.param("^\\W$", "é", True, id="other scripts are in no word"),
        pytest.param("^\\s$", "\v", False, id="vertical tab is no blank"),
        pytest.param("^[[:^digit:]]$", "a", True, id="negated named class"),
        pytest.param("^a.b$", "a\nb", False, id="dot and a line break"),
        pytest.param("^a$", "a\n", False, id="end and a line break"),
        pytest.param("^\\Aa\\z$", "a", True, id="ends by their letters"),
        pytest.param("^\\t$", "\t", True, id="tab by its letter"),
        pytest.param("^$", "", True, id="nothing at all"),
        pytest.param("a", "xax", True, id="without ties"),
    ],
)
def test_go_meets(pattern: str, path: str, is_met: bool):
    assert is_met == Expression(pattern).matches(path)


def test_forgotten_states_are_found_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("opsledger.codeowners.automaton.MOST_STATES", 2)
    expression = Expression("^(a|b)*a(a|b){6}$")

    assert expression.matches("b" * 50 + "abbbbbb")
    assert not expression.matches("b" * 50 + "bbbbbbb")
    assert 3 >= len(expression._states)


def test_a_folder_of_which_much_may_come_is_asked_name_by_name():
    expression = Expression("^(a|b)*a(a|b){8}$")

    assert [True, False] == [expression.below("")(name) for name in ("abbbbbbbb", "bbbbbbbbb")]
    assert expression.below("") is expression.below("")


def test_a_folder_of_which_far_too_much_may_come_is_asked_name_by_name():
    names = Expression("^(a|b)*a(a|b){8}/x$").below("")

    assert callable(names)
    assert not names("abbbbbbbb")
