"""The rules about what is checked and written down after a deployment: beside the examples of their pages."""

from __future__ import annotations

import pytest
from tests.rules.rollouts import (
    FIRST,
    NEXT,
    NO_FILE,
    PLACES,
    SECOND,
    VERIFY,
    A,
    B,
    asked,
    deployment,
    messages,
    release,
)


def test_the_group_before_must_be_verified(answer):
    ground = NEXT + release(groups="two") + SECOND + PLACES
    failed = FIRST.replace("passed", "failed")

    said = [answer(ground + deployment(state="signed-off", more=one), "DPL703") for one in (FIRST, failed, "group: eu")]

    assert [
        [],
        ["in DEP-2026-a1b1, It answers failed"],
        ["nobody checked DEP-2026-a1b1 afterwards"],
    ] == [messages(one) for one in said]


POLICY = "# records/policy/POL-example.yaml\nverification: {audiences: [users, operations], synthetic_within: 30m}\n"


def checks(*more: str) -> str:
    return "ended: '2026-03-01T09:00:00Z'\nverification: [%s]" % ", ".join(  # noqa: UP031
        f"{{check: c{place}, result: passed, {one}}}" for place, one in enumerate(more)
    )


USERS, OPERATIONS = "type: audience, audience: users", "type: audience, audience: operations"
PATH = "type: synthetic, at: '2026-03-01T09:30:00Z'"


@pytest.mark.parametrize(
    ("size", "place", "verified", "expected"),
    [
        pytest.param("medium", "ENV-prod-eu", (USERS, OPERATIONS, PATH), [], id="everybody was asked"),
        pytest.param("small", "ENV-prod-eu", ("type: smoke",), [], id="a small release"),
        pytest.param(
            "large",
            "ENV-prod-eu",
            (USERS, PATH),
            ["no confirmation of DEP-2026-a1b1 by operations, which the policy asks for"],
            id="one audience is missing",
        ),
        pytest.param(
            "medium",
            "ENV-prod-eu",
            (USERS, "type: audience", PATH),
            ["no confirmation of DEP-2026-a1b1 by operations, which the policy asks for"],
            id="nobody knows who looked",
        ),
        pytest.param(
            "medium",
            "ENV-prod-eu",
            (USERS, OPERATIONS, "type: synthetic, at: '2026-03-01T09:30:01Z'"),
            [
                "no played-through path of DEP-2026-a1b1 had passed by 2026-03-01 09:30 UTC: "
                "the first one is of 2026-03-01 09:30:01 UTC"
            ],
            id="a path, one second late",
        ),
        pytest.param(
            "medium",
            "ENV-prod-eu",
            (USERS, OPERATIONS, "type: synthetic"),
            ["no played-through path of DEP-2026-a1b1 had passed by 2026-03-01 09:30 UTC: there is none with a time"],
            id="a path, and nobody knows when",
        ),
    ],
)
def test_who_must_have_looked(answer, size, place, verified, expected):
    text = VERIFY + release(size=size) + deployment(place=place, more=checks(*verified)) + PLACES + POLICY

    assert expected == messages(answer(text, "DPL703"))


def test_a_group_where_nothing_succeeded_is_found(answer):
    text = VERIFY + release(size="small", groups="two") + deployment(more=FIRST) + PLACES

    assert ["no deployment of the package of REL-2026-9001 to group us in ENV-prod-us succeeded"] == messages(
        answer(text, "DPL703")
    )


@pytest.mark.parametrize("code", ["DPL703", "TES613"])
def test_a_release_without_groups_is_never_verified(answer, code):
    assert "blocked" == answer(VERIFY + release(groups="none") + PLACES, code).outcome.value


def test_a_check_that_rests_on_a_failed_result_does_not_hold(answer):
    more = "verification: [{check: It pays, type: smoke, result: passed, evidence: EVD-2026-a1b2}]"
    stored = "# records/evidence/2026/EVD-2026-a1b2.yaml\ntype: smoke\nresult: {}\n"
    ground = VERIFY + release(size="small") + deployment(more=more) + PLACES

    said = [answer(ground + stored.format(result), "DPL703") for result in ("passed", "failed")]

    assert [[], ["in DEP-2026-a1b1, It pays is called passed, but EVD-2026-a1b2 is failed"]] == [
        messages(one) for one in said
    ]


SMOKE = "started: '2026-03-01T08:00:00Z'\nverification: [{check: It answers, type: smoke, result: %s}]"
STORED = """
# records/evidence/2026/EVD-2026-a1b2.yaml
type: {type}
environment: {place}
package_digest: "{package}"
at: "{at}"
result: {result}
"""


def stored(type="smoke", place="ENV-prod-eu", package=A, at="2026-03-01T08:00:00Z", result="passed") -> str:
    return STORED.format(type=type, place=place, package=package, at=at, result=result)


LOOKED = "started: '2026-03-01T08:00:00Z'\nverification: [{check: Ten looked, type: audience, result: passed}]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(deployment(more=SMOKE % "passed"), "met", id="it answers"),
        pytest.param(deployment(more=SMOKE % "not-run"), "blocked", id="not tried"),
        pytest.param(deployment(more=LOOKED), "blocked", id="only looked at"),
        pytest.param(deployment(more=LOOKED) + stored(), "met", id="a stored result"),
        pytest.param(deployment(more=LOOKED) + stored(at="2026-03-01T07:59:59Z"), "blocked", id="of before it began"),
        pytest.param(deployment(more=LOOKED) + stored(place="ENV-staging"), "blocked", id="of another place"),
        pytest.param(deployment(more=LOOKED) + stored(package=B), "blocked", id="of another package"),
        pytest.param(deployment(more=LOOKED) + stored(type="test-run"), "blocked", id="of another sort"),
        pytest.param(deployment(more=LOOKED) + stored(result="failed"), "blocked", id="a stored failure"),
        pytest.param(deployment(state="verifying", more=SMOKE % "passed"), "blocked", id="not there yet"),
        pytest.param(
            deployment(more=SMOKE % "passed") + NO_FILE.format("evidence/2026/EVD-2026-dead"), "undecided", id="unread"
        ),
    ],
)
def test_each_group_needs_a_smoke_test(answer, text, expected):
    assert expected == answer(VERIFY + release() + text + PLACES, "TES613").outcome.value


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        pytest.param("pays", [], id="by its name"),
        pytest.param("smoke/test_pays", [], id="by a part of it"),
        pytest.param(
            "answers", ["the smoke test pays of CI-payments has not passed after DEP-2026-a1b1"], id="another"
        ),
    ],
)
def test_each_smoke_test_of_a_component_must_have_passed(answer, check, expected):
    scope = "scope: {cis: [{ci: CI-payments}]}\n"
    ci = "# records/cis/CI-payments.yaml\nsmoke_tests: [{id: pays, test: It pays.}]\n"
    brought = deployment(more=(SMOKE % "passed").replace("It answers", check))

    assert expected == messages(answer(VERIFY + release(more=scope) + brought + ci + PLACES, "TES613"))


@pytest.mark.parametrize(
    ("state", "expected"), [("succeeded", 1), ("handed-over", 1), ("verifying", 0), ("failed", 0), ("backed-out", 0)]
)
def test_every_check_refuses_a_success_that_does_not_answer(book, state, expected):
    said = book(release() + deployment(state=state, more=SMOKE % "failed") + PLACES)

    assert expected == said.codes.count("TES613")


def test_a_success_that_does_not_answer_is_found_at_its_result(book):
    said = [one for one in book(release() + deployment(more=SMOKE % "failed") + PLACES).seen if "TES613" in one]

    assert ["TES613 DEP-2026-a1b1: failed"] == said


CI = "# records/cis/CI-payments.yaml\nversion: {}\nversions: [4.2.0, 4.2.1, 4.2.2]\n"
SCOPE = "scope: {cis: [{ci: CI-payments, version: 4.2.1}]}\n"
PENDING = "pending: {version: 4.2.1, release: REL-2026-9001}\n"
ENDED = "ended: '2026-02-28T12:00:00Z'"


@pytest.mark.parametrize(
    ("after", "at", "ci", "expected"),
    [
        pytest.param("closed", "12:00:00", CI.format("4.2.0"), "blocked", id="behind"),
        pytest.param("closed", "12:00:00", CI.format("4.2.1") + PENDING, "blocked", id="still waiting"),
        pytest.param("closed", "12:00:00", CI.format("4.2.1"), "met", id="shown"),
        pytest.param("closed", "12:00:00", CI.format("4.2.2"), "met", id="a later one runs"),
        pytest.param("closed", "12:00:00", CI.format("4.3.0"), "blocked", id="one that nobody listed"),
        pytest.param("early-life-support", "12:00:00", CI.format("4.2.0"), "met", id="within the day"),
        pytest.param("early-life-support", "12:00:01", CI.format("4.2.0"), "blocked", id="one second more"),
        pytest.param("early-life-support", "12:00:01", CI.format("4.2.1") + PENDING, "blocked", id="waiting too long"),
        pytest.param("closed", "12:00:00", NO_FILE.format("cis/CI-payments"), "undecided", id="unread"),
    ],
)
def test_components_show_what_runs(answer, after, at, ci, expected):
    state = "early-life-support" if after == "closed" else "deploying"
    asks = asked("REL-2026-9001", after, at=f"2026-03-01T{at}Z")

    said = answer(asks + release(state, more=SCOPE) + deployment(more=ENDED) + ci + PLACES, "DPL704")

    assert expected == said.outcome.value, messages(said)


def test_what_a_component_lacks_names_both_versions_and_stands_in_its_record(answer):
    asks = asked("REL-2026-9001", "closed")

    said = answer(asks + release("early-life-support", more=SCOPE) + CI.format("4.2.0") + PLACES, "DPL704").findings[0]

    assert ("records/cis/CI-payments.yaml", "REL-2026-9001 brought CI-payments 4.2.1, and its record says 4.2.0") == (
        said.place.path,
        said.message,
    )


@pytest.mark.parametrize(("to", "expected"), [("3.0.15", "met"), ("3.0.16", "blocked")])
def test_components_show_what_was_patched(answer, to, expected):
    patch = (
        "# records/patches/2026/PAT-2026-9001.yaml\nstate: deployed\nversions: [{ci: CI-openssl, to: 3.0.15}]\n"
        "# records/cis/CI-openssl.yaml\nversion: 3.0.15\n"
    )

    assert (
        expected
        == answer(asked("PAT-2026-9001", "verified") + patch.replace("to: 3.0.15", f"to: {to}"), "DPL704").outcome.value
    )


@pytest.mark.parametrize("state", ["closed", "cancelled", "superseded", "ready"])
def test_a_component_does_not_wait_for_what_is_over(book, state):
    text = release(state, more="version: 4.2.1\n") + CI.format("4.2.0") + PENDING + PLACES

    assert (state != "ready") == ("DPL704" in book(text).codes)


def test_a_group_where_nothing_is_yet_is_told_by_one_code_only(answer):
    text = VERIFY + release(size="small") + PLACES

    alone, beside = answer(text, "TES613"), answer(text, "TES613", "DPL703")

    assert ["blocked", "met", "blocked"] == [
        alone.outcome.value,
        beside.outcome.value,
        answer(text, "DPL703", "TES613").outcome.value,
    ]
