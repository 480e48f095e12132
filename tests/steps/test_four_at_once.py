"""One reference misspelt, one illegal move, one closed record deleted, one key twice: four errors, in each form."""

from __future__ import annotations

import json
import re

import pytest
from sarif_om import SarifLog

CHANGE = "records/changes/2026/CHG-2026-0014.yaml"
INCIDENT = "records/incidents/2026/INC-2026-0035.yaml"
PROBLEM = "records/problems/2026/PRB-2026-0004.yaml"
RELEASE = "records/releases/2026/REL-2026-0009.yaml"
EXPECTED = [
    ("LCY201", CHANGE, 3, 8),
    ("LCY204", RELEASE, 1, 1),
    ("LNK101", PROBLEM, 16, 13),
    ("SCH009", INCIDENT, 3, 1),
]


@pytest.fixture
def broken(sample):
    replace(sample, PROBLEM, "incidents: [INC-2026-0021]", "incidents: [INC-2026-0012]")
    replace(sample, CHANGE, "\nstate: closed\n", "\nstate: draft\n")
    sample.delete(RELEASE)
    replace(sample, INCIDENT, "\nstate: closed\n", "\ntitle: Another one\nstate: closed\n")
    return sample


def replace(repo, path: str, old: str, new: str) -> None:
    text = (repo.root / path).read_text(encoding="utf-8")
    assert 1 == text.count(old)
    repo.write(path, text.replace(old, new))


def test_they_are_four_errors_in_text(broken, run):
    code, printed = run(broken, "check", "--base", "HEAD")

    found = re.findall(r"^(\S+):(\d+):(\d+): ([A-Z]{3}\d{3}) (?!\()", printed, re.MULTILINE)
    assert 1 == code
    assert EXPECTED == sorted((said, path, int(line), int(column)) for path, line, column, said in found)
    assert "by base HEAD" in printed


def test_they_are_four_errors_in_json_lines(broken, run):
    code, printed = run(broken, "check", "--base", "HEAD", "--format", "json")

    lines = [json.loads(line) for line in printed.splitlines()]
    errors = [line for line in lines if line.get("severity") == "error"]
    assert 1 == code
    assert EXPECTED == sorted((one["code"], one["path"], one["line"], one["column"]) for one in errors)
    assert (4, 1) == (lines[-1]["counts"]["error"], lines[-1]["exit_code"])


def test_they_are_four_errors_in_sarif_as_another_library_reads_it(broken, run):
    code, printed = run(broken, "check", "--base", "HEAD", "--format", "sarif")

    [read] = SarifLog(**{"version": json.loads(printed)["version"], "runs": json.loads(printed)["runs"]}).runs
    assert 1 == code
    assert EXPECTED == sorted(placed(result) for result in read["results"] if result["level"] == "error")


def placed(result) -> tuple[str, str, int, int]:
    where = result["locations"][0]["physicalLocation"]
    region = where["region"]
    return result["ruleId"], where["artifactLocation"]["uri"], region["startLine"], region.get("startColumn", 1)


def test_committed_on_a_branch_they_are_the_same_four(broken, run):
    broken.commit("Four mistakes")

    code, printed = run(broken, "check", "--at", "work", "--base", "main", "--format", "json")

    errors = [json.loads(line) for line in printed.splitlines() if '"severity": "error"' in line]
    assert 1 == code
    assert EXPECTED == sorted((one["code"], one["path"], one["line"], one["column"]) for one in errors)
