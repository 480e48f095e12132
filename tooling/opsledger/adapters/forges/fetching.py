"""A pull request and all its reviews, asked of the forge."""

from __future__ import annotations

from collections.abc import Iterable

from opsledger.adapters.forges import bitbucket, gitea, github, gitlab
from opsledger.adapters.forges.addresses import place_of
from opsledger.adapters.forges.answers import Answer, entries
from opsledger.adapters.forges.export import once
from opsledger.adapters.forges.wire import Line, NotAnswered, Transport
from opsledger.approvals.model import PullRequest
from opsledger.errors import Undecided


def fetch_pull_request(
    forge: str, repository: str, number: str | int, transport: Transport, *, api: str = ""
) -> PullRequest:
    """
    Ask a forge for a pull request and every review of it.

    Args:
        forge: *github*, *gitlab*, *gitea*, *forgejo* or *bitbucket*.
        repository: its address, for example github.com/kestrel-pay/ledger.
        api: where programs ask, if that does not follow from the host.

    Raises:
        Refused: the address is none.
        Undecided: something could not be read; it says what, and what to do.
    """
    line = Line(place_of(forge, repository, api=api), transport)
    read = {"github": _github, "gitlab": _gitlab, "bitbucket": _bitbucket}.get(forge, _gitea)
    found = read(line, str(number))
    if (found.repository.lower(), found.number) != (line.place.repository.lower(), str(number)):
        raise Undecided(
            f"{line.place.host} answered about {found.url} when asked about {line.place.repository} {number}",
            "name the repository by the address that it has now",
        )
    return once(found)


def _listed(line: Line, path: str, what: str) -> Iterable[Answer]:
    return entries(what, list(line.pages(path, what)))


def _github(line: Line, number: str) -> PullRequest:
    what = f"pull request {number} of {line.place.repository}"
    start = f"/repos/{line.place.quoted}/pulls/{number}"
    pull = Answer.of(what, line.get(start, what).value)
    return github.pull_request(pull, _listed(line, f"{start}/reviews?per_page=100", f"the reviews of {what}"))


def _gitea(line: Line, number: str) -> PullRequest:
    what = f"pull request {number} of {line.place.repository}"
    start = f"/repos/{line.place.quoted}/pulls/{number}"
    pull = Answer.of(what, line.get(start, what).value)
    return gitea.pull_request(pull, _listed(line, f"{start}/reviews?limit=50", f"the reviews of {what}"))


def _gitlab(line: Line, number: str) -> PullRequest:
    what = f"merge request {number} of {line.place.repository}"
    start = f"/projects/{line.place.quoted}/merge_requests/{number}"
    notes = f"{start}/notes?per_page=100&sort=asc&order_by=created_at"
    # The approvals come last: nobody can take one back between the list and what explains it.
    merge_request = Answer.of(what, line.get(start, what).value)
    versions = tuple(_listed(line, f"{start}/versions?per_page=100", f"the versions of {what}"))
    said = tuple(_listed(line, notes, f"the notes of {what}"))
    approvals = Answer.of(f"the approvals of {what}", line.get(f"{start}/approvals", f"the approvals of {what}").value)
    return gitlab.pull_request(gitlab.Answers(merge_request, approvals, notes=said, versions=versions))


def _bitbucket(line: Line, number: str) -> PullRequest:
    what = f"pull request {number} of {line.place.repository}"
    start = f"/repositories/{line.place.quoted}/pullrequests/{number}"
    pull = Answer.of(what, line.get(start, what).value)
    activity = tuple(_listed(line, f"{start}/activity?pagelen=50", f"the activity of {what}"))
    partial = bitbucket.Answers(pull, activity)
    return bitbucket.pull_request(
        bitbucket.Answers(pull, activity, frozenset(_whole(line, bitbucket.shortened(partial))))
    )


def _whole(line: Line, hashes: Iterable[str]) -> Iterable[str]:
    """Yield the full ids of commits that the forge shortened; one that is gone stays short."""
    for hash in sorted(hashes):
        what = f"commit {hash} of {line.place.repository}"
        try:
            yield Answer.of(what, line.get(f"/repositories/{line.place.quoted}/commit/{hash}", what).value).text("hash")
        except NotAnswered as unknown:
            if unknown.status != 404:
                raise
