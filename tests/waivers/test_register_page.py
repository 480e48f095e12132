"""The register of exceptions on the site: what is in it, in which order, and that nobody is shown who did not sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from opsledger.ledger import Ledger, load
from opsledger.site.atlas import Atlas
from opsledger.site.exceptions import Waived, exceptions_in
from opsledger.store import in_memory

from .conftest import DAY, END, EXCEPTION, KINDS, NOON, SECOND, Case


def register_of(case: Case, when: datetime | None = NOON) -> list[Waived]:
    snapshot = replace(in_memory(case.all_files, name="judged"), when=when)
    ledger: Ledger = load(snapshot, KINDS)
    return exceptions_in(ledger, Atlas(ledger), frozenset({"FLT751"}))


def test_an_exception_in_force_says_what_it_waives_for_what_and_who_signed(case: Case):
    [one] = register_of(case)

    assert ("force", (("FLT751", True),), "28 days left") == (one.group, one.rules, one.left)
    assert [("PTY-grace", "ROL-service-owner"), ("PTY-joan", "ROL-risk-owner")] == [
        (who["party"], who["role"]) for who in one.twin["signed"]
    ]
    assert () == one.lacking


@pytest.mark.parametrize(
    ("before", "group", "left"),
    [
        pytest.param(14 * DAY + SECOND, "force", "14 days left", id="a second before the warning"),
        pytest.param(14 * DAY, "soon", "14 days left", id="as the warning begins"),
        pytest.param(SECOND, "soon", "less than a day left", id="a second before its end"),
        pytest.param(timedelta(0), "ended", "less than a day ago", id="at its end"),
    ],
)
def test_an_end_is_told_by_the_time_of_the_commit(case: Case, before: timedelta, group: str, left: str):
    [one] = register_of(case, END - before)

    assert (group, left) == (one.group, one.left)


def test_without_a_time_nothing_has_ended(case: Case):
    [one] = register_of(case, None)

    assert ("force", "") == (one.group, one.left)


def test_a_signature_on_other_content_is_not_shown(case: Case):
    [one] = register_of(case.edited(expires="2026-12-19T16:00:00Z"))

    assert ([], ["ROL-service-owner", "ROL-risk-owner"]) == (one.twin["signed"], one.twin["lacking"])


def test_a_signature_of_a_lower_role_leaves_the_others_lacking(case: Case):
    [one] = register_of(replace(case, signed=case.signed[:1]))

    assert ["ROL-risk-owner"] == one.twin["lacking"]


def test_renewals_are_counted(case: Case):
    earlier = (
        "id: EXC-2026-0003\ntitle: Earlier\ntype: rule-waiver\nstate: closed\njustification: It was so then. Twice.\n"
        "scope: {records: [], rules: []}\n"
    )
    renewed = case.with_file("records/exceptions/2026/EXC-2026-0003.yaml", earlier).but(renews="EXC-2026-0003")

    assert {EXCEPTION: 1, "EXC-2026-0003": 0} == {one.entry.id: one.renewed for one in register_of(renewed)}


def test_the_most_pressing_comes_first(case: Case):
    asked = "id: EXC-2026-0001\ntitle: Asked\ntype: rule-waiver\nstate: draft\njustification: It would help us much.\n"
    asked += "scope: {records: [], rules: []}\n"

    found = register_of(case.with_file("records/exceptions/2026/EXC-2026-0001.yaml", asked), END)

    assert [("EXC-2026-0004", "ended"), ("EXC-2026-0001", "asked")] == [(one.entry.id, one.group) for one in found]
