"""The generated file says at each forge what the roles say."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsledger.codeowners import Dialect, estates_of, generate, parse
from opsledger.codeowners.globs import gitignored
from opsledger.kind import Kinds

from .conftest import people, role

NO_KINDS = Kinds({})
NAMES = ["a", "b", "ab", "a b", "x.md", "(1)", "c+", "$d"]
PARTS = st.sampled_from([*(re.sub(" ", "\\ ", name) for name in NAMES), "*", "**", "a*", "?", "*.md"])
PATTERNS = st.builds(
    lambda start, parts, end: f"{start}{'/'.join(parts)}{end}",
    st.sampled_from(["", "/"]), st.lists(PARTS, min_size=1, max_size=3), st.sampled_from(["", "/"]),
)  # fmt: skip
FOLDERS = st.lists(st.sampled_from(["a", "b", "a b"]), min_size=1, max_size=3).map(
    lambda parts: "/".join(["", *parts, ""])
)
FILES = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)
TWO = st.tuples(st.lists(PATTERNS, max_size=3), st.lists(PATTERNS, max_size=3))


def _made(first, second, dialect, prefix=""):
    """The generated file of two roles, read again."""
    text = generate(people(role("ROL-a", *first), role("ROL-b", *second)), NO_KINDS, dialect, prefix=prefix)
    owners = parse(text, dialect)
    assert [] == [remark for remark in owners.remarks if "right inside alone" not in remark.message]
    return owners


def _owning(first, second, file):
    """The owners of the roles one of whose paths, read as a .gitignore, is about a file."""
    both = {"@org/ROL-a": first, "@org/ROL-b": second}
    return {owner for owner, paths in both.items() if any(gitignored(path).matches(file) for path in paths)}


@pytest.mark.parametrize("dialect", [Dialect.GITLAB, Dialect.GITEA, Dialect.FORGEJO])
@settings(max_examples=150, deadline=None)
@given(TWO, FILES, st.sampled_from(["", "sub/my ledger/"]))
def test_a_file_is_owned_by_every_role_that_has_it(dialect: Dialect, paths, file: str, prefix: str):
    owners = _made(*paths, dialect, prefix)

    assert _owning(*paths, file) == set(owners.of(prefix + file).owners)


@settings(max_examples=150, deadline=None)
@given(TWO, FILES, st.sampled_from(["", "sub/my ledger/"]))
def test_at_github_a_file_is_owned_by_a_role_that_has_it(paths, file: str, prefix: str):
    owning = _owning(*paths, file)

    found = set(_made(*paths, Dialect.GITHUB, prefix).of(prefix + file).owners)

    assert found <= owning
    assert bool(found) == bool(owning)


@settings(max_examples=150, deadline=None)
@given(st.lists(FOLDERS, max_size=3), st.lists(FOLDERS, max_size=3), FILES)
def test_at_github_the_deepest_folder_decides(first, second, file: str):
    both = [(path, "@org/ROL-a") for path in first] + [(path, "@org/ROL-b") for path in second]
    around = [(path, owner) for path, owner in both if f"/{file}".startswith(path)]
    deepest = max((len(path) for path, _ in around), default=0)

    paths = [[path.replace(" ", "\\ ") for path in one] for one in (first, second)]
    found = _made(*paths, Dialect.GITHUB).of(file).owners

    assert {owner for path, owner in around if len(path) == deepest} == set(found)


@settings(max_examples=100, deadline=None)
@given(TWO, FILES, st.sampled_from(list(Dialect)))
def test_the_records_name_whom_the_file_names(paths, file: str, dialect: Dialect):
    made = people(role("ROL-a", *paths[0]), role("ROL-b", *paths[1]))

    estates = estates_of(made, NO_KINDS, dialect).of(file)

    assert {owner for estate in estates for owner in estate.owners} == set(_made(*paths, dialect).of(file).owners)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_folder_of_a_role_is_the_roles_own_whoever_has_the_records(dialect: Dialect, kinds: Kinds):
    made = people(role("ROL-all", "/records/"), role("ROL-change-manager"))

    owners = parse(generate(made, kinds, dialect, keeper="ROL-all"), dialect)

    asked = owners.of("records/approvals/ROL-change-manager/APR-2026-00000001.yaml").owners
    assert "@org/ROL-change-manager" in asked
    assert dialect is not Dialect.GITHUB or ("@org/ROL-change-manager",) == asked


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize(
    "path",
    [
        "schemas/release.json", "records/gates/GAT-plan.yaml", "records/roles/ROL-a.yaml", "records/lanes/LAN-a.yaml",
        "records/policy/POL-a.yaml", ".opsledger.yaml", "CODEOWNERS", "docs/CODEOWNERS", "records/parties/PTY-a.yaml",
        "records/releases/2026/REL-2026-0001.yaml", "records/approvals/ROL-silent/APR-2026-00000001.yaml",
    ],
)  # fmt: skip
def test_what_no_role_has_is_the_keepers(dialect: Dialect, path: str, kinds: Kinds):
    made = people(role("ROL-keeper"), role("ROL-silent", "/records/approvals/ROL-silent/", owners=()))

    owners = parse(generate(made, kinds, dialect, keeper="ROL-keeper"), dialect)

    assert (("@org/ROL-keeper",), "") == (owners.of(path).owners, owners.of(path).fails_open)


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        (Dialect.GITHUB, ".github/workflows/check.yml"),
        (Dialect.GITHUB, ".github/actions/check/action.yml"),
        (Dialect.GITHUB, ".github/CODEOWNERS"),
        (Dialect.GITLAB, ".gitlab-ci.yml"),
        (Dialect.GITLAB, ".gitlab/CODEOWNERS"),
        (Dialect.GITEA, ".gitea/workflows/check.yml"),
        (Dialect.GITEA, ".github/workflows/check.yml"),
        (Dialect.FORGEJO, ".forgejo/workflows/check.yml"),
        (Dialect.FORGEJO, ".forgejo/CODEOWNERS"),
    ],
)
def test_what_the_forge_runs_and_reads_is_owned(dialect: Dialect, path: str, kinds: Kinds):
    owners = parse(generate(people(role("ROL-keeper")), kinds, dialect, keeper="ROL-keeper"), dialect)

    assert ("@org/ROL-keeper",) == owners.of(path).owners


def test_without_a_keeper_the_file_says_what_nobody_owns(kinds: Kinds):
    text = generate(people(role("ROL-a", "/records/changes/")), kinds, Dialect.GITHUB)

    assert "# Nobody owns schemas/: no role has it, or the one that has it names no owner." in text
    assert "Nobody owns records/changes/" not in text


def test_a_role_without_an_owner_at_this_forge_gets_no_line(kinds: Kinds):
    text = generate(people(role("ROL-a", "/records/changes/", owners=())), kinds, Dialect.GITLAB)

    assert "[ROL-a]" not in text


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param("!/records/changes/", "takes something away", id="negated"),
        pytest.param("/records/[ab]/", "no brackets", id="class of characters"),
        pytest.param("/records/[ab", "not closed", id="open bracket"),
        pytest.param("/records/\\#a", "with # in it", id="number sign"),
        pytest.param("/", "about nothing", id="slash alone"),
    ],
)
def test_a_path_that_cannot_be_said_stands_in_a_comment(path: str, why: str, kinds: Kinds):
    text = generate(people(role("ROL-a", path)), kinds, Dialect.GITHUB)

    assert re.search(rf"# ROL-a also owns {re.escape(repr(path))}, which cannot be said here: .*{why}", text)


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("end", ["\n", "\r", "\u2028", "\x0b", "\0"])
def test_no_path_and_no_owner_makes_a_line_of_its_own(dialect: Dialect, end: str, kinds: Kinds):
    bad = f"/x/{end}* @eve"
    made = people(role("ROL-a", bad), role("ROL-b", "/y/", owners=(f"@b{end}* @eve",)), role("ROL-c", "/z/"))

    text = generate(made, kinds, dialect, prefix="a/")

    assert "@eve" not in {owner for entry in parse(text, dialect).entries for owner in entry.owners}
    assert end not in text or end == "\n"


def test_line_ends_of_windows_are_no_second_file(kinds: Kinds):
    made = people(role("ROL-a", "/records/changes/"))
    text = generate(made, kinds, Dialect.GITHUB, "# mine\n")

    assert text == generate(made, kinds, Dialect.GITHUB, text.replace("\n", "\r\n"))


def test_a_quorum_is_asked_for_at_gitlab(kinds: Kinds):
    text = generate(people(role("ROL-board", "/records/changes/")), kinds, Dialect.GITLAB, quorums={"ROL-board": 3})

    assert 3 == parse(text, Dialect.GITLAB).of("records/changes/a.yaml").demands[0].count


def test_two_roles_with_one_path_share_a_line_at_github():
    text = generate(people(role("ROL-a", "/x/"), role("ROL-b", "/x/")), NO_KINDS, Dialect.GITHUB)

    assert "/x/ @org/ROL-a @org/ROL-b # ROL-a, ROL-b" in text.splitlines()


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_same_records_give_the_same_text(dialect: Dialect, kinds: Kinds):
    one, other = role("ROL-a", "/x/", "*.md"), role("ROL-b", "/x/y/", "/z")
    text = generate(people(one, other), kinds, dialect, keeper="ROL-a")

    assert text == generate(people(other, one), kinds, dialect, text, keeper="ROL-a")


def test_what_people_wrote_stays_above_and_decides_nothing_of_ours(kinds: Kinds):
    made = people(role("ROL-a", "/records/changes/"))
    first = generate(made, kinds, Dialect.GITHUB, "# mine\n/src/ @dev\n")

    again = generate(made, kinds, Dialect.GITHUB, f"{first}\n/records/ @eve\n")

    assert again.startswith("# mine\n/src/ @dev\n\n/records/ @eve\n\n# opsledger:")
    assert ("@org/ROL-a",) == parse(again, Dialect.GITHUB).of("records/changes/a.yaml").owners


def test_a_file_that_lost_its_last_line_is_generated_whole(kinds: Kinds):
    made = people(role("ROL-a", "/records/changes/"))
    text = generate(made, kinds, Dialect.GITHUB)

    assert text == generate(made, kinds, Dialect.GITHUB, "\n".join(text.splitlines()[:-3]))
