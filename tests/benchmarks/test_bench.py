"""The programs behind `make bench` and `make soak`, each on a small slice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def benchmark(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What one of the programs prints, and how it ends."""
    command = [sys.executable, str(BENCHMARKS / name), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_quick_bench_prints_every_ratio_and_judges_none() -> None:
    answer = benchmark("bench.py", "--quick", "--only", "start", "--only", "cold", "--only", "warm", "--only", "growth")

    assert (answer.returncode, answer.stderr.count("Traceback")) == (0, 0), answer.stderr
    lines = answer.stdout.splitlines()
    heading = next(at for at, line in enumerate(lines) if line.startswith("what "))
    whats = [re.split(r"(?<=\S)  ", line)[0] for line in lines[heading + 1 :]]
    assert whats == [
        "--help / python -c pass",
        "cold check / PyYAML CSafeLoader load",
        "  the same, in processor time",
        "4 bad files among 400 add",
        "warm check after 3 records / its imports",
        "warm check --base after 3 records / imports",
        "cold check of 1,200 / 400",
        "peak memory, cold check of 1,200",
    ]


def test_a_short_journey_finds_no_disagreement() -> None:
    answer = benchmark("soak.py", "--steps", "8", "--records", "60", "--seed", "7")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.startswith("8 steps: ")
