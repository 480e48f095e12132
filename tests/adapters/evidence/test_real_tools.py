"""Reports that real tools write in the test run: each is imported twice, with one result."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.adapters.evidence.conftest import PACKAGE, Bench

SUITE = """
import pytest

@pytest.mark.parametrize("wait", [1, 2], ids=["soon", "PRB-2026-0017#rt-1"])
def test_paid_once(wait):
    assert wait

def test_quick(record_property):
    record_property("opsledger.criterion", "quick-enough")

@pytest.mark.skip(reason="not today")
def test_later():
    pass

def test_refund():
    assert 1 == 2, "paid twice"
"""
CASES = """
import sys, unittest, xmlrunner

class Paying(unittest.TestCase):
    def test_once(self): pass
    def test_twice(self): self.assertEqual(1, 2)
    def test_broken(self): raise RuntimeError("no bank")
    @unittest.skip("not today")
    def test_later(self): pass

with open(sys.argv[1], "wb") as output:
    unittest.main(argv=["x"], testRunner=xmlrunner.XMLTestRunner(output=output), exit=False)
"""
SPDX_2 = """
import sys
from datetime import datetime
from spdx_tools.spdx.model import (Actor, ActorType, Checksum, ChecksumAlgorithm, CreationInfo, Document,
    ExternalPackageRef, ExternalPackageRefCategory, Package, Relationship, RelationshipType, SpdxNoAssertion)
from spdx_tools.spdx.writer.write_anything import write_file

def package(name, purl, **more):
    return Package(name=name, spdx_id=f"SPDXRef-{name}", download_location=SpdxNoAssertion(), files_analyzed=False,
        external_references=[ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", purl)], **more)

info = CreationInfo("SPDX-2.3", "SPDXRef-DOCUMENT", "payments", "https://example.org/payments",
    [Actor(ActorType.TOOL, "test")], datetime(2026, 11, 16, 15, 4))
own = package("payments", "pkg:pypi/payments@4.2.1", checksums=[Checksum(ChecksumAlgorithm.SHA256, "c8" * 32)])
inside = [package("click", "pkg:pypi/click@8.5.1"), package("jinja2", "pkg:pypi/jinja2@3.1.6")]
document = Document(info, packages=[own, *inside])
document.relationships = [Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, "SPDXRef-payments")]
write_file(document, sys.argv[1], validate=True)
"""
SPDX_3 = """
import sys
from datetime import datetime
from semantic_version import Version
from spdx_tools.spdx3.model import CreationInfo, ProfileIdentifierType, SpdxDocument
from spdx_tools.spdx3.model.software import Package
from spdx_tools.spdx3.payload import Payload
from spdx_tools.spdx3.writer.json_ld.json_ld_writer import write_payload

info = CreationInfo(Version("3.0.0"), datetime(2026, 11, 16, 15, 4), [], [ProfileIdentifierType.SOFTWARE])
payload = Payload()
for name in ("payments", "click"):
    payload.add_element(Package(f"urn:{name}", name, creation_info=info, package_url=f"pkg:pypi/{name}@1.0"))
document = SpdxDocument("urn:document", "payments", ["urn:payments", "urn:click"], ["urn:payments"], creation_info=info)
payload.add_element(document)
write_payload(payload, sys.argv[1].removesuffix(".jsonld"))
"""
IN_TOTO = """
import json, sys
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from google.protobuf.json_format import MessageToDict

subject = ResourceDescriptor(name="payments", digest={"sha256": "c8" * 32})
predicate = {"buildDefinition": {"buildType": "https://example.org/b", "externalParameters": {},
    "resolvedDependencies": [{"uri": "git+https://example.org", "digest": {"gitCommit": "ab" * 20}}]},
    "runDetails": {"builder": {"id": "https://example.org/builder"},
    "metadata": {"invocationId": "run-7", "finishedOn": "2026-11-16T15:04:00Z"}}}
statement = Statement([subject.pb], "https://slsa.dev/provenance/v1", predicate)
statement.validate()
content = json.dumps(MessageToDict(statement.pb)).encode()
if len(sys.argv) > 2:
    from securesystemslib.dsse import Envelope
    content = json.dumps(Envelope(content, "application/vnd.in-toto+json", {}).to_dict()).encode()
open(sys.argv[1], "wb").write(content)
"""


def _run(place: Path, *command: str | Path, most: int = 0) -> bytes:
    """What a program prints that works in the folder of a report; one that ends with more than `most` failed."""
    done = subprocess.run(list(command), cwd=place.parent, capture_output=True, check=False)
    assert done.returncode <= most, done.stderr.decode()
    return done.stdout


def _python(code: str, place: Path, *more: str) -> None:
    _run(place, sys.executable, "-W", "ignore", "-c", code, place, *more)


def _pytest(place: Path) -> None:
    place.with_name("test_paying.py").write_text(SUITE)
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={place}", "test_paying.py")
    _run(place, *command, most=1)


def _cyclonedx(version: str, form: str = "JSON") -> Callable[[Path], None]:
    def made(place: Path) -> None:
        program = Path(sys.executable).with_name("cyclonedx-py")
        place.with_name("requirements.txt").write_text("click==8.5.1\njinja2==3.1.6\n")
        _run(place, program, "requirements", "requirements.txt", "--sv", version, "--of", form, "-o", place)

    return made


def _ruff(place: Path) -> None:
    place.with_name("bad.py").write_text("import os\n")
    command = ("check", "--isolated", "--no-cache", "--output-format", "sarif", "bad.py")
    place.write_bytes(_run(place, Path(sys.executable).with_name("ruff"), *command, most=1))


MADE = {
    "pytest": ("junit", "a.xml", _pytest),
    "unittest-xml-reporting": ("junit", "a.xml", lambda place: _python(CASES, place)),
    **{
        f"cyclonedx-py {version}": ("cyclonedx", "a.json", _cyclonedx(version))
        for version in ("1.4", "1.5", "1.6", "1.7")
    },
    "cyclonedx-py XML": ("cyclonedx", "a.xml", _cyclonedx("1.6", "XML")),
    "ruff": ("sarif", "a.sarif", _ruff),
    "spdx-tools 2.3": ("spdx", "a.json", lambda place: _python(SPDX_2, place)),
    "spdx-tools 3.0": ("spdx", "a.jsonld", lambda place: _python(SPDX_3, place)),
    "in-toto-attestation": ("in-toto", "a.json", lambda place: _python(IN_TOTO, place)),
    "securesystemslib": ("in-toto", "a.json", lambda place: _python(IN_TOTO, place, "envelope")),
}


def _imported(bench: Bench, tool: str) -> tuple[str, Path]:
    form, name, make = MADE[tool]
    place = bench.reports / name
    make(place)
    return form, place


@pytest.mark.parametrize("tool", MADE)
def test_a_report_imports_twice_with_one_result(bench: Bench, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form, place = _imported(bench, tool)

    first = bench.run(form, place, "--package-digest", PACKAGE, "--ci", "CI-payments", "--version", "4.2.1")
    written, record = bench.written(), bench.record()
    monkeypatch.setenv("OPSLEDGER_NOW", "2027-03-01T09:00:00Z")
    second = bench.run(form, place, "--package-digest", PACKAGE, "--ci", "CI-payments", "--version", "4.2.1")

    assert (0, 0, "nothing new: the ledger holds it already\n") == (first.code, second.code, second.out), first.err
    assert (written, record) == (bench.written(), bench.record())
    assert (PACKAGE, ["CI-payments"], form) == (record["package_digest"], record["cis"], record["source"]["adapter"])
    assert bench.program("-C", bench.repo.root, "check").code == 0


def test_what_pytest_wrote_is_kept_case_by_case(bench: Bench) -> None:
    form, place = _imported(bench, "pytest")

    bench.run(form, place)

    record = bench.record()
    cases = {case["key"]: case for case in record["cases"]}
    assert ("test-run", "failed") == (record["type"], record["result"])
    assert {
        "test_paying.test_paid_once[soon]": "passed", "test_paying.test_paid_once[PRB-2026-0017#rt-1]": "passed",
        "test_paying.test_quick": "passed", "test_paying.test_later": "not-run", "test_paying.test_refund": "failed",
    } == {key: case["result"] for key, case in cases.items()}  # fmt: skip
    assert "PRB-2026-0017#rt-1" == cases["test_paying.test_paid_once[PRB-2026-0017#rt-1]"]["problem"]
    assert "quick-enough" == cases["test_paying.test_quick"]["criterion"]
    assert cases["test_paying.test_refund"]["actual"].startswith("AssertionError: paid twice")


def test_what_unittest_wrote_counts_broken_cases_as_failed(bench: Bench) -> None:
    form, place = _imported(bench, "unittest-xml-reporting")

    bench.run(form, place)

    record = bench.record()
    assert {"tests": 4, "passed": 1, "failed": 2, "not-run": 1} == {
        one["metric"]: one["value"] for one in record["measures"]
    }
    assert "note" not in record or "failures that none" not in record["note"]


@pytest.mark.parametrize("tool", [tool for tool in MADE if tool.startswith("cyclonedx")])
def test_a_bill_of_materials_lists_what_is_inside(bench: Bench, tool: str) -> None:
    form, place = _imported(bench, tool)

    bench.run(form, place)

    record = bench.record()
    assert ("sbom", "passed", ["pkg:pypi/click@8.5.1", "pkg:pypi/jinja2@3.1.6"]) == (
        record["type"], record["result"], record["components"],
    )  # fmt: skip


def test_an_spdx_document_names_the_package_itself(bench: Bench) -> None:
    form, place = _imported(bench, "spdx-tools 2.3")

    bench.run(form, place)

    record = bench.record()
    assert (PACKAGE, "2026-11-16T15:04:00Z", ["pkg:pypi/click@8.5.1", "pkg:pypi/jinja2@3.1.6"]) == (
        record["package_digest"], record["at"], record["components"],
    )  # fmt: skip


def test_an_spdx_3_document_lists_what_is_inside(bench: Bench) -> None:
    form, place = _imported(bench, "spdx-tools 3.0")

    bench.run(form, place)

    assert ["pkg:pypi/click@1.0"] == bench.record()["components"]


def test_a_scan_tells_its_results_with_their_places(bench: Bench) -> None:
    form, place = _imported(bench, "ruff")

    bench.run(form, place)

    record = bench.record()
    [issue] = record["issues"]
    assert ("scan", "failed", "high") == (record["type"], record["result"], issue["severity"])
    assert issue["issue"].startswith("F401: `os` imported but unused (")


@pytest.mark.parametrize("tool", ["in-toto-attestation", "securesystemslib"])
def test_provenance_says_package_commit_run_and_time(bench: Bench, tool: str) -> None:
    form, place = _imported(bench, tool)

    bench.run(form, place)

    record = bench.record()
    assert ("provenance", PACKAGE, "ab" * 20, "2026-11-16T15:04:00Z", "run-7") == (
        record["type"], record["package_digest"], record["commit"], record["at"], record["source"]["id"],
    )  # fmt: skip
    assert ("securesystemslib" in tool) == ("not signed" in record.get("note", ""))


def test_provenance_of_another_package_is_a_finding(bench: Bench) -> None:
    form, place = _imported(bench, "in-toto-attestation")
    other = f"sha256:{'0' * 64}"

    ended = bench.run(form, place, "--package-digest", other)

    assert (1, []) == (ended.code, bench.records())
    said = f"{place}:1:1: SYN985 the report is about {PACKAGE}, and not about the package {other}"
    assert said == ended.err.splitlines()[0]


def test_the_commit_of_the_provenance_goes_before_that_of_the_pipeline(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, place = _imported(bench, "in-toto-attestation")
    monkeypatch.setenv("GITHUB_SHA", "cd" * 20)

    bench.run(form, place)

    assert "ab" * 20 == bench.record()["commit"]
