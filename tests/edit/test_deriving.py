"""A release derived from real commits, tags, merges and what the ledger holds."""

from __future__ import annotations

import pytest

from opsledger.errors import NoSuchRecord

from .code import CHANGE, CI, DIGEST, MODEL, OTHER, PROBLEM, RELEASE, released


def test_unknown_service_is_refused(code, derive):
    released(code)

    with pytest.raises(NoSuchRecord, match="CI-payment"):
        derive(service="CI-payment")


# What is not guessed


def test_commit_beside_all_components_touches_none(code, derive):
    released(code, path="docs/a.md")
    draft = derive()

    assert not {"service", "scope", "rollout", "changes"} & draft.data.keys()


def test_path_that_a_component_leaves_out_is_not_its_own(code, derive):
    released(code, path="services/payments/docs/a.md")

    assert () == derive().cis


def test_component_of_another_repository_is_not_touched(code, derive):
    code.write("records/cis/CI-payments.yaml", CI + "repository: https://github.com/kestrel-pay/payments\n")
    released(code)

    assert () == derive(code.span(address="github.com/kestrel-pay/ledger")).cis


def test_component_that_names_no_repository_is_not_looked_for_in_another_clone(code, derive):
    released(code)

    assert () == derive(code.span(address="github.com/kestrel-pay/payments", is_own=False)).cis


def test_revision_that_names_no_version_gives_none(code, derive):
    released(code)
    draft = derive(code.span("v4.2.0..main"))

    assert not {"version", "name", "type"} & draft.data.keys()


def test_stranger_is_not_made_accountable(code, derive):
    released(code)

    assert "accountable" not in derive(me="eve@example.org").data


def test_two_models_that_fit_give_no_change_and_no_risk(code, derive):
    code.write("records/models/MDL-other.yaml", MODEL.replace("MDL-routine", "MDL-other"))
    released(code)
    draft = derive()

    assert (None, False) == (draft.model, "risk" in draft.data)
    assert "several published models fit it: MDL-other, MDL-routine" in draft.notes[-1]


@pytest.mark.parametrize("instead", ["state: draft", "state: suspended", "state: withdrawn"])
def test_model_that_is_not_published_is_not_followed(code, derive, instead):
    code.write("records/models/MDL-routine.yaml", MODEL.replace("state: published", instead))
    released(code)

    assert derive().model is None


def test_model_for_another_class_or_place_is_not_followed(code, derive):
    code.write("records/models/MDL-routine.yaml", MODEL + "environments: [ENV-test]\n")
    released(code)

    assert derive().model is None


def test_two_packages_of_one_commit_are_not_chosen_from(code, derive):
    released(code)
    commit = code.span().commit
    for number, digest in enumerate((DIGEST, OTHER), 1):
        code.write(f"records/baselines/2026/BSL-2026-000{number}.yaml", _baseline(number, commit, digest))
    draft = derive()

    assert "package" not in draft.data
    assert "2 packages were built from" in draft.notes[0]


def test_change_that_another_release_ships_is_left_to_it(code, derive):
    code.write(
        "records/changes/2026/CHG-2026-0001.yaml", CHANGE.format("CHG-2026-0001", "draft") + "release: REL-2026-0001\n"
    )
    code.write("records/releases/2026/REL-2026-0001.yaml", "id: REL-2026-0001\nname: a\nstate: draft\ntype: fix\n")
    released(code, "Retry\n\nChange: CHG-2026-0001")
    draft = derive()

    assert "changes" not in draft.data
    assert ("a commit names CHG-2026-0001, which REL-2026-0001 ships already",) == draft.notes


def test_change_that_is_closed_is_not_shipped_again(code, derive):
    code.write("records/changes/2026/CHG-2026-0001.yaml", CHANGE.format("CHG-2026-0001", "closed"))
    released(code, "Retry\n\nChange: CHG-2026-0001")

    assert "changes" not in derive().data


def test_record_that_does_not_exist_is_told_and_not_named(code, derive):
    released(code, "Retry\n\nFixes: PRB-2026-0099")
    draft = derive()

    assert "fixes" not in draft.data
    assert ("a commit names PRB-2026-0099, which this ledger does not have",) == draft.notes


def test_problem_that_the_version_no_longer_has_is_not_known_in_it(code, derive):
    stated = "affected_versions: [{ci: CI-payments, version: 4.1.0}]\n"
    code.write("records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format("PRB-2026-0001", "triaged") + stated)
    released(code)

    assert "known_problems" not in derive().data


def test_what_was_typed_is_neither_replaced_nor_marked(code, derive):
    released(code)
    draft = derive(given={"risk": "high", "version": "5.0.0", "plan": {"start": "2026-12-01T00:00:00Z"}})

    assert ("high", "5.0.0", "payments-5.0.0") == tuple(draft.data[name] for name in ("risk", "version", "name"))
    assert not {"/risk", "/version", "/plan"} & set(draft.derived)


def test_key_of_a_tracker_that_nobody_knows_is_told_where_it_is_ended(code, derive):
    released(code, "PAY-7 retry\n\nFixes: PAY-1042")

    assert ("a commit ends PAY-1042, which no record here gives as its key in another system",) == derive().notes


# What follows


def test_release_of_one_service_follows_from_the_tags(code, derive):
    code.commit("Carry the key through retries (#12)")
    code.tag("v4.2.1", "Keys survive retries\n\nNo card is charged twice.")
    draft = derive()
    data = dict(draft.data)

    assert {"from": "v4.2.0", "to": "v4.2.1", "commit": code.span().commit} == data.pop("range")
    assert {
        "name": "payments-4.2.1", "type": "fix",
        "title": "Keys survive retries", "summary": "No card is charged twice.",
        "size_class": "small", "risk": "low", "service": "CI-payments", "version": "4.2.1", "accountable": "PTY-ada",
        "scope": {"cis": [{"ci": "CI-payments", "version": "4.2.1", "effect": "changed"}]},
        "rollout": {"model": "big-bang", "groups": [{"id": "prod", "environment": "ENV-prod"}]},
        "backout": {"method": "redeploy-previous"},
    } == data  # fmt: skip
    assert {f"/{name}" for name in draft.data} == set(draft.derived)


def test_merged_branch_is_read_with_its_merge_commit(code, derive):
    code.repo.switch("topic", "main")
    code.commit("First half")
    code.commit("Second half\n\nFixes: PRB-2026-0001")
    code.repo.switch("main")
    code.write("records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format("PRB-2026-0001", "triaged"))
    code.commit("Beside it", "docs/a.md")
    code.repo.merge("topic", subject="Merge pull request #12 from ada/topic\n\nCarry the key")
    code.tag("v4.2.1")
    draft = derive()

    assert ("Carry the key", ["PRB-2026-0001"]) == (draft.data["title"], draft.data["fixes"])
    assert "payments-4.2.1+prb.2026-0001" == draft.data["name"]


def test_what_commit_and_merge_say_alike_is_told_once(code, derive):
    code.repo.switch("topic", "main")
    code.commit("Say the currency")
    code.repo.switch("main")
    code.repo.merge("topic", subject="Say the currency")
    code.tag("v4.2.1")
    draft = derive()

    assert ("Say the currency", None) == (draft.data["title"], draft.data.get("summary"))


def test_problem_that_is_fixed_is_not_known_any_more_and_an_open_one_is(code, derive):
    for id in ("PRB-2026-0001", "PRB-2026-0002"):
        code.write(f"records/problems/2026/{id}.yaml", PROBLEM.format(id, "triaged"))
    code.write("records/problems/2026/PRB-2026-0003.yaml", PROBLEM.format("PRB-2026-0003", "cancelled"))
    released(code, "Retry\n\nFixes: PRB-2026-0001")
    data = derive().data

    assert (["PRB-2026-0001"], ["PRB-2026-0002"]) == (data["fixes"], data["known_problems"])


@pytest.mark.parametrize(
    ("message", "extra"),
    [
        pytest.param("Retry\n\nChange: CHG-2026-0001", "", id="trailer"),
        pytest.param("CHG-2026-0001: retry", "", id="subject"),
        pytest.param("PAY-1042 retry", "external: [{system: jira, key: PAY-1042}]\n", id="key of a tracker"),
        pytest.param("Retry (#12)", "pull_request: https://github.com/kestrel-pay/pay/pull/12\n", id="pull request"),
    ],
)
def test_change_that_a_commit_names_is_shipped(code, derive, message, extra):
    code.write(
        "records/changes/2026/CHG-2026-0001.yaml", CHANGE.format("CHG-2026-0001", "approved") + "risk: medium\n" + extra
    )
    released(code, message)
    data = derive(code.span(address="github.com/kestrel-pay/pay")).data

    assert (["CHG-2026-0001"], "medium") == (data["changes"], data["risk"])


def test_pull_request_of_another_repository_is_not_meant(code, derive):
    stated = "pull_request: https://github.com/kestrel-pay/other/pull/12\n"
    code.write("records/changes/2026/CHG-2026-0001.yaml", CHANGE.format("CHG-2026-0001", "approved") + stated)
    released(code, "Retry (#12)")

    assert "changes" not in derive(code.span(address="github.com/kestrel-pay/pay")).data


def test_package_is_found_by_the_commit_that_was_built(code, derive):
    released(code)
    commit = code.span().commit
    code.write("records/baselines/2026/BSL-2026-0001.yaml", _baseline(1, commit, DIGEST))
    for id, type, digest in (("1a", "test-run", DIGEST), ("2b", "sbom", DIGEST), ("3c", "test-run", OTHER)):
        code.write(f"records/evidence/2026/EVD-2026-0000000{id}.yaml", _evidence(f"0000000{id}", type, digest))
    data = derive().data

    assert {
        "digest": DIGEST, "built": "2026-11-20T10:00:00Z", "baseline": "BSL-2026-0001", "sbom": "EVD-2026-00000002b",
    } == data["package"]  # fmt: skip
    assert {"package_digest": DIGEST, "evidence": ["EVD-2026-00000001a"]} == data["acceptance"]


def test_way_back_is_the_release_that_runs_now(code, derive):
    for number, (version, state) in enumerate(
        (("4.1.9", "closed"), ("4.2.0", "early-life-support"), ("4.3.0", "draft")), 1
    ):
        text = RELEASE.format(f"REL-2026-000{number}", state, version)
        code.write(f"records/releases/2026/REL-2026-000{number}.yaml", text)
    released(code)

    assert {"method": "redeploy-previous", "target": "REL-2026-0002"} == derive().data["backout"]


def test_slot_is_taken_only_if_it_is_the_only_one_and_not_over(code, derive):
    slot = 'id: {0}\ntitle: Slot\ntype: release-slot\nstate: published\nstart: "{1}T10:00:00Z"\nend: "{1}T12:00:00Z"\n'
    code.write("records/windows/WIN-past.yaml", slot.format("WIN-past", "2026-11-19"))
    code.write("records/windows/WIN-next.yaml", slot.format("WIN-next", "2026-11-26"))
    released(code)

    assert {"window": "WIN-next"} == derive().data["plan"]
    code.write("records/windows/WIN-later.yaml", slot.format("WIN-later", "2026-11-27"))
    assert "plan" not in derive().data


@pytest.mark.parametrize(
    ("rule", "window"), [("FREQ=WEEKLY", "WIN-next"), ("FREQ=WEEKLY;UNTIL=20261110T235959Z", None)],
    ids=["still to come", "over"],
)  # fmt: skip
def test_slot_that_comes_again_is_taken_as_long_as_it_does(code, derive, rule, window):
    slot = (
        'id: WIN-next\ntitle: Slot\ntype: release-slot\nstate: published\nstart: "2026-11-03T10:00:00Z"\n'
        'end: "2026-11-03T12:00:00Z"\ntime_zone: Europe/Berlin\nrecurrence: {rule: %s}\n'
    )
    code.write("records/windows/WIN-next.yaml", slot % rule)
    released(code)

    assert window == derive().data.get("plan", {}).get("window")


def test_component_with_a_pace_of_its_own_gets_no_version(code, derive):
    other = CI.replace("CI-payments", "CI-queue").replace("4.2.0", "0.9.0").replace("class: service", "class: library")
    code.write("records/cis/CI-queue.yaml", other.replace("services/payments", "libs/queue"))
    code.repo.write("libs/queue/a.py", "x\n")
    released(code)

    assert [
        {"ci": "CI-payments", "version": "4.2.1", "effect": "changed"}, {"ci": "CI-queue", "effect": "changed"},
    ] == derive().data["scope"]["cis"]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "type"), [("v4.2.1", "fix"), ("v4.3.0", "minor"), ("v5.0.0", "major"), ("pay-5.0", "major")]
)
def test_sort_of_release_follows_from_the_numbers(code, derive, tag, type):
    code.commit("Retry")
    code.tag(tag)

    assert type == derive(code.span(f"v4.2.0..{tag}")).data["type"]


def _baseline(number: int, commit: str, digest: str) -> str:
    return (
        f"id: BSL-2026-000{number}\ntitle: Built\nstate: agreed\nat: 2026-11-20T10:00:00Z\ncommit: {commit}\n"
        f"package_digest: {digest}\nentries: [{{ci: CI-payments, version: 4.2.1}}]\n"
    )


def _evidence(id: str, type: str, digest: str) -> str:
    return (
        f"id: EVD-2026-{id}\ntitle: Result\ntype: {type}\nat: 2026-11-20T09:00:00Z\nresult: passed\n"
        f"cis: [CI-payments]\npackage_digest: {digest}\n"
    )
