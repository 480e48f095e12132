"""
Another evaluator of CEL says the same as ours.

It does not let an item that settles `exists` outweigh one without an answer, as the language's definition asks; so no
macro here divides by zero.
"""

from __future__ import annotations

import cel
from hypothesis import given
from hypothesis import strategies as st

from opsledger.conditions import Unanswered, compiled
from opsledger.conditions.shapes import seen

DATA = {"a": 1, "b": -7, "c": 2.5, "d": "ab", "e": [1, 2, 3], "f": {"g": 1, "h": "x"}, "i": True, "j": [], "k": None}
INTS = st.recursive(
    st.sampled_from(["0", "1", "2", "-7", "v.a", "v.b", "v.e[1]", "v.f.g", "size(v.d)", "size(v.e)", "v.missing"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/%"), inner).map("({0[0]} {0[1]} {0[2]})".format),
    max_leaves=5,
)
TEXTS = st.sampled_from(["'a'", "v.d", "v.f.h", "'ä'", "(v.d + 'b')", "string(v.a)", "v.f['h']", "v.f['no']"])
LISTS = st.sampled_from(["v.e", "v.j", "[1, v.a]", "(v.e + [4])", "v.e.filter(x, x > 1)", "v.e.map(x, x * 2)"])
METHODS = st.sampled_from(["startsWith", "endsWith", "contains"])
ATOMS = st.one_of(
    st.sampled_from(["true", "false", "v.i", "has(v.a)", "has(v.missing)", "has(v.f.g)", "v.k == null", "v.missing"]),
    st.tuples(INTS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), INTS).map("{0[0]} {0[1]} {0[2]}".format),
    st.tuples(TEXTS, st.sampled_from(["==", "!=", "<", ">="]), TEXTS).map("{0[0]} {0[1]} {0[2]}".format),
    st.tuples(TEXTS, st.sampled_from(["startsWith", "endsWith", "contains"]), TEXTS).map(
        "{0[0]}.{0[1]}({0[2]})".format
    ),
    st.tuples(INTS, LISTS).map("{0[0]} in {0[1]}".format),
    st.tuples(LISTS, st.sampled_from(["==", "!="]), LISTS).map("{0[0]} {0[1]} {0[2]}".format),
    st.tuples(LISTS, st.sampled_from(["all", "exists", "exists_one"]), INTS).map("{0[0]}.{0[1]}(x, x > {0[2]})".format),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map("({0[0]} {0[1]} {0[2]})".format),
        st.tuples(inner, inner, inner).map("({0[0]} ? {0[1]} : {0[2]})".format),
        inner.map("!({0})".format),
    ),
    max_leaves=4,
)


def theirs(text: str) -> object:
    try:
        return cel.evaluate(text, {"v": DATA})
    except (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError):
        return None


@given(CONDITIONS)
def test_another_evaluator_gives_the_same_answer(text: str):
    ours = compiled(text).holds({"v": seen(DATA)})
    other = theirs(text)

    assert (None if isinstance(ours, Unanswered) else ours) == other
