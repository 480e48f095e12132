"""Commits and references are written whole or not at all, by many at once, whatever the clone's configuration says."""

from __future__ import annotations

import concurrent.futures
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsledger.errors import GitFailed, NoSuchRevision, Undecided
from opsledger.store import Person, Repository

ADA = Person("Ada", "ada@example.org")
BOT = Person("bot", "bot@example.org")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def write(repository: Repository, parent: str | None, **files: str | None) -> str:
    """Commit files by Ada; two underscores stand for a slash, one for a dot."""
    changes = {
        name.replace("__", "/").replace("_", "."): text.encode() if text is not None else None
        for name, text in files.items()
    }
    return repository.commit_files(parent, changes, message="Write", author=ADA, committer=BOT, when=NOON)


@pytest.fixture
def first(repo) -> str:
    """The first commit of `repo`."""
    repo.write("records/a.yaml", "a\n")
    return str(repo.commit())


def test_written_commit_is_what_git_reads_back(repo, first):
    with Repository.open(repo.root, environment=repo.environment) as repository:
        commit = write(repository, first, records__b_yaml="b\n", records__a_yaml=None)

    assert "records/b.yaml" in repo.git("ls-tree", "-r", "--name-only", commit).split()
    assert "records/a.yaml" not in repo.git("ls-tree", "-r", "--name-only", commit).split()
    assert "b" == repo.git("show", f"{commit}:records/b.yaml")
    assert f"{first}|Ada|ada@example.org|bot|bot@example.org|{int(NOON.timestamp())}|Write" == repo.git(
        "log", "-1", "--format=%P|%an|%ae|%cn|%ce|%at|%s", commit
    )
    assert "" == repo.git("fsck", "--strict", commit)


def test_writing_moves_no_branch_and_touches_no_file(repo, first):
    before = (repo.git("rev-parse", "HEAD"), repo.git("status", "--porcelain"))

    with Repository.open(repo.root, environment=repo.environment) as repository:
        write(repository, first, records__b_yaml="b\n")

    assert before == (repo.git("rev-parse", "HEAD"), repo.git("status", "--porcelain"))
    assert not (repo.root / "records/b.yaml").exists()


def test_first_commit_has_no_parent(repo):
    with Repository.open(repo.root, environment=repo.environment) as repository:
        commit = write(repository, None, records__a_yaml="a\n")

    assert "" == repo.git("log", "-1", "--format=%P", commit)


def test_ledger_in_a_folder_writes_below_it(repo):
    repo.write("ops/.opsledger.yaml", "tool: 0.1.0\n")
    parent = repo.commit()

    with Repository.open(repo.root / "ops", environment=repo.environment) as repository:
        commit = write(repository, parent, records__a_yaml="a\n")

    assert "ops/records/a.yaml" == repo.git("diff", "--name-only", parent, commit)


def test_bare_repository_is_written_to(repo, first, tmp_path):
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))

    with Repository.open(tmp_path / "bare.git", environment=repo.environment) as repository:
        commit = write(repository, first, records__b_yaml="b\n")
        assert repository.update_ref("refs/heads/topic", commit, None)

    assert commit == repo.git("--git-dir", str(tmp_path / "bare.git"), "rev-parse", "topic")


def test_linked_work_tree_writes_into_the_shared_objects(repo, first, tmp_path):
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))

    with Repository.open(tmp_path / "linked", environment=repo.environment) as repository:
        commit = write(repository, first, records__b_yaml="b\n")
        assert repository.update_ref("refs/heads/other", commit, None)

    assert commit == repo.git("rev-parse", "other")


def test_objects_are_named_as_the_clone_names_them(sha256_repo):
    parent = sha256_repo.commit()

    with Repository.open(sha256_repo.root, environment=sha256_repo.environment) as repository:
        commit = write(repository, parent, records__a_yaml="a\n")

    assert 64 == len(commit)
    assert "a" == sha256_repo.git("show", f"{commit}:records/a.yaml")


def test_file_takes_the_place_of_a_folder(repo, first):
    with Repository.open(repo.root, environment=repo.environment) as repository:
        commit = write(repository, first, records="now a file\n")

    assert "now a file" == repo.git("show", f"{commit}:records")


@pytest.mark.parametrize(
    "path", [".git/config", "../out.yaml", "records/.GIT/x.yaml", "/etc/passwd", "records//x.yaml"]
)
def test_path_that_git_refuses_is_refused(repo, first, path):
    with Repository.open(repo.root, environment=repo.environment) as repository, pytest.raises(GitFailed):
        repository.commit_files(first, {path: b"x"}, message="x", author=ADA, committer=ADA, when=NOON)


def test_parent_that_is_not_there_is_undecided(repo, first):
    with Repository.open(repo.root, environment=repo.environment) as repository, pytest.raises(Undecided):
        write(repository, "1" * 40, a_yaml="a\n")


def test_bytes_are_written_as_they_are_despite_filters(repo, first):
    repo.git("config", "filter.evil.clean", "touch ran; cat")
    repo.git("config", "core.autocrlf", "input")
    repo.write(".git/info/attributes", "*.yaml filter=evil text\n")

    with Repository.open(repo.root, environment=repo.environment) as repository:
        commit = repository.commit_files(
            first, {"records/x.yaml": b"a\r\nb\x00\n"}, message="x", author=ADA, committer=ADA, when=NOON
        )
        assert b"a\r\nb\x00\n" == repository.commit(commit).read("records/x.yaml")

    assert not list(repo.root.rglob("ran"))


def test_no_hook_of_the_clone_runs(repo, first):
    for name in ("reference-transaction", "post-commit", "pre-commit", "post-index-change"):
        hook = repo.write(f".git/hooks/{name}", "#!/bin/sh\ntouch $HOME/ran\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)

    with Repository.open(repo.root, environment=repo.environment) as repository:
        repository.update_ref("refs/heads/topic", write(repository, first, b_yaml="b\n"), None)
        repository.own.stand_on("refs/heads/topic", ["b.yaml"])

    assert not (Path(repo.environment["HOME"]) / "ran").exists()


def test_reference_moves_only_from_where_the_caller_saw_it(repo, first):
    with Repository.open(repo.root, environment=repo.environment) as repository:
        second = write(repository, first, b_yaml="b\n")

        assert not repository.update_ref("refs/heads/main", second, second)
        assert not repository.update_ref("refs/heads/main", second, None)
        assert not repository.update_ref("refs/heads/nowhere", second, first)
        assert first == repository.resolve("main")
        assert repository.update_ref("refs/heads/main", second, first)
        assert second == repository.resolve("main")


def test_reference_is_taken_away_only_from_where_the_caller_saw_it(repo, first):
    repo.git("branch", "topic")

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert not repository.update_ref("refs/heads/topic", None, "1" * 40)
        assert repository.update_ref("refs/heads/topic", None, first)
        with pytest.raises(NoSuchRevision):
            repository.resolve("topic")


def test_reference_packed_meanwhile_is_still_seen(repo, first):
    with Repository.open(repo.root, environment=repo.environment) as repository:
        repo.git("pack-refs", "--all")

        assert first == repository.resolve("main")
        assert repository.update_ref("refs/heads/main", write(repository, first, b_yaml="b\n"), first)


def test_malformed_reference_name_is_refused(repo, first):
    with Repository.open(repo.root, environment=repo.environment) as repository, pytest.raises(GitFailed):
        repository.update_ref("refs/heads/../../config", first, None)


def test_eight_writers_lose_nothing(repo, first):
    def add(number: int) -> None:
        with Repository.open(repo.root, environment=repo.environment) as repository:
            for turn in range(4):
                while True:
                    tip = repository.resolve("refs/heads/main")
                    commit = repository.commit_files(
                        tip, {f"records/{number}-{turn}.yaml": b"x"}, message="x", author=ADA, committer=ADA, when=NOON
                    )
                    if repository.update_ref("refs/heads/main", commit, tip):
                        break

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(8)))

    written = repo.git("ls-tree", "--name-only", "main", "records/").split()
    assert {f"records/{number}-{turn}.yaml" for number in range(8) for turn in range(4)} == {*written} - {
        "records/a.yaml"
    }


def quarantined(repo, tmp_path: Path) -> tuple[Path, str, Mapping[str, str]]:
    """A bare repository, a commit that lies in a folder of its objects only, and a hook's environment."""
    bare = tmp_path / "bare.git"
    repo.git("clone", "-q", "--bare", ".", str(bare))
    repo.write("records/new.yaml", "new\n")
    commit = repo.commit()
    place = bare / "objects" / "incoming-1"
    place.mkdir()
    repo.git("repack", "-q", "-a", "-d")
    (place / "pack").mkdir()
    for file in (repo.root / ".git/objects/pack").iterdir():
        (place / "pack" / file.name).write_bytes(file.read_bytes())
    return (
        bare,
        commit,
        dict(repo.environment) | {"GIT_QUARANTINE_PATH": str(place), "GIT_OBJECT_DIRECTORY": str(place)},
    )


def test_objects_of_a_push_are_seen_inside_its_hook_alone(repo, first, tmp_path):
    bare, commit, environment = quarantined(repo, tmp_path)

    with Repository.open(bare, environment=environment) as repository:
        assert b"new\n" == repository.commit(commit).read("records/new.yaml")
    with Repository.open(bare, environment=repo.environment) as repository, pytest.raises(NoSuchRevision):
        repository.commit(commit)


def test_objects_outside_the_clone_are_not_believed(repo, first, tmp_path):
    bare, commit, environment = quarantined(repo, tmp_path)
    (bare / "objects" / "incoming-1").rename(tmp_path / "elsewhere")
    (bare / "objects" / "linked").symlink_to(tmp_path / "elsewhere")

    for place in (tmp_path / "elsewhere", bare / "objects" / "linked", bare / "objects" / ".." / ".." / "elsewhere"):
        hostile = dict(environment) | {"GIT_QUARANTINE_PATH": str(place), "GIT_OBJECT_DIRECTORY": str(place)}
        with Repository.open(bare, environment=hostile) as repository, pytest.raises(NoSuchRevision):
            repository.commit(commit)
