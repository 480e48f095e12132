"""Without a ledger in reach: it goes ahead, the debt is written down later, and the release stays open until then."""

from __future__ import annotations

import json

import pytest

from .conftest import REL


@pytest.fixture
def out_of_reach(yard):
    """Takes the remote away and gives it back."""
    away = yard.remote.with_suffix(".away")

    def switch() -> None:
        here, there = (yard.remote, away) if yard.remote.exists() else (away, yard.remote)
        here.rename(there)

    return switch


def test_somebody_must_say_why(yard):
    answer = yard.start("--break-glass")

    assert 2 == answer.code
    assert "say why with --reason" in answer.err


def test_a_reason_alone_breaks_no_glass(yard):
    assert 2 == yard.start("--reason", "It burns.").code


def test_it_goes_ahead_where_no_ledger_can_be_reached(yard, out_of_reach):
    out_of_reach()

    started = yard.start("--break-glass", "--reason", "Cards were charged twice.", now="2026-11-20T13:30:00Z")
    finished = yard.finish(now="2026-11-20T13:50:00Z")

    assert (0, 0) == (started.code, finished.code), finished.err
    assert "behind broken glass" in started.out
    assert "owed: " in finished.err
    [path] = yard.journal.glob("*.json")
    glass = json.loads(path.read_text())["record"]["break_glass"]
    assert ("PTY-pipeline", "2026-11-23T13:30:00Z") == (glass["by"], glass["owed_until"])


def test_the_debt_reaches_the_ledger_and_closing_waits_for_it(yard, out_of_reach):
    out_of_reach()
    id = yard.start("--break-glass", "--reason", "Cards were charged twice.", now="2026-11-20T13:30:00Z").out.split()[1]
    yard.finish(now="2026-11-20T13:50:00Z")
    early = yard.deploy("repay", now="2026-11-20T14:00:00Z")
    out_of_reach()

    repaid = yard.deploy("repay", now="2026-11-20T15:00:00Z")

    assert 3 == early.code
    assert 0 == repaid.code, repaid.out + repaid.err
    assert [f"{id}: {REL} in ENV-prod-eu is succeeded", "The ledger"] == yard.commits()
    made = yard.record(f"deployments/2026/{id}.yaml")
    assert "Cards were charged twice." == made["break_glass"]["reason"]
    assert "verdict" not in made
    [path] = [path for path in yard.paths() if "/exceptions/" in path]
    debt = yard.record(path.removeprefix("records/"))
    assert ("emergency-deviation", "requested") == (debt["type"], debt["state"])
    assert [REL, id] == debt["scope"]["records"]
    assert "CAL902" in debt["scope"]["rules"]
    closing = yard.run(
        ["-C", str(yard.place), "gate", "close", REL, "--ledger", str(yard.remote)], "2026-12-30T12:00:00Z"
    )
    assert 1 == closing.code
    assert "GOV965" in closing.out


def test_debt_is_numbered_in_the_year_in_which_the_glass_was_broken(yard):
    yard.start("--break-glass", "--reason", "Cards were charged twice.", now="2026-12-30T13:30:00Z")

    yard.finish(now="2026-12-30T13:50:00Z")

    [path] = [path for path in yard.paths() if "/exceptions/" in path]
    assert path.startswith("records/exceptions/2026/EXC-2026-")
    assert "2027" == yard.record(path.removeprefix("records/"))["expires"][:4]


def test_a_debt_is_repaid_once(yard):
    yard.start("--break-glass", "--reason", "Cards were charged twice.")
    yard.finish()

    again = yard.deploy("repay", now="2026-11-20T15:00:00Z")

    assert (0, "nothing is owed\n") == (again.code, again.out)
    assert 1 == len([path for path in yard.paths() if "/exceptions/" in path])
    assert 2 == len(yard.commits())


def test_the_release_stays_where_it_is_when_its_gate_would_not_have_opened(yard):
    yard.start("--break-glass", "--reason", "Cards were charged twice.", now="2026-11-20T13:30:00Z")

    answer = yard.finish(now="2026-11-20T13:50:00Z")

    assert 0 == answer.code, answer.err
    assert "ready" == yard.record("releases/2026/REL-2026-0001.yaml")["state"]


def test_what_was_taken_back_behind_broken_glass_is_repaid_too(yard, out_of_reach):
    out_of_reach()
    id = yard.start("--break-glass", "--reason", "It burns.", now="2026-11-20T13:30:00Z").out.split()[1]
    back = yard.deploy("rollback", id, "--reason", "It burns more.", now="2026-11-20T13:40:00Z")
    out_of_reach()

    answer = yard.deploy("repay", id, now="2026-11-20T15:00:00Z")

    assert (0, 0) == (back.code, answer.code), answer.err
    assert "backed-out" == yard.record(f"deployments/2026/{id}.yaml")["state"]


def test_an_end_without_a_ledger_waits_in_the_journal(yard, out_of_reach):
    id = yard.started()
    out_of_reach()
    first = yard.finish()
    out_of_reach()

    second = yard.deploy("finish", id, now="2026-11-20T14:00:00Z")

    assert 3 == first.code
    assert 0 == second.code, second.err
    assert "2026-11-20T12:30:00Z" == yard.record(f"deployments/2026/{id}.yaml")["ended"]
