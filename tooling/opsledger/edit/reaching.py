"""How far a record gets on a way of states: what speaks against each, and which to try so that few are judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from opsledger.check import Judgement
from opsledger.edit.plan import Plan
from opsledger.finding import Finding, Severity
from opsledger.gate import Outcome

Judging = Callable[[Plan], Judgement]
"""Judges what the ledger would be if a plan were carried out, as a check of the merge result does."""

Tried = Callable[[int], int]
"""
Tries a place on a way, counted from 1.

Gives the place where it is open. Where it is not, the place that it looks as if one could get to, which is a guess and
lies before it, or -1 where nothing says so.
"""

Search = Callable[[int, Tried], int]
"""Finds how many places of a way are open, one after the other from its start."""


def one_by_one(length: int, tried: Tried) -> int:
    """
    Try each place until one is not open.

    >>> one_by_one(5, lambda place: place if place <= 3 else -1)
    3
    """
    place = 0
    while place < length and tried(place + 1) == place + 1:
        place += 1
    return place


def farthest_first(length: int, tried: Tried) -> int:
    """
    Try the last place first; where it is not open, close in on the first one that is not.

    What speaks against a place speaks against those behind it too: whoever passes all gates of a way has passed the
    first of them. So this finds what `one_by_one` does, and the last place that is open and the next one were tried.

    >>> tried = []
    >>> farthest_first(9, lambda place: tried.append(place) or (place if place <= 3 else 3))
    3
    >>> tried
    [9, 3, 4]
    """
    is_open, is_not, place = 0, length + 1, length
    while is_not - is_open > 1:
        found = tried(place)
        if found == place:
            is_open, place = place, place + 1
        else:
            is_not = place
            guess = found if found >= 0 else (is_open + is_not) // 2
            place = min(max(guess, is_open + 1), is_not - 1)
    return is_open


def remembering(judge: Judging) -> Judging:
    """A judge who is asked only once about the same files."""
    known: dict[tuple[tuple[str, bytes | None], ...], Judgement] = {}

    def judged(plan: Plan) -> Judgement:
        key = tuple(sorted((write.path, write.after) for write in plan.writes))
        if key not in known:
            known[key] = judge(plan)
        return known[key]

    return judged


def against(judge: Judging, plan: Plan, *, may_wait: bool) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """
    What speaks against a plan that does not speak against the ledger as it is.

    Args:
        may_wait: whether signatures that the pull request itself can still get do not.

    Returns:
        What was found, and what could not be looked at.
    """
    after = judge(plan)
    found = stopping_in(after) if may_wait else after.findings
    errors = tuple(one for one in found if one.severity is Severity.ERROR)
    if not errors and not after.undecided:
        return (), ()
    before = judge(Plan())
    known = {one.mark for one in before.findings}
    fresh = tuple(one for one in errors if one.mark not in known)
    return fresh, tuple(one for one in after.undecided if one not in before.undecided)


def stopping_in(judgement: Judgement) -> tuple[Finding, ...]:
    """The errors of a judgement but for signatures that the pull request itself can still get."""
    answers = [(answer, finding) for one in judgement.verdicts for answer in one.answers for finding in answer.findings]
    waiting = {(finding.place.path, answer.code) for answer, finding in answers if answer.outcome is Outcome.AWAITING}
    waiting -= {(finding.place.path, answer.code) for answer, finding in answers if answer.outcome is Outcome.BLOCKED}
    return tuple(
        finding
        for finding in judgement.findings
        if finding.severity is Severity.ERROR and (finding.place.path, finding.code) not in waiting
    )


def first_closed(judgement: Judgement, record: str, states: Sequence[str], *, may_wait: bool) -> int:
    """The place of the last state before the first gate on a way that is closed; -1 where no gate is."""
    for place, state in enumerate(states):
        for verdict in judgement.verdicts:
            is_here = (verdict.subject, verdict.move.after) == (record, state)
            if is_here and not verdict.is_open and not (may_wait and verdict.awaits_only):
                return place
    return -1
