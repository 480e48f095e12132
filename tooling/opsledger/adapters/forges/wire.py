"""Questions to a forge and its answers: through a transport that is passed in, page by page, and never half of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opsledger.adapters.forges.addresses import Place
from opsledger.adapters.forges.answers import COUNT, NotJson, document
from opsledger.errors import Undecided

MOST_PAGES = 400
"""After so many pages something else is wrong than that the list is long."""

_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*?\brel\s*=\s*"?next"?', re.IGNORECASE)
_TOKENS = {
    "github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN", "gitea": "GITEA_TOKEN", "forgejo": "FORGEJO_TOKEN",
    "bitbucket": "BITBUCKET_TOKEN",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """One question over HTTP, without credentials: the transport knows them and whom they are for."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """The whole answer to a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, however its name is written; empty where there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


class ConnectionLost(Exception):
    """No answer came, or only a part of one; a transport says so by raising this."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


Transport = Callable[[Request], Response]
"""Carries a request to its host and brings the answer back, or raises `ConnectionLost`."""


class NotAnswered(Undecided):
    """
    A forge did not tell what it was asked.

    Args:
        status: the HTTP status; 0 where nothing came back.
    """

    def __init__(self, missing: str, remedy: str, status: int = 0) -> None:
        super().__init__(missing, remedy)
        self.status = status


@dataclass(frozen=True)
class Reply:
    """
    A JSON answer.

    Args:
        value: what it says.
        response: how it came.
    """

    value: Any
    response: Response


@dataclass(frozen=True)
class Line:
    """A forge that can be asked about one repository."""

    place: Place
    transport: Transport

    def get(self, path: str, what: str) -> Reply:
        """
        Ask for one thing.

        Args:
            path: behind the address of the interface, or a whole address below it.
            what: what is asked for, for messages.

        Raises:
            NotAnswered: it cannot be read.
        """
        return self.send("GET", path, what)

    def send(self, method: str, path: str, what: str, data: Mapping[str, Any] | None = None) -> Reply:
        """
        Ask for one thing, or have one thing written.

        Raises:
            NotAnswered: it cannot be read or written.
        """
        response = self._carry(self._request(method, path, data), what, is_write=method != "GET")
        if response.status not in range(200, 300):
            raise _refusal(self.place, response, what, is_write=method != "GET")
        return Reply(_json(self.place, response, what), response)

    def pages(self, path: str, what: str) -> Iterator[Any]:
        """
        Yield the entries of a list to its end.

        Raises:
            NotAnswered: a page cannot be read, or the pages do not end.
        """
        seen: set[str] = set()
        number, largest, address = 0, 0, path
        while address:
            if address in seen or len(seen) >= MOST_PAGES:
                raise NotAnswered(f"the pages of {what} do not end", _report(self.place))
            seen.add(address)
            reply = self.get(address, what)
            entries = reply.value.get("values") if self.place.sort == "bitbucket" and isinstance(reply.value, dict) \
                else reply.value  # fmt: skip
            if not isinstance(entries, list) or number + len(entries) > COUNT:
                raise NotAnswered(f"{self.place.host} answered with no list of {what}", _report(self.place))
            yield from entries
            number, largest = number + len(entries), max(largest, len(entries))
            total = _total(reply.response)
            is_last = len(seen) * max(largest, 1) >= total if total else not entries
            address = self._following(path, reply, len(seen), what, is_last=is_last)

    def _following(self, path: str, reply: Reply, page: int, what: str, *, is_last: bool) -> str:
        """
        Return where the next page is; empty after the last.

        Args:
            is_last: whether the page is the last of a list that is paged without saying so.
        """
        linked = _NEXT.search(reply.response.header("Link"))
        sort = self.place.sort
        if sort == "bitbucket":
            address = str(reply.value.get("next") or "")
        elif linked:
            address = linked[1]
        elif sort == "gitlab" and reply.response.header("X-Next-Page").strip():
            return f"{path}&page={reply.response.header('X-Next-Page').strip()}"
        elif sort in {"gitea", "forgejo"} and not is_last:
            return f"{path}&page={page + 1}"
        else:
            address = ""
        if address and not address.startswith(f"{self.place.api}/"):
            raise NotAnswered(
                f"the next page of {what} is said to lie outside of {self.place.api}",
                "name the address under which the forge answers programs",
            )
        return address

    def _request(self, method: str, path: str, data: Mapping[str, Any] | None) -> Request:
        url = path if path.startswith("https://") or path.startswith(f"{self.place.api}/") else self.place.api + path
        headers = {"Accept": _ACCEPT.get(self.place.sort, "application/json"), "User-Agent": "opsledger"}
        if self.place.sort == "github":
            headers["X-GitHub-Api-Version"] = "2022-11-28"
        if data is None:
            return Request(method, url, headers)
        headers["Content-Type"] = "application/json"
        return Request(method, url, headers, json.dumps(data, ensure_ascii=False, sort_keys=True).encode())

    def _carry(self, request: Request, what: str, *, is_write: bool) -> Response:
        try:
            return self.transport(request)
        except ConnectionLost as lost:
            done = "may not have been written" if is_write else "could not be read"
            raise NotAnswered(
                f"{what} {done}: {lost.why}", f"see whether {self.place.host} can be reached from here, then try again"
            ) from lost


_ACCEPT = {"github": "application/vnd.github+json"}


def _total(response: Response) -> int:
    """
    Return how long a list of Gitea is as the forge counts it; 0 where it does not say.

    It counts drafts of reviews that it then leaves out of a page, so that a page may be short or empty before the last.
    """
    total = response.header("X-Total-Count").strip()
    return int(total) if total.isdecimal() and len(total) < 9 else 0


def _json(place: Place, response: Response, what: str) -> Any:
    """Return what an answer says."""
    if response.status == 204 or (response.status in range(200, 300) and not response.body and response.status != 200):
        return None
    sort = response.header("Content-Type").partition(";")[0].strip().lower()
    if sort != "application/json" and not sort.endswith("+json"):
        raise NotAnswered(
            f"{place.host} answered with {sort or 'something without a name'} in place of {what}",
            "see whether a proxy or a sign-in page stands before the forge, and whether its address is right",
        )
    try:
        return document(response.body)
    except NotJson as problem:
        cut = " and ends in the middle" if problem.is_cut else ""
        raise NotAnswered(
            f"the answer of {place.host} about {what} cannot be read{cut}: {problem.why}", "ask again"
        ) from None


def _refusal(place: Place, response: Response, what: str, *, is_write: bool) -> NotAnswered:
    """Return why there is no answer, and what to do about it."""
    verb = "write" if is_write else "read"
    why, remedy = _why(place, response, verb)
    done = "written" if is_write else "read"
    return NotAnswered(f"{what} could not be {done}: {place.host} {why}", remedy, response.status)


def _why(place: Place, response: Response, verb: str) -> tuple[str, str]:
    """Return what a forge means by a status that is no answer, and what to do."""
    token = _TOKENS[place.sort]
    match response.status:
        case 429:
            found = "answers no more for now, too much was asked", _later(response)
        case 403 if _is_limited(response):
            found = "answers no more for now, too much was asked", _later(response)
        case 401:
            found = "does not know the token", f"set {token} to one that counts"
        case 403:
            found = f"does not let this token {verb} it", f"set {token} to a token that may {verb} it"
        case 404 | 410:
            remedy = f"see that the address is right, and that {token} is set to a token that may {verb} it"
            found = "has none, or does not show it to this token", remedy
        case status if status in range(300, 400):
            found = "sends the question elsewhere", "name the repository by the address that it has now"
        case status if status >= 500:
            found = f"failed with status {status}", "try again in a few minutes"
        case status:
            found = f"answered {status}{_said(response)}", _report(place)
    return found


def _is_limited(response: Response) -> bool:
    """Tell a rate limit of GitHub from a refusal: both may come as 403."""
    if response.header("X-RateLimit-Remaining").strip() == "0" or response.header("Retry-After"):
        return True
    return b"rate limit" in response.body[:4000].lower()


def _later(response: Response) -> str:
    """Say when to ask again, as far as the forge tells."""
    after, reset = response.header("Retry-After").strip(), response.header("X-RateLimit-Reset").strip()
    reset = reset or response.header("RateLimit-Reset").strip()
    if after.isdecimal():
        return f"ask again after {int(after)} seconds"
    if after:
        return f"ask again after {after}"
    if reset.isdecimal() and len(reset) < 12:
        return f"ask again after {datetime.fromtimestamp(int(reset), UTC).strftime('%Y-%m-%d %H:%M:%S UTC')}"
    return "ask again in an hour"


def _said(response: Response) -> str:
    """Return what the forge said of its own refusal, in a line."""
    try:
        value = document(response.body[:20_000])
    except NotJson:
        return ""
    message = value.get("message") or value.get("error") if isinstance(value, dict) else None
    return f" ({str(message)[:200]})" if message else ""


def _report(place: Place) -> str:
    return f"see what {place.api} answers, and report it if it is as the forge documents it"
