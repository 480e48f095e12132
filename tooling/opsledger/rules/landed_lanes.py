"""What landed on the protected branch, held against lanes: a machine in its lane is no bypass."""

from __future__ import annotations

from collections.abc import Collection

from opsledger.kind import Kinds
from opsledger.ledger import load
from opsledger.people import Party, People
from opsledger.rules.commits import Signer, landed_beside_a_pull_request
from opsledger.rules.landed import Admits, Landed, Population, landed_commits, sorted_out
from opsledger.rules.lanes import Lane, lanes_of, outside
from opsledger.rules.register import Found
from opsledger.steps import steps_between
from opsledger.store import Repository, Snapshot


def nothing_is_signed(_: Landed) -> bool:
    """What is said of approvals where nobody looked at their signatures."""
    return False


def landed_findings(
    repository: Repository,
    judge: Snapshot,
    kinds: Kinds,
    people: People,
    *,
    old: str,
    new: str,
    branch: str,
    signer: Signer,
    by: str = "",
    known: Collection[str] = (),
    is_signed: Admits = nothing_is_signed,
) -> tuple[tuple[Found, ...], Population]:
    """
    What GOV968 says of everything that landed on a branch, and the whole that this is a part of.

    Args:
        judge: the files where the branch stood before.
        kinds: what the judge's schemas say.
        people: the judge's.
        old: full id of the commit where it stood; empty for a branch that was not there.
        new: full id of the commit where it stands.
        signer: tells whose good signature a commit carries.
        by: the party that pushed, where somebody vouches for it.
        known: ids of commits that a forge names as what its pull requests left.
        is_signed: whether the approvals that a commit adds are signed.

    Raises:
        Undecided: the history is not whole in this clone.
    """
    landed, lost = landed_commits(repository, old, new)
    lanes = lanes_of(judge, kinds)

    def in_lane(one: Landed) -> bool:
        machine = _machine(people.parties.get(by) or signer(one.text))
        return machine is not None and _keeps_to(repository, kinds, lanes, machine, one)

    population = sorted_out(landed, lost=lost, known=known, in_lane=in_lane, is_signed=is_signed)
    return tuple(landed_beside_a_pull_request(population, branch)), population


def _machine(party: Party | None) -> Party | None:
    """The party, where it is a machine: that its address stands in a commit proves nothing, so nobody asks for it."""
    return party if party is not None and party.is_machine and party.is_active else None


def _keeps_to(repository: Repository, kinds: Kinds, lanes: tuple[Lane, ...], machine: Party, landed: Landed) -> bool:
    if not landed.text.parents:
        return False
    before = repository.commit(landed.text.parents[0])
    ledger = load(repository.commit(landed.id), kinds)
    return not any(outside(steps_between(before, ledger), before, ledger, lanes, machine))
