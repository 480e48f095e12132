"""The ledger as a query database: what the tables hold, what queries may do, and how they fail."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opsledger.errors import Refused
from opsledger.kind import Kinds, load_kinds
from opsledger.ledger import Ledger, load
from opsledger.store import Repository
from opsledger.tables import QueryRefused, asked, listing, tables_of, write_database
from opsledger.tables.aggregates import quantile
from opsledger.tables.layout import NoSuchColumn

_FIELD = {"type": "string", "description": "Words."}


def _schema(name: str, fields: Sequence[str], **about: Any) -> bytes:
    schema = {
        "title": name.capitalize(),
        "description": "For the tests.",
        "x-kind": {"name": name, "folder": f"{name}s", **about},
        "x-lifecycle": {
            "field": "state", "main": ["draft", "doing", "closed"], "done": ["closed", "dropped"],
            "moves": {"draft": ["doing", "dropped"], "doing": ["closed"]},
        },
        "type": "object",
        "properties": {
            **dict.fromkeys(fields, _FIELD),
            "after": {"type": "array", "items": {
                "type": "string", "x-refers-to": {"kinds": ["*"], "as": "comes after", "inverse": "comes before"}}},
        },
    }  # fmt: skip
    return json.dumps(schema).encode()


@pytest.fixture(scope="module")
def kinds() -> Kinds:
    """A plain kind, one whose ids are paths, and one whose fields and name collide with what the tables bring."""
    return load_kinds(
        {
            "work.json": _schema("work", ["id", "title", "state", "size", "is_big", "plan"], prefix="WRK"),
            "page.json": _schema("page", ["title", "state"], id_from="path"),
            "link.json": _schema("link", ["id", "path", "Path"], prefix="LNK"),
        },
        {},
    )


@pytest.fixture
def ledger(repo: Any, kinds: Kinds) -> Iterator[Ledger]:
    """Four works, of which one cannot be read, a page and a link."""
    first = "id: WRK-1\ntitle: First\nstate: closed\nsize: 3\nis_big: true\nplan: {owner: Ada}\n"
    second = 'id: WRK-2\ntitle: "=1+1"\nstate: doing\nsize: 8\nis_big: false\nafter: ["WRK-1#x", WRK-9]\n'
    repo.write("records/works/WRK-1.yaml", first)
    repo.write("records/works/WRK-2.yaml", second)
    repo.write("records/works/WRK-3.yaml", "id: WRK-3\ntitle: Third é\nstate: dropped\n")
    repo.write("records/works/WRK-4.yaml", "id: [\n")
    repo.write("records/pages/a/one.yaml", "title: One\nstate: draft\nafter: [WRK-1]\n")
    repo.write("records/links/LNK-1.yaml", "id: LNK-1\npath: mine\n")
    with Repository.open(repo.root, environment=repo.environment) as repository:
        yield load(repository.work_tree(), kinds)


def rows(ledger: Ledger, sql: str) -> list[tuple[Any, ...]]:
    """Return the whole answer to a query."""
    with asked(ledger, sql) as answer:
        return list(answer.rows)


def said(ledger: Ledger, sql: str) -> str:
    """Return why a query is refused."""
    with pytest.raises(QueryRefused) as refusal:
        rows(ledger, sql)
    return str(refusal.value)


def test_kind_is_a_table_whose_columns_are_its_fields_and_the_file(ledger: Ledger) -> None:
    with asked(ledger, "SELECT * FROM work WHERE id < 'WRK-3'") as answer:
        found = list(answer.rows)

    assert ("id", "title", "state", "size", "is_big", "plan", "after", "path") == answer.columns
    assert [
        ("WRK-1", "First", "closed", 3, 1, '{"owner":"Ada"}', None, "records/works/WRK-1.yaml"),
        ("WRK-2", "=1+1", "doing", 8, 0, None, '["WRK-1#x","WRK-9"]', "records/works/WRK-2.yaml"),
    ] == found


def test_kind_whose_id_is_its_path_has_an_id_column(ledger: Ledger) -> None:
    assert [("a/one", "One", "records/pages/a/one.yaml")] == rows(ledger, "SELECT id, title, path FROM page")


def test_kind_named_like_a_fixed_table_gets_a_number(ledger: Ledger) -> None:
    assert [("LNK-1", "mine", "records/links/LNK-1.yaml")] == rows(ledger, "SELECT id, path, path_3 FROM link_2")


def test_columns_differ_by_more_than_case(kinds: Kinds) -> None:
    assert ("id", "path", "Path_2", "after", "path_3") == tables_of(kinds)["link_2"].columns


def test_links_read_both_ways(ledger: Ledger) -> None:
    expected = [
        ("a/one", "/after/0", "comes after", "comes before", "WRK-1", ""),
        ("WRK-2", "/after/0", "comes after", "comes before", "WRK-1", "x"),
        ("WRK-2", "/after/1", "comes after", "comes before", "WRK-9", ""),
    ]

    assert expected == rows(ledger, "SELECT * FROM link")


def test_states_have_a_step_on_the_main_path_only(ledger: Ledger) -> None:
    expected = [
        ("a/one", "page", "draft", 1, 0),
        ("WRK-1", "work", "closed", 3, 1),
        ("WRK-2", "work", "doing", 2, 0),
        ("WRK-3", "work", "dropped", None, 1),
    ]

    assert expected == rows(ledger, "SELECT * FROM state")


def test_all_records_stand_in_one_table(ledger: Ledger) -> None:
    assert [("link", 1), ("page", 1), ("work", 4)] == rows(ledger, "SELECT kind, count(*) FROM record GROUP BY kind")


def test_answer_names_the_files_that_it_lacks(ledger: Ledger) -> None:
    with asked(ledger, "SELECT count(*) FROM work") as of_works, asked(ledger, "SELECT count(*) FROM page") as of_pages:
        assert (("records/works/WRK-4.yaml",), ()) == (of_works.left_out, of_pages.left_out)


def test_only_named_tables_are_read(ledger: Ledger) -> None:
    found = rows(ledger, "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'WORK' ORDER BY name")

    assert [("work",)] == found


def test_columns_of_an_answer_all_differ(ledger: Ledger) -> None:
    with asked(ledger, "SELECT 1 AS a, 2 AS a, 3 AS a_2") as answer:
        assert ("a", "a_2", "a_2_2") == answer.columns


def test_lists_and_mappings_can_be_taken_apart(ledger: Ledger) -> None:
    sql = "SELECT work.id, each.value FROM work, json_each(work.after) AS each"

    assert [("WRK-2", "WRK-1#x"), ("WRK-2", "WRK-9")] == rows(ledger, sql)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param([], 0.5, None, id="nothing"),
        pytest.param([7], 0.9, 7, id="one"),
        pytest.param([3, 1, 2], 0.5, 2, id="the middle one"),
        pytest.param([4, 1, 3, 2], 0.5, 2.5, id="between two"),
        pytest.param(range(1, 11), 0.9, 9.1, id="ninetieth percentile of ten"),
    ],
)
def test_quantiles_are_interpolated(values: Sequence[int], share: float, expected: float | None) -> None:
    assert expected == quantile(values, share)


def test_aggregates_leave_out_what_is_not_there(ledger: Ledger) -> None:
    assert [(5.5, 7.5, None)] == rows(ledger, "SELECT median(size), p90(size), median(plan ->> 'x') FROM work")


def test_median_of_words_is_refused(ledger: Ledger) -> None:
    assert "median and p90 take numbers, and were given something else" == said(ledger, "SELECT median(id) FROM work")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM work", "INSERT INTO work (id) VALUES (1)", "UPDATE work SET id = 1", "DROP TABLE work",
        "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "CREATE VIEW v AS SELECT 1", "PRAGMA journal_mode",
        "SELECT * FROM pragma_table_info('work')", "ATTACH ':memory:' AS other", "DETACH main", "VACUUM",
        "VACUUM INTO 'x.db'", "BEGIN", "SAVEPOINT a", "ANALYZE", "REINDEX", "SELECT load_extension('x')",
        "CREATE VIRTUAL TABLE t USING fts5(x)", "", "-- nothing",
    ],
)  # fmt: skip
def test_query_only_reads(ledger: Ledger, sql: str) -> None:
    assert "a query may only read: it is one SELECT, and starts with SELECT, WITH or VALUES" == said(ledger, sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 FROM worrk", "no table is called 'worrk'; did you mean work?"),
        ("SELECT 1 FROM works", "no table is called 'works'; did you mean work?"),
        ("SELECT 1 FROM zzz", "no table is called 'zzz'; `opsledger query --tables` lists them"),
        ("SELECT titlle FROM work", "no column is called 'titlle'; did you mean title?"),
        ("SELECT w.titlle FROM work w", "no column is called 'w.titlle'; did you mean title?"),
        ("SELECT meidan(size) FROM work", "no function is called 'meidan'; did you mean median?"),
        ("SELECT id FROM work, page", "more than one table has a column called 'id'; put the table's name and a dot in "
         "front of it"),
        ("SELECTT 1", "the query cannot be read from 'SELECTT' on"),
        ("SELECT 1 +", "the query stops too early"),
        ("SELECT 1; SELECT 2", "the query is more than one statement; ask one at a time"),
        ("SELECT ?", "a question mark or a :name in a query has no value here"),
        ("SELECT '\0'", "the query holds a character that no query can hold"),
        ("SELECT '\ud800'", "the query holds a character that no query can hold"),
    ],
)  # fmt: skip
def test_mistake_in_a_query_is_a_sentence(ledger: Ledger, sql: str, expected: str) -> None:
    assert expected == said(ledger, sql)


def test_word_without_quotes_is_explained(ledger: Ledger) -> None:
    assert "no column is called 'zzzz'; text stands in 'single quotes', and `opsledger query --tables` lists them" == (
        said(ledger, "SELECT 1 FROM work WHERE state = zzzz")
    )


def test_mistake_found_late_is_a_sentence_too(ledger: Ledger) -> None:
    sql = "SELECT json_extract(CASE id WHEN 'WRK-2' THEN '{' ELSE '{}' END, '$.a') FROM work ORDER BY rowid"

    assert "the query cannot be answered: malformed JSON" == said(ledger, sql)


def test_ctrl_c_ends_a_query_without_end(ledger: Ledger) -> None:
    without_end = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        rows(ledger, without_end)


def test_list_filters_by_state_and_condition(ledger: Ledger, kinds: Kinds) -> None:
    table = tables_of(kinds)["work"]

    sql = listing(table, ["ID", "plan.owner", "after.0"], where="size > 1 -- or more", states=["closed", "it's"])

    assert [("WRK-1", "Ada", None)] == rows(ledger, sql)


def test_list_of_an_unknown_column_names_the_nearest(kinds: Kinds) -> None:
    with pytest.raises(NoSuchColumn, match=r"work has no column called 'titlle'; did you mean title\?"):
        listing(tables_of(kinds)["work"], ["titlle"])


def test_database_holds_all_tables_and_is_the_same_each_time(ledger: Ledger, tmp_path: Path) -> None:
    for name in ("a.db", "b.db"):
        write_database(ledger, tmp_path / name)

    assert (tmp_path / "a.db").read_bytes() == (tmp_path / "b.db").read_bytes()
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        assert [("link",), ("link_2",), ("page",), ("record",), ("state",), ("work",)] == names
        assert [(3,)] == database.execute("SELECT count(*) FROM work").fetchall()


def test_database_replaces_a_file_only_when_told(ledger: Ledger, tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    place.write_text("mine", encoding="utf-8")

    with pytest.raises(Refused, match="is there already"):
        write_database(ledger, place)
    assert "mine" == place.read_text(encoding="utf-8")

    write_database(ledger, place, replace=True)
    assert place.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        pytest.param("nowhere/x.db", "the folder .* is not there", id="folder that is not there"),
        pytest.param(".", "is no plain file", id="folder"),
        pytest.param("x" * 300, "cannot be written", id="name too long"),
    ],
)
def test_database_without_a_place_is_refused(ledger: Ledger, tmp_path: Path, place: str, why: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    with pytest.raises(Refused, match=why):
        write_database(ledger, folder / place, replace=True)

    assert [] == list(folder.iterdir())
