"""What is wrong with a CODEOWNERS file, given the roles."""

from __future__ import annotations

import pytest

from opsledger.codeowners import Asking, Dialect, check, dialect_of, home
from opsledger.finding import Severity
from opsledger.kind import Kinds
from opsledger.people.model import Account

from .conftest import people, role

FILE = ".github/CODEOWNERS"
RECORDS = ["records/changes/2026/CHG-2026-0001.yaml", "records/problems/2026/PRB-2026-0001.yaml"]
KEEPER = role("ROL-keeper", "/records/changes/")


@pytest.fixture
def asking(kinds: Kinds) -> Asking:
    """A ledger of two records at the top of a repository for GitHub."""
    return _asking(kinds)


def _asking(kinds: Kinds, files=(FILE, *RECORDS), dialect=Dialect.GITHUB, made=None, prefix="") -> Asking:
    return Asking(made or people(KEEPER), kinds, dialect, frozenset(files), prefix, "ROL-keeper")


def _said(asking: Asking, text: str | None) -> list[str]:
    return [f"{one.place} {one.severity.word} {one.message}" for one in check(asking, text)]


def test_what_is_generated_has_no_findings(asking: Asking):
    assert [] == _said(asking, asking.generated(None))


@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_is_generated_has_no_findings_at_any_forge(dialect: Dialect, kinds: Kinds):
    path = f".{dialect}/CODEOWNERS"
    asking = _asking(kinds, (path, *RECORDS, ".opsledger.yaml", "schemas/own.json"), dialect)

    assert [] == _said(asking, asking.generated("# by hand\n"))


def test_no_file_is_an_error_where_it_should_stand(asking: Asking, kinds: Kinds):
    without = _asking(kinds, RECORDS)

    assert [f"{FILE}:1:1 error GitHub finds no CODEOWNERS file, so nobody is asked about any change"] == _said(
        without, None
    )


def test_a_changed_line_is_named(asking: Asking):
    text = asking.generated(None).replace("/records/changes/ @org/ROL-keeper", "/records/changes/ @eve")

    drift = next(one for one in check(asking, text) if "out of date" in one.message)

    assert "/records/changes/ @eve" in text.splitlines()[drift.place.line - 1]
    assert "'/records/changes/ @org/ROL-keeper # ROL-keeper'" in drift.message


def test_a_role_that_changed_makes_the_file_out_of_date(asking: Asking, kinds: Kinds):
    text = asking.generated(None)
    changed = _asking(kinds, made=people(role("ROL-keeper", "/records/changes/", owners=("@org/other",))))

    assert any("out of date" in said for said in _said(changed, text))


def test_a_file_written_by_hand_need_not_be_as_generated(asking: Asking):
    assert [] == _said(asking, "* @org/ROL-keeper\n")


def test_records_that_no_line_is_about_are_listed(asking: Asking):
    said = _said(asking, "/records/changes/ @org/ROL-keeper\n/.github/ @org/ROL-keeper\n")

    assert [
        f"{FILE}:1:1 error nobody need approve a change of records/problems/2026/: no line is about it, so GitHub asks "
        "nobody"
    ] == said


def test_a_line_without_owners_is_where_the_gap_is(asking: Asking):
    said = _said(asking, "* @org/ROL-keeper\n  /records/problems/\n")

    assert (
        f"{FILE}:2:3 error nobody need approve a change of records/problems/2026/: line 2 names no owner"
        in " ".join(said)
    )


def test_the_file_itself_must_be_owned(asking: Asking):
    said = _said(asking, "/records/ @org/ROL-keeper\n")

    assert [
        f"{FILE}:1:1 error nobody need approve a change of {FILE}: no line is about it, so GitHub asks nobody"
    ] == said


def test_owners_whom_the_records_do_not_know_are_named(asking: Asking):
    said = _said(asking, "* @org/ROL-keeper\n/src/ @stranger\n")

    assert [f"{FILE}:2:1 warning @stranger is nobody whom the records know at GitHub"] == said


def test_records_owned_only_by_strangers_are_owned_by_nobody(asking: Asking):
    said = " ".join(_said(asking, "* @org/ROL-keeper\n/records/problems/ @stranger\n"))

    assert "a change of records/problems/2026/: line 2 asks @stranger, whom the records do not know" in said


@pytest.mark.parametrize(
    ("owner", "dialect"),
    [
        pytest.param("@ADA", Dialect.GITHUB, id="account in other letters"),
        pytest.param("ada@EXAMPLE.org", Dialect.GITHUB, id="address in other letters"),
        pytest.param("@ada-own", Dialect.GITLAB, id="account at a host of one's own"),
        pytest.param("@@maintainer", Dialect.GITLAB, id="role of the forge"),
    ],
)
def test_an_owner_is_known_by(owner: str, dialect: Dialect, kinds: Kinds):
    accounts = (Account("github", "ada"), Account("git.example.org", "ada-own"))
    asking = _asking(kinds, dialect=dialect, made=people(KEEPER, accounts=accounts))

    assert asking.knows(owner)


def test_an_account_elsewhere_is_nobody_here(kinds: Kinds):
    asking = _asking(kinds, dialect=Dialect.GITLAB, made=people(KEEPER, accounts=(Account("github", "ada"),)))

    assert not asking.knows("@ada")


def test_a_file_that_is_never_read_is_named(kinds: Kinds):
    asking = _asking(kinds, (FILE, "CODEOWNERS", *RECORDS))

    assert ["CODEOWNERS:1:1 warning GitHub reads .github/CODEOWNERS and ignores this file"] == _said(
        asking, asking.generated(None)
    )


def test_what_the_forge_skips_is_named_with_its_column(asking: Asking):
    said = _said(asking, "* @org/ROL-keeper\n*.md @org/ROL-keeper writers\n")

    assert f"{FILE}:2:22 error writers is neither an @user, an @organisation/team nor an e-mail address" in said[0]


def test_a_file_of_three_megabytes_is_not_read_at_all(asking: Asking):
    found = check(asking, "* @org/ROL-keeper\n" + "#" * 3_000_000)

    assert ["the file has 3 MB or more, so GitHub loads none of it"] == [one.message for one in found]


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        pytest.param(Dialect.GITHUB, "\n" * 50_001, id="lines"),
        pytest.param(Dialect.GITEA, "#" * 1_000_001, id="characters of expressions"),
    ],
)
def test_a_file_that_would_take_long_owns_nothing_for_sure(kinds: Kinds, dialect: Dialect, text: str):
    found = check(_asking(kinds, (f".{dialect}/CODEOWNERS", *RECORDS), dialect), f".* @org/ROL-keeper\n{text}")

    assert ["the file is too long to be judged here"] == [one.message for one in found]


def test_a_file_just_below_is_read(asking: Asking):
    assert [] == _said(asking, "* @org/ROL-keeper\n" + "#" * 2_900_000)


def test_a_path_that_cannot_be_said_is_named_at_its_role(kinds: Kinds):
    asking = _asking(kinds, made=people(KEEPER, role("ROL-odd", "!/records/")))

    found = [one for one in check(asking, asking.generated(None)) if one.place.path.endswith("ROL-odd.yaml")]

    said = "ROL-odd owns !/records/, which no CODEOWNERS file can say: a path that starts with ! takes something away"
    assert [f"{said}, and a role can only own"] == [one.message for one in found]


def test_what_no_role_has_is_a_warning(kinds: Kinds):
    asking = Asking(people(role("ROL-a", "/records/")), kinds, Dialect.GITHUB, frozenset([FILE, *RECORDS]))

    found = check(asking, "* @org/ROL-a\n")

    assert "no role with an owner at GitHub has schemas/" in [one.message for one in found]
    assert {Severity.WARNING} == {one.severity for one in found}


def test_a_line_that_cannot_be_judged_owns_nothing_for_sure(kinds: Kinds):
    path = ".gitea/CODEOWNERS"
    asking = _asking(kinds, (path, *RECORDS), Dialect.GITEA)

    said = _said(asking, ".* @org/ROL-keeper\n(?i)RECORDS/.* @org/ROL-keeper\n")

    assert any("records/changes/2026/: line 2 may be about it, and nobody can tell" in one for one in said)


def test_a_ledger_in_a_folder_is_judged_from_the_top(kinds: Kinds):
    asking = _asking(kinds, (FILE, *(f"ops/{path}" for path in RECORDS)), prefix="ops/")

    assert [] == _said(asking, asking.generated(None))
    assert "/ops/records/changes/ @org/ROL-keeper # ROL-keeper" in asking.generated(None).splitlines()


def test_patterns_of_names_are_judged_by_each_name(kinds: Kinds):
    files = [FILE, "records/problems/A.yaml", "records/problems/B.yaml", "records/problems/C.yaml"]
    asking = _asking(kinds, files)

    said = " ".join(_said(asking, "/.github/ @org/ROL-keeper\nA.yaml @org/ROL-keeper\n"))

    assert "a change of records/problems/B.yaml and 1 more: no line is about it" in said


@pytest.mark.parametrize(
    ("files", "forges", "dialect"),
    [
        pytest.param([".gitlab/CODEOWNERS"], [], Dialect.GITLAB, id="a forge's own place"),
        pytest.param(["CODEOWNERS", ".github/CODEOWNERS"], [], Dialect.GITHUB, id="own place that comes first"),
        pytest.param(["CODEOWNERS"], ["forgejo"], Dialect.FORGEJO, id="the only forge of the roles"),
        pytest.param(["CODEOWNERS", ".gitlab-ci.yml"], [], Dialect.GITLAB, id="pipeline beside it"),
        pytest.param(["CODEOWNERS", ".github/workflows/a.yml"], ["github", "gitlab"], Dialect.GITHUB,
                     id="forge of the roles whose folder is there"),
        pytest.param([".github/CODEOWNERS", ".gitlab/CODEOWNERS"], ["gitlab"], Dialect.GITLAB,
                     id="own place of the roles' forge"),
        pytest.param(["CODEOWNERS", ".gitlab/CODEOWNERS"], [], Dialect.GITLAB, id="own folder, with a shadowed file"),
        pytest.param(["CODEOWNERS"], [], None, id="nothing tells"),
        pytest.param([".github/CODEOWNERS", ".gitlab/CODEOWNERS"], [], None, id="two tell"),
        pytest.param([], ["bitbucket"], None, id="forge without such a file"),
    ],
)  # fmt: skip
def test_the_forge_is_told_by(files: list[str], forges: list[str], dialect: Dialect | None):
    assert dialect is dialect_of(files, forges)


def test_a_new_file_goes_where_no_other_forge_sees_it():
    assert ".forgejo/CODEOWNERS" == home([], Dialect.FORGEJO)
