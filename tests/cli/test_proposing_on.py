"""`propose ID`: a release on its way through the gates of one pull request, and to its end."""

from __future__ import annotations

import pytest

from .team import CHANGE, DIGEST, FAILED, RELEASE, WENT_WELL, closing, evidence, made, state


def test_proposed_release_is_ready_and_its_change_scheduled(pipeline, call):
    made(pipeline, call)
    done = call("-C", pipeline.root, "propose", "REL-2026-0001")

    assert 0 == done.code
    assert ("ready", "scheduled") == (state(pipeline, RELEASE), state(pipeline, CHANGE))
    assert "on propose/REL-2026-0001, 3 files, for main" in done.out
    assert "GAT-plan waits for the plan of REL-2026-0001 to be signed by ROL-approver: PTY-grace" in done.out
    assert "" == pipeline.git("status", "--short")


def test_check_of_the_proposal_stays_red_until_it_is_signed(pipeline, call):
    made(pipeline, call)
    call("-C", pipeline.root, "propose", "REL-2026-0001")
    done = call("-C", pipeline.root, "check", "--base", "main")

    assert (1, True) == (done.code, "SIG301" in done.out + done.err)


def test_package_and_results_that_came_after_the_release_are_found(team, call):
    made(team, call)
    assert "package:" not in (team.root / RELEASE).read_text()
    commit = team.git("rev-parse", "v4.2.1^{commit}")
    team.write("records/evidence/2026/EVD-2026-0000aaaa.yaml", evidence("0000aaaa", commit))
    team.git("add", "records/evidence")
    team.git("commit", "-qm", "Pipeline")
    call("-C", team.root, "propose", "REL-2026-0001")
    text = (team.root / RELEASE).read_text()

    assert "ready" == state(team, RELEASE)
    assert f"package:\n  digest: {DIGEST}" in text
    assert "evidence:\n    - EVD-2026-0000aaaa" in text
    assert "/acceptance" in text


def test_package_of_another_commit_is_not_taken(team, call):
    made(team, call)
    team.write("records/evidence/2026/EVD-2026-0000aaaa.yaml", evidence("0000aaaa", "f" * 40))
    team.git("add", "records/evidence")
    team.git("commit", "-qm", "Pipeline")
    done = call("-C", team.root, "propose", "REL-2026-0001")

    assert "plan-approved" == state(team, RELEASE)
    assert "let the pipeline write down what it built" in done.out


def test_records_that_were_not_named_stay_out_of_the_proposal(pipeline, call):
    made(pipeline, call)
    path = pipeline.root / "records/parties/PTY-grace.yaml"
    path.write_text(path.read_text().replace("name: Grace", "name: Grace H"))
    call("-C", pipeline.root, "propose", "REL-2026-0001")

    assert "M records/parties/PTY-grace.yaml" == pipeline.git("status", "--short").strip()


def test_proposal_as_it_is_moves_nothing(pipeline, call):
    made(pipeline, call)
    call("-C", pipeline.root, "propose", "REL-2026-0001", "--as-is")

    assert ("draft", "draft") == (state(pipeline, RELEASE), state(pipeline, CHANGE))


def test_proposal_that_is_only_shown_writes_nothing(pipeline, call):
    made(pipeline, call)
    done = call("-C", pipeline.root, "propose", "REL-2026-0001", "--dry-run")

    assert (0, "draft", "main") == (done.code, state(pipeline, RELEASE), pipeline.git("branch", "--show-current"))
    assert "would propose REL-2026-0001: new release, ready" in done.out


def test_problem_that_no_gate_guards_is_proposed_as_it_stands(team, call):
    call("-C", team.root, "new", "problem", "--set", "title=Late", "--set", "severity=low", "--set", "owner=PTY-ada",
         "--set", "cis.0=CI-payments", "--set", "impact=low", "--set", "urgency=low")  # fmt: skip
    done = call("-C", team.root, "propose", "PRB-2026-0001")

    assert (0, "logged") == (done.code, state(team, "records/problems/2026/PRB-2026-0001.yaml"))


def test_fields_of_several_records_are_refused(team, call):
    done = call("-C", team.root, "propose", "REL-2026-0001", "CHG-2026-0001", "--set", "risk=low")

    assert 2 == done.code


def test_release_that_went_well_is_closed_with_its_change(pipeline, call):
    made(pipeline, call)
    closing(pipeline, WENT_WELL)
    done = call("-C", pipeline.root, "propose", "REL-2026-0001")

    assert (0, "closed", "closed") == (done.code, state(pipeline, RELEASE), state(pipeline, CHANGE))
    assert "outcome: successful\n" in (pipeline.root / RELEASE).read_text()


def test_release_whose_first_attempt_failed_is_closed_with_issues(pipeline, call):
    made(pipeline, call)
    closing(pipeline, FAILED, WENT_WELL)
    call("-C", pipeline.root, "propose", "REL-2026-0001")

    assert "outcome: successful_with_issues\n" in (pipeline.root / RELEASE).read_text()


@pytest.mark.parametrize(
    "deployments",
    [
        pytest.param([WENT_WELL, "state: verifying"], id="a deployment that is under way"),
        pytest.param([WENT_WELL, FAILED], id="a last one that failed"),
        pytest.param([f"{WENT_WELL}\noutcome: partially_implemented"], id="a part was left out"),
        pytest.param([f"{WENT_WELL}\ngroup: canary"], id="only another group"),
    ],
)
def test_outcome_that_nobody_can_derive_is_not_guessed(pipeline, call, deployments):
    made(pipeline, call)
    closing(pipeline, *deployments)
    done = call("-C", pipeline.root, "propose", "REL-2026-0001")

    assert "early-life-support" == state(pipeline, RELEASE)
    assert "give --set outcome=successful|" in done.out


def test_outcome_that_is_given_closes_the_release(pipeline, call):
    made(pipeline, call)
    closing(pipeline, WENT_WELL, FAILED)
    call("-C", pipeline.root, "propose", "REL-2026-0001", "--set", "outcome=partially_implemented")

    assert "closed" == state(pipeline, RELEASE)
    assert "outcome: partially_implemented\n" in (pipeline.root / RELEASE).read_text()
