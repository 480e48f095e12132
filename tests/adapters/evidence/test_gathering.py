"""From reports to records: ids from content, the package, what a long report leaves, where it is kept, baselines."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.adapters.evidence.conftest import PACKAGE, Bench

JUNIT = "<testsuite name='s' timestamp='2026-11-16T15:04:00Z'><testcase name='a'/></testsuite>"
BILL = json.dumps({
    "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2026-11-16T15:04:00Z"},
    "components": [{"name": "a", "purl": "pkg:pypi/a@1"}],
})  # fmt: skip


def policy(bench: Bench, evidence: str) -> None:
    """Let the ledger's own policy say where reports are kept."""
    place = bench.repo.root / "records/policy/POL-ours.yaml"
    bench.repo.write("records/policy/POL-ours.yaml", f"id: POL-ours\ntitle: Ours\nevidence: {evidence}\n")
    assert place.exists()
    bench.repo.commit("A policy")


def test_the_id_comes_from_adapter_run_report_and_package(bench: Bench) -> None:
    place = bench.report("a.xml", JUNIT)
    digest = f"sha256:{hashlib.sha256(JUNIT.encode()).hexdigest()}"

    bench.run("junit", place, "--package-digest", PACKAGE, "--run", "github/17342001")

    name = hashlib.sha256("\n".join(("junit", "github/17342001", digest, PACKAGE)).encode()).hexdigest()[:8]
    record = bench.record()
    assert (f"EVD-2026-{name}", "github/17342001", digest) == (
        record["id"], record["source"]["id"], record["source"]["digest"],
    )  # fmt: skip
    assert [{"system": "github", "key": "17342001"}] == record["external"]


@pytest.mark.parametrize(
    "more",
    [("--run", "github/2"), ("--package-digest", PACKAGE)],
    ids=["another run", "another package"],
)
def test_the_same_report_of_something_else_is_a_record_of_its_own(bench: Bench, more: tuple[str, str]) -> None:
    place = bench.report("a.xml", JUNIT)
    bench.run("junit", place, "--run", "github/1")

    bench.run("junit", place, *(more if "--run" in more else ("--run", "github/1", *more)))

    assert 2 == len(bench.records())


def test_a_report_without_a_time_finds_its_record_in_another_year(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = bench.report("a.xml", "<testsuite><testcase name='a'/></testsuite>")
    bench.run("junit", place)
    monkeypatch.setenv("OPSLEDGER_NOW", "2027-01-01T00:00:01Z")

    ended = bench.run("junit", place)

    assert ("nothing new: the ledger holds it already\n", 1) == (ended.out, len(bench.records()))


def test_another_record_where_this_one_belongs_gets_a_longer_neighbour(bench: Bench) -> None:
    place = bench.report("a.xml", JUNIT)
    bench.run("junit", place)
    path = next((bench.repo.root / "records/evidence").rglob("*.yaml"))
    path.write_text(path.read_text().replace(hashlib.sha256(JUNIT.encode()).hexdigest(), "0" * 64))

    ended = bench.run("junit", place)

    assert (0, [8, 16]) == (ended.code, sorted(len(one["id"].rpartition("-")[2]) for one in bench.records()))


def test_what_is_said_stands_in_the_record(bench: Bench) -> None:
    package = bench.report("payments.tar", b"the package")
    own = f"sha256:{hashlib.sha256(b'the package').hexdigest()}"

    bench.run("junit", bench.report("a.xml", JUNIT), "--package", package, "--ci", "CI-payments", "--version", "4.2.1",
              "--commit", "ab" * 20, "--type", "smoke", "--at", "2026-11-17T08:00:00+01:00",
              "--by", "PTY-pipeline")  # fmt: skip

    record = bench.record()
    assert ("Smoke tests of Payments 4.2.1", "smoke", own, "2026-11-17T07:00:00Z", "ab" * 20) == (
        record["title"], record["type"], record["package_digest"], record["at"], record["commit"],
    )  # fmt: skip
    assert [{"party": "PTY-pipeline"}] == record["performed_by"]


def test_a_pipeline_says_run_commit_and_component_itself(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "kestrel-pay/payments")
    monkeypatch.setenv("GITHUB_RUN_ID", "17342001")
    monkeypatch.setenv("GITHUB_SHA", "ab" * 20)

    bench.run("junit", bench.report("a.xml", JUNIT))

    record = bench.record()
    assert (["CI-payments"], "github/17342001", "ab" * 20) == (record["cis"], record["source"]["id"], record["commit"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("--package-digest", "c8c8"), "'c8c8' is no fingerprint of a package", id="no fingerprint"),
        pytest.param(("--run", "17342001"), "'17342001' names no run of a pipeline", id="no system"),
        pytest.param(("--kept-until", "2031"), "'2031' is no day", id="no day"),
        pytest.param(("--package", "gone.tar"), "no package can be read from gone.tar", id="no package"),
    ],
)
def test_what_is_said_wrongly_is_refused(bench: Bench, options: tuple[str, str], said: str) -> None:
    ended = bench.run("junit", bench.report("a.xml", JUNIT), *options)

    assert (2, True, set()) == (ended.code, said in ended.err, bench.written())


def test_a_component_that_is_not_there_is_a_finding(bench: Bench) -> None:
    ended = bench.run("junit", bench.report("a.xml", JUNIT), "--ci", "CI-gone")

    assert (1, True, set()) == (ended.code, "LNK101" in ended.err, bench.written())


def test_a_dry_run_writes_nothing(bench: Bench) -> None:
    ended = bench.run("junit", bench.report("a.xml", JUNIT), "--dry-run")

    assert (0, True, set()) == (
        ended.code,
        ended.out.startswith("would write records/evidence/2026/EVD-"),
        bench.written(),
    )


def test_a_hundred_thousand_cases_leave_what_failed_and_what_is_tied(bench: Bench) -> None:
    plain = "".join(
        f"<testcase classname='kestrel.payments.Test{number % 100}' name='case {number}'/>" for number in range(100_000)
    )
    bad = "<testcase name='bad'><failure message='late'/></testcase><testcase name='PRB-2026-0017'/>"

    ended = bench.run("junit", bench.report("a.xml", f"<testsuite name='s'>{plain}{bad}</testsuite>"))

    record = bench.record()
    [path] = (bench.repo.root / "records/evidence").rglob("*.yaml")
    assert (0, ["s.bad", "s.PRB-2026-0017"]) == (ended.code, [case["key"] for case in record["cases"]])
    assert {"tests": 100_002, "passed": 100_001, "failed": 1, "not-run": 0} == {
        one["metric"]: one["value"] for one in record["measures"]
    }
    said = "100,000 of 100,002 cases are in the counts and in the report alone; every case that failed or is tied to a"
    assert record["note"].splitlines()[-1].startswith(said)
    assert path.stat().st_size < 128 * 1024


def test_more_failures_than_a_record_holds_are_said(bench: Bench) -> None:
    bad = "".join(f"<testcase name='{number}'><failure message='{'x' * 900}'/></testcase>" for number in range(3000))
    tied = "<testcase name='PRB-2026-0017'/>"

    ended = bench.run("junit", bench.report("a.xml", f"<testsuite name='s'>{bad}{tied}</testsuite>"))

    record = bench.record()
    [path] = (bench.repo.root / "records/evidence").rglob("*.yaml")
    assert (0, True) == (ended.code, path.stat().st_size < 128 * 1024)
    assert ("s.PRB-2026-0017", "failed") == (record["cases"][-1]["key"], record["result"])
    assert "of them failed and 0 of them are tied to a problem or a criterion." in record["note"]


def test_a_bill_of_ten_thousand_components_leaves_the_first(bench: Bench) -> None:
    components = [{"name": "a", "purl": f"pkg:pypi/a{number:05d}@1"} for number in range(10_000)]
    bill = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components})

    ended = bench.run("cyclonedx", bench.report("a.json", bill))

    record = bench.record()
    assert (0, 1500) == (ended.code, len(record["components"]))
    assert "8,500 more components are in the report alone." in record["note"]


def test_a_small_report_is_kept_in_the_ledger(bench: Bench) -> None:
    bench.run("junit", bench.report("a.xml", JUNIT))

    digest = hashlib.sha256(JUNIT.encode()).hexdigest()
    kept = bench.repo.root / "attachments" / digest[:2] / digest
    assert (JUNIT.encode(), f"attachments/{digest[:2]}/{digest}") == (
        kept.read_bytes(), bench.record()["attachment"]["uri"],
    )  # fmt: skip


def test_a_long_report_goes_to_the_store_of_the_policy(bench: Bench, tmp_path: Path) -> None:
    store = tmp_path / "store"
    policy(bench, f"{{inline_max_kb: 0, store: 'file://{store}', store_years: 10}}")

    ended = bench.run("junit", bench.report("a.xml", JUNIT))

    record = bench.record()
    digest = hashlib.sha256(JUNIT.encode()).hexdigest()
    assert (0, JUNIT) == (ended.code, (store / digest[:2] / digest).read_text())
    assert (f"file://{store}/{digest[:2]}/{digest}", f"sha256:{digest}", "2036-11-19") == (
        record["attachment"]["uri"], record["attachment"]["digest"], record["kept_until"],
    )  # fmt: skip


def test_without_a_store_a_long_report_is_said_not_to_be_kept(bench: Bench) -> None:
    policy(bench, "{inline_max_kb: 0}")

    bench.run("junit", bench.report("a.xml", JUNIT))

    record = bench.record()
    assert (False, True) == ("attachment" in record, "The report itself (1 kB) was not kept" in record["note"])


def test_a_store_that_takes_nothing_leaves_no_record(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file, and no folder")
    policy(bench, f"{{inline_max_kb: 0, store: 'file://{tmp_path}/store'}}")

    ended = bench.run("junit", bench.report("a.xml", JUNIT))

    assert (3, set()) == (ended.code, bench.written())


def test_a_bill_of_materials_brings_the_baseline_of_its_package(bench: Bench) -> None:
    said = (
        "--package-digest",
        PACKAGE,
        "--ci",
        "CI-payments",
        "--version",
        "4.2.1",
        "--commit",
        "ab" * 20,
        "--baseline",
    )
    place = bench.report("a.json", BILL)

    first, second = bench.run("cyclonedx", place, *said), bench.run("cyclonedx", place, *said)

    [baseline] = bench.records("baselines")
    assert (0, 0, "nothing new: the ledger holds it already\n") == (first.code, second.code, second.out)
    assert ("Payments 4.2.1", "agreed", PACKAGE, "ab" * 20, bench.record()["id"]) == (
        baseline["title"], baseline["state"], baseline["package_digest"], baseline["commit"], baseline["sbom"],
    )  # fmt: skip
    assert [{"ci": "CI-payments", "version": "4.2.1", "digest": PACKAGE}] == baseline["entries"]
    assert bench.program("-C", bench.repo.root, "check").code == 0


def test_a_baseline_of_nothing_in_particular_is_refused(bench: Bench) -> None:
    ended = bench.run("cyclonedx", bench.report("a.json", BILL), "--baseline", "--ci", "CI-payments")

    assert (2, set()) == (ended.code, bench.written())
    assert "a baseline needs --version and --package-digest" in ended.err


@pytest.mark.parametrize(
    ("vulnerability", "issues", "result"),
    [
        pytest.param({"ratings": [{"severity": "critical"}]}, ["critical"], "failed", id="critical"),
        pytest.param({"ratings": [{"severity": "low"}, {"severity": "high"}]}, ["high"], "failed", id="worst rating"),
        pytest.param({"ratings": [{"severity": "low"}]}, ["low"], "passed-with-issues", id="low"),
        pytest.param({"ratings": [{"severity": "unknown"}]}, [None], "passed-with-issues", id="unknown"),
        pytest.param({"analysis": {"state": "not_affected"}}, [], "passed", id="does not apply"),
        pytest.param({"analysis": {"state": "resolved"}}, [], "passed", id="resolved"),
        pytest.param({"analysis": {"state": "in_triage"}}, [None], "passed-with-issues", id="near miss, in triage"),
    ],
)
def test_open_vulnerabilities_become_issues(
    bench: Bench, vulnerability: dict[str, object], issues: list[str | None], result: str
) -> None:
    bill = {**json.loads(BILL), "vulnerabilities": [{"id": "CVE-2026-1", **vulnerability}]}

    bench.run("cyclonedx", bench.report("a.json", json.dumps(bill)))

    record = bench.record()
    assert (issues, result) == ([one.get("severity") for one in record.get("issues", [])], record["result"])
