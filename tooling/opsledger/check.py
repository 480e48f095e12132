"""Which rules run on what: a snapshot by itself, or the step from a base to what it would become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from opsledger.finding import Finding, Place, Severity
from opsledger.kind import Kinds
from opsledger.ledger import Ledger, place_in
from opsledger.policy import Policy
from opsledger.rules.register import Found, Reach, Rule, register
from opsledger.rules.schemas import schema_faults, schema_notes
from opsledger.rules.silence import Quiet, silenced
from opsledger.steps import Step, steps_between
from opsledger.store import Snapshot

MOST = 1000
"""How many findings get their line looked up, unless all are asked for."""


@dataclass(frozen=True)
class Coverage:
    """How many records a rule judged, and how many findings it made."""

    judged: int
    findings: int


@dataclass(frozen=True)
class Judgement:
    """
    What a check says.

    Args:
        subject: what was judged, such as *the work tree*.
        judge: by whose rules, such as *itself*.
        judged: how many records.
        notes: what the reader should know of how it was judged.
        undecided: what could not be looked at, and what to do about it.
        coverage: what each rule did, by code.
    """

    findings: tuple[Finding, ...]
    subject: str
    judge: str
    judged: int
    notes: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    coverage: Mapping[str, Coverage] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """1 with an error, else 3 where something is undecided, else 0."""
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return 1
        return 3 if self.undecided else 0


@dataclass(frozen=True)
class Base:
    """
    What a step starts from, and whose rules hold.

    Args:
        name: as people say it.
        snapshot: its files.
        kinds: what its schemas say.
        is_ledger: whether it holds one; a base without is judged by the preset.
    """

    name: str
    snapshot: Snapshot
    kinds: Kinds
    is_ledger: bool = True


def check(
    ledger: Ledger,
    policy: Policy,
    *,
    subject: str,
    own_kinds: Kinds,
    base: Base | None = None,
    undecided: Iterable[str] = (),
    most: int | None = MOST,
) -> Judgement:
    """
    Judge a ledger by its rules and, with a base, the step that leads to it.

    Args:
        ledger: what is judged, loaded under the judge's kinds.
        policy: the judge's.
        subject: what messages call it.
        own_kinds: the kinds that the judged snapshot itself states.
        base: where the step starts, or `None` to judge the snapshot by itself.
        undecided: what the caller could not look at.
        most: how many findings to place; `None` places all.
    """
    steps = steps_between(base.snapshot, ledger) if base else ()
    found = list(_found(ledger, policy, steps, with_steps=base is not None))
    notes = list(ledger.snapshot.notes)
    if base is not None:
        found += schema_faults(ledger, base.snapshot, own_kinds)
        notes += schema_notes(ledger, base.kinds, own_kinds)
        if not base.is_ledger:
            notes.append(f"{base.name} holds no ledger yet, so the packaged preset judges")
    quiet = Quiet.of(ledger, found)
    kept = sorted(one for one in dict.fromkeys(found) if not silenced(one, quiet))
    placed, rest = (kept, []) if most is None else (kept[:most], kept[most:])
    if rest:
        notes.append(f"{len(rest):,} more findings are not listed; --all lists them")
    findings = tuple(sorted(_placed(ledger, base, policy, placed)))
    return Judgement(
        findings,
        subject,
        base.name if base else "itself",
        len(ledger),
        tuple(notes),
        tuple(undecided),
        _coverage(ledger, kept, steps, policy),
    )


def _found(ledger: Ledger, policy: Policy, steps: Sequence[Step], *, with_steps: bool) -> Iterator[Found]:
    for rule in register().values():
        if not policy.selects(rule.code):
            continue
        if rule.reach is not Reach.STEP:
            yield from rule.ask(ledger)
        elif with_steps and rule.code != "LCY209":
            for step in steps:
                yield from rule.ask(step)


def _placed(ledger: Ledger, base: Base | None, policy: Policy, found: Iterable[Found]) -> Iterator[Finding]:
    rules = register()
    for one in found:
        fault = one.fault
        severity = policy.severity(fault.code, rules[fault.code].severity if fault.code in rules else Severity.ERROR)
        yield Finding(_place(ledger, one), fault.code, fault.message, fault.fix, severity)


def _place(ledger: Ledger, found: Found) -> Place:
    if found.place is not None:
        return found.place
    if found.path in ledger.unreadable and found.fault.code == "SCH009":
        return ledger.unreadable[found.path].place
    if found.path not in ledger.snapshot.files or not found.fault.pointer:
        return Place(found.path)
    return place_in(ledger.snapshot, found.path, found.fault.pointer, on_key=found.fault.on_key)


def _coverage(ledger: Ledger, found: Iterable[Found], steps: Sequence[Step], policy: Policy) -> dict[str, Coverage]:
    counts: dict[str, int] = {}
    for one in found:
        counts[one.fault.code] = counts.get(one.fault.code, 0) + 1
    return {
        rule.code: Coverage(_judged(ledger, rule, steps), counts.get(rule.code, 0))
        for rule in register().values()
        if policy.selects(rule.code)
    }


def _judged(ledger: Ledger, rule: Rule, steps: Sequence[Step]) -> int:
    if rule.reach is Reach.STEP:
        return len(steps)
    return int(ledger.database.execute(rule.counts).fetchone()[0])
