"""When a deployment may not begin, go on or be written down; refusals leave the ledger as it was."""

from __future__ import annotations

import json

import pytest

from opsledger import __version__
from opsledger.canonical import digest
from opsledger.gate.storing import fingerprint

from .conftest import DIGEST, OTHER, RECORDS, REL

UNTOUCHED = ["The ledger"]


def forged(yard, id: str, **fields: object) -> None:
    """Edit a journal and make its fingerprint anew, as somebody who knows how would."""
    path = yard.journal / f"{id}.json"
    content = json.loads(path.read_text())
    content.pop("digest")
    content["record"].update(fields)
    content["digest"] = digest(content)
    path.write_text(json.dumps(content))


def test_a_blocked_gate_stops_it_and_says_why(yard):
    answer = yard.start(now="2026-11-20T13:30:00Z")

    assert 1 == answer.code
    assert "promote is blocked for REL-2026-0001 in ENV-prod-eu" in answer.out
    assert "CAL902" in answer.out
    assert not yard.journal.exists()


def test_an_undecided_gate_stops_it(yard):
    gate = RECORDS["gates/GAT-promote.yaml"].replace("CAL902", "ZZZ999")
    yard.change({"gates/GAT-promote.yaml": gate})

    answer = yard.start()

    assert 3 == answer.code
    assert "promote is undecided" in answer.out
    assert not yard.journal.exists()


def test_a_ledger_that_does_not_answer_stops_it(yard):
    yard.remote.rename(yard.remote.with_suffix(".away"))

    answer = yard.start()

    assert 3 == answer.code
    assert not yard.journal.exists()


def test_another_package_is_not_brought(yard):
    answer = yard.start("--digest", OTHER)

    assert 1 == answer.code
    assert f"{OTHER} is not the package of {REL}" in answer.err


def test_the_package_of_the_release_is_brought(yard):
    assert 0 == yard.start("--digest", DIGEST).code


@pytest.mark.parametrize("by", ["PTY-ada", "PTY-nobody"])
def test_whom_no_lane_lets_write_does_not_even_begin(yard, by):
    answer = yard.start(by=by)

    assert 1 == answer.code
    assert f"no lane lets {by} write records/deployments/2026/" in answer.err


def test_a_lane_that_no_longer_takes_deployments_stops_it(yard):
    lane = yard.home.root / "records/lanes/LAN-pipeline.yaml"
    yard.change({"lanes/LAN-pipeline.yaml": lane.read_text().replace("/records/deployments/**, ", "")})

    assert 1 == yard.start().code


def test_a_lane_without_the_release_s_moves_does_not_take_the_end(yard):
    yard.started()
    lane = (yard.home.root / "records/lanes/LAN-pipeline.yaml").read_text()
    without = lane.replace("  - {kind: release, from: ready, to: deploying}\n", "")
    yard.change({"lanes/LAN-pipeline.yaml": without})

    answer = yard.finish()

    assert 1 == answer.code
    assert "SIG303 PTY-pipeline may not take REL-2026-0001 from ready to deploying" in answer.err
    assert ["Work", "The ledger"] == yard.commits()


def test_nobody_s_lane_is_no_lane(yard):
    answer = yard.start(by="")

    assert 2 == answer.code


def test_a_second_run_waits_for_the_first(yard):
    id = yard.started()

    answer = yard.start("--run", "ci/2")

    assert 1 == answer.code
    assert f"{id} brings {REL} to ENV-prod-eu already, in run 1" in answer.err


def test_another_run_does_not_go_on_with_it(yard):
    id = yard.started()

    answer = yard.deploy("progress", id, "Hello", "--run", "ci/2")

    assert 1 == answer.code
    assert f"{id} is of run 1, and this is run 2" in answer.err


def test_its_own_run_goes_on_with_it(yard):
    id = yard.started()

    assert 0 == yard.deploy("progress", id, "Hello", "--run", "ci/1").code


def test_the_same_start_is_the_same_deployment(yard):
    first = yard.started()

    second = yard.started(now="2026-11-20T12:05:00Z")

    assert first == second
    assert [f"{first}.json"] == [path.name for path in yard.journal.glob("*.json")]


def test_a_start_that_has_ended_is_not_started_again(yard):
    yard.started()
    yard.finish()

    answer = yard.start()

    assert 1 == answer.code
    assert "has ended: it is succeeded" in answer.err


def test_what_was_not_begun_is_not_finished(yard):
    answer = yard.finish()

    assert 2 == answer.code
    assert "no deployment goes on" in answer.err
    assert UNTOUCHED == yard.commits()


def test_success_takes_that_something_was_looked_at(yard):
    yard.started()

    answer = yard.deploy("finish")

    assert 2 == answer.code
    assert "counts as succeeded when something was looked at afterwards" in answer.err
    assert UNTOUCHED == yard.commits()


def test_a_failed_check_is_no_success(yard):
    yard.started()

    answer = yard.deploy("finish", "--verify", "smoke=failed")

    assert 2 == answer.code
    assert "did not succeed: smoke failed" in answer.err
    assert UNTOUCHED == yard.commits()


def test_a_journal_that_was_edited_counts_for_nothing(yard):
    id = yard.started()
    yard.edit_journal(id, environment="ENV-staging")

    answer = yard.finish()

    assert 2 == answer.code
    assert "was changed by hand, so nothing in it counts" in answer.err
    assert UNTOUCHED == yard.commits()


def test_a_verdict_that_was_rewritten_is_found_out_by_asking_again(yard):
    id = yard.started()
    path = yard.journal / f"{id}.json"
    kept = json.loads(path.read_text())["record"]["verdict"]
    kept["answers"] = [{**one, "outcome": "met"} for one in kept["answers"]] + [{"code": "FLT751", "outcome": "met"}]
    forged(yard, id, verdict={**kept, "digest": fingerprint(kept)})

    answer = yard.finish()

    assert 1 == answer.code
    assert "its verdict is not what the gate answers at that commit and for that time" in answer.err
    assert UNTOUCHED == yard.commits()


def test_a_verdict_for_a_time_at_which_the_gate_was_shut_is_found_out(yard):
    id = yard.started()
    path = yard.journal / f"{id}.json"
    record = json.loads(path.read_text())["record"]
    kept = record["verdict"] | {"as_of": "2026-11-20T13:30:00Z"}
    forged(yard, id, started="2026-11-20T13:30:00Z", verdict={**kept, "digest": fingerprint(kept)})

    answer = yard.finish(now="2026-11-20T14:00:00Z")

    assert 1 == answer.code
    assert "its verdict is not what the gate answers" in answer.err


def test_a_verdict_for_another_environment_lets_nothing_through(yard):
    id = yard.started()
    forged(yard, id, environment="ENV-staging")

    answer = yard.finish()

    assert 1 == answer.code
    assert "DPL701" in answer.err


def test_a_verdict_of_a_commit_that_is_not_protected_lets_nothing_through(yard):
    id = yard.started()
    path = yard.journal / f"{id}.json"
    kept = json.loads(path.read_text())["record"]["verdict"] | {"commit": "a" * 40, "judge": "a" * 40}
    forged(yard, id, verdict={**kept, "digest": fingerprint(kept)})

    answer = yard.finish()

    assert answer.code in (1, 3)
    assert UNTOUCHED == yard.commits()


def test_one_verdict_lets_one_deployment_through(yard):
    id = yard.started()
    again = f"{id[:-4]}0000"
    content = json.loads((yard.journal / f"{id}.json").read_text())
    yard.finish()
    content["record"]["id"] = again
    content.pop("digest")
    (yard.journal / f"{again}.json").write_text(json.dumps({**content, "digest": digest(content)}))

    answer = yard.deploy("finish", again, "--verify", "smoke=passed", now="2026-11-20T12:40:00Z")

    assert 1 == answer.code
    assert "its verdict let another deployment through already" in answer.err


def test_a_verdict_older_than_the_policy_allows_is_asked_for_anew(yard):
    yard.started()

    answer = yard.finish(now="2026-11-21T12:00:01Z")

    assert 1 == answer.code
    assert "CAL902" in answer.err
    assert UNTOUCHED == yard.commits()


def test_a_verdict_as_old_as_the_policy_allows_still_stands(yard):
    yard.started()

    answer = yard.finish(now="2026-11-21T12:00:00Z")

    assert 0 == answer.code, answer.err


def test_a_policy_may_allow_less(yard):
    policy = (yard.home.root / "records/policy/POL-policy.yaml").read_text()
    yard.change({"policy/POL-policy.yaml": f"{policy}deployment: {{record_within_hours: 1}}\n"})
    yard.started()

    assert 1 == yard.finish(now="2026-11-20T13:00:01Z").code


def test_a_group_that_the_release_does_not_have_is_refused(yard):
    answer = yard.start("--group", "moon")

    assert 2 == answer.code
    assert f"{REL} has no group 'moon' in ENV-prod-eu" in answer.err


def test_an_end_that_the_server_refuses_stays_in_the_journal(yard):
    yard.started()
    hook = yard.remote / "hooks/pre-receive"
    said = hook.read_text()
    hook.write_text("#!/bin/sh\necho closed for today\nexit 1\n")

    refused = yard.finish()
    hook.write_text(said)
    again = yard.deploy("repay", now="2026-11-20T12:40:00Z")

    assert (1, 0) == (refused.code, again.code)
    assert "closed for today" in refused.err
    assert 2 == len(yard.commits())


@pytest.mark.parametrize(
    ("state", "env"),
    [("accepted", "ENV-prod-eu"), ("testing", "ENV-prod-eu"), ("suspended", "ENV-staging"), ("closed", "ENV-moon")],
    ids=["accepted, to customers", "tested, to customers", "suspended, below production", "to nowhere"],
)
def test_a_release_goes_nowhere_before_it_may(yard, state, env):
    release = RECORDS["releases/2026/REL-2026-0001.yaml"].replace("state: ready", f"state: {state}")
    yard.change({"releases/2026/REL-2026-0001.yaml": release})

    answer = yard.start(env=env)

    assert answer.code in (1, 2)
    assert not yard.journal.exists()


def test_a_deployment_of_another_machine_is_not_taken_over(yard):
    yard.started()

    answer = yard.start(by="PTY-ada")

    assert 1 == answer.code


def test_a_record_that_was_let_through_keeps_its_verdict(yard):
    id = yard.started("--publish")
    path = yard.journal / f"{id}.json"
    kept = json.loads(path.read_text())["record"]["verdict"] | {"as_of": "2026-11-20T11:00:00Z", "outcome": "open"}
    forged(yard, id, started="2026-11-20T11:30:00Z", verdict={**kept, "answers": [], "digest": fingerprint(kept)})

    answer = yard.finish()

    assert 1 == answer.code
    assert "DPL701" in answer.err


@pytest.mark.parametrize(("version", "code"), [("0.0.9", 1), (__version__, 0)], ids=["another", "this one"])
def test_a_verdict_of_another_version_of_the_tool_is_asked_for_anew(yard, version, code):
    id = yard.started()
    place = yard.journal / f"{id}.json"
    content = json.loads(place.read_text())
    kept = content["record"]["verdict"] | {"tool": version}
    content["record"]["verdict"] = kept | {"digest": fingerprint(kept)}
    content.pop("digest")
    place.write_text(json.dumps({**content, "digest": digest(content)}))

    answer = yard.finish(now="2026-11-20T23:30:00Z")

    assert (code, bool(code)) == (answer.code, "WIN-evening" in answer.err)


SMOKE = "smoke_tests: [{id: pays, test: A test card is charged.}]\n"


def test_what_the_ledger_did_not_take_is_taken_once_the_check_that_it_lacked_is_told(yard):
    yard.change({"cis/CI-pay.yaml": RECORDS["cis/CI-pay.yaml"] + SMOKE})
    yard.change({"gates/GAT-verify.yaml": RECORDS["gates/GAT-verify.yaml"].replace("codes: [", "codes: [TES613, ")})
    id = yard.started()

    first = yard.finish()
    second = yard.deploy("finish", "--verify", "pays=passed", now="2026-11-20T12:40:00Z")

    assert 1 == first.code
    assert "say so: `opsledger deploy finish --verify pays=passed`" in first.err
    assert (0, "succeeded") == (second.code, yard.record(f"deployments/2026/{id}.yaml")["state"])
    looked = yard.record(f"deployments/2026/{id}.yaml")["verification"]
    assert ["smoke", "pays"] == [one["check"] for one in looked]


def test_what_the_ledger_did_not_take_is_no_success_with_a_check_that_failed(yard):
    yard.change({"cis/CI-pay.yaml": RECORDS["cis/CI-pay.yaml"] + SMOKE})
    yard.change({"gates/GAT-verify.yaml": RECORDS["gates/GAT-verify.yaml"].replace("codes: [", "codes: [TES613, ")})
    yard.started()
    yard.finish()

    answer = yard.deploy("finish", "--verify", "pays=failed", now="2026-11-20T12:40:00Z")

    assert 2 == answer.code
    assert "did not succeed: pays failed" in answer.err
