"""The commands that write: what they say, what they leave, and what they refuse."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys

import pytest
from tests.conftest import Repo

from .conftest import CI, PARTY, Call


def test_new_record_passes_check(book: Repo, call: Call) -> None:
    done = call(
        "-C", book.root, "new", "problem", "--set", "title=Late", "--set", "severity=low", "--set", "owner=PTY-ada"
    )

    assert (0, "wrote records/problems/2026/PRB-2026-0001.yaml") == (done.code, done.out.splitlines()[0])
    assert 0 == call("-C", book.root, "check").code


def test_kind_may_be_called_by_its_plural_or_prefix(book: Repo, call: Call) -> None:
    codes = [call("-C", book.root, "new", kind, "--set", "title=x").code for kind in ("problems", "PRB", "problm")]
    misspelt = call("-C", book.root, "new", "problm")

    assert [2, 2, 2] == codes
    assert "did you mean problem" in misspelt.err


def test_record_that_check_would_refuse_is_not_written(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "new", "ci", "--set", "title=X", "--set", "class=tool", "--set", "owner=PTY-bob")

    assert 1 == done.code
    assert "LNK101" in done.err
    assert not (book.root / "records/cis/CI-x.yaml").exists()


def test_dry_run_shows_the_file_and_writes_none(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "new", "party", "--set", "name=Eve", "--set", "type=person", "--dry-run")

    assert 0 == done.code
    assert ["would write records/parties/PTY-eve.yaml", "    +id: PTY-eve"] == [
        line for line in done.out.splitlines() if "PTY-eve" in line
    ]
    assert not (book.root / "records/parties/PTY-eve.yaml").exists()


def test_number_that_the_base_took_is_not_taken_again(book: Repo, call: Call) -> None:
    book.write("records/problems/2026/PRB-2026-0007.yaml", "id: PRB-2026-0007\n")
    book.commit()
    book.switch("topic", "main~1")

    done = call("-C", book.root, "new", "problem", "--set", "title=x", "--set", "severity=low")

    assert "wrote records/problems/2026/PRB-2026-0008.yaml" in done.out


def test_set_changes_one_line(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "set", "CI-payments-api", "criticality=low")

    assert (0, "changed records/cis/CI-payments-api.yaml\n") == (done.code, done.out)
    expected = CI.replace("criticality: high", "criticality: low")
    assert expected == (book.root / "records/cis/CI-payments-api.yaml").read_text(encoding="utf-8")


def test_set_without_a_change_says_what_is_missing(book: Repo, call: Call) -> None:
    assert (2, True) == ((done := call("-C", book.root, "set", "PTY-ada")).code, "say what to change" in done.err)


def test_record_that_nobody_knows_exits_2(book: Repo, call: Call) -> None:
    done = call("-C", book.root, "set", "PTY-adda", "name=x")

    assert (2, "Error: no record is called 'PTY-adda'; did you mean PTY-ada?\n") == (done.code, done.err)


def test_fmt_orders_fields_below_the_caller_s_directory(book: Repo, call: Call) -> None:
    book.write("records/parties/PTY-ada.yaml", "# Ada\nname: Ada\nid: PTY-ada\ntype: person\nstate: active\n")

    checked = call("-C", book.root / "records/parties", "fmt", "--check", ".")
    done = call("-C", book.root / "records/parties", "fmt", ".")
    again = call("-C", book.root, "fmt", "--check")

    assert (1, "not in order: records/parties/PTY-ada.yaml\n") == (checked.code, checked.out)
    assert (0, "changed records/parties/PTY-ada.yaml\n") == (done.code, done.out)
    assert (0, "") == (again.code, again.out)


def test_ledger_of_another_version_is_not_written(book: Repo, call: Call) -> None:
    book.write(".opsledger.yaml", 'tool: "9.9.9"\n')

    done = call("-C", book.root, "set", "PTY-ada", "name=Countess")

    assert (2, True) == (done.code, "run opsledger 9.9.9" in done.err)
    assert PARTY == (book.root / "records/parties/PTY-ada.yaml").read_text(encoding="utf-8")


def test_full_report_of_our_fault_holds_no_typed_value(
    book: Repo, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("XDG_CACHE_HOME", str(book.root / "cache"))
    monkeypatch.setattr("opsledger.cli.set.plan_set", lambda *_: 1 / 0)

    done = call("-C", book.root, "set", "PTY-ada", "name=a secret")

    [report] = (book.root / "cache/opsledger").glob("opsledger-report-*")
    assert 70 == done.code
    assert "secret" not in report.read_text(encoding="utf-8")


def talked(arguments: list[str], answers: list[str], cwd: str) -> tuple[int, str]:
    """Run the program at a terminal, answer each prompt, and return how it ended and what stood on the screen."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OPSLEDGER_CACHE": "off",
    }
    outside, inside = pty.openpty()
    program = [sys.executable, "-m", "opsledger", *arguments]
    with subprocess.Popen(program, stdin=inside, stdout=inside, stderr=inside, cwd=cwd, env=environment) as process:
        os.close(inside)
        screen, waiting = b"", list(answers)
        while select.select([outside], [], [], 20)[0]:
            try:
                part = os.read(outside, 4096)
            except OSError:
                break
            screen += part
            if screen.endswith((b": ", b"]: ")) and waiting:
                os.write(outside, waiting.pop(0).encode() + b"\n")
        os.close(outside)
    return process.returncode, screen.decode().replace("\r\n", "\n")


def test_terminal_is_asked_until_nothing_is_missing(book: Repo) -> None:
    code, screen = talked(
        ["new", "ci"], ["Ledger database", "databse", "datastore", "PTY-bob", "PTY-ada"], str(book.root)
    )  # fmt: skip

    assert 0 == code
    assert "/class may not be 'databse'" in screen
    assert "no party is called 'PTY-bob'" in screen
    assert "    PTY-ada\n" in screen
    assert "wrote records/cis/CI-ledger-database.yaml" in screen


def test_end_of_input_at_a_prompt_writes_nothing(book: Repo) -> None:
    code, screen = talked(["new", "ci"], ["\x04"], str(book.root))

    assert (130, True) == (code, "stopped" in screen)
    assert ["CI-payments-api.yaml"] == sorted(path.name for path in (book.root / "records/cis").iterdir())


def test_kinds_outside_a_ledger_are_those_of_the_tool(repo: Repo, call: Call) -> None:
    repo.delete(".opsledger.yaml")

    listed = [
        json.loads(line)["row"]["kind"] for line in call("-C", repo.root, "kinds", "--format", "json").out.splitlines()
    ]

    assert {"release", "problem", "change", "ci"} <= set(listed)
    assert sorted(listed) == listed


def test_rule_is_explained_however_its_code_is_cased(call: Call) -> None:
    done = call("rules", "lnk101")

    assert (0, True) == (done.code, done.out.startswith("# LNK101: "))
    assert {"## Why", "## Fix"} <= set(done.out.splitlines())


def test_rule_that_is_not_there_exits_2(call: Call) -> None:
    assert (2, True) == ((done := call("rules", "XYZ999")).code, "no rule has the code 'XYZ999'" in done.err)
