"""CycloneDX documents, 1.2 to 1.7, JSON or XML: the packages inside, and what is known of their weaknesses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsledger.adapters.evidence.json_text import place_of, read_json
from opsledger.adapters.evidence.words import digest, line, moment, purl
from opsledger.adapters.evidence.xml_text import walk
from opsledger.edit.evidence import Issue, NotRead, Reading

_VERSIONS = re.compile(r"1\.[2-7]")
_SPACE = re.compile(r"http://cyclonedx\.org/schema/bom/(.{1,20})")
_ORDER = ("", "low", "medium", "high", "critical")
_SETTLED = ("resolved", "resolved_with_pedigree", "false_positive", "not_affected")


def read(data: bytes) -> Reading:
    """
    Read a document.

    Raises:
        NotRead: it is none, or of a version that is not known.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _from_xml(data)
    found = read_json(data, "a CycloneDX document")
    if found.get("bomFormat") != "CycloneDX":
        said = "the file is not a CycloneDX document: its bomFormat is not CycloneDX"
        raise NotRead(said, "name the file that the tool wrote", place=place_of(data, "bomFormat"))
    _known(found.get("specVersion"), place_of(data, "specVersion"))
    metadata = _mapping(found.get("metadata"))
    root = _mapping(metadata.get("component"))
    components = list(_components(found.get("components")))
    named = {str(one.get("bom-ref")): purl(one.get("purl")) for one in (*components, root) if one.get("bom-ref")}
    issues, settled = _issues(found.get("vulnerabilities"), named)
    hashes = _list(root.get("hashes"))
    digests = (digest(one.get("content")) for one in hashes if one.get("alg") == "SHA-256")
    listed = _Listed([purl(one.get("purl")) for one in components])
    is_list = bool(components) or not issues
    return _reading(root, metadata.get("timestamp"), listed, "application/vnd.cyclonedx+json",
                    issues=issues, settled=settled, digests=tuple(filter(None, digests)), is_list=is_list)  # fmt: skip


@dataclass(frozen=True)
class _Listed:
    """The package URLs of components, empty where one has none."""

    urls: list[str]

    @property
    def note(self) -> tuple[str, ...]:
        nameless = self.urls.count("")
        return (f"{nameless:,} components have no package URL and are in the file alone.",) if nameless else ()


def _reading(
    root: Mapping[str, Any], written: object, listed: _Listed, media_type: str, *, is_list: bool,
    issues: tuple[Issue, ...] = (), settled: int = 0, digests: tuple[str, ...] = (),
) -> Reading:  # fmt: skip
    at, is_without_offset = moment(written)
    name = " ".join(filter(None, (line(root.get("name"), 80), line(root.get("version"), 40))))
    notes = [*listed.note]
    if settled:
        notes.append(f"{settled:,} vulnerabilities are said to be settled or not to apply; the file says why.")
    if is_without_offset:
        notes.append("The document's time says no offset and was taken as UTC.")
    start = "Bill of materials" if is_list else "Vulnerabilities"
    return Reading(
        "cyclonedx", "sbom" if is_list else "scan", f"{start} ({name})" if name else start,
        result_of(issues), media_type, at, issues=issues,
        components=tuple(sorted(set(filter(None, listed.urls)))), digests=digests,
        counts={"components": len(listed.urls), **({"vulnerabilities": len(issues)} if issues else {})},
        notes=tuple(notes),
    )  # fmt: skip


def result_of(issues: Iterable[Issue]) -> str:
    """How a look at a package ended: failed where something high or critical is open."""
    severities = {one.severity for one in issues}
    if severities & {"high", "critical"}:
        return "failed"
    return "passed-with-issues" if severities else "passed"


def _known(version: object, place: tuple[int, int]) -> None:
    if not isinstance(version, str) or not _VERSIONS.fullmatch(version):
        said = f"the document is CycloneDX {line(version, 20) or 'of no version'}, and 1.2 to 1.7 are read"
        raise NotRead(said, "have the tool write version 1.6", place=place)


def _components(found: object) -> Iterator[Mapping[str, Any]]:
    """Each component with those inside it, without climbing the call stack."""
    waiting = list(reversed(_list(found)))
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(_list(one.get("components")))


def _issues(found: object, named: Mapping[str, str]) -> tuple[tuple[Issue, ...], int]:
    """What is open, the worst first, and the number of what is not."""
    issues, settled = [], 0
    for one in _list(found):
        if _mapping(one.get("analysis")).get("state") in _SETTLED:
            settled += 1
            continue
        severities = [rating.get("severity") for rating in _list(one.get("ratings"))]
        severity = max((word for word in severities if word in _ORDER), key=_ORDER.index, default="")
        affected = [
            named.get(str(place.get("ref")), "") or purl(place.get("ref")) for place in _list(one.get("affects"))
        ]
        words = line(one.get("id")) or "a vulnerability without an id"
        about = line(one.get("description"), 120)
        issues.append(Issue(line(f"{words}: {about}" if about else words), severity, next(filter(None, affected), "")))
    return tuple(sorted(issues, key=lambda one: (-_ORDER.index(one.severity), one.issue))), settled


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _list(found: object) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _from_xml(data: bytes) -> Reading:
    bom = _Bom()
    walk(data, bom, "a CycloneDX document")
    if bom.has_vulnerabilities:
        said = "the document tells of vulnerabilities, which are read from JSON alone"
        raise NotRead(said, "have the tool write JSON, or convert the file")
    listed = _Listed([one.get("purl", "") for one in bom.components])
    return _reading(bom.root, bom.written, listed, "application/vnd.cyclonedx+xml", is_list=True)


@dataclass
class _Bom:
    """What the elements of an XML document add up to."""

    components: list[dict[str, str]] = field(default_factory=list)
    open: list[dict[str, str]] = field(default_factory=list)
    root: dict[str, str] = field(default_factory=dict)
    written: str = ""
    has_vulnerabilities: bool = False

    def start(self, path: tuple[str, ...], attributes: Mapping[str, str]) -> None:
        """Take in the beginning of an element."""
        if len(path) == 1:
            found = _SPACE.fullmatch(
                next((value for name, value in attributes.items() if name.startswith("xmlns")), "")
            )
            if path[0] != "bom" or found is None:
                raise NotRead("the file is not a CycloneDX document", "name the file that the tool wrote")
            _known(found[1], (1, 1))
        elif path[-1] == "component":
            self.open.append({})
        self.has_vulnerabilities |= path[1:] == ("vulnerabilities", "vulnerability")

    def end(self, path: tuple[str, ...], words: str) -> None:
        """Take in the end of an element."""
        if path == ("bom", "metadata", "timestamp"):
            self.written = words.strip()
        elif path[-1] == "component" and self.open:
            done = self.open.pop()
            if path == ("bom", "metadata", "component"):
                self.root = done
            elif path[:2] == ("bom", "components"):
                self.components.append(done)
        elif path[-2:-1] == ("component",) and self.open and path[-1] in {"name", "version", "purl"}:
            own = words.strip()
            self.open[-1][path[-1]] = purl(own) if path[-1] == "purl" else line(own, 80)
