"""Why somebody may act, as sentences say it."""

from __future__ import annotations

from datetime import datetime, timedelta

from opsledger.moments import spoken
from opsledger.people.model import Holding, Term
from opsledger.people.people import People


def why(holding: Holding, people: People, at: datetime) -> str:
    """How a party holds a role at a time, and whether it is there: *through PTY-platform until 2027-01-01*."""
    parts = [_way(holding), lasting(holding.term, at)]
    if holding.on:
        parts.append(f"only on {', '.join(holding.on)}")
    absence = people.parties[holding.party].absence(at) if holding.party in people.parties else None
    said = " ".join(part for part in parts if part)
    return f"{said}, {absent(absence)}" if absence else said


def _way(holding: Holding) -> str:
    if holding.delegated_by:
        behind = holding.via.index(holding.delegated_by)
        through, after = holding.via[:behind], holding.via[behind + 1 :]
        said = f"stands in for {holding.delegated_by}"
        said += f" (through {', '.join(through)})" if through else ""
        return said + (f" as one of {', '.join(after)}" if after else "")
    return f"through {', '.join(holding.via)}" if holding.via else "directly"


def lasting(term: Term, at: datetime) -> str:
    """From when or until when something holds, as far as that lies ahead of or before a time."""
    said = []
    if term.since is not None and term.since > at:
        said.append(f"from {spoken(term.since)}")
    if term.until is not None:
        said.append(f"until {spoken(term.until)}")
    return " ".join(said)


def absent(absence: Term) -> str:
    """An absence, with its last day."""
    return f"absent until {spoken(absence.until - timedelta(days=1))}" if absence.until else "absent"
