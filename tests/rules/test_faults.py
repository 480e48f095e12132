"""FLT751 and FLT752: open problems on the way of a release."""

from __future__ import annotations

import pytest

PROMOTE = "REL-2026-9001 -> deploying in ENV-prod"
READY = "REL-2026-9001 -> ready"
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
BROKEN = "id: PRB-2026-9009\n  state: [\n"


def release(more: str = "", *, state: str = "ready", version: str = ", version: 4.2.1") -> str:
    scope = f"scope: {{cis: [{{ci: CI-payments{version}, effect: changed}}]}}"
    return f"# records/releases/REL-2026-9001.yaml\nstate: {state}\nservice: CI-payments\n{scope}\n{more}\n{PLACES}"


def problem(more: str = "cis: [CI-payments]", *, state: str = "investigating", severity: str = "high") -> str:
    return f"\n# records/problems/PRB-2026-9001.yaml\nstate: {state}\nseverity: {severity}\n{more}\n"


def versions(*named: str) -> str:
    listed = ", ".join(f"{{ci: CI-payments, version: {one}}}" for one in named)
    return f"cis: [CI-payments]\naffected_versions: [{listed}]"


def words(answer) -> list[str]:
    return [finding.message for finding in answer.findings]


def place(finding) -> str:
    return f"{finding.place.path.rpartition('/')[2]}:{finding.place.line}"


# FLT751: problems that hold a release up.


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(release() + problem(), id="on a component, without any version"),
        pytest.param(release() + problem(versions("4.2.0", "4.2.1")), id="in the version that is brought"),
        pytest.param(release() + problem("affected_versions: [{ci: CI-payments}]"), id="in every version"),
        pytest.param(release("known_problems: [PRB-2026-9001]") + problem("cis: []"), id="known to be in it"),
        pytest.param(
            release("known_problems: [PRB-2026-9001]") + problem(versions("4.1.9")), id="known, in another version",
        ),
        pytest.param(release() + problem(state="accepted"), id="one that somebody lives with"),
        pytest.param(release() + problem(state="fix-deployed"), id="one whose end nobody has seen yet"),
        pytest.param(
            release("fixes: [PRB-2026-9002]") + problem() + "# records/problems/PRB-2026-9002.yaml\nstate: logged\n",
            id="beside another that is fixed",
        ),
    ],
)  # fmt: skip
def test_open_problem_of_blocking_severity_blocks(ask, text):
    assert "blocked" == ask("FLT751", PROMOTE, text).outcome.value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(release() + problem(versions("4.2.0")), id="in the version before"),
        pytest.param(release() + problem(severity="medium"), id="one step less bad"),
        pytest.param(release() + problem(state="resolved"), id="resolved"),
        pytest.param(release() + problem(state="duplicate"), id="a duplicate"),
        pytest.param(release("fixes: [PRB-2026-9001]") + problem(), id="fixed by this very release"),
        pytest.param(
            release() + problem("cis: [CI-other]") + "# records/cis/CI-other.yaml\ntitle: Other\n", id="elsewhere"
        ),
    ],
)
def test_problem_that_does_not_reach_the_release_lets_it_pass(ask, text):
    answer = ask("FLT751", PROMOTE, text)

    assert ("met", ["no open problem of severity high or worse is known in it or in its 1 component"]) == (
        answer.outcome.value,
        list(answer.remarks),
    )


def test_problem_on_what_the_release_takes_away_lets_it_pass(ask):
    text = release().replace("effect: changed", "effect: retired") + problem()

    assert "met" == ask("FLT751", PROMOTE, text).outcome.value


def test_blocking_problem_is_told_with_its_line_and_three_ways_out(ask):
    [finding] = ask("FLT751", PROMOTE, release() + problem(versions("4.2.1"))).findings

    assert (
        "REL-2026-9001 brings CI-payments 4.2.1, which has PRB-2026-9001 "
        "(high, investigating, records/problems/PRB-2026-9001.yaml:4); high or worse holds up a release to production"
    ) == finding.message
    assert (
        "defer REL-2026-9001 (`opsledger transition REL-2026-9001 deferred --reason TEXT --by PARTY`), "
        "or mend PRB-2026-9001 and name it under `fixes`, "
        "or accept the risk until a day with an exception that names both "
        "(`opsledger new exception --set type=known-problem-release "
        "--set scope.records=REL-2026-9001,PRB-2026-9001 --set scope.rules=FLT751,PKG514`)"
    ) == finding.fix


def test_blocking_problem_is_told_at_the_line_that_leads_to_it(ask):
    known = release("known_problems: [PRB-2026-9001]") + problem("cis: []")
    scoped = release() + problem()

    lines = [place(finding) for text in (known, scoped) for finding in ask("FLT751", PROMOTE, text).findings]

    assert ["REL-2026-9001.yaml:12", "REL-2026-9001.yaml:8"] == lines


def test_problem_that_is_known_and_on_a_component_is_told_once(ask):
    text = release("known_problems: [PRB-2026-9001]") + problem()

    assert ["REL-2026-9001 ships with PRB-2026-9001"] == [
        one.partition(" (")[0] for one in words(ask("FLT751", PROMOTE, text))
    ]


@pytest.mark.parametrize(
    ("row", "first"),
    [
        ("{severity: high, days_at_least: 5, then: fix-first}", "by the policy, fix-first: mend"),
        ("{severity: high, days_below: 5, then: exception-or-defer}", "defer"),
        ("{severity: high, then: exception-or-defer}", "by the policy, exception-or-defer: accept"),
        ("{severity: critical, then: fix-first}", "defer"),
    ],
    ids=["days enough", "too many days", "whatever the days", "another severity"],
)
def test_decision_table_of_the_policy_says_which_way_out_comes_first(ask, row, first):
    table = f"# records/policy/POL-own.yaml\nblocking: {{decision_table: [{row}]}}\n"
    [finding] = ask(
        "FLT751", f"{PROMOTE} at 2026-03-01T12:00:00Z",
        release('plan: {end: "2026-03-06T12:00:00Z"}') + problem() + table,
    ).findings  # fmt: skip

    assert finding.fix.startswith(first)


def test_environment_that_is_no_production_waits_for_critical_problems_only(ask):
    asked = "REL-2026-9001 -> deploying in ENV-staging"

    assert "met" == ask("FLT751", asked, release() + problem()).outcome.value
    assert "blocked" == ask("FLT751", asked, release() + problem(severity="critical")).outcome.value


def test_policy_says_from_which_severity_on_a_problem_holds_up(ask):
    strict = "# records/policy/POL-own.yaml\nblocking: {production: {severity: low}}\n"

    assert "blocked" == ask("FLT751", PROMOTE, release() + problem(severity="low") + strict).outcome.value


@pytest.mark.parametrize(
    ("places", "outcome"),
    [
        ("[ENV-staging]", "met"),
        ("[ENV-staging, ENV-prod]", "blocked"),
        ("[]", "blocked"),
        ("[ENV-nowhere]", "blocked"),
    ],
    ids=["staging only", "production too", "nobody knows", "a place that does not exist"],
)
def test_gate_without_an_environment_judges_for_the_strictest_of_the_rollout(ask, places, outcome):
    groups = ", ".join(f"{{id: g{i}, environment: {one}}}" for i, one in enumerate(places[1:-1].split(", ")) if one)
    rollout = f"rollout: {{model: phased, groups: [{groups}]}}"

    assert outcome == ask("FLT751", READY, release(rollout, state="accepted") + problem()).outcome.value


def test_unreadable_problem_leaves_it_undecided(ask):
    answer = ask("FLT751", PROMOTE, release(), raw={"records/problems/PRB-2026-9009.yaml": BROKEN})

    assert ("undecided", "PRB-2026-9009.yaml:1") == (answer.outcome.value, place(answer.findings[0]))


@pytest.mark.parametrize("more", ["cis: CI-payments", "severity: terrible", "affected_versions: 4.2.1"])
def test_problem_whose_schema_refuses_what_it_says_leaves_it_undecided(ask, more):
    raw = {"records/problems/PRB-2026-9009.yaml": f"id: PRB-2026-9009\ntitle: T\nstate: logged\n{more}\n"}

    assert "undecided" == ask("FLT751", PROMOTE, release(), raw=raw).outcome.value


def test_misspelt_word_elsewhere_in_a_problem_decides_nothing(ask):
    raw = {"records/problems/PRB-2026-9009.yaml": "id: PRB-2026-9009\ntitle: T\nstate: logged\nseverity: low\nx: 1\n"}

    assert "met" == ask("FLT751", PROMOTE, release(), raw=raw).outcome.value


def test_component_whose_version_nobody_says_leaves_it_undecided(ask):
    answer = ask("FLT751", PROMOTE, release(version="") + problem(versions("4.2.0")))

    assert ("undecided", ["PRB-2026-9001 is in 4.2.0 of CI-payments, and which version is brought is not said"]) == (
        answer.outcome.value,
        words(answer),
    )


def test_block_outranks_a_file_that_cannot_be_read(ask):
    raw = {"records/problems/PRB-2026-9009.yaml": BROKEN}

    assert "blocked" == ask("FLT751", PROMOTE, release() + problem(), raw=raw).outcome.value


def test_deployment_is_asked_about_the_release_that_it_brings(ask):
    deployment = "# records/deployments/DEP-2026-9001abcd.yaml\nstate: planned\nrelease: REL-2026-9001\n"
    asked = "DEP-2026-9001abcd -> authorised in ENV-prod"

    [finding] = ask("FLT751", asked, deployment + release() + problem()).findings

    assert "REL-2026-9001.yaml:8" == place(finding)


def test_deployment_of_a_release_that_cannot_be_read_is_undecided(ask):
    deployment = "# records/deployments/DEP-2026-9001abcd.yaml\nstate: planned\nrelease: REL-2026-9001\n"
    raw = {"records/releases/REL-2026-9001.yaml": BROKEN}

    answer = ask("FLT751", "DEP-2026-9001abcd -> authorised in ENV-prod", deployment + PLACES, raw=raw)

    assert "undecided" == answer.outcome.value


# FLT752: fixes that were tried before going live.


PACKED = 'fixes: [PRB-2026-9001]\npackage: {digest: "sha256:%s"}' % ("0" * 64)


def tried(more: str = "", *, where: str = "ENV-staging", evidence: str = "EVD-2026-9001abcd") -> str:
    stated = f"closure_verification: {{environment: {where}, evidence: {evidence}}}"
    result = f"\n# records/evidence/EVD-2026-9001abcd.yaml\n{more or 'result: passed'}\n"
    return problem(stated, state="fix-ready") + result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (problem(state="fix-ready"), "it names no trial before going live that shows it"),
        (tried(where="ENV-prod"), "in ENV-prod, which does not say that it is no production"),
        (tried(where="ENV-nowhere"), "in ENV-nowhere, which does not say that it is no production"),
        (tried(evidence="EVD-2026-0000abcd"), "no result of that is stored"),
        (tried("result: failed"), "whose result is failed"),
        (tried("result: not-run"), "whose result is not-run"),
        (tried("result: passed\nenvironment: ENV-prod"), "which was made in ENV-prod and not in ENV-staging"),
        (tried(f'result: passed\npackage_digest: "sha256:{"1" * 64}"'), "which speaks of another package"),
    ],
    ids=[
        "nothing",
        "production",
        "a place of nothing",
        "no result",
        "failed",
        "not run",
        "made elsewhere",
        "other package",
    ],
)
def test_fix_that_nobody_tried_outside_production_is_told(ask, text, expected):
    answer = ask("FLT752", PROMOTE, release(PACKED) + text)

    assert "blocked" == answer.outcome.value
    assert expected in words(answer)[0]
    assert answer.findings[0].place.path == "records/problems/PRB-2026-9001.yaml"


@pytest.mark.parametrize(
    "more",
    [
        "result: passed",
        "result: passed-with-issues",
        "result: passed\nenvironment: ENV-staging",
        f'result: passed\npackage_digest: "sha256:{"0" * 64}"',
    ],
)
def test_fix_that_passed_in_staging_is_met_by_its_result(ask, more):
    answer = ask("FLT752", PROMOTE, release(PACKED) + tried(more))

    assert "met" == answer.outcome.value
    assert answer.remarks[0].startswith("PRB-2026-9001 was shown to be gone in ENV-staging by EVD-2026-9001abcd")


def test_fix_that_nobody_tried_is_a_warning_where_no_regulator_looks(ask):
    text = (release(PACKED) + problem(state="fix-ready")).replace("regulated: true", "regulated: false")

    assert "warned" == ask("FLT752", PROMOTE, text).outcome.value


def test_release_that_fixes_nothing_has_nothing_to_show(ask):
    assert "met" == ask("FLT752", PROMOTE, release() + problem()).outcome.value


@pytest.mark.parametrize("file", ["problems/PRB-2026-9001", "evidence/EVD-2026-9001abcd"])
def test_fix_whose_records_cannot_be_read_is_undecided(ask, file):
    answer = ask("FLT752", PROMOTE, release(PACKED) + tried(), raw={f"records/{file}.yaml": "id: [\n"})

    assert "undecided" == answer.outcome.value


@pytest.mark.parametrize(
    ("path", "outcome"), [("change", "warned"), ("patch", "warned"), ("risk_accepted", "met"), ("process", "met")]
)
def test_problem_that_work_ended_is_closed_by_a_trial_only(ask, path, outcome):
    ended = problem(f'resolution: {{path: {path}, resolved: "2026-02-01T10:00:00Z"}}', state="resolved")

    assert outcome == ask("FLT752", "PRB-2026-9001 -> closed", ended).outcome.value
