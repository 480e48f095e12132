"""SPDX documents, 2.2 and 2.3 as JSON and 3.0 as JSON-LD: the packages inside, by package URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opsledger.adapters.evidence.json_text import place_of, read_json
from opsledger.adapters.evidence.words import digest, line, mappings, moment, purl
from opsledger.edit.evidence import NotRead, Reading

_OLD = ("SPDX-2.2", "SPDX-2.3")


def read(data: bytes) -> Reading:
    """
    Read a document.

    Of 3.0 the packages, their package URLs and the document's own name and time are read; what it says of builds,
    data sets and vulnerabilities is left to the file.

    Raises:
        NotRead: it is none, or of a version that is not known.
    """
    found = read_json(data, "an SPDX document")
    if isinstance(found.get("@graph"), list):
        return _of_graph(found["@graph"])
    version = found.get("spdxVersion")
    if version not in _OLD:
        said = (
            f"it is {line(version, 20)}, and SPDX-2.2, SPDX-2.3 and 3.0 are read"
            if version
            else "it has no spdxVersion"
        )
        fix = "have the tool write SPDX 2.3 as JSON"
        raise NotRead(
            f"the file is not an SPDX document that can be read: {said}", fix, place=place_of(data, "spdxVersion")
        )
    return _of_packages(found)


def _of_packages(found: Mapping[str, Any]) -> Reading:
    packages = list(mappings(found.get("packages")))
    stated, related = found.get("documentDescribes"), mappings(found.get("relationships"))
    described = set(map(str, stated if isinstance(stated, list) else ()))
    described |= {str(one.get("relatedSpdxElement")) for one in related if one.get("relationshipType") == "DESCRIBES"}
    roots = [one for one in packages if str(one.get("SPDXID")) in described]
    inside = [one for one in packages if str(one.get("SPDXID")) not in described]
    creation = found.get("creationInfo")
    written = creation.get("created") if isinstance(creation, dict) else None
    sums = (one for root in roots for one in mappings(root.get("checksums")) if one.get("algorithm") == "SHA256")
    digests = tuple(filter(None, (digest(one.get("checksumValue")) for one in sums)))
    return _reading(found.get("name"), written, [_url(one) for one in inside], digests if len(roots) == 1 else ())


def _url(package: Mapping[str, Any]) -> str:
    references = mappings(package.get("externalRefs"))
    return next((purl(one.get("referenceLocator")) for one in references if one.get("referenceType") == "purl"), "")


def _of_graph(graph: list[Any]) -> Reading:
    things = list(mappings(graph))
    document = next((one for one in things if _type(one) == "SpdxDocument"), None)
    if document is None:
        said = "the file is not an SPDX document that can be read: no SpdxDocument stands in its @graph"
        raise NotRead(said, "have the tool write a whole SPDX 3.0 document, or SPDX 2.3")
    creation = document.get("creationInfo")
    by_id = {_id(one): one for one in things}
    info = creation if isinstance(creation, dict) else by_id.get(str(creation), {})
    roots = {str(id) for one in (document, *things) for id in _roots(one)}
    packages = [one for one in things if _type(one) == "Package" and _id(one) not in roots]
    own = [by_id[id] for id in sorted(roots) if id in by_id and _type(by_id[id]) == "Package"]
    sums = [one for thing in own for one in mappings(thing.get("verifiedUsing")) if one.get("algorithm") == "sha256"]
    digests = tuple(filter(None, (digest(one.get("hashValue")) for one in sums)))
    name = document.get("name") or (own[0].get("name") if own else None)
    return _reading(name, info.get("created"), [_url_of(one) for one in packages], digests if len(own) == 1 else ())


def _type(thing: Mapping[str, Any]) -> str:
    """The class of an element without its profile: *software_Package* and *software:Package* are Package."""
    return str(thing.get("type") or thing.get("@type") or "").replace(":", "_").replace("/", "_").rpartition("_")[2]


def _id(thing: Mapping[str, Any]) -> str:
    return str(thing.get("spdxId") or thing.get("@id") or "")


def _roots(thing: Mapping[str, Any]) -> list[Any]:
    found = thing.get("rootElement") if _type(thing) in {"SpdxDocument", "Sbom", "Bom"} else None
    return found if isinstance(found, list) else []


def _url_of(package: Mapping[str, Any]) -> str:
    stated = package.get("software_packageUrl") or package.get("packageUrl")
    named = mappings(package.get("externalIdentifier"))
    others = (
        one.get("identifier") for one in named if one.get("externalIdentifierType") in ("packageUrl", "packageURL")
    )
    return purl(stated) or next(filter(None, map(purl, others)), "")


def _reading(name: object, written: object, urls: list[str], digests: tuple[str, ...]) -> Reading:
    at, is_without_offset = moment(written)
    nameless = urls.count("")
    notes = [f"{nameless:,} packages have no package URL and are in the file alone."] if nameless else []
    if is_without_offset:
        notes.append("The document's time says no offset and was taken as UTC.")
    words = line(name, 120)
    return Reading(
        "spdx", "sbom", f"Bill of materials ({words})" if words else "Bill of materials", "passed",
        "application/spdx+json", at, components=tuple(sorted(set(filter(None, urls)))), digests=digests,
        counts={"components": len(urls)}, notes=tuple(notes),
    )  # fmt: skip
