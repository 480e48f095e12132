"""`calendar` and its sub-commands, on a real repository."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import icalendar
import pytest
from tests.calendar.conftest import files_of
from tests.conftest import Repo

from opsledger.cli.main import run

LEDGER = """
# records/cis/CI-payments.yaml
title: Payments
class: service
# records/environments/ENV-prod-eu.yaml
production: true
# records/windows/WIN-freeze.yaml
title: "Black \\x1b[2J Week"
type: freeze
state: published
start: "2026-11-23T00:00:00Z"
end: "2026-12-01T00:00:00Z"
# records/changes/2026/CHG-2026-9001.yaml
state: scheduled
effects: [{ci: CI-payments, effect: changed}]
planned: {start: "2026-11-21T10:00:00Z", end: "2026-11-21T12:00:00Z"}
# records/changes/2026/CHG-2026-9002.yaml
state: scheduled
effects: [{ci: CI-payments, effect: changed}]
planned: {start: "2026-11-21T11:00:00Z", end: "2026-11-21T12:00:00Z"}
"""
BROKEN = """
# records/windows/WIN-broken.yaml
type: freeze
state: published
start: "2026-11-23T00:00:00Z"
end: "2026-12-01T00:00:00Z"
time_zone: UTC
recurrence: {rule: FREQ=SECONDLY}
"""


@pytest.fixture
def call(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator:
    """Runs `opsledger calendar` in a ledger and gives its exit code and output."""
    monkeypatch.setenv("OPSLEDGER_CACHE", "off")
    monkeypatch.setenv("OPSLEDGER_NOW", "2026-11-20T12:00:00Z")
    before = signal.getsignal(signal.SIGTERM)
    for path, text in files_of(LEDGER.strip("\n")).items():
        repo.write(path, text)
    repo.commit("A calendar")

    def made(*arguments: str) -> tuple[int, str]:
        code = run(["-C", str(repo.root), "calendar", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    yield made
    signal.signal(signal.SIGTERM, before)


def test_a_month_is_drawn_and_what_holds_in_it_is_listed(call):
    code, said = call()

    assert 0 == code
    assert "November 2026 (UTC)" in said
    assert "23 #" in said
    assert "CHG-2026-9001" in said


def test_what_a_record_says_does_not_steer_the_terminal(call):
    assert "\x1b[2J" not in call()[1]


@pytest.mark.parametrize(
    ("as_of", "code", "word"),
    [
        pytest.param("2026-11-22T23:59:59Z", 0, "open at", id="before the freeze"),
        pytest.param("2026-11-23T00:00:00Z", 1, "it opens at 2026-12-01 00:00 UTC", id="in it"),
    ],
)
def test_next_says_whether_it_is_open_and_else_when(call, as_of, code, word):
    ended, said = call("next", "--env", "ENV-prod-eu", "--ci", "CI-payments", "--as-of", as_of)

    assert code == ended
    assert word in said


def test_next_in_no_environment_is_refused(call):
    code, said = call("next", "--env", "CI-payments")

    assert 2 == code
    assert "is a ci, not an environment" in said


def test_clashes_tell_both_sides_with_file_and_line(call):
    code, said = call("clashes")

    assert 1 == code
    assert "records/changes/2026/CHG-2026-9001.yaml:" in said
    assert "records/changes/2026/CHG-2026-9002.yaml:" in said


def test_clashes_for_programs_are_one_line_each(call):
    (line,) = [json.loads(line) for line in call("clashes", "--format", "json")[1].splitlines()]

    assert ["CHG-2026-9001", "CHG-2026-9002"] == [side["id"] for side in line["sides"]]


def test_a_feed_on_the_screen_is_one_that_programs_read(call):
    _, said = call("--format", "ics")

    assert 3 == len(icalendar.Calendar.from_ical(said).walk("VEVENT"))


def test_feeds_are_written_for_each_service(call, repo):
    code, said = call("export", "feeds")

    assert (0, "wrote 1 feed to feeds\n") == (code, said)
    assert (repo.root / "feeds/CI-payments.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize(
    "arguments", [pytest.param((), id="the list"), pytest.param(("next", "--env", "ENV-prod-eu"), id="next")]
)
def test_a_window_that_nobody_can_follow_leaves_it_undecided(call, repo, arguments):
    for path, text in files_of(BROKEN.strip("\n")).items():
        repo.write(path, text)

    code, said = call(*arguments)

    assert 3 == code
    assert "FREQ=SECONDLY is not followed" in said


@pytest.mark.parametrize(
    "span",
    [
        pytest.param(("--from", "2026-12-01", "--to", "2026-11-01"), id="backwards"),
        pytest.param(("--from", "1970-01-01", "--to", "2190-01-01"), id="of centuries"),
    ],
)
def test_a_span_that_nobody_can_read_is_refused(call, span):
    code, said = call(*span)

    assert 2 == code
    assert "no span that can be shown" in said
