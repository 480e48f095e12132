"""The asking commands as somebody types them: list, query, show, trace, impact, export."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opsledger.cli.main import run

RECORDS = {
    "cis/CI-db": "title: Database\nstate: live\nclass: component\n",
    "cis/CI-pay": "title: Payments\nstate: live\nclass: service\nrelations: {depends_on: [CI-db]}\n",
    "problems/PRB-2026-0001": (
        "title: It stops\nstate: known-error\ncis: [CI-db]\nexternal: [{system: jira, key: PAY-7}]\n"
    ),
    "changes/CHG-2026-0001": "title: Make it go\nstate: approved\ntype: normal\nproblems: [PRB-2026-0001]\n",
    "releases/REL-2026-0001": (
        "name: pay-1.0.0\nstate: packaged\ntype: minor\ntitle: '=SUM(1)'\nchanges: [CHG-2026-0001]\nrisk: low\n"
        "summary: |\n  Two lines,\n  and \\e[31mno colour.\n"
    ),
    "releases/REL-2026-0002": 'name: pay-2.0.0\nstate: draft\ntype: major\ntitle: "Red \\e[31m"\n',
}


@pytest.fixture
def ask(repo: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Type a command in a small committed ledger and read the screen; it must end as expected."""
    for path, text in RECORDS.items():
        repo.write(f"records/{path}.yaml", f"id: {path.rpartition('/')[2]}\n{text}")
    repo.commit()
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(repo.root.parent / "cache"))
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def typed(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        ended = run(arguments)
        screen = capsys.readouterr()
        assert code == ended, screen.err
        return screen.err if code else screen.out

    return typed


Ask = Callable[..., str]


def test_list_shows_id_state_what_tells_most_and_the_title(ask: Ask) -> None:
    expected = """\
id             state     type   size_class  priority  title
-------------  --------  -----  ----------  --------  ------------
REL-2026-0001  packaged  minor                        =SUM(1)
REL-2026-0002  draft     major                        Red \\x1b[31m
"""

    assert expected == ask("list", "releases")


def test_list_takes_states_conditions_and_columns(ask: Ask) -> None:
    found = ask("list", "release", "--state", "packaged", "--where", "risk = 'low'", "--columns", "id,changes.0",
                "--format", "csv")  # fmt: skip

    assert "id,changes.0\nREL-2026-0001,CHG-2026-0001\n" == found


def test_list_of_nothing_says_so_and_exits_0(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["list", "deployments", "--format", "json"])

    assert ("", "nothing found\n") == tuple(capsys.readouterr())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("list", "releaze"), "no kind is called 'releaze'; did you mean release?"),
        (
            ("list", "release", "--state", "rready"),
            "no release is ever in a state called 'rready'; did you mean ready?",
        ),
        (("list", "release", "--columns", "id,titlle"), "release has no column called 'titlle'; did you mean title?"),
        (("query", "SELECT 1 FROM releases"), "no table is called 'releases'; did you mean release?"),
        (("query", "DROP TABLE release"), "a query may only read: it is one SELECT"),
        (("query", "@nowhere.sql"), "no query can be read from nowhere.sql: no such file or directory"),
        (("query",), "give a query, a --kind, or --tables"),
        (("query", "SELECT 1", "--tables"), "give a query, a --kind, or --tables"),
        (("query", "SELECT 1", "--where", "a"), "--state, --where and --columns go with --kind alone"),
        (("query", "--knid", "x"), "No such option '--knid'"),
        (("query", "SELECT 1", "--at", "nowhere"), "no commit is named 'nowhere'"),
        (("show", "REL-2026-0003"), "no record is called 'REL-2026-0003'; did you mean REL-2026-000"),
        (("trace", "PAY-8"), "no record is called 'PAY-8'"),
        (("impact", "CI-dbb"), "no record is called 'CI-dbb'; did you mean CI-db?"),
        (("export", "sqlite", "nowhere/x.db"), "the folder nowhere is not there"),
    ],
)
def test_mistake_is_a_sentence_and_exit_2(ask: Ask, arguments: tuple[str, ...], expected: str) -> None:
    assert f"Error: {expected}" in ask(*arguments, code=2)


def test_query_answers_in_three_forms(ask: Ask) -> None:
    sql = "SELECT title, count(*) AS n FROM release WHERE id LIKE '%1' GROUP BY 1"

    assert "title    n\n-------  -\n=SUM(1)  1\n" == ask("query", sql)
    assert 'title,n\n"\'=SUM(1)",1\n' == ask("query", sql, "--format", "csv")
    assert {"title": "=SUM(1)", "n": 1} == json.loads(ask("query", sql, "--format", "json"))["row"]


def test_query_may_start_with_a_comment(ask: Ask) -> None:
    assert "1\n" == ask("query", "-- Why?\nSELECT 1", "--format", "csv").partition("\n")[2]


def test_query_comes_from_a_file(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text("-- Why?\nSELECT 1 AS one;\n", encoding="utf-8")

    assert "one\n1\n" == ask("query", f"@{tmp_path}/one.sql", "--format", "csv")


def test_query_comes_from_standard_input(ask: Ask) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "opsledger", "query", "-", "--format", "csv"], input="SELECT 1 AS one", text=True,
        capture_output=True, check=False, env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    assert ("one\n1\n", "") == (done.stdout, done.stderr)


def test_query_without_sql_lists_a_kind(ask: Ask) -> None:
    assert "id,state,title\n" in ask("query", "--kind", "problem", "--where", "state = 'known-error'", "--columns",
                                     "id,state,title", "--format", "csv")  # fmt: skip


def test_query_looks_at_a_commit(ask: Ask, repo: Any) -> None:
    repo.delete("records/releases/REL-2026-0002.yaml")

    counts = [ask("query", "SELECT count(*) AS n FROM release", "--at", at, "--format", "csv") for at in
              ("HEAD", "index", "work tree")]  # fmt: skip

    assert ["n\n2\n", "n\n2\n", "n\n1\n"] == counts


def test_tables_name_their_columns(ask: Ask) -> None:
    assert "link\n    source, pointer, relation, inverse, target, fragment\n" in ask("query", "--tables")
    assert "state,step," in ask("query", "--tables", "--format", "csv")
    assert "release  id  " in ask("query", "--tables", "--kind", "release")


def test_answer_says_when_files_cannot_be_read(ask: Ask, repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("records/releases/REL-2026-0003.yaml", "id: [\n")

    assert 0 == run(["list", "release"])

    assert "note: 1 file cannot be read, so this is not all; `opsledger check` says why\n" == capsys.readouterr().err


def test_show_tells_fields_links_and_moves(ask: Ask) -> None:
    screen = ask("show", "REL-2026-0001")

    head = "REL-2026-0001  =SUM(1)\n    Release, packaged\n    records/releases/REL-2026-0001.yaml\n\n"
    assert screen.startswith(f"{head}    id: REL-2026-0001\n")
    assert "    summary:\n      Two lines,\n      and \\e[31mno colour.\n" in screen
    assert "Links:\n    ships CHG-2026-0001 [approved] Make it go\n" in screen
    assert "building → [packaged] → testing" in screen
    assert "    may go to deferred, once:\n        a release that is deferred says who decided so" in screen


def test_show_finds_a_record_by_its_key_elsewhere(ask: Ask) -> None:
    screen = ask("show", "PAY-7")

    assert screen.startswith("PRB-2026-0001  It stops\n")
    assert "Named by:\n    dealt with by CHG-2026-0001 [approved] Make it go\n" in screen


def test_show_gives_programs_everything(ask: Ask) -> None:
    shown = json.loads(ask("show", "CHG-2026-0001", "--format", "json"))

    assert ("change", "approved", "normal") == (shown["kind"], shown["state"], shown["data"]["type"])
    assert [("deals with", "PRB-2026-0001")] == [(link["relation"], link["target"]) for link in shown["links"]]
    assert [("shipped in", "REL-2026-0001")] == [(link["relation"], link["source"]) for link in shown["named_by"]]
    assert "scheduled" in [move["to"] for move in shown["moves"]]


def test_show_of_an_unreadable_record_says_why(ask: Ask, repo: Any) -> None:
    repo.write("records/releases/REL-2026-0003.yaml", "id: [\n")

    assert "    cannot be read: line " in ask("show", "REL-2026-0003")


def test_show_says_when_an_id_stands_twice(ask: Ask, repo: Any) -> None:
    repo.write("records/releases/2026/REL-2026-0002.yaml", "id: REL-2026-0002\n")

    assert "stands twice: records/releases/" in ask("show", "REL-2026-0002")


def test_text_of_records_steers_no_terminal(ask: Ask) -> None:
    screens = [ask("show", "REL-2026-0002"), ask("trace", "REL-2026-0002"), ask("list", "release")]

    assert [False] * 3 == ["\x1b" in screen for screen in screens]


def test_trace_is_a_tree_of_sentences(ask: Ask) -> None:
    expected = """\
PRB-2026-0001 [known-error] It stops
└─ dealt with by CHG-2026-0001 [approved] Make it go
   └─ shipped in REL-2026-0001 [packaged] =SUM(1)
"""

    assert expected == ask("trace", "PAY-7")
    assert expected.partition("   └")[0] == ask("trace", "PRB-2026-0001", "--depth", "1")


def test_trace_for_programs_holds_branches(ask: Ask) -> None:
    found = json.loads(ask("trace", "PRB-2026-0001", "--format", "json"))

    assert ("PRB-2026-0001", "CHG-2026-0001", ["dealt with by"], "down") == (
        found["id"], found["branches"][0]["id"], found["branches"][0]["relations"], found["branches"][0]["way"]
    )  # fmt: skip


def test_impact_names_what_depends_and_what_is_open(ask: Ask) -> None:
    expected = """\
CI-db [live] Database
├─ * has the problem PRB-2026-0001 [known-error] It stops
└─ needed by CI-pay [live] Payments

1 record depends on CI-db; open on them and it (*): 1 problem
"""

    assert expected == ask("impact", "CI-db")


def test_impact_on_nothing_is_said(ask: Ask) -> None:
    assert "CI-pay [live] Payments\n\nnothing depends on CI-pay; open on it (*): nothing\n" == ask("impact", "CI-pay")


def test_impact_for_programs_gives_the_way(ask: Ask) -> None:
    found = [json.loads(line) for line in ask("impact", "CI-db", "--format", "json").splitlines()]

    assert [["CI-db"], ["CI-db", "CI-pay"]] == [one["path"] for one in found]


def test_terminal_of_ascii_gets_ascii(ask: Ask) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "opsledger", "trace", "PRB-2026-0001"], capture_output=True, check=False,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip

    assert b"\n`- dealt with by CHG-2026-0001 [approved] Make it go\n   `- shipped in" in done.stdout


def test_export_writes_a_database_and_keeps_what_is_there(ask: Ask, tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"

    assert f"wrote 6 records to {place}\n" == ask("export", "sqlite", str(place))
    assert "is there already" in ask("export", "sqlite", str(place), code=2)
    assert f"wrote 6 records to {place}\n" == ask("export", "sqlite", str(place), "--force", "--at", "HEAD")

    with closing(sqlite3.connect(place)) as database:
        assert [("CHG-2026-0001",)] == database.execute(
            "SELECT target FROM link WHERE source = 'REL-2026-0001'"
        ).fetchall()
