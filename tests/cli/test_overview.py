"""The page that `opsledger` alone prints, and the commands behind it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from opsledger import __version__
from opsledger.cli.main import run
from opsledger.cli.overview import COMMANDS, overview


def test_help_imports_no_command_and_no_library() -> None:
    program = (
        "import sys; from opsledger.cli.main import run; run(['--help']); "
        "print(*sorted(name for name in sys.modules if name.split('.')[0] in {'click', 'opsledger'}), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "opsledger opsledger.cli opsledger.cli.main opsledger.cli.overview\n" == done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["-C", ".", "--help"]], ids=" ".join)
def test_help_is_one_page_however_it_is_asked_for(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(arguments)
    assert overview() + "\n" == capsys.readouterr().out


def test_no_command_shows_the_page_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run([])
    assert overview() + "\n" == capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--version"], ["-C", ".", "--version"]], ids=" ".join)
def test_version_is_the_package_s(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(arguments)
    assert f"opsledger {__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_page_says_of_a_command_what_its_own_help_says(name: str) -> None:
    command = importlib.import_module(f"opsledger.cli.{name}").command

    assert isinstance(command, click.Command)
    assert (name, COMMANDS[name]) == (command.name, (command.help or "").strip().splitlines()[0])


@pytest.mark.parametrize("name", COMMANDS)
def test_command_s_help_says_how_it_exits(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run([name, "--help"])
    words = " ".join(capsys.readouterr().out.split())

    assert "Exits 0 " in words
    assert "-C DIR" in words


@pytest.mark.parametrize("name", COMMANDS)
def test_command_fits_a_screen(name: str) -> None:
    source = importlib.import_module(f"opsledger.cli.{name}").__file__

    assert source is not None
    assert len(Path(source).read_text(encoding="utf-8").splitlines()) <= 60
