"""Which problems a record mends that keep coming back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.question import Question

MENDING = frozenset({"patch", "release", "change"})
"""The kinds of record that mend problems."""

_WAYS = ("/fixes/", "/problems/")
_THROUGH = ("/changes/", "/patches/")


def recurring_problems(question: Question) -> Mapping[str, str]:
    """
    The problems that a patch, release or change mends, itself or by what it carries, and that keep coming back.

    Returns:
        The id of each, by id, with what shows it as a part of a sentence.
    """
    if question.subject.kind.name not in MENDING:
        return {}
    mended = {problem.id: problem for problem in _mended(question.ledger, question.subject)}
    return {id: why for id in sorted(mended) if (why := _recurs(question, mended[id]))}


def _mended(ledger: Ledger, record: Record, *, further: bool = True) -> Iterator[Record]:
    for link in ledger.links(record.id):
        named = ledger.find(link.target)
        if named is None:
            continue
        if named.kind.name == "problem" and link.pointer.startswith(_WAYS):
            yield named
        elif further and named.kind.name in MENDING and link.pointer.startswith(_THROUGH):
            yield from _mended(ledger, named, further=named.kind.name == "change")


def _recurs(question: Question, problem: Record) -> str:
    stated = question.policy.data.get("recurrence", {})
    threshold, days = int(stated.get("threshold", 3)), int(stated.get("window_days", 90))
    recurrence = problem.get("recurrence")
    if isinstance(recurrence, dict):
        count = recurrence.get("count")
        if not isinstance(count, int) or count >= threshold:
            return (
                f"which came back {count} times" if isinstance(count, int) else "which is written down as coming back"
            )
    since = question.as_of - timedelta(days=days)
    begun = (moment(one.get("started_at") or one.get("detected_at")) for one in _incidents(question.ledger, problem))
    met = sum(since <= at <= question.as_of for at in begun if at is not None)
    return f"which caused {met} incidents within {days} days" if met >= threshold else ""


def _incidents(ledger: Ledger, problem: Record) -> Iterator[Record]:
    named = [link.target for link in ledger.links(problem.id) if link.pointer.startswith("/incidents/")]
    named += [link.source for link in ledger.backlinks(problem.id) if link.pointer.startswith("/problems/")]
    for id in dict.fromkeys(named):
        record = ledger.find(id)
        if record is not None and record.kind.name == "incident":
            yield record
