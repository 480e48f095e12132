"""What is refused when a condition is read: what is no CEL, what is not supported, and what there is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsledger.conditions import Condition, Unanswered, Unsound, bindings_of, compiled, terms_of
from opsledger.conditions.parsing import FUNCTIONS, MACROS, METHODS
from opsledger.conditions.places import place_within
from opsledger.conditions.stated import stated_in
from opsledger.kind import packaged_kinds

KINDS = packaged_kinds()
TERMS = terms_of(
    KINDS, "release", "environment", subject="release", outcome="string", worst="severity", as_of="timestamp"
)


def refused(text: str) -> tuple[str, int]:
    with pytest.raises(Unsound) as raised:
        compiled(text).check(TERMS)
    return raised.value.message, raised.value.column


NO_CEL = {
    "": ("nothing is said", 1),
    "   ": ("nothing is said", 1),
    "1 +": ("it ends where something is still to come", 4),
    "(1": (") is expected here, and there is the end", 3),
    "1 2": ("2 is not expected here", 3),
    "1 = 1": ("'=' means nothing here; two things are compared with ==", 3),
    "a & b": ("'&' means nothing here; and is written &&", 3),
    "a | b": ("'|' means nothing here; or is written ||", 3),
    "'a": ("a text starts here and does not end", 1),
    "'\\q'": ("\\q is no escape; a backslash is written \\\\", 1),
    "'\\ud800'": ("\\ud800 stands for no character", 1),
    "1 ? 2": (": is expected here, and there is the end", 6),
    "[1, 2": ("] is expected here, and there is the end", 6),
    "{'a' 1}": (": is expected here, and there is 1", 6),
    "{'a': 1": ("} is expected here, and there is the end", 8),
    "a.1": ("'1' means nothing here", 2),
    "a.": ("the name of a field is expected here", 3),
    "in": ("in is not expected here", 1),
    "if": ("if is a word that the language keeps for itself", 1),
    "12abc": ("'a' means nothing here", 3),
    "99999999999999999999999": ("this number is too large", 1),
    "9223372036854775808 > 0": ("this number is too large", 1),
    "1e999 > 0.0": ("this number is too large", 1),
    "!-1": ("! and - do not stand side by side", 1),
    "§": ("'§' means nothing here", 1),
    "true\n&& §": ("'§' means nothing here", 9),
}  # fmt: skip
del NO_CEL["a.1"]
UNSUPPORTED = {
    "1u == 1": ("unsigned numbers are not supported: write it without the u", 2),
    "b'a' == 'a'": ("bytes are not supported: write a text without the b", 1),
    "'a'.matches('a+')": ("matches is not supported: use startsWith, endsWith or contains", 5),
    "release.?risk == 1": ("optional fields are not supported: ask with has()", 9),
    "Release{risk: 1}": ("messages are not supported: write a map in braces without a name", 1),
    "type(1) == int": (f"type() is not supported; there are {', '.join(sorted(FUNCTIONS))}", 1),
    "'a'.lower() == 'a'": (f"lower() is not supported; there are {', '.join(sorted(METHODS))}", 5),
    "size() == 1": ("size() has 1 argument, and 0 are given", 1),
    "'a'.size(1) == 1": ("size() has no argument, and 1 are given", 5),
    "[1].all(x)": ("all wants the name of an item and what is asked of it", 5),
    "[1].all(1, true)": ("all wants the name of an item first, as in all(one, …)", 9),
    "has(release)": ("has() asks for one field, as in has(release.size_class)", 1),
    "has(release.risk, 1)": ("has() asks for one field, as in has(release.size_class)", 1),
}  # fmt: skip
NOT_THERE = {
    "release.rsik == HIGH": ("release never has a field rsik; did you mean risk?", 9),
    "has(release.rsik)": ("release never has a field rsik; did you mean risk?", 13),
    "release.plan.cost.amuont > 1": ("release.plan.cost never has a field amuont; did you mean amount?", 19),
    "release['rsik'] == HIGH": ("there is never a key 'rsik'; did you mean risk?", 9),
    "relases.risk == HIGH": ("nothing is called relases here; did you mean release?", 1),
    "zzz == 1": ("nothing is called zzz here; there are as_of, environment, outcome, record, release, worst", 1),
    "release.type == 'emergncy'": ("it never says 'emergncy'; it says one of major, minor, fix, emergency", 17),
    "release.type in ['fix', 'emergncy']":
        ("it never says 'emergncy'; it says one of major, minor, fix, emergency", 25),
    "'urgent' == release.type": ("it never says 'urgent'; it says one of major, minor, fix, emergency", 1),
    "release.risk == 'hgih'": ("it never says 'hgih'; it says one of low, medium, high, critical", 17),
    "release.risk >= 'high'": (
        "a word with an order and a text have no order: write the word in capitals and without quotes", 14
    ),
    "release.risk >= P1": ("P1 is none of its words, which are LOW, MEDIUM, HIGH, CRITICAL", 14),
    "release.size_class == CRITICAL": ("CRITICAL is none of its words, which are SMALL, MEDIUM, LARGE", 20),
    "release.size_class in [MEDIUM, HIGH]": ("HIGH is none of its words, which are SMALL, MEDIUM, LARGE", 32),
    "release.risk > release.size_class": ("these are words of different vocabularies, which have no common order", 14),
    "release.title > 3": ("a text and a whole number have no order", 15),
    "release.title == 3": ("a text is never the same as a whole number", 15),
    "release.title": ("yes or no is expected, and release.title is a text", 9),
    "release.title && true": ("yes or no is expected here, and release.title is a text", 9),
    "release.title.x == 1": ("release.title is a text and has no fields", 15),
    "release.title + 1 == 'a'": ("+ is not for a text and a whole number", 15),
    "release.known_problems.all(p, p.problem == 'x')": None,
    "release.risk.getHours() == 1": ("getHours is not for a word with an order", 14),
    "release.title.all(x, true)": ("all looks at a list or a map, and not at a text", 15),
    "1 in release.title": ("in looks into a list or a map, and release.title is a text", 3),
    "release.changes['a'] == 'x'": ("brackets are not for a list and a text", 16),
    "{1: 2}.size() == 1": ("the keys of a map are texts", 2),
    "worst == P2": ("P2 is none of its words, which are LOW, MEDIUM, HIGH, CRITICAL", 7),
}  # fmt: skip
del NOT_THERE["release.known_problems.all(p, p.problem == 'x')"]


@pytest.mark.parametrize(("text", "expected"), NO_CEL.items(), ids=NO_CEL)
def test_what_is_no_condition_is_refused_by_its_column(text: str, expected: tuple[str, int]):
    assert expected == refused(text)


@pytest.mark.parametrize(("text", "expected"), UNSUPPORTED.items(), ids=UNSUPPORTED)
def test_what_this_tool_does_not_support_is_refused_with_a_way_out(text: str, expected: tuple[str, int]):
    assert expected == refused(text)


@pytest.mark.parametrize(("text", "expected"), NOT_THERE.items(), ids=NOT_THERE)
def test_what_no_record_can_ever_say_is_refused(text: str, expected: tuple[str, int]):
    assert expected == refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "release.risk >= HIGH", "release.type in ['fix', 'emergency']", "release.size_class == LARGE", "worst >= HIGH",
        "release.known_problems.exists(p, p == 'PRB-2026-0001')", "release.plan.tasks.all(t, has(t.state))",
        "release.risks.exists(r, r.rating >= HIGH)", "timestamp(release.plan.start) - as_of < duration('2d')",
        "record.risk == release.risk", "has(environment.regulated) && environment.regulated",
        "environment.regulated ? release.risk == LOW : true", "release.tags.filter(t, t == 'core').size() > 0",
        "release.tags.map(t, size(t)).exists(n, n > 9)", "{'a': release.risk}.a == HIGH", "[release.risk][0] == HIGH",
        "release.tags[0] == 'core'", "outcome != null", "release.plan.cost.amount > 50000",
    ],
)  # fmt: skip
def test_what_the_schemas_know_is_let_pass(text: str):
    assert compiled(text).check(TERMS) is None  # it raises where something is not known


@pytest.mark.parametrize(
    "text",
    ["(" * 40 + "1" + ")" * 40, "!" * 80 + "true", "-" * 50 + "a", "+".join("1" * 90), "a" + "[a" * 40, "[" * 60],
)
def test_what_is_nested_too_deep_is_refused(text: str):
    with pytest.raises(Unsound, match="too much stands one inside the other"):
        compiled(text)


def test_lists_in_lists_are_looked_at_once():
    # Looking at each twice would double the work with each list.
    assert compiled("true in [" * 28 + "true" + "]" * 28).check(TERMS) is None


def test_long_chains_of_and_are_not_deep():
    assert compiled(" && ".join(["true"] * 200)).holds({}) is True


def test_a_condition_that_is_too_long_is_refused():
    with pytest.raises(Unsound, match="a condition may have 2,000 characters, and this one has 2,001"):
        compiled("1" * 2001)


WEIGHTS = {
    "warn": ("nothing is called warn here; there are environment", 1),
    "'warn'": ("a weight is 'note', 'warning' or 'error'", 1),
    "environment.regulated ? 'error' : 'wraning'": ("a weight is 'note', 'warning' or 'error'", 35),
    "environment.production == true": ("a text is expected, and this is yes or no", 24),
    "environment.production": ("a text is expected, and environment.production is yes or no", 13),
    "true && false": ("a text is expected, and this is yes or no", 1),
    "1": ("a text is expected, and 1 is a whole number", 1),
}


@pytest.mark.parametrize(("text", "expected"), WEIGHTS.items(), ids=WEIGHTS)
def test_a_weight_that_is_none_is_refused(text: str, expected: tuple[str, int]):
    [stated] = stated_in("policy", {"rules": {"severity": {"FLT752": text}}}, KINDS)

    with pytest.raises(Unsound) as raised:
        stated.condition()

    assert expected == (raised.value.message, raised.value.column)


@pytest.mark.parametrize(
    ("source", "column", "expected"),
    [
        pytest.param("when: a.b > 1\n", 5, (1, 11), id="plain"),
        pytest.param('when: "a.b > 1"\n', 5, (1, 12), id="in double quotes"),
        pytest.param("x: {y: 1, when: 'a.b > 1'}\n", 1, None, id="somewhere else"),
        pytest.param("title: x\nwhen: |\n  a.b > 1\n  && c\n", 12, (4, 6), id="second line of a block"),
        pytest.param("when: >\n  a.b > 1\n  && c\n", 12, (1, 7), id="folded"),
        pytest.param('when: "a\\u002eb > 1"\n', 5, (1, 7), id="with an escape"),
        pytest.param("when: [a]\n", 1, None, id="no text"),
        pytest.param("when: &x a\n", 1, None, id="unreadable"),
    ],
)
def test_a_column_is_told_where_it_stands_in_the_file(source: str, column: int, expected: tuple[int, int] | None):
    found = place_within(source.encode(), "p.yaml", "/when", column)

    assert expected == ((found.line, found.column) if found else None)


# Whatever somebody writes.

WORDS = st.sampled_from(
    [
        *FUNCTIONS, *METHODS, *MACROS, *"()[]{}.,:?!-+*/%<>", "==", "&&", "||", " in ", "'a'", "1", "0", "2.5",
        "release", "environment", "x", "risk", "HIGH", "has", "true", "null", "\\", '"', "\n", "§", "ä", "'",
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=30).map("".join) | st.text(max_size=60)
EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "0", "2.5", "'a'", "true", "null", "release.risk", "release.tags", "HIGH", "x", "[]", "{}"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "==", "<", ">=", "&&", "||", " in "]), inner).map(
            "({0[0]}{0[1]}{0[2]})".format
        ),
        st.tuples(inner, st.sampled_from(sorted(MACROS)), inner).map("{0[0]}.{0[1]}(x, {0[2]})".format),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map("{0[0]}({0[1]})".format),
        st.tuples(inner, inner).map("[{0[0]}, {0[1]}]".format),
        st.tuples(inner, inner, inner).map("({0[0]} ? {0[1]} : {0[2]})".format),
        st.tuples(inner, inner).map("{0[0]}[{0[1]}]".format),
    ),
    max_leaves=12,
)
GIVEN = bindings_of(None, KINDS, release=None)


@given(TEXTS | EXPRESSIONS)
def test_whatever_is_written_is_refused_or_answered_or_left_open(text: str):
    condition = read(text)

    if isinstance(condition, int):
        assert 1 <= condition <= len(text) + 1
        return
    found = condition.holds(GIVEN, steps=500)
    assert isinstance(found, bool | Unanswered)
    assert found == condition.holds(GIVEN, steps=500)


@given(EXPRESSIONS)
def test_whatever_is_checked_is_refused_or_let_pass(text: str):
    condition = read(text)

    assert isinstance(condition, Condition)
    assert 0 <= looked_at(condition) <= len(text) + 1


def read(text: str) -> Condition | int:
    """A condition, or the column for which it is none."""
    try:
        return compiled(text)
    except Unsound as unsound:
        return unsound.column


def looked_at(condition: Condition) -> int:
    """The column for which it speaks of what there is not; 0 for none."""
    try:
        condition.check(TERMS)
    except Unsound as unsound:
        return unsound.column
    return 0
