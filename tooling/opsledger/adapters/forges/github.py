"""What GitHub says of pull requests and reviews, through REST, in webhooks and as `gh pr view --json` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opsledger.adapters.forges.addresses import pull_request_address
from opsledger.adapters.forges.alike import told
from opsledger.adapters.forges.answers import Answer, Unexpected, payload_of
from opsledger.approvals.model import ForgeAccount, PullRequest, Review

_DECISIONS = {
    "approved": "granted",
    "changes_requested": "revise",
    "commented": "commented",
    "dismissed": "dismissed",
}
# Nobody but its writer sees a review that was begun and not sent.
_UNSENT = "pending"


def is_pull_request(answer: Answer) -> bool:
    """Whether an object looks like a pull request of the REST interface."""
    return "node_id" in answer.data and "number" in answer.data and "head" in answer.data and "base" in answer.data


def is_printed_by_gh(answer: Answer) -> bool:
    """Whether an object looks like what `gh pr view --json` prints."""
    return "reviews" in answer.data and ("headRefOid" in answer.data or "baseRefName" in answer.data)


def is_review(answer: Answer) -> bool:
    """Whether an object looks like a review of the REST interface or of a webhook."""
    return {"node_id", "state", "commit_id"} <= answer.data.keys()


def pull_request(pull: Answer, reviews: Iterable[Answer], *, is_whole: bool = True) -> PullRequest:
    """
    Read a pull request and its reviews as the REST interface gives them.

    Args:
        is_whole: whether these are all reviews that it has.

    Raises:
        Refused: a review belongs to another pull request.
        Unexpected: a field is not as documented.
    """
    merged_at = pull.moment_or_none("merged_at")
    is_merged = merged_at is not None
    return told(pull, reviews, account=account, read=_sent, is_merged=is_merged, merged_at=merged_at, is_whole=is_whole)


def _sent(review: Answer) -> Review | None:
    state = review.text("state").lower()
    return _review(review, state) if state != _UNSENT else None


def _review(review: Answer, state: str) -> Review:
    if state not in _DECISIONS:
        raise Unexpected(f"{review.name}.state", "a state of a review that GitHub documents")
    return Review(
        id=review.id("id"),
        account=account(review.inner_or_none("user")),
        decision=_DECISIONS[state],
        commit=review.commit("commit_id"),
        at=review.moment("submitted_at"),
        body=review.text_or_nothing("body"),
        payload=payload_of(review.name, review.data),
    )


def account(user: Answer | None) -> ForgeAccount:
    """Return who somebody is; GitHub says null of those who are gone."""
    if user is None:
        return ForgeAccount("")
    login = user.text("login")
    is_bot = user.text_or_nothing("type") not in {"User", ""} or login.endswith("[bot]")
    return ForgeAccount(login, user.id_or_nothing("id"), is_bot)


def from_webhook(event: Answer) -> PullRequest:
    """
    Read the event `pull_request_review`: it tells of one review, so it is never the whole.

    Raises:
        Unexpected: a field is not as documented.
    """
    return pull_request(event.inner("pull_request"), [event.inner("review")], is_whole=False)


def from_gh(printed: Answer) -> PullRequest:
    """
    Read what `gh pr view --json author,baseRefName,headRefOid,mergeCommit,mergedAt,number,reviews,url` prints.

    It names people by login alone: their numbers are not in it.

    Raises:
        Unexpected: a field was left out of `--json`, or is not as documented.
    """
    url = printed.text("url")
    repository, number = pull_request_address(url)
    merged_at = printed.moment_or_none("mergedAt")
    return PullRequest(
        forge=repository.partition("/")[0],
        repository=repository,
        number=number,
        url=url,
        opener=_named_by_gh(printed.inner("author")),
        head=printed.commit("headRefOid"),
        base=printed.text("baseRefName"),
        head_ref=f"refs/pull/{number}/head",
        reviews=tuple(_printed_reviews(printed)),
        is_merged=merged_at is not None,
        merged_at=merged_at,
        merge_commit=printed.commit("mergeCommit", "oid"),
    )


def _printed_reviews(printed: Answer) -> Iterator[Review]:
    for review in printed.items("reviews"):
        state = review.text("state").lower()
        if state == _UNSENT:
            continue
        if state not in _DECISIONS:
            raise Unexpected(f"{review.name}.state", "a state of a review that GitHub documents")
        yield Review(
            id=review.id("id"),
            account=_named_by_gh(review.inner("author")) if review.has("author") else ForgeAccount(""),
            decision=_DECISIONS[state],
            commit=review.commit("commit", "oid"),
            at=review.moment("submittedAt"),
            body=review.text_or_nothing("body"),
            payload=payload_of(review.name, review.data),
        )


def _named_by_gh(author: Answer) -> ForgeAccount:
    login = author.text_or_nothing("login")
    # `gh` writes the account of an app as app/name.
    is_bot = author.flag("is_bot") or login.endswith("[bot]") or login.startswith("app/")
    return ForgeAccount(login, "", is_bot)
