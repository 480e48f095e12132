"""A clone with a pull request that was merged, and what the forge says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.adapters.payload import github_pull, github_review
from tests.adapters.server import Server, answers
from tests.conftest import Repo

from opsledger.kind import packaged_kinds
from opsledger.prove.examples import staged
from opsledger.rules.register import Example
from opsledger.yamlfile import Unreadable, read

LEDGER = """
# records/parties/PTY-tomasz.yaml
type: person
state: active
identities:
  emails: [tomasz@example.org]
  accounts: [{forge: github.com, login: tomasz, id: "5"}]
# records/parties/PTY-lena.yaml
type: person
state: active
identities:
  emails: [lena@example.org]
  accounts: [{forge: github.com, login: lena, id: "84"}]
roles: [{role: ROL-approver, from: "2026-01-01T00:00:00Z"}]
# records/parties/PTY-bot.yaml
name: The pipeline
type: machine
state: active
identities: {emails: [bot@example.org]}
# records/roles/ROL-approver.yaml
title: Approver
# records/lanes/LAN-approvals.yaml
parties: [PTY-bot]
paths: [/records/approvals/**]
# records/gates/GAT-change-approve.yaml
mode: enforce
moves: [{kind: change, from: assessed, to: approved}]
codes: [SIG301, SIG302, SIG303]
signatures: [{scope: request, roles: [ROL-approver]}]
# records/changes/2026/CHG-2026-9001.yaml
state: assessed
solution: Wait
"""
CHANGE = "records/changes/2026/CHG-2026-9001.yaml"
ADDRESS = "github.com/kestrel-pay/ledger"
TOMASZ = "Tomasz <tomasz@example.org>"


@dataclass(frozen=True)
class Desk:
    """A clone with a merged pull request, its bare remote, and what the forge says of it."""

    repo: Repo
    remote: Path
    pull: dict[str, Any]
    reviews: list[dict[str, Any]]

    def export(self, *reviews: dict[str, Any], **changes: Any) -> Path:
        """What somebody exported, as a file beside the clone."""
        place = self.repo.root.parent / "reviews.json"
        place.write_text(json.dumps([self.pull | changes, list(reviews) or self.reviews]))
        return place

    def approvals(self, where: str = "") -> list[dict[str, Any]]:
        """The approval records of a commit, or of the work tree."""
        if where:
            names = self.repo.git("ls-tree", "-r", "--name-only", where, "records/approvals").splitlines()
            texts = [self.repo.git("show", f"{where}:{name}") + "\n" for name in names]
        else:
            texts = [path.read_text() for path in sorted(self.repo.root.glob("records/approvals/**/*.yaml"))]
        found = [read(text.encode()) for text in texts]
        assert not any(isinstance(one, Unreadable) for one in found)
        return found  # type: ignore[return-value] # the line above says so


Merge = Callable[[Repo, str], str]


def merged(repo: Repo, branch: str) -> str:
    return repo.merge(branch, subject="Merge pull request #12")


def squashed(repo: Repo, branch: str) -> str:
    repo.git("merge", "-q", "--squash", branch)
    return repo.commit("Plan the change (#12)", author=TOMASZ)


def rebased(repo: Repo, branch: str) -> str:
    for commit in repo.git("rev-list", "--reverse", f"main..{branch}").splitlines():
        repo.git("cherry-pick", "--allow-empty", commit, GIT_COMMITTER_NAME="GitHub", GIT_COMMITTER_EMAIL="n@g.example")
    return repo.git("rev-parse", "HEAD")


def made(repo: Repo, merge: Merge) -> Desk:
    files = staged(Example("", LEDGER.strip("\n")), packaged_kinds()).head
    repo.write(".opsledger.yaml", f'tool: "0.1.0"\npreset: small\nprotected: main\nrepository: {ADDRESS}\n')
    for path, data in files.items():
        repo.write(path, data)
    repo.commit("Start the ledger", author="Ada <ada@example.org>")
    remote = repo.root.parent / "remote.git"
    repo.git("init", "-q", "--bare", "-b", "main", str(remote))
    repo.git("remote", "add", "origin", str(remote))
    repo.switch("plan", "main")
    repo.write(CHANGE, (repo.root / CHANGE).read_text().replace("solution: Wait", "solution: Put a queue before it"))
    repo.commit("Say how", author=TOMASZ)
    repo.write(CHANGE, (repo.root / CHANGE).read_text().replace("state: assessed", "state: approved"))
    repo.commit("Approve", author=TOMASZ)
    repo.write("docs/queue.md", "How the queue works\n")
    head = repo.commit("Tell how it works", author=TOMASZ)
    repo.switch("main")
    repo.write("README.md", "Meanwhile\n")
    repo.commit("Something else")
    commit = merge(repo, "plan")
    repo.git("push", "-q", "origin", "main", "plan:refs/pull/12/head")
    repo.git("fetch", "-q", "origin")
    pull = github_pull(
        head={"ref": "plan", "sha": head}, merged_at="2026-11-04T09:00:00Z", merge_commit_sha=commit, state="closed"
    )
    return Desk(repo, remote, pull, [github_review(80, user=LENA, commit_id=head)])


LENA = {"login": "lena", "id": 84, "type": "User"}


PULL = "/repos/kestrel-pay/ledger/pulls/12"


def serve(forge: Server, desk: Desk, **changes: Any) -> None:
    forge.answers[PULL] = answers(200, json.dumps(desk.pull).encode())
    reviews = [desk.reviews[0] | changes]
    forge.answers[f"{PULL}/reviews?per_page=100"] = answers(200, json.dumps(reviews).encode())
