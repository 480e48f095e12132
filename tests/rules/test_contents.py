"""PKG501, PKG504, PKG505, PKG507 and PKG509: what stands behind a package."""

from __future__ import annotations

import pytest

PACKAGE = "REL-2026-9001 -> packaged"
PROMOTE = "REL-2026-9001 -> deploying"
DIGEST, OTHER = f"sha256:{'0' * 64}", f"sha256:{'1' * 64}"
BROKEN = "id: [\n"


def release(more: str = "", *, state: str = "building", package: str = f'package: {{digest: "{DIGEST}"}}') -> str:
    return f"""
# records/releases/REL-2026-9001.yaml
state: {state}
service: CI-payments
version: 4.2.1
scope: {{cis: [{{ci: CI-payments, version: 4.2.1, effect: changed}}]}}
{package}
{more}
"""


def ci(more: str = "version: 4.2.0") -> str:
    return f"\n# records/cis/CI-payments.yaml\nclass: document\n{more}\n"


def words(answer) -> list[str]:
    return [finding.message for finding in answer.findings]


def outcome(answer) -> str:
    return answer.outcome.value


# PKG501: what is on its way stands in the component's own record.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ci(), "CI-payments has nothing pending"),
        (ci("pending: {version: 4.2.2, release: REL-2026-9001}"), "4.2.2 is pending there"),
        (ci("pending: {version: 4.2.1, release: REL-2026-9002}"), "what is pending there comes by REL-2026-9002"),
        (ci("pending: {version: 4.2.1}"), "what is pending there comes by nobody"),
        (ci("pending: {version: 4.2.1, change: CHG-2026-9009}"), "what is pending there comes by CHG-2026-9009"),
    ],
    ids=["nothing", "another version", "another release", "nobody's", "a change of nobody"],
)
def test_component_that_does_not_announce_what_comes_is_told(ask, text, expected):
    answer = ask("PKG501", PACKAGE, release() + text)

    assert ("blocked", "records/cis/CI-payments.yaml") == (outcome(answer), answer.findings[0].place.path)
    assert expected in words(answer)[0]


@pytest.mark.parametrize(
    "text",
    [
        ci("pending: {version: 4.2.1, release: REL-2026-9001}"),
        ci("pending: {version: 4.2.1, change: CHG-2026-9001}"),
        ci("version: 4.2.1"),
    ],
    ids=["by the release", "by its change", "already there"],
)
def test_component_that_announces_what_comes_is_passed(ask, text):
    changed = release("changes: [CHG-2026-9001]") + "# records/changes/CHG-2026-9001.yaml\nstate: draft\n"

    assert ["announced in their own records: CI-payments 4.2.1"] == list(ask("PKG501", PACKAGE, changed + text).remarks)


def test_component_that_is_taken_away_announces_nothing(ask):
    text = release().replace("effect: changed", "effect: retired") + ci()

    assert "met" == outcome(ask("PKG501", PACKAGE, text))


def test_component_that_cannot_be_read_is_undecided(ask):
    raw = {"records/cis/CI-payments.yaml": BROKEN}

    assert "undecided" == outcome(ask("PKG501", PACKAGE, release() + ci(), raw=raw))


# PKG504: the way back.


PLAN = "REL-2026-9001 -> plan-approved"


def planned(backout: str, size: str = "small") -> str:
    return release(f"size_class: {size}\n{backout}", state="planned", package="")


def back(more: str) -> str:
    return f"backout: {{{more}}}"


EARLIER = "# records/releases/REL-2026-9000.yaml\nservice: CI-payments\nversion: 4.1.0\nstate: %s\n"
BASELINE = "# records/baselines/BSL-2026-9001.yaml\nstate: %s\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (planned("") + ci(), "does not say how it is taken back"),
        (planned(back("method: redeploy-previous")) + ci("state: planned"), "no earlier version of CI-payments"),
        (planned(back("method: redeploy-previous")) + ci("version: 4.2.1"), "no earlier version of CI-payments"),
        (planned(back("method: switch-back, target: REL-2026-9001")) + ci(), "goes back to itself"),
        (planned(back("method: switch-back, target: REL-2026-9000")) + ci() + EARLIER % "backed-out", "is backed-out"),
        (planned(back("method: switch-back, target: REL-2026-9000")) + ci() + EARLIER % "ready", "is ready"),
        (planned(back("method: switch-back, target: BSL-2026-9001")) + ci() + BASELINE % "proposed", "nobody has"),
        (planned(back("method: feature-off"), "medium") + ci(), "does not say backout.steps"),
        (planned(back("method: switch-back"), "medium") + ci(), "does not say backout.target or backout.steps"),
        (planned(back("method: switch-back, steps: [{step: Switch}]"), "large") + ci(), "backout.target, "),
    ],
    ids=["nothing", "the first", "already there", "itself", "taken back", "never live", "not agreed", "medium",
         "medium to", "large"],
)  # fmt: skip
def test_way_back_that_leads_nowhere_is_told(ask, text, expected):
    answer = ask("PKG504", PLAN, text)

    assert "blocked" == outcome(answer)
    assert expected in words(answer)[0]


@pytest.mark.parametrize(
    "text",
    [
        planned(back("method: feature-off")) + ci("state: planned"),
        planned(back("method: redeploy-previous")) + ci(),
        planned(back("method: redeploy-previous")) + ci("state: planned") + EARLIER % "closed",
        planned(back("method: switch-back, target: REL-2026-9000"), "medium") + ci() + EARLIER % "closed",
        planned(back("method: switch-back, target: BSL-2026-9001"), "medium") + ci() + BASELINE % "superseded",
        planned(back("method: redeploy-previous, steps: [{step: Deploy 4.2.0}]"), "medium") + ci(),
    ],
    ids=[
        "switched off",
        "a version that runs",
        "a release that was live",
        "a target",
        "a baseline once agreed",
        "steps",
    ],
)
def test_way_back_that_leads_somewhere_is_passed(ask, text):
    assert "met" == outcome(ask("PKG504", PLAN, text))


def test_section_that_the_state_asks_for_is_not_asked_twice(ask):
    assert "met" == outcome(ask("PKG504", PLAN, planned("") + ci(), beside=("LCY202",)))


def test_target_that_cannot_be_read_is_undecided(ask):
    text = planned(back("method: switch-back, target: BSL-2026-9001")) + ci()

    assert "undecided" == outcome(ask("PKG504", PLAN, text, raw={"records/baselines/BSL-2026-9001.yaml": BROKEN}))


# PKG505: the bill of materials.


def sbom(more: str = "", *, digest: str = DIGEST, sort: str = "sbom", number: int = 1) -> str:
    return (
        f"\n# records/evidence/EVD-2026-900{number}abcd.yaml\ntype: {sort}\nresult: passed\n"
        f'package_digest: "{digest}"\n{more}\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        release(),
        release() + sbom(digest=OTHER),
        release() + sbom(sort="scan"),
        release() + sbom().replace("result: passed", "result: failed"),
        release(package=f'package: {{digest: "{DIGEST}", sbom: EVD-2026-9001abcd}}') + sbom(digest=OTHER),
    ],
    ids=["none", "another package", "a scan", "one that failed", "named, of another package"],
)
def test_package_without_its_bill_of_materials_is_told(ask, text):
    answer = ask("PKG505", PACKAGE, text + ci())

    assert "blocked" == outcome(answer)
    assert "has no bill of materials of its package" in words(answer)[0]


def test_bill_of_materials_is_found_by_the_digest_alone(ask):
    assert ["EVD-2026-9001abcd lists what is in it"] == list(ask("PKG505", PACKAGE, release() + ci() + sbom()).remarks)


@pytest.mark.parametrize("code", ["PKG505", "PKG507", "PKG509"])
def test_release_that_names_no_package_is_undecided(ask, code):
    assert "undecided" == outcome(ask(code, PACKAGE, release(package="") + ci()))


def test_evidence_that_cannot_be_read_opens_nothing(ask):
    raw = {"records/evidence/EVD-2026-9009abcd.yaml": BROKEN}

    assert "undecided" == outcome(ask("PKG505", PACKAGE, release() + ci() + sbom(), raw=raw))


# PKG507: the baseline.


def baseline(state: str = "agreed", digest: str = DIGEST, more: str = "of: REL-2026-9001") -> str:
    named = f'package_digest: "{digest}"' if digest else ""
    return f"\n# records/baselines/BSL-2026-9001.yaml\nstate: {state}\n{named}\n{more}\n"


NAMED = f'package: {{digest: "{DIGEST}", baseline: BSL-2026-9001}}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (release(), "has no baseline behind its package"),
        (release() + baseline("proposed"), "is proposed and not agreed"),
        (release() + baseline("superseded"), "is superseded and not agreed"),
        (release() + baseline(digest=OTHER), "is the baseline of another package"),
        (release(package=NAMED) + baseline(digest=OTHER, more=""), "is the baseline of another package"),
    ],
    ids=["none", "proposed", "superseded", "another package", "named, of another package"],
)
def test_package_without_an_agreed_baseline_is_told(ask, text, expected):
    answer = ask("PKG507", PACKAGE, text + ci())

    assert "blocked" == outcome(answer)
    assert expected in words(answer)[0]


@pytest.mark.parametrize(
    "text",
    [
        release() + baseline(more=""),
        release() + baseline(digest=""),
        release(package=NAMED) + baseline(digest="", more=""),
    ],
    ids=["by the digest", "by the release", "named"],
)
def test_agreed_baseline_is_found(ask, text):
    assert ["BSL-2026-9001 is agreed"] == list(ask("PKG507", PACKAGE, text + ci()).remarks)


@pytest.mark.parametrize("file", ["BSL-2026-9001", "BSL-2026-9002"])
def test_baseline_that_cannot_be_read_opens_nothing(ask, file):
    answer = ask("PKG507", PACKAGE, release(package=NAMED) + ci(), raw={f"records/baselines/{file}.yaml": BROKEN})

    assert outcome(answer) in ("undecided", "blocked")


# PKG509: one package from acceptance on.


def deployed(digest: str = DIGEST, state: str = "succeeded") -> str:
    return (
        f"\n# records/deployments/DEP-2026-9001abcd.yaml\nstate: {state}\nrelease: REL-2026-9001\n"
        f'package_digest: "{digest}"\n'
    )


def ready(more: str = "") -> str:
    return release(more, state="ready") + ci()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (ready(f'acceptance: {{package_digest: "{OTHER}"}}'), "records/releases/REL-2026-9001.yaml"),
        (ready() + deployed(OTHER), "records/deployments/DEP-2026-9001abcd.yaml"),
        (ready() + deployed(OTHER, "planned"), "records/deployments/DEP-2026-9001abcd.yaml"),
        (ready() + baseline(digest=OTHER), "records/baselines/BSL-2026-9001.yaml"),
    ],
    ids=["accepted", "deployed elsewhere", "planned elsewhere", "agreed"],
)
def test_package_that_others_know_by_another_digest_is_told(ask, text, path):
    answer = ask("PKG509", PROMOTE, text)

    assert ("blocked", path) == (outcome(answer), answer.findings[0].place.path)


@pytest.mark.parametrize(
    "text",
    [
        ready(),
        ready(f'acceptance: {{package_digest: "{DIGEST}"}}') + deployed() + baseline(),
        ready() + deployed(OTHER, "backed-out"),
        ready() + baseline("proposed", OTHER),
        ready() + baseline(digest=""),
    ],
    ids=["nobody else", "the same everywhere", "taken back", "never agreed", "a baseline of no package"],
)
def test_package_that_everybody_knows_by_one_digest_is_passed(ask, text):
    assert "met" == outcome(ask("PKG509", PROMOTE, text))


def test_deployment_that_cannot_be_read_leaves_the_package_undecided(ask):
    raw = {"records/deployments/DEP-2026-9009abcd.yaml": BROKEN}

    assert "undecided" == outcome(ask("PKG509", PROMOTE, ready(), raw=raw))


@pytest.mark.parametrize(
    ("before", "after", "digest", "expected"),
    [
        ("accepted", "accepted", OTHER, True),
        ("accepted", "ready", OTHER, True),
        ("accepted", "ready", DIGEST, False),
        ("accepted", "building", OTHER, False),
        ("testing", "testing", OTHER, False),
    ],
    ids=["exchanged", "exchanged on the way", "the same", "built anew", "not accepted yet"],
)
def test_exchange_of_an_accepted_package_is_told_in_the_pull_request(book, before, after, digest, expected):
    def side(name: str, state: str, digest: str) -> str:
        return release(state=state).replace("# ", f"# {name}: ").replace(DIGEST, digest)

    said = book(side("base", before, DIGEST) + side("head", after, digest)).codes

    assert expected == ("PKG509" in said)
