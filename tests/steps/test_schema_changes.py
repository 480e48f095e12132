"""A pull request that changes a schema: the base's schema and the new one must both hold."""

from __future__ import annotations

import json

from .conftest import PROBLEM, edit, said, schema

OWN = "schemas/problem.json"
ONE = "records/problems/PRB-2026-0001.yaml"
TWO = "records/problems/PRB-2026-0002.yaml"
LESSON = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Lesson",
    "description": "What was learnt, so that it is not learnt twice.",
    "x-kind": {"name": "lesson", "plural": "lessons", "family": "Ground", "folder": "lessons", "prefix": "LSN"},
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string", "maxLength": 60, "pattern": "^LSN-[a-z0-9-]+$", "description": "Its name."},
        "title": {"$ref": "common.json#/$defs/line", "description": "One line for lists."},
        "from": {
            "type": "string",
            "x-refers-to": {"kinds": ["problem"], "as": "was learnt from", "inverse": "taught"},
            "description": "The problem that taught it.",
        },
    },
}


def stated(changed: dict) -> str:
    return json.dumps(changed, indent=2) + "\n"


def with_field(name: str) -> dict:
    changed = schema("problem")
    changed["properties"][name] = {"type": "string", "maxLength": 80, "description": "A field of our own."}
    return changed


def test_a_loosened_schema_does_not_help_the_branch_that_loosens_it(small, judge):
    small.write(OWN, stated(with_field("mood")))
    small.write(TWO, PROBLEM.format("PRB-2026-0002", "Refunds time out", "logged") + "mood: gloomy\n")

    judgement = judge(small)

    assert [f"SCH001 {TWO}:5:1"] == said(judgement)
    assert 1 == judgement.exit_code
    assert f"{OWN} changed: records must hold under the base's schema and under the new one" in judgement.notes


def test_a_loosened_requirement_does_not_help_either(small, judge):
    loosened = schema("problem")
    loosened["x-lifecycle"]["requires"] = [
        asked for asked in loosened["x-lifecycle"]["requires"] if asked["at"] != "/duplicate_of"
    ]
    small.write(OWN, stated(loosened))
    small.write(TWO, PROBLEM.format("PRB-2026-0002", "Refunds time out", "duplicate"))

    assert [f"LCY202 {TWO}:1:1"] == said(judge(small))


def test_a_loosened_lifecycle_allows_no_move_that_the_base_refuses(small, judge):
    loosened = schema("baseline")
    loosened["x-lifecycle"]["moves"]["superseded"] = ["proposed"]
    path = "records/baselines/BSL-2026-a1b2.yaml"
    small.write(path, "id: BSL-2026-a1b2\ntitle: What runs\nstate: superseded\nentries: []\n")
    small.commit("A baseline")
    small.git("branch", "-f", "main", "work")
    small.write("schemas/baseline.json", stated(loosened))
    edit(small, path, "state: superseded", "state: proposed")

    assert [f"LCY201 {path}:3:8"] == said(judge(small))


def test_loosening_alone_passes_and_its_use_passes_in_the_next_step(small, judge):
    small.write(OWN, stated(with_field("mood")))
    assert (0, []) == (judge(small).exit_code, said(judge(small)))
    small.commit("Widen")
    small.git("branch", "-f", "main", "work")
    small.write(TWO, PROBLEM.format("PRB-2026-0002", "Refunds time out", "logged") + "mood: gloomy\n")

    assert (0, []) == (judge(small).exit_code, said(judge(small)))


def test_a_new_record_must_hold_under_the_narrowed_schema_too(small, judge):
    narrowed = schema("problem")
    narrowed["properties"]["title"]["maxLength"] = 20
    small.write(OWN, stated(narrowed))
    small.write(TWO, PROBLEM.format("PRB-2026-0002", "A title that is much too long", "logged"))

    assert [f"SCH001 {TWO}:2:8"] == said(judge(small))


def test_narrowing_first_is_refused_with_the_records_that_fall_out(small, judge):
    narrowed = with_field("mood")
    narrowed["required"] = [*narrowed["required"], "mood"]
    small.write(OWN, stated(narrowed))

    judgement = judge(small)

    [finding] = [one for one in judgement.findings if one.code == "SCH011"]
    assert [f"SCH011 {OWN}:1:1"] == said(judgement)
    assert f"{OWN} refuses 1 problem that was there before: PRB-2026-0001" == finding.message
    assert "widen" in finding.fix


def test_widen_migrate_narrow_in_three_steps_passes(small, judge):
    widened, narrowed = with_field("mood"), with_field("mood")
    narrowed["required"] = [*narrowed["required"], "mood"]
    record = (small.root / ONE).read_text(encoding="utf-8")
    outcomes = []
    for path, text in ((OWN, stated(widened)), (ONE, record + "mood: gloomy\n"), (OWN, stated(narrowed))):
        small.write(path, text)
        outcomes.append((judge(small).exit_code, said(judge(small))))
        small.commit("A step")
        small.git("branch", "-f", "main", "work")

    assert [(0, []), (0, []), (0, [])] == outcomes


def test_migrate_and_narrow_in_one_step_is_refused_because_the_base_knows_no_such_field(small, judge):
    narrowed = with_field("mood")
    narrowed["required"] = [*narrowed["required"], "mood"]
    small.write(OWN, stated(narrowed))
    small.write(ONE, (small.root / ONE).read_text(encoding="utf-8") + "mood: gloomy\n")

    assert [f"SCH001 {ONE}:5:1"] == said(judge(small))


def test_a_new_kind_with_its_first_record_passes_and_is_told(small, judge):
    small.write("schemas/lesson.json", stated(LESSON))
    small.write("records/lessons/LSN-one.yaml", "id: LSN-one\ntitle: Look at the pool first\nfrom: PRB-2026-0001\n")

    judgement = judge(small)

    assert (0, []) == (judgement.exit_code, said(judgement))
    assert ("lesson is a new kind: its records are judged by its own schema, schemas/lesson.json",) == judgement.notes


def test_a_record_of_a_new_kind_is_judged_by_its_own_schema(small, judge):
    small.write("schemas/lesson.json", stated(LESSON))
    small.write("records/lessons/LSN-one.yaml", "id: LSN-one\ntitel: Look at the pool first\nfrom: PRB-2026-0009\n")

    assert [
        "SCH001 records/lessons/LSN-one.yaml:2:1",
        "LNK101 records/lessons/LSN-one.yaml:3:7",
    ] == said(judge(small))


def test_a_new_kind_may_not_take_the_records_of_an_old_one(small, judge):
    taking = {**LESSON, "x-kind": {**LESSON["x-kind"], "folder": "problems/2026"}}
    small.write("records/problems/2026/PRB-2026-0001.yaml", (small.root / ONE).read_bytes())
    small.delete(ONE)
    small.commit("Into a folder of its year")
    small.git("branch", "-f", "main", "work")
    small.write("schemas/lesson.json", stated(taking))
    small.write("records/problems/2026/PRB-2026-0002.yaml", "id: LSN-two\ntitle: No problem at all\n")

    judgement = judge(small)

    [taken] = [finding for finding in judgement.findings if finding.place.path.startswith("schemas/")]
    assert "schemas/lesson.json takes 2 problems for lessons, such as PRB-2026-0001" == taken.message
    assert {"records/problems/2026/PRB-2026-0002.yaml"} == {
        finding.place.path for finding in judgement.findings if finding.severity.word == "error"
    } - {"schemas/lesson.json"}


def test_a_schema_may_not_leave_its_records_behind_in_the_old_folder(small, judge):
    moved = schema("problem")
    moved["x-kind"]["folder"] = "issues"
    small.write(OWN, stated(moved))

    assert [f"SCH011 {OWN}:1:1"] == said(judge(small))


def test_a_schema_that_goes_while_its_records_stay_is_refused_at_its_old_path(small, judge):
    small.write("schemas/lesson.json", stated(LESSON))
    small.write("records/lessons/LSN-one.yaml", "id: LSN-one\ntitle: Look at the pool first\n")
    small.commit("A kind of our own")
    small.git("branch", "-f", "main", "work")
    small.delete("schemas/lesson.json")

    [finding] = [one for one in judge(small).findings if one.code == "SCH011"]

    assert "schemas/lesson.json:1:1" == str(finding.place)
    assert "schemas/lesson.json is gone, but 1 lesson remains, such as LSN-one" == finding.message


def test_a_schema_of_our_own_that_goes_leaves_the_packaged_one_in_force(small, judge):
    small.write(OWN, stated(with_field("mood")))
    small.write(ONE, (small.root / ONE).read_text(encoding="utf-8") + "mood: gloomy\n")
    small.commit("A field of our own")
    small.git("branch", "-f", "main", "work")
    small.delete(OWN)

    assert [f"SCH011 {OWN}:1:1"] == said(judge(small))


def test_a_schema_that_cannot_be_read_is_one_finding_and_the_base_still_judges(small, judge):
    small.write(OWN, "{")
    small.write(TWO, PROBLEM.format("PRB-2026-0002", "Refunds time out", "dreaming"))

    judgement = judge(small)

    assert ["SCH001", "SCH011"] == sorted(finding.code for finding in judgement.findings if finding.code != "LNK109")
