"""The DUT rules about who may not do both: near misses beside what fails on their pages."""

from __future__ import annotations

import pytest

from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.rules.segregation import (
    approver_is_author,
    cause_confirmed_by_the_fixer,
    deployment_by_who_authorised_it,
    independent_test_by_the_builder,
)
from opsledger.store import in_memory

KINDS = packaged_kinds()
APPROVAL = """
id: APR-2026-a1b2c3d4
subject: {subject}
scope: {scope}
digest: sha256:0
pointers: [/release]
role: ROL-approver
party: {party}
decision: {decision}
at: "2026-11-20T10:00:00Z"
repository: github.com/kestrel-pay/ledger
authors: {authors}
"""
DEPLOYMENT = "id: DEP-2026-a1b2c3\nrelease: REL-2026-9001\nenvironment: ENV-prod\nexecutor: PTY-ada\n"
FILES = {
    "deployments/2026/DEP-2026-a1b2c3": DEPLOYMENT,
    "releases/2026/REL-2026-9001": "id: REL-2026-9001\nchanges: [CHG-2026-9001]\n",
    "environments/ENV-prod": "id: ENV-prod\nproduction: true\n",
    "environments/ENV-test": "id: ENV-test\nproduction: false\n",
    "changes/2026/CHG-2026-9001": "id: CHG-2026-9001\nowner: PTY-ada\nrequester: PTY-grace\n",
    "problems/2026/PRB-2026-9001": "id: PRB-2026-9001\nresolution: {path: change, fixer: PTY-joan}\n",
    "patches/2026/PAT-2026-9001": "id: PAT-2026-9001\nassignments: [{party: PTY-grace, part: Packs it}]\n",
}


MORE = {"approval": "approvals/ROL-approver/APR-2026-a1b2c3d4", "evidence": "evidence/2026/EVD-2026-a1b2"}
"""What a test adds to the files, by a short name; the names of the files themselves replace them."""


def judged(rule, over: dict[str, str]) -> list[str]:
    """What a rule says of the files, some of them added or written another way."""
    files = FILES | {MORE.get(name, name): text for name, text in over.items()}
    raw = {f"records/{path}.yaml": text.encode() for path, text in files.items()}
    return [f"{one.fault.pointer} {one.fault.message}" for one in rule(load(in_memory(raw, name="example"), KINDS))]


def approval(subject="DEP-2026-a1b2c3", scope="deployment", party="PTY-ada", decision="granted", authors="[]") -> str:
    return APPROVAL.format(subject=subject, scope=scope, party=party, decision=decision, authors=authors)


def evidence(subject: str, party: str, independence: str = "independent") -> str:
    return (
        f"id: EVD-2026-a1b2\nsubjects: [{subject}]\nindependence: {independence}\n"
        f"performed_by: [{{party: PTY-nobody}}, {{party: {party}}}]\n"
    )


def test_an_author_who_approves_is_found():
    text = approval(authors="[PTY-grace, PTY-ada]")

    assert ["/party PTY-ada both wrote and approved the deployment of DEP-2026-a1b2c3"] == judged(
        approver_is_author, {"approval": text}
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(approval(authors="[PTY-grace]"), id="somebody else wrote it"),
        pytest.param(approval(), id="nobody is said to have written it"),
        pytest.param(approval(decision="revise", authors="[PTY-ada]"), id="an author who asks for changes"),
    ],
)
def test_no_author_is_found(text):
    assert [] == judged(approver_is_author, {"approval": text})


@pytest.mark.parametrize("subject", ["DEP-2026-a1b2c3", "REL-2026-9001"])
def test_who_approved_a_deployment_and_carried_it_out_is_found(subject):
    assert ["/executor PTY-ada carried out DEP-2026-a1b2c3 and had approved it in APR-2026-a1b2c3d4"] == judged(
        deployment_by_who_authorised_it, {"approval": approval(subject)}
    )


@pytest.mark.parametrize(
    "over",
    [
        pytest.param({"approval": approval(party="PTY-grace")}, id="somebody else approved it"),
        pytest.param({"approval": approval(scope="plan")}, id="another part was approved"),
        pytest.param({"approval": approval(decision="revise")}, id="it was not granted"),
        pytest.param({"approval": approval("CHG-2026-9001")}, id="another record was approved"),
        pytest.param(
            {
                "approval": approval("REL-2026-9001"),
                "deployments/2026/DEP-2026-a1b2c3": DEPLOYMENT.replace("ENV-prod", "ENV-test"),
            },
            id="the release was approved for users and this was a test",
        ),
    ],
)
def test_no_deployment_is_found(over):
    assert [] == judged(deployment_by_who_authorised_it, over)


@pytest.mark.parametrize(
    ("subject", "party", "why"),
    [
        pytest.param("CHG-2026-9001", "PTY-ada", "answers for CHG-2026-9001", id="the owner of the change"),
        pytest.param(
            "REL-2026-9001", "PTY-ada", "answers for CHG-2026-9001", id="the owner of a change in the release"
        ),
        pytest.param("PRB-2026-9001", "PTY-joan", "mended PRB-2026-9001", id="who mended the problem"),
        pytest.param("PAT-2026-9001", "PTY-grace", "worked on PAT-2026-9001", id="who worked on the patch"),
    ],
)
def test_an_independent_test_by_who_built_it_is_found(subject, party, why):
    assert [f"/performed_by/1/party EVD-2026-a1b2 is called independent, and {party} {why}"] == judged(
        independent_test_by_the_builder, {"evidence": evidence(subject, party)}
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(evidence("CHG-2026-9001", "PTY-ada", "builder"), id="called the builder's own"),
        pytest.param(evidence("CHG-2026-9001", "PTY-grace"), id="by who asked for it"),
        pytest.param(evidence("DEP-2026-a1b2c3", "PTY-ada"), id="of what nobody is said to have built"),
        pytest.param(evidence("CHG-2026-0404", "PTY-ada"), id="of a record that is not there"),
    ],
)
def test_no_independent_test_is_found(text):
    assert [] == judged(independent_test_by_the_builder, {"evidence": text})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "id: PRB-2026-9001\nresolution: {path: change, fixer: PTY-joan}\n"
            "root_cause: {cause: X, verified_by: PTY-joan}\n",
            "/root_cause/verified_by PTY-joan mended PRB-2026-9001 and confirmed its cause",
            id="the cause",
        ),
        pytest.param(
            "id: PRB-2026-9001\nresolution: {path: change, fixer: PTY-joan}\n"
            "closure_verification: {environment: ENV-test, by: PTY-joan}\n",
            "/closure_verification/by PTY-joan mended PRB-2026-9001 and checked that it is gone",
            id="the end",
        ),
    ],
)
def test_a_fixer_who_confirms_is_found(text, said):
    assert [said] == judged(cause_confirmed_by_the_fixer, {"problems/2026/PRB-2026-9001": text})


def test_a_fixer_who_found_the_cause_is_not():
    text = "id: PRB-2026-9001\nresolution: {path: change, fixer: PTY-joan}\nroot_cause: {cause: X, by: PTY-joan}\n"

    assert [] == judged(cause_confirmed_by_the_fixer, {"problems/2026/PRB-2026-9001": text})
