"""The scripts that write: approvals after a merge, a pull request of an issue, and another look at what is open."""

from __future__ import annotations

import json

import pytest
from tests.integrations.conftest import PROBLEM, PROBLEMS, Place, place

from opsledger import packaged
from opsledger.yamlfile import read

PROPOSE = {"OPSLEDGER_NUMBER": "12", "BRANCH": "main"}
BODY = """\
### What is it?

{kind}

### Title

{title}

### How bad is it?

high

### What should others know?

{description}
"""


def issue(tmp_path, **said) -> str:
    answers = {"kind": "problem", "title": "Refunds time out", "description": "Since noon."} | said
    event = {
        "action": "opened",
        "issue": {"number": 12, "html_url": "https://github.com/pay/ledger/issues/12", "body": BODY.format(**answers)},
    }
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event), encoding="utf-8")
    return str(path)


def proposed(hub: Place) -> str:
    return hub.author.git(
        "--git-dir", str(hub.remote), "show", "opsledger/issue-12:records/problems/2026/PRB-2026-0002.yaml"
    )


@pytest.fixture
def program(tmp_path):
    """A program that keeps how it was called and ends as its last argument tells."""
    called = tmp_path / "called"
    path = tmp_path / "program"
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {called}\nexit "${{PROGRAM_EXIT:-0}}"\n')
    path.chmod(0o755)
    return path, called


def test_an_issue_becomes_a_record_on_a_branch_and_a_pull_request(hub, forge, tmp_path):
    forge.answers["POST /repos/pay/ledger/pulls"] = {"number": 13}

    ran = hub.run("propose.sh", **PROPOSE, GITHUB_EVENT_PATH=issue(tmp_path))

    assert 0 == ran.code, ran.out + ran.err
    text = proposed(hub)
    assert "title: Refunds time out" in text
    assert "severity: high" in text
    assert {
        "title": "Record issue #12",
        "head": "opsledger/issue-12",
        "base": "main",
        "body": "Closes #12.",
    } == json.loads(forge.asked[-1][3])


@pytest.mark.parametrize(
    "title",
    [
        "$(touch {0})",
        "`touch {0}`",
        "'; touch {0}; '",
        '"; touch {0}; "',
        "x $(touch {0}) ${{{{ github.token }}}}",
        "--set id={0}",
    ],
)
def test_what_an_issue_says_is_data_and_never_a_command(hub, forge, tmp_path, title):
    canary = tmp_path / "canary"
    words = title.format(canary)
    forge.answers["POST /repos/pay/ledger/pulls"] = {"number": 13}

    ran = hub.run("propose.sh", **PROPOSE, GITHUB_EVENT_PATH=issue(tmp_path, title=words, description=words))

    assert 0 == ran.code, ran.out + ran.err
    assert not canary.exists()
    record = read(proposed(hub).encode())
    assert (words, words) == (record["title"], record["description"])
    assert words not in forge.asked[-1][3].decode()
    assert "Record issue #12" == hub.author.git(
        "--git-dir", str(hub.remote), "log", "-1", "--format=%B", "opsledger/issue-12"
    )


def test_an_issue_that_was_not_written_with_the_form_proposes_nothing(hub, forge, tmp_path):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"issue": {"number": 12, "body": "It is broken"}}))

    ran = hub.run("propose.sh", **PROPOSE, GITHUB_EVENT_PATH=str(event))

    assert 2 == ran.code
    assert [] == forge.asked


def test_a_pull_request_that_is_open_already_is_no_failure(hub, forge, tmp_path):
    forge.answers["POST /repos/pay/ledger/pulls"] = (422, b'{"message": "A pull request already exists for pay:x."}')

    ran = hub.run("propose.sh", **PROPOSE, GITHUB_EVENT_PATH=issue(tmp_path))

    assert 0 == ran.code, ran.out + ran.err


def test_a_pull_request_that_the_forge_refuses_is_told_of(hub, forge, tmp_path):
    forge.answers["POST /repos/pay/ledger/pulls"] = (403, b'{"message": "Resource not accessible"}')

    ran = hub.run("propose.sh", **PROPOSE, GITHUB_EVENT_PATH=issue(tmp_path))

    assert 1 == ran.code
    assert "Resource not accessible" in ran.err


def merged(hub: Place) -> dict[str, str]:
    before = hub.author.git("rev-parse", "main")
    for number in range(2):
        hub.author.write(PROBLEMS, PROBLEM.format(f"Title {number}"))
        hub.author.commit(f"Change {number}")
    after = hub.land()
    hub.author.git("-C", str(hub.job), "pull", "-q")
    return {"OPSLEDGER_BEFORE": before, "OPSLEDGER_AFTER": after, "OPSLEDGER_PARTY": "PTY-bot"}


def test_the_reviews_of_each_merged_pull_request_are_imported_once(hub, forge, program):
    path, called = program
    push = merged(hub)
    for commit in hub.author.git("rev-list", f"{push['OPSLEDGER_BEFORE']}..{push['OPSLEDGER_AFTER']}").split():
        forge.answers[f"GET /repos/pay/ledger/commits/{commit}/pulls"] = [
            {"number": 7, "merged_at": "2026-03-01T10:00:00Z"}, {"number": 8, "merged_at": None},
        ]  # fmt: skip

    ran = hub.run("import.sh", **push, OPSLEDGER_PROGRAM=str(path))

    assert 0 == ran.code, ran.err
    assert ["-C . approvals import --live --pull-request 7 --push --by PTY-bot"] == called.read_text().splitlines()


def test_an_import_that_is_undecided_fails_the_job(hub, forge, program):
    path, _ = program
    push = merged(hub)
    for commit in hub.author.git("rev-list", f"{push['OPSLEDGER_BEFORE']}..{push['OPSLEDGER_AFTER']}").split():
        forge.answers[f"GET /repos/pay/ledger/commits/{commit}/pulls"] = [
            {"number": 7, "merged_at": "2026-03-01T10:00:00Z"}
        ]

    assert 3 == hub.run("import.sh", **push, OPSLEDGER_PROGRAM=str(path), PROGRAM_EXIT="3").code


def test_a_forge_that_does_not_answer_imports_nothing_and_says_so(hub, forge, program):
    path, called = program

    ran = hub.run("import.sh", **merged(hub), OPSLEDGER_PROGRAM=str(path))

    assert 3 == ran.code
    assert "undecided" in ran.err
    assert not called.exists()


def test_at_forgejo_a_commit_without_a_pull_request_is_not_there(tmp_path, environment, forge, program):
    path, called = program
    there = place(tmp_path, environment, forge, "forgejo")
    push = merged(there)
    source = there.job / there.scripts / "import.sh"
    source.write_bytes(packaged.files("ready")["import.sh"])
    ran = there.run("import.sh", **push, OPSLEDGER_PROGRAM=str(path))

    assert (0, False) == (ran.code, called.exists()), ran.err


@pytest.mark.parametrize(("says", "state"), [("0", "success"), ("1", "failure"), ("3", "pending"), ("70", "error")])
def test_at_forgejo_what_is_open_is_judged_again_and_gets_a_status(tmp_path, environment, forge, program, says, state):
    path, called = program
    there = place(tmp_path, environment, forge, "forgejo")
    there.author.write(PROBLEMS, PROBLEM.format("Payments time out at night"))
    there.author.commit("Say more")
    head = there.propose(7)
    one = {"number": 7, "head": {"sha": head}, "base": {"ref": "main"}, "updated_at": "2026-03-01T10:00:00Z"}
    forge.answers["GET /repos/pay/ledger/pulls?state=open&limit=50&page=1"] = [
        one,
        one | {"number": 8, "base": {"ref": "x"}},
    ]
    forge.answers["GET /repos/pay/ledger/pulls/7"] = {"number": 7}
    forge.answers["GET /repos/pay/ledger/pulls/7/reviews?per_page=50&limit=50&page=1"] = []
    forge.answers[f"POST /repos/pay/ledger/statuses/{head}"] = {}

    ran = there.run("again.sh", OPSLEDGER_PROGRAM=str(path), PROGRAM_EXIT=says)

    assert 0 == ran.code, ran.err
    method, where, _, body = forge.asked[-1]
    assert ("POST", f"/repos/pay/ledger/statuses/{head}") == (method, where)
    assert ("opsledger", state) == (json.loads(body)["context"], json.loads(body)["state"])
    assert 1 == len(called.read_text().splitlines())


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        pytest.param(["2026-03-01T09:59:59Z"], 1, id="before its last change"),
        pytest.param(["2026-03-01T10:00:01Z", "2026-03-01T08:00:00Z"], 0, id="after its last change"),
        pytest.param([], 1, id="never"),
    ],
)
def test_at_gitlab_a_pipeline_starts_where_something_happened_since_the_last(
    tmp_path, environment, forge, started, expected
):
    there = place(tmp_path, environment, forge, "gitlab")
    one = {"iid": 7, "sha": "a" * 40, "target_branch": "main", "updated_at": "2026-03-01T10:00:00Z"}
    forge.answers["GET /projects/7/merge_requests?state=opened&per_page=100&page=1"] = [one]
    forge.answers["GET /projects/7/merge_requests/7/pipelines"] = [{"created_at": moment} for moment in started]
    forge.answers["POST /projects/7/merge_requests/7/pipelines"] = {}

    ran = there.run("again.sh")

    assert 0 == ran.code, ran.err
    assert expected == [method for method, _, _, _ in forge.asked].count("POST")
