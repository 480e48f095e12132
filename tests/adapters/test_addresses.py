"""Addresses of repositories and pull requests, however people and git write them."""

from __future__ import annotations

import pytest

from opsledger.adapters.forges import plain_address, pull_request_address, sort_of
from opsledger.adapters.forges.addresses import place_of
from opsledger.errors import Refused


@pytest.mark.parametrize(
    "address",
    [
        "github.com/kestrel-pay/ledger",
        "https://github.com/kestrel-pay/ledger.git",
        "https://user:secret@GitHub.com:443/kestrel-pay/ledger/",
        "git@github.com:kestrel-pay/ledger.git",
        "ssh://git@github.com:22/kestrel-pay/ledger",
        "github.com:kestrel-pay/ledger",
    ],
)
def test_one_repository_has_one_address(address: str) -> None:
    assert "github.com/kestrel-pay/ledger" == plain_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "/srv/ledger.git", "./ledger", "../ledger", "~/ledger", "file:///srv/ledger.git", "ledger", "C:\\ledger",
     "https://[::1", "https://github.com/", "github.com/kestrel pay/ledger", "https://github.com/a/../../b",
     "github.com/a//b", "https://github.com/a%2F..%2F..%2Fb", "github.com/a/b?c", "https://github.com/a%3Fb/c"],
)  # fmt: skip
def test_what_names_no_repository_at_a_host_has_no_address(address: str) -> None:
    assert "" == plain_address(address)


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("https://github.com/kestrel-pay/ledger/pull/12", "github.com/kestrel-pay/ledger"),
        ("https://github.com/kestrel-pay/ledger/pull/12/files#diff", "github.com/kestrel-pay/ledger"),
        ("https://gitlab.com/kestrel-pay/ops/ledger/-/merge_requests/12", "gitlab.com/kestrel-pay/ops/ledger"),
        ("https://codeberg.org/kestrel-pay/ledger/pulls/12", "codeberg.org/kestrel-pay/ledger"),
        ("https://bitbucket.org/kestrel-pay/ledger/pull-requests/12/overview", "bitbucket.org/kestrel-pay/ledger"),
    ],
)
def test_a_pull_request_names_its_repository(address: str, repository: str) -> None:
    assert (repository, "12") == pull_request_address(address)


@pytest.mark.parametrize("address", ["", "12", "github.com/kestrel-pay/ledger", "github.com/a/b/pull/",
                                     "github.com/a/b/pull/x", "github.com/a/b/issues/12"])  # fmt: skip
def test_what_is_no_pull_request_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="is no address of a pull request"):
        pull_request_address(address)


@pytest.mark.parametrize(
    ("sort", "repository", "api"),
    [
        ("github", "github.com/a/b", "https://api.github.com"),
        ("github", "ghe.example/a/b", "https://ghe.example/api/v3"),
        ("gitlab", "gl.example/a/b", "https://gl.example/api/v4"),
        ("gitea", "git.example/a/b", "https://git.example/api/v1"),
        ("forgejo", "codeberg.org/a/b", "https://codeberg.org/api/v1"),
        ("bitbucket", "bitbucket.org/a/b", "https://api.bitbucket.org/2.0"),
    ],
)
def test_programs_ask_where_each_forge_answers_them(sort: str, repository: str, api: str) -> None:
    assert api == place_of(sort, repository).api


def test_the_path_of_a_project_is_one_part_of_an_address_at_gitlab() -> None:
    assert "a%2Fb%2Fc" == place_of("gitlab", "gitlab.com/a/b/c").quoted


def test_hosts_that_nobody_knows_are_of_no_sort() -> None:
    assert ("github", "") == (sort_of("github.com"), sort_of("github.com.evil.example"))
