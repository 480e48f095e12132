"""The workflow and its action, step by step as a runner takes them: expressions from the event, then bash."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.integrations.conftest import PROBLEM, PROBLEMS, Place, lookup_path, pull, reviews_path

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
OUTPUTS = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")


@dataclass
class Runner:
    """
    Runs the steps of a job in a workspace of its own.

    Args:
        context: what expressions may name: `github`, `inputs`, `vars`, `secrets`.
    """

    workspace: Path
    context: dict[str, Any]
    environment: dict[str, str]

    def job(self, path: Path, name: str) -> int:
        """Run a job of a workflow; the exit code of the first step that fails, else 0."""
        return self.steps(yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"][name]["steps"], self.context)

    def steps(self, steps: list[dict[str, Any]], context: dict[str, Any]) -> int:
        """Run steps one after the other."""
        for step in steps:
            code = self._used(step, context) if "uses" in step else self._run(step, context)
            if code and not step.get("continue-on-error"):
                return code
        return 0

    def _used(self, step: dict[str, Any], context: dict[str, Any]) -> int:
        folder = self.workspace / step["uses"]
        action = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))
        given = {name: filled(str(one.get("default", "")), context) for name, one in action["inputs"].items()}
        given |= {name: filled(str(text), context) for name, text in step.get("with", {}).items()}
        if "program" in given:
            given["program"] = self.environment["OPSLEDGER_PROGRAM"]
        inner = {**context, "inputs": given, "github": {**context["github"], "action_path": str(folder)}}
        return self.steps(action["runs"]["steps"], inner)

    def _run(self, step: dict[str, Any], context: dict[str, Any]) -> int:
        variables = {name: filled(str(text), context) for name, text in step.get("env", {}).items()}
        files = {name: str(self.workspace.parent / name) for name in OUTPUTS}
        # As the runner calls bash.
        answer = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", filled(step["run"], context)],
            cwd=self.workspace, env={**self.environment, **files, "GITHUB_WORKSPACE": str(self.workspace), **variables},
            check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.environment["LOG"] = self.environment.get("LOG", "") + answer.stdout + answer.stderr
        return answer.returncode

    def written(self, name: str) -> str:
        """What the steps wrote into one of the runner's files."""
        return (self.workspace.parent / name).read_text(encoding="utf-8")


def filled(text: str, context: dict[str, Any]) -> str:
    """The text with its expressions filled in, which is what makes them dangerous in a script."""
    return EXPRESSION.sub(lambda found: str(valued(found[1], context)), text)


def valued(expression: str, context: dict[str, Any]) -> Any:
    for one in expression.split("||"):
        here: Any = context
        for part in one.strip().split("."):
            here = here.get(part) if isinstance(here, dict) else None
        if here not in (None, ""):
            return here
    return ""


@pytest.fixture
def runner(hub: Place, forge, tmp_path) -> Runner:
    """A runner for the repository of `hub`, as its forge would start it."""
    server = tmp_path / "server"
    (server / "pay").mkdir(parents=True)
    os.symlink(hub.remote, server / "pay/ledger")
    workspace = tmp_path / "runner/workspace"
    workspace.mkdir(parents=True)
    github = {
        "token": "s3cret", "server_url": server.as_uri(), "api_url": forge.address, "repository": "pay/ledger",
        "workspace": str(workspace), "ref": "refs/heads/main", "ref_name": "main",
    }  # fmt: skip
    kept = {name: text for name, text in hub.environment.items() if not name.startswith("OPSLEDGER_")}
    kept |= {"OPSLEDGER_PROGRAM": hub.environment["OPSLEDGER_PROGRAM"], "OPSLEDGER_NOW": "2026-03-01T12:00:00Z"}
    return Runner(workspace, {"github": github}, kept)


def start(runner: Runner, name: str, event: dict[str, Any]) -> int:
    """Start the job that judges, for an event."""
    path = runner.workspace.parent / "event.json"
    path.write_text(json.dumps(event), encoding="utf-8")
    runner.environment["GITHUB_EVENT_PATH"] = str(path)
    runner.context["github"] |= {"event_name": name, "event": event, "base_ref": "main"}
    workflow = Path(__file__).resolve().parent.parent.parent / "tooling/opsledger/ready/github/workflows/opsledger.yml"
    return runner.job(workflow, "judge")


def event_of(hub: Place, forge, text: str, title: str = "Say more") -> dict[str, Any]:
    hub.author.write(PROBLEMS, text)
    hub.author.commit("Say more")
    told = pull(7, hub.propose(7)) | {"title": title}
    forge.answers["GET /repos/pay/ledger/pulls/7"] = told
    forge.answers[reviews_path(7)] = []
    return {"action": "opened", "pull_request": told, "number": 7}


@pytest.mark.parametrize("name", ["pull_request", "pull_request_review"])
def test_a_sound_pull_request_opens_the_check(hub, forge, runner, name):
    code = start(runner, name, event_of(hub, forge, PROBLEM.format("Payments time out at night")))

    assert 0 == code, runner.environment["LOG"]
    assert "outcome=open" in runner.written("GITHUB_OUTPUT")
    assert "Payments time out at night" in runner.written("GITHUB_STEP_SUMMARY")


def test_a_pull_request_that_breaks_a_record_blocks_the_check(hub, forge, runner):
    code = start(runner, "pull_request", event_of(hub, forge, PROBLEM.format("Payments time out") + "sevrity: high\n"))

    assert 1 == code
    assert "outcome=blocked" in runner.written("GITHUB_OUTPUT")
    assert f"::error file={PROBLEMS},line=5" in runner.environment["LOG"]


def test_a_push_is_judged_on_the_branch(hub, forge, runner):
    before = hub.author.git("rev-parse", "main")
    hub.author.write(PROBLEMS, PROBLEM.format("Payments time out at night"))
    hub.author.commit("Say more")
    after = hub.land()
    forge.answers[lookup_path(after)] = []

    code = start(runner, "push", {"before": before, "after": after})

    assert 0 == code, runner.environment["LOG"]


def test_a_merge_group_is_judged(hub, forge, runner):
    told = event_of(hub, forge, PROBLEM.format("Payments time out at night"))
    before = hub.author.git("rev-parse", "main")
    group = {
        "head_sha": told["pull_request"]["head"]["sha"], "base_sha": before, "base_ref": "refs/heads/main",
        "head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{before}",
    }  # fmt: skip
    hub.author.git("push", "-q", str(hub.remote), f"HEAD:{group['head_ref']}")

    code = start(runner, "merge_group", {"action": "checks_requested", "merge_group": group})

    assert 0 == code, runner.environment["LOG"]


@pytest.mark.parametrize("words", ["$(touch {0})", "`touch {0}`", '"; touch {0}; "', "'; touch {0}; '"])
def test_a_title_that_looks_like_a_command_stays_a_title(hub, forge, runner, tmp_path, words):
    canary = tmp_path / "canary"

    code = start(runner, "pull_request", event_of(hub, forge, PROBLEM.format("A"), title=words.format(canary)))

    assert (0, False) == (code, canary.exists()), runner.environment["LOG"]


def test_a_pull_request_that_brings_its_own_action_is_judged_by_that_of_the_base(hub, forge, runner):
    hub.author.write(f"{hub.scripts}/judge.sh", "echo I judge myself; exit 0\n")
    hub.author.write(f"{hub.scripts}/action.yml", "runs: {using: composite, steps: []}\n")

    code = start(runner, "pull_request", event_of(hub, forge, PROBLEM.format("A") + "sevrity: high\n"))

    assert 1 == code
    assert "I judge myself" not in runner.environment["LOG"]
