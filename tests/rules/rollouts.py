"""Releases, deployments and places as the tests of their rules write them."""

from __future__ import annotations

from opsledger.canonical import digest

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
COMMIT = "53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3"
PLACES = """
# records/environments/ENV-staging.yaml
state: active
production: false
ladder: {position: 2}
# records/environments/ENV-prod-eu.yaml
state: active
production: true
ladder: {position: 3}
# records/environments/ENV-prod-us.yaml
state: active
production: true
ladder: {position: 4}
"""
NO_FILE = "# raw: records/{}.yaml\ntitle: [\n"


def release(state="deploying", size="medium", groups="one", more="") -> str:
    listed = {
        "none": "",
        "one": "{id: eu, environment: ENV-prod-eu, order: 1}",
        "two": "{id: eu, environment: ENV-prod-eu, order: 1}, {id: us, environment: ENV-prod-us, order: 2}",
        "unnumbered": "{id: eu, environment: ENV-prod-eu}, {id: us, environment: ENV-prod-us}",
    }[groups]
    return (
        f"# records/releases/2026/REL-2026-9001.yaml\nstate: {state}\nsize_class: {size}\n"
        f"rollout: {{model: phased, groups: [{listed}]}}\npackage: {{digest: '{A}'}}\n{more}"
    )


def deployment(id="a1b1", state="succeeded", place="ENV-prod-eu", more="", package=A) -> str:
    return (
        f"# records/deployments/2026/DEP-2026-{id}.yaml\nstate: {state}\nrelease: REL-2026-9001\n"
        f"environment: {place}\npackage_digest: '{package}'\n{more}\n"
    )


def verdict(**over: str) -> str:
    stated = {"gate": "promote", "outcome": "open", "as_of": "2026-03-01T08:00:00Z", "commit": COMMIT} | over
    return "verdict: {%s}\n" % ", ".join(f"{name}: '{value}'" for name, value in stated.items())  # noqa: UP031


def kept() -> str:
    """A verdict as `deploy start` keeps it."""
    about = {"subject": "REL-2026-9001", "environment": "ENV-prod-eu", "package_digest": A, "judge": COMMIT}
    stated = {"gate": "promote", "outcome": "open", "as_of": "2026-03-01T08:00:00Z", "commit": COMMIT} | about
    return verdict(**about, digest=digest(stated))


def asked(subject: str, after: str, place="", at="2026-03-01T12:00:00Z") -> str:
    return f"# asks: {subject} -> {after}{f' in {place}' if place else ''} at {at}\n"


def messages(said) -> list[str]:
    return [finding.message for finding in said.findings]


VERIFY = asked("REL-2026-9001", "early-life-support")
NEXT = asked("DEP-2026-a1b2", "in-progress")
GATE = """
# records/gates/GAT-promote.yaml
mode: enforce
moves: [{kind: release, from: ready, to: deploying}]
codes: [LCY202]
"""
SECOND = deployment("a1b2", "authorised", "ENV-prod-us", "group: us")
FIRST = "group: eu\nverification: [{check: It answers, type: smoke, result: passed}]"
