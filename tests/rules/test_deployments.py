"""The rules about what may be deployed, and in which order: beside the examples of their pages."""

from __future__ import annotations

import pytest
from tests.rules.rollouts import (
    GATE,
    NEXT,
    NO_FILE,
    PLACES,
    SECOND,
    VERIFY,
    B,
    asked,
    deployment,
    kept,
    messages,
    release,
    verdict,
)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param("", "carries no verdict", id="no verdict"),
        pytest.param(verdict(outcome="blocked"), "says blocked", id="it said no"),
        pytest.param(verdict(outcome="undecided"), "says undecided", id="it did not know"),
        pytest.param(verdict(environment="ENV-staging"), "for ENV-staging", id="for another environment"),
        pytest.param(verdict(package_digest=B), f"for {B}", id="for another package"),
        pytest.param(verdict(group="us"), "for us", id="for another group"),
        pytest.param(verdict(subject="REL-2026-9002"), "for REL-2026-9002", id="for another release"),
        pytest.param(verdict(gate="plan"), "stands before no deployment", id="of another gate"),
        pytest.param(verdict(digest=B), "changed after it was given", id="changed since"),
        pytest.param(verdict() + "started: '2026-03-01T07:59:59Z'", "began on", id="asked a second too late"),
    ],
)
def test_a_deployment_that_nobody_let_through_is_found(answer, more, words):
    text = VERIFY + release() + deployment(more=more) + PLACES + GATE
    other = "# records/releases/2026/REL-2026-9002.yaml\nstate: draft\n"

    said = answer(text + other, "DPL701")

    assert ("blocked", True) == (said.outcome.value, words in said.findings[0].message), messages(said)


def test_a_verdict_that_was_kept_as_it_was_given_counts(answer):
    began = "started: '2026-03-01T08:00:00Z'"

    said = answer(VERIFY + release() + deployment(more=kept() + began) + PLACES + GATE, "DPL701")

    assert ("met", "DEP-2026-a1b1 was let through by promote as of 2026-03-01T08:00:00Z") == (
        said.outcome.value,
        said.remarks[0],
    )


BROKEN = (
    "break_glass: {reason: It burns, by: PTY-ada, at: '2026-03-01T08:00:00Z', owed_until: '2026-03-02T08:00:00Z'}\n"
)
ADA = "# records/parties/PTY-ada.yaml\ntype: person\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(deployment(more=BROKEN) + ADA, id="broken glass, with its debt"),
        pytest.param(deployment(state="planned"), id="not let through yet"),
        pytest.param(deployment(state="cancelled"), id="never done"),
        pytest.param(deployment(place="ENV-staging"), id="not to users"),
    ],
)
def test_a_deployment_that_needs_no_verdict_is_not_found(answer, text):
    assert "met" == answer(VERIFY + release() + text + PLACES, "DPL701").outcome.value


def test_a_pilot_needs_no_verdict_within_its_days(answer):
    pilot = "pilot: {environment: ENV-prod-eu, start: '2026-02-01T00:00:00Z', end: '2026-02-08T00:00:00Z'}\n"
    begun = ("2026-02-08T00:00:00Z", "2026-02-08T00:00:01Z")

    outcomes = [
        answer(VERIFY + release(more=pilot) + deployment(more=f"started: '{at}'") + PLACES, "DPL701").outcome.value
        for at in begun
    ]

    assert ["met", "blocked"] == outcomes


@pytest.mark.parametrize(
    ("state", "more", "expected"),
    [
        pytest.param("accepted", "", "blocked", id="not ready"),
        pytest.param("suspended", "", "blocked", id="stopped"),
        pytest.param("ready", "", "met", id="ready"),
        pytest.param("superseded", "reason: rollback", "met", id="an older one comes back"),
    ],
)
def test_a_deployment_is_let_to_users_once_its_release_is_ready(answer, state, more, expected):
    text = asked("DEP-2026-a1b1", "authorised") + release(state) + deployment(state="planned", more=more) + PLACES

    assert expected == answer(text, "DPL701").outcome.value


def test_a_deployment_that_cannot_be_read_leaves_it_undecided(answer):
    text = VERIFY + release() + deployment(more=verdict()) + PLACES

    unread = NO_FILE.format("deployments/2026/DEP-2026-dead")

    assert ["met", "undecided"] == [answer(one, "DPL701").outcome.value for one in (text, text + unread)]


def of_step(before: str, after: str) -> str:
    """A step from one text to another, each about the same records."""
    both = ((before, "base"), (after, "head"))
    return "\n".join(text.replace("# records/", f"# {side}: records/") for text, side in both)


@pytest.mark.parametrize(
    ("before", "after", "is_found"),
    [
        pytest.param(deployment(state="planned"), deployment(state="authorised"), True, id="moved without"),
        pytest.param("", deployment(), True, id="brought without"),
        pytest.param(
            deployment(more=verdict(environment="ENV-prod-eu")),
            deployment(place="ENV-prod-us", more=verdict(environment="ENV-prod-eu")),
            True,
            id="sent elsewhere afterwards",
        ),
        pytest.param(deployment(), deployment(more="outcome: successful"), False, id="an old one that is written on"),
        pytest.param(deployment(state="planned"), deployment(state="authorised", more=kept()), False, id="let through"),
        pytest.param("", deployment(place="ENV-staging"), False, id="brought, and not to users"),
    ],
)
def test_every_push_that_brings_a_deployment_is_held_against_its_verdict(book, before, after, is_found):
    ground = release("deploying") + PLACES

    said = book(of_step(before + ground, after + ground))

    assert is_found == ("DPL701" in said.codes), [one.message for one in said.findings]


def test_every_push_that_brings_a_release_to_users_too_early_is_found(book):
    ground = release("building") + PLACES
    after = deployment(state="authorised", more=kept())

    said = [one.message for one in book(of_step(ground, after + ground)).findings if one.code == "DPL701"]

    assert ["DEP-2026-a1b1 goes to users, and REL-2026-9001 is building and not ready"] == said


@pytest.mark.parametrize(
    ("size", "text", "expected"),
    [
        pytest.param("medium", "", "nothing of REL-2026-9001 is deployed there", id="nothing there"),
        pytest.param("medium", deployment(state="succeeded"), "DEP-2026-a1b1 there is succeeded", id="not signed off"),
        pytest.param("medium", deployment(state="verifying"), "DEP-2026-a1b1 there is verifying", id="under way"),
        pytest.param("medium", deployment(state="backed-out"), "DEP-2026-a1b1 there is backed-out", id="taken back"),
        pytest.param("medium", deployment(state="signed-off", package=B), "nothing of", id="another package"),
        pytest.param("small", deployment(state="verifying"), "DEP-2026-a1b1 there is verifying", id="small, under way"),
        pytest.param("small", deployment(state="succeeded"), "", id="small, succeeded"),
        pytest.param("medium", deployment(state="signed-off"), "", id="signed off"),
        pytest.param("medium", deployment(state="handed-over"), "", id="handed over"),
    ],
)
@pytest.mark.parametrize("groups", ["two", "unnumbered"])
def test_a_group_waits_for_those_before_it(answer, size, text, expected, groups):
    said = answer(NEXT + release(size=size, groups=groups) + SECOND + text + PLACES, "DPL702")

    assert ("blocked" if expected else "met") == said.outcome.value
    assert expected in "".join(messages(said))


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(deployment("a1b2", "authorised", "ENV-prod-us"), "blocked", id="the only group there is meant"),
        pytest.param(deployment("a1b2", "authorised", "ENV-prod-us", "group: asia"), "blocked", id="no such group"),
        pytest.param(deployment("a1b2", "authorised", "ENV-prod-us", "group: eu"), "blocked", id="it runs elsewhere"),
        pytest.param(deployment("a1b2", "authorised", "ENV-staging"), "met", id="outside the rollout"),
        pytest.param(deployment("a1b2", "authorised", "ENV-prod-eu", "group: eu"), "met", id="the first one"),
        pytest.param(
            deployment("a1b2", "authorised", "ENV-prod-us", "group: us\nreason: rollback"), "met", id="on the way back"
        ),
    ],
)
def test_which_group_is_meant(answer, second, expected):
    assert expected == answer(NEXT + release(groups="two") + second + PLACES, "DPL702").outcome.value


PROMOTE = asked("REL-2026-9001", "deploying", "{}")


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        pytest.param("ENV-prod-eu", "", "blocked", id="deployed nowhere"),
        pytest.param("ENV-prod-eu", deployment(place="ENV-staging", state="verifying"), "blocked", id="not done there"),
        pytest.param("ENV-prod-eu", deployment(place="ENV-staging", package=B), "blocked", id="another package"),
        pytest.param("ENV-prod-us", deployment(place="ENV-staging"), "blocked", id="two steps at once"),
        pytest.param("ENV-prod-us", deployment(), "met", id="proven one step below"),
        pytest.param("ENV-prod-eu", deployment(place="ENV-staging"), "met", id="proven on staging"),
        pytest.param("ENV-staging", "", "met", id="the lowest step"),
        pytest.param("ENV-perf", "", "met", id="on no ladder"),
        pytest.param(
            "ENV-prod-eu",
            deployment(place="ENV-staging") + NO_FILE.format("environments/ENV-dead"),
            "undecided",
            id="a step that cannot be read",
        ),
    ],
)
def test_a_package_climbs_step_by_step(answer, place, text, expected):
    perf = "# records/environments/ENV-perf.yaml\nstate: active\n"

    assert expected == answer(PROMOTE.format(place) + release("ready") + text + PLACES + perf, "DPL709").outcome.value


def test_one_of_several_places_on_a_step_is_enough(answer):
    twin = "# records/environments/ENV-twin.yaml\nstate: active\nladder: {position: 2}\n"
    text = PROMOTE.format("ENV-prod-eu") + release("ready") + deployment(place="ENV-twin") + PLACES + twin

    assert "met" == answer(text, "DPL709").outcome.value


def test_a_step_that_is_out_of_use_is_passed_over(answer):
    text = PROMOTE.format("ENV-prod-eu") + release("ready") + PLACES.replace("state: active", "state: retired", 1)

    assert ("met", ("ENV-prod-eu is the lowest step of its ladder",)) == (
        answer(text, "DPL709").outcome.value,
        answer(text, "DPL709").remarks,
    )
