"""Ranges of commits in real clones, and what keeps them from being read."""

from __future__ import annotations

import pytest

from opsledger.edit.ranges import span_of
from opsledger.errors import Refused, Undecided
from opsledger.store import Repository

from .code import released


@pytest.mark.parametrize("stated", ["v4.2.0", "v4.2.0..", "..v4.2.1", "v4.2.0...v4.2.1", "a..b..c"])
def test_what_is_no_range_is_refused(code, stated):
    with pytest.raises(Refused, match="no range of commits"):
        code.span(stated)


def test_missing_tag_is_undecided_and_the_command_is_told(code):
    with pytest.raises(Undecided, match=r"'v4\.2\.1'.*git fetch --tags"):
        code.span()


def test_shallow_clone_is_undecided_and_the_command_is_told(code):
    released(code)
    shallow = code.repo.clone("shallow", "--depth=1", "--branch=main")

    with (
        Repository.within(shallow.root, "", environment=shallow.environment) as clone,
        pytest.raises(Undecided, match=r"git -C shallow fetch --unshallow --tags"),
    ):
        span_of(clone, "v4.2.0..v4.2.1", address="", is_own=False, directory="shallow")


def test_range_that_runs_backwards_is_refused(code):
    released(code)

    with pytest.raises(Refused, match="no part of the history"):
        code.span("v4.2.1..v4.2.0")


def test_empty_range_is_refused(code):
    code.tag("v4.2.1")

    with pytest.raises(Refused, match="same commit"):
        code.span()


def test_replaced_commit_is_undecided(code):
    released(code)
    code.repo.git("replace", "v4.2.1^{commit}", "v4.2.0^{commit}")

    with pytest.raises(Undecided, match="refs/replace"):
        code.span()


def test_settings_of_the_other_clone_run_nothing(code, tmp_path):
    released(code)
    seen = tmp_path / "seen"
    for name in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "gpg.program"):
        code.repo.git("config", name, f"touch {seen}")

    span = code.span()

    assert (2, False) == (len(span.commits) + 1, seen.exists())
