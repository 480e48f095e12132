"""What Gitea and Forgejo say of pull requests and reviews; the two answer alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opsledger.adapters.forges.addresses import pull_request_address
from opsledger.adapters.forges.answers import Answer, Unexpected, payload_of
from opsledger.approvals.model import ForgeAccount, PullRequest, Review
from opsledger.errors import Refused

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
    url = pull.text("html_url")
    repository, number = pull_request_address(url)
    if number != pull.id("number"):
        raise Unexpected(f"{pull.name}.html_url", f"the address of pull request {pull.id('number')}")
    is_merged = pull.flag("merged")
    return PullRequest(
        forge=repository.partition("/")[0],
        repository=repository,
        number=number,
        url=url,
        opener=account(pull.inner_or_none("user")),
        head=pull.commit("head", "sha"),
        base=pull.text("base", "ref"),
        head_ref=f"refs/pull/{number}/head",
        reviews=tuple(_reviews(reviews, repository, number)),
        is_merged=is_merged,
        merged_at=pull.moment_or_none("merged_at") if is_merged else None,
        merge_commit=pull.commit("merge_commit_sha") if is_merged else "",
        is_whole=is_whole,
    )


def _reviews(reviews: Iterable[Answer], repository: str, number: str) -> Iterator[Review]:
    for review in reviews:
        stated = review.text_or_nothing("pull_request_url") or review.text("html_url")
        if tuple(part.lower() for part in pull_request_address(stated)) != (repository.lower(), number):
            raise Refused(
                f"review {review.id('id')} belongs to {stated} and not to pull request {number} of {repository}",
                "export the pull request and its own reviews",
            )
        state = review.text("state")
        if state in _NO_REVIEWS:
            continue
        if state not in _DECISIONS:
            raise Unexpected(f"{review.name}.state", "a state of a review that Gitea documents")
        yield Review(
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
