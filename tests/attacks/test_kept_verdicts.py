"""A pipeline that brings a verdict which the gate once gave, or would have given elsewhere, gets nothing past it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opsledger import api

from .conftest import DEP, DEPLOYMENT, DIGEST, FILES, NOON, PROMOTE, REL, RELEASE, told

HALT = "records/windows/WIN-halt.yaml"
HALTED = (
    "id: WIN-halt\ntitle: Fire\ntype: halt\nstate: published\nstart: 2026-11-20T10:00:00Z\n"
    "owner: PTY-ada\nscope: {environments: [ENV-prod]}\n"
)
BEGAN = f"""\
id: {DEP}
state: in-progress
release: {REL}
environment: ENV-prod
package_digest: "{DIGEST}"
started: 2026-11-20T11:30:00Z
executor: PTY-ada
"""
AT = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)


@pytest.fixture
def main(repo):
    """The ledger with a gate that asks the calendar, on main at eight, and nothing begun."""
    files = {**FILES, "records/gates/GAT-promote.yaml": PROMOTE.replace("CODES", "CAL902, CAL909")}
    for path, text in files.items():
        if path != DEPLOYMENT:
            repo.write(path, text)
    repo.commit("The ledger", when=datetime(2026, 11, 20, 8, tzinfo=UTC))
    return repo


def kept(repo, commit: str, at: datetime = AT) -> dict:
    """What the gate says at a commit, by that commit."""
    with api.open_book(repo.root, environment=repo.environment) as book:
        verdict, found = api.let_through(book, "promote", REL, at=commit, as_of=at, environment="ENV-prod", group="")
    assert "open" == verdict.outcome, [one for answer in verdict.answers for one in answer.findings]
    return found


def landed(repo, verdict: dict, text: str = BEGAN):
    """What a check says of a branch that writes the deployment down with that verdict."""
    from opsledger.yamlfile import write

    repo.switch("work", "main")
    repo.write(DEPLOYMENT, text + write({"verdict": verdict}).decode())
    repo.commit("Deployed", when=NOON)
    with api.open_book(repo.root, environment=repo.environment) as book:
        return book.check("HEAD", base="main", as_of=NOON)


def test_a_verdict_of_the_tip_lets_through(main):
    judgement = landed(main, kept(main, "main"))

    assert [] == told(judgement, "DPL701")


@pytest.mark.parametrize("minutes", [0, 59])
def test_a_verdict_of_a_commit_before_the_halt_lets_nothing_through(main, minutes):
    before = main.git("rev-parse", "HEAD")
    main.write(HALT, HALTED)
    main.commit("Halt", when=datetime(2026, 11, 20, 10, minutes, tzinfo=UTC))

    judgement = landed(main, kept(main, before))

    assert 1 == judgement.exit_code
    assert any("had gone on from" in one and "the gate is shut" in one for one in told(judgement, "DPL701"))


def test_a_verdict_asked_while_the_halt_was_landing_lets_through(main):
    before = main.git("rev-parse", "HEAD")
    main.write(HALT, HALTED.replace("10:00:00", "11:29:00"))
    main.commit("Halt", when=datetime(2026, 11, 20, 11, 25, tzinfo=UTC))

    judgement = landed(main, kept(main, before))

    assert [] == told(judgement, "DPL701")


def test_a_verdict_of_a_commit_that_only_a_merged_branch_held_lets_nothing_through(main):
    main.write(HALT, HALTED)
    main.commit("Halt", when=datetime(2026, 11, 20, 9, tzinfo=UTC))
    main.switch("sly", "main")
    main.delete(HALT)
    sly = main.commit("Lift the halt", when=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    main.write(HALT, HALTED)
    main.commit("Put it back", when=datetime(2026, 11, 20, 9, 31, tzinfo=UTC))
    main.switch("main")
    main.merge("sly")

    judgement = landed(main, kept(main, sly))

    assert any("was never the tip" in one for one in told(judgement, "DPL701"))


@pytest.mark.parametrize(
    ("started", "words"),
    [
        pytest.param("2026-11-20T12:30:01Z", "has not begun yet", id="in the future"),
        pytest.param("2026-11-20T11:29:59Z", "later than it began", id="a second before the verdict"),
    ],
)
def test_a_deployment_that_began_at_another_time_than_it_was_let_through_is_found_out(main, started, words):
    judgement = landed(main, kept(main, "main"), BEGAN.replace("2026-11-20T11:30:00Z", started))

    assert told(judgement, "DPL701")


def test_a_deployment_that_begins_hours_after_it_was_let_through_is_found_out(main):
    at = datetime(2026, 11, 20, 10, 29, 59, tzinfo=UTC)

    judgement = landed(main, kept(main, "main", at))

    assert any("more than an hour old" in one for one in told(judgement, "DPL701"))


def test_a_verdict_of_a_gate_that_exceptions_owe_is_asked_again_as_it_was(main):
    """Only what the short way left owed was asked as an emergency."""
    judgement = landed(main, kept(main, "main"))

    assert not any("emergency" in one for one in told(judgement, "DPL701"))


def test_a_verdict_for_staging_does_not_take_the_release_to_users(main):
    main.write(HALT, HALTED)
    main.commit("Halt", when=datetime(2026, 11, 20, 9, tzinfo=UTC))
    with api.open_book(main.root, environment=main.environment) as book:
        verdict, found = api.let_through(book, "promote", REL, at="main", as_of=AT, environment="ENV-staging", group="")
    release = main.root / RELEASE
    text = BEGAN.replace("ENV-prod", "ENV-staging")
    release.write_text(release.read_text().replace("state: ready", "state: deploying"))

    judgement = landed(main, found, text)

    assert "open" == verdict.outcome
    assert told(judgement, "CAL909")
