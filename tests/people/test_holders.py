"""Who holds a role at a time, through teams and those who stand in, and why others do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsledger.people import Grant, Holding, Incompatibility, Party, People, Role, Term, why
from opsledger.people.explaining import absent, lasting
from opsledger.people.model import Delegation

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BEFORE = NOON - SECOND
A = "records/roles/ROL-a.yaml"
ROLE = {"ROL-a": Role("ROL-a", "A", "records/roles/ROL-a.yaml")}


def ids(holdings) -> list[str]:
    return [one.party for one in holdings]


def person(id: str, **said) -> Party:
    return Party(id, id, "person", True, f"{id}.yaml", **said)


def team(id: str, *members: str, type: str = "team", **said) -> Party:
    return Party(id, id, type, True, f"{id}.yaml", members=tuple((one, Term()) for one in members), **said)


def among(*parties: Party, holders: tuple[str, ...] = (), **limits) -> People:
    grants = tuple(Grant("ROL-a", holder, **limits) for holder in holders)
    return People({party.id: party for party in parties}, ROLE, (), grants)


# Where it stands.


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# ROL-a\nholders: [{party: PTY-ada}]\n# PTY-ada\n", id="in the role"),
        pytest.param("# ROL-a\n# PTY-ada\nroles: [{role: ROL-a}]\n", id="in the party"),
        pytest.param("# ROL-a\nholders: [{party: PTY-ada}]\n# PTY-ada\nroles: [{role: ROL-a}]\n", id="in both"),
    ],
)
def test_either_record_is_enough(people, text):
    assert (Holding("PTY-ada", "ROL-a"),) == people(text).holders("ROL-a", NOON)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-3601, []), (-3600, ["PTY-ada"]), (3599, ["PTY-ada"]), (3600, []), (7200, [])]
)
def test_where_both_name_the_pair_the_narrower_time_holds(people, seconds, expected):
    found = people("""
        # ROL-a
        holders: [{party: PTY-ada, from: "2026-11-20T11:00:00Z", until: "2026-11-20T14:00:00Z"}]
        # PTY-ada
        roles: [{role: ROL-a, from: "2026-11-20T09:00:00Z", until: "2026-11-20T13:00:00Z"}]
    """)

    assert expected == ids(found.holders("ROL-a", NOON + timedelta(seconds=seconds)))


def test_where_both_never_agree_nobody_holds_it(people):
    found = people("""
        # ROL-a
        holders: [{party: PTY-ada, until: "2026-01-01T00:00:00Z"}]
        # PTY-ada
        roles: [{role: ROL-a, from: "2026-01-01T00:00:00Z"}]
    """)

    assert () == found.holdings("ROL-a")


def test_two_terms_of_one_pair_are_both_kept(people):
    found = people("""
        # ROL-a
        # PTY-ada
        roles: [{role: ROL-a, until: "2026-01-01T00:00:00Z"}, {role: ROL-a, from: "2026-11-20T12:00:00Z"}]
    """)

    held = [ids(found.holders("ROL-a", at)) for at in (NOON.replace(year=2025), NOON - SECOND, NOON)]
    assert [["PTY-ada"], [], ["PTY-ada"]] == held


def test_a_role_that_no_record_describes_is_held_by_nobody(people):
    found = people("# PTY-ada\nroles: [{role: ROL-ghost}]\n")

    assert () == found.holders("ROL-ghost", NOON)
    assert "cannot hold ROL-ghost, which no role record describes" == found.why_not("PTY-ada", "ROL-ghost", NOON)


@pytest.mark.parametrize(
    ("matter", "expected"),
    [
        pytest.param((), [], id="nothing"),
        pytest.param(("REL-2",), [], id="another record"),
        pytest.param(("REL-2", "CI-pay"), ["PTY-ada"], id="something that the record names"),
        pytest.param(("REL-1",), ["PTY-ada"], id="the record"),
    ],
)
def test_a_limited_role_counts_only_on_its_matter(people, matter, expected):
    found = people("# ROL-a\n# PTY-ada\nroles: [{role: ROL-a, on: [REL-1, CI-pay]}]\n")

    assert expected == ids(found.holders("ROL-a", NOON, matter=matter))


def test_a_limited_role_stays_limited_where_the_role_names_the_holder_too(people):
    found = people("# ROL-a\nholders: [{party: PTY-ada}]\n# PTY-ada\nroles: [{role: ROL-a, on: [REL-1]}]\n")

    assert ([], ["PTY-ada"]) == (
        ids(found.holders("ROL-a", NOON)), ids(found.holders("ROL-a", NOON, matter=["REL-1"])),
    )  # fmt: skip


# Who may hold one.


@pytest.mark.parametrize("type", ["machine", "supplier", "customer", "business-unit", "user-group", "team", "body", ""])
def test_only_people_hold_roles(type):
    assert () == among(team("PTY-x", type=type), holders=("PTY-x",)).holders("ROL-a", NOON)


def test_a_machine_hands_nothing_on():
    robot = team("PTY-robot", "PTY-ada", type="machine", delegations=(Delegation("PTY-ada"),))

    assert () == among(robot, person("PTY-ada"), holders=("PTY-robot",)).holders("ROL-a", NOON)


def test_a_party_that_is_not_there_holds_nothing():
    assert () == among(team("PTY-team", "PTY-gone"), holders=("PTY-team", "PTY-nobody")).holders("ROL-a", NOON)


@pytest.mark.parametrize(
    ("said", "at", "holds"),
    [
        pytest.param("state: inactive", NOON, False, id="inactive without a date: not now"),
        pytest.param("state: inactive", NOON.replace(year=2020), False, id="inactive without a date: never"),
        pytest.param('state: inactive\nleft: "2026-11-20T12:00:00Z"', NOON - SECOND, True, id="before it left"),
        pytest.param('state: inactive\nleft: "2026-11-20T12:00:00Z"', NOON, False, id="from when it left"),
        pytest.param('state: active\nleft: "2026-11-20T12:00:00Z"', NOON, False, id="left and still called active"),
        pytest.param('state: inactive\nanonymised_at: "2026-11-20T12:00:00Z"', BEFORE, True, id="before erasure"),
        pytest.param('state: inactive\nanonymised_at: "2026-11-20T12:00:00Z"', NOON, False, id="from erasure on"),
        pytest.param(
            'state: inactive\nleft: "2026-11-01T00:00:00Z"\nanonymised_at: "2026-11-20T12:00:00Z"',
            NOON - SECOND, False, id="between leaving and erasure",
        ),
        pytest.param('state: active\nanonymised_at: "2026-11-20T12:00:00Z"', NOON, True, id="active, renamed"),
    ],
)  # fmt: skip
def test_an_inactive_party_holds_nothing_from_when_it_left(people, said, at, holds):
    found = people(f"# ROL-a\nholders: [{{party: PTY-ada}}]\n# PTY-ada\n{said}\n")

    assert holds == bool(found.holders("ROL-a", at))


# Teams.


def test_a_team_stands_for_its_members_and_theirs_at_their_times(people):
    found = people("""
        # ROL-a
        holders: [{party: PTY-all}]
        # PTY-all
        type: team
        members: [{party: PTY-core, from: "2026-11-20T12:00:00Z"}, {party: PTY-ada}]
        # PTY-core
        type: team
        members: [{party: PTY-bo}, {party: PTY-cy, until: "2026-11-20T12:00:00Z"}, {party: PTY-robot}]
        # PTY-ada
        # PTY-bo
        # PTY-cy
        # PTY-robot
        type: machine
    """)

    assert ["PTY-ada"] == ids(found.holders("ROL-a", NOON - SECOND))
    assert ["PTY-ada", "PTY-bo"] == ids(found.holders("ROL-a", NOON))
    assert ("PTY-all", "PTY-core") == found.holding("PTY-bo", "ROL-a", NOON).via
    assert Term(NOON) == found.holding("PTY-bo", "ROL-a", NOON).term


def test_a_team_that_ended_stands_for_nobody():
    ended = team("PTY-team", "PTY-ada", term=None)

    assert () == among(ended, person("PTY-ada"), holders=("PTY-team",)).holders("ROL-a", NOON)


def test_whoever_holds_it_in_several_ways_is_shown_with_the_nearest(people):
    found = people("""
        # ROL-a
        holders: [{party: PTY-team}, {party: PTY-bo}, {party: PTY-ada}]
        # PTY-team
        type: team
        members: [{party: PTY-ada}]
        # PTY-ada
        # PTY-bo
        delegations: [{to: PTY-ada, from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"}]
    """)

    assert (Holding("PTY-ada", "ROL-a"), Holding("PTY-bo", "ROL-a")) == found.holders("ROL-a", NOON)
    assert 3 == sum(one.party == "PTY-ada" for one in found.holdings("ROL-a"))


def test_a_long_way_through_teams_is_nearer_than_standing_in():
    parties = (
        team("PTY-all", "PTY-core"), team("PTY-core", "PTY-ada"), person("PTY-ada"),
        person("PTY-bo", delegations=(Delegation("PTY-ada"),)),
    )  # fmt: skip

    found = among(*parties, holders=("PTY-bo", "PTY-all")).holding("PTY-ada", "ROL-a", NOON)

    assert ("", ("PTY-all", "PTY-core")) == (found.delegated_by, found.via)


def test_of_two_ways_as_near_the_longer_one_is_shown(people):
    found = people("""
        # ROL-a
        # PTY-ada
        roles: [{role: ROL-a, until: "2026-12-01T00:00:00Z"}, {role: ROL-a, until: "2027-12-01T00:00:00Z"}]
    """)

    assert 2027 == found.holding("PTY-ada", "ROL-a", NOON).term.until.year


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20), st.sets(st.integers(0, 5)))
def test_teams_in_any_shape_end_and_give_everybody_within_reach(pairs, people_in):
    parties = [
        person(f"PTY-{number}") if number in people_in
        else team(f"PTY-{number}", *(f"PTY-{inner}" for outer, inner in pairs if outer == number))
        for number in range(6)
    ]  # fmt: skip
    reached, waiting = set(), [0]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            waiting += [] if number in people_in else [inner for outer, inner in pairs if outer == number]

    found = among(*parties, holders=("PTY-0",))

    assert [f"PTY-{number}" for number in sorted(reached & people_in)] == ids(found.holders("ROL-a", NOON))


def test_teams_that_hold_the_same_teams_are_walked_once():
    layers = [team(f"PTY-{depth}-{side}", f"PTY-{depth + 1}-a", f"PTY-{depth + 1}-b")
              for depth in range(60) for side in "ab"]  # fmt: skip
    found = among(*layers, person("PTY-60-a"), person("PTY-60-b"), holders=("PTY-0-a",))

    assert ["PTY-60-a", "PTY-60-b"] == ids(found.holders("ROL-a", NOON))


def test_the_teams_of_a_party_are_told_with_the_way_there_and_circles_end(people):
    found = people("""
        # PTY-ada
        # PTY-core
        type: team
        members: [{party: PTY-ada}, {party: PTY-all}]
        # PTY-all
        type: team
        members: [{party: PTY-core}]
        # PTY-past
        type: team
        members: [{party: PTY-ada, until: "2026-11-20T12:00:00Z"}]
    """)

    assert (("PTY-all", "PTY-core"), ("PTY-core",)) == found.teams_of("PTY-ada", NOON)
    assert (("PTY-all",),) == found.teams_of("PTY-core", NOON)
    assert 3 == len(found.teams_of("PTY-ada", NOON - SECOND))


# Standing in.

STANDING_IN = """
    # ROL-a
    holders: [{party: PTY-ada, until: "2026-11-20T13:00:00Z"}]
    # ROL-b
    holders: [{party: PTY-ada}]
    # PTY-ada
    delegations:
      - {to: PTY-bo, roles: [ROL-a], from: "2026-11-20T12:00:00Z", until: "2026-11-20T14:00:00Z"}
    # PTY-bo
    delegations: [{to: PTY-cy, from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"}]
    # PTY-cy
"""


@pytest.mark.parametrize(
    ("role", "at", "expected"),
    [
        pytest.param("ROL-a", NOON - SECOND, ["PTY-ada"], id="a second before"),
        pytest.param("ROL-a", NOON, ["PTY-ada", "PTY-bo"], id="from its first second, and not for a third one"),
        pytest.param("ROL-a", NOON + timedelta(hours=1) - SECOND, ["PTY-ada", "PTY-bo"], id="while the role is held"),
        pytest.param("ROL-a", NOON + timedelta(hours=1), [], id="once the role is no longer held"),
        pytest.param("ROL-b", NOON, ["PTY-ada"], id="not in another role"),
    ],
)
def test_who_stands_in_acts_for_one_person_in_the_named_roles_while_both_last(people, role, at, expected):
    assert expected == ids(people(STANDING_IN).holders(role, at))


def test_who_stands_in_is_shown_as_that(people):
    found = people(STANDING_IN).holding("PTY-bo", "ROL-a", NOON)

    assert ("PTY-ada", ("PTY-ada",), Term(NOON, NOON + timedelta(hours=1))) == (
        found.delegated_by, found.via, found.term,
    )  # fmt: skip


def test_without_named_roles_all_are_delegated(people):
    found = people(STANDING_IN.replace("roles: [ROL-a], ", ""))

    assert ["PTY-ada", "PTY-bo"] == ids(found.holders("ROL-b", NOON))


@pytest.mark.parametrize("after", ["state: inactive", "type: machine", "type: supplier"])
def test_nobody_stands_in_who_cannot_hold_a_role(people, after):
    assert ["PTY-ada"] == ids(
        people(STANDING_IN.replace("# PTY-bo\n", f"# PTY-bo\n    {after}\n")).holders("ROL-a", NOON)
    )


def test_nobody_stands_in_for_somebody_who_left(people):
    assert [] == ids(
        people(STANDING_IN.replace("# PTY-ada\n", "# PTY-ada\n    state: inactive\n")).holders("ROL-a", NOON)
    )


def test_a_team_stands_in_with_all_of_its_members(people):
    found = people(STANDING_IN.replace("# PTY-bo\n", "# PTY-bo\n    type: team\n    members: [{party: PTY-cy}]\n"))

    assert ["PTY-ada", "PTY-cy"] == ids(found.holders("ROL-a", NOON))
    standing_in = found.holding("PTY-cy", "ROL-a", NOON)
    assert ("PTY-ada", ("PTY-ada", "PTY-bo")) == (standing_in.delegated_by, standing_in.via)


def test_nobody_stands_in_for_a_member_of_a_team_that_stands_in():
    parties = (
        person("PTY-ada", delegations=(Delegation("PTY-team"),)), team("PTY-team", "PTY-bo"),
        person("PTY-bo", delegations=(Delegation("PTY-cy"),)), person("PTY-cy"),
    )  # fmt: skip

    assert ["PTY-ada", "PTY-bo"] == ids(among(*parties, holders=("PTY-ada",)).holders("ROL-a", NOON))


def test_standing_in_and_membership_end_when_the_one_behind_them_leaves():
    leaving = Term(until=NOON)
    parties = (
        person("PTY-ada", delegations=(Delegation("PTY-bo"),), term=leaving), person("PTY-bo"),
        team("PTY-team", "PTY-cy", term=leaving), person("PTY-cy"),
    )  # fmt: skip
    found = among(*parties, holders=("PTY-ada", "PTY-team"))

    assert ["PTY-ada", "PTY-bo", "PTY-cy"] == ids(found.holders("ROL-a", BEFORE))
    assert [] == ids(found.holders("ROL-a", NOON))


def test_an_absence_takes_no_role_away(people):
    found = people(
        '# ROL-a\nholders: [{party: PTY-ada}]\n# PTY-ada\nabsences: [{from: "2026-11-01", until: "2026-11-30"}]\n'
    )

    assert ["PTY-ada"] == ids(found.holders("ROL-a", NOON))
    assert "directly, absent until 2026-11-30" == why(found.holding("PTY-ada", "ROL-a", NOON), found, NOON)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_no_delegation_leads_further_than_one_step(pairs):
    parties = [
        person(f"PTY-{number}", delegations=tuple(Delegation(f"PTY-{to}") for of, to in pairs if of == number))
        for number in range(5)
    ]
    expected = {0} | {to for of, to in pairs if of == 0}

    found = among(*parties, holders=("PTY-0",)).holders("ROL-a", NOON)

    assert [f"PTY-{number}" for number in sorted(expected)] == ids(found)
    assert "" == found[0].delegated_by


# Terms.

moments = st.integers(-3, 3).map(lambda seconds: NOON + seconds * SECOND)
terms = st.builds(Term, st.none() | moments, st.none() | moments)


@given(terms, terms, moments)
def test_what_two_terms_share_holds_when_both_hold(one, other, at):
    shared = one.within(other)

    assert (one.holds(at) and other.holds(at)) == (shared is not None and shared.holds(at))
    assert shared == other.within(one)


@given(terms, terms, terms, moments)
def test_a_role_is_held_while_grant_membership_and_delegation_all_hold(grant, membership, delegation, at):
    parties = (
        Party("PTY-team", "T", "team", True, "t", members=(("PTY-ada", membership),)),
        person("PTY-ada", delegations=(Delegation("PTY-bo", (), delegation),)),
        person("PTY-bo"),
    )
    found = among(*parties, holders=("PTY-team",), term=grant)

    holds = grant.holds(at) and membership.holds(at)
    assert holds == (found.holding("PTY-ada", "ROL-a", at) is not None)
    assert (holds and delegation.holds(at)) == (found.holding("PTY-bo", "ROL-a", at) is not None)


@given(terms, moments)
def test_whoever_does_not_hold_it_is_told_why_and_nobody_else_is(term, at):
    found = among(person("PTY-ada"), holders=("PTY-ada",), term=term)

    if found.holding("PTY-ada", "ROL-a", at) is None:
        assert found.why_not("PTY-ada", "ROL-a", at).split(" ROL-a")[0] in ("held", "holds", "never held")


# Why not.


@pytest.mark.parametrize(
    ("party", "role", "matter", "said"),
    [
        ("PTY-nobody", "ROL-a", (), "has no party record that can be read"),
        ("PTY-robot", "ROL-a", (), "is a machine"),
        ("PTY-board", "ROL-a", (), "is a body, and only people hold roles"),
        ("PTY-odd", "ROL-a", (), "is a party, and only people hold roles"),
        ("PTY-gone", "ROL-a", (), "is inactive"),
        ("PTY-left", "ROL-a", (), "is inactive since 2026-05-01"),
        ("PTY-ada", "ROL-none", (), "cannot hold ROL-none, which no role record describes"),
        ("PTY-ada", "ROL-a", (), "held ROL-a until 2026-05-01"),
        ("PTY-ada", "ROL-b", (), "never held ROL-b"),
        ("PTY-bo", "ROL-a", (), "holds ROL-a only from 2026-12-01 08:30 UTC"),
        ("PTY-cy", "ROL-a", (), "holds ROL-a only on REL-1, REL-2, not on everything"),
        ("PTY-cy", "ROL-a", ("REL-4", "REL-3"), "holds ROL-a only on REL-1, REL-2, not on REL-3 and REL-4"),
        ("PTY-di", "ROL-a", (), "stood in for PTY-ed as ROL-a until 2026-02-01"),
        ("PTY-flo", "ROL-a", (), "stands in for PTY-ed as ROL-a only from 2026-12-24"),
    ],
)
def test_why_somebody_does_not_hold_a_role(people, party, role, matter, said):
    found = people("""
        # ROL-a
        # ROL-b
        # PTY-robot
        type: machine
        roles: [{role: ROL-a}]
        # PTY-board
        type: body
        # PTY-odd
        type: ""
        # PTY-gone
        state: inactive
        roles: [{role: ROL-a}]
        # PTY-left
        state: inactive
        left: "2026-05-01T00:00:00Z"
        roles: [{role: ROL-a}]
        # PTY-ada
        roles:
          - {role: ROL-a, until: "2026-05-01T00:00:00Z"}
          - {role: ROL-a, from: "2025-01-01T00:00:00Z", until: "2025-05-01T00:00:00Z"}
        # PTY-bo
        roles:
          - {role: ROL-a, from: "2026-12-02T00:00:00Z"}
          - {role: ROL-a, from: "2026-12-01T08:30:00Z"}
        # PTY-cy
        roles: [{role: ROL-a, on: [REL-2]}, {role: ROL-a, on: [REL-1]}]
        # PTY-ed
        roles: [{role: ROL-a}]
        delegations:
          - {to: PTY-di, from: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z"}
          - {to: PTY-flo, from: "2026-12-24T00:00:00Z", until: "2026-12-31T00:00:00Z"}
        # PTY-di
        # PTY-flo
    """)

    assert said == found.why_not(party, role, NOON, matter=matter)


# Why.


@pytest.mark.parametrize(
    ("holding", "said"),
    [
        (Holding("PTY-ada", "ROL-a"), "directly"),
        (Holding("PTY-ada", "ROL-a", ("PTY-all", "PTY-core")), "through PTY-all, PTY-core"),
        (Holding("PTY-ada", "ROL-a", on=("REL-1", "REL-2")), "directly only on REL-1, REL-2"),
        (Holding("PTY-ada", "ROL-a", term=Term(until=NOON)), "directly until 2026-11-20 12:00 UTC"),
        (Holding("PTY-nobody", "ROL-a", term=Term(NOON + SECOND)), "directly from 2026-11-20 12:00:01 UTC"),
        (Holding("PTY-ada", "ROL-a", ("PTY-bo",), delegated_by="PTY-bo"), "stands in for PTY-bo"),
        (
            Holding("PTY-ada", "ROL-a", ("PTY-all", "PTY-bo", "PTY-core"), delegated_by="PTY-bo"),
            "stands in for PTY-bo (through PTY-all) as one of PTY-core",
        ),
    ],
)
def test_why_somebody_holds_a_role(holding, said):
    assert said == why(holding, among(person("PTY-ada")), NOON)


def test_a_beginning_that_is_past_is_not_told():
    assert "" == lasting(Term(NOON), NOON)


def test_an_absence_without_an_end_is_one():
    assert "absent" == absent(Term(NOON))


# What does not go together.


def test_roles_that_do_not_go_together_are_told_from_both_ends(people):
    found = people("""
        # ROL-a
        incompatible: [{role: ROL-b, on: same-deployment}, {role: ROL-c, on: same-matter}]
        # ROL-b
        # ROL-c
        # ROL-d
        # PTY-ada
        roles: [{role: ROL-a}, {role: ROL-b}, {role: ROL-c, until: "2026-11-20T12:00:00Z"}, {role: ROL-d, on: [REL-1]}]
    """)
    deployment = ("same-deployment",)
    b, c = Incompatibility("ROL-b", "same-deployment", path=A), Incompatibility("ROL-c", "same-matter", path=A)

    assert (("ROL-a", b),) == found.conflicts("PTY-ada", ["ROL-a", "ROL-d"], NOON, on=deployment)
    assert (("ROL-a", b), ("ROL-a", c)) == found.conflicts("PTY-ada", ["ROL-a"], NOON - SECOND, on=deployment)
    assert (("ROL-b", Incompatibility("ROL-a", "same-deployment", path=A)),) == found.conflicts(
        "PTY-ada", ["ROL-b"], NOON, on=deployment
    )
    assert () == found.conflicts("PTY-ada", ["ROL-a"], NOON, on=("same-release",))
    assert () == found.conflicts("PTY-bo", ["ROL-a"], NOON, on=deployment)
    assert () == found.conflicts("PTY-ada", ["ROL-unknown"], NOON, on=deployment)


# How many of a body make a role speak.


def test_a_role_of_a_body_speaks_by_its_quorum():
    board = team("PTY-board", "PTY-a", "PTY-b", "PTY-c", type="body", quorum=2)
    everybody = [person(f"PTY-{name}") for name in "abc"]

    assert 2 == among(board, *everybody, holders=("PTY-board",)).needed("ROL-a", NOON)


@pytest.mark.parametrize(
    ("holders", "sort", "quorum"),
    [
        pytest.param(("PTY-board", "PTY-a"), "body", 2, id="held by a person as well"),
        pytest.param(("PTY-board",), "team", 2, id="held by a team"),
        pytest.param(("PTY-board",), "body", None, id="held by a body without a quorum"),
        pytest.param((), "body", 2, id="held by nobody"),
    ],
)
def test_one_is_enough_for_a_role(holders, sort, quorum):
    board = team("PTY-board", "PTY-a", "PTY-b", type=sort, quorum=quorum)

    assert 1 == among(board, person("PTY-a"), person("PTY-b"), holders=holders).needed("ROL-a", NOON)


BOARD = """
    # ROL-a
    holders: [{party: PTY-board}]
    # PTY-board
    type: body
    members: [{party: PTY-ada}, {party: PTY-bo}]
    quorum: 2
    # PTY-ada
    # PTY-bo
    # PTY-cy
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("# PTY-cy", "# PTY-cy\n    roles: [{role: ROL-a, on: [REL-1]}]", id="held on another record"),
        pytest.param(
            "# PTY-cy", '# PTY-cy\n    roles: [{role: ROL-a, until: "2026-11-20T12:00:00Z"}]', id="held until now"
        ),
        pytest.param("# PTY-cy", "# PTY-cy\n    state: inactive\n    roles: [{role: ROL-a}]", id="held by who left"),
        pytest.param("# PTY-cy", "# PTY-cy\n    type: machine\n    roles: [{role: ROL-a}]", id="held by a machine"),
    ],
)
def test_one_of_a_body_is_not_enough_beside_one_who_may_not(people, before, after):
    assert 2 == people(BOARD.replace(before, after, 1)).needed("ROL-a", NOON)


def test_who_stands_in_for_a_member_leaves_the_body_its_quorum(people):
    stands_in = 'delegations: [{to: PTY-cy, from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"}]'

    assert 2 == people(BOARD.replace("# PTY-ada", f"# PTY-ada\n    {stands_in}")).needed("ROL-a", NOON)


@pytest.mark.parametrize(
    ("parties", "quorum"),
    [
        pytest.param((team("PTY-all", "PTY-in", quorum=9), team("PTY-in", "PTY-a", type="body", quorum=2)), 2,
                     id="a body within a team"),
        pytest.param((team("PTY-all", "PTY-in", type="body", quorum=2), team("PTY-in", "PTY-a", quorum=9)), 2,
                     id="a team within a body"),
        pytest.param((team("PTY-all", "PTY-in", type="body", quorum=2),
                      team("PTY-in", "PTY-a", type="body", quorum=3)), 3, id="a body within a body"),
    ],
)  # fmt: skip
def test_the_largest_quorum_on_the_way_to_a_person_is_needed(parties, quorum):
    assert quorum == among(*parties, person("PTY-a"), holders=("PTY-all",)).needed("ROL-a", NOON)


def test_on_its_own_matter_a_person_beside_the_body_is_enough(people):
    found = people(BOARD.replace("# PTY-cy", "# PTY-cy\n    roles: [{role: ROL-a, on: [REL-1]}]"))

    assert 1 == found.needed("ROL-a", NOON, matter=["REL-1"])
