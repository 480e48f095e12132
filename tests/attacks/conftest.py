"""A ledger on real git whose base judges, and pull requests that would rather be judged by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from tests.conftest import Repo

from opsledger import api
from opsledger.check import Judgement
from opsledger.gate import Verdict

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIGEST = "sha256:" + "1" * 64
REL, DEP = "REL-2026-0001", "DEP-2026-a1b1"
RELEASE = f"records/releases/2026/{REL}.yaml"
DEPLOYMENT = f"records/deployments/2026/{DEP}.yaml"
ENVIRONMENT = "records/environments/ENV-prod.yaml"
GATE = "records/gates/GAT-promote.yaml"
FILES: Mapping[str, str] = {
    ".opsledger.yaml": "preset: small\nprotected: main\n",
    "records/parties/PTY-ada.yaml": "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n"
    "identities: {emails: [ada@example.org]}\n",
    ENVIRONMENT: "id: ENV-prod\ntitle: Production\nstate: active\npurpose: production\nproduction: true\n"
    "ladder: {position: 2}\nmanager: PTY-ada\n",
    "records/environments/ENV-staging.yaml": "id: ENV-staging\ntitle: Staging\nstate: active\npurpose: staging\n"
    "production: false\nladder: {position: 1}\nmanager: PTY-ada\n",
    "records/cis/CI-pay.yaml": "id: CI-pay\ntitle: Pay\nclass: application\nstate: live\nowner: PTY-ada\n"
    "criticality: high\nversion: 4.2.0\npending: {version: 4.2.1, release: REL-2026-0001}\n",
    "records/problems/2026/PRB-2026-0001.yaml": "id: PRB-2026-0001\ntitle: Charged twice\nstate: logged\n"
    "severity: high\ncis: [CI-pay]\n",
    "records/models/MDL-routine.yaml": "id: MDL-routine\ntitle: Routine\nstate: published\nowner: PTY-ada\n"
    "description: By the pipeline.\nci_classes: [application]\nbackout: [{step: Back}]\n",
    "records/changes/2026/CHG-2026-0001.yaml": "id: CHG-2026-0001\ntitle: Deploy 4.2.1\nstate: scheduled\n"
    "type: standard\nmodel: MDL-routine\nowner: PTY-ada\nrisk: low\neffects: [{ci: CI-pay, effect: changed}]\n"
    f"release: {REL}\n",
    RELEASE: f"id: {REL}\nname: pay-4.2.1\nstate: ready\ntype: fix\nsize_class: small\nrisk: low\nservice: CI-pay\n"
    "version: 4.2.1\naccountable: PTY-ada\nchanges: [CHG-2026-0001]\n"
    "scope: {cis: [{ci: CI-pay, version: 4.2.1, effect: changed}]}\n"
    "rollout:\n  model: big-bang\n  groups:\n    - {id: eu, environment: ENV-prod}\n"
    f'backout: {{method: redeploy-previous}}\npackage: {{digest: "{DIGEST}"}}\n',
    DEPLOYMENT: f'id: {DEP}\nstate: planned\nrelease: {REL}\nenvironment: ENV-prod\npackage_digest: "{DIGEST}"\n',
    "records/deployments/2026/DEP-2026-a1b0.yaml": f"id: DEP-2026-a1b0\nstate: succeeded\nrelease: {REL}\n"
    f'environment: ENV-staging\npackage_digest: "{DIGEST}"\nstarted: 2026-11-19T12:00:00Z\n'
    "ended: 2026-11-19T12:10:00Z\nexecutor: PTY-ada\n",
}
PROMOTE = """\
id: GAT-promote
title: Promote
question: May it?
owner: PTY-ada
mode: enforce
moves:
  - {kind: release, from: ready, to: deploying}
  - {kind: deployment, from: planned, to: authorised}
codes: [CODES]
"""


@pytest.fixture
def ledger(repo: Repo) -> Callable[..., Repo]:
    """Puts the ledger on main, with a gate before deployments that asks some codes; more files lie on top."""

    def made(codes: str, **more: str) -> Repo:
        for path, text in {**FILES, GATE: PROMOTE.replace("CODES", codes), **more.get("files", {})}.items():
            repo.write(path, text)
        repo.commit("The ledger")
        repo.switch("work", "main")
        return repo

    return made


def edit(repo: Repo, path: str, old: str, new: str) -> None:
    """Change some words of a file."""
    place = repo.root / path
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))


def checked(repo: Repo, *, as_of: datetime = NOON) -> Judgement:
    """What a check of the branch against main says."""
    with api.open_book(repo.root, environment=repo.environment) as book:
        return book.check("HEAD", base="main", as_of=as_of)


def asked(
    repo: Repo, *, gate: str = "promote", subject: str = REL, environment: str = "ENV-prod", at: str = "HEAD",
    as_of: datetime = NOON,
) -> Verdict:  # fmt: skip
    """What the gate says of the branch by main's rules."""
    with api.open_book(repo.root, environment=repo.environment) as book:
        return book.decide(gate, subject, at=at, base="main", as_of=as_of, environment=environment)


def told(judgement: Judgement, code: str) -> list[str]:
    """What was found under a code, as text."""
    return [str(one.message) for one in judgement.findings if one.code == code]


def answer(verdict: Verdict, code: str) -> str:
    """The word of a code's answer."""
    return next(one.outcome.value for one in verdict.answers if one.code == code)
