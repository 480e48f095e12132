"""Breaking copies of a ledger, many records at a time, and listening for the rules."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from opsledger import packaged
from opsledger.check import AskGates, Base, check, no_gate
from opsledger.finding import Progress, silent
from opsledger.kind import Kinds, load_kinds
from opsledger.ledger import Ledger, load
from opsledger.policy import MARK, Policy, policy_of, settings_of
from opsledger.prove.at_gate import findings_at_gate
from opsledger.prove.clauses import clause_trials
from opsledger.prove.examples import ASKED_AT, staged
from opsledger.prove.made_up import MADE_UP
from opsledger.prove.model import Outcome, Proof, Spoiling, Trial
from opsledger.prove.spoilers import rule_trials
from opsledger.rules.register import record_faults, register
from opsledger.store import Snapshot, in_memory, overlaid

TRIES = 4
"""How many ways to break one thing are tried before it counts as unheard: another finding may hide the first ones."""
Heard = set[tuple[str, str, str]]
"""Code, file and words of findings."""


def prove(ledger: Ledger, codes: Collection[str] = (), *, progress: Progress = silent) -> tuple[Proof, ...]:
    """
    Break one thing for each rule, and for each clause of the schemas, in copies of a ledger.

    Nothing is written where the ledger lies. A rule that the ledger gives no occasion for is tried on the examples
    of its page.

    Args:
        codes: the rules to prove; none for all.

    Returns:
        What came of each trial, by code; rules as such come before their clauses.
    """
    policy = policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)
    with tempfile.TemporaryDirectory(prefix="opsledger-prove-") as folder:
        bench = Bench(ledger, policy, Path(folder) / "cache.sqlite")
        trials = [trial for trial in (*rule_trials(), *clause_trials(ledger.kinds)) if not codes or trial.code in codes]
        proofs = list(_tried(bench, trials, progress))
    proved = {proof.code for proof in proofs if proof.outcome is not Outcome.NOT_TRIED}
    kept = [proof for proof in proofs if proof.clause or proof.outcome is not Outcome.NOT_TRIED]
    untried = {proof.code: proof.said for proof in proofs if not proof.clause}
    kept += [_by_example(code, policy, untried.get(code, "")) for code in codes or register() if code not in proved]
    return tuple(sorted(kept, key=lambda proof: (proof.code, proof.clause)))


@dataclass
class Bench:
    """Where copies of a ledger are judged, each soon after the other."""

    ledger: Ledger
    policy: Policy
    cache: Path
    _before: dict[bool, Heard] = field(default_factory=dict)

    def hears(self, spoilings: Sequence[Spoiling]) -> set[tuple[str, str]]:
        """The codes and files of what is found in a copy with all these harms, and was not found before."""
        is_step = spoilings[0].is_step
        if is_step not in self._before:
            self._before[is_step] = self._judge(self.ledger.snapshot, is_step=is_step)
        changes = {path: data for spoiling in spoilings for path, data in spoiling.changes.items()}
        copy = overlaid(self.ledger.snapshot, changes, name="spoilt copy")
        found = self._judge(copy, is_step=is_step) - self._before[is_step]
        return {(code, path) for code, path, _ in found}

    def _judge(self, snapshot: Snapshot, *, is_step: bool) -> Heard:
        kinds = self.ledger.kinds
        base = Base("the ledger as it is", self.ledger.snapshot, kinds) if is_step else None
        return judged(snapshot, kinds, self.policy, base, self.cache)


def judged(
    snapshot: Snapshot,
    kinds: Kinds,
    policy: Policy,
    base: Base | None,
    cache: Path | None = None,
    *,
    ask_gates: AskGates = no_gate,
) -> Heard:
    """What a check finds in a snapshot, or in the step to it and at the gates on its way."""
    ledger = load(
        snapshot, kinds, cache=cache, version="prove", judge=lambda record, data: record_faults(record, data, policy)
    )
    try:
        judgement = check(
            ledger, policy, subject=snapshot.name, own_kinds=kinds, base=base, ask_gates=ask_gates, most=None
        )
    finally:
        ledger.database.close()
    return {(finding.code, finding.place.path, finding.message) for finding in judgement.findings}


def _tried(bench: Bench, trials: Sequence[Trial], progress: Progress) -> Iterator[Proof]:
    """First the best spoiling of each trial, those of different files together; then what was not heard, one by one."""
    first = {trial: next(iter(trial.spoilings(bench.ledger)), None) for trial in trials}
    waiting = {trial: spoiling for trial, spoiling in first.items() if spoiling is not None}
    done = len(trials) - len(waiting)
    for batch in _batches(waiting):
        heard = bench.hears([waiting[trial] for trial in batch])
        done += len(batch)
        progress(done, len(trials), "rules and clauses")
        for trial in batch:
            if _spoke(trial, waiting[trial], heard):
                yield Proof(trial.code, trial.clause, Outcome.KILLED, waiting[trial].said)
            else:
                yield _alone(bench, trial)
    for trial, spoiling in first.items():
        if spoiling is None:
            yield Proof(trial.code, trial.clause, Outcome.NOT_TRIED, f"the ledger has no {trial.lacking}")


def _spoke(trial: Trial, spoiling: Spoiling, heard: set[tuple[str, str]]) -> bool:
    return any((trial.code, path) in heard for path in spoiling.paths)


def _alone(bench: Bench, trial: Trial) -> Proof:
    said = ""
    for spoiling in islice(trial.spoilings(bench.ledger), TRIES):
        said = said or spoiling.said
        if _spoke(trial, spoiling, bench.hears([spoiling])):
            return Proof(trial.code, trial.clause, Outcome.KILLED, spoiling.said)
    return Proof(trial.code, trial.clause, Outcome.SURVIVED, f"{said}, and the rule stays silent")


def _batches(spoilings: dict[Trial, Spoiling]) -> Iterator[list[Trial]]:
    """
    The trials in groups whose harms lie in different files.

    Rules as such stand alone, because some of them silence others; so does each sort of clause.
    """
    groups: defaultdict[tuple[str, int], list[Trial]] = defaultdict(list)
    depth: defaultdict[tuple[str, str], int] = defaultdict(int)
    for trial, spoiling in spoilings.items():
        if not trial.clause:
            yield [trial]
            continue
        sort = "LNK" + trial.code[3:] if trial.code in ("LNK101", "LNK102") else f"step {spoiling.is_step}"
        number = max(depth[sort, path] for path in spoiling.changes)
        for path in spoiling.changes:
            depth[sort, path] = number + 1
        groups[sort, number].append(trial)
    yield from groups.values()


def _by_example(code: str, policy: Policy, why: str) -> Proof:
    """What the page's failing examples prove, under the packaged schemas, or a commit that is made up."""
    if code in MADE_UP:
        outcome = Outcome.KILLED if list(MADE_UP[code]()) else Outcome.SURVIVED
        return Proof(code, "", outcome, "a commit made up for it")
    kinds = load_kinds(packaged.files("schemas"), {})
    for example in register()[code].examples if code in register() else ():
        if not example.fails:
            continue
        stage = staged(example, kinds)
        if stage.asks is not None:
            found = {one.code for one in findings_at_gate(stage, code, kinds)}
        elif stage.before:
            found = {one.fault.code for one in register()[code].ask(tuple(stage.head))}
        else:
            base = Base("the example", _small(stage.base), kinds) if stage.base else None
            whose = _own_policy(stage.base or stage.head, kinds) or policy
            at_gates = _at_gates(base, whose) if base else no_gate
            found = {heard for heard, _, _ in judged(_small(stage.head), kinds, whose, base, ask_gates=at_gates)}
        if code not in found:
            return Proof(code, "", Outcome.SURVIVED, f"its own example ({example.title}), and the rule stays silent")
    return Proof(code, "", Outcome.KILLED, "the examples of its page" + (f"; {why}" if why else ""))


def _own_policy(files: Mapping[str, bytes], kinds: Kinds) -> Policy | None:
    """The policy that an example shows, if it shows one."""
    shown = any(path.startswith(f"{kinds['policy'].folder}/") for path in files)
    return policy_of(_small(files), kinds) if shown else None


def _at_gates(base: Base, policy: Policy) -> AskGates:
    """What asks the gates of an example's base, where nobody has signed anything."""
    from opsledger.approvals import Situation
    from opsledger.gate import Judge, asker

    judge = Judge(base.name, base.snapshot, base.kinds, policy)
    return asker(judge, lambda ledger: Situation(ledger, judge.people, ASKED_AT))


def _small(files: Mapping[str, bytes]) -> Snapshot:
    return in_memory({MARK: b"preset: small\n", **files}, name="example")
