"""Who makes a step: the check holds machines to their lanes, names strangers, and tells who has to agree."""

from __future__ import annotations

import pytest

from opsledger.api import open_book

BOT = "id: PTY-bot\nname: Bot\ntype: machine\nstate: active\nidentities:\n  emails: [bot@example.org]\n"
ADA = "id: PTY-ada\nname: Ada\ntype: person\nstate: active\nidentities:\n  emails: [ada@example.org]\n"
LANE = "id: LAN-pipeline\ntitle: Pipeline\nparties: [PTY-bot]\npaths: [/records/evidence/**]\n"
PROBLEM = "id: PRB-2026-0001\ntitle: {}\nstate: logged\nseverity: high\n"
PROBLEMS = "records/problems/2026/PRB-2026-0001.yaml"


@pytest.fixture
def laned(repo):
    """A ledger with a machine in a lane on branch `main`, and branch `work` checked out on top of it."""
    repo.write("records/parties/PTY-bot.yaml", BOT)
    repo.write("records/parties/PTY-ada.yaml", ADA)
    repo.write("records/lanes/LAN-pipeline.yaml", LANE)
    repo.write(PROBLEMS, PROBLEM.format("Payments time out"))
    repo.commit("Start")
    repo.switch("work", "main")
    return repo


def checked(repo, **options):
    with open_book(repo.root, environment=repo.environment) as book:
        judgement = book.check("work", base="main", **options)
    return [
        f"{one.code} {one.place} {one.message}" for one in judgement.findings if one.code[:3] in ("SIG", "GOV")
    ], judgement


def outside(place: str) -> str:
    return f"SIG303 {place} PTY-bot may not change /title of PRB-2026-0001: LAN-pipeline grants no field of a problem"


def test_a_machine_that_pushes_outside_its_lane_is_stopped_at_the_field(laned):
    laned.write(PROBLEMS, PROBLEM.format("All is well"))
    laned.commit("Change")

    found, judgement = checked(laned, by="PTY-bot")

    assert ([outside(f"{PROBLEMS}:2:8")], 1) == (found, judgement.exit_code)


def test_a_machine_that_pushes_files_that_are_no_records_is_stopped_too(laned):
    laned.write("notes.txt", "hello\n")
    laned.commit("Add")

    found, _ = checked(laned, by="PTY-bot")

    assert ["SIG303 notes.txt:1:1 PTY-bot may not add notes.txt: LAN-pipeline grants /records/evidence/**"] == found


def test_commits_that_all_say_they_are_the_machines_are_held_to_its_lane_and_that_is_told(laned):
    laned.write(PROBLEMS, PROBLEM.format("All is well"))
    laned.commit("Change", author="Bot <bot@example.org>")

    found, judgement = checked(laned)

    assert [outside(f"{PROBLEMS}:2:8")] == found
    assert "every commit says it is by PTY-bot, so this step is judged by its lane" in judgement.notes


def test_a_persons_commit_between_makes_it_an_ordinary_step(laned):
    laned.write(PROBLEMS, PROBLEM.format("All is well"))
    laned.commit("Change", author="Bot <bot@example.org>")
    laned.write("notes.txt", "hello\n")
    laned.commit("Mine")

    assert [] == checked(laned)[0]


def test_a_commit_of_somebody_unknown_is_a_warning_in_preset_small(laned):
    laned.write(PROBLEMS, PROBLEM.format("All is well"))
    commit = laned.commit("Change", author="Eve <eve@example.org>")

    found, judgement = checked(laned)

    said = f"commit {commit[:7]} is by Eve <eve@example.org>, whom no party record names"
    assert ([f"GOV966 {PROBLEMS}:1:1 {said}"], 0) == (found, judgement.exit_code)


def test_a_machine_that_does_nothing_is_let_through(laned):
    assert [] == checked(laned, by="PTY-bot")[0]
