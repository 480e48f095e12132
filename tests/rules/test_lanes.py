"""What a machine may write by itself: exactly what a lane of the base grants it."""

from __future__ import annotations

import pytest

from opsledger.ledger import load
from opsledger.people import people_of
from opsledger.rules.lanes import lane_findings, lanes_of, may_add
from opsledger.steps import steps_between
from opsledger.store import Snapshot, in_memory

LANE = """\
id: LAN-pipeline
title: The pipeline
parties: [PTY-bot]
paths: [/records/evidence/**, /records/deployments/**, /records/problems/**, /notes/*.txt]
records:
  - kind: problem
    where:
      - {at: /source/adapter, one_of: [rollback]}
      - {at: /introduced_by/record}
fields:
  - {kind: ci, fields: [/version, /pending]}
  - {kind: deployment, fields: [/started, /steps/*/state]}
moves:
  - {kind: release, from: ready, to: deploying}
  - {kind: release, from: deploying, to: early-life-support}
"""
RELEASE = "id: REL-2026-0014\nname: payments-1.0.0\ntitle: Payments\nstate: {}\n"
CI = "id: CI-payments\ntitle: Payments\nclass: application\nstate: live\nversion: {}\n"
PROBLEM = "id: PRB-2026-0001\ntitle: Payments time out\nstate: {}\nseverity: high\n{}"
ROLLBACK = """\
source: {adapter: rollback, id: run-7, fetched_at: "2026-03-01T10:00:00Z"}
introduced_by: {record: REL-2026-0014, confidence: confirmed}
"""
DEPLOYMENT = """\
id: DEP-2026-a1b2c3
state: planned
release: REL-2026-0014
environment: ENV-prod
steps:
  - {{id: one, title: Stop, state: {0}}}
  - {{id: two, title: Start, state: open}}
"""
SWAPPED = """\
id: DEP-2026-a1b2c3
state: planned
release: REL-2026-0014
environment: ENV-prod
steps:
  - {id: two, title: Start, state: open}
  - {id: one, title: Stop, state: done}
"""
EVIDENCE = "id: EVD-2026-a1b2c3\ntitle: Smoke\ntype: smoke\n"

BEFORE = {
    "records/lanes/LAN-pipeline.yaml": LANE,
    "records/parties/PTY-bot.yaml": "id: PTY-bot\nname: Bot\ntype: machine\nstate: active\n"
    "identities: {emails: [bot@example.org]}\n",
    "records/parties/PTY-idle.yaml": "id: PTY-idle\nname: Idle\ntype: machine\nstate: active\n",
    "records/parties/PTY-ada.yaml": "id: PTY-ada\nname: Ada\ntype: person\nstate: active\n"
    "identities: {emails: [ada@example.org]}\n",
    "records/releases/2026/REL-2026-0014.yaml": RELEASE.format("ready"),
    "records/cis/CI-payments.yaml": CI.format("1.0.0"),
    "records/deployments/2026/DEP-2026-a1b2c3.yaml": DEPLOYMENT.format("open"),
    "notes/old.txt": "old\n",
    "README.md": "hello\n",
}
REL, CIS, DEP = (
    "records/releases/2026/REL-2026-0014.yaml",
    "records/cis/CI-payments.yaml",
    "records/deployments/2026/DEP-2026-a1b2c3.yaml",
)
PRB = "records/problems/2026/PRB-2026-0001.yaml"
EVD = "records/evidence/2026/EVD-2026-a1b2c3.yaml"

GRANTED = {
    "nothing": {},
    "a field": {CIS: CI.format("1.1.0")},
    "a field below a granted one": {CIS: CI.format("1.0.0") + "pending: {release: REL-2026-0014, version: 1.1.0}\n"},
    "a field of each entry": {DEP: DEPLOYMENT.format("done")},
    "a move": {REL: RELEASE.format("deploying")},
    "two moves at once": {REL: RELEASE.format("early-life-support")},
    "a new file below its paths": {EVD: EVIDENCE},
    "a new file that is no record": {"notes/new.txt": "new\n"},
    "a problem that a rollback brought to light": {PRB: PROBLEM.format("logged", ROLLBACK)},
}
REFUSED = {
    "a field that is not granted": (
        {REL: RELEASE.format("ready").replace("title: Payments", "title: Other")},
        [f"{REL} /title PTY-bot may not change /title of REL-2026-0014: LAN-pipeline grants no field of a release"],
    ),
    "a field beside the granted ones": (
        {CIS: CI.format("1.1.0").replace("title: Payments", "title: Other")},
        [f"{CIS} /title PTY-bot may not change /title of CI-payments: LAN-pipeline grants /version, /pending"],
    ),
    "a field that starts like a granted one": (
        {CIS: CI.format("1.0.0") + "version_note: x\n"},
        [f"{CIS} /version_note PTY-bot may not change /version_note of CI-payments: LAN-pipeline grants "
         "/version, /pending"],
    ),
    "a field that is taken away": (
        {REL: RELEASE.format("ready").replace("title: Payments\n", "")},
        [f"{REL} /title PTY-bot may not change /title of REL-2026-0014: LAN-pipeline grants no field of a release"],
    ),
    "another field of an entry": (
        {DEP: DEPLOYMENT.format("open").replace("title: Stop", "title: Go")},
        [f"{DEP} /steps/0/title PTY-bot may not change /steps/0/title of DEP-2026-a1b2c3: "
         "LAN-pipeline grants /started, /steps/*/state"],
    ),
    "the order of entries": (
        {DEP: SWAPPED},
        [f"{DEP}  PTY-bot may not write DEP-2026-a1b2c3 anew: only order or comments change, which no lane can grant"],
    ),
    "a comment": (
        {REL: "# approved by Ada\n" + RELEASE.format("ready")},
        [f"{REL}  PTY-bot may not write REL-2026-0014 anew: only order or comments change, which no lane can grant"],
    ),
    "a move that is not granted": (
        {REL: RELEASE.format("accepted")},
        [f"{REL} /state PTY-bot may not take REL-2026-0014 from ready to accepted: "
         "LAN-pipeline grants deploying to early-life-support, ready to deploying"],
    ),
    "a move past the granted ones": (
        {REL: RELEASE.format("closed")},
        [f"{REL} /state PTY-bot may not take REL-2026-0014 from early-life-support to closed: "
         "LAN-pipeline grants deploying to early-life-support, ready to deploying"],
    ),
    "a way that is too long to be one move": (
        {REL: RELEASE.format("draft")},
        [f"{REL} /state PTY-bot may not take REL-2026-0014 from ready to accepted: "
         "LAN-pipeline grants deploying to early-life-support, ready to deploying"],
    ),
    "a move off the path": (
        {REL: RELEASE.format("superseded").replace("ready", "closed")},
        [f"{REL} /state PTY-bot may not take REL-2026-0014 from ready to superseded: "
         "LAN-pipeline grants deploying to early-life-support, ready to deploying"],
    ),
    "a record deleted": ({REL: None}, [f"{REL}  PTY-bot may not delete {REL}: which no lane can grant"]),
    "a file deleted": ({"README.md": None}, ["README.md  PTY-bot may not delete README.md: which no lane can grant"]),
    "a record moved": (
        {REL: None, "records/releases/REL-2026-0014.yaml": RELEASE.format("ready")},
        [f"{REL}  PTY-bot may not delete {REL}: which no lane can grant",
         f"records/releases/REL-2026-0014.yaml  PTY-bot may not move REL-2026-0014 from {REL}: "
         "which no lane can grant"],
    ),
    "a new record elsewhere": (
        {"records/releases/2026/REL-2026-0015.yaml": RELEASE.format("draft").replace("0014", "0015")},
        ["records/releases/2026/REL-2026-0015.yaml  PTY-bot may not add records/releases/2026/REL-2026-0015.yaml: "
         "LAN-pipeline grants /records/evidence/**, /records/deployments/**, /records/problems/**, /notes/*.txt"],
    ),
    "a problem that no rollback brought to light": (
        {PRB: PROBLEM.format("logged", "")},
        [f"{PRB}  PTY-bot may not add PRB-2026-0001 as it is: LAN-pipeline wants a problem where "
         "/source/adapter is rollback and it has /introduced_by/record"],
    ),
    "a problem of another source": (
        {PRB: PROBLEM.format("logged", ROLLBACK.replace("rollback", "desk"))},
        [f"{PRB}  PTY-bot may not add PRB-2026-0001 as it is: LAN-pipeline wants a problem where "
         "/source/adapter is rollback and it has /introduced_by/record"],
    ),
    "a new record in a later state": (
        {PRB: PROBLEM.format("resolved", ROLLBACK)},
        [f"{PRB} /state PTY-bot may not take PRB-2026-0001 from logged to triaged: "
         "LAN-pipeline grants no move of a problem"],
    ),
    "a file that is no record": (
        {"README.md": "bye\n"},
        ["README.md  PTY-bot may not change README.md: lanes grant fields of records, and new files"],
    ),
    "a file below its paths that stands already": (
        {"notes/old.txt": "new\n"},
        ["notes/old.txt  PTY-bot may not change notes/old.txt: lanes grant fields of records, and new files"],
    ),
    "a record that cannot be read afterwards": (
        {REL: "state: [\n"},
        [f"{REL}  PTY-bot may not change {REL}: lanes grant fields of records, and new files"],
    ),
    "its own lane": (
        {"records/lanes/LAN-pipeline.yaml": LANE.replace("/version, ", "/version, /title, ")},
        ["records/lanes/LAN-pipeline.yaml  PTY-bot may not write records/lanes/LAN-pipeline.yaml: "
         "it judges others, which no lane can grant"],
    ),
    "a schema": (
        {"schemas/release.json": "{}"},
        ["schemas/release.json  PTY-bot may not write schemas/release.json: it judges others, which no lane can grant"],
    ),
    "a workflow": (
        {".github/workflows/opsledger.yml": "on: push\n"},
        [".github/workflows/opsledger.yml  PTY-bot may not write .github/workflows/opsledger.yml: "
         "it judges others, which no lane can grant"],
    ),
}  # fmt: skip


def snapshot(files: dict[str, str]) -> Snapshot:
    return in_memory({path: text.encode() for path, text in files.items()}, name="example")


def after(changes: dict[str, str | None], files: dict[str, str] = BEFORE) -> dict[str, str]:
    return {path: text for path, text in {**files, **changes}.items() if text is not None}


def judged(book, changes, *, before=BEFORE, head: Snapshot | None = None, by="PTY-bot", **options):
    base = snapshot(before)
    ledger = load(head or snapshot(after(changes, before)), book.kinds)
    people, lanes = people_of(base, book.kinds), lanes_of(base, book.kinds)
    return lane_findings(steps_between(base, ledger), base, ledger, people, lanes, by=by, **options)


def said(found) -> list[str]:
    return [f"{one.path} {one.fault.pointer} {one.fault.message}" for one in found]


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED)
def test_outside_the_lane(book, changes, expected):
    assert expected == said(judged(book, changes).found)


@pytest.mark.parametrize("changes", GRANTED.values(), ids=GRANTED)
def test_inside_the_lane(book, changes):
    assert [] == said(judged(book, changes).found)


def test_what_is_outside_is_not_entitled_and_says_how_it_may_come_in(book):
    [found] = judged(book, {"README.md": "bye\n"}).found

    assert ("SIG303", "propose it in a pull request, or widen the lane") == (found.fault.code, found.fault.fix)


def test_a_machine_without_a_lane_may_push_nothing(book):
    found = judged(book, {EVD: EVIDENCE, "notes/new.txt": "new\n"}, by="PTY-idle").found

    assert ["notes/new.txt  PTY-idle may push nothing: no lane names it"] == said(found)


def test_a_machine_that_is_not_active_may_push_nothing(book):
    stopped = after(
        {"records/parties/PTY-bot.yaml": BEFORE["records/parties/PTY-bot.yaml"].replace("active", "inactive")}
    )

    found = judged(book, {EVD: EVIDENCE}, before=stopped).found

    assert [f"{EVD}  PTY-bot may push nothing: it is not active"] == said(found)


def test_a_lane_counts_from_the_base_only(book):
    without = {path: text for path, text in BEFORE.items() if "lanes" not in path}

    found = judged(book, {"records/lanes/LAN-pipeline.yaml": LANE, EVD: EVIDENCE}, before=without).found

    assert [f"{EVD}  PTY-bot may push nothing: no lane names it"] == said(found)


def test_a_lane_that_cannot_be_read_grants_nothing(book):
    broken = after({"records/lanes/LAN-pipeline.yaml": "id: [\n"})

    found = judged(book, {EVD: EVIDENCE}, before=broken).found

    assert [f"{EVD}  PTY-bot may push nothing: no lane names it"] == said(found)


def test_two_lanes_of_one_machine_grant_what_either_does(book):
    second = "id: LAN-more\ntitle: More\nparties: [PTY-bot]\nfields: [{kind: release, fields: [/title]}]\n"
    before = after({"records/lanes/LAN-more.yaml": second})
    changes = {REL: RELEASE.format("deploying").replace("title: Payments", "title: Other")}

    assert [] == said(judged(book, changes, before=before).found)


def test_a_new_file_needs_one_lane_that_takes_it_and_not_all(book):
    second = "id: LAN-more\ntitle: More\nparties: [PTY-bot]\npaths: [/records/events/**]\n"
    event = "records/events/2026/EVT-2026-a1b2c3.yaml"

    found = judged(
        book, {EVD: EVIDENCE, event: "id: EVT-2026-a1b2c3\n"}, before=after({"records/lanes/LAN-more.yaml": second})
    )

    assert [] == said(found.found)


def test_a_lane_for_all_problems_is_not_narrowed_by_one_for_some(book):
    second = "id: LAN-more\ntitle: More\nparties: [PTY-bot]\npaths: [/records/problems/**]\n"

    found = judged(book, {PRB: PROBLEM.format("logged", "")}, before=after({"records/lanes/LAN-more.yaml": second}))

    assert [] == said(found.found)


@pytest.mark.parametrize(("adapter", "count"), [("rollback", 0), ("canary", 0), ("desk", 1)])
def test_a_condition_may_name_several_values(book, adapter, count):
    before = after({"records/lanes/LAN-pipeline.yaml": LANE.replace("[rollback]", "[rollback, canary]")})
    changes = {PRB: PROBLEM.format("logged", ROLLBACK.replace("rollback", adapter))}

    assert count == len(judged(book, changes, before=before).found)


def test_a_value_that_only_looks_the_same_is_another_one(book):
    before = after({"records/lanes/LAN-pipeline.yaml": LANE.replace("[rollback]", "[1]")})
    changes = {PRB: PROBLEM.format("logged", ROLLBACK.replace("rollback", "true"))}

    assert 1 == len(judged(book, changes, before=before).found)


def test_a_file_beside_the_lanes_is_no_lane(book):
    without = {path: text for path, text in BEFORE.items() if "lanes" not in path}
    before = {**without, "records/lanes/LAN-pipeline.yml": LANE, "elsewhere/LAN-pipeline.yaml": LANE}

    found = judged(book, {EVD: EVIDENCE}, before=before).found

    assert [f"{EVD}  PTY-bot may push nothing: no lane names it"] == said(found)


def test_a_pattern_that_is_none_grants_nothing(book):
    before = after({"records/lanes/LAN-pipeline.yaml": LANE.replace("/notes/*.txt", '"/notes/[a"')})

    assert 1 == len(judged(book, {"notes/new.txt": "new\n"}, before=before).found)


def test_a_file_may_not_become_another_sort_of_file(book):
    files = snapshot(after({EVD: EVIDENCE}))
    head = Snapshot("example", None, None, files.files, {EVD: "executable"}, files.source)

    found = judged(book, {}, head=head).found

    assert [
        f"{EVD}  PTY-bot may not write {EVD}: it is of the sort executable, and lanes grant plain files alone"
    ] == said(found)


def test_a_link_in_place_of_a_file_is_outside(book):
    files = snapshot(BEFORE)
    head = Snapshot("example", None, None, files.files, {EVD: "symbolic link"}, files.source)

    found = judged(book, {}, head=head).found

    assert [
        f"{EVD}  PTY-bot may not write {EVD}: it is of the sort symbolic link, and lanes grant plain files alone"
    ] == said(found)


def test_a_person_is_in_no_lane(book):
    assert [] == said(judged(book, {REL: None}, by="PTY-ada").found)


def test_somebody_whom_the_base_does_not_know_is_told_of(book):
    answer = judged(book, {REL: None}, by="PTY-new")

    assert ([], ("PTY-new, who makes this step, is no party of the base",)) == (said(answer.found), answer.notes)


BOT, ADA = ("bot@example.org", "bot@example.org"), ("ada@example.org", "ada@example.org")
MIXED = {
    "a person's commit between": [BOT, ADA],
    "a person committed what the machine wrote": [("bot@example.org", "ada@example.org")],
    "somebody unknown": [BOT, ("who@example.org", "who@example.org")],
    "no commit": [],
}


def test_commits_that_all_say_they_are_by_one_machine_are_judged_by_its_lane(book):
    answer = judged(book, {"README.md": None}, by="", emails=[BOT, ("BOT@example.org", "bot@example.org")])

    assert ("PTY-bot", 1) == (answer.party, len(answer.found))
    assert ("every commit says it is by PTY-bot, so this step is judged by its lane",) == answer.notes


@pytest.mark.parametrize("emails", MIXED.values(), ids=MIXED)
def test_an_ordinary_step_is_nobodys_lane(book, emails):
    assert ("", ()) == (judged(book, {REL: None}, by="", emails=emails).party, ())


def test_what_a_machine_proposes_is_for_people_to_decide(book):
    answer = judged(book, {REL: None}, by="", emails=[BOT], is_proposal=True)

    assert ("", []) == (answer.party, said(answer.found))


@pytest.mark.parametrize(
    ("party", "path", "expected"),
    [
        pytest.param("PTY-bot", "records/evidence/2026/EVD-1.yaml", True, id="below its paths"),
        pytest.param("PTY-bot", "records/approvals/APR-1.yaml", False, id="elsewhere"),
        pytest.param("PTY-idle", "records/evidence/2026/EVD-1.yaml", False, id="another machine"),
    ],
)
def test_what_a_machine_may_add(book, party, path, expected):
    assert expected == may_add(lanes_of(snapshot(BEFORE), book.kinds), party, path)


def test_a_pattern_of_everything_takes_in_nothing_that_judges(book):
    lanes = lanes_of(
        snapshot(after({"records/lanes/LAN-pipeline.yaml": LANE.replace("/notes/*.txt", '"**"')})), book.kinds
    )

    assert [True, False, False] == [
        may_add(lanes, "PTY-bot", path) for path in ("a.txt", "schemas/release.json", ".github/workflows/a.yml")
    ]
