"""What a check says of exceptions, beyond the examples of the rules' pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from opsledger.check import found_in
from opsledger.finding import Severity
from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.policy import policy_of
from opsledger.rules.register import Found, record_faults
from opsledger.rules.waivers import exceptions_overdue
from opsledger.store import in_memory
from opsledger.yamlfile.switches import switches

from .conftest import DAY, END, EXCEPTION, NOON, PROBLEM, SECOND, Case, data_in

KINDS = packaged_kinds()


def found(case: Case, code: str) -> list[Found]:
    ledger = case.ledger
    return [one for one in found_in(ledger, case.judge.policy) if one.fault.code == code]


def overdue(case: Case, as_of: datetime) -> list[tuple[str, str, Severity | None]]:
    return [
        (one.fault.code, one.fault.message, one.severity)
        for one in exceptions_overdue(case.ledger, case.judge.policy, as_of)
    ]


def test_an_exception_that_was_accepted_too_low_is_an_error_once_it_is_active(case: Case):
    [one] = found(case.but(level="medium"), "WVR923")

    assert ("/level", PROBLEM, None) == (one.fault.pointer, one.about, one.severity)
    assert "EXC-2026-0004 accepts medium risk, and PRB-2026-0013 is of high severity" == one.fault.message


def test_it_is_a_warning_while_it_is_only_asked_for(case: Case):
    [one] = found(case.but(level="medium", state="requested"), "WVR923")

    assert Severity.WARNING is one.severity


@pytest.mark.parametrize(
    ("count", "expected"),
    [pytest.param(12, [], id="as many as may be"), pytest.param(13, ["/scope/records"], id="one more than may be")],
)
def test_an_exception_may_name_only_so_many_records(case: Case, count: int, expected: list[str]):
    scope = {"records": [f"PRB-2026-{number:04}" for number in range(count)], "rules": ["FLT751"]}

    assert expected == [one.fault.pointer for one in found(case.but(scope=scope), "WVR924")]


def test_the_policy_says_how_many(case: Case):
    policy = case.files["records/policy/POL-main.yaml"] + "  max_records: 1\n"

    [one] = found(case.with_file("records/policy/POL-main.yaml", policy), "WVR924")

    assert "EXC-2026-0004 names 2 records, and one exception may name 1" == one.fault.message


def test_at_a_chosen_time_nothing_is_told_of_what_is_in_force(case: Case):
    assert [] == overdue(case, END - 14 * DAY - SECOND)


def test_at_a_chosen_time_a_near_end_is_a_warning(case: Case):
    said = ("WVR922", "EXC-2026-0004 ends at 2026-12-18 16:00 UTC", Severity.WARNING)

    assert [said] == overdue(case, END - 14 * DAY)


def test_at_a_chosen_time_a_late_mitigation_is_told(case: Case):
    late = [{**case.data["mitigation"][0], "due": "2026-11-20T11:59:59Z"}]
    said = "PTY-ada was to limit the risk of EXC-2026-0004 by 2026-11-20 11:59:59 UTC: Switch rules off"

    assert [("WVR925", said, None)] == overdue(case.but(mitigation=late), NOON)


def test_what_relies_on_an_exception_that_has_ended_is_an_error(case: Case):
    path = f"records/problems/2026/{PROBLEM}.yaml"
    relying = case.with_file(path, case.files[path].replace("logged", "accepted") + f"accepted_under: {EXCEPTION}\n")

    told = overdue(relying, END)

    assert ("WVR922", "PRB-2026-0013 relies on EXC-2026-0004, which ended at 2026-12-18 16:00 UTC", None) in told


def test_what_is_done_relies_on_nothing(case: Case):
    path = f"records/problems/2026/{PROBLEM}.yaml"
    done = case.with_file(path, case.files[path].replace("logged", "resolved") + f"accepted_under: {EXCEPTION}\n")

    assert [Severity.WARNING] == [severity for _, _, severity in overdue(done, END)]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa", "# noqa: LCY202", "#NOQA", "# opsledger: ignore LCY202", "# opsledger:disable", "# nosec",
        "# ignore LCY202", "# disable: FLT751", "# skip=WVR921",
    ],
)  # fmt: skip
def test_a_comment_that_is_to_switch_a_rule_off_is_told_at_its_line(comment: str):
    text = f"id: CI-a\ntitle: A {comment} for now\n"

    assert [(2, 10, f"{comment} for now")] == list(switches(text.encode(), data_in(text)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("title: A # since the team was split\n", id="a plain comment"),
        pytest.param("title: A# noqa\n", id="a hash inside a word"),
        pytest.param("title: 'A # noqa'\n", id="a quoted text"),
        pytest.param("title: |\n  # noqa: LCY202\n", id="a text of several lines"),
        pytest.param("title: A # we ignore nothing\n", id="the word without a code"),
        pytest.param("title: A # opsledger: role=ROL-approver\n", id="another word for the tool"),
        pytest.param("title: A\n", id="no comment"),
    ],
)
def test_what_switches_nothing_off_is_left_alone(text: str):
    assert [] == list(switches(text.encode(), data_in(text)))


def test_a_switch_counts_from_the_first_character_also_behind_other_scripts():
    text = "title: Ärger # noqa\n"

    assert [(1, 14, "# noqa")] == list(switches(text.encode(), data_in(text)))


def test_a_switch_in_a_record_is_heard_also_from_the_cache(tmp_path):
    files: Mapping[str, bytes] = {
        ".opsledger.yaml": b"preset: small\n",
        "records/parties/PTY-ada.yaml": b"id: PTY-ada\nname: Ada\ntype: person\nstate: active # noqa: LNK109\n",
    }
    snapshot = in_memory(files, name="judged")
    policy = policy_of(snapshot, KINDS)
    told = []
    for _ in range(2):
        ledger = load(
            snapshot, KINDS, cache=tmp_path / "cache.sqlite", judge=lambda one, data: record_faults(one, data, policy)
        )
        told.append([(one.path, one.place) for one in found_in(ledger, policy) if one.fault.code == "WVR927"])
        ledger.database.close()

    assert told[0] == told[1]
    assert [(4, 15)] == [(place.line, place.column) for _, place in told[0]]


def test_a_time_with_another_offset_ends_at_the_same_second(case: Case):
    same = case.but(expires="2026-12-18T17:00:00+01:00")

    assert [] == overdue(same, END - timedelta(days=14, seconds=1))
    assert overdue(same, datetime(2026, 12, 18, 16, tzinfo=UTC))
