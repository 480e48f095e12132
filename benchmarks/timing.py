"""Whole processes, measured: wall clock, processor time, peak memory, in turns so that noise hits all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """What a process and its children took: seconds on the wall and on processors."""

    wall: float
    processor: float


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
            taken[contender.name].append(Run(sum(p.wall for p in parts), sum(p.processor for p in parts)))
    return {name: median(results) for name, results in taken.items()}


def median(runs: Sequence[Run]) -> Run:
    """The median of each measure by itself."""
    return Run(*(statistics.median(getattr(one, key) for one in runs) for key in ("wall", "processor")))


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
    return Run(wall, usage.ru_utime + usage.ru_stime)


def peak_memory(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """
    The mebibytes that a process and its children hold together at most, looked at every 20 ms.

    Shared pages count once (PSS). `ru_maxrss` will not do: Linux lets a child inherit the peak of the process that
    started it (the old memory's high-water mark is kept in execve), and it knows no sum over processes.
    """
    process = subprocess.Popen(
        command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_held(pid) for pid in _family(process.pid)))
        time.sleep(0.02)
    return peak / 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it ended meanwhile
            for child in tasks.read_text().split():
                yield from _family(int(child))


def _held(pid: int) -> int:
    """Kibibytes of one process; 0 once it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def fresh_cache(parent: Path) -> Callable[[], Mapping[str, str]]:
    """A preparation that gives each run a cache folder nobody has used."""
    return lambda: {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=parent)}
