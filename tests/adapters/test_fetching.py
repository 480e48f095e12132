"""Pull requests asked of a forge: to the last page, and undecided where a part is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.adapters.conftest import JSON, Script, said
from tests.adapters.payload import COMMIT, github_pull, github_review, payload

from opsledger.adapters.forges import ConnectionLost, Response, fetch_pull_request, read_export
from opsledger.adapters.forges.wire import NotAnswered
from opsledger.errors import Refused, Undecided

Made = Callable[[Mapping[str, Any]], Script]
PULL = "GET /repos/kestrel-pay/ledger/pulls/12"
REVIEWS = "GET /repos/kestrel-pay/ledger/pulls/12/reviews?per_page=100"
NEXT = "https://api.github.com/repositories/1/pulls/12/reviews?per_page=100&page="


def fetched(forge: Script, sort: str = "github") -> Any:
    host = {"github": "github.com", "gitlab": "gitlab.com", "forgejo": "codeberg.org", "bitbucket": "bitbucket.org"}
    return fetch_pull_request(sort, f"{host[sort]}/kestrel-pay/ledger", 12, forge)


def gitlab(**changes: Any) -> dict[str, Any]:
    whole = payload("gitlab")
    start = "GET /projects/kestrel-pay%2Fledger/merge_requests/12"
    return {
        start: whole["merge_request"], f"{start}/versions?per_page=100": whole["versions"],
        f"{start}/notes?per_page=100&sort=asc&order_by=created_at": whole["notes"],
        f"{start}/approvals": whole["approvals"],
    } | {f"{start}{end}": answer for end, answer in changes.items()}  # fmt: skip


def bitbucket() -> dict[str, Any]:
    whole = payload("bitbucket")
    start = "GET /repositories/kestrel-pay/ledger"
    commits = {f"{start}/commit/{one['hash'][:12]}": one for one in whole["commits"]}
    return {
        f"{start}/pullrequests/12": whole["pull_request"],
        f"{start}/pullrequests/12/activity?pagelen=50": whole["activity"],
    } | commits


def forgejo() -> dict[str, Any]:
    whole = payload("forgejo")
    start = "GET /repos/kestrel-pay/ledger/pulls/12"
    return {start: whole["pull_request"], f"{start}/reviews?limit=50": said(whole["reviews"], X_Total_Count="8")}


@pytest.mark.parametrize(("sort", "answers"), [("gitlab", gitlab), ("bitbucket", bitbucket), ("forgejo", forgejo)])
def test_what_is_fetched_is_what_an_export_says(script: Made, sort: str, answers: Callable[[], Any]) -> None:
    found = fetched(script(answers()), sort)

    assert read_export(json.dumps(payload(sort)).encode()) == found


def test_reviews_are_read_to_the_last_page(script: Made) -> None:
    pages = {
        REVIEWS: said([github_review(1)], Link=f'<{NEXT}2>; rel="next", <{NEXT}3>; rel="last"'),
        f"GET {NEXT}2": said([github_review(2, "farid")], Link=f'<{NEXT}1>; rel="prev", <{NEXT}3>; rel="next"'),
        f"GET {NEXT}3": said([github_review(3, "piet")], Link=f'<{NEXT}2>; rel="prev"'),
    }

    found = fetched(script({PULL: github_pull(), **pages}))

    assert ["1", "2", "3"] == [review.id for review in found.reviews]
    assert found.is_whole


def test_notes_are_read_to_the_last_page_by_the_number_of_the_next(script: Made) -> None:
    notes = payload("gitlab")["notes"]
    end = "/notes?per_page=100&sort=asc&order_by=created_at"
    pages = {end: said(notes[:2], X_Next_Page="2"), f"{end}&page=2": said(notes[2:], X_Next_Page="")}

    found = fetched(script(gitlab(**pages)), "gitlab")

    assert read_export(json.dumps(payload("gitlab")).encode()) == found


def test_reviews_of_forgejo_are_read_until_all_are_there(script: Made) -> None:
    reviews = payload("forgejo")["reviews"]
    end = "GET /repos/kestrel-pay/ledger/pulls/12/reviews?limit=50"
    pages = {end: said(reviews[:5], X_Total_Count="8"), f"{end}&page=2": said(reviews[5:], X_Total_Count="8")}

    assert 6 == len(fetched(script(forgejo() | pages), "forgejo").reviews)


@pytest.mark.parametrize("drafts", [1, 2])
def test_pages_of_forgejo_that_lack_the_drafts_of_others_are_read_to_the_last(script: Made, drafts: int) -> None:
    # Three a page, as the forge counts them: it leaves drafts out after that.
    reviews = payload("forgejo")["reviews"]
    pages = [reviews[:3], reviews[3:6][drafts:], [], reviews[6:]]
    end = "GET /repos/kestrel-pay/ledger/pulls/12/reviews?limit=50"
    told = {f"{end}&page={n}" if n > 1 else end: said(page, X_Total_Count="12") for n, page in enumerate(pages, 1)}

    found = fetched(script(forgejo() | told), "forgejo")

    read = {str(review["id"]) for page in pages for review in page}
    assert {str(reviews[6]["id"]), str(reviews[0]["id"])} <= {one.id for one in found.reviews} <= read


def test_a_list_of_forgejo_that_holds_nothing_but_the_drafts_of_others_ends(script: Made) -> None:
    forge = script(forgejo() | {"GET /repos/kestrel-pay/ledger/pulls/12/reviews?limit=50": said([], X_Total_Count="1")})

    assert () == fetched(forge, "forgejo").reviews


def test_reviews_of_forgejo_are_read_until_a_page_is_empty_where_nobody_counts(script: Made) -> None:
    reviews = payload("forgejo")["reviews"]
    end = "GET /repos/kestrel-pay/ledger/pulls/12/reviews?limit=50"
    pages = {end: reviews[:5], f"{end}&page=2": reviews[5:], f"{end}&page=3": []}

    assert 6 == len(fetched(script(forgejo() | {key: said(one) for key, one in pages.items()}), "forgejo").reviews)


def test_activity_is_read_to_the_last_page(script: Made) -> None:
    values = payload("bitbucket")["activity"]["values"]
    start = "GET /repositories/kestrel-pay/ledger/pullrequests/12/activity?pagelen=50"
    there = "https://api.bitbucket.org/2.0/repositories/kestrel-pay/ledger/pullrequests/12/activity?ctx=abc"
    pages = {start: {"values": values[:2], "next": there}, f"GET {there}": {"values": values[2:]}}

    assert 3 == len(fetched(script(bitbucket() | pages), "bitbucket").reviews)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        pytest.param(said({"message": "API rate limit exceeded"}, 403, X_RateLimit_Remaining="0",
                          X_RateLimit_Reset="1794225600"), "ask again after 2026-11-09 12:00:00 UTC", id="rate limit"),
        pytest.param(said({"message": "You have exceeded a secondary rate limit"}, 403), "answers no more for now",
                     id="secondary rate limit"),
        pytest.param(said({"message": "Resource not accessible by integration"}, 403), "not let this token read it",
                     id="forbidden"),
        pytest.param(said({"message": "Bad credentials"}, 401), "does not know the token", id="wrong token"),
        pytest.param(said({"message": "Not Found"}, 404), "has none, or does not show it", id="not found"),
        pytest.param(said({}, 429, Retry_After="61"), "ask again after 61 seconds", id="too many"),
        pytest.param(said({}, 429, Retry_After="Wed, 04 Nov 2026 09:00:00 GMT"), "ask again after Wed, 04 Nov",
                     id="too many until a date"),
        pytest.param(said({}, 429), "ask again in an hour", id="too many without an end"),
        pytest.param(said({}, 500), "failed with status 500", id="broken"),
        pytest.param(said({}, 503), "failed with status 503", id="away"),
        pytest.param(said({}, 301, Location="https://elsewhere.example/"), "sends the question elsewhere", id="moved"),
        pytest.param(said({"message": "Validation Failed"}, 422), r"answered 422 \(Validation Failed\)", id="refused"),
        pytest.param(ConnectionLost("the connection was cut in the middle of the answer"), "cut in the mid", id="cut"),
        pytest.param(Response(200, JSON, b'[{"id": 1, "node'), "ends in the middle", id="half of it"),
        pytest.param(Response(200, JSON, b""), "ends in the middle", id="nothing"),
        pytest.param(Response(200, {"content-type": "text/html"}, b"<html>"), "answered with text/html", id="a page"),
        pytest.param(Response(200, {}, b"[]"), "something without a name", id="no name"),
        pytest.param(Response(204, JSON, b""), "no list of", id="no content"),
        pytest.param(said({"message": "hello"}), "no list of", id="an object"),
        pytest.param(said([1, 2]), "should be an object", id="numbers"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["first", "second"])
def test_reviews_that_cannot_be_read_are_undecided_and_never_none(
    script: Made, answer: Any, sentence: str, page: str
) -> None:
    first = {REVIEWS: answer}
    second = {REVIEWS: said([github_review(1)], Link=f'<{NEXT}2>; rel="next"'), f"GET {NEXT}2": answer}

    with pytest.raises(Undecided, match=sentence) as raised:
        fetched(script({PULL: github_pull(), **(first if page == "first" else second)}))

    assert raised.value.missing
    assert raised.value.remedy


@pytest.mark.parametrize("end", ["", "/versions?per_page=100", "/approvals",
                                 "/notes?per_page=100&sort=asc&order_by=created_at"])  # fmt: skip
def test_each_part_of_a_merge_request_is_needed(script: Made, end: str) -> None:
    with pytest.raises(NotAnswered, match="does not let this token read it"):
        fetched(script(gitlab(**{end: said({}, 403)})), "gitlab")


@pytest.mark.parametrize("end", ["/pullrequests/12", "/pullrequests/12/activity?pagelen=50", "/commit/b2b2b2b2b2b2"])
def test_each_part_of_a_pull_request_of_bitbucket_is_needed(script: Made, end: str) -> None:
    answers = bitbucket() | {f"GET /repositories/kestrel-pay/ledger{end}": said({}, 503)}

    with pytest.raises(NotAnswered, match="failed with status 503"):
        fetched(script(answers), "bitbucket")


def test_a_commit_that_bitbucket_has_lost_is_unknown(script: Made) -> None:
    answers = bitbucket() | {"GET /repositories/kestrel-pay/ledger/commit/b2b2b2b2b2b2": said({}, 404)}

    found = fetched(script(answers), "bitbucket")

    assert "" == found.head
    assert {"lena": True, "farid": False, "piet": False} == {
        review.account.login: bool(review.commit) for review in found.reviews
    }


def test_pages_that_go_round_in_a_circle_are_undecided(script: Made) -> None:
    circle = {
        REVIEWS: said([], Link=f'<{NEXT}2>; rel="next"'),
        f"GET {NEXT}2": said([], Link=f'<{NEXT}2>; rel="next"'),
    }

    with pytest.raises(Undecided, match="do not end"):
        fetched(script({PULL: github_pull(), **circle}))


@pytest.mark.parametrize("there", ["https://evil.example/reviews", "https://api.github.com.evil.example/reviews",
                                   "http://api.github.com/reviews", "//evil.example/reviews"])  # fmt: skip
def test_a_next_page_at_another_host_is_not_asked_for(script: Made, there: str) -> None:
    forge = script({PULL: github_pull(), REVIEWS: said([], Link=f'<{there}>; rel="next"')})

    with pytest.raises(Undecided, match="outside of"):
        fetched(forge)

    assert 2 == len(forge.asked)


def test_an_answer_about_another_repository_is_undecided(script: Made) -> None:
    moved = github_pull(html_url="https://github.com/kestrel-pay/archive/pull/12")

    with pytest.raises(Undecided, match="answered about"):
        fetched(script({PULL: moved, REVIEWS: []}))


def test_a_connection_that_is_cut_says_so_and_keeps_the_reason(script: Made) -> None:
    with pytest.raises(NotAnswered, match=r"pull request 12 of github\.com/kestrel-pay/ledger could not be read: gone"):
        fetched(script({PULL: ConnectionLost("gone")}))


def test_no_request_carries_a_token(script: Made) -> None:
    forge = script({PULL: github_pull(), REVIEWS: []})

    fetched(forge)

    names = {name.lower() for request in forge.asked for name in request.headers}
    assert set() == names & {"authorization", "private-token"}


@pytest.mark.parametrize("address", ["", "ledger", "github.com", "github.com/kestrel-pay"])
def test_an_address_that_names_no_repository_is_refused(script: Made, address: str) -> None:
    with pytest.raises(Refused, match="which repository"):
        fetch_pull_request("github", address, 12, script({}))


def test_a_sort_of_forge_that_nobody_knows_is_refused(script: Made) -> None:
    with pytest.raises(Refused, match="no forge of the sort"):
        fetch_pull_request("sourcehut", "git.sr.ht/~a/b", 12, script({}))


def test_head_and_the_reference_under_which_commits_are_kept(script: Made) -> None:
    github = fetched(script({PULL: github_pull(), REVIEWS: []}))

    assert (COMMIT, "refs/pull/12/head") == (github.head, github.head_ref)
    assert "refs/merge-requests/12/head" == fetched(script(gitlab()), "gitlab").head_ref
    assert "refs/pull/12/head" == fetched(script(forgejo()), "forgejo").head_ref
    assert "" == fetched(script(bitbucket()), "bitbucket").head_ref
