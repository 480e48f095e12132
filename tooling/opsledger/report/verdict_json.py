"""The decision of a gate for programs: one JSON object on one line, as `schemas/meta/verdict.json` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opsledger.gate.telling import told
from opsledger.report.json_lines import line

if TYPE_CHECKING:
    from opsledger.gate import Verdict


def verdict_line(verdict: Verdict) -> str:
    """Return the verdict as one line with sorted keys; the same verdict gives the same bytes."""
    return line(told(verdict))
