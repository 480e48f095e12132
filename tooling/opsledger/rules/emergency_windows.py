"""Whether emergency windows were agreed on with problem management: CAL906."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import instant
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule
from opsledger.rules.windows import standings

if TYPE_CHECKING:
    from opsledger.question import Question

PROBLEM_MANAGEMENT = "ROL-problem-manager"
_WINDOWS = "SELECT count(*) FROM record WHERE kind = 'window'"


@rule("CAL906", Reach.LINK, counts=_WINDOWS)
def emergency_window_that_nobody_coordinated(ledger: Ledger) -> Iterator[Found]:
    """
    An emergency window is on the calendar without anybody of problem management having agreed.

    ## Why
    Whoever repairs in a hurry may destroy what would have shown the cause, or mend what somebody else is mending. A
    gate also looks whether the one who is named held ROL-problem-manager when the window was announced, or at its
    start where it does not say when; a ledger that has no such role is asked for the name alone. Source: S0-2.6.

    ## Examples
    ```yaml title="fails"
    # records/windows/WIN-emergency.yaml
    type: emergency
    state: published
    start: "2026-03-02T10:00:00Z"
    end: "2026-03-02T14:00:00Z"
    ```

    ```yaml title="fails, agreed by somebody else"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-02T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    type: emergency
    scope: {cis: [{ci: CI-portal, effect: changed}]}
    # records/cis/CI-portal.yaml
    title: The portal
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/roles/ROL-problem-manager.yaml
    holders: [{party: PTY-grace}]
    # records/parties/PTY-grace.yaml
    type: person
    # records/parties/PTY-ada.yaml
    type: person
    # records/windows/WIN-emergency.yaml
    type: emergency
    state: published
    start: "2026-03-02T10:00:00Z"
    end: "2026-03-02T14:00:00Z"
    coordinated_with: PTY-ada
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> deploying in ENV-prod-eu at 2026-03-02T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: ready
    type: emergency
    scope: {cis: [{ci: CI-portal, effect: changed}]}
    # records/cis/CI-portal.yaml
    title: The portal
    # records/environments/ENV-prod-eu.yaml
    production: true
    # records/roles/ROL-problem-manager.yaml
    holders: [{party: PTY-grace}]
    # records/parties/PTY-grace.yaml
    type: person
    # records/windows/WIN-emergency.yaml
    type: emergency
    state: published
    start: "2026-03-02T10:00:00Z"
    end: "2026-03-02T14:00:00Z"
    coordinated_with: PTY-grace
    ```

    ```yaml title="passes, near miss: a proposal"
    # records/windows/WIN-emergency.yaml
    type: emergency
    state: proposed
    start: "2026-03-02T10:00:00Z"
    end: "2026-03-02T14:00:00Z"
    ```

    ## Fix
    Agree on it with problem management, and name who did in `coordinated_with`.
    """
    rows = ledger.database.execute(
        "SELECT id FROM near_record WHERE kind = 'window' AND state = 'published' AND readable ORDER BY path"
    ).fetchall()
    for (id,) in rows:
        window = ledger.find(id)
        if window is not None and window.get("type") == "emergency" and not window.get("coordinated_with"):
            yield _uncoordinated(window)


@asked_at_gates("CAL906")
def emergency_window_of_the_work(question: Question) -> Iterator[Found | Remark]:
    """The emergency windows in which the work falls, and who of problem management agreed to each."""
    from opsledger.calendar.work import slots_of

    known = {span.window.id for here in standings(question) for span in here.standing.allowed_by}
    known |= {id for _, _, id in slots_of(question.subject, question.ledger)}
    windows = [one for one in question.windows if one.id in known and one.get("type") == "emergency"]
    for window in windows:
        yield _uncoordinated(window) if not window.get("coordinated_with") else _agreed(question, window)
    if not windows:
        yield Remark("no emergency window is used")


def _agreed(question: Question, window: Record) -> Found | Remark:
    """Whether whoever agreed to an emergency window spoke for problem management."""
    party = str(window.get("coordinated_with"))
    if PROBLEM_MANAGEMENT not in question.people.roles:
        return Remark(f"{window.id} was coordinated with {party}")
    at = instant(window.get("announced_at") or window.get("start"))
    if question.people.holding(party, PROBLEM_MANAGEMENT, at, matter=question.matter) is not None:
        return Remark(f"{window.id} was coordinated with {party}, who held {PROBLEM_MANAGEMENT}")
    why = question.people.why_not(party, PROBLEM_MANAGEMENT, at, matter=question.matter)
    said = f"{window.id} was coordinated with {party}, who {why}"
    fix = f"name somebody in `coordinated_with` who holds {PROBLEM_MANAGEMENT}"
    return Found(window.path, Fault("/coordinated_with", "CAL906", said, fix), window.id)


def _uncoordinated(window: Record) -> Found:
    said = f"{window.id} is an emergency window, and nobody of problem management is said to have agreed to it"
    fix = "name in `coordinated_with` who agreed"
    return Found(window.path, Fault("/type", "CAL906", said, fix), window.id)
