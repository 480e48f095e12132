"""Every fault of a schema is one finding at its line and column; near misses are none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsledger.finding import Finding, Place, Severity
from opsledger.kind.lint import lint

HERE = Path(__file__).parent / "lint"
SOUND = {path.name: path.read_text("utf-8") for path in HERE.glob("*.json")}
FAULTS: dict[str, dict[str, Any]] = {
    name: entry
    for path in sorted(HERE.glob("faults-of-*.yaml"))
    for name, entry in yaml.safe_load(path.read_text("utf-8")).items()
}
NEAR_MISSES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "near-misses.yaml").read_text("utf-8"))
MARK = "§"


def spoiled(entry: Mapping[str, Any]) -> str:
    """The sound ticket schema with an entry's texts replaced."""
    text = SOUND["ticket.json"]
    for old, new in {entry["write"]: entry["as"], **entry.get("also", {})}.items():
        assert 1 == text.count(old), f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def marked(text: str) -> tuple[int, int]:
    """Line and column of the mark; the start of the file where there is none."""
    if MARK not in text:
        return 1, 1
    before = text[: text.index(MARK)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def told_of(files: Mapping[str, str], own: set[str] | None = None) -> list[Finding]:
    return lint({name: text.replace(MARK, "").encode() for name, text in files.items()}, own or set(files))


def test_sound_schemas_are_not_faulted() -> None:
    assert [] == told_of(SOUND)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_one_finding_at_its_place(name: str) -> None:
    text = spoiled(FAULTS[name])

    findings = told_of({**SOUND, "ticket.json": text})

    place = Place("schemas/ticket.json", *marked(text))
    expected = Finding(place, "SCH011", FAULTS[name]["says"], FAULTS[name]["fix"], Severity.ERROR)
    assert [expected] == findings


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_near_miss_is_silent(name: str) -> None:
    assert [] == told_of({**SOUND, "ticket.json": spoiled(NEAR_MISSES[name])})


def test_two_independent_faults_are_two_findings() -> None:
    text = SOUND["ticket.json"].replace('"type": "number"', '"type": "numberish"').replace('"/tasks"]', '"/task"]')
    text = text.replace('"what": {"type": "string"', '"what": {"type": "stringg"')

    assert 2 == len(told_of({**SOUND, "ticket.json": text})), "the scope is judged once the fields can be told"


def test_packaged_schema_that_nobody_owns_is_not_judged() -> None:
    spoilt = SOUND["ticket.json"].replace('"requires"', '"rrequires"')

    assert [] == told_of({**SOUND, "ticket.json": spoilt}, own={"person.json"})


def test_definition_that_packaged_kinds_need_is_missed_where_it_was_taken_out() -> None:
    common = SOUND["common.json"].replace('"instant"', '"moment"')

    findings = told_of({**SOUND, "common.json": common}, own={"common.json"})

    message = "common.json lacks instant, which ticket.json takes from it"
    fix = "add instant again, as the packaged common.json defines it"
    assert [Finding(Place("schemas/common.json", 4, 3), "SCH011", message, fix)] == findings


def test_own_kind_that_takes_a_packaged_folder_is_told_of_itself() -> None:
    person = SOUND["person.json"].replace('"folder": "persons"', '"folder": "tickets"')

    findings = told_of({**SOUND, "person.json": person}, own={"person.json"})

    assert ["person.json keeps its records in 'tickets', as ticket.json does"] == [one.message for one in findings]


def test_kind_in_a_file_that_cannot_be_read_is_still_known() -> None:
    findings = told_of({**SOUND, "person.json": "{"})

    assert [("schemas/person.json", 1)] == [(one.place.path, one.place.line) for one in findings]


def test_faults_of_shared_definitions_stand_in_their_own_file_only() -> None:
    common = SOUND["common.json"].replace('"format": "date-time"', '"forrmat": "date-time"')

    findings = told_of({**SOUND, "common.json": common})

    assert ["common.json has a keyword 'forrmat' that is not known here"] == [one.message for one in findings]


def test_files_in_folders_and_of_other_sorts_are_left_alone() -> None:
    assert [] == told_of({**SOUND, "meta/kind.json": "{", "notes.md": "#"})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"true", id="a boolean"),
        pytest.param(b"\xff\xfe{\x00}\x00", id="another encoding"),
        pytest.param(b'{"a": "\xe9"}', id="a byte of another encoding"),
        pytest.param(b'{"a": ' * 90 + b"1" + b"}" * 90, id="ninety levels"),
        pytest.param(b'{"a": ' * 9000, id="nine thousand levels"),
        pytest.param(b'{"a": 12345678901234567890}', id="a number that is not kept exactly"),
        pytest.param(b'{"a": ' + b"1" * 5000 + b"}", id="a number of 5000 digits"),
        pytest.param(b"a: 1\n", id="block style"),
        pytest.param(b'{"a": "' + b"x" * (1 << 20) + b'"}', id="more than a mebibyte"),
        pytest.param(b'{"a": 1}\x00', id="a zero byte at the end"),
    ],
)
def test_file_that_is_no_schema_is_one_finding(data: bytes) -> None:
    files = {name: text.encode() for name, text in SOUND.items()}

    findings = lint({**files, "other.json": data}, {"other.json"})

    assert ["schemas/other.json"] == [one.place.path for one in findings]
    assert all(one.fix and one.code == "SCH011" for one in findings)
