"""Many machines push beside people, on one bare remote: nothing is lost, no id clashes, no approval is voided."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PUSHERS = Path(__file__).resolve().parents[2] / "benchmarks" / "pushers.py"


def pushers(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the program prints, and how it ends."""
    command = [sys.executable, str(PUSHERS), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_few_machines_and_two_people_lose_nothing() -> None:
    answer = pushers("--clones", "6", "--pushes", "4", "--people", "2")

    assert 0 == answer.returncode, answer.stdout + answer.stderr
    assert "evidence: 24 of 24 files, in 24 commits" in answer.stdout
    assert "approved changes: 2 of 2 open" in answer.stdout


def test_machines_and_a_person_under_the_hook_lose_nothing() -> None:
    answer = pushers("--clones", "3", "--pushes", "2", "--people", "1", "--hook")

    assert 0 == answer.returncode, answer.stdout + answer.stderr
    assert "evidence: 6 of 6 files, in 6 commits" in answer.stdout
    assert "approved changes: 1 of 1 open" in answer.stdout


@pytest.mark.slow
def test_sixty_machines_and_five_people_lose_nothing() -> None:
    answer = pushers("--clones", "60", "--pushes", "20", "--people", "5")

    assert 0 == answer.returncode, answer.stdout + answer.stderr
    assert "evidence: 1200 of 1200 files, in 1200 commits" in answer.stdout
    assert "approved changes: 5 of 5 open" in answer.stdout
