"""Other machines: which forge an address belongs to, whose token it gets, and the one place that opens a connection."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from opsledger.errors import Refused

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

    from opsledger.adapters.forges import Request, Response, Transport
    from opsledger.approvals import PullRequest
    from opsledger.store import Repository, Snapshot

SILENCE = 30.0
"""Seconds in which a forge must say something."""

PATIENCE = 180.0
"""Seconds in which one answer must be whole."""

MOST_BYTES = 32 << 20
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PIECE = 1 << 16


@dataclass(frozen=True)
class Home:
    """
    A forge that the environment tells of.

    Args:
        sort: *github*, *gitlab*, *gitea*, *forgejo* or *bitbucket*.
        host: where its repositories are.
        api: where programs ask.
        token: the header that shows who asks, as name and value; `None` without a token.
    """

    sort: str
    host: str
    api: str
    token: tuple[str, str] | None = None


def home_of(address: str, environment: Mapping[str, str]) -> Home:
    """
    Return the forge behind the address of a repository.

    Args:
        address: for example github.com/kestrel-pay/ledger.
        environment: the variables that name forges and hold tokens.

    Raises:
        Refused: nobody says what sort of forge answers there.
    """
    from opsledger.adapters.forges import sort_of

    host = address.partition("/")[0].lower()
    found = next((home for home in homes(environment) if home.host == host), None)
    if found is not None:
        return found
    sort = sort_of(host)
    if not sort:
        raise Refused(
            f"what sort of forge answers at {host or 'an address without a host'} is not known",
            f"set OPSLEDGER_FORGE to github, gitlab, gitea, forgejo or bitbucket, and OPSLEDGER_FORGE_URL to "
            f"https://{host or 'its address'}",
        )
    return Home(sort, host, "")


def homes(environment: Mapping[str, str]) -> tuple[Home, ...]:
    """
    Return the forges that the environment knows, each with the token that belongs to it alone.

    A token is for the forge that stands beside it in the environment. What a repository says of itself never decides
    where a token goes: a pull request could have written that.
    """
    found = list(_pipelines(environment))
    stated = environment.get("OPSLEDGER_FORGE", "")
    if stated:
        url = environment.get("OPSLEDGER_FORGE_URL", "") or _USUAL.get(stated, "")
        api = environment.get("OPSLEDGER_FORGE_API", "") or _api(stated, url)
        found.insert(0, _with_token(Home(stated, _host(url), api.rstrip("/")), environment))
    known = {home.sort for home in found}
    for sort, url in _USUAL.items():
        # A token whose forge is named elsewhere in the environment does not go to the one that everybody knows.
        if sort not in known and not (sort == "github" and _is_gitea(environment)):
            found.append(_with_token(Home(sort, _host(url), _api(sort, url)), environment))
    return tuple(found)


_USUAL = {"github": "https://github.com", "gitlab": "https://gitlab.com", "bitbucket": "https://bitbucket.org"}


def _is_gitea(environment: Mapping[str, str]) -> bool:
    return "true" in (environment.get("GITEA_ACTIONS"), environment.get("FORGEJO_ACTIONS"))


def _pipelines(environment: Mapping[str, str]) -> Iterator[Home]:
    """Yield the forge whose pipeline this is, by the variables that such pipelines set."""
    server, api = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_API_URL", "").rstrip("/")
    if server and _is_gitea(environment):
        sort = "forgejo" if environment.get("FORGEJO_ACTIONS") == "true" else "gitea"
        home = _with_token(Home(sort, _host(server), api or _api(sort, server)), environment)
        own = environment.get("GITHUB_TOKEN", "")
        yield home if home.token or not own else replace(home, token=_header(sort, own))
    elif server:
        yield _with_token(Home("github", _host(server), api or _api("github", server)), environment)
    if server := environment.get("CI_SERVER_URL", ""):
        api = environment.get("CI_API_V4_URL", "").rstrip("/")
        yield _with_token(Home("gitlab", _host(server), api or _api("gitlab", server)), environment)


def _api(sort: str, url: str) -> str:
    """Return where programs ask a forge."""
    host, start = _host(url), url.rstrip("/")
    if sort == "github":
        return "https://api.github.com" if host == "github.com" else f"{start}/api/v3"
    if sort == "bitbucket":
        return "https://api.bitbucket.org/2.0" if host == "bitbucket.org" else f"{start}/2.0"
    return f"{start}/api/v4" if sort == "gitlab" else f"{start}/api/v1"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _with_token(home: Home, environment: Mapping[str, str]) -> Home:
    token = environment.get(f"{home.sort.upper()}_TOKEN", "").strip()
    return replace(home, token=_header(home.sort, token)) if token else home


def _header(sort: str, token: str) -> tuple[str, str]:
    """Return the header that shows a token."""
    if any(not "!" <= character <= "~" for character in token):
        raise Refused(f"{sort.upper()}_TOKEN holds a character that no token has", "set it to the token alone")
    if sort == "bitbucket" and ":" in token:
        return "Authorization", f"Basic {base64.b64encode(token.encode()).decode()}"
    if sort in {"gitea", "forgejo"}:
        return "Authorization", f"token {token}"
    return ("PRIVATE-TOKEN", token) if sort == "gitlab" else ("Authorization", f"Bearer {token}")


def transport_of(
    environment: Mapping[str, str], *, now: Callable[[], float] = time.monotonic, most: int = MOST_BYTES
) -> Transport:
    """
    Return what carries requests over HTTPS.

    A token goes to the address that belongs to it, and nowhere else: neither another host nor another port of the same
    gets it, by redirection least of all.

    Args:
        environment: holds tokens and proxies.
        now: a clock that only runs forward.
        most: bytes of the longest answer that is taken.
    """
    tokens = {_server(home.api): home.token for home in homes(environment) if home.token and home.api}

    def carry(request: Request) -> Response:
        url, end = request.url, now() + PATIENCE
        for _ in range(_MOST_REDIRECTS + 1):
            token = tokens.get(_server(url))
            answer = _once(replace(request, url=url), token, environment, lambda: end - now(), most)
            where = answer.header("Location")
            if request.method != "GET" or answer.status not in _REDIRECTS or not where:
                return answer
            url = _joined(url, where)
        return answer

    return carry


def _server(url: str) -> tuple[str, str, int]:
    """
    Return what tells one server from another: the scheme, the host and the port.

    Raises:
        ConnectionLost: it is no address, or one that is not encrypted and leads off this machine.
    """
    from opsledger.adapters.forges import ConnectionLost

    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        raise ConnectionLost(f"{url!r} is no address") from None
    if not host or (scheme != "https" and not (scheme == "http" and host in _LOOPBACK)):
        raise ConnectionLost(f"{url!r} is no address that starts with https://")
    return scheme, host, port or (443 if scheme == "https" else 80)


def _joined(url: str, where: str) -> str:
    """Return where a redirection leads; what leads nowhere is found out when it is asked."""
    try:
        return urljoin(url, where)
    except ValueError:
        return where


def _once(
    request: Request,
    token: tuple[str, str] | None,
    environment: Mapping[str, str],
    left: Callable[[], float],
    most: int,
) -> Response:
    """Carry one request to one server."""
    from http.client import HTTPException

    from opsledger.adapters.forges import ConnectionLost, Response

    scheme, host, port = _server(request.url)
    parts = urlsplit(request.url)
    connection: Any = None
    try:
        connection = _connection(scheme, host, port, environment)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = dict(request.headers) | (dict([token]) if token else {})
        connection.request(request.method, path, request.body or None, headers)
        answer = connection.getresponse()
        body = _body(answer, left, most)
        return Response(answer.status, dict(answer.getheaders()), body)
    except TimeoutError:
        raise ConnectionLost(f"{host} said nothing for {SILENCE:.0f} seconds") from None
    except (OSError, HTTPException, UnicodeError, ValueError) as failure:
        raise ConnectionLost(_why(host, failure)) from failure
    finally:
        if connection is not None:
            connection.close()


def _body(answer: HTTPResponse, left: Callable[[], float], most: int) -> bytes:
    """Read an answer to its end."""
    from opsledger.adapters.forges import ConnectionLost

    pieces, number = [], 0
    while piece := answer.read1(_PIECE):
        pieces.append(piece)
        number += len(piece)
        if number > most:
            raise ConnectionLost(f"the answer is longer than {most:,} bytes")
        if left() < 0:
            raise ConnectionLost(f"the answer was not whole after {PATIENCE:.0f} seconds")
    if answer.length:  # what http.client still waits for: it ends a cut answer without a word
        raise ConnectionLost("the connection was cut in the middle of the answer")
    return b"".join(pieces)


def _why(host: str, failure: Exception) -> str:
    """Say what went wrong on the way."""
    import ssl
    from http.client import IncompleteRead, RemoteDisconnected

    if isinstance(failure, IncompleteRead):
        return "the connection was cut in the middle of the answer"
    if isinstance(failure, RemoteDisconnected):
        return f"{host} closed the connection without an answer"
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"{host} shows a certificate that this machine does not trust ({failure.verify_message})"
    said = getattr(failure, "strerror", None) or str(failure) or type(failure).__name__
    return f"no connection to {host} ({said.strip().lower()})"


def _connection(scheme: str, host: str, port: int, environment: Mapping[str, str]) -> HTTPConnection:
    """Open the way to a server, through a proxy where the environment names one."""
    from http.client import HTTPConnection, HTTPSConnection

    proxy = _proxy(scheme, host, port, environment)
    if scheme == "http":
        return HTTPConnection(host, port, timeout=SILENCE)
    if proxy is None:
        return HTTPSConnection(host, port, timeout=SILENCE)
    through = HTTPSConnection(proxy.hostname or "", proxy.port or 8080, timeout=SILENCE)
    headers = {}
    if proxy.username:
        name = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {base64.b64encode(name.encode()).decode()}"
    through.set_tunnel(host, port, headers)
    return through


def _proxy(scheme: str, host: str, port: int, environment: Mapping[str, str]) -> SplitResult | None:
    """Return the proxy for a host; `no_proxy` names those that are reached without one."""
    stated = environment.get("https_proxy") or environment.get("HTTPS_PROXY") or ""
    if scheme != "https" or not stated:
        return None
    excepted = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    for name in (word.strip().lower().lstrip(".") for word in excepted.split(",")):
        if name and (name in {"*", host, f"{host}:{port}"} or host.endswith(f".{name}")):
            return None
    return urlsplit(stated if "://" in stated else f"http://{stated}")


def address_of(repository: Repository, snapshot: Snapshot) -> str:
    """
    Return what the ledger's repository is called: by its own settings, else by the remote called origin.

    Raises:
        Refused: neither says.
    """
    from opsledger.adapters.forges import plain_address
    from opsledger.policy import settings_of

    stated = settings_of(snapshot).repository
    found = plain_address(stated) or plain_address(repository.remotes().get("origin", ""))
    if not found:
        raise Refused(
            "nobody says where this ledger's pull requests are",
            "write `repository: github.com/kestrel-pay/ledger` (with your own address) into .opsledger.yaml",
        )
    return found


def live_pull_request(named: str, address: str, environment: Mapping[str, str]) -> PullRequest:
    """
    Ask the forge for a pull request with its reviews.

    Args:
        named: its number, or its address.
        address: of the ledger's repository, from `address_of`.

    Raises:
        Refused: it is of another repository, or nobody knows what sort of forge answers there.
        Undecided: something could not be read.
    """
    from opsledger.adapters.forges import fetch_pull_request, pull_request_address

    number = named.removeprefix("#").removeprefix("!")
    if not (number.isascii() and number.isdecimal()):
        stated, number = pull_request_address(named)
        if stated.lower() != address.lower():
            raise Refused(f"{named} is a pull request of {stated}, and this ledger is {address}", "name one of its own")
    home = home_of(address, environment)
    return fetch_pull_request(home.sort, address, number, transport_of(environment), api=home.api)
