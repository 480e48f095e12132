"""What let a deployment through, on its page and in the overview of what shipped without a yes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opsledger.gate.storing import fingerprint
from opsledger.rules.register import register

OVERVIEW = "overviews/shipped-without-a-yes"
EXCEPTIONS = "overviews/exceptions"
DIGEST = f"sha256:{'a' * 64}"
HOSTILE = "</strong><script>alert(1)</script>"
VERDICT: Mapping[str, Any] = {
    "gate": "promote", "subject": "REL-2026-9001", "environment": "ENV-prod-eu", "package_digest": DIGEST,
    "outcome": "open", "mode": "enforce", "as_of": "2026-01-01T09:00:00Z", "commit": "b" * 40, "judge": "b" * 40,
    "policy": {"preset": "small"}, "tool": "0.1.0",
    "answers": [{"code": "LCY202", "outcome": "met"}, {"code": "DPL706", "outcome": "later"}],
}  # fmt: skip
GLASS = {
    "reason": HOSTILE, "by": "PTY-ada", "at": "2026-01-01T09:00:00Z", "owed_until": "2026-01-02T09:00:00Z",
}  # fmt: skip
GROUND = """
# records/gates/GAT-promote.yaml
mode: enforce
moves: [{kind: release, from: ready, to: deploying}, {kind: deployment, from: planned, to: authorised}]
needs: [environment]
codes: [LCY202]
# records/environments/ENV-prod-eu.yaml
production: true
# records/environments/ENV-staging.yaml
production: false
# records/parties/PTY-ada.yaml
type: person
# records/releases/2026/REL-2026-9001.yaml
state: deploying
# records/exceptions/EXC-2026-9001.yaml
state: active
type: known-problem-release
scope: {records: [REL-2026-9001], rules: [FLT751]}
"""


def kept(**changes: Any) -> dict[str, Any]:
    """A verdict as a deployment keeps it, with these differences, sealed."""
    told = {**VERDICT, **changes}
    return {**told, "digest": fingerprint(told)}


WAIVED = [{"code": "FLT751", "outcome": "waived", "waived_by": ["EXC-2026-9001"], "until": "2026-02-01T09:00:00Z"}]
CASES: Mapping[str, Mapping[str, Any]] = {
    "nothing kept": {},
    "says no": {"verdict": kept(outcome="blocked")},
    "does not know": {"verdict": kept(outcome="undecided")},
    "another gate": {"verdict": kept(gate="plan")},
    "another place": {"verdict": kept(environment="ENV-staging")},
    "another package": {"verdict": kept(package_digest=f"sha256:{'c' * 64}")},
    "asked afterwards": {"verdict": kept(as_of="2026-01-01T11:00:00Z")},
    "changed": {"verdict": {**kept(outcome="blocked"), "outcome": "open"}},
    "a word": {"verdict": "open"},
    "no answers": {"verdict": {**VERDICT, "answers": 5}},
    "a list for a gate": {"verdict": {**VERDICT, "gate": ["promote"]}},
    "no policy": {"verdict": {**VERDICT, "policy": []}},
    "no waiver": {"verdict": {**VERDICT, "answers": [{"code": "LCY202", "waived_by": 7}]}},
    "nowhere": {"environment": "ENV-nowhere"},
    "a plain yes": {"verdict": kept()},
    "under an exception": {"verdict": kept(answers=WAIVED)},
    "only warned": {"verdict": kept(answers=[{"code": "CAL903", "outcome": "warned"}])},
    "only watched": {"verdict": kept(mode="observe")},
    "odd words": {"verdict": kept(answers=[{"code": ["LCY202"], "outcome": ["met"], "waived_by": [{}]}])},
    "staging": {"environment": "ENV-staging"},
    "not begun": {"state": "planned"},
    "called off": {"state": "cancelled"},
    "glass, nothing written": {"break_glass": GLASS, "release": "REL-2026-9101"},
    "glass, draft": {"break_glass": GLASS, "release": "REL-2026-9102"},
    "glass, rejected": {"break_glass": GLASS, "release": "REL-2026-9103"},
    "glass, active": {"break_glass": GLASS, "release": "REL-2026-9104"},
    "glass, closed": {"break_glass": GLASS, "release": "REL-2026-9105"},
}
"""Deployments that differ from one that keeps nothing; each is numbered by its place here."""
LACKING = list(CASES)[:14]


def id_of(case: str) -> str:
    """The id of a case's deployment."""
    return f"DEP-2026-{list(CASES).index(case):08}"


def page_of(case: str) -> str:
    """The address of its page."""
    return f"records/deployment/{id_of(case)}"


def standing_of(site: Any, case: str) -> str:
    """How it stands, as the twin of its page says."""
    return str(site.twin(page_of(case))["passage"]["standing"])


def _records() -> str:
    plain = {
        "state": "succeeded", "release": "REL-2026-9001", "environment": "ENV-prod-eu", "package_digest": DIGEST,
        "started": "2026-01-01T10:00:00Z",
    }  # fmt: skip
    text = GROUND
    for case, more in CASES.items():
        text += f"# records/deployments/2026/{id_of(case)}.yaml\n{json.dumps({**plain, **more})}\n"
    for number, state in enumerate(("", "draft", "rejected", "active", "closed"), start=9101):
        text += f"# records/releases/2026/REL-2026-{number}.yaml\nstate: deploying\n"
        if state:
            scope = {"records": [f"REL-2026-{number}"], "rules": ["TES603"]}
            debt = {"state": state, "type": "emergency-deviation", "scope": scope}
            text += f"# records/exceptions/EXC-2026-{number}.yaml\n{json.dumps(debt)}\n"
    return text


@pytest.fixture(scope="module")
def desk_of_cases(new_desk: Callable[..., Any]) -> Any:
    """A ledger with a deployment for each case, committed on 1 January at noon."""
    desk = new_desk()
    desk.write_records(_records())
    desk.commit("Begin")
    return desk


@pytest.fixture(scope="module")
def site(desk_of_cases: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Its site."""
    return desk_of_cases.build(tmp_path_factory.mktemp("cases") / "site", rules=tuple(register().values()))


@pytest.mark.parametrize("case", LACKING)
def test_a_deployment_to_users_without_a_whole_yes_shipped_without_an_open_gate(site: Any, case: str) -> None:
    assert "none" == standing_of(site, case)
    assert "Shipped without an open gate: it " in site.text(page_of(case))
    assert f"{id_of(case)} succeeded" in site.text(OVERVIEW)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("nothing kept", "it keeps no verdict of any gate."),
        ("says no", "it went ahead on a verdict that says blocked."),
        ("another gate", "a verdict of plan, which stands before no deployment."),
        ("another place", "it carries a verdict for ENV-staging"),
        ("asked afterwards", "and the gate was asked for"),
        ("changed", "a verdict that was changed after it was given."),
        ("a word", "it keeps a verdict that does not fit its schema."),
    ],
)
def test_the_page_says_what_is_wrong_with_the_yes(site: Any, case: str, said: str) -> None:
    assert said in site.text(page_of(case))


def test_a_plain_yes_is_shown_as_a_table_and_does_not_stand_in_the_overview(site: Any) -> None:
    text = site.text(page_of("a plain yes"))

    assert "promote let it through as of 2026-01-01 09:00 UTC." in text
    assert "open GAT-promote open: 1 code asked" in text
    assert f"commit of the ledger {'b' * 40} judged by commit {'b' * 40} tool 0.1.0 preset small" in text
    assert "1 code is met met LCY202 not so: " in text
    assert id_of("a plain yes") not in site.text(OVERVIEW)
    assert "Deployments that keep a plain yes: 3." in site.text(OVERVIEW)


def test_the_kept_verdict_comes_with_the_command_that_asks_again(site: Any) -> None:
    commit = "b" * 40
    asks = f"--env ENV-prod-eu --at {commit} --base {commit} --as-of 2026-01-01T09:00:00Z --explain"

    assert f"opsledger gate promote REL-2026-9001 {asks}" in site.text(page_of("a plain yes"))


def test_a_yes_under_an_exception_names_it_on_both_sides(site: Any) -> None:
    page, id = page_of("under an exception"), id_of("under an exception")

    assert "covered" == standing_of(site, "under an exception")
    assert "with FLT751 waived by EXC-2026-9001" in site.text(page)
    assert 'href="../../records/exception/EXC-2026-9001.html"' in site.page(page)
    assert "With a yes that left something open 2" in site.text(OVERVIEW)
    assert f"Lets pass {id} FLT751 at promote, which let it through" in site.text(EXCEPTIONS)
    assert f'href="../records/deployment/{id}.html#let-through"' in site.page(EXCEPTIONS)
    [waived] = [one for one in site.twin(EXCEPTIONS)["exceptions"] if one["id"] == "EXC-2026-9001"]
    assert [(id, ["FLT751"])] == [(one["record"], one["rules"]) for one in waived["lets_pass"]]


def test_odd_words_in_an_answer_do_not_stop_the_build(site: Any) -> None:
    assert "LCY202" in site.text(page_of("odd words"))


def test_a_warning_leaves_a_yes_plain_and_is_told(site: Any) -> None:
    assert "open" == standing_of(site, "only warned")
    assert "with CAL903 warned." in site.text(page_of("only warned"))


def test_a_yes_of_a_gate_that_only_watched_is_told_as_such(site: Any) -> None:
    assert "covered" == standing_of(site, "only watched")
    assert "the gate was set to observe and stops nothing" in site.text(OVERVIEW)


@pytest.mark.parametrize(
    ("case", "standing", "said"),
    [
        ("glass, nothing written", "owed", "and no exception says what was skipped"),
        ("glass, draft", "owed", "and no exception says what was skipped"),
        ("glass, rejected", "owed", "and no exception says what was skipped"),
        ("glass, active", "owed", "it is to be made up for until 2026-01-02 09:00 UTC"),
        ("glass, closed", "repaid", "what was owed is made up for"),
    ],
)
def test_broken_glass_is_told_with_its_debt(site: Any, case: str, standing: str, said: str) -> None:
    text = site.text(page_of(case))

    assert standing == standing_of(site, case)
    assert "Shipped without an open gate: PTY-ada broke the glass on 2026-01-01 09:00 UTC" in text
    assert said in text
    assert said in site.text(OVERVIEW)


def test_the_start_page_counts_what_is_not_made_up_for(site: Any) -> None:
    assert "4 deployments went past a closed gate, and what was skipped is not made up for." in site.text("index")


def test_a_debt_is_late_by_the_time_of_the_commit(desk_of_cases: Any, site: Any, tmp_path: Path) -> None:
    desk_of_cases.commit("A day later")

    later = desk_of_cases.build(tmp_path / "site")

    assert not site.twin(page_of("glass, active"))["passage"]["is_late"]
    assert later.twin(page_of("glass, active"))["passage"]["is_late"]
    assert "EXC-2026-9104 active late due 2026-01-02 09:00 UTC" in later.text(page_of("glass, active"))


def test_the_reason_for_broken_glass_cannot_act(site: Any) -> None:
    assert "<script>alert" not in site.page(page_of("glass, active"))
    assert "<script>alert" not in site.page(OVERVIEW)


@pytest.mark.parametrize(("case", "standing"), [("staging", "beside"), ("not begun", "waits"), ("called off", "waits")])
def test_what_needed_no_yes_does_not_stand_in_the_overview(site: Any, case: str, standing: str) -> None:
    assert standing == standing_of(site, case)
    assert id_of(case) not in {one["id"] for one in site.twin(OVERVIEW)["deployments"]}


def test_a_ledger_without_deployments_has_an_empty_overview(desk: Any, tmp_path: Path) -> None:
    desk.write("records/notes/NOT-1.yaml", "id: NOT-1\nstate: open\n")
    desk.commit("Begin")

    assert "There is none." in desk.build(tmp_path / "site").text(OVERVIEW)
