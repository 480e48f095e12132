"""The script that every pipeline runs: what it judges, by whom, and that nothing of a pull request runs."""

from __future__ import annotations

import pytest
from tests.integrations.conftest import PROBLEM, PROBLEMS, lookup_path, place, pull, review, reviews_path

PULL = {"OPSLEDGER_EVENT": "pull_request", "OPSLEDGER_NUMBER": "7"}
CANARY = "$(touch {0})`touch {0}`; touch {0} #"


def opened(hub, forge, title: str = "Payments time out at night") -> str:
    hub.author.write(PROBLEMS, PROBLEM.format(title))
    hub.author.commit("Say more")
    head = hub.propose(7)
    forge.answers["GET /repos/pay/ledger/pulls/7"] = pull(7, head)
    forge.answers[reviews_path(7)] = []
    return head


def test_a_pull_request_that_breaks_a_record_is_stopped_with_an_annotation_at_its_line(hub, forge):
    opened(hub, forge)
    hub.author.write(PROBLEMS, PROBLEM.format("Payments time out") + "sevrity: high\n")
    hub.author.commit("Misspell")
    forge.answers["GET /repos/pay/ledger/pulls/7"] = pull(7, hub.propose(7))

    ran = hub.run("judge.sh", **PULL)

    assert 1 == ran.code, ran.err
    assert f"::error file={PROBLEMS},line=5" in ran.out


def test_a_sound_pull_request_passes(hub, forge):
    opened(hub, forge)

    ran = hub.run("judge.sh", **PULL)

    assert 0 == ran.code, ran.out + ran.err


def test_outcome_and_meaning_go_where_the_runner_looks(hub, forge, tmp_path):
    opened(hub, forge)
    paths = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "OPSLEDGER_REPORT")}

    ran = hub.run("judge.sh", **PULL, **paths)

    assert "exit-code=0\noutcome=open\n" == (tmp_path / "GITHUB_OUTPUT").read_text(), ran.err
    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    assert "Payments time out at night" in summary
    assert summary == (tmp_path / "OPSLEDGER_REPORT").read_text()


def test_the_schemas_of_the_base_judge_and_not_those_of_the_pull_request(hub, forge):
    opened(hub, forge)
    hub.author.write("schemas/problem.json", "{}")
    hub.author.write(PROBLEMS, PROBLEM.format("Payments time out") + "sevrity: high\n")
    hub.author.commit("Loosen")
    forge.answers["GET /repos/pay/ledger/pulls/7"] = pull(7, hub.propose(7))

    ran = hub.run("judge.sh", **PULL)

    assert 1 == ran.code
    assert "SCH001" in ran.out


def test_the_version_that_is_installed_is_the_one_that_the_base_pins(hub, forge, tmp_path):
    opened(hub, forge)
    hub.author.write(".opsledger.yaml", 'tool: "9.9.9"\npreset: small\nprotected: main\n')
    hub.author.commit("Bring my own judge")
    forge.answers["GET /repos/pay/ledger/pulls/7"] = pull(7, hub.propose(7))
    called = tmp_path / "called"
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("python3",):
        (tools / name).write_text(
            f'#!/bin/sh\nmkdir -p "$3/bin"\nprintf \'#!/bin/sh\\necho "$@" >> {called}\\n\' > "$3/bin/pip"\n'
            f'chmod +x "$3/bin/pip"\nln -s {hub.environment["OPSLEDGER_PROGRAM"]} "$3/bin/opsledger"\n'
        )
        (tools / name).chmod(0o755)

    ran = hub.run("judge.sh", **PULL, OPSLEDGER_PROGRAM="", PATH=f"{tools}:{hub.environment['PATH']}")

    assert "opsledger==0.1.0" == called.read_text().split()[-1], ran.err


@pytest.mark.parametrize("pinned", ["", "tool: latest\n", 'tool: "0.1.0; touch canary"\n', "tool: $(touch canary)\n"])
def test_a_base_that_pins_no_version_is_not_judged_by_a_guess(hub, forge, pinned):
    hub.author.switch("main")
    hub.author.write(".opsledger.yaml", f"{pinned}preset: small\n")
    hub.author.commit("Pin nothing")
    hub.land()
    hub.author.git("-C", str(hub.job), "pull", "-q")

    ran = hub.run("judge.sh", **PULL, OPSLEDGER_PROGRAM="")

    assert 2 == ran.code
    assert "pins no version of the tool" in ran.err
    assert not (hub.job / "canary").exists()


@pytest.mark.parametrize("status", [403, 404, 500])
def test_reviews_that_cannot_be_had_are_never_taken_for_none(hub, forge, status):
    opened(hub, forge)
    forge.answers[reviews_path(7)] = (status, b"{}")

    ran = hub.run("judge.sh", **PULL)

    assert 3 == ran.code
    assert "nobody knows who approved" in ran.err


def test_reviews_are_read_to_the_last_page(hub, forge):
    head = opened(hub, forge)
    forge.answers[reviews_path(7)] = [review(7, head, id=index) | {"id": index} for index in range(50)]
    forge.answers[reviews_path(7, 2)] = [review(7, head)]

    ran = hub.run("judge.sh", **PULL)

    assert 0 == ran.code, ran.out + ran.err
    assert [1, 2, 3] == [int(path[-1]) for _, path, _, _ in forge.asked if "page=" in path]


def test_what_people_wrote_never_becomes_a_command(hub, forge, tmp_path):
    canary = tmp_path / "canary"
    opened(hub, forge, title=f"'{CANARY.format(canary)}'".replace("'$", '"$').replace("#'", '#"'))
    hub.author.write(f"records/problems/$(touch {canary.name}).yaml", "id: 1\n")
    hub.author.write("conftest.py", f"import pathlib; pathlib.Path({str(canary)!r}).touch()\n")
    hub.author.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
    hub.author.commit(f"{CANARY.format(canary)}")
    forge.answers["GET /repos/pay/ledger/pulls/7"] = pull(7, hub.propose(7)) | {"title": CANARY.format(canary)}

    ran = hub.run("judge.sh", **PULL, OPSLEDGER_REPORT=str(tmp_path / "report.md"))

    assert 1 == ran.code
    assert not canary.exists()
    assert not (hub.job / canary.name).exists()


@pytest.mark.parametrize("number", ["7;touch canary", "$(touch canary)", "../8", ""])
def test_a_number_that_is_none_is_refused(hub, number):
    ran = hub.run("judge.sh", OPSLEDGER_EVENT="pull_request", OPSLEDGER_NUMBER=number)

    assert 2 == ran.code
    assert not (hub.job / "canary").exists()


def test_the_files_of_a_pull_request_are_never_checked_out(hub, forge):
    opened(hub, forge)
    before = sorted(path.name for path in hub.job.iterdir())
    hub.author.write("evil.sh", "touch canary\n")
    hub.author.write(f"{hub.scripts}/judge.sh", "echo I judge myself; exit 0\n")
    hub.author.commit("Bring more")
    forge.answers["GET /repos/pay/ledger/pulls/7"] = pull(7, hub.propose(7))

    ran = hub.run("judge.sh", **PULL)

    assert before == sorted(path.name for path in hub.job.iterdir())
    assert "I judge myself" not in ran.out


def test_the_token_stands_in_no_file_and_in_no_output(hub, forge):
    opened(hub, forge)

    ran = hub.run("judge.sh", **PULL)

    assert "s3cret" not in ran.out + ran.err
    assert "s3cret" not in (hub.job / ".git/config").read_text()
    assert [] == list((hub.job.parent / "temporary").iterdir())
    assert {"Bearer s3cret"} == {headers["Authorization"] for _, _, headers, _ in forge.asked}


def test_a_push_is_judged_from_what_stood_there(hub, forge):
    before = hub.author.git("rev-parse", "main")
    hub.author.delete(PROBLEMS)
    hub.author.commit("Lose a record")
    after = hub.land()
    forge.answers[lookup_path(after)] = []

    ran = hub.run("judge.sh", OPSLEDGER_EVENT="push", OPSLEDGER_BEFORE=before, OPSLEDGER_AFTER=after)

    assert 1 == ran.code
    assert "LCY204" in ran.out


def test_a_branch_that_was_not_there_is_judged_by_itself(hub):
    after = hub.author.git("rev-parse", "main")

    ran = hub.run("judge.sh", OPSLEDGER_EVENT="push", OPSLEDGER_BEFORE="0" * 40, OPSLEDGER_AFTER=after)

    assert 0 == ran.code, ran.out + ran.err


@pytest.mark.parametrize("commit", ["main; touch canary", "--upload-pack=touch canary", "HEAD", ""])
def test_a_commit_that_is_none_is_refused(hub, commit):
    ran = hub.run("judge.sh", OPSLEDGER_EVENT="push", OPSLEDGER_BEFORE="0" * 40, OPSLEDGER_AFTER=commit)

    assert 2 == ran.code
    assert not (hub.job / "canary").exists()


def test_a_merge_group_is_judged_with_the_reviews_of_the_pull_request_that_its_branch_names(hub, forge):
    head = opened(hub, forge)
    before = hub.author.git("rev-parse", "main")
    hub.author.git("push", "-q", str(hub.remote), f"HEAD:refs/heads/gh-readonly-queue/main/pr-7-{before}")

    ran = hub.run(
        "judge.sh", OPSLEDGER_EVENT="merge_group", OPSLEDGER_BEFORE=before, OPSLEDGER_AFTER=head,
        OPSLEDGER_BRANCH=f"refs/heads/gh-readonly-queue/main/pr-7-{before}",
    )  # fmt: skip

    assert 0 == ran.code, ran.out + ran.err
    assert any("/pulls/7/reviews" in path for _, path, _, _ in forge.asked)


def test_an_event_that_means_nothing_here_is_refused(hub):
    ran = hub.run("judge.sh", OPSLEDGER_EVENT="pull_request_target")

    assert 2 == ran.code
    assert "nothing is judged on the event" in ran.err


@pytest.mark.parametrize(
    ("sort", "reference"), [("forgejo", "refs/pull/{}/head"), ("gitlab", "refs/merge-requests/{}/head")]
)
def test_other_forges_are_fetched_and_asked_in_their_own_way(tmp_path, environment, forge, sort, reference):
    there = place(tmp_path, environment, forge, sort)
    there.author.write(PROBLEMS, PROBLEM.format("Payments time out at night"))
    there.author.commit("Say more")
    there.propose(7, reference)

    there.run("judge.sh", **PULL)

    first = {"forgejo": "/repos/pay/ledger/pulls/7", "gitlab": "/projects/7/merge_requests/7"}[sort]
    header = {"forgejo": ("Authorization", "token s3cret"), "gitlab": ("PRIVATE-TOKEN", "s3cret")}[sort]
    _, path, headers, _ = forge.asked[0]
    assert (first, header[1]) == (path, headers.get(header[0]))
