"""BAD-023 to BAD-046: YAML that parsers read differently, and words that are no switches."""

from __future__ import annotations

import pytest

from opsledger.api import open_book

PROBLEM = "records/problems/PRB-2026-0001.yaml"
SOUND = "id: PRB-2026-0001\ntitle: Payments time out\nstate: logged\nseverity: high\n"
NINE = "".join(
    f"{here}: &{here} [{', '.join([f'*{before}'] * 9)}]\n" for before, here in zip("abcdefgh", "bcdefghi", strict=True)
)

REFUSED = [
    ("BAD-023 key twice, same value", "severity: high\n", "5:1 SCH009 the key 'severity' stands here again"),
    ("BAD-024 key twice, other value", "severity: low\n", "5:1 SCH009 the key 'severity' stands here again"),
    ("BAD-025 key twice by quotes", "'state': closed\n", "5:1 SCH009 the key 'state' stands here again"),
    ("BAD-025 key twice by escapes", '"st\\x61te": closed\n', "5:1 SCH009 the key 'state' stands here again"),
    ("BAD-026 zero width", "sta\u200bte: closed\n", "5:1 SCH009 the key "),
    ("BAD-026 look-alike", "st\u0430te: closed\n", "5:1 SCH009 the key "),
    ("BAD-026 normal form", "\u00e9: 1\ne\u0301: 2\n", "6:1 SCH009 the key "),
    ("BAD-027 merge key", "<<: {description: x}\n", "5:1 SCH009 records have no merge keys"),
    ("BAD-028 anchor", "description: &x y\n", "5:14 SCH009 records have no anchors"),
    ("BAD-028 alias", "description: *x\n", "5:14 SCH009 records have no aliases"),
    ("BAD-029 recursive alias", "cis: &x [*x]\n", "5:6 SCH009 records have no anchors"),
    ("BAD-030 alias bomb", f"a: &a [x, x]\n{NINE}", "5:4 SCH009 records have no anchors"),
    ("BAD-031 quadratic alias", f"a: &a {'x' * 100_000}\nb: [{'*a,' * 2_000}]\n", "5:4 SCH009 records have no anchors"),
    ("BAD-032 brackets", f"cis: {'[' * 300}{']' * 300}\n", "5:69 SCH009 maps and lists are nested more than 64 deep"),
    ("BAD-032 unclosed", f"cis: {'[' * 100_000}\n", "5:69 SCH009 maps and lists are nested more than 64 deep"),
    ("BAD-032 items", f"cis:\n {'- ' * 60_000}x\n", "6:128 SCH009 maps and lists are nested more than 64 deep"),
    ("BAD-032 stairs", "".join(" " * depth + "a:\n" for depth in range(300)), "69:65 SCH009 "),
    ("BAD-034 python", "cis: !!python/object:os.x {}\n", "5:6 SCH009 records have no tags"),
    ("BAD-034 include", "cis: !include x.yaml\n", "5:6 SCH009 records have no tags"),
    ("BAD-034 environment", "description: !ENV HOME\n", "5:14 SCH009 records have no tags"),
    ("BAD-034 binary", "description: !!binary eA==\n", "5:14 SCH009 records have no tags"),
    ("BAD-034 set", "cis: !!set {a}\n", "5:6 SCH009 records have no tags"),
    ("BAD-034 ordered map", "cis: !!omap [a: 1]\n", "5:6 SCH009 records have no tags"),
    ("BAD-035 tagged text", "recurrence: {count: !!int abc}\n", "5:21 SCH009 records have no tags"),
    ("BAD-035 tagged truth", "description: !!bool maybe\n", "5:14 SCH009 records have no tags"),
    ("BAD-036 no such month", "logged: 2026-13-45\n", "5:9 SCH006 PRB-2026-0001 says logged is '2026-13-45'"),
    ("BAD-036 no such day", "logged: 2026-02-30T10:00:00Z\n", "5:9 SCH006 PRB-2026-0001 says logged is "),
    ("BAD-037 digits", f"recurrence: {{count: {'9' * 5_000}}}\n", "5:21 SCH009 the number 999999999999"),
    ("BAD-037 hexadecimal", f"recurrence: {{count: 0x{'f' * 100_000}}}\n", "5:21 SCH009 the number "),
    ("BAD-038 NaN", "recurrence: {count: .nan}\n", "5:21 SCH009 .nan is no number"),
    ("BAD-038 infinity", "recurrence: {count: -.inf}\n", "5:21 SCH009 -.inf is no number"),
    ("BAD-038 overflow", "recurrence: {count: 1e400}\n", "5:21 SCH009 the number 1e400 is too large"),
    ("BAD-039 list as key", "? [a]\n: b\n", "5:3 SCH009 a list stands here as a key"),
    ("BAD-039 integer as key", "recurrence: {1: x}\n", "5:14 SCH009 the key '1' is a number"),
    ("BAD-039 truth as key", "true: x\n", "5:1 SCH009 the key 'true' is true or false"),
    ("BAD-039 null as key", "~: x\n", "5:1 SCH009 the key '~' is nothing"),
    ("BAD-039 empty key", '"": x\n', "5:1 SCH009 a key is empty here"),
    ("BAD-040 half a pair", 'description: "\\ud800"\n', "5:14 SCH009 half of a surrogate pair"),
    ("BAD-042 day for a moment", "logged: 2026-01-02\n", "5:9 SCH006 PRB-2026-0001 says logged is '2026-01-02'"),
    ("BAD-043 010", "description: 010\n", "5:14 SCH001 PRB-2026-0001 gives 10 as description, where text was"),
    ("BAD-046 own schema", "$schema: ./lax.json\n", "5:1 SCH001 PRB-2026-0001 has a field '$schema'"),
]
ACCEPTED = [
    ("BAD-042 day where text is due", "description: 2026-01-02\n", "2026-01-02"),
    ("BAD-043 no", "description: no\n", "no"),
    ("BAD-043 on", "description: on\n", "on"),
    ("BAD-043 1:30", "description: 1:30\n", "1:30"),
    ("BAD-045 comment", "# yamllint disable\n# yaml-language-server: $schema=x\ndescription: x\n", "x"),
]
WHOLE = [
    ("BAD-033 version", f"%YAML 1.1\n---\n{SOUND}", "1:1 SCH009 records have no directives"),
    ("BAD-033 tag", f"%TAG ! tag:x,2000:\n---\n{SOUND}", "1:1 SCH009 records have no directives"),
    ("BAD-041 list", "- id: PRB-2026-0001\n", "1:1 SCH009 the file holds a list"),
    ("BAD-041 text", "PRB-2026-0001\n", "1:1 SCH009 the file holds one value"),
]


@pytest.mark.parametrize(("more", "expected"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_doubtful_yaml_is_one_finding_at_its_place(sample, more, expected):
    sample.write(PROBLEM, SOUND + more)

    found = sample.errors()

    assert [f"{PROBLEM}:{expected}"] == sample.cut(found, f"{PROBLEM}:{expected}")


def test_a_switch_in_a_comment_turns_nothing_off_and_is_told_itself(sample):
    sample.write(PROBLEM, f"{SOUND}titel: x # noqa: SCH001\n# opsledger: off\n")

    found = sample.errors()

    assert [f"{PROBLEM}:5:1 SCH001", f"{PROBLEM}:5:10 WVR927", f"{PROBLEM}:6:1 WVR927"] == [
        " ".join(str(one).split()[:2]) for one in found
    ]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case[1:], id=case[0]) for case in WHOLE])
def test_file_that_is_no_record_is_one_finding_at_its_place(sample, text, expected):
    sample.write(PROBLEM, text)

    found = sample.errors()

    assert [f"{PROBLEM}:{expected}"] == sample.cut(found, f"{PROBLEM}:{expected}")


@pytest.mark.parametrize(("more", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ACCEPTED])
def test_plain_words_mean_what_the_core_schema_says(sample, more, expected):
    sample.write(PROBLEM, SOUND + more)

    found = sample.errors()

    assert [] == found
    with open_book(sample.root, environment=sample.repo.environment) as book:
        assert expected == book.ledger().record("PRB-2026-0001").get("description")


def test_record_in_json_is_a_record(sample):  # BAD-044
    sample.write(PROBLEM, '{"id": "PRB-2026-0001", "title": "Slow", "state": "logged", "severity": "high"}')

    assert [] == sample.errors()
