"""A clone under judgement runs nothing and bends nothing, whatever it configures."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from opsledger.errors import Undecided
from opsledger.history import trail
from opsledger.store import Conflict, Repository

A, B = "records/a.yaml", "records/b.yaml"


def opened(repo) -> Repository:
    return Repository.open(repo.root, environment=repo.environment)


@pytest.fixture
def hostile(repo, tmp_path):
    """A clone whose branches conflict, and whose configuration, hooks and attributes all name one program."""
    canary = tmp_path / "canary"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {canary}\ncat\nexit 0\n')
    program.chmod(0o755)
    repo.write(A, "a: 1\n")
    repo.write(B, "b: 1\n")
    repo.commit("Base")
    repo.switch("work", "main")
    repo.write(A, "a: 2\n")
    repo.commit("Work")
    repo.switch("main")
    repo.write(A, "a: 3\n")
    repo.write(".gitattributes", "* merge=evil diff=evil filter=evil\n")
    repo.commit("Main")
    _configure(repo, program)
    repo.write(B, "b: changed and longer\n")
    repo.write("records/new.yaml", "n: 1\n")
    return repo, canary


def _configure(repo, program: Path) -> None:
    included = repo.write("../more.config", f"[core]\n\tpager = {program}\n\taskPass = {program}\n")
    repo.write(".git/info/attributes", "* merge=evil diff=evil filter=evil\n")
    for hook in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        repo.write(f".git/hooks/{hook}", program.read_text()).chmod(0o755)
    config = (repo.root / ".git/config").read_text()
    settings = {
        "core": ["fsmonitor", "hooksPath", "sshCommand", "editor", "pager", "gitProxy", "attributesFile"],
        "diff": ["external"],
        'diff "evil"': ["command", "textconv"],
        'merge "evil"': ["driver"],
        'filter "evil"': ["clean", "smudge", "process"],
        "alias": ["ls-files", "cat-file", "ls-tree", "log", "merge-tree", "status"],
        "credential": ["helper"],
        "gpg": ["program"],
        "log": ["showSignature"],
        "uploadpack": ["packObjectsHook"],
        "sequence": ["editor"],
        "interactive": ["diffFilter"],
    }
    lines = [f"[{section}]\n" + "".join(f"\t{key} = {program}\n" for key in keys) for section, keys in settings.items()]
    lines.append(f'[include]\n\tpath = {included}\n[remote "origin"]\n\turl = ext::{program}\n\tpromisor = true\n')
    lines.append("[core]\n\tworktree = /\n\tbare = true\n")
    repo.write(".git/config", config + "".join(lines))


def test_nothing_that_a_clone_configures_is_run(hostile):
    repo, canary = hostile

    with opened(repo) as repository:
        work_tree, index, head = repository.work_tree(), repository.index(), repository.commit("HEAD")
        read = [dict(snapshot.read_many(list(snapshot.files))) for snapshot in (work_tree, index, head)]
        merged = repository.merge_result("main", "work")
        walked = trail(repository)

    assert not canary.exists(), canary.read_text()
    assert (b"b: changed and longer\n", b"b: 1\n", b"b: 1\n") == tuple(files[B] for files in read)
    assert Conflict((A,)) == merged
    assert ["Main", "Base"] == [touch.subject for touch in walked[A]]


def test_canary_would_be_made_by_plain_git(hostile):
    repo, canary = hostile
    repo.write(".git/config", (repo.root / ".git/config").read_text().replace("worktree = /\n\tbare = true", ""))

    repo.git("status")

    assert canary.exists()


def test_clone_is_left_as_it_was(hostile):
    repo, _ = hostile
    before = {path: path.lstat().st_mtime_ns for path in repo.root.rglob("*")}

    with opened(repo) as repository:
        repository.work_tree()
        repository.merge_result("main", "work")
        trail(repository)

    assert before == {path: path.lstat().st_mtime_ns for path in repo.root.rglob("*")}


def test_private_directory_is_removed(repo, tmp_path, environment):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    repo.commit()

    with Repository.open(repo.root, environment={**environment, "TMPDIR": str(scratch)}) as repository:
        repository.work_tree()
        inside = list(scratch.iterdir())

    assert 1 == len(inside)
    assert [] == list(scratch.iterdir())


def test_work_tree_of_the_configuration_is_not_believed(repo, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret.yaml").write_text("s: 1\n")
    repo.write(A, "a: 1\n")
    repo.commit()
    repo.git("config", "core.worktree", str(tmp_path / "elsewhere"))

    with opened(repo) as repository:
        assert repo.root == repository.top
        assert [".opsledger.yaml", A] == list(repository.work_tree().files)


def test_included_pipe_is_not_waited_for(repo, tmp_path):
    repo.write(A, "a: 1\n")
    repo.commit()
    os.mkfifo(tmp_path / "pipe")
    repo.write(".git/config", (repo.root / ".git/config").read_text() + f"[include]\n\tpath = {tmp_path / 'pipe'}\n")
    started = time.monotonic()

    with opened(repo) as repository:
        assert repository.work_tree().files == repository.commit("HEAD").files

    assert time.monotonic() - started < 2


def test_variables_of_the_environment_do_not_redirect_git(repo, tmp_path, environment):
    repo.write(A, "a: 1\n")
    repo.commit()
    hostile = {
        "GIT_DIR": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_WORK_TREE": "/",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(tmp_path / "program"),
        "GIT_OBJECT_DIRECTORY": "/nowhere",
    }

    with Repository.open(repo.root, environment={**environment, **hostile}) as repository:
        assert repository.work_tree().files == repository.commit("HEAD").files


def test_attributes_cannot_hide_a_change(repo):
    repo.write(".gitattributes", "*.yaml -diff merge=ours\n")
    repo.write(A, "a: 1\n")
    repo.commit()
    repo.write(A, "a: 2\n")

    with opened(repo) as repository:
        assert b"a: 2\n" == repository.work_tree().read(A)


def test_replaced_object_does_not_show(repo):
    repo.write(A, "a: true\n")
    repo.commit()
    repo.write("forged", "a: false\n")
    forged = repo.git("hash-object", "-w", "forged")
    repo.git("replace", repo.git("rev-parse", f"HEAD:{A}"), forged)

    with opened(repo) as repository:
        assert b"a: true\n" == repository.commit("HEAD").read(A)
        assert repository.grafted().startswith("refs/replace/")
        with pytest.raises(Undecided, match="history of this clone was bent: refs/replace/"):
            trail(repository)


def test_packed_replace_reference_is_seen(repo):
    first = repo.commit("First")
    second = repo.commit("Second")
    repo.git("replace", first, second)
    repo.git("pack-refs", "--all")

    with opened(repo) as repository:
        assert f"refs/replace/{first} shows another object in place of the true one" == repository.grafted()


def test_graft_is_seen_and_not_followed(repo):
    first = repo.commit("First")
    repo.commit("Second")
    head = repo.commit("Third")
    repo.write(".git/info/grafts", f"{head} {first}\n")

    with opened(repo) as repository:
        assert "info/grafts gives commits other parents than their own" == repository.grafted()
        assert repository.is_ancestor("HEAD~1", "HEAD")
        with pytest.raises(Undecided, match="info/grafts"):
            trail(repository)


def test_honest_clone_is_not_called_grafted(repo):
    repo.commit()
    repo.write(".git/info/grafts", "\n")

    with opened(repo) as repository:
        assert repository.grafted() is None


def test_blob_with_a_flipped_bit_is_not_believed_and_the_rest_is_read(repo):
    names = [f"records/{number:02}.yaml" for number in range(40)]
    for number, name in enumerate(names):
        repo.write(name, f"n: {number}\n")
    repo.commit()
    _overwrite(repo, repo.git("rev-parse", f"HEAD:{names[3]}"), with_object=repo.git("rev-parse", f"HEAD:{names[4]}"))
    _truncate(repo, repo.git("rev-parse", f"HEAD:{names[7]}"))
    _object(repo, repo.git("rev-parse", f"HEAD:{names[9]}")).unlink()

    with opened(repo) as repository:
        head = repository.commit("HEAD")
        many = dict(head.read_many(names))
        single = [dict(head.read_many([name]))[name] for name in names]

    expected = [None if number in {3, 7, 9} else f"n: {number}\n".encode() for number in range(40)]
    assert expected == [many[name] for name in names]
    assert expected == single


def test_damaged_tree_is_undecided(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    _truncate(repo, repo.git("rev-parse", "HEAD:records"))

    with opened(repo) as repository, pytest.raises(Undecided, match=r"damaged or missing.*git fsck"):
        repository.commit("HEAD")


def _object(repo, id: str) -> Path:
    return repo.root / ".git/objects" / id[:2] / id[2:]


def _overwrite(repo, id: str, *, with_object: str) -> None:
    data = _object(repo, with_object).read_bytes()
    _object(repo, id).unlink()
    _object(repo, id).write_bytes(data)


def _truncate(repo, id: str) -> None:
    data = _object(repo, id).read_bytes()
    _object(repo, id).unlink()
    _object(repo, id).write_bytes(data[:-8])
