"""BAD-047 to BAD-053: what is too large, too deep or too many costs neither time nor memory, and hides nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from opsledger.report.text import text

MEGABYTES = 512
GUARD = 120  # seconds: only to end a run that hangs; how long a check takes is measured elsewhere
FOLDER = "records/problems"
HEAD = "id: {}\ntitle: Payments time out\nstate: logged\nseverity: high\n"
CHECK = """
import json, os, sys
from pathlib import Path
from opsledger.api import open_book
with open_book(Path(sys.argv[1]), environment=dict(os.environ)) as book:
    judgement = book.check()
# Not ru_maxrss: Linux counts into that what the process that started this one had in memory.
high = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
peak = int(high.split()[1]) // 1024
found = [[one.place.path, f"{one.place.line}:{one.place.column} {one.code} {one.message}"]
         for one in judgement.findings if one.severity.word == "error"]
print(json.dumps({"peak": peak, "found": found, "exit": judgement.exit_code}))
"""
HOSTILE = [
    ("BAD-030 alias bomb", "a: &a [x]\n" + "".join(f"{c}: &{c} [{'*a, ' * 9}]\n" for c in "bcdefghij"), "5:4 SCH009"),
    ("BAD-031 quadratic alias", f"a: &a {'x' * 100_000}\nb: [{'*a,' * 2_000}]\n", "5:4 SCH009"),
    ("BAD-032 brackets", f"cis: {'[' * 100_000}\n", "5:69 SCH009"),
    ("BAD-032 braces", f"cis: {'{' * 100_000}\n", "5:7 SCH009"),
    ("BAD-032 questions", f"cis:\n {'? ' * 50_000}\n", "6:"),
    ("BAD-047 over the cap", f"description: {'b' * 131_072}\n", "1:1 SCH009 the file has 131,"),
    ("BAD-048 20 MB block", f"description: |\n{'  line' * 3_000_000}\n", "1:1 SCH009 the file has 131,073 bytes"),
    ("BAD-048 5 MB line", f"description: {'x' * 5_000_000}\n", "1:1 SCH009 the file has 131,073 bytes"),
    ("BAD-048 60,000 characters", f"description: {'x ' * 30_000}\n", "5:14 SCH001"),
    ("BAD-049 list of numbers", f"fixed_in: [{'1, ' * 60_000}1]\n", ""),
    ("BAD-050 digits", f"logged: {'2' * 100_000}\n", "5:9 SCH009 the number 222222222222"),
    ("BAD-050 nearly a time", f"logged: 2026-01-01T10:00:00.{'1' * 100_000}\n", "5:9 SCH006"),
    ("BAD-050 nearly an id", f"owner: PTY-{'a' * 100_000}!\n", "5:8 LNK101"),
]


def _id(number: int) -> str:
    return f"PRB-2026-{number:05d}"


def test_hostile_files_are_one_finding_each_in_little_memory(sample):
    for number, (_, more, _) in enumerate(HOSTILE, 100):
        sample.write(f"{FOLDER}/{_id(number)}.yaml", HEAD.format(_id(number)) + more)

    answer = _check_apart(sample)

    by_file = {path: [said for other, said in answer["found"] if other == path] for path, _ in answer["found"]}
    assert 1 == answer["exit"]
    assert answer["peak"] < MEGABYTES
    assert by_file.pop(f"{FOLDER}/PRB-2026-0003.yaml")
    for number, (name, _, expected) in enumerate(HOSTILE, 100):
        said = by_file.pop(f"{FOLDER}/{_id(number)}.yaml")
        assert [expected] == [one[: len(expected)] for one in said], name
        assert len(said[0]) < 600, name
    assert {} == by_file


@pytest.mark.parametrize(
    ("more", "most"),
    [
        pytest.param("".join(f"k{number:05d}: 1\n" for number in range(3_000)), 6, id="BAD-049 unknown fields"),
        pytest.param(f"incidents: [{'1, ' * 5_000}1]\n", 51, id="BAD-049 numbers for text"),
        pytest.param(f"incidents: [{'{}, ' * 5_000}1]\n", 51, id="BAD-049 maps for text"),
    ],
)
def test_one_file_cannot_drown_the_others(sample, more, most):
    sample.write(f"{FOLDER}/PRB-2026-0001.yaml", HEAD.format("PRB-2026-0001") + more)

    found = sample.errors()

    assert 1 < len(found) <= most
    assert all(one.startswith(f"{FOLDER}/PRB-2026-0001.yaml:") for one in found)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("titel: x\n", id="unknown field"),
        pytest.param("duplicate_of: PRB-2026-9{}\n", id="link to nothing"),
        pytest.param("cis: [\n", id="damage"),
    ],
)
def test_twelve_hundred_bad_files_are_counted_and_not_all_listed(sample, more):  # BAD-052
    for number in range(1_200):
        id = _id(10_000 + number)
        sample.write(f"{FOLDER}/2026/{id}.yaml", HEAD.format(id) + more.format(number))

    judgement = sample.judge()
    page = text(judgement)

    assert 1 == judgement.exit_code
    assert 1_205 == judgement.judged
    assert 1_000 == len(judgement.findings)
    assert [note for note in judgement.notes if "more findings are not listed (201 errors" in note]
    assert "more findings are not listed (201 errors" in page


def test_errors_count_however_many_notes_come_before_them(sample):
    for number in range(1_010):
        sample.write(f"records/parties/PTY-{number}.yaml", f"id: PTY-{number}\ntype: person\nname: A\nstate: active\n")

    judgement = sample.judge()

    assert 1 == judgement.exit_code
    assert "SCH001" in {finding.code for finding in judgement.findings}


def test_path_that_is_too_long_is_refused(sample):  # BAD-053
    path = "/".join([FOLDER, *["d" * 30] * 60, "PRB-2026-0009.yaml"])
    sample.write(path, HEAD.format("PRB-2026-0009"))

    found = sample.errors()

    assert [f"{path}:1:1 SCH010 the path has 1,895 characters, and 399 are the most"] == found


def _check_apart(sample):
    """Check in a process of its own, whose memory is its own."""
    environment = {**sample.repo.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", CHECK, str(sample.root)],
        env=environment,
        capture_output=True,
        check=False,
        timeout=GUARD,
    )
    assert 0 == answer.returncode, answer.stderr.decode()
    return json.loads(answer.stdout)
