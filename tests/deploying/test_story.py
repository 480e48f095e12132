"""The usual way: begun, going on, ended, and one commit that says it all."""

from __future__ import annotations

from .conftest import DIGEST, NOON, RECORDS, REL


def test_a_deployment_is_one_commit_that_moves_release_change_and_component(yard):
    id = yard.started("--run-url", "https://ci.example.org/1")
    yard.deploy("progress", id, "Migration started", "--observe", "failed-share=0.002", now="2026-11-20T12:10:00Z")

    answer = yard.finish()

    assert 0 == answer.code, answer.out + answer.err
    assert [f"{id}: {REL} in ENV-prod-eu is succeeded", "The ledger"] == yard.commits()
    made = yard.record(f"deployments/2026/{id}.yaml")
    assert ("succeeded", NOON, "2026-11-20T12:30:00Z") == (made["state"], made["started"], made["ended"])
    assert [{"ci": "CI-pay", "version": "4.2.1", "digest": DIGEST}] == made["items"]
    assert ("eu", DIGEST) == (made["group"], made["package_digest"])
    assert "early-life-support" == yard.record("releases/2026/REL-2026-0001.yaml")["state"]
    change = yard.record("changes/2026/CHG-2026-0001.yaml")
    assert ("implemented", "successful") == (change["state"], change["closure_code"])
    component = yard.record("cis/CI-pay.yaml")
    assert ("4.2.1", ["4.1.0", "4.2.0", "4.2.1"]) == (component["version"], component["versions"])
    assert "pending" not in component


def test_what_happened_meanwhile_does_not_undo_what_the_gate_allowed(yard):
    id = yard.started()

    answer = yard.finish(now="2026-11-20T14:00:00Z")

    assert 0 == answer.code, answer.out + answer.err
    assert "succeeded" == yard.record(f"deployments/2026/{id}.yaml")["state"]


def test_the_whole_verdict_is_kept(yard):
    id = yard.started()
    yard.finish()

    kept = yard.record(f"deployments/2026/{id}.yaml")["verdict"]

    assert ("promote", REL, "ENV-prod-eu", "eu") == tuple(
        kept[one] for one in ("gate", "subject", "environment", "group")
    )
    assert ("open", NOON, DIGEST, "enforce") == tuple(
        kept[one] for one in ("outcome", "as_of", "package_digest", "mode")
    )
    assert kept["commit"] == kept["judge"]
    assert "records/policy/POL-policy.yaml" == kept["policy"]["path"]
    assert [{"code": "LCY202", "outcome": "met"}, {"code": "CAL902", "outcome": "met"}] == kept["answers"]
    assert kept["digest"].startswith("sha256:")


def test_people_who_push_meanwhile_lose_nothing(yard):
    yard.started()
    yard.change({"problems/2026/PRB-2026-0002.yaml": "id: PRB-2026-0002\ntitle: x\nstate: logged\nseverity: low\n"})

    assert 0 == yard.finish().code
    assert "records/problems/2026/PRB-2026-0002.yaml" in yard.paths()
    assert 3 == len(yard.commits())


def test_a_second_end_writes_nothing_twice(yard):
    id = yard.started()
    yard.finish()

    again = yard.deploy("finish", id)

    assert 0 == again.code
    assert "in the ledger already" in again.out
    assert 2 == len(yard.commits())


def test_published_steps_are_seen_at_once(yard):
    id = yard.started("--publish")

    started = (
        yard.record(f"deployments/2026/{id}.yaml")["state"],
        yard.record("releases/2026/REL-2026-0001.yaml")["state"],
    )
    yard.deploy("progress", id, "Half of it", now="2026-11-20T12:10:00Z")
    told = yard.record(f"deployments/2026/{id}.yaml")["progress"]
    answer = yard.finish()

    assert ("in-progress", "deploying") == started
    assert ["Half of it"] == [one["note"] for one in told]
    assert 0 == answer.code, answer.err
    assert 4 == len(yard.commits())


def test_a_published_deployment_is_gone_on_with_on_another_machine(yard):
    id = yard.started("--publish")
    (yard.journal / f"{id}.json").unlink()

    again = yard.started()

    assert id == again
    assert 0 == yard.finish().code


def test_an_unsuccessful_end_leaves_the_release_under_way(yard):
    id = yard.started()

    answer = yard.finish("--outcome", "unsuccessful", "--reason", "The database did not start.")

    assert 0 == answer.code, answer.err
    assert "failed" == yard.record(f"deployments/2026/{id}.yaml")["state"]
    assert "deploying" == yard.record("releases/2026/REL-2026-0001.yaml")["state"]
    assert "4.2.0" == yard.record("cis/CI-pay.yaml")["version"]


def test_a_release_in_groups_is_everywhere_after_the_last(yard):
    release = RECORDS["releases/2026/REL-2026-0001.yaml"].replace(
        "    - {id: eu, environment: ENV-prod-eu}\n",
        "    - {id: canary, environment: ENV-prod-eu, order: 1}\n"
        "    - {id: rest, environment: ENV-prod-eu, order: 2}\n",
    )
    yard.change({"releases/2026/REL-2026-0001.yaml": release})

    unnamed = yard.start()
    yard.started("--group", "canary")
    yard.finish()
    between = yard.record("releases/2026/REL-2026-0001.yaml")["state"], yard.record("cis/CI-pay.yaml")["version"]
    yard.started("--group", "rest", now="2026-11-20T12:40:00Z")
    yard.finish(now="2026-11-20T12:50:00Z")

    assert 2 == unnamed.code
    assert ("deploying", "4.2.0") == between
    assert "early-life-support" == yard.record("releases/2026/REL-2026-0001.yaml")["state"]
    assert "4.2.1" == yard.record("cis/CI-pay.yaml")["version"]


def test_a_package_is_tried_below_production_before_the_release_is_ready(yard):
    release = RECORDS["releases/2026/REL-2026-0001.yaml"].replace("state: ready", "state: testing")
    yard.change({"releases/2026/REL-2026-0001.yaml": release})

    id = yard.started(env="ENV-staging")
    answer = yard.finish()

    assert 0 == answer.code, answer.err
    assert "succeeded" == yard.record(f"deployments/2026/{id}.yaml")["state"]
    assert "testing" == yard.record("releases/2026/REL-2026-0001.yaml")["state"]
    assert "4.2.0" == yard.record("cis/CI-pay.yaml")["version"]


def test_stored_results_are_named_in_the_verification(yard):
    text = (
        "id: EVD-2026-00aa11bb\ntitle: It answers\ntype: smoke\nsubjects: [REL-2026-0001]\n"
        'at: "2026-11-20T12:20:00Z"\nresult: passed\npackage_digest: "DIGEST"\n'.replace("DIGEST", DIGEST)
    )
    yard.change({"evidence/2026/EVD-2026-00aa11bb.yaml": text})
    id = yard.started()

    answer = yard.deploy("finish", "--evidence", "EVD-2026-00aa11bb", now="2026-11-20T12:30:00Z")

    assert 0 == answer.code, answer.err
    [looked] = yard.record(f"deployments/2026/{id}.yaml")["verification"]
    assert ("It answers", "smoke", "passed") == (looked["check"], looked["type"], looked["result"])


def test_show_tells_what_is_on_its_way(yard):
    id = yard.started()
    yard.deploy("progress", id, "Half\x1b[31m of it")

    answer = yard.deploy("show", id)

    assert f"{id} {REL} in ENV-prod-eu: in-progress (not in the ledger yet)" in answer.out
    assert "\x1b" not in answer.out


def test_a_pipeline_in_a_clone_of_the_ledger_needs_no_address(yard):
    (yard.home.root / "records/cis/CI-pay.yaml").write_text("nobody: committed this\n")
    here = ["-C", str(yard.home.root), "deploy"]
    by = ["--by", "PTY-pipeline"]

    begun = yard.run([*here, "start", REL, "--env", "ENV-prod-eu", "--run", "ci/1", *by], NOON)
    ended = yard.run([*here, "finish", "--verify", "smoke=passed", *by], "2026-11-20T12:30:00Z")

    assert (0, 0) == (begun.code, ended.code), begun.err + ended.err
    assert "early-life-support" == yard.record("releases/2026/REL-2026-0001.yaml")["state"]
    assert " M records/cis/CI-pay.yaml" == yard.home.git("status", "--porcelain")
