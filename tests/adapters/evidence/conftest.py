"""A ledger with a component, a problem and a machine with a lane, and the program to call on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Call, Ended, call
from tests.conftest import Repo

from opsledger.adapters.evidence import read_report
from opsledger.edit.evidence import Reading
from opsledger.finding import Finding
from opsledger.kind import packaged_kinds
from opsledger.prove.examples import staged
from opsledger.rules.register import Example
from opsledger.yamlfile import Unreadable, read

__all__ = ["call"]

PACKAGE = f"sha256:{'c8' * 32}"
LEDGER = """
# records/parties/PTY-ada.yaml
type: person
state: active
# records/parties/PTY-pipeline.yaml
name: The pipeline
type: machine
state: active
identities: {emails: [pipeline@example.org]}
# records/cis/CI-payments.yaml
title: Payments
repository: https://github.com/kestrel-pay/payments
# records/problems/2026/PRB-2026-0017.yaml
title: Charged twice
# records/lanes/LAN-pipeline.yaml
parties: [PTY-pipeline]
paths: [/records/evidence/**, /attachments/**, /records/baselines/**]
moves: [{kind: baseline, from: proposed, to: agreed}]
"""


@dataclass(frozen=True)
class Bench:
    """
    A ledger, a folder beside it for reports, and the program.

    Args:
        root: of the ledger.
        reports: where reports are put.
    """

    repo: Repo
    reports: Path
    program: Call

    def report(self, name: str, content: str | bytes) -> Path:
        """Put a report beside the ledger."""
        place = self.reports / name
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def run(self, *arguments: object) -> Ended:
        """Call `opsledger import` in the ledger."""
        return self.program("-C", self.repo.root, "import", *arguments)

    def records(self, folder: str = "evidence") -> list[dict[str, Any]]:
        """The records of a folder, in the order of their files."""
        found = [read(path.read_bytes()) for path in sorted((self.repo.root / "records" / folder).rglob("*.yaml"))]
        return [dict(one) for one in found if not isinstance(one, Unreadable)]

    def record(self) -> dict[str, Any]:
        """The only evidence record that there is."""
        [found] = self.records()
        return found

    def written(self) -> set[str]:
        """What stands in the work tree and is not committed."""
        listed = self.repo.git("status", "--porcelain", "--untracked-files=all").splitlines()
        return {one[3:] for one in listed}


@pytest.fixture
def bench(repo: Repo, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A ledger that is committed; no pipeline is around it."""
    for name in (
        "GITHUB_REPOSITORY",
        "GITHUB_RUN_ID",
        "GITHUB_SHA",
        "CI_PIPELINE_ID",
        "CI_COMMIT_SHA",
        "CI_PROJECT_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("OPSLEDGER_PARTY", raising=False)
    for path, content in staged(Example("a ledger", LEDGER.strip("\n")), packaged_kinds()).head.items():
        repo.write(path, content)
    repo.commit("A ledger")
    reports = tmp_path / "reports"
    reports.mkdir()
    return Bench(repo, reports, call)


def reading_of(form: str, content: str | bytes) -> Reading:
    """What a report says; it must be readable."""
    found = read_report(form, content.encode() if isinstance(content, str) else content, "report")
    assert isinstance(found, Reading), found
    return found


def finding_of(form: str, content: str | bytes) -> Finding:
    """What is said of a report that cannot be read."""
    found = read_report(form, content.encode() if isinstance(content, str) else content, "report")
    assert isinstance(found, Finding), found
    return found
