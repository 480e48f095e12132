"""A plan is carried out whole, or nothing is written."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from opsledger.edit import plan as planning
from opsledger.edit.plan import Overtaken, Plan, Write, apply
from opsledger.errors import Refused


def written(root: Path) -> dict[str, bytes]:
    """Return every file below a directory with its bytes."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_files_are_made_changed_and_removed(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_bytes(b"old")
    (tmp_path / "gone.yaml").write_bytes(b"gone")

    apply(
        Plan(
            (
                Write("a/b/new.yaml", None, b"new"),
                Write("old.yaml", b"old", b"changed"),
                Write("gone.yaml", b"gone", None),
            )
        ),
        tmp_path,
    )

    assert {"a/b/new.yaml": b"new", "old.yaml": b"changed"} == written(tmp_path)


def test_file_that_was_changed_meanwhile_stops_the_whole_plan(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_bytes(b"one")
    (tmp_path / "two.yaml").write_bytes(b"somebody else's")

    with pytest.raises(Overtaken) as refused:
        apply(Plan((Write("one.yaml", b"one", b"ONE"), Write("two.yaml", b"two", b"TWO"))), tmp_path)

    assert "two.yaml was changed by somebody else just now" in str(refused.value)
    assert {"one.yaml": b"one", "two.yaml": b"somebody else's"} == written(tmp_path)


def test_new_file_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_bytes(b"one")

    with pytest.raises(Overtaken, match=r"one\.yaml exists already"):
        apply(Plan((Write("one.yaml", None, b"new"),)), tmp_path)

    assert {"one.yaml": b"one"} == written(tmp_path)


def test_plan_that_was_carried_out_may_be_carried_out_again(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_bytes(b"old")
    plan = Plan((Write("new.yaml", None, b"new"), Write("old.yaml", b"old", None)))
    apply(plan, tmp_path)

    apply(plan, tmp_path)

    assert {"new.yaml": b"new"} == written(tmp_path)


def test_plan_that_was_stopped_halfway_is_carried_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_bytes(b"new")
    (tmp_path / "old.yaml").write_bytes(b"old")

    apply(Plan((Write("new.yaml", None, b"new"), Write("old.yaml", b"old", None))), tmp_path)

    assert {"new.yaml": b"new"} == written(tmp_path)


@pytest.mark.parametrize("path", ["../out.yaml", "/out.yaml", "a/../../out.yaml", "", "a\0b.yaml"], ids=repr)
def test_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()

    with pytest.raises(Refused, match="leads out of the ledger"):
        apply(Plan((Write(path, None, b"x"),)), root)

    assert {} == written(tmp_path)


def test_nothing_is_written_through_a_linked_folder(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "records").symlink_to(outside)

    with pytest.raises(Refused, match="not a plain folder"):
        apply(Plan((Write("records/one.yaml", None, b"x"),)), root)

    assert {} == written(tmp_path)


def test_nothing_is_written_through_a_linked_file(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "target").write_bytes(b"old")
    (root / "one.yaml").symlink_to(tmp_path / "target")

    with pytest.raises(Refused, match="not a plain file"):
        apply(Plan((Write("one.yaml", b"old", b"new"),)), root)

    assert b"old" == (tmp_path / "target").read_bytes()


def test_pipe_in_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "one.yaml")

    with pytest.raises(Refused, match="not a plain file"):
        apply(Plan((Write("one.yaml", b"old", b"new"),)), tmp_path)


def test_permissions_of_a_file_stay(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_bytes(b"old")
    file.chmod(0o640)

    apply(Plan((Write("one.yaml", b"old", b"new"),)), tmp_path)

    assert 0o640 == file.stat().st_mode & 0o777


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EMFILE], ids=errno.errorcode.get)
@pytest.mark.parametrize("call", [1, 2, 3])
def test_disk_that_gives_up_leaves_everything_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: int
) -> None:
    (tmp_path / "one.yaml").write_bytes(b"one")
    (tmp_path / "two.yaml").write_bytes(b"two")
    calls = []
    real = os.fsync

    def failing(handle: int) -> None:
        calls.append(handle)
        if len(calls) == call:
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(planning.os, "fsync", failing)
    plan = Plan((Write("one.yaml", b"one", b"ONE"), Write("two.yaml", b"two", b"TWO"), Write("three.yaml", None, b"3")))

    with pytest.raises(OSError, match=r"."):
        apply(plan, tmp_path)

    assert {"one.yaml": b"one", "two.yaml": b"two"} == written(tmp_path)


def test_folder_that_may_not_be_written_leaves_everything_old(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "records").mkdir()
    (tmp_path / "records").chmod(0o500)

    with pytest.raises(PermissionError):
        apply(Plan((Write("one.yaml", None, b"1"), Write("records/two.yaml", None, b"2"))), tmp_path)

    assert {} == written(tmp_path)


_WRITER = """
import sys
from pathlib import Path
from opsledger.edit.plan import Plan, Write, apply
root, old = Path(sys.argv[1]), b"0" * 4096
print("ready", flush=True)
for number in range(100_000):
    new = str(number % 10).encode() * 4096
    apply(Plan((Write("one.yaml", old, new),)), root)
    old = new
"""


def test_kill_at_any_point_leaves_a_whole_file(tmp_path: Path) -> None:
    for delay in (0.0, 0.003, 0.011, 0.02):
        (tmp_path / "one.yaml").write_bytes(b"0" * 4096)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path)], env=environment, stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)

        content = (tmp_path / "one.yaml").read_bytes()
        assert (4096, 1) == (len(content), len(set(content)))


_TAKER = """
import sys
from pathlib import Path
from opsledger.edit.plan import Overtaken, Plan, Write, apply
root, me = Path(sys.argv[1]), sys.argv[2]
mine = 0
for number in range(1, 1000):
    if mine == 5:
        break
    try:
        apply(Plan((Write(f"REL-{number:04}.yaml", None, me.encode()),)), root)
        mine += 1
    except Overtaken:
        pass
"""


def test_eight_writers_take_forty_names_and_none_twice(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    takers = [
        subprocess.Popen([sys.executable, "-c", _TAKER, str(tmp_path), str(number)], env=environment)
        for number in range(8)
    ]
    codes = [taker.wait() for taker in takers]

    owners = [content.decode() for content in written(tmp_path).values()]
    assert [0] * 8 == codes
    assert {str(number): 5 for number in range(8)} == {owner: owners.count(owner) for owner in sorted(owners)}
