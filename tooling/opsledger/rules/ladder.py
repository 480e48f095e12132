"""Whether a package was tried out one step below: DPL709."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.packages import LANDED, digest_of
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.results import short
from opsledger.rules.unread import unread

_IN_USE = ("active", "reserved")


@rule("DPL709", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'environment'")
def package_that_skips_a_step(question: Question) -> Iterator[Found | Remark]:
    """
    A package is to enter an environment and has not been proven in the one below.

    ## Why
    What is built again, even from the same commit, is another package. So it is the digest that must have been deployed
    with success in an environment one step lower on the ladder of the same name; where several stand on that step, in
    any of them. The lowest step and an environment on no ladder ask for nothing. Source: S4-dep-01.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/environments/ENV-staging.yaml
    state: active
    ladder: {position: 2}
    # records/environments/ENV-prod-eu.yaml
    state: active
    production: true
    ladder: {position: 3}
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-staging
    package_digest: "sha256:2222222222222222222222222222222222222222222222222222222222222222"
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/environments/ENV-staging.yaml
    state: active
    ladder: {position: 2}
    # records/environments/ENV-prod-eu.yaml
    state: active
    production: true
    ladder: {position: 3}
    # records/deployments/2026/DEP-2026-a1b1.yaml
    state: succeeded
    release: REL-2026-9001
    environment: ENV-staging
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    ```

    ```yaml title="passes, near miss: the step below is on another ladder"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/environments/ENV-staging.yaml
    state: active
    ladder: {name: mobile, position: 2}
    # records/environments/ENV-prod-eu.yaml
    state: active
    production: true
    ladder: {position: 3}
    ```

    ## Fix
    Deploy this very package to the environment that the message names, let it succeed there, and ask again.
    """
    place, subject = question.place, question.subject
    yield from unread(question.ledger, "DPL709", "environment", "it is a step below", ("/ladder", "/state"))
    step = _step(place) if place is not None else None
    if place is None or step is None:
        yield Remark(f"{question.environment or 'no environment'} stands on no ladder")
        return
    below = _below(question, step)
    if not below:
        yield Remark(f"{place.id} is the lowest step of its ladder")
        return
    digest = digest_of(subject) or (digest_of(question.release) if question.release else "")
    proof = _proof(question, digest, {one.id for one in below})
    if proof is not None:
        yield Remark(f"{proof.id} brought {short(digest)} to {proof.get('environment')}, and it succeeded")
        return
    where = " or ".join(one.id for one in below)
    package = f"its package {short(digest)} was not proven in {where}" if digest else "it has no package digest"
    said = f"{subject.id} is to enter {place.id}, and {package}"
    fix = f"deploy this very package to {where} first and let it succeed there" if digest else "package it first"
    pointer = "/package/digest" if subject.kind.name == "release" and digest else question.state_pointer
    yield Found(subject.path, Fault(pointer, "DPL709", said, fix))


def _step(environment: Record) -> tuple[str, int] | None:
    """The ladder and the position of an environment."""
    ladder = environment.get("ladder")
    position = ladder.get("position") if isinstance(ladder, dict) else None
    return (str(ladder.get("name") or ""), position) if isinstance(ladder, dict) and isinstance(position, int) else None


def _below(question: Question, step: tuple[str, int]) -> tuple[Record, ...]:
    """The environments in use on the next lower step of the same ladder that there is."""
    name, position = step
    lower = [
        (found[1], one)
        for one in question.ledger.of("environment")
        if one.state in _IN_USE and (found := _step(one)) is not None and found[0] == name and found[1] < position
    ]
    highest = max((number for number, _ in lower), default=0)
    return tuple(one for number, one in lower if number == highest)


def _proof(question: Question, digest: str, environments: set[str]) -> Record | None:
    brought = question.ledger.declaring("package", digest, "deployment") if digest else ()
    return next((one for one in brought if one.state in LANDED and one.get("environment") in environments), None)
