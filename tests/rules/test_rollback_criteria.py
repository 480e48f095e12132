"""DPL705: what would make a release be taken back, and what was seen."""

from __future__ import annotations

import pytest

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
CRITERIA = "{id: repeats, criterion: It comes back., measure: repeat-share, above: 0.05, problem: PRB-2026-9001}"
LEAST = "{id: served, criterion: Too few are served., measure: served, below: 10}"


def release(state="deploying", size="small", risk="low", model="canary", criteria=CRITERIA, more="") -> str:
    listed = f", rollback_criteria: [{criteria}]" if criteria else ""
    return (
        f"# records/releases/2026/REL-2026-9001.yaml\nstate: {state}\nsize_class: {size}\nrisk: {risk}\n"
        f"rollout: {{model: {model}{listed}}}\npackage: {{digest: '{A}'}}\n{more}\n"
        "# records/problems/2026/PRB-2026-9001.yaml\nstate: logged\n"
        "# records/problems/2026/PRB-2026-9002.yaml\nstate: logged\n"
    )


def seen(*observations: str, state="verifying", package=A) -> str:
    listed = ", ".join(f"{{at: '2026-03-01T09:00:00Z', {one}}}" for one in observations)
    return (
        f"# records/deployments/2026/DEP-2026-a1b1.yaml\nstate: {state}\nrelease: REL-2026-9001\n"
        f"package_digest: '{package}'\nobservations: [{listed}]\n"
    )


READY = "# asks: REL-2026-9001 -> ready\n"
VERIFY = "# asks: REL-2026-9001 -> early-life-support\n"
NEXT = (
    "# asks: DEP-2026-a1b2 -> in-progress\n"
    "# records/deployments/2026/DEP-2026-a1b2.yaml\nstate: authorised\nrelease: REL-2026-9001\n"
)


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        pytest.param({"size": "medium", "model": "rolling"}, "is medium", id="medium"),
        pytest.param({"size": "large", "model": "rolling"}, "is large", id="large"),
        pytest.param({"risk": "high", "model": "rolling"}, "is of risk high", id="high risk"),
        pytest.param({"risk": "critical", "model": "rolling"}, "is of risk critical", id="critical risk"),
        pytest.param({}, "goes out as a canary", id="a canary"),
        pytest.param({"risk": "medium", "model": "rolling"}, "", id="small, and medium risk"),
    ],
)
def test_who_must_say_when_it_is_taken_back(answer, stated, why):
    ready = answer(READY + release("accepted", criteria="", **stated), "DPL705")
    following = answer(NEXT + release(criteria="", **stated), "DPL705")

    assert [bool(why)] * 2 == [bool(said.findings) for said in (ready, following)]
    wanted = [f"REL-2026-9001 {why}, and does not say what would make it be taken back"] if why else []
    assert wanted == [one.message for one in following.findings]


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        pytest.param("criterion: repeats, value: 0.08", "0.08 was seen, and 0.05 is the most", id="above"),
        pytest.param("measure: repeat-share, value: 0.0500001", "0.05 is the most", id="by its measure"),
        pytest.param("criterion: served, value: 9", "9 was seen, and 10 is the least", id="below"),
        pytest.param("problem: PRB-2026-9001", "PRB-2026-9001 was seen again", id="the problem came back"),
        pytest.param("criterion: repeats, value: 0, problem: PRB-2026-9001", "was seen again", id="within, but back"),
        pytest.param("problem: PRB-2026-9002", "is there to mend it", id="what it mends came back"),
    ],
)
@pytest.mark.parametrize("asks", [READY, VERIFY, NEXT], ids=["ready", "verify", "next group"])
def test_a_limit_that_was_broken_stops_every_gate(answer, asks, observation, words):
    state = "accepted" if asks == READY else "deploying"
    fixes = "fixes: [PRB-2026-9002]"

    said = answer(asks + release(state, criteria=f"{CRITERIA}, {LEAST}", more=fixes) + seen(observation), "DPL705")

    assert ("blocked", True) == (said.outcome.value, words in said.findings[0].message), said.findings


def test_a_broken_limit_names_value_limit_time_and_line_and_says_roll_back(answer):
    said = answer(VERIFY + release() + seen("criterion: repeats, value: 0.08"), "DPL705").findings[0]

    assert (
        "repeats is broken: 0.08 was seen, and 0.05 is the most in DEP-2026-a1b1 on 2026-03-01 09:00 UTC, "
        "records/deployments/2026/DEP-2026-a1b1.yaml:9",
        "roll it back: `opsledger deploy rollback DEP-2026-a1b1 --reason TEXT`",
    ) == (said.message, said.fix)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(seen("criterion: repeats, value: 0.05"), id="exactly at the limit"),
        pytest.param(seen("criterion: served, value: 10"), id="exactly at the least"),
        pytest.param(seen("measure: other, value: 99"), id="another measure"),
        pytest.param(seen("note: It is quiet."), id="nothing measured"),
        pytest.param(seen("problem: PRB-2026-9002"), id="a problem that nobody watches"),
        pytest.param(seen("criterion: repeats, value: 0.08", package=B), id="another package"),
    ],
)
def test_what_keeps_within_the_limits_passes(answer, text):
    assert "met" == answer(VERIFY + release(criteria=f"{CRITERIA}, {LEAST}") + text, "DPL705").outcome.value


def test_a_package_that_was_taken_back_does_not_go_on_elsewhere(answer):
    said = answer(NEXT + release() + seen("criterion: repeats, value: 0.08", state="backed-out"), "DPL705")

    assert ("blocked", "it was taken back; mend what was seen and build another package") == (
        said.outcome.value,
        said.findings[0].fix,
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(seen("criterion: misspelt, value: 0.08"), id="a criterion that nobody stated"),
        pytest.param(seen("criterion: repeats"), id="a criterion without a value"),
        pytest.param(seen("criterion: repeats, value: '0.08'", state="succeeded"), id="a value that is no number"),
        pytest.param(seen("measure: repeat-share, value: '0.08'"), id="a measure that is no number"),
        pytest.param(seen().replace("[]", "a lot"), id="observations that are no list"),
        pytest.param("# raw: records/deployments/2026/DEP-2026-dead.yaml\nstate: [\n", id="a file that cannot be read"),
    ],
)
def test_what_cannot_be_judged_leaves_it_undecided(answer, text):
    assert "undecided" == answer(VERIFY + release() + text, "DPL705").outcome.value
