"""Signatures that gates ask for: SIG301, SIG304 and SIG307, and what gates ask under the codes of `signed`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.question import Question
from opsledger.rules.recurring import recurring_problems
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule

if TYPE_CHECKING:
    from opsledger.approvals.model import Asked, Discounted, Tally

DUAL = ("ROL-change-manager", "ROL-problem-manager")
"""Who must agree to a patch for what keeps coming back, unless the policy names others."""

SERVICES = frozenset({"service"})
"""The classes of configuration item that have a business owner."""


@rule("SIG301", Reach.QUESTION)
def move_without_its_signatures(question: Question) -> Iterator[Found | Remark]:
    """
    A record is to move on, and a role that must approve has not.

    ## Why
    A gate is only as good as the people who stand at it. What they approve is a digest, so that nothing is added
    afterwards. Source: S2-purpose-01, S2-step-07, S3-plan-09.

    ## Examples
    ```yaml title="fails"
    # base: records/gates/GAT-agree.yaml
    moves: [{kind: baseline, from: proposed, to: agreed}]
    codes: [SIG301]
    signatures: [{scope: baseline, roles: [ROL-approver]}]
    # base: records/roles/ROL-approver.yaml
    title: Approver
    # base: records/cis/CI-payments.yaml
    version: 4.2.1
    # base: records/baselines/BSL-2026-9001.yaml
    state: proposed
    # head: records/gates/GAT-agree.yaml
    moves: [{kind: baseline, from: proposed, to: agreed}]
    codes: [SIG301]
    signatures: [{scope: baseline, roles: [ROL-approver]}]
    # head: records/roles/ROL-approver.yaml
    title: Approver
    # head: records/cis/CI-payments.yaml
    version: 4.2.1
    # head: records/baselines/BSL-2026-9001.yaml
    state: agreed
    at: "2026-03-01T10:00:00Z"
    entries: [{ci: CI-payments, version: 4.2.1}]
    ```

    ```yaml title="passes"
    # base: records/baselines/BSL-2026-9001.yaml
    state: proposed
    # head: records/baselines/BSL-2026-9001.yaml
    state: proposed
    note: Nothing is agreed yet.
    ```

    ## Fix
    Ask one of the people whom the message names to approve: by a review of the pull request, or with
    `opsledger approve`.
    """
    for asked in question.asked:
        tally = question.tally(asked)
        yield from (_met(question, asked, tally) if tally.is_met else _unmet(question, asked, tally))


def _met(question: Question, asked: Asked, tally: Tally) -> Iterator[Remark]:
    for one in tally.counted:
        remark = f" ({one.remark})" if one.remark else ""
        yield Remark(
            f"{one.party} approved the {asked.scope} of {question.subject.id} as {one.role}, by {one.source}{remark}"
        )


def _unmet(question: Question, asked: Asked, tally: Tally) -> Iterator[Found]:
    start = f"{question.subject.id} may not become {question.move.after}: {question.gate.id} asks"
    for role in tally.missing:
        said = f"{start} for its {asked.scope} to be approved as {role}, {held(tally, role)}"
        yield _at_state(question, "SIG301", said + _why(question, tally, role), tally, role)
    if tally.short and not tally.missing:
        count = len(tally.counted) + tally.short
        did = ", ".join(one.party for one in tally.counted)
        said = f"{start} {count} people to approve its {asked.scope}, and only {did} did"
        yield _at_state(question, "SIG301", f"{said}{_why(question, tally, '')}", tally, asked.roles[0])


def _at_state(question: Question, code: str, said: str, tally: Tally, role: str) -> Found:
    doubtful = [one for one in tally.discounted if one.undecided and one.role in ("", role)]
    able = tally.holders.get(role, ())
    typed = f"{question.subject.id} --scope {tally.asked.scope} --role {role}"
    fix = (
        doubtful[0].fault.fix
        if doubtful
        else f"ask {' or '.join(able[:5])} to approve it: `opsledger approve {typed}`"
        if able
        else (f"have somebody named {role} on the base branch who did not write it")
    )
    # A scope that nobody can sign has no one in doubt, and is in doubt itself.
    in_doubt = bool(doubtful) or (bool(tally.undecided) and not tally.discounted)
    fault = Fault(question.state_pointer, code, said, fix)
    return Found(question.subject.path, fault, undecided=in_doubt, awaiting=bool(able))


def held(tally: Tally, role: str) -> str:
    """Who could sign as a role, as a part of a sentence behind the role's name."""
    able = tally.holders.get(role, ())
    if not able:
        return "which nobody holds who may sign it"
    return f"{_by_how_many(tally, role)}held by {', '.join(able)}"


def _by_how_many(tally: Tally, role: str) -> str:
    """That one of a body is not enough, and who of it has signed, as a part of a sentence."""
    if role not in tally.quorums:
        return ""
    did = [one.party for one in tally.counted if one.role == role]
    return f"by {tally.quorums[role]} of its body ({' and '.join(did) if did else 'nobody'} did so far), "


def _why(question: Question, tally: Tally, role: str) -> str:
    """Why those who signed do not count: in a few words where the gate asks the code that says it in full."""
    refused = [one for one in tally.discounted if not role or one.role in ("", role)]
    if not refused:
        return ""
    asked = question.gate.get("codes") or ()
    briefly = [f"{one.source} ({one.fault.code})" for one in refused[:5] if one.fault.code in asked]
    fully = [one.fault.message for one in refused[:5] if one.fault.code not in asked]
    rest = f"and {len(refused) - 5} more do not count" if len(refused) > 5 else ""
    count = f"{', '.join(briefly)} {'do' if len(briefly) > 1 else 'does'} not count" if briefly else ""
    return "".join(f"; {said}" for said in (count, *fully, rest) if said)


@rule("SIG304", Reach.QUESTION)
def recurring_fault_mended_by_one_side(question: Question) -> Iterator[Found | Remark]:
    """
    A patch for a fault that keeps coming back lacks the approval of change and problem management, by two people.

    ## Why
    Who manages change knows what it may break, who manages problems knows what it must end. Neither sees both, and
    the fault came back when only one was asked. Source: S0-2.2.

    ## Examples
    ```yaml title="fails"
    # base: records/gates/GAT-submit.yaml
    moves: [{kind: change, from: draft, to: submitted}]
    codes: [SIG304]
    later: [SIG301]
    signatures: [{scope: request, roles: [ROL-change-manager]}]
    # base: records/roles/ROL-change-manager.yaml
    title: Change manager
    # base: records/problems/PRB-2026-9001.yaml
    recurrence: {count: 4}
    # base: records/cis/CI-payments.yaml
    title: Payments
    # base: records/parties/PTY-ada.yaml
    name: Ada
    # base: records/changes/CHG-2026-9001.yaml
    type: emergency
    state: draft
    # head: records/gates/GAT-submit.yaml
    moves: [{kind: change, from: draft, to: submitted}]
    codes: [SIG304]
    later: [SIG301]
    signatures: [{scope: request, roles: [ROL-change-manager]}]
    # head: records/roles/ROL-change-manager.yaml
    title: Change manager
    # head: records/problems/PRB-2026-9001.yaml
    recurrence: {count: 4}
    # head: records/cis/CI-payments.yaml
    title: Payments
    # head: records/parties/PTY-ada.yaml
    name: Ada
    # head: records/changes/CHG-2026-9001.yaml
    type: emergency
    state: submitted
    problems: [PRB-2026-9001]
    effects: [{ci: CI-payments, effect: changed}]
    owner: PTY-ada
    risk: low
    ```

    ```yaml title="passes"
    # base: records/changes/CHG-2026-9001.yaml
    state: draft
    # head: records/changes/CHG-2026-9001.yaml
    state: draft
    title: Nothing is asked of it yet
    ```

    ## Fix
    Ask whoever the message names to approve as well. One person who holds both roles counts for one of them.
    """
    problems = recurring_problems(question)
    if not problems:
        return
    from opsledger.approvals.model import Asked  # only a gate that is asked pays for it

    stated = question.policy.data.get("approvals", {}).get("dual", DUAL)
    roles = tuple(map(str, stated))
    if not question.asked:
        said = f"{question.gate.id} asks two roles to approve a mended fault, and names no part to approve"
        fault = Fault(question.state_pointer, "SIG304", said, "name it under `signatures` of the gate, on the base")
        yield Found(question.subject.path, fault, undecided=True)
    for scope in dict.fromkeys(asked.scope for asked in question.asked):
        tally = question.tally(Asked(scope, roles, quorum=2, code="SIG304"))
        if tally.is_met:
            yield from _met(question, tally.asked, tally)
            continue
        lacking = " and ".join(f"{role} is missing, {held(tally, role)}" for role in tally.missing)
        reasons = "".join(f"; {one.fault.message}" for one in tally.discounted)
        said = (
            f"{question.subject.id} may not become {question.move.after}: it mends {', '.join(problems)}, "
            f"{next(iter(problems.values()))}, so its {scope} must be approved as {' and as '.join(roles)} by two "
            f"people: {lacking or 'only one has'}{reasons}"
        )
        yield _at_state(question, "SIG304", said, tally, next(iter(tally.missing or roles)))


@rule("SIG307", Reach.QUESTION)
def service_without_its_owners_word(question: Question) -> Iterator[Found | Remark]:
    """
    A release is to go on without the approval of the owner of a service in it.

    ## Why
    Tests show that it works. Whether it is what the business wanted, its owner says. Source: S2-role-rdm-08.

    ## Examples
    ```yaml title="fails"
    # base: records/gates/GAT-accept.yaml
    moves: [{kind: release, from: draft, to: planned}]
    codes: [SIG307]
    # base: records/roles/ROL-approver.yaml
    title: Approver
    # base: records/parties/PTY-ada.yaml
    name: Ada
    # base: records/cis/CI-payments.yaml
    class: service
    owner: PTY-ada
    # base: records/changes/CHG-2026-9001.yaml
    title: Raise the timeout
    # base: records/releases/REL-2026-9001.yaml
    state: draft
    # head: records/gates/GAT-accept.yaml
    moves: [{kind: release, from: draft, to: planned}]
    codes: [SIG307]
    # head: records/roles/ROL-approver.yaml
    title: Approver
    # head: records/parties/PTY-ada.yaml
    name: Ada
    # head: records/cis/CI-payments.yaml
    class: service
    owner: PTY-ada
    # head: records/changes/CHG-2026-9001.yaml
    title: Raise the timeout
    # head: records/releases/REL-2026-9001.yaml
    state: planned
    type: minor
    name: payments-4.2.1
    service: CI-payments
    version: 4.2.1
    size_class: small
    risk: low
    accountable: PTY-ada
    scope: {cis: [{ci: CI-payments}]}
    changes: [CHG-2026-9001]
    ```

    ```yaml title="passes"
    # base: records/releases/REL-2026-9001.yaml
    state: draft
    # head: records/releases/REL-2026-9001.yaml
    state: draft
    title: Nothing is accepted yet
    ```

    ## Fix
    Ask the owner of the service, or a member of the team that owns it, to approve the acceptance.
    """
    services = dict(_services(question))
    if not services:
        return
    from opsledger.approvals.model import Asked  # as above

    scope = "acceptance" if "acceptance" in question.subject.kind.scopes else question.subject.kind.name
    tally = question.tally(Asked(scope, tuple(sorted(question.people.roles)), code="SIG307"))
    signed = {one.party for one in tally.counted}
    for service, pointer in services.items():
        owner = service.get("owner")
        able = _owners(question, owner) if isinstance(owner, str) else ()
        if signed & set(able):
            yield Remark(f"{', '.join(sorted(signed & set(able)))} accepted {question.subject.id} for {service.id}")
            continue
        whom = f"its owner {owner}" if owner else "an owner, and names none"
        said = (
            f"{question.subject.id} may not become {question.move.after}: its {scope} lacks the approval that "
            f"{service.id} needs of {whom}"
        )
        doubtful = [one for one in tally.discounted if one.party in able]
        reasons = "".join(f"; {one.fault.message}" for one in doubtful)
        fix = f"ask {' or '.join(able[:5])} to approve it" if able else f"name a person as owner of {service.id}"
        fault = Fault(pointer, "SIG307", said + reasons, fix)
        in_doubt = any(one.undecided for one in doubtful)
        yield Found(question.subject.path, fault, undecided=in_doubt, awaiting=bool(able))


def _services(question: Question) -> Iterator[tuple[Record, str]]:
    """The services that a record brings, each with where it names them first."""
    seen = set[str]()
    for link in question.ledger.links(question.subject.id):
        if link.pointer != "/service" and not link.pointer.startswith("/scope/cis/"):
            continue
        named = question.ledger.find(link.target)
        if named is not None and named.id not in seen and named.get("class") in SERVICES:
            seen.add(named.id)
            yield named, link.pointer


def _owners(question: Question, owner: str) -> tuple[str, ...]:
    """The people who may speak for an owner: it alone, or those who belong to it at the time that is judged for."""
    party = question.people.parties.get(owner)
    if party is None or not party.members:
        return (owner,)
    return tuple(sorted(member for member, term in party.members if term.holds(question.as_of)))


@asked_at_gates("SIG303")
def signer_not_entitled(question: Question) -> Iterator[Found | Remark]:
    """What does not count because whoever signed may not."""
    return discounted(question, "SIG303")


@asked_at_gates("SIG305")
def signature_without_proof(question: Question) -> Iterator[Found | Remark]:
    """What does not count because nobody can check that the signer said so."""
    return discounted(question, "SIG305")


@asked_at_gates("SIG309")
def signature_at_another_time(question: Question) -> Iterator[Found | Remark]:
    """What does not count because it was given too late."""
    return discounted(question, "SIG309")


@asked_at_gates("DUT351")
def signature_of_an_author(question: Question) -> Iterator[Found | Remark]:
    """What does not count because its signer wrote what it approves, or nobody can show otherwise."""
    return discounted(question, "DUT351")


@asked_at_gates("SIG302")
def signature_of_other_content(question: Question) -> Iterator[Found | Remark]:
    """What does not count because the content has changed since, also of the gates before; said where it changed."""
    for one in discounted(question, "SIG302"):
        yield _where_edited(question, one) if isinstance(one, Found) else one
    from opsledger.rules.signed import stale_at

    yield from stale_at(question)


def discounted(question: Question, code: str) -> Iterator[Found | Remark]:
    """Signatures that do not count for one reason: a finding where they would be needed, else a remark."""
    for asked in question.asked:
        tally = question.tally(asked)
        for one in tally.discounted:
            if one.fault.code != code:
                continue
            is_missing = one.role in tally.missing if one.role else bool(tally.missing)
            needed = is_missing or tally.short
            yield _found(question, one) if needed else Remark(one.fault.message)


def _found(question: Question, one: Discounted) -> Found:
    if one.path and one.path in question.ledger.snapshot.files:
        return Found(one.path, one.fault, one.source, undecided=one.undecided)
    fault = Fault(question.state_pointer, one.fault.code, one.fault.message, one.fault.fix)
    return Found(question.subject.path, fault, one.source, undecided=one.undecided)


def _where_edited(question: Question, found: Found) -> Found:
    from opsledger.approvals.edits import edited_between, edited_since
    from opsledger.approvals.reading import approval_of
    from opsledger.rules.signed import at_edit

    record = question.ledger.at_path(found.path)
    approval = approval_of(record.data, record.path) if record is not None else None
    if approval is None:
        return found
    before = question.step.before if question.step is not None else None
    fields = edited_between(before.data, question.subject.data, approval.pointers) if before is not None else ()
    return at_edit(question.subject, approval, fields or edited_since(approval, question.subject.data))
