"""Where a repository and its pull requests live: addresses of people and of programs, for each sort of forge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from opsledger.errors import Refused

SORTS = ("github", "gitlab", "gitea", "forgejo", "bitbucket")
"""The forges that can be asked."""

KNOWN = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "codeberg.org": "forgejo",
    "gitea.com": "gitea",
    "bitbucket.org": "bitbucket",
}
"""Hosts whose sort everybody knows."""

_PULL = re.compile(
    r"(?P<repository>.+?)/(?:-/merge_requests|merge_requests|pulls?|pull-requests)/(?P<number>[0-9]{1,18})(?:/.*)?"
)
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>\[[^]]+\]|[^/:\s]+):(?!//)(?P<path>[^\s]+)")


@dataclass(frozen=True)
class Place:
    """
    A repository at a forge.

    Args:
        sort: one of `SORTS`.
        host: for example github.com.
        path: what follows the host, for example kestrel-pay/ledger.
        api: where programs ask, without a slash at its end.
    """

    sort: str
    host: str
    path: str
    api: str

    @property
    def repository(self) -> str:
        """The address without scheme and ending."""
        return f"{self.host}/{self.path}"

    @property
    def quoted(self) -> str:
        """The path as a part of a URL; GitLab takes all of it as one part."""
        return quote(self.path, safe="" if self.sort == "gitlab" else "/")


def place_of(sort: str, repository: str, *, api: str = "") -> Place:
    """
    Find where to ask about a repository.

    Args:
        sort: one of `SORTS`.
        repository: its address, with or without a scheme.
        api: where programs ask, if that does not follow from the host.

    Raises:
        Refused: the address or the sort of forge is none.
    """
    plain = plain_address(repository)
    host, _, path = plain.partition("/")
    if sort not in SORTS:
        raise Refused(f"no forge of the sort {sort!r} can be asked", f"name one of {', '.join(SORTS)}")
    if not host or "/" not in path:
        raise Refused(
            f"{repository!r} does not say which repository is meant", "write it as github.com/kestrel-pay/ledger"
        )
    if api:
        return Place(sort, host, path, api.rstrip("/"))
    defaults = {
        "github": "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3",
        "gitlab": f"https://{host}/api/v4",
        "bitbucket": "https://api.bitbucket.org/2.0" if host == "bitbucket.org" else f"https://{host}/2.0",
    }
    return Place(sort, host, path, defaults.get(sort, f"https://{host}/api/v1"))


def plain_address(address: str) -> str:
    """
    Return the address of a repository as records write it: no scheme, credentials, port, `.git` or slash at its end.

    An address that names no host (a folder on this machine) gives the empty text.
    """
    stated = address.strip()
    if "://" in stated:
        try:
            parts = urlsplit(stated)
            host, path = parts.hostname or "", unquote(parts.path)
        except ValueError:
            return ""
        if parts.scheme == "file":
            return ""
    elif found := _SCP.fullmatch(stated):
        host, path = found["host"], found["path"]
    else:
        host, _, path = stated.partition("/")
        if stated.startswith((".", "/", "~", "\\")) or "." not in host:
            return ""
    trimmed = path.strip("/").removesuffix(".git").strip("/")
    is_odd = set(trimmed) & set(" \t\r\n\0\\?#") or {"", ".", ".."} & set(trimmed.split("/"))
    return f"{host.lower()}/{trimmed}" if host and not is_odd else ""


def pull_request_address(text: str) -> tuple[str, str]:
    """
    Split the address of a pull request into that of its repository and its number.

    Raises:
        Refused: it is none.
    """
    found = _PULL.fullmatch(plain_address(text))
    if found is None:
        raise Refused(
            f"{text!r} is no address of a pull request", "give its number, or the address that the forge shows"
        )
    return found["repository"], found["number"]


def sort_of(host: str) -> str:
    """Return the sort of forge that answers at a host that everybody knows; empty for any other."""
    return KNOWN.get(host, "")
