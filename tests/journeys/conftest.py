"""The shell in which stories happen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """A shell that knows `opsledger`, pytest and git, and nothing of this machine."""
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    for name in ("opsledger", "pytest"):
        script = bin_directory / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {name} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    names = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in
             (("NAME", "Ada"), ("EMAIL", "ada@pay.example"), ("DATE", "2026-11-20T12:00:00Z"))}  # fmt: skip
    return {
        "PATH": f"{bin_directory}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1",
        "OPSLEDGER_NOW": "2026-11-20T12:00:00Z", "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1", **names,
    }  # fmt: skip
