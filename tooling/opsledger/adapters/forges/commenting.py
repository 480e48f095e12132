"""One comment under a pull request, written once and kept up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opsledger.adapters.forges import bitbucket, gitea, github, gitlab
from opsledger.adapters.forges.addresses import place_of
from opsledger.adapters.forges.answers import Answer, entries
from opsledger.adapters.forges.wire import Line, NotAnswered, Transport
from opsledger.approvals.model import ForgeAccount

_LONGEST = {"github": 65_000, "gitlab": 900_000, "gitea": 65_000, "forgejo": 65_000, "bitbucket": 32_000}
_CUT = "\n\n… (cut here: the forge takes no longer comment)\n"


@dataclass(frozen=True)
class Commented:
    """
    A comment that stands.

    Args:
        done: *written*, *changed* or *kept*.
    """

    id: str
    done: str


def comment(
    forge: str,
    repository: str,
    number: str | int,
    text: str,
    transport: Transport,
    *,
    name: str = "report",
    api: str = "",
) -> Commented:
    """
    Write a comment under a pull request, or change the one that an earlier call wrote.

    It is found again by a mark that readers do not see, and only among the comments of the token's own account:
    anybody can write the mark.

    Args:
        name: which of several comments it is.
        api: where programs ask, if that does not follow from the host.

    Raises:
        Refused: the address is none.
        Undecided: the forge did not answer, or did not take the comment; it says why.
    """
    line = Line(place_of(forge, repository, api=api), transport)
    what = f"the comments of pull request {number} of {line.place.repository}"
    mark = f"[//]: # (opsledger {name})\n\n" if forge == "bitbucket" else f"<!-- opsledger {name} -->\n"
    body = _cut(mark + text, _LONGEST[forge])
    own = _own_id(line)
    for standing in _comments(line, str(number), what):
        if standing.body.startswith(mark.strip()) and _is_own(standing.by, own):
            if standing.body.strip() == body.strip():
                return Commented(standing.id, "kept")
            line.send("PUT" if forge in {"gitlab", "bitbucket"} else "PATCH", standing.path, what, _data(forge, body))
            return Commented(standing.id, "changed")
    reply = line.send("POST", _folder(line, str(number)), what, _data(forge, body))
    return Commented(Answer.of(what, reply.value).id("id"), "written")


@dataclass(frozen=True)
class _Standing:
    """A comment as it is there."""

    id: str
    by: ForgeAccount
    body: str
    path: str


def _own_id(line: Line) -> str:
    """Return the number of the token's own account; empty for the token of a pipeline, which is no user's."""
    try:
        user = Answer.of("the token's account", line.get("/user", "the token's account").value)
    except NotAnswered as unknown:
        if unknown.status not in {401, 403, 404}:
            raise
        return ""
    return _account(line.place.sort, user).id


def _is_own(account: ForgeAccount, own: str) -> bool:
    """Whether a comment is ours; what a pipeline's token writes comes from a bot."""
    return account.id == own if own else account.is_bot


def _account(sort: str, user: Answer | None) -> ForgeAccount:
    read = {"github": github.account, "gitlab": gitlab.account, "bitbucket": bitbucket.account}.get(sort, gitea.account)
    return read(user)


def _folder(line: Line, number: str) -> str:
    """Return where the comments of a pull request are."""
    place = line.place
    if place.sort == "gitlab":
        return f"/projects/{place.quoted}/merge_requests/{number}/notes"
    if place.sort == "bitbucket":
        return f"/repositories/{place.quoted}/pullrequests/{number}/comments"
    return f"/repos/{place.quoted}/issues/{number}/comments"


def _comments(line: Line, number: str, what: str) -> Iterator[_Standing]:
    place, folder = line.place, _folder(line, number)
    page = {"github": "?per_page=100", "gitlab": "?per_page=100", "bitbucket": "?pagelen=100"}.get(place.sort, "")
    # Gitea gives all comments of a pull request at once.
    found = line.pages(folder + page, what) if page else line.get(folder, what).value
    for answer in entries(what, list(found)):
        id = answer.id("id")
        path = f"{folder}/{id}" if page and place.sort != "github" else f"/repos/{place.quoted}/issues/comments/{id}"
        by = _account(place.sort, answer.inner_or_none("author" if place.sort == "gitlab" else "user"))
        body = answer.text_or_nothing(*(("content", "raw") if place.sort == "bitbucket" else ("body",)))
        if not answer.flag("deleted"):
            yield _Standing(id, by, body, path)


def _data(forge: str, body: str) -> Mapping[str, Any]:
    return {"content": {"raw": body}} if forge == "bitbucket" else {"body": body}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT
