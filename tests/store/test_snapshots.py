"""Work tree, index and commit as maps of path to blob id."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsledger.errors import NoSuchRevision, Undecided
from opsledger.store import Repository, Snapshot, blob_id, in_memory

RELEASE = "records/releases/REL-2026-0001.yaml"


def opened(repo, folder="") -> Repository:
    return Repository.open(repo.root / folder, environment=repo.environment)


def contents(snapshot: Snapshot) -> dict[str, bytes | None]:
    return dict(snapshot.read_many(list(snapshot.files)))


def test_clean_work_tree_index_and_commit_hold_the_same(repo):
    repo.write(RELEASE, "id: REL-2026-0001\n")
    commit = repo.commit()

    with opened(repo) as repository:
        work_tree, index, head = repository.work_tree(), repository.index(), repository.commit("HEAD")
        read = [contents(snapshot) for snapshot in (work_tree, index, head)]

    assert {".opsledger.yaml", RELEASE} == set(head.files)
    assert blob_id(b"id: REL-2026-0001\n") == head.files[RELEASE]
    assert work_tree.files == index.files == head.files
    assert read[0] == read[1] == read[2]
    assert ("work tree", "index", f"commit {commit[:7]}") == (work_tree.name, index.name, head.name)
    assert (commit, datetime(2026, 1, 1, 12, tzinfo=UTC)) == (head.commit, head.when)
    assert (None, None) == (work_tree.commit, work_tree.when)


def test_work_tree_shows_modified_untracked_and_deleted_files(repo):
    repo.write(RELEASE, "state: draft\n")
    repo.write("records/gone.yaml", "a: 1\n")
    repo.commit()
    repo.write(RELEASE, "state: final\n")
    repo.write("records/new.yaml", "b: 2\n")
    repo.delete("records/gone.yaml")

    with opened(repo) as repository:
        snapshot = repository.work_tree()
        read = contents(snapshot)

    assert [".opsledger.yaml", "records/new.yaml", RELEASE] == list(snapshot.files)
    assert blob_id(b"state: final\n") == snapshot.files[RELEASE]
    assert (b"state: final\n", b"b: 2\n") == (read[RELEASE], read["records/new.yaml"])


def test_index_shows_what_is_staged_and_not_what_is_on_disk(repo):
    repo.write(RELEASE, "state: draft\n")
    repo.commit()
    repo.write(RELEASE, "state: staged\n")
    repo.git("add", RELEASE)
    repo.write(RELEASE, "state: later\n")

    with opened(repo) as repository:
        assert b"state: staged\n" == repository.index().read(RELEASE)
        assert b"state: later\n" == repository.work_tree().read(RELEASE)
        assert b"state: draft\n" == repository.commit("HEAD").read(RELEASE)


def test_edit_within_the_same_second_and_of_the_same_length_is_seen(repo):
    repo.write(RELEASE, "state: aaaaa\n")
    repo.commit()
    index = os.stat(repo.root / ".git/index")
    place = repo.write(RELEASE, "state: bbbbb\n")
    os.utime(place, ns=(index.st_mtime_ns, index.st_mtime_ns))

    with opened(repo) as repository:
        assert blob_id(b"state: bbbbb\n") == repository.work_tree().files[RELEASE]


def test_touched_file_keeps_its_blob(repo):
    place = repo.write(RELEASE, "state: draft\n")
    repo.commit()
    os.utime(place, (time.time() + 5, time.time() + 5))

    with opened(repo) as repository:
        assert repository.commit("HEAD").files == repository.work_tree().files


def test_ignored_files_are_not_there(repo):
    repo.write(".gitignore", "*.tmp\n")
    repo.write("records/a.tmp", "x")
    repo.write("records/b.yaml", "x: 1\n")

    with opened(repo) as repository:
        assert [".gitignore", ".opsledger.yaml", "records/b.yaml"] == list(repository.work_tree().files)


def test_ignore_rules_of_the_clone_itself_hide_nothing(repo):
    repo.write(".git/info/exclude", "*\n")
    repo.write("records/b.yaml", "x: 1\n")

    with opened(repo) as repository:
        assert "records/b.yaml" in repository.work_tree().files


def test_ledger_in_a_folder_sees_only_that_folder(repo):
    repo.write("src/main.c", "int main;\n")
    repo.write("ops/.opsledger.yaml", "preset: small\n")
    repo.write("ops/records/a.yaml", "a: 1\n")
    repo.delete(".opsledger.yaml")
    repo.commit()
    repo.write("ops/records/b.yaml", "b: 1\n")

    with opened(repo, "ops/records") as repository:
        work_tree, head, index = repository.work_tree(), repository.commit("HEAD"), repository.index()
        data = work_tree.read("records/b.yaml")

    assert ("ops/", repo.root / "ops", repo.root) == (repository.prefix, repository.root, repository.top)
    assert [".opsledger.yaml", "records/a.yaml"] == list(head.files) == list(index.files)
    assert [".opsledger.yaml", "records/a.yaml", "records/b.yaml"] == list(work_tree.files)
    assert b"b: 1\n" == data


def test_commit_without_the_ledgers_folder_is_empty(repo):
    repo.delete(".opsledger.yaml")
    repo.write("README", "hello\n")
    before = repo.commit()
    repo.write("ops/.opsledger.yaml", "preset: small\n")
    repo.commit()

    with opened(repo, "ops") as repository:
        assert {} == repository.commit(before).files


def test_long_files_are_read_up_to_one_byte_past_the_limit(repo):
    repo.write("big.yaml", b"x" * 300)
    repo.commit()
    repo.write("bigger.yaml", b"y" * 400_000)

    with opened(repo) as repository:
        head, work_tree = repository.commit("HEAD"), repository.work_tree()

        assert b"x" * 101 == head.read("big.yaml", limit=100)
        assert b"x" * 101 == work_tree.read("big.yaml", limit=100)
        assert b"x" * 300 == head.read("big.yaml", limit=300)
        assert 131073 == len(work_tree.read("bigger.yaml"))
        assert blob_id(b"y" * 400_000) == work_tree.files["bigger.yaml"]


def test_many_files_come_as_a_stream_in_the_order_asked_for(repo):
    wanted = {f"records/{number:03}.yaml": b"n" * number for number in range(60)}
    for path, data in wanted.items():
        repo.write(path, data)
    repo.commit()
    paths = sorted(wanted, reverse=True)

    with opened(repo) as repository:
        for snapshot in (repository.commit("HEAD"), repository.index(), repository.work_tree()):
            assert [(path, wanted[path]) for path in paths] == list(snapshot.read_many(paths))
            assert [(path, wanted[path][:6]) for path in paths] == list(snapshot.read_many(paths, limit=5))


def test_stream_may_be_left_early(repo):
    for number in range(60):
        repo.write(f"records/{number:03}.yaml", b"n" * 5000)
    repo.commit()

    with opened(repo) as repository:
        head = repository.commit("HEAD")
        stream = head.read_many(list(head.files))
        first = next(stream)
        stream.close()

        assert (".opsledger.yaml", head.read(".opsledger.yaml")) == first


def test_file_that_vanished_is_none(repo):
    repo.write(RELEASE, "a: 1\n")
    with opened(repo) as repository:
        snapshot = repository.work_tree()
        repo.delete(RELEASE)

        assert [(RELEASE, None)] == list(snapshot.read_many([RELEASE]))
        with pytest.raises(Undecided, match="cannot be read"):
            snapshot.read(RELEASE)


def test_bytes_always_match_the_blob_id_even_if_the_file_changes_meanwhile(repo):
    repo.write(RELEASE, "state: draft\n")
    repo.commit()
    with opened(repo) as repository:
        snapshot = repository.work_tree()
        repo.write(RELEASE, "state: other\n")

        assert b"state: draft\n" == snapshot.read(RELEASE)


def test_line_ends_that_git_normalised_go_by_what_is_committed(repo):
    repo.write(".gitattributes", "*.yaml text eol=crlf\n")
    repo.write(RELEASE, "a: 1\r\nb: 2\r\n")
    repo.commit()

    with opened(repo) as repository:
        assert b"a: 1\nb: 2\n" == repository.work_tree().read(RELEASE)
        assert repository.commit("HEAD").files == repository.work_tree().files


def test_unknown_path_is_a_key_error(repo):
    with opened(repo) as repository, pytest.raises(KeyError):
        repository.work_tree().read("records/none.yaml")


def test_names_that_nobody_should_give_are_kept_byte_for_byte(repo):
    names = [
        b"-rf.yaml",
        b"new\nline.yaml",
        b"esc\x1b[31m.yaml",
        b"lat\xe9.yaml",
        "\u65e5\u672c.yaml".encode(),
        b"tab\t.yaml",
    ]
    folder = repo.root / "records"
    folder.mkdir()
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(name)

    with opened(repo) as repository:
        untracked = repository.work_tree()
        read = contents(untracked)
        repo.commit()
        head, work_tree, index = repository.commit("HEAD"), repository.work_tree(), repository.index()
        from_head = contents(head)

    expected = {"records/" + os.fsdecode(name): name for name in names}
    assert expected == {path: data for path, data in read.items() if path in expected}
    assert untracked.files == head.files == work_tree.files == index.files
    assert read == from_head


def test_sha256_repository_works(sha256_repo):
    sha256_repo.write(RELEASE, "a: 1\n")
    sha256_repo.commit()
    sha256_repo.write("records/b.yaml", "b: 1\n")

    with opened(sha256_repo) as repository:
        head, work_tree = repository.commit("HEAD"), repository.work_tree()

        assert blob_id(b"a: 1\n", object_format="sha256") == head.files[RELEASE] == work_tree.files[RELEASE]
        assert blob_id(b"b: 1\n", object_format="sha256") == work_tree.files["records/b.yaml"]
        assert (b"a: 1\n", b"b: 1\n") == (head.read(RELEASE), work_tree.read("records/b.yaml"))


def test_split_index_works(repo):
    repo.write(RELEASE, "a: 1\n")
    repo.commit()
    repo.git("update-index", "--split-index")
    repo.write("records/b.yaml", "b: 1\n")
    repo.git("add", "records/b.yaml")

    with opened(repo) as repository:
        assert [".opsledger.yaml", "records/b.yaml", RELEASE] == list(repository.index().files)


def test_snapshot_in_memory_reads_like_any_other():
    snapshot = in_memory({"b.yaml": b"b: 1\n", "a.yaml": b"a: 1\n"}, name="preset small")

    assert {"a.yaml": blob_id(b"a: 1\n"), "b.yaml": blob_id(b"b: 1\n")} == snapshot.files
    assert b"a: 1\n" == snapshot.read("a.yaml")
    assert [("b.yaml", b"b: ")] == list(snapshot.read_many(["b.yaml"], limit=2))


def test_unknown_revision_is_said(repo):
    repo.commit()
    with opened(repo) as repository, pytest.raises(NoSuchRevision, match="no commit is named 'upstream/main'"):
        repository.commit("upstream/main")


def test_below_a_folder_are_its_files_and_no_neighbours():
    names = ("a/gates-old/1", "a/gates.yaml", "a/gates/2", "a/gates/b/1", "a/gates/1", "a/gates0", "a/gatesmith/1")
    found = in_memory(dict.fromkeys(names, b""), name="example")

    assert ("a/gates/1", "a/gates/2", "a/gates/b/1") == found.below("a/gates")
    assert () == found.below("a/gate")
    assert () == found.below("")


def test_a_commit_is_listed_once_and_a_branch_that_moves_on_is_another(repo):
    repo.write(RELEASE, "state: draft\n")
    repo.commit()

    with opened(repo) as repository:
        first = repository.commit("HEAD")
        again = repository.commit("main")
        repo.write(RELEASE, "state: final\n")
        repo.commit()
        then = repository.commit("main")

    assert again is first
    assert blob_id(b"state: final\n") == then.files[RELEASE]
