"""
Whole outputs for one pull request, each read by somebody before it was kept.

`OPSLEDGER_GOLDEN=write pytest tests/proposal/test_golden.py` writes them anew; read what `git diff` shows then.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.conftest import Repo

from opsledger.cli.main import run

from .conftest import approve_plan, edit

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CHECK = ("check", "--base", "main", "--at", "work", "--format")


@pytest.fixture
def pull_request(desk: Repo) -> Repo:
    """A branch that moves a release past its gate unsigned, and does a little of everything beside it."""
    approve_plan(desk)
    change = "records/changes/2026/CHG-2026-0001.yaml"
    edit(desk, change, "swap the two in one transaction", "swap the two at night, in two steps")
    edit(desk, change, "requester: PTY-grace", "requester: PTY-nobody")
    edit(desk, "records/parties/PTY-ada.yaml", "state: active", "state: active\nroles: [{role: ROL-approver}]")
    desk.delete("records/windows/WIN-year-end.yaml")
    desk.write(
        "records/problems/2026/PRB-2026-0001.yaml",
        "id: PRB-2026-0001\ntitle: 'Ask @grace | <b>what</b> `stops`'\n"
        "state: logged\nseverity: low\ncis: [CI-payments]\n",
    )
    desk.commit("Approve the plan")
    desk.switch("other", "main")
    edit(desk, change, "risk: low\nenvironments", "risk: medium\nenvironments")
    desk.commit("Other work")
    desk.switch("work")
    return desk


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("comment.md", ("report", "--base", "main", "--at", "work", "--others", "other")),
        ("check.md", (*CHECK, "markdown")),
        ("check.github.txt", (*CHECK, "github")),
        ("check.gitlab.json", (*CHECK, "gitlab")),
        ("check.junit.xml", (*CHECK, "junit")),
    ],
)
def test_output_is_the_one_that_was_read(
    pull_request: Repo,
    name: str,
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPSLEDGER_CACHE", "off")
    monkeypatch.setenv("OPSLEDGER_NOW", "2026-11-20T12:00:00Z")

    code = run([*arguments, "-C", str(pull_request.root)])

    shown = capsys.readouterr().out
    if os.environ.get("OPSLEDGER_GOLDEN") == "write":
        (GOLDEN / name).write_text(shown, encoding="utf-8")
    assert 1 == code
    assert (GOLDEN / name).read_text(encoding="utf-8") == shown
