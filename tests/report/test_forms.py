"""A judgement as JSON lines and as SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable

from sarif_om import SarifLog

from opsledger.check import Judgement
from opsledger.finding import Finding, Place, Severity
from opsledger.report.json_lines import json_lines
from opsledger.report.sarif import Page, sarif

Judged = Callable[..., Judgement]
FIRST = Finding(Place("records/ci/CI-a b.yaml", 3, 8), "SCH001", "CI-a lacks a\x00 name", "add one")
LATER = Finding(Place("records/ci/CI-c.yaml", 5, 1), "SCH011", "CI-c is odd", severity=Severity.NOTE)


def page(code: str) -> Page:
    return Page(f"title of {code}", f"how to mend {code}")


def log(judgement: Judgement, prefix: str = "") -> dict[str, object]:
    run = json.loads(sarif(judgement, version="0.1.0", explain=page, prefix=prefix))["runs"][0]
    assert isinstance(run, dict)
    return run


def test_each_finding_is_a_json_line_and_the_summary_the_last(judged: Judged) -> None:
    first, later, summary = (json.loads(line) for line in json_lines(judged(LATER, FIRST, undecided=("x",))))

    assert {
        "schema_version": 1, "sort": "finding", "path": "records/ci/CI-a b.yaml", "line": 3, "column": 8,
        "code": "SCH001", "message": "CI-a lacks a\x00 name", "fix": "add one", "severity": "error",
    } == first  # fmt: skip
    assert "note" == later["severity"]
    assert {"note": 1, "warning": 0, "error": 1} == summary["counts"]
    assert ("the work tree", "itself", 312, ["x"]) == tuple(
        summary[name] for name in ("subject", "judge", "judged", "undecided")
    )


def test_json_lines_are_ascii_with_sorted_keys(judged: Judged) -> None:
    [line, _] = json_lines(judged(Finding(Place("records/ü.yaml"), "SCH001", "\u2028")))

    assert line.isascii()
    assert list(json.loads(line)) == sorted(json.loads(line))


def test_sarif_names_rule_level_and_region(judged: Judged) -> None:
    run = log(judged(LATER, FIRST))

    [first, later] = run["results"]
    assert ("SCH001", 0, "error") == (first["ruleId"], first["ruleIndex"], first["level"])
    assert ("SCH011", 1, "note") == (later["ruleId"], later["ruleIndex"], later["level"])
    assert {"startLine": 3, "startColumn": 8} == first["locations"][0]["physicalLocation"]["region"]
    assert "title of SCH001" == run["tool"]["driver"]["rules"][0]["shortDescription"]["text"]


def test_sarif_addresses_are_percent_encoded_and_from_the_top(judged: Judged) -> None:
    odd = Finding(Place("records/ci/\udcff%:ü.yaml"), "SCH001", "x")

    [plain, strange] = log(judged(FIRST, odd), prefix="ops/")["results"]

    addresses = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in (plain, strange)]
    assert ["ops/records/ci/CI-a%20b.yaml", "ops/records/ci/%FF%25%3A%C3%BC.yaml"] == addresses


def test_sarif_fingerprints_outlive_moved_lines(judged: Judged) -> None:
    moved = Finding(Place(FIRST.place.path, 90, 8), FIRST.code, FIRST.message, FIRST.fix)

    prints = [log(judged(one))["results"][0]["partialFingerprints"] for one in (FIRST, moved)]

    assert prints[0] == prints[1]


def test_sarif_fingerprints_tell_twins_apart(judged: Judged) -> None:
    twin = Finding(Place(FIRST.place.path, 90, 8), FIRST.code, FIRST.message, FIRST.fix)

    [one, other] = log(judged(FIRST, twin))["results"]

    assert one["partialFingerprints"] != other["partialFingerprints"]


def test_sarif_says_when_the_run_could_not_decide(judged: Judged) -> None:
    [invocation] = log(judged(undecided=("the base is not here; git fetch",)))["invocations"]

    assert not invocation["executionSuccessful"]
    assert (
        "undecided: the base is not here; git fetch" == invocation["toolExecutionNotifications"][0]["message"]["text"]
    )


def test_sarif_is_read_by_another_library(judged: Judged) -> None:
    read = json.loads(sarif(judged(FIRST), version="0.1.0", explain=page))
    read.pop("$schema")

    found = SarifLog(**read)

    assert "2.1.0" == found.version
    assert ["SCH001"] == [result["ruleId"] for result in found.runs[0]["results"]]
