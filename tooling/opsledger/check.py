"""Which rules run on what: a snapshot by itself, or the step from a base to what it would become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opsledger.finding import Finding, Place, Severity
from opsledger.kind import Kinds
from opsledger.ledger import Ledger, Record, place_in
from opsledger.policy import Policy
from opsledger.rules.judges import judge_notes
from opsledger.rules.own import UNJUDGED, own_severities, unjudged
from opsledger.rules.register import Found, Reach, Rule, register, stated
from opsledger.rules.schemas import schema_faults, schema_notes
from opsledger.rules.silence import Quiet, silenced
from opsledger.steps import Step, steps_between
from opsledger.store import Snapshot

MOST = 1000
"""How many findings get their line looked up, unless all are asked for."""

OF_LEDGERS = (Reach.RECORD, Reach.LINK, Reach.GLOBAL)
"""How far the rules look that a check asks of a ledger as a whole."""


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
        verdicts: what each gate on the way of a step decided, as `opsledger.gate.Verdict`.
    """

    findings: tuple[Finding, ...]
    subject: str
    judge: str
    judged: int
    notes: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    verdicts: tuple[Any, ...] = ()

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


@dataclass(frozen=True)
class AtGates:
    """
    What the gates on the way of some steps say.

    Args:
        found: what stops a step, at the state that it changed.
        undecided: what could not be looked at, and what to do about it.
        verdicts: the decisions, as `opsledger.gate.Verdict`.
        asked: of how many records each code was asked.
    """

    found: tuple[Found, ...] = ()
    undecided: tuple[str, ...] = ()
    verdicts: tuple[Any, ...] = ()
    asked: Mapping[str, int] = field(default_factory=dict)


Weigh = Callable[[Found], Severity]

AskGates = Callable[[Ledger, Sequence[Step], Sequence[Found]], AtGates]
"""Asks the gates on the way of steps that changed a state, given what was found before."""


@dataclass(frozen=True)
class OfMakers:
    """
    What depends on who makes some steps.

    Args:
        notes: what the reader should know of how that was found out.
        undecided: what could not be looked at, and what to do about it.
    """

    found: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


AskMakers = Callable[[Ledger, Sequence[Step]], OfMakers]
"""Asks what depends on who makes the steps: lanes, and who owns what judges."""

OF_MAKERS = frozenset({"GOV964"})
"""The rules on steps that say more where somebody knows who makes them."""


def no_gate(_: Ledger, __: Sequence[Step], ___: Sequence[Found]) -> AtGates:
    """Ask no gate."""
    return AtGates()


def check(
    ledger: Ledger,
    policy: Policy,
    *,
    subject: str,
    own_kinds: Kinds,
    base: Base | None = None,
    ask_gates: AskGates = no_gate,
    ask_makers: AskMakers | None = None,
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
        ask_gates: asked of the steps that changed a state by a legal path.
        ask_makers: asked of all steps; `None` where nobody knows who makes them.
        undecided: what the caller could not look at.
        most: how many findings to place; `None` places all.
        with_coverage: whether to count what each rule judged.
    """
    steps = steps_between(base.snapshot, ledger) if base else ()
    found = [*found_in(ledger, policy), *_found_of(steps, policy, but=OF_MAKERS if ask_makers else frozenset())]
    makers = ask_makers(ledger, steps) if ask_makers is not None else OfMakers()
    found += (one for one in makers.found if policy.selects(one.fault.code))
    notes = [*ledger.snapshot.notes, *makers.notes]
    if base is not None:
        found += schema_faults(ledger, base.snapshot, own_kinds)
        notes += [*schema_notes(base.kinds, own_kinds), *judge_notes(steps, base.snapshot, ledger.snapshot)]
        if not base.is_ledger:
            notes.append(f"{base.name} holds no ledger yet, so the packaged preset judges")
    quiet = Quiet.of(ledger, found, steps)
    moved = [step for step in steps if step.is_move and step.after and step.after.path not in quiet.strayed]
    gates = ask_gates(ledger, moved, found) if moved else AtGates()
    # What a gate says of an approval, it says with the step before its eyes, and so more closely.
    told = {(one.fault.code, one.about) for one in gates.found if one.about}
    found = [*(one for one in found if (one.fault.code, one.about) not in told), *gates.found]
    weigh = weighed_by(policy)
    kept = _gravest_first((one for one in dict.fromkeys(found) if not silenced(one, quiet)), weigh)
    listed = kept if most is None else kept[:most]
    notes += _not_listed(kept[len(listed) :], weigh)
    return Judgement(
        tuple(sorted(placed(ledger, listed, weigh))),
        subject,
        base.name if base else "itself",
        len(ledger),
        tuple(notes),
        (*undecided, *makers.undecided, *gates.undecided),
        _coverage(ledger, kept, steps, policy, gates) if with_coverage else {},
        gates.verdicts,
    )


def found_in(ledger: Ledger, policy: Policy) -> list[Found]:
    """What the rules in force find in a ledger as it stands."""
    found = [one for rule in _in_force(policy) if rule.reach in OF_LEDGERS for one in rule.ask(ledger)]
    found += _by_schemas_alone(ledger, policy)
    # A condition that can have no answer at all is told of once, and not of each record again.
    unsound = {one.fault.pointer for one in found if one.fault.code == UNJUDGED}
    found += (one for one in unjudged(ledger, policy) if one.fault.pointer not in unsound)
    if not found and all(policy.selects(code) for code in register()):
        ledger.call_sound()
    return found


def _found_of(steps: Sequence[Step], policy: Policy, *, but: frozenset[str]) -> Iterator[Found]:
    """What the rules in force find in steps, but for some codes."""
    rules = [rule for rule in _in_force(policy) if rule.reach is Reach.STEP and rule.code not in but]
    return (one for rule in rules for step in steps for one in rule.ask(step))


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


def _gravest_first(found: Iterable[Found], weigh: Weigh) -> list[Found]:
    """Put the gravest first: what is not listed must not decide whether the check fails."""
    return sorted(found, key=lambda one: (-weigh(one), one.path, one.fault))


def _not_listed(rest: Sequence[Found], weigh: Weigh) -> Iterator[str]:
    """A note on how much is not listed."""
    if rest:
        counts = Counter(weigh(one).word for one in rest)
        parts = ", ".join(f"{count:,} {word}{'s' if count > 1 else ''}" for word, count in sorted(counts.items()))
        yield f"{len(rest):,} more findings are not listed ({parts}); --all lists them"


def placed(ledger: Ledger, found: Iterable[Found], weigh: Weigh) -> Iterator[Finding]:
    """What was found, each with its line and its weight."""
    for one in found:
        fault = one.fault
        yield Finding(_place(ledger, one), fault.code, fault.message, fault.fix, weigh(one))


def weighed_by(policy: Policy, place: Record | None = None) -> Weigh:
    """
    How much a finding weighs: by itself, else by the policy, else by its rule.

    Args:
        place: the environment that is asked about; `None` where none is.
    """
    rules = register()
    own = own_severities(policy)

    def weigh(found: Found) -> Severity:
        if found.severity is not None:
            return found.severity
        code = found.fault.code
        usual = rules[code].severity if code in rules else own.get(code, Severity.ERROR)
        return policy.severity(code, usual, place)

    return weigh


def _place(ledger: Ledger, found: Found) -> Place:
    if found.place is not None:
        return found.place
    if found.path in ledger.unreadable and found.fault.code == "SCH009":
        return ledger.unreadable[found.path].place
    if found.path not in ledger.snapshot.files or not found.fault.pointer:
        return Place(found.path)
    return place_in(ledger.snapshot, found.path, found.fault.pointer, on_key=found.fault.on_key)


def _coverage(
    ledger: Ledger, found: Iterable[Found], steps: Sequence[Step], policy: Policy, gates: AtGates
) -> dict[str, Coverage]:
    counts: dict[str, int] = {}
    for one in found:
        counts[one.fault.code] = counts.get(one.fault.code, 0) + 1
    by_rule = {
        rule.code: Coverage(_judged(ledger, rule, steps) + gates.asked.get(rule.code, 0), counts.get(rule.code, 0))
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
    for own in policy.own:
        kinds.setdefault(own["code"], set()).add(own["kind"])
    for code in sorted(kinds.keys() - register().keys()):
        if policy.selects(code):
            named = sorted(kinds[code])
            held = f"SELECT count(*) FROM record WHERE kind IN ({', '.join('?' * len(named))})"
            yield code, int(ledger.database.execute(held, named).fetchone()[0])


def _judged(ledger: Ledger, rule: Rule, steps: Sequence[Step]) -> int:
    if rule.reach is Reach.STEP:
        return len(steps)
    if rule.reach in (Reach.QUESTION, Reach.COMMITS):
        return 0
    return int(ledger.database.execute(rule.counts).fetchone()[0])
