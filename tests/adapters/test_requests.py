"""Every request of the adapters, held against what each forge says that it may be asked."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from tests.adapters.conftest import JSON, Script, said
from tests.adapters.payload import HERE, github_pull, github_review, payload

from opsledger.adapters.forges import Request, comment, fetch_pull_request, open_pull_request, protection
from opsledger.errors import OpsledgerError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the libraries below warn about each other
    from openapi_core import OpenAPI
    from openapi_core.exceptions import OpenAPIError
    from openapi_core.testing import MockRequest, MockResponse

FORGES = {
    "github": ("github.com", "github"), "gitlab": ("gitlab.com", "gitlab"), "forgejo": ("codeberg.org", "gitea"),
    "bitbucket": ("bitbucket.org", "bitbucket"),
}  # fmt: skip


@cache
def described(sort: str) -> tuple[Any, dict[str, Any]]:
    """The description of a forge, as the validator has it and as data."""
    data = json.loads((HERE / "api" / f"{FORGES[sort][1]}.json").read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return OpenAPI.from_dict(data), data


def asked_by(sort: str) -> Iterator[Request]:
    """Every request that one forge gets, whatever it answers."""
    repository = f"{FORGES[sort][0]}/kestrel-pay/ledger"
    for forge in scripts(sort):
        with suppress(OpsledgerError):
            fetch_pull_request(sort, repository, 12, forge)
        with suppress(OpsledgerError):
            open_pull_request(sort, repository, forge, head="plan/q4", base="main", title="P", body="b", is_draft=True)
        with suppress(OpsledgerError):
            comment(sort, repository, 12, "All is well", forge)
        with suppress(OpsledgerError):
            protection(sort, repository, "main", forge)
        yield from forge.asked


def scripts(sort: str) -> Iterator[Script]:
    """Forges that answer: one that hides everything, one that is empty, one with something of each."""
    yield Script({})
    me = {"id": 3, "login": "me", "username": "me", "account_id": "3", "nickname": "me"}
    yield Script({"GET /user": (said(me),), "GET ": (said({"values": []} if sort == "bitbucket" else []),)})
    whole = {} if sort == "github" else payload(sort)
    comments = [{"id": 7, "body": "<!-- opsledger report -->", "user": {"id": 3, "login": "me"},
                 "author": {"id": 3, "username": "me"}, "content": {"raw": "[//]: # (opsledger report)"}}]  # fmt: skip
    comments[0]["user"] |= {"account_id": "3", "nickname": "me"}
    rules = [{"type": "deletion", "ruleset_id": 42}]
    answers: dict[str, Any] = {
        "GET /user": me, "/comments": comments, "comments?per_page=100": comments, "notes?per_page=100": comments,
        "comments?pagelen=100": {"values": comments}, "/pulls/12": github_pull() if sort == "github" else None,
        "reviews?per_page=100": [github_review(1)], "rules/branches/main?per_page=100": rules,
    }  # fmt: skip
    made = {key if " " in key else f"GET {key}": (said(value),) for key, value in answers.items() if value is not None}
    if sort == "gitlab":
        made["GET /merge_requests/12"] = (said(whole["merge_request"]),)
        made["GET order_by=created_at"] = (said(whole["notes"]),)
        made["GET versions?per_page=100"] = (said(whole["versions"]),)
    if sort == "forgejo":
        made["GET /pulls/12"] = (said(whole["pull_request"]),)
        made["GET reviews?limit=50"] = (said(whole["reviews"][:1]),)
    if sort == "bitbucket":
        made["GET /pullrequests/12"] = (said(whole["pull_request"]),)
        made["GET activity?pagelen=50"] = (said(whole["activity"]),)
    yield Script(made)


def cases() -> Iterator[Any]:
    for sort in FORGES:
        seen = set()
        for request in asked_by(sort):
            if (request.method, request.url, request.body) not in seen:
                seen.add((request.method, request.url, request.body))
                path = unquote(urlsplit(request.url).path)
                yield pytest.param(sort, request, id=f"{sort} {request.method} {path} {len(seen)}")


def as_asked(request: Request) -> Any:
    parts = urlsplit(request.url)
    headers = {**request.headers, "Host": parts.netloc}
    return MockRequest(
        f"{parts.scheme}://{parts.netloc}", request.method.lower(), parts.path,
        args=dict(parse_qsl(parts.query, keep_blank_values=True)), headers=headers, data=request.body or None,
        content_type=request.headers.get("Content-Type", "application/json"),
    )  # fmt: skip


@pytest.mark.parametrize(("sort", "request_"), list(cases()))
def test_the_forge_describes_such_a_request(sort: str, request_: Request) -> None:
    description, data = described(sort)

    description.validate_request(as_asked(request_))

    assert not undeclared(data, request_)


def undeclared(data: Mapping[str, Any], request: Request) -> set[str]:
    """The names in a query that the description does not know; the validator lets them pass."""
    parts = urlsplit(request.url)
    server = urlsplit(data["servers"][0]["url"]).path
    here = parts.path.removeprefix(server).split("/")
    known: set[str] = set()
    for path, operations in data["paths"].items():
        there = path.split("/")
        if len(there) == len(here) and all(
            a == b or a.startswith("{") for a, b in zip(there, here, strict=True)
        ) and request.method.lower() in operations:  # fmt: skip
            for one in operations[request.method.lower()]["parameters"]:
                meant = one
                for part in one.get("$ref", "").split("/")[1:]:
                    meant = (data if meant is one else meant)[part]
                known.add(meant["name"])
    return {name for name, _ in parse_qsl(parts.query)} - known


@pytest.mark.parametrize(("sort", "number"), [("github", 11), ("gitlab", 11), ("forgejo", 8), ("bitbucket", 9)])
def test_every_operation_of_the_description_is_asked_for(sort: str, number: int) -> None:
    description, data = described(sort)
    told = {(method, path) for path, one in data["paths"].items() for method in one if method != "parameters"}

    asked = set()
    for request in asked_by(sort):
        found = description.unmarshal_request(as_asked(request))
        assert not found.errors
        for method, path in told:
            if method == request.method.lower() and matches(path, urlsplit(request.url).path, data):
                asked.add((method, path))

    assert set() == told - asked
    assert number <= len(told)


def matches(template: str, path: str, data: Mapping[str, Any]) -> bool:
    here = path.removeprefix(urlsplit(data["servers"][0]["url"]).path).split("/")
    there = template.split("/")
    return len(here) == len(there) and all(a == b or a.startswith("{") for a, b in zip(there, here, strict=True))


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(Request("GET", "https://api.github.com/repos/a/b/pull/12"), id="a path that is not there"),
        pytest.param(Request("DELETE", "https://api.github.com/repos/a/b/pulls/12"), id="a verb that is not there"),
        pytest.param(Request("GET", "https://api.github.com/repos/a/b/pulls/twelve"), id="a number in words"),
        pytest.param(Request("POST", "https://api.github.com/repos/a/b/pulls",
                             {"Content-Type": "application/json"}, b'{"title": "x"}'), id="a body that lacks its base"),
    ],
)  # fmt: skip
def test_the_validator_refuses_what_the_forge_does_not_describe(request_: Request) -> None:
    with pytest.raises(OpenAPIError):
        described("github")[0].validate_request(as_asked(request_))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/repos/a/b/pulls/12/reviews", "github-reviews"),
        # GitHub's own example of branch protection lacks fields that its own description requires.
        ("/repos/a/b/rulesets/42", "github-ruleset"),
        ("/repos/a/b/rules/branches/main", "github-rules"),
    ],
)
def test_the_answers_that_tests_use_are_such_as_github_describes(path: str, name: str) -> None:
    request = as_asked(Request("GET", f"https://api.github.com{path}"))
    response = MockResponse(json.dumps(payload(name)).encode(), content_type=JSON["Content-Type"].partition(";")[0])

    judge, _ = described("github")

    assert judge.validate_response(request, response) is None  # it raises where the answer is not as described
