"""Reports as evidence records, and packages as baselines: ids from content, so that a second import finds the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from opsledger.edit.creating import ordered
from opsledger.edit.evidence import NotRead, Reading
from opsledger.edit.fitting import fitted
from opsledger.edit.numbering import path_for
from opsledger.edit.plan import Plan, Write
from opsledger.edit.shape import shape_of
from opsledger.errors import Refused
from opsledger.kind import Kind, Kinds
from opsledger.moments import written
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, at, read, write

FOLDER = "attachments"
"""Where a ledger keeps small reports, by their fingerprint."""

INLINE_KB = 256
_WORDS = {
    "test-run": "Tests", "smoke": "Smoke tests", "uat": "Acceptance tests", "load-test": "Load test",
    "synthetic": "Synthetic checks", "rehearsal": "Rehearsal",
}  # fmt: skip


@dataclass(frozen=True)
class Stated:
    """
    What whoever imports a report says of it.

    Args:
        digest: of the package, or empty where the report says it or nothing does.
        cis: the components that were looked at.
        title: of the record; empty to make one.
        type: of evidence; empty for the one that the report is of.
        at: when the result was complete; `None` for the report's own time.
        run: the pipeline's run as SYSTEM/ID, or empty.
        by: the party that made the result, or empty.
        kept_until: the day until which the store keeps the report; empty for what the policy says.
        checked_out: the commit that the pipeline is of, which holds where neither `commit` nor the report says one.
    """

    digest: str = ""
    cis: tuple[str, ...] = ()
    environment: str = ""
    commit: str = ""
    version: str = ""
    releases: tuple[str, ...] = ()
    title: str = ""
    type: str = ""
    at: datetime | None = None
    run: str = ""
    by: str = ""
    kept_until: str = ""
    checked_out: str = ""


@dataclass(frozen=True)
class Keeping:
    """
    Where reports are kept, by the policy.

    Args:
        inline_kb: reports up to so many kilobytes go into the ledger.
        store: the address of the store for longer ones, or empty.
        years: for how many years it keeps them; `None` where nobody says.
    """

    inline_kb: float = INLINE_KB
    store: str = ""
    years: float | None = None

    def address(self, digest: str) -> str:
        """Where the store keeps the content of a fingerprint."""
        name = digest.removeprefix("sha256:")
        if "{digest}" in self.store:
            return self.store.replace("{digest}", name)
        return f"{self.store.rstrip('/')}/{name[:2]}/{name}"


@dataclass(frozen=True)
class Upload:
    """Content that goes to the store."""

    address: str
    content: bytes


@dataclass(frozen=True)
class Gathered:
    """
    What the import of one report comes to.

    Args:
        id: of the evidence record.
        files: path → bytes: the record, its attachment, a baseline.
        uploads: what the store must hold before the record is written.
        known: ids of records that the ledger holds already, and that are therefore left as they are.
    """

    id: str
    files: Mapping[str, bytes]
    uploads: tuple[Upload, ...] = ()
    known: tuple[str, ...] = ()


def plan_of(gathered: list[Gathered], snapshot: Snapshot) -> Plan:
    """The files that a snapshot lacks."""
    files = {path: content for one in gathered for path, content in one.files.items()}
    return Plan(tuple(Write(path, None, content) for path, content in files.items() if path not in snapshot.files))


@dataclass(frozen=True)
class Clerk:
    """
    Writes evidence and baselines for one ledger at one time.

    Args:
        kinds: of the ledger.
        snapshot: the files that it holds already.
        titles: id of a component → its title, for readable titles.
        now: the time of the import.
    """

    kinds: Kinds
    snapshot: Snapshot
    titles: Mapping[str, str]
    keeping: Keeping
    now: datetime

    def evidence(self, reading: Reading, content: bytes, name: str, stated: Stated) -> Gathered:
        """
        Turn a report into an evidence record.

        Args:
            content: the report's bytes.
            name: of its file, without folders.

        Raises:
            NotRead: the report is about another package than the one that is stated.
        """
        digest = _fingerprint(content)
        package = _package(reading, stated)
        moment = stated.at or reading.at or self.now
        source = stated.run or reading.run or name
        data, uploads, files = self._kept(content, digest, reading.media_type, stated)
        made = self._data(reading, stated, package, moment, source) | data
        made["source"] = {
            "adapter": reading.form, "id": source, "fetched_at": written(self.now.replace(microsecond=0)),
            "digest": digest,
        }  # fmt: skip
        id, is_known = self._id("evidence", moment, (reading.form, source, digest, package), digest)
        if is_known:
            return Gathered(id, {}, known=(id,))
        kind = self.kinds["evidence"]
        whole = fitted({"id": id, **made}, reading, (*reading.notes, *self._said(data, content)))
        return Gathered(id, {**files, **_file(kind, id, whole)}, uploads)

    def baseline(self, evidence: Gathered, reading: Reading, stated: Stated) -> Gathered:
        """
        Add the baseline of the package that a bill of materials itemises.

        Raises:
            Refused: component, version or fingerprint of the package are not known.
        """
        package = _package(reading, stated)
        lacking = {"--ci": stated.cis, "--version": stated.version, "--package-digest": package}
        missing = [option for option, value in lacking.items() if not value]
        if missing:
            raise Refused(f"a baseline needs {' and '.join(missing)}", "give them, or leave --baseline out")
        moment = stated.at or reading.at or self.now
        said = (package, stated.version, *stated.cis)
        id, is_known = self._id("baseline", moment, ("baseline", *said), package, "/package_digest")
        if is_known:
            return replace(evidence, known=(*evidence.known, id))
        entries: list[dict[str, Any]] = [{"ci": ci, "version": stated.version} for ci in stated.cis]
        if len(entries) == 1:
            entries[0]["digest"] = package
        data = {
            "id": id, "title": f"{self._named(stated)} {stated.version}", "state": "agreed",
            "of": next(iter(stated.releases), ""), "at": written(moment.replace(microsecond=0)),
            "commit": stated.commit or reading.commit or stated.checked_out,
            "package_digest": package, "entries": entries, "sbom": evidence.id,
            "source": {"adapter": reading.form, "id": stated.run or reading.run or evidence.id,
                       "fetched_at": written(self.now.replace(microsecond=0))},
        }  # fmt: skip
        files = _file(self.kinds["baseline"], id, {name: value for name, value in data.items() if value != ""})
        return replace(evidence, files={**evidence.files, **files})

    def _data(
        self, reading: Reading, stated: Stated, package: str, moment: datetime, source: str
    ) -> dict[str, Any]:  # fmt: skip
        """What the record says but for its lists, which must fit."""
        system, _, key = source.partition("/") if stated.run else ("", "", "")
        made: dict[str, Any] = {
            "title": self._title(reading, stated),
            "type": stated.type or reading.type,
            "subjects": list(stated.releases),
            "cis": list(stated.cis),
            "version": stated.version,
            "environment": stated.environment,
            "package_digest": package,
            "commit": stated.commit or reading.commit or stated.checked_out,
            "performed_by": [{"party": stated.by}] if stated.by else [],
            "at": written(moment.replace(microsecond=0)),
            "took": f"{round(reading.took.total_seconds())}s" if reading.took is not None else "",
            "result": reading.result,
            "external": [{"system": system, "key": key}] if key else [],
        }
        if len(made["took"]) > len("99999s"):
            made["took"] = f"{min(99_999, round(reading.took.total_seconds() / 3600))}h" if reading.took else ""
        return {name: value for name, value in made.items() if value not in ("", [])}

    def _title(self, reading: Reading, stated: Stated) -> str:
        if stated.title:
            return stated.title
        start = _WORDS.get(stated.type, stated.type.replace("-", " ").capitalize()) if stated.type else ""
        what = reading.title if not start or stated.type == reading.type else start
        about = f"{self._named(stated)} {stated.version}".strip()
        return f"{what.partition(' (')[0]} of {about}" if about else what

    def _named(self, stated: Stated) -> str:
        named = [self.titles.get(ci, ci) for ci in stated.cis]
        return named[0] if len(named) == 1 else f"{named[0]} and {len(named) - 1} more" if named else ""

    def _kept(
        self, content: bytes, digest: str, media_type: str, stated: Stated
    ) -> tuple[dict[str, Any], tuple[Upload, ...], dict[str, bytes]]:
        """Where the report itself is kept: what the record says of it, what goes to the store, what into the ledger."""
        attached = {"digest": digest, "media_type": media_type}
        if len(content) <= self.keeping.inline_kb * 1024:
            path = f"{FOLDER}/{digest[7:9]}/{digest[7:]}"
            return {"attachment": {"uri": path, **attached}}, (), {path: content}
        if not self.keeping.store:
            return {}, (), {}
        address = self.keeping.address(digest)
        until = stated.kept_until
        if not until and self.keeping.years is not None:
            until = f"{self.now + timedelta(days=365.2425 * self.keeping.years):%Y-%m-%d}"
        data = {"attachment": {"uri": address, **attached}, **({"kept_until": until} if until else {})}
        return data, (Upload(address, content),), {}

    def _said(self, kept: Mapping[str, Any], content: bytes) -> Iterator[str]:
        if "attachment" not in kept:
            size = -(-len(content) // 1024)
            yield f"The report itself ({size:,} kB) was not kept: the policy names no evidence.store."

    def _id(
        self, kind: str, moment: datetime, parts: tuple[str, ...], own: str, pointer: str = "/source/digest"
    ) -> tuple[str, bool]:
        """An id from content, and whether a record of this very content has it, whatever its year is."""
        kept = self.kinds[kind]
        name = sha256("\n".join(parts).encode()).hexdigest()
        for size in (8, 16, 64):
            stands = self._standing(kept, f"-{name[:size]}.yaml")
            if not stands:
                return f"{kept.prefix}-{moment.astimezone(UTC).year:04d}-{name[:size]}", False
            data = read(self.snapshot.read(stands))
            if not isinstance(data, Unreadable) and at(data, pointer) == own:
                return stands.rpartition("/")[2].removesuffix(".yaml"), True
        raise Refused(f"another {kind} stands where this one belongs", "look at it: somebody wrote it by hand")

    def _standing(self, kind: Kind, end: str) -> str:
        start = f"{kind.folder}/"
        return next((path for path in self.snapshot.files if path.endswith(end) and path.startswith(start)), "")


def _package(reading: Reading, stated: Stated) -> str:
    """The package that a report is about: as stated, else the only thing that it names itself."""
    if stated.digest and reading.is_bound and stated.digest not in reading.digests:
        named = ", ".join(reading.digests[:3]) + (" …" if len(reading.digests) > 3 else "")
        raise NotRead(f"the report is about {named}, and not about the package {stated.digest}",
                      "import the report of this very package, or name the package that it is about")  # fmt: skip
    return stated.digest or (reading.digests[0] if len(reading.digests) == 1 else "")


def _file(kind: Kind, id: str, data: Mapping[str, Any]) -> dict[str, bytes]:
    return {path_for(kind, id, data): write(ordered(dict(data), shape_of(kind)))}


def _fingerprint(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"
