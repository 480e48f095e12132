"""Parties and roles are read as they are written; what cannot be read entitles nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opsledger.kind import Kinds
from opsledger.moments import instant, spoken
from opsledger.people import Account, Incompatibility, Term, people_of
from opsledger.people.moments import days
from opsledger.store import in_memory

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_party_is_read_with_all_that_it_says(people):
    found = people("""
        # PTY-ada
        name: Ada
        identities:
          emails: [ada@x.example]
          accounts: [{forge: github, login: ada, id: "7", from: "2026-01-01T00:00:00+01:00"}]
        absences: [{from: "2026-12-24", until: "2026-12-26"}]
        delegations: [{to: PTY-bo, from: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z"}]
        # PTY-board
        type: body
        quorum: 2
        members: [{party: PTY-ada, until: "2027-01-01T00:00:00Z"}]
    """)

    ada, board = found.parties["PTY-ada"], found.parties["PTY-board"]
    since = datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert ("Ada", "person", True, ("ada@x.example",)) == (ada.name, ada.type, ada.is_active, ada.emails)
    assert (Account("github.com", "ada", "7", Term(since)),) == ada.accounts
    assert (Term(datetime(2026, 12, 24, tzinfo=UTC), datetime(2026, 12, 27, tzinfo=UTC)),) == ada.absences
    assert ("PTY-bo", ()) == (ada.delegations[0].to, ada.delegations[0].roles)
    assert (2, (("PTY-ada", Term(None, datetime(2027, 1, 1, tzinfo=UTC))),)) == (board.quorum, board.members)
    assert () == found.unreadable


def test_a_role_is_read_with_all_that_it_says(people):
    found = people("""
        # ROL-approver
        title: Approver
        least: 2
        most: 3
        kinds: [release]
        scopes: [plan]
        paths: [/records/releases/]
        incompatible: [{role: ROL-deployer, on: same-release, when: "release.risk >= HIGH"}]
        owners: {github: ["@x/approvers"]}
    """).roles["ROL-approver"]

    assert ("Approver", 2, 3) == (found.title, found.least, found.most)
    assert (("release",), ("plan",), ("/records/releases/",)) == (found.kinds, found.scopes, found.paths)
    apart = Incompatibility("ROL-deployer", "same-release", "release.risk >= HIGH", "records/roles/ROL-approver.yaml")
    assert (apart,) == found.incompatible
    assert {"github": ("@x/approvers",)} == found.owners


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("roles: [{role: ROL-a, until: yesterday}]", id="a time that is none"),
        pytest.param('roles: [{role: ROL-a, until: "2026-01-01T00:00:00"}]', id="a time without its offset"),
        pytest.param('roles: [{role: ROL-a, from: "0001-01-01T00:00:00+14:00"}]', id="a time before all times"),
        pytest.param("roles: [{role: ROL-a, until: 20261231}]", id="a number for a time"),
        pytest.param("roles: [{until: null}]", id="no role"),
        pytest.param("roles: [ROL-a]", id="a text for a mapping"),
        pytest.param("roles: [{role: ROL-a, on: REL-1}]", id="a text for a list of limits"),
        pytest.param("roles: [{role: ROL-a, on: []}]", id="a limit to nothing"),
        pytest.param("roles: [{role: ROL-a, on: [REL-1, 7]}]", id="a limit that is no id"),
        pytest.param("roles: [{role: ROL-a}]\nleft: soon", id="a leaving that is no time"),
    ],
)
def test_what_a_record_says_oddly_entitles_nobody_and_its_file_is_listed(people, body):
    found = people(f"# ROL-a\n# PTY-ada\n{body}\n")

    assert () == found.holders("ROL-a", NOON, matter=["REL-1", "7"])
    assert ("records/parties/PTY-ada.yaml",) == found.unreadable


@pytest.mark.parametrize("field", ["kinds", "scopes"])
@pytest.mark.parametrize("value", ["[]", "release", "[release, 1]"])
def test_a_role_whose_limits_cannot_be_made_out_is_none(people, field, value):
    found = people(f"# ROL-a\n{field}: {value}\nholders: [{{party: PTY-ada}}]\n# PTY-ada\n")

    assert {} == found.roles
    assert () == found.holders("ROL-a", NOON)
    assert ("records/roles/ROL-a.yaml",) == found.unreadable


def test_a_file_that_is_no_record_entitles_nobody_and_is_listed(people):
    found = people("# records/parties/PTY-ada.yaml\n{{{\n# ROL-a\nholders: [{party: PTY-ada}]\n")

    assert (("records/parties/PTY-ada.yaml",), ()) == (found.unreadable, found.holders("ROL-a", NOON))


def test_an_id_that_two_files_claim_is_nobody(people):
    text = "id: PTY-ada\nname: Ada\ntype: person\nstate: active\nroles: [{role: ROL-a}]\n"
    found = people(f"# records/parties/PTY-ada.yaml\n{text}# records/parties/x/PTY-ada.yaml\n{text}# ROL-a\n")

    assert {} == found.parties
    assert ("records/parties/PTY-ada.yaml", "records/parties/x/PTY-ada.yaml") == found.unreadable


def test_numbers_that_are_no_numbers_count_as_left_out(people):
    found = people("# ROL-a\nleast: many\nmost: few\n# PTY-b\ntype: body\nquorum: all\n")

    assert (1, None, None) == (found.roles["ROL-a"].least, found.roles["ROL-a"].most, found.parties["PTY-b"].quorum)


def test_lists_and_mappings_that_are_none_count_as_left_out(people):
    found = people("# ROL-a\nowners: all\npaths: all\n# PTY-b\nidentities: x\nmembers: y\n")

    assert ({}, ()) == (found.roles["ROL-a"].owners, found.roles["ROL-a"].paths)
    assert ((), ()) == (found.parties["PTY-b"].emails, found.parties["PTY-b"].members)


def test_a_ledger_without_such_kinds_has_nobody():
    found = people_of(in_memory({"records/parties/PTY-ada.yaml": b"id: PTY-ada\n"}, name="x"), Kinds({}))

    assert ({}, {}, ()) == (found.parties, found.roles, found.unreadable)


def test_other_files_of_the_folder_are_no_parties(people):
    found = people("# records/parties/README.md\nid: PTY-readme\n")

    assert ({}, ()) == (found.parties, found.unreadable)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T12:00:00Z", NOON),
        ("2026-11-20T14:00:00+02:00", NOON),
        ("2026-11-20T12:00:00.5Z", NOON.replace(microsecond=500000)),
    ],
)
def test_an_instant_is_in_utc(text, expected):
    assert expected == instant(text)


@pytest.mark.parametrize(
    "text", ["2026-11-20", "2026-11-20T12:00:00", "2026-11-20 12:00:00Z", "now", "", "2026-13-20T12:00:00Z",
             "9999-12-31T23:59:59-01:00", "2026-11-20T12:00:00Z\n", "٢026-11-20T12:00:00Z"],
)  # fmt: skip
def test_no_instant_is_made_of_anything_else(text):
    with pytest.raises(ValueError):
        instant(text)


def test_days_include_the_last_one():
    term = days("2026-12-24", "2026-12-24")

    assert [False, True, True, False] == [
        term.holds(datetime(2026, 12, *at, tzinfo=UTC))
        for at in ((23, 23, 59, 59), (24, 0, 0, 0), (24, 23, 59, 59), (25, 0, 0, 0))
    ]


def test_the_last_day_there_is_has_no_end():
    assert Term(datetime(2026, 1, 1, tzinfo=UTC)) == days("2026-01-01", "9999-12-31")


@pytest.mark.parametrize(
    ("first", "last"), [("2026-1-1", "2026-01-02"), ("2026-01-01", "x"), ("2026-02-30", "2026-03-01")]
)
def test_no_span_is_made_of_what_is_no_day(first, last):
    with pytest.raises(ValueError):
        days(first, last)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04 UTC"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02 03:04:05 UTC"),
    ],
)
def test_a_moment_is_said_as_short_as_it_may(moment, said):
    assert said == spoken(moment)
