"""The `repo` fixture: real git repositories, built step by step, the same on every machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest

FIRST_COMMIT = datetime(2026, 1, 1, 12, tzinfo=UTC)
ADA = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-01-01T12:00:00+00:00"))
}


@dataclass
class Repo:
    """
    A git repository in a temporary directory; it starts on branch `main` with an uncommitted `.opsledger.yaml`.

    Nothing of the machine's git configuration is used. Commits are one hour apart, the first at `FIRST_COMMIT`,
    by Ada unless another author is named, so ids are the same in every run.

    Args:
        root: the top of the work tree.
        environment: what to pass as `environment` to the code under test.
    """

    root: Path
    environment: Mapping[str, str]
    _commits: list[str] = field(default_factory=list)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file, with the folders that it needs."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)
        return place

    def delete(self, path: str) -> None:
        """Delete a file."""
        (self.root / path).unlink()

    def git(self, *arguments: str, **variables: str) -> str:
        """What a git command prints; a failing command fails the test."""
        answer = subprocess.run(
            ["git", *arguments], cwd=self.root, env=dict(self.environment) | ADA | variables,
            capture_output=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert answer.returncode == 0, (arguments, answer.stdout + answer.stderr)
        return answer.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def commit(
        self, subject: str = "Work", *, author: str = "Ada <ada@example.org>", when: datetime | None = None
    ) -> str:
        """Add everything, commit it, even if nothing changed, and give the commit's id."""
        self.git("add", "--all")
        return self._commit(subject, author, when)

    def switch(self, branch: str, at: str | None = None) -> None:
        """Go to a branch; with `at`, create it there first."""
        self.git("switch", "-q", *([branch] if at is None else ["-c", branch, at]))

    def merge(self, branch: str, *, subject: str = "Merge") -> str:
        """Merge a branch into this one, always with a merge commit, and give its id."""
        self.git("merge", "-q", "--no-ff", "--no-commit", branch)
        return self._commit(subject, "Ada <ada@example.org>", None)

    def clone(self, name: str, *options: str) -> Repo:
        """Clone into a sibling directory; `--depth=1` and the like go over git's own transport and are honoured."""
        directory = self.root.parent / name
        self.git("clone", "-q", *options, self.root.as_uri(), str(directory))
        return Repo(directory, self.environment, [""] * 100)

    def _commit(self, subject: str, author: str, when: datetime | None) -> str:
        name, _, email = author.rstrip(">").partition(" <")
        moment = (when or FIRST_COMMIT + timedelta(hours=len(self._commits))).strftime("%Y-%m-%dT%H:%M:%S+00:00")
        self.git(
            "commit", "-q", "--allow-empty", "--no-verify", "-m", subject,
            GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL=email, GIT_AUTHOR_DATE=moment,
            GIT_COMMITTER_NAME=name, GIT_COMMITTER_EMAIL=email, GIT_COMMITTER_DATE=moment,
        )  # fmt: skip
        self._commits.append(self.git("rev-parse", "HEAD"))
        return self._commits[-1]


_WITH_KEYS = (
    "tests/approvals",
    "tests/receiving",
    "tests/integrations/test_approvals_guide",
    "tests/people/test_anonymising",
    "tests/people/test_claims",
    "tests/rules/test_commits",
    "tests/steps/test_approval_faults",
    "tests/steps/test_landed",
    "tests/steps/test_signed",
    "tests/store/test_texts",
)
"""The tests whose people sign with real keys."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a program that this machine lacks; in CI it fails instead."""
    if os.environ.get("CI") == "true":
        return
    for item in items:
        place = item.path.as_posix()
        if any(start in place for start in _WITH_KEYS) or "approving" in item.name:
            item.add_marker(pytest.mark.skipif(not which("ssh-keygen"), reason="ssh-keygen is missing; see .ci/tools"))
        if "gpg" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skipif(not which("gpg"), reason="gpg is missing; see .ci/tools"))


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """An environment in which git knows nothing of this machine."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file",
    }


@pytest.fixture
def repo(tmp_path: Path, environment: Mapping[str, str]) -> Repo:
    """A fresh repository; see `Repo`."""
    return make_repo(tmp_path / "ledger", environment)


@pytest.fixture
def sha256_repo(tmp_path: Path, environment: Mapping[str, str]) -> Repo:
    """A fresh repository that names its objects by SHA-256."""
    return make_repo(tmp_path / "ledger256", environment, "--object-format=sha256")


def make_repo(directory: Path, environment: Mapping[str, str], *options: str) -> Repo:
    """A fresh repository in that directory."""
    directory.mkdir()
    made = Repo(directory, environment)
    made.git("init", "-q", "-b", "main", *options)
    made.write(".opsledger.yaml", 'tool: "0.1.0"\npreset: small\nprotected: main\n')
    return made
