"""The limits of exceptions: what may never be waived, how much risk one accepts, how often it was renewed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from opsledger.kind import Kinds
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.policy import Policy, rank

NEVER = frozenset({"WVR", "CAL909", "GOV965"})
"""Codes and families that no policy can open: the rules about exceptions, a halt, and the record of a deviation."""

MOST_NAMED = 12
"""How many records, and how many rules, one exception may name where the policy says nothing."""

_WEIGHED = ("problem", "vulnerability")
"""The kinds whose severity is a risk that somebody accepts by naming them."""


def is_waivable(code: str, policy: Policy) -> bool:
    """Whether an exception may waive a code at all."""
    locked = {*NEVER, *policy.at("rules", "locked", default=())}
    return locked.isdisjoint({code, code[:3]})


def demanded_level(data: Mapping[str, Any], ledger: Ledger) -> tuple[str, str]:
    """
    The level of risk whose signers an exception needs: its own, or a graver one of what it names.

    Returns:
        The word, and the id of the record that demands more than the exception says; empty where none does. Both are
        empty where the exception says no level that there is.
    """
    own = _place(ledger.kinds, data.get("level"))
    if own is None:
        return "", ""
    unpatched = data.get("unpatched")
    stated = [(str(data.get("id")), unpatched.get("severity"))] if isinstance(unpatched, Mapping) else []
    graver = [
        (found, id) for id, word in [*_severities(data, ledger), *stated] if (found := _place(ledger.kinds, word))
    ]
    place, id = max(graver, default=(own, ""))
    words = ledger.kinds.vocabularies["severity"]["enum"]
    return (words[place], id) if place > own else (words[own], "")


def _severities(data: Mapping[str, Any], ledger: Ledger) -> Iterator[tuple[str, Any]]:
    for id in named(data, "records"):
        record = ledger.find(id)
        if record is not None and record.kind.name in _WEIGHED:
            yield id, record.get("severity")


def _place(kinds: Kinds, word: object) -> int | None:
    try:
        return rank(kinds, "severity", word) if isinstance(word, str) else None
    except ValueError:
        return None


def named(data: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """The records, rules or environments that an exception's scope names."""
    scope = data.get("scope")
    found = scope.get(field) if isinstance(scope, Mapping) else None
    return tuple(one.partition("#")[0] for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def renewals(exception: Record, ledger: Ledger) -> tuple[Record, ...] | None:
    """
    The exceptions that one renews, the newest first.

    Returns:
        Nothing where it renews none; `None` where the chain cannot be followed to its start.
    """
    chain: list[Record] = []
    seen = {exception.id}
    current = exception
    while renewed := current.get("renews"):
        found = ledger.find(renewed) if isinstance(renewed, str) else None
        if found is None or not found.is_readable or found.kind.name != "exception" or found.id in seen:
            return None
        seen.add(found.id)
        chain.append(found)
        current = found
    return tuple(chain)


def repeated(exception: Record, ledger: Ledger) -> tuple[Record, ...]:
    """
    The earlier exceptions that were in force and waived the same for the same, whether or not this one says so.

    A risk that is accepted anew under another number is renewed all the same.

    Returns:
        By id; those that name all records that this one names, or no others, and at least one rule of it.
    """
    records, rules = set(named(exception.data, "records")), set(named(exception.data, "rules"))
    end = moment(exception.get("expires"))
    found: dict[str, Record] = {}
    for id in sorted(records) if end is not None else ():
        for other in ledger.naming(id, "exception", at="/scope/records/*"):
            theirs, earlier = set(named(other.data, "records")), moment(other.get("expires"))
            is_same = bool(rules & set(named(other.data, "rules"))) and (theirs <= records or records <= theirs)
            is_over = other.state in ("active", "closed") and earlier is not None and end is not None and earlier < end
            if other.id != exception.id and is_same and is_over:
                found[other.id] = other
    return tuple(found[id] for id in sorted(found))


def outside_limits(exception: Record, ledger: Ledger, policy: Policy) -> Iterator[tuple[str, str]]:
    """
    In what an exception for an unpatched weakness goes beyond the policy.

    Yields:
        Pointer, and the second half of a sentence that begins with the exception's id.

    Source:
        S1-2.6 (thresholds of unpatched acceptance).
    """
    limits = policy.at("exceptions", "unpatched", default={})
    if exception.get("type") != "unpatched-vulnerability" or not isinstance(limits, Mapping):
        return
    stated = exception.get("unpatched")
    facts: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {}
    yield from _too_grave(exception, ledger, facts, limits)
    often, most = facts.get("occurrence_per_quarter"), limits.get("max_occurrence_per_quarter")
    if isinstance(often, int | float) and isinstance(most, int | float) and often > most:
        said = f"accepts a weakness that caused {often:g} incidents in a quarter, and the policy accepts {most:g}"
        yield "/unpatched/occurrence_per_quarter", said
    if limits.get("never_when_exploited") is True and facts.get("exploited") is True:
        yield "/unpatched/exploited", "accepts a weakness that attackers use, and the policy never does"
    start, end, days = moment(exception.get("starts")), moment(exception.get("expires")), limits.get("max_days")
    if start is not None and end is not None and is_longer(start, end, days):
        yield "/expires", f"leaves a weakness open for {lasts(start, end)}, and the policy for {days} days at most"


def _too_grave(
    exception: Record, ledger: Ledger, facts: Mapping[str, Any], limits: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    most = _place(ledger.kinds, limits.get("max_severity"))
    said = [*_severities(exception.data, ledger), ("", facts.get("severity"))]
    found = max(((place, id) for id, word in said if (place := _place(ledger.kinds, word)) is not None), default=None)
    if most is None or found is None or found[0] <= most:
        return
    words = ledger.kinds.vocabularies["severity"]["enum"]
    whose = f", as {found[1]} says," if found[1] else ""
    said_so = f"accepts a weakness of {words[found[0]]} severity{whose} and the policy accepts {words[most]} at most"
    yield "/unpatched/severity", said_so


def is_longer(start: datetime, end: datetime, days: object) -> bool:
    """Whether a span is longer than so many days; nothing is longer than what is no number."""
    return isinstance(days, int | float) and end - start > timedelta(days=days)


def lasts(start: datetime, end: datetime) -> str:
    """How long a span is, as a sentence says it: whole days, counted up."""
    days = -(-(end - start) // timedelta(days=1))
    return f"{days} day" if days == 1 else f"{days} days"
