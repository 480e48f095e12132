"""Risk exceptions in use: WVR921, WVR922, WVR923 and WVR925."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from opsledger.finding import Fault, Severity
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment, spoken
from opsledger.policy import Policy
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule, stated

if TYPE_CHECKING:
    from opsledger.question import Question

EXCEPTIONS = "SELECT count(*) FROM record WHERE kind = 'exception'"
RELYING = ("problem", "vulnerability", "release")
"""The kinds that rest on an exception by naming it."""


@rule("WVR921", Reach.RECORD, counts=EXCEPTIONS)
def exception_without_its_reasons(ledger: Ledger) -> Iterator[Found]:
    """
    A requested exception lacks its justification, its mitigation, its scope, its positions or its end.

    ## Why
    Whoever accepts a risk must see what is accepted, for how long, and what limits the harm meanwhile. A gate looks at
    the exceptions that name what it is asked about. Source: S0-2.3, S0-7.3, S1-2.6, S1-3.3, S3-eval-03.

    ## Examples
    ```yaml title="fails"
    # records/exceptions/EXC-2026-9001.yaml
    state: requested
    ```

    ```yaml title="fails, at a gate"
    # asks: CHG-2026-9001 -> approved
    # records/exceptions/EXC-2026-9001.yaml
    state: requested
    scope: {records: [CHG-2026-9001], rules: [SIG304]}
    # records/changes/CHG-2026-9001.yaml
    state: assessed
    ```

    ```yaml title="passes"
    # records/exceptions/EXC-2026-9001.yaml
    state: draft
    ```

    ```yaml title="passes, near miss: a hold waives no rule"
    # records/exceptions/EXC-2026-9001.yaml
    state: requested
    type: legal-hold
    requested_by: PTY-ada
    scope: {records: [EVD-2026-9001abcd], rules: []}
    level: low
    residual_risk: low
    expires: "2026-12-18T16:00:00Z"
    # records/evidence/EVD-2026-9001abcd.yaml
    result: passed
    # records/parties/PTY-ada.yaml
    name: Ada
    ```

    ## Fix
    Fill in what the message names, or move the exception back to draft.
    """
    return stated(ledger, "WVR921")


@asked_at_gates("WVR921")
def incomplete_exception_of_the_subject(question: Question) -> Iterator[Found]:
    """What stands against the exceptions that name the subject, and against the subject if it is one."""
    subject = question.subject
    paths = {subject.path, *(record.path for record in naming(question))}
    return (one for one in stated(question.ledger, "WVR921") if one.path in paths)


@rule("WVR922", Reach.QUESTION)
def exception_that_has_ended(question: Question) -> Iterator[Found | Remark]:
    """
    Something still relies on an exception that has ended, or on one that soon will.

    ## Why
    A risk was accepted until a day. From then on nobody has accepted it, whatever was agreed before. A gate says so
    where a record that it is asked about, or one that this names, rests on the exception, and where the exception was
    the only cover of what another rule finds. What ends within `exceptions.warn_days` of the policy is a warning. A
    check that is told a time with `--as-of` says it of the whole ledger. Source: S0-2.3, S1-2.6.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying at 2026-12-18T16:00:00Z
    # records/releases/REL-2026-9001.yaml
    state: ready
    known_problems: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: accepted
    accepted_under: EXC-2026-9001
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> deploying at 2026-11-20T12:00:00Z
    # records/releases/REL-2026-9001.yaml
    state: ready
    known_problems: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: accepted
    accepted_under: EXC-2026-9001
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes, near miss"
    # asks: REL-2026-9001 -> deploying at 2026-12-18T16:00:00Z
    # records/releases/REL-2026-9001.yaml
    state: ready
    known_problems: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: resolved
    accepted_under: EXC-2026-9001
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    expires: "2026-12-18T16:00:00Z"
    ```

    ## Fix
    End what was accepted, or ask for an exception that renews it, and name that one instead.
    """
    ledger, as_of = question.ledger, question.as_of
    resting: set[str] = set()
    for link in ledger.links(question.subject.id):
        resting.add(link.target)
    for id in (question.subject.id, *sorted(resting)):
        yield from _resting(ledger, id, as_of)
    for exception in naming(question):
        if exception.state == "active":
            yield from _ending(exception, question.policy, as_of)


@rule("WVR923", Reach.LINK, counts=EXCEPTIONS)
def exception_signed_too_low(ledger: Ledger) -> Iterator[Found]:
    """
    An exception states less risk than what it accepts, or lacks a signature that its level of risk demands.

    ## Why
    How much is at stake decides who must answer for it: `exceptions.signers` of the policy. An exception that calls
    the acceptance of a critical problem low risk would be signed by whoever may sign for little. A check compares the
    level with the severity of the problems and weaknesses that the exception names, and only warns while it is
    requested; a gate counts the signatures as well. Source: S0-2.3, S1-3.3.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    severity: critical
    # records/parties/PTY-ada.yaml
    type: person
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: known-problem-release
    requested_by: PTY-ada
    level: low
    residual_risk: low
    scope: {records: [PRB-2026-9001], rules: [FLT751]}
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    severity: critical
    # records/parties/PTY-ada.yaml
    type: person
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: known-problem-release
    requested_by: PTY-ada
    level: critical
    residual_risk: low
    scope: {records: [PRB-2026-9001], rules: [FLT751]}
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes, near miss"
    # records/problems/PRB-2026-9001.yaml
    severity: critical
    # records/exceptions/EXC-2026-9001.yaml
    state: draft
    level: low
    scope: {records: [PRB-2026-9001], rules: [FLT751]}
    ```

    ## Fix
    Set the level that the message names, and ask those for their approval who sign for it.
    """
    from opsledger.waivers import demanded_level  # only what is new pays for it

    for exception, severity in near_exceptions(ledger):
        level, by = demanded_level(exception.data, ledger)
        if by:
            said = f"{exception.id} accepts {exception.get('level')} risk, and {by} is of {level} severity"
            fix = f"set `level: {level}`, and have it signed by those who sign for that"
            yield Found(exception.path, Fault("/level", "WVR923", said, fix), by, severity=severity)


@asked_at_gates("WVR923")
def unsigned_exception_of_the_subject(question: Question) -> Iterator[Found | Remark]:
    """The signatures on the active exceptions that name the subject, and on the subject if it is one."""
    from opsledger.waivers.counting import unsigned

    subject = question.subject
    for exception in (subject,) if subject.kind.name == "exception" else naming(question):
        if exception.state != "active" and exception is not subject:
            continue
        tally = question.waivers.tally(exception)
        reason = unsigned(exception, question.waivers)
        if reason is None:
            signed = tally.counted if tally is not None else ()
            yield from (Remark(f"{one.party} signed {exception.id} as {one.role}") for one in signed)
            continue
        able = tally is not None and all(tally.holders.get(role) for role in tally.missing)
        fault = Fault(reason.pointer, "WVR923", reason.sentence, reason.fix)
        in_doubt = tally is not None and bool(tally.undecided)
        yield Found(exception.path, fault, exception.id, undecided=in_doubt, awaiting=able)


@rule("WVR925", Reach.QUESTION, severity=Severity.WARNING)
def mitigation_overdue(question: Question) -> Iterator[Found]:
    """
    An action that was to limit an accepted risk is past its day.

    ## Why
    A risk was accepted because something would be done meanwhile. When that is late, nobody accepted what is left. A
    gate looks at the exceptions that name what it is asked about; a check that is told a time with `--as-of` at all of
    them. Source: S0-2.3.

    ## Examples
    ```yaml title="fails"
    # asks: PRB-2026-9001 -> resolved at 2026-11-20T12:00:00Z
    # records/problems/PRB-2026-9001.yaml
    state: fix-deployed
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    scope: {records: [PRB-2026-9001], rules: [FLT751]}
    mitigation: [{action: Limit the import, owner: PTY-ada, due: "2026-11-20T11:59:59Z", state: open}]
    ```

    ```yaml title="passes"
    # asks: PRB-2026-9001 -> resolved at 2026-11-20T12:00:00Z
    # records/problems/PRB-2026-9001.yaml
    state: fix-deployed
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    scope: {records: [PRB-2026-9001], rules: [FLT751]}
    mitigation: [{action: Limit the import, owner: PTY-ada, due: "2026-11-20T11:59:59Z", state: done}]
    ```

    ```yaml title="passes, near miss"
    # asks: PRB-2026-9001 -> resolved at 2026-11-20T12:00:00Z
    # records/problems/PRB-2026-9001.yaml
    state: fix-deployed
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    scope: {records: [PRB-2026-9001], rules: [FLT751]}
    mitigation: [{action: Limit the import, owner: PTY-ada, due: "2026-11-20T12:00:00Z", state: open}]
    ```

    ## Fix
    Do it and say so, or ask for the exception again with what is true now.
    """
    for exception in naming(question):
        yield from _late(exception, question.as_of)


def exceptions_overdue(ledger: Ledger, policy: Policy, as_of: datetime) -> Iterator[Found]:
    """What WVR922 and WVR925 say of a whole ledger at a time: what has ended, what soon will, and what is late."""
    if "exception" not in ledger.kinds:
        return
    rows = ledger.database.execute(
        "SELECT path FROM record WHERE kind = 'exception' AND state = 'active' AND readable ORDER BY id, path"
    ).fetchall()
    for (path,) in rows:
        exception = ledger.at_path(path)
        if exception is not None:
            relying = {link.source for link in ledger.backlinks(exception.id)}
            yield from (found for id in sorted(relying) for found in _resting(ledger, id, as_of, on=exception.id))
            yield from _ending(exception, policy, as_of)
            yield from _late(exception, as_of)


def naming(question: Question) -> tuple[Record, ...]:
    """The exceptions that name the subject and whose work is not done."""
    if "exception" not in question.ledger.kinds:
        return ()
    return question.ledger.naming(question.subject.id, "exception", at="/scope/records/*", is_open=True)


def near_exceptions(ledger: Ledger) -> Iterator[tuple[Record, Severity | None]]:
    """The requested and active exceptions near to something new; what is requested is only warned of."""
    rows = ledger.database.execute(
        "SELECT path FROM record WHERE kind = 'exception' AND readable AND state IN ('requested', 'active') AND "
        "(EXISTS (SELECT 1 FROM near_record near WHERE near.number = record.number) "
        "OR EXISTS (SELECT 1 FROM near_edge edge WHERE edge.record = record.number) "
        "OR EXISTS (SELECT 1 FROM near_record WHERE kind = 'policy')) ORDER BY path"
    ).fetchall()
    for (path,) in rows:
        exception = ledger.at_path(path)
        if exception is not None and exception.id not in ledger.in_doubt:
            yield exception, Severity.WARNING if exception.state == "requested" else None


def _resting(ledger: Ledger, id: str, as_of: datetime, *, on: str = "") -> Iterator[Found]:
    """Where an open record rests on an exception that has ended or was taken back."""
    record = ledger.find(id)
    if record is None or record.kind.name not in RELYING or _is_done(record):
        return
    for link in ledger.links(id):
        exception = ledger.find(link.target) if link.target.startswith("EXC-") and on in ("", link.target) else None
        if exception is None or exception.kind.name != "exception" or link.pointer == "/emergency/exception":
            continue
        end = moment(exception.get("expires"))
        if exception.state in ("revoked", "rejected"):
            said = f"was {exception.state}"
        elif end is not None and end <= as_of:
            said = f"ended at {spoken(end)}"
        else:
            continue
        fix = f"end what was accepted, or name the exception that renews {exception.id}"
        fault = Fault(link.pointer, "WVR922", f"{id} relies on {exception.id}, which {said}", fix)
        yield Found(record.path, fault, exception.id)


def _is_done(record: Record) -> bool:
    lifecycle = record.kind.lifecycle
    return lifecycle is not None and record.state in lifecycle.done


def _ending(exception: Record, policy: Policy, as_of: datetime) -> Iterator[Found]:
    """A warning of an active exception that has ended and was not closed, or that soon ends."""
    end, days = moment(exception.get("expires")), policy.at("exceptions", "warn_days", default=0)
    if end is None or not isinstance(days, int) or end > as_of + timedelta(days=days):
        return
    if end <= as_of:
        said, fix = f"ended at {spoken(end)} and is still active", "move it to closed, or ask for one that renews it"
    else:
        said, fix = f"ends at {spoken(end)}", "end what was accepted by then, or ask in time for one that renews it"
    fault = Fault("/expires", "WVR922", f"{exception.id} {said}", fix)
    yield Found(exception.path, fault, exception.id, severity=Severity.WARNING)


def _late(exception: Record, as_of: datetime) -> Iterator[Found]:
    """The mitigation of an active exception that is past its day."""
    for pointer, action in exception.items("/mitigation") if exception.state == "active" else ():
        due = moment(action.get("due")) if isinstance(action, dict) else None
        if due is None or due >= as_of or action.get("state") in ("done", "dropped"):
            continue
        said = f"{action.get('owner')} was to limit the risk of {exception.id} by {spoken(due)}: {action.get('action')}"
        fix = "do it and say so, or ask for the exception again with what is true now"
        yield Found(exception.path, Fault(f"{pointer}/due", "WVR925", said, fix), exception.id)
