"""in-toto statements, plain or in a DSSE envelope: what was said of which packages, SLSA provenance above all."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from opsledger.adapters.evidence.json_text import place_of, read_json
from opsledger.adapters.evidence.words import commit, digest, line, mappings, moment
from opsledger.edit.evidence import Case, NotRead, Reading

_STATEMENTS = re.compile(r"https://in-toto\.io/Statement/v(0\.1|1)")
_PAYLOAD = "application/vnd.in-toto+json"
_PROVENANCE = re.compile(r"https://slsa\.dev/provenance/v[0-9.]+")
_TESTED = re.compile(r"https://in-toto\.io/attestation/test-result/v0\.[0-9]+")
_BILLS = (
    (re.compile(r"https://cyclonedx\.org/bom(/.*)?"), "cyclonedx"),
    (re.compile(r"https://spdx\.dev/Document.*"), "spdx"),
)
_RESULTS = {"PASSED": "passed", "WARNED": "passed-with-issues", "FAILED": "failed"}


def read(data: bytes) -> Reading:
    """
    Read a statement, or the envelope around one; what a signature on the envelope is worth is not looked at.

    Raises:
        NotRead: it is none, speaks of nothing by its fingerprint, or is of a sort that is not known.
    """
    found = read_json(data, "an in-toto statement")
    envelope = found.get("dsseEnvelope", found)
    if isinstance(envelope, dict) and "payload" in envelope:
        return _opened(data, envelope)
    return _statement(data, found)


def _opened(data: bytes, envelope: Mapping[str, Any]) -> Reading:
    place = place_of(data, "payload")
    payload, type = envelope.get("payload"), envelope.get("payloadType")
    if type != _PAYLOAD:
        said = f"the envelope holds {line(type, 60) or 'something without a type'}, and {_PAYLOAD} is read"
        raise NotRead(said, "name an attestation of in-toto", place=place_of(data, "payloadType"))
    try:
        inner = base64.b64decode(payload if isinstance(payload, str) else "", validate=True)
    except (binascii.Error, ValueError):
        raise NotRead("what the envelope holds is not base64", "have the tool write it again", place=place) from None
    try:
        reading = _statement(inner, read_json(inner, "an in-toto statement"))
    except NotRead as fault:
        raise NotRead(f"inside the envelope: {fault.sentence}", fault.fix, place=place) from None
    signatures = envelope.get("signatures")
    number = len(signatures) if isinstance(signatures, list) else 0
    said = "1 signature" if number == 1 else f"{number} signatures"
    words = (
        f"The envelope carries {said}; the importer does not verify them." if number else "The envelope is not signed."
    )
    return replace(reading, media_type="application/vnd.dsse.envelope.v1+json", notes=(*reading.notes, words))


def _statement(data: bytes, found: Mapping[str, Any]) -> Reading:
    type = found.get("_type")
    if not isinstance(type, str) or not _STATEMENTS.fullmatch(type):
        said = f"the file is not an in-toto statement of version 0.1 or 1: its _type is {line(type, 80) or 'missing'}"
        raise NotRead(said, "name the attestation that the build wrote", place=place_of(data, "_type"))
    digests = tuple(dict.fromkeys(_subjects(found.get("subject"))))
    if not digests:
        raise NotRead("the statement names nothing by its SHA-256, so nobody knows which package it is about",
                      "have the tool state digest.sha256 of each subject", place=place_of(data, "subject"))  # fmt: skip
    reading = _said(data, line(found.get("predicateType"), 200), _mapping(found.get("predicate")))
    return replace(reading, digests=digests, is_bound=True)


def _said(data: bytes, type: str, predicate: Mapping[str, Any]) -> Reading:
    """What the statement says of its subjects."""
    if _PROVENANCE.fullmatch(type):
        return _provenance(predicate)
    if _TESTED.fullmatch(type):
        return _tests(predicate)
    for pattern, form in _BILLS:
        if pattern.fullmatch(type):
            return _bill(form, predicate)
    said = f"the statement is a {type or 'statement of no sort'}, which stands for no sort of evidence"
    fix = "import SLSA provenance, an in-toto test result, or a bill of materials"
    raise NotRead(said, fix, place=place_of(data, "predicateType"))


def _provenance(predicate: Mapping[str, Any]) -> Reading:
    """SLSA provenance of version 1, or of 0.1 and 0.2, which called the same things otherwise."""
    details = _mapping(predicate.get("runDetails"))
    metadata = _mapping(details.get("metadata")) or _mapping(predicate.get("metadata"))
    builder = _mapping(details.get("builder") or predicate.get("builder"))
    definition = _mapping(predicate.get("buildDefinition"))
    sources = definition.get("resolvedDependencies") or predicate.get("materials")
    commits = dict.fromkeys(_commits(sources))
    ended = metadata.get("finishedOn") or metadata.get("buildFinishedOn")
    at, _ = moment(ended or metadata.get("startedOn") or metadata.get("buildStartedOn"))
    run = line(metadata.get("invocationId") or metadata.get("buildInvocationId") or metadata.get("buildInvocationID"))
    name = line(builder.get("id"), 120)
    return Reading(
        "in-toto", "provenance", f"Provenance (built by {name})" if name else "Provenance", "passed",
        "application/vnd.in-toto+json", at, run=run, commit=next(iter(commits)) if len(commits) == 1 else "",
    )  # fmt: skip


def _tests(predicate: Mapping[str, Any]) -> Reading:
    result = _RESULTS.get(str(predicate.get("result")), "failed")
    named = (("passedTests", "passed"), ("warnedTests", "passed-with-issues"), ("failedTests", "failed"))
    cases = {
        line(name): Case(line(name), word)
        for field, word in named
        for name in (predicate[field] if isinstance(predicate.get(field), list) else ())
        if line(name)
    }
    listed = tuple(cases.values())
    return Reading("in-toto", "test-run", "Tests", result, "application/vnd.in-toto+json", cases=listed,
                   counts={"tests": len(listed)})  # fmt: skip


def _bill(form: str, predicate: Mapping[str, Any]) -> Reading:
    """A bill of materials as a predicate is that document itself; some tools put it under `Data`."""
    import json
    from importlib import import_module

    inner = predicate.get("Data", predicate)
    data = inner.encode() if isinstance(inner, str) else json.dumps(inner, ensure_ascii=True).encode()
    found: Reading = import_module(f"opsledger.adapters.evidence.{form}").read(data)
    return replace(found, form="in-toto", media_type="application/vnd.in-toto+json")


def _subjects(found: object) -> Iterator[str]:
    sums = (_mapping(one.get("digest")).get("sha256") for one in mappings(found))
    return filter(None, map(digest, sums))


def _commits(sources: object) -> Iterator[str]:
    for one in mappings(sources):
        sums = _mapping(one.get("digest"))
        stated = next((sums[name] for name in ("gitCommit", "sha1") if name in sums), None)
        if commit(stated):
            yield str(stated)


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}
