"""Globs: what git itself makes of them, and that none takes long."""

from __future__ import annotations

import fnmatch
import re
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Repo

from opsledger.codeowners.globs import Glob, NoGlob, fnmatched, gitignored, right_inside

# Stars in a row beside a letter are left out: git takes them for folders where only letters stand before them, against
# its own manual.
PARTS = st.sampled_from(["a", "b", "*", "**", "a*", "?", "*b", "[ab]", "[!a]", "\\a", ".x"])
PATTERNS = st.builds(
    lambda start, parts, end: f"{start}{'/'.join(parts)}{end}",
    st.sampled_from(["", "/"]), st.lists(PARTS, min_size=1, max_size=4), st.sampled_from(["", "/"]),
)  # fmt: skip
PATHS = st.lists(st.sampled_from(["a", "b", "ab", ".x"]), min_size=1, max_size=4).map("/".join)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(PATTERNS, PATHS), min_size=20, max_size=40))
def test_a_pattern_ignores_in_git_what_it_meets_here(repo: Repo, pairs: list[tuple[str, str]]):
    for index, (pattern, _) in enumerate(pairs):
        repo.write(f"{index}/.gitignore", f"{pattern}\n")
    asked = "\0".join(f"{index}/{path}" for index, (_, path) in enumerate(pairs)) + "\0"

    answer = subprocess.run(
        ["git", "check-ignore", "--no-index", "-z", "--stdin"], cwd=repo.root, env=dict(repo.environment),
        input=asked, capture_output=True, text=True, check=False,
    )  # fmt: skip

    ignored = set(answer.stdout.split("\0"))
    assert [(pattern, path, f"{index}/{path}" in ignored) for index, (pattern, path) in enumerate(pairs)] == [
        (pattern, path, gitignored(pattern).matches(path)) for pattern, path in pairs
    ]


@settings(deadline=None)
@given(st.text("ab*?", max_size=8), st.text("ab", min_size=1, max_size=8))
def test_a_name_is_met_as_by_the_standard_library(pattern: str, name: str):
    glob = right_inside(f"/{pattern}")

    assert glob.matches(name) == (re.fullmatch(fnmatch.translate(pattern), name) is not None)


@settings(deadline=None)
@given(PATTERNS, PATHS)
def test_a_folder_is_answered_for_as_its_files_are(pattern: str, path: str):
    glob = gitignored(pattern)
    folder, _, name = path.rpartition("/")

    names = glob.below(folder)

    assert glob.matches(path) == (names if isinstance(names, bool) else names(name))


def test_many_stars_are_answered_at_once():
    glob = gitignored("/" + "*a" * 200 + "b")

    assert not glob.matches("a" * 4000)


def test_many_folders_are_answered_at_once():
    glob = gitignored("/" + "**/a/" * 60 + "b")

    assert not glob.matches("/".join(["a"] * 2000))


@pytest.mark.parametrize(
    ("pattern", "path", "is_met"),
    [
        pytest.param("/docs/**", "docs/a/b", False, id="two stars at the end"),
        pytest.param("/docs/**", "docs/a", True, id="two stars at the end, right inside"),
        pytest.param("/**/*", ".a/.b", True, id="names that start with a dot"),
        pytest.param("/[^a]x", "bx", True, id="negated class"),
        pytest.param("/[^a]x", "ax", False, id="character of a negated class"),
        pytest.param("/[]a]x", "ax", False, id="class that ends at once"),
        pytest.param("/{a,b}", "a", False, id="braces"),
        pytest.param("/{a,b}", "{a,b}", True, id="braces as such"),
        pytest.param("/\\*", "*", True, id="escaped star"),
        pytest.param("/\\*", "a", False, id="escaped star is no star"),
        pytest.param("/[a\\]]x", "]x", True, id="escaped bracket in a class"),
    ],
)
def test_ruby_meets(pattern: str, path: str, is_met: bool):
    assert is_met == fnmatched(pattern).matches(path)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("/a[b", id="open bracket"),
        pytest.param("/a\\", id="backslash at the end"),
        pytest.param("/[a/b]", id="slash in a class"),
        pytest.param("/[[:alpha:]]", id="named class"),
    ],
)
def test_what_is_no_glob_is_refused(pattern: str):
    with pytest.raises(NoGlob):
        fnmatched(pattern)


def test_everything_lies_below_a_pattern_without_names():
    assert Glob((), takes_files=False).matches("a/b")
