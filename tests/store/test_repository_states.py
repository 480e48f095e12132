"""States that a repository can be in, each with a defined answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from opsledger.errors import NoLedger, NoRepository, NoSuchRevision, Undecided
from opsledger.history import trail
from opsledger.store import NoGit, Repository

A = "records/a.yaml"


def opened(repo, folder="") -> Repository:
    return Repository.open(repo.root / folder, environment=repo.environment)


def test_directory_outside_any_repository_is_said(tmp_path, environment):
    with pytest.raises(NoRepository, match="lies in no git repository"):
        Repository.open(tmp_path, environment=environment)


def test_directory_without_a_ledger_is_said(repo):
    repo.delete(".opsledger.yaml")
    repo.write("src/main.c", "")

    with pytest.raises(NoLedger, match=r"no \.opsledger\.yaml stands in"):
        opened(repo, "src")


def test_ledger_above_the_repository_is_not_taken(tmp_path, repo):
    (tmp_path / ".opsledger.yaml").write_text("preset: small\n")
    repo.delete(".opsledger.yaml")

    with pytest.raises(NoLedger):
        opened(repo)


def test_nearest_ledger_upward_is_taken(repo):
    repo.write("ops/.opsledger.yaml", "preset: small\n")
    (repo.root / "ops/deep/er").mkdir(parents=True)

    with opened(repo, "ops/deep/er") as inner, opened(repo, "") as outer:
        assert ("ops/", "") == (inner.prefix, outer.prefix)


def test_root_to_be_needs_no_ledger(repo):
    repo.delete(".opsledger.yaml")
    repo.write("ops/readme", "x")

    with Repository.at_top(repo.root / "ops", environment=repo.environment) as repository:
        assert ("ops/", ["readme"]) == (repository.prefix, list(repository.work_tree().files))


def test_unborn_branch_has_a_work_tree_and_an_index_but_no_commit(repo):
    repo.write(A, "a: 1\n")
    repo.git("add", A)

    with opened(repo) as repository:
        assert [".opsledger.yaml", A] == list(repository.work_tree().files)
        assert [A] == list(repository.index().files)
        assert b"a: 1\n" == repository.index().read(A)
        assert repository.head() is None
        with pytest.raises(NoSuchRevision):
            repository.commit("HEAD")
        with pytest.raises(Undecided):
            repository.merge_result("origin/main", None)


def test_bare_repository_has_commits_only(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    bare = repo.clone("bare.git", "--bare")

    with opened(bare) as repository:
        assert repository.is_bare
        assert b"a: 1\n" == repository.commit("main").read(A)
        assert [A] == list(trail(repository, [A]))
        for snapshot in (repository.work_tree, repository.index):
            with pytest.raises(Undecided, match="is a bare repository without a work tree"):
                snapshot()


def test_linked_work_tree_has_its_own_files_and_shared_history(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    linked = repo.root.parent / "linked"
    repo.git("worktree", "add", "-q", "-b", "side", str(linked))
    (linked / A).write_text("a: 2\n")

    with Repository.open(linked, environment=repo.environment) as repository:
        assert linked == repository.top
        assert b"a: 2\n" == repository.work_tree().read(A)
        assert b"a: 1\n" == repository.commit("side").read(A)
        assert repository.resolve("main") == repository.head()


def test_clone_that_borrows_objects_reads_them(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    borrower = repo.root.parent / "borrower"
    repo.git("clone", "-q", "--shared", str(repo.root), str(borrower))

    with Repository.open(borrower, environment=repo.environment) as repository:
        assert b"a: 1\n" == repository.commit("HEAD").read(A)


def test_submodule_directory_is_a_repository_of_its_own(repo, tmp_path):
    repo.write(A, "a: 1\n")
    repo.commit()
    outer = repo.clone("outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(repo.root), "inner")

    with opened(outer, "inner/records") as repository:
        assert outer.root / "inner" == repository.top
        assert b"a: 1\n" == repository.work_tree().read(A)


def test_detached_head_is_fine(repo):
    repo.write(A, "a: 1\n")
    first = repo.commit()
    repo.write(A, "a: 2\n")
    repo.commit()
    repo.git("checkout", "-q", first)

    with opened(repo) as repository:
        assert first == repository.head()
        assert b"a: 1\n" == repository.work_tree().read(A)


def test_directory_with_strange_letters_in_its_name_works(repo, tmp_path):
    repo.write(A, "a: 1\n")
    repo.commit()
    strange = tmp_path / 'li\nne "quote" \\ back:colon #\u00e9'
    repo.root.rename(strange)

    with Repository.open(strange, environment=repo.environment) as repository:
        assert b"a: 1\n" == repository.commit("HEAD").read(A)


def test_ledger_in_a_folder_with_strange_letters_in_its_name_works(repo):
    repo.delete(".opsledger.yaml")
    for folder in ("o p", "-o\n5 blob 7", "*"):
        repo.write(f"{folder}/.opsledger.yaml", f"preset: small # {folder!r}\n")
    repo.commit()

    for folder in ("o p", "-o\n5 blob 7", "*"):
        with opened(repo, folder) as repository:
            for snapshot in (repository.commit("HEAD"), repository.index(), repository.work_tree()):
                assert [".opsledger.yaml"] == list(snapshot.files)
                assert f"preset: small # {folder!r}\n".encode() == snapshot.read(".opsledger.yaml")
            assert [".opsledger.yaml"] == list(trail(repository))


def test_commit_made_while_it_is_open_is_seen(repo):
    repo.commit()
    with opened(repo) as repository:
        before = repository.head()
        repo.write(A, "a: 1\n")
        after = repo.commit()

        assert (after, True) == (repository.head(), before != after)
        assert b"a: 1\n" == repository.commit("main").read(A)


def test_shallow_clone_gives_snapshots_and_no_history(repo):
    repo.commit()
    repo.write(A, "a: 1\n")
    repo.commit()
    clone = repo.clone("shallow", "--depth=1")

    with opened(clone) as repository:
        assert repository.is_shallow
        assert b"a: 1\n" == repository.commit("HEAD").read(A)
        with pytest.raises(Undecided, match="shallow and lacks the history; run `git fetch --unshallow`"):
            trail(repository)


@pytest.mark.parametrize("count", [1, 40], ids=["one file", "many files"])
def test_partial_clone_says_what_it_lacks_and_fetches_nothing(repo, count):
    for number in range(count):
        repo.write(f"records/{number}.yaml", f"a: {number}\n")
    repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone("partial", "--filter=blob:none", "--no-checkout")

    with opened_bare_handed(clone) as repository:
        head = repository.commit("HEAD")
        with pytest.raises(Undecided, match=r"partial and lacks the bytes of .*git fetch --refetch --no-filter"):
            list(head.read_many(list(head.files)))
    clone.git("fetch", "-q", "--refetch", "--no-filter")
    with opened_bare_handed(clone) as repository:
        assert b"a: 0\n" == repository.commit("HEAD").read("records/0.yaml")


def opened_bare_handed(repo) -> Repository:
    return Repository.at_top(repo.root, environment=repo.environment)


def test_treeless_clone_is_undecided(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone("partial", "--filter=tree:0", "--no-checkout")

    with opened_bare_handed(clone) as repository, pytest.raises(Undecided, match="this clone is partial"):
        repository.commit("HEAD")


def test_sparse_checkout_is_judged_from_the_index(repo):
    repo.write(A, "a: 1\n")
    repo.write("other/b.yaml", "b: 1\n")
    repo.commit()
    repo.git("sparse-checkout", "set", "other")

    with opened(repo) as repository:
        snapshot = repository.work_tree()

        assert not (repo.root / A).exists()
        assert repository.commit("HEAD").files == snapshot.files
        assert b"a: 1\n" == snapshot.read(A)
        assert ("1 file marked skip-worktree judged as the index has it",) == snapshot.notes


def test_sparse_index_is_unfolded(repo):
    repo.write(A, "a: 1\n")
    repo.write("other/b.yaml", "b: 1\n")
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "other")

    with opened(repo) as repository:
        assert repository.commit("HEAD").files == repository.index().files == repository.work_tree().files


@pytest.mark.parametrize("mark", ["assume-unchanged", "skip-worktree"])
@pytest.mark.parametrize("is_deleted", [False, True], ids=["changed", "deleted"])
def test_file_that_git_was_told_not_to_look_at_is_judged_from_the_index(repo, mark, is_deleted):
    repo.write(A, "a: 1\n")
    repo.write("records/b.yaml", "b: 1\n")
    repo.commit()
    repo.git("update-index", f"--{mark}", A, "records/b.yaml")
    repo.write(A, "a: hidden\n")
    if is_deleted:
        repo.delete(A)

    with opened(repo) as repository:
        snapshot = repository.work_tree()

        assert b"a: 1\n" == snapshot.read(A)
        assert (f"2 files marked {mark} judged as the index has them",) == snapshot.notes


def test_locked_index_is_undecided(repo):
    repo.commit()
    repo.write(".git/index.lock", "")

    with opened(repo) as repository:
        for snapshot in (repository.work_tree, repository.index):
            with pytest.raises(Undecided, match=r"another git command holds the index.*delete \.git/index\.lock"):
                snapshot()
        assert [".opsledger.yaml"] == list(repository.commit("HEAD").files)


def test_corrupt_index_is_undecided(repo):
    repo.commit()
    repo.write(".git/index", b"DIRC\0\0\0\2garbage")

    with opened(repo) as repository:
        for snapshot in (repository.work_tree, repository.index):
            with pytest.raises(Undecided, match=r"the index of .* cannot be read"):
                snapshot()


@pytest.fixture
def conflicting(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    repo.switch("side", "main")
    repo.write(A, "a: 2\n")
    repo.commit()
    repo.switch("main")
    for number in (3, 4):
        repo.write(A, f"a: {number}\n")
        repo.commit()
    return repo


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("merge side", "a merge"),
        ("rebase side", "a rebase"),
        ("cherry-pick side", "a cherry-pick"),
        ("revert HEAD~1", "a revert"),
    ],
)
def test_unfinished_merge_and_its_kin_are_undecided(conflicting, command, what):
    with pytest.raises(AssertionError):
        conflicting.git(*command.split())

    with opened(conflicting) as repository:
        for snapshot in (repository.work_tree, repository.index):
            with pytest.raises(Undecided, match=rf"{what} is unfinished in .*--continue.*--abort"):
                snapshot()


def test_file_in_conflict_without_a_merge_is_undecided(conflicting):
    with pytest.raises(AssertionError):
        conflicting.git("merge", "side")
    (conflicting.root / ".git/MERGE_HEAD").unlink()

    with opened(conflicting) as repository, pytest.raises(Undecided, match=r"records/a\.yaml is in conflict"):
        repository.work_tree()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a directory away")
def test_clone_of_another_user_is_undecided_until_git_is_told_to_trust_it(repo):
    repo.commit()
    for place in (repo.root, *repo.root.rglob("*")):
        os.chown(place, 12345, 12345)

    with pytest.raises(Undecided, match=r"belongs to another user.*git config --global --add safe.directory"):
        opened(repo)

    (Path(repo.environment["HOME"]) / ".gitconfig").write_text(f"[safe]\n\tdirectory = {repo.root}\n")
    with opened(repo) as repository:
        assert [".opsledger.yaml"] == list(repository.work_tree().files)


def test_missing_git_is_said(repo, tmp_path):
    with pytest.raises(NoGit, match=r"git 2\.38 or later is needed, and none is on the PATH"):
        Repository.open(repo.root, environment={"PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("says", "told"),
    [
        pytest.param("git version 2.25.1", r"is git 2\.25\.1", id="too old"),
        pytest.param("hello", "does not answer as git does", id="another program"),
    ],
)
def test_wrong_git_is_said_with_its_version(repo, tmp_path, says, told):
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho {says}\n")
    program.chmod(0o755)

    with pytest.raises(NoGit, match=rf"git 2\.38 or later is needed, and .*{told}"):
        Repository.open(repo.root, environment={"PATH": f"{program.parent}:{os.environ['PATH']}"})


def test_git_of_the_clone_itself_is_never_run(repo, monkeypatch):
    repo.commit()
    repo.write("git", "#!/bin/sh\ntouch canary\n").chmod(0o755)
    monkeypatch.chdir(repo.root)

    with Repository.open(repo.root, environment={"PATH": f".::{os.environ['PATH']}"}) as repository:
        repository.work_tree()

    assert not (repo.root / "canary").exists()


def test_unknown_object_format_is_said(repo):
    repo.write(".git/config", "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha512\n")

    with pytest.raises(Undecided, match="names its objects by sha512, which this version cannot read"):
        opened(repo)


def test_unknown_reference_storage_is_said(repo):
    repo.write(".git/config", "[extensions] refStorage = cloud\n")

    with pytest.raises(Undecided, match="keeps its references as cloud"):
        opened(repo)


def test_git_file_that_leads_nowhere_is_said(tmp_path, environment):
    (tmp_path / ".git").write_text("gitdir: nowhere\n")

    with pytest.raises(NoRepository, match=r"its \.git names .*nowhere, which is not there"):
        Repository.open(tmp_path, environment=environment)
