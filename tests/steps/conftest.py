"""A copy of the sample ledger in git, small ledgers built step by step, and the two ways to have them judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from opsledger.api import open_book
from opsledger.check import Judgement
from opsledger.packaged import text as packaged_text

ROOT = Path(__file__).resolve().parent.parent.parent
PARTY = "id: PTY-{0}\nname: {0}\ntype: person\nstate: active\n"
PROBLEM = "id: {0}\ntitle: {1}\nstate: {2}\nseverity: high\n"


@pytest.fixture
def sample(repo):
    """The sample ledger of this repository on branch `main`, and branch `work` checked out on top of it."""
    for path in sorted((ROOT / "records").rglob("*.yaml")):
        repo.write(str(path.relative_to(ROOT)), path.read_bytes())
    repo.write(".opsledger.yaml", (ROOT / ".opsledger.yaml").read_bytes())
    repo.commit("The ledger")
    repo.switch("work", "main")
    return repo


@pytest.fixture
def small(repo):
    """A ledger of one problem on branch `main`, and branch `work` checked out on top of it."""
    repo.write("records/problems/PRB-2026-0001.yaml", PROBLEM.format("PRB-2026-0001", "Payments time out", "logged"))
    repo.commit("The ledger")
    repo.switch("work", "main")
    return repo


@pytest.fixture
def judge() -> Callable[..., Judgement]:
    """Judges the step from `main`, or from another base, to the work tree or a revision."""

    def judged(repo, at: str | None = None, base: str | None = "main") -> Judgement:
        with open_book(repo.root, environment=repo.environment) as book:
            return book.check(at, base=base)

    return judged


@pytest.fixture
def run():
    """Runs the program in a repository: exit code and what it prints."""

    def ran(repo, *arguments: str) -> tuple[int, str]:
        environment = {**repo.environment, "NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        answer = subprocess.run(
            [sys.executable, "-m", "opsledger", *arguments], cwd=repo.root, env=environment, check=False,
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return answer.returncode, answer.stdout + answer.stderr

    return ran


def said(judgement: Judgement) -> list[str]:
    """Code and place of each finding that is no note on a record that stands alone."""
    return [f"{finding.code} {finding.place}" for finding in judgement.findings if finding.code != "LNK109"]


def edit(repo, path: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    text = (repo.root / path).read_text(encoding="utf-8")
    assert 1 == text.count(old), (path, text.count(old))
    repo.write(path, text.replace(old, new))


def schema(kind: str) -> dict:
    """The packaged schema of a kind, to be changed and written into a ledger."""
    return json.loads(packaged_text(f"schemas/{kind}.json"))
