"""The merge result: head, the work tree, a merge, a conflict, or no answer."""

from __future__ import annotations

import pytest

from opsledger.errors import NoSuchRevision, Undecided
from opsledger.store import Conflict, Repository

A, B, C = "records/a.yaml", "records/b.yaml", "records/c.yaml"
TEN_LINES = "".join(f"line{number}: {number}\n" for number in range(10))


def opened(repo, folder="") -> Repository:
    return Repository.open(repo.root / folder, environment=repo.environment)


@pytest.fixture
def diverged(repo):
    """Branch `work` and `main` each changed another place of the same file."""
    repo.write(A, TEN_LINES)
    repo.commit("Base")
    repo.switch("work", "main")
    repo.write(A, TEN_LINES.replace("line0: 0", "line0: zero"))
    repo.write(B, "b: 1\n")
    repo.commit("Work")
    repo.switch("main")
    repo.write(A, TEN_LINES.replace("line9: 9", "line9: nine"))
    repo.write(C, "c: 1\n")
    repo.commit("Main")
    return repo


def test_head_that_grew_from_the_base_is_the_merge_result(repo):
    repo.commit("Base")
    repo.switch("work", "main")
    repo.write(A, "a: 1\n")
    repo.commit()
    repo.write(A, "a: 2\n")
    head = repo.commit()

    with opened(repo) as repository:
        assert head == repository.merge_result("main", "work").commit
        assert head == repository.merge_result("main", "HEAD").commit
        assert head == repository.merge_result("work", "work").commit


def test_work_tree_that_grew_from_the_base_is_the_merge_result(repo):
    repo.commit("Base")
    repo.switch("work", "main")
    repo.write(A, "a: 1\n")
    repo.commit()
    repo.write(A, "a: 2\n")

    with opened(repo) as repository:
        result = repository.merge_result("main", None)

        assert "work tree" == result.name
        assert b"a: 2\n" == result.read(A)


def test_work_tree_whose_base_moved_on_is_undecided(diverged):
    diverged.switch("work")

    with opened(diverged) as repository, pytest.raises(Undecided, match=r"main has moved on.*commit first"):
        repository.merge_result("main", None)


def test_diverged_commits_are_merged(diverged):
    with opened(diverged) as repository:
        result = repository.merge_result("main", "work")

        assert [".opsledger.yaml", A, B, C] == list(result.files)
        assert result.commit is None
        expected = TEN_LINES.replace("line0: 0", "line0: zero").replace("line9: 9", "line9: nine")
        assert expected.encode() == result.read(A)
        assert expected.encode() == dict(result.read_many(list(result.files)))[A]


def test_merge_result_is_what_git_merge_makes(diverged):
    with opened(diverged) as repository:
        result = repository.merge_result("main", "work").files
        diverged.merge("work")

        assert repository.commit("main").files == result


def test_forges_test_merge_is_the_merge_result(diverged):
    diverged.switch("test-merge", "main")
    merge = diverged.merge("work")

    with opened(diverged) as repository:
        assert merge == repository.merge_result("main", "test-merge").commit


def test_merge_commit_of_an_older_base_is_merged_again(diverged):
    diverged.switch("test-merge", "main")
    diverged.merge("work")
    diverged.switch("main")
    diverged.write("records/d.yaml", "d: 1\n")
    diverged.commit()

    with opened(diverged) as repository:
        result = repository.merge_result("main", "test-merge")

        assert result.commit is None
        assert [".opsledger.yaml", A, B, C, "records/d.yaml"] == list(result.files)


def test_conflict_names_its_files(diverged):
    diverged.switch("work")
    diverged.write(A, TEN_LINES.replace("line9: 9", "line9: other"))
    diverged.commit()

    with opened(diverged) as repository:
        assert Conflict((A,)) == repository.merge_result("main", "work")


def test_record_changed_here_and_deleted_there_is_a_conflict(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    repo.switch("work", "main")
    repo.delete(A)
    repo.commit()
    repo.switch("main")
    repo.write(A, "a: 2\n")
    repo.commit()

    with opened(repo) as repository:
        assert Conflict((A,)) == repository.merge_result("main", "work")


@pytest.mark.parametrize("driver", ["union", "binary", "custom"])
def test_attributes_of_the_tree_do_not_change_a_merge(repo, driver):
    repo.write(".gitattributes", f"*.yaml merge={driver}\n")
    repo.write(A, "a: 1\n")
    repo.write(B, TEN_LINES)
    repo.commit()
    repo.switch("work", "main")
    repo.write(A, "a: 2\n")
    repo.write(B, TEN_LINES.replace("line0: 0", "line0: zero"))
    repo.commit()
    repo.switch("main")
    repo.write(A, "a: 3\n")
    repo.write(B, TEN_LINES.replace("line9: 9", "line9: nine"))
    repo.commit()

    with opened(repo) as repository:
        assert Conflict((A,)) == repository.merge_result("main", "work")


def test_conflict_outside_the_ledger_leaves_its_part_merged(repo):
    repo.delete(".opsledger.yaml")
    repo.write("ops/.opsledger.yaml", "preset: small\n")
    repo.write("src/main.c", "1\n")
    repo.commit()
    repo.switch("work", "main")
    repo.write("src/main.c", "2\n")
    repo.write("ops/a.yaml", "a: 1\n")
    repo.commit()
    repo.switch("main")
    repo.write("src/main.c", "3\n")
    repo.write("ops/b.yaml", "b: 1\n")
    repo.commit()

    with opened(repo, "ops") as repository:
        assert [".opsledger.yaml", "a.yaml", "b.yaml"] == list(repository.merge_result("main", "work").files)


def test_conflict_in_a_ledger_in_a_folder_is_named_from_its_root(repo):
    repo.write("ops/.opsledger.yaml", "preset: small\n")
    repo.write("ops/a.yaml", "a: 1\n")
    repo.commit()
    repo.switch("work", "main")
    repo.write("ops/a.yaml", "a: 2\n")
    repo.commit()
    repo.switch("main")
    repo.write("ops/a.yaml", "a: 3\n")
    repo.commit()

    with opened(repo, "ops") as repository:
        assert Conflict(("a.yaml",)) == repository.merge_result("main", "work")


def test_head_behind_the_base_merges_to_the_base(diverged):
    with opened(diverged) as repository:
        assert repository.commit("main").files == repository.merge_result("main", "main~1").files


def test_histories_with_nothing_in_common_are_undecided(repo):
    repo.commit()
    repo.git("switch", "-q", "--orphan", "other")
    repo.write(".opsledger.yaml", "preset: small\n")
    repo.commit()

    with opened(repo) as repository, pytest.raises(Undecided, match="no history in common"):
        repository.merge_result("main", "other")


@pytest.mark.parametrize(
    ("base", "command"),
    [
        ("origin/main", "git fetch origin main:refs/remotes/origin/main"),
        ("refs/remotes/origin/main", "git fetch origin main:refs/remotes/origin/main"),
        ("0123456789abcdef0123456789abcdef01234567", "git fetch origin 0123456789abcdef0123456789abcdef01234567"),
        ("trunk", "git fetch origin trunk"),
    ],
)
def test_absent_base_is_undecided_and_says_how_to_get_it(repo, base, command):
    repo.commit()

    with opened(repo) as repository, pytest.raises(Undecided) as told:
        repository.merge_result(base, "HEAD")

    assert f"run `{command}`" == told.value.remedy


def test_absent_head_is_a_slip_of_the_caller(repo):
    repo.commit()

    with opened(repo) as repository, pytest.raises(NoSuchRevision):
        repository.merge_result("main", "nowhere")


def test_base_tip_and_test_merge_at_depth_one_suffice(diverged):
    diverged.switch("test-merge", "main")
    merge = diverged.merge("work")
    clone = diverged.clone("shallow", "--depth=1", "--branch=test-merge")
    clone.git("fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")

    with opened(clone) as repository:
        assert repository.is_shallow
        assert merge == repository.merge_result("origin/main", "HEAD").commit
        assert "work tree" == repository.merge_result("origin/main", None).name
        assert repository.commit("origin/main").read(C) == b"c: 1\n"


def test_branch_of_one_commit_at_depth_one_suffices(repo):
    repo.commit("Base")
    repo.switch("work", "main")
    repo.write(A, "a: 1\n")
    head = repo.commit()
    clone = repo.clone("shallow", "--depth=1", "--branch=work")
    clone.git("fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")

    with opened(clone) as repository:
        assert head == repository.merge_result("origin/main", "HEAD").commit


def test_base_that_is_visible_in_a_shallow_clone_is_found(repo):
    repo.commit("Older")
    base = repo.commit("Base")
    repo.switch("work", "main")
    for number in range(3):
        repo.write(A, f"a: {number}\n")
        head = repo.commit()
    clone = repo.clone("shallow", "--depth=4", "--branch=work")

    with opened(clone) as repository:
        assert head == repository.merge_result(base, "HEAD").commit


@pytest.mark.parametrize("head", ["HEAD", None], ids=["commit", "work tree"])
def test_base_beyond_a_shallow_clones_horizon_is_undecided(repo, head):
    repo.commit("Base")
    repo.switch("work", "main")
    for number in range(3):
        repo.write(A, f"a: {number}\n")
        repo.commit()
    clone = repo.clone("shallow", "--depth=1", "--branch=work")
    clone.git("fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")

    with opened(clone) as repository, pytest.raises(Undecided, match=r"this clone is shallow.*git fetch --unshallow"):
        repository.merge_result("origin/main", head)


def test_absent_base_of_a_shallow_clone_is_fetched_shallow(repo):
    repo.commit("Base")
    repo.switch("work", "main")
    repo.commit()
    clone = repo.clone("shallow", "--depth=1", "--branch=work")

    with opened(clone) as repository, pytest.raises(Undecided, match="git fetch --depth=1 origin main:refs/remotes"):
        repository.merge_result("origin/main", "HEAD")


def test_ancestors_are_known(diverged):
    with opened(diverged) as repository:
        assert repository.is_ancestor("main", "main")
        assert repository.is_ancestor("main~1", "work")
        assert not repository.is_ancestor("main", "work")
        assert not repository.is_ancestor("work", "main~1")
