"""What the next gates of releases say at the commit that is shown, and which exceptions they rest on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from opsledger.gate.ahead import Ahead, Hearing, waived_in
from opsledger.ledger import Ledger, Record
from opsledger.site.atlas import Atlas, Entry
from opsledger.site.shipped import Passage, waived_by_kept

_KIND = "release"
Aheads = Mapping[str, Sequence[Ahead]]


@dataclass(frozen=True)
class Use:
    """
    One place where an exception lets something pass.

    Args:
        record: the release that passes now, or the deployment that passed.
        where: the part of its page that says so.
        codes: what it waives there.
        words: at which gate.
    """

    record: Record
    where: str
    codes: tuple[str, ...]
    words: str


def aheads_in(ledger: Ledger, hearing: Hearing | None) -> dict[str, tuple[Ahead, ...]]:
    """What the next gates say of each release that is under way, by its file; nothing where nobody is heard."""
    if hearing is None or _KIND not in ledger.kinds:
        return {}
    heard = ((one.path, hearing.ahead(one)) for one in ledger.of(_KIND))
    return {path: aheads for path, aheads in heard if aheads}


def unheard_in(ledger: Ledger) -> Collection[str]:
    """The files of the releases that are under way in a ledger with gates."""
    kind = ledger.kinds.get(_KIND)
    if kind is None or kind.lifecycle is None or "gate" not in ledger.kinds or not ledger.of("gate"):
        return ()
    ways = [state for state in kind.lifecycle.main[1:] if state not in kind.lifecycle.done]
    return frozenset(one.path for one in ledger.of(_KIND) if one.state in ways)


def uses_of(aheads: Aheads, passages: Mapping[str, Passage], ledger: Ledger) -> dict[str, list[Use]]:
    """Where each exception lets something pass: at next gates now, and in verdicts that deployments keep."""
    found: dict[str, dict[tuple[str, str, str], list[str]]] = {}
    for path, heard in aheads.items():
        for id, ahead, code in waived_in(heard):
            place = f" in {ahead.environment}" if ahead.environment else ""
            key = path, "next-gate", f"{ahead.gate.removeprefix('GAT-')}{place}, its next gate"
            found.setdefault(id, {}).setdefault(key, []).append(code)
    for id, passage, code in waived_by_kept(passages):
        key = passage.record.path, "let-through", f"{(passage.kept or {}).get('gate')}, which let it through"
        found.setdefault(id, {}).setdefault(key, []).append(code)
    return {id: _uses(places, ledger) for id, places in found.items()}


def _uses(places: Mapping[tuple[str, str, str], Sequence[str]], ledger: Ledger) -> list[Use]:
    made = ((ledger.at_path(path), where, words, codes) for (path, where, words), codes in places.items())
    return [Use(record, where, tuple(dict.fromkeys(codes)), words) for record, where, words, codes in made if record]


@dataclass(frozen=True)
class Standing:
    """
    One release at one next gate, as the start page lists it.

    Args:
        stops: how many codes stop it.
    """

    entry: Entry
    gate: str
    environment: str
    outcome: str
    stops: int

    @property
    def twin(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "release": self.entry.id, "gate": self.gate, "environment": self.environment, "outcome": self.outcome,
            "stops": self.stops,
        }  # fmt: skip


def standings_of(aheads: Aheads, atlas: Atlas) -> list[Standing]:
    """Each release that is under way, at each of its next gates."""
    found = ((entry, one) for path, heard in aheads.items() if (entry := atlas.at_path(path)) for one in heard)
    return [
        Standing(
            entry, one.gate.removeprefix("GAT-"), one.environment,
            one.verdict.outcome if one.verdict is not None else "undecided",
            len(one.verdict.stopping) if one.verdict is not None else 0,
        )
        for entry, one in found
    ]  # fmt: skip
