"""Whether the calendar lets work go on: CAL901, CAL902 and CAL909."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.moments import to_the_minute
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.typed import exception_typed

if TYPE_CHECKING:
    from opsledger.calendar import Doubt, Span, Standing
    from opsledger.question import Question

_WINDOWS = "SELECT count(*) FROM record WHERE kind = 'window'"


@rule("CAL901", Reach.QUESTION, counts=_WINDOWS)
def work_outside_its_change_windows(question: Question) -> Iterator[Found | Remark]:
    """
    Work is to be done at a time that lies in no change window of a component.

    ## Why
    A change window is when whoever could help is at work and whoever would suffer is not. A component that a published
    change window is about may be worked on in its windows alone; one that none is about, at any time. A maintenance
    window and the slot of the release itself allow as much, and to an emergency change an emergency window does. What
    forbids work wins over all of them: see CAL902 and CAL909. From its first second on a window holds, and no longer
    in its last. Source: S3-rel-04, S4-dep-09.

    ## Examples
    ```yaml title="fails, a second before it opens"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-05T19:59:59Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-ledger, effect: changed}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/cis/CI-ledger.yaml
    title: The ledger
    # records/windows/WIN-thursday-night.yaml
    type: change-window
    state: published
    start: "2026-01-08T21:00:00+01:00"
    end: "2026-01-08T23:00:00+01:00"
    time_zone: Europe/Berlin
    recurrence: {rule: "FREQ=WEEKLY;BYDAY=TH"}
    scope: {cis: [CI-ledger]}
    ```

    ```yaml title="passes, in the second in which it opens"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-05T20:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-ledger, effect: changed}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/cis/CI-ledger.yaml
    title: The ledger
    # records/windows/WIN-thursday-night.yaml
    type: change-window
    state: published
    start: "2026-01-08T21:00:00+01:00"
    end: "2026-01-08T23:00:00+01:00"
    time_zone: Europe/Berlin
    recurrence: {rule: "FREQ=WEEKLY;BYDAY=TH"}
    scope: {cis: [CI-ledger]}
    ```

    ```yaml title="passes, near miss: the windows of others"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-02T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-portal, effect: changed}]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/cis/CI-portal.yaml
    title: The portal
    # records/cis/CI-ledger.yaml
    title: The ledger
    # records/windows/WIN-once.yaml
    type: change-window
    state: published
    start: "2026-03-05T20:00:00Z"
    end: "2026-03-05T22:00:00Z"
    scope: {cis: [CI-ledger]}
    ```

    ## Fix
    Wait for the next opening, which the message names, or have a window or a slot published on the base.
    """
    from opsledger.calendar import opening

    for here in standings(question):
        for closed in here.standing.closed:
            windows = " or ".join(f"{one.id} ({one.path})" for one in closed.windows)
            said = f"{question.subject.id} touches {', '.join(closed.cis)} {here.where}, outside of {windows}"
            said += f" at {here.time}: {opening(here.standing)}"
            fix = f"wait until then, or publish a window for {closed.cis[0]} on the base"
            about = " ".join(one.id for one in closed.windows)
            yield Found(question.subject.path, Fault(question.state_pointer, "CAL901", said, fix), about)
        if not here.standing.closed and not here.standing.doubts:
            yield Remark(_allowed(here))
        yield from (_doubtful(question, "CAL901", doubt) for doubt in here.standing.doubts)


@rule("CAL902", Reach.QUESTION, counts=_WINDOWS)
def work_inside_a_freeze(question: Question) -> Iterator[Found | Remark]:
    """
    Work is to be done while a freeze forbids it.

    ## Why
    When a third of the year's sales run through in eight days, nothing is worth the risk that somebody broke it. A
    freeze holds for the environments and components that it names, with all that is part of them, and for everything
    where it names none. The types of change under `lets_through` may go on: an emergency release is an emergency
    change, a release whose every change is standard is standard, any other is normal. Source: S0-7.4.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-11-25T10:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    type: minor
    scope: {cis: [{ci: CI-portal, effect: changed}]}
    # records/cis/CI-portal.yaml
    title: The portal
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/windows/WIN-black-week.yaml
    type: freeze
    state: published
    start: "2026-11-23T00:00:00+01:00"
    end: "2026-12-01T06:00:00+01:00"
    scope: {environments: [ENV-prod-eu], lets_through: [emergency]}
    ```

    ```yaml title="fails, in its last second"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-12-01T04:59:59Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-portal, effect: changed}]}
    # records/cis/CI-portal.yaml
    title: The portal
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/windows/WIN-black-week.yaml
    type: freeze
    state: published
    start: "2026-11-23T00:00:00+01:00"
    end: "2026-12-01T06:00:00+01:00"
    ```

    ```yaml title="passes, near miss: its end"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-12-01T05:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-portal, effect: changed}]}
    # records/cis/CI-portal.yaml
    title: The portal
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/windows/WIN-black-week.yaml
    type: freeze
    state: published
    start: "2026-11-23T00:00:00+01:00"
    end: "2026-12-01T06:00:00+01:00"
    ```

    ```yaml title="passes, lets emergencies through"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-11-25T10:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    type: emergency
    scope: {cis: [{ci: CI-portal, effect: changed}]}
    # records/cis/CI-portal.yaml
    title: The portal
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/windows/WIN-black-week.yaml
    type: freeze
    state: published
    start: "2026-11-23T00:00:00+01:00"
    end: "2026-12-01T06:00:00+01:00"
    scope: {environments: [ENV-prod-eu], lets_through: [emergency]}
    ```

    ## Fix
    Wait for the next opening, which the message names, or ask for an exception that names the freeze.
    """
    for here in standings(question):
        for span in here.standing.freezes:
            typed = exception_typed("freeze-override", (question.subject.id, span.window.id), ("CAL902",))
            fix = f"wait until then, or ask for an exception that names {span.window.id} ({typed})"
            yield _forbidding(question, "CAL902", "freeze", span, here, fix)
        for span in here.standing.passed:
            yield Remark(f"{span.window.id} lets {here.change_type} changes through")
        if not (here.standing.freezes or here.standing.passed or here.standing.doubts):
            yield Remark(f"no freeze {here.where} at {here.time}")
        yield from (_doubtful(question, "CAL902", doubt) for doubt in here.standing.doubts)


@rule("CAL909", Reach.QUESTION, counts=_WINDOWS)
def work_under_a_halt(question: Question) -> Iterator[Found | Remark]:
    """
    Work is to be done while a halt stops everything on its scope.

    ## Why
    When something is on fire, one record stops all pipelines at once. A halt lets no type of change through, it lasts
    until somebody cancels it where it names no end, and an exception to a freeze is none to it. Source: S0-2.1,
    S0-7.4.

    ## Examples
    ```yaml title="fails, though it is an emergency"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-02T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    type: emergency
    scope: {cis: [{ci: CI-payments-db, effect: changed}]}
    # records/cis/CI-payments.yaml
    title: Payments
    # records/cis/CI-payments-db.yaml
    relations: {part_of: [CI-payments]}
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/windows/WIN-halt.yaml
    type: halt
    state: published
    start: "2026-03-02T11:00:00Z"
    scope: {cis: [CI-payments], lets_through: [emergency]}
    ```

    ```yaml title="passes, near miss: cancelled"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-02T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, effect: changed}]}
    # records/cis/CI-payments.yaml
    title: Payments
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/windows/WIN-halt.yaml
    type: halt
    state: cancelled
    start: "2026-03-02T11:00:00Z"
    decisions: [{state: cancelled, at: "2026-03-02T11:30:00Z", by: PTY-ada, reason: The line is clear again}]
    # records/parties/PTY-ada.yaml
    type: person
    ```

    ## Fix
    Wait until whoever called the halt cancels its window; the message names the file.
    """
    for here in standings(question):
        for span in here.standing.halts:
            fix = f"ask {span.window.get('owner') or 'whoever called it'} to cancel {span.window.id} when it is over"
            yield _forbidding(question, "CAL909", "halt", span, here, fix)
        if not (here.standing.halts or here.standing.doubts):
            yield Remark(f"nothing is halted {here.where} at {here.time}")
        yield from (_doubtful(question, "CAL909", doubt) for doubt in here.standing.doubts)


@dataclass(frozen=True)
class Here:
    """How the subject stands in one place."""

    standing: Standing
    change_type: str
    where: str
    time: str


def standings(question: Question) -> Iterator[Here]:
    """
    How the subject stands in each place that it goes to.

    Raises:
        Undecided: nobody knows on what or where it is.
    """
    from opsledger.calendar.work import cis_of, slots_of

    subject = question.subject
    cis = cis_of(subject, question.ledger)
    if not cis:
        missing = f"{subject.id} names no component, so nobody knows which windows are about it"
        raise Undecided(missing, "name the components that it touches")
    change_type = change_type_of(question)
    slots = [id for _, _, id in slots_of(subject, question.ledger)]
    for place in places_of(question):
        standing = question.calendar.standing(question.as_of, place, cis, change_type, slots=slots)
        where = f"in {place.id}" if place is not None else "where no environment is named"
        yield Here(standing, change_type, where, to_the_minute(question.as_of))


def places_of(question: Question) -> tuple[Record | None, ...]:
    """
    The environments that a question is about: the one that was named, else those that the subject names.

    Raises:
        Undecided: one of them cannot be found, or is no environment.
    """
    from opsledger.calendar.work import environments_of

    ids = [question.environment] if question.environment else sorted(environments_of(question.subject))
    found = []
    for id in ids:
        record = question.ledger.find(id)
        if record is None or record.kind.name != "environment":
            raise Undecided(f"nothing is known of {id} as an environment", f"describe {id} in a record")
        found.append(record)
    return tuple(found) or (None,)


def change_type_of(question: Question) -> str:
    """The type of change that the subject is: *standard*, *normal* or *emergency*."""
    if question.subject.kind.name == "change":
        return str(question.subject.get("type", "normal"))
    release = question.release
    if release is None:
        return "normal"
    if release.get("type") == "emergency":
        return "emergency"
    changes = [question.ledger.find(id) for id in release.get("changes", ())]
    standard = changes and all(one is not None and one.get("type") == "standard" for one in changes)
    return "standard" if standard else "normal"


def _forbidding(question: Question, code: str, word: str, span: Span, here: Here, fix: str) -> Found:
    from opsledger.calendar import opening, span_said

    window = span.window
    said = f"{question.subject.id} may not go on {here.where} at {here.time}: the {word} {window.id} ({window.path}) "
    said += f"holds {span_said(span)}; {opening(here.standing)}"
    pointer = "/end" if "end" in window.data else "/type"
    return Found(window.path, Fault(pointer, code, said, fix), window.id)


def _doubtful(question: Question, code: str, doubt: Doubt) -> Found:
    said = f"{doubt.missing}, and so not whether {question.subject.id} may go on"
    path = doubt.path or question.subject.path
    return Found(path, Fault(doubt.pointer, code, said, doubt.remedy), doubt.id, undecided=True)


def _allowed(here: Here) -> str:
    if here.standing.allowed_by:
        return f"in {', '.join(span.window.id for span in here.standing.allowed_by)} at {here.time}"
    return f"no change window is about it {here.where}"
