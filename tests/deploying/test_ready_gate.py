"""The script that an application's pipeline calls in one line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from opsledger import packaged

from .conftest import NOON, REL


def gate(yard, *, now: str = NOON, **variables: str) -> subprocess.CompletedProcess[str]:
    """How the script ends in an application's directory."""
    script = yard.place / "gate.sh"
    script.write_bytes(packaged.files("ready")["gate.sh"])
    program = yard.place / "opsledger"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m opsledger "$@"\n')
    program.chmod(0o755)
    told = {
        "OPSLEDGER_PROGRAM": str(program), "OPSLEDGER_LEDGER": str(yard.remote), "OPSLEDGER_NOW": now,
        "OPSLEDGER_SERVER": "https://git.example.org", "OPSLEDGER_SUBJECT": REL, "OPSLEDGER_ENVIRONMENT": "ENV-prod-eu",
        "GITHUB_OUTPUT": str(yard.place / "output"), "PYTHONPATH": ":".join(sys.path),
    }  # fmt: skip
    return subprocess.run(
        ["bash", str(script)], cwd=yard.place, env={**yard.home.environment, **told, **variables}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "code", "word"),
    [(NOON, 0, "open"), ("2026-11-20T13:30:00Z", 1, "blocked")],
    ids=["before the freeze", "in the freeze"],
)
def test_the_answer_is_the_exit_code_and_an_output(yard, now, code, word):
    answer = gate(yard, now=now, OPSLEDGER_TOKEN="a-token-of-the-job")

    assert code == answer.returncode, answer.stderr
    assert f"promote is {word}" in answer.stdout
    assert f"outcome={word}\nexit-code={code}\n" == (yard.place / "output").read_text()
    assert "a-token" not in answer.stdout + answer.stderr


def test_a_ledger_out_of_reach_is_undecided(yard):
    yard.remote.rename(yard.remote.with_suffix(".away"))

    assert 3 == gate(yard).returncode


@pytest.mark.parametrize("subject", ["--help", "$(touch owned)", "REL-1; touch owned"])
def test_what_is_no_record_is_no_option_and_no_command(yard, subject):
    answer = gate(yard, OPSLEDGER_SUBJECT=subject)

    assert 2 == answer.returncode
    assert not (yard.place / "owned").exists()
