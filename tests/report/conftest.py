"""A judgement to print."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opsledger.check import Judgement
from opsledger.finding import Finding

Judged = Callable[..., Judgement]


@pytest.fixture
def judged() -> Judged:
    """Make a judgement of the work tree by itself from findings and what else is given."""

    def make(*findings: Finding, notes: tuple[str, ...] = (), undecided: tuple[str, ...] = ()) -> Judgement:
        return Judgement(
            findings=findings, judged=312, subject="the work tree", judge="itself", notes=notes, undecided=undecided,
            coverage={},
        )  # fmt: skip

    return make
