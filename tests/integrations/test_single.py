"""The one-file build: made from this environment, it runs where nothing but python3 and git are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, built once."""
    place = tmp_path_factory.mktemp("single") / "opsledger.pyz"
    subprocess.run([sys.executable, str(ROOT / "tooling/single.py"), "--output", str(place)], check=True)
    return place


def run(single: Path, home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What the file says on a machine that knows nothing of this one: no site-packages, no variables."""
    return subprocess.run(
        [sys.executable, "-S", "-E", str(single), *arguments], cwd=home, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), **variables},
    )  # fmt: skip


@pytest.mark.slow
def test_it_makes_and_judges_a_ledger(single, tmp_path):
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)

    assert 0 == run(single, tmp_path, "init").returncode
    answer = run(single, tmp_path, "check")

    assert 0 == answer.returncode, answer.stdout + answer.stderr
    assert [True] == [path.is_dir() for path in (tmp_path / ".cache/opsledger/single").iterdir()]


@pytest.mark.slow
def test_it_leaves_nothing_behind_where_no_cache_is_wanted(single, tmp_path):
    answer = run(single, tmp_path, "--version", OPSLEDGER_CACHE="off", TMPDIR=str(tmp_path))

    assert 0 == answer.returncode, answer.stderr
    assert "opsledger 0.1.0" in answer.stdout
    assert [] == list(tmp_path.iterdir())
