"""An upgrade shows what it would find before it lands, and lands only where nothing new is wrong."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from tests.conftest import Repo

from opsledger import __version__, packaged
from opsledger.yamlfile import read

MARK = ".opsledger.yaml"
CI = "records/cis/CI-payments-api.yaml"


@pytest.fixture
def ledger(book: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A ledger that another version judges, in which the program is called."""
    book.write(MARK, "# Ours\ntool: 0.0.9\npreset: small\nprotected: main\n")
    for path, text in packaged.files("presets/small/records").items():
        book.write(f"records/{path}", text)
    book.commit("Pin it")
    monkeypatch.chdir(book.root)
    return book


def program(folder: Path, *findings: tuple[str, str, str], code: int = 0) -> Path:
    """A version of the tool that found these things."""
    lines = [{"sort": "finding", "path": path, "code": rule, "message": words} for path, rule, words in findings]
    said = "\n".join(json.dumps(line) for line in [*lines, {"sort": "summary"}])
    made = folder / "opsledger-before"
    made.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit {code}\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return made


def test_another_version_does_not_judge_until_it_is_let(ledger, call):
    assert 2 == call("check").code


def test_what_if_shows_each_new_finding_with_its_place_and_writes_nothing(ledger, call):
    ledger.write(CI, (ledger.root / CI).read_text().replace("owner: PTY-ada", "owner: PTY-nobody"))

    ended = call("upgrade", "--what-if")

    assert 1 == ended.code
    assert f"{CI}:5:8: LNK101 CI-payments-api" in ended.out
    assert "tool: 0.0.9" in (ledger.root / MARK).read_text()


def test_what_the_version_before_found_as_well_is_not_new(ledger, call, tmp_path):
    ledger.write(CI, (ledger.root / CI).read_text().replace("owner: PTY-ada", "owner: PTY-nobody"))
    found = [json.loads(line) for line in call("-C", ".", "upgrade", "--what-if").out.splitlines() if line[:1] == "{"]
    assert [] == found
    said = next(line for line in call("upgrade", "--what-if").out.splitlines() if " LNK101 " in line)
    before = program(tmp_path, (CI, "LNK101", said.partition(" LNK101 ")[2]), ("gone.yaml", "SCH001", "gone"), code=1)

    ended = call("upgrade", "--what-if", "--from", before)

    assert "0 new findings, 1 gone" not in ended.out or 0 == ended.code
    assert "LNK101" not in ended.out
    assert ", 1 gone" in ended.out


def test_an_upgrade_that_would_turn_the_check_red_is_not_written(ledger, call):
    ledger.write(CI, (ledger.root / CI).read_text().replace("owner: PTY-ada", "owner: PTY-nobody"))

    assert 1 == call("upgrade").code
    assert "tool: 0.0.9" in (ledger.root / MARK).read_text()


def test_an_upgrade_pins_the_version_that_runs_and_keeps_what_stands_beside_it(ledger, call):
    ended = call("upgrade")

    text = (ledger.root / MARK).read_text()
    found = read(text.encode())
    assert (0, True) == (ended.code, text.startswith("# Ours\n"))
    assert isinstance(found, dict)
    assert {"tool": __version__, "preset": "small", "protected": "main"} == found
    assert 0 == call("check").code


def test_a_record_that_the_preset_brings_comes_in_where_somebody_wants_it(ledger, call):
    os.remove(ledger.root / "records/gates/GAT-close.yaml")

    shown = call("upgrade", "--what-if")
    ended = call("upgrade", "--with", "GAT-close")

    assert "preset: GAT-close is new; --with GAT-close brings it" in shown.out
    assert (0, True) == (ended.code, (ledger.root / "records/gates/GAT-close.yaml").is_file())


def test_a_code_that_waits_in_a_gate_and_is_judged_by_now_is_named(ledger, call):
    ledger.write(
        "records/gates/GAT-last.yaml",
        "id: GAT-last\ntitle: Last\nquestion: May it?\nmode: enforce\nmoves: [{kind: release, to: closed}]\n"
        "codes: [LCY202]\nlater: [DPL713, HLT993]\n",
    )

    ended = call("upgrade", "--what-if")

    assert "gate: GAT-last names DPL713 under `later`, and this version judges them" in ended.out


@pytest.mark.parametrize("before", ["no-such-program", "false", "true"])
def test_a_program_that_does_not_judge_is_refused(ledger, call, before):
    assert 2 == call("upgrade", "--what-if", "--from", before).code
