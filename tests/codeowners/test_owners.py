"""Files as a whole: any text is read, and folders are answered for as their files are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opsledger.codeowners import Dialect, parse

DIALECTS = list(Dialect)
PIECES = st.sampled_from(
    ["*", "**", "/", "a", "b", ".*", "a/", "/a", "\\", "\\ ", " ", "\t", "#", "!", "[", "]", "^", "[2]", "(", ")", "|",
     "@ada", "@org/t", "x@y.z", "@@owner", "\n", "\n", "\r\n", "{1}", "?", "-"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=30).map("".join))
PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=300, deadline=None)
@given(TEXTS, PATHS)
@example("[", "a")
@example("^", "a")
@example("!", "a")
@example("\\", "a")
@example("* @ada\x00", "a")
@example("[\udcff] @ada", "a")
@example("[" * 300 + " @ada", "a")
@example("(" * 3000 + " @ada", "a")
@example("[x][99999999999999999999]\n* @ada", "a")
def test_any_text_is_read_and_any_path_answered(dialect: Dialect, text: str, path: str):
    owners = parse(text, dialect)

    ownership = owners.of(path)

    lines = text.count("\n") + 1
    assert all(1 <= entry.line <= lines and entry.column >= 1 for entry in owners.entries)
    assert all(0 <= remark.line <= lines and remark.column >= 1 for remark in owners.remarks)
    assert bool(ownership.fails_open) == (not ownership.owners)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=300, deadline=None)
@given(TEXTS, PATHS)
def test_what_holds_throughout_a_folder_holds_for_its_files(dialect: Dialect, text: str, path: str):
    folder, _, _ = path.rpartition("/")

    whole = parse(text, dialect).throughout(folder)

    if whole is not None:
        assert replace(whole, path=path) == parse(text, dialect).of(path)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=100, deadline=None)
@given(TEXTS, PATHS, PATHS)
def test_no_answer_depends_on_what_was_asked_before(dialect: Dialect, text: str, path: str, other: str):
    owners = parse(text, dialect)
    owners.of(other)
    owners.throughout(other)

    assert parse(text, dialect).of(path) == owners.of(path)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_empty_file_asks_nobody(dialect: Dialect):
    assert parse("", dialect).of("a").fails_open.startswith("no line is about it")


def test_a_path_may_start_with_a_slash():
    assert ("@ada",) == parse("/a/ @ada\n", Dialect.GITHUB).of("/a/b").owners


def test_a_path_of_thousands_of_folders_is_answered():
    path = "/".join(["a"] * 3000)

    assert ("@ada",) == parse("/a/**/b/ @bob\na/ @ada\n", Dialect.GITHUB).of(path).owners


def test_remarks_stand_at_the_column_of_what_they_are_about():
    [remark] = parse("  *.md  @ada   nobody\n", Dialect.GITHUB).remarks

    assert (1, 16) == (remark.line, remark.column)


def test_remarks_of_gitlab_stand_at_their_owner():
    [remark] = parse(" *.md @ada nobody\n", Dialect.GITLAB).remarks

    assert (1, 12) == (remark.line, remark.column)


def test_remarks_of_gitea_stand_at_their_owner():
    [remark] = parse(" .*\\\\.md @ada a/b/c\n", Dialect.GITEA).remarks

    assert (1, 15) == (remark.line, remark.column)


def test_an_ownership_that_is_in_doubt_is_not_sure():
    doubtful = parse(".* @ada\n(?i)a @bob\n", Dialect.GITEA).of("a")

    assert (("@ada",), "", False) == (doubtful.owners, doubtful.fails_open, doubtful.is_sure)


def test_an_ownership_that_asks_somebody_is_sure():
    assert parse("* @ada\n", Dialect.GITLAB).of("a").is_sure


def test_a_file_that_is_not_read_owns_nothing():
    owners = parse("* @ada\n" * 50_001, Dialect.GITHUB)

    assert ((), "the file is too long to be judged here") == (owners.of("a").owners, owners.of("a").fails_open)
