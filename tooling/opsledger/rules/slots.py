"""Whether the calendar can be followed, and holds the windows that work was promised: CAL908."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment, to_the_minute
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule

if TYPE_CHECKING:
    from opsledger.calendar import Window
    from opsledger.question import Question

_COUNTS = "SELECT count(*) FROM record WHERE kind IN ('window', 'release', 'change')"
_PROMISED = {
    "release": ("plan-approved", "building", "packaged", "testing", "piloting", "accepted", "ready", "deploying"),
    "change": ("approved", "scheduled", "implementing"),
}
_YEAR = timedelta(days=366)


@rule("CAL908", Reach.LINK, counts=_COUNTS)
def slot_that_is_not_on_the_calendar(ledger: Ledger) -> Iterator[Found]:
    """
    Agreed work counts on a window that is not on the published calendar, or a published window cannot be followed.

    ## Why
    A slot that only its owner knows of is none: everybody else plans for the same hour. From the approval of its plan
    on, the window that a release or change names must be published. A published window must also be one that a
    calendar can follow: a zone that exists, a recurrence rule by days, weeks, months or years of RFC 5545, a first
    start that is one of the rule's own, and exceptions that are starts. A gate looks further: the slot must be
    published on the base, must hold for the components of the work and where it goes, and must lie in the time of its
    plan. Where the policy says
    `release.slot: optional`, as preset small does, a release may go without one. Source: S2-step-01, S4-evt-21.

    ## Examples
    ```yaml title="fails"
    # records/changes/2026/CHG-2026-9001.yaml
    state: approved
    type: emergency
    risk: low
    effects: [{ci: CI-portal, effect: changed}]
    owner: PTY-ada
    window: WIN-slot
    # records/cis/CI-portal.yaml
    title: The portal
    # records/parties/PTY-ada.yaml
    type: person
    # records/windows/WIN-slot.yaml
    type: release-slot
    state: proposed
    start: "2026-03-05T20:00:00Z"
    end: "2026-03-05T22:00:00Z"
    ```

    ```yaml title="fails, a rule that nobody can follow"
    # records/windows/WIN-often.yaml
    type: freeze
    state: published
    start: "1970-01-01T00:00:00Z"
    end: "1970-01-01T00:00:01Z"
    time_zone: UTC
    recurrence: {rule: "FREQ=SECONDLY;COUNT=1000000000"}
    ```

    ```yaml title="fails, an exception that is no start"
    # records/windows/WIN-thursday.yaml
    type: change-window
    state: published
    start: "2026-01-08T21:00:00+01:00"
    end: "2026-01-08T23:00:00+01:00"
    time_zone: Europe/Berlin
    recurrence: {rule: "FREQ=WEEKLY;BYDAY=TH", except: ["2026-07-02T21:00:00+01:00"]}
    ```

    ```yaml title="fails, at the gate without a slot"
    # asks: REL-2026-9001 -> plan-approved
    # records/releases/2026/REL-2026-9001.yaml
    state: planned
    plan: {start: "2026-03-01T00:00:00Z", end: "2026-03-06T00:00:00Z"}
    # records/policy/POL-policy.yaml
    title: How we release
    release: {slot: required}
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> plan-approved
    # records/releases/2026/REL-2026-9001.yaml
    state: planned
    plan: {start: "2026-03-01T00:00:00Z", end: "2026-03-06T00:00:00Z", window: WIN-slot}
    # records/windows/WIN-slot.yaml
    type: release-slot
    state: published
    start: "2026-03-05T20:00:00Z"
    end: "2026-03-05T22:00:00Z"
    ```

    ```yaml title="passes, near miss: only a draft"
    # records/releases/2026/REL-2026-9001.yaml
    state: draft
    plan: {window: WIN-slot}
    # records/windows/WIN-slot.yaml
    type: release-slot
    state: proposed
    start: "2026-03-05T20:00:00Z"
    end: "2026-03-05T22:00:00Z"
    ```

    ## Fix
    Have the window published, or choose one that is: `opsledger calendar` lists them.
    """
    yield from _unpublished(ledger)
    rows = ledger.database.execute(
        "SELECT path FROM near_record WHERE kind = 'window' AND state = 'published' AND readable ORDER BY path"
    ).fetchall()
    for (path,) in rows:
        record = ledger.at_path(path)
        if record is not None:
            yield from _that_nobody_can_follow(record)


@asked_at_gates("CAL908")
def slot_of_the_work(question: Question) -> Iterator[Found | Remark]:
    """The windows that were chosen for the subject, against the judge's calendar."""
    from opsledger.calendar.work import slots_of

    slots = slots_of(question.subject, question.ledger)
    if not slots and question.policy.at("release", "slot") == "optional":
        yield Remark(f"{question.subject.id} names no slot, and the policy asks for none")
        return
    if not slots:
        pointer = "/plan" if "plan" in question.subject.data else question.state_pointer
        said = f"{question.subject.id} names no slot on the calendar"
        fix = "name in `plan.window` the published window in which it goes live: `opsledger calendar` lists them"
        yield Found(question.subject.path, Fault(pointer, "CAL908", said, fix))
    for whose, pointer, id in slots:
        said, fix = _against(question, whose, id)
        if said:
            yield Found(whose.path, Fault(pointer, "CAL908", said, fix), id)
        else:
            yield Remark(f"{whose.id} has {id}, which is published")


def _unpublished(ledger: Ledger) -> Iterator[Found]:
    """Agreed work whose window is not published; `near` is the work, or the window."""
    for kind, states in _PROMISED.items():
        pointer = "/plan/window" if kind == "release" else "/window"
        rows = ledger.database.execute(
            "SELECT record.path, record.id, record.state, window.id, window.path, window.state FROM near_edge edge "
            "JOIN record ON record.number = edge.record JOIN record window ON window.id = edge.target "
            "WHERE record.kind = ? AND edge.pointer = ? AND window.kind = 'window' AND window.readable "
            f"AND coalesce(window.state, '') != 'published' AND record.state IN ({', '.join('?' * len(states))}) "
            "ORDER BY record.path",
            (kind, pointer, *states),
        ).fetchall()
        for path, id, state, window, window_path, stands in rows:
            said = f"{id} is {state} and counts on {window}, but {window} in {window_path} is {stands}, not published"
            publish = (
                f"publish {window} (`opsledger transition {window} published`), or " if stands == "proposed" else ""
            )
            yield Found(path, Fault(pointer, "CAL908", said, f"{publish}choose another window"), window)


def _that_nobody_can_follow(record: Record) -> Iterator[Found]:
    from opsledger.calendar import Doubt, window_of

    window = window_of(record)
    if isinstance(window, Doubt):
        # What the states of a window ask for is said by LCY202, an end before the start by LCY203.
        if window.pointer in ("/time_zone", "/recurrence/rule"):
            yield Found(record.path, Fault(window.pointer, "CAL908", window.missing, window.remedy))
        return
    yield from _starts_beside_the_rule(record, window)


def _starts_beside_the_rule(record: Record, window: Window) -> Iterator[Found]:
    if window.rule is None:
        return
    if not window.rule_names(window.start):
        said = f"{record.id} begins at {to_the_minute(window.start)}, which its rule does not name"
        fix = "let `start` be the first time of the rule, or correct the rule"
        yield Found(record.path, Fault("/recurrence/rule", "CAL908", said, fix))
        return
    for pointer, stated in record.items("/recurrence/except"):
        left_out = moment(stated)
        if left_out is not None and left_out not in window.also and not window.rule_names(left_out):
            said = f"{record.id} leaves out {to_the_minute(left_out)}, at which it does not begin anyway"
            fix = "write the exact start that is left out, with the offset that holds on that day"
            yield Found(record.path, Fault(pointer, "CAL908", said, fix))


def _against(question: Question, whose: Record, id: str) -> tuple[str, str]:
    """What stands against a window that was chosen, and what to do; nothing where it serves."""
    calendar, other = question.calendar, "choose another window, or have it published on the base"
    record = calendar.find(id)
    if record is None:
        return f"{whose.id} counts on {id}, which the calendar of the base does not have", other
    counts = f"{whose.id} counts on {id} ({record.path})"
    if record.state != "published":
        return f"{counts}, which is {record.state} on the base, not published", other
    doubt = next((one for one in calendar.doubts if one.id == id), None)
    if doubt is not None:
        return f"{counts}, and {doubt.missing}", doubt.remedy
    window = next(one for one in calendar.windows if one.record.id == id)
    beside = _beside(question, whose, window)
    return (f"{counts}, {beside}", other) if beside else _at_another_time(question, whose, window)


def _beside(question: Question, whose: Record, window: Window) -> str:
    """Why a window is not about some work, as a part of a sentence; empty where it is."""
    from opsledger.calendar.model import ALLOWING
    from opsledger.calendar.work import cis_of, environments_of

    if window.type not in ALLOWING:
        return f"a {window.type}, in which no work is done"
    cis = [ci for ci in cis_of(whose, question.ledger) if not question.calendar.is_about(window, ci)]
    if cis:
        return f"which is not about {', '.join(cis)}"
    places = environments_of(whose)
    if window.environments and places and not places & window.environments:
        return f"which is not about {', '.join(sorted(places))}"
    return ""


def _at_another_time(question: Question, whose: Record, window: Window) -> tuple[str, str]:
    """Whether a window has a time within the plan, from now on."""
    key = "plan" if whose.kind.name == "release" else "planned"
    plan = whose.get(key) or {}
    start, end = moment(plan.get("start")), moment(plan.get("end"))
    last = end or (start or question.as_of) + _YEAR
    if not any(True for _ in window.spans(start or question.as_of, max(last, start or question.as_of))):
        within = (
            f"between {to_the_minute(start)} and {to_the_minute(last)}" if start else f"until {to_the_minute(last)}"
        )
        said = f"{whose.id} is planned {within}, and {window.record.id} ({window.record.path}) has no time then"
        return said, "choose a window within the plan, or plan for the window"
    return "", ""
