"""What signatures add up to: each person once, for one role, so that as many roles as possible are signed for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opsledger.approvals import Asked, Authorship, ForgeAccount, Situation, approvals_on
from opsledger.approvals.counting import Frame, address, in_a_role_for_this
from opsledger.approvals.matching import matched
from opsledger.approvals.voices import voices_on
from opsledger.ledger import load
from opsledger.store import overlaid

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TWO = ("ROL-change-manager", "ROL-problem-manager")
BOTH = Asked("deployment", TWO, quorum=2, code="SIG304")


def signed(scene, *by: tuple[str, str]):
    """The scene with an approval of each person in a role, a minute apart."""
    made = [
        scene.approval(name, role=role, at=NOON - HOUR + timedelta(minutes=minute))
        for minute, (name, role) in enumerate(by)
    ]
    return replace(scene, approvals=tuple(made))


def counted(tally) -> list[tuple[str, str]]:
    return [(one.party, one.role) for one in tally.counted]


def test_two_people_in_two_roles_are_enough(scene):
    found = signed(scene, ("grace", TWO[0]), ("joan", TWO[1])).tally(BOTH)

    assert found.is_met
    assert [("PTY-grace", TWO[0]), ("PTY-joan", TWO[1])] == counted(found)


def test_one_of_two_names_the_missing_role_and_who_holds_it(scene):
    found = signed(scene, ("grace", TWO[0])).tally(BOTH)

    assert ((TWO[1],), 0) == (found.missing, found.short)
    assert ("PTY-grace", "PTY-joan") == found.holders[TWO[1]]


def test_the_same_person_in_both_roles_counts_for_one(scene):
    found = signed(scene, ("grace", TWO[0]), ("grace", TWO[1])).tally(BOTH)

    assert ((TWO[1],), 1) == (found.missing, len(found.counted))
    assert ["SIG304"] == [one.fault.code for one in found.discounted]
    assert "one person for one role" in found.discounted[0].fault.message


def test_the_same_person_twice_in_one_role_counts_once(scene):
    found = signed(scene, ("grace", "ROL-approver"), ("grace", "ROL-approver")).tally(
        Asked("deployment", ("ROL-approver",), 2)
    )

    assert (1, (), 1) == (len(found.counted), found.missing, found.short)
    assert "is counted once" in found.discounted[0].fault.message


def test_two_people_in_one_role_make_a_quorum_of_two(scene):
    found = signed(scene, ("grace", "ROL-approver"), ("joan", "ROL-approver")).tally(
        Asked("deployment", ("ROL-approver",), 2)
    )

    assert found.is_met
    assert [("PTY-grace", "ROL-approver"), ("PTY-joan", "ROL-approver")] == counted(found)


def test_people_are_given_roles_so_that_most_are_signed_for(scene):
    found = scene.reviewed(
        scene.review("grace", "2", number="80"),
        scene.review("joan", "3", number="81", body="opsledger: role=ROL-change-manager"),
    ).tally(BOTH)

    assert found.is_met
    assert {("PTY-grace", TWO[1]), ("PTY-joan", TWO[0])} == set(counted(found))


@pytest.mark.parametrize(
    ("able", "expected"),
    [
        pytest.param({"ada": "ab", "joan": "a"}, {"ada": "b", "joan": "a"}, id="one makes room"),
        pytest.param({"ada": "ab"}, {"ada": "a"}, id="one person"),
        pytest.param(
            {"ada": "abc", "grace": "ab", "joan": "a"}, {"ada": "c", "grace": "b", "joan": "a"}, id="two make room"
        ),
        pytest.param({"ada": "x"}, {}, id="nobody"),
    ],
)
def test_as_many_roles_as_possible_are_matched(able, expected):
    assert expected == matched("abc", able)


def test_a_role_asked_twice_is_asked_once(scene):
    assert scene.tally(Asked("deployment", ("ROL-approver", "ROL-approver"))).is_met


def test_an_author_is_not_among_those_who_could_sign(scene):
    assert ("PTY-grace", "PTY-joan") == scene.tally().holders["ROL-approver"]


def test_nobody_holds_a_role_that_does_not_decide_on_this(scene):
    asked = Asked("deployment", ("ROL-of-releases", "ROL-of-plans", "ROL-of-nothing"))

    assert {"ROL-of-releases": (), "ROL-of-plans": (), "ROL-of-nothing": ()} == scene.tally(asked).holders


def test_a_role_that_no_record_describes_is_told(scene):
    there = replace(scene, roles={id: text for id, text in scene.roles.items() if id != "ROL-approver"})

    assert "SIG303" == there.tally().discounted[0].fault.code


def test_a_scope_that_the_kind_does_not_have_is_undecided(scene):
    found = scene.tally(Asked("readiness", ("ROL-approver",)))

    assert ("a deployment has no scope called readiness, so nothing can be approved by that name",) == found.undecided
    assert not found.is_met


def test_a_narrower_landed_approval_counts_and_names_what_it_left_out(scene):
    narrow = scene.approval(pointers=("/environment", "/items", "/package_digest", "/planned", "/release"))

    [found] = replace(scene, approvals=(narrow,), landed=True).tally().counted

    assert "given before /group belonged to the deployment, and not of it" == found.remark


def test_conditions_are_told_with_what_counts(scene):
    [found] = replace(scene, approvals=(scene.approval(conditions=("At night", "By two")),)).tally().counted

    assert "on condition: At night; By two" == found.remark


def test_who_stands_in_for_somebody_is_told_with_what_counts(scene):
    stands_in = 'delegations: [{to: PTY-grace, from: "2026-11-01T00:00:00Z", until: "2026-12-01T00:00:00Z"}]\n'
    there = scene.with_party("PTY-joan", lambda text: text + stands_in).with_party(
        "PTY-grace", lambda text: text.replace("role: ROL-approver", "role: ROL-of-plans")
    )

    [found] = there.tally().counted

    assert "in place of PTY-joan" == found.remark


def test_a_live_review_and_its_copy_are_one(scene):
    there = replace(scene.reviewed(scene.review()), approvals=(scene.copied(),), by="PTY-bot", lane=True)

    found = there.tally()

    assert ([scene.copied().id], ()) == ([one.source for one in found.counted], found.discounted)


def test_a_comment_beside_an_approval_takes_nothing_away(scene):
    there = scene.reviewed(scene.review(), scene.review(number="81", decision="commented", at=NOON - HOUR / 2))

    assert there.tally().is_met


def test_accounts_without_a_number_are_told_apart_by_their_names(scene):
    there = scene.reviewed(
        scene.review("grace", ""), scene.review("joan", "", number="81", decision="revise", at=NOON - HOUR / 2)
    )

    assert [("PTY-grace", "ROL-approver")] == counted(there.tally())


def test_reviews_by_unknown_accounts_do_not_take_each_other_back(scene):
    there = scene.reviewed(
        scene.review("mallory", "66"), scene.review("eve", "67", number="81", decision="revise", at=NOON - HOUR / 2)
    )

    assert ["SIG303", "SIG301"] == [one.fault.code for one in there.tally().discounted]


def test_an_account_without_a_name_is_gone(scene):
    [found] = scene.reviewed(scene.review(account=ForgeAccount(""))).tally().discounted

    assert "an account that is gone" in found.fault.message


def test_a_machine_among_the_parties_does_not_review(scene):
    there = scene.reviewed(scene.review("bot", "9"))

    assert "is by PTY-bot, which is a machine" in there.tally().discounted[0].fault.message


def test_a_live_review_without_a_pull_request_head_says_which_commit_to_fetch(scene):
    there = scene.reviewed(scene.review(commit="b" * 40), head_ref="")

    assert f"run `git fetch origin {'b' * 40}`" == there.tally().discounted[0].fault.fix


def test_an_approval_that_says_too_little_is_passed_over(scene):
    ledger = scene.ledger
    path = scene.approvals[0].path
    torn = overlaid(ledger.snapshot, {path: b"id: APR-2026-64f0a77f\nsubject: DEP-2026-a1b2c3\n"}, name="torn")

    assert () == approvals_on(load(torn, ledger.kinds), "DEP-2026-a1b2c3", landed={})


def test_without_a_history_nobody_can_be_told_from_an_author(scene):
    default = Situation(scene.ledger, scene.people, NOON)

    assert "name one with --base" in default.authorship(None, ()).undecided
    assert (None, False) == (default.review_content("a", "b"), default.may_bring("c"))


def test_unknown_authors_say_so_in_the_sentence_that_the_reader_needs(scene):
    there = replace(scene, authorship=Authorship(unknown=("commit abc1234 is by who@example.org",)))

    assert (
        "nobody can show that PTY-grace did not write the deployment of DEP-2026-a1b2c3: commit abc1234 is by "
        "who@example.org, which no party record names"
    ) == there.tally().discounted[0].fault.message


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/kestrel-pay/ledger",
        "https://github.com/kestrel-pay/ledger.git",
        "https://token@GitHub.com/kestrel-pay/ledger/",
        "ssh://git@github.com/kestrel-pay/ledger.git",
        "git@github.com:kestrel-pay/ledger.git",
        " github.com/kestrel-pay/ledger\n",
    ],
)
def test_one_repository_has_one_address(text):
    assert "github.com/kestrel-pay/ledger" == address(text)


@pytest.mark.parametrize(
    "text", ["https://github.com/kestrel-pay/ledger2", "https://gitlab.com/kestrel-pay/ledger", "ledger"]
)
def test_another_repository_has_another_address(text):
    assert "github.com/kestrel-pay/ledger" != address(text)


# A body decides by its quorum.

BOARD = """id: PTY-board
name: Board
type: body
state: active
members: [{party: PTY-grace}, {party: PTY-joan}]
quorum: 2
roles: [{role: ROL-board}]
"""
BY_THE_BOARD = Asked("deployment", ("ROL-board",))


@pytest.fixture
def board(scene):
    return replace(
        scene, parties={**scene.parties, "PTY-board": BOARD}, roles={**scene.roles, "ROL-board": "title: Board"}
    )


def test_one_of_a_body_is_not_enough(board):
    found = signed(board, ("grace", "ROL-board")).tally(BY_THE_BOARD)

    assert ("ROL-board",) == found.missing
    assert {"ROL-board": 2} == found.quorums
    assert [("PTY-grace", "ROL-board")] == counted(found)


def test_the_same_member_twice_is_one_of_a_body(board):
    assert ("ROL-board",) == signed(board, ("grace", "ROL-board"), ("grace", "ROL-board")).tally(BY_THE_BOARD).missing


def test_a_quorum_of_a_body_is_enough(board):
    found = signed(board, ("grace", "ROL-board"), ("joan", "ROL-board")).tally(BY_THE_BOARD)

    assert ((), True) == (found.missing, found.is_met)


def test_a_stranger_does_not_fill_a_quorum(board):
    alone = replace(board, parties={**board.parties, "PTY-board": BOARD.replace(", {party: PTY-joan}", "")})

    found = signed(alone, ("grace", "ROL-board"), ("joan", "ROL-board")).tally(BY_THE_BOARD)

    assert ("ROL-board",) == found.missing


def test_a_quorum_larger_than_the_body_is_never_met(board):
    larger = replace(board, parties={**board.parties, "PTY-board": BOARD.replace("quorum: 2", "quorum: 3")})

    found = signed(larger, ("grace", "ROL-board"), ("joan", "ROL-board")).tally(BY_THE_BOARD)

    assert (("ROL-board",), {"ROL-board": 3}) == (found.missing, found.quorums)


BESIDE_THE_BOARD = Asked("deployment", ("ROL-board", "ROL-approver"))


def test_a_member_who_is_counted_for_another_role_is_not_one_of_the_body(board):
    by = (("grace", "ROL-board"), ("joan", "ROL-board"), ("joan", "ROL-approver"))

    found = signed(board, *by).tally(BESIDE_THE_BOARD)

    assert 1 == len(found.missing)
    assert 2 == len(found.counted)


def test_a_quorum_and_somebody_else_in_another_role_are_enough(board):
    by = (("grace", "ROL-board"), ("joan", "ROL-board"), ("ada", "ROL-approver"))

    found = signed(replace(board, authorship=Authorship()), *by).tally(BESIDE_THE_BOARD)

    assert (True, {"ROL-board": 2}) == (found.is_met, found.quorums)


def test_a_role_without_a_record_decides_nothing_whoever_were_to_hold_it(scene):
    situation = replace(scene, roles={}).situation
    frame = Frame(scene.asked, situation.ledger.record("DEP-2026-a1b2c3"), situation)
    [voice] = voices_on(frame)

    found = in_a_role_for_this(voice, "ROL-approver", frame)

    assert ("SIG303", "/role", "add the role on the base branch first") == (
        found.fault.code, found.fault.pointer, found.fault.fix,
    )  # fmt: skip


AWAY = 'delegations: [{to: PTY-joan, from: "2026-11-01T00:00:00Z", until: "2026-12-01T00:00:00Z"}]\n'
STOOD_IN = BOARD.replace("[{party: PTY-grace}, {party: PTY-joan}]", "[{party: PTY-grace}, {party: PTY-ada}]")


def stood_in(board):
    """The board of Grace and Ada, with Joan in Grace's place."""
    grace = board.parties["PTY-grace"] + AWAY
    return replace(board, parties={**board.parties, "PTY-grace": grace, "PTY-board": STOOD_IN})


def test_whoever_stands_in_and_the_one_who_is_away_have_one_seat(board):
    found = signed(stood_in(board), ("grace", "ROL-board"), ("joan", "ROL-board")).tally(BY_THE_BOARD)

    assert ("ROL-board",) == found.missing
    assert [("PTY-grace", "ROL-board")] == counted(found)
    assert "stands in for PTY-grace" in found.discounted[0].fault.message


def test_whoever_stands_in_has_the_seat_of_the_one_who_is_away(board):
    found = signed(stood_in(board), ("joan", "ROL-board")).tally(BY_THE_BOARD)

    assert [("PTY-joan", "ROL-board")] == counted(found)
    assert "in place of PTY-grace" in found.counted[0].remark


def test_whoever_stands_in_keeps_a_role_of_their_own(board):
    both = Asked("deployment", ("ROL-board", TWO[0]))

    found = signed(stood_in(board), ("grace", "ROL-board"), ("joan", TWO[0])).tally(both)

    assert [("PTY-grace", "ROL-board"), ("PTY-joan", TWO[0])] == counted(found)


def test_a_review_for_any_role_still_counts_for_one_that_is_not_stood_in_for(board):
    both = Asked("deployment", ("ROL-board", TWO[0]))
    away = stood_in(board)

    found = away.reviewed(away.review("grace", "2"), away.review("joan", "3", number="81")).tally(both)

    assert [("PTY-grace", "ROL-board"), ("PTY-joan", TWO[0])] == sorted(counted(found))
    assert () == found.discounted
