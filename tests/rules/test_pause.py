"""FLT754: the pause of production."""

from __future__ import annotations

import pytest

PROMOTE = "REL-2026-9001 -> deploying in ENV-prod"
PLACES = """
# records/environments/ENV-prod.yaml
production: true
regulated: true
# records/environments/ENV-staging.yaml
production: false
# records/cis/CI-payments.yaml
version: 4.2.0
versions: [4.1.9]
"""
BROKEN = "id: [\n"


def release(more: str = "", *, state: str = "ready", version: str = ", version: 4.2.1") -> str:
    scope = f"scope: {{cis: [{{ci: CI-payments{version}, effect: changed}}]}}"
    return f"# records/releases/REL-2026-9001.yaml\nstate: {state}\nservice: CI-payments\n{scope}\n{more}\n{PLACES}"


def problem(more: str = "cis: [CI-payments]", *, state: str = "investigating", severity: str = "high") -> str:
    return f"\n# records/problems/PRB-2026-9001.yaml\nstate: {state}\nseverity: {severity}\n{more}\n"


def words(answer) -> list[str]:
    return [finding.message for finding in answer.findings]


def burning(more: str = "environments: [ENV-prod]", *, state: str = "investigating", severity: str = "critical") -> str:
    return problem(f"cis: [CI-payments]\n{more}", state=state, severity=severity)


def pause(words: str) -> str:
    return f"\n# records/policy/POL-own.yaml\npause: {{production: {{{words}}}}}\n"


OTHER = """
# records/releases/REL-2026-9001.yaml
state: ready
service: CI-portal
# records/cis/CI-portal.yaml
title: Portal
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(release() + burning(), id="in production"),
        pytest.param(release() + burning("environments: [ENV-staging, ENV-prod]"), id="in production too"),
        pytest.param(release() + burning("environments: []"), id="nobody said where"),
        pytest.param(release() + burning("environments: [ENV-nowhere]"), id="in a place that does not exist"),
        pytest.param(release() + burning(severity="high") + pause("severity: high"), id="by a stricter policy"),
        pytest.param(OTHER + PLACES + burning() + pause("scope: everything"), id="counted for everything"),
        pytest.param(OTHER + PLACES + burning() + pause("scope: environment"), id="counted for the environment"),
        pytest.param(
            OTHER + PLACES + burning().replace("CI-payments", "CI-cart") + "# records/cis/CI-cart.yaml\n"
            "relations: {part_of: [CI-portal]}\n", id="on a part of the service",
        ),
    ],
)  # fmt: skip
def test_grave_problem_in_production_pauses_it(ask, text):
    answer = ask("FLT754", PROMOTE, text)

    assert "blocked" == answer.outcome.value
    assert "production is paused for REL-2026-9001: 1 problem of severity" in words(answer)[0]
    assert "PRB-2026-9001 (records/problems/PRB-2026-9001.yaml:4)" in words(answer)[0]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(release() + burning("environments: [ENV-staging]"), id="in staging only"),
        pytest.param(release() + burning(severity="high"), id="one step less bad"),
        pytest.param(release() + burning(state="resolved"), id="resolved"),
        pytest.param(release() + burning() + pause("max_open: 1"), id="one may be open"),
        pytest.param(OTHER + PLACES + burning(), id="on another service"),
        pytest.param(
            OTHER + PLACES + burning("environments: [ENV-us]") + pause("scope: environment")
            + "# records/environments/ENV-us.yaml\nproduction: true\n", id="in another environment",
        ),
    ],
)  # fmt: skip
def test_problem_that_does_not_burn_here_pauses_nothing(ask, text):
    assert "met" == ask("FLT754", PROMOTE, text).outcome.value


def test_release_that_fixes_what_pauses_production_is_let_through_and_told_so(ask):
    answer = ask("FLT754", PROMOTE, release("fixes: [PRB-2026-9001]") + burning())

    assert ("met", 1) == (answer.outcome.value, len(answer.remarks))
    assert answer.remarks[0].endswith("production is paused, but this release fixes PRB-2026-9001")


def test_release_that_fixes_another_problem_is_not_let_through(ask):
    other = "# records/problems/PRB-2026-9002.yaml\nstate: fix-ready\nseverity: low\n"

    assert "blocked" == ask("FLT754", PROMOTE, release("fixes: [PRB-2026-9002]") + burning() + other).outcome.value


def test_pause_names_three_problems_and_counts_the_rest(ask):
    more = "".join(burning().replace("9001", f"901{i}") for i in range(4))

    [said] = words(ask("FLT754", PROMOTE, release() + more))

    assert "4 problems of severity critical or worse are open on its service, where 0 may be: PRB-2026-9010" in said
    assert said.endswith(" and 1 more")


def test_pause_holds_in_production_only(ask):
    answer = ask("FLT754", "REL-2026-9001 -> deploying in ENV-staging", release() + burning())

    assert ["ENV-staging is no production, so no pause holds there"] == list(answer.remarks)


def test_unreadable_problem_leaves_the_pause_undecided(ask):
    raw = {"records/problems/PRB-2026-9009.yaml": BROKEN}

    assert "undecided" == ask("FLT754", PROMOTE, release(), raw=raw).outcome.value
