"""Who has to agree to a change of what judges, and who did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opsledger.approvals.model import ForgeAccount, PullRequest, Review
from opsledger.ledger import load
from opsledger.people import people_of
from opsledger.rules.governance import Makers, judge_changed_without_its_owner, policy_changes, reviews_overdue
from opsledger.steps import steps_between
from opsledger.store import in_memory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = "records/policy/POL-main.yaml"
GATE = "records/gates/GAT-plan.yaml"
PERSON = """\
id: PTY-{0}
name: {0}
type: {1}
state: active
identities:
  emails: [{0}@example.org]
  accounts: [{{forge: github.com, login: {0}, id: "{2}"}}]
"""
HOLDS = "roles: [{{role: {}}}]\n"
GATE_TEXT = "id: GAT-plan\ntitle: Plan\nquestion: {}\nmoves: [{{kind: release, from: planned, to: plan-approved}}]\n"
BEFORE = {
    POLICY: "id: POL-main\ntitle: Main\nowner: PTY-owner\n",
    GATE: GATE_TEXT.format("Is it clear?"),
    "records/roles/ROL-approver.yaml": "id: ROL-approver\ntitle: Approver\ndescription: Looks.\n",
    "records/roles/ROL-gates.yaml": "id: ROL-gates\ntitle: Gates\ndescription: Keeps.\npaths: [/records/gates/**]\n",
    "records/parties/PTY-owner.yaml": PERSON.format("owner", "person", 1),
    "records/parties/PTY-keeper.yaml": PERSON.format("keeper", "person", 2) + HOLDS.format("ROL-gates"),
    "records/parties/PTY-approver.yaml": PERSON.format("approver", "person", 3) + HOLDS.format("ROL-approver"),
    "records/parties/PTY-bot.yaml": PERSON.format("bot", "machine", 4),
    "records/parties/PTY-other.yaml": PERSON.format("other", "person", 5),
}
ACCOUNTS = {"owner": "1", "keeper": "2", "approver": "3", "bot": "4", "other": "5"}


def snapshot(files):
    return in_memory({path: text.encode() for path, text in files.items()}, name="example")


def account(login: str) -> ForgeAccount:
    return ForgeAccount(login, ACCOUNTS.get(login, "99"))


def reviewed(*reviews: Review, opener: str = "other") -> PullRequest:
    return PullRequest(
        "github.com", "github.com/pay/ledger", "7", "", account(opener), "c" * 40, "main", reviews=reviews
    )


def review(login: str, decision: str = "granted", *, hour: int = 9, commit: str = "c" * 40) -> Review:
    return Review(f"{login}-{hour}", account(login), decision, commit, NOON.replace(hour=hour))


def disagreements(book, changes, *, before=BEFORE, by="", pull_request=None, at=NOON) -> list[str]:
    base = snapshot(before)
    files = {path: text for path, text in {**before, **changes}.items() if text is not None}
    ledger = load(snapshot(files), book.kinds)
    makers = Makers(people_of(base, book.kinds), at, by, pull_request, "ROL-approver")
    return [one.fault.message for one in policy_changes(steps_between(base, ledger), base, ledger, makers)]


NEW_POLICY = {POLICY: BEFORE[POLICY] + "pause: {production: {max_open: 9}}\n"}
NEW_GATE = {GATE: GATE_TEXT.format("Is anything clear?")}
NEW_SCHEMA = {"schemas/release.json": "{}"}
OWNED_BY = {
    "a policy by the party that it names": (NEW_POLICY, "POL-main changed, and nothing shows that PTY-owner agreed"),
    "a gate by the role of its path": (
        NEW_GATE, "GAT-plan changed, and nothing shows that ROL-gates (PTY-keeper) agreed",
    ),
    "a schema by the role for everything else": (
        NEW_SCHEMA, "schemas/release.json changed, and nothing shows that ROL-approver (PTY-approver) agreed",
    ),
    "a policy that takes itself another owner": (
        {POLICY: BEFORE[POLICY].replace("PTY-owner", "PTY-other")},
        "POL-main changed, and nothing shows that PTY-owner agreed",
    ),
    "a gate that is deleted": ({GATE: None}, "GAT-plan is gone, and nothing shows that ROL-gates (PTY-keeper) agreed"),
    "a lane that is new": (
        {"records/lanes/LAN-x.yaml": "id: LAN-x\ntitle: X\nparties: [PTY-bot]\n"},
        "LAN-x is new, and nothing shows that ROL-approver (PTY-approver) agreed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), OWNED_BY.values(), ids=OWNED_BY)
def test_what_judges_belongs_to_somebody(book, changes, expected):
    assert [expected] == disagreements(book, changes, by="PTY-other")


def test_what_judges_nobody_belongs_to_nobody(book):
    assert [] == disagreements(book, {"records/problems/PRB-2026-0001.yaml": "id: PRB-2026-0001\n"})


def test_a_ledger_without_owners_is_not_asked_for_them(book):
    before = {POLICY: "id: POL-main\ntitle: Main\n"}

    assert [] == disagreements(book, {POLICY: "id: POL-main\ntitle: Other\n"}, before=before)


AGREED = {
    "the owner pushes it": {"by": "PTY-owner"},
    "the owner opened the pull request": {"pull_request": reviewed(opener="owner")},
    "the owner approved its newest commit": {"pull_request": reviewed(review("owner"))},
    "the owner only commented afterwards": {
        "pull_request": reviewed(review("owner"), review("owner", "commented", hour=10))
    },
}
NOT_AGREED = {
    "nobody is known": {},
    "somebody else pushes it": {"by": "PTY-other"},
    "somebody else approved": {"pull_request": reviewed(review("approver"))},
    "the owner approved an earlier commit": {"pull_request": reviewed(review("owner", commit="d" * 40))},
    "the owner asked for changes afterwards": {
        "pull_request": reviewed(review("owner"), review("owner", "revise", hour=10))
    },
    "the approval was dismissed": {"pull_request": reviewed(review("owner", "dismissed"))},
    "the owner only commented": {"pull_request": reviewed(review("owner", "commented"))},
    "an account that is called so and is another": {
        "pull_request": reviewed(replace(review("owner"), account=ForgeAccount("owner", "77")))
    },
    "nobody knows the time": {"by": "PTY-owner", "at": None},
}


@pytest.mark.parametrize("made", AGREED.values(), ids=AGREED)
def test_the_owner_agreed(book, made):
    assert [] == disagreements(book, NEW_POLICY, **made)


@pytest.mark.parametrize("made", NOT_AGREED.values(), ids=NOT_AGREED)
def test_the_owner_did_not_agree(book, made):
    assert 1 == len(disagreements(book, NEW_POLICY, **made))


def test_a_machine_agrees_to_nothing(book):
    before = {**BEFORE, POLICY: BEFORE[POLICY].replace("PTY-owner", "PTY-bot")}

    assert 1 == len(disagreements(book, NEW_POLICY, before=before, pull_request=reviewed(review("bot"))))


def test_a_holder_of_the_role_agrees_and_a_former_one_does_not(book):
    keeper = BEFORE["records/parties/PTY-keeper.yaml"]
    former = {
        **BEFORE,
        "records/parties/PTY-keeper.yaml": keeper.replace("ROL-gates}", 'ROL-gates, until: "2026-02-01T00:00:00Z"}'),
    }

    assert [] == disagreements(book, NEW_GATE, pull_request=reviewed(review("keeper")))
    assert ["GAT-plan changed, and nothing shows that ROL-gates, which nobody holds agreed"] == disagreements(
        book, NEW_GATE, before=former, pull_request=reviewed(review("keeper"))
    )


def test_a_member_agrees_for_the_team_that_owns(book):
    team = "id: PTY-team\nname: Team\ntype: team\nstate: active\nmembers: [{party: PTY-other}]\n"
    before = {**BEFORE, "records/parties/PTY-team.yaml": team, POLICY: BEFORE[POLICY].replace("PTY-owner", "PTY-team")}

    assert [] == disagreements(book, {POLICY: before[POLICY] + "preset: small\n"}, before=before, by="PTY-other")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2026-02-28", ["POL-main was to be looked at again by 2026-02-28"], id="past"),
        pytest.param("2026-03-01", [], id="today"),
        pytest.param("2026-03-02", [], id="ahead"),
    ],
)
def test_a_policy_whose_day_of_review_has_passed(book, day, expected):
    ledger = load(snapshot({POLICY: f'{BEFORE[POLICY]}review_by: "{day}"\n'}), book.kinds)

    assert expected == [one.fault.message for one in reviews_overdue(ledger, NOON)]


def test_either_of_two_roles_that_own_a_file_is_enough(book):
    more = "id: ROL-all\ntitle: All\ndescription: Keeps all.\npaths: [/records/**]\n"
    before = {**BEFORE, "records/roles/ROL-all.yaml": more}

    assert [] == disagreements(book, NEW_GATE, before=before, pull_request=reviewed(review("keeper")))


def test_a_schema_that_stays_as_it_is_asks_nobody(book):
    before = {**BEFORE, "schemas/release.json": "{}"}

    assert [] == disagreements(book, {}, before=before)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(
            POLICY, NEW_POLICY[POLICY], ["POL-main changed, and nothing shows that PTY-owner agreed"], id="named"
        ),
        pytest.param(
            GATE, NEW_GATE[GATE], ["GAT-plan changed, and nothing shows that whoever owns it agreed"], id="not named"
        ),
        pytest.param("records/problems/PRB-2026-0001.yaml", "id: PRB-2026-0001\n", [], id="what judges nobody"),
    ],
)  # fmt: skip
def test_where_nobody_knows_who_makes_a_step_every_change_of_what_judges_is_told_of(book, path, text, expected):
    base = snapshot(BEFORE)
    ledger = load(snapshot({**BEFORE, path: text}), book.kinds)

    found = [one for step in steps_between(base, ledger) for one in judge_changed_without_its_owner(step)]

    assert expected == [one.fault.message for one in found]
