"""DUT353 and DUT354: what one party may not do together, and how many must or may hold a role."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta

import pytest

from opsledger.api import open_book
from opsledger.approvals import Asked, Counted, Situation, Tally
from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.people import people_of
from opsledger.policy import policy_of
from opsledger.prove.examples import staged
from opsledger.question import Move, Question
from opsledger.rules.acts import acts_on
from opsledger.rules.register import Example, Found, Remark, register
from opsledger.store import in_memory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = packaged_kinds()

ROLES = """
# records/roles/ROL-a.yaml
incompatible: [{role: ROL-b, on: same-release}]
# records/roles/ROL-b.yaml
title: B
# records/parties/PTY-ada.yaml
type: person
roles: [{role: ROL-a}, {role: ROL-b}]
# records/parties/PTY-bo.yaml
type: person
"""


def approval(
    number: int, subject: str, role: str, *, party: str = "PTY-ada", scope: str = "plan", more: str = ""
) -> str:
    return f"""
# records/approvals/{role}/APR-2026-000{number}.yaml
subject: {subject}
scope: {scope}
role: {role}
party: {party}
decision: granted
at: "2026-03-01T10:00:00Z"
pointers: [/risk]
{more}
"""


def release(team: str = "[]", more: str = "") -> str:
    return f"\n# records/releases/REL-2026-9001.yaml\nstate: draft\nteam: {team}\n{more}\n"


def deployment(more: str = "executor: PTY-ada") -> str:
    return f"\n# records/deployments/DEP-2026-a1b2c3.yaml\nrelease: REL-2026-9001\n{more}\n"


def said(book, text: str, code: str = "DUT353") -> list[str]:
    return [one for one in book(text.strip()).seen if one.startswith(code)]


A_AND_B = "[{party: PTY-ada, role: ROL-a}, {party: PTY-ada, role: ROL-b}]"


# Acts that clash.


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        pytest.param(release(A_AND_B), ["DUT353 REL-2026-9001: PTY-ada"], id="two roles in one team"),
        pytest.param(
            release() + approval(1, "REL-2026-9001", "ROL-a") + approval(2, "REL-2026-9001", "ROL-b", scope="pilot"),
            ["DUT353 APR-2026-0002: PTY-ada"], id="two signatures on one release",
        ),
        pytest.param(
            release("[{party: PTY-ada, role: ROL-b}]") + approval(1, "REL-2026-9001", "ROL-a"),
            ["DUT353 REL-2026-9001: PTY-ada"], id="a signature by one of the team",
        ),
        pytest.param(
            release() + deployment() + approval(1, "REL-2026-9001", "ROL-a"),
            ["DUT353 DEP-2026-a1b2c3: PTY-ada"], id="a plan carried out by who signed it, who holds the other role",
        ),
        pytest.param(
            release() + deployment() + approval(1, "DEP-2026-a1b2c3", "ROL-b", scope="other"),
            ["DUT353 DEP-2026-a1b2c3: PTY-ada"], id="the other role says nothing, and still does not go with it",
        ),
        pytest.param(
            release("[{party: PTY-ada, role: ROL-a}]", "changes: [CHG-2026-9001]")
            + approval(1, "CHG-2026-9001", "ROL-b")
            + "\n# records/changes/CHG-2026-9001.yaml\nstate: draft\n",
            ["DUT353 REL-2026-9001: PTY-ada"], id="a change that the release ships",
        ),
        pytest.param(
            release("[{party: PTY-ada, role: ROL-a}]") + approval(1, "CHG-2026-9001", "ROL-b")
            + "\n# records/changes/CHG-2026-9001.yaml\nstate: draft\nrelease: REL-2026-9001\n",
            ["DUT353 REL-2026-9001: PTY-ada"], id="a change that names the release",
        ),
    ],
)  # fmt: skip
def test_one_party_in_two_roles_that_are_kept_apart_is_told(book, acts, expected):
    assert expected == [one.partition(",")[0] for one in said(book, ROLES + acts)]


@pytest.mark.parametrize(
    "acts",
    [
        pytest.param(release("[{party: PTY-ada, role: ROL-a}, {party: PTY-bo, role: ROL-b}]"), id="two people"),
        pytest.param(release("[{party: PTY-ada, role: ROL-a}, {party: PTY-ada, role: ROL-a}]"), id="one role twice"),
        pytest.param(
            release("[{party: PTY-ada, role: ROL-a}]") + "\n# records/releases/REL-2026-9002.yaml\nstate: draft\n"
            "team: [{party: PTY-ada, role: ROL-b}]\n",
            id="two releases",
        ),
        pytest.param(
            release() + approval(1, "REL-2026-9001", "ROL-a") + approval(2, "REL-2026-9001", "ROL-b")
            + approval(3, "REL-2026-9001", "ROL-b", more="withdraws: APR-2026-0002").replace("granted", "withdrawn"),
            id="a signature that was withdrawn",
        ),
        pytest.param(
            release() + approval(1, "REL-2026-9001", "ROL-a")
            + approval(2, "REL-2026-9001", "ROL-b").replace("granted", "revise"),
            id="a no",
        ),
        pytest.param(
            release() + deployment() + approval(1, "REL-2026-9001", "ROL-a", scope="deployment"),
            id="an approved deployment carried out, which is DUT352",
        ),
        pytest.param(
            release() + deployment('executor: PTY-ada\nstarted: "2027-01-01T00:00:00Z"')
            + approval(1, "REL-2026-9001", "ROL-a"),
            id="carried out when the other role was over",
        ),
    ],
)  # fmt: skip
def test_what_goes_together_is_not_told(book, acts):
    roles = ROLES.replace("{role: ROL-b}]\n", '{role: ROL-b, until: "2026-12-31T00:00:00Z"}]\n')

    assert [] == said(book, roles + acts)


@pytest.mark.parametrize("on", ["same-problem", "same-deployment"])
def test_on_another_sort_of_matter_they_go_together(book, on):
    assert [] == said(book, ROLES.replace("same-release", on) + release(A_AND_B))


def test_on_the_same_matter_is_meant_of_every_matter(book):
    assert 1 == len(said(book, ROLES.replace("same-release", "same-matter") + release(A_AND_B)))


def test_two_signatures_on_one_problem_clash_there(book):
    acts = approval(1, "PRB-2026-9001", "ROL-a") + approval(2, "PRB-2026-9001", "ROL-b")
    acts += "\n# records/problems/PRB-2026-9001.yaml\ntitle: It stops\n"

    assert 1 == len(said(book, ROLES.replace("same-release", "same-problem") + acts))
    assert [] == said(book, ROLES + acts)


def test_two_signatures_on_one_deployment_clash_there(book):
    acts = release() + deployment("group: eu") + approval(1, "DEP-2026-a1b2c3", "ROL-a", scope="deployment")
    acts += approval(2, "REL-2026-9001", "ROL-b", scope="deployment")

    assert 1 == len(said(book, ROLES.replace("same-release", "same-deployment") + acts))


def test_two_signatures_on_what_one_release_deploys_clash_there(book):
    acts = release() + approval(1, "REL-2026-9001", "ROL-a", scope="deployment")
    roles = ROLES.replace("same-release", "same-deployment")

    assert 1 == len(said(book, roles + acts + approval(2, "REL-2026-9001", "ROL-b", scope="deployment")))
    assert [] == said(book, roles + acts + approval(2, "REL-2026-9001", "ROL-b", scope="plan"))


def test_two_deployments_of_one_release_are_two_matters(book):
    other = deployment("group: us").replace("DEP-2026-a1b2c3", "DEP-2026-d4e5f6")
    acts = release() + deployment("group: eu") + approval(1, "DEP-2026-a1b2c3", "ROL-a", scope="deployment")
    acts += other + approval(2, "DEP-2026-d4e5f6", "ROL-b", scope="deployment")

    assert [] == said(book, ROLES.replace("same-release", "same-deployment") + acts)
    assert 1 == len(said(book, ROLES + acts))


def test_a_pair_stands_in_the_policy_too(book):
    policy = "\n# records/policy/POL-x.yaml\nduties: {incompatible: [{pair: [ROL-b, ROL-a], scope: same-release}]}\n"
    roles = ROLES.replace("incompatible: [{role: ROL-b, on: same-release}]", "title: A")

    assert 1 == len(said(book, roles + release(A_AND_B) + policy))
    assert [] == said(book, roles + release(A_AND_B))


@pytest.mark.parametrize(
    "duties",
    [
        pytest.param("none", id="no mapping"),
        pytest.param("{incompatible: all}", id="no list"),
        pytest.param("{incompatible: [x, {pair: [ROL-a]}, {pair: x, scope: same-release}]}", id="no pairs"),
        pytest.param("{incompatible: [{pair: [ROL-none, ROL-a], scope: same-release}]}", id="a role that is none"),
        pytest.param(
            '{incompatible: [{pair: [ROL-a, ROL-b], scope: same-release, when: "false"}]}',
            id="a condition that does not hold",
        ),
    ],
)
def test_what_a_policy_says_otherwise_keeps_nothing_apart(book, duties):
    roles = ROLES.replace("incompatible: [{role: ROL-b, on: same-release}]", "title: A")

    assert [] == said(book, f"{roles}{release(A_AND_B)}\n# records/policy/POL-x.yaml\nduties: {duties}\n")


def test_nothing_is_concluded_of_a_record_that_two_files_claim(book):
    twin = "\n# records/releases/x/REL-2026-9001.yaml\nstate: draft\n"

    assert [] == said(book, ROLES + release(A_AND_B) + twin)


def test_a_time_that_is_none_is_no_time(book):
    acts = deployment("executor: PTY-ada\nstarted: soon") + release() + approval(1, "REL-2026-9001", "ROL-a")

    # The approval's own time counts instead.
    assert 1 == len(said(book, ROLES + acts))
    assert [] == said(book, ROLES + acts.replace('"2026-03-01T10:00:00Z"', "soon"))


def test_nothing_is_asked_where_nothing_about_duties_is_new(repo, environment):
    def checked() -> list[str]:
        gc.collect()  # the cache is one run's alone, as long as anything of that run lives
        with open_book(repo.root, environment=environment) as opened:
            return [one.code for one in opened.check().findings]

    files = staged(Example("", (ROLES + release(more="accountable: PTY-bo")).strip().replace("\n\n", "\n")), KINDS).head
    for path, data in files.items():
        repo.write(path, data)
    repo.write(
        "records/problems/2026/PRB-2026-0001.yaml",
        "id: PRB-2026-0001\ntitle: It stops\nseverity: low\nstate: logged\nowner: PTY-bo\n",
    )
    quiet = checked(), checked()
    repo.write(
        "records/problems/2026/PRB-2026-0001.yaml",
        "id: PRB-2026-0001\ntitle: It halts\nseverity: low\nstate: logged\nowner: PTY-bo\n",
    )
    still_quiet = checked()
    path = next(path for path in files if "REL-" in path)
    repo.write(path, files[path].replace(b"team: []", f"team: {A_AND_B}".encode()))

    assert ([], []) == quiet
    assert [] == still_quiet
    assert ["DUT353"] == checked()


# Enough people, and not too many.


def role(text: str) -> str:
    people = "".join(f"# records/parties/PTY-{name}.yaml\ntype: person\n" for name in ("ada", "bo", "cy"))
    return f"# records/roles/ROL-a.yaml\ntitle: A\n{text}\n{people}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("least: 1", ["least"], id="nobody"),
        pytest.param("least: 2\nholders: [{party: PTY-ada}]", ["least"], id="one of two"),
        pytest.param("least: 2\nholders: [{party: PTY-ada}, {party: PTY-ada}]", ["least"], id="one person twice"),
        pytest.param(
            "most: 1\nholders: [{party: PTY-ada}, {party: PTY-bo}]", ["most"], id="two of one"
        ),
        pytest.param(
            "most: 1\nholders: [{party: PTY-ada}, {party: PTY-bo, from: '2027-01-01T00:00:00Z'}]", ["most"],
            id="two of one, some day",
        ),
    ],
)  # fmt: skip
def test_too_few_or_too_many_holders_are_told(book, text, expected):
    found = [one for one in book(role(text)).findings if one.code == "DUT354"]

    lines = book(role(text)).files["records/roles/ROL-a.yaml"].decode().splitlines()
    assert expected == [lines[one.place.line - 1].partition(":")[0] for one in found]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="a role that asks for no number"),
        pytest.param("holders: []", id="nobody, and nothing said of how many"),
        pytest.param("least: 0", id="none needed"),
        pytest.param("least: 1\nholders: [{party: PTY-ada, until: '2026-01-01T00:00:00Z'}]", id="somebody, once"),
        pytest.param("least: 1\nmost: 1\nholders: [{party: PTY-ada}]", id="just one"),
        pytest.param(
            "most: 1\nholders: [{party: PTY-ada, until: '2027-01-01T00:00:00Z'}, {party: PTY-bo}]", id="one leaves"
        ),
    ],
)  # fmt: skip
def test_enough_and_not_too_many_are_not_told(book, text):
    assert [] == said(book, role(text), "DUT354")


def test_a_holder_for_one_record_alone_is_not_one_too_many(book):
    text = role("most: 1\nholders: [{party: PTY-ada}]") + "# records/parties/PTY-di.yaml\ntype: person\n"
    text += "roles: [{role: ROL-a, on: [PTY-cy]}]\n"

    assert [] == said(book, text, "DUT354")
    assert 1 == len(said(book, text.replace(", on: [PTY-cy]", ""), "DUT354"))


def test_nobody_stands_in_to_make_up_a_number(book):
    away = "delegations: [{to: PTY-bo, from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z'}]"
    text = role("least: 2\nholders: [{party: PTY-ada}]").replace("PTY-ada.yaml\n", f"PTY-ada.yaml\n{away}\n")

    assert 1 == len(said(book, text, "DUT354"))


def test_too_few_is_a_warning_and_too_many_an_error(book):
    both = "least: 3\nmost: 1\nholders: [{party: PTY-ada}, {party: PTY-bo}]"

    assert {"/least": "warning", "/most": "error"} == {
        "/least" if "needs" in one.message else "/most": one.severity.word
        for one in book(role(both)).findings
        if one.code == "DUT354"
    }


def test_nothing_is_concluded_from_a_file_that_cannot_be_read(book):
    assert [] == said(book, role("least: 1") + "# raw: records/parties/PTY-x.yaml\n{{{\n", "DUT354")


def test_a_role_whose_limits_cannot_be_made_out_is_left_to_its_schema(book):
    assert ["SCH001"] == book(role("least: 1\nkinds: [7]")).codes


# What a gate asks.


def question(text: str, *, at: datetime = NOON, roles: str = "[ROL-a]", signed: tuple[Counted, ...] = ()) -> Question:
    gate = f"""
# records/gates/GAT-x.yaml
moves: [{{kind: release, from: draft, to: planned}}]
signatures: [{{scope: plan, roles: {roles}}}]
"""
    stage = staged(Example("", f"{text.strip()}\n{release()}{gate}".replace("\n\n", "\n")), KINDS)
    snapshot = in_memory({".opsledger.yaml": b"preset: small\n", **stage.head}, name="x")
    ledger = load(snapshot, KINDS)
    people = people_of(snapshot, KINDS)
    made = Question(
        ledger.record("GAT-x"), Move("release", "draft", "planned"), ledger.record("REL-2026-9001"), ledger, people,
        policy_of(snapshot, KINDS), at, Situation(ledger, people, at),
    )  # fmt: skip
    asked = Asked("plan", tuple(roles.strip("[]").split(", ")))
    made.__dict__["_tallies"] = {asked: Tally(asked, "REL-2026-9001", counted=signed)}
    return made


def answered(code: str, question: Question) -> list[Found | Remark]:
    return list(register()[code].ask_gate(question))


HELD = role(
    "holders: [{party: PTY-ada, until: '2026-03-01T12:00:00Z'}, {party: PTY-bo, until: '2026-04-01T00:00:00Z'}]"
)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        pytest.param(HELD, NOON - timedelta(seconds=1), "ROL-a: PTY-ada and PTY-bo hold it", id="two, a second before"),
        pytest.param(HELD, NOON, "ROL-a: PTY-bo holds it", id="one, from then on"),
        pytest.param(
            HELD, datetime(2026, 4, 1, tzinfo=UTC),
            "ROL-a must sign for REL-2026-9001 and needs 1 person, but nobody holds it", id="nobody any more",
        ),
        pytest.param(
            HELD.replace("title: A", "least: 2"), NOON,
            "ROL-a must sign for REL-2026-9001 and needs 2 people, but PTY-bo holds it", id="fewer than it needs",
        ),
        pytest.param(
            HELD.replace("title: A", "most: 1"), NOON - timedelta(seconds=1),
            "ROL-a may be held by 1 person at once, but PTY-ada and PTY-bo hold it", id="more than may",
        ),
        pytest.param(HELD.replace("title: A", "most: 1"), NOON, "ROL-a: PTY-bo holds it", id="as many as may"),
    ],
)  # fmt: skip
def test_a_gate_asks_who_holds_the_role_at_its_time(text, at, expected):
    [one] = answered("DUT354", question(text, at=at))

    assert expected == (one.sentence if isinstance(one, Remark) else one.fault.message)


def test_a_role_that_nothing_describes_is_left_to_the_gate_itself():
    assert [] == answered("DUT354", question(""))


def test_at_a_gate_a_limited_role_counts_for_what_it_is_limited_to():
    limited = "# records/roles/ROL-a.yaml\ntitle: A\n# records/parties/PTY-ada.yaml\ntype: person\n"
    limited += "roles: [{role: ROL-a, on: [REL-2026-9001]}]\n"

    [here] = answered("DUT354", question(limited))
    [elsewhere] = answered("DUT354", question(limited.replace("REL-2026-9001", "PTY-ada")))

    assert (True, False) == (isinstance(here, Remark), isinstance(elsewhere, Remark))


def test_at_a_gate_who_stands_in_counts_as_acting_and_not_as_one_too_many():
    away = "delegations: [{to: PTY-cy, from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z'}]"
    text = role("most: 1\nholders: [{party: PTY-bo}]").replace("PTY-bo.yaml\n", f"PTY-bo.yaml\n{away}\n")

    [one] = answered("DUT354", question(text))

    assert Remark("ROL-a: PTY-bo and PTY-cy hold it") == one


def test_at_a_gate_a_file_that_cannot_be_read_leaves_it_undecided():
    [one] = answered("DUT354", question(role("") + "# raw: records/parties/PTY-x.yaml\n{{{\n"))

    assert (True, "mend records/parties/PTY-x.yaml on the base") == (one.undecided, one.fault.fix)
    assert one.fault.message.endswith("nobody holds it; records/parties/PTY-x.yaml cannot be read as it should be")


def signature(role: str, party: str = "PTY-ada", source: str = "https://forge/1") -> Counted:
    return Counted(source, party, role, NOON)


def test_at_a_gate_a_signature_clashes_with_what_the_signer_did_before():
    before = ROLES + approval(2, "REL-2026-9001", "ROL-b", scope="pilot")

    [one] = answered("DUT353", question(before, signed=(signature("ROL-a"),)))

    expected = (
        "PTY-ada approved REL-2026-9001 as ROL-a and approved REL-2026-9001 as ROL-b, "
        "but ROL-a and ROL-b do not go together on the same release"
    )
    assert ("/state", expected, False) == (one.fault.pointer, one.fault.message, one.undecided)


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param((), id="nothing is signed"),
        pytest.param((signature("ROL-a", "PTY-bo"),), id="somebody else signed"),
        pytest.param((signature("ROL-b"),), id="signed in the same role again"),
        pytest.param((signature("ROL-b", source="APR-2026-0002"),), id="the very approval that is counted"),
    ],
)
def test_at_a_gate_only_what_is_signed_there_clashes(signed):
    before = ROLES + approval(2, "REL-2026-9001", "ROL-b", scope="pilot")

    assert [] == answered("DUT353", question(before, signed=signed))


def test_at_a_gate_an_approval_that_counts_is_told_once():
    before = ROLES + approval(1, "REL-2026-9001", "ROL-a") + approval(2, "REL-2026-9001", "ROL-b", scope="pilot")

    assert 1 == len(answered("DUT353", question(before, signed=(signature("ROL-a", source="APR-2026-0001"),))))


def test_at_a_gate_what_clashes_without_its_signatures_is_left_to_the_check():
    before = ROLES + approval(1, "REL-2026-9001", "ROL-a") + approval(2, "REL-2026-9001", "ROL-b", scope="pilot")

    assert [] == answered("DUT353", question(before, signed=(signature("ROL-a", "PTY-bo"),)))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("record.risk >= HIGH", ["DUT353"], id="it holds"),
        pytest.param("release.risk == HIGH", ["DUT353"], id="of the release"),
        pytest.param("release.risk > HIGH", [], id="near miss"),
        pytest.param("has(environment.regulated)", [], id="no environment"),
        pytest.param("release.type == 'x'", ["GOV969"], id="a word that is none"),
        pytest.param("release.outcome == 'successful'", ["GOV969"], id="no answer"),
        pytest.param("1 / 0 == 1", ["GOV969"], id="divides by zero"),
    ],
)
@pytest.mark.parametrize("stated_in", ["role", "policy"])
def test_roles_are_kept_apart_only_where_the_condition_holds(book, when: str, expected: list[str], stated_in: str):
    roles = ROLES.replace("same-release}", f'same-release, when: "{when}"}}')
    if stated_in == "policy":
        roles = ROLES.replace("incompatible: [{role: ROL-b, on: same-release}]", "incompatible: []")
        entry = f'{{pair: [ROL-a, ROL-b], scope: same-release, when: "{when}"}}'
        roles += f"# records/policy/POL-x.yaml\nduties: {{incompatible: [{entry}]}}\n"

    judged = book(f"{roles}{release(A_AND_B)}risk: high\n")

    found = [one for one in judged.judgement.findings if one.code in ("DUT353", "GOV969")]
    assert expected == sorted({one.code for one in found})
    file = "records/roles/ROL-a.yaml" if stated_in == "role" else "records/policy/POL-x.yaml"
    told_at = {"DUT353": "records/releases/REL-2026-9001.yaml", "GOV969": file}
    assert {told_at[code] for code in expected} == {one.place.path for one in found}


def test_at_a_gate_a_condition_without_an_answer_leaves_it_undecided():
    before = ROLES.replace("same-release}", 'same-release, when: "release.risk >= HIGH"}')
    before += approval(2, "REL-2026-9001", "ROL-b", scope="pilot")

    [one] = answered("DUT353", question(before, signed=(signature("ROL-a"),)))

    said = "release.risk is not there; where it may be missing, ask has(release.risk) first"
    assert one.undecided
    assert "GOV969" == one.fault.code
    assert f"whether ROL-a and ROL-b go together on REL-2026-9001 cannot be judged: {said}" == one.fault.message


def test_what_was_done_on_a_release_is_told_of_each_of_its_parts():
    asked = question(ROLES + deployment() + approval(1, "DEP-2026-a1b2c3", "ROL-a", scope="deployment"))

    told = {part: [act.says for act in acts_on(asked.ledger, part)] for part in ("REL-2026-9001", "DEP-2026-a1b2c3")}

    expected = ["approved DEP-2026-a1b2c3 as ROL-a", "carries out DEP-2026-a1b2c3"]
    assert {"REL-2026-9001": expected, "DEP-2026-a1b2c3": expected} == told
