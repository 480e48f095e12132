"""What an exception may not do: WVR924, WVR926 and WVR927."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsledger.finding import Fault, Place, Severity
from opsledger.ledger import Ledger, Record
from opsledger.policy import Policy, policy_of, settings_of
from opsledger.rules.register import ALL_RECORDS, Found, Reach, asked_at_gates, rule
from opsledger.rules.waivers import EXCEPTIONS, naming, near_exceptions

if TYPE_CHECKING:
    from opsledger.question import Question


@rule("WVR924", Reach.LINK, counts=EXCEPTIONS)
def exception_for_too_much(ledger: Ledger) -> Iterator[Found]:
    """
    An exception names more records or rules than anybody can weigh, or a rule that may not be waived.

    ## Why
    Whoever accepts a risk must be able to see all of it. What may never be waived stands in `rules.locked` of the
    policy; a halt, the record of a deviation and the rules about exceptions themselves are never waived. How much one
    exception may name stands in `exceptions.max_records` and `exceptions.max_rules`. Source: S0-2.3.

    ## Examples
    ```yaml title="fails"
    # records/parties/PTY-ada.yaml
    type: person
    # records/cis/CI-payments.yaml
    title: Payments
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: rule-waiver
    requested_by: PTY-ada
    level: low
    residual_risk: low
    scope: {records: [CI-payments], rules: [FLT751, SIG301]}
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="fails, a whole family of rules"
    # records/parties/PTY-ada.yaml
    type: person
    # records/cis/CI-payments.yaml
    title: Payments
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: rule-waiver
    requested_by: PTY-ada
    level: low
    residual_risk: low
    scope:
      records: [CI-payments]
      rules:
        [TES601, TES602, TES603, TES604, TES605, TES606, TES607, TES608, TES609, TES610, TES611, TES612, TES613]
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes"
    # records/parties/PTY-ada.yaml
    type: person
    # records/cis/CI-payments.yaml
    title: Payments
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: rule-waiver
    requested_by: PTY-ada
    level: low
    residual_risk: low
    scope: {records: [CI-payments], rules: [FLT751, SIG304]}
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes, near miss"
    # records/parties/PTY-ada.yaml
    type: person
    # records/cis/CI-payments.yaml
    title: Payments
    # records/exceptions/EXC-2026-9001.yaml
    state: draft
    type: rule-waiver
    scope: {records: [CI-payments], rules: [SIG301]}
    ```

    ## Fix
    Name what is really to be waived, each matter in an exception of its own; meet the rules that may not be waived.
    """
    policy = None
    for exception, severity in near_exceptions(ledger):
        policy = policy or _policy(ledger)
        for pointer, said, fix in _too_much(exception, policy):
            yield Found(exception.path, Fault(pointer, "WVR924", said, fix), severity=severity)


@asked_at_gates("WVR924")
def exception_of_the_subject_for_too_much(question: Question) -> Iterator[Found]:
    """What the exceptions that name the subject ask for beyond measure, by the judge's policy."""
    for exception in _of_the_subject(question):
        for pointer, said, fix in _too_much(exception, question.policy):
            yield Found(exception.path, Fault(pointer, "WVR924", said, fix), exception.id)


def _too_much(exception: Record, policy: Policy) -> Iterator[tuple[str, str, str]]:
    from opsledger.waivers import MOST_NAMED, is_waivable
    from opsledger.waivers.limits import named

    for at, code in enumerate(named(exception.data, "rules")):
        if not is_waivable(code, policy):
            said = f"{exception.id} is to waive {code}, which no exception may"
            yield f"/scope/rules/{at}", said, f"take {code} out, and do what it asks"
    for field in ("records", "rules"):
        count, most = len(named(exception.data, field)), policy.at("exceptions", f"max_{field}", default=MOST_NAMED)
        if isinstance(most, int) and count > most:
            said = f"{exception.id} names {count} {field}, and one exception may name {most}"
            yield f"/scope/{field}", said, "ask for each matter by itself, with its own mitigation and end"


@rule("WVR926", Reach.LINK, counts=EXCEPTIONS)
def weakness_accepted_beyond_the_limits(ledger: Ledger) -> Iterator[Found]:
    """
    An exception leaves a weakness unpatched that is graver, more frequent or used by attackers, or leaves it too long.

    ## Why
    That a weakness may wait was decided once for all, with limits: `exceptions.unpatched` of the policy. What lies
    beyond them is patched, whatever anybody signs. The severity of the weakness counts where it is graver than what
    the exception says. While it is only requested, a check warns. Source: S1-2.6.

    ## Examples
    ```yaml title="fails"
    # records/parties/PTY-ada.yaml
    type: person
    # records/cis/CI-payments.yaml
    title: Payments
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: unpatched-vulnerability
    requested_by: PTY-ada
    level: high
    residual_risk: low
    unpatched: {severity: low, exploited: true}
    scope: {records: [CI-payments], rules: [FIX813]}
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes"
    # records/parties/PTY-ada.yaml
    type: person
    # records/cis/CI-payments.yaml
    title: Payments
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: unpatched-vulnerability
    requested_by: PTY-ada
    level: high
    residual_risk: low
    unpatched: {severity: low, exploited: false}
    scope: {records: [CI-payments], rules: [FIX813]}
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    expires: "2026-12-18T16:00:00Z"
    ```

    ```yaml title="passes, near miss"
    # records/parties/PTY-ada.yaml
    type: person
    # records/cis/CI-payments.yaml
    title: Payments
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: unpatched-vulnerability
    requested_by: PTY-ada
    level: high
    residual_risk: low
    unpatched: {severity: medium, exploited: false, occurrence_per_quarter: 1}
    scope: {records: [CI-payments], rules: [FIX813]}
    mitigation: [{action: Watch it, owner: PTY-ada, due: "2026-12-01T00:00:00Z", state: open}]
    starts: "2026-09-19T16:00:00Z"
    expires: "2026-12-18T16:00:00Z"
    ```

    ## Fix
    Patch it, or cut off what has the weakness; only the owner of the policy can move the limits.
    """
    policy = None
    for exception, severity in near_exceptions(ledger):
        if exception.get("type") == "unpatched-vulnerability":
            policy = policy or _policy(ledger)
            yield from _beyond(exception, ledger, policy, severity)


@asked_at_gates("WVR926")
def weakness_of_the_subject_beyond_the_limits(question: Question) -> Iterator[Found]:
    """What the exceptions that name the subject leave unpatched beyond the limits of the judge's policy."""
    for exception in _of_the_subject(question):
        yield from _beyond(exception, question.ledger, question.policy, None)


def _beyond(exception: Record, ledger: Ledger, policy: Policy, severity: Severity | None) -> Iterator[Found]:
    from opsledger.waivers import outside_limits

    for pointer, said in outside_limits(exception, ledger, policy):
        fault = Fault(pointer, "WVR926", f"{exception.id} {said}", "patch it, or cut off what has the weakness")
        yield Found(exception.path, fault, severity=severity)


@rule("WVR927", Reach.RECORD, counts=ALL_RECORDS)
def rule_switched_off_in_a_comment(ledger: Ledger) -> Iterator[Found]:
    """
    A comment in a record is to switch a rule off, with no exception behind it.

    ## Why
    What is waived must have a reason, an end and a signature, and be found in one place. No comment does anything
    here, and whoever wrote it believes that it does. Source: S0-7.3.

    ## Examples
    ```yaml title="fails"
    # raw: records/cis/CI-payments.yaml
    id: CI-payments
    title: Payments
    class: service
    state: planned
    owner: PTY-ada # noqa: LNK101
    # records/parties/PTY-ada.yaml
    type: person
    ```

    ```yaml title="passes"
    # raw: records/cis/CI-payments.yaml
    id: CI-payments
    title: Payments
    class: service
    state: planned
    owner: PTY-ada # since the team was split
    # records/parties/PTY-ada.yaml
    type: person
    ```

    ```yaml title="passes, near miss"
    # raw: records/cis/CI-payments.yaml
    id: CI-payments
    title: Payments
    class: service
    state: planned
    owner: PTY-ada
    description: |
      The build of this service writes
      # noqa: E501
      into its own code.
    # records/parties/PTY-ada.yaml
    type: person
    ```

    ## Fix
    Take the comment away and do what the rule asks, or ask for an exception: `opsledger new exception`.
    """
    rows = ledger.database.execute(
        "SELECT record.path, line, column, message, fix FROM fault JOIN record ON record.number = fault.record "
        "WHERE code = 'WVR927' ORDER BY record.path, fault.rowid"
    )
    for path, line, column, message, fix in rows:
        yield Found(path, Fault("", "WVR927", message, fix), place=Place(path, line or 1, column or 1))


def _of_the_subject(question: Question) -> tuple[Record, ...]:
    subject = question.subject
    return (subject,) if subject.kind.name == "exception" else naming(question)


def _policy(ledger: Ledger) -> Policy:
    return policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)
