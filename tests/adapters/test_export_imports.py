"""Exports of Jira, ServiceNow, GLPI and iTop become records: twice with one result, and no row lost in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import Repo

from opsledger import packaged
from opsledger.adapters.exports import ready_maps
from opsledger.cli.main import run
from opsledger.kind import packaged_kinds
from opsledger.yamlfile import read

EXPORTS = Path(__file__).parent / "exports"
KINDS = packaged_kinds()
RECORDS = {
    ".opsledger.yaml": "preset: small\nprotected: main\n",
    "records/parties/PTY-ada.yaml": "id: PTY-ada\nname: Ada Lovelace\ntype: person\nstate: active\n"
    "identities: {emails: [ada@pay.example]}\n",
    "records/parties/PTY-grace.yaml": "id: PTY-grace\nname: Grace Hopper\ntype: person\nstate: active\n",
    "records/cis/CI-payments-api.yaml": "id: CI-payments-api\ntitle: Payments API\nclass: service\nstate: planned\n"
    "owner: PTY-ada\ncriticality: high\n",
}
TOOLS = {
    "servicenow": ("CHG0030001", "CHG0030003", "CHG0030004"),
    "jira": ("PAY-1042", "PAY-1044", "PAY-1045"),
    "glpi": ("1 042", "1 044", "1 045"),
    "itop": ("C-001042", "C-001044", "C-001045"),
}


@pytest.fixture
def ledger(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A ledger of two people and one component, in which the program is called."""
    monkeypatch.setenv("OPSLEDGER_CACHE", "off")
    monkeypatch.setenv("OPSLEDGER_NOW", "2026-11-20T12:00:00Z")
    monkeypatch.chdir(repo.root)
    for path, text in RECORDS.items():
        repo.write(path, text)
    repo.commit("The ledger")
    return repo


def bring(ledger: Repo, capsys, *arguments: object) -> tuple[int, str, str]:
    code = run(["import", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def changes(ledger: Repo) -> dict[str, str]:
    return {path.name: path.read_text() for path in (ledger.root / "records/changes").rglob("*.yaml")}


@pytest.mark.parametrize("tool", TOOLS)
def test_an_export_imports_twice_with_one_result(ledger, capsys, tool):
    file = EXPORTS / f"{tool}-change.csv"

    first = bring(ledger, capsys, "csv", file, "--map", f"{tool}-change")
    after_first = changes(ledger)
    second = bring(ledger, capsys, "csv", file, "--map", f"{tool}-change")

    assert "4 records written, 0 as before, 2 rows not taken" in first[1]
    assert "0 records written, 4 as before, 2 rows not taken" in second[1]
    assert after_first == changes(ledger)
    assert 0 == run(["check"])


@pytest.mark.parametrize("tool", TOOLS)
def test_an_unknown_state_a_missing_person_and_a_broken_row_are_named_with_their_row(ledger, capsys, tool):
    _, unknown, left = TOOLS[tool]

    code, _, told = bring(ledger, capsys, "csv", EXPORTS / f"{tool}-change.csv", "--map", f"{tool}-change")

    state = "Pending" if tool == "glpi" else "Waiting for Bob"
    assert 1 == code
    assert f"row 3 ({unknown})" in told
    assert f"{state!r}, and the field map does not say what that means" in told
    assert f"row 4 ({left})" in told
    assert "'Old Timer', and no party here is known by that, so it is left out" in told
    assert "row 5: it has 2 cells" in told or "row 5: it has 3 cells" in told


@pytest.mark.parametrize("tool", TOOLS)
def test_show_and_trace_accept_the_old_key(ledger, capsys, tool):
    key = TOOLS[tool][0]
    bring(ledger, capsys, "csv", EXPORTS / f"{tool}-change.csv", "--map", f"{tool}-change")

    assert 0 == run(["show", key])
    assert "CHG-2025-0001  Raise the timeout of the card processor" in capsys.readouterr().out
    assert 0 == run(["trace", key])
    assert capsys.readouterr().out.startswith("CHG-2025-0001 [closed]")


def test_a_closed_change_keeps_what_its_system_knew_and_owes_nothing_more(ledger, capsys):
    bring(ledger, capsys, "csv", EXPORTS / "servicenow-change.csv", "--map", "servicenow-change")

    found = read((ledger.root / "records/changes/2025/CHG-2025-0001.yaml").read_bytes())

    assert isinstance(found, dict)
    assert ("closed", "successful", "PTY-ada", "PTY-grace") == (
        found["state"], found["closure_code"], found["owner"], found["requester"],
    )  # fmt: skip
    assert [{"ci": "CI-payments-api", "effect": "changed"}] == found["effects"]
    assert "Payments time out at\npeak" == found["business_need"]
    assert {"start": "2025-03-02T10:00:00Z", "end": "2025-03-02T10:30:00Z"} == found["actual"]


def test_a_row_that_changed_over_there_changes_its_record_and_nothing_else_of_it(ledger, capsys, tmp_path):
    file = tmp_path / "export.csv"
    text = (EXPORTS / "jira-change.csv").read_text()
    file.write_text(text)
    bring(ledger, capsys, "csv", file, "--map", "jira-change")
    record = next(path for path in (ledger.root / "records/changes").rglob("*.yaml") if "PAY-1043" in path.read_text())
    record.write_text("# Ask Grace first\n" + record.read_text())
    file.write_text(text.replace("Renew the certificate", "Renew both certificates"))

    code, out, _ = bring(ledger, capsys, "csv", file, "--map", "jira-change")

    assert "1 record written, 3 as before" in out
    assert "# Ask Grace first" in record.read_text()
    assert "title: Renew both certificates" in record.read_text()
    assert 1 == code


def test_an_open_change_that_lacks_what_its_state_asks_comes_in_as_a_draft_and_says_so(ledger, capsys, tmp_path):
    file = tmp_path / "export.csv"
    file.write_text("Ref,Title,Status\nC-1,Renew it,Validated\n")

    code, _, told = bring(ledger, capsys, "csv", file, "--map", "itop-change")

    assert 0 == code
    assert "row 1 (C-1): it comes in as draft, for its own state asks here for" in told
    assert "state: draft" in next(iter(changes(ledger).values()))


def test_rows_of_json_are_found_where_the_map_says(ledger, capsys):
    code, out, told = bring(ledger, capsys, "json", EXPORTS / "servicenow-change.json", "--map", "servicenow-change")

    assert (1, True) == (code, "1 record written" in out)
    assert "servicenow-change.json:5:1: SYN983 row 2 (CHG0030003)" in told


def test_the_same_key_twice_in_one_export_is_taken_once(ledger, capsys, tmp_path):
    file = tmp_path / "export.csv"
    file.write_text("Ref,Title,Status\nC-1,Renew it,New\nC-1,Renew it again,New\n")

    code, out, told = bring(ledger, capsys, "csv", file, "--map", "itop-change")

    assert (1, True) == (code, "1 record written" in out)
    assert "row 2 (C-1): C-1 stands in row 1 already" in told


def test_a_name_that_two_people_have_is_not_guessed(ledger, capsys, tmp_path):
    ledger.write("records/parties/PTY-ada-2.yaml", "id: PTY-ada-2\nname: Ada Lovelace\ntype: person\nstate: active\n")
    file = tmp_path / "export.csv"
    file.write_text("Ref,Title,Status,Agent->Full name\nC-1,Renew it,New,Ada Lovelace\n")

    _, _, told = bring(ledger, capsys, "csv", file, "--map", "itop-change")

    assert "'Ada Lovelace', which may mean PTY-ada or PTY-ada-2" in told
    assert "owner" not in next(iter(changes(ledger).values()))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "has no head"),
        (b"\xff\xfe\x00R", "not UTF-8"),
        (b"Ref,Title\x00\n", "holds a NUL"),
        (b'{"result": ', "has no column 'Ref'"),
        (b"Ref\n" * 100_002, "more than 100,000 rows"),
    ],
    ids=["empty", "utf-16", "nul", "json", "many rows"],
)
def test_a_file_that_is_no_export_is_refused_as_a_whole(ledger, capsys, tmp_path, data, said):
    file = tmp_path / "export.csv"
    file.write_bytes(data)

    code, _, told = bring(ledger, capsys, "csv", file, "--map", "itop-change")

    assert 2 == code
    assert said in told
    assert {} == changes(ledger)


@pytest.mark.parametrize(
    "text",
    [
        '{"result": [NaN]}',
        '{"result": ' + "[" * 5000,
        '{"result": {"a": 1}}',
        "[]]",
    ],
    ids=["not a number", "deep", "no list", "trailing"],
)
def test_json_that_is_no_export_is_refused_as_a_whole(ledger, capsys, tmp_path, text):
    file = tmp_path / "export.json"
    file.write_text(text)

    code, _, told = bring(ledger, capsys, "json", file, "--map", "servicenow-change")

    assert 2 == code
    assert "the export" in told


def test_what_a_cell_holds_is_text_and_nothing_else(ledger, capsys, tmp_path):
    file = tmp_path / "export.csv"
    file.write_text('Ref,Title,Status\nC-1,"=cmd|\x1b[31m: {x: *y}",New\n')

    bring(ledger, capsys, "csv", file, "--map", "itop-change")

    assert "\x1b" not in next(iter(changes(ledger).values()), "")


def test_a_map_that_nobody_knows_names_the_nearest(ledger, capsys):
    code, _, told = bring(ledger, capsys, "csv", EXPORTS / "jira-change.csv", "--map", "jra-change")

    assert 2 == code
    assert "did you mean jira-change?" in told


def test_a_map_with_a_zone_that_nobody_knows_is_refused(ledger, capsys, tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text(ready_maps()["itop-change"].decode().replace("Etc/UTC", "Europe/Berln"))

    code, _, told = bring(ledger, capsys, "csv", EXPORTS / "itop-change.csv", "--map", file)

    assert 2 == code
    assert "no time zone is called 'Europe/Berln'" in told


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-03-29 02:30:00", "which was skipped by the clocks of Europe/Berlin"),
        ("2026-10-25 02:30:00", ""),
        ("yesterday", "which is no time that the field map knows how to read"),
        ("9999-12-31T23:59:59-14:00", "which lies beyond the years 1 to 9999"),
    ],
    ids=["gap", "overlap", "no time", "beyond"],
)
def test_a_time_on_a_wall_clock_is_read_in_the_zone_of_the_map_or_told(ledger, capsys, tmp_path, written, said):
    fields, file = tmp_path / "ours.yaml", tmp_path / "export.csv"
    fields.write_text(ready_maps()["itop-change"].decode().replace("Etc/UTC", "Europe/Berlin"))
    file.write_text(f"Ref,Title,Status,Creation date\nC-1,Renew it,New,{written}\n")

    code, _, told = bring(ledger, capsys, "csv", file, "--map", fields)

    assert bool(said) == (1 == code)
    assert said in told
    if not said:
        assert 'submitted: "2026-10-25T00:30:00Z"' in next(iter(changes(ledger).values()))


@pytest.mark.parametrize("name", sorted(ready_maps()))
def test_a_ready_map_fits_its_schema_and_its_kind(ledger, name):
    text = ready_maps()[name]
    found = read(text)
    assert isinstance(found, dict)
    ledger.write(f"records/fieldmaps/{found['id']}.yaml", text)

    assert [] == KINDS["fieldmap"].faults(found, found["id"])
    assert f"FMP-{name}" == found["id"]
    assert 0 == run(["check"])


def test_an_imported_change_that_is_done_meets_no_gate_where_the_policy_names_the_importer(ledger, capsys):
    ledger.write(
        "records/policy/POL-policy.yaml", "id: POL-policy\ntitle: Ours\npreset: small\nsync: {adapters: [csv]}\n"
    )
    ledger.write(
        "records/gates/GAT-approve.yaml",
        "id: GAT-approve\ntitle: Approve\nquestion: May it?\nmode: enforce\nmoves: [{kind: change, to: approved}]\n"
        "codes: [SIG301]\nsignatures: [{scope: request, roles: [ROL-approver]}]\n",
    )
    ledger.write("records/roles/ROL-approver.yaml", "id: ROL-approver\ntitle: Approver\ndescription: Says yes.\n")
    ledger.commit("Who may say yes")
    bring(ledger, capsys, "csv", EXPORTS / "servicenow-change.csv", "--map", "servicenow-change")

    assert 0 == run(["check", "--base", "HEAD"])
    capsys.readouterr()
    done = next(
        path for path in (ledger.root / "records/changes").rglob("*.yaml") if "state: closed" in path.read_text()
    )
    done.write_text(done.read_text().replace("adapter: csv", "adapter: pigeon"))
    assert 1 == run(["check", "--base", "HEAD"])
    assert "SIG301" in capsys.readouterr().out


def test_an_imported_change_that_open_work_counts_on_meets_its_gates_and_lets_no_release_go_out(ledger, capsys):
    policy = "id: POL-policy\ntitle: Ours\npreset: small\nsync: {adapters: [csv]}\n"
    ledger.write("records/policy/POL-policy.yaml", policy)
    for name in ("GAT-change-approve", "GAT-plan"):
        ledger.write(f"records/gates/{name}.yaml", packaged.text(f"presets/small/records/gates/{name}.yaml"))
    ledger.write("records/roles/ROL-approver.yaml", packaged.text("presets/small/records/roles/ROL-approver.yaml"))
    ledger.write(
        "records/environments/ENV-prod.yaml",
        "id: ENV-prod\ntitle: Production\nstate: planned\npurpose: production\nproduction: false\n",
    )
    ledger.commit("Who may say yes")
    bring(ledger, capsys, "csv", EXPORTS / "servicenow-change.csv", "--map", "servicenow-change")
    ledger.write(
        "records/releases/2026/REL-2026-0001.yaml",
        "id: REL-2026-0001\nname: payments-4.2\nstate: plan-approved\ntype: fix\nsize_class: small\nrisk: low\n"
        'service: CI-payments-api\nversion: "4.2"\naccountable: PTY-ada\nchanges: [CHG-2025-0001]\n'
        "scope: {cis: [{ci: CI-payments-api}]}\nbackout: {method: feature-off}\n"
        "rollout: {model: rolling, groups: [{id: one, environment: ENV-prod}]}\n",
    )

    code = run(["check", "--base", "HEAD"])

    said = capsys.readouterr().out
    assert 1 == code
    assert "CHG-2025-0001 may not become approved: GAT-change-approve asks" in said
    assert "LNK103 REL-2026-0001 is plan-approved, but no change that it ships is approved" in said
