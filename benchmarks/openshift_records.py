"""
The records of the upgrade graph: what a state of the source says, written as opsledger files.

| source | record |
|--|--|
| version in any channel, build suffix set aside | `release`, `REL-4.15.28` |
| named risk; tracker in the comments of a nameless one | `problem` |
| one stay of a version in a channel | `deployment` into the channel's environment |
| channel | `environment` |
| tombstone | `window` of type `halt` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from emit import yaml_text
from openshift_history import Event, History, State, Touched, present
from openshift_source import Risk, release_of

PRODUCT = "CI-openshift"
KEEPERS = "PTY-graph-data"
File = tuple[str, bytes | None]  # path and content; no content: the file goes away

# How far a release is, by the furthest rung that offers it. It is never closed: support channels of later
# minor versions go on taking it up for years.
_RUNGS = {
    "prerelease": "testing",
    "candidate": "piloting",
    "fast": "deploying",
    "stable": "early-life-support",
    "eus": "early-life-support",
}
_FAR = ("fast", "stable", "eus")
_LADDER = ("prerelease", "candidate", "fast", "stable", "eus")


def ground() -> Iterator[File]:
    """The records that stand from the first commit on."""
    product = {
        "id": PRODUCT,
        "title": "OpenShift Container Platform",
        "class": "service",
        "state": "live",
        "description": "The product whose releases, channels and update risks this ledger follows.",
        "owner": KEEPERS,
        "criticality": "critical",
    }
    keepers = {
        "id": KEEPERS,
        "name": "Keepers of the upgrade graph",
        "type": "business-unit",
        "state": "active",
        "description": "The people and bots whose commits this ledger was made from.",
    }
    yield f"records/cis/{PRODUCT}.yaml", yaml_text(product)
    yield f"records/parties/{KEEPERS}.yaml", yaml_text(keepers)
    # The source names a release by its version alone, whatever it fixes.
    policy = {
        "id": "POL-openshift",
        "title": "How the upgrade graph is judged",
        "owner": KEEPERS,
        "naming": {"release": "{service}-{version}"},
    }
    yield "records/policy/POL-openshift.yaml", yaml_text(policy)


def files(state: State, touched: Touched) -> Iterator[File]:
    """The files of every record that a commit touched."""
    for channel in sorted(touched.environments):
        yield _environment(state, channel)
    for channel, version in sorted(touched.deployments):
        yield from _deployments(channel, version, state.offers.get(channel, {}).get(version, ()))
    for channel, version in sorted(touched.halts):
        yield from _halts(channel, version, state.halts.get(channel, {}).get(version, ()))
    for version in sorted(touched.releases):
        yield _release(state, version)
    for name in sorted(touched.problems):
        yield _problem(state, name)


def minor_of(version: str) -> str:
    """`4.15` of `4.15.28` and of `4.15.0-rc.1`."""
    return ".".join(version.split(".")[:2])


def _environment(state: State, channel: str) -> File:
    rung, _, minor = channel.partition("-")
    offered = any(present(history) for history in state.offers.get(channel, {}).values())
    record = {
        "id": f"ENV-{channel}",
        "title": f"Clusters on channel {channel}",
        "state": "active" if offered else "retired",
        "purpose": "production" if rung in _FAR else "test",
        "production": rung in _FAR,
        "ladder": {"name": f"openshift-{minor.replace('.', '-')}", "position": _LADDER.index(rung) + 1},
        "manager": KEEPERS,
    }
    return f"records/environments/ENV-{channel}.yaml", yaml_text(record)


def _deployments(channel: str, version: str, history: History) -> Iterator[File]:
    """
    One deployment for each stay in the channel.

    A version that leaves a channel backs its deployment out; one that comes back makes a second deployment,
    since a backed-out one is never reopened.
    """
    for number, at in enumerate(range(0, len(history), 2), start=1):
        name = f"DEP-{channel}-{version}" + (f"-{number}" if number > 1 else "")
        yield (
            f"records/deployments/ENV-{channel}/{name}.yaml",
            yaml_text(_deployment(name, channel, version, history[at : at + 2])),
        )


def _deployment(name: str, channel: str, version: str, stay: tuple[Event, ...]) -> dict[str, Any]:
    (appeared, landed), *gone = stay
    record: dict[str, Any] = {
        "id": name,
        "title": f"OpenShift {version} to {channel}",
        "state": "backed-out" if gone else "succeeded" if landed else "planned",
        "release": f"REL-{version}",
        "environment": f"ENV-{channel}",
        "reason": "planned",
        "items": [{"ci": PRODUCT, "version": version}],
    }
    if landed:
        record |= {"started": instant(appeared), "ended": instant(appeared)}
    else:
        record["planned"] = {"start": instant(appeared), "end": instant(appeared)}
    if gone:
        # Committer clocks differ: a removal may bear an earlier time than what it removes.
        when = instant(max(gone[0][0], appeared))
        record["outcome"] = "backed_out"
        record["backout"] = {
            "started": when,
            "ended": when,
            "reason": f"The version was taken out of channel {channel}.",
        }
    elif landed:
        record["outcome"] = "successful"
    return record


def _halts(channel: str, version: str, history: History) -> Iterator[File]:
    path = f"records/windows/WIN-halt-{channel}-{version}.yaml"
    if not history:
        yield path, None
        return
    record: dict[str, Any] = {
        "id": f"WIN-halt-{channel}-{version}",
        "title": f"OpenShift {version} never goes to {channel}",
        "type": "halt",
        "state": "published" if present(history) else "cancelled",
        "owner": KEEPERS,
        "start": instant(history[0][0]),
        "scope": {"environments": [f"ENV-{channel}"], "cis": [PRODUCT]},
    }
    if not present(history):
        reason = "The tombstone was taken out of the channel file."
        decision = {"at": instant(history[-1][0]), "by": KEEPERS, "state": "cancelled", "reason": reason}
        record["decisions"] = [decision]
    yield path, yaml_text(record)


def _release(state: State, version: str) -> File:
    path = f"records/releases/{minor_of(version)}/REL-{version}.yaml"
    stays = {channel: versions[version] for channel, versions in state.offers.items() if version in versions}
    if not stays:
        return path, None
    record: dict[str, Any] = {
        "id": f"REL-{version}",
        "name": f"openshift-{version}",
        "title": f"OpenShift {version}",
        "state": _release_state(stays),
        "type": "emergency" if "hotfix" in version else "minor" if ".0" in version[len(minor_of(version)) :] else "fix",
        "service": PRODUCT,
        "version": version,
        "minor": minor_of(version),
    }
    if fixes := state.fixes.get(version):
        record["fixes"] = sorted(fixes)
    if known := state.known.get(version):
        record["known_problems"] = sorted(known)
    return path, yaml_text(record)


def _release_state(stays: dict[str, History]) -> str:
    now = {channel.partition("-")[0] for channel, history in stays.items() if present(history) and history[-1][1]}
    for rung in reversed(_RUNGS):
        if rung in now:
            return _RUNGS[rung]
    if any(present(history) for history in stays.values()):
        return "packaged"
    return "backed-out" if any(channel.startswith(_FAR) for channel in stays) else "suspended"


def _problem(state: State, name: str) -> File:
    path = f"records/problems/{name}.yaml"
    risks = [state.risks[path] for path in sorted(state.problems.get(name, ()), key=_natural)]
    if not risks:
        return path, None
    first = risks[0]
    named = bool(first.name)
    fixed = sorted({release_of(risk.fixed_in) for risk in risks if risk.fixed_in}, key=_natural)
    record: dict[str, Any] = {
        "id": name,
        "title": _title(first) if named else f"Updates to some releases are blocked over {name.removeprefix('PRB-')}",
        "state": "fix-ready" if fixed else "known-error",
        "severity": "medium" if first.rules and ("Always", "") not in first.rules else "high",
        "cis": [PRODUCT],
        "affected_versions": [_affected(risk) for risk in sorted(risks, key=lambda risk: _natural(risk.to))],
    }
    if fixed:
        record["fixed_in"] = fixed
    if named:
        record["known_error"] = {"symptom": first.message or first.name}
        record["exposure"] = [{"type": kind} | ({"promql": query} if query else {}) for kind, query in first.rules]
    if links := _external(name, risks):
        record["external"] = links
    return path, yaml_text(record)


def _affected(risk: Risk) -> dict[str, str]:
    suffix = risk.to.partition("+")[2]
    entry = {"ci": PRODUCT, "version": release_of(risk.to), "updates_from": risk.sources}
    return entry | ({"architecture": suffix} if suffix else {})


def _title(risk: Risk) -> str:
    sentence = re.split(r"(?<=[.!?])\s|\n", risk.message)[0].rstrip(".")
    return sentence if 10 <= len(sentence) <= 200 else risk.name


def _external(name: str, risks: list[Risk]) -> list[dict[str, str]]:
    addresses = {risk.url for risk in risks if risk.url}
    key_of = {
        address: re.split(r"[=/]", address.partition("#")[0])[-1]
        for risk in risks
        for address in (*risk.trackers, risk.url)
        if address
    }
    addresses |= {address for address, key in key_of.items() if name == f"PRB-tracker-{key}"}
    return [
        {
            "system": "bugzilla" if "bugzilla" in url else "jira" if "/browse/" in url else "vendor",
            "key": key_of[url],
            "url": url,
        }
        for url in sorted(addresses)
    ]


def instant(seconds: int) -> str:
    """The time as records write it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sorts 4.9 before 4.10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", text))
