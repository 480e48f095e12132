"""A gate asked for a time that nobody can plan for is shut or undecided, and never breaks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from .conftest import asked

FREEZE = (
    "id: WIN-freeze\ntitle: Freeze\ntype: freeze\nstate: published\nstart: 2026-11-20T10:00:00Z\n"
    "end: 2026-12-20T10:00:00Z\nscope: {environments: [ENV-prod]}\n"
)


@pytest.mark.parametrize("year", [1, 1969, 2290, 9999])
def test_a_time_far_away_opens_no_gate_that_asks_the_calendar(ledger, year):
    codes = "CAL901, CAL902, CAL903, CAL909, FLT751, FLT754, TES604, TES612, DPL709, WVR922"
    repo = ledger(codes, files={"records/windows/WIN-freeze.yaml": FREEZE})

    verdict = asked(repo, at="main", as_of=datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC))

    assert "open" != verdict.outcome
