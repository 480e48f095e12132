"""What a check asks of steps beside its rules; nothing heavy is loaded until a step needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from opsledger.check import AskGates, AskMakers, AtGates, Base, OfMakers, no_gate
from opsledger.ledger import Ledger
from opsledger.policy import Policy
from opsledger.question import Occasion
from opsledger.rules.register import Found
from opsledger.steps import Step
from opsledger.store import Repository

Replay = Callable[[Mapping[str, Any]], dict[str, Any]]


def gates_on_steps(
    repository: Repository,
    base: Base | None,
    policy: Policy,
    head: str | None,
    occasion: Occasion | None,
    replay: Replay | None = None,
) -> AskGates:
    """
    What a check asks of the steps that make a move: the gates of the base on their way.

    Args:
        head: full id of the commit that is to be merged; of a work tree, the one that it grew from.
        occasion: when and for whom; `None` where no gate is to be asked.
        replay: asks again for the verdict that a deployment keeps; see `opsledger.gate.acting`.
    """
    if base is None or not base.is_ledger or occasion is None:
        return no_gate

    def ask(ledger: Ledger, steps: Sequence[Step], found: Sequence[Found]) -> AtGates:
        from opsledger.gate.judge import Judge
        from opsledger.gate.putting import asker
        from opsledger.gate.situations import situation_of

        judge = Judge(base.name, base.snapshot, base.kinds, policy)
        situate = partial(situation_of, repository, judge, occasion=occasion, head=head)
        return asker(judge, situate, replay)(ledger, steps, found)

    return ask


def makers_on_steps(
    repository: Repository, base: Base | None, policy: Policy, head: str | None, occasion: Occasion | None
) -> AskMakers | None:
    """
    What a check asks of those who make steps: the lanes of machines, the owners of what judges, the authors.

    Args:
        head: as in `gates_on_steps`.
    """
    if base is None or not base.is_ledger or occasion is None:
        return None

    def ask(ledger: Ledger, steps: Sequence[Step]) -> OfMakers:
        is_same = base.snapshot.files == ledger.snapshot.files and base.snapshot.odd == ledger.snapshot.odd
        if is_same and not occasion.is_timed and not occasion.is_landed:
            return OfMakers()
        from opsledger.gate.judge import Judge
        from opsledger.gate.makers import found_of_makers

        judge = Judge(base.name, base.snapshot, base.kinds, policy)
        return found_of_makers(repository, judge, occasion, ledger, steps, head=head)

    return ask
