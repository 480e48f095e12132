"""Answers that forges really gave, as others published them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.adapters.conftest import Script, said
from tests.adapters.payload import payload
from tests.adapters.test_exports import read

from opsledger.adapters.forges import fetch_pull_request
from opsledger.approvals.model import ForgeAccount
from opsledger.errors import Undecided

Made = Callable[[dict[str, Any]], Script]
NOBODY = {"user_has_approved": False, "user_can_approve": False, "approved": False, "approved_by": []}
"""What the Free tier of GitLab answers about approvals where nobody approved."""
PROJECT = "gitlab.com/packit-service/ogr-tests"


def notes() -> list[Any]:
    return [note for page in payload("gitlab-merged")["pages"] for note in page["notes"]]


def test_merged_merge_request_of_gitlab_is_read() -> None:
    found = read(payload("gitlab-merged")["merge_request"], NOBODY, notes())

    assert (PROJECT, "1", "master", True) == (found.repository, found.number, found.base, found.is_merged)
    assert ForgeAccount("lbarcziova", "4594931") == found.opener
    assert "101a42bbbe174d04b465d49caf274dc3b4defeca" == found.merge_commit
    assert datetime(2019, 9, 11, 8, 55, 32, 822000, UTC) == found.merged_at
    assert () == found.reviews


def test_notes_of_gitlab_alone_do_not_say_that_nobody_approved() -> None:
    with pytest.raises(Undecided):
        read(payload("gitlab-merged")["merge_request"], notes())


def pages(*, cut: bool = False) -> dict[str, Any]:
    """The pages of notes as GitLab gave them, by how their address ends."""
    first, *rest = payload("gitlab-merged")["pages"]
    answers = {"order_by=created_at": first} | {one["asked"].rpartition("created_at&")[2]: one for one in rest[:-1]}
    answers |= {} if cut else {rest[-1]["asked"].rpartition("created_at&")[2]: rest[-1]}
    return {f"GET {end}": said(one["notes"], **one["headers"]) for end, one in answers.items()}


@pytest.fixture
def gitlab(script: Made) -> Callable[..., Script]:
    merge = payload("gitlab-merged")["merge_request"]
    rest = {"GET /merge_requests/1": merge, "GET versions?per_page=100": [], "GET /approvals": NOBODY}
    return lambda **how: script(rest | pages(**how))


def test_pages_of_gitlab_are_followed_as_it_links_them(gitlab: Callable[..., Script]) -> None:
    forge = gitlab()

    fetch_pull_request("gitlab", PROJECT, 1, forge)

    asked = [request.url.rpartition("?")[2] for request in forge.asked if "/notes" in request.url]
    assert ["per_page=100", "activity_filter=all_notes", "activity_filter=all_notes"] == [
        query.partition("&")[0] for query in asked
    ]
    assert ["page=2", "page=3"] == [next(p for p in query.split("&") if p.startswith("page=")) for query in asked[1:]]


def test_a_page_of_gitlab_that_is_not_there_leaves_it_undecided(gitlab: Callable[..., Script]) -> None:
    with pytest.raises(Undecided):
        fetch_pull_request("gitlab", PROJECT, 1, gitlab(cut=True))


def test_merged_pull_request_of_forgejo_is_read() -> None:
    found = read(payload("forgejo-merged"), [])

    address = "v10.next.forgejo.org/packit-validator/ogr-tests"
    assert (address, "189", "master", True) == (found.repository, found.number, found.base, found.is_merged)
    assert "dd9b6c54c0788301c86bdf058a8e91e3594a0a17" == found.merge_commit
    assert "5dd0a9a1f5b9d3bf820e8849c4be7aafcbe9a8c7" == found.head


def test_the_opener_of_a_pull_request_that_was_moved_to_forgejo_is_nobody() -> None:
    assert ("Ghost", -1) == (payload("forgejo-merged")["user"]["login"], payload("forgejo-merged")["user"]["id"])

    assert ForgeAccount("") == read(payload("forgejo-merged"), []).opener
