"""Aggregates for spans and counts that SQLite does not bring along."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

Number = int | float


def quantile(values: Sequence[Number], share: float) -> Number | None:
    """
    Return the value below which a share of the values lies, interpolated between neighbours.

    Returns:
        Nothing for no values.

    Source:
        Hyndman and Fan 1996, definition 7: the one that spreadsheets and numpy use.
    """
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    below = int(position)
    rest = position - below
    if not rest:
        return ordered[below]
    return ordered[below] + rest * (ordered[below + 1] - ordered[below])


class _Quantile:
    """What SQLite fills value by value and then asks for the result."""

    share = 0.5

    def __init__(self) -> None:
        self._values: list[Number] = []

    def step(self, value: object) -> None:
        """Take a value; nothing is left out, and what is no number is refused."""
        if isinstance(value, int | float):
            self._values.append(value)
        elif value is not None:
            raise TypeError(value)

    def finalize(self) -> Any:
        """Give the result."""
        return quantile(self._values, self.share)


class _NinetiethPercentile(_Quantile):
    share = 0.9


NAMES = ("median", "p90")


def register(connection: sqlite3.Connection) -> None:
    """Let queries on this connection use `median(x)` and `p90(x)`."""
    connection.create_aggregate("median", 1, _Quantile)
    connection.create_aggregate("p90", 1, _NinetiethPercentile)
