"""A judgement as the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from opsledger.check import Judgement
from opsledger.finding import Finding, Place, Severity
from opsledger.report.markdown import markdown

Judged = Callable[..., Judgement]
FIRST = Finding(Place("records/cis/CI-a.yaml", 3, 8), "SCH001", "CI-a lacks a name", "add one")


def test_page_says_what_was_found_and_what_to_do(judged: Judged) -> None:
    assert (
        "### ❌ 1 error\n\n"
        "Judged <code>the work tree</code> by <code>itself</code>: 312 records, 1 error\n\n"
        "<code>ops/records/cis/CI-a.yaml</code>\n"
        "- 🔴 3:8 **SCH001** CI-a lacks a name<br>fix: add one\n"
    ) == markdown(judged(FIRST), prefix="ops/")


@pytest.mark.parametrize(
    ("judgement", "head"),
    [
        pytest.param({}, "### ✅ Nothing stands against it", id="nothing found"),
        pytest.param({"undecided": ("x",)}, "### ❔ Undecided", id="undecided"),
    ],
)
def test_head_says_how_it_ended(judged: Judged, judgement: dict, head: str) -> None:
    assert head == markdown(judged(**judgement)).splitlines()[0]


def test_warning_alone_does_not_stand_against_it(judged: Judged) -> None:
    page = markdown(judged(replace(FIRST, severity=Severity.WARNING)))

    assert "### ✅ Nothing stands against it" == page.splitlines()[0]
    assert "🟠 3:8 **SCH001** (warning) CI-a lacks a name" in page


def test_files_with_errors_come_before_those_with_notes(judged: Judged) -> None:
    note = Finding(Place("a.yaml"), "SCH011", "x", severity=Severity.NOTE)

    page = markdown(judged(note, FIRST))

    assert page.index("CI-a.yaml") < page.index("a.yaml</code>\n- 🔵")


def test_what_is_undecided_and_notes_are_told(judged: Judged) -> None:
    page = markdown(judged(notes=("schema release is new",), undecided=("no base; run git fetch",)))

    assert "- ❔ undecided: no base; run git fetch\n" in page
    assert "- note: schema release is new\n" in page


def test_text_of_a_record_is_no_markup(judged: Judged) -> None:
    hostile = "</code><img src=x>\n\n# @octocat [a](javascript:1) | `b`"
    page = markdown(judged(Finding(Place(f"records/{hostile}.yaml"), "SCH001", hostile, hostile), notes=(hostile,)))

    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(page)

    assert "<img" not in html
    assert "<h1" not in html
    assert "<a" not in html
    assert "@octocat" not in html
