"""Patterns of role records are read as a .gitignore is."""

from __future__ import annotations

import pytest

from opsledger.people import Ownership, Role, owners_of
from opsledger.people.owning import fits


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("/records/releases/", "records/releases/2026/REL-1.yaml", id="a folder, deep in it"),
        pytest.param("records/releases", "records/releases/REL-1.yaml", id="a slash inside counts from the root"),
        pytest.param("/records", "records", id="the very file"),
        pytest.param("*.yaml", "records/a/b.yaml", id="a name anywhere"),
        pytest.param("releases/", "records/releases/REL-1.yaml", id="a folder anywhere"),
        pytest.param("records/*/REL-1.yaml", "records/releases/REL-1.yaml", id="one star is one folder"),
        pytest.param("records/**/REL-1.yaml", "records/REL-1.yaml", id="two stars are no folder"),
        pytest.param("records/**/REL-1.yaml", "records/a/b/REL-1.yaml", id="two stars are several"),
        pytest.param("records/**", "records/a/b", id="two stars at the end are all that lies there"),
        pytest.param("**/b.yaml", "a/b.yaml", id="two stars at the start"),
        pytest.param("**", "a/b.yaml", id="two stars alone"),
        pytest.param("REL-[0-9].yaml", "x/REL-7.yaml", id="a class"),
        pytest.param("REL-?.yaml", "x/REL-7.yaml", id="a question mark"),
        pytest.param(r"a\*b", "x/a*b", id="a star that is one"),
        pytest.param(" /a/ ", "a/b", id="blanks around"),
    ],
)
def test_a_pattern_fits(pattern, path):
    assert fits(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("/releases/", "records/releases/REL-1.yaml", id="from the root"),
        pytest.param("records/rel", "records/releases/REL-1.yaml", id="half a name"),
        pytest.param("records/releases/", "records/releases", id="a file is no folder"),
        pytest.param("records/*", "recordsx/a", id="another folder"),
        pytest.param("/*.yaml", "records/a.yaml", id="a star stops at a slash"),
        pytest.param("records/**", "records", id="what lies in a folder is not the folder"),
        pytest.param("records/*/b", "records/b", id="one star is at least one folder"),
        pytest.param(r"a\*b", "x/aab", id="a star that is one"),
        pytest.param("*.YAML", "a.yaml", id="another case"),
        pytest.param("", "a", id="nothing"),
        pytest.param("/", "a", id="a slash alone"),
        pytest.param("a/**/b", "x/a/b", id="a slash inside counts from the root"),
    ],
)
def test_a_pattern_does_not_fit(pattern, path):
    assert not fits(pattern, path)


def test_of_one_role_the_last_pattern_that_fits_decides():
    roles = [
        Role("ROL-b", "B", "b", paths=("/records/", "!/records/roles/")),
        Role("ROL-a", "A", "a", paths=("!*.yaml", "/records/roles/")),
        Role("ROL-c", "C", "c"),
    ]

    assert (Ownership("ROL-a", "/records/roles/"),) == owners_of("records/roles/x.yaml", roles)
    assert (Ownership("ROL-b", "/records/"),) == owners_of("records/x.yaml", roles)
