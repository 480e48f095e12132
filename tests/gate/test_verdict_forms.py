"""A verdict as text, as JSON and as Markdown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from opsledger.finding import Finding, Place, Severity
from opsledger.gate import Answer, Move, Outcome, Verdict
from opsledger.packaged import text as packaged_text
from opsledger.report.verdict import FORMS, printed_verdict
from opsledger.rules.register import register

RULES = register()
PLACE = Place("records/releases/2026/REL-2026-0014.yaml", 3, 8)
MISSING = Finding(PLACE, "SIG301", "nobody approved the plan as ROL-approver", "ask PTY-grace to approve it")
DOUBT = Finding(PLACE, "XYZ999", "GAT-plan asks XYZ999, which this version does not judge", "list it under `later`")
BLOCKED = Verdict(
    "GAT-plan", "REL-2026-0014", Move("release", "planned", "plan-approved"), "", "1" * 40, "base origin/main 7654321",
    datetime(2026, 11, 20, 12, tzinfo=UTC), "blocked",
    (
        Answer("LCY202", Outcome.MET),
        Answer("SIG301", Outcome.BLOCKED, (MISSING,)),
        Answer("SIG303", Outcome.MET, remarks=("PTY-grace approved the plan, by APR-2026-1a2b",)),
        Answer("XYZ999", Outcome.UNDECIDED, (DOUBT,)),
        Answer("CAL908", Outcome.LATER),
    ),
    tool="0.1.0",
)  # fmt: skip
OPEN = replace(BLOCKED, outcome="open", answers=(BLOCKED.answers[0], BLOCKED.answers[2]))
SCHEMA = json.loads(packaged_text("schemas/meta/verdict.json"))
HOSTILE = "</td>|# @octocat\n\x1b[2J<script>`x`"


def printed(verdict: Verdict, form: str = "text", **options) -> str:
    return "\n".join(printed_verdict(verdict, form, rules=RULES, **options)) + "\n"


def test_text_says_what_stops_where_and_what_to_do():
    assert (
        "plan is blocked for REL-2026-0014 as of 2026-11-20 12:00 UTC: 2 of 4 codes\n"
        "\n"
        f"{PLACE}: SIG301 nobody approved the plan as ROL-approver\n"
        "    fix: ask PTY-grace to approve it\n"
        f"{PLACE}: XYZ999 (undecided) GAT-plan asks XYZ999, which this version does not judge\n"
        "    fix: list it under `later`\n"
        "\n"
        "later: CAL908 is named in the gate and not judged yet\n"
        "Judged the move from planned to plan-approved at commit 1111111 by base origin/main 7654321\n"
    ) == printed(BLOCKED)


def test_text_of_an_open_gate_is_short():
    assert (
        "plan is open for REL-2026-0014 as of 2026-11-20 12:00 UTC: 2 codes asked\n"
        "\n"
        "Judged the move from planned to plan-approved at commit 1111111 by base origin/main 7654321\n"
    ) == printed(OPEN)


def test_explained_text_lists_met_codes_with_what_they_rest_on_and_where_they_come_from():
    lines = printed(OPEN, explain=True).splitlines()

    assert "met       LCY202 state without what it asks (S1-3.1, S2-step-03, S2-step-io)" in lines
    assert "    by: PTY-grace approved the plan, by APR-2026-1a2b" in lines


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        pytest.param(replace(BLOCKED, environment="ENV-prod-eu"), "REL-2026-0014 in ENV-prod-eu as of", id="where"),
        pytest.param(replace(BLOCKED, group="eu"), "REL-2026-0014 for group eu as of", id="for which group"),
        pytest.param(replace(BLOCKED, commit=""), "at the merge result by", id="of a merge that no commit holds"),
        pytest.param(replace(BLOCKED, notes=("it is a replay",)), "note: it is a replay", id="how it was judged"),
        pytest.param(
            replace(OPEN, mode="warn", answers=(Answer("SIG301", Outcome.WARNED, (MISSING,)),)),
            "note: GAT-plan is set to warn, so nothing that it finds stops the move", id="that nothing stops",
        ),
        pytest.param(
            replace(BLOCKED, answers=(Answer("SIG301", Outcome.AWAITING, (MISSING,)),)),
            "SIG301 (awaiting) nobody approved", id="that it can still be given",
        ),
        pytest.param(
            replace(OPEN, answers=(Answer("SIG301", Outcome.WARNED, (replace(MISSING, severity=Severity.NOTE),)),)),
            "1 code asked, 1 warning", id="that there is a warning",
        ),
        pytest.param(
            replace(BLOCKED, as_of=datetime(2026, 11, 20, 13, 0, 7, tzinfo=timezone(timedelta(hours=1)))),
            "as of 2026-11-20 12:00:07 UTC", id="the second in UTC",
        ),
    ],
)  # fmt: skip
def test_text_says(verdict, words):
    assert words in printed(verdict)


@pytest.mark.parametrize("verdict", [BLOCKED, OPEN, replace(BLOCKED, commit="", reviews=f"sha256:{'0' * 64}")])
def test_json_is_one_object_as_its_schema_says(verdict):
    [line] = printed_verdict(verdict, "json", rules=RULES)

    found = list(
        Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(json.loads(line))
    )

    assert [] == found


def test_the_schema_of_the_json_is_sound_and_refuses_what_is_not_a_verdict():
    Draft202012Validator.check_schema(SCHEMA)
    whole = json.loads(printed(BLOCKED, "json"))

    for name in whole:
        assert list(Draft202012Validator(SCHEMA).iter_errors({key: whole[key] for key in whole if key != name})), name
    assert list(Draft202012Validator(SCHEMA).iter_errors({**whole, "approved": True}))
    assert list(Draft202012Validator(SCHEMA).iter_errors({**whole, "outcome": "yes"}))


def test_json_has_sorted_keys_and_a_time_in_utc():
    line = printed(replace(BLOCKED, as_of=BLOCKED.as_of.astimezone(timezone(timedelta(hours=2)))), "json")

    assert json.dumps(json.loads(line), sort_keys=True) + "\n" == line
    assert "2026-11-20T12:00:00Z" == json.loads(line)["as_of"]


def test_markdown_says_the_decision_the_codes_and_what_to_do():
    page = printed(BLOCKED, "markdown")

    assert page.startswith("### ❌ plan is blocked for REL-2026-0014 as of 2026-11-20 12:00 UTC: 2 of 4 codes\n")
    assert "| ✅ met | **SIG303** signer or executor without the role |" in page
    assert "nobody approved the plan as ROL-approver<br>fix: ask PTY-grace to approve it" in page


def test_markdown_of_a_hostile_record_stays_one_table_without_its_marks():
    finding = Finding(Place(f"records/{HOSTILE}.yaml"), "SIG301", HOSTILE, HOSTILE)
    answers = (Answer("SIG301", Outcome.BLOCKED, (finding,)), Answer("SIG303", Outcome.MET, remarks=(HOSTILE,)))

    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        printed(replace(BLOCKED, subject=HOSTILE, judge=HOSTILE, answers=answers), "markdown")
    )

    assert "<script" not in html
    assert (1, 3) == (html.count("<table>"), html.count("<tr>"))


@pytest.mark.parametrize("form", FORMS)
def test_text_of_a_hostile_record_steers_no_terminal(form):
    finding = Finding(PLACE, "SIG301", HOSTILE, HOSTILE)
    verdict = replace(BLOCKED, notes=(HOSTILE,), answers=(Answer("SIG301", Outcome.BLOCKED, (finding,), (HOSTILE,)),))

    assert "\x1b" not in printed(verdict, form, explain=True)


def test_colour_marks_the_text_and_says_nothing_of_its_own():
    marked = printed(BLOCKED, colour=True)

    plain = marked
    for style in ("\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"):
        plain = plain.replace(style, "")
    assert printed(BLOCKED) == plain
    assert "\x1b[31mblocked\x1b[0m" in marked


END = datetime(2026, 12, 18, 16, tzinfo=UTC)
COVERED = Finding(
    PLACE, "FLT751", "waived by EXC-2026-0004 until 2026-12-18 16:00 UTC: PRB-2026-0013 is open", "renew it in time",
    Severity.NOTE,
)  # fmt: skip
OWED = Finding(PLACE, "TES607", "owed until 2026-12-18 16:00 UTC: no load test", "make up for it", Severity.NOTE)
WAIVED = replace(
    OPEN,
    answers=(
        Answer("FLT751", Outcome.WAIVED, (COVERED,), waived_by="EXC-2026-0004", until=END),
        Answer("TES607", Outcome.OWED, (OWED,), until=END),
    ),
)


def test_text_of_a_gate_that_an_exception_opens_shows_what_is_waived_and_owed():
    assert (
        "plan is open for REL-2026-0014 as of 2026-11-20 12:00 UTC: 2 codes asked, 1 waived, 1 owed\n"
        "\n"
        f"{PLACE}: FLT751 waived by EXC-2026-0004 until 2026-12-18 16:00 UTC: PRB-2026-0013 is open\n"
        "    fix: renew it in time\n"
        f"{PLACE}: TES607 owed until 2026-12-18 16:00 UTC: no load test\n"
        "    fix: make up for it\n"
        "\n"
        "owed: TES607 must be made up for by 2026-12-18 16:00 UTC\n"
        "Judged the move from planned to plan-approved at commit 1111111 by base origin/main 7654321\n"
    ) == printed(WAIVED)


def test_explained_a_waived_code_says_by_what():
    assert "    by: EXC-2026-0004 until 2026-12-18 16:00 UTC\n" in printed(WAIVED, explain=True)


def test_json_names_the_exception_and_its_end():
    found = json.loads(printed(WAIVED, "json"))

    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(found)
    assert [("EXC-2026-0004", "2026-12-18T16:00:00Z"), ("", "2026-12-18T16:00:00Z")] == [
        (one["waived_by"], one["until"]) for one in found["answers"]
    ]


def test_markdown_names_the_exception_and_its_end():
    page = printed(WAIVED, "markdown")

    assert "| EXC-2026-0004 until 2026-12-18 16:00 UTC |" in page
    assert "- 🟡 <code>" in page


def test_what_an_exception_does_not_cover_keeps_its_sign_beside_what_it_does():
    partly = replace(
        BLOCKED, answers=(Answer("FLT751", Outcome.BLOCKED, (COVERED, MISSING), waived_by="EXC-2026-0004", until=END),)
    )

    page = printed(partly, "markdown")

    assert ["- 🟡", "- ❌"] == [line[:3] for line in page.splitlines() if line.startswith(("- 🟡", "- ❌"))]
