"""The groups of a rollout, what was deployed in them, and their order: DPL702."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.packages import LANDED, deployments_of, digest_of
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, rule

SIGNED = LANDED[1:]
BEGUN = ("authorised", "in-progress")
"""The states that a deployment goes to before anything was done in its group."""


@dataclass(frozen=True)
class Group:
    """
    One group of a rollout.

    Args:
        order: its place; groups of the same number go together.
        pointer: where it stands in the release.
    """

    id: str
    environment: str
    order: int
    pointer: str


def release_of(question: Question) -> Record:
    """
    The release that a question is about.

    Raises:
        Undecided: there is none, or it cannot be read.
    """
    release = question.release
    if release is None or not release.is_readable:
        missing = f"{question.subject.id} names no release that can be read, so nobody knows how it is rolled out"
        raise Undecided(missing, f"name it under `release` in {question.subject.path}")
    return release


def groups_of(release: Record) -> tuple[Group, ...]:
    """The groups of a release's rollout, in the order in which they go; without a number, in that of the list."""
    found = []
    for place, (pointer, stated) in enumerate(release.items("/rollout/groups"), start=1):
        if isinstance(stated, dict):
            order = stated.get("order")
            number = order if isinstance(order, int) else place
            found.append(Group(str(stated.get("id")), str(stated.get("environment")), number, pointer))
    return tuple(sorted(found, key=lambda one: one.order))


def group_of(groups: tuple[Group, ...], name: str, environment: str) -> Group | None:
    """The group of a name; without a name, the only one in the environment."""
    if name:
        return next((one for one in groups if one.id == name), None)
    there = [one for one in groups if one.environment == environment]
    return there[0] if len(there) == 1 else None


def deployed_in(ledger: Ledger, release: Record, group: Group) -> tuple[Record, ...]:
    """The deployments of a release's package, as it is now, to one of its groups, by their start."""
    groups, digest = groups_of(release), digest_of(release)
    found = deployments_of(ledger, release, group.environment)
    return tuple(
        one
        for one in found
        if digest_of(one) in ("", digest) and group_of(groups, str(one.get("group") or ""), group.environment) == group
    )


def landed_in(ledger: Ledger, release: Record, group: Group) -> tuple[Record, ...]:
    """Of those, the ones that came to a good end."""
    return tuple(one for one in deployed_in(ledger, release, group) if one.state in LANDED)


def serves_users(ledger: Ledger, deployment: Record) -> bool:
    """Whether a deployment goes to people who depend on it; where that cannot be read, it does."""
    environment = ledger.find(str(deployment.get("environment") or ""))
    return environment is None or not environment.is_readable or environment.get("production") is not False


@rule("DPL702", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'deployment'")
def group_out_of_its_turn(question: Question) -> Iterator[Found | Remark]:
    """
    A group of a rollout is to start before those that go first are done.

    ## Why
    A rollout goes group by group so that the first ones can stop the rest. Every group with a lower `order` must have a
    deployment of this very package that is signed off; in a release of size class small it is enough that it succeeded.
    A deployment to a place outside the rollout, such as a test environment, has no turn; one that takes a version back
    waits for nobody. Source: S3-strat-ord-01, S3-rrr-f01, S3-dep-10, S3-dep-11, S4-dep-03.

    ## Examples
    ```yaml title="fails"
    # asks: DEP-2026-a1b2 -> in-progress
    # records/deployments/2026/DEP-2026-a1b2.yaml
    state: authorised
    release: REL-2026-9001
    environment: ENV-prod-us
    group: us
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: medium
    rollout:
      model: phased
      groups: [{id: eu, environment: ENV-prod-eu, order: 1}, {id: us, environment: ENV-prod-us, order: 2}]
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-prod-eu
    group: eu
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/environments/ENV-prod-us.yaml
    production: true
    ```

    ```yaml title="passes"
    # asks: DEP-2026-a1b2 -> in-progress
    # records/deployments/2026/DEP-2026-a1b2.yaml
    state: authorised
    release: REL-2026-9001
    environment: ENV-prod-us
    group: us
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: medium
    rollout:
      model: phased
      groups: [{id: eu, environment: ENV-prod-eu, order: 1}, {id: us, environment: ENV-prod-us, order: 2}]
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: signed-off
    release: REL-2026-9001
    environment: ENV-prod-eu
    group: eu
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/environments/ENV-prod-us.yaml
    production: true
    ```

    ```yaml title="passes, near miss: the two go together"
    # asks: DEP-2026-a1b2 -> in-progress
    # records/deployments/2026/DEP-2026-a1b2.yaml
    state: authorised
    release: REL-2026-9001
    environment: ENV-prod-us
    group: us
    # records/releases/2026/REL-2026-9001.yaml
    state: deploying
    size_class: medium
    rollout:
      model: phased
      groups: [{id: eu, environment: ENV-prod-eu, order: 1}, {id: us, environment: ENV-prod-us, order: 1}]
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/environments/ENV-prod-us.yaml
    production: true
    ```

    ## Fix
    Finish the earlier group and sign it off; or change the order in the release, and have that approved again.
    """
    release, subject = release_of(question), question.subject
    groups, environment = groups_of(release), question.environment
    if subject.get("reason") == "rollback":
        yield Remark(f"{subject.id} takes a version back, and waits for no group")
        return
    name = question.group or (str(subject.get("group") or "") if subject is not release else "")
    here = group_of(groups, name, environment)
    if here is None and not name and not any(one.environment == environment for one in groups):
        yield Remark(f"{environment or 'what is asked about'} is no part of the rollout of {release.id}")
    elif here is None:
        yield _misnamed(question, release, name)
    elif environment and here.environment != environment:
        said = f"group {here.id} of {release.id} runs in {here.environment}, and this goes to {environment}"
        yield _at_subject(question, here, said, f"deploy to {here.environment}, or name the group that runs there")
    else:
        yield from _not_its_turn(question, release, groups, here)


def _misnamed(question: Question, release: Record, name: str) -> Found:
    called = f"has no group called {name}" if name else f"has several groups in {question.environment}"
    words = f"{release.id} {called}, so nobody knows whose turn it is"
    ids = ", ".join(one.id for one in groups_of(release)) or "none yet"
    return _at_subject(question, None, words, f"name one of its groups: {ids}")


def _not_its_turn(question: Question, release: Record, groups: tuple[Group, ...], here: Group) -> Iterator[Found]:
    is_small = release.get("size_class") == "small"
    enough = LANDED if is_small else SIGNED
    for group in groups:
        if group.order >= here.order:
            break
        deployed = deployed_in(question.ledger, release, group)
        if not any(one.state in enough for one in deployed):
            last = deployed[-1] if deployed else None
            stands = f"{last.id} there is {last.state}" if last else f"nothing of {release.id} is deployed there"
            said = f"group {group.id} goes before {here.id}, and {stands}"
            fix = f"finish group {group.id}" + ("" if is_small else " and sign it off") + " first"
            yield _at_subject(question, here, said, fix, last.id if last else "")


def _at_subject(question: Question, group: Group | None, said: str, fix: str, about: str = "") -> Found:
    subject = question.subject
    if subject.kind.name == "release":
        pointer = group.pointer if group else "/rollout/groups"
    else:
        pointer = "/group" if subject.get("group") else "/environment"
    return Found(subject.path, Fault(pointer, "DPL702", said, fix), about)
