"""Who called: directory, environment and clock, the three things of the world that only the command line reads."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from opsledger.api import Book, open_book


@dataclass(frozen=True)
class Caller:
    """
    The place and time of a call.

    Args:
        directory: where the command works.
        environment: the variables it may read.
        now: the time of the call in UTC; `OPSLEDGER_NOW` pins it for demonstrations and tests.
    """

    directory: Path
    environment: Mapping[str, str]
    now: datetime

    def moved_to(self, directory: str) -> Caller:
        """Return the same caller in another directory."""
        return replace(self, directory=self.directory / directory)

    def book(self) -> Book:
        """
        Open the ledger around the directory; close it, or use it in a `with`.

        Raises:
            NoLedger: none stands there.
            NoRepository: the directory lies in no repository.
        """
        return open_book(self.directory, environment=self.environment)

    @property
    def may_ask(self) -> bool:
        """Whether somebody sits at a terminal and can answer."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()


def caller_in(directory: str) -> Caller:
    """Read the world once for this call."""
    signal.signal(signal.SIGTERM, _stop)
    environment = dict(os.environ)
    return Caller(Path(directory), environment, _now(environment.get("OPSLEDGER_NOW", "")))


def _now(pinned: str) -> datetime:
    """Return the pinned time if there is one, else the clock's."""
    if not pinned:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(pinned)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _stop(number: int, _: FrameType | None) -> None:
    """Leave through the finally clauses, so that no temporary file stays behind."""
    raise SystemExit(128 + number)
