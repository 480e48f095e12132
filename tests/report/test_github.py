"""A judgement as workflow commands: what GitHub's runner reads back is what was found."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from opsledger.check import Judgement
from opsledger.finding import Finding, Place, Severity
from opsledger.report.github import github

Judged = Callable[..., Judgement]
FIRST = Finding(Place("records/cis/CI-a.yaml", 3, 8), "SCH001", "CI-a lacks a name", "add one")
LATER = Finding(Place("records/cis/CI-b.yaml", 5, 1), "SCH011", "CI-b is odd", severity=Severity.NOTE)


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Read a command as the runner documents it: a name, properties, and data, each percent-decoded."""
    found = re.fullmatch(r"::(\w+)(?: ([^:]*))?::(.*)", line)
    assert found, line
    stated = [part.partition("=") for part in (found[2] or "").split(",") if part]
    return found[1], {name: decoded(value) for name, _, value in stated}, decoded(found[3])


def decoded(text: str) -> str:
    for written, meant in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def test_finding_is_an_annotation_at_its_place(judged: Judged) -> None:
    [line, _] = github(judged(FIRST))

    assert "::error file=records/cis/CI-a.yaml,line=3,col=8,title=SCH001::CI-a lacks a name%0Afix: add one" == line


def test_paths_start_at_the_top_of_the_repository(judged: Judged) -> None:
    [line, _] = github(judged(FIRST), prefix="ops/")

    assert "ops/records/cis/CI-a.yaml" == read(line)[1]["file"]


def test_severities_have_the_words_of_github_and_errors_come_first(judged: Judged) -> None:
    warning = Finding(Place("a.yaml"), "SCH007", "x", severity=Severity.WARNING)

    lines = list(github(judged(LATER, warning, FIRST)))

    assert ["error", "warning", "notice"] == [read(line)[0] for line in lines[:-1]]


def test_what_is_undecided_is_an_error(judged: Judged) -> None:
    [line, _] = github(judged(undecided=("the base is not here; run git fetch",)))

    assert ("error", {"title": "undecided"}, "the base is not here; run git fetch") == read(line)


def test_notes_and_the_summary_are_told(judged: Judged) -> None:
    [note, summary] = github(judged(notes=("schema release is new",)))

    assert ("notice", {"title": "note"}, "schema release is new") == read(note)
    assert "Judged the work tree by itself: 312 records, no findings" == summary


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("100%25 done, not 50%", "100%25 done, not 50%", id="percent signs"),
        pytest.param("a, b: c::d", "a, b: c::d", id="commas and colons"),
        pytest.param("one\n::error::two\r", "one\\n::error::two\\r", id="lines"),
        pytest.param("::set-output name=x::y", "\\x3a:set-output name=x::y", id="an order at its start"),
        pytest.param("\x1b[31mred\u2028\udcff", "\\x1b[31mred\\u2028\\udcff", id="unseen characters"),
        pytest.param("##[add-mask]a", "\\x23#[add-mask]a", id="an order of another server"),
    ],
)
def test_text_of_a_record_is_read_back_as_text(judged: Judged, said: str, shown: str) -> None:
    hostile = Finding(Place("records/cis/CI-a.yaml", 3, 8), "SCH001", said, said)

    lines = list(github(judged(hostile)))

    assert 2 == len(lines)
    assert shown == read(lines[0])[2].partition("\nfix: ")[0]


def test_name_of_a_file_cannot_add_a_property(judged: Judged) -> None:
    hostile = Finding(Place("records/cis/a,line=9::warning x%.yaml", 3, 8), "SCH001", "x")

    [line, _] = github(judged(hostile))

    sort, properties, data = read(line)
    assert ("error", "x") == (sort, data)
    assert {
        "file": "records/cis/a,line=9::warning x%.yaml", "line": "3", "col": "8", "title": "SCH001",
    } == properties  # fmt: skip
