"""What the pipeline wrote down of a package before or after its release was: found by commit and by digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsledger.ledger import Ledger, Record
from opsledger.packages import digest_of
from opsledger.yamlfile import MISSING, at

ACCEPTS = ("test-run", "load-test", "uat", "design-validation")
"""The types of result that acceptance rests on."""


def package_of(ledger: Ledger, data: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """
    The fields of a release's package that it lacks and that the ledger knows.

    Args:
        data: of the release, as far as it is known.

    Returns:
        Pointer → value, and what was left open, one sentence each.
    """
    digest, notes = _digest(ledger, data)
    if not digest:
        return {}, notes
    baselines = _standing(ledger.declaring("package", digest, "baseline"))
    evidence = _standing(ledger.declaring("package", digest, "evidence"))
    baseline = next((one for one in baselines if one.state == "agreed"), baselines[-1] if baselines else None)
    sbom, provenance = (_newest(evidence, name) for name in ("sbom", "provenance"))
    built = provenance.get("at") if provenance else baseline.get("at") if baseline else None
    named = baseline.get("sbom") if baseline else None
    found = {
        "digest": digest,
        "built": built,
        "baseline": baseline.id if baseline else None,
        "sbom": named or (sbom.id if sbom else None),
        "provenance": provenance.id if provenance else None,
    }
    stated = data.get("package") or {}
    return {f"/package/{name}": value for name, value in found.items() if value and name not in stated}, notes


def acceptance_of(ledger: Ledger, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a release's acceptance that it lacks and that the ledger knows: pointer → value."""
    digest = at(data, "/package/digest")
    if not isinstance(digest, str):
        return {}
    evidence = [one for one in _standing(ledger.declaring("package", digest, "evidence")) if one.get("type") in ACCEPTS]
    if not evidence:
        return {}
    found: dict[str, Any] = {}
    if at(data, "/acceptance/package_digest") is MISSING:
        found["/acceptance/package_digest"] = digest
    if at(data, "/acceptance/evidence") is MISSING:
        evidence.sort(key=lambda one: (str(one.get("at")), one.id))
        found["/acceptance/evidence"] = [one.id for one in evidence]
    return found


def agreed_versions(ledger: Ledger, package: Mapping[str, Any]) -> dict[str, str]:
    """Component → version, as the baseline behind a package says."""
    named = package.get("/package/baseline")
    baseline = ledger.find(named) if isinstance(named, str) else None
    entries = (one for _, one in baseline.items("/entries")) if baseline is not None else ()
    return {str(one["ci"]): str(one["version"]) for one in entries if isinstance(one, dict) and "version" in one}


def _digest(ledger: Ledger, data: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The fingerprint that the release states, else the only one that was made from its commit."""
    stated = at(data, "/package/digest")
    if isinstance(stated, str):
        return stated, ()
    commit = at(data, "/range/commit")
    if not isinstance(commit, str):
        return "", ()
    records = [one for kind in ("baseline", "evidence") for one in _standing(ledger.declaring("commit", commit, kind))]
    digests = sorted({digest for one in records if (digest := digest_of(one))})
    if len(digests) > 1:
        several = f"{len(digests)} packages were built from {commit[:7]}, so nobody knows which one is meant"
        return "", (f"{several}: --set package.digest={digests[0]}",)
    return (digests[0] if digests else ""), ()


def _standing(records: Sequence[Record]) -> list[Record]:
    """Those that no later one stands in for."""
    gone = {one.get("supersedes") or one.get("replaces") for one in records} - {None}
    return [one for one in records if one.is_readable and one.id not in gone and one.state != "superseded"]


def _newest(evidence: Sequence[Record], type: str) -> Record | None:
    found = [one for one in evidence if one.get("type") == type]
    return max(found, key=lambda one: (str(one.get("at")), one.id), default=None)


def in_sections(found: Mapping[str, Any]) -> dict[str, Any]:
    """
    Pointers of two parts as sections.

    >>> in_sections({"/package/digest": "sha256:00"})
    {'package': {'digest': 'sha256:00'}}
    """
    sections: dict[str, Any] = {}
    for pointer, value in found.items():
        _, section, field = pointer.split("/")
        sections.setdefault(section, {})[field] = value
    return sections


def derived_pointers(before: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """The pointers to mark: a whole section where the record had none of it, else each field."""
    for pointer in found:
        section = pointer.split("/")[1]
        yield pointer if section in before else f"/{section}"
