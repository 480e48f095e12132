"""Many pipelines deploy beside people, on one bare remote: nothing is lost, nothing comes twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DEPLOYERS = Path(__file__).resolve().parents[2] / "benchmarks" / "deployers.py"


def deployers(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the program prints, and how it ends."""
    command = [sys.executable, str(DEPLOYERS), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.slow
def test_a_few_pipelines_and_a_person_under_the_hook_lose_nothing():
    answer = deployers("--pipelines", "6", "--at-once", "4", "--people", "1", "--hook")

    assert 0 == answer.returncode, answer.stdout + answer.stderr
    assert "deployments: 6 of 6, in 6 commits" in answer.stdout
    assert "moved: 6 releases, 6 changes, 6 components" in answer.stdout
    assert "approved changes: 1 of 1 open" in answer.stdout
