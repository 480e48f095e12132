"""`advance`: how far a small team's release gets on real git, and what it says where it stops."""

from __future__ import annotations

from .team import CHANGE, RELEASE, made, state


def test_record_that_does_not_exist_cannot_advance(team, call):
    assert 2 == call("-C", team.root, "advance", "REL-2026-0009").code


def test_record_without_states_cannot_advance(team, call):
    done = call("-C", team.root, "advance", "ROL-approver")

    assert (2, True) == (done.code, "has no states" in done.err)


def test_state_behind_a_record_is_no_aim(team, call):
    made(team, call)
    call("-C", team.root, "advance", "REL-2026-0001")
    done = call("-C", team.root, "advance", "REL-2026-0001", "--to", "draft")

    assert (2, True) == (done.code, "draft does not lie ahead of REL-2026-0001, which is planned" in done.err)


def test_advance_stops_at_a_signature_and_names_who_can_give_it(team, call):
    made(team, call)
    done = call("-C", team.root, "advance", "REL-2026-0001")

    assert (0, "planned", "scheduled") == (done.code, state(team, RELEASE), state(team, CHANGE))
    assert ["CHG-2026-0001: draft → scheduled", "REL-2026-0001: draft → planned"] == done.out.splitlines()[2:4]
    assert "held by PTY-grace" in done.out
    assert "fix: ask PTY-grace to approve it" in done.out


def test_second_advance_moves_nothing_and_says_no(team, call):
    made(team, call)
    call("-C", team.root, "advance", "REL-2026-0001")
    team.commit("Advanced")
    done = call("-C", team.root, "advance", "REL-2026-0001")

    assert (1, "planned") == (done.code, state(team, RELEASE))


def test_advance_to_where_the_record_stands_says_yes(team, call):
    made(team, call)

    assert 0 == call("-C", team.root, "advance", "REL-2026-0001", "--to", "draft").code


def test_advance_that_is_only_shown_writes_nothing(team, call):
    made(team, call)
    done = call("-C", team.root, "advance", "REL-2026-0001", "--dry-run")

    assert (0, "draft") == (done.code, state(team, RELEASE))
    assert "REL-2026-0001: draft → planned" in done.out


def test_fact_that_is_missing_stops_and_is_asked_for_by_name(team, call):
    team.delete("records/models/MDL-routine.yaml")
    made(team, call)
    done = call("-C", team.root, "advance", "REL-2026-0001")

    assert (1, "draft") == (done.code, state(team, RELEASE))
    assert "fix: give --set risk=" in done.out


def test_fact_that_is_given_takes_the_record_on(team, call):
    team.write(
        "records/changes/2026/CHG-2026-0005.yaml",
        "id: CHG-2026-0005\ntitle: Retries\nstate: approved\ntype: normal\nrisk: low\nowner: PTY-ada\n"
        "business_need: B\nsolution: S\nbackout: {method: M}\nimpact: {summary: I}\n"
        "effects: [{ci: CI-payments, effect: changed}]\n",
    )
    team.delete("records/models/MDL-routine.yaml")
    team.commit("A change")
    made(team, call)
    given = ["--set", "risk=low", "--set", "changes.0=CHG-2026-0005", "--to", "planned"]
    done = call("-C", team.root, "advance", "REL-2026-0001", *given)

    assert (0, "planned") == (done.code, state(team, RELEASE))


def test_record_on_hold_rests(team, call):
    made(team, call)
    (team.root / RELEASE).write_text(
        (team.root / RELEASE).read_text() + "hold: {reason: Waits for the bank, since: 2026-11-20T08:00:00Z}\n"
    )
    done = call("-C", team.root, "advance", "REL-2026-0001")

    assert "draft" == state(team, RELEASE)
    assert "it is on hold: Waits for the bank" in done.out


def test_record_that_left_its_path_comes_back_by_decision_only(team, call):
    made(team, call)
    call("-C", team.root, "transition", "REL-2026-0001", "deferred", "--reason", "Later", "--by", "PTY-ada")
    done = call("-C", team.root, "advance", "REL-2026-0001")

    assert "deferred" == state(team, RELEASE)
    assert "coming back is a decision" in done.out


def test_move_that_a_gate_asks_for_each_environment_is_left_to_the_pipeline(pipeline, call):
    made(pipeline, call)
    path = pipeline.root / RELEASE
    path.write_text(path.read_text().replace("state: draft", "state: ready"))
    pipeline.commit("Ready")
    done = call("-C", pipeline.root, "advance", "REL-2026-0001")

    assert "ready" == state(pipeline, RELEASE)
    assert "its gate is asked for each environment" in done.out


def test_base_that_has_moved_on_is_merged_before_it_judges(team, call):
    team.switch("topic", "main")
    made(team, call)
    team.commit("A release")
    team.switch("main")
    gate = team.root / "records/gates/GAT-plan.yaml"
    gate.write_text(
        gate.read_text().replace("signatures: [{scope: plan, roles: [ROL-approver]}]\n", "").replace(", SIG301", "")
    )
    team.commit("Nobody signs plans any more")
    team.switch("topic")
    call("-C", team.root, "advance", "REL-2026-0001", "--base", "main")

    assert "building" == state(team, RELEASE)


def test_base_that_changed_the_same_lines_is_refused(team, call):
    team.switch("topic", "main")
    made(team, call)
    team.commit("A release")
    team.switch("main")
    made(team, call, "--set", "title=Another")
    team.commit("Another release of the same number")
    team.switch("topic")
    done = call("-C", team.root, "advance", "REL-2026-0001", "--base", "main")

    assert (2, "draft") == (done.code, state(team, RELEASE))
    assert "merge the base into the branch first" in done.err
