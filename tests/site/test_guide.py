"""The hand-written pages: who they are for, and that what they tell to type exists."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from opsledger.cli.overview import COMMANDS
from opsledger.kind import load_kinds
from opsledger.packaged import files

PAGES = {
    path.removeprefix("pages/"): text.decode() for path, text in files("site").items() if path.startswith("pages/")
}
GUIDE = sorted(set(PAGES) - {"index.md"})


@pytest.mark.parametrize("page", GUIDE)
def test_a_page_starts_with_whom_it_is_for_and_what_they_will_have(page: str) -> None:
    opening = PAGES[page].split("\n\n")[1]

    assert opening.startswith("For ")
    assert "At the end " in opening


@pytest.mark.parametrize("page", GUIDE)
def test_every_command_that_a_page_tells_to_type_exists(page: str) -> None:
    named = re.findall(r"(?:^\$ |`)opsledger (?:-C \S+ )?([a-z]+)", PAGES[page], re.MULTILINE)

    assert set(named) <= set(COMMANDS)


@pytest.mark.parametrize("page", GUIDE)
def test_every_option_that_a_page_tells_to_type_exists(page: str) -> None:
    for command, rest in re.findall(r"^\$ opsledger ([a-z]+)(.*)$", PAGES[page], re.MULTILINE):
        module = importlib.import_module(f"opsledger.cli.{command}")
        commands = [module.command, *getattr(module.command, "commands", {}).values()]
        known = {name for one in commands for parameter in one.params for name in parameter.opts}
        assert set(re.findall(r"(?<= )--[a-z-]+", rest)) <= known, command


def test_the_schema_that_the_guide_shows_makes_a_kind() -> None:
    [stated] = re.findall(r"```json\n(.*?)```", PAGES["extend.md"], re.DOTALL)

    kinds = load_kinds(files("schemas"), {"drill.json": stated.encode()})

    assert kinds["drill"].is_sound
    assert json.loads(stated)["title"] == kinds["drill"].title


def test_the_sources_hold_no_path_of_a_machine() -> None:
    for path, text in files("site").items():
        assert not re.search(rb"/(home|root|tmp|Users)/", text), path


def test_the_settings_at_the_root_are_those_that_travel_with_the_tool() -> None:
    root = Path(__file__).resolve().parents[2]

    assert "INHERIT: site/mkdocs.yml" in (root / "mkdocs.yml").read_text(encoding="utf-8")
    assert b"plugins: []" in files("site")["mkdocs.yml"]
