"""The way to a forge, over real connections to a server on this machine: tokens, redirections, cuts, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from tests.adapters.payload import github_pull, github_review
from tests.adapters.server import TOKEN, Server, answers, started

from opsledger.adapters.forges import ConnectionLost, Request, fetch_pull_request
from opsledger.cli.reaching import home_of, homes, transport_of
from opsledger.errors import Refused, Undecided


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """The forge, and another server that must learn nothing."""
    pairs = [started(), started()]
    yield pairs[0][1], pairs[1][1]
    for running, _ in pairs:
        running.shutdown()
        running.server_close()


@pytest.fixture
def forge(servers: tuple[Server, Server]) -> Server:
    """The forge alone."""
    return servers[0]


def get(server: Server, path: str = "/", **more: str) -> object:
    return transport_of(server.environment(**more))(Request("GET", server.url + path, {"Accept": "a/b"}))


def test_a_token_goes_to_its_own_forge(forge: Server) -> None:
    forge.answers["/"] = answers(200)

    get(forge)

    [(method, path, headers, _)] = forge.asked
    assert ("GET", "/", f"Bearer {TOKEN}", "a/b") == (method, path, headers["Authorization"], headers["Accept"])


def test_a_redirection_to_another_server_drops_the_token(servers: tuple[Server, Server]) -> None:
    forge, other = servers
    forge.answers["/"] = answers(302, Location=f"{other.url}/there")
    other.answers["/there"] = answers(200, b'{"from": "elsewhere"}')

    get(forge)

    [(_, path, headers, _)] = other.asked
    assert "/there" == path
    assert TOKEN not in str(headers)


def test_a_redirection_on_the_same_server_is_followed_with_the_token(forge: Server) -> None:
    forge.answers["/"] = answers(301, Location="/repositories/1")
    forge.answers["/repositories/1"] = answers(200)

    get(forge)

    assert [True, True] == [TOKEN in str(headers) for _, _, headers, _ in forge.asked]


def test_a_redirection_back_from_another_server_gives_the_token_to_its_own_forge_alone(
    servers: tuple[Server, Server],
) -> None:
    forge, other = servers
    forge.answers["/"] = answers(307, Location=f"{other.url}/there")
    other.answers["/there"] = answers(307, Location=f"{forge.url}/back")
    forge.answers["/back"] = answers(200)

    get(forge)

    assert TOKEN not in str(other.asked)
    assert 2 == len(forge.asked)


def test_redirections_in_a_circle_end(forge: Server) -> None:
    forge.answers["/"] = answers(302, Location="/")

    assert 302 == get(forge).status
    assert len(forge.asked) <= 6


def test_what_is_written_is_never_sent_on(servers: tuple[Server, Server]) -> None:
    forge, other = servers
    forge.answers["/"] = answers(307, Location=f"{other.url}/there")

    answer = transport_of(forge.environment())(Request("POST", forge.url + "/", {}, b"secret"))

    assert 307 == answer.status
    assert [] == other.asked
    assert b"secret" == forge.asked[0][3]


def test_a_server_that_the_environment_does_not_name_gets_no_token(servers: tuple[Server, Server]) -> None:
    forge, other = servers
    other.answers["/"] = answers(200)

    transport_of(forge.environment())(Request("GET", other.url + "/"))

    assert TOKEN not in str(other.asked)


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'[{"id": 1}]')
    handler.close_connection = True


def cut_in_a_chunk(handler: BaseHTTPRequestHandler) -> None:
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"ff\r\n[1, 2")
    handler.close_connection = True


def silence(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"this is not HTTP\r\n\r\n")
    handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [(cut, "cut in the middle"), (cut_in_a_chunk, "cut in the middle"), (silence, "without an answer"),
     (nonsense, "no connection|without an answer")],
)  # fmt: skip
def test_a_connection_that_breaks_says_so(
    forge: Server, answer: Callable[[BaseHTTPRequestHandler], None], sentence: str
) -> None:
    forge.answers["/"] = answer

    with pytest.raises(ConnectionLost, match=sentence):
        get(forge)


def test_an_answer_beyond_the_limit_is_not_taken(forge: Server) -> None:
    forge.answers["/"] = answers(200, b"x" * 5000)

    with pytest.raises(ConnectionLost, match="longer than 4,000 bytes"):
        transport_of(forge.environment(), most=4000)(Request("GET", forge.url + "/"))


def test_an_answer_that_drips_is_given_up(forge: Server) -> None:
    forge.answers["/"] = answers(200, b"x" * 100)
    hours = iter(range(0, 10**9, 3600))

    with pytest.raises(ConnectionLost, match="not whole after"):
        transport_of(forge.environment(), now=lambda: float(next(hours)))(Request("GET", forge.url + "/"))


def test_a_server_that_is_not_there_says_so(forge: Server) -> None:
    with pytest.raises(ConnectionLost, match=r"no connection to 127\.0\.0\.1 \(connection refused\)"):
        transport_of({})(Request("GET", "http://127.0.0.1:1/"))


@pytest.mark.parametrize("url", ["http://github.com/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "x",
                                 "http://127.0.0.1.evil.example/", "https://[::1"])  # fmt: skip
def test_addresses_that_are_not_encrypted_are_not_asked(url: str) -> None:
    with pytest.raises(ConnectionLost, match="is no address"):
        transport_of({})(Request("GET", url))


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_refusal_comes_back_as_it_is(forge: Server, status: int) -> None:
    forge.answers["/"] = answers(status, b"{}", Retry_After="7")

    answer = get(forge)

    assert (status, "7") == (answer.status, answer.header("retry-after"))


@pytest.mark.parametrize("proxy", ["https_proxy", "HTTPS_PROXY"])
def test_encrypted_addresses_are_asked_through_the_proxy_which_learns_no_token(forge: Server, proxy: str) -> None:
    environment = {proxy: f"http://me:word@127.0.0.1:{forge.port}", "GITHUB_TOKEN": TOKEN}

    with pytest.raises(ConnectionLost, match="tunnel connection failed: 404"):
        transport_of(environment)(Request("GET", "https://api.github.com/"))

    [(method, path, headers, _)] = forge.asked
    assert ("CONNECT", "api.github.com:443") == (method, path)
    assert "Basic bWU6d29yZA==" == headers["Proxy-Authorization"]
    assert TOKEN not in str(headers)


@pytest.mark.parametrize("excepted", ["*", "github.example", ".example", "x.example, example", "github.example:443"])
def test_hosts_may_be_excepted_from_the_proxy(excepted: str) -> None:
    from urllib.parse import urlsplit

    from opsledger.cli.reaching import _proxy

    environment = {"https_proxy": "http://proxy.example:8080"}

    assert urlsplit("http://proxy.example:8080") == _proxy("https", "github.example", 443, environment)
    assert _proxy("https", "github.example", 443, environment | {"no_proxy": excepted}) is None


def json_of(value: object) -> bytes:
    import json

    return json.dumps(value).encode()


def fetched(forge: Server) -> object:
    environment = forge.environment()
    home = home_of("github.com/kestrel-pay/ledger", environment)
    return fetch_pull_request(home.sort, "github.com/kestrel-pay/ledger", 12, transport_of(environment), api=home.api)


PULL = "/repos/kestrel-pay/ledger/pulls/12"
FIRST = f"{PULL}/reviews?per_page=100"


def test_reviews_come_over_the_wire_to_the_last_page(forge: Server) -> None:
    second = f"{FIRST}&page=2"
    forge.answers[PULL] = answers(200, json_of(github_pull()))
    forge.answers[FIRST] = answers(200, json_of([github_review(1)]), Link=f'<{forge.url}{second}>; rel="next"')
    forge.answers[second] = answers(200, json_of([github_review(2, "farid")]))

    assert ["1", "2"] == [review.id for review in fetched(forge).reviews]


@pytest.mark.parametrize(
    "answer",
    [cut, cut_in_a_chunk, silence, nonsense, answers(403), answers(429), answers(500), answers(302, Location="/x")],
)
def test_what_breaks_on_the_second_page_is_undecided(forge: Server, answer: Callable[..., None]) -> None:
    second = f"{FIRST}&page=2"
    forge.answers[PULL] = answers(200, json_of(github_pull()))
    forge.answers[FIRST] = answers(200, json_of([github_review(1)]), Link=f'<{forge.url}{second}>; rel="next"')
    forge.answers[second] = answer

    with pytest.raises(Undecided, match="the reviews of pull request 12"):
        fetched(forge)


@pytest.mark.parametrize(
    ("environment", "host", "header"),
    [
        pytest.param({"GITHUB_TOKEN": "t"}, "github.com", ("Authorization", "Bearer t"), id="github"),
        pytest.param({"GITLAB_TOKEN": "t"}, "gitlab.com", ("PRIVATE-TOKEN", "t"), id="gitlab"),
        pytest.param({"BITBUCKET_TOKEN": "t"}, "bitbucket.org", ("Authorization", "Bearer t"), id="bitbucket"),
        pytest.param({"BITBUCKET_TOKEN": "a:b"}, "bitbucket.org", ("Authorization", "Basic YTpi"), id="with a user"),
        pytest.param({"GITEA_TOKEN": "t", "OPSLEDGER_FORGE": "gitea", "OPSLEDGER_FORGE_URL": "https://git.example"},
                     "git.example", ("Authorization", "token t"), id="own gitea"),
        pytest.param({"GITHUB_TOKEN": "t", "GITEA_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example"},
                     "git.example", ("Authorization", "token t"), id="pipeline of gitea"),
        pytest.param({"GITHUB_TOKEN": "t", "GITHUB_SERVER_URL": "https://ghe.example"}, "ghe.example",
                     ("Authorization", "Bearer t"), id="enterprise"),
        pytest.param({"GITLAB_TOKEN": "t", "CI_SERVER_URL": "https://gl.example"}, "gl.example",
                     ("PRIVATE-TOKEN", "t"), id="own gitlab"),
    ],
)  # fmt: skip
def test_each_token_is_shown_as_its_forge_wants_it(
    environment: dict[str, str], host: str, header: tuple[str, str]
) -> None:
    assert header == home_of(f"{host}/a/b", environment).token


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        pytest.param({"GITHUB_TOKEN": "t", "GITHUB_SERVER_URL": "https://ghe.example"}, "github.com", id="enterprise"),
        pytest.param({"GITHUB_TOKEN": "t", "GITEA_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example"},
                     "github.com", id="pipeline of gitea"),
        pytest.param({"GITLAB_TOKEN": "t", "CI_SERVER_URL": "https://gl.example"}, "gitlab.com", id="own gitlab"),
        pytest.param({"GITEA_TOKEN": "t"}, "gitea.com", id="gitea of nobody knows where"),
        pytest.param({"FORGEJO_TOKEN": "t"}, "codeberg.org", id="forgejo of nobody knows where"),
        pytest.param({"GITHUB_TOKEN": "t"}, "gitlab.com", id="another forge"),
    ],
)  # fmt: skip
def test_a_token_is_not_shown_to_a_forge_that_it_is_not_for(environment: dict[str, str], host: str) -> None:
    assert home_of(f"{host}/a/b", environment).token is None


def test_a_repository_cannot_name_the_forge_that_gets_a_token() -> None:
    with pytest.raises(Refused, match=r"what sort of forge answers at evil\.example"):
        home_of("evil.example/a/b", {"GITHUB_TOKEN": TOKEN, "GITLAB_TOKEN": TOKEN, "GITEA_TOKEN": TOKEN})


def test_a_token_with_a_line_in_it_is_refused() -> None:
    with pytest.raises(Refused, match="a character that no token has"):
        homes({"GITHUB_TOKEN": "t\r\nX-Evil: 1"})
