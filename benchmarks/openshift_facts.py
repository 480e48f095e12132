"""
Facts about the OpenShift upgrade graph, counted from its source files by the plainest means.

    python benchmarks/openshift_facts.py CLONE_OR_BUNDLE

It shares no line with the converter and reads with another YAML parser, so that what the ledger answers
can be held against it. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Entry = tuple[str, str]  # channel, version as written


def main() -> None:
    """Print the facts of one clone or bundle."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("source", type=Path, help="a clone of the upgrade graph, or its bundle")
    source = parser.parse_args().source
    if source.is_dir():
        print(json.dumps(facts(source), indent=1, sort_keys=True))
        return
    with tempfile.TemporaryDirectory() as directory:
        git(None, "clone", "--quiet", "--bare", str(source), directory)
        print(json.dumps(facts(Path(directory)), indent=1, sort_keys=True))


def facts(clone: Path) -> dict[str, Any]:
    """Everything that the ledger's SQL answers are held against."""
    appeared, removed, plain_removed = promotions(clone)
    risks = dict(risk_files(clone))
    offered = {version for _, version in offers_at_tip(clone)}
    plain_offered = {plain(version) for version in offered}
    return {
        "commits": int(git(clone, "rev-list", "--count", "HEAD")),
        "merges": int(git(clone, "rev-list", "--count", "--merges", "HEAD")),
        "versions": len(offered),
        "releases": len({version for _, version in appeared}),
        "deployments": len(appeared) + sum(1 for entry in plain_removed if entry[3]),
        "removals": [list(entry[:3]) for entry in plain_removed],
        "removals_as_written": len(removed),
        "risk_names": len({risk["name"] for risk in risks.values() if "name" in risk}),
        "nameless_files": sum("name" not in risk for risk in risks.values()),
        "dangling": {path: risk["to"] for path, risk in sorted(risks.items()) if risk["to"] not in offered},
        "dangling_release": {
            path: risk["to"] for path, risk in sorted(risks.items()) if plain(risk["to"]) not in plain_offered
        },
        "dangling_fix": sorted(
            risk["fixedIn"]
            for risk in risks.values()
            if "fixedIn" in risk and plain(risk["fixedIn"]) not in plain_offered
        ),
        "lead_days": lead_days(appeared),
        "without_fix": without_fix(risks),
        "most_problems": most_problems(risks),
    }


def plain(version: str) -> str:
    """The version without its build suffix."""
    return version.split("+", maxsplit=1)[0]


def promotions(clone: Path) -> tuple[dict[Entry, int], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """
    First appearance on the main line of each (channel, release), and the removals.

    A removal is a main-line commit after which a channel lacks a version that it had before it: counted once as
    versions are written, and once with build suffixes set aside. The last item of a removal says whether the
    version came back later.
    """
    appeared: dict[Entry, int] = {}
    written: list[tuple[Any, ...]] = []
    removed: list[list[Any]] = []
    content: dict[str, set[str]] = collections.defaultdict(set)  # path -> versions
    for commit, time, changes in main_line(clone):
        names = {path.split("/", 2)[1].removesuffix(".yaml") for path, _ in changes}
        before = {name: offered(content, name) for name in names}
        for path, versions in changes:
            content[path] = versions
        for name in names:
            now = offered(content, name)
            written += [(name, version, commit) for version in before[name] - now]
            was, is_now = {plain(v) for v in before[name]}, {plain(v) for v in now}
            removed += [[name, version, commit, False] for version in sorted(was - is_now)]
            for version in is_now - was:
                appeared.setdefault((name, version), time)
                for entry in removed:
                    if entry[:2] == [name, version]:
                        entry[3] = True
    return appeared, written, [tuple(entry) for entry in removed]


def offered(content: dict[str, set[str]], name: str) -> set[str]:
    """What a channel offers: its file, or before 2019-12 its folder of links."""
    paths = [path for path in content if path == f"channels/{name}.yaml" or path.startswith(f"channels/{name}/")]
    return set().union(*(content[path] for path in paths))


def main_line(clone: Path) -> Iterator[tuple[str, int, list[tuple[str, set[str]]]]]:
    """Each first-parent commit with the channel files that it changed and what they then offer."""
    log = git(clone, "log", "--first-parent", "-m", "--reverse", "--raw", "--no-abbrev", "--no-renames",
              "--format=commit %H %ct", "HEAD", "--", "channels")  # fmt: skip
    for part in log.split("commit ")[1:]:
        head, *lines = part.strip().split("\n")
        commit, time = head.split()
        changes = []
        for line in filter(None, lines):
            fields, path = line.split("\t")
            blob = fields.split()[3]
            if path.endswith((".yaml", ".json")) and (versions := versions_in(clone, path, blob)) is not None:
                changes.append((path, versions))
        yield commit, int(time), changes


def versions_in(clone: Path, path: str, blob: str) -> set[str] | None:
    """The versions that a file offers; None when it is no YAML (then what it said before still counts)."""
    if set(blob) == {"0"}:
        return set()
    if path.endswith(".json"):
        return {path.rsplit("/", 1)[1].removesuffix(".json")}
    try:
        return set(yaml.load(git(clone, "cat-file", "blob", blob), yaml.CSafeLoader)["versions"])
    except yaml.YAMLError:
        return None


def offers_at_tip(clone: Path) -> Iterator[Entry]:
    """Every channel entry of the last commit."""
    for path in files(clone, "channels"):
        content = yaml.load(git(clone, "show", f"HEAD:{path}"), yaml.CSafeLoader)
        yield from ((content["name"], version) for version in content["versions"])


def risk_files(clone: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every blocked-edges file of the last commit, with the addresses that it writes."""
    for path in files(clone, "blocked-edges"):
        text = git(clone, "show", f"HEAD:{path}")
        content = yaml.load(text, yaml.CSafeLoader)
        content["addresses"] = set(re.findall(r"https?://[^\s)>,#]+", text))
        yield path, content


def problems_of(path: str, risk: dict[str, Any]) -> set[str]:
    """A named risk is a problem; a nameless file speaks of each tracker that it names, or of its release."""
    return {risk["name"]} if "name" in risk else risk["addresses"] or {path}


def lead_days(appeared: dict[Entry, int]) -> dict[str, list[float]]:
    """Minor version -> [releases, median days] from its candidate to its stable channel."""
    spans = collections.defaultdict(list)
    for (channel, version), start in appeared.items():
        ladder, _, minor = channel.partition("-")
        end = appeared.get((f"stable-{minor}", version))
        if ladder == "candidate" and version.startswith(f"{minor}.") and end is not None:
            spans[minor].append((end - start) / 86400)
    return {minor: [len(days), round(statistics.median(days), 2)] for minor, days in spans.items()}


def without_fix(risks: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Named risks for which no file names a fixing release -> how many releases have them."""
    fixed = {risk["name"] for risk in risks.values() if "name" in risk and "fixedIn" in risk}
    releases = collections.defaultdict(set)
    for risk in risks.values():
        if "name" in risk and risk["name"] not in fixed:
            releases[risk["name"]].add(plain(risk["to"]))
    return {name: len(versions) for name, versions in releases.items()}


def most_problems(risks: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Release -> known problems, of the releases that have as many as the twentieth or more."""
    problems: dict[str, set[str]] = collections.defaultdict(set)
    for path, risk in risks.items():
        problems[plain(risk["to"])] |= problems_of(path, risk)
    counts = {version: len(names) for version, names in problems.items()}
    bar = sorted(counts.values(), reverse=True)[:20][-1]
    return {version: count for version, count in counts.items() if count >= bar}


def files(clone: Path, folder: str) -> list[str]:
    """The YAML files of a folder at the last commit."""
    return [
        path
        for path in git(clone, "ls-tree", "-r", "--name-only", "HEAD", folder).split("\n")
        if path.endswith(".yaml")
    ]


def git(clone: Path | None, *arguments: str) -> str:
    """What git prints."""
    where = ["-C", str(clone)] if clone else []
    return subprocess.run(["git", *where, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
