"""What exceptions and emergencies do to an answer: findings that they cover are still shown, and stop nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from opsledger.check import Weigh
from opsledger.finding import Fault, Severity
from opsledger.moments import moment, spoken, written
from opsledger.question import Question
from opsledger.rules.register import Found

if TYPE_CHECKING:
    from opsledger.gate.asking import Said
    from opsledger.ledger import Record
    from opsledger.waivers import Reason, Waiver

DEVIATION, EXPIRED = "GOV965", "WVR922"


@dataclass(frozen=True)
class Lightened:
    """
    What is left of the findings of one code.

    Args:
        found: those that nothing covers as they were, the others as notes that say what covers them, and why other
            exceptions do not.
        by: the exceptions that cover something, by id.
        until: when the first of what covers something ends; `None` where nothing does.
        is_owed: whether something must be made up for by then.
        ended: the exceptions that covered something until they ended, by id.
        is_short: whether something is owed by the short way of emergencies alone.
    """

    found: tuple[Found, ...]
    by: tuple[str, ...] = ()
    until: datetime | None = None
    is_owed: bool = False
    ended: tuple[str, ...] = ()
    is_short: bool = False

    @property
    def waived_by(self) -> str:
        """The exceptions in words."""
        return ", ".join(self.by)


def lightened(question: Question, code: str, found: Sequence[Found], weigh: Weigh) -> Lightened:
    """Hold the grave findings of a code against the exceptions, and in an emergency against what may be owed."""
    grave = {one for one in found if not one.undecided and weigh(one) is Severity.ERROR}
    if not grave:
        return Lightened(tuple(found))
    due = owed_until(question, code)
    kept: list[Found] = []
    waivers: list[Waiver] = []
    ends: list[datetime] = []
    reasons: dict[str, Reason] = {}
    for one in found:
        records = _records(question, one)
        waiver = question.waivers.covering(code, records, question.environment) if one in grave else None
        if one not in grave:
            kept.append(one)
        elif waiver is not None:
            waivers.append(waiver)
            kept.append(_waived(one, waiver))
        elif due is not None:
            ends.append(due)
            kept.append(_as_note(one, f"owed until {spoken(due)}", "make up for it by then"))
        else:
            kept.append(one)
            reasons |= {why.sentence: why for why in question.waivers.reasons(code, records, question.environment)}
    return Lightened(
        (*kept, *(_unhelpful(question, code, why) for why in reasons.values())),
        tuple(sorted({one.exception.id for one in waivers})),
        min([*ends, *(one.until for one in waivers if one.until is not None)], default=None),
        bool(ends) or any(one.is_owed for one in waivers),
        tuple(sorted({why.exception.id for why in reasons.values() if why.is_expired})),
        bool(ends),
    )


def _records(question: Question, found: Found) -> frozenset[str]:
    """
    What an exception must name to cover a finding: the subject, what it is about, and where it stands.

    The environment that is asked about is not among them: exceptions say in `scope.environments` where they hold.
    """
    there = question.ledger.at_path(found.path)
    about = {*found.about.split(), *(() if there is None else (there.id,))} - {question.environment}
    return frozenset((question.subject.id, *about))


def owed_until(question: Question, code: str) -> datetime | None:
    """In an emergency, until when a code may be met; `None` where it must be met now."""
    if not question.is_emergency or code not in question.policy.at("emergency", "deferrable", default=()):
        return None
    from opsledger.waivers import is_waivable

    hours = question.policy.at("emergency", "retest_hours")
    if not is_waivable(code, question.policy) or not isinstance(hours, int | float):
        return None
    return question.as_of + timedelta(hours=hours)


def _waived(found: Found, waiver: Waiver) -> Found:
    word = "owed" if waiver.is_owed else "waived"
    until = f" until {spoken(waiver.until)}" if waiver.until is not None else ""
    fix = f"do what the rule asks by then, or renew {waiver.exception.id} in time"
    return _as_note(found, f"{word} by {waiver.exception.id}{until}", fix)


def _as_note(found: Found, start: str, fix: str) -> Found:
    fault = replace(found.fault, message=f"{start}: {found.fault.message}", fix=fix)
    return replace(found, fault=fault, severity=Severity.NOTE, awaiting=False, waived=True)


def _unhelpful(question: Question, code: str, reason: Reason) -> Found:
    """A note at an exception that was meant for this and does not count."""
    said = f"{reason.exception.id} does not waive {code} for {question.subject.id}: it {reason.said}"
    fault = Fault(reason.pointer, code, said, reason.fix)
    return Found(reason.exception.path, fault, reason.exception.id, severity=Severity.NOTE)


def after_all(question: Question, said: Iterable[Said]) -> Iterator[tuple[str, tuple[Found, ...]]]:
    """
    What the answers of a gate, taken together, add to others.

    Yields:
        A code, and what is found under it: that an exception which has ended was the only cover, and that what an
        emergency leaves owed stands in no record.
    """
    answers = tuple(said)
    if ended := tuple(_relied_on(question, answers)):
        yield EXPIRED, ended
    owed = [one.code for one in answers if one.is_short]
    if owed and (missing := _undocumented(question, owed)) is not None:
        yield DEVIATION, (missing,)


def _relied_on(question: Question, answers: Iterable[Said]) -> Iterator[Found]:
    codes: dict[str, list[str]] = {}
    for one in answers:
        for id in one.ended if one.outcome.value == "blocked" else ():
            codes.setdefault(id, []).append(one.code)
    for id, needed in sorted(codes.items()):
        exception = question.ledger.record(id)
        pointer = "/expires" if "expires" in exception.data else "/state"
        whom = f"{question.subject.id} still needs it for {', '.join(needed)}"
        fault = Fault(pointer, EXPIRED, f"{id} has ended, and {whom}", f"do what {needed[0]} asks, or renew {id}")
        yield Found(exception.path, fault, id)


def _undocumented(question: Question, owed: Sequence[str]) -> Found | None:
    """What an emergency still has to write down; `None` where a deviation record says it all."""
    release = question.release
    about = release.id if release is not None else question.subject.id
    due = min(at for code in owed if (at := owed_until(question, code)) is not None)
    codes = ", ".join(owed)
    late = ""
    for record in question.ledger.naming(about, "exception", at="/scope/records/*", is_open=True):
        if not _documents(record, owed):
            continue
        retest = moment(record.get("retest_by"))
        if retest is not None and question.as_of < retest <= due:
            return None
        late = f"; {record.id} does, but its `retest_by` lies not between now and {spoken(due)}"
    said = f"{about} goes on without {codes}, and no exception of type emergency-deviation says so{late}"
    by = written(due.replace(microsecond=0))
    fix = f"write one that names {about} and {codes}, with `retest_by: {by}`, and move it to requested"
    return Found(question.subject.path, Fault(question.state_pointer, DEVIATION, said, fix))


def _documents(record: Record, owed: Sequence[str]) -> bool:
    from opsledger.waivers.limits import named

    is_one = record.get("type") == "emergency-deviation" and record.state in ("requested", "active")
    return is_one and set(owed) <= set(named(record.data, "rules"))
