"""A judgement as text."""

from __future__ import annotations

import re
from collections.abc import Callable

from opsledger.check import Judgement
from opsledger.finding import Finding, Place, Severity
from opsledger.report.text import text

Judged = Callable[..., Judgement]

CLOSED = Finding(
    Place("records/releases/REL-2026-0014.yaml", 3, 8), "LCY201", "REL-2026-0014 may not go from closed to draft",
    "leave it closed and open a new release that supersedes it",
)  # fmt: skip
NOWHERE = Finding(
    Place("records/changes/CHG-2026-0001.yaml", 11, 5), "LNK101", "CHG-2026-0001 names REL-9, which does not exist",
    "correct the id", Severity.WARNING,
)  # fmt: skip


def test_findings_stand_by_file_with_their_fix(judged: Judged) -> None:
    shown = text(judged(CLOSED, NOWHERE))

    assert (
        """\
records/changes/CHG-2026-0001.yaml:11:5: LNK101 (warning) CHG-2026-0001 names REL-9, which does not exist
    fix: correct the id

records/releases/REL-2026-0014.yaml:3:8: LCY201 REL-2026-0014 may not go from closed to draft
    fix: leave it closed and open a new release that supersedes it

Judged the work tree by itself: 312 records, 1 error, 1 warning
"""
        == shown
    )


def test_nothing_found_is_said_in_one_line(judged: Judged) -> None:
    assert "Judged the work tree by itself: 312 records, no findings\n" == text(judged())


def test_order_of_findings_does_not_change_the_text(judged: Judged) -> None:
    assert text(judged(CLOSED, NOWHERE)) == text(judged(NOWHERE, CLOSED))


def test_notes_and_what_is_undecided_stand_before_the_summary(judged: Judged) -> None:
    shown = text(judged(notes=("1 file marked assume-unchanged",), undecided=("the base is not here; git fetch",)))

    assert (
        """\
note: 1 file marked assume-unchanged
undecided: the base is not here; git fetch
Judged the work tree by itself: 312 records, no findings
"""
        == shown
    )


def test_text_of_records_and_paths_is_escaped(judged: Judged) -> None:
    shown = text(judged(Finding(Place("records/ci/\x1b.yaml", 1, 1), "SCH001", "says\n\x1b[31m", "drop \u202e")))

    assert "records/ci/\\x1b.yaml:1:1: SCH001 says\\n\\x1b[31m\n    fix: drop \\u202e" in shown


def test_colour_only_adds_to_the_words(judged: Judged) -> None:

    painted = text(judged(CLOSED, NOWHERE), colour=True)

    assert "\x1b[31m" in painted
    assert text(judged(CLOSED, NOWHERE)) == re.sub(r"\x1b\[[0-9]*m", "", painted)
