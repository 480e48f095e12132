"""A pull request that edits what judges it gains nothing: environments are taken from the base."""

from __future__ import annotations

import pytest

from .conftest import DEPLOYMENT, ENVIRONMENT, FILES, GATE, RELEASE, answer, asked, checked, edit, told

UNDO = {
    "no production any more": ("production: true", "production: false"),
    "on no ladder any more": ("ladder: {position: 2}\n", ""),
    "on the lowest step": ("ladder: {position: 2}", "ladder: {position: 1}"),
}
UNPROVEN = {
    "records/deployments/2026/DEP-2026-a1b0.yaml": FILES["records/deployments/2026/DEP-2026-a1b0.yaml"].replace(
        "state: succeeded",
        "state: failed\ndecisions: [{at: 2026-11-19T12:10:00Z, by: PTY-ada, state: failed, reason: No}]",
    )
}


@pytest.mark.parametrize(("old", "new"), UNDO.values(), ids=UNDO)
@pytest.mark.parametrize("path", [RELEASE, DEPLOYMENT], ids=["release", "deployment"])
def test_a_move_beside_a_softened_environment_is_judged_by_the_environment_of_the_base(ledger, path, old, new):
    repo = ledger("FLT751, DPL709", files=UNPROVEN)
    edit(repo, ENVIRONMENT, old, new)
    edit(repo, path, "state: ready" if path == RELEASE else "state: planned",
         "state: deploying" if path == RELEASE else "state: authorised")  # fmt: skip
    repo.commit("Deploy, and soften")

    judgement = checked(repo)

    assert 1 == judgement.exit_code
    assert told(judgement, "FLT751")
    if path == DEPLOYMENT:
        assert told(judgement, "DPL709")


@pytest.mark.parametrize(("old", "new"), UNDO.values(), ids=UNDO)
def test_a_gate_asked_of_a_branch_sees_the_environment_of_the_base(ledger, old, new):
    repo = ledger("FLT751, DPL709", files=UNPROVEN)
    edit(repo, ENVIRONMENT, old, new)
    repo.commit("Soften")

    verdict = asked(repo)

    assert ["blocked", "blocked"] == [answer(verdict, code) for code in ("FLT751", "DPL709")]


def test_a_severity_by_environment_is_weighed_by_the_environment_of_the_base(ledger):
    policy = "id: POL-main\ntitle: P\nrules: {severity: {FLT751: \"environment.production ? 'error' : 'note'\"}}\n"
    repo = ledger("FLT751", files={"records/policy/POL-main.yaml": policy})
    edit(repo, ENVIRONMENT, "production: true", "production: false")
    repo.commit("Soften")

    assert "blocked" == answer(asked(repo), "FLT751")


def test_a_condition_of_the_gate_sees_the_environment_of_the_base(ledger):
    repo = ledger('FLT751]\nwhen: "environment.production"\nlater: [')
    edit(repo, ENVIRONMENT, "production: true", "production: false")
    repo.commit("Soften")

    assert "blocked" == asked(repo).outcome


def test_an_environment_that_only_the_pull_request_knows_lets_nothing_through(ledger):
    repo = ledger("FLT751, DPL709")
    repo.write(
        "records/environments/ENV-new.yaml",
        FILES[ENVIRONMENT]
        .replace("ENV-prod", "ENV-new")
        .replace("production: true\nladder: {position: 2}", "production: false"),
    )
    edit(repo, DEPLOYMENT, "state: planned", "state: authorised")
    edit(repo, DEPLOYMENT, "ENV-prod", "ENV-new")
    repo.commit("Deploy to a place of my own")

    assert 0 != checked(repo).exit_code


def test_an_environment_that_cannot_be_read_on_the_base_is_undecided(ledger):
    repo = ledger("DPL709", files={ENVIRONMENT: FILES[ENVIRONMENT] + "production: true\n"})

    assert "open" != asked(repo, at="main").outcome


def test_a_deleted_environment_still_judges(ledger):
    repo = ledger("FLT751, DPL709", files=UNPROVEN)
    repo.delete(ENVIRONMENT)
    repo.commit("There is no production")

    assert "blocked" == asked(repo).outcome


FREEZE = (
    "id: WIN-freeze\ntitle: Freeze\ntype: freeze\nstate: published\nstart: 2026-11-20T10:00:00Z\n"
    "end: 2026-12-20T10:00:00Z\nscope: {environments: [ENV-prod]}\n"
)
WINDOW = "records/windows/WIN-freeze.yaml"
LIFTS = {
    "cancelled": ("state: published", "state: cancelled\ndecisions: [{at: 2026-11-20T11:00:00Z, by: PTY-ada, "
                  "state: cancelled, reason: I would rather not}]"),
    "shortened": ("end: 2026-12-20", "end: 2026-11-20"),
    "moved elsewhere": ("[ENV-prod]", "[ENV-staging]"),
    "turned into a change window": ("type: freeze", "type: change-window"),
    "letting everything through": ("scope: {", "scope: {lets_through: [standard, normal, emergency], "),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), LIFTS.values(), ids=LIFTS)
def test_a_freeze_that_the_pull_request_lifts_still_holds_for_it(ledger, old, new):
    repo = ledger("CAL902, CAL909", files={WINDOW: FREEZE})
    edit(repo, WINDOW, old, new)
    edit(repo, RELEASE, "state: ready", "state: deploying")
    repo.commit("Deploy, and lift the freeze")

    judgement = checked(repo)

    assert told(judgement, "CAL902")
    assert "blocked" == answer(asked(repo), "CAL902")


def test_a_freeze_that_the_pull_request_deletes_still_holds_for_it(ledger):
    repo = ledger("CAL902", files={WINDOW: FREEZE})
    repo.delete(WINDOW)
    edit(repo, RELEASE, "state: ready", "state: deploying")
    repo.commit("Deploy, and delete the freeze")

    assert told(checked(repo), "CAL902")


@pytest.mark.parametrize("needs", ["", "\nneeds: [environment, group]"], ids=["asked of all", "asked for one"])
def test_a_release_taken_by_hand_is_asked_for_each_place_of_its_rollout(ledger, needs):
    repo = ledger(f"CAL902, FLT751]{needs}\nlater: [", files={WINDOW: FREEZE})
    edit(repo, RELEASE, "state: ready", "state: deploying")
    repo.commit("Deploy by hand")

    judgement = checked(repo)

    assert 1 == judgement.exit_code
    assert told(judgement, "CAL902")
    assert told(judgement, "FLT751")


@pytest.mark.parametrize(
    "rollout",
    ["", "rollout:\n  model: big-bang\n  groups:\n    - {id: eu, environment: ENV-staging}\n"],
    ids=["nowhere", "to staging alone"],
)
def test_a_release_whose_rollout_was_taken_away_is_not_let_through_beside_a_halt_of_everything(ledger, rollout):
    halt = FREEZE.replace("type: freeze", "type: halt").replace("scope: {environments: [ENV-prod]}\n", "")
    repo = ledger("CAL909", files={WINDOW: halt})
    text = (repo.root / RELEASE).read_text()
    start, end = text.index("rollout:"), text.index("backout:")
    repo.write(RELEASE, (text[:start] + rollout + text[end:]).replace("state: ready", "state: deploying"))
    repo.commit("Deploy nowhere")

    assert told(checked(repo), "CAL909")


UNREADABLE = {
    "policy": ("records/policy/POL-main.yaml", "id: POL-main\ntitle: P\ntitle: Q\n"),
    "misshapen policy": ("records/policy/POL-main.yaml", "id: POL-main\ntitle: P\nblocking: 7\n"),
    "gate": (GATE, "id: GAT-promote\nid: x\n"),
    "window": (WINDOW, FREEZE + "type: freeze\n"),
    "misshapen window": (WINDOW, FREEZE.replace("type: freeze", "type: freez")),
    "environment": (ENVIRONMENT, FILES[ENVIRONMENT] + "production: true\n"),
    "misshapen environment": (ENVIRONMENT, FILES[ENVIRONMENT].replace("production: true", "production: yes-please")),
    "problem": ("records/problems/2026/PRB-2026-0009.yaml", "id: PRB-2026-0009\nid: x\n"),
}
NO_PROBLEM = {"records/problems/2026/PRB-2026-0001.yaml": "id: PRB-2026-0001\ntitle: x\nstate: logged\nseverity: low\n"}


@pytest.mark.parametrize(("path", "text"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_on_the_base_opens_no_gate(ledger, path, text):
    repo = ledger("CAL902, CAL909, FLT751", files={**NO_PROBLEM, path: text})

    assert "open" != asked(repo, at="main").outcome


@pytest.mark.parametrize(("path", "text"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_the_branch_makes_unreadable_opens_no_gate(ledger, path, text):
    repo = ledger("CAL902, CAL909, FLT751", files={**NO_PROBLEM, WINDOW: FREEZE})
    repo.write(path, text)
    edit(repo, RELEASE, "state: ready", "state: deploying")
    repo.commit("Deploy, and spoil")

    assert 1 == checked(repo).exit_code
    assert "open" != asked(repo).outcome


def test_the_same_is_open_where_all_can_be_read(ledger):
    repo = ledger("CAL902, CAL909, FLT751", files=NO_PROBLEM)

    assert "open" == asked(repo, at="main").outcome


SETTINGS = {
    "a preset that there is not": "preset: smal\nprotected: main\n",
    "settings that cannot be read": "preset: regulated\npreset: small\n",
}


@pytest.mark.parametrize("text", SETTINGS.values(), ids=SETTINGS)
def test_settings_that_say_no_preset_open_no_gate(ledger, text):
    repo = ledger("CAL902", files={**NO_PROBLEM, ".opsledger.yaml": text})

    assert "open" != asked(repo, at="main").outcome


def test_a_gate_that_asks_a_code_that_nobody_judges_is_undecided(ledger):
    repo = ledger("ZZZ999", files=NO_PROBLEM)

    assert "undecided" == asked(repo, at="main").outcome
