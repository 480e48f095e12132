"""What a pull request does to those who judge it: told for each sort, and judged by the base all the same."""

from __future__ import annotations

import json

import pytest
from tests.conftest import Repo

from opsledger.packaged import text as packaged_text
from opsledger.proposal import Proposal

from .conftest import Propose, approve_plan, edit

GATE = "records/gates/GAT-plan.yaml"
ADA = "records/parties/PTY-ada.yaml"
FREEZE = "records/windows/WIN-year-end.yaml"
LANE = "id: LAN-robot\ntitle: Robot\nparties: [PTY-robot]\npaths: [/records/evidence/**]\n"


def looser(proposal: Proposal) -> list[str]:
    """What is told to ask less."""
    return [one.sentence for one in proposal.loosened if one.is_looser]


def test_nothing_that_judges_is_nothing_to_tell(desk: Repo, propose: Propose) -> None:
    approve_plan(desk)

    assert () == propose(desk).loosened


@pytest.mark.parametrize(
    ("path", "old", "new", "sentence"),
    [
        pytest.param(
            GATE, "mode: enforce", "mode: warn",
            "GAT-plan goes from enforce to warn: what it finds no longer stops a move", id="gate that only warns",
        ),
        pytest.param(GATE, "[LCY202, SIG301]", "[SIG301]", "GAT-plan no longer asks LCY202", id="code of a gate"),
        pytest.param(
            GATE, "signatures: [{scope: plan, roles: [ROL-approver]}]\n", "",
            "GAT-plan no longer asks for a signature on the plan", id="signature",
        ),
        pytest.param(
            GATE, "roles: [ROL-approver]", "roles: [ROL-other]",
            "GAT-plan no longer asks Approver (ROL-approver) to sign the plan", id="role of a signature",
        ),
        pytest.param(
            GATE, "from: planned, to: plan-approved", "from: draft, to: planned",
            "GAT-plan no longer stands before planned → plan-approved", id="move of a gate",
        ),
        pytest.param(
            GATE, "codes:", "when: 'false'\ncodes:", "GAT-plan is asked only where its new condition holds",
            id="condition of a gate",
        ),
        pytest.param(
            ADA, "state: active", "state: active\nroles: [{role: ROL-approver}]",
            "Ada Brandt (PTY-ada), who wrote this pull request, is to hold Approver (ROL-approver)",
            id="role for the author",
        ),
        pytest.param(
            "records/parties/PTY-grace.yaml", "[grace@example.org]", "[grace@example.org, x@example.org]",
            "Grace Olsen (PTY-grace) is known by another address: what it signs or writes counts as theirs",
            id="address of another",
        ),
        pytest.param(
            "records/roles/ROL-approver.yaml", "title: Approver\n",
            "title: Approver\nholders: [{party: PTY-ada}]\n",
            "Ada Brandt (PTY-ada), who wrote this pull request, is to hold Approver (ROL-approver)",
            id="holder of a role",
        ),
        pytest.param(FREEZE, "type: freeze", "type: maintenance", "WIN-year-end is no freeze any more", id="freeze"),
        pytest.param(
            FREEZE, "2027-01-05T06", "2026-12-15T06",
            "the freeze WIN-year-end has another end: 2026-12-15T06:00:00Z instead of 2027-01-05T06:00:00Z"
            " (it loosens if earlier)", id="shorter freeze",
        ),
    ],
)  # fmt: skip
def test_record_that_judges_less_is_told(
    desk: Repo, propose: Propose, path: str, old: str, new: str, sentence: str
) -> None:
    edit(desk, path, old, new)
    desk.commit("Loosen")

    assert [sentence] == looser(propose(desk, "work"))


def test_new_party_that_brings_its_roles_is_told(desk: Repo, propose: Propose) -> None:
    desk.write(
        "records/parties/PTY-eve.yaml",
        "id: PTY-eve\nname: Eve\ntype: person\nstate: active\nidentities: {emails: [eve@example.org]}\n"
        "roles: [{role: ROL-approver}]\n",
    )

    assert [
        ("Eve (PTY-eve) is to hold Approver (ROL-approver)", True), ("adds PTY-eve (Eve)", False),
    ] == [(one.sentence, one.is_looser) for one in propose(desk).loosened]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param(GATE, "deletes GAT-plan (Plan): its moves are no longer asked about", id="gate"),
        pytest.param(FREEZE, "deletes WIN-year-end (Year end): what it froze may be changed again", id="freeze"),
    ],
)
def test_judge_that_is_deleted_is_told(desk: Repo, propose: Propose, path: str, sentence: str) -> None:
    desk.delete(path)

    assert [sentence] == looser(propose(desk))


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        pytest.param("rules: {severity: {LNK103: note}}", "POL-a: LNK103 count as note instead of error", id="weight"),
        pytest.param(
            "rules: {locked: []}", "POL-a no longer locks SCH: severities and exceptions may soften it", id="lock"
        ),
    ],
)
def test_policy_that_weighs_less_is_told(desk: Repo, propose: Propose, policy: str, sentence: str) -> None:
    desk.switch("main")
    desk.write("records/policy/POL-a.yaml", "id: POL-a\ntitle: Ours\nrules: {locked: [SCH]}\n")
    desk.commit("A policy")
    desk.switch("judged", "main")
    desk.write("records/policy/POL-a.yaml", f"id: POL-a\ntitle: Ours\n{policy}\n")

    assert sentence in looser(propose(desk))


def test_family_that_is_selected_no_more_is_told(desk: Repo, propose: Propose) -> None:
    desk.switch("main")
    desk.write("records/policy/POL-a.yaml", "id: POL-a\ntitle: Ours\n")
    desk.commit("A policy")
    desk.switch("judged", "main")
    desk.write("records/policy/POL-a.yaml", "id: POL-a\ntitle: Ours\nrules: {select: [SCH, LCY]}\n")

    [sentence] = looser(propose(desk))

    assert sentence.startswith("POL-a: ")
    assert sentence.endswith("are judged no more")


def test_wider_lane_is_told(desk: Repo, propose: Propose) -> None:
    desk.switch("main")
    desk.write("records/lanes/LAN-robot.yaml", LANE)
    desk.commit("A lane")
    desk.switch("judged", "main")
    desk.write(
        "records/lanes/LAN-robot.yaml",
        LANE.replace("/**]", "/**, /records/roles/**]") + "moves: [{kind: release, from: ready, to: deploying}]\n",
    )

    assert [
        "the lane LAN-robot may create /records/roles/**",
        "the lane LAN-robot may move a release from ready to deploying",
    ] == looser(propose(desk))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(
            lambda schema: schema["x-scopes"]["plan"].remove("/backout"),
            "schemas/release.json: an approval of the plan no longer covers /backout", id="scope",
        ),
        pytest.param(
            lambda schema: schema["x-lifecycle"]["requires"].pop(0),
            "schemas/release.json: this is no longer asked like this: a planned release names the service it is for",
            id="what a state asks",
        ),
        pytest.param(
            lambda schema: schema["x-lifecycle"]["moves"]["draft"].append("ready"),
            "schemas/release.json: a new way leads from draft to ready", id="move",
        ),
        pytest.param(
            lambda schema: schema["required"].remove("name"),
            "schemas/release.json: the field name need not be there any more", id="field",
        ),
    ],
)  # fmt: skip
def test_schema_that_asks_less_is_told(desk: Repo, propose: Propose, change, sentence: str) -> None:
    schema = json.loads(packaged_text("schemas/release.json"))
    desk.switch("main")
    desk.write("schemas/release.json", json.dumps(schema))
    desk.commit("A schema of our own")
    desk.switch("judged", "main")
    change(schema)
    desk.write("schemas/release.json", json.dumps(schema))

    assert [sentence] == looser(propose(desk))


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param("CODEOWNERS", "changes CODEOWNERS: who is asked at the forge for which file", id="owners"),
        pytest.param(
            ".github/workflows/check.yml",
            "changes .github/workflows/check.yml: what the forge runs, perhaps what judges", id="workflow",
        ),
        pytest.param(
            ".gitlab-ci.yml", "changes .gitlab-ci.yml: what the forge runs, perhaps what judges", id="pipeline",
        ),
        pytest.param(
            ".forgejo/workflows/check.yml",
            "changes .forgejo/workflows/check.yml: what the forge runs, perhaps what judges", id="forgejo",
        ),
    ],
)  # fmt: skip
def test_file_that_judges_is_told(desk: Repo, propose: Propose, path: str, sentence: str) -> None:
    desk.switch("main")
    desk.write(path, "before\n")
    desk.commit("A file of the forge")
    desk.switch("judged", "main")
    desk.write(path, "after\n")

    assert [(sentence, False)] == [(one.sentence, one.is_looser) for one in propose(desk).loosened]


def test_workflow_at_the_top_is_told_where_the_ledger_is_a_folder(repo: Repo, propose: Propose) -> None:
    repo.delete(".opsledger.yaml")
    repo.write("ops/.opsledger.yaml", "preset: small\n")
    repo.write("ops/records/cis/CI-a.yaml", "id: CI-a\ntitle: A\nclass: component\nstate: planned\n")
    repo.write(".github/workflows/check.yml", "before\n")
    repo.commit("The ledger")
    repo.switch("work", "main")
    repo.write(".github/workflows/check.yml", "after\n")
    repo.write("ops/.opsledger.yaml", "preset: small\nprotected: trunk\n")
    repo.write("ops/.github/workflows/check.yml", "no forge looks here\n")
    repo.commit("Loosen")
    repo.root = repo.root / "ops"

    assert [".github/workflows/check.yml", ".opsledger.yaml"] == [one.subject for one in propose(repo, "work").loosened]


def test_settings_are_told(desk: Repo, propose: Propose) -> None:
    desk.write(".opsledger.yaml", "preset: small\nprotected: trunk\n")

    assert [
        ".opsledger.yaml says tool any instead of 0.1.0",
        ".opsledger.yaml says protected trunk instead of main",
    ] == [one.sentence for one in propose(desk).loosened]


def test_title_of_a_judge_is_told_and_loosens_nothing(desk: Repo, propose: Propose) -> None:
    edit(desk, GATE, "title: Plan", "title: The plan")

    assert [("changes GAT-plan (The plan), a gate that others are judged by", False)] == [
        (one.sentence, one.is_looser) for one in propose(desk).loosened
    ]
