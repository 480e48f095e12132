"""What people call a commit, and which one is meant."""

from __future__ import annotations

import pytest

from opsledger.errors import NoSuchRevision, Undecided
from opsledger.store import Repository


@pytest.fixture
def three(repo):
    """Commits 0 to 2 on main, an annotated tag `v1` on the first, and `origin/main` at the second."""
    ids = [repo.commit(subject) for subject in ("First", "Second", "Third")]
    repo.git("-c", "user.name=Ada", "-c", "user.email=a@example.org", "tag", "-a", "-m", "One", "v1", ids[0])
    repo.git("update-ref", "refs/remotes/origin/main", ids[1])
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return repo, ids


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("HEAD", 2), ("@", 2), ("main", 2), ("heads/main", 2), ("refs/heads/main", 2), ("HEAD~1", 1), ("main^", 1),
        ("main~2", 0), ("main^1~1", 0), ("v1", 0), ("refs/tags/v1", 0), ("tags/v1", 0), ("origin/main", 1),
        ("origin", 1), ("refs/remotes/origin/HEAD", 1), ("remotes/origin/main", 1),
    ],
)  # fmt: skip
def test_name_means_a_commit(three, name, number):
    repo, ids = three

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert ids[number] == repository.resolve(name)


def test_id_and_its_beginning_mean_a_commit(three):
    repo, ids = three

    with Repository.open(repo.root, environment=repo.environment) as repository:
        for length in (7, 12, 40):
            assert ids[1] == repository.resolve(ids[1][:length])
        assert ids[1] == repository.resolve(ids[1].upper())
        assert ids[0] == repository.resolve(f"{ids[1]}~1")


@pytest.mark.parametrize(
    "name",
    [
        "", "nothing", "-n", "--all", "--output=canary", "main~9", "main^2", "main:records", "HEAD:.opsledger.yaml",
        "HEAD^{tree}", "main..origin/main", ":/First", "@{1}", "main@{yesterday}", "main main", "main\n", "main\nHEAD",
        "\n", "a b", "*", "refs/heads/ma*", "0123456789", "f" * 40, "../../HEAD", "refs/../HEAD",
        "/etc/passwd", "\udce9",
    ],
)  # fmt: skip
def test_name_of_no_commit_is_said(three, name):
    repo, _ = three

    with Repository.open(repo.root, environment=repo.environment) as repository:
        with pytest.raises(NoSuchRevision) as told:
            repository.resolve(name)

        assert f"no commit is named {name!r}" == str(told.value)
        assert repository.resolve("HEAD")
    assert not (repo.root / "canary").exists()


def test_branch_and_tag_of_one_name_are_not_chosen_between(three):
    repo, ids = three
    repo.git("tag", "main", ids[0])

    with Repository.open(repo.root, environment=repo.environment) as repository:
        with pytest.raises(Undecided) as told:
            repository.resolve("main")

        assert ids[2] == repository.resolve("refs/heads/main")
        assert ids[0] == repository.resolve("refs/tags/main")
    assert "'main' names several commits: refs/heads/main and refs/tags/main" == told.value.missing
    assert "write the full name, as refs/heads/main" == told.value.remedy


def test_branch_and_tag_of_one_name_at_one_commit_agree(three):
    repo, ids = three
    repo.git("tag", "main", ids[2])

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert ids[2] == repository.resolve("main")


def test_branch_that_looks_like_an_id_does_not_hide_the_commit(three):
    repo, ids = three
    repo.git("update-ref", f"refs/heads/{ids[0]}", ids[2])

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert ids[0] == repository.resolve(ids[0])
        assert ids[2] == repository.resolve(f"refs/heads/{ids[0]}")


def test_option_like_branch_is_only_a_name(three):
    repo, ids = three
    repo.git("update-ref", "refs/heads/--all", ids[0])

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert ids[0] == repository.resolve("refs/heads/--all")


def test_reference_to_a_tree_is_no_commit(three):
    repo, _ = three
    repo.git("tag", "tree", "HEAD^{tree}")

    with Repository.open(repo.root, environment=repo.environment) as repository, pytest.raises(NoSuchRevision):
        repository.resolve("tree")


def test_packed_references_are_found(three):
    repo, ids = three
    repo.git("pack-refs", "--all")

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert (ids[0], ids[2]) == (repository.resolve("v1"), repository.resolve("main"))


def test_what_was_fetched_last_has_a_name(three):
    repo, ids = three
    clone = repo.clone("clone")
    clone.git("fetch", "-q", "origin", "refs/tags/v1")

    with Repository.open(clone.root, environment=clone.environment) as repository:
        assert ids[0] == repository.resolve("FETCH_HEAD")
