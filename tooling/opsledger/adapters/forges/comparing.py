"""A review as an approval record keeps it, held against what the forge says of it today."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.approvals.model import Approval, PullRequest, Review


def differences(approval: Approval, pull_request: PullRequest) -> Iterator[str]:
    """
    Yield what is no longer as an approval record keeps it, a sentence each.

    Args:
        approval: copied from a review.
        pull_request: the one that it was given in, with all its reviews as they are today.
    """
    kept = _read(str(approval.evidence.get("payload") or ""))
    number = str(approval.evidence.get("review") or "")
    review = _found(number, pull_request)
    if review is None:
        yield f"review {number} is gone from {pull_request.url}"
        return
    if review.decision != "granted" and approval.decision == "granted":
        yield f"review {review.id} was granted and is {_WORDS.get(review.decision, review.decision)} now"
    if review.commit and review.commit != approval.evidence.get("commit"):
        yield f"review {review.id} is said to be of commit {review.commit[:12]} now"
    if review.at != approval.at:
        yield f"review {review.id} is said to be of another time now"
    yield from _account(review, kept)
    now = _read(review.payload)
    if kept and now and str(kept.get("body") or "") != str(now.get("body") or ""):
        yield f"the text of review {review.id} was changed"


_WORDS = {"revise": "asking for changes", "commented": "a comment", "dismissed": "dismissed"}


def _found(number: str, pull_request: PullRequest) -> Review | None:
    """Return the review of a number, also where it was imported under its other name, as `gh` prints it."""
    for review in pull_request.reviews:
        if number and number in {review.id, str(_read(review.payload).get("node_id") or "")}:
            return review
    return None


def _account(review: Review, kept: Mapping[str, Any]) -> Iterator[str]:
    """Yield what became of the account; its number is what stays."""
    login, id = _who(kept)
    account = review.account
    if not account.login and not account.id:
        yield f"the account {login or id} behind review {review.id} is gone"
    elif id and account.id and id != account.id:
        yield f"review {review.id} is by account {account.id} now and was by {id}"
    elif login and login.lower() != account.login.lower():
        yield f"the account {login} behind review {review.id} is called {account.login} now"


def _who(kept: Mapping[str, Any]) -> tuple[str, str]:
    """Return login and number of the account in a payload, as each forge calls them."""
    inner = next((kept[key] for key in ("approval", "changes_requested") if isinstance(kept.get(key), dict)), kept)
    user = inner.get("user") or inner.get("author")
    if not isinstance(user, dict):
        return "", ""
    login = next((str(user[key]) for key in ("login", "username", "nickname") if user.get(key)), "")
    id = next((str(user[key]) for key in ("account_id", "id", "uuid") if user.get(key)), "")
    return login, id


def _read(payload: str) -> Mapping[str, Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
