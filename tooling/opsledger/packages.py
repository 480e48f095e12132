"""What belongs to a package: its evidence, its baseline and its deployments, found by its digest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from opsledger.ledger import Ledger, Record
from opsledger.yamlfile import at

LANDED = ("succeeded", "signed-off", "handed-over")
"""The states of a deployment that came to a good end."""

WAS_LIVE = ("early-life-support", "closed")
"""The states of a release that customers have had."""


@dataclass(frozen=True)
class Part:
    """
    One component of a release.

    Args:
        ci: its id.
        version: the version that the release brings, or empty.
        effect: *introduced*, *changed* or *retired*.
        pointer: where it stands in the release.
    """

    ci: str
    version: str
    effect: str
    pointer: str


def digest_of(record: Record) -> str:
    """The fingerprint of the package that a release, deployment, baseline or piece of evidence is about, or empty."""
    pointer = "/package/digest" if record.kind.name == "release" else "/package_digest"
    found = at(record.data, pointer)
    return found if isinstance(found, str) else ""


def parts_of(release: Record) -> tuple[Part, ...]:
    """The components in the scope of a release, in its order."""
    return tuple(_parts(release))


def _parts(release: Record) -> Iterator[Part]:
    for pointer, stated in release.items("/scope/cis"):
        if isinstance(stated, dict) and isinstance(stated.get("ci"), str):
            version, effect = str(stated.get("version") or ""), str(stated.get("effect") or "changed")
            yield Part(stated["ci"], version, effect, pointer)


def evidence_for(ledger: Ledger, release: Record, types: Collection[str] = ()) -> tuple[Record, ...]:
    """
    The results that speak of a release: those of its package, and those that name it; the newest first.

    Results of another package that name the release are among them: whether they still count is a rule's to say.

    Args:
        types: only results of these types; none for all.
    """
    digest = digest_of(release)
    found = {record.path: record for record in ledger.declaring("package", digest, "evidence")} if digest else {}
    found |= {record.path: record for record in ledger.naming(release.id, "evidence", at="/subjects/*")}
    found |= {record.path: record for record in _named(ledger, release)}
    kept = [record for record in found.values() if not types or record.get("type") in types]
    return tuple(sorted(kept, key=lambda record: (when(record, "at"), record.id), reverse=True))


def replaced_among(results: Iterable[Record]) -> frozenset[str]:
    """
    The ids of the results that a newer one of the same type, for the same package and place, says that it replaces.

    An older run does not undo a newer one, and what is no test does not undo a test. One of the very same time
    replaces only what replaces nothing itself, so that no two of them make each other vanish.
    """
    by_id = {one.id: one for one in results}
    pairs = ((one, by_id.get(str(one.get("supersedes")))) for one in by_id.values())
    return frozenset(old.id for one, old in pairs if old is not None and _replaces(one, old))


def _replaces(one: Record, old: Record) -> bool:
    new, former = when(one, "at"), when(old, "at")
    is_later = new > former or (new == former and not old.get("supersedes"))
    return is_later and all(one.get(name) == old.get(name) for name in ("type", "environment", "package_digest"))


def when(record: Record, field: str) -> datetime:
    """The time that a record says under a field, so that times of several offsets compare; else the first of all."""
    try:
        found = datetime.fromisoformat(str(record.get(field)))
    except ValueError:
        return _NEVER
    return found.astimezone(UTC) if found.tzinfo is not None and found.year > 1 else _NEVER


_NEVER = datetime.min.replace(tzinfo=UTC)


def _named(ledger: Ledger, release: Record) -> Iterator[Record]:
    for link in ledger.links(release.id):
        if link.pointer in ("/package/sbom", "/package/provenance") or link.pointer.startswith("/acceptance/evidence/"):
            record = ledger.find(link.target)
            if record is not None and record.kind.name == "evidence" and record.is_readable:
                yield record


def baseline_for(ledger: Ledger, release: Record) -> Record | None:
    """The baseline behind a release's package: the one that it names, else an agreed one of that package or release."""
    named = at(release.data, "/package/baseline")
    record = ledger.find(named) if isinstance(named, str) else None
    if record is not None and record.kind.name == "baseline":
        return record
    digest = digest_of(release)
    found = [*(ledger.declaring("package", digest, "baseline") if digest else ())]
    found += ledger.naming(release.id, "baseline", at="/of")
    return next((one for one in found if one.state == "agreed"), found[0] if found else None)


def deployments_of(ledger: Ledger, release: Record, environment: str = "") -> tuple[Record, ...]:
    """The deployments that brought a release, by their start; only those to one environment, if one is named."""
    found = ledger.naming(release.id, "deployment", at="/release")
    kept = [one for one in found if not environment or one.get("environment") == environment]
    return tuple(sorted(kept, key=lambda one: (when(one, "started"), one.id)))
