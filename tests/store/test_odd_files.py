"""What is not a plain file is named, and neither opened nor followed."""

from __future__ import annotations

import os
import socket
import time

import pytest

from opsledger.store import Repository

SECRET = "top secret"


def opened(repo) -> Repository:
    return Repository.open(repo.root, environment=repo.environment)


def odd(repo) -> dict[str, str]:
    with opened(repo) as repository:
        return dict(repository.work_tree().odd)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/etc/passwd", id="out of the repository"),
        pytest.param("b.yaml", id="to another record"),
        pytest.param("nothing.yaml", id="to nothing"),
        pytest.param("link.yaml", id="to itself"),
        pytest.param("/", id="to the root"),
        pytest.param("/dev/zero", id="to a device"),
    ],
)
def test_symbolic_link_is_odd_in_every_snapshot(repo, target):
    repo.write("records/b.yaml", "b: 1\n")
    (repo.root / "records/link.yaml").symlink_to(target)

    untracked = odd(repo)
    repo.commit()

    assert {"records/link.yaml": "symbolic link"} == untracked
    with opened(repo) as repository:
        for snapshot in (repository.work_tree(), repository.index(), repository.commit("HEAD")):
            assert {"records/link.yaml": "symbolic link"} == snapshot.odd
            assert "records/link.yaml" not in snapshot.files


def test_record_replaced_by_a_link_is_odd(repo, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text(SECRET)
    place = repo.write("records/a.yaml", "a: 1\n")
    repo.commit()
    place.unlink()
    place.symlink_to(outside)

    assert {"records/a.yaml": "symbolic link"} == odd(repo)


def test_link_replaced_by_a_record_is_plain(repo):
    place = repo.root / "a.yaml"
    place.symlink_to("/etc/passwd")
    repo.commit()
    place.unlink()
    repo.write("a.yaml", "a: 1\n")

    with opened(repo) as repository:
        snapshot = repository.work_tree()

    assert {} == snapshot.odd
    assert "a.yaml" in snapshot.files


def test_folder_replaced_by_a_link_hides_its_files(repo, tmp_path):
    repo.write("records/x/a.yaml", "a: 1\n")
    repo.commit()
    (repo.root / "records/x").rename(tmp_path / "x")
    (tmp_path / "x/a.yaml").write_text(SECRET)
    (repo.root / "records/x").symlink_to(tmp_path / "x")

    with opened(repo) as repository:
        snapshot = repository.work_tree()

    assert {"records/x": "symbolic link"} == snapshot.odd
    assert [".opsledger.yaml"] == list(snapshot.files)


def test_folder_that_becomes_a_link_later_is_not_followed(repo, tmp_path):
    repo.write("records/x/a.yaml", "a: 1\n")
    (tmp_path / "x").mkdir()
    (tmp_path / "x/a.yaml").write_text(SECRET)
    with opened(repo) as repository:
        snapshot = repository.work_tree()
        (repo.root / "records/x").rename(tmp_path / "y")
        (repo.root / "records/x").symlink_to(tmp_path / "x")

        assert [("records/x/a.yaml", None)] == list(snapshot.read_many(["records/x/a.yaml"]))


def test_executable_record_is_odd_and_still_a_file(repo):
    place = repo.write("records/a.yaml", "a: 1\n")
    place.chmod(0o755)

    untracked = odd(repo)
    repo.commit()

    assert {"records/a.yaml": "executable"} == untracked
    with opened(repo) as repository:
        for snapshot in (repository.work_tree(), repository.index(), repository.commit("HEAD")):
            assert {"records/a.yaml": "executable"} == snapshot.odd
            assert b"a: 1\n" == snapshot.read("records/a.yaml")
        place.chmod(0o644)
        assert {} == repository.work_tree().odd


def test_file_system_without_modes_makes_nothing_executable(repo):
    place = repo.write("records/a.yaml", "a: 1\n")
    repo.commit()
    repo.git("config", "core.fileMode", "false")
    place.chmod(0o755)
    repo.write("records/b.yaml", "b: 1\n").chmod(0o755)

    assert {} == odd(repo)


@pytest.mark.parametrize("is_tracked", [pytest.param(True, id="tracked"), pytest.param(False, id="untracked")])
def test_pipe_is_odd_and_nobody_waits_for_it(repo, is_tracked):
    place = repo.write("records/a.yaml", "a: 1\n")
    if is_tracked:
        repo.commit()
    place.unlink()
    os.mkfifo(place)
    started = time.monotonic()

    assert {"records/a.yaml": "fifo"} == odd(repo)
    assert time.monotonic() - started < 2


def test_pipe_that_takes_a_files_place_later_is_none(repo):
    place = repo.write("records/a.yaml", "a: 1\n")
    with opened(repo) as repository:
        snapshot = repository.work_tree()
        place.unlink()
        os.mkfifo(place)

        assert [("records/a.yaml", None)] == list(snapshot.read_many(["records/a.yaml"]))


def test_socket_is_odd(repo, monkeypatch):
    (repo.root / "records").mkdir()
    monkeypatch.chdir(repo.root / "records")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("a.yaml")

        assert {"records/a.yaml": "socket"} == odd(repo)


def test_empty_folder_named_like_a_record_is_odd(repo):
    (repo.root / "records/releases/REL-1.yaml").mkdir(parents=True)

    assert {"records/releases/REL-1.yaml": "directory named like a record"} == odd(repo)


def test_folder_named_like_a_record_with_files_is_odd_in_every_snapshot(repo):
    repo.write("records/releases/REL-1.yaml/a.yaml", "a: 1\n")
    repo.commit()

    with opened(repo) as repository:
        for snapshot in (repository.work_tree(), repository.index(), repository.commit("HEAD")):
            assert {"records/releases/REL-1.yaml": "directory named like a record"} == snapshot.odd


def test_record_replaced_by_a_folder_is_odd(repo):
    repo.write("records/a.yaml", "a: 1\n")
    repo.commit()
    repo.delete("records/a.yaml")
    (repo.root / "records/a.yaml").mkdir()

    with opened(repo) as repository:
        snapshot = repository.work_tree()

    assert {"records/a.yaml": "directory named like a record"} == snapshot.odd
    assert "records/a.yaml" not in snapshot.files


def test_nested_repository_is_odd(repo):
    (repo.root / "records/inner").mkdir(parents=True)
    repo.git("init", "-q", "records/inner")
    repo.write("records/inner/a.yaml", "a: 1\n")

    assert {"records/inner": "nested repository"} == odd(repo)


def test_submodule_is_odd_in_every_snapshot(repo):
    commit = repo.commit()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},records/module")
    (repo.root / "records/module").mkdir(parents=True)
    repo._commit("Module", "Ada <ada@example.org>", None)

    with opened(repo) as repository:
        for snapshot in (repository.work_tree(), repository.index(), repository.commit("HEAD")):
            assert {"records/module": "submodule"} == snapshot.odd


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_and_folders_are_odd(repo):
    repo.write("records/a.yaml", "a: 1\n").chmod(0)
    repo.write("records/closed/b.yaml", "b: 1\n").parent.chmod(0)

    assert {"records/a.yaml": "unreadable", "records/closed": "unreadable"} == odd(repo)


def test_file_with_another_suffix_beside_records_is_no_oddity(repo):
    repo.write("records/a.yaml.orig", "a: 1\n")
    (repo.root / "docs").mkdir()
    os.mkfifo(repo.root / "docs/pipe")

    assert {} == odd(repo)


def test_hand_made_tree_with_a_way_out_is_odd(repo):
    blob = repo.git("hash-object", "-w", ".opsledger.yaml")
    raw = b"".join(b"100644 %s\0" % name + bytes.fromhex(blob) for name in (b"..", b".git", b"a.yaml", b"a.yaml"))
    repo.write("raw", raw)
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "raw")
    commit = repo.git("commit-tree", tree, "-m", "Odd")

    with opened(repo) as repository:
        snapshot = repository.commit(commit)

    assert {"..": "malformed path", ".git": "malformed path", "a.yaml": "listed twice"} == snapshot.odd
    assert ["a.yaml"] == list(snapshot.files)
