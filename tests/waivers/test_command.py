"""`opsledger gate` in a real repository: before, within and after an exception, and in what is no emergency."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .conftest import PROBLEM, RELEASE, Case

ENVIRONMENT = "records/environments/ENV-prod.yaml"


@pytest.fixture
def asked(case: Case, repo):
    """Asks the gate of a repository that holds the case."""
    for path, content in case.all_files.items():
        repo.write(path, content)
    repo.commit("A release with a problem, and an exception")

    def ask(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "opsledger", "gate", "promote", RELEASE, "--base", "main", *options]
        environment = {**repo.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(command, cwd=repo.root, env=environment, check=False, capture_output=True, text=True)

    return ask


@pytest.mark.parametrize(
    ("as_of", "exit_code", "words"),
    [
        pytest.param("2026-11-19T11:59:59Z", 1, f"{RELEASE}: it is not signed by", id="before it was signed"),
        pytest.param("2026-11-20T12:00:00Z", 0, "waived by EXC-2026-0004 until 2026-12-18 16:00 UTC", id="in force"),
        pytest.param("2026-12-18T15:59:59Z", 0, "waived by EXC-2026-0004 until", id="a second before its end"),
        pytest.param("2026-12-18T16:00:00Z", 1, f"{RELEASE}: it ended at 2026-12-18 16:00 UTC", id="at its end"),
    ],
)
def test_an_exception_opens_the_gate_while_it_is_in_force(asked, as_of: str, exit_code: int, words: str):
    ran = asked("--env", "ENV-prod", "--as-of", as_of)

    assert (exit_code, "") == (ran.returncode, ran.stderr), ran.stdout
    assert words in ran.stdout
    assert PROBLEM in ran.stdout


def test_what_is_no_emergency_is_refused_with_a_reason(asked):
    ran = asked("--env", "ENV-prod", "--emergency")

    assert 2 == ran.returncode
    assert f"{RELEASE} is of type minor, and only an emergency release goes the short way" in ran.stderr
