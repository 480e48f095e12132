"""What approval records say by themselves: SIG302, SIG303 and SIG305."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from opsledger.approvals.reading import approvals_called, approvals_on
from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.rules.authorised import goes_live
from opsledger.rules.register import Found, Reach, rule

if TYPE_CHECKING:
    from opsledger.approvals.model import Approval
    from opsledger.people import People
    from opsledger.question import Question

APPROVALS = "SELECT count(*) FROM record WHERE kind = 'approval'"
_NEAR = (
    "SELECT DISTINCT edge.target FROM {edges} edge JOIN reference ON reference.number = edge.reference "
    "WHERE reference.kind = 'approval' AND reference.at = '/subject' ORDER BY edge.target"
)


@rule("SIG302", Reach.LINK, counts=APPROVALS)
def approval_of_other_content(ledger: Ledger) -> Iterator[Found]:
    """
    A record stands behind a gate on an approval of content that it no longer holds.

    ## Why
    What was approved is a digest. Whoever edits the plan after it was agreed has a plan that nobody agreed to.
    Source: S2-purpose-01, S2-scope-01, S2-step-07.

    ## Examples
    ```yaml title="fails"
    # records/gates/GAT-agree.yaml
    moves: [{kind: baseline, from: proposed, to: agreed}]
    signatures: [{scope: baseline, roles: [ROL-approver]}]
    # records/roles/ROL-approver.yaml
    title: Approver
    # records/parties/PTY-ada.yaml
    type: person
    roles: [{role: ROL-approver}]
    identities: {accounts: [{forge: github.com, login: ada, id: "1"}]}
    # records/baselines/BSL-2026-9001.yaml
    state: agreed
    at: "2026-03-01T10:00:00Z"
    entries: [{ci: CI-payments, version: 4.2.1}]
    # records/cis/CI-payments.yaml
    version: 4.2.1
    # records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml
    subject: BSL-2026-9001
    scope: baseline
    role: ROL-approver
    party: PTY-ada
    decision: granted
    digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    pointers: [/entries]
    evidence:
      type: forge-review
      forge: github.com
      review: "80"
      commit: 53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3
      payload: '{"id": 80, "user": {"id": 1, "login": "ada"}, "state": "APPROVED"}'
      payload_digest: "sha256:978a68c582e981395e3c723a449528ca3efef0b4f2b7c6f255952d4a663f2dca"
    ```

    ```yaml title="passes"
    # records/baselines/BSL-2026-9001.yaml
    state: agreed
    at: "2026-03-01T10:00:00Z"
    entries: [{ci: CI-payments, version: 4.2.1}]
    # records/cis/CI-payments.yaml
    version: 4.2.1
    ```

    ## Fix
    Ask for the approval again, or restore what was approved; the message names the fields where it can.
    """
    near = _near_subjects(ledger)
    asked = asked_scopes(ledger) if near else {}
    for subject in near:
        yield from (at_edit(subject, one) for one in stale_on(ledger, subject, asked))


def stale_on(
    ledger: Ledger, subject: Record, asked: Mapping[str, tuple[tuple[str, str, str], ...]]
) -> Iterator[Approval]:
    """The last approval of each scope and role of the gates behind a record, where none is of what it says now."""
    if subject.kind.name not in asked:
        return
    held = approvals_on(ledger, subject.id, landed={})
    for scope, role in _behind(subject, asked):
        granted = [one for one in held if (one.scope, one.role, one.decision) == (scope, role, "granted")]
        if granted and not any(_is_current(one, subject) for one in granted):
            yield granted[-1]


def stale_at(question: Question) -> Iterator[Found]:
    """What is stale at a gate of what the gates before it ask; what it asks itself is counted there."""
    own = {(asked.scope, role) for asked in question.asked for role in asked.roles}
    for approval in stale_on(question.ledger, question.subject, asked_scopes(question.ledger)):
        if (approval.scope, approval.role) not in own:
            yield at_edit(question.subject, approval)


def asked_scopes(ledger: Ledger) -> Mapping[str, tuple[tuple[str, str, str], ...]]:
    """What the ledger's gates ask: kind → state behind the gate, scope and role."""
    asked: dict[str, list[tuple[str, str, str]]] = {}
    for gate in ledger.of("gate") if "gate" in ledger.kinds else ():
        moves = [move for _, move in gate.items("/moves") if isinstance(move, dict)]
        signatures = [one for _, one in gate.items("/signatures") if isinstance(one, dict)]
        for move in moves:
            for one in signatures:
                roles = one.get("roles")
                asked.setdefault(str(move.get("kind")), []).extend(
                    (str(move.get("to")), str(one.get("scope")), str(role))
                    for role in (roles if isinstance(roles, list) else ())
                )
    return {kind: tuple(dict.fromkeys(several)) for kind, several in asked.items()}


def _near_subjects(ledger: Ledger) -> list[Record]:
    """The records that approvals near to something new decide on; all of them where a gate is new."""
    edges = "edge" if _is_new(ledger, "gate") else "near_edge"
    rows = ledger.database.execute(_NEAR.format(edges=edges)).fetchall()
    found = (ledger.find(id) for (id,) in rows)
    return [one for one in found if one is not None and one.is_readable and one.id not in ledger.in_doubt]


def _behind(subject: Record, asked: Mapping[str, tuple[tuple[str, str, str], ...]]) -> Iterator[tuple[str, str]]:
    """The scopes and roles of the gates that a record has passed, as far as its state on the main path tells."""
    lifecycle = subject.kind.lifecycle
    wanted = asked[subject.kind.name] if lifecycle is not None else ()
    passed = [(scope, role) for to, scope, role in wanted if lifecycle and subject.state in lifecycle.onwards(to)]
    return iter(dict.fromkeys(passed))


def _is_current(approval: Approval, subject: Record) -> bool:
    from opsledger.approvals.scopes import digest_of

    about = (subject.kind.name, subject.id, approval.scope, approval.pointers, subject.data)
    return approval.digest == digest_of(*about)


def at_edit(subject: Record, approval: Approval, fields: tuple[str, ...] = ()) -> Found:
    """What to say of an approval whose content was edited, at the first edited field where that can be told."""
    from opsledger.approvals.edits import edited_since
    from opsledger.yamlfile.pointers import MISSING, at

    fields = fields or edited_since(approval, subject.data)
    lifecycle = subject.kind.lifecycle
    there = fields[0] if fields else f"/{lifecycle.field}" if lifecycle else ""
    while there and at(subject.data, there) is MISSING:
        there = there.rpartition("/")[0]
    what = (
        f"{', '.join(fields)} {'were' if len(fields) > 1 else 'was'} edited since" if fields else "it was edited since"
    )
    said = f"{approval.id} approved the {approval.scope} of {subject.id} as {approval.role}, and {what}"
    typed = f"opsledger approve {subject.id} --scope {approval.scope} --role {approval.role}"
    fix = f"ask {approval.party} to approve it again (`{typed}`), or restore what was approved"
    return Found(subject.path, Fault(there, "SIG302", said, fix), approval.id)


@rule("SIG303", Reach.LINK, counts=APPROVALS)
def signer_or_executor_without_the_role(ledger: Ledger) -> Iterator[Found]:
    """
    An approval is by somebody who did not hold the role, or a deployment was carried out by somebody who may not.

    ## Why
    A signature counts because of what the signer answers for. Source: S2-role-dep-01, S3-def-chgmgr, S4-dep-23.

    ## Examples
    ```yaml title="fails"
    # records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml
    subject: BSL-2026-9001
    scope: baseline
    role: ROL-approver
    party: PTY-ada
    decision: granted
    pointers: [/entries]
    evidence:
      type: forge-review
      forge: github.com
      review: "80"
      commit: 53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3
      payload: '{"id": 80, "user": {"id": 1, "login": "ada"}, "state": "APPROVED"}'
      payload_digest: "sha256:978a68c582e981395e3c723a449528ca3efef0b4f2b7c6f255952d4a663f2dca"
    # records/baselines/BSL-2026-9001.yaml
    title: What payments consists of
    # records/roles/ROL-approver.yaml
    title: Approver
    # records/parties/PTY-ada.yaml
    type: person
    identities: {accounts: [{forge: github.com, login: ada, id: "1"}]}
    ```

    ```yaml title="passes"
    # records/deployments/DEP-2026-a1b2c3.yaml
    executor: PTY-ada
    started: "2026-03-01T10:00:00Z"
    # records/roles/ROL-deployer.yaml
    kinds: [deployment]
    # records/parties/PTY-ada.yaml
    type: person
    roles: [{role: ROL-deployer}]
    ```

    ## Fix
    Ask somebody who holds the role, or add the role to the party on the base branch if it was held. A role that ends
    gets its `until`; whoever takes it out takes away what was signed in it.
    """
    near = _near(ledger, "approval")
    deployments = _near(ledger, "deployment")
    if not near and not deployments:
        return
    from opsledger.people import people_of

    people = people_of(ledger.snapshot, ledger.kinds)
    for approval in approvals_called(ledger, near):
        matter = _matter(ledger, approval.subject)
        if not _holds(people, approval.party, approval.role, approval.at, matter):
            why = people.why_not(approval.party, approval.role, approval.at, matter=matter)
            said = f"{approval.id} was given as {approval.role}, and {approval.party} {why}"
            fix = f"ask somebody who holds {approval.role}"
            yield Found(approval.path, Fault("/party", "SIG303", said, fix), approval.subject)
    may_deploy = [role.id for role in people.roles.values() if "deployment" in role.kinds]
    for id in deployments if may_deploy else ():
        yield from _executor(ledger, people, ledger.record(id), may_deploy)


def _executor(ledger: Ledger, people: People, deployment: Record, may_deploy: list[str]) -> Iterator[Found]:
    """A person who carried a deployment to users out and held no role that is for deployments."""
    began = moment(deployment.get("started"))
    party = people.parties.get(str(deployment.get("executor")))
    if began is None or party is None or party.is_machine or not goes_live(ledger, deployment):
        return
    matter = _matter(ledger, deployment.id)
    if not any(_holds(people, party.id, role, began, matter) for role in may_deploy):
        roles = ", ".join(may_deploy)
        said = f"{deployment.id} was carried out by {party.id}, who held none of {roles} when it began"
        fix = f"correct the executor, or add the role to {party.id} if it was held"
        yield Found(deployment.path, Fault("/executor", "SIG303", said, fix), deployment.id)


def _matter(ledger: Ledger, id: str) -> frozenset[str]:
    return frozenset((id, *(link.target for link in ledger.links(id))))


def _holds(people: People, party: str, role: str, at: datetime, matter: frozenset[str]) -> bool:
    """As `people.holding`, which sorts out everybody first: here it is asked of each approval there is."""
    held = (one for one in people.holdings(role) if one.party == party and one.term.holds(at))
    return any(not one.on or not matter.isdisjoint(one.on) for one in held)


def _near(ledger: Ledger, kind: str) -> list[str]:
    """The ids of the records of a kind that are near to something new; all of them where a party or role is new."""
    edges = "edge" if _is_new(ledger, "party") or _is_new(ledger, "role") else "near_edge"
    rows = ledger.database.execute(
        f"SELECT DISTINCT record.id FROM {edges} edge JOIN record ON record.number = edge.record "
        "WHERE record.kind = ? AND record.readable ORDER BY record.path",
        (kind,),
    ).fetchall()
    return [id for (id,) in rows if id not in ledger.in_doubt]


def _is_new(ledger: Ledger, kind: str) -> bool:
    """Whether a record of a kind is new, was edited, or is gone."""
    known = ledger.kinds.get(kind)
    start = f"{known.prefix}-%" if known is not None else ""
    return ledger.database.execute("SELECT 1 FROM touched WHERE id LIKE ? LIMIT 1", (start,)).fetchone() is not None


@rule("SIG305", Reach.LINK, counts=APPROVALS)
def approval_that_proves_nothing(ledger: Ledger) -> Iterator[Found]:
    """
    An approval carries no proof that anyone can check, or one that says something else.

    ## Why
    Who committed a file proves nothing: a squash drops that commit. Only a signature, or the forge's own words, show
    that the person said so. Source: S0-2.3, S0-7.1.

    ## Examples
    ```yaml title="fails"
    # records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml
    subject: BSL-2026-9001
    scope: baseline
    role: ROL-approver
    party: PTY-ada
    decision: granted
    pointers: [/entries]
    evidence:
      type: forge-review
      forge: github.com
      review: "80"
      commit: 53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3
      payload_digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    # records/baselines/BSL-2026-9001.yaml
    title: What payments consists of
    # records/roles/ROL-approver.yaml
    title: Approver
    # records/parties/PTY-ada.yaml
    type: person
    roles: [{role: ROL-approver}]
    identities: {accounts: [{forge: github.com, login: ada, id: "1"}]}
    ```

    ```yaml title="passes"
    # records/baselines/BSL-2026-9001.yaml
    title: Nobody has approved it yet
    ```

    ## Fix
    Import the review again with `opsledger approvals import`, which keeps the forge's words, or sign with
    `opsledger approve`.
    """
    near = _near(ledger, "approval")
    if not near:
        return
    from opsledger.approvals.evidence import payload_fault, shape_fault, ssh_key_fault
    from opsledger.people import people_of

    people = people_of(ledger.snapshot, ledger.kinds)
    for approval in approvals_called(ledger, near):
        if approval.evidence.get("type") == "forge-review":
            fault = payload_fault(approval, people)
        else:
            fault = shape_fault(approval)
            if fault is None and approval.evidence.get("type") == "ssh-signature":
                fault = ssh_key_fault(approval, people, None)
        if fault is not None:
            yield Found(approval.path, fault, approval.subject)
