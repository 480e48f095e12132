"""Another version of the tool for a ledger: what it would find, what its preset brings, and the plan that pins it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from opsledger import packaged
from opsledger.edit.plan import Plan, Write
from opsledger.edit.starting import MARK, RECORDS
from opsledger.errors import NoSuchRecord
from opsledger.finding import Finding, Severity
from opsledger.ledger import Ledger
from opsledger.rules.register import register
from opsledger.store import Snapshot, overlaid
from opsledger.yamlfile import set_values

Mark = tuple[str, str, str]
"""What stays the same of a finding when lines move: file, code and words."""


@dataclass(frozen=True)
class Offered:
    """
    A record that the preset of this version brings and the ledger lacks.

    Args:
        path: where it would stand.
    """

    id: str
    path: str
    text: bytes


@dataclass(frozen=True)
class Outlook:
    """
    What an upgrade would mean.

    Args:
        before: the version that the ledger names; empty for none.
        after: the version that runs.
        new: what this version finds, and the version before did not; all of it where that could not be asked.
        is_compared: whether the version before was asked.
        gone: what only the version before found.
        offered: what the preset brings.
        ripe: codes that a gate names under `later` and this version judges: gate → codes.
    """

    before: str
    after: str
    new: tuple[Finding, ...]
    is_compared: bool
    gone: tuple[Mark, ...]
    offered: tuple[Offered, ...]
    ripe: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def stops(self) -> bool:
        """Whether the upgrade would turn the ledger's check red."""
        return any(one.severity is Severity.ERROR for one in self.new)


def upgraded(snapshot: Snapshot, version: str) -> Snapshot:
    """The snapshot as it will be once its settings name another version of the tool."""
    return overlaid(snapshot, {MARK: _pinned(snapshot, version)}, name=snapshot.name)


def outlook(
    ledger: Ledger,
    findings: Iterable[Finding],
    known: Collection[Mark] | None,
    *,
    before: str,
    after: str,
    preset: str,
) -> Outlook:
    """
    Say what an upgrade would mean.

    Args:
        ledger: under the schemas of the version that runs.
        findings: what that version finds in it.
        known: what the version before found; `None` where it was not asked.
        preset: the name of the ledger's preset.
    """
    listed = tuple(findings)
    marks = {one.mark for one in listed}
    return Outlook(
        before=before,
        after=after,
        new=tuple(one for one in listed if known is None or one.mark not in known),
        is_compared=known is not None,
        gone=tuple(sorted(set(known or ()) - marks)),
        offered=tuple(_offered(ledger, preset)),
        ripe=tuple(_ripe(ledger)),
    )


def plan_upgrade(snapshot: Snapshot, seen: Outlook, wanted: Sequence[str]) -> Plan:
    """
    Plan the upgrade: the settings name the new version, and the records of the preset that somebody wants come in.

    Raises:
        NoSuchRecord: the preset brings none of that id, or the ledger has it.
    """
    by_id = {one.id: one for one in seen.offered}
    for id in wanted:
        if id not in by_id:
            raise NoSuchRecord(id)
    text = snapshot.read(MARK)
    pinned = _pinned(snapshot, seen.after)
    writes = [Write(MARK, text, pinned)] if pinned != text else []
    return Plan((*writes, *(Write(by_id[id].path, None, by_id[id].text) for id in wanted)))


def _pinned(snapshot: Snapshot, version: str) -> bytes:
    return set_values(snapshot.read(MARK), {"/tool": version})


def _offered(ledger: Ledger, preset: str) -> Iterable[Offered]:
    try:
        files = packaged.files(f"presets/{preset}/{RECORDS}")
    except FileNotFoundError:
        return
    for path, text in files.items():
        id = path.rpartition("/")[2].removesuffix(".yaml")
        kind = ledger.kinds.of_path(f"{RECORDS}/{path}")
        # A ledger calls its own policy what it likes, and one of them is enough.
        if ledger.find(id) is None and not (kind is not None and kind.name == "policy" and ledger.of("policy")):
            yield Offered(id, f"{RECORDS}/{path}", text)


def _ripe(ledger: Ledger) -> Iterable[tuple[str, tuple[str, ...]]]:
    built = register()
    for gate in ledger.of("gate") if "gate" in ledger.kinds else ():
        codes = tuple(str(code) for _, code in gate.items("/later") if code in built)
        if codes:
            yield gate.id, codes
