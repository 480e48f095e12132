"""Reviews of the very pull request, as they stand, in what is told of its signatures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.conftest import Repo

from opsledger.api import open_book
from opsledger.approvals.model import ForgeAccount, PullRequest, Review
from opsledger.cli.proposing import gathered
from opsledger.proposal import Proposal, proposal_of
from opsledger.question import Occasion

from .conftest import NOON, approve_plan, edit

ADA, GRACE = ForgeAccount("ada", "1"), ForgeAccount("grace", "2")


@pytest.fixture
def reviewed(desk: Repo) -> Repo:
    """The release moved past its gate, with people whom the forge knows."""
    desk.switch("main")
    for name, number in (("ada", 1), ("grace", 2)):
        account = f'accounts: [{{forge: github.com, login: {name}, id: "{number}"}}]'
        edit(desk, f"records/parties/PTY-{name}.yaml", f"[{name}@example.org]", f"[{name}@example.org], {account}")
    desk.commit("Accounts")
    desk.switch("judged", "main")
    approve_plan(desk)
    desk.commit("Approve the plan")
    return desk


def told(repo: Repo, *reviews: Review) -> Proposal:
    pull_request = PullRequest(
        "github.com", "github.com/example/ledger", "7", "https://github.com/example/ledger/pull/7", ADA,
        repo.git("rev-parse", "judged"), "main", reviews=reviews,
    )  # fmt: skip
    occasion = Occasion(NOON, pull_request, "", repo.environment)
    with open_book(repo.root, environment={**repo.environment, "OPSLEDGER_CACHE": "off"}) as book:
        return proposal_of(gathered(book, "judged", base="main", occasion=occasion))


def review(repo: Repo, account: ForgeAccount) -> Review:
    return Review("11", account, "granted", repo.git("rev-parse", "judged"), NOON - timedelta(hours=1))


def test_review_of_a_holder_is_told_and_opens_the_gate(reviewed: Repo) -> None:
    proposal = told(reviewed, review(reviewed, GRACE))

    [asked] = proposal.sought
    [signed] = asked.signed
    assert ("open", "nothing stands against it, and GAT-plan for REL-2026-0001 is open") == (
        proposal.outcome, proposal.reason,
    )  # fmt: skip
    assert (True, "Grace Olsen", "Approver") == (asked.is_met, signed.party.title, signed.role.title)


def test_review_of_the_author_is_told_with_why_it_does_not_count(reviewed: Repo) -> None:
    proposal = told(reviewed, review(reviewed, ADA))

    [asked] = proposal.sought
    assert ("blocked", (), ["Ada Brandt"]) == (
        proposal.outcome, asked.signed, [one.party.title for one in asked.unsigned],
    )  # fmt: skip
    assert asked.unsigned[0].why


def test_author_of_the_pull_request_is_known_by_the_account_that_opened_it(reviewed: Repo) -> None:
    edit(reviewed, "records/parties/PTY-ada.yaml", "state: active", "state: active\nroles: [{role: ROL-approver}]")
    reviewed.git("commit", "-qam", "Roles", GIT_AUTHOR_EMAIL="x@example.org", GIT_COMMITTER_EMAIL="x@example.org")

    assert ["Ada Brandt (PTY-ada), who wrote this pull request, is to hold Approver (ROL-approver)"] == [
        one.sentence for one in told(reviewed).loosened
    ]
