"""
Times opsledger beside other programs on the same generated files, and prints one table of ratios.

    python benchmarks/bench.py [--quick] [--only CONTEST]... [--keep DIRECTORY] [--profile]

Ratios within one run travel between machines; seconds do not. Exits 1 when a required bar is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from contests import CONTESTS, Arena, Row, opsledger

TOOLING = Path(__file__).resolve().parent.parent / "tooling"
PACKAGES = (
    "yaml-rs",
    "jsonschema-rs",
    "PyYAML",
    "ruamel.yaml",
    "check-jsonschema",
    "mkdocs",
    "mkdocs-material",
    "click",
)


def main() -> int:
    """Hold the contests and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="small ledgers and few runs; nothing is judged")
    parser.add_argument(
        "--only", action="append", choices=list(CONTESTS), help="hold this contest only; may be given again"
    )
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="make the ledgers here and leave them")
    parser.add_argument("--runs", type=int, metavar="N", help="times that each program runs  [default: 5]")
    parser.add_argument("--profile", action="store_true", help="also print where a cold check spends its time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        arena = arena_in(options.keep or Path(directory), quick=options.quick, runs=options.runs)
        rows = []
        for name in options.only or CONTESTS:
            print(f"{name} ...", file=sys.stderr)
            rows += [judged(row, quick=options.quick) for row in CONTESTS[name](arena)]
        print(surroundings(arena))
        print(table(rows))
        if options.profile or any(row.met is False and row.required for row in rows):
            print(profile(arena))
    return 1 if any(row.met is False and row.required for row in rows) else 0


def arena_in(directory: Path, *, quick: bool, runs: int | None) -> Arena:
    """The sizes of a run; every process gets the same environment."""
    directory.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(filter(None, [str(TOOLING), os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "XDG_CACHE_HOME": str(directory / "cache")}
    # An installed program finds its bytecode; without it every run would compile the sources anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if quick:
        return Arena(directory, environment, records=400, large=1200, pages=40, runs=runs or 1)
    return Arena(directory, environment, records=10_000, large=100_000, pages=1_000, runs=runs or 5)


def judged(row: Row, *, quick: bool) -> Row:
    """The row; a quick run is too small for its bars, so it judges none."""
    return Row(row.what, row.measured, row.bar, None, row.required, row.detail) if quick else row


def surroundings(arena: Arena) -> str:
    """What was measured with what."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    versions = [f"Python {platform.python_version()}", f"git {git}", *(f"{name} {_version(name)}" for name in PACKAGES)]
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    sizes = f"{arena.records:,} records; whole processes; medians of {arena.runs} runs, taken in turns"
    return f"{sizes}; {processors} processors, {platform.machine()}\n{', '.join(versions)}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def table(rows: list[Row]) -> str:
    """The rows as text columns."""
    cells = [("what", "measured", "bar", "met", "times")]
    for row in rows:
        met = {True: "yes", False: "NO" if row.required else "no (aim)", None: "-"}[row.met]
        cells.append((row.what, row.measured, row.bar, met, row.detail))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def profile(arena: Arena) -> str:
    """Where a cold check of the smaller ledger, and then a warm one, spends its time."""
    python, _, *rest = opsledger(arena.ledger(arena.records), "check")
    command = [python, "-m", "cProfile", "-s", "tottime", "-m", *rest]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**arena.environment, "XDG_CACHE_HOME": cache}
        parts = []
        for name in ("cold", "warm"):
            said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
            lines = said.splitlines()
            start = next((at for at, line in enumerate(lines) if "function calls" in line), 0)
            parts += [f"profile of a {name} check", *lines[start : start + 24], ""]
    return "\n".join(["", *parts])


if __name__ == "__main__":
    sys.exit(main())
