"""A push is judged with the reviews of the pull request that brought it, and a forge that is silent is never a no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.integrations.conftest import Forge, Place, Ran, lookup_path, place, pull, review, reviews_path

from opsledger.packaged import files

CHANGE = "records/changes/2026/CHG-2026-0001.yaml"
ASSESSED = """\
id: CHG-2026-0001
title: Send a key with each charge
state: {}
type: normal
owner: PTY-ada
risk: medium
business_need: No card is charged twice.
solution: The app sends a key of its own.
backout: {{method: Take the key out}}
impact: {{summary: Nobody notices}}
effects:
  - {{ci: CI-api, effect: changed}}
planned: {{start: "2026-11-21T06:00:00Z", end: "2026-11-21T07:00:00Z"}}
"""
CI = "id: CI-api\ntitle: API\nstate: live\nclass: service\nowner: PTY-ada\ncriticality: high\n"
PERSON = """\
id: PTY-{0}
name: {1}
type: person
state: active
identities:
  emails: [{0}@example.org]
  accounts: [{{forge: {2}, login: {0}, id: "{3}"}}]
roles: [{{role: ROL-approver}}]
"""
SINCE = "2026-03-01T10:00:00.000Z"


@dataclass
class Push:
    """A change that became approved on `main`: where, by which commit, and what was reviewed."""

    there: Place
    before: str
    after: str
    reviewed: str

    def judge(self, **variables: str) -> Ran:
        """Run the script as after a push."""
        pushed = {"OPSLEDGER_BEFORE": self.before, "OPSLEDGER_AFTER": self.after}
        return self.there.run("judge.sh", OPSLEDGER_EVENT="push", **pushed, **variables)


def merge_commit(there: Place) -> str:
    there.author.switch("main")
    return there.author.merge("work")


def squash(there: Place) -> str:
    there.author.switch("main")
    there.author.git("merge", "-q", "--squash", "work")
    return there.author.commit("Approve (#7)")


def fast_forward(there: Place) -> str:
    there.author.switch("main")
    there.author.git("merge", "-q", "--ff-only", "work")
    return there.author.git("rev-parse", "HEAD")


def pushed(there: Place, host: str, merge: Callable[[Place], str] = merge_commit) -> Push:
    """A push to `main` of a ledger at a host that asks for an approval by somebody else than the author."""
    author, reference = there.author, "refs/merge-requests/{}/head" if host == "gitlab.com" else "refs/pull/{}/head"
    author.switch("main")
    for path, data in files("presets/small/records").items():
        author.write(f"records/{path}", data)
    author.write(".opsledger.yaml", f'tool: "0.1.0"\npreset: small\nprotected: main\nrepository: {host}/pay/ledger\n')
    for id, name in enumerate(("ada", "grace"), 1):
        author.write(f"records/parties/PTY-{name}.yaml", PERSON.format(name, name.title(), host, id))
    author.write("records/cis/CI-api.yaml", CI)
    author.write(CHANGE, ASSESSED.format("assessed"))
    before = author.commit("The ledger")
    author.git("branch", "-f", "work", "main")
    author.switch("work")
    author.write(CHANGE, ASSESSED.format("approved"))
    author.commit("Approve")
    reviewed = there.propose(7, reference)
    after = merge(there)
    there.land()
    author.git("-C", str(there.job), "pull", "-q")
    return Push(there, before, after, reviewed)


def told(forge: Forge, push: Push, *reviews: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Let GitHub tell of the pull request that was merged, with these reviews."""
    one = pull(7, push.reviewed, merged=True) | {"state": "closed", "merge_commit_sha": push.after} | other
    forge.answers[lookup_path(push.after)] = [one]
    forge.answers["GET /repos/pay/ledger/pulls/7"] = one
    forge.answers[reviews_path(7)] = list(reviews)
    return one


@pytest.mark.parametrize("merge", [merge_commit, squash, fast_forward])
def test_a_merged_pull_request_that_somebody_approved_stays_green(hub, forge, merge):
    push = pushed(hub, "github.com", merge)
    told(forge, push, review(7, push.reviewed))

    ran = push.judge()

    assert 0 == ran.code, ran.out + ran.err


def test_a_merged_pull_request_that_nobody_approved_is_red(hub, forge):
    push = pushed(hub, "github.com")
    told(forge, push)

    ran = push.judge()

    assert 1 == ran.code, ran.out + ran.err
    assert "SIG301" in ran.out


def test_a_review_by_the_author_of_a_merged_pull_request_counts_for_nothing(hub, forge):
    push = pushed(hub, "github.com")
    told(forge, push, review(7, push.reviewed, "ada", 1))

    assert 1 == push.judge().code


def test_a_direct_push_is_red(hub, forge):
    push = pushed(hub, "github.com", fast_forward)
    forge.answers[lookup_path(push.after)] = []

    ran = push.judge()

    assert 1 == ran.code, ran.out + ran.err
    assert "SIG301" in ran.out
    assert not any("/reviews" in path for _, path, _, _ in forge.asked)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"merged_at": None}, id="not merged"),
        pytest.param({"merge_commit_sha": "a" * 40}, id="merged by another commit"),
        pytest.param({"base": {"ref": "next"}}, id="merged into another branch"),
        pytest.param({"base": {"ref": "main", "repo": {"full_name": "eve/ledger"}}}, id="of another repository"),
    ],
)
def test_reviews_of_a_pull_request_that_did_not_bring_the_commit_count_for_nothing(hub, forge, other):
    push = pushed(hub, "github.com")
    told(forge, push, review(7, push.reviewed), **other)

    ran = push.judge()

    assert 1 == ran.code, ran.out + ran.err
    assert not any("/reviews" in path for _, path, _, _ in forge.asked)


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500, 503])
def test_a_forge_that_does_not_tell_of_pull_requests_is_never_taken_for_none(hub, forge, status):
    push = pushed(hub, "github.com")
    told(forge, push, review(7, push.reviewed))
    forge.answers[lookup_path(push.after)] = (status, b'{"message": "no"}')

    ran = push.judge()

    assert 3 == ran.code, ran.out + ran.err
    assert f"the forge does not tell which pull request brought commit {push.after}" in ran.err


@pytest.mark.parametrize("text", [b"", b"<html>", b'{"message": "no"}', b'[{"number": 7}]', b'["$(touch canary)"]'])
def test_words_that_the_forge_does_not_document_are_never_taken_for_none(hub, forge, text):
    push = pushed(hub, "github.com")
    forge.answers[lookup_path(push.after)] = (200, text)
    forge.answers[lookup_path(push.after, 2)] = (200, b"[]")

    ran = push.judge()

    assert 3 == ran.code, ran.out + ran.err
    assert not (hub.job / "canary").exists()


def test_reviews_of_a_merged_pull_request_that_cannot_be_had_are_never_taken_for_none(hub, forge):
    push = pushed(hub, "github.com")
    told(forge, push)
    forge.answers[reviews_path(7)] = (403, b"{}")

    assert 3 == push.judge().code


def test_the_pull_request_is_looked_for_on_every_page(hub, forge):
    push = pushed(hub, "github.com")
    one = told(forge, push, review(7, push.reviewed))
    forge.answers[lookup_path(push.after)] = [pull(number, "b" * 40) for number in range(100, 200)]
    forge.answers[lookup_path(push.after, 2)] = [one]

    ran = push.judge()

    assert 0 == ran.code, ran.out + ran.err


def test_nobody_chooses_between_two_pull_requests_that_say_they_brought_the_commit(hub, forge):
    push = pushed(hub, "github.com")
    one = told(forge, push, review(7, push.reviewed))
    forge.answers[lookup_path(push.after)] = [one, one | {"number": 8}]

    ran = push.judge()

    assert 3 == ran.code
    assert "pull requests 7 8 all say that they brought commit" in ran.err


@pytest.mark.parametrize("number", ["7; touch canary", "$(touch canary)", "-1", "../8"])
def test_a_number_that_the_forge_makes_up_never_becomes_a_command(hub, forge, number):
    push = pushed(hub, "github.com")
    told(forge, push, number=number)

    ran = push.judge()

    assert 3 == ran.code, ran.out + ran.err
    assert not (hub.job / "canary").exists()


def test_a_clone_that_is_on_no_branch_tells_of_no_pull_request(hub, forge):
    push = pushed(hub, "github.com")
    told(forge, push, review(7, push.reviewed))
    hub.author.git("-C", str(hub.job), "checkout", "-q", "--detach")

    ran = push.judge()

    assert 2 == ran.code
    assert "the clone is on no branch" in ran.err


@pytest.fixture
def codeberg(tmp_path, environment, forge) -> Push:
    """A push at Forgejo."""
    return pushed(place(tmp_path, environment, forge, "forgejo"), "codeberg.org")


def forgejo_tells(forge: Forge, push: Push, *reviews: str, field: str = "merge_commit_sha", **other: Any) -> None:
    url = "https://codeberg.org/pay/ledger/pulls/7"
    one = {
        "id": 1007, "number": 7, "state": "closed", "html_url": url, "url": url, "user": {"login": "ada", "id": 1},
        "head": {"sha": push.reviewed, "ref": "work"}, "base": {"ref": "main", "repo": {"full_name": "Pay/ledger"}},
        "merged": True, "merged_at": SINCE, "merge_base": push.before, "merge_commit_sha": push.after,
    } | other  # fmt: skip
    forge.answers["GET /repos/pay/ledger/pulls/7"] = one
    found = {name: value for name, value in one.items() if name != "merge_commit_sha"}
    forge.answers[f"GET /repos/pay/ledger/commits/{push.after}/pull"] = found | {field: one["merge_commit_sha"]}
    forge.answers[reviews_path(7)] = [
        {
            "id": 80, "state": "APPROVED", "body": "", "commit_id": push.reviewed, "official": True, "stale": False,
            "dismissed": False, "user": {"login": login, "id": 2}, "submitted_at": SINCE,
            "html_url": f"{url}#issuecomment-80", "pull_request_url": url,
        }
        for login in reviews
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["merge_commit_sha", "merged_commit_id"])
def test_at_forgejo_a_merged_pull_request_that_somebody_approved_stays_green(codeberg, forge, field):
    forgejo_tells(forge, codeberg, "grace", field=field)

    ran = codeberg.judge()

    assert 0 == ran.code, ran.out + ran.err


@pytest.mark.parametrize("other", [{}, {"merged": False, "merged_at": None}], ids=["no review", "not merged"])
def test_at_forgejo_a_merged_pull_request_that_nobody_approved_is_red(codeberg, forge, other):
    forgejo_tells(forge, codeberg, *(["grace"] if other else []), **other)

    assert 1 == codeberg.judge().code


def test_at_forgejo_a_direct_push_is_not_there_and_red(codeberg, forge):
    ran = codeberg.judge()

    assert 1 == ran.code, ran.out + ran.err
    assert "SIG301" in ran.out
    assert [f"/repos/pay/ledger/commits/{codeberg.after}/pull"] == [path for _, path, _, _ in forge.asked]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_at_forgejo_a_forge_that_refuses_is_never_taken_for_none(codeberg, forge, status):
    forge.answers[f"GET /repos/pay/ledger/commits/{codeberg.after}/pull"] = (status, b"{}")

    assert 3 == codeberg.judge().code


@pytest.mark.parametrize("text", [b"", b"<html>", b"{}", b'{"message": "no"}'])
def test_at_forgejo_words_that_are_no_pull_request_are_never_taken_for_none(codeberg, forge, text):
    forge.answers[f"GET /repos/pay/ledger/commits/{codeberg.after}/pull"] = (200, text)

    assert 3 == codeberg.judge().code


@pytest.mark.parametrize(
    ("merge", "field"), [(merge_commit, "merge_commit_sha"), (squash, "squash_commit_sha"), (fast_forward, "sha")]
)
@pytest.mark.parametrize(("login", "code"), [("grace", 0), ("", 1)], ids=["approved", "not approved"])
def test_at_gitlab_the_merge_request_of_each_way_to_merge_is_found(
    tmp_path, environment, forge, merge, field, login, code
):
    push = pushed(place(tmp_path, environment, forge, "gitlab"), "gitlab.com", merge)
    gitlab_tells(forge, push, login, **{field: push.after})

    ran = push.judge()

    assert code == ran.code, ran.out + ran.err


@pytest.mark.parametrize(("status", "code"), [(403, 3), (404, 3), (200, 1)])
def test_at_gitlab_only_an_empty_list_says_that_there_is_none(tmp_path, environment, forge, status, code):
    push = pushed(place(tmp_path, environment, forge, "gitlab"), "gitlab.com")
    gitlab_tells(forge, push, "grace")
    forge.answers[requests_of(push.after)] = (status, b"[]")

    assert code == push.judge().code


def requests_of(commit: str) -> str:
    return f"GET /projects/7/repository/commits/{commit}/merge_requests?per_page=100&limit=100&page=1"


def gitlab_tells(forge: Forge, push: Push, login: str, **made: str) -> None:
    ada, grace = ({"id": id, "username": name, "name": name} for id, name in ((1, "ada"), (2, "grace")))
    one = {
        "id": 1007, "iid": 7, "project_id": 7, "state": "merged", "author": ada, "target_branch": "main",
        "source_branch": "work", "sha": push.reviewed, "merged_at": SINCE, "merge_commit_sha": None,
        "squash_commit_sha": None, "web_url": "https://gitlab.com/pay/ledger/-/merge_requests/7",
        "diff_refs": {"base_sha": push.before, "head_sha": push.reviewed, "start_sha": push.before},
    } | made  # fmt: skip
    at = "GET /projects/7/merge_requests/7"
    note = {
        "id": 80, "system": True, "body": "approved this merge request", "author": grace, "created_at": SINCE,
        "noteable_type": "MergeRequest", "noteable_iid": 7, "noteable_id": 1007,
    }  # fmt: skip
    version = {"id": 5, "head_commit_sha": push.reviewed, "base_commit_sha": push.before, "created_at": SINCE}
    by = [{"user": grace, "approved_at": SINCE}] if login else []
    forge.answers |= {
        requests_of(push.after): [one],
        at: one,
        f"{at}/approvals": {"id": 1007, "iid": 7, "approved_by": by},
        f"{at}/approval_state": {"rules": []},
        f"{at}/versions": [version],
        f"{at}/notes?per_page=100&limit=100&page=1": [note] if login else [],
    }
