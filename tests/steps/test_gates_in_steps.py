"""The gates on the way of a pull request: an unapproved move is red, by the roles and gates of the base."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opsledger.api import open_book
from opsledger.approvals import ForgeAccount, PullRequest, Review

from .conftest import edit

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REL = "records/releases/2026/REL-2026-0001.yaml"
CHG = "records/changes/2026/CHG-2026-0001.yaml"
GATE = "records/gates/GAT-plan.yaml"
ROLE = "records/roles/ROL-approver.yaml"
HOST = "github.com/kestrel-pay/ledger"
PERSON = """id: PTY-{0}
name: {1}
type: person
state: active
identities:
  emails: [{0}@example.org]
  accounts: [{{forge: github.com, login: {0}, id: "{2}"}}]
"""
RECORDS = {
    ".opsledger.yaml": f"preset: small\nprotected: main\nrepository: {HOST}\n",
    "records/parties/PTY-ada.yaml": PERSON.format("ada", "Ada", 1),
    "records/parties/PTY-grace.yaml": PERSON.format("grace", "Grace", 2) + "roles: [{role: ROL-approver}]\n",
    "records/parties/PTY-linus.yaml": PERSON.format("linus", "Linus", 3),
    ROLE: "id: ROL-approver\ntitle: Approver\ndescription: Says yes or no.\n",
    GATE: """id: GAT-plan
title: Plan
question: Has somebody else agreed?
mode: enforce
moves: [{kind: release, from: planned, to: plan-approved}]
codes: [LCY202, SIG301, SIG302, SIG303, DUT351]
later: [PLN401]
signatures: [{scope: plan, roles: [ROL-approver]}]
""",
    "records/cis/CI-pay.yaml": "id: CI-pay\ntitle: Pay\nclass: service\nstate: planned\nowner: PTY-ada\n",
    "records/environments/ENV-prod.yaml": "id: ENV-prod\ntitle: Production\nstate: planned\n"
    "purpose: production\nproduction: false\n",
    CHG: """id: CHG-2026-0001
title: Raise the timeout
state: approved
type: normal
owner: PTY-ada
risk: low
business_need: Payments time out.
solution: Wait longer.
effects: [{ci: CI-pay, effect: changed}]
backout: {method: Put it back.}
impact: {summary: Nobody notices.}
release: REL-2026-0001
""",
    REL: """id: REL-2026-0001
name: pay-4.2
title: Longer timeouts
state: planned
type: minor
size_class: small
risk: low
service: CI-pay
version: "4.2"
accountable: PTY-ada
changes: [CHG-2026-0001]
scope:
  cis: [{ci: CI-pay, effect: changed}]
plan:
  tasks: [{task: Raise it, owner: PTY-ada}]
rollout:
  model: big-bang
  groups: [{id: all, environment: ENV-prod, order: 1, owner: PTY-ada}]
backout: {method: switch-back}
""",
}


@pytest.fixture
def planned(repo):
    """A ledger with a release that is planned, and branch `work` on which Ada approves its plan all by herself."""
    for path, text in RECORDS.items():
        repo.write(path, text)
    repo.commit("The ledger", author="Linus <linus@example.org>")
    repo.switch("work", "main")
    edit(repo, REL, "task: Raise it", "task: Raise it twofold")
    edit(repo, REL, "state: planned", "state: plan-approved")
    return repo


def review(login: str, number: int, commit: str, decision: str = "granted", *, hour: int = 11) -> Review:
    return Review(f"r{number}", ForgeAccount(login, str(number)), decision, commit, NOON.replace(hour=hour))


def opened(repo, *reviews: Review, by: tuple[str, str] = ("ada", "1")) -> PullRequest:
    head = repo.git("rev-parse", "HEAD")
    url = f"https://{HOST}/pull/7"
    return PullRequest("github.com", HOST, "7", url, ForgeAccount(*by), head, "main", reviews=reviews)


def check(repo, at=None, pull_request=None, base="main", **more):
    with open_book(repo.root, environment=repo.environment) as book:
        return book.check(at, base=base, as_of=NOON, pull_request=pull_request, **more)


def told(judgement) -> list[str]:
    return [f"{one.code} {one.place}: {one.message}" for one in judgement.findings if one.code != "LNK109"]


def commit(repo, author: str = "Ada <ada@example.org>") -> str:
    return repo.commit("Approve the plan", author=author)


def test_an_unapproved_move_is_red_at_the_state_and_names_gate_role_and_holder(planned):
    commit(planned)

    judgement = check(planned, "work")

    words = "REL-2026-0001 may not become plan-approved: GAT-plan asks for its plan to be approved as ROL-approver"
    assert [f"SIG301 {REL}:4:8: {words}, held by PTY-grace"] == told(judgement)
    typed = "opsledger approve REL-2026-0001 --scope plan --role ROL-approver"
    assert f"ask PTY-grace to approve it: `{typed}`" == judgement.findings[-1].fix
    assert 1 == judgement.exit_code


def test_a_review_of_somebody_with_the_role_lets_it_pass(planned):
    head = commit(planned)

    judgement = check(planned, "work", opened(planned, review("grace", 2, head)))

    assert ([], (), 0) == (told(judgement), judgement.undecided, judgement.exit_code)


@pytest.mark.parametrize(
    ("login", "number", "decision"),
    [
        pytest.param("linus", 3, "granted", id="by somebody without the role"),
        pytest.param("ada", 1, "granted", id="by the author"),
        pytest.param("mallory", 9, "granted", id="by a stranger"),
        pytest.param("grace", 9, "granted", id="by an account that took the login over"),
        pytest.param("grace", 2, "revise", id="that asks for changes"),
        pytest.param("grace", 2, "commented", id="that only comments"),
        pytest.param("grace", 2, "dismissed", id="that was dismissed"),
    ],
)
def test_another_review_lets_nothing_pass(planned, login, number, decision):
    head = commit(planned)

    judgement = check(planned, "work", opened(planned, review(login, number, head, decision)))

    assert 1 == judgement.exit_code
    assert any(line.startswith(f"SIG301 {REL}:4:8") for line in told(judgement))


def test_a_review_of_an_earlier_plan_lets_nothing_pass(planned):
    before = commit(planned)
    edit(planned, REL, "task: Raise it twofold", "task: Raise it threefold")
    commit(planned)

    judgement = check(planned, "work", opened(planned, review("grace", 2, before)))

    assert 1 == judgement.exit_code


def test_a_review_before_an_edit_elsewhere_still_counts(planned):
    before = commit(planned)
    edit(planned, REL, "title: Longer timeouts", "title: Much longer timeouts")
    commit(planned)

    judgement = check(planned, "work", opened(planned, review("grace", 2, before)))

    assert ([], 0) == (told(judgement), judgement.exit_code)


def test_edits_that_nobody_committed_are_covered_by_no_review(planned):
    head = commit(planned)
    edit(planned, REL, "task: Raise it twofold", "task: Raise it threefold")

    judgement = check(planned, None, opened(planned, review("grace", 2, head)))

    assert 1 == judgement.exit_code


def test_a_step_without_a_move_asks_no_gate(planned):
    edit(planned, REL, "state: plan-approved", "state: planned")
    commit(planned)

    judgement = check(planned, "work")

    assert ([], ()) == (told(judgement), judgement.verdicts)


def test_a_move_that_no_gate_names_passes(planned):
    edit(planned, REL, "state: plan-approved", "state: draft")
    commit(planned)

    assert 0 == check(planned, "work").exit_code


def test_each_gate_on_a_path_of_several_moves_is_asked(planned):
    planned.git("stash", "-q")
    planned.switch("main")
    planned.write("records/gates/GAT-build.yaml", RECORDS[GATE].replace("GAT-plan", "GAT-build")
                  .replace("from: planned, to: plan-approved", "from: plan-approved, to: building"))  # fmt: skip
    planned.commit("Another gate", author="Linus <linus@example.org>")
    planned.switch("more", "main")
    edit(planned, REL, "state: planned", "state: building")
    commit(planned)

    judgement = check(planned, "more")

    assert [("GAT-plan", "plan-approved"), ("GAT-build", "building")] == [
        (verdict.gate, verdict.move.after) for verdict in judgement.verdicts
    ]
    assert 2 == len([line for line in told(judgement) if line.startswith("SIG301")])


def test_a_gate_behind_the_state_that_was_reached_is_not_asked(planned):
    edit(planned, REL, "state: plan-approved", "state: planned")
    edit(planned, GATE, "from: planned, to: plan-approved", "from: plan-approved, to: building")
    commit(planned)
    planned.git("branch", "-f", "main", "work")
    edit(planned, REL, "state: planned", "state: plan-approved")
    commit(planned)

    assert [] == [line for line in told(check(planned, "work")) if "SIG" in line]


def test_a_record_that_is_new_in_a_later_state_has_come_all_the_way(planned):
    edit(planned, REL, "state: plan-approved", "state: planned")
    text = RECORDS[REL].replace("0001", "0002").replace("state: planned", "state: building").replace("4.2", "4.3")
    planned.write(REL.replace("0001", "0002"), text.replace("CHG-2026-0002", "CHG-2026-0001"))
    commit(planned)

    judgement = check(planned, "work")

    assert [("GAT-plan", "REL-2026-0002")] == [(verdict.gate, verdict.subject) for verdict in judgement.verdicts]
    assert 1 == judgement.exit_code


def test_an_illegal_move_is_said_and_its_gates_are_not_asked(planned):
    over = 'decisions: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, state: cancelled, reason: No longer wanted.}]\n'
    planned.write(REL, RECORDS[REL].replace("state: planned", "state: cancelled") + over)
    commit(planned)
    planned.git("branch", "-f", "main", "work")
    edit(planned, REL, "state: cancelled\ntype", "state: plan-approved\ntype")
    commit(planned)

    judgement = check(planned, "work")

    assert (["LCY201"], ()) == ([line[:6] for line in told(judgement)], judgement.verdicts)


def test_a_record_that_was_deleted_asks_no_gate(planned):
    planned.delete(REL)
    commit(planned)

    assert () == check(planned, "work").verdicts


def test_a_record_that_only_moved_to_another_folder_asks_no_gate(planned):
    planned.write("records/releases/REL-2026-0001.yaml", RECORDS[REL])
    planned.delete(REL)
    commit(planned)

    assert () == check(planned, "work").verdicts


def test_without_a_base_no_gate_is_asked(planned):
    commit(planned)

    assert () == check(planned, "work", base=None).verdicts


# The judge is the base.


def test_a_pull_request_that_gives_its_author_a_role_is_judged_without_it(planned):
    head = planned.git("rev-parse", "HEAD")
    planned.write(
        "records/parties/PTY-linus.yaml", RECORDS["records/parties/PTY-linus.yaml"] + "roles: [{role: ROL-approver}]\n"
    )
    head = commit(planned)

    judgement = check(planned, "work", opened(planned, review("linus", 3, head)))

    assert 1 == judgement.exit_code
    assert any("PTY-linus" in note and "it is the base that judges" in note for note in judgement.notes)


@pytest.mark.parametrize(
    "weaken",
    [
        pytest.param(lambda repo: edit(repo, GATE, "mode: enforce", "mode: observe"), id="to one that only watches"),
        pytest.param(lambda repo: edit(repo, GATE, "codes: [LCY202, SIG301,", "codes: [LCY202,"), id="by a code"),
        pytest.param(lambda repo: edit(repo, GATE, "from: planned, to: plan-approved", "to: closed"), id="elsewhere"),
        pytest.param(lambda repo: repo.delete(GATE), id="away"),
        pytest.param(lambda repo: repo.write(GATE, "id: ["), id="to something that cannot be read"),
    ],
)
def test_a_gate_that_is_edited_here_asks_as_it_stands_on_the_base(planned, weaken):
    weaken(planned)
    commit(planned)

    judgement = check(planned, "work")

    assert any(line.startswith(f"SIG301 {REL}:4:8") for line in told(judgement))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("records/policy/POL-ours.yaml", "id: POL-ours\ntitle: Ours\nrules: {select: [SCH], locked: []}\n",
                     id="the policy deselects it"),
        pytest.param("records/policy/POL-ours.yaml",
                     "id: POL-ours\ntitle: Ours\nrules: {severity: {SIG301: note}, locked: []}\n",
                     id="the policy lowers it"),
        pytest.param(".opsledger.yaml", "preset: small\nprotected: work\n", id="the settings name another branch"),
        pytest.param("schemas/release.json", "{}", id="the schema of releases is emptied"),
        pytest.param(".github/workflows/check.yaml", "on: never\n", id="the workflow never runs"),
        pytest.param(".github/CODEOWNERS", "* @ada\n", id="the owners are others"),
    ],
)  # fmt: skip
def test_a_loosening_of_the_judge_holds_only_after_the_merge(planned, path, text):
    planned.write(path, text)
    commit(planned)

    judgement = check(planned, "work")

    assert any(line.startswith(f"SIG301 {REL}:4:8") for line in told(judgement))
    name = "POL-ours" if "POL" in path else path
    assert any(name in line for line in (*judgement.notes, *told(judgement)))


# What cannot be looked at is no yes.


def on_main(repo, change) -> None:
    """Change the base, and put the branch on top of it."""
    repo.git("stash", "-q")
    repo.switch("main")
    change(repo)
    repo.commit("Meanwhile", author="Linus <linus@example.org>")
    repo.git("switch", "-q", "-C", "work")
    repo.git("stash", "pop", "-q")


def test_a_role_without_a_record_at_the_base_is_undecided(planned):
    on_main(planned, lambda repo: edit(repo, GATE, "roles: [ROL-approver]", "roles: [ROL-nobody]"))
    commit(planned)

    judgement = check(planned, "work")

    assert not [line for line in told(judgement) if line.startswith("SIG301")]
    assert any("ROL-nobody" in missing for missing in judgement.undecided)


def test_a_code_that_nobody_built_is_undecided(planned):
    on_main(
        planned, lambda repo: edit(repo, GATE, "codes: [LCY202, SIG301, SIG302, SIG303, DUT351]", "codes: [XYZ999]")
    )
    head = commit(planned)

    judgement = check(planned, "work", opened(planned, review("grace", 2, head)))

    assert 3 == judgement.exit_code
    assert ["GAT-plan asks XYZ999" in missing for missing in judgement.undecided] == [True]


def test_a_gate_that_cannot_be_read_at_the_base_is_undecided_for_every_move(planned):
    on_main(planned, lambda repo: repo.write(GATE, "id: GAT-plan\nid: GAT-plan\n"))
    commit(planned)

    assert any(GATE in missing for missing in check(planned, "work").undecided)


def test_a_review_of_a_commit_that_is_not_here_is_undecided(planned):
    commit(planned)

    judgement = check(planned, "work", opened(planned, review("grace", 2, "f" * 40)))

    assert 3 == judgement.exit_code
    assert judgement.undecided


def test_reviews_of_which_a_page_is_missing_are_undecided(planned):
    head = commit(planned)

    judgement = check(planned, "work", replace(opened(planned, review("grace", 2, head)), is_whole=False))

    assert 3 == judgement.exit_code


def test_an_approval_file_that_cannot_be_read_lets_nothing_pass(planned):
    planned.write("records/approvals/ROL-approver/APR-2026-abcd.yaml", "id: APR-2026-abcd\nid: APR-2026-abcd\n")
    commit(planned)

    judgement = check(planned, "work")

    assert {"SCH009", "SIG301"} <= {line[:6] for line in told(judgement)}


def test_a_clone_of_one_commit_says_undecided_and_how_to_get_the_rest(planned):
    head = commit(planned)
    shallow = planned.clone("ci", "--depth=1", "--branch=work", "--no-single-branch", "--no-tags")

    judgement = check(shallow, "work", opened(planned, review("grace", 2, head)), base="origin/main")

    assert 3 == judgement.exit_code or any("SIG301" in line for line in told(judgement))


def test_a_forge_s_own_test_merge_is_judged_by_the_commits_of_the_branch(planned):
    head = commit(planned)
    planned.switch("main")
    planned.switch("merged", "main")
    merge = planned.merge("work")

    judgement = check(planned, merge, opened(planned, review("grace", 2, head)))

    assert ([], 0) == (told(judgement), judgement.exit_code)


def test_a_forge_s_test_merge_does_not_hide_the_author(planned):
    head = commit(planned, "Grace <grace@example.org>")
    planned.switch("main")
    planned.switch("merged", "main")
    merge = planned.merge("work")

    judgement = check(planned, merge, opened(planned, review("grace", 2, head), by=("linus", "3")))

    assert 1 == judgement.exit_code


EXPORT = {
    "pull": {
        "node_id": "P7", "number": 7, "state": "open", "merged": False, "merged_at": None, "merge_commit_sha": None,
        "html_url": f"https://{HOST}/pull/7", "user": {"login": "ada", "id": 1, "type": "User"},
        "head": {"sha": "", "ref": "work"}, "base": {"ref": "main", "repo": {"html_url": f"https://{HOST}"}},
    },
    "reviews": [
        {"node_id": "R1", "id": 1, "user": {"login": "grace", "id": 2, "type": "User"}, "state": "APPROVED", "body": "",
         "commit_id": "", "submitted_at": "2026-11-20T11:00:00Z", "html_url": f"https://{HOST}/pull/7#r1"},
    ],
}  # fmt: skip


def test_the_program_says_what_stops_the_move(planned, run):
    commit(planned)

    code, printed = run(planned, "check", "--base", "main", "--as-of", "2026-11-20T12:00:00Z")

    assert 1 == code
    assert f"{REL}:4:8: SIG301 REL-2026-0001 may not become plan-approved: GAT-plan asks" in printed
    assert "held by PTY-grace" in printed


def test_the_program_counts_the_reviews_of_an_export(planned, run, tmp_path):
    export = copy.deepcopy(EXPORT)
    export["pull"]["head"]["sha"] = export["reviews"][0]["commit_id"] = commit(planned)
    (tmp_path / "reviews.json").write_text(json.dumps(export), encoding="utf-8")
    options = ("--base", "main", "--as-of", "2026-11-20T12:00:00Z", "--reviews", str(tmp_path / "reviews.json"))

    code, printed = run(planned, "check", *options)

    assert 0 == code, printed


def test_the_program_says_undecided_of_an_export_that_is_cut_off(planned, run, tmp_path):
    commit(planned)
    (tmp_path / "reviews.json").write_text(json.dumps(EXPORT)[:-100], encoding="utf-8")

    code, printed = run(planned, "check", "--base", "main", "--reviews", str(tmp_path / "reviews.json"))

    assert code in (2, 3), printed


# Two teams.

MANAGERS = {
    "records/policy/POL-ours.yaml": "id: POL-ours\ntitle: Ours\n"
    "approvals: {dual: [ROL-change-manager, ROL-problem-manager]}\n",
    "records/roles/ROL-change-manager.yaml": "id: ROL-change-manager\ntitle: Change manager\ndescription: Changes.\n",
    "records/roles/ROL-problem-manager.yaml": "id: ROL-problem-manager\ntitle: Problem manager\n"
    "description: Problems.\n",
    "records/problems/PRB-2026-0001.yaml": "id: PRB-2026-0001\ntitle: Time-outs\nstate: logged\nseverity: high\n"
    "recurrence: {count: 4}\n",
    GATE: RECORDS[GATE].replace("DUT351]", "SIG304, DUT351]"),
    REL: RECORDS[REL]
    .replace("name: pay-4.2", "name: pay-4.2+prb.2026-0001")
    .replace("changes: [", "fixes: [PRB-2026-0001]\nchanges: ["),
    "records/parties/PTY-grace.yaml": PERSON.format("grace", "Grace", 2)
    + "roles: [{role: ROL-approver}, {role: ROL-change-manager}, {role: ROL-problem-manager}]\n",
    "records/parties/PTY-linus.yaml": PERSON.format("linus", "Linus", 3) + "roles: [{role: ROL-problem-manager}]\n",
}


@pytest.fixture
def recurring(repo):
    """As `planned`, for a release that mends a fault which came back four times."""
    for path, text in {**RECORDS, **MANAGERS}.items():
        repo.write(path, text)
    repo.commit("The ledger", author="Linus <linus@example.org>")
    repo.switch("work", "main")
    edit(repo, REL, "task: Raise it", "task: Raise it twofold")
    edit(repo, REL, "state: planned", "state: plan-approved")
    return repo


def test_one_team_alone_does_not_mend_what_keeps_coming_back(recurring):
    head = commit(recurring)

    judgement = check(recurring, "work", opened(recurring, review("grace", 2, head)))

    [line] = [line for line in told(judgement) if line.startswith("SIG304")]
    assert 1 == judgement.exit_code
    assert "ROL-problem-manager" in line
    assert "PTY-linus" in line


def test_one_person_of_both_teams_is_one_team(recurring):
    head = commit(recurring)
    twice = (review("grace", 2, head), review("grace", 2, head, hour=10))

    judgement = check(recurring, "work", opened(recurring, *twice))

    assert any(line.startswith("SIG304") for line in told(judgement))


def test_two_people_of_two_teams_mend_what_keeps_coming_back(recurring):
    head = commit(recurring)

    judgement = check(recurring, "work", opened(recurring, review("grace", 2, head), review("linus", 3, head)))

    assert ([], (), 0) == (told(judgement), judgement.undecided, judgement.exit_code)


def test_two_teams_are_not_passed_over_where_the_gate_names_nothing_to_sign(recurring):
    on_main(recurring, lambda repo: edit(repo, GATE, "signatures: [{scope: plan, roles: [ROL-approver]}]\n", ""))
    head = commit(recurring)

    judgement = check(recurring, "work", opened(recurring, review("grace", 2, head)))

    assert 3 == judgement.exit_code
    assert any("names no part to approve" in missing for missing in judgement.undecided)


@pytest.mark.parametrize("options", [(), ("--base", "main")], ids=["by itself", "without a step"])
def test_a_check_that_meets_no_step_loads_nothing_of_gates_people_and_approvals(small, options):
    program = (
        "import sys; from opsledger.cli.main import run; code = run(['check', *sys.argv[1:]]); "
        "print(*(name for name in sys.modules if name.startswith(('opsledger.gate.', 'opsledger.people', "
        "'opsledger.approvals.model', 'opsledger.codeowners'))), file=sys.stderr); sys.exit(code)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *options], cwd=small.root, capture_output=True, text=True, check=True,
        env={**small.environment, "OPSLEDGER_CACHE": "off", "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip

    assert "opsledger.gate.on_steps\n" == done.stderr
