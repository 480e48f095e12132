"""Where a record that is under way stands before its next gates, each asked at a commit by that commit itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from opsledger import __version__
from opsledger.approvals import Situation
from opsledger.check import found_in
from opsledger.errors import OpsledgerError
from opsledger.gate.judge import Judge
from opsledger.gate.model import Verdict
from opsledger.gate.putting import verdict_on
from opsledger.gate.reading import gates_on
from opsledger.gate.situations import situation_of
from opsledger.ledger import Ledger, Record
from opsledger.policy import OtherVersion, policy_of, settings_of
from opsledger.question import Occasion
from opsledger.rules.register import Found
from opsledger.store import Repository


@dataclass(frozen=True)
class Ahead:
    """
    What the next gate of a record says.

    Args:
        gate: its id.
        after: the state that it stands before.
        verdict: `None` where it could not be asked.
        unasked: why it could not; empty where it was.
    """

    gate: str
    after: str
    environment: str
    group: str
    verdict: Verdict | None
    unasked: str = ""


@dataclass(frozen=True, eq=False)
class Hearing:
    """
    A commit that judges itself, for its own time.

    Args:
        ledger: the records at the commit, under its own kinds.
    """

    judge: Judge
    ledger: Ledger
    situation: Situation

    def ahead(self, record: Record) -> tuple[Ahead, ...]:
        """
        What the gates say that stand before the next move of a record on its main path.

        A record that has not left its first state, stands beside the path or has ended has none. A gate that wants an
        environment is asked for each one in production that the record's rollout names, or for all where none of them
        is production.
        """
        lifecycle, state = record.kind.lifecycle, record.state
        if lifecycle is None or not record.is_readable or state not in lifecycle.main or state == lifecycle.initial:
            return ()
        onwards = lifecycle.main[lifecycle.main.index(state) + 1 :]
        found: dict[tuple[str, str, str], Ahead] = {}
        for after in lifecycle.next_states(state, record.data) if state not in lifecycle.done else ():
            for gate in gates_on(self.judge.gates, record.kind.name, state, after) if after in onwards else ():
                for environment, group in self._places(gate, record):
                    key = gate.id, environment, group
                    if key not in found:
                        found[key] = self._asked(gate, record, after, environment, group)
        return tuple(found.values())

    @cached_property
    def _found(self) -> Sequence[Found]:
        return found_in(self.ledger, self.judge.policy)

    def _asked(self, gate: Record, record: Record, after: str, environment: str, group: str) -> Ahead:
        try:
            verdict = verdict_on(
                self.judge, self.ledger, self.situation, self._found, gate.id, record.id,
                environment=environment, group=group,
            )  # fmt: skip
        except OpsledgerError as refusal:
            return Ahead(gate.id, after, environment, group, None, str(refusal).partition("\n")[0])
        return Ahead(gate.id, after, environment, group, verdict)

    def _places(self, gate: Record, record: Record) -> Sequence[tuple[str, str]]:
        """For which environments and rollout groups a gate is asked; one that wants neither, once for none."""
        needs = gate.get("needs", ()) if gate.is_readable else ()
        if not needs:
            return [("", "")]
        groups = [group for _, group in record.items("/rollout/groups") if isinstance(group, dict)]
        named = [(str(one.get("environment", "")), str(one.get("id", ""))) for one in groups]
        kept = [one for one in named if self._is_production(one[0])] or named
        wanted = ((place, group if "group" in needs else "") for place, group in kept)
        return list(dict.fromkeys(wanted)) or [("", "")]

    def _is_production(self, id: str) -> bool:
        place = self.ledger.find(id)
        return place is not None and place.is_readable and place.get("production") is True


def hearing_of(repository: Repository, ledger: Ledger, *, environment: Mapping[str, str]) -> Hearing | None:
    """
    A hearing at the commit of a ledger; `None` where nobody could ask again.

    That is where no commit holds it, and where it pins another version of the tool than this one.

    Args:
        environment: where programs that verify signatures are looked for.
    """
    snapshot = ledger.snapshot
    if snapshot.commit is None or snapshot.when is None or "gate" not in ledger.kinds:
        return None
    settings = settings_of(snapshot)
    try:
        settings.admit(__version__)
    except OtherVersion:
        return None
    policy = policy_of(snapshot, ledger.kinds, settings.preset)
    judge = Judge(f"commit {snapshot.commit[:7]}", snapshot, ledger.kinds, policy)
    occasion = Occasion(as_of=snapshot.when, environment=environment)
    return Hearing(judge, ledger, situation_of(repository, judge, ledger, occasion, head=None))


def waived_in(aheads: Sequence[Ahead]) -> Iterator[tuple[str, Ahead, str]]:
    """Each exception that covers something in these verdicts, with the verdict and the code."""
    for ahead in aheads:
        for answer in ahead.verdict.answers if ahead.verdict is not None else ():
            for id in filter(None, (one.strip() for one in answer.waived_by.split(","))):
                yield id, ahead, answer.code
