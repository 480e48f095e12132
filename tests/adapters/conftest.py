"""Forges for tests: one that answers from a script, one that is a server; and a clone whose pull request was merged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.adapters.desk import Desk, made, merged
from tests.adapters.server import Server, started
from tests.cli.conftest import call
from tests.conftest import Repo

from opsledger.adapters.forges import ConnectionLost, Request, Response

__all__ = ["call"]

JSON = {"Content-Type": "application/json; charset=utf-8"}
Answer = Response | ConnectionLost


def said(value: Any, status: int = 200, **headers: str) -> Response:
    """An answer in JSON; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status, JSON | named, json.dumps(value).encode())


@dataclass
class Script:
    """
    A forge that answers what it was told to, and remembers what it was asked.

    Args:
        answers: method and end of the address → its answers, one after the other; the last one stays.
    """

    answers: Mapping[str, Sequence[Answer]]
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        """Carry one request."""
        self.asked.append(request)
        for key, answers in self.answers.items():
            method, _, end = key.partition(" ")
            if request.method == method and request.url.endswith(end):
                before = sum(one.method == method and one.url.endswith(end) for one in self.asked) - 1
                answer = answers[min(before, len(answers) - 1)]
                if isinstance(answer, ConnectionLost):
                    raise answer
                return answer
        return said({"message": "Not Found"}, 404)


@pytest.fixture
def script() -> Callable[[Mapping[str, Any]], Script]:
    """Make a forge from a script; a value that is no answer is said in JSON."""

    def made(answers: Mapping[str, Any]) -> Script:
        return Script({
            key: tuple(one if isinstance(one, (Response, ConnectionLost)) else said(one)
                       for one in (value if isinstance(value, tuple) else (value,)))
            for key, value in answers.items()
        })  # fmt: skip

    return made


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that stands where GitHub is asked."""
    running, server = started()
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    yield server
    running.shutdown()
    running.server_close()


@pytest.fixture
def desk(repo: Repo) -> Desk:
    """A merged pull request."""
    return made(repo, merged)
