"""A ledger on a bare remote with its hook, a pipeline with a lane, and calls of the program as it makes them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import Repo

from opsledger.cli.main import run
from opsledger.packaged import files
from opsledger.yamlfile import read

DIGEST = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
NOON = "2026-11-20T12:00:00Z"
REL = "REL-2026-0001"
RECORDS = {
    "parties/PTY-ada.yaml": """\
id: PTY-ada
name: Ada
type: person
state: active
identities: {emails: [ada@example.org]}
""",
    "parties/PTY-pipeline.yaml": """\
id: PTY-pipeline
name: Pipeline
type: machine
state: active
identities: {emails: [pipeline@example.org]}
""",
    "cis/CI-pay.yaml": """\
id: CI-pay
title: Payments
class: application
state: live
owner: PTY-ada
criticality: high
version: 4.2.0
versions: [4.1.0, 4.2.0]
pending: {version: 4.2.1, release: REL-2026-0001}
""",
    "environments/ENV-prod-eu.yaml": """\
id: ENV-prod-eu
title: Production
state: active
purpose: production
production: true
ladder: {position: 2}
manager: PTY-ada
""",
    "environments/ENV-staging.yaml": """\
id: ENV-staging
title: Staging
state: active
purpose: staging
production: false
ladder: {position: 1}
manager: PTY-ada
""",
    "windows/WIN-evening.yaml": """\
id: WIN-evening
title: Nobody touches it after one o'clock
type: freeze
state: published
start: "2026-11-20T13:00:00Z"
end: "2026-12-20T13:00:00Z"
scope: {environments: [ENV-prod-eu]}
""",
    "models/MDL-routine.yaml": """\
id: MDL-routine
title: Routine deployment
state: published
owner: PTY-ada
description: A new version of a service, brought by the pipeline.
ci_classes: [application]
backout: [{step: Redeploy the former version}]
""",
    "changes/2026/CHG-2026-0001.yaml": """\
id: CHG-2026-0001
title: Deploy 4.2.1
state: scheduled
type: standard
model: MDL-routine
owner: PTY-ada
risk: low
effects:
  - {ci: CI-pay, effect: changed}
release: REL-2026-0001
""",
    "releases/2026/REL-2026-0001.yaml": """\
id: REL-2026-0001
name: pay-4.2.1
state: ready
type: fix
size_class: small
risk: low
service: CI-pay
version: 4.2.1
accountable: PTY-ada
changes: [CHG-2026-0001]
scope:
  cis:
    - {ci: CI-pay, version: 4.2.1, effect: changed}
rollout:
  model: big-bang
  groups:
    - {id: eu, environment: ENV-prod-eu}
  rollback_criteria:
    - {id: failed-share, criterion: More than one payment in a hundred fails, measure: failed-share, above: 0.01}
    - {id: double-charge, criterion: A card is charged twice again, problem: PRB-2026-0001}
backout: {method: redeploy-previous}
package: {digest: "DIGEST"}
""".replace("DIGEST", DIGEST),
    "problems/2026/PRB-2026-0001.yaml": """\
id: PRB-2026-0001
title: A card is charged twice
state: logged
severity: low
""",
    "gates/GAT-promote.yaml": """\
id: GAT-promote
title: Promote
question: May it?
owner: PTY-ada
mode: enforce
moves:
  - {kind: release, from: ready, to: deploying}
  - {kind: deployment, from: planned, to: authorised}
needs: [environment]
codes: [LCY202, CAL902]
""",
    "gates/GAT-verify.yaml": """\
id: GAT-verify
title: Verify
question: May it?
owner: PTY-ada
mode: enforce
moves:
  - {kind: release, from: deploying, to: early-life-support}
codes: [LCY202, DPL701, DPL704]
""",
    "gates/GAT-close.yaml": """\
id: GAT-close
title: Close
question: May it?
owner: PTY-ada
mode: enforce
moves:
  - {kind: release, from: early-life-support, to: closed}
codes: [GOV965]
""",
    "gates/GAT-next-group.yaml": None,
}
MARK = 'tool: "0.1.0"\npreset: small\nprotected: main\nrepository: git.example.org/ledger\n'


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str


@dataclass
class Yard:
    """
    A bare remote, a person's clone of it, and the pipeline's own directory.

    Args:
        remote: the bare repository.
        home: a clone in which a person works.
        place: where the pipeline works; nothing of the ledger is there.
        journal: where the pipeline keeps its deployments.
    """

    remote: Path
    home: Repo
    place: Path
    run: Callable[..., Ended]

    @property
    def journal(self) -> Path:
        return self.place / ".opsledger-deployments"

    def deploy(self, *arguments: str, now: str = NOON, by: str = "PTY-pipeline") -> Ended:
        """What `opsledger deploy` says to the pipeline."""
        return self.run(["-C", str(self.place), "deploy", *arguments, "--ledger", str(self.remote), "--by", by], now)

    def start(self, *more: str, now: str = NOON, by: str = "PTY-pipeline", env: str = "ENV-prod-eu") -> Ended:
        """Begin the deployment of the release in run 1."""
        run = [] if "--run" in more else ["--run", "ci/1"]
        return self.deploy("start", REL, "--env", env, *run, *more, now=now, by=by)

    def started(self, *more: str, now: str = NOON, env: str = "ENV-prod-eu") -> str:
        """Begin it, and give its id."""
        answer = self.start(*more, now=now, env=env)
        assert 0 == answer.code, answer.out + answer.err
        return answer.out.strip().splitlines()[-1].split()[1]

    def finish(self, *more: str, now: str = "2026-11-20T12:30:00Z") -> Ended:
        """End the only one that goes on."""
        checks = [] if "--outcome" in more else ["--verify", "smoke=passed"]
        return self.deploy("finish", *checks, *more, now=now)

    def record(self, path: str) -> dict:
        """A record as the protected branch has it."""
        answer = subprocess.run(
            ["git", "show", f"main:records/{path}"], cwd=self.remote, capture_output=True, check=True
        )
        return read(answer.stdout)

    def paths(self) -> list[str]:
        """The records that the protected branch has."""
        answer = subprocess.run(
            ["git", "ls-tree", "-r", "--name-only", "main", "records/"],
            cwd=self.remote, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return answer.stdout.splitlines()

    def commits(self) -> list[str]:
        """The subjects of the protected branch's commits, newest first."""
        answer = subprocess.run(
            ["git", "log", "--format=%s", "main"], cwd=self.remote, capture_output=True, text=True, check=True
        )
        return answer.stdout.splitlines()

    def change(self, records: Mapping[str, str | None], subject: str = "Work") -> None:
        """A person changes records on the protected branch; the hook is not asked."""
        self.home.git("fetch", "-q", "origin")
        self.home.git("reset", "-q", "--hard", "origin/main")
        for path, text in records.items():
            if text is None:
                self.home.delete(f"records/{path}")
            else:
                self.home.write(f"records/{path}", text)
        self.home.commit(subject)
        hook = self.remote / "hooks/pre-receive"
        hook.rename(hook.with_suffix(".off"))
        self.home.git("push", "-q", "origin", "HEAD:main")
        hook.with_suffix(".off").rename(hook)

    def edit_journal(self, id: str, **fields: object) -> None:
        """Change fields of a deployment's record in its journal, as somebody with an editor would."""
        path = self.journal / f"{id}.json"
        content = json.loads(path.read_text())
        content["record"].update(fields)
        path.write_text(json.dumps(content))


@pytest.fixture
def yard(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Yard]:
    """The ledger of `RECORDS` on a bare remote that has the hook."""
    for path, data in files("presets/small/records").items():
        repo.write(f"records/{path}", data)
    repo.write(".opsledger.yaml", MARK)
    lane = (repo.root / "records/lanes/LAN-pipeline.yaml").read_text(encoding="utf-8")
    repo.write("records/lanes/LAN-pipeline.yaml", f"{lane}parties: [PTY-pipeline]\n")
    for path, text in RECORDS.items():
        if text is not None:
            repo.write(f"records/{path}", text)
        elif (repo.root / "records" / path).exists():
            repo.delete(f"records/{path}")
    repo.commit("The ledger")
    remote = tmp_path / "server.git"
    repo.git("clone", "-q", "--bare", str(repo.root), str(remote))
    repo.git("-C", str(remote), "config", "uploadpack.allowFilter", "true")
    repo.git("remote", "add", "origin", str(remote))
    hook = remote / "hooks/pre-receive"
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m opsledger receive\n')
    hook.chmod(0o755)
    place = tmp_path / "pipeline"
    place.mkdir()
    for name in ("OPSLEDGER_LEDGER", "OPSLEDGER_JOURNAL", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in repo.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
    monkeypatch.setenv("OPSLEDGER_PARTY", "PTY-pipeline")
    before = signal.getsignal(signal.SIGTERM)

    def called(arguments: list[str], now: str) -> Ended:
        monkeypatch.setenv("OPSLEDGER_NOW", now)
        code = run(arguments)
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    yield Yard(remote, repo, place, called)
    signal.signal(signal.SIGTERM, before)
