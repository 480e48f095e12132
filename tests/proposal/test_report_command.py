"""`report`: forms of its answer, and how it ends."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator

import pytest
from tests.conftest import Repo

from opsledger.cli.main import run

from .conftest import approve_plan, edit

Call = Callable[..., tuple[int, str, str]]
CHANGE = "records/changes/2026/CHG-2026-0001.yaml"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], desk: Repo) -> Iterator[Call]:
    """Run a command line on the small ledger: exit code, standard output, standard error."""
    monkeypatch.setenv("OPSLEDGER_CACHE", "off")
    monkeypatch.setenv("OPSLEDGER_NOW", "2026-11-20T12:00:00Z")
    before = signal.getsignal(signal.SIGTERM)

    def made(*arguments: str) -> tuple[int, str, str]:
        code = run([*arguments, "-C", str(desk.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    yield made
    signal.signal(signal.SIGTERM, before)


def test_open_pull_request_exits_0(desk: Repo, call: Call) -> None:
    edit(desk, CHANGE, "risk: low\nenv", "risk: high\nenv")

    code, out, err = call("report", "--base", "main")

    assert (0, "") == (code, err)
    assert out.startswith("✅ <b>Open:</b> nothing stands against it, and no gate is asked.\n")


def test_blocked_pull_request_exits_1(desk: Repo, call: Call) -> None:
    approve_plan(desk)
    desk.commit("Approve the plan")

    code, out, _ = call("report", "--base", "main", "--at", "work", "--format", "text")

    assert 1 == code
    assert out.startswith("Blocked: a signature of Approver on the plan of REL-2026-0001 is missing.\n")


def test_base_that_is_not_here_exits_3(desk: Repo, call: Call) -> None:
    code, out, _ = call("report", "--base", "origin/main", "--format", "text")

    assert 3 == code
    assert out.startswith("Undecided: the step from origin/main: no commit is named 'origin/main'")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--base", "main", "--at", "nope"], "no commit is named 'nope'", id="no such revision"),
        pytest.param([], "--base", id="no base"),
        pytest.param(
            ["--base", "main", "--reviews", "nope.json"], "no reviews can be read from nope.json", id="reviews"
        ),
    ],
)
def test_what_cannot_be_looked_at_exits_2(desk: Repo, call: Call, arguments: list[str], sentence: str) -> None:
    code, out, err = call("report", *arguments)

    assert (2, "") == (code, out)
    assert sentence in err


def test_check_and_report_end_alike(desk: Repo, call: Call) -> None:
    approve_plan(desk)
    desk.commit("Approve the plan")
    step = ("--base", "main", "--at", "work", "--format", "json")

    report = json.loads(call("report", *step)[1])
    checked = [json.loads(line) for line in call("check", *step)[1].splitlines()]

    assert checked[-1]["exit_code"] == report["exit_code"]
    assert [one["message"] for one in checked[:-1]] == [one["message"] for one in report["findings"]]


def test_same_step_gives_the_same_bytes(desk: Repo, call: Call) -> None:
    approve_plan(desk)
    desk.commit("Approve the plan")

    first, again = (call("report", "--base", "main", "--at", "work", "--others", "main") for _ in range(2))

    assert first == again
