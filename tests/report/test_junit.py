"""A judgement as JUnit XML, read by another library."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace

import pytest
from junitparser import Error, Failure, JUnitXml

from opsledger.check import Coverage, Judgement
from opsledger.finding import Finding, Place, Severity
from opsledger.report.junit import junit

Judged = Callable[..., Judgement]
FIRST = Finding(Place("records/cis/CI-a.yaml", 3, 8), "SCH001", "CI-a lacks a name", "add one")


def cases(text: str) -> list:
    """The tests that another library finds in a report."""
    return [case for suite in JUnitXml.fromstring(text.encode()) for case in suite]


def test_error_is_a_test_that_failed_under_its_file(judged: Judged) -> None:
    failed, _ = cases(junit(judged(FIRST)))

    assert ("records/cis/CI-a.yaml", "SCH001 CI-a lacks a name") == (failed.classname, failed.name)
    [outcome] = failed.result
    assert isinstance(outcome, Failure)
    assert ("SCH001", "CI-a lacks a name") == (outcome.type, outcome.message)
    assert "records/cis/CI-a.yaml:3:8: SCH001 CI-a lacks a name\nfix: add one" == outcome.text


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.NOTE])
def test_what_does_not_fail_the_check_fails_no_test(judged: Judged, severity: Severity) -> None:
    passed, _ = cases(junit(judged(replace(FIRST, severity=severity))))

    assert passed.is_passed
    assert passed.system_out.startswith(f"{severity.word}: records/cis/CI-a.yaml:3:8: SCH001")


def test_what_is_undecided_is_a_test_that_could_not_run(judged: Judged) -> None:
    broken, _ = cases(junit(judged(undecided=("the base is not here; run git fetch",))))

    [outcome] = broken.result
    assert isinstance(outcome, Error)
    assert "the base is not here; run git fetch" == outcome.message


def test_report_is_never_empty(judged: Judged) -> None:
    [whole] = cases(junit(judged()))

    assert whole.is_passed
    assert "Judged the work tree by itself: 312 records, no findings" == whole.system_out


def test_rules_that_found_nothing_are_tests_that_passed(judged: Judged) -> None:
    counted = replace(
        judged(FIRST),
        coverage={"SCH001": Coverage(312, 1), "SCH002": Coverage(312, 0), "LCY201": Coverage(0, 0)},
    )

    assert ["SCH002"] == [case.name for case in cases(junit(counted)) if case.classname == "rules"]


def test_counts_are_those_of_the_tests(judged: Judged) -> None:
    read = JUnitXml.fromstring(junit(judged(FIRST, undecided=("x",))).encode())
    stated = (read.tests, read.failures, read.errors)

    read.update_statistics()

    assert (3, 1, 1) == stated == (read.tests, read.failures, read.errors)


def test_twins_have_names_of_their_own(judged: Judged) -> None:
    twin = replace(FIRST, place=Place(FIRST.place.path, 90, 8))

    names = [case.name for case in cases(junit(judged(FIRST, twin)))]

    assert ["SCH001 CI-a lacks a name", "SCH001 CI-a lacks a name (2)", "check"] == names


def test_names_outlive_moved_lines(judged: Judged) -> None:
    moved = replace(FIRST, place=Place(FIRST.place.path, 90, 8))

    one, other = ([(case.classname, case.name) for case in cases(junit(judged(found)))] for found in (FIRST, moved))

    assert one == other


def test_paths_start_at_the_top_of_the_repository(judged: Judged) -> None:
    failed, _ = cases(junit(judged(FIRST), prefix="ops/"))

    assert "ops/records/cis/CI-a.yaml" == failed.classname


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("</failure><script>&amp;\"'", "</failure><script>&amp;\"'", id="markup"),
        pytest.param("]]> <![CDATA[ <!ENTITY x>", "]]> <![CDATA[ <!ENTITY x>", id="sections"),
        pytest.param("\x00\x01\x0b\x1b\x7f", "\\x00\\x01\\x0b\\x1b\\x7f", id="control characters"),
        pytest.param("\ufffe\uffff", "\\ufffe\\uffff", id="characters that XML cannot hold"),
        pytest.param("\udcff\ud800", "\\udcff\\ud800", id="halves of a character"),
        pytest.param("a\nb\tc\rd", "a\\nb\\tc\\rd", id="lines"),
        pytest.param("😀 ü \U0010ffff", "😀 ü \U0010ffff", id="characters beyond the first plane"),
    ],
)
def test_text_of_a_record_is_read_back_as_text(judged: Judged, said: str, shown: str) -> None:
    hostile = Finding(Place(f"records/{said}.yaml", 3, 8), "SCH001", said, said)

    failed, whole = cases(junit(judged(hostile, notes=(said,), undecided=())))

    assert (f"records/{shown}.yaml", shown) == (failed.classname, failed.result[0].message)
    assert f"records/{shown}.yaml:3:8: SCH001 {shown}\nfix: {shown}" == failed.result[0].text
    assert whole.system_out.endswith(f"\nnote: {shown}")


def test_every_character_of_the_first_plane_makes_a_report_that_parses(judged: Judged) -> None:
    every = "".join(map(chr, range(0x10000)))

    root = ElementTree.fromstring(junit(judged(Finding(Place("a"), "SCH001", every))).encode())

    assert re.fullmatch(r"[^\x00-\x1f\ud800-\udfff\ufffe\uffff]+", root.find(".//failure").get("message"))
