"""What is seen is held against the rollback criteria, and what is taken back is followed up in a problem."""

from __future__ import annotations

import pytest

from opsledger.rules.criteria import breaches

from .conftest import REL

CRITERIA = (
    {"id": "errors", "measure": "error-share", "above": 0.01},
    {"id": "speed", "measure": "speed", "below": 10},
    {"id": "again", "problem": "PRB-2026-0001"},
)


@pytest.mark.parametrize(
    ("seen", "broken"),
    [
        pytest.param({"criterion": "errors", "value": 0.011}, ["errors"], id="above the most"),
        pytest.param({"criterion": "errors", "value": 0.01}, [], id="the most itself"),
        pytest.param({"criterion": "speed", "value": 9.9}, ["speed"], id="below the least"),
        pytest.param({"criterion": "speed", "value": 10}, [], id="the least itself"),
        pytest.param({"measure": "speed", "value": 1}, ["speed"], id="named by its measure"),
        pytest.param({"criterion": "errors", "measure": "speed", "value": 0.001}, [], id="named by another criterion"),
        pytest.param({"problem": "PRB-2026-0001"}, ["again"], id="the problem came back"),
        pytest.param({"problem": "PRB-2026-0002"}, [], id="another problem"),
        pytest.param({"criterion": "errors", "value": True}, [], id="no number"),
    ],
)
def test_a_criterion_is_broken_by_what_was_seen(seen, broken):
    assert broken == [one.criterion for one in breaches(CRITERIA, [seen])]


def test_a_broken_criterion_is_told_at_once(yard):
    id = yard.started()

    answer = yard.deploy("progress", id, "--observe", "failed-share=0.02")

    assert 1 == answer.code
    assert (
        "failed-share is broken: 0.02 was seen, and 0.01 is the most (More than one payment in a hundred" in answer.out
    )
    assert f"opsledger deploy rollback {id}" in answer.out


def test_a_problem_that_comes_back_in_a_canary_is_told_at_once(yard):
    id = yard.started()

    answer = yard.deploy("progress", id, "--saw", "PRB-2026-0001")

    assert 1 == answer.code
    assert "PRB-2026-0001 was seen again" in answer.out


def test_what_was_seen_is_kept_also_where_it_is_told(yard):
    id = yard.started()
    yard.deploy("progress", id, "--observe", "failed-share=0.02", now="2026-11-20T12:10:00Z")

    yard.deploy("rollback", id, "--reason", "Too many payments failed.", now="2026-11-20T12:20:00Z")

    [seen] = yard.record(f"deployments/2026/{id}.yaml")["observations"]
    assert ("failed-share", 0.02, "2026-11-20T12:10:00Z") == (seen["criterion"], seen["value"], seen["at"])


@pytest.mark.parametrize("text", ["warm=3", "failed-share=many", "failed-share=nan", "failed-share=inf", "0.3"])
def test_what_is_no_observation_is_refused(yard, text):
    id = yard.started()

    assert 2 == yard.deploy("progress", id, "--observe", text).code


def test_nothing_is_no_progress(yard):
    assert 2 == yard.deploy("progress", yard.started()).code


def test_a_rollback_is_one_commit_with_the_problem_that_follows_it_up(yard):
    id = yard.started()
    yard.deploy("progress", id, "--saw", "PRB-2026-0001", now="2026-11-20T12:10:00Z")

    answer = yard.deploy(
        "rollback", id, "--reason", "Cards were charged twice.", "--automated", now="2026-11-20T12:20:00Z"
    )

    assert 0 == answer.code, answer.out + answer.err
    assert 2 == len(yard.commits())
    made = yard.record(f"deployments/2026/{id}.yaml")
    problem = yard.record(f"problems/2026/{made['backout']['problem']}.yaml")
    assert ("backed-out", True) == (made["state"], made["backout"]["automated"])
    assert ("high", ["CI-pay"], REL) == (problem["severity"], problem["cis"], problem["introduced_by"]["record"])
    assert {"adapter": "rollback", "id": id} == {name: problem["source"][name] for name in ("adapter", "id")}
    assert [{"to": "PRB-2026-0001", "type": "looks-alike"}] == problem["relations"]
    release = yard.record("releases/2026/REL-2026-0001.yaml")
    assert "backed-out" == release["state"]
    assert "Cards were charged twice." == release["decisions"][0]["reason"]
    change = yard.record("changes/2026/CHG-2026-0001.yaml")
    assert ("backed-out", problem["id"]) == (change["state"], change["backed_out"]["problem"])
    assert "4.2.0" == yard.record("cis/CI-pay.yaml")["version"]


def test_a_success_may_be_taken_back_later_from_anywhere(yard):
    id = yard.started()
    yard.finish()
    (yard.journal / f"{id}.json").unlink()

    answer = yard.deploy("rollback", id, "--reason", "It leaks.", "--severity", "critical", now="2026-11-20T15:00:00Z")

    assert 0 == answer.code, answer.out + answer.err
    made = yard.record(f"deployments/2026/{id}.yaml")
    assert ("backed-out", "2026-11-20T12:30:00Z") == (made["state"], made["ended"])
    assert "backed-out" == yard.record("releases/2026/REL-2026-0001.yaml")["state"]
    assert "4.2.0" == yard.record("cis/CI-pay.yaml")["version"]
    assert "critical" == yard.record(f"problems/2026/{made['backout']['problem']}.yaml")["severity"]


def test_a_second_rollback_makes_no_second_problem(yard):
    id = yard.started()
    yard.deploy("rollback", id, "--reason", "It leaks.", now="2026-11-20T12:20:00Z")

    again = yard.deploy("rollback", id, "--reason", "It leaks.", now="2026-11-20T12:30:00Z")

    assert 0 == again.code
    assert 2 == len(yard.commits())
    assert 2 == len([path for path in yard.paths() if "/problems/" in path])


def test_what_does_not_go_on_anywhere_is_not_taken_back(yard):
    assert 2 == yard.deploy("rollback", "DEP-2026-00000000", "--reason", "It leaks.").code
