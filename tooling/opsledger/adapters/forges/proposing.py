"""A pull request opened, or the open one of a branch found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from opsledger.adapters.forges.addresses import place_of, pull_request_address
from opsledger.adapters.forges.answers import Answer, entries
from opsledger.adapters.forges.wire import Line, NotAnswered, Transport


@dataclass(frozen=True)
class Proposed:
    """
    An open pull request.

    Args:
        is_new: whether this call opened it.
    """

    url: str
    number: str
    is_new: bool


def open_pull_request(
    forge: str,
    repository: str,
    transport: Transport,
    *,
    head: str,
    base: str,
    title: str,
    body: str,
    is_draft: bool = False,
    api: str = "",
) -> Proposed:
    """
    Open a pull request for a branch, unless one is open already.

    Args:
        forge: *github*, *gitlab*, *gitea*, *forgejo* or *bitbucket*.
        repository: its address, for example github.com/kestrel-pay/ledger; the branch must have been pushed there.
        head: the branch with the work.
        base: the branch that it should go to.
        is_draft: whether nobody needs to look at it yet.
        api: where programs ask, if that does not follow from the host.

    Raises:
        Refused: the address is none.
        Undecided: the forge did not answer, or did not open it; it says why.
    """
    line = Line(place_of(forge, repository, api=api), transport)
    what = f"a pull request from {head} to {base} of {line.place.repository}"
    standing = _standing(line, head, base, what)
    if standing is not None:
        return Proposed(*_found(line, standing), is_new=False)
    path, data = _asked(line, head, base, title, body, is_draft=is_draft)
    reply = line.send("POST", path, what, data)
    return Proposed(*_found(line, Answer.of(what, reply.value)), is_new=True)


def _standing(line: Line, head: str, base: str, what: str) -> Answer | None:
    """Return the open pull request of a branch, or None."""
    place = line.place
    if place.sort in {"gitea", "forgejo"}:
        try:
            # Slashes in the names of branches stand for themselves there, except in the one that is not the last.
            path = f"/repos/{place.quoted}/pulls/{quote(base, safe='')}/{quote(head, safe='')}"
            one = Answer.of(what, line.get(path, what).value)
        except NotAnswered as unknown:
            if unknown.status != 404:
                raise
            return None
        return one if one.text("state") == "open" else None
    owner = place.path.partition("/")[0]
    same = f'source.branch.name="{head}" AND destination.branch.name="{base}" AND state="OPEN"'
    paths = {
        "github": f"/repos/{place.quoted}/pulls?state=open&head={quote(f'{owner}:{head}', safe='')}"
        f"&base={quote(base, safe='')}",
        "gitlab": f"/projects/{place.quoted}/merge_requests?state=opened&source_branch={quote(head, safe='')}"
        f"&target_branch={quote(base, safe='')}",
        "bitbucket": f"/repositories/{place.quoted}/pullrequests?q={quote(same, safe='')}",
    }
    found = tuple(entries(what, list(line.pages(paths[place.sort], what))))
    return found[0] if found else None


def _asked(line: Line, head: str, base: str, title: str, body: str, *, is_draft: bool) -> tuple[str, Mapping[str, Any]]:
    """Return where to ask for a new pull request, and with what."""
    place = line.place
    if place.sort == "gitlab":
        named = f"Draft: {title}" if is_draft else title
        data = {"source_branch": head, "target_branch": base, "title": named, "description": body}
        return f"/projects/{place.quoted}/merge_requests", data
    if place.sort == "bitbucket":
        return f"/repositories/{place.quoted}/pullrequests", {
            "title": title, "description": body, "source": {"branch": {"name": head}},
            "destination": {"branch": {"name": base}}, **({"draft": True} if is_draft else {}),
        }  # fmt: skip
    if place.sort == "github":
        data = {"title": title, "head": head, "base": base, "body": body}
        return f"/repos/{place.quoted}/pulls", {**data, **({"draft": True} if is_draft else {})}
    named = f"WIP: {title}" if is_draft else title
    return f"/repos/{place.quoted}/pulls", {"title": named, "head": head, "base": base, "body": body}


def _found(line: Line, answer: Answer) -> tuple[str, str]:
    """Return the address and the number of a pull request."""
    path = {"gitlab": ("web_url",), "bitbucket": ("links", "html", "href")}.get(line.place.sort, ("html_url",))
    url = answer.text(*path)
    return url, pull_request_address(url)[1]
