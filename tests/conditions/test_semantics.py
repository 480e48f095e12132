"""What conditions mean: each operator and function, and what has no answer."""

from __future__ import annotations

import pytest

from opsledger.conditions import MOST_STEPS, Unanswered, bindings_of, compiled, word_of
from opsledger.conditions.bindings import entry_of
from opsledger.kind import packaged_kinds

KINDS = packaged_kinds()
RELEASE = {
    "id": "REL-2026-0001", "type": "emergency", "risk": "high", "size_class": "medium", "tags": ["core", "pay"],
    "plan": {"start": "2026-11-20T12:00:00Z", "cost": {"amount": 5, "currency": "EUR"}},
}  # fmt: skip
GIVEN = bindings_of(
    None, KINDS, release=entry_of(RELEASE, KINDS["release"]), environment=None, outcome="backed-out",
    worst=word_of(KINDS, "severity", "critical"),
)  # fmt: skip


def holds(text: str, steps: int = MOST_STEPS) -> bool | Unanswered:
    return compiled(text).holds(GIVEN, steps=steps)


HOLD = [
    "true", "!false", "!!true", "1 < 2", "2 <= 2", "3 > 2.5", "-1 < 0", "1 == 1.0", "0x10 == 16", "1e2 == 100.0",
    "7 / 2 == 3", "-7 / 2 == -3", "7 % 2 == 1", "-7 % 2 == -1", "7 % -2 == 1", "7.0 / 2.0 == 3.5", "2 * 3 + 1 == 7",
    "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "10 - 3 - 2 == 5", "-9223372036854775808 < 9223372036854775807",
    "'a' + 'b' == 'ab'", '"a" != "b"', "'a' < 'b'", "r'\\n' == '\\\\n'", "'\\u00e4' == 'ä'", "'''a'b''' == \"a'b\"",
    "'release'.startsWith('rel')", "'release'.endsWith('ase')", "'release'.contains('lea')", "!'a'.contains('b')",
    "size('äöü') == 3", "'abc'.size() == 3", "size([1, 2]) == 2", "size({'a': 1}) == 1",
    "[1, 2] == [1, 2]", "[1, 2] != [2, 1]", "[1] + [2] == [1, 2]", "[1, 2][1] == 2", "[[1], [2]][1][0] == 2",
    "[] == []",
    "{'a': 1}.a == 1", "{'a': 1}['a'] == 1", "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "has({'a': 1}.a)",
    "!has({'a': 1}.b)",
    "2 in [1, 2]", "!(3 in [1, 2])", "'a' in {'a': 1}", "!(1 in {'a': 1})", "'core' in release.tags",
    "1 != 'a'", "true != 1", "null == null", "null != 0", "[1] != {'a': 1}", "!(1 == true)",
    "true ? true : 1 / 0 == 1", "false ? 1 / 0 == 1 : true", "(1 < 2 ? 'a' : 'b') == 'a'",
    "[1, 2].all(x, x > 0)", "[].all(x, x > 0)", "![].exists(x, true)", "[1, 2].exists(x, x > 1)",
    "[1, 2, 3].exists_one(x, x > 2)", "![1, 2].exists_one(x, x > 0)", "[1, 2, 3].filter(x, x != 2) == [1, 3]",
    "[1, 2].map(x, x * x) == [1, 4]", "[1, 2, 3].map(x, x > 1, x * 10) == [20, 30]", "{'a': 1}.all(k, k == 'a')",
    "[1, 2].all(x, [1, 2].exists(y, x == y))", "[[1]].all(x, x.all(x, x == 1))",
    "int('12') == 12", "int(2.9) == 2", "int(-2.9) == -2", "double(2) == 2.0", "double('2.5') == 2.5", "bool('true')",
    "string(12) == '12'", "string(true) == 'true'", "string(2.0) == '2'", "string(2.5) == '2.5'",
    "timestamp('2026-11-20') == timestamp('2026-11-20T01:00:00+01:00')", "duration('1h30m') == duration('90m')",
    "duration('2d') == duration('48h')", "duration('-1s') < duration('0s')", "duration('1500ms') > duration('1s')",
    "timestamp('2026-11-20T12:00:00Z') - timestamp('2026-11-20T11:00:00Z') == duration('1h')",
    "timestamp('2026-11-20') + duration('1d') == timestamp('2026-11-21')",
    "duration('1d') + timestamp('2026-11-20') - duration('1d') == timestamp('2026-11-20')",
    "timestamp('2026-11-20T12:30:05Z').getHours() == 12", "timestamp('2026-11-20').getMonth() == 10",
    "timestamp('2026-11-20').getDate() == 20", "timestamp('2026-11-20').getDayOfMonth() == 19",
    "timestamp('2026-11-22').getDayOfWeek() == 0", "timestamp('2026-01-01').getDayOfYear() == 0",
    "timestamp('2026-11-20T12:30:05Z').getMinutes() + timestamp('2026-11-20T12:30:05Z').getSeconds() == 35",
    "timestamp('2026-11-20').getFullYear() == 2026", "duration('90m').getHours() == 1",
    "duration('-90m').getHours() == -1", "duration('90m').getMinutes() == 90", "duration('2m').getSeconds() == 120",
    "string(timestamp('2026-11-20')) == '2026-11-20T00:00:00Z'", "string(duration('90m')) == '5400s'",
    "int(timestamp('1970-01-01T00:01:00Z')) == 60", "-duration('1s') == duration('-1s')",
    "timestamp(release.plan.start) < timestamp('2026-11-21')", "release.plan.cost.amount > 4.5",
    "release.plan.cost.amount == 5",
    "release.risk >= HIGH", "release.risk < CRITICAL", "HIGH <= release.risk", "release.risk == HIGH",
    "release.risk == 'high'", "release.risk in [HIGH, CRITICAL]", "release.risk in ['high']", "release.risk > 1",
    "int(release.risk) == 2", "release.size_class == MEDIUM", "release.size_class < LARGE", "worst == CRITICAL",
    "worst > release.risk || true", "MEDIUM == MEDIUM", "MEDIUM != HIGH", "string(release.risk) == 'high'",
    "release.risk.startsWith('h')", "'it is ' + release.risk == 'it is high'", "release.type == 'emergency'",
    "outcome == 'backed-out'", "has(release.risk)", "!has(release.title)", "!has(environment.regulated)",
    "has(release.title) && release.title == 'x' || true", "environment == {}", "release.id == 'REL-2026-0001'",
    "true || 1 / 0 == 1", "1 / 0 == 1 || true", "!(false && 1 / 0 == 1)", "!(1 / 0 == 1 && false)",
    "release.title == 'x' || release.risk == HIGH", "[0, 1].exists(x, 1 / x == 1)", "![0, 1].all(x, 1 / x == 2)",
    "true // the rest is a remark",
]  # fmt: skip


@pytest.mark.parametrize("text", HOLD)
def test_a_condition_holds(text: str):
    assert holds(text) is True


@pytest.mark.parametrize("text", HOLD)
def test_the_opposite_of_a_condition_that_holds_does_not(text: str):
    assert holds(f"!({text.partition(' //')[0]})") is False


UNANSWERED = {
    "1 / 0 == 1": "it divides by zero",
    "1 % 0 == 1": "it divides by zero",
    "1.0 / 0.0 > 1.0": "it divides by zero",
    "9223372036854775807 + 1 > 0": "the number is too large",
    "-(-9223372036854775807 - 1) > 0": "the number is too large",
    "1e308 * 10.0 > 0.0": "the number is too large",
    "int(1e300) > 0": "the number is too large",
    "release.title == 'x'": "release.title is not there; where it may be missing, ask has(release.title) first",
    "release.emergency.fault == 'x'":
        "release.emergency is not there; where it may be missing, ask has(release.emergency) first",
    "has(release.emergency.fault)":
        "release.emergency is not there; where it may be missing, ask has(release.emergency) first",
    "environment.regulated":
        "environment.regulated is not there; where it may be missing, ask has(environment.regulated) first",
    "nobody == 1": "nothing is called nobody here",
    "1 + 'a' == 2": "+ is not for a whole number and a text",
    "1 + 1.0 == 2.0": "+ is not for a whole number and a number",
    "1 < 'a'": "a whole number and a text have no order",
    "[1] < [2]": "a list and a list have no order",
    "!1": "! is not for a whole number",
    "release.risk >= 'high'": "a word with an order and a text have no order: write HIGH without quotes",
    "release.risk >= P1": "P1 is none of the words low, medium, high, critical",
    "release.risk == release.size_class": "HIGH and MEDIUM are words of different vocabularies",
    "HIGH > LOW": "HIGH and LOW are words of different vocabularies",
    "int(HIGH) == 2": "HIGH has a place only beside a field of its vocabulary",
    "1": "yes or no is expected, and it gives a whole number",
    "1 && true": "yes or no is expected here, and 1 is a whole number",
    "'a' ? true : false": "yes or no is expected here, and 'a' is a text",
    "1 in 2": "in looks into a list or a map, and not into a whole number",
    "[1][1] == 1": "the list has 1 items, counted from 0, and no item 1",
    "[1][-1] == 1": "the list has 1 items, counted from 0, and no item -1",
    "{'a': 1}['b'] == 1": "the map has no key 'b'",
    "[1]['a'] == 1": "brackets are not for a list and a text",
    "{1: 2} == {}": "the keys of a map are texts, and this one is a whole number",
    "{'a': 1, 'a': 2} == {}": "the key 'a' stands here twice",
    "size(1) == 1": "size is not for a whole number",
    "'a'.getHours() == 1": "getHours is not for a text",
    "int('1x') == 1": "'1x' is no whole number",
    "double('x') == 1.0": "'x' is no number",
    "bool('yes')": "'yes' is neither true nor false",
    "timestamp('yesterday') == timestamp('2026-11-20')": "'yesterday' is no time; one is written 2026-11-20T14:30:00Z",
    "timestamp('2026-02-30') == timestamp('2026-11-20')":
        "'2026-02-30' is no time; one is written 2026-11-20T14:30:00Z",
    "duration('soon') == duration('1h')": "'soon' is no length of time; one is written 90m, 36h or 14d",
    "duration('999999999999d') == duration('1h')": "the length of time is too large",
    "timestamp('9999-12-31') + duration('2d') > timestamp('2026-01-01')": "the time is too far away",
    "[1, 0].all(x, 1 / x == 1)": "it divides by zero",
    "[0, 2].exists(x, 1 / x == 1)": "it divides by zero",
    "[0, 1].exists_one(x, 1 / x == 1)": "it divides by zero",
    "[0].map(x, 1 / x) == []": "it divides by zero",
    "false || 1 / 0 == 1": "it divides by zero",
    "release.type.x == 1": "release.type is a text and has no fields",
    "'a'.exists(x, true)": "exists looks at a list or a map, and not at a text",
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), UNANSWERED.items(), ids=UNANSWERED)
def test_a_condition_without_an_answer_says_why(text: str, why: str):
    found = holds(text)

    assert isinstance(found, Unanswered)
    assert why == found.message


def test_what_has_no_answer_is_told_by_its_column():
    found = holds("release.risk >= HIGH && 1 / 0 == 1")

    assert Unanswered("it divides by zero", 27) == found


NINE = "[1, 2, 3, 4, 5, 6, 7, 8, 9]"
NESTED = f"{NINE}.all(a, {NINE}.all(b, {NINE}.all(c, {NINE}.all(d, a > 0))))"


@pytest.mark.parametrize("text", [NESTED, f"size('a') == 1 && {NESTED}", f"false ? true : {NESTED}"])
def test_a_condition_that_takes_too_many_steps_has_no_answer(text: str):
    found = holds(text, steps=1000)

    assert "it takes more than 1,000 steps" == found.message


def test_what_is_settled_before_takes_no_further_steps():
    assert holds(f"true || {NESTED}", steps=1000) is True


def test_a_bound_of_steps_is_not_absorbed_by_an_operand_that_settles_it():
    found = holds(f"{NESTED} || true", steps=1000)

    assert Unanswered("it takes more than 1,000 steps", 1) == found


def test_the_last_step_is_still_taken():
    assert (True, "it takes more than 2 steps") == (holds("1 < 2", steps=3), holds("1 < 2", steps=2).message)


GROWING = "['aaaaaaaaaaaaaaaa'].map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a)" + (
    ".map(a, a+a+a+a+a+a+a+a)" * 6
)


def test_texts_that_grow_by_themselves_run_out_of_steps():
    found = holds(f"size({GROWING}) == 1")

    assert "it takes more than 20,000 steps" == found.message


def test_lists_that_grow_by_themselves_run_out_of_steps():
    found = holds("size([[1,1,1,1]]" + ".map(a, a+a+a+a+a+a+a+a)" * 8 + ") == 1")

    assert "it takes more than 20,000 steps" == found.message


def test_the_same_condition_takes_the_same_number_of_steps_each_time():
    fewest = [next(steps for steps in range(100) if holds("[1, 2].all(x, x > 0)", steps=steps) is True) for _ in "ab"]

    assert fewest[0] == fewest[1]
