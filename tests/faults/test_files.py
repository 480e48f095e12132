"""BAD-019 to BAD-022 and BAD-062 to BAD-069: files that are none, and names that not every machine has."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from opsledger.api import open_book
from opsledger.report.json_lines import json_lines
from opsledger.report.sarif import Page, sarif
from opsledger.report.text import text

FOLDER = "records/problems"
PROBLEM = f"{FOLDER}/PRB-2026-0001.yaml"
NINE = f"{FOLDER}/PRB-2026-0009.yaml"
SOUND = "id: PRB-2026-0009\ntitle: Payments time out\nstate: logged\nseverity: high\n"
SECRET = "password: hunter2"

LEFT = [
    ("BAD-019 backup", f"{PROBLEM}.orig", "is no record: records end in .yaml"),
    ("BAD-019 editor's copy", f"{PROBLEM}~", "is no record: records end in .yaml"),
    ("BAD-019 swap file", f"{FOLDER}/.PRB-2026-0001.yaml.swp", "is no record: records end in .yaml"),
    ("BAD-019 autosave", f"{FOLDER}/#PRB-2026-0001.yaml#", "is no record: records end in .yaml"),
    ("BAD-019 half written", f"{PROBLEM}.tmp", "is no record: records end in .yaml"),
    ("BAD-019 other case", f"{FOLDER}/PRB-2026-0009.YAML", "is no record: records end in .yaml"),
    ("BAD-019 page", f"{FOLDER}/README.md", "is no record: records end in .yaml"),
    ("BAD-069 misspelt folder", "records/problms/PRB-2026-0009.yaml", "lies in the folder of no kind"),
    ("BAD-069 no folder", "records/PRB-2026-0009.yaml", "lies in the folder of no kind"),
    ("BAD-069 hidden folder", "records/.old/PRB-2026-0009.yaml", "lies in the folder of no kind"),
]
NAMES = [
    ("BAD-063 reserved", "aux.yaml"),
    ("BAD-063 reserved with an ending", "Nul.old.yaml"),
    ("BAD-063 trailing dot", "PRB-2026-0009.yaml."),
    ("BAD-063 trailing blank", "PRB-2026-0009.yaml "),
    ("BAD-063 colon", "PRB:2026.yaml"),
    ("BAD-063 backslash", "PRB\\2026.yaml"),
    ("BAD-064 newline", "PRB\n2026.yaml"),
    ("BAD-064 escape", "PRB\x1b[31m.yaml"),
    ("BAD-064 leading dash", "-rf.yaml"),
    ("BAD-064 no UTF-8", os.fsdecode(b"PRB\xff.yaml")),
    ("BAD-064 no UTF-8, no record", os.fsdecode(b"PRB\xff.txt")),
    ("BAD-064 bidi", "PRB\u202elmay.yaml"),
    ("BAD-062 other letters", "PRB-é.yaml"),
]


def _pipe(place: Path) -> None:
    os.mkfifo(place)


def _socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        directory = os.open(place.parent, os.O_RDONLY)
        try:
            door.bind(f"/proc/self/fd/{directory}/{place.name}")
        finally:
            os.close(directory)


def _link(target: str) -> Callable[[Path], None]:
    return lambda place: place.symlink_to(target)


ODD = [
    ("BAD-020 folder", Path.mkdir, "is a folder, and is named like a record"),
    ("BAD-065 link out", _link("../../../secret.yaml"), "is a symbolic link, which nothing follows"),
    ("BAD-065 link to a record", _link("PRB-2026-0001.yaml"), "is a symbolic link, which nothing follows"),
    ("BAD-065 link to nothing", _link("nothing.yaml"), "is a symbolic link, which nothing follows"),
    ("BAD-065 link to itself", _link("PRB-2026-0009.yaml"), "is a symbolic link, which nothing follows"),
    ("BAD-065 link to the root", _link("/"), "is a symbolic link, which nothing follows"),
    ("BAD-065 link to a device", _link("/dev/zero"), "is a symbolic link, which nothing follows"),
    ("BAD-066 pipe", _pipe, "is a pipe, which nothing reads"),
    ("BAD-066 socket", _socket, "is no plain file but a socket"),
]


@pytest.mark.parametrize(("path", "expected"), [pytest.param(*case[1:], id=case[0]) for case in LEFT])
def test_leftover_file_is_listed(sample, path, expected):
    sample.write(path, SOUND)

    assert [f"{path}:1:1 SCH004 {path} {expected}"] == sample.errors()


@pytest.mark.parametrize(
    ("path", "home"),
    [
        pytest.param("records/problms/x.yaml", "records/problems", id="by its folder"),
        pytest.param("records/INC-2026-0001.yaml", "records/incidents", id="by its id"),
    ],
)
def test_file_that_went_astray_is_shown_its_way(sample, path, home):
    sample.write(path, SOUND)

    [fix] = [finding.fix for finding in sample.judge().findings if finding.code == "SCH004"]

    assert f"move it to {home}/, or remove it" == fix


@pytest.mark.parametrize("path", [f"{FOLDER}/.old/PRB-2026-0009.yaml", f"{FOLDER}/deep/er/PRB-2026-0009.yaml"])
def test_record_in_a_folder_of_its_own_making_is_found(sample, path):  # BAD-069
    sample.write(path, SOUND)

    folder = path.rpartition("/")[0]
    said = f"PRB-2026-0009 lies in {folder}, where no problem of its sort belongs"
    assert [f"{path}:1:5 SCH002 {said}"] == sample.errors()


@pytest.mark.parametrize("name", [pytest.param(name, id=id) for id, name in NAMES])
def test_name_that_not_every_machine_has_is_refused_and_shown_escaped(sample, name):
    sample.write(f"{FOLDER}/{name}", SOUND)

    found = sample.errors()

    assert [f"{FOLDER}/{name}:1:1 SCH010 {name!r} is a name that some file systems refuse or show otherwise"] == found
    judgement = sample.judge()
    forms = [
        text(judgement),
        "\n".join(json_lines(judgement)),
        sarif(judgement, version="1", explain=lambda code: Page(code, code)),
    ]
    for form in forms:
        form.encode()
        assert not {"\x1b", "\u202e", "\udcff"} & set(form)
    assert not [line for line in forms[0].splitlines() if line.startswith("2026.yaml")]
    assert all(json.loads(line) for line in forms[1].splitlines())


def test_name_that_is_no_utf_8_is_refused_in_a_step_as_well(sample):  # BAD-064
    path = f"{FOLDER}/{os.fsdecode(b'PRB' + bytes([255]) + b'.yaml')}"
    sample.write(path, SOUND)

    added = sample.errors(base="HEAD")
    sample.repo.commit()
    sample.write(path, SOUND.replace("high", "low"))
    changed = sample.errors(base="HEAD")

    assert [1, 1] == [len(added), len(changed)]
    assert added == changed


def test_reserved_folder_is_refused(sample):  # BAD-063
    path = "records/problems/con/PRB-2026-0009.yaml"
    sample.write(path, SOUND)

    assert [f"{path}:1:1 SCH010 'con' is a name that some file systems refuse or show otherwise"] == sample.errors()


def test_names_that_differ_by_case_alone_are_refused_everywhere(sample):  # BAD-062
    record = "id: VUL-{0}\ntitle: X\nstate: identified\nseverity: low\n"
    sample.write("records/vulnerabilities/VUL-abc.yaml", record.format("abc"))
    alone = sample.errors()
    sample.write("records/vulnerabilities/VUL-ABC.yaml", record.format("ABC"))
    other = [one.replace("VUL-abc", "VUL-ABC") for one in alone]

    upper, lower = "records/vulnerabilities/VUL-ABC.yaml", "records/vulnerabilities/VUL-abc.yaml"
    said = f"{lower}:1:1 SCH010 {lower} differs from {upper} by case or form of letters alone"
    assert sorted([*other, said]) == sorted(sample.errors())


def test_names_that_differ_by_case_in_a_commit_are_refused_whatever_the_disk(sample):  # BAD-062
    blob = sample.repo.git("hash-object", "-w", PROBLEM)
    index = f"100644,{blob},{FOLDER}/PRB-2026-0001.YAML"
    sample.repo.git("update-index", "--add", "--cacheinfo", index)

    assert 2 == len(sample.errors(index=True))


@pytest.mark.parametrize(("make", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ODD])
def test_what_is_no_plain_file_is_named_and_never_opened(sample, make, expected):
    (sample.root.parent / "secret.yaml").write_text(SECRET)
    make(sample.root / NINE)

    found = sample.errors()

    assert [f"{NINE}:1:1 SCH010 {NINE} {expected}"] == found
    judgement = sample.judge()
    assert "hunter2" not in text(judgement)
    assert all(finding.fix for finding in judgement.findings)


def test_record_that_became_a_link_is_not_deleted(sample):  # BAD-065
    (sample.root.parent / "secret.yaml").write_text(SECRET)
    (sample.root / PROBLEM).unlink()
    (sample.root / PROBLEM).symlink_to("../../../secret.yaml")

    said = f"{PROBLEM}:1:1 SCH010 {PROBLEM} is a symbolic link, which nothing follows"
    assert [said] == sample.errors()
    assert [said] == sample.errors(base="HEAD")


def test_folder_that_is_named_like_a_record_is_one_finding_with_all_that_lies_in_it(sample):  # BAD-020
    sample.write(f"{NINE}/x.yaml", SOUND)

    assert [f"{NINE}:1:1 SCH010 {NINE} is a folder, and is named like a record"] == sample.errors()


def test_repository_in_the_repository_is_named(sample):  # BAD-067
    inner = sample.root / FOLDER / "inner"
    inner.mkdir()
    sample.repo.git("init", "-q", str(inner))
    (inner / "PRB-2026-0009.yaml").write_text(SECRET)

    path = f"{FOLDER}/inner"
    said = f"{path}:1:1 SCH010 {path} is a repository of its own, into which nothing looks"
    assert [said] == sample.errors()


def test_submodule_is_named(sample):  # BAD-067
    commit = sample.repo.git("rev-parse", "HEAD")
    sample.repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{FOLDER}/inner")

    path = f"{FOLDER}/inner"
    assert [f"{path}:1:1 SCH010 {path} is a submodule, into which nothing looks"] == sample.errors(index=True)


def test_executable_record_is_named(sample):  # BAD-068
    (sample.root / PROBLEM).chmod(0o755)

    assert [f"{PROBLEM}:1:1 SCH010 {PROBLEM} is executable, and records are not"] == sample.errors()


def test_file_that_vanishes_while_it_is_read_is_one_finding_and_looked_for_again(sample):  # BAD-021
    sample.write(NINE, SOUND)
    with open_book(sample.root, environment=sample.repo.environment) as book:
        snapshot = book.snapshot()
        (sample.root / NINE).rename(sample.root / "away.yaml")

        gone = book.judge(snapshot)
        (sample.root / "away.yaml").rename(sample.root / NINE)
        back = book.judge(book.snapshot())

    said = [finding.message for finding in gone.findings if finding.place.path == NINE]
    assert ["this file went away or could not be opened while it was read"] == said
    assert 1 == gone.exit_code
    assert [] == [finding for finding in back.findings if finding.place.path == NINE and finding.code != "LNK109"]


def test_file_that_changes_while_it_is_read_is_never_taken_for_what_it_was(sample):  # BAD-021
    sample.write(NINE, SOUND)
    with open_book(sample.root, environment=sample.repo.environment) as book:
        snapshot = book.snapshot()
        sample.write(NINE, SOUND.replace("high", "huge"))

        judgement = book.judge(snapshot)

    assert [(NINE, "SCH009")] == [
        (finding.place.path, finding.code) for finding in judgement.findings if finding.place.path == NINE
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_file_that_may_not_be_read_is_named(sample):  # BAD-022
    place = sample.root / PROBLEM
    place.chmod(0)

    found = sample.errors()
    place.chmod(0o644)

    assert [f"{PROBLEM}:1:1 SCH010 {PROBLEM} may not be read"] == found


def test_all_bad_files_together_are_found_again_by_a_second_check(sample):
    for _, path, _ in LEFT:
        sample.write(path, SOUND)
    for _, name in NAMES:
        sample.write(f"{FOLDER}/{name}", SOUND)
    os.mkfifo(sample.root / NINE)

    first, second = sample.errors(), sample.errors()

    assert len(LEFT) + len(NAMES) + 1 == len(first)
    assert first == second
