"""What the tool says of the real ledger, held against facts that were counted from its source by other means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("OPSLEDGER_CORPORA") or CHECKOUT.parent / "shared" / "corpora")
BUNDLE = CORPORA / "openshift-upgrade-graph.bundle"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not BUNDLE.is_file(), reason=f"{BUNDLE.name} is not there; name its folder in OPSLEDGER_CORPORA"
    ),
]


def run(*arguments: str | Path, codes: tuple[int, ...] = (0,)) -> str:
    """What a Python program prints."""
    command = [sys.executable, *map(str, arguments)]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    assert answer.returncode in codes, answer.stderr
    return answer.stdout


def rows(ledger: Path, question: str) -> list[dict[str, Any]]:
    """The answer to one of the stored questions."""
    sql = (CHECKOUT / "benchmarks" / "questions" / f"{question}.sql").read_text()
    said = run("-m", "opsledger", "-C", ledger, "query", sql, "--format", "json")
    return [json.loads(line)["row"] for line in said.splitlines()]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("real") / "ledger"
    run(CHECKOUT / "benchmarks" / "openshift_ledger.py", BUNDLE, target)
    return target


@pytest.fixture(scope="module")
def facts() -> Any:
    return json.loads(run(CHECKOUT / "benchmarks" / "openshift_facts.py", BUNDLE))


def test_counts_are_those_of_the_source(ledger: Path, facts: Any) -> None:
    records = ledger / "records"

    def count(*folders: str) -> int:
        return len(list(records.joinpath(*folders).rglob("*.yaml")))

    assert count("releases") == facts["releases"]
    assert count("deployments") == facts["deployments"]
    assert facts["risk_names"] == len(
        [path for path in (records / "problems").iterdir() if "known_error:" in path.read_text()]
    )
    commits = subprocess.run(
        ["git", "-C", str(ledger), "rev-list", "--count", "HEAD"], check=True, capture_output=True, text=True
    )
    assert int(commits.stdout) == facts["commits"]


def test_findings_are_the_versions_that_no_channel_has_and_no_others(ledger: Path, facts: Any) -> None:
    said = run("-m", "opsledger", "-C", ledger, "check", "--format", "json", codes=(1,))

    findings = [json.loads(line) for line in said.splitlines() if '"code"' in line]
    places = [(finding["code"], finding["path"], finding["line"]) for finding in findings]
    cited = [(ledger / path).read_text().splitlines()[line - 1].split('"')[1] for _, path, line in places]
    assert {"LNK105"} == {code for code, _, _ in places}
    assert sorted(facts["dangling_release"].values()) == sorted(cited)


def test_removals_are_those_of_the_source(ledger: Path, facts: Any) -> None:
    backed_out = [
        path for path in (ledger / "records" / "deployments").rglob("*.yaml") if "state: backed-out" in path.read_text()
    ]

    assert len(facts["removals"]) == len(backed_out)


def test_lead_times_are_those_of_the_source(ledger: Path, facts: Any) -> None:
    answered = {
        row["minor"]: [row["releases"], pytest.approx(row["median_days"], abs=0.011)]
        for row in rows(ledger, "lead_time")
    }

    assert facts["lead_days"] == answered


def test_risks_without_a_fix_are_those_of_the_source(ledger: Path, facts: Any) -> None:
    answered = {row["id"].removeprefix("PRB-"): row["releases"] for row in rows(ledger, "without_fix")}

    assert facts["without_fix"] == answered


def test_releases_with_most_problems_are_those_of_the_source(ledger: Path, facts: Any) -> None:
    answered = {row["version"]: row["problems"] for row in rows(ledger, "most_problems")}

    assert len(answered) == 20
    assert answered.items() <= facts["most_problems"].items()
    assert max(facts["most_problems"].values()) == max(answered.values())
