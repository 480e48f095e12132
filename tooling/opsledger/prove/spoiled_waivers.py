"""How the rules about exceptions and deviations are provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from opsledger.ledger import Ledger, Record
from opsledger.prove.model import Spoiling
from opsledger.prove.spoilers import candidates, edited

_OPEN = "kind = 'exception' AND state = 'active'"


def _too_low(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, _OPEN):
        yield from edited(record, {"/level": "low", "/unpatched": _facts("critical")}, "set to low")


def _locked(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, _OPEN):
        yield from edited(record, {"/scope/rules/0": "SIG301"}, "set to SIG301, which may not be waived")


def _beyond(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, _OPEN):
        made = {"/type": "unpatched-vulnerability", "/unpatched": {**_facts("low"), "exploited": True}}
        yield from edited(record, made, "made one for a weakness that attackers use")


def _facts(severity: str) -> dict[str, Any]:
    return {"severity": severity, "exploited": False}


def _silenced(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "1"):
        text = record.snapshot.read(record.path).rstrip(b"\n") + b"\n# noqa: LNK101\n"
        yield Spoiling(f"{record.path} ends with `# noqa`", {record.path: text}, frozenset({record.path}))


def _undocumented(ledger: Ledger) -> Iterator[Spoiling]:
    for record in _never_excepted(ledger):
        word = {"reason": "It could not wait", "by": "PTY-spoilt", "at": _AT, "owed_until": _AT}
        yield from edited(record, {"/break_glass": word}, "added")


_AT = "2026-03-01T10:00:00Z"


def _never_excepted(ledger: Ledger) -> Iterator[Record]:
    for record in candidates(ledger, "kind = 'deployment'"):
        release = str(record.get("release"))
        if not any(ledger.naming(id, "exception", at="/scope/records/*") for id in (record.id, release)):
            yield record


SPOILERS: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "WVR923": ("active exception", _too_low),
    "WVR924": ("active exception", _locked),
    "WVR926": ("active exception", _beyond),
    "WVR927": ("record", _silenced),
    "GOV965": ("deployment without an exception", _undocumented),
}
