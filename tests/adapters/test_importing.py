"""Reviews become approval records: on real git, from an export or from the forge, written here or pushed by a bot."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.adapters.desk import ADDRESS, LENA, PULL, Desk, made, merged, rebased, serve, squashed
from tests.adapters.server import Server, answers
from tests.cli.conftest import Call
from tests.conftest import Repo


@pytest.fixture(params=[merged, squashed, rebased], ids=["merge commit", "squash", "rebase"])
def any_desk(repo: Repo, request: pytest.FixtureRequest) -> Desk:
    """A merged pull request, whichever way the forge merged it."""
    return made(repo, request.param)


def test_a_review_becomes_a_record_however_the_forge_merged(any_desk: Desk, call: Call) -> None:
    ended = call("-C", any_desk.repo.root, "approvals", "import", any_desk.export())

    assert (0, "") == (ended.code, "".join(line for line in ended.err.splitlines() if "not counted" in line))
    [record] = any_desk.approvals()
    assert ("CHG-2026-9001", "request", "ROL-approver", "PTY-lena", "granted", "2026-11-02T10:00:00Z") == (
        record["subject"], record["scope"], record["role"], record["party"], record["decision"], record["at"],
    )  # fmt: skip
    assert (ADDRESS, "https://github.com/kestrel-pay/ledger/pull/12") == (record["repository"], record["pull_request"])
    assert ("PTY-tomasz" in record["authors"], "unknown_authors" in record) == (True, False)
    evidence = record["evidence"]
    assert ("forge-review", "github.com", "80", any_desk.reviews[0]["commit_id"]) == (
        evidence["type"], evidence["forge"], evidence["review"], evidence["commit"],
    )  # fmt: skip
    assert any_desk.reviews[0] == json.loads(evidence["payload"])


def test_a_record_that_was_imported_stands(desk: Desk, call: Call) -> None:
    call("-C", desk.repo.root, "approvals", "import", desk.export())
    desk.repo.commit("Approvals")

    ended = call("-C", desk.repo.root, "approvals", "verify")

    assert (0, "1 approval, of which 1 stands") == (ended.code, ended.out.splitlines()[-1])


def test_a_second_import_writes_nothing(desk: Desk, call: Call) -> None:
    call("-C", desk.repo.root, "approvals", "import", desk.export())
    before = desk.approvals()

    ended = call("-C", desk.repo.root, "approvals", "import", desk.export())

    assert (0, "nothing is left to import\n", before) == (ended.code, ended.out, desk.approvals())


def test_a_dry_run_writes_nothing(desk: Desk, call: Call) -> None:
    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(), "--dry-run")

    assert (0, []) == (ended.code, desk.approvals())
    assert ended.out.startswith("would write records/approvals/ROL-approver/APR-2026-")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"user": {"login": "tomasz", "id": 5, "type": "User"}}, "PTY-tomasz", id="the author"),
        pytest.param({"user": {"login": "stranger", "id": 6, "type": "User"}}, "stranger", id="a stranger"),
        pytest.param({"user": {"login": "lena", "id": 999, "type": "User"}}, "lena", id="a taken-over login"),
        pytest.param({"user": {"login": "lena[bot]", "id": 84, "type": "Bot"}}, "which is a machine", id="a bot"),
        pytest.param({"user": None}, "80", id="an account that is gone"),
        pytest.param({"state": "CHANGES_REQUESTED"}, "asked for changes", id="changes asked for"),
        pytest.param({"state": "DISMISSED"}, "dismissed", id="dismissed"),
        pytest.param({"state": "COMMENTED"}, "only commented", id="a comment"),
        pytest.param({"submitted_at": "2026-11-05T10:00:00Z"}, "80", id="after the merge"),
        pytest.param({"body": "opsledger: role=ROL-nobody"}, "ROL-nobody", id="for another role"),
    ],
)
def test_a_review_that_does_not_count_is_named_and_not_written(
    desk: Desk, call: Call, changes: dict[str, Any], reason: str
) -> None:
    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(desk.reviews[0] | changes))

    assert [] == desk.approvals()
    assert "80" in ended.err
    assert reason in ended.err


def test_a_renamed_login_counts_by_its_number(desk: Desk, call: Call) -> None:
    renamed = desk.reviews[0] | {"user": LENA | {"login": "lena-hoffmann"}}

    call("-C", desk.repo.root, "approvals", "import", desk.export(renamed))

    assert ["PTY-lena"] == [record["party"] for record in desk.approvals()]


def test_a_review_of_what_was_edited_afterwards_does_not_count(desk: Desk, call: Call) -> None:
    earlier = desk.repo.git("rev-parse", "plan~3")

    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(desk.reviews[0] | {"commit_id": earlier}))

    assert [] == desk.approvals()
    assert "SIG302" in ended.err


def test_a_review_whose_commit_is_gone_is_undecided(desk: Desk, call: Call) -> None:
    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(desk.reviews[0] | {"commit_id": "d4" * 20}))

    assert (3, []) == (ended.code, desk.approvals())
    assert "undecided: " in ended.err


def test_a_review_that_is_too_long_to_be_kept_is_named(desk: Desk, call: Call) -> None:
    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(desk.reviews[0] | {"body": "x" * 20_000}))

    assert [] == desk.approvals()
    assert "not kept: review 80 of PTY-lena is too long" in ended.err


def test_a_pull_request_of_another_repository_is_refused(desk: Desk, call: Call) -> None:
    other = "https://github.com/kestrel-pay/other/pull/12"
    review = desk.reviews[0] | {"html_url": f"{other}#pullrequestreview-80"}

    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(review, html_url=other))

    assert (2, []) == (ended.code, desk.approvals())
    assert "this ledger is github.com/kestrel-pay/ledger" in ended.err


def test_a_merge_commit_that_is_not_here_is_undecided(desk: Desk, call: Call) -> None:
    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(merge_commit_sha="e5" * 20))

    assert 3 == ended.code
    assert "git fetch origin" in ended.err


@pytest.mark.parametrize("arguments", [(), ("--live",), ("--pull-request", "12"), ("x.json", "--live")])
def test_what_to_import_must_be_said_once(desk: Desk, call: Call, arguments: tuple[str, ...]) -> None:
    assert 2 == call("-C", desk.repo.root, "approvals", "import", *arguments).code


def test_a_bot_pushes_the_records_to_the_protected_branch(desk: Desk, call: Call) -> None:
    before = desk.repo.git("rev-parse", "main")

    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(), "--push", "--by", "PTY-bot")

    assert 0 == ended.code, ended.err
    assert ended.out.startswith("pushed 1 approval in ")
    assert ["PTY-lena"] == [record["party"] for record in desk.approvals("origin/main")]
    assert before == desk.repo.git("rev-parse", "origin/main~1")
    assert "The pipeline <bot@example.org>" == desk.repo.git("log", "-1", "--format=%an <%ae>", "origin/main")
    assert [] == desk.approvals()


def test_a_second_push_is_none(desk: Desk, call: Call) -> None:
    call("-C", desk.repo.root, "approvals", "import", desk.export(), "--push", "--by", "PTY-bot")
    tip = desk.repo.git("rev-parse", "origin/main")

    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(), "--push", "--by", "PTY-bot")

    assert (0, "nothing is left to import\n") == (ended.code, ended.out)
    assert tip == desk.repo.git("ls-remote", "origin", "refs/heads/main").split()[0]


def test_the_records_land_on_a_branch_that_moved_on(desk: Desk, call: Call) -> None:
    other = desk.repo.clone("other")
    other.git("remote", "set-url", "origin", str(desk.remote))
    other.write("README.md", "Somebody else\n")
    theirs = other.commit("Meanwhile")
    other.git("push", "-q", "origin", "main")

    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(), "--push", "--by", "PTY-bot")

    assert 0 == ended.code, ended.err
    assert theirs == desk.repo.git("rev-parse", "origin/main~1")


@pytest.mark.parametrize("by", ["", "PTY-tomasz", "PTY-nobody"])
def test_who_has_no_lane_pushes_nothing(desk: Desk, call: Call, by: str) -> None:
    tip = desk.repo.git("rev-parse", "origin/main")

    ended = call("-C", desk.repo.root, "approvals", "import", desk.export(), "--push", *(["--by", by] if by else []))

    assert 2 == ended.code
    assert tip == desk.repo.git("ls-remote", "origin", "refs/heads/main").split()[0]


def test_reviews_of_an_open_pull_request_are_not_pushed(desk: Desk, call: Call) -> None:
    desk.repo.git("push", "-q", "--force", "origin", "main~1:refs/heads/main")
    desk.repo.git("fetch", "-q", "origin")

    ended = call(
        "-C", desk.repo.root, "approvals", "import", desk.export(merged_at=None, state="open"), "--push", "--by",
        "PTY-bot",
    )  # fmt: skip

    assert 2 == ended.code
    assert "is not merged" in ended.err


@pytest.mark.parametrize("named", ["12", "#12", "https://github.com/kestrel-pay/ledger/pull/12"])
def test_reviews_are_imported_from_the_forge(desk: Desk, call: Call, forge: Server, named: str) -> None:
    serve(forge, desk)

    ended = call("-C", desk.repo.root, "approvals", "import", "--live", "--pull-request", named)

    assert 0 == ended.code, ended.err
    assert ["PTY-lena"] == [record["party"] for record in desk.approvals()]


def test_a_live_import_and_one_from_a_file_are_the_same(desk: Desk, call: Call, forge: Server) -> None:
    serve(forge, desk)
    call("-C", desk.repo.root, "approvals", "import", desk.export())
    before = desk.approvals()

    ended = call("-C", desk.repo.root, "approvals", "import", "--live", "--pull-request", "12")

    assert ("nothing is left to import\n", before) == (ended.out, desk.approvals())


def test_a_forge_that_fails_is_undecided_and_writes_nothing(desk: Desk, call: Call, forge: Server) -> None:
    serve(forge, desk)
    forge.answers[f"{PULL}/reviews?per_page=100"] = answers(500)

    ended = call("-C", desk.repo.root, "approvals", "import", "--live", "--pull-request", "12")

    assert (3, []) == (ended.code, desk.approvals())
    assert "the reviews of pull request 12" in ended.err


def test_reviews_that_were_committed_are_refused(desk: Desk, call: Call) -> None:
    desk.repo.write("reviews.json", desk.export().read_text())
    desk.repo.commit("Bring my own reviews")

    ended = call("-C", desk.repo.root, "approvals", "import", "reviews.json")

    assert (2, []) == (ended.code, desk.approvals())
    assert "reviews.json is committed here, so anybody could have written it" in ended.err


def forwarded(repo: Repo, branch: str) -> str:
    repo.git("reset", "-q", "--hard", "main~1")
    repo.git("merge", "-q", "--ff-only", branch)
    return repo.git("rev-parse", "HEAD")


def test_where_a_pull_request_starts_that_was_only_forwarded_must_be_said(repo: Repo, call: Call) -> None:
    desk = made(repo, forwarded)

    unsaid = call("-C", repo.root, "approvals", "import", desk.export())
    ended = call("-C", repo.root, "approvals", "import", desk.export(), "--base", "main~3")

    assert (3, True) == (unsaid.code, "name with --base the commit before the first" in unsaid.err)
    assert (0, ["PTY-lena"]) == (ended.code, [record["party"] for record in desk.approvals()])
