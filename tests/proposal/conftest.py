"""A small ledger in git with people, a gate and components, and what a branch of it would mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.conftest import Repo

from opsledger.api import open_book
from opsledger.cli.proposing import gathered
from opsledger.proposal import Proposal, proposal_of
from opsledger.question import Occasion

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
Propose = Callable[..., Proposal]

FILES = {
    "records/parties/PTY-ada.yaml": """\
id: PTY-ada
name: Ada Brandt
type: person
state: active
identities: {emails: [ada@example.org]}
""",
    "records/parties/PTY-grace.yaml": """\
id: PTY-grace
name: Grace Olsen
type: person
state: active
identities: {emails: [grace@example.org]}
roles: [{role: ROL-approver}]
""",
    "records/roles/ROL-approver.yaml": "id: ROL-approver\ntitle: Approver\ndescription: Says yes, not yet, or no.\n",
    "records/gates/GAT-plan.yaml": """\
id: GAT-plan
title: Plan
question: Has somebody else agreed?
mode: enforce
moves: [{kind: release, from: planned, to: plan-approved}]
codes: [LCY202, SIG301]
signatures: [{scope: plan, roles: [ROL-approver]}]
""",
    "records/windows/WIN-year-end.yaml": """\
id: WIN-year-end
title: Year end
type: freeze
state: published
owner: PTY-grace
start: "2026-12-14T00:00:00Z"
end: "2027-01-05T06:00:00Z"
announced_at: "2026-09-01T08:00:00Z"
""",
    "records/cis/CI-database.yaml": """\
id: CI-database
title: Database
class: component
state: live
criticality: high
version: 2.0.0
owner: PTY-grace
""",
    "records/cis/CI-payments.yaml": """\
id: CI-payments
title: Payments
class: service
state: live
criticality: high
owner: PTY-grace
relations: {depends_on: [CI-database]}
""",
    "records/changes/2026/CHG-2026-0001.yaml": """\
id: CHG-2026-0001
title: Build the index beside the table
state: approved
type: normal
owner: PTY-ada
requester: PTY-grace
submitted: "2026-11-01T09:00:00Z"
business_need: Payments stop while the index is built.
impact: {summary: Nobody sees it.}
effects: [{ci: CI-database, effect: changed}]
risk: low
environments: [ENV-prod]
solution: Build the new index beside the old one, and swap the two in one transaction.
backout: {method: switch-back}
""",
    "records/environments/ENV-prod.yaml": """\
id: ENV-prod
title: Production
state: active
production: true
purpose: production
ladder: {position: 3}
manager: PTY-grace
""",
    "records/releases/2026/REL-2026-0001.yaml": """\
id: REL-2026-0001
name: database-2.1.0
title: An index that nobody waits for
state: planned
type: minor
size_class: small
risk: low
service: CI-database
version: 2.1.0
accountable: PTY-ada
changes: [CHG-2026-0001]
scope: {cis: [{ci: CI-database, version: 2.1.0, effect: changed}]}
""",
}
ROLLOUT = """\
rollout: {model: big-bang, groups: [{id: everyone, environment: ENV-prod}]}
backout: {method: switch-back}
"""


@pytest.fixture
def desk(repo: Repo) -> Repo:
    """The small ledger on branch `main`, and branch `work` checked out on top of it."""
    for path, text in FILES.items():
        repo.write(path, text)
    repo.commit("The ledger")
    repo.switch("work", "main")
    return repo


@pytest.fixture
def propose() -> Propose:
    """Say what the step from `main` to the work tree, or to a revision, means."""

    def proposed(repo: Repo, at: str | None = None, *, others: tuple[str, ...] = ()) -> Proposal:
        occasion = Occasion(NOON, None, "", repo.environment)
        with open_book(repo.root, environment={**repo.environment, "OPSLEDGER_CACHE": "off"}) as book:
            return proposal_of(gathered(book, at, base="main", occasion=occasion, others=others))

    return proposed


def edit(repo: Repo, path: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    text = (repo.root / path).read_text(encoding="utf-8")
    assert 1 == text.count(old), (path, text.count(old))
    repo.write(path, text.replace(old, new))


def approve_plan(repo: Repo) -> None:
    """Move the release behind its gate, with what that state asks of it."""
    path = "records/releases/2026/REL-2026-0001.yaml"
    edit(repo, path, "state: planned", "state: plan-approved")
    repo.write(path, (repo.root / path).read_text(encoding="utf-8") + ROLLOUT)
