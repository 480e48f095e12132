"""The terminal: whether it has colour, how wide it is, what is printed there, and the bar that shows long work."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

import click

from opsledger.finding import Progress, silent

PATIENCE = 1.0
_PAUSE = 0.1


def wants_colour(environment: Mapping[str, str], stream: TextIO | None = None) -> bool:
    """Tell whether to mark text: on a terminal that can, unless `NO_COLOR` is set; `FORCE_COLOR` asks for it."""
    stream = sys.stdout if stream is None else stream
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and environment.get("TERM") != "dumb"


def wide() -> int | None:
    """Return the columns of the terminal, or None when the output goes elsewhere and nothing may be cut."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size((100, 24)).columns


def show(lines: Iterable[str]) -> None:
    """Print finished lines as they come; marks in them stay, for whoever made them asked first."""
    for line in lines:
        click.echo(line, color=True)


def tell(sentence: str) -> None:
    """Say something that is not the result."""
    click.echo(sentence, err=True)


@contextmanager
def watched(label: str, *, now: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """
    Give work something to report to: a bar on a terminal once it takes longer than a second, else nothing.

    In CI (`label` and the end) are one line each, and only when the work was long.
    """
    stream = sys.stderr
    if stream is None:
        yield silent
        return
    bar = _Bar(label, stream, now)
    try:
        yield bar.report
    finally:
        bar.end()


class _Bar:
    """What was drawn and when; a bar that nobody had to wait for never appears."""

    def __init__(self, label: str, stream: TextIO, now: Callable[[], float]) -> None:
        self._label = label
        self._stream = stream
        self._now = now
        self._start = self._last = now()
        self._drawn = False
        self._amount = ""

    def report(self, done: int, total: int, noun: str) -> None:
        """Draw how far the work is, at most ten times a second."""
        moment = self._now()
        if moment - self._start < PATIENCE or (self._drawn and moment - self._last < _PAUSE):
            return
        self._last = moment
        self._amount = f"{total or done:,} {noun}"
        if self._stream.isatty():
            share = min(done / total, 1) if total else 0
            filled = "#" * int(share * 24)
            self._stream.write(f"\r\x1b[K{self._label} [{filled:<24}] {done:,} of {total:,} {noun}")
        elif not self._drawn:
            self._stream.write(f"{self._label}: {self._amount} …\n")
        self._drawn = True
        self._stream.flush()

    def end(self) -> None:
        """Take the bar away; a log gets a line that says it is done."""
        if not self._drawn:
            return
        self._stream.write("\r\x1b[K" if self._stream.isatty() else f"{self._label}: done\n")
        self._stream.flush()
