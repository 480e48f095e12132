"""What people export from each forge, and what is made of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from tests.adapters.payload import COMMIT, EARLIER, HERE, github_pull, github_review, payload

from opsledger.adapters.forges import read_export
from opsledger.approvals.model import ForgeAccount, PullRequest
from opsledger.approvals.payloads import read_payload


def read(*values: Any) -> PullRequest:
    return read_export("\n".join(json.dumps(value) for value in values).encode())


@pytest.mark.parametrize("name", ["gitlab", "forgejo", "bitbucket"])
def test_each_forge_tells_of_the_pull_request(name: str) -> None:
    found = read(payload(name))

    host = {"gitlab": "gitlab.com", "forgejo": "codeberg.org", "bitbucket": "bitbucket.org"}[name]
    assert (host, f"{host}/kestrel-pay/ledger", "12") == (found.forge, found.repository, found.number)
    assert ("tomasz", COMMIT, "main", False) == (found.opener.login, found.head, found.base, found.is_merged)


@pytest.mark.parametrize(
    ("name", "reviews"),
    [
        ("gitlab", [("lena", "granted", EARLIER), ("farid", "dismissed", COMMIT), ("piet", "revise", COMMIT)]),
        ("bitbucket", [("lena", "granted", EARLIER), ("farid", "dismissed", COMMIT), ("piet", "revise", COMMIT)]),
        ("forgejo", [
            ("lena", "granted", EARLIER), ("farid", "dismissed", COMMIT), ("piet", "revise", COMMIT),
            ("noor", "commented", COMMIT), ("", "granted", COMMIT), ("forgejo-actions", "granted", COMMIT),
        ]),
    ],
)  # fmt: skip
def test_each_forge_tells_who_decided_what_on_which_commit(name: str, reviews: list[tuple[str, str, str]]) -> None:
    found = read(payload(name))

    assert reviews == [(one.account.login, one.decision, one.commit) for one in found.reviews]


@pytest.mark.parametrize("name", ["gitlab", "forgejo", "bitbucket", "github-webhook-submitted"])
def test_what_is_kept_of_a_review_says_by_itself_who_decided_and_what(name: str) -> None:
    for review in read(payload(name)).reviews:
        kept = read_payload(review.payload)

        assert kept is not None
        if review.account.login and review.decision == "granted":
            assert (review.account.id, "granted") == (kept.account.id if kept.account else "", kept.decision)


def test_published_delivery_of_a_webhook_is_read() -> None:
    found = read(payload("github-webhook-submitted"))

    assert ("github.com/Codertocat/Hello-World", "2", False) == (found.repository, found.number, found.is_whole)
    [review] = found.reviews
    assert ("237895671", "commented", "ec26c3e57ca3a959ca5aad62de7213c562f8c821") == (
        review.id, review.decision, review.commit,
    )  # fmt: skip
    assert datetime(2019, 5, 15, 15, 20, 38, tzinfo=UTC) == review.at
    assert ForgeAccount("Codertocat", "21031067") == review.account


def test_one_review_of_a_webhook_is_never_taken_for_all_of_them() -> None:
    assert not read(payload("github-webhook-submitted")).is_whole


def test_parts_may_stand_one_after_the_other_or_in_an_object_or_in_pages() -> None:
    pull, one, two = github_pull(), github_review(1), github_review(2, "farid")

    expected = read({"pull_request": pull, "reviews": [one, two]})

    assert expected == read(pull, [one, two])
    assert expected == read(pull, [one], [two])
    assert expected == read([pull, [[one], [two]]])
    assert 2 == len(expected.reviews)


def test_an_empty_list_of_reviews_is_a_pull_request_without_reviews() -> None:
    found = read(github_pull(), [])

    assert ((), True) == (found.reviews, found.is_whole)


@pytest.mark.parametrize("number", [20, 30, 50, 100])
def test_a_list_as_long_as_a_page_may_be_the_first_of_several(number: int) -> None:
    reviews = [github_review(id) for id in range(1, number + 1)]

    assert not read(github_pull(), reviews).is_whole
    assert read(github_pull(), reviews[1:]).is_whole


def test_what_gh_prints_is_read_with_logins_alone() -> None:
    printed = {
        "author": {"id": "U_1", "is_bot": False, "login": "tomasz", "name": "Tomasz"}, "baseRefName": "main",
        "headRefOid": COMMIT, "number": 12, "url": "https://github.com/kestrel-pay/ledger/pull/12", "mergedAt": None,
        "mergeCommit": None,
        "reviews": [
            {"id": "PRR_1", "author": {"login": "lena"}, "authorAssociation": "MEMBER", "body": "fine",
             "submittedAt": "2026-11-02T10:00:00Z", "state": "APPROVED", "commit": {"oid": EARLIER}},
            {"id": "PRR_2", "author": {"login": "app/renovate", "is_bot": True}, "body": "", "state": "APPROVED",
             "submittedAt": "2026-11-02T10:00:01Z", "commit": {"oid": EARLIER}},
        ],
    }  # fmt: skip

    found = read(printed)

    assert [("lena", "", False), ("app/renovate", "", True)] == [
        (one.account.login, one.account.id, one.account.is_bot) for one in found.reviews
    ]
    assert ("granted", EARLIER, "fine") == (found.reviews[0].decision, found.reviews[0].commit, found.reviews[0].body)


def test_a_merged_pull_request_says_when_and_as_which_commit() -> None:
    found = read(github_pull(merged_at="2026-11-04T09:00:00Z"), [])

    assert (True, datetime(2026, 11, 4, 9, tzinfo=UTC), "c3" * 20) == (
        found.is_merged, found.merged_at, found.merge_commit,
    )  # fmt: skip


def test_a_test_merge_of_an_open_pull_request_is_not_its_merge_commit() -> None:
    assert "" == read(github_pull(), []).merge_commit


@pytest.mark.parametrize(
    ("user", "account"),
    [
        pytest.param(None, ForgeAccount(""), id="an account that is gone"),
        pytest.param({"login": "renovate[bot]", "id": 9, "type": "Bot"}, ForgeAccount("renovate[bot]", "9", True),
                     id="a bot"),
        pytest.param({"login": "kestrel", "id": 9, "type": "Organization"}, ForgeAccount("kestrel", "9", True),
                     id="an organisation"),
        pytest.param({"login": "lena", "id": 9, "type": "User"}, ForgeAccount("lena", "9"), id="a person"),
    ],
)  # fmt: skip
def test_accounts_of_github(user: dict[str, Any] | None, account: ForgeAccount) -> None:
    assert account == read(github_pull(), [github_review(1, user=user)]).reviews[0].account


@pytest.mark.parametrize("login", ["project_77_bot", "project_77_bot_4ffca2", "group_5_bot_1", "service_account_x"])
def test_accounts_of_tokens_at_gitlab_are_machines(login: str) -> None:
    export = payload("gitlab")
    export["approvals"]["approved_by"][0]["user"]["username"] = login

    assert read(export).reviews[0].account.is_bot


def test_a_review_that_was_not_sent_is_none() -> None:
    assert () == read(github_pull(), [github_review(1, state="PENDING", submitted_at=None)]).reviews


def test_the_same_review_on_two_pages_is_one() -> None:
    assert 1 == len(read(github_pull(), [github_review(1)], [github_review(1)]).reviews)


def test_what_is_kept_does_not_depend_on_spaces_or_the_order_of_keys() -> None:
    review = github_review(1)
    shuffled = dict(reversed(list(review.items())))

    one = read(github_pull(), [review]).reviews[0]
    other = read_export(json.dumps([github_pull(), [shuffled]], indent=4).encode()).reviews[0]

    assert one.payload == other.payload
    assert review == json.loads(one.payload)
    assert sha256(one.payload.encode()).digest() == sha256(other.payload.encode()).digest()


def test_an_approval_of_gitlab_without_a_version_before_it_names_no_commit() -> None:
    export = payload("gitlab")
    export["versions"] = export["versions"][:1]

    assert "" == read(export).reviews[0].commit


def test_an_approval_of_gitlab_takes_its_time_from_the_note_where_the_forge_gives_none() -> None:
    export = payload("gitlab")
    del export["approvals"]["approved_by"][0]["approved_at"]

    assert datetime(2026, 11, 2, 10, 0, 0, 200_000, tzinfo=UTC) == read(export).reviews[0].at


def test_words_that_anybody_can_write_are_no_system_note() -> None:
    assert "noor" not in {one.account.login for one in read(payload("gitlab")).reviews}


def test_a_shortened_commit_that_nobody_completes_stays_unknown() -> None:
    export = payload("bitbucket")
    del export["commits"]

    found = read(export)

    assert ({""}, "") == ({one.commit for one in found.reviews}, found.head)


def test_an_export_is_refused_where_another_forge_was_named() -> None:
    text = (HERE / "payloads" / "forgejo.json").read_bytes()

    assert "codeberg.org" == read_export(text, forge="forgejo").forge
    assert "codeberg.org" == read_export(text, forge="codeberg.org").forge
    with pytest.raises(Exception, match=r"comes from codeberg\.org and not from github\.com"):
        read_export(text, forge="github.com")


def test_a_merge_request_that_was_only_forwarded_landed_as_its_own_head() -> None:
    export = payload("gitlab")
    export["merge_request"] |= {"state": "merged", "merged_at": "2026-11-04T09:00:00Z"}

    assert (True, COMMIT) == (read(export).is_merged, read(export).merge_commit)
