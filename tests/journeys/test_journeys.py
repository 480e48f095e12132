"""
The stories beside this file, run step by step: what the reader types and sees is what happens.

A story is Markdown. In its `console` blocks, lines that start with `$ ` are typed into a shell, and the lines after
them are the expected screen, standard output first, then standard error. `…` stands for any text in a line, and a line
that is only `…` for any lines. `[exit 1]` ends a step that does not end well. All steps of a story share a directory,
and a `yaml`, `json` or `python` block with a title is a file that the reader writes there. A `console` block with a
title happens in a folder of it, a clone of somebody's own: who they are is what git was told there.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STORIES = sorted(HERE.glob("*.md"))
_BLOCK = re.compile(r"^```console(?: title=\"(?P<folder>[^\"]+)\")?\n(?P<typed>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^```(?:yaml|json|python) title=\"(?P<path>[^\"]+)\"\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A command, or a file that the reader writes, and the screen afterwards; `folder` is whose clone it happens in."""

    line: int
    command: str
    screen: str
    path: str = ""
    folder: str = ""


def steps(story: str) -> Iterator[Step]:
    """Yield the steps of a story in order."""
    blocks = sorted([*_BLOCK.finditer(story), *_FILE.finditer(story)], key=lambda block: block.start())
    for block in blocks:
        line = story.count("\n", 0, block.start()) + 2
        if "path" in block.groupdict():
            yield Step(line, "", block["text"], block["path"])
            continue
        typed, folder = "", block["folder"] or ""
        screen: list[str] = []
        start = line
        for number, text in enumerate(block["typed"].splitlines(), line):
            if text.startswith("$ "):
                if typed:
                    yield Step(start, typed, "\n".join(screen), folder=folder)
                typed, screen, start = text[2:], [], number
            elif typed.endswith("\\"):
                typed = typed[:-1] + text.strip()
            else:
                screen.append(text)
        yield Step(start, typed, "\n".join(screen), folder=folder)


def seen(command: str, directory: Path, environment: dict[str, str]) -> str:
    """Return what a command leaves on the screen."""
    done = subprocess.run(
        command, shell=True, cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    ending = f"[exit {done.returncode}]\n" if done.returncode else ""
    return (done.stdout + done.stderr + ending).rstrip("\n")


def pattern(screen: str) -> re.Pattern[str]:
    """Return what an expected screen matches."""
    lines = [r"(?:.*\n)*?" if line.strip() == "…" else _line(line) + r"\n" for line in screen.splitlines()]
    return re.compile("".join(lines))


def _line(line: str) -> str:
    return r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("…"))


def anonymous(shell: dict[str, str]) -> dict[str, str]:
    """The same shell, in which git asks the clone who somebody is."""
    return {name: value for name, value in shell.items() if not re.fullmatch(r"GIT_\w+_(NAME|EMAIL)", name)}


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
def test_story_happens_as_it_is_told(path: Path, tmp_path: Path, shell: dict[str, str]) -> None:
    directory = tmp_path / "story"
    directory.mkdir()

    for step in steps(path.read_text(encoding="utf-8")):
        if step.path:
            target = directory / step.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.screen, encoding="utf-8")
            continue
        place = directory / step.folder
        screen = seen(step.command, place, anonymous(shell) if step.folder else shell)
        matches = pattern(step.screen).fullmatch(screen + "\n" if screen else "")
        assert matches, f"{path.name}:{step.line}: $ {step.command}\nexpected:\n{step.screen}\n\nseen:\n{screen}"
