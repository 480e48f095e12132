"""When open problems in production stop what would change it further: FLT754."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.packages import parts_of
from opsledger.policy import rank
from opsledger.question import Question
from opsledger.rules.open_problems import (
    PRODUCTION,
    SHAPE,
    is_no_production,
    mended_by,
    places_of,
    release_of,
    tier_of,
    where,
)
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.unread import must_declare, unread

_SHOWN = 3
_OPEN = (
    "SELECT record.id, record.number FROM declaration JOIN record ON record.number = declaration.record "
    "WHERE declaration.space = 'severity' AND declaration.value IN ({}) AND record.kind = 'problem' "
    "AND NOT record.done ORDER BY record.id"
)
_FAMILY = """
WITH RECURSIVE family (id) AS (
  VALUES {}
  UNION SELECT record.id FROM family CROSS JOIN edge ON edge.target = family.id
  CROSS JOIN reference ON reference.number = edge.reference AND reference.kind = 'ci'
  AND reference.at = '/relations/part_of/*' CROSS JOIN record ON record.number = edge.record)
SELECT id FROM family
"""

_SCOPES: Mapping[str, str] = {
    "service": "on its service",
    "environment": "in that environment",
    "everything": "in production",
}


@dataclass(frozen=True)
class _Pause:
    """
    What the policy says of a pause.

    Args:
        severity: from which on problems count.
        most: how many may be open.
        scope: *service*, *environment* or *everything*.
    """

    severity: str
    most: int
    scope: str


@rule("FLT754", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'problem'")
def release_while_production_is_paused(question: Question) -> Iterator[Found | Remark]:
    """
    Production has more grave open problems than the policy allows, and something further is to go there.

    ## Why
    Who is putting out a fire must not be handed new wood, and nobody can tell which change caused what when several
    arrive at once. The policy says under `pause.production` from which `severity` on problems count, how many may be
    open (`max_open`), and whether they are counted for the service, for the environment or for everything. A problem
    is in production unless each environment that it names is none. A release that fixes one of them is let through,
    and the answer says so. Source: S0-1.4.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    service: CI-payments
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: critical
    cis: [CI-payments]
    environments: [ENV-prod]
    # records/environments/ENV-prod.yaml
    production: true
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    service: CI-payments
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: fix-ready
    severity: critical
    cis: [CI-payments]
    environments: [ENV-prod]
    # records/environments/ENV-prod.yaml
    production: true
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes, near miss: it is in staging only"
    # asks: REL-2026-9001 -> deploying in ENV-prod
    # records/releases/REL-2026-9001.yaml
    state: ready
    service: CI-payments
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: critical
    cis: [CI-payments]
    environments: [ENV-staging]
    # records/environments/ENV-prod.yaml
    production: true
    # records/environments/ENV-staging.yaml
    production: false
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ## Fix
    Mend what is open first; a release whose `fixes` names one of the problems may go.
    """
    if tier_of(question) != PRODUCTION:
        yield Remark(f"{', '.join(places_of(question))} is no production, so no pause holds there")
        return
    pause = _pause(question)
    counted = _counted(question, pause)
    yield from unread(question.ledger, "FLT754", "problem", "it pauses production", SHAPE)
    if len(counted) <= pause.most:
        yield Remark(f"{_count(counted, pause)}; {pause.most} may be open")
    elif mended := [id for id in counted if id in mended_by(question.release)]:
        yield Remark(f"{_count(counted, pause)} and production is paused, but this release fixes {', '.join(mended)}")
    else:
        yield _paused(question, pause, counted)


def _paused(question: Question, pause: _Pause, counted: tuple[str, ...]) -> Found:
    subject = question.subject
    shown = [f"{id} ({where(question.ledger.record(id))})" for id in counted[:_SHOWN]]
    more = f" and {len(counted) - _SHOWN} more" if len(counted) > _SHOWN else ""
    said = f"production is paused for {subject.id}: {_count(counted, pause)}, where {pause.most} may be: "
    fix = f"mend {counted[0]} first, or ship the release that names it under `fixes`"
    fault = Fault(question.state_pointer, "FLT754", f"{said}{', '.join(shown)}{more}", fix)
    return Found(subject.path, fault, " ".join(counted))


def _count(counted: tuple[str, ...], pause: _Pause) -> str:
    one = len(counted) == 1
    problems = f"{len(counted) or 'no'} {'problem' if one else 'problems'}"
    where_counted = _SCOPES.get(pause.scope, pause.scope)
    return f"{problems} of severity {pause.severity} or worse {'is' if one else 'are'} open {where_counted}"


def _pause(question: Question) -> _Pause:
    stated = question.policy.at("pause", "production", default={})
    most = stated.get("max_open", 0)
    return _Pause(
        str(stated.get("severity", "critical")),
        most if isinstance(most, int) else 0,
        str(stated.get("scope", "service")),
    )


def _counted(question: Question, pause: _Pause) -> tuple[str, ...]:
    """The ids of the open problems in production that count, by id."""
    ledger = question.ledger
    words = tuple(ledger.kinds.vocabularies.get("severity", {}).get("enum", ()))
    try:
        grave = words[rank(ledger.kinds, "severity", pause.severity) :]
    except ValueError:
        missing = f"the policy pauses production from severity {pause.severity!r} on, which nobody can compare"
        raise Undecided(missing, "write one of the severities of schemas/common.json in the policy") from None
    must_declare(ledger, "problem", "severity")
    within = _family(question) if pause.scope == "service" else None
    places = frozenset(places_of(question)) if pause.scope == "environment" else None
    lower: dict[str, bool] = {}
    kept = (
        id
        for id, number in ledger.database.execute(_OPEN.format(", ".join("?" * len(grave))), grave).fetchall()
        if _is_meant(ledger, number, within, places, lower)
    )
    return tuple(dict.fromkeys(kept))


def _is_meant(
    ledger: Ledger, number: int, cis: Collection[str] | None, places: Collection[str] | None, lower: dict[str, bool]
) -> bool:
    """Whether a problem is in production, and on these components and in these places, where any are given."""
    named = _named(ledger, number)
    if cis is not None and not any(one in cis for at, one in named if at.startswith(("/cis/", "/affected_versions/"))):
        return False
    seen = [one for at, one in named if at.startswith("/environments/")]
    if not seen:
        return True
    if places is not None and not any(one in places for one in seen):
        return False
    for one in seen:
        if one not in lower:
            lower[one] = is_no_production(ledger, one)
    return not all(lower[one] for one in seen)


def _named(ledger: Ledger, number: int) -> list[tuple[str, str]]:
    return ledger.database.execute("SELECT pointer, target FROM edge WHERE record = ?", (number,)).fetchall()


def _family(question: Question) -> frozenset[str]:
    """The components of the service that is asked about: the service, what is part of it, and what goes out."""
    subject = question.subject
    start = _services(subject) if subject.kind.name == "ci" else _brought(release_of(question))
    if not start:
        missing = f"{subject.id} names neither a service nor a component, so nobody knows whose problems pause it"
        raise Undecided(missing, "name them under `service` and `scope.cis` of the release")
    rows = question.ledger.database.execute(_FAMILY.format(", ".join(["(?)"] * len(start))), start)
    return frozenset(row[0] for row in rows)


def _brought(release: Record) -> tuple[str, ...]:
    service = release.get("service")
    cis = (part.ci for part in parts_of(release))
    return tuple(dict.fromkeys((*([service] if isinstance(service, str) else ()), *cis)))


def _services(ci: Record) -> tuple[str, ...]:
    """A component and what it is part of."""
    parents = (one for _, one in ci.items("/relations/part_of") if isinstance(one, str))
    return tuple(dict.fromkeys((ci.id, *parents)))
