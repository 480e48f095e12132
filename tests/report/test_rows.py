"""Rows as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json

import pytest

from opsledger.report.rows import render

COLUMNS = ["id", "title", "count"]


def rendered(rows: list[list[object]], form: str, **options: int) -> list[str]:
    return list(render(COLUMNS, rows, form, columns_wide=options.get("columns_wide")))


def test_table_aligns_text_left_and_numbers_right() -> None:
    lines = rendered([["CI-a", "日本", 7], ["CI-bcd", "x", 1304]], "table")

    assert [
        "id      title  count",
        "------  -----  -----",
        "CI-a    日本       7",
        "CI-bcd  x       1304",
    ] == lines


def test_table_without_rows_is_its_head() -> None:
    assert ["id  title  count", "--  -----  -----"] == rendered([], "table")


def test_table_gives_way_in_its_widest_column() -> None:
    lines = rendered([["CI-a", "a title that is far too long for this terminal", 7]], "table", columns_wide=40)

    assert "CI-a  a title that is far too lo…      7" == lines[2]


def test_table_shows_what_would_steer_the_terminal() -> None:
    assert "CI-a  \\x1b[2J      1" == rendered([["CI-a", "\x1b[2J", 1]], "table")[2]


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("=1+1", id="equals sign"),
        pytest.param("+cmd", id="plus"),
        pytest.param("-2+3", id="minus"),
        pytest.param("@SUM(A1)", id="at sign"),
        pytest.param("\t=1", id="behind a tab"),
        pytest.param("\r=1", id="behind a return"),
        pytest.param("\n=1", id="behind a line end"),
        pytest.param("  =1", id="behind blanks"),
        pytest.param("\uff1d1", id="full-width equals sign"),
        pytest.param("|calc", id="pipe"),
    ],
)
def test_no_cell_of_a_csv_is_a_formula(cell: str) -> None:
    lines = "\n".join(rendered([["CI-a", cell, 1]], "csv"))

    [_, [_, title, _]] = csv.reader(io.StringIO(lines))

    assert "'" + cell == title


def test_csv_keeps_negative_numbers_as_numbers() -> None:
    assert "CI-a,x,-5" == rendered([["CI-a", "x", -5]], "csv")[1]


def test_csv_reads_back_quotes_separators_and_line_ends() -> None:
    title = 'say "yes", or; no\nthen go'

    lines = "\n".join(rendered([["CI-a", title, None]], "csv"))

    assert [["id", "title", "count"], ["CI-a", title, ""]] == list(csv.reader(io.StringIO(lines)))


def test_csv_holds_no_control_character() -> None:
    assert "CI-a,a\\u001b[2Jb,1" == rendered([["CI-a", "a\x1b[2Jb", 1]], "csv")[1]


def test_json_rows_are_objects_with_the_version_of_the_form() -> None:
    [line] = rendered([["CI-a", "ü\u2028", True]], "json")

    assert {"schema_version": 1, "row": {"id": "CI-a", "title": "ü\u2028", "count": True}} == json.loads(line)
    assert line.isascii()
