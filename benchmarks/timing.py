"""Whole processes, timed: wall clock, processor time and peak memory, taken in turns so that noise hits all alike."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """What one process took: seconds on the wall and on processors, mebibytes at its peak."""

    wall: float
    processor: float
    peak: float


@dataclass(frozen=True)
class Contender:
    """
    A program to be timed.

    Args:
        name: how the table calls it.
        commands: run one after the other; their times add up.
        prepare: called before each run, outside of the clock; may return variables for the run's environment.
        codes: the exit codes that mean it did its work.
    """

    name: str
    commands: Sequence[Sequence[str]]
    prepare: Callable[[], Mapping[str, str]] = field(default=dict)
    codes: frozenset[int] = frozenset({0})


def contest(contenders: Sequence[Contender], runs: int, environment: Mapping[str, str]) -> dict[str, Run]:
    """Run the contenders in turns, and return the median of each."""
    taken: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for turn in range(runs):
        # Every other round goes backwards, so that nobody always follows the same neighbour.
        for contender in contenders if turn % 2 == 0 else reversed(contenders):
            variables = {**environment, **contender.prepare()}
            parts = [run(command, variables, contender.codes) for command in contender.commands]
            total = Run(sum(p.wall for p in parts), sum(p.processor for p in parts), max(p.peak for p in parts))
            taken[contender.name].append(total)
    return {name: median(results) for name, results in taken.items()}


def median(runs: Sequence[Run]) -> Run:
    """The median of each measure by itself."""
    return Run(*(statistics.median(getattr(one, key) for one in runs) for key in ("wall", "processor", "peak")))


def run(command: Sequence[str], environment: Mapping[str, str], codes: frozenset[int]) -> Run:
    """
    Run one process to its end.

    Raises:
        RuntimeError: it ended with another code than expected; the end of what it said is in the text.
    """
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            said.seek(0)
            tail = said.read()[-2000:].decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)[:300]} ended with {process.returncode}:\n{tail}")
    return Run(wall, usage.ru_utime + usage.ru_stime, _mebibytes(usage))


def _mebibytes(usage: resource.struct_rusage) -> float:
    # Kibibytes on Linux, bytes on macOS (getrusage(2) of each).
    return usage.ru_maxrss / (1024 if os.uname().sysname != "Darwin" else 1024 * 1024)


def fresh_cache(parent: Path) -> Callable[[], Mapping[str, str]]:
    """A preparation that gives each run a cache folder nobody has used."""
    return lambda: {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=parent)}
