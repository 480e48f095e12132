"""Exports that are broken, cut, mixed up or made to break the reader: never taken for "no reviews"."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.adapters.payload import HERE, github_pull, github_review, payload

from opsledger.adapters.forges import answers, read_export
from opsledger.errors import Refused, Undecided

WHOLE = json.dumps([github_pull(), [github_review(1)]])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(b"\xff\xfe\x00", "not UTF-8", id="not text"),
        pytest.param(b"<html>sign in</html>", "not JSON", id="a page"),
        pytest.param(b"[" * 200_000, "nested too deep", id="deep"),
        pytest.param(b'{"a": ' * 100_000, "nested too deep", id="deep objects"),
        pytest.param(b'{"a": 1, "a": 2}', "one key twice", id="a key twice"),
        pytest.param(b'{"a": NaN}', "NaN", id="no number"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "too long", id="a huge number"),
        pytest.param(b"{}", "no pull request", id="nothing in it"),
        pytest.param(b"[1, 2, null]", "no pull request", id="numbers"),
        pytest.param(b'"text"', "no pull request", id="a text"),
        pytest.param(json.dumps([github_review(1)]).encode(), "no pull request", id="reviews alone"),
    ],
)
def test_what_is_no_export_is_refused(text: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_export(text)


@pytest.mark.parametrize("text", [b"", b"  \n", WHOLE[:-1].encode(), WHOLE[: len(WHOLE) // 2].encode(), b'{"a": "b'])
def test_what_is_cut_off_is_undecided(text: bytes) -> None:
    with pytest.raises(Undecided, match="ends in the middle"):
        read_export(text)


def test_an_export_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LIMIT", 100)

    with pytest.raises(Refused, match="longer than"):
        read_export(WHOLE.encode())


def test_a_pull_request_without_a_list_of_reviews_is_undecided() -> None:
    with pytest.raises(Undecided, match="and not its reviews"):
        read_export(json.dumps(github_pull()).encode())


def test_a_merge_request_without_its_approvals_is_undecided() -> None:
    export = payload("gitlab")
    del export["approvals"]

    with pytest.raises(Undecided, match="nothing here says who approved"):
        read_export(json.dumps(export).encode())


def test_an_approval_whose_time_nobody_tells_is_undecided() -> None:
    export = payload("gitlab")
    del export["approvals"]["approved_by"][0]["approved_at"]
    export["notes"] = []

    with pytest.raises(Undecided, match="when lena approved"):
        read_export(json.dumps(export).encode())


def test_without_notes_a_merge_request_is_not_whole() -> None:
    export = payload("gitlab")
    export["notes"] = []

    assert not read_export(json.dumps(export).encode()).is_whole


def test_two_pull_requests_in_one_export_are_refused() -> None:
    with pytest.raises(Refused, match="2 pull requests"):
        read_export(json.dumps([github_pull(), github_pull(13), []]).encode())


def test_a_review_of_another_pull_request_is_refused() -> None:
    with pytest.raises(Refused, match="review 1 belongs to"):
        read_export(json.dumps([github_pull(), [github_review(1, number=13)]]).encode())


def test_a_review_of_the_same_number_in_another_repository_is_refused() -> None:
    other = github_review(1, html_url="https://github.com/kestrel-pay/other/pull/12#pullrequestreview-1")

    with pytest.raises(Refused, match="review 1 belongs to"):
        read_export(json.dumps([github_pull(), [other]]).encode())


def test_the_published_delivery_that_joins_two_pull_requests_is_refused() -> None:
    with pytest.raises(Undecided, match="the address of pull request 2"):
        read_export((HERE / "payloads" / "github-webhook-mixed-up.json").read_bytes())


def test_notes_of_another_merge_request_are_refused() -> None:
    export = payload("gitlab")
    export["notes"][0]["noteable_iid"] = 13

    with pytest.raises(Refused, match="belongs to merge request 13"):
        read_export(json.dumps(export).encode())


def test_activity_of_another_pull_request_is_refused() -> None:
    export = payload("bitbucket")
    export["activity"]["values"][0]["pull_request"] = {"id": 13}

    with pytest.raises(Refused, match="belongs to pull request 13"):
        read_export(json.dumps(export).encode())


def test_one_id_with_two_decisions_is_undecided() -> None:
    reviews = [github_review(1), github_review(1, state="DISMISSED")]

    with pytest.raises(Undecided, match="there twice and says two things"):
        read_export(json.dumps([github_pull(), reviews]).encode())


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param({"state": None}, "state", id="no state"),
        pytest.param({"state": "BLESSED"}, "state", id="a state that nobody knows"),
        pytest.param({"submitted_at": None}, "submitted_at", id="no time"),
        pytest.param({"submitted_at": "yesterday"}, "submitted_at", id="no moment"),
        pytest.param({"submitted_at": "2026-11-02T10:00:00"}, "submitted_at", id="no offset"),
        pytest.param({"submitted_at": "0001-01-01T00:00:00+14:00"}, "submitted_at", id="before all times"),
        pytest.param({"id": True}, "id", id="an id that is true"),
        pytest.param({"id": None}, "id", id="no id"),
        pytest.param({"id": "9" * 300}, "id", id="an endless id"),
        pytest.param({"user": "lena"}, "user", id="a user that is text"),
        pytest.param({"user": {"id": 1}}, "login", id="a user without a login"),
        pytest.param({"body": {"text": "x"}}, "body", id="a body that is an object"),
        pytest.param({"author_association": 2**60}, "canonical", id="a number that no digest can stand for"),
    ],
)
def test_a_review_that_is_not_as_documented_is_undecided(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(Undecided, match=place):
        read_export(json.dumps([github_pull(), [github_review(1) | changes]]).encode())


@pytest.mark.parametrize("commit", ["", None, "abc", "b2" * 20 + "\n", "B2" * 20, 12])
def test_a_commit_that_is_no_full_id_is_none(commit: Any) -> None:
    found = read_export(json.dumps([github_pull(), [github_review(1, commit_id=commit)]]).encode())

    assert "" == found.reviews[0].commit
