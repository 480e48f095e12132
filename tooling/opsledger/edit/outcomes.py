"""Facts that a move asks for and that follow from what the pipeline wrote down: package, acceptance, outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsledger.edit.deriving_package import acceptance_of, derived_pointers, in_sections, package_of
from opsledger.ledger import Ledger, Record
from opsledger.packages import LANDED, deployments_of

_FAILED = ("failed", "backed-out")
_OUTCOMES = ("successful", "successful_with_issues")


def facts_for(ledger: Ledger, record: Record, data: Mapping[str, Any], state: str) -> dict[str, Any]:
    """
    The fields that a record lacks for a state and that nobody need type: pointer → value.

    What has been accepted is left as it is: from then on its package and its results are signed for.

    Args:
        data: of the record, with what was typed for this move.
        state: where it is to go.
    """
    if record.kind.name != "release" or record.kind.lifecycle is None:
        return {}
    main = record.kind.lifecycle.main
    found = dict(_built(ledger, data) if _is_between(main, record.state, state) else ())
    if state == "closed" and "outcome" not in data and (outcome := outcome_of(ledger, record)):
        found["/outcome"] = outcome
    if not found:
        return {}
    marked = [*data.get("derived", ()), *(one for one in derived_pointers(data, found) if one not in _marks(data))]
    return {**found, "/derived": sorted(dict.fromkeys(marked))}


def _marks(data: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(data.get("derived", ()))


def _is_between(main: tuple[str, ...], now: str | None, state: str) -> bool:
    """Whether a move takes a release that is not accepted yet to where its package must be known."""
    if now not in main or state not in main or "packaged" not in main or "accepted" not in main:
        return False
    return main.index(now) < main.index("accepted") and main.index(state) >= main.index("packaged")


def _built(ledger: Ledger, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    package, _ = package_of(ledger, data)
    yield from package.items()
    known = {**data, "package": {**data.get("package", {}), **in_sections(package).get("package", {})}}
    yield from acceptance_of(ledger, known).items()


def outcome_of(ledger: Ledger, release: Record) -> str:
    """
    How a release went, from its deployments; empty where they do not say.

    Each rollout group must have been reached in the end. An attempt that failed before is an issue.
    """
    brought = deployments_of(ledger, release)
    groups = [(str(one.get("environment")), one.get("id")) for _, one in release.items("/rollout/groups")]
    if not brought or not groups:
        return ""
    last = [_last(brought, environment, group, groups) for environment, group in groups]
    if any(one is None or one.state not in LANDED for one in last):
        return ""
    worst = {str(one.get("outcome") or "successful") for one in last if one is not None}
    if not worst <= set(_OUTCOMES):
        return ""
    had_issues = any(one.state in _FAILED for one in brought) or worst != {"successful"}
    return _OUTCOMES[had_issues]


def _last(brought: tuple[Record, ...], environment: str, group: object, groups: list[tuple[str, Any]]) -> Record | None:
    """The last deployment to a group; where an environment has one group, a deployment need not name it."""
    is_single = sum(1 for place, _ in groups if place == environment) == 1
    here = [
        one
        for one in brought
        if one.get("environment") == environment
        and one.state != "cancelled"
        and (one.get("group") == group or (is_single and one.get("group") is None))
    ]
    return here[-1] if here else None
