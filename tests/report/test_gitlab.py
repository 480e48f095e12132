"""A judgement as a Code Quality report, with the fields that GitLab documents and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import jsonschema
import pytest

from opsledger.check import Judgement
from opsledger.finding import Finding, Place, Severity
from opsledger.report.gitlab import gitlab

Judged = Callable[..., Judgement]
FIRST = Finding(Place("records/cis/CI-a.yaml", 3, 8), "SCH001", "CI-a lacks a name", "add one")
# As https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format describes it.
DOCUMENTED = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1, "maxLength": 40},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/).+"},
                    "lines": {"type": "object", "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def entries(judgement: Judgement, prefix: str = "") -> list[dict]:
    """The entries of a report that is as documented."""
    read = json.loads(gitlab(judgement, prefix=prefix))
    jsonschema.validate(read, DOCUMENTED)
    return read


def test_finding_says_what_to_do_at_its_line(judged: Judged) -> None:
    [entry] = entries(judged(FIRST), prefix="ops/")

    assert ("CI-a lacks a name; add one", "SCH001", "major") == tuple(
        entry[name] for name in ("description", "check_name", "severity")
    )
    assert {"path": "ops/records/cis/CI-a.yaml", "lines": {"begin": 3}} == entry["location"]


@pytest.mark.parametrize(
    ("severity", "word"), [(Severity.ERROR, "major"), (Severity.WARNING, "minor"), (Severity.NOTE, "info")]
)
def test_severity_has_the_word_of_gitlab(judged: Judged, severity: Severity, word: str) -> None:
    assert [word] == [entry["severity"] for entry in entries(judged(replace(FIRST, severity=severity)))]


def test_fingerprint_outlives_moved_lines(judged: Judged) -> None:
    moved = replace(FIRST, place=Place(FIRST.place.path, 90, 2))

    [[one], [other]] = entries(judged(FIRST)), entries(judged(moved))

    assert one["fingerprint"] == other["fingerprint"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(FIRST, place=Place(FIRST.place.path, 90, 8)), id="twin on another line"),
        pytest.param(replace(FIRST, place=Place("records/cis/CI-b.yaml", 3, 8)), id="same in another file"),
        pytest.param(replace(FIRST, code="SCH002"), id="another code"),
        pytest.param(replace(FIRST, message="CI-a lacks a title"), id="another sentence"),
    ],
)
def test_fingerprints_tell_findings_apart(judged: Judged, other: Finding) -> None:
    found = entries(judged(FIRST, other))

    assert 2 == len({entry["fingerprint"] for entry in found})


def test_no_findings_are_an_empty_list(judged: Judged) -> None:
    assert "[]\n" == gitlab(judged())


def test_what_is_undecided_is_no_empty_list(judged: Judged) -> None:
    [entry] = entries(judged(undecided=("the base is not here; run git fetch",)), prefix="ops/")

    assert "undecided: the base is not here; run git fetch" == entry["description"]
    assert "ops/.opsledger.yaml" == entry["location"]["path"]


def test_unseen_characters_are_named(judged: Judged) -> None:
    [entry] = entries(judged(Finding(Place("records/\udcff.yaml"), "SCH001", "a\x1b[2J\nb\u202e", "\x00")))

    assert "a\\x1b[2J\\nb\\u202e; \\x00" == entry["description"]
    assert "records/\\udcff.yaml" == entry["location"]["path"]
