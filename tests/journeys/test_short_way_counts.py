"""What the everyday story costs the team: pull requests, commands, facts and files that somebody typed, counted."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest

from opsledger.yamlfile import read

from .test_journeys import HERE, Step, steps

STORY = (HERE / "the-short-way.md").read_text(encoding="utf-8")
SET_UP = "## What was there before"
TEAM = {"ada"}
MACHINES = {"pipeline", "ci", "bot", "forge"}
WRITTEN_BY_MACHINES = ("evidence", "baselines", "deployments", "approvals")
FACTS = ("--set", "--range")
_COMMAND = re.compile(r"(?:^|[;&|(]|\bdo\b)\s*(?:[A-Z_]+=\S+\s+)*opsledger\s+(?P<rest>[^;&|]*)")


def told(story: str) -> list[Step]:
    """The steps behind the heading that ends the set-up."""
    end = story.index("\n## ", story.index(SET_UP) + len(SET_UP))
    return [step for step in steps(story) if step.line > story.count("\n", 0, end)]


def who(step: Step) -> str:
    """In whose clone a step happens, or who writes a file; empty where nobody is named."""
    return PurePosixPath(step.path).parts[0] if step.path else step.folder


def commands(story: str) -> list[list[str]]:
    """What the team types behind `opsledger`, word by word."""
    typed = (step.command for step in told(story) if who(step) in TEAM)
    return [shlex.split(found["rest"]) for text in typed for found in _COMMAND.finditer(text)]


def pull_requests(story: str) -> int:
    """How many pull requests the team opens: proposals that came to something."""
    made = (step for step in told(story) if who(step) in TEAM and "opsledger propose" in step.command)
    return sum(1 for step in made if step.screen.startswith("proposed "))


def files(story: str) -> list[Step]:
    """The files that the team writes by hand."""
    return [step for step in told(story) if step.path and who(step) in TEAM]


def facts(story: str) -> int:
    """How many facts the team types: values given to commands, and fields of files that nothing was derived for."""
    given = sum(1 for words in commands(story) for word in words if word.partition("=")[0] in FACTS)
    return given + sum(len(list(_typed_fields(read(step.screen.encode())))) for step in files(story))


def _typed_fields(data: Any) -> Iterator[str]:
    derived = tuple(data.get("derived", ())) if isinstance(data, dict) else ()
    for pointer in _leaves(data):
        if not pointer.startswith("/derived/") and not any(f"{pointer}/".startswith(f"{mark}/") for mark in derived):
            yield pointer


def _leaves(data: Any, at: str = "") -> Iterator[str]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else None
    if inner is None:
        yield at
        return
    for name, value in inner:
        yield from _leaves(value, f"{at}/{name}")


ADDED = '\n```console title="ada"\n$ {}\n{}```\n'
BY_HAND = "id: CHG-2026-0001\ntitle: Retries\neffects:\n  - {ci: CI-a, effect: changed}\nrisk: low\nderived: [/risk]\n"


@pytest.mark.parametrize(
    ("more", "counted"),
    [
        pytest.param(ADDED.format("opsledger show REL-2026-0001", ""), (2, 4, 1, 0), id="a look"),
        pytest.param(ADDED.format("git pull && opsledger check; opsledger show", ""), (2, 5, 1, 0), id="two in a line"),
        pytest.param(ADDED.format("NOW=1 opsledger propose A", "proposed A: draft\n"), (3, 4, 1, 0), id="a proposal"),
        pytest.param(ADDED.format("opsledger propose A", "not proposed\n"), (2, 4, 1, 0), id="a proposal of nothing"),
        pytest.param(ADDED.format("opsledger set A --set b=1 --set=c=2", ""), (2, 4, 3, 0), id="values"),
        pytest.param(f'\n```yaml title="ada/a.yaml"\n{BY_HAND}```\n', (2, 3, 5, 1), id="a file"),
        pytest.param('\n```console title="ci"\n$ opsledger check\n```\n', (2, 3, 1, 0), id="a machine"),
    ],
)  # fmt: skip
def test_what_is_added_is_counted(more: str, counted: tuple[int, ...]) -> None:
    story = STORY + more

    assert counted == (pull_requests(story), len(commands(story)), facts(story), len(files(story)))


def test_everyday_release_takes_two_pull_requests_three_commands_twelve_facts_and_one_file() -> None:
    counted = (pull_requests(STORY), len(commands(STORY)), facts(STORY), len(files(STORY)))

    assert all(one <= most for one, most in zip(counted, (2, 3, 12, 1), strict=True)), counted
    assert (2, ["new", "propose", "propose"]) == (counted[0], [words[0] for words in commands(STORY)])


def test_each_step_says_who_takes_it() -> None:
    assert {who(step) for step in told(STORY)} <= TEAM | MACHINES


def test_no_command_of_the_team_says_what_machines_write() -> None:
    typed = [step for step in told(STORY) if who(step) in TEAM]

    assert not [step for step in typed for name in WRITTEN_BY_MACHINES if f"records/{name}" in step.path + step.command]
    assert not [words for words in commands(STORY) if words[0] in ("import", "deploy", "approvals", "approve")]


def test_story_ends_with_the_release_closed_and_no_person_as_author_of_evidence() -> None:
    last = [step for step in told(STORY) if step.command.startswith("git log --format=%an")]

    assert ["Bot\nPipeline"] == [step.screen for step in last]
    assert all(f"records/{name}" in last[0].command for name in WRITTEN_BY_MACHINES)
    assert "early-life-support → closed" in STORY
