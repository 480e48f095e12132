"""A small team's ledger on real git: one service, three gates, and what the pipeline writes down of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Repo

if TYPE_CHECKING:
    from .conftest import Call, Ended

DIGEST = f"sha256:{'a' * 64}"
RELEASE = "records/releases/2026/REL-2026-0001.yaml"
WENT_WELL = "state: succeeded"
FAILED = (
    'state: failed\ndecisions: [{at: "2026-11-20T08:10:00Z", by: PTY-ada, state: failed, reason: It did not start}]'
)
CARRIED_OUT = 'actual: {start: "2026-11-20T10:00:00Z", end: "2026-11-20T10:10:00Z"}\nclosure_code: successful'
CHANGE = "records/changes/2026/CHG-2026-0001.yaml"
GATES = {
    "plan": ("planned", "plan-approved", "[LCY202, SIG301]", "signatures: [{scope: plan, roles: [ROL-approver]}]"),
    "promote": ("ready", "deploying", "[LCY202]", "needs: [environment]"),
    "close": ("early-life-support", "closed", "[LCY202]", ""),
}
_RECORDS = {
    "records/parties/PTY-ada.yaml": "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n"
    "identities: {emails: [ada@example.org]}\nroles: [{role: ROL-approver}]\n",
    "records/parties/PTY-grace.yaml": "id: PTY-grace\nname: Grace\ntype: person\nstate: active\n"
    "identities: {emails: [grace@example.org]}\nroles: [{role: ROL-approver}]\n",
    "records/roles/ROL-approver.yaml": "id: ROL-approver\ntitle: Approver\ndescription: Says yes.\nleast: 1\n",
    "records/environments/ENV-prod.yaml": "id: ENV-prod\ntitle: Production\nstate: active\npurpose: production\n"
    "production: true\nladder: {position: 1}\nmanager: PTY-ada\n",
    "records/cis/CI-payments.yaml": "id: CI-payments\ntitle: Payments\nclass: service\nstate: live\nowner: PTY-ada\n"
    "criticality: high\nversion: 4.2.0\npaths: [services/payments/]\n",
    "records/models/MDL-routine.yaml": "id: MDL-routine\ntitle: Routine\nstate: published\ndescription: By pipeline.\n"
    "owner: PTY-ada\nci_classes: [service]\nmost_risk: low\nbackout: [{step: Back}]\n",
    "records/lanes/LAN-pipeline.yaml": "id: LAN-pipeline\ntitle: Pipeline\npaths: [/records/evidence/**]\nmoves:\n"
    "  - {kind: release, from: deploying, to: early-life-support}\n"
    "  - {kind: change, from: scheduled, to: implementing}\n",
}


@pytest.fixture
def team(repo: Repo) -> Repo:
    """A ledger in the repository of its code, with three gates, and payments 4.2.1 tagged; committed on main."""
    for path, text in _RECORDS.items():
        repo.write(path, text)
    for name, (before, after, codes, more) in GATES.items():
        repo.write(
            f"records/gates/GAT-{name}.yaml",
            f"id: GAT-{name}\ntitle: {name}\nquestion: May it?\nmode: enforce\ncodes: {codes}\n{more}\n"
            f"moves: [{{kind: release, from: {before}, to: {after}}}]\n",
        )
    repo.write("services/payments/a.py", "first\n")
    repo.commit("Start")
    repo.git("tag", "v4.2.0")
    repo.write("services/payments/a.py", "second\n")
    repo.commit("Carry the key through retries (#12)")
    repo.git("tag", "v4.2.1")
    repo.git("config", "user.name", "Ada")
    repo.git("config", "user.email", "ada@example.org")
    return repo


@pytest.fixture
def pipeline(team: Repo) -> Repo:
    """The same, with what the pipeline wrote down of the package, committed."""
    commit = team.git("rev-parse", "v4.2.1^{commit}")
    team.write("records/evidence/2026/EVD-2026-0000aaaa.yaml", evidence("0000aaaa", commit))
    team.commit("Pipeline")
    return team


def evidence(id: str, commit: str) -> str:
    return (
        f"id: EVD-2026-{id}\ntitle: Tests\ntype: test-run\nat: 2026-11-20T09:00:00Z\nresult: passed\n"
        f"cis: [CI-payments]\npackage_digest: {DIGEST}\ncommit: {commit}\n"
    )


def made(team: Repo, call: Call, *more: str) -> Ended:
    return call("-C", team.root, "new", "release", "--range", "v4.2.0..v4.2.1", *more)


def state(team: Repo, path: str) -> str:
    lines = (team.root / path).read_text().splitlines()
    return next(line.removeprefix("state: ") for line in lines if line.startswith("state: "))


def closing(team: Repo, *deployments: str) -> None:
    """Put the release where the pipeline leaves it: out, its change carried out, its deployments recorded."""
    for path, after in ((RELEASE, "early-life-support"), (CHANGE, f"implemented\n{CARRIED_OUT}")):
        place = team.root / path
        place.write_text(place.read_text().replace("state: draft", f"state: {after}"))
    place = team.root / "records/cis/CI-payments.yaml"
    shown = place.read_text().partition("pending:")
    place.write_text(shown[0].replace("version: 4.2.0", "version: 4.2.1") + "paths:" + shown[2].partition("paths:")[2])
    for hour, stated in enumerate(deployments, 1):
        id = f"DEP-2026-0000000{hour}"
        team.write(
            f"records/deployments/2026/{id}.yaml",
            f"id: {id}\nrelease: REL-2026-0001\nenvironment: ENV-prod\npackage_digest: {DIGEST}\nexecutor: PTY-ada\n"
            f"started: 2026-11-20T0{hour}:00:00Z\nended: 2026-11-20T0{hour}:10:00Z\n"
            f"verification: [{{check: It answers, type: smoke, result: passed}}]\n{stated}\n",
        )
    team.commit("Deployed")
