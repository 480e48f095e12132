"""`gate`: what it is asked with, how it ends, and what it refuses."""

from __future__ import annotations

import json

import pytest
from tests.conftest import Repo

from .conftest import CI, Call

GATE = """id: GAT-live
title: Live
question: Is it owned?
mode: enforce
moves: [{kind: ci, from: planned, to: live}, {kind: ci, from: planned, to: pending}]
codes: [LCY202]
later: [CAL908]
"""
TIME = ("--as-of", "2026-11-20T12:00:00Z")


@pytest.fixture
def gated(book: Repo) -> Repo:
    """The ledger of `book` with a gate before a component goes live."""
    book.write("records/gates/GAT-live.yaml", GATE)
    book.commit("A gate")
    return book


def change(repo: Repo, old: str, new: str) -> None:
    repo.write("records/cis/CI-payments-api.yaml", CI.replace(old, new))
    repo.commit("Another component")


@pytest.mark.parametrize("name", ["live", "GAT-live"])
def test_open_gate_exits_0_however_it_is_called(gated: Repo, call: Call, name: str) -> None:
    done = call("-C", gated.root, "gate", name, "CI-payments-api")

    assert 0 == done.code
    assert done.out.startswith("live is open for CI-payments-api as of 2026-11-20 12:00 UTC: 1 code asked\n")
    assert "later: CAL908 is named in the gate and not judged yet" in done.out


def test_blocked_gate_exits_1_and_says_what_to_do(gated: Repo, call: Call) -> None:
    change(gated, "criticality: high\n", "")

    done = call("-C", gated.root, "gate", "live", "CI-payments-api")

    assert 1 == done.code
    assert "LCY202 CI-payments-api may not become live at GAT-live: " in done.out
    assert "    fix: " in done.out


def test_undecided_gate_exits_3(gated: Repo, call: Call) -> None:
    gated.write("records/gates/GAT-live.yaml", GATE.replace("codes: [LCY202]", "codes: [XYZ999]"))
    gated.commit("Ask what nobody judges")

    done = call("-C", gated.root, "gate", "live", "CI-payments-api")

    assert 3 == done.code
    assert "XYZ999 (undecided) GAT-live asks XYZ999, which this version of opsledger does not judge" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("lve", "CI-payments-api"), "has no gate called 'lve'; did you mean live?", id="no such gate"),
        pytest.param(("live", "CI-payment-api"), "did you mean CI-payments-api?", id="no such record"),
        pytest.param(("live", "PTY-ada"), "GAT-live stands before no move of a party", id="another kind"),
        pytest.param(("live", "CI-payments-api", "--at", "nowhere"), "no commit is named 'nowhere'", id="no commit"),
        pytest.param(("live", "CI-payments-api", "--env", "ENV-x"), "no environment is called 'ENV-x'", id="nowhere"),
        pytest.param(("live", "CI-payments-api", "--reviews", "gone.json"), "no reviews can be read", id="no reviews"),
        pytest.param(("live", "CI-payments-api", "--as-of", "noon"), "'noon' is no time", id="no time"),
        pytest.param(("live", "CI-payments-api", "--as-of", "2026-11-20T12:00:00"), "says no offset", id="no offset"),
    ],
)  # fmt: skip
def test_question_that_makes_no_sense_exits_2(gated: Repo, call: Call, arguments: tuple[str, ...], words: str) -> None:
    done = call("-C", gated.root, "gate", *arguments)

    assert (2, "") == (done.code, done.out)
    assert words in done.err


def test_gate_that_wants_an_environment_refuses_to_go_on_without(gated: Repo, call: Call) -> None:
    gated.write("records/gates/GAT-live.yaml", GATE + "needs: [environment]\n")
    gated.commit("Where to")

    done = call("-C", gated.root, "gate", "live", "CI-payments-api")

    assert 2 == done.code
    assert "GAT-live is asked for one environment, and none was named" in done.err


def test_record_that_has_passed_is_judged_again_and_told_so(gated: Repo, call: Call) -> None:
    change(gated, "state: planned", "state: live")

    done = call("-C", gated.root, "gate", "live", "CI-payments-api")

    assert 0 == done.code
    assert "note: CI-payments-api is live and so has passed GAT-live; it is judged again as it stands" in done.out


def test_record_that_is_not_there_yet_may_not_pass(gated: Repo, call: Call) -> None:
    text = GATE.replace("from: planned, to: live}, {kind: ci, from: planned, to: pending", "from: pending, to: live")
    gated.write("records/gates/GAT-live.yaml", text)
    gated.commit("Pending first")

    done = call("-C", gated.root, "gate", "live", "CI-payments-api")

    assert 1 == done.code
    assert "LCY201 CI-payments-api is planned, and GAT-live stands before the way from pending to live" in done.out


def test_time_alone_is_a_what_if_and_a_commit_with_a_time_is_a_replay(gated: Repo, call: Call) -> None:
    alone = call("-C", gated.root, "gate", "live", "CI-payments-api", *TIME)
    replayed = call("-C", gated.root, "gate", "live", "CI-payments-api", *TIME, "--at", "HEAD")

    assert ("what-if" in alone.out, "what-if" in replayed.out) == (True, False)


def test_day_starts_at_midnight_in_utc(gated: Repo, call: Call) -> None:
    done = call("-C", gated.root, "gate", "live", "CI-payments-api", "--as-of", "2026-11-20", "--format", "json")

    assert "2026-11-20T00:00:00Z" == json.loads(done.out)["as_of"]


def test_same_question_gives_the_same_bytes(gated: Repo, call: Call) -> None:
    asked = ("-C", gated.root, "gate", "live", "CI-payments-api", *TIME, "--format", "json")

    assert call(*asked) == call(*asked)


def test_branch_is_judged_by_the_gate_of_its_base(gated: Repo, call: Call) -> None:
    gated.switch("work", "main")
    gated.delete("records/gates/GAT-live.yaml")
    change(gated, "criticality: high\n", "")

    done = call("-C", gated.root, "gate", "live", "CI-payments-api", "--base", "main")

    assert 1 == done.code
    assert f"by base main {gated.git('rev-parse', 'main')[:7]}" in done.out


def test_record_that_is_in_no_commit_yet_is_told_to_be_committed(gated: Repo, call: Call) -> None:
    gated.write("records/cis/CI-new.yaml", CI.replace("CI-payments-api", "CI-new"))

    done = call("-C", gated.root, "gate", "live", "CI-new")

    assert 2 == done.code
    assert "records/cis/CI-new.yaml is in no commit yet, and a gate judges commits\nfix: commit it first" in done.err
