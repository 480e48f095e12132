"""`check`: forms of its answer, and how it ends."""

from __future__ import annotations

import json

import pytest
from tests.conftest import Repo

from .conftest import CI, PARTY, Call

BROKEN = CI.replace("owner: PTY-ada", "owner: PTY-bob")


def test_clean_ledger_exits_0(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "check")

    assert (0, "Judged the work tree by itself: 2 records, no findings\n", "") == (done.code, done.out, done.err)


def test_finding_exits_1_and_says_where(book: Repo, call: Call) -> None:
    book.write("records/cis/CI-payments-api.yaml", BROKEN)

    done = call("check", "-C", book.root)

    assert 1 == done.code
    assert "records/cis/CI-payments-api.yaml:5:8: LNK101 " in done.out
    assert done.out.splitlines()[-1].startswith("Judged the work tree by itself: 2 records, 1 error")


def test_commit_is_judged_as_it_was(book: Repo, call: Call) -> None:
    book.write("records/cis/CI-payments-api.yaml", BROKEN)

    done = call("-C", book.root, "check", "--at", "HEAD")

    commit = book.git("rev-parse", "HEAD")
    assert (0, f"Judged commit {commit[:7]} by itself: 2 records, no findings\n") == (done.code, done.out)


def test_index_is_judged_without_the_work_tree(book: Repo, call: Call) -> None:
    book.write("records/cis/CI-payments-api.yaml", BROKEN)
    book.git("add", "-A")
    book.write("records/cis/CI-payments-api.yaml", CI)

    assert [1, 0] == [call("-C", book.root, "check", "--at", at).code for at in ("index", "work tree")]


def test_step_names_its_judge(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "check", "--base", "main")

    assert 0 == done.code
    assert f"Judged the work tree by base main {book.git('rev-parse', 'main')[:7]}: 2 records" in done.out


def test_base_that_is_not_here_is_undecided(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "check", "--base", "origin/main")

    assert 3 == done.code
    assert "undecided: the step from origin/main" in done.out


def test_finding_outranks_what_is_undecided(book: Repo, call: Call) -> None:
    book.write("records/cis/CI-payments-api.yaml", BROKEN)

    assert 1 == call("-C", book.root, "check", "--base", "origin/main").code


def test_forms_agree_on_the_findings(book: Repo, call: Call) -> None:
    book.write("records/cis/CI-payments-api.yaml", BROKEN)

    lines = [json.loads(line) for line in call("-C", book.root, "check", "--format", "json").out.splitlines()]
    run = json.loads(call("-C", book.root, "check", "--format", "sarif").out)["runs"][0]

    found = [(one["path"], one["line"], one["column"], one["code"], one["severity"]) for one in lines[:-1]]
    results = [
        (
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            *result["locations"][0]["physicalLocation"]["region"].values(),
            result["ruleId"],
            result["level"],
        )
        for result in run["results"]
    ]
    assert ("records/cis/CI-payments-api.yaml", 5, 8, "LNK101", "error") in found
    assert found == results
    assert {"LNK101"} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_sarif_paths_start_at_the_top_of_the_repository(repo: Repo, call: Call) -> None:
    repo.git("mv", "-k", ".opsledger.yaml", "x")
    repo.delete(".opsledger.yaml")
    repo.write("ops/.opsledger.yaml", 'tool: "0.1.0"\npreset: small\nprotected: main\n')
    repo.write("ops/records/cis/CI-payments-api.yaml", BROKEN)

    [result, *_] = json.loads(call("-C", repo.root / "ops", "check", "--format", "sarif").out)["runs"][0]["results"]

    address = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert "ops/records/cis/CI-payments-api.yaml" == address


def test_many_findings_are_capped_and_counted(book: Repo, call: Call) -> None:
    for number in range(230):
        book.write(
            f"records/parties/PTY-p{number:03}.yaml", f"id: PTY-p{number:03}\nname: x\ntype: nobody\nstate: active\n"
        )

    capped, whole = (call("-C", book.root, "check", *options) for options in ((), ("--all",)))

    assert [1, 1] == [capped.code, whole.code]
    assert len(capped.out.splitlines()) < len(whole.out.splitlines())
    assert "more findings are not listed (30 errors, 230 notes); --all lists them" in capped.out
    assert "232 records, 230 errors" in whole.out


def test_error_behind_what_is_listed_still_exits_1(book: Repo, call: Call) -> None:
    for number in range(230):
        book.write(f"records/parties/PTY-p{number:03}.yaml", PARTY.replace("PTY-ada", f"PTY-p{number:03}"))
    book.write("records/problems/2026/PRB-2026-0001.yaml", "id: PRB-2026-0001\n")

    done = call("-C", book.root, "check")

    assert 1 == done.code
    assert "records/problems/2026/PRB-2026-0001.yaml:1:1: SCH001" in done.out


def test_coverage_says_what_each_rule_judged(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "check", "--coverage")

    assert any(line.split() == ["SCH001", "2", "0"] for line in done.out.splitlines())
    assert "Nothing to judge for " in done.out


def test_coverage_is_in_json_too(book: Repo, call: Call) -> None:
    lines = map(json.loads, call("-C", book.root, "check", "--coverage", "--format", "json").out.splitlines())

    assert {"SCH001": 2} == {one["code"]: one["judged"] for one in lines if one.get("code") == "SCH001"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(
            ["check", "--at", "orign/main"], "Error: no commit is named 'orign/main'\n", id="no such revision"
        ),
        pytest.param(["check", "--at", "--help"], "Error: ", id="a revision like an option"),
        pytest.param(["check", "--format", "xml"], "--format", id="no such form"),
    ],
)
def test_what_cannot_be_looked_at_exits_2(book: Repo, call: Call, arguments: list[str], sentence: str) -> None:
    done = call("-C", book.root, *arguments)

    assert (2, True) == (done.code, sentence in done.err)


def test_directory_without_a_ledger_exits_2(repo: Repo, call: Call) -> None:
    repo.delete(".opsledger.yaml")

    done = call("-C", repo.root, "check")

    assert (2, "") == (done.code, done.out)
    assert "`opsledger init` makes a ledger" in done.err


def test_colour_is_asked_for_by_the_environment(book: Repo, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    book.write("records/cis/CI-payments-api.yaml", BROKEN)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert "\x1b[31mLNK101\x1b[0m" in call("-C", book.root, "check").out


def test_name_of_a_file_steers_no_terminal(book: Repo, call: Call) -> None:
    book.write("records/cis/\x1b[2J.yaml", "id: x\n")

    done = call("-C", book.root, "check")

    assert 1 == done.code
    assert "records/cis/\\x1b[2J.yaml:" in done.out
    assert "\x1b" not in done.out
