"""BAD-070 to BAD-075 and BAD-077: links that lead nowhere, times that cannot be, states that cannot follow."""

from __future__ import annotations

import pytest

FOLDER = "records/problems"
PROBLEM = f"{FOLDER}/PRB-2026-0001.yaml"
SOUND = "id: PRB-2026-0001\ntitle: Payments time out\nstate: logged\nseverity: high\n"
CHANGE = "records/changes/CHG-2026-0001.yaml"
RELEASE = "records/releases/REL-2026-0001.yaml"

FAULTS = [
    (
        "BAD-070 link to nothing",
        "incidents: [INC-2026-0099]\n",
        "5:13 LNK101 PRB-2026-0001 caused INC-2026-0099, which does not exist",
    ),
    ("BAD-070 link to a blank", "owner: ' '\n", "5:8 LNK101 PRB-2026-0001 owned by ' ', which does not exist"),
    (
        "BAD-071 link to a wrong kind",
        "duplicate_of: CI-payments\n",
        "5:15 LNK102 PRB-2026-0001 is the same as CI-payments, which is a ci and not a problem",
    ),
    (
        "BAD-071 an article before a vowel",
        "incidents: [CI-payments]\n",
        "5:13 LNK102 PRB-2026-0001 caused CI-payments, which is a ci and not an incident",
    ),
    (
        "BAD-072 link to itself",
        "duplicate_of: PRB-2026-0001\n",
        "5:15 LNK114 this goes round in a circle: PRB-2026-0001 is the same as PRB-2026-0001",
    ),
    (
        "BAD-074 end before start",
        "logged: 2026-03-02T10:00:00Z\nclosed: 2026-03-01T10:00:00Z\n",
        "6:9 SCH006 PRB-2026-0001 says closed is 2026-03-01T10:00:00Z, before logged at 2026-03-02T10:00:00Z",
    ),
    (
        "BAD-074 end before start in other zones",
        "logged: 2026-03-01T10:00:00Z\nclosed: 2026-03-01T11:00:00+02:00\n",
        "6:9 SCH006 PRB-2026-0001 says closed is 2026-03-01T11:00:00+02:00, before logged at 2026-03-01T10:00:00Z",
    ),
    (
        "BAD-075 no offset",
        "logged: 2026-01-01T10:00:00\n",
        "5:9 SCH006 PRB-2026-0001 says logged is '2026-01-01T10:00:00', which lacks its offset from UTC",
    ),
    (
        "BAD-075 leap second",
        "logged: 2026-06-30T23:59:60Z\n",
        "5:9 SCH006 PRB-2026-0001 says logged is '2026-06-30T23:59:60Z', which is no time that a record can name",
    ),
    (
        "BAD-075 year 0",
        "logged: 0000-01-01T00:00:00Z\n",
        "5:9 SCH006 PRB-2026-0001 says logged is '0000-01-01T00:00:00Z', which is no time that a record can name",
    ),
    (
        "BAD-075 year 9999",
        "logged: 9999-12-31T23:59:59Z\n",
        "5:9 SCH006 PRB-2026-0001 says logged is '9999-12-31T23:59:59Z', which is no time that a record can name",
    ),
    (
        "BAD-077 state that no problem has",
        "state: done\n",
        "4:8 SCH001 PRB-2026-0001 says state is 'done', which is none of logged, triaged,",
    ),
]


@pytest.mark.parametrize(("more", "expected"), [pytest.param(*case[1:], id=case[0]) for case in FAULTS])
def test_wrong_meaning_is_one_finding_at_its_place(sample, sound, more, expected):
    sample.write(PROBLEM, sound(more))

    found = sample.errors()

    assert [f"{PROBLEM}:{expected}"] == sample.cut(found, f"{PROBLEM}:{expected}")


def test_time_in_the_gap_of_a_clock_change_is_a_moment_by_its_offset(sample, sound):  # BAD-075
    sample.write(PROBLEM, sound("logged: 2026-03-29T02:30:00+01:00\n"))

    assert [] == sample.errors()


def test_circle_through_several_records_is_one_finding_that_names_it(sample):  # BAD-072
    for here, there in ((4, 5), (5, 6), (6, 4)):
        text = SOUND.replace("0001", f"000{here}") + f"duplicate_of: PRB-2026-000{there}\n"
        sample.write(f"{FOLDER}/PRB-2026-000{here}.yaml", text)

    way = " is the same as ".join(f"PRB-2026-000{number}" for number in (4, 5, 6, 4))
    said = f"{FOLDER}/PRB-2026-0004.yaml:5:15 LNK114 this goes round in a circle: {way}"
    assert [said] == sample.errors()


def test_link_that_the_other_side_contradicts_names_both_files(sample):  # BAD-073
    release = "id: REL-2026-000{0}\nname: payments-4.{0}\nstate: draft\ntype: minor\n"
    change = "id: CHG-2026-0001\ntitle: Raise the timeout\nstate: draft\ntype: normal\nrelease: REL-2026-0002\n"
    sample.write(RELEASE, release.format(1) + "changes: [CHG-2026-0001]\n")
    sample.write("records/releases/REL-2026-0002.yaml", release.format(2) + "changes: [CHG-2026-0001]\n")
    sample.write(CHANGE, change)

    said = f"REL-2026-0001 ships CHG-2026-0001, but CHG-2026-0001 in {CHANGE} says that it shipped in REL-2026-0002"
    assert [f"{RELEASE}:5:11 LNK113 {said}"] == sample.errors()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("triaged", "logged", "PRB-2026-0001 may not go from triaged to logged", id="edited back"),
        pytest.param("duplicate", "logged", "PRB-2026-0001 may not go from duplicate to logged", id="out of an end"),
    ],
)
def test_move_that_no_path_allows_is_one_finding(sample, sound, before, after, expected):  # BAD-077
    more = "cis: [CI-payments]\nimpact: high\nurgency: high\nduplicate_of: PRB-2026-0002\n"
    sample.write(PROBLEM, sound(f"{more}state: {before}\n"))
    sample.repo.commit()
    sample.write(PROBLEM, sound(f"{more}state: {after}\n"))

    assert [f"{PROBLEM}:8:8 LCY201 {expected}"] == sample.errors(base="HEAD")


def test_link_to_nothing_silences_what_follows_from_it(sample, sound):
    sample.write(PROBLEM, sound("duplicate_of: PRB-2026-0099\nstate: duplicate\n"))

    found = sample.errors()

    assert [f"{PROBLEM}:4:15 LNK101 PRB-2026-0001 is the same as PRB-2026-0099, which does not exist"] == found
