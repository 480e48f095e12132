"""Reports that are broken or hostile: one clear finding each, at its place, and nothing written."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.adapters.evidence.conftest import Bench, finding_of, reading_of

from opsledger.adapters.evidence import FORMS, MOST_BYTES, read_report
from opsledger.finding import Finding

DEEP = "<testsuite>" * 200
BOMB = '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "1"><!ENTITY c "&b;&b;">]>\n<testsuite name="&c;"/>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&b;"/></testsuite>'
BROKEN_XML = {
    "cut off": ("<testsuite>\n<testcase name='a'>", (2, 20), "it stops being XML here"),
    "entity bomb": (BOMB, (2, 13), "declares a document type or an entity"),
    "entity of another file": (OUTSIDE, (1, 13), "declares a document type or an entity"),
    "entity that nobody declared": ("<testsuite name='&b;'/>", (1, 1), "it stops being XML here"),
    "too deep": (DEEP, (1, 1101), "more than 100 deep"),
    "another document": ("<html><body/></html>", (1, 1), "it starts with <html>"),
    "NUL": ("<testsuite>\n \0</testsuite>", (2, 2), "it stops being XML here"),
    "control sequence": ("<testsuite name='\x1b]52;c;aGk=\x07'/>", (1, 18), "it stops being XML here"),
    "unknown encoding": ("<?xml version='1.0' encoding='klingon'?><testsuite/>", (1, 1), "the file names an encoding"),
    "JSON": ('{"tests": 1}', (1, 1), "it stops being XML here"),
}
BROKEN_JSON: dict[str, tuple[str | bytes, tuple[int, int], str]] = {
    "cut off": ('{"version": "2.1.0",\n "runs": [', (2, 11), "it stops being JSON here"),
    "too deep": ("[" * 100_000, (1, 201), "more than 200 deep"),
    "doubled key": ('{"version": "2.1.0",\n "runs": [],\n "version": "2.1.0"}', (3, 2), "the key 'version' twice"),
    "doubled key inside": ('{"runs": [{"a": 1}, {"b": 1, "b": 2}]}', (1, 30), "the key 'b' twice"),
    "doubled key by escape": ('{"a": 1, "\\u0061": 2}', (1, 10), "the key 'a' twice"),
    "NaN": ('{"runs": [\n {"a": NaN}]}', (2, 8), "NaN is no number"),
    "infinite": ('{"runs": 1e400}', (1, 10), "1e400 is no number"),
    "huge number": ('{"runs": ' + "9" * 5000 + "}", (1, 10), "999999999999… of 5,000 digits is no number"),
    "UTF-16": ('{"version": "2.1.0"}'.encode("utf-16"), (1, 1), "written in UTF-16"),
    "no UTF-8": (b'{"runs": [],\n "a": "\xe9"}', (2, 8), "the byte 0xe9 stands where UTF-8 has none"),
    "NUL": ('{"runs":\n \0}', (2, 2), "a NUL character"),
    "control character in a text": ('{"version": "\x1b[2J"}', (1, 14), "it stops being JSON here"),
    "a list": ("[1]", (1, 1), "which is one JSON object"),
    "XML": ("<runs/>", (1, 1), "it stops being JSON here"),
}


@pytest.mark.parametrize("name", BROKEN_XML)
def test_broken_xml_is_one_finding(name: str) -> None:
    content, place, said = BROKEN_XML[name]

    found = finding_of("junit", content)

    assert (place, "SYN985") == ((found.place.line, found.place.column), found.code)
    assert said in found.message
    assert found.fix
    assert "passwd" not in found.message


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_broken_json_is_one_finding(name: str) -> None:
    content, place, said = BROKEN_JSON[name]

    found = finding_of("sarif", content)

    assert (place, "SYN985") == ((found.place.line, found.place.column), found.code)
    assert said in found.message
    assert found.fix


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [b"", b" \n\t", b"\x1f\x8b\x08\x00" + bytes(range(256)), b"\0" * 5000, b"MZ\x90"])
def test_what_is_no_report_is_one_finding_in_every_form(form: str, content: bytes) -> None:
    assert finding_of(form, content).code in {"SYN985", "SYN983"}


@pytest.mark.parametrize("form", FORMS)
def test_a_report_over_the_limit_is_not_read(form: str) -> None:
    found = finding_of(form, b"x" * (MOST_BYTES + 1))

    assert "the report is longer than 32 MiB, and none so long is read" == found.message


ODD: dict[str, Any] = {
    "null": None, "number": 7, "text": "x", "list": [[[]]], "mapping": {"a": {"b": []}}, "lone surrogate": "\ud800",
    "control characters": "\x1b]0;x\x07\u202e", "long text": "x" * 50_000, "negative": -1, "true": True,
}  # fmt: skip
SOUND: dict[str, Any] = {
    "sarif": {"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "x", "version": "1",
                            "rules": [{"id": "R", "properties": {"security-severity": "9"}}]}},
        "results": [{"kind": "fail", "baselineState": "new", "ruleId": "R", "ruleIndex": 0, "level": "error",
                     "message": {"text": "m"}, "suppressions": [],
                     "locations": [{"physicalLocation": {"artifactLocation": {"uri": "u"},
                                                          "region": {"startLine": 1}}}]}],
        "invocations": [{"endTimeUtc": "2026-11-16T15:04:00Z", "executionSuccessful": True}],
        "versionControlProvenance": [{"revisionId": "ab" * 20}]}]},
    "cyclonedx": {"bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"timestamp": "2026-11-16T15:04:00Z", "component": {"name": "p", "version": "1", "bom-ref": "r",
                     "hashes": [{"alg": "SHA-256", "content": "c8" * 32}]}},
        "components": [{"name": "a", "purl": "pkg:pypi/a@1", "bom-ref": "a", "components": []}],
        "vulnerabilities": [{"id": "CVE-1", "ratings": [{"severity": "high"}], "affects": [{"ref": "a"}],
                             "analysis": {"state": "exploitable"}, "description": "d"}]},
    "spdx": {"spdxVersion": "SPDX-2.3", "name": "p", "creationInfo": {"created": "2026-11-16T15:04:00Z"},
        "documentDescribes": ["SPDXRef-p"],
        "relationships": [{"relationshipType": "DESCRIBES", "relatedSpdxElement": "x"}],
        "packages": [{"SPDXID": "SPDXRef-p", "checksums": [{"algorithm": "SHA256", "checksumValue": "c8" * 32}],
                      "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/a@1"}]}]},
    "spdx 3.0": {"@graph": [
        {"type": "SpdxDocument", "spdxId": "d", "name": "p", "creationInfo": "_:c", "rootElement": ["r"]},
        {"type": "CreationInfo", "@id": "_:c", "created": "2026-11-16T15:04:00Z"},
        {"type": "software_Package", "spdxId": "r", "verifiedUsing": [{"algorithm": "sha256", "hashValue": "c8" * 32}]},
        {"type": "software_Package", "spdxId": "a", "software_packageUrl": "pkg:pypi/a@1",
         "externalIdentifier": [{"externalIdentifierType": "packageUrl", "identifier": "pkg:pypi/a@1"}]}]},
    "in-toto": {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "p", "digest": {"sha256": "c8" * 32}}],
        "predicateType": "https://slsa.dev/provenance/v1", "dsseEnvelope": {},
        "predicate": {"buildDefinition": {"resolvedDependencies": [{"digest": {"gitCommit": "ab" * 20}}]},
                      "runDetails": {"builder": {"id": "b"}, "metadata": {"invocationId": "i", "finishedOn": "x"}}}},
}  # fmt: skip


def _spoiled(value: Any, odd: Any) -> Any:
    """Each document that comes of a sound one when one value in it is another."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {**value, key: odd}
            yield from ({**value, key: one} for one in _spoiled(inner, odd))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], one, *value[index + 1 :]] for one in [odd, *_spoiled(inner, odd)])


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", SOUND)
def test_an_odd_value_anywhere_is_read_or_found_and_never_breaks(name: str, odd: str) -> None:
    for one in _spoiled(SOUND[name], ODD[odd]):
        said = read_report(name.partition(" ")[0], json.dumps(one).encode(), "report")

        assert not isinstance(said, Finding) or said.fix


@pytest.mark.parametrize("name", SOUND)
def test_what_steers_a_terminal_is_taken_out(name: str) -> None:
    text = json.dumps(SOUND[name]).replace('"p"', '"p\\u001b]52;c;x\\u0007\\u202e"').replace('"m"', '"m\\u001b[2J"')

    told = repr(reading_of(name.partition(" ")[0], text))

    assert "\\x1b" not in told
    assert "\\u202e" not in told


@pytest.mark.parametrize(
    ("envelope", "said"),
    [
        pytest.param({"payloadType": "text/plain", "payload": ""}, "the envelope holds text/plain", id="another type"),
        pytest.param({"payload": "!!"}, "is not base64", id="no base64"),
        pytest.param({"payload": base64.b64encode(b'{"a":1,"a":2}').decode()}, "the key 'a' twice", id="doubled key"),
        pytest.param({"payload": base64.b64encode(b"[" * 5000).decode()}, "more than 200 deep", id="too deep"),
        pytest.param({"payload": base64.b64encode(b"{}").decode()}, "is not an in-toto statement", id="nothing in it"),
    ],
)
def test_an_odd_envelope_is_one_finding(envelope: dict[str, str], said: str) -> None:
    found = finding_of("in-toto", json.dumps({"payloadType": "application/vnd.in-toto+json", **envelope}))

    assert said in found.message


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        pytest.param("key,outcome2\na,b\n", 1, "no column of the table is called result", id="no result"),
        pytest.param(
            "key,result\na,passed\nb,meh\n", 3, "row 3 ends 'meh', which stands for none of", id="unknown word"
        ),
        pytest.param("key,result\na,passed\n,passed\n", 3, "row 3 has no key", id="no key"),
        pytest.param("key,result\na,passed\na,failed\n", 3, "and so does a row above it", id="same key twice"),
        pytest.param('key,result\na,"passed\n', 2, "its quotes do not match", id="open quote"),
        pytest.param("key,result\n" + "a" * 40_000 + ",passed\n", 2, "a cell is longer", id="long cell"),
        pytest.param("key,result,problem\na,passed,17\n", 2, "names the problem '17'", id="no problem"),
        pytest.param("key,result,criterion\na,passed,Pay Twice\n", 2, "names the criterion", id="no criterion"),
        pytest.param("key,result\n", 1, "has no row below its heading", id="no rows"),
    ],
)
def test_an_odd_table_is_one_finding(table: str, line: int, said: str) -> None:
    found = finding_of("csv", table)

    assert (line, True) == (found.place.line, said in found.message), found.message


def test_a_formula_in_a_cell_stays_text(bench: Bench) -> None:
    place = bench.report("uat.csv", 'key,result,actual\n"=HYPERLINK(""x"")",passed,+1\n')

    bench.run("csv", place)

    [case] = bench.record()["cases"]
    assert ('=HYPERLINK("x")', "+1") == (case["key"], case["actual"])


def test_of_many_files_none_is_imported_where_one_cannot_be_read(bench: Bench) -> None:
    good = bench.report("good.xml", "<testsuite><testcase name='a'/></testsuite>")
    bad = bench.report("bad.xml", "<testsuite>")

    ended = bench.run("junit", good, bad)

    assert (1, "", set()) == (ended.code, ended.out, bench.written())
    assert [f"{bad}:1:12: SYN985 the file is not a JUnit report: it stops being XML here (no element found)"] == (
        ended.err.splitlines()[:1]
    )


def test_a_hostile_file_name_is_printed_harmlessly(bench: Bench) -> None:
    bad = bench.report("\x1b[2J::error.xml", "<testsuite>")

    ended = bench.run("junit", bad)

    assert (1, False) == (ended.code, "\x1b" in ended.err)


def test_twenty_megabytes_of_elements_are_read_or_refused_soon() -> None:
    content = b"<testsuite>" + b"<a/>" * 5_000_000 + b"</testsuite>"

    assert "more than 3,000,000 elements" in finding_of("junit", content).message


def test_a_report_of_too_many_cases_is_refused() -> None:
    content = "<testsuite>" + "<testcase name='a'/>" * 200_001 + "</testsuite>"

    assert "the report holds more than 200,000 cases" == finding_of("junit", content).message


def test_a_component_in_a_component_a_thousand_times_is_refused() -> None:
    nested: dict[str, Any] = {"name": "a"}
    for _ in range(400):
        nested = {"name": "a", "components": [nested]}

    found = reading_of(
        "cyclonedx", json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [nested]})
    )

    assert 401 == found.counts["components"]


def test_a_key_that_comes_twice_at_the_end_of_a_very_long_mapping_is_found_at_once() -> None:
    keys = ", ".join(f'"k{number}": 1' for number in range(150_000))

    assert "holds the key 'k149999' twice" in finding_of("sarif", f'{{{keys}, "k149999": 2}}').message


def test_a_text_of_twenty_megabytes_is_one_word() -> None:
    content = '{"version": "1", "a": "' + "\\\\x" * 7_000_000 + '"}'

    assert "not a SARIF log of version 2.1.0" in finding_of("sarif", content).message


def test_a_test_in_a_test_hides_no_failure() -> None:
    content = "<testsuite><testcase name='a'><failure/><testcase name='b'/></testcase></testsuite>"

    assert "a test lies in another" in finding_of("junit", content).message
