"""Which regular expressions a schema may hold: those that every validator reads alike and that always end."""

from __future__ import annotations

import re
import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsledger.kind.lint_patterns import longest, unfit

EXPLODE = [
    r"^(a+)+$", r"^(a*)*$", r"^([a-z]+)*$", r"^(a|aa)+$", r"^(a|a)*$", r"^([a-z]|[a-z0-9])*$", r"^(a?a?)*$",
    r"^(x+x+)+y$",
    r"^([a-z]*,?)*$", r"^(a{1,30}){1,30}$", r"^(ab|a|b)*$", r"^(.*a){10}$", r"^((ab)*|(ba)*)*$", r"^([^x]|a)+$",
    r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*$", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^(a+?)+$", r"^(?:(?:a+))+$",
]  # fmt: skip
END = [
    r"^a*a*$", r"^(a|b)+$", r"^(ab|ac)*$", r"^(a[bc]|a[de])*$", r"^[a-z0-9]+(-[a-z0-9]+)*$",
    r"^([0-9]{1,3}\.){3}[0-9]{1,3}$",
    r"^[0-9a-f]{40}([0-9a-f]{24})?$", r"^(/([^/~]|~[01])*)*$", r"^[^@ ]+@[^@ ]+$", r"^([a-z]{3}){2}$", r"^(a|b|ab)$",
    r"^sha256:[0-9a-f]{64}$", r"^([a-z]+-){1,30}[a-z]+$", r"^$", r"^[|]+$", r"^(\||a)+$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", EXPLODE)
def test_pattern_that_reads_a_text_in_ever_more_ways_is_refused(pattern: str) -> None:
    assert ["which can be matched in so many ways that a long text never ends"] == [why for why, _ in unfit(pattern)]


@pytest.mark.parametrize("pattern", END)
def test_pattern_that_reads_each_text_in_few_ways_is_allowed(pattern: str) -> None:
    assert () == unfit(pattern)


def readings(pattern: str, text: str) -> int:
    """How often a text of one word is tried before a pattern gives up, as a measure of time."""
    start = time.perf_counter_ns()
    re.match(pattern, text)
    return time.perf_counter_ns() - start


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.recursive(
        st.sampled_from(["a", "b", "[ab]", "ab"]),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
            st.tuples(inner, st.sampled_from("*+?")).map(lambda two: f"({two[0]}){two[1]}"),
        ),
        max_leaves=5,
    )
)
def test_pattern_that_is_allowed_gives_up_soon(inside: str) -> None:
    pattern = f"^{inside}$"
    if unfit(pattern):
        return

    slowest = max(readings(pattern, "".join(word) * 8 + "!") for word in product("ab", repeat=3))

    assert slowest < 200_000_000, f"{pattern} took {slowest / 1e6:.0f} ms on 25 characters"


def test_pattern_of_monstrous_size_is_judged_in_time() -> None:
    start = time.perf_counter()

    assert unfit("^" + "(a|b|ca){1,9}" * 200 + "$")
    assert () == unfit("^" + "(a|b|c[d-f]{1,9}){1,9}" * 60 + "$")
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("pattern", "fix"),
    [
        (r"^\d+$", r"write [0-9] in place of \d"),
        (r"^[\w.]+$", r"write [A-Za-z0-9_] in place of \w"),
        (r"^a\sb$", r"write [ \t] in place of \s"),
        (r"^[A-z]$", "write A-Za-z"),
        ("^[!-\uffff]$", "end the range within ASCII"),
        (r"^\Aa\Z$", "use ^ and $ for the ends and plain classes between"),
        (r"^a\b$", "use ^ and $ for the ends and plain classes between"),
        (r"(?i)^a$", "write plain groups: ( … )"),
        (r"^(?P<x>a)$", "write plain groups: ( … )"),
        (r"^a(?#why)$", "write plain groups: ( … )"),
        (r"^a++$", "say it without, or in `not` with a pattern of its own"),
        (r"^(?<!a)b$", "say it without, or in `not` with a pattern of its own"),
        ("abc", "write ^abc$"),
        ("^a|b$", "write ^(a|b)$"),
    ],
)
def test_pattern_that_is_read_differently_is_refused_with_what_to_write(pattern: str, fix: str) -> None:
    assert [fix] == [told for _, told in unfit(pattern)][:1]


@pytest.mark.parametrize(
    "pattern", [r"^[(?P<]$", r"^\\d$", r"^[\\bA]$", r"^\(\?i\)$", "^[^ ]$", "^.$", "^[ -~]$", "^(?:a|b)$"]
)
def test_mark_that_only_looks_like_syntax_is_allowed(pattern: str) -> None:
    assert () == unfit(pattern)


@pytest.mark.parametrize(("pattern", "most"), [("^[a-z]{1,20}$", 20), ("^a?$", 1), ("^a+$", None), ("^(ab){2}$", 4)])
def test_upper_limit_of_a_pattern_is_known(pattern: str, most: int | None) -> None:
    assert most == longest(pattern)
