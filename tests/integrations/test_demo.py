"""`make demo`, on a copy of the sample that has just been committed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = (".opsledger.yaml", ".forgejo", "records", "tooling/demo.sh")


@pytest.fixture
def clone(tmp_path: Path, environment: dict[str, str]) -> Path:
    """The sample and the script, as a fresh clone has them."""
    root = tmp_path / "clone"
    for name in SAMPLE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, root / name)
    somebody = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "The sample"]):
        subprocess.run(["git", *somebody, *command], cwd=root, env=environment, check=True)
    return root


def shown(clone: Path, environment: dict[str, str], tmp_path: Path) -> list[str]:
    """Each line that the demo prints; it must end well."""
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    program = bin_directory / "opsledger"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m opsledger "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    variables = {
        **environment,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "TMPDIR": str(tmp_path),
    }
    ended = subprocess.run(
        ["sh", "tooling/demo.sh", str(bin_directory)], cwd=clone, env=variables, check=False, capture_output=True,
        text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (0, "") == (ended.returncode, ended.stderr), ended.stdout + ended.stderr
    return ended.stdout.splitlines()


def test_demo_shows_the_everyday_story_in_a_page_that_one_can_read(
    clone: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    lines = shown(clone, environment, tmp_path)

    text = "\n".join(lines)
    assert "Typed by people: 2 pull requests, 3 commands, 1 typed fact" in text
    assert ["is blocked", "is open", "is blocked", "is open"] == re.findall(r"promote (is \w+) for", text)
    assert len(lines) < 80
    assert max(map(len, lines[: text[: text.index("Then try")].count("\n")])) <= 120
    assert (clone / "build/site/index.html").is_file()
    assert (clone / "build/demo/ada/records").is_dir()


def test_demo_is_what_make_runs() -> None:
    assert "demo: $(READY)\n\t@sh tooling/demo.sh $(RUN)\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
