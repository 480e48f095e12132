"""The calendar's page and its feeds."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest
from tests.calendar.conftest import files_of
from tests.conftest import Repo, make_repo

from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.site.build import build
from opsledger.store import Repository

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEDGER = """
# records/cis/CI-payments.yaml
title: Payments
class: service
# records/windows/WIN-freeze.yaml
title: "<script>alert(1)</script> Week"
type: freeze
state: published
start: "2026-11-23T00:00:00Z"
end: "2026-12-01T00:00:00Z"
# records/windows/WIN-broken.yaml
type: freeze
state: published
start: "2026-11-23T00:00:00Z"
end: "2026-12-01T00:00:00Z"
time_zone: UTC
recurrence: {rule: FREQ=SECONDLY}
# records/changes/2026/CHG-2026-9001.yaml
state: scheduled
effects: [{ci: CI-payments, effect: changed}]
planned: {start: "2026-11-21T10:00:00Z", end: "2026-11-21T12:00:00Z"}
# records/changes/2026/CHG-2026-9002.yaml
state: scheduled
effects: [{ci: CI-payments, effect: changed}]
planned: {start: "2026-11-21T11:00:00Z", end: "2026-11-21T12:00:00Z"}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of the ledger above, as of its commit."""
    home = tmp_path_factory.mktemp("calendar")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "file",
    }  # fmt: skip
    repo: Repo = make_repo(home / "ledger", environment)
    for path, text in files_of(LEDGER.strip("\n")).items():
        repo.write(path, text)
    repo.commit("A calendar", when=NOON)
    with Repository.open(repo.root, environment=environment) as repository:
        ledger = load(repository.commit("HEAD"), packaged_kinds())
        build(ledger, None, [], home / "site")
        ledger.database.close()
    return home / "site"


@pytest.fixture
def page(built: Path) -> str:
    """The calendar's page."""
    return (built / "overviews/calendar.html").read_text()


def test_the_page_tells_of_the_time_of_the_commit(page):
    assert "2026-11-20 12:00 UTC" in page
    assert "November 2026" in page


def test_a_title_of_a_window_is_text_on_the_page(page):
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_clashes_stand_there_with_both_sides(page):
    assert "records/changes/2026/CHG-2026-9001.yaml:" in page
    assert "records/changes/2026/CHG-2026-9002.yaml:" in page


def test_a_window_that_nobody_can_follow_is_told_first(page):
    assert "FREQ=SECONDLY is not followed" in page


def test_the_twin_of_the_page_says_the_same_for_programs(built):
    told = json.loads((built / "overviews/calendar.json").read_text())

    assert ["CHG-2026-9001", "CHG-2026-9002", "WIN-freeze"] == [one["id"] for one in told["times"]]
    assert [["CI-payments", "CI-payments"]] == told["clashes"][0]["on"]


def test_each_service_has_a_feed_that_the_page_links_to(built, page):
    feed = (built / "calendar/CI-payments.ics").read_bytes()

    assert "../calendar/CI-payments.ics" in page
    assert 3 == len(icalendar.Calendar.from_ical(feed).walk("VEVENT"))
