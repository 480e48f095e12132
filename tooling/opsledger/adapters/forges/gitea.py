"""What Gitea and Forgejo say of pull requests and reviews; the two answer alike."""

from __future__ import annotations

from collections.abc import Iterable

from opsledger.adapters.forges.alike import told
from opsledger.adapters.forges.answers import Answer, Unexpected, payload_of
from opsledger.approvals.model import ForgeAccount, PullRequest, Review

_DECISIONS = {"APPROVED": "granted", "REQUEST_CHANGES": "revise", "COMMENT": "commented"}
# A draft that was not sent, and an entry that only says who was asked.
_NO_REVIEWS = frozenset({"PENDING", "REQUEST_REVIEW"})
_NOBODY = "-1"
_ACTIONS = "-2"


def is_pull_request(answer: Answer) -> bool:
    """Whether an object looks like a pull request."""
    return {"number", "head", "base", "merge_base"} <= answer.data.keys() and "node_id" not in answer.data


def is_review(answer: Answer) -> bool:
    """Whether an object looks like a review."""
    return {"official", "state"} <= answer.data.keys()


def pull_request(pull: Answer, reviews: Iterable[Answer], *, is_whole: bool = True) -> PullRequest:
    """
    Read a pull request and its reviews.

    Args:
        is_whole: whether these are all reviews that it has.

    Raises:
        Refused: a review belongs to another pull request.
        Unexpected: a field is not as documented.
    """
    is_merged = pull.flag("merged")
    merged_at = pull.moment_or_none("merged_at") if is_merged else None
    return told(
        pull, reviews, account=account, read=_review, is_merged=is_merged, merged_at=merged_at, is_whole=is_whole
    )


def _review(review: Answer) -> Review | None:
    state = review.text("state")
    if state in _NO_REVIEWS:
        return None
    if state not in _DECISIONS:
        raise Unexpected(f"{review.name}.state", "a state of a review that Gitea documents")
    return Review(
        id=review.id("id"),
        account=account(review.inner_or_none("user")),
        decision="dismissed" if review.flag("dismissed") else _DECISIONS[state],
        commit=review.commit("commit_id"),
        at=review.moment("submitted_at"),
        body=review.text_or_nothing("body"),
        payload=payload_of(review.name, review.data),
    )


def account(user: Answer | None) -> ForgeAccount:
    """Return who somebody is; those who are gone are the account -1, and the forge's own pipelines are -2."""
    if user is None or user.id_or_nothing("id") == _NOBODY:
        return ForgeAccount("")
    id = user.id_or_nothing("id")
    return ForgeAccount(user.text("login"), id, id == _ACTIONS or user.text("login").endswith("[bot]"))
