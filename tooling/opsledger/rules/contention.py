"""Whether work gets in the way of other work, or of those who use the service: CAL903."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from opsledger.finding import Fault
from opsledger.moments import to_the_minute
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.unread import unread

if TYPE_CHECKING:
    from opsledger.calendar.work import Clash, Work
    from opsledger.question import Question


@rule("CAL903", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind IN ('deployment', 'change', 'release')")
def work_in_the_way_of_other_work(question: Question) -> Iterator[Found | Remark]:
    """
    Somebody else works at the same time on a component that hangs together with this work, or users need it now.

    ## Why
    Two who work on one system at once each see the other's faults and look for them in their own work. All that is
    planned or goes on counts: deployments, changes that are approved or carried out, releases in the window that was
    chosen for them; on the same components, on those that need them and on those that they need, over as many links as
    `impact.depth` of the policy says, in the same environment. Each clash is told, none is left out. Work lasts from
    now to the end of its own window or plan, where it is in one. Work in an environment of real users is also
    kept out of the hours at which a component is used most. Source: S4-dep-09, S4-dep-10.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, effect: changed}]}
    # records/cis/CI-payments.yaml
    relations: {runs_on: [CI-cluster]}
    # records/cis/CI-cluster.yaml
    title: The cluster
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/changes/2026/CHG-2026-9002.yaml
    state: implementing
    effects: [{ci: CI-cluster, effect: restarted}]
    environments: [ENV-prod-eu]
    planned: {start: "2026-03-01T11:00:00Z", end: "2026-03-01T13:00:00Z"}
    ```

    ```yaml title="fails, in peak hours"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-02T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, effect: changed}]}
    # records/cis/CI-payments.yaml
    peak_hours: {days: [mon], from: "13:00", until: "14:00", time_zone: Europe/Berlin}
    # records/environments/ENV-prod-eu.yaml
    production: true
    ```

    ```yaml title="passes, near miss: over by then"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-01T13:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, effect: changed}]}
    # records/cis/CI-payments.yaml
    relations: {runs_on: [CI-cluster]}
    # records/cis/CI-cluster.yaml
    title: The cluster
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/changes/2026/CHG-2026-9002.yaml
    state: scheduled
    effects: [{ci: CI-cluster, effect: restarted}]
    environments: [ENV-prod-eu]
    planned: {start: "2026-03-01T11:00:00Z", end: "2026-03-01T13:00:00Z"}
    ```

    ```yaml title="passes, near miss: elsewhere"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    scope: {cis: [{ci: CI-payments, effect: changed}]}
    # records/cis/CI-payments.yaml
    title: Payments
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/environments/ENV-prod-us.yaml
    production: true
    # records/changes/2026/CHG-2026-9002.yaml
    state: implementing
    effects: [{ci: CI-payments, effect: restarted}]
    environments: [ENV-prod-us]
    planned: {start: "2026-03-01T11:00:00Z", end: "2026-03-01T13:00:00Z"}
    ```

    ## Fix
    Agree on who goes first, and move the other; what is over is said to be over in its record.
    """
    from opsledger.calendar.work import STATES, cis_of, clash_of, environments_of, matter_of, work_near

    subject, ledger = question.subject, question.ledger
    cis = cis_of(subject, ledger)
    own = _own_work(question, cis)
    places = frozenset((question.environment,)) if question.environment else environments_of(subject)
    own = replace(own, environments=places, matter=matter_of(subject, ledger))
    near: dict[str, frozenset[str]] = {}
    depth = question.policy.at("impact", "depth")
    works = work_near(ledger, question.calendar, cis, question.as_of, depth)
    others = [one for one in works if one.record.id != subject.id]
    found = [clash for other in others if (clash := clash_of(ledger, own, other, near, depth)) is not None]
    yield from (_clashing(clash) for clash in found)
    for kind in STATES:
        yield from unread(ledger, "CAL903", kind, f"it works at the same time as {subject.id}")
    yield from _at_peak(question, cis)
    if not found:
        yield Remark(f"no other work on {len(cis)} components and what hangs together with them")


def _own_work(question: Question, cis: Mapping[str, str]) -> Work:
    """The work that is asked about: from now to the end of what was planned for it, where now lies in that."""
    from opsledger.calendar.work import Work, slots_of, work_of

    now, subject = question.as_of, question.subject
    ends = [
        one.end
        for one in work_of(subject, question.ledger, question.calendar, now)
        if one.end is not None and one.start <= now < one.end
    ]
    for _, _, id in slots_of(subject, question.ledger):
        window = question.calendar.find(id)
        if window is not None:
            ends += [span.end for span in question.calendar.spans(window, now, _next_second(now)) if span.end]
    return Work(subject, question.state_pointer, now, max(ends, default=_next_second(now)), cis)


def _next_second(at: datetime) -> datetime:
    return at + timedelta(seconds=1)


def _clashing(clash: Clash) -> Found:
    own, other = clash.first.record, clash.second.record
    until = f"until {to_the_minute(clash.second.end)}" if clash.second.end is not None else "and goes on"
    said = f"{other.id} ({other.path}) works from {to_the_minute(clash.second.start)} {until}, "
    said += f"and {own.id} would touch what hangs together with it: {_pairs(clash)}"
    fix = f"wait for {other.id}, or move one of the two"
    return Found(other.path, Fault(clash.second.pointer, "CAL903", said, fix), other.id)


def _pairs(clash: Clash) -> str:
    return ", ".join(mine if mine == theirs else f"{mine} with {theirs}" for mine, theirs in clash.on)


def _at_peak(question: Question, cis: Mapping[str, str]) -> Iterator[Found]:
    """The components that are used most right now, where real users are."""
    from opsledger.calendar.weekly import in_hours
    from opsledger.calendar.zones import NoSuchZone

    for ci, pointer in cis.items() if question.is_production else ():
        record = question.ledger.find(ci)
        hours = record.get("peak_hours") if record is not None and record.is_readable else None
        if not isinstance(hours, Mapping) or record is None:
            continue
        try:
            is_now = in_hours(hours, question.as_of)
        except NoSuchZone as unknown:
            said = f"nobody knows the peak hours of {ci}: {unknown}"
            fault = Fault("/peak_hours/time_zone", "CAL903", said, "correct the name of the zone")
            yield Found(record.path, fault, ci, undecided=True)
            continue
        if is_now:
            said = f"{ci} ({record.path}) is used most from {hours['from']} to {hours['until']} {hours['time_zone']}, "
            said += f"and {question.subject.id} would go on in these hours, at {to_the_minute(question.as_of)}"
            fault = Fault(pointer, "CAL903", said, f"wait until {hours['until']} {hours['time_zone']}")
            yield Found(question.subject.path, fault, ci)
