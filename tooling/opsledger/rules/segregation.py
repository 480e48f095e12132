"""Who may not do both: DUT351, DUT352, DUT355 and DUT356."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.approvals.reading import approvals_called
from opsledger.finding import Fault
from opsledger.ledger import Ledger
from opsledger.rules.authorised import authorised_as, near_approvals
from opsledger.rules.register import Found, Reach, rule
from opsledger.rules.signed import APPROVALS


@rule("DUT351", Reach.LINK, counts=APPROVALS)
def approver_is_author(ledger: Ledger) -> Iterator[Found]:
    """
    An approval is by somebody who wrote what it approves.

    ## Why
    Four eyes are two people. A second account of the same person has the same eyes. Source: S0-7.2, S3-role-01,
    S4-dep-23.

    ## Examples
    ```yaml title="fails"
    # records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml
    subject: BSL-2026-9001
    scope: baseline
    role: ROL-approver
    party: PTY-ada
    decision: granted
    pointers: [/entries]
    authors: [PTY-ada]
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
    roles: [{role: ROL-approver}]
    identities: {accounts: [{forge: github.com, login: ada, id: "1"}]}
    ```

    ```yaml title="passes"
    # records/baselines/BSL-2026-9001.yaml
    title: Nobody has approved it yet
    ```

    ## Fix
    Ask somebody to approve it who did not write it. Where an address or account is of nobody known, add it to the
    party that it belongs to: until then nobody can show who wrote.
    """
    rows = ledger.database.execute(
        "SELECT DISTINCT record.id FROM near_edge edge JOIN record ON record.number = edge.record "
        "JOIN edge author ON author.record = record.number AND author.target = edge.target "
        "WHERE record.kind = 'approval' AND record.readable AND edge.pointer = '/party' "
        "AND author.pointer GLOB '/authors/*' ORDER BY record.path"
    ).fetchall()
    for approval in approvals_called(ledger, [id for (id,) in rows]):
        if approval.decision == "granted":
            said = f"{approval.party} both wrote and approved the {approval.scope} of {approval.subject}"
            fix = "ask somebody to approve it who did not write it"
            yield Found(approval.path, Fault("/party", "DUT351", said, fix), approval.subject)


@rule("DUT352", Reach.LINK, counts="SELECT count(*) FROM record WHERE kind = 'deployment'")
def deployment_by_who_authorised_it(ledger: Ledger) -> Iterator[Found]:
    """
    One person approved a deployment and carried it out.

    ## Why
    Whoever may say yes to themselves needs nobody to say no. Source: S4-dep-22.

    ## Examples
    ```yaml title="fails"
    # records/deployments/DEP-2026-a1b2c3.yaml
    executor: PTY-ada
    # records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml
    subject: DEP-2026-a1b2c3
    scope: deployment
    role: ROL-approver
    party: PTY-ada
    decision: granted
    pointers: [/release]
    evidence:
      type: forge-review
      forge: github.com
      review: "80"
      commit: 53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3
      payload: '{"id": 80, "user": {"id": 1, "login": "ada"}, "state": "APPROVED"}'
      payload_digest: "sha256:978a68c582e981395e3c723a449528ca3efef0b4f2b7c6f255952d4a663f2dca"
    # records/roles/ROL-approver.yaml
    title: Approver
    # records/parties/PTY-ada.yaml
    type: person
    roles: [{role: ROL-approver}]
    identities: {accounts: [{forge: github.com, login: ada, id: "1"}]}
    ```

    ```yaml title="passes"
    # records/deployments/DEP-2026-a1b2c3.yaml
    executor: PTY-ada
    # records/parties/PTY-ada.yaml
    type: person
    name: Ada
    ```

    ## Fix
    Let somebody else carry it out, or ask somebody else to approve it before it begins.
    """
    rows = ledger.database.execute(
        f"{near_approvals(ledger)} "
        "SELECT DISTINCT deployment.path, deployment.id, approval.id FROM near_approval near "
        "CROSS JOIN record deployment ON deployment.number = near.deployment "
        "CROSS JOIN record approval ON approval.number = near.approval "
        "CROSS JOIN edge executor ON executor.record = deployment.number AND executor.pointer = '/executor' "
        "CROSS JOIN edge party ON party.record = approval.number AND party.pointer = '/party' "
        "AND party.target = executor.target "
        "WHERE deployment.readable AND approval.readable ORDER BY deployment.path, approval.path"
    ).fetchall()
    for path, id, signed in rows:
        meant = authorised_as(ledger, ledger.record(id))
        for approval in approvals_called(ledger, [signed]):
            if (approval.scope, approval.decision) == ("deployment", "granted") and approval.subject in meant:
                said = f"{approval.party} carried out {id} and had approved it in {approval.id}"
                fix = "let somebody else carry it out, or ask somebody else to approve it"
                yield Found(path, Fault("/executor", "DUT352", said, fix), f"{id} {approval.subject} {approval.id}")


@rule("DUT355", Reach.LINK, counts="SELECT count(*) FROM record WHERE kind = 'evidence'")
def independent_test_by_the_builder(ledger: Ledger) -> Iterator[Found]:
    """
    A test that is called independent was run by somebody who built what was tested.

    ## Why
    Whoever built it tests that it does what they meant. Source: S2-role-pbm-03, S3-role-tc-03.

    ## Examples
    ```yaml title="fails"
    # records/evidence/EVD-2026-a1b2c3d4.yaml
    independence: independent
    subjects: [CHG-2026-9001]
    performed_by: [{party: PTY-ada}]
    # records/changes/CHG-2026-9001.yaml
    owner: PTY-ada
    # records/parties/PTY-ada.yaml
    type: person
    name: Ada
    ```

    ```yaml title="passes"
    # records/evidence/EVD-2026-a1b2c3d4.yaml
    independence: builder
    subjects: [CHG-2026-9001]
    performed_by: [{party: PTY-ada}]
    # records/changes/CHG-2026-9001.yaml
    owner: PTY-ada
    # records/parties/PTY-ada.yaml
    type: person
    name: Ada
    ```

    ## Fix
    Write `independence: builder`, which is what it was, and let somebody else test as well.
    """
    rows = ledger.database.execute(
        "SELECT record.path, record.id FROM near_edge edge JOIN record ON record.number = edge.record "
        "WHERE record.kind = 'evidence' AND record.readable "
        "UNION SELECT record.path, record.id FROM near_edge ships "
        "JOIN record release ON release.number = ships.record AND release.kind = 'release' "
        "JOIN edge subject ON subject.target = release.id JOIN record ON record.number = subject.record "
        "WHERE ships.pointer GLOB '/changes/*' AND record.kind = 'evidence' AND record.readable ORDER BY 1"
    ).fetchall()
    for _, id in rows:
        evidence = ledger.record(id)
        if evidence.get("independence") != "independent" or id in ledger.in_doubt:
            continue
        built = {party: what for subject in _tested(ledger, id) for party, what in _builders(ledger, subject)}
        for link in ledger.links(id):
            if link.pointer.startswith("/performed_by/") and link.target in built:
                said = f"{id} is called independent, and {link.target} {built[link.target]}"
                fix = "write independence: builder, and let somebody else test as well"
                yield Found(evidence.path, Fault(link.pointer, "DUT355", said, fix), f"{id} {link.target}")


def _tested(ledger: Ledger, evidence: str) -> Iterator[str]:
    """What a result is about: the records that it names, and the changes that a release among them ships."""
    for link in ledger.links(evidence):
        if link.pointer.startswith("/subjects/"):
            yield link.target
            yield from (one.target for one in ledger.links(link.target) if one.pointer.startswith("/changes/"))


def _builders(ledger: Ledger, subject: str) -> Iterator[tuple[str, str]]:
    """Who built what was tested, each with what shows it."""
    record = ledger.find(subject)
    for link in ledger.links(subject) if record is not None else ():
        if record is not None and record.kind.name == "change" and link.pointer == "/owner":
            yield link.target, f"answers for {subject}"
        elif link.pointer == "/resolution/fixer":
            yield link.target, f"mended {subject}"
        elif link.pointer.startswith("/assignments/"):
            yield link.target, f"worked on {subject}"


@rule("DUT356", Reach.LINK, counts="SELECT count(*) FROM record WHERE kind = 'problem'")
def cause_confirmed_by_the_fixer(ledger: Ledger) -> Iterator[Found]:
    """
    Whoever mended a problem also confirmed its cause, or that it is gone.

    ## Why
    A fix that hides the symptom looks to its author like one that ends the cause. Source: S1-7.4.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    root_cause: {cause: The pool was never closed., verified_by: PTY-ada}
    resolution: {path: change, fixer: PTY-ada}
    # records/parties/PTY-ada.yaml
    type: person
    name: Ada
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    root_cause: {cause: The pool was never closed., verified_by: PTY-grace}
    resolution: {path: change, fixer: PTY-ada}
    # records/parties/PTY-ada.yaml
    type: person
    name: Ada
    # records/parties/PTY-grace.yaml
    type: person
    name: Grace
    ```

    ## Fix
    Let somebody check it who did not mend it.
    """
    rows = ledger.database.execute(
        "SELECT DISTINCT record.path, record.id, checked.pointer, fixer.target FROM near_edge checked "
        "JOIN record ON record.number = checked.record "
        "JOIN edge fixer ON fixer.record = record.number AND fixer.pointer = '/resolution/fixer' "
        "AND fixer.target = checked.target WHERE record.kind = 'problem' AND record.readable "
        "AND checked.pointer IN ('/root_cause/verified_by', '/closure_verification/by') "
        "ORDER BY record.path, checked.pointer"
    )
    for path, id, pointer, party in rows:
        what = "confirmed its cause" if pointer.startswith("/root") else "checked that it is gone"
        said = f"{party} mended {id} and {what}"
        yield Found(path, Fault(pointer, "DUT356", said, "let somebody check it who did not mend it"), f"{id} {party}")
