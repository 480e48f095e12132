"""Exceptions that are not what they seem: none of them lets anything pass, and each says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from .conftest import DAY, EXCEPTION, NOON, PROBLEM, RELEASE, Case, answer, said

SIGNED_BY_ONE = (("grace", "ROL-service-owner", NOON - DAY),)

REVOKED = {"at": "2026-11-19T12:00:00Z", "by": "PTY-ada", "reason": "No", "state": "revoked"}


def changed(**over: object) -> Callable[[Case], Case]:
    return lambda case: replace(case, **over)


def but(**over: object) -> Callable[[Case], Case]:
    return lambda case: case.but(**over)


def edited(**over: object) -> Callable[[Case], Case]:
    return lambda case: case.edited(**over)


FORGED = [
    pytest.param(changed(signed=()), "is not signed by ROL-service-owner and ROL-risk-owner", id="signed by nobody"),
    pytest.param(changed(signed=SIGNED_BY_ONE), "is not signed by ROL-risk-owner", id="signed by one of two"),
    pytest.param(
        changed(signed=(*SIGNED_BY_ONE, ("grace", "ROL-risk-owner", NOON - DAY))),
        "is not signed by ROL-risk-owner; PTY-grace is counted for",
        id="one person in two roles",
    ),
    pytest.param(
        changed(signed=(("ada", "ROL-service-owner", NOON - DAY), ("joan", "ROL-risk-owner", NOON - DAY))),
        "is not signed by ROL-service-owner; PTY-ada both wrote and approved",
        id="signed by its author",
    ),
    pytest.param(
        changed(
            signed=(("ada", "ROL-service-owner", NOON - DAY), ("joan", "ROL-risk-owner", NOON - DAY)),
            authors=frozenset({"PTY-linus"}),
        ),
        "is not signed by ROL-service-owner; PTY-ada asked for EXC-2026-0004, so PTY-ada does not grant it",
        id="signed by who asked",
    ),
    pytest.param(
        changed(signed=(("ada", "ROL-service-owner", NOON - DAY), ("joan", "ROL-risk-owner", NOON - DAY)), landed=True),
        "is not signed by ROL-service-owner; PTY-ada asked for EXC-2026-0004, so PTY-ada does not grant it",
        id="signed by who asked, and merged since",
    ),
    pytest.param(changed(scope="package"), "is not signed by ROL-service-owner", id="signed for another scope"),
    pytest.param(
        edited(scope={"records": [RELEASE, PROBLEM], "rules": ["FLT751", "CAL902"]}),
        "approves other content than the exception of EXC-2026-0004 holds now (/scope)",
        id="widened after it was signed",
    ),
    pytest.param(
        edited(expires="2026-12-19T16:00:00Z"),
        "approves other content than the exception of EXC-2026-0004 holds now (/expires)",
        id="made longer after it was signed",
    ),
    pytest.param(
        edited(requested_by="PTY-linus"),
        "approves other content than the exception of EXC-2026-0004 holds now (/requested_by)",
        id="asked for by another since",
    ),
    pytest.param(but(state="requested"), "is requested and not active", id="only requested"),
    pytest.param(but(state="draft"), "is draft and not active", id="a draft"),
    pytest.param(
        but(
            state="revoked",
            decisions=[{"at": "2026-11-19T12:00:00Z", "by": "PTY-ada", "reason": "No", "state": "revoked"}],
        ),
        "is revoked and not active",
        id="revoked",
    ),
    pytest.param(but(scope={"records": [RELEASE], "rules": ["FLT751"]}), f"does not name {PROBLEM}", id="no problem"),
    pytest.param(but(scope={"records": [PROBLEM], "rules": ["FLT751"]}), f"does not name {RELEASE}", id="no release"),
    pytest.param(
        but(scope={"records": [RELEASE, PROBLEM], "rules": ["FLT751"], "environments": ["ENV-test"]}),
        "holds in ENV-test and the gate was asked for none",
        id="of some environment, and none is named",
    ),
    pytest.param(
        but(scope={"records": [RELEASE, PROBLEM], "rules": ["FLT751"], "environments": []}),
        "holds in no environment",
        id="of no environment",
    ),
    pytest.param(but(starts="2026-11-20T12:00:01Z"), "has no force before 2026-11-20 12:00:01 UTC", id="not begun"),
    pytest.param(but(starts="2026-11-18T15:59:59Z"), "lasts 31 days, and at high risk", id="a second too long"),
    pytest.param(
        lambda case: replace(case.but(level="low"), signed=(("grace", "ROL-approver", NOON - DAY),)),
        "is not signed by ROL-service-owner and ROL-risk-owner, as PRB-2026-0013 of high severity demands",
        id="called a low risk",
    ),
    pytest.param(but(level=None), "does not count while it has a finding of its own (WVR921)", id="of no level"),
    pytest.param(but(mitigation=[]), "does not count while it has a finding of its own (WVR921)", id="no mitigation"),
    pytest.param(but(scope="FLT751"), "nothing", id="a scope that is no scope"),
    pytest.param(but(renews=EXCEPTION), "renews what cannot be followed to its start", id="renews itself"),
    pytest.param(but(renews="EXC-2026-0999"), "renews what cannot be followed to its start", id="renews nothing"),
]


@pytest.mark.parametrize(("forge", "why"), FORGED)
def test_an_exception_that_is_not_what_it_seems_does_not_help(case: Case, forge: Callable[[Case], Case], why: str):
    forged = forge(case)

    helps, told = forged.helps, forged.why_not

    assert not helps
    assert why == "nothing" or [one for one in told if why in one], told


@pytest.mark.parametrize(("forge", "why"), FORGED)
def test_a_gate_stays_blocked_by_what_it_does_not_cover(case: Case, forge: Callable[[Case], Case], why: str):
    verdict = forge(case).decide()

    assert ("blocked", "blocked") == (verdict.outcome, answer(verdict))


def test_a_gate_tells_at_the_exception_why_it_does_not_help(case: Case):
    verdict = replace(case, signed=SIGNED_BY_ONE).decide()

    [_, told] = [one for found in verdict.answers for one in found.findings]
    assert f"records/exceptions/2026/{EXCEPTION}.yaml" == told.place.path
    assert "EXC-2026-0004 does not waive FLT751 for REL-2026-0020: it is not signed by ROL-risk-owner" == told.message
    assert "ask PTY-grace or PTY-joan or PTY-linus to approve the exception" == told.fix


def test_an_exception_of_another_environment_does_not_help(case: Case):
    scope = {"records": [RELEASE, PROBLEM], "rules": ["FLT751"], "environments": ["ENV-test"]}

    told = replace(case.but(scope=scope), environment="ENV-prod").why_not

    assert ("EXC-2026-0004 holds in ENV-test and not in ENV-prod",) == told


def test_an_exception_of_this_environment_helps(case: Case):
    scope = {"records": [RELEASE, PROBLEM], "rules": ["FLT751"], "environments": ["ENV-test", "ENV-prod"]}

    assert replace(case.but(scope=scope), environment="ENV-prod").helps


@pytest.mark.parametrize(
    "code", ["SIG301", "SIG302", "DUT351", "DUT352", "LCY202", "SCH001", "GOV961", "WVR922", "CAL909", "GOV965"]
)
def test_what_is_locked_is_never_waived(case: Case, rule_finds, code: str):
    rule_finds(code, PROBLEM)
    gate = case.files["records/gates/GAT-promote.yaml"].replace("FLT751", code)
    locked = case.but(scope={"records": [RELEASE, PROBLEM], "rules": [code]})

    verdict = locked.with_file("records/gates/GAT-promote.yaml", gate).decide()

    assert "blocked" == answer(verdict, code)
    assert [f"{EXCEPTION} does not waive {code} for {RELEASE}: it cannot waive {code}: no exception may"] == [
        one for one in said(verdict, code) if one.startswith(EXCEPTION)
    ]


def test_what_is_undecided_is_never_waived(case: Case, rule_finds):
    rule_finds("FLT751", PROBLEM, undecided=True)

    verdict = case.decide()

    assert ("undecided", "undecided") == (verdict.outcome, answer(verdict))


def test_a_policy_that_names_no_signer_lets_nobody_sign(case: Case):
    policy = case.files["records/policy/POL-main.yaml"].replace("high: [ROL-service-owner, ROL-risk-owner]", "high: []")

    told = case.with_file("records/policy/POL-main.yaml", policy).why_not

    assert ("EXC-2026-0004 accepts high risk, and the policy names nobody who can sign for that",) == told


def test_a_signer_whom_no_role_record_describes_lets_nobody_sign(case: Case):
    files = {path: text for path, text in case.files.items() if "ROL-risk-owner.yaml" not in path}

    told = replace(case, files=files).why_not

    assert ("EXC-2026-0004 accepts high risk, and the policy names nobody who can sign for that",) == told
