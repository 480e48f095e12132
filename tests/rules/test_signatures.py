"""The SIG rules: what gates ask for, and what approvals say by themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from opsledger.approvals import (
    Approval,
    Authorship,
    ForgeAccount,
    PullRequest,
    Review,
    Situation,
    data_of,
    digest_of,
    parts_of,
    scope_pointers,
)
from opsledger.kind import packaged_kinds
from opsledger.ledger import Record, load
from opsledger.people import people_of
from opsledger.policy import Policy
from opsledger.question import Move, Question
from opsledger.rules import signatures
from opsledger.rules.authorised import approval_after_the_act
from opsledger.rules.recurring import recurring_problems
from opsledger.rules.register import Found, Remark
from opsledger.rules.signed import (
    approval_of_other_content,
    approval_that_proves_nothing,
    signer_or_executor_without_the_role,
)
from opsledger.steps import Step
from opsledger.store import in_memory
from opsledger.yamlfile import read, write

KINDS = packaged_kinds()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE = "github.com/kestrel-pay/ledger"
PULL = f"https://{HERE}/pull/12"
SEEN = "a" * 40
DUAL = ("ROL-change-manager", "ROL-problem-manager")

BASELINE = "records/baselines/BSL-2026-9001.yaml"
SUBJECT = """
id: BSL-2026-9001
title: Payments
state: agreed
at: "2026-11-01T10:00:00Z"
of: ENV-prod
entries: [{ci: CI-payments, version: 4.2.1}]
"""
GATE = """
id: GAT-agree
title: Agree
question: Is it true?
mode: enforce
moves: [{kind: baseline, from: proposed, to: agreed}]
codes: [SIG301]
signatures: [{scope: baseline, roles: [ROL-approver]}]
"""
NAMES = ("ada", "grace", "joan")
ROLES = ("ROL-approver", *DUAL)


def party(name: str, roles=ROLES) -> str:
    listed = "".join(f"\n  - {{role: {role}}}" for role in roles)
    return (
        f"id: PTY-{name}\nname: {name}\ntype: person\nstate: active\nidentities:\n"
        f'  accounts: [{{forge: github.com, login: {name}, id: "{NAMES.index(name)}"}}]\nroles: {listed or "[]"}\n'
    )


PEOPLE = {f"records/parties/PTY-{name}.yaml": party(name) for name in NAMES} | {
    f"records/roles/{role}.yaml": f"id: {role}\ntitle: One\ndescription: One\n" for role in ROLES
}


def ledger_of(*more: dict[str, str], subject: str = SUBJECT, approvals: tuple[Approval, ...] = ()):
    files = {BASELINE: subject, "records/gates/GAT-agree.yaml": GATE, **PEOPLE}
    for one in more:
        files |= one
    raw = {path: text.encode() for path, text in files.items()}
    raw |= {one.path: write(data_of(one)) for one in approvals}
    return load(in_memory(raw, name="example"), KINDS)


def approval(
    name: str = "grace", *, subject: str = SUBJECT, path: str = BASELINE, scope: str = "baseline", **over
) -> Approval:
    """An approval that copies a review of GitHub, word for word."""
    data, kind = read(subject.encode()), KINDS.of_path(path)
    at = over.get("at", NOON - HOUR)
    said = {"id": 80, "user": {"id": NAMES.index(name), "login": name}, "state": "APPROVED", "commit_id": SEEN}
    text = json.dumps({**said, "submitted_at": at.isoformat()})
    pointers = over.get("pointers", scope_pointers(kind, scope))
    made = Approval(
        f"APR-2026-{sha256(f'{name}{over}'.encode()).hexdigest()[:8]}", "", data["id"], scope,
        digest_of(kind.name, data["id"], scope, pointers, data), pointers, "ROL-approver", f"PTY-{name}", "granted", at,
        HERE, parts=parts_of(data, pointers),
        evidence={"type": "forge-review", "forge": "github.com", "review": "80", "commit": SEEN, "payload": text,
                  "payload_digest": f"sha256:{sha256(text.encode()).hexdigest()}"},
    )  # fmt: skip
    made = replace(made, **over)
    return replace(made, path=f"records/approvals/{made.role}/{made.id}.yaml")


def question(
    ledger, *, gate: str = GATE, id: str = "BSL-2026-9001", move=("proposed", "agreed"), policy=None, step=None, **over
):
    """A gate put to a record, every approval of which is landed."""
    subject = ledger.record(id)
    people = people_of(ledger.snapshot, KINDS)
    situation = Situation(
        ledger, people, NOON, HERE, authorship=lambda *_: Authorship(frozenset({"PTY-ada"})),
        landed=ledger.snapshot.files, review_content=lambda *_: SUBJECT.encode(),
    )  # fmt: skip
    situation = replace(situation, **over)
    made = in_memory({"records/gates/GAT-agree.yaml": gate.encode()}, name="judge")
    record = Record("GAT-agree", KINDS["gate"], "records/gates/GAT-agree.yaml", "", None, "", made)
    return Question(
        record,
        Move(subject.kind.name, *move),
        subject,
        ledger,
        people,
        Policy(policy or {}),
        NOON,
        situation,
        step=step,
    )


def told(rule, asked) -> tuple[list[Found], list[str]]:
    """What a question rule finds, and what it remarks."""
    said = list(rule(asked))
    return [one for one in said if isinstance(one, Found)], [one.sentence for one in said if isinstance(one, Remark)]


def found(rule, ledger) -> list[str]:
    return [f"{one.path.rpartition('/')[2]} {one.fault.pointer} {one.fault.message}" for one in rule(ledger)]


def live(*reviews: Review) -> PullRequest:
    return PullRequest("github.com", HERE, "12", PULL, ForgeAccount("ada", "0"), SEEN, "main", reviews=reviews)


# SIG301


def test_a_move_without_an_approval_names_gate_record_scope_role_and_holders():
    [one], remarks = told(signatures.move_without_its_signatures, question(ledger_of()))

    assert (
        "BSL-2026-9001 may not become agreed: GAT-agree asks for its baseline to be approved as ROL-approver, held by "
        "PTY-grace, PTY-joan"
    ) == one.fault.message
    assert (BASELINE, "/state", True, False, []) == (one.path, one.fault.pointer, one.awaiting, one.undecided, remarks)
    typed = "opsledger approve BSL-2026-9001 --scope baseline --role ROL-approver"
    assert f"ask PTY-grace or PTY-joan to approve it: `{typed}`" == one.fault.fix


def test_a_move_with_its_approval_says_by_whom():
    signed_by = approval(conditions=("At night",))
    findings, remarks = told(signatures.move_without_its_signatures, question(ledger_of(approvals=(signed_by,))))

    said = (
        f"PTY-grace approved the baseline of BSL-2026-9001 as ROL-approver, by {signed_by.id} (on condition: At night)"
    )
    assert ([], [said]) == (findings, remarks)


def test_what_does_not_count_is_said_in_full_where_the_gate_does_not_ask_its_code():
    self_approved = approval("ada", authors=("PTY-ada",))
    [one], _ = told(signatures.move_without_its_signatures, question(ledger_of(approvals=(self_approved,))))

    assert f"; PTY-ada both wrote and approved the baseline of BSL-2026-9001 ({self_approved.id})" in one.fault.message


def test_many_that_do_not_count_are_not_all_named():
    many = tuple(approval("ada", authors=("PTY-ada",), at=NOON - HOUR * hour) for hour in range(1, 8))
    [one], _ = told(signatures.move_without_its_signatures, question(ledger_of(approvals=many)))

    assert "; and 2 more do not count" in one.fault.message


def test_a_role_that_nobody_may_sign_for_waits_for_nobody():
    asked = question(ledger_of({f"records/parties/PTY-{name}.yaml": party(name, ()) for name in ("grace", "joan")}))
    [one], _ = told(signatures.move_without_its_signatures, asked)

    assert "as ROL-approver, which nobody holds who may sign it" in one.fault.message
    assert (False, "have somebody named ROL-approver on the base branch who did not write it") == (
        one.awaiting,
        one.fault.fix,
    )


def test_too_few_people_are_told_by_their_number():
    gate = GATE.replace("roles: [ROL-approver]", "roles: [ROL-approver], quorum: 2")
    [one], _ = told(signatures.move_without_its_signatures, question(ledger_of(approvals=(approval(),)), gate=gate))

    assert "GAT-agree asks 2 people to approve its baseline, and only PTY-grace did" in one.fault.message


def test_what_cannot_be_looked_at_leaves_the_answer_undecided():
    review = Review("80", ForgeAccount("grace", "1"), "granted", SEEN, NOON - HOUR)
    asked = question(ledger_of(), pull_request=live(review), review_content=lambda *_: None)
    [one], _ = told(signatures.move_without_its_signatures, asked)

    assert (True, f"run `git fetch origin {SEEN}`") == (one.undecided, one.fault.fix)


def test_a_scope_that_does_not_exist_leaves_the_answer_undecided():
    gate = GATE.replace("scope: baseline", "scope: nothing")
    [one], _ = told(signatures.move_without_its_signatures, question(ledger_of(), gate=gate))

    assert one.undecided


BOARD = {
    "records/parties/PTY-board.yaml": "id: PTY-board\nname: Board\ntype: body\nstate: active\nquorum: 2\n"
    "members: [{party: PTY-ada}, {party: PTY-grace}, {party: PTY-joan}]\nroles: [{role: ROL-board}]\n",
    "records/roles/ROL-board.yaml": "id: ROL-board\ntitle: Board\ndescription: One\n",
}
BY_THE_BOARD = GATE.replace("ROL-approver", "ROL-board")


@pytest.mark.parametrize(
    ("by", "did"), [pytest.param((), "nobody", id="nobody yet"), pytest.param(("grace",), "PTY-grace", id="one of two")]
)
def test_too_few_of_a_body_are_told_by_its_quorum_and_their_names(by, did):
    signed_by = tuple(approval(name, role="ROL-board") for name in by)
    asked = question(ledger_of(BOARD, approvals=signed_by), gate=BY_THE_BOARD)
    [one], _ = told(signatures.move_without_its_signatures, asked)

    assert (
        "BSL-2026-9001 may not become agreed: GAT-agree asks for its baseline to be approved as ROL-board, by 2 of its "
        f"body ({did} did so far), held by PTY-grace, PTY-joan"
    ) == one.fault.message


def test_of_a_larger_quorum_all_who_signed_are_named():
    larger = {path: text.replace("quorum: 2", "quorum: 3") for path, text in BOARD.items()}
    signed_by = tuple(approval(name, role="ROL-board") for name in ("grace", "joan"))
    asked = question(ledger_of(larger, approvals=signed_by), gate=BY_THE_BOARD)
    [one], _ = told(signatures.move_without_its_signatures, asked)

    assert "by 3 of its body (" in one.fault.message
    assert {"PTY-grace", "PTY-joan"} == set(one.fault.message.partition("(")[2].partition(" did")[0].split(" and "))


def test_enough_of_a_body_are_told_each_by_name():
    signed_by = tuple(approval(name, role="ROL-board") for name in ("grace", "joan"))
    asked = question(ledger_of(BOARD, approvals=signed_by), gate=BY_THE_BOARD)

    findings, remarks = told(signatures.move_without_its_signatures, asked)

    assert ([], {"PTY-grace", "PTY-joan"}) == (findings, {said.partition(" ")[0] for said in remarks})


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        pytest.param((1,), " (DUT351) does not count", id="one"),
        pytest.param((2, 1), " (DUT351) do not count", id="two"),
    ],
)
def test_what_does_not_count_is_said_briefly_where_the_gate_asks_its_code(hours, said):
    many = tuple(approval("ada", authors=("PTY-ada",), at=NOON - HOUR * hour) for hour in hours)
    gate = GATE.replace("codes: [SIG301]", "codes: [SIG301, DUT351]")
    [one], _ = told(signatures.move_without_its_signatures, question(ledger_of(approvals=many), gate=gate))

    assert one.fault.message.endswith(f"; {' (DUT351), '.join(made.id for made in many)}{said}")


def test_what_was_signed_in_another_role_is_not_told_of_this_one():
    gate = GATE.replace("roles: [ROL-approver]", f"roles: [ROL-approver, {DUAL[0]}]")
    made = approval("ada", authors=("PTY-ada",))
    findings, _ = told(signatures.move_without_its_signatures, question(ledger_of(approvals=(made,)), gate=gate))

    assert [True, False] == [made.id in one.fault.message for one in findings]


# What gates ask under the other codes


@pytest.mark.parametrize(
    ("rule", "over", "expected"),
    [
        pytest.param(
            signatures.signer_not_entitled, {"role": "ROL-none"}, "was given as ROL-none, and ROL-approver", id="SIG303"
        ),
        pytest.param(
            signatures.signature_without_proof,
            {"evidence": {"type": "forge-review"}},
            "does not keep what",
            id="SIG305",
        ),
        pytest.param(signatures.signature_at_another_time, {"at": NOON + HOUR}, "which is after", id="SIG309"),
        pytest.param(
            signatures.signature_of_an_author, {"authors": ("PTY-grace",)}, "both wrote and approved", id="DUT351"
        ),
    ],
)
def test_a_signature_that_does_not_count_speaks_under_its_own_code(rule, over, expected):
    made = approval(**over)
    findings, remarks = told(rule, question(ledger_of(approvals=(made,))))

    if made.role == "ROL-none":
        assert ([], True) == (findings, expected in remarks[0])
    else:
        assert [True] == [expected in one.fault.message for one in findings]
        assert [(made.path, made.id)] == [(one.path, one.about) for one in findings]


def test_a_signature_speaks_under_no_other_code_than_its_own():
    made = approval(authors=("PTY-grace",))

    assert ([], []) == told(signatures.signer_not_entitled, question(ledger_of(approvals=(made,))))


def test_a_signature_that_is_not_needed_is_a_remark():
    extra = approval("joan", authors=("PTY-joan",))
    findings, remarks = told(signatures.signature_of_an_author, question(ledger_of(approvals=(approval(), extra))))

    assert ([], 1) == (findings, len(remarks))


def test_a_live_review_that_does_not_count_is_told_at_the_state():
    review = Review("80", ForgeAccount("mallory", "66"), "granted", SEEN, NOON - HOUR)
    [one], _ = told(signatures.signer_not_entitled, question(ledger_of(), pull_request=live(review)))

    assert (BASELINE, "/state") == (one.path, one.fault.pointer)


EDITED = SUBJECT.replace("4.2.1", "4.2.2")


def test_an_edit_since_is_told_at_the_field_by_the_parts_of_the_approval():
    made = approval()
    [one], _ = told(signatures.signature_of_other_content, question(ledger_of(subject=EDITED, approvals=(made,))))

    assert (BASELINE, "/entries") == (one.path, one.fault.pointer)
    assert (
        f"{made.id} approved the baseline of BSL-2026-9001 as ROL-approver, and /entries was edited since"
        == one.fault.message
    )


def test_an_edit_in_a_step_is_told_as_deep_as_it_lies():
    ledger = ledger_of(subject=EDITED, approvals=(approval(),))
    before = ledger_of().record("BSL-2026-9001")
    asked = question(ledger, step=Step("BSL-2026-9001", before, ledger.record("BSL-2026-9001")))

    assert ["/entries/0/version"] == [
        one.fault.pointer for one in told(signatures.signature_of_other_content, asked)[0]
    ]


def test_a_live_review_of_other_content_is_told_at_the_state():
    review = Review("80", ForgeAccount("grace", "1"), "granted", SEEN, NOON - HOUR)
    asked = question(ledger_of(subject=EDITED), pull_request=live(review))

    assert ["/state"] == [one.fault.pointer for one in told(signatures.signature_of_other_content, asked)[0]]


def test_what_is_not_needed_beside_another_is_remarked_of_edits_too():
    old = approval("joan", subject=EDITED)
    findings, remarks = told(signatures.signature_of_other_content, question(ledger_of(approvals=(approval(), old))))

    assert ([], 1) == (findings, len(remarks))


# SIG302 by itself


def test_an_edit_behind_the_gate_is_found_and_names_approval_and_field():
    made = approval()

    assert [
        f"BSL-2026-9001.yaml /entries {made.id} approved the baseline of BSL-2026-9001 as ROL-approver, and /entries "
        "was edited since"
    ] == found(approval_of_other_content, ledger_of(subject=EDITED, approvals=(made,)))


def test_without_parts_the_state_is_pointed_at():
    made = approval(parts={})

    assert [
        f"BSL-2026-9001.yaml /state {made.id} approved the baseline of BSL-2026-9001 as ROL-approver, and it was "
        "edited since"
    ] == found(approval_of_other_content, ledger_of(subject=EDITED, approvals=(made,)))


def test_a_field_that_is_gone_is_pointed_at_by_what_held_it():
    gone = SUBJECT.replace("of: ENV-prod\n", "")

    [one] = approval_of_other_content(ledger_of(subject=gone, approvals=(approval(),)))

    assert ("", True) == (one.fault.pointer, "/of was edited since" in one.fault.message)


@pytest.mark.parametrize(
    ("subject", "approvals"),
    [
        pytest.param(EDITED.replace("agreed", "proposed"), (approval(),), id="before the gate"),
        pytest.param(SUBJECT + "note: Looked at twice.\n", (approval(),), id="an edit of another field"),
        pytest.param(EDITED, (approval(), approval("joan", subject=EDITED)), id="another one is of what stands"),
        pytest.param(EDITED, (), id="nothing was ever approved"),
        pytest.param(EDITED, (approval(decision="revise"),), id="it was never granted"),
        pytest.param(EDITED, (approval(role="ROL-change-manager"),), id="a role that no gate asks"),
    ],
)
def test_no_edit_is_found(subject, approvals):
    assert [] == found(approval_of_other_content, ledger_of(subject=subject, approvals=approvals))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"records/gates/GAT-agree.yaml": "id: GAT-agree\n"}, id="a gate that asks nothing"),
        pytest.param(
            {"records/gates/GAT-agree.yaml": GATE.replace("[ROL-approver]", "ROL-approver")},
            id="roles that are no list",
        ),
        pytest.param(
            {"records/gates/GAT-agree.yaml": GATE.replace("kind: baseline", "kind: change")},
            id="a gate of another kind",
        ),
    ],
)
def test_where_no_gate_asks_nothing_is_found(more):
    assert [] == found(approval_of_other_content, ledger_of(more, subject=EDITED, approvals=(approval(),)))


def test_of_a_record_that_is_not_there_nothing_is_found():
    ledger = ledger_of({BASELINE: "id: BSL-2026-9001\nstate: [\n"}, approvals=(approval(),))

    assert [] == found(approval_of_other_content, ledger)


def test_a_kind_without_states_stands_behind_no_gate():
    path, text = "records/evidence/2026/EVD-2026-a1b2.yaml", "id: EVD-2026-a1b2\ntitle: One\n"
    gate = GATE.replace("kind: baseline", "kind: evidence")
    made = approval(subject=text, path=path, scope="baseline", pointers=("/title",))

    ledger = ledger_of({path: text.replace("One", "Two"), "records/gates/GAT-agree.yaml": gate}, approvals=(made,))

    assert [] == found(approval_of_other_content, ledger)


# SIG303 by itself


def test_a_signer_who_never_held_the_role_is_found():
    made = approval()
    ledger = ledger_of({"records/parties/PTY-grace.yaml": party("grace", DUAL)}, approvals=(made,))

    assert [
        f"{made.id}.yaml /party {made.id} was given as ROL-approver, and PTY-grace never held ROL-approver"
    ] == found(signer_or_executor_without_the_role, ledger)


@pytest.mark.parametrize(
    ("on", "said"),
    [
        pytest.param("ENV-prod", [], id="what it names"),
        pytest.param("ENV-test", ["holds ROL-approver only on"], id="others"),
    ],
)
def test_a_role_that_is_limited_counts_for_what_the_record_names(on, said):
    limited = party("grace").replace("{role: ROL-approver}", f"{{role: ROL-approver, on: [{on}]}}")
    text = found(
        signer_or_executor_without_the_role,
        ledger_of({"records/parties/PTY-grace.yaml": limited}, approvals=(approval(),)),
    )

    assert [part in one for part, one in zip(said, text, strict=True)] == [True] * len(said)


DEPLOYMENT = """
id: DEP-2026-a1b2c3
state: in-progress
release: REL-2026-9001
environment: ENV-prod
executor: PTY-grace
started: "2026-11-20T10:30:00Z"
"""
PROD = {"records/environments/ENV-prod.yaml": "id: ENV-prod\nproduction: true\n"}
DEPLOYERS = {"records/roles/ROL-deployer.yaml": "id: ROL-deployer\ntitle: D\ndescription: D\nkinds: [deployment]\n"}
PLACE = "records/deployments/2026/DEP-2026-a1b2c3.yaml"


def test_an_executor_without_a_role_for_deployments_is_found():
    ledger = ledger_of({PLACE: DEPLOYMENT}, PROD, DEPLOYERS)

    assert [
        "DEP-2026-a1b2c3.yaml /executor DEP-2026-a1b2c3 was carried out by PTY-grace, who held none of ROL-deployer "
        "when it began"
    ] == found(signer_or_executor_without_the_role, ledger)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(({PLACE: DEPLOYMENT}, PROD), id="no role is for deployments"),
        pytest.param(({PLACE: DEPLOYMENT}, DEPLOYERS), id="no environment is known"),
        pytest.param(
            (
                {PLACE: DEPLOYMENT},
                DEPLOYERS,
                {"records/environments/ENV-prod.yaml": "id: ENV-prod\nproduction: false\n"},
            ),
            id="it does not reach users",
        ),
        pytest.param(({PLACE: DEPLOYMENT.replace("started", "planned_start")}, PROD, DEPLOYERS), id="it has not begun"),
        pytest.param(({PLACE: DEPLOYMENT.replace("executor: PTY-grace\n", "")}, PROD, DEPLOYERS), id="nobody is named"),
        pytest.param(
            (
                {PLACE: DEPLOYMENT},
                PROD,
                DEPLOYERS,
                {"records/parties/PTY-grace.yaml": party("grace").replace("type: person", "type: machine")},
            ),
            id="a machine does it",
        ),
        pytest.param(
            (
                {PLACE: DEPLOYMENT},
                PROD,
                DEPLOYERS,
                {"records/parties/PTY-grace.yaml": party("grace", ("ROL-deployer",))},
            ),
            id="who does it holds the role",
        ),
    ],
)
def test_no_executor_is_found(more):
    assert [] == found(signer_or_executor_without_the_role, ledger_of(*more))


def test_a_signer_who_held_the_role_is_not_found():
    assert [] == found(signer_or_executor_without_the_role, ledger_of(approvals=(approval(), approval("joan"))))


def test_a_ledger_without_approvals_and_deployments_asks_nobody():
    assert [] == found(signer_or_executor_without_the_role, ledger_of())
    assert [] == found(approval_that_proves_nothing, ledger_of())


# SIG305 by itself


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        pytest.param({"type": "forge-review"}, "does not keep what the forge said", id="no words"),
        pytest.param({"type": "ssh-signature", "signature": "x"}, "does not start with", id="no signature"),
        pytest.param({"type": "gpg-signature", "signature": "x"}, "no armoured GPG signature", id="no GPG signature"),
    ],
)
def test_an_approval_without_proof_is_found(evidence, expected):
    [one] = found(approval_that_proves_nothing, ledger_of(approvals=(approval(evidence=evidence),)))

    assert expected in one


def test_a_signature_by_a_key_of_nobody_is_found_without_running_anything():
    text = "U1NIU0lHAAAAAQAAAAFhAAAAEm9wc2xlZGdlci1hcHByb3ZhbA=="
    armour = f"-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----"
    made = approval(evidence={"type": "ssh-signature", "signature": armour})

    [one] = found(approval_that_proves_nothing, ledger_of(approvals=(made,)))

    assert "signed with a key that is nobody's" in one


def test_a_gpg_signature_of_the_right_shape_is_left_to_the_gates():
    armour = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----"
    made = approval(evidence={"type": "gpg-signature", "signature": armour})

    assert [] == found(approval_that_proves_nothing, ledger_of(approvals=(made, approval())))


# SIG309 by itself

RELEASE = {"records/releases/2026/REL-2026-9001.yaml": "id: REL-2026-9001\nstate: ready\n"}


def of_deployment(at, **over) -> Approval:
    return approval(subject=DEPLOYMENT, path=PLACE, scope="deployment", at=at, **over)


def of_release(at, **over) -> Approval:
    path, text = next(iter(RELEASE.items()))
    return approval(subject=text, path=path, scope="deployment", at=at, **over)


BEGAN = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "made", [of_deployment(BEGAN + SECOND), of_release(BEGAN + SECOND)], ids=["itself", "its release"]
)
def test_a_deployment_that_was_approved_afterwards_is_found(made):
    [one] = found(approval_after_the_act, ledger_of({PLACE: DEPLOYMENT}, PROD, RELEASE, approvals=(made,)))

    assert (
        f"{made.id}.yaml /at {made.id} approved the deployment of {made.subject} after DEP-2026-a1b2c3 had begun" == one
    )


@pytest.mark.parametrize(
    ("deployment", "approvals"),
    [
        pytest.param(DEPLOYMENT, (of_deployment(BEGAN),), id="approved that very second"),
        pytest.param(
            DEPLOYMENT, (of_release(BEGAN - SECOND), of_release(BEGAN + HOUR)), id="approved before and after"
        ),
        pytest.param(DEPLOYMENT, (of_deployment(BEGAN + HOUR, decision="revise"),), id="not granted"),
        pytest.param(DEPLOYMENT.replace("started", "planned_start"), (of_deployment(BEGAN + HOUR),), id="not begun"),
        pytest.param(
            DEPLOYMENT + "break_glass: {reason: Fire}\n", (of_deployment(BEGAN + HOUR),), id="an emergency that owes it"
        ),
        pytest.param(
            DEPLOYMENT.replace("ENV-prod", "ENV-test"), (of_release(BEGAN + HOUR),), id="deployed to be tested"
        ),
    ],
)
def test_no_late_approval_is_found(deployment, approvals):
    assert [] == found(approval_after_the_act, ledger_of({PLACE: deployment}, PROD, RELEASE, approvals=approvals))


# SIG304

CHANGE = "records/changes/2026/CHG-2026-9001.yaml"
MENDS = "id: CHG-2026-9001\nstate: assessed\nowner: PTY-ada\nproblems: [PRB-2026-9001]\nrisk: low\n"
PROBLEM = {"records/problems/2026/PRB-2026-9001.yaml": "id: PRB-2026-9001\nstate: triaged\nrecurrence: {count: 4}\n"}
APPROVE = GATE.replace(
    "kind: baseline, from: proposed, to: agreed", "kind: change, from: assessed, to: approved"
).replace("{scope: baseline, roles: [ROL-approver]}", "{scope: request, roles: [ROL-change-manager]}")


def dual(*by: tuple[str, str], more=(), policy=None, subject: str = MENDS, gate: str = APPROVE):
    approvals = tuple(approval(name, subject=subject, path=CHANGE, scope="request", role=role) for name, role in by)
    ledger = ledger_of({CHANGE: subject}, PROBLEM, *more, approvals=approvals)
    return question(ledger, gate=gate, id="CHG-2026-9001", move=("assessed", "approved"), policy=policy)


def test_one_approval_is_blocked_and_names_the_missing_role_and_who_holds_it():
    [one], _ = told(signatures.recurring_fault_mended_by_one_side, dual(("grace", DUAL[0])))

    assert (
        "CHG-2026-9001 may not become approved: it mends PRB-2026-9001, which came back 4 times, so its request must "
        "be approved as ROL-change-manager and as ROL-problem-manager by two people: ROL-problem-manager is missing, "
        "held by PTY-grace, PTY-joan"
    ) == one.fault.message


def test_the_same_person_for_both_is_blocked():
    [one], _ = told(signatures.recurring_fault_mended_by_one_side, dual(("grace", DUAL[0]), ("grace", DUAL[1])))

    assert "one person for one role" in one.fault.message


def test_a_gate_that_names_no_part_to_approve_leaves_it_undecided():
    nothing_named = APPROVE.replace("signatures: [{scope: request, roles: [ROL-change-manager]}]", "signatures: []")
    [one], remarks = told(signatures.recurring_fault_mended_by_one_side, dual(gate=nothing_named))

    assert "GAT-agree asks two roles to approve a mended fault, and names no part to approve" == one.fault.message
    assert (CHANGE, "/state", True, []) == (one.path, one.fault.pointer, one.undecided, remarks)


def test_one_of_a_body_does_not_speak_for_its_side():
    policy = {"approvals": {"dual": [DUAL[0], "ROL-board"]}}
    [one], _ = told(
        signatures.recurring_fault_mended_by_one_side,
        dual(("grace", DUAL[0]), ("joan", "ROL-board"), more=(BOARD,), policy=policy),
    )

    assert "ROL-board is missing, by 2 of its body (PTY-joan did so far), held by" in one.fault.message


def test_two_people_are_open():
    findings, remarks = told(signatures.recurring_fault_mended_by_one_side, dual(("grace", DUAL[0]), ("joan", DUAL[1])))

    assert ([], 2) == (findings, len(remarks))


def test_the_policy_may_name_other_roles():
    policy = {"approvals": {"dual": ["ROL-approver"]}}
    [one], _ = told(signatures.recurring_fault_mended_by_one_side, dual(("grace", "ROL-approver"), policy=policy))

    assert "as ROL-approver by two people: only one has" in one.fault.message


def incidents(*days: int) -> dict[str, str]:
    """Incidents that name the problem, so many days before noon."""
    return {
        f"records/incidents/2026/INC-2026-{number:04}.yaml": f"id: INC-2026-{number:04}\nproblems: [PRB-2026-9001]\n"
        f'started_at: "{(NOON - timedelta(days=day)).isoformat()}"\n'
        for number, day in enumerate(days, start=1)
    }


def plain(text: str = "") -> dict[str, str]:
    return {"records/problems/2026/PRB-2026-9001.yaml": f"id: PRB-2026-9001\nstate: triaged\n{text}"}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        pytest.param((plain(), incidents(1, 2, 90)), "which caused 3 incidents within 90 days", id="three incidents"),
        pytest.param(
            (plain("recurrence: {note: Each Monday}\n"),), "which is written down as coming back", id="written down"
        ),
        pytest.param((plain("recurrence: {count: 3}\n"),), "which came back 3 times", id="counted"),
        pytest.param(
            (
                plain("recurrence: {count: 1}\nincidents: [INC-2026-0001, INC-2026-0002, INC-2026-0003]\n"),
                incidents(1, 2, 3),
            ),
            "which caused 3 incidents within 90 days",
            id="incidents that both sides name count once",
        ),
    ],
)
def test_a_problem_recurs(more, why):
    assert {"PRB-2026-9001": why} == recurring_problems(dual(more=more))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param((plain(), incidents(1, 2)), id="two incidents"),
        pytest.param((plain(), incidents(1, 2, 91)), id="one of three too long ago"),
        pytest.param((plain(), incidents(1, 2, -1)), id="one of three still to come"),
        pytest.param((plain("recurrence: {count: 2}\n"),), id="counted twice"),
        pytest.param((plain("incidents: [INC-2026-0009, CHG-2026-9001]\n"), {}), id="incidents that are not there"),
        pytest.param(
            (plain(), {"records/incidents/2026/INC-2026-0001.yaml": "id: INC-2026-0001\nproblems: [PRB-2026-9001]\n"}),
            id="an incident without a time",
        ),
    ],
)
def test_a_problem_does_not_recur(more):
    asked = dual(more=more)

    assert {} == recurring_problems(asked)
    assert ([], []) == told(signatures.recurring_fault_mended_by_one_side, asked)


def test_what_a_release_mends_by_its_changes_and_their_patches_counts():
    patch = {"records/patches/2026/PAT-2026-9001.yaml": "id: PAT-2026-9001\nproblems: [PRB-2026-9001]\n"}
    change = {CHANGE: "id: CHG-2026-9001\npatches: [PAT-2026-9001, PAT-2026-9999]\n"}
    release = {
        "records/releases/2026/REL-2026-9001.yaml": "id: REL-2026-9001\nstate: planned\nchanges: [CHG-2026-9001]\n"
    }
    ledger = ledger_of(PROBLEM, patch, change, release)

    assert ["PRB-2026-9001"] == list(recurring_problems(question(ledger, id="REL-2026-9001")))


def test_a_baseline_mends_nothing():
    assert {} == recurring_problems(question(ledger_of(PROBLEM)))


# SIG307

SERVICES = {
    "records/cis/CI-payments.yaml": "id: CI-payments\nclass: service\nowner: PTY-grace\n",
    "records/cis/CI-lib.yaml": "id: CI-lib\nclass: library\nowner: PTY-joan\n",
}
BRINGS = """
id: REL-2026-9001
state: testing
service: CI-payments
scope: {cis: [{ci: CI-payments}, {ci: CI-lib}, {ci: CI-gone}]}
"""


def accepted(*by: str, release: str = BRINGS, more=(), **over):
    path = "records/releases/2026/REL-2026-9001.yaml"
    made = tuple(approval(name, subject=release, path=path, scope="acceptance", **over) for name in by)
    ledger = ledger_of({path: release}, SERVICES, *more, approvals=made)
    return question(ledger, id="REL-2026-9001", move=("testing", "accepted"))


def test_the_owner_of_a_service_has_to_say_yes():
    [one], _ = told(signatures.service_without_its_owners_word, accepted("joan"))

    assert (
        "REL-2026-9001 may not become accepted: its acceptance lacks the approval that CI-payments needs of its owner "
        "PTY-grace"
    ) == one.fault.message
    assert ("/service", "ask PTY-grace to approve it", True) == (one.fault.pointer, one.fault.fix, one.awaiting)


def test_with_the_owners_word_the_service_may_go_on():
    assert ([], ["PTY-grace accepted REL-2026-9001 for CI-payments"]) == told(
        signatures.service_without_its_owners_word, accepted("grace")
    )


def test_the_owners_word_that_does_not_count_is_told_with_its_reason():
    [one], _ = told(signatures.service_without_its_owners_word, accepted("grace", authors=("PTY-grace",)))

    assert "; PTY-grace both wrote and approved" in one.fault.message


def test_a_member_of_the_team_that_owns_it_may_speak_for_it():
    team = "id: PTY-team\nname: Team\ntype: team\nstate: active\nmembers:\n  - {party: PTY-joan}\n"
    team += '  - {party: PTY-ada, until: "2026-01-01T00:00:00Z"}\n'
    more = (
        {
            "records/parties/PTY-team.yaml": team,
            "records/cis/CI-payments.yaml": "id: CI-payments\nclass: service\nowner: PTY-team\n",
        },
    )

    assert [] == told(signatures.service_without_its_owners_word, accepted("joan", more=more))[0]
    assert (
        "ask PTY-joan to approve it"
        == told(signatures.service_without_its_owners_word, accepted(more=more))[0][0].fault.fix
    )


def test_a_service_without_an_owner_is_told():
    more = ({"records/cis/CI-payments.yaml": "id: CI-payments\nclass: service\n"},)
    [one], _ = told(signatures.service_without_its_owners_word, accepted("grace", more=more))

    assert "CI-payments needs of an owner, and names none" in one.fault.message
    assert ("name a person as owner of CI-payments", False) == (one.fault.fix, one.awaiting)


def test_what_is_no_service_needs_no_owners_word():
    release = BRINGS.replace("service: CI-payments\n", "").replace("{ci: CI-payments}, ", "")

    assert ([], []) == told(signatures.service_without_its_owners_word, accepted(release=release))


def test_a_kind_without_acceptance_is_asked_by_its_own_scope():
    text = DEPLOYMENT.replace("release: REL-2026-9001", "release: REL-2026-9001\nservice: CI-payments")
    ledger = ledger_of({PLACE: text}, SERVICES)

    assert ([], []) == told(signatures.service_without_its_owners_word, question(ledger, id="DEP-2026-a1b2c3"))


PLAN_BEHIND = """
# asks: REL-2026-9001 -> %s
# records/releases/2026/REL-2026-9001.yaml
type: minor
state: %s
# records/gates/GAT-plan.yaml
moves: [{kind: release, from: planned, to: plan-approved}]
codes: [SIG301]
signatures: [{scope: plan, roles: [ROL-approver]}]
# records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml
subject: REL-2026-9001
scope: plan
role: ROL-approver
decision: granted
digest: "%s"
pointers: [/type]
"""
OTHER_PLAN = f"sha256:{'0' * 64}"
SAME_PLAN = digest_of("release", "REL-2026-9001", "plan", ("/type",), {"type": "minor"})


def test_a_gate_that_asks_for_no_signature_sees_that_the_plan_before_it_was_edited(answer):
    said = answer(PLAN_BEHIND % ("building", "plan-approved", OTHER_PLAN), "SIG302")

    typed = "opsledger approve REL-2026-9001 --scope plan --role ROL-approver"
    assert "blocked" == said.outcome.value
    assert "approved the plan of REL-2026-9001 as ROL-approver" in said.findings[0].message
    assert f"approve it again (`{typed}`), or restore what was approved" in said.findings[0].fix


@pytest.mark.parametrize(
    ("after", "before", "digest"),
    [
        pytest.param("building", "plan-approved", SAME_PLAN, id="it says what was approved"),
        pytest.param("plan-approved", "planned", OTHER_PLAN, id="the gate of the plan is still ahead"),
    ],
)
def test_a_gate_that_asks_for_no_signature_is_met_where(answer, after, before, digest):
    assert "met" == answer(PLAN_BEHIND % (after, before, digest), "SIG302").outcome.value
