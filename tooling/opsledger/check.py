"""Which rules run on what: a snapshot by itself, or the step from a base to what it would become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from opsledger.finding import Finding, Place, Severity
from opsledger.kind import Kinds
from opsledger.ledger import Ledger, place_in
from opsledger.policy import Policy
from opsledger.rules.register import Found, Reach, Rule, register, stated
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
        coverage: what each rule did, by code, where that was asked for.
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
    with_coverage: bool = False,
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
        with_coverage: whether to count what each rule judged.
    """
    steps = steps_between(base.snapshot, ledger) if base else ()
    found = [one for rule in _in_force(policy) if rule.reach is not Reach.STEP for one in rule.ask(ledger)]
    found += _by_schemas_alone(ledger, policy)
    if not found and all(policy.selects(code) for code in register()):
        ledger.call_sound()
    found += [one for rule in _in_force(policy) if rule.reach is Reach.STEP for step in steps for one in rule.ask(step)]
    notes = list(ledger.snapshot.notes)
    if base is not None:
        found += schema_faults(ledger, base.snapshot, own_kinds)
        notes += schema_notes(base.kinds, own_kinds)
        if not base.is_ledger:
            notes.append(f"{base.name} holds no ledger yet, so the packaged preset judges")
    quiet = Quiet.of(ledger, found, steps)
    # The gravest first: what is not listed must not decide whether the check fails.
    weights = _weights(policy, found)
    kept = sorted(
        (one for one in dict.fromkeys(found) if not silenced(one, quiet)),
        key=lambda one: (-weights[one.fault.code], one.path, one.fault),
    )
    placed, rest = (kept, []) if most is None else (kept[:most], kept[most:])
    if rest:
        counts = Counter(weights[one.fault.code].word for one in rest)
        parts = ", ".join(f"{count:,} {word}{'s' if count > 1 else ''}" for word, count in sorted(counts.items()))
        notes.append(f"{len(rest):,} more findings are not listed ({parts}); --all lists them")
    findings = tuple(sorted(_placed(ledger, weights, placed)))
    return Judgement(
        findings,
        subject,
        base.name if base else "itself",
        len(ledger),
        tuple(notes),
        tuple(undecided),
        _coverage(ledger, kept, steps, policy) if with_coverage else {},
    )


def _in_force(policy: Policy) -> Iterator[Rule]:
    """The rules that the policy selects; LCY209 is asked where there is no merge result to judge."""
    return (rule for rule in register().values() if policy.selects(rule.code) and rule.code != "LCY209")


def _by_schemas_alone(ledger: Ledger, policy: Policy) -> Iterator[Found]:
    """What was found against codes that stand in schemas and that no function has."""
    met = [row[0] for row in ledger.database.execute("SELECT DISTINCT code FROM fault ORDER BY code")]
    rules = register()
    for code in met:
        if code not in rules and policy.selects(code):
            yield from stated(ledger, code)


def _placed(ledger: Ledger, weights: Mapping[str, Severity], found: Iterable[Found]) -> Iterator[Finding]:
    for one in found:
        fault = one.fault
        yield Finding(_place(ledger, one), fault.code, fault.message, fault.fix, weights[fault.code])


def _weights(policy: Policy, found: Iterable[Found]) -> dict[str, Severity]:
    """How much each code weighs that was met."""
    rules = register()
    return {
        code: policy.severity(code, rules[code].severity if code in rules else Severity.ERROR)
        for code in {one.fault.code for one in found}
    }


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
    by_rule = {
        rule.code: Coverage(_judged(ledger, rule, steps), counts.get(rule.code, 0))
        for rule in register().values()
        if policy.selects(rule.code)
    }
    return by_rule | {code: Coverage(judged, counts.get(code, 0)) for code, judged in _asked_by_schemas(ledger, policy)}


def _asked_by_schemas(ledger: Ledger, policy: Policy) -> Iterator[tuple[str, int]]:
    """The codes that states alone ask for, each with the number of records of the kinds that do."""
    kinds: dict[str, set[str]] = {}
    for kind in ledger.kinds.values():
        for asked in kind.stated.get("x-lifecycle", {}).get("requires", ()):
            kinds.setdefault(asked.get("code", "LCY202"), set()).add(kind.name)
    for code in sorted(kinds.keys() - register().keys()):
        if policy.selects(code):
            named = sorted(kinds[code])
            held = f"SELECT count(*) FROM record WHERE kind IN ({', '.join('?' * len(named))})"
            yield code, int(ledger.database.execute(held, named).fetchone()[0])


def _judged(ledger: Ledger, rule: Rule, steps: Sequence[Step]) -> int:
    if rule.reach is Reach.STEP:
        return len(steps)
    return int(ledger.database.execute(rule.counts).fetchone()[0])
