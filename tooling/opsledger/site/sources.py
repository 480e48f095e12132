"""What goes into a build and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opsledger.history import Touch

Trails = Mapping[str, Sequence[Touch]]
"""File to the commits that touched it, newest first."""


@dataclass(frozen=True)
class Built:
    """
    What a build wrote.

    Args:
        pages: how many HTML pages stand in the target.
        records: how many of them are pages of records.
        files: address of each file to the SHA-256 of its bytes.
    """

    pages: int
    records: int
    files: Mapping[str, str] = field(repr=False, default_factory=dict)
