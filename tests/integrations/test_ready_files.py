"""The ready-made files are what their forges take, ask for the least, and run nothing of anybody else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from opsledger import packaged
from opsledger.edit.ready import FORGES, plan_ready, ready_files

ROOT = Path(__file__).resolve().parent.parent.parent
READY = ROOT / "tooling/opsledger/ready"
BIN = Path(sys.executable).parent
SCHEMAS = {
    "github/workflows/opsledger.yml": "vendor.github-workflows",
    "github/workflows/opsledger-approvals.yml": "vendor.github-workflows",
    "github/workflows/opsledger-propose.yml": "vendor.github-workflows",
    "forgejo/workflows/opsledger.yml": "vendor.github-workflows",
    "github/action.yml": "vendor.github-actions",
    "github/gate/action.yml": "vendor.github-actions",
    "github/ISSUE_TEMPLATE/opsledger-record.yml": "vendor.github-issue-forms",
    "gitlab/opsledger.gitlab-ci.yml": "vendor.gitlab-ci",
    "gitlab/opsledger-gate.gitlab-ci.yml": "vendor.gitlab-ci",
}
WORKFLOWS = [path for path in SCHEMAS if "workflows" in path]
SCRIPTS = sorted(path.name for path in READY.glob("*.sh"))
PERMISSIONS = {
    ("opsledger.yml", "judge"): {"contents": "read", "pull-requests": "read"},
    ("opsledger.yml", "comment"): {"contents": "read", "pull-requests": "write"},
    ("opsledger-approvals.yml", "import"): {"contents": "write", "pull-requests": "read"},
    ("opsledger-propose.yml", "propose"): {"contents": "write", "pull-requests": "write"},
}


def loaded(path: str):
    return yaml.safe_load((READY / path).read_text(encoding="utf-8"))


def steps(path: str):
    found = loaded(path)
    if "runs" in found:
        return found["runs"]["steps"]
    return [step for job in found["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize(("path", "schema"), SCHEMAS.items(), ids=SCHEMAS)
def test_a_file_is_what_its_forge_takes(path, schema):
    transform = ["--data-transform", "gitlab-ci"] if schema == "vendor.gitlab-ci" else []

    answer = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, *transform, READY / path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert 0 == answer.returncode, answer.stdout


def test_every_yaml_file_is_held_against_a_schema():
    assert set(SCHEMAS) == {str(path.relative_to(READY)) for path in READY.rglob("*.yml")}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_sound_in_the_eyes_of_shellcheck(name):
    program = shutil.which("shellcheck", path=str(BIN)) or shutil.which("shellcheck")
    if program is None:
        pytest.fail("shellcheck is not installed; it comes with the extra `dev`")

    answer = subprocess.run([program, READY / name], check=False, capture_output=True, text=True)

    assert 0 == answer.returncode, answer.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_stops_at_the_first_thing_that_fails(name):
    lines = (READY / name).read_text(encoding="utf-8").splitlines()

    assert "set -euo pipefail" in lines
    assert "export OPSLEDGER_CACHE=off" in lines or name == "again.sh"


@pytest.mark.parametrize("path", [path for path in SCHEMAS if "ISSUE" not in path and "gitlab" not in path])
def test_nothing_that_others_wrote_is_put_into_a_script(path):
    assert [] == [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


@pytest.mark.parametrize("path", WORKFLOWS)
def test_no_workflow_runs_with_the_rights_of_the_base_for_whoever_opens_a_pull_request(path):
    assert "pull_request_target" not in (READY / path).read_text(encoding="utf-8")
    assert "workflow_run" not in (READY / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*WORKFLOWS, "github/action.yml"])
def test_no_action_of_anybody_else_is_used(path):
    used = [step["uses"] for step in steps(path) if "uses" in step]

    assert set(used) <= {"./judge/.github/actions/opsledger"}


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if path.startswith("github")])
def test_a_workflow_starts_without_any_right_and_each_job_says_what_it_needs(path):
    workflow = loaded(path)

    assert {} == workflow["permissions"]
    asked = {(Path(path).name, name): job["permissions"] for name, job in workflow["jobs"].items()}
    assert asked.items() <= PERMISSIONS.items()


def test_the_comment_is_not_written_for_a_fork():
    condition = loaded("github/workflows/opsledger.yml")["jobs"]["comment"]["if"]

    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition


def test_the_workflow_judges_pull_requests_reviews_merge_groups_and_pushes():
    # YAML 1.1 reads the key `on` as true.
    events = loaded("github/workflows/opsledger.yml")[True]

    assert {"pull_request", "pull_request_review", "merge_group", "push"} == set(events)


def test_an_issue_of_a_stranger_waits_for_a_person():
    condition = loaded("github/workflows/opsledger-propose.yml")["jobs"]["propose"]["if"]

    assert '["OWNER", "MEMBER", "COLLABORATOR"]' in condition
    assert "github.event.label.name == 'propose'" in condition


def test_gitlab_never_checks_out_a_merge_request_and_looks_again_on_a_schedule():
    jobs = yaml.safe_load((READY / "gitlab/opsledger.gitlab-ci.yml").read_text(encoding="utf-8"))

    assert "none" == jobs[".opsledger"]["variables"]["GIT_STRATEGY"]
    assert ['$CI_PIPELINE_SOURCE == "schedule"'] == [rule["if"] for rule in jobs["opsledger again"]["rules"]]


@pytest.mark.parametrize("path", ["forgejo/workflows/opsledger.yml", "gitlab/opsledger.gitlab-ci.yml", "Containerfile"])
def test_images_are_named_with_their_version(path):
    text = (READY / path).read_text(encoding="utf-8")

    images = re.findall(r"(?m)^\s*(?:image:|FROM)\s+(\S+)", text)
    assert images
    assert [] == [image for image in images if not re.search(r":[0-9][0-9a-z.-]+$", image)]


def test_the_container_runs_as_nobody_of_importance():
    lines = (READY / "Containerfile").read_text(encoding="utf-8").splitlines()
    instructions = [line.split(" ", 1) for line in lines if re.match(r"[A-Z]+ ", line)]
    order = [name for name, _ in instructions]

    assert ["FROM", "ARG", "ENV", "RUN", "USER", "WORKDIR", "ENTRYPOINT", "CMD"] == order
    assert "10001" == dict(instructions)["USER"]


@pytest.mark.parametrize("forge", FORGES)
def test_each_file_of_a_forge_travels_with_the_tool(forge):
    brought = set(packaged.files("ready").values())

    assert [] == [path for path, text in ready_files(forge).items() if text not in brought and forge != "gitea"]
    assert any(path.endswith("judge.sh") for path in ready_files(forge))


@pytest.mark.parametrize("forge", FORGES)
def test_a_script_that_a_file_names_is_among_the_files(forge):
    files = ready_files(forge)
    text = b"".join(text for path, text in files.items() if path.endswith(".yml")).decode()

    named = set(re.findall(r"bash ([.\w/-]+\.sh)", text))
    assert named <= set(files)


def test_another_branch_and_another_folder_are_written_into_the_files():
    text = ready_files("github", prefix="ops/", protected="release/1: x")[".github/workflows/opsledger.yml"].decode()
    action = ready_files("github", prefix="ops/")[".github/actions/opsledger/action.yml"].decode()

    assert ["release/1: x"] == yaml.safe_load(text)[True]["push"]["branches"]
    assert "ops/" == yaml.safe_load(action)["runs"]["steps"][0]["env"]["OPSLEDGER_DIRECTORY"]


def test_what_stands_there_stays_as_it_is_and_is_told_of(tmp_path):
    own = tmp_path / ".github/workflows/opsledger.yml"
    own.parent.mkdir(parents=True)
    own.write_text("name: mine\n")

    plan = plan_ready("github", top=tmp_path, prefix="", protected="main")

    assert ".github/workflows/opsledger.yml" not in {write.path for write in plan.writes}
    assert (
        "note: .github/workflows/opsledger.yml is another one than the tool brings, and stays as it is" == plan.said[0]
    )


def test_the_hook_for_pre_commit_calls_what_there_is(repo):
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    repo.write("records/problems/PRB-2026-0001.yaml", "id: PRB-2026-0001\ntitle: A\nstate: logged\nsevrity: high\n")
    repo.git("add", "--all")

    answers = {
        hook["id"]: subprocess.run(
            [BIN / hook["entry"].split()[0], *hook["entry"].split()[1:]],
            cwd=repo.root, check=False, capture_output=True, text=True,
            env={**repo.environment, "PYTHONPATH": ":".join(sys.path)},
        )
        for hook in hooks
    }  # fmt: skip

    assert {"opsledger-check": 1, "opsledger-fmt": 0} == {id: answer.returncode for id, answer in answers.items()}
    assert "SCH001" in answers["opsledger-check"].stdout


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("records/problems/PRB-1.yaml", True),
        ("ops/schemas/problem.json", True),
        ("src/main.py", False),
        ("schemas/x.txt", False),
    ],
)
def test_the_hook_for_pre_commit_runs_where_the_ledger_is_touched(path, meant):
    [hook, _] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert meant == bool(re.search(hook["files"], path))
