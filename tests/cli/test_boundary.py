"""How a call ends: exit codes, sentences, and a report when opsledger itself failed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from opsledger.cli.boundary import code_of
from opsledger.errors import NoLedger, Undecided


def ended(*arguments: str, cwd: Path, **options: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a process and return how it ended."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **options}
    return subprocess.run(
        [sys.executable, "-m", "opsledger", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def said(error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = code_of(error, ["-C", "/x", "set", "CI-a", "summary=a secret", "--set=b"], {"set", "check"})
    return code, capsys.readouterr().err


def test_caller_s_mistake_is_a_sentence_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    code, words = said(NoLedger("there"), capsys)

    assert 2 == code
    assert "Error: no .opsledger.yaml stands in there or above it; `opsledger init` makes a ledger\n" == words


def test_undecided_exits_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert (3, "Error: undecided: the base is not here; run git fetch\n") == said(
        Undecided("the base is not here", "run git fetch"), capsys
    )


def test_ctrl_c_exits_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert (130, "stopped\n") == said(KeyboardInterrupt(), capsys)
    assert (130, "stopped\n") == said(click.Abort(), capsys)


def test_mistyped_option_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert (2, "Error: No such option '--nope'\n") == said(click.NoSuchOption("--nope"), capsys)


def test_full_disk_is_a_sentence_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    kept = os.dup(1)
    try:
        code, words = said(OSError(errno.ENOSPC, "No space left on device", "records/ci/CI-a.yaml"), capsys)
    finally:
        os.dup2(kept, 1)
        os.close(kept)

    assert (2, "Error: no space left on device: records/ci/CI-a.yaml\n") == (code, words)


def test_text_of_an_exception_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Error: no .opsledger.yaml stands in \\x1b[2J" in said(NoLedger("\x1b[2J"), capsys)[1]


def test_our_fault_exits_70_and_names_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    try:
        raise ValueError("text of a record")
    except ValueError as error:
        code, words = said(error, capsys)

    [report] = (tmp_path / "opsledger").iterdir()
    assert 70 == code
    assert f"Error: opsledger failed in a way it should not (ValueError); what happened is in {report}\n" == words


def test_report_holds_no_text_of_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    try:
        try:
            raise KeyError("a secret")
        except KeyError as cause:
            raise ValueError("another secret") from cause
    except ValueError as error:
        code_of(error, ["set", "CI-a", "summary=a secret", "--set=a secret"], {"set"})

    [report] = (tmp_path / "opsledger").iterdir()
    lines = report.read_text(encoding="utf-8").splitlines()
    assert "command: opsledger set --set" == lines[1]
    assert {"builtins.ValueError", "builtins.KeyError"} <= set(lines)
    assert not any("CI-a" in line for line in lines)
    assert not any(line.startswith(str(tmp_path)) for line in lines)


def test_report_goes_elsewhere_when_the_cache_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    code, _ = said(ValueError(), capsys)

    assert 70 == code
    assert 1 == len(list(tmp_path.glob("opsledger-report-*.txt")))


def test_mistyped_command_names_the_nearest(tmp_path: Path) -> None:
    done = ended("chekc", cwd=tmp_path)

    assert 2 == done.returncode
    assert "Error: no command is called 'chekc'; did you mean check?\nSee: opsledger --help\n" == done.stderr


def test_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = ended("-C", "nowhere", "check", cwd=tmp_path)

    assert 2 == done.returncode
    assert "Directory 'nowhere' does not exist" in done.stderr


def test_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = "from opsledger.cli.main import run; import sys; print('x' * 100_000); sys.exit(run(['--help']))"

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stdout=writing, stderr=subprocess.PIPE,
        check=False,
    )  # fmt: skip
    os.close(writing)

    assert b"" == done.stderr.split(b"\n")[-1]
    assert b"--help" not in done.stderr


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_any_locale_gets_the_whole_help(tmp_path: Path, locale: str) -> None:
    done = ended("--help", cwd=tmp_path, LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")

    assert (0, "") == (done.returncode, done.stderr)


def test_closed_output_is_no_failure(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.stdout.close(); sys.stdout = None; import opsledger.cli.main as m; "
         "sys.exit(m.run(['--version']))"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, check=False,
    )  # fmt: skip

    assert (0, b"") == (done.returncode, done.stderr)
