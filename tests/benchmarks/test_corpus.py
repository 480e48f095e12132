"""The generated ledger: the same for the same seed, in the promised mix, with as many bad files as asked for."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsledger import yamlfile
from opsledger.api import open_book
from opsledger.gate import Outcome

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
PRESET = BENCHMARKS.parent / "tooling" / "opsledger" / "presets" / "small"


def corpus(target: Path, *arguments: str) -> Path:
    """A generated ledger."""
    command = [sys.executable, str(BENCHMARKS / "corpus.py"), str(target), *arguments]
    subprocess.run(command, check=True, capture_output=True)
    return target


def git(directory: Path, *arguments: str) -> str:
    """What git prints."""
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def emitter() -> Callable[[Mapping[str, Any]], bytes]:
    """The function that writes the generated files."""
    spec = importlib.util.spec_from_file_location("benchmark_emit", BENCHMARKS / "emit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    write: Callable[[Mapping[str, Any]], bytes] = module.yaml_text
    return write


SCALARS = st.text(max_size=30) | st.integers(1 - 2**53, 2**53 - 1) | st.booleans() | st.none()
KEYS = st.from_regex("[a-z_]{1,8}", fullmatch=True).filter(lambda key: key not in {"null", "true", "false"})
RECORDS = st.dictionaries(
    KEYS,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus") / "ledger", "--records", "400")


def test_the_same_seed_makes_the_same_ledger(small: Path, tmp_path: Path) -> None:
    again = corpus(tmp_path / "again", "--records", "400", "--seed", "1")

    assert git(small, "rev-parse", "HEAD") == git(again, "rev-parse", "HEAD")


def test_the_mix_is_as_promised(small: Path) -> None:
    mix = Counter(path.relative_to(small).parts[1] for path in (small / "records").rglob("*.yaml"))

    shares = {"changes": 120, "releases": 48, "problems": 48, "cis": 48, "incidents": 32, "deployments": 24}
    starters = {folder.name for folder in (PRESET / "records").iterdir()}
    proofs = {"evidence": 40, "baselines": 16, "approvals": 20, "exceptions": 4}
    beside = {"parties": 20, "environments": 5, "windows": 3}
    expected = shares | proofs | beside
    assert expected == {folder: many for folder, many in mix.items() if folder in expected}
    assert starters <= mix.keys()


def test_a_check_finds_nothing_in_it(small: Path) -> None:
    with open_book(small, environment={**os.environ, "OPSLEDGER_CACHE": "off"}) as book:
        assert () == book.check().findings


def test_a_gate_has_work_to_do_in_it(small: Path) -> None:
    releases = (small / "records/releases").rglob("*.yaml")
    ready = [path.stem for path in releases if "\nstate: ready\n" in path.read_text()]

    with open_book(small, environment={**os.environ, "OPSLEDGER_CACHE": "off"}) as book:
        verdict = book.decide("promote", max(ready), as_of=NOON, environment="ENV-production")

    answers = {answer.code: answer.outcome for answer in verdict.answers}
    assert [Outcome.WAIVED, Outcome.MET, Outcome.MET] == [answers[code] for code in ("FLT751", "SIG301", "CAL901")]


def test_bad_files_are_as_many_as_asked_for(small: Path, tmp_path: Path) -> None:
    spoilt = corpus(tmp_path / "spoilt", "--records", "400", "--bad", "7")

    different = [
        path
        for path in (small / "records").rglob("*.yaml")
        if path.read_bytes() != (spoilt / path.relative_to(small)).read_bytes()
    ]
    assert len(different) == 7


def test_records_are_as_long_as_people_write_them(small: Path) -> None:
    folders = ("changes", "releases", "problems", "cis", "incidents", "deployments")
    records = [path.read_bytes() for folder in folders for path in (small / "records" / folder).rglob("*.yaml")]

    mean = sum(len(record) for record in records) / len(records)

    assert 1100 < mean < 1500
    assert all(20 <= record.count(b"\n") <= 65 for record in records)


@settings(max_examples=50)
@given(RECORDS)
def test_what_is_written_is_read_back(record: dict[str, Any]) -> None:
    assert record == yamlfile.read(emitter()(record))
