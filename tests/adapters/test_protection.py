"""What each forge says of the protection of a branch: enforced, missing, or not known and then never good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.adapters.conftest import ConnectionLost, Script, said
from tests.adapters.payload import payload

from opsledger.adapters.forges import Outcome, protection
from opsledger.errors import Undecided

Made = Callable[[Mapping[str, Any]], Script]
HOSTS = {
    "github": "github.com",
    "gitlab": "gitlab.com",
    "forgejo": "codeberg.org",
    "gitea": "gitea.com",
    "bitbucket": "bitbucket.org",
}
NAMES = {"protection", "pull-request", "required-check", "code-owners", "stale-reviews", "bypass", "force-push",
         "deletion", "merge-queue"}  # fmt: skip
CLASSIC = "GET /repos/kestrel-pay/ledger/branches/main/protection"
RULES = "GET /repos/kestrel-pay/ledger/rules/branches/main?per_page=100"
REPOSITORY = "GET /repos/kestrel-pay/ledger"
RULESET = "GET /repos/kestrel-pay/ledger/rulesets/42"
SETTINGS = "GET /projects/kestrel-pay%2Fledger"
BRANCHES = f"{SETTINGS}/protected_branches?per_page=100"
APPROVALS = f"{SETTINGS}/approvals"
GITEA = "GET /repos/kestrel-pay/ledger/branch_protections"
BITBUCKET = "GET /repositories/kestrel-pay/ledger/branch-restrictions?pagelen=100"

ADMIN = {"permissions": {"admin": True}}
WHOLE_RULES = [
    {"type": "pull_request", "ruleset_id": 42, "parameters": {
        "dismiss_stale_reviews_on_push": True, "require_code_owner_review": True, "require_last_push_approval": True}},
    {"type": "required_status_checks", "ruleset_id": 42, "parameters": {
        "strict_required_status_checks_policy": True, "required_status_checks": [{"context": "opsledger"}]}},
    {"type": "non_fast_forward", "ruleset_id": 42}, {"type": "deletion", "ruleset_id": 42},
]  # fmt: skip
NOBODY = {"id": 42, "bypass_actors": []}
GOOD = {CLASSIC: said({"message": "Branch not protected"}, 404), REPOSITORY: ADMIN, RULES: WHOLE_RULES, RULESET: NOBODY}


def outcomes(forge: Script, sort: str = "github", check: str = "opsledger") -> dict[str, str]:
    found = protection(sort, f"{HOSTS[sort]}/kestrel-pay/ledger", "main", forge, check=check)
    return {guard.name: guard.outcome.value for guard in found.guards}


def all_of_them(outcome: str) -> dict[str, str]:
    return dict.fromkeys(NAMES, outcome)


def without(sort: str) -> list[dict[str, Any]]:
    return [rule for rule in WHOLE_RULES if rule["type"] != sort]


def changed(sort: str, **parameters: Any) -> list[dict[str, Any]]:
    return [
        rule | {"parameters": rule["parameters"] | parameters} if rule["type"] == sort else rule for rule in WHOLE_RULES
    ]


def test_a_token_that_may_read_nothing_learns_nothing(script: Made) -> None:
    assert all_of_them("unknown") == outcomes(script({}))
    assert all_of_them("unknown") | {"code-owners": "unknown"} == outcomes(script({}), "gitlab")
    assert set(outcomes(script({}), "forgejo").values()) == {"unknown"}
    assert set(outcomes(script({}), "bitbucket").values()) == {"unknown"}


@pytest.mark.parametrize("sort", list(HOSTS))
@pytest.mark.parametrize("answer", [said({}, 429), said({}, 500), ConnectionLost("cut")])
def test_a_forge_that_does_not_answer_is_undecided(script: Made, sort: str, answer: Any) -> None:
    with pytest.raises(Undecided):
        outcomes(script({"GET ": answer}), sort)


@pytest.mark.parametrize("sort", list(HOSTS))
def test_every_forge_answers_the_same_questions(script: Made, sort: str) -> None:
    assert NAMES == outcomes(script({}), sort).keys()


@pytest.mark.parametrize("sort", list(HOSTS))
def test_what_is_not_enforced_says_what_to_do(script: Made, sort: str) -> None:
    for guard in protection(sort, f"{HOSTS[sort]}/kestrel-pay/ledger", "main", script({})).guards:
        assert guard.outcome is not Outcome.ENFORCED
        assert guard.sentence
        assert guard.fix


def test_a_whole_ruleset_guards_everything(script: Made) -> None:
    assert all_of_them("enforced") == outcomes(script(GOOD))


def test_a_branch_without_any_rule_is_not_guarded(script: Made) -> None:
    assert all_of_them("missing") == outcomes(script(GOOD | {RULES: []}))


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        pytest.param(without("pull_request"), {"pull-request", "code-owners", "stale-reviews"}, id="no pull request"),
        pytest.param(without("required_status_checks"), {"required-check", "merge-queue"}, id="no check"),
        pytest.param(changed("required_status_checks", required_status_checks=[{"context": "lint"}]),
                     {"required-check", "merge-queue"}, id="another check"),
        pytest.param(changed("required_status_checks", strict_required_status_checks_policy=False), {"merge-queue"},
                     id="branches may be behind"),
        pytest.param(changed("pull_request", dismiss_stale_reviews_on_push=False), {"stale-reviews"}, id="stale"),
        pytest.param(changed("pull_request", require_code_owner_review=False), {"code-owners"}, id="owners"),
        pytest.param(without("non_fast_forward"), {"force-push"}, id="force push"),
        pytest.param(without("deletion"), {"deletion"}, id="deletion"),
        pytest.param([*changed("required_status_checks", strict_required_status_checks_policy=False),
                      {"type": "merge_queue", "ruleset_id": 42}], set(), id="a queue in place of up to date"),
    ],
)  # fmt: skip
def test_each_rule_guards_its_own(script: Made, rules: list[Any], missing: set[str]) -> None:
    found = outcomes(script(GOOD | {RULES: rules}))

    assert missing == {name for name, outcome in found.items() if outcome == "missing"}


@pytest.mark.parametrize(
    ("actors", "outcome"),
    [
        ([], "enforced"),
        ([{"actor_id": 5, "actor_type": "Integration", "bypass_mode": "always"}], "enforced"),
        ([{"actor_id": None, "actor_type": "DeployKey", "bypass_mode": "always"}], "enforced"),
        ([{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"}], "missing"),
        ([{"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}], "missing"),
        ([{"actor_id": 8, "actor_type": "Team", "bypass_mode": "always"}], "missing"),
    ],
)
def test_people_who_may_pass_by_are_missing_protection_and_machines_have_lanes(
    script: Made, actors: list[Any], outcome: str
) -> None:
    assert outcome == outcomes(script(GOOD | {RULESET: NOBODY | {"bypass_actors": actors}}))["bypass"]


def test_a_list_of_who_may_pass_that_the_token_is_not_shown_is_unknown(script: Made) -> None:
    assert "unknown" == outcomes(script(GOOD | {RULESET: payload("github-rules")[0] | {"id": 42}}))["bypass"]


def test_branch_protection_that_the_token_may_not_see_leaves_rules_alone(script: Made) -> None:
    hidden = GOOD | {REPOSITORY: {"permissions": {"admin": False}}, RULES: without("deletion")}

    found = outcomes(script(hidden))

    assert ("unknown", "enforced", "unknown") == (found["deletion"], found["force-push"], found["bypass"])


CHECKS = {"strict": True, "contexts": ["opsledger"], "checks": [{"context": "opsledger", "app_id": None}]}
REVIEWS = {"dismiss_stale_reviews": True, "require_code_owner_reviews": True}
OFF, ON = {"enabled": False}, {"enabled": True}
STRICT = {
    "required_status_checks": CHECKS, "required_pull_request_reviews": REVIEWS, "enforce_admins": ON,
    "allow_force_pushes": OFF, "allow_deletions": OFF,
}  # fmt: skip


def classic(**changes: Any) -> dict[str, Any]:
    return {CLASSIC: STRICT | changes, RULES: []}


def test_strict_branch_protection_guards_everything(script: Made) -> None:
    assert all_of_them("enforced") == outcomes(script(classic()))


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        pytest.param({"enforce_admins": OFF}, {"bypass"}, id="administrators"),
        pytest.param({"allow_force_pushes": ON}, {"force-push"}, id="force push"),
        pytest.param({"allow_deletions": ON}, {"deletion"}, id="deletion"),
        pytest.param({"required_status_checks": None}, {"required-check", "merge-queue"}, id="no checks"),
        pytest.param({"required_status_checks": CHECKS | {"strict": False}}, {"merge-queue"}, id="behind"),
        pytest.param({"required_pull_request_reviews": REVIEWS | {"dismiss_stale_reviews": False}}, {"stale-reviews"},
                     id="stale"),
        pytest.param({"required_pull_request_reviews": REVIEWS | {"bypass_pull_request_allowances": {
            "users": [{"login": "ada"}], "teams": [], "apps": []}}}, {"bypass"}, id="one who may pass"),
    ],
)  # fmt: skip
def test_each_setting_of_branch_protection_guards_its_own(
    script: Made, changes: dict[str, Any], missing: set[str]
) -> None:
    found = outcomes(script(classic(**changes)))

    assert missing == {name for name, outcome in found.items() if outcome != "enforced"}


def test_the_published_example_of_branch_protection_is_read(script: Made) -> None:
    found = outcomes(script({CLASSIC: payload("github-branch-protection"), RULES: []}), check="opsledger")

    assert {"protection", "pull-request", "code-owners", "stale-reviews", "bypass"} == {
        name for name, outcome in found.items() if outcome == "enforced"
    }


def test_a_forced_push_that_one_of_two_ways_refuses_is_refused(script: Made) -> None:
    both = classic(allow_force_pushes=ON) | {RULES: WHOLE_RULES, RULESET: NOBODY}

    assert "enforced" == outcomes(script(both))["force-push"]


MAIN = {
    "name": "main", "push_access_levels": [{"access_level": 0, "access_level_description": "No one"}],
    "allow_force_push": False, "code_owner_approval_required": True,
}  # fmt: skip
PROJECT = {
    "merge_method": "ff", "only_allow_merge_if_pipeline_succeeds": True, "allow_merge_on_skipped_pipeline": False,
}  # fmt: skip
GITLAB = {BRANCHES: [MAIN], SETTINGS: PROJECT, APPROVALS: {"reset_approvals_on_push": True}}


def test_a_strict_project_of_gitlab_guards_everything(script: Made) -> None:
    assert all_of_them("enforced") == outcomes(script(GITLAB), "gitlab")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param({BRANCHES: []}, {"protection": "missing", "pull-request": "missing", "bypass": "missing",
                                      "force-push": "missing", "code-owners": "missing", "deletion": "missing"},
                     id="no protected branch"),
        pytest.param({BRANCHES: [MAIN | {"name": "release-*"}]}, {"protection": "missing", "pull-request": "missing",
                     "bypass": "missing", "force-push": "missing", "code-owners": "missing", "deletion": "missing"},
                     id="another branch"),
        pytest.param({BRANCHES: [MAIN | {"name": "m*"}]}, {}, id="a pattern"),
        pytest.param({BRANCHES: [MAIN, MAIN | {"name": "*", "allow_force_push": True}]}, {"force-push": "missing"},
                     id="the most lenient of two"),
        pytest.param({BRANCHES: [MAIN | {"push_access_levels": [{"access_level": 40}]}]},
                     {"pull-request": "missing", "bypass": "missing"}, id="maintainers push"),
        pytest.param({BRANCHES: [MAIN | {"push_access_levels": [{"access_level": 40, "deploy_key_id": 3}]}]}, {},
                     id="a deploy key pushes"),
        pytest.param({SETTINGS: PROJECT | {"only_allow_merge_if_pipeline_succeeds": False}},
                     {"required-check": "missing"}, id="red pipelines merge"),
        pytest.param({SETTINGS: PROJECT | {"allow_merge_on_skipped_pipeline": True}}, {"required-check": "missing"},
                     id="skipped pipelines merge"),
        pytest.param({SETTINGS: PROJECT | {"merge_method": "merge"}}, {"merge-queue": "missing"}, id="plain merges"),
        pytest.param({SETTINGS: PROJECT | {"merge_method": "merge", "merge_trains_enabled": True}},
                     {"merge-queue": "missing"}, id="trains that can be passed by"),
        pytest.param({SETTINGS: PROJECT | {"merge_method": "merge", "merge_pipelines_enabled": True}},
                     {"merge-queue": "missing"}, id="merged results that may be old"),
        pytest.param({SETTINGS: PROJECT | {"merge_method": "rebase_merge", "merge_trains_enabled": True}}, {},
                     id="trains and up to date"),
        pytest.param({APPROVALS: said({}, 404)}, {"stale-reviews": "unknown"}, id="free tier"),
        pytest.param({SETTINGS: {"id": 1}}, {"required-check": "unknown", "merge-queue": "unknown"}, id="a guest"),
    ],
)  # fmt: skip
def test_each_setting_of_gitlab_guards_its_own(script: Made, answers: dict[str, Any], expected: dict[str, str]) -> None:
    assert all_of_them("enforced") | expected == outcomes(script(GITLAB | answers), "gitlab")


RULE = {
    "rule_name": "main", "enable_push": False, "enable_status_check": True, "status_check_contexts": ["opsledger"],
    "dismiss_stale_approvals": True, "block_on_outdated_branch": True, "apply_to_admins": True,
}  # fmt: skip


def test_a_strict_rule_of_forgejo_guards_all_but_what_the_forge_cannot(script: Made) -> None:
    assert all_of_them("enforced") | {"code-owners": "missing"} == outcomes(script({GITEA: [RULE]}), "forgejo")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        pytest.param({"enable_push": True}, {"pull-request"}, id="pushes"),
        pytest.param({"unprotected_file_patterns": "records/**"}, {"pull-request"}, id="pushes of some files"),
        pytest.param({"unprotected_file_patterns": ""}, set(), id="pushes of no files"),
        pytest.param({"enable_status_check": False}, {"required-check"}, id="no check"),
        pytest.param({"status_check_contexts": ["lint"]}, {"required-check"}, id="another check"),
        pytest.param({"status_check_contexts": ["ledger / opsledger (pull_request)"]}, set(), id="a long name"),
        pytest.param({"dismiss_stale_approvals": False}, {"stale-reviews"}, id="stale"),
        pytest.param({"dismiss_stale_approvals": False, "ignore_stale_approvals": True}, set(), id="stale but ignored"),
        pytest.param({"block_on_outdated_branch": False}, {"merge-queue"}, id="behind"),
        pytest.param({"apply_to_admins": False}, {"bypass"}, id="administrators"),
        pytest.param({"apply_to_admins": False, "block_admin_merge_override": True}, set(), id="as Gitea says it"),
        pytest.param({"enable_force_push": True}, {"force-push"}, id="force push"),
    ],
)  # fmt: skip
def test_each_setting_of_forgejo_guards_its_own(script: Made, changes: dict[str, Any], missing: set[str]) -> None:
    found = outcomes(script({GITEA: [RULE | changes]}), "forgejo")

    assert missing | {"code-owners"} == {name for name, outcome in found.items() if outcome == "missing"}


def test_the_rule_of_the_branchs_own_name_counts_before_a_pattern(script: Made) -> None:
    lenient = RULE | {"rule_name": "*", "enable_push": True}

    assert "enforced" == outcomes(script({GITEA: [lenient, RULE]}), "forgejo")["pull-request"]


def test_gitea_goes_by_the_order_of_its_rules_before_their_names(script: Made) -> None:
    first, second = RULE | {"rule_name": "*", "enable_push": True, "priority": 1}, RULE | {"priority": 2}

    assert "missing" == outcomes(script({GITEA: [second, first]}), "gitea")["pull-request"]


def test_the_name_of_a_branch_in_a_rule_may_be_written_in_capitals(script: Made) -> None:
    assert "enforced" == outcomes(script({GITEA: [RULE | {"rule_name": "Main"}]}), "gitea")["pull-request"]


def restriction(kind: str, **changes: Any) -> dict[str, Any]:
    whole = {"id": 1, "kind": kind, "branch_match_kind": "glob", "pattern": "main", "users": [], "groups": []}
    return whole | changes


def modelled(kind: str, **changes: Any) -> dict[str, Any]:
    return restriction(kind, branch_match_kind="branching_model", branch_type="production", pattern="", **changes)


RESTRICTIONS = [restriction(kind) for kind in ("push", "force", "delete", "reset_pullrequest_approvals_on_change",
                                                "require_passing_builds_to_merge", "enforce_merge_checks")]  # fmt: skip
NEVER = {"required-check": "missing", "code-owners": "missing", "merge-queue": "missing"}


@pytest.mark.parametrize(
    ("restrictions", "expected"),
    [
        pytest.param(RESTRICTIONS, {}, id="all of them"),
        pytest.param([], {"protection": "missing", "pull-request": "missing", "stale-reviews": "missing",
                          "bypass": "missing", "force-push": "missing", "deletion": "missing"}, id="none"),
        pytest.param([restriction("push", users=[{"nickname": "ada"}]), *RESTRICTIONS[1:]],
                     {"pull-request": "missing", "bypass": "missing"}, id="somebody is exempt"),
        pytest.param([restriction(one["kind"], pattern="release/*") for one in RESTRICTIONS],
                     {"protection": "missing", "pull-request": "missing", "stale-reviews": "missing",
                      "bypass": "missing", "force-push": "missing", "deletion": "missing"}, id="another branch"),
        pytest.param([*RESTRICTIONS, restriction("require_commits_behind", value=0)], {"merge-queue": "enforced"},
                     id="no commits behind"),
        pytest.param([*RESTRICTIONS, restriction("require_commits_behind", value=3)], {}, id="some commits behind"),
        pytest.param([*RESTRICTIONS[:-1], restriction("require_commits_behind", value=0)], {},
                     id="commits behind only warned of"),
        pytest.param([modelled(one["kind"]) for one in RESTRICTIONS],
                     {"protection": "unknown", "pull-request": "unknown", "stale-reviews": "unknown",
                      "bypass": "unknown", "force-push": "unknown", "deletion": "unknown", "merge-queue": "unknown"},
                     id="a type of branch in place of its name"),
        pytest.param([*RESTRICTIONS, modelled("push", users=[{"nickname": "ada"}])],
                     {"pull-request": "unknown", "bypass": "unknown", "merge-queue": "unknown"},
                     id="somebody is exempt for a type of branch"),
        pytest.param([*RESTRICTIONS, modelled("push")], {"merge-queue": "unknown"}, id="nobody is exempt for a type"),
    ],
)  # fmt: skip
def test_restrictions_of_bitbucket(script: Made, restrictions: list[Any], expected: dict[str, str]) -> None:
    found = outcomes(script({BITBUCKET: {"values": restrictions}}), "bitbucket")

    assert all_of_them("enforced") | NEVER | expected == found
