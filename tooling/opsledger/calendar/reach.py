"""How components hang together, as far as the calendar asks: wholes, and what harm would travel along."""

from __future__ import annotations

from collections.abc import Collection

from opsledger.ledger import Ledger

_PART = "pointer GLOB '/relations/part_of/*'"
_NEEDS = "(pointer GLOB '/relations/depends_on/*' OR pointer GLOB '/relations/runs_on/*')"
_CI = "FROM edge JOIN record ON record.number = edge.record AND record.kind = 'ci'"


def wholes_of(ledger: Ledger, ci: str) -> frozenset[str]:
    """A component, and all that it is part of, at whatever distance."""
    return _walked(ledger, [ci], f"SELECT edge.target {_CI} WHERE record.id = ?1 AND {_PART}")


def in_doubt(ledger: Ledger, ids: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Those of some ids of which nothing may be concluded, with a file: it cannot be read, or another claims the id."""
    named = sorted(ids)
    rows = ledger.database.execute(
        f"SELECT id, min(path) FROM record WHERE id IN ({', '.join('?' * len(named))}) "
        "GROUP BY id HAVING NOT min(readable) OR count(*) > 1 ORDER BY id",
        named,
    )
    return tuple((id, path) for id, path in rows)


def near_to(ledger: Ledger, cis: Collection[str], depth: int | None = None) -> frozenset[str]:
    """
    What hangs together with some components, and themselves.

    That is what suffers when they do: what needs them, and what they are part of, and so on; and what they suffer
    with: what they need, and their parts, and so on. Two that need the same third one do not hang together for that.

    Args:
        depth: over how many links at most; `None` for any number.
    """
    needing = f"SELECT record.id {_CI} WHERE edge.target = ?1 AND {_NEEDS}"
    wholes = f"SELECT edge.target {_CI} WHERE record.id = ?1 AND {_PART}"
    needed = f"SELECT edge.target {_CI} WHERE record.id = ?1 AND {_NEEDS}"
    parts = f"SELECT record.id {_CI} WHERE edge.target = ?1 AND {_PART}"
    dependent = _walked(ledger, cis, f"{needing} UNION {wholes}", depth)
    return dependent | _walked(ledger, cis, f"{needed} UNION {parts}", depth)


def _walked(ledger: Ledger, start: Collection[str], onwards: str, depth: int | None = None) -> frozenset[str]:
    """All ids that a step leads to, again and again; `onwards` is asked for each."""
    seen, edge, level = set(start), set(start), 0
    while edge and (depth is None or level < depth):
        there = {other for here in edge for (other,) in ledger.database.execute(onwards, (here,))}
        edge, level = there - seen, level + 1
        seen |= edge
    return frozenset(seen)
