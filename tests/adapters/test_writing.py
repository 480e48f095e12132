"""Pull requests opened and comments written, each once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.adapters.conftest import ConnectionLost, Script, said
from tests.adapters.payload import github_pull

from opsledger.adapters.forges import Commented, Proposed, comment, open_pull_request
from opsledger.adapters.forges.wire import NotAnswered

Made = Callable[[Mapping[str, Any]], Script]
HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "forgejo": "codeberg.org", "bitbucket": "bitbucket.org"}
OPEN = {
    "github": "GET /repos/kestrel-pay/ledger/pulls?state=open&head=kestrel-pay%3Aplan%2Fq4&base=main",
    "gitlab": "GET /projects/kestrel-pay%2Fledger/merge_requests?state=opened&source_branch=plan%2Fq4"
    "&target_branch=main",
    "forgejo": "GET /repos/kestrel-pay/ledger/pulls/main/plan%2Fq4",
    "bitbucket": "GET /repositories/kestrel-pay/ledger/pullrequests?q=source.branch.name%3D%22plan%2Fq4%22%20AND%20"
    "destination.branch.name%3D%22main%22%20AND%20state%3D%22OPEN%22",
}
NEW = {
    "github": "POST /repos/kestrel-pay/ledger/pulls",
    "gitlab": "POST /projects/kestrel-pay%2Fledger/merge_requests",
    "forgejo": "POST /repos/kestrel-pay/ledger/pulls",
    "bitbucket": "POST /repositories/kestrel-pay/ledger/pullrequests",
}
MADE = {
    "github": github_pull(12),
    "gitlab": {"iid": 12, "web_url": "https://gitlab.com/kestrel-pay/ledger/-/merge_requests/12"},
    "forgejo": {"number": 12, "state": "open", "html_url": "https://codeberg.org/kestrel-pay/ledger/pulls/12"},
    "bitbucket": {"id": 12, "links": {"html": {"href": "https://bitbucket.org/kestrel-pay/ledger/pull-requests/12"}}},
}
NOTHING = {"github": [], "gitlab": [], "forgejo": said({}, 404), "bitbucket": {"values": []}}
FOLDERS = {
    "github": "/repos/kestrel-pay/ledger/issues/12/comments",
    "gitlab": "/projects/kestrel-pay%2Fledger/merge_requests/12/notes",
    "forgejo": "/repos/kestrel-pay/ledger/issues/12/comments",
    "bitbucket": "/repositories/kestrel-pay/ledger/pullrequests/12/comments",
}
QUERY = {"github": "?per_page=100", "gitlab": "?per_page=100", "forgejo": "", "bitbucket": "?pagelen=100"}
ONE = {
    "github": "PATCH /repos/kestrel-pay/ledger/issues/comments/7",
    "gitlab": f"PUT {FOLDERS['gitlab']}/7",
    "forgejo": "PATCH /repos/kestrel-pay/ledger/issues/comments/7",
    "bitbucket": f"PUT {FOLDERS['bitbucket']}/7",
}
SORTS = list(HOSTS)


def propose(forge: Script, sort: str, *, is_draft: bool = False) -> Proposed:
    return open_pull_request(
        sort, f"{HOSTS[sort]}/kestrel-pay/ledger", forge, head="plan/q4", base="main", title="Plan", body="Why",
        is_draft=is_draft,
    )  # fmt: skip


def account(sort: str, id: int, *, is_bot: bool = False) -> dict[str, Any]:
    names = {"github": "login", "gitlab": "username", "forgejo": "login", "bitbucket": "nickname"}
    login = "project_1_bot" if is_bot and sort == "gitlab" else "somebody"
    own = {"account_id": str(id)} if sort == "bitbucket" else {"id": -2 if is_bot and sort == "forgejo" else id}
    sorts = {"github": "Bot", "bitbucket": "app_user"}
    return {names[sort]: login, **own, **({"type": sorts[sort]} if is_bot and sort in sorts else {})}


def standing(sort: str, id: int, text: str, user: dict[str, Any]) -> dict[str, Any]:
    words = {"content": {"raw": text}} if sort == "bitbucket" else {"body": text}
    return {"id": id, ("author" if sort == "gitlab" else "user"): user, **words}


def mark(sort: str) -> str:
    return "[//]: # (opsledger report)\n\n" if sort == "bitbucket" else "<!-- opsledger report -->\n"


def write(forge: Script, sort: str, text: str = "All is well") -> Commented:
    return comment(sort, f"{HOSTS[sort]}/kestrel-pay/ledger", 12, text, forge)


def listed(sort: str, comments: list[Any]) -> Any:
    return {"values": comments} if sort == "bitbucket" else comments


@pytest.mark.parametrize("sort", SORTS)
def test_a_pull_request_is_opened(script: Made, sort: str) -> None:
    forge = script({OPEN[sort]: NOTHING[sort], NEW[sort]: said(MADE[sort], 201)})

    found = propose(forge, sort)

    assert ("12", True) == (found.number, found.is_new)
    assert found.url.startswith(f"https://{HOSTS[sort]}/kestrel-pay/ledger/")


@pytest.mark.parametrize("sort", SORTS)
def test_an_open_pull_request_of_the_branch_is_taken(script: Made, sort: str) -> None:
    one = MADE[sort]
    there = {"values": [one]} if sort == "bitbucket" else one if sort == "forgejo" else [one]

    forge = script({OPEN[sort]: there})

    assert not propose(forge, sort).is_new
    assert {"GET"} == {request.method for request in forge.asked}


def test_a_closed_pull_request_of_the_branch_is_not_taken(script: Made) -> None:
    forge = script({OPEN["forgejo"]: MADE["forgejo"] | {"state": "closed"}, NEW["forgejo"]: said(MADE["forgejo"], 201)})

    assert propose(forge, "forgejo").is_new


@pytest.mark.parametrize(
    ("sort", "said_so"),
    [("github", '"draft": true'), ("gitlab", '"title": "Draft: Plan"'), ("forgejo", '"title": "WIP: Plan"'),
     ("bitbucket", '"draft": true')],
)  # fmt: skip
def test_a_draft_is_asked_for_as_the_forge_knows_it(script: Made, sort: str, said_so: str) -> None:
    forge = script({OPEN[sort]: NOTHING[sort], NEW[sort]: said(MADE[sort], 201)})

    propose(forge, sort, is_draft=True)

    assert said_so in forge.asked[-1].body.decode()


@pytest.mark.parametrize("answer", [said({"message": "no"}, 403), said({}, 422), said({}, 500), ConnectionLost("cut")])
def test_a_pull_request_that_could_not_be_opened_is_undecided(script: Made, answer: Any) -> None:
    with pytest.raises(NotAnswered, match="written"):
        propose(script({OPEN["github"]: [], NEW["github"]: answer}), "github")


@pytest.mark.parametrize("sort", SORTS)
def test_the_first_comment_is_written_under_its_mark(script: Made, sort: str) -> None:
    forge = script({
        "GET /user": account(sort, 3), f"GET {FOLDERS[sort]}{QUERY[sort]}": listed(sort, []),
        f"POST {FOLDERS[sort]}": said({"id": 7}, 201),
    })  # fmt: skip

    assert Commented("7", "written") == write(forge, sort)
    sent = json.loads(forge.asked[-1].body)
    assert f"{mark(sort)}All is well" == (sent["content"]["raw"] if sort == "bitbucket" else sent["body"])


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("is_bot", [False, True], ids=["a user's token", "a pipeline's token"])
def test_an_own_comment_is_changed(script: Made, sort: str, is_bot: bool) -> None:
    own = account(sort, 3, is_bot=is_bot)
    forge = script({
        "GET /user": said({}, 403) if is_bot else own, ONE[sort]: {"id": 7},
        f"GET {FOLDERS[sort]}{QUERY[sort]}": listed(sort, [standing(sort, 7, mark(sort) + "Old words", own)]),
    })  # fmt: skip

    assert Commented("7", "changed") == write(forge, sort)


@pytest.mark.parametrize("sort", SORTS)
def test_a_comment_that_says_so_already_is_kept(script: Made, sort: str) -> None:
    own = account(sort, 3)
    comments = [standing(sort, 7, mark(sort) + "All is well", own)]
    forge = script({"GET /user": own, f"GET {FOLDERS[sort]}{QUERY[sort]}": listed(sort, comments)})

    assert Commented("7", "kept") == write(forge, sort)


@pytest.mark.parametrize("sort", SORTS)
def test_the_mark_in_a_comment_of_somebody_else_is_not_ours(script: Made, sort: str) -> None:
    theirs = standing(sort, 7, mark(sort) + "Old words", account(sort, 4))
    forge = script({
        "GET /user": account(sort, 3), f"GET {FOLDERS[sort]}{QUERY[sort]}": listed(sort, [theirs]),
        f"POST {FOLDERS[sort]}": said({"id": 8}, 201),
    })  # fmt: skip

    assert Commented("8", "written") == write(forge, sort)


def test_a_mark_in_the_middle_of_a_comment_is_not_ours(script: Made) -> None:
    quoted = standing("github", 7, "> <!-- opsledger report -->", account("github", 3))
    forge = script({
        "GET /user": account("github", 3), f"GET {FOLDERS['github']}?per_page=100": [quoted],
        f"POST {FOLDERS['github']}": said({"id": 8}, 201),
    })  # fmt: skip

    assert "written" == write(forge, "github").done


def test_a_comment_longer_than_the_forge_takes_is_cut_and_says_so(script: Made) -> None:
    forge = script({
        "GET /user": account("github", 3), f"GET {FOLDERS['github']}?per_page=100": [],
        f"POST {FOLDERS['github']}": said({"id": 8}, 201),
    })  # fmt: skip

    write(forge, "github", "x" * 100_000)

    sent = json.loads(forge.asked[-1].body)["body"]
    assert len(sent) <= 65_536
    assert sent.endswith("the forge takes no longer comment)\n")


def test_comments_that_cannot_be_listed_stop_the_writing(script: Made) -> None:
    forge = script({"GET /user": account("github", 3), f"GET {FOLDERS['github']}?per_page=100": said({}, 500)})

    with pytest.raises(NotAnswered, match="failed with status 500"):
        write(forge, "github")
    assert {"GET"} == {request.method for request in forge.asked}
