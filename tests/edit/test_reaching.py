"""How far a way is open is found with few judgements, and is what judging each state by itself finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsledger.check import Judgement
from opsledger.edit.advancing import Advance, advance, told
from opsledger.edit.plan import Plan, Write
from opsledger.edit.reaching import against, farthest_first, one_by_one, remembering
from opsledger.finding import Finding, Place, Severity

from .test_advancing import GATE, RELEASE, course, ledger_of

PILOT = "pilot: {environment: ENV-a, start: 2026-03-01T00:00:00Z, end: 2026-03-02T00:00:00Z, success: It works}\n"
ON_HOLD = "hold: {reason: Waits, since: 2026-11-20T08:00:00Z}\n"
CHANGE = """
# records/changes/2026/CHG-2026-9001.yaml
state: draft
type: standard
model: MDL-a
owner: PTY-a
effects: [{ci: CI-a, effect: changed}]
"""


@given(st.integers(0, 12), st.integers(0, 12), st.lists(st.integers(-1, 12), min_size=13, max_size=13))
def test_farthest_first_finds_what_one_by_one_finds_whatever_is_guessed(length, reach, guesses):
    def tried(place: int) -> int:
        return place if place <= reach else min(guesses[place], place - 1)

    assert one_by_one(length, tried) == farthest_first(length, tried)


@given(st.integers(1, 12), st.integers(0, 12))
def test_place_that_is_reached_and_the_one_behind_it_were_tried(length, reach):
    asked = []

    def tried(place: int) -> int:
        asked.append(place)
        return place if place <= reach else -1

    end = farthest_first(length, tried)

    assert {place for place in (end, end + 1) if 1 <= place <= length} <= set(asked)


@given(st.integers(1, 12), st.integers(0, 12))
def test_gate_that_is_named_is_found_with_three_tries(length, reach):
    asked = []

    def tried(place: int) -> int:
        asked.append(place)
        return min(place, reach)

    farthest_first(length, tried)

    assert len(asked) <= 3


def test_same_files_are_judged_once():
    asked = []
    judge = remembering(lambda plan: asked.append(plan) or Judgement((), "it", "itself", 1))
    plan = Plan((Write("a", None, b"1"),))

    judge(plan)
    judge(Plan((Write("a", None, b"1"),), ("said",)))
    judge(Plan((Write("a", None, b"2"),)))

    assert 2 == len(asked)


def test_finding_of_before_that_comes_back_elsewhere_speaks_against():
    def judge(plan: Plan) -> Judgement:
        path = plan.writes[0].path if plan.writes else "old"
        return Judgement((Finding(Place(path), "LNK101", "gone", "", Severity.ERROR),), "it", "itself", 1)

    old, new = (against(judge, Plan((Write(path, None, b""),)), may_wait=False) for path in ("old", "new"))

    assert ((), 1) == (old[0], len(new[0]))


def ended(found: Advance) -> tuple[object, ...]:
    """All that somebody sees of how far a record got."""
    return tuple(told(found)), found.moves, [(one.path, one.after) for one in found.plan.writes], found.stops


STATES = ("draft", "packaged", "ready", "early-life-support")
LEDGERS = {
    "alone": RELEASE,
    "before a gate": RELEASE + GATE,
    "with a pilot": RELEASE + PILOT + GATE,
    "with a change": RELEASE + CHANGE,
    "on hold": RELEASE + ON_HOLD,
    "without a service": RELEASE.replace("service: CI-a\n", ""),
}


@pytest.mark.parametrize("is_bold", [True, False], ids=["by name", "unasked"])
@pytest.mark.parametrize("refused", ["", "accepted", "closed"])
@pytest.mark.parametrize("ledger", LEDGERS)
def test_both_ways_end_alike(ledger, refused, is_bold):
    for state in STATES:
        at = ledger_of(LEDGERS[ledger] % state)
        slow, quick = (
            advance("REL-2026-9001", course(at, refused=refused, is_bold=is_bold, search=search))
            for search in (one_by_one, farthest_first)
        )

        assert ended(slow) == ended(quick)


@pytest.mark.parametrize("to", ["testing", "ready"])
@pytest.mark.parametrize("doubted", ["testing", "accepted"])
def test_both_ways_end_alike_where_something_is_in_doubt(doubted, to):
    at = ledger_of((RELEASE + CHANGE) % "packaged")

    slow, quick = (
        advance("REL-2026-9001", course(at, doubted=doubted, to=to, search=search))
        for search in (one_by_one, farthest_first)
    )

    assert ended(slow) == ended(quick)


@pytest.mark.parametrize(("search", "count"), [(one_by_one, 5), (farthest_first, 1)], ids=["one by one", "farthest"])
def test_way_that_is_open_to_its_end_is_judged_once_and_not_state_by_state(search, count):
    at, asked = ledger_of(RELEASE % "packaged"), []
    given_course = course(at, search=search)
    judge = given_course.judge

    def counting(plan: Plan) -> Judgement:
        asked.append(plan)
        return judge(plan)

    found = advance("REL-2026-9001", type(given_course)(at, counting, search=search))

    assert ("early-life-support", count) == (found.moves[-1].after, len(asked))
