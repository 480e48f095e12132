"""The converter of the OpenShift upgrade graph, on a small upstream made here and on the first real commits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml_rs

CHECKOUT = Path(__file__).resolve().parents[2]
CORPORA = Path(os.environ.get("OPSLEDGER_CORPORA") or CHECKOUT.parent / "shared" / "corpora")
BUNDLE = CORPORA / "openshift-upgrade-graph.bundle"
needs_bundle = pytest.mark.skipif(
    not BUNDLE.is_file(), reason=f"{BUNDLE.name} is not there; name its folder in OPSLEDGER_CORPORA"
)

RISK = """
to: 4.1.1+ppc64le
from: 4[.]1[.]0
fixedIn: 4.1.2
name: DisksVanish
url: https://issues.example.org/browse/DISK-7
message: Disks vanish on update.
matchingRules:
- type: PromQL
  promql:
    promql: up == 0
"""
NAMELESS = "to: 4.1.1\nfrom: .*\n# see https://bugs.example.org/show_bug.cgi?id=42\n"


@dataclass
class Upstream:
    """A repository like the upgrade graph; every commit is one hour after the one before it."""

    root: Path
    hour: int = 0

    def git(self, *arguments: str) -> str:
        """What git prints."""
        when = f"2024-01-01T{self.hour:02}:00:00+0200"
        environment = os.environ | {
            "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "bot-1", "GIT_AUTHOR_EMAIL": "bot@example.org",
            "GIT_COMMITTER_NAME": "user-2", "GIT_COMMITTER_EMAIL": "user@example.org",
        }  # fmt: skip
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()

    def write(self, path: str, text: str) -> None:
        """Write one file."""
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_text(text)

    def channel(self, name: str, *versions: str, tombstones: str = "[]") -> None:
        """Write one channel."""
        self.write(
            f"channels/{name}.yaml", f"name: {name}\ntombstones: {tombstones}\nversions: {json.dumps(versions)}\n"
        )

    def commit(self, subject: str) -> None:
        """Commit everything an hour later."""
        self.hour += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)


@dataclass(frozen=True)
class Converted:
    """The ledger made from an upstream."""

    root: Path

    def record(self, path: str, at: str = "HEAD") -> dict[str, Any]:
        """One record at a commit."""
        record = yaml_rs.loads(self.git("show", f"{at}:records/{path}.yaml"), parse_datetime=False)
        assert isinstance(record, dict)
        return record

    def find(self, subject: str) -> str:
        """The commit with that subject line."""
        return self.git("log", "--all", "--format=%H", f"--grep=^{subject}$")

    def git(self, *arguments: str) -> str:
        """What git prints."""
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def benchmark(name: str, *arguments: str | Path) -> str:
    """What one of the programs prints."""
    command = [sys.executable, str(CHECKOUT / "benchmarks" / name), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tell(upstream: Upstream) -> None:
    """A story with each thing that can happen to a version."""
    upstream.git("init", "--quiet", "--initial-branch=master")
    upstream.channel("candidate-4.1", "4.1.0")
    upstream.commit("Offer 4.1.0")
    upstream.git("checkout", "--quiet", "-b", "promote")
    upstream.channel("stable-4.1", "4.1.0")
    upstream.commit("Propose 4.1.0")
    upstream.git("checkout", "--quiet", "master")
    upstream.channel("candidate-4.1", "4.1.0", "4.1.1+amd64")
    upstream.commit("Offer 4.1.1")
    upstream.write("blocked-edges/4.1.1-DisksVanish.yaml", RISK)
    upstream.write("blocked-edges/4.1.1.yaml", NAMELESS)
    upstream.commit("Block 4.1.1")
    upstream.hour += 1
    upstream.git("merge", "--quiet", "--no-ff", "-m", "Merge promote", "promote")
    upstream.channel("candidate-4.1", "4.1.0", tombstones="[4.1.1]")
    upstream.commit("Remove 4.1.1")
    upstream.channel("candidate-4.1", "4.1.0", "4.1.1", "4.1.2")
    upstream.commit("Return 4.1.1")
    upstream.commit("Say nothing")


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    upstream = Upstream(tmp_path_factory.mktemp("upstream"))
    tell(upstream)
    return upstream


@pytest.fixture(scope="module")
def converted(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Converted:
    target = tmp_path_factory.mktemp("converted") / "ledger"
    benchmark("openshift_ledger.py", upstream.root, target)
    return Converted(target)


def test_commits_keep_shape_people_times_and_subjects(upstream: Upstream, converted: Converted) -> None:
    form = "--format=%an %ae %ad %cn %ce %cd %s"

    graph = converted.git("log", "--topo-order", "--graph", form)

    assert upstream.git("log", "--topo-order", "--graph", form) == graph


def test_each_commit_names_its_source(upstream: Upstream, converted: Converted) -> None:
    named = converted.git("log", "--topo-order", "--format=%(trailers:key=Source,valueonly,separator=)")

    assert upstream.git("log", "--topo-order", "--format=%H") == named


def test_a_commit_that_changes_no_record_stays_empty(converted: Converted) -> None:
    changed = converted.git("show", "--format=", "--name-only", converted.find("Say nothing"))

    assert changed == ""


def test_a_promotion_on_a_branch_is_only_planned(converted: Converted) -> None:
    deployment = converted.record("deployments/ENV-stable-4.1/DEP-stable-4.1-4.1.0", converted.find("Propose 4.1.0"))

    assert deployment["planned"] == {"start": "2024-01-01T00:00:00Z", "end": "2024-01-01T00:00:00Z"}
    assert deployment["state"] == "planned"


def test_a_promotion_happens_when_the_main_line_has_it(converted: Converted) -> None:
    deployment = converted.record("deployments/ENV-stable-4.1/DEP-stable-4.1-4.1.0")

    assert deployment["state"] == "succeeded"
    assert deployment["ended"] == "2024-01-01T03:00:00Z"


def test_a_removal_backs_the_deployment_out_and_deletes_nothing(converted: Converted) -> None:
    deployment = converted.record("deployments/ENV-candidate-4.1/DEP-candidate-4.1-4.1.1")

    assert deployment["state"] == "backed-out"
    assert deployment["ended"] == "2024-01-01T01:00:00Z"
    assert deployment["backout"]["ended"] == "2024-01-01T04:00:00Z"


def test_a_version_that_comes_back_is_deployed_again(converted: Converted) -> None:
    deployment = converted.record("deployments/ENV-candidate-4.1/DEP-candidate-4.1-4.1.1-2")

    assert deployment["state"] == "succeeded"
    assert deployment["ended"] == "2024-01-01T05:00:00Z"


def test_a_tombstone_is_a_halt_until_it_is_taken_away(converted: Converted) -> None:
    path = "windows/WIN-halt-candidate-4.1-4.1.1"

    states = [converted.record(path, converted.find(subject))["state"] for subject in ("Remove 4.1.1", "Return 4.1.1")]

    assert states == ["published", "cancelled"]


def test_a_build_suffix_makes_no_other_release(converted: Converted) -> None:
    releases = converted.git("ls-tree", "-r", "--name-only", "HEAD", "records/releases").split("\n")

    assert [f"records/releases/4.1/REL-4.1.{patch}.yaml" for patch in range(3)] == releases


def test_a_named_risk_is_a_problem_with_its_releases_and_their_fix(converted: Converted) -> None:
    problem = converted.record("problems/PRB-DisksVanish")

    affected = {"ci": "CI-openshift", "version": "4.1.1", "updates_from": "4[.]1[.]0", "architecture": "ppc64le"}
    assert [affected] == problem["affected_versions"]
    assert problem["fixed_in"] == ["4.1.2"]
    assert problem["exposure"] == [{"type": "PromQL", "promql": "up == 0"}]


def test_a_nameless_risk_is_a_problem_for_each_tracker_it_names(converted: Converted) -> None:
    release = converted.record("releases/4.1/REL-4.1.1")

    assert release["known_problems"] == ["PRB-DisksVanish", "PRB-tracker-42"]


def test_the_ledgers_own_schemas_ask_for_nothing_by_state(converted: Converted) -> None:
    for kind in ("release", "problem", "deployment"):
        schema = json.loads((converted.root / "schemas" / f"{kind}.json").read_text())

        assert "requires" not in schema["x-lifecycle"]


def test_facts_from_the_source_agree_with_the_ledger(upstream: Upstream, converted: Converted) -> None:
    facts = json.loads(benchmark("openshift_facts.py", upstream.root))

    assert facts["deployments"] == len(list((converted.root / "records" / "deployments").rglob("*.yaml")))
    assert [removal[:2] for removal in facts["removals"]] == [["candidate-4.1", "4.1.1"]]
    assert facts["lead_days"] == {"4.1": [1, round(4 / 24, 2)]}
    assert facts["dangling_release"] == {}


def test_a_target_that_is_not_empty_is_left_alone(upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    command = [sys.executable, str(CHECKOUT / "benchmarks" / "openshift_ledger.py"), str(upstream.root), str(tmp_path)]

    answer = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (answer.returncode, os.listdir(tmp_path)) == (2, ["mine"])


@needs_bundle
def test_the_first_real_commits_keep_their_shape(tmp_path: Path) -> None:
    benchmark("openshift_ledger.py", BUNDLE, tmp_path / "ledger", "--limit", "300")
    subprocess.run(["git", "clone", "--quiet", "--bare", str(BUNDLE), str(tmp_path / "source")], check=True)
    converted = Converted(tmp_path / "ledger")
    tip = converted.git("log", "-1", "--format=%(trailers:key=Source,valueonly,separator=)")

    shape = converted.git("log", "--topo-order", "--graph", "--format=%an %ad %s")

    command = ["git", "-C", str(tmp_path / "source"), "log", "--topo-order", "--graph", "--format=%an %ad %s", tip]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == shape
    assert len(list((converted.root / "records" / "deployments").rglob("*.yaml"))) > 250
