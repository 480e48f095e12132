"""A ledger in the repository of its code, and releases derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.conftest import Repo

from opsledger.adapters.forges import plain_address
from opsledger.api import open_book
from opsledger.edit.deriving import Draft, Sight, drafted
from opsledger.edit.ranges import Span, span_of
from opsledger.people import people_of
from opsledger.policy import policy_of
from opsledger.store import Repository

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIGEST, OTHER = (f"sha256:{letter * 64}" for letter in "ab")
CI = """\
id: CI-payments
title: Payments
class: service
state: live
owner: PTY-ada
criticality: high
version: 4.2.0
environments: [ENV-prod, ENV-test]
paths: ["services/payments/", "!services/payments/docs/"]
"""
ENVIRONMENT = (
    "id: {0}\ntitle: {0}\nstate: active\npurpose: {1}\nproduction: {2}\nladder: {{position: {3}}}\nmanager: PTY-ada\n"
)
PARTY = "id: PTY-ada\nname: Ada\ntype: person\nstate: active\nidentities: {emails: [ada@example.org]}\n"
MODEL = """\
id: MDL-routine
title: Routine
state: published
description: New version by the pipeline.
owner: PTY-ada
ci_classes: [service]
most_risk: low
locked: [{field: /type, value: standard}]
backout: [{step: Back}]
"""
CHANGE = "id: {0}\ntitle: Retries\nstate: {1}\ntype: normal\n"
RELEASE = "id: {0}\nname: {0}\nstate: {1}\ntype: fix\nservice: CI-payments\nversion: {2}\n"
PROBLEM = "id: {0}\ntitle: Paid twice\nstate: {1}\nseverity: high\ncis: [CI-payments]\n"


@dataclass
class Code:
    """A ledger in the repository of its code, tagged v4.2.0."""

    repo: Repo

    def write(self, path: str, text: str) -> None:
        self.repo.write(path, text)

    def commit(self, message: str, path: str = "services/payments/a.py") -> str:
        """Change a file and commit it."""
        self.repo.write(path, f"{message}\n")
        return self.repo.commit(message)

    def tag(self, name: str, message: str = "") -> None:
        self.repo.git("tag", *(["-a", "-m", message] if message else []), name)

    def span(self, stated: str = "v4.2.0..v4.2.1", address: str = "", *, is_own: bool = True) -> Span:
        with Repository.within(self.repo.root, "", environment=self.repo.environment) as clone:
            return span_of(clone, stated, address=address, is_own=is_own)


@pytest.fixture
def code(repo: Repo) -> Code:
    """One service in one production environment, with one published model."""
    repo.write("records/cis/CI-payments.yaml", CI)
    repo.write("records/environments/ENV-prod.yaml", ENVIRONMENT.format("ENV-prod", "production", "true", 2))
    repo.write("records/environments/ENV-test.yaml", ENVIRONMENT.format("ENV-test", "test", "false", 1))
    repo.write("records/parties/PTY-ada.yaml", PARTY)
    repo.write("records/models/MDL-routine.yaml", MODEL)
    repo.write("services/payments/a.py", "first\n")
    repo.commit("Start")
    repo.git("tag", "v4.2.0")
    return Code(repo)


@pytest.fixture
def derive(code: Code) -> Iterator[Callable[..., Draft]]:
    """Derives a release of a range from the ledger as it stands."""
    with open_book(code.repo.root, environment=code.repo.environment) as book:

        def derived(
            span: Span | None = None,
            given: dict[str, Any] | None = None,
            service: str = "",
            me: str = "ada@example.org",
        ) -> Draft:
            ledger = book.ledger()
            policy, people = policy_of(ledger.snapshot, ledger.kinds), people_of(ledger.snapshot, ledger.kinds)
            sight = Sight(ledger, policy, people, me, NOW, plain_address)
            return drafted(span or code.span(), given or {}, sight, service=service)

        yield derived


def released(code: Code, message: str = "Retry", **options: str) -> None:
    code.commit(message, **options)
    code.tag("v4.2.1")
