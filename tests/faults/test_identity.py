"""BAD-055 to BAD-061: what an id may be, and where its file lies."""

from __future__ import annotations

import pytest

from opsledger.check import Judgement

PROBLEM = "records/problems/PRB-2026-0001.yaml"
BODY = "title: Payments time out\nstate: logged\nseverity: high\n"
LIKE = "as its id, and the id of a problem looks like PRB-2026-0042"

UNFIT = [
    ("BAD-055 null", "id:", "1:4 SCH001 PRB-2026-0001 gives nothing " + LIKE),
    ("BAD-055 number", "id: 1", "1:5 SCH001 PRB-2026-0001 gives 1 " + LIKE),
    ("BAD-055 empty", 'id: ""', "1:5 SCH001 PRB-2026-0001 gives '' " + LIKE),
    ("BAD-055 list", "id: [PRB-2026-0001]", "1:5 SCH001 PRB-2026-0001 gives a list " + LIKE),
    ("BAD-056 newline", 'id: "PRB-2026-0001\\n"', "1:5 SCH001 PRB-2026-0001 gives 'PRB-2026-0001\\n' " + LIKE),
    ("BAD-056 blanks", 'id: " PRB-2026-0001 "', "1:5 SCH001 PRB-2026-0001 gives ' PRB-2026-0001 ' " + LIKE),
    ("BAD-056 NBSP", "id: PRB-2026-0001\u00a0", "1:5 SCH001 PRB-2026-0001 gives 'PRB-2026-0001\\xa0' " + LIKE),
    ("BAD-057 look-alike", "id: РRB-2026-0001", "1:5 SCH001 PRB-2026-0001 gives 'РRB-2026-0001' " + LIKE),
    ("BAD-057 digit", "id: PRB-2026-000\u0661", "1:5 SCH001 PRB-2026-0001 gives 'PRB-2026-000\u0661' " + LIKE),
    ("BAD-057 zero width", "id: PRB-2026-00\u200b01", "1:5 SCH001 PRB-2026-0001 gives 'PRB-2026-00\\u200b01' " + LIKE),
    ("BAD-058 case", "id: prb-2026-0001", "1:5 SCH001 PRB-2026-0001 gives 'prb-2026-0001' " + LIKE),
    ("BAD-059 upward", "id: ../../canary", "1:5 SCH001 PRB-2026-0001 gives '../../canary' " + LIKE),
    ("BAD-059 absolute", "id: /tmp/canary", "1:5 SCH001 PRB-2026-0001 gives '/tmp/canary' " + LIKE),
    ("BAD-059 drive", "id: 'C:\\canary'", "1:5 SCH001 PRB-2026-0001 gives 'C:\\\\canary' " + LIKE),
    ("BAD-059 NUL", 'id: "PRB-2026-0001\\0"', "1:5 SCH001 PRB-2026-0001 gives 'PRB-2026-0001\\x00' " + LIKE),
    ("BAD-060 shell", "id: $(touch canary)", "1:5 SCH001 PRB-2026-0001 gives '$(touch canary)' " + LIKE),
    ("BAD-060 option", "id: --output=canary", "1:5 SCH001 PRB-2026-0001 gives '--output=canary' " + LIKE),
    ("BAD-060 template", "id: '{{ 7*7 }}'", "1:5 SCH001 PRB-2026-0001 gives '{{ 7*7 }}' " + LIKE),
]


def _fixes(judgement: Judgement, path: str) -> list[str]:
    return [finding.fix for finding in judgement.findings if finding.place.path == path and finding.code != "LNK109"]


@pytest.mark.parametrize(("line", "expected"), [pytest.param(*case[1:], id=case[0]) for case in UNFIT])
def test_id_that_is_none_is_one_finding_and_the_file_name_stands_for_it(sample, line, expected):
    sample.write("records/problems/PRB-2026-0002.yaml", f"id: PRB-2026-0002\n{BODY}duplicate_of: PRB-2026-0001\n")
    sample.write(PROBLEM, f"{line}\n{BODY}")

    found = sample.errors()

    assert [f"{PROBLEM}:{expected}"] == found
    assert ["write `id: PRB-2026-0001`"] == _fixes(sample.judge(), PROBLEM)
    assert [] == [*sample.root.parent.rglob("*canary*")]


def test_missing_id_is_one_finding(sample):  # BAD-055
    sample.write(PROBLEM, BODY)

    assert [f"{PROBLEM}:1:1 SCH001 PRB-2026-0001 lacks id"] == sample.errors()
    assert ["add `id: PRB-2026-0001`"] == _fixes(sample.judge(), PROBLEM)


def test_id_and_file_name_that_are_both_none_are_one_finding(sample):
    path = "records/problems/slow.yaml"
    sample.write(path, f"id: slow\n{BODY}")

    assert [f"{path}:1:5 SCH001 slow gives 'slow' {LIKE}"] == sample.errors()
    assert ["give it such an id, and its file that name"] == _fixes(sample.judge(), path)


def test_id_unlike_the_file_name_is_one_finding(sample):  # BAD-058
    sample.write(PROBLEM, f"id: PRB-2026-0009\n{BODY}")

    assert [f"{PROBLEM}:1:5 SCH002 PRB-2026-0009 lies in a file that is called PRB-2026-0001.yaml"] == sample.errors()
    assert ["rename the file to PRB-2026-0009.yaml, or write `id: PRB-2026-0001`"] == _fixes(sample.judge(), PROBLEM)


def test_copy_under_a_name_that_is_no_id_can_only_be_renamed(sample):  # BAD-058
    path = "records/problems/PRB-2026-0009 (copy).yaml"
    sample.write(path, f"id: PRB-2026-0009\n{BODY}")

    assert 1 == len(sample.errors())
    assert ["rename the file to PRB-2026-0009.yaml"] == _fixes(sample.judge(), path)


def test_same_id_in_two_files_names_both(sample):  # BAD-061
    twin = "records/problems/2026/PRB-2026-0001.yaml"
    sample.write(twin, f"id: PRB-2026-0001\n{BODY}")

    assert [f"{PROBLEM}:1:5 SCH003 PRB-2026-0001 is the id of {twin} as well"] == sample.errors()


def test_same_id_in_a_wrong_folder_is_one_finding(sample):  # BAD-061
    twin = "records/problems/old/PRB-2026-0001.yaml"
    sample.write(twin, f"id: PRB-2026-0001\n{BODY}")

    assert [f"{twin}:1:5 SCH003 PRB-2026-0001 is the id of {PROBLEM} as well"] == sample.errors()


def test_copied_file_that_kept_the_id_is_blamed_alone(sample):  # BAD-061
    copy = "records/problems/PRB-2026-0000.yaml"
    sample.write(copy, f"id: PRB-2026-0001\n{BODY}")

    assert [f"{copy}:1:5 SCH002 PRB-2026-0001 lies in a file that is called PRB-2026-0000.yaml"] == sample.errors()


def test_yaml_and_yml_twins_are_named_both(sample):  # BAD-061
    twin = "records/problems/PRB-2026-0001.yml"
    sample.write(twin, f"id: PRB-2026-0001\n{BODY}")

    assert [f"{twin}:1:1 SCH004 {twin} ends in .yml, beside {PROBLEM}, and records end in .yaml"] == sample.errors()
