"""PKG506 and PKG514: what is wrong with the components that go out."""

from __future__ import annotations

import pytest

from opsledger.rules.purls import component, is_in

PACKAGE = "REL-2026-9001 -> packaged"
DIGEST = f"sha256:{'0' * 64}"
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


def sbom(more: str = "", *, digest: str = DIGEST, sort: str = "sbom", number: int = 1) -> str:
    return (
        f"\n# records/evidence/EVD-2026-900{number}abcd.yaml\ntype: {sort}\nresult: passed\n"
        f'package_digest: "{digest}"\n{more}\n'
    )


# PKG506: known weaknesses inside.


def weak(entry: str, *, state: str = "triaged", severity: str = "severity: high") -> str:
    return f"\n# records/vulnerabilities/VUL-CVE-2026-9001.yaml\nstate: {state}\n{severity}\naffected: [{entry}]\n"


def inside(*purls: str) -> str:
    listed = ", ".join(f'"{one}"' for one in purls)
    return release() + ci() + sbom(f"components: [{listed}]")


PILLOW = '{purl: "pkg:pypi/pillow", range: "<11.2", status: affected}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW), id="in the range"),
        pytest.param(inside("pkg:pypi/Pillow@11.1.0") + weak(PILLOW), id="spelt with a capital inside"),
        pytest.param(
            inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW.replace("pillow", "Pillow")), id="spelt with a capital there"
        ),
        pytest.param(
            inside("pkg:npm/%40scope/a@1.0.0") + weak('{purl: "pkg:npm/@scope/a", status: affected}'), id="a scope",
        ),
        pytest.param(
            inside("pkg:deb/debian/curl@8?arch=amd64") + weak('{purl: "pkg:deb/debian/curl", status: affected}'),
            id="with qualifiers",
        ),
        pytest.param(
            inside("pkg:pypi/a@1.2") + weak('{purl: "pkg:pypi/a@1.2", status: affected}'), id="the very version",
        ),
        pytest.param(inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW, state="mitigated"), id="mitigated only"),
        pytest.param(inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW, severity=""), id="not rated yet"),
        pytest.param(
            inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW, severity='severity: low\nexploited: {since: "2026-01-01"}'),
            id="little, and used in attacks",
        ),
        pytest.param(inside("pkg:pypi/b@1") + weak("{ci: CI-payments, status: affected}"), id="by the component"),
        pytest.param(
            inside("pkg:pypi/b@1").replace("class: document", 'class: document\npurl: "pkg:generic/payments"')
            + weak('{purl: "pkg:generic/payments", range: "<5", status: affected}'), id="by the component's package",
        ),
    ],
)  # fmt: skip
def test_weakness_inside_is_told(ask, text):
    answer = ask("PKG506", PACKAGE, text)

    assert "blocked" == outcome(answer)
    assert "VUL-CVE-2026-9001" in words(answer)[0]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(inside("pkg:pypi/pillow@11.2.0") + weak(PILLOW), id="first version without it"),
        pytest.param(inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW, state="remediated"), id="remedied"),
        pytest.param(inside("pkg:npm/pillow@11.1.0") + weak(PILLOW), id="of another type"),
        pytest.param(
            inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW.replace(": affected", ": fixed")), id="fixed there"
        ),
        pytest.param(
            inside("pkg:pypi/pillow@11.1.0") + weak(f"{PILLOW}, {{ci: CI-payments, status: not-affected}}"),
            id="not in this component",
        ),
        pytest.param(
            (inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW)).replace(
                "service:", "fixes: [VUL-CVE-2026-9001]\nservice:"
            ),
            id="what the release fixes",
        ),
    ],
)
def test_weakness_that_is_not_inside_is_passed(ask, text):
    assert "met" == outcome(ask("PKG506", PACKAGE, text))


def test_weakness_of_less_than_blocking_severity_is_a_warning(ask):
    text = inside("pkg:pypi/pillow@11.1.0") + weak(PILLOW, severity="severity: medium")

    assert "warned" == outcome(ask("PKG506", PACKAGE, text))


@pytest.mark.parametrize(
    ("purl", "stated"),
    [
        ("pkg:generic/openssl@1.0.2k", "<1.1.1"),
        ("pkg:generic/openssl", "<1.1.1"),
        ("pkg:generic/openssl@1.1.0", "~> 1.1"),
        ("pkg:generic/openssl@1.1.0", "before the summer"),
        ("pkg:generic/openssl@1.1.0", ">=1, 1.1.0"),
    ],
    ids=["letters in a version", "no version", "a sign that nobody knows", "words", "a bound and a version"],
)
def test_versions_that_nobody_can_compare_are_undecided(ask, purl, stated):
    answer = ask(
        "PKG506", PACKAGE, inside(purl) + weak(f'{{purl: "pkg:generic/openssl", range: "{stated}", status: affected}}')
    )

    assert "undecided" == outcome(answer)
    assert "nobody can tell whether" in words(answer)[0]


def test_release_that_names_no_package_is_undecided(ask):
    assert "undecided" == outcome(ask("PKG506", PACKAGE, release(package="") + ci()))


def test_evidence_that_cannot_be_read_opens_nothing(ask):
    raw = {"records/evidence/EVD-2026-9009abcd.yaml": BROKEN}
    text = inside("pkg:pypi/pillow@11.2.0")

    assert ("met", "undecided") == (
        outcome(ask("PKG506", PACKAGE, text)),
        outcome(ask("PKG506", PACKAGE, text, raw=raw)),
    )


@pytest.mark.parametrize("more", ["", "components: []"])
def test_list_that_lists_nothing_is_undecided(ask, more):
    assert "undecided" == outcome(ask("PKG506", PACKAGE, release() + ci() + sbom(more)))


def test_list_that_was_replaced_no_longer_counts(ask):
    old, new = 'components: ["pkg:pypi/pillow@11.1.0"]', 'components: ["pkg:pypi/a@1"]\nsupersedes: EVD-2026-9001abcd'

    text = release() + ci() + sbom(old) + sbom(new, number=2) + weak(PILLOW)

    assert "met" == outcome(ask("PKG506", PACKAGE, text))


LIBRARY = """
# records/cis/CI-lib.yaml
class: library
purl: "pkg:maven/org.example/lib@1.4.1"
# records/problems/PRB-2026-9001.yaml
state: investigating
severity: %s
cis: [CI-lib]
"""


def test_open_problem_of_a_component_inside_is_told_with_its_package(ask):
    answer = ask("PKG506", PACKAGE, inside("pkg:maven/org.example/lib@1.4.2") + LIBRARY % "high")

    assert "blocked" == outcome(answer)
    assert "carries pkg:maven/org.example/lib@1.4.2, which is CI-lib and has PRB-2026-9001" in words(answer)[0]


@pytest.mark.parametrize(
    ("severity", "more"),
    [("medium", ""), ("high", "affected_versions: [{ci: CI-lib, version: 1.4.1}]\n")],
    ids=["less bad", "in another version"],
)
def test_problem_of_a_component_inside_that_does_not_count_is_passed(ask, severity, more):
    text = inside("pkg:maven/org.example/lib@1.4.2") + LIBRARY % severity + more

    assert "met" == outcome(ask("PKG506", PACKAGE, text))


@pytest.mark.parametrize("file", ["vulnerabilities/VUL-CVE-2026-9002", "problems/PRB-2026-9002"])
def test_weakness_or_problem_that_cannot_be_read_is_undecided(ask, file):
    raw = {f"records/{file}.yaml": BROKEN}

    assert "undecided" == outcome(ask("PKG506", PACKAGE, inside("pkg:pypi/a@1"), raw=raw))


# PKG514: open problems on what is changed.


def problem(more: str = "", *, severity: str = "high", state: str = "investigating") -> str:
    return (
        f"\n# records/problems/PRB-2026-9001.yaml\nstate: {state}\nseverity: {severity}\ncis: [CI-payments]\n{more}\n"
    )


ONLY = "affected_versions: [{ci: CI-payments, version: %s}]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (release() + problem(), "blocked"),
        (release() + problem(ONLY % "4.2.1"), "blocked"),
        (release() + problem(ONLY % "4.2.0"), "met"),
        (release() + problem(severity="medium"), "met"),
        (release() + problem(state="closed"), "met"),
        (release("fixes: [PRB-2026-9001]") + problem(), "met"),
        (release().replace("effect: changed", "effect: retired") + problem(), "met"),
        (release().replace(", version: 4.2.1", "") + problem(ONLY % "4.2.0"), "undecided"),
    ],
    ids=["on it", "in this version", "in another version", "less bad", "closed", "fixed", "taken away", "nobody knows"],
)
def test_open_problem_on_a_component_stops_what_changes_it(ask, text, expected):
    assert expected == outcome(ask("PKG514", PACKAGE, text + ci()))


def test_gate_that_asks_flt751_has_it_say_so(ask):
    text = release() + problem() + ci()

    assert ("blocked", "met") == (
        outcome(ask("PKG514", PACKAGE, text)),
        outcome(ask("PKG514", PACKAGE, text, beside=("FLT751",))),
    )


def test_gate_that_only_warns_by_flt751_still_blocks(ask):
    soft = "# records/policy/POL-own.yaml\nrules: {severity: {FLT751: warning}}\n"

    assert "blocked" == outcome(ask("PKG514", PACKAGE, release() + problem() + ci() + soft, beside=("FLT751",)))


def test_change_without_a_release_is_asked_about_what_it_touches(ask):
    change = "# records/changes/CHG-2026-9001.yaml\nstate: assessed\neffects: [{ci: CI-payments, effect: %s}]\n"
    asked = "CHG-2026-9001 -> approved"

    assert ("blocked", "met") == (
        outcome(ask("PKG514", asked, change % "changed" + problem() + ci())),
        outcome(ask("PKG514", asked, change % "retired" + problem() + ci())),
    )


def test_unreadable_problem_leaves_the_components_undecided(ask):
    raw = {"records/problems/PRB-2026-9009.yaml": BROKEN}

    assert "undecided" == outcome(ask("PKG514", PACKAGE, release() + ci(), raw=raw))


# Package URLs and ranges.


@pytest.mark.parametrize(
    ("purl", "package", "version"),
    [
        ("pkg:npm/%40scope/name@1.2", "pkg:npm/@scope/name", "1.2"),
        ("pkg:npm/@scope/name", "pkg:npm/@scope/name", ""),
        ("pkg:pypi/Foo_Bar@1?os=linux#sub", "pkg:pypi/foo-bar", "1"),
        ("pkg:maven/org.Example/Lib@1", "pkg:maven/org.Example/Lib", "1"),
    ],
)
def test_package_url_names_a_package_and_a_version(purl, package, version):
    found = component(purl)

    assert (package, version) == (found.package, found.version)


@pytest.mark.parametrize(
    ("version", "stated", "expected"),
    [
        ("9.5.9", "<9.6", True), ("9.6", "<9.6", False), ("9.6.0", "<9.6", False), ("9.10", "<9.6", False),
        ("9.6", "<=9.6.0", True), ("1.5", ">=1.0 <2.0", True), ("2.0.0", ">=1.0, <2.0", False),
        ("2.0.0-rc.1", "<2.0.0", True), ("2.0.0-rc.2", ">2.0.0-rc.10", False), ("2.0.0-rc.1", ">2.0.0-beta", True),
        ("3.1", "<2 || >=3 <4", True), ("2.5", "<2 || >=3 <4", False), ("1.5.0", "1.5", True),
        ("1.5", "1.4, 1.5", True),
        ("7", "*", True), ("7", "", True), ("3", "vers:pypi/>=1|<2|>=3|<4", True), ("2", "vers:pypi/>=1|<2|>=3", False),
        ("9", "vers:npm/1|2", False), ("1.0.2k", "1.0.2k", True), ("v1.2.0+build", "1.2", True),
        ("1.0.2k", "<1.1", None), ("1", "^1.2", None), ("1.2", "1.x", None), ("1.2", "1.2.*", None), ("1", "!=3", None),
        ("1:1.0", "<2", None), ("1", "vers:npm/>=1|!=3", None), ("1", "all of them", None),
    ],
)  # fmt: skip
def test_version_lies_in_a_range_or_not_or_nobody_knows(version, stated, expected):
    assert expected is is_in(version, stated)
