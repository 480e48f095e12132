"""The gate promote on the sample: a problem that blocks, an exception, a freeze, a halt, and what ends a pause."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opsledger.api import open_book
from opsledger.gate import Outcome

from .conftest import edit

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EU = "ENV-prod-eu"
BLOCKED, WAIVED, FIXING = "REL-2026-0019", "REL-2026-0020", "REL-2026-0018"
PROBLEM = "records/problems/2026/PRB-2026-0011.yaml"
HALT = """id: WIN-halt-{0}
title: Nothing goes out until the queue is understood
type: halt
state: published
start: "2026-11-20T11:00:00Z"
scope: {{environments: [{1}]}}
"""


@pytest.fixture
def promote(sample):
    """Asks promote on `main`, after what was changed there was committed."""

    def asked(subject: str, as_of: datetime = NOON, environment: str = EU):
        sample.commit("As it is")
        sample.git("branch", "-f", "main", "HEAD")
        with open_book(sample.root, environment=sample.environment) as book:
            return book.decide("promote", subject, at="main", base="main", as_of=as_of, environment=environment)

    return asked


def answer(verdict, code):
    return next(one for one in verdict.answers if one.code == code)


def test_a_blocking_problem_is_named_with_its_file_its_line_and_the_three_ways_out(promote):
    verdict = promote(BLOCKED)

    (found,) = answer(verdict, "FLT751").findings
    assert ("blocked", 1) == (verdict.outcome, verdict.exit_code)
    assert "PRB-2026-0012 (critical, fix-in-progress, records/problems/2026/PRB-2026-0012.yaml:8)" in found.message
    assert "records/releases/2026/REL-2026-0019.yaml:14:18" == str(found.place)
    assert ["defer", "mend", "accept"] == [word for word in ("defer", "mend", "accept") if word in found.fix]


def test_a_problem_under_an_exception_in_force_is_waived_and_shown(promote):
    verdict = promote(WAIVED)

    waived = answer(verdict, "FLT751")
    assert ("open", 0) == (verdict.outcome, verdict.exit_code)
    assert (Outcome.WAIVED, "EXC-2026-0004") == (waived.outcome, waived.waived_by)
    assert "PRB-2026-0013" in waived.findings[0].message


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        (datetime(2026, 12, 18, 15, 59, 59, tzinfo=UTC), Outcome.WAIVED),
        (datetime(2026, 12, 18, 16, 0, 0, tzinfo=UTC), Outcome.BLOCKED),
        (datetime(2026, 12, 19, 12, 0, 0, tzinfo=UTC), Outcome.BLOCKED),
    ],
    ids=["its last second", "the second of its end", "the day after"],
)
def test_an_exception_waives_until_its_end_and_not_a_second_longer(promote, as_of, outcome):
    verdict = promote(WAIVED, as_of)

    assert outcome is answer(verdict, "FLT751").outcome
    assert "blocked" == verdict.outcome  # the freeze at the end of the year holds by then, too


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        (datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC), Outcome.MET),
        (datetime(2026, 11, 22, 23, 0, 0, tzinfo=UTC), Outcome.BLOCKED),
        (datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC), Outcome.BLOCKED),
        (datetime(2026, 12, 1, 5, 0, 0, tzinfo=UTC), Outcome.MET),
    ],
    ids=["a second before", "its first second", "its last second", "the second of its end"],
)
def test_a_freeze_holds_from_its_first_second_to_its_last(promote, as_of, outcome):
    assert outcome is answer(promote(WAIVED, as_of), "CAL902").outcome


def test_inside_a_freeze_the_answer_says_when_it_opens_next(promote):
    verdict = promote(WAIVED, datetime(2026, 11, 24, 12, tzinfo=UTC))

    (found,) = answer(verdict, "CAL902").findings
    assert "blocked" == verdict.outcome
    assert "WIN-2026-black-week-freeze (records/windows/WIN-2026-black-week-freeze.yaml)" in found.message
    assert found.message.endswith("it opens at 2026-12-01 08:00 UTC")


def test_a_halt_stops_everything_on_its_scope_and_is_told_first_of_all(sample, promote):
    sample.write("records/windows/WIN-halt-eu.yaml", HALT.format("eu", EU))

    verdict = promote(FIXING)

    assert ("blocked", "CAL909", Outcome.BLOCKED) == (
        verdict.outcome, verdict.answers[0].code, verdict.answers[0].outcome,
    )  # fmt: skip
    assert "WIN-halt-eu" in verdict.answers[0].findings[0].message


def test_a_halt_elsewhere_stops_nothing_here(sample, promote):
    sample.write("records/windows/WIN-halt-us.yaml", HALT.format("us", "ENV-prod-us"))

    assert promote(FIXING).is_open


def test_the_release_that_mends_the_problem_for_which_production_is_paused_goes_through(sample, promote):
    edit(sample, PROBLEM, "severity: medium\nimpact: low", "severity: critical\nimpact: low")

    verdict = promote(FIXING)

    assert Outcome.MET is answer(verdict, "FLT754").outcome
    assert any("PRB-2026-0011" in remark for remark in answer(verdict, "FLT754").remarks)
    assert verdict.is_open


def test_another_release_of_that_service_is_stopped_by_it(sample, promote):
    edit(sample, PROBLEM, "severity: medium\nimpact: low", "severity: critical\nimpact: low")
    edit(sample, "records/releases/2026/REL-2026-0018.yaml", "fixes: [PRB-2026-0011]\n", "")

    assert Outcome.BLOCKED is answer(promote(FIXING), "FLT754").outcome
