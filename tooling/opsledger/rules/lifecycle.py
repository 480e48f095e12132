"""Lifecycle and history: the LCY family."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.kind.patterns import fits, matches
from opsledger.ledger import Ledger, Record
from opsledger.rules.register import Found, Reach, rule, stated
from opsledger.steps import Step
from opsledger.yamlfile.pointers import MISSING, at

IN_STATES = "SELECT count(*) FROM record WHERE state IS NOT NULL"


@rule("LCY201", Reach.STEP, counts="")
def step_out_of_lifecycle(step: Step) -> Iterator[Found]:
    """
    A state was changed to one that no path of allowed moves leads to.

    ## Why
    Each move asks something of a record. A jump past a move passes what it asks. Source: S2-step-02, S2-step-06,
    S3-proc-01.

    ## Examples
    ```yaml title="fails"
    # base: records/changes/CHG-2026-9001.yaml
    state: closed
    # head: records/changes/CHG-2026-9001.yaml
    state: draft
    ```

    ```yaml title="passes"
    # base: records/cis/CI-payments.yaml
    state: planned
    # head: records/cis/CI-payments.yaml
    state: pending
    ```

    ## Fix
    Take the moves that the message lists, or leave the record and open a new one.
    """
    lifecycle = step.after.kind.lifecycle if step.after else None
    if step.before is None or step.after is None or lifecycle is None or step.before.kind != step.after.kind:
        return
    before, after = step.before.state, step.after.state
    if before is None or after is None or lifecycle.path(before, after, step.after.data) is not None:
        return
    ways = lifecycle.next_states(before, step.after.data)
    fix = (
        f"from {before} it may go to {', '.join(ways)}"
        if ways
        else f"leave it {before}, and open a new {step.after.kind.name}"
    )
    yield Found(
        step.after.path,
        Fault(f"/{lifecycle.field}", "LCY201", f"{step.record} may not go from {before} to {after}", fix),
    )


@rule("LCY202", Reach.RECORD, counts=IN_STATES)
def state_without_what_it_asks(ledger: Ledger) -> Iterator[Found]:
    """
    A record is in a state that asks for a field which is missing.

    ## Why
    A state is a promise: *resolved* says that somebody knows how. Source: S1-3.1, S2-step-03, S2-step-io.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    state: duplicate
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    state: duplicate
    duplicate_of: PRB-2026-9002
    # records/problems/PRB-2026-9002.yaml
    title: Payments time out
    ```

    ## Fix
    Fill in what is named, or move the record back. `opsledger kinds KIND` lists what each state asks.
    """
    return stated(ledger, "LCY202")


@rule("LCY203", Reach.STEP, counts="")
def immutable_record_edited(step: Step) -> Iterator[Found]:
    """
    A record that may no longer change was edited.

    ## Why
    What was agreed or closed is what others relied on. Source: S2-def-baseline, S2-step-07-rej.

    ## Examples
    ```yaml title="fails"
    # base: records/evidence/EVD-2026-9001.yaml
    result: failed
    # head: records/evidence/EVD-2026-9001.yaml
    result: passed
    ```

    ```yaml title="passes"
    # base: records/changes/CHG-2026-9001.yaml
    state: draft
    title: Raise the timeout
    # head: records/changes/CHG-2026-9001.yaml
    state: draft
    title: Raise the timeout and the pool
    ```

    ## Fix
    Restore it, and say what is new in a record of its own.
    """
    if step.before is None or step.after is None or step.before.kind != step.after.kind:
        return
    kind, lifecycle = step.after.kind, step.after.kind.lifecycle
    is_frozen = kind.is_immutable or bool(lifecycle and step.before.state in lifecycle.frozen)
    if not is_frozen:
        return
    moved = step.before.state != step.after.state
    from opsledger.history import field_changes  # frozen records are rarely touched

    for edit in field_changes(step.before.data, step.after.data):
        if lifecycle and edit.pointer == f"/{lifecycle.field}":
            continue
        if moved and any(_inside(edit.pointer, pattern) for pattern in kind.annotations.append_only):
            continue
        said = f"{step.record} is {step.before.state or 'immutable'} and may no longer change, but {edit.pointer} did"
        yield Found(
            step.after.path, Fault(edit.pointer, "LCY203", said, "restore it, and say what is new in a new record")
        )
        return


def _inside(pointer: str, pattern: str) -> bool:
    """Whether a pointer leads into a list that a pattern names."""
    length = pattern.count("/")
    return fits("/".join(pointer.split("/")[: length + 1]), pattern)


@rule("LCY204", Reach.STEP, counts="")
def history_lost(step: Step) -> Iterator[Found]:
    """
    A record was deleted, or an entry of a list that only grows was removed or rewritten.

    ## Why
    Auditors follow what was, not only what is. Source: S3-scope-05.

    ## Examples
    ```yaml title="fails"
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # head: records/problems/PRB-2026-9002.yaml
    title: Refunds time out
    ```

    ```yaml title="fails, an entry rewritten"
    # base: records/problems/PRB-2026-9001.yaml
    log: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, note: Found at the database.}]
    # head: records/problems/PRB-2026-9001.yaml
    log: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, note: Found at the network.}]
    # records/parties/PTY-ada.yaml
    name: Ada
    ```

    ```yaml title="passes"
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # head: records/problems/PRB-2026-9001.yaml
    title: Payments time out at night
    ```

    ## Fix
    Restore it. A record that is no longer wanted is cancelled; a wrong entry is followed by one that corrects it.
    """
    if step.before is None:
        return
    if step.after is None:
        said = f"{step.record} was deleted"
        yield Found(
            step.before.path, Fault("", "LCY204", said, "restore it; cancel it if it is no longer wanted"), step.record
        )
        return
    if step.before.kind != step.after.kind:
        said = f"{step.record} was a {step.before.kind.name} and is now a {step.after.kind.name}"
        yield Found(step.after.path, Fault("", "LCY204", said, f"move it back to {step.before.path}"))
        return
    for pattern in step.after.kind.annotations.append_only:
        for pointer, _ in matches(step.before.data, pattern):
            yield from _rewritten(step.record, step.before, step.after, pointer)


def _rewritten(id: str, before: Record, after: Record, pointer: str) -> Iterator[Found]:
    old, new = at(before.data, pointer), at(after.data, pointer)
    if not isinstance(old, list):
        return
    kept = new if isinstance(new, list) else []
    for index, entry in enumerate(old):
        if index >= len(kept) or kept[index] != entry:
            lost = len(kept) < len(old)
            where = pointer if lost or new is MISSING else f"{pointer}/{index}"
            said = f"{id} {'lost' if lost else 'rewrote'} entry {index + 1} of {pointer.lstrip('/')}, which only grows"
            yield Found(
                after.path, Fault(where, "LCY204", said, "restore the entry, and add what is new behind the last one")
            )
            return


@rule("LCY207", Reach.RECORD, counts=IN_STATES)
def way_out_without_a_decision(ledger: Ledger) -> Iterator[Found]:
    """
    A record was deferred, suspended, cancelled, rejected, superseded or backed out, and no decision says why.

    ## Why
    Leaving the path is a decision, and a decision has somebody who made it and a reason. Source: S0-1.1,
    S2-step-07-rej, S3-rrr-02.

    ## Examples
    ```yaml title="fails"
    # records/changes/CHG-2026-9001.yaml
    state: cancelled
    ```

    ```yaml title="passes"
    # records/changes/CHG-2026-9001.yaml
    state: cancelled
    decisions:
      - {at: "2026-03-01T10:00:00Z", by: PTY-ada, state: cancelled, reason: The vendor withdrew the release.}
    # records/parties/PTY-ada.yaml
    name: Ada
    ```

    ## Fix
    Add an entry under `decisions`; `opsledger transition ID STATE --reason TEXT` writes it.
    """
    return stated(ledger, "LCY207")


@rule("LCY208", Reach.LINK, counts="SELECT count(*) FROM record WHERE done")
def parent_closed_over_open_children(ledger: Ledger) -> Iterator[Found]:
    """
    A record is closed while one that is part of its work is still open.

    ## Why
    What is closed is no longer looked at. Source: S2-out-02, S2-step-13, S3-goal-04.

    ## Examples
    ```yaml title="fails"
    # records/releases/REL-2026-9001.yaml
    state: closed
    changes: [CHG-2026-9001]
    # records/changes/CHG-2026-9001.yaml
    state: scheduled
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    state: draft
    changes: [CHG-2026-9001]
    # records/changes/CHG-2026-9001.yaml
    state: draft
    ```

    ## Fix
    Finish or cancel what is open, or open the parent again.
    """
    rows = ledger.database.execute(
        "SELECT parent.path, parent.id, parent.kind, parent.state, "
        "group_concat(DISTINCT child.id || ' is ' || child.state), group_concat(DISTINCT child.id) "
        "FROM reference JOIN near_edge edge ON edge.reference = reference.number "
        "JOIN record source ON source.number = edge.record JOIN record target ON target.id = edge.target "
        "JOIN record parent ON parent.number = "
        "CASE reference.role WHEN 'child' THEN source.number ELSE target.number END "
        "JOIN record child ON child.number = "
        "CASE reference.role WHEN 'child' THEN target.number ELSE source.number END "
        "WHERE reference.role IN ('child', 'parent') AND parent.done AND NOT child.done AND child.state IS NOT NULL "
        "GROUP BY parent.number ORDER BY parent.path"
    )
    for path, id, kind, state, children, ids in rows:
        lifecycle = ledger.kinds[kind].lifecycle
        if lifecycle and lifecycle.main[-1] == state and id not in ledger.in_doubt:
            said = f"{id} is {state}, but {children.replace(',', ', ')}"
            fault = Fault(f"/{lifecycle.field}", "LCY208", said, "finish what is open, or open it again")
            yield Found(path, fault, ids.replace(",", " "))


@rule("LCY209", Reach.STEP, counts="")
def base_and_head_in_conflict(conflict: tuple[str, ...]) -> Iterator[Found]:
    """
    The base branch and this one do not merge, so there is nothing to judge yet.

    ## Why
    What is judged is what the base branch will hold after the merge. Source: S2-step-02.

    ## Examples
    ```yaml title="fails"
    # before: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out at night
    # head: records/problems/PRB-2026-9001.yaml
    title: Payments and refunds time out
    ```

    ```yaml title="passes"
    # before: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out at night
    # head: records/problems/PRB-2026-9002.yaml
    title: Refunds time out
    ```

    ## Fix
    Merge or rebase onto the base branch, and solve the conflict there.
    """
    for path in conflict:
        said = f"{path} was changed on both branches, and the two do not merge"
        yield Found(path, Fault("", "LCY209", said, "merge the base branch into this one, and solve the conflict"))
