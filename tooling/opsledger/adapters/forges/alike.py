"""What GitHub, Gitea and Forgejo tell of a pull request in the same fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from opsledger.adapters.forges.addresses import pull_request_address
from opsledger.adapters.forges.answers import Answer, Unexpected
from opsledger.approvals.model import ForgeAccount, PullRequest, Review
from opsledger.errors import Refused


def told(
    pull: Answer,
    reviews: Iterable[Answer],
    *,
    account: Callable[[Answer | None], ForgeAccount],
    read: Callable[[Answer], Review | None],
    is_merged: bool,
    merged_at: datetime | None,
    is_whole: bool,
) -> PullRequest:
    """
    Read a pull request and its reviews.

    Args:
        account: who somebody is at this forge.
        read: what one review says; `None` for an entry that is none.

    Raises:
        Refused: a review belongs to another pull request.
        Unexpected: a field is not as documented.
    """
    url = pull.text("html_url")
    repository, number = pull_request_address(url)
    if number != pull.id("number"):
        raise Unexpected(f"{pull.name}.html_url", f"the address of pull request {pull.id('number')}")
    return PullRequest(
        forge=repository.partition("/")[0],
        repository=repository,
        number=number,
        url=url,
        opener=account(pull.inner_or_none("user")),
        head=pull.commit("head", "sha"),
        base=pull.text("base", "ref"),
        head_ref=f"refs/pull/{number}/head",
        reviews=tuple(_own(reviews, read, repository, number)),
        is_merged=is_merged,
        merged_at=merged_at,
        merge_commit=pull.commit("merge_commit_sha") if is_merged else "",
        is_whole=is_whole,
    )


def _own(
    reviews: Iterable[Answer], read: Callable[[Answer], Review | None], repository: str, number: str
) -> Iterator[Review]:
    for review in reviews:
        stated = _about(review)
        if tuple(part.lower() for part in pull_request_address(stated)) != (repository.lower(), number):
            raise Refused(
                f"review {review.id('id')} belongs to {stated} and not to pull request {number} of {repository}",
                "export the pull request and its own reviews",
            )
        found = read(review)
        if found is not None:
            yield found


def _about(review: Answer) -> str:
    """The pull request that a review says it is of; GitHub's `pull_request_url` is one for programs."""
    stated = review.text_or_nothing("pull_request_url")
    return stated if stated and "node_id" not in review.data else review.text("html_url")
