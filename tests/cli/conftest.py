"""Call the program in this process, on a real repository."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from tests.conftest import Repo

from opsledger.cli.main import run

from .team import pipeline, team

__all__ = ["pipeline", "team"]

PARTY = "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n"
CI = "id: CI-payments-api\ntitle: Payments API\nclass: service\nstate: planned\nowner: PTY-ada\ncriticality: high\n"


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Run a command line and return exit code, standard output and standard error."""
    monkeypatch.setenv("OPSLEDGER_CACHE", "off")
    monkeypatch.setenv("OPSLEDGER_NOW", "2026-11-20T12:00:00Z")
    before = signal.getsignal(signal.SIGTERM)

    def made(*arguments: object) -> Ended:
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    yield made
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def book(repo: Repo) -> Repo:
    """A repository with a ledger of one party and one component, committed."""
    repo.write("records/parties/PTY-ada.yaml", PARTY)
    repo.write("records/cis/CI-payments-api.yaml", CI)
    repo.commit("Start the ledger")
    return repo
