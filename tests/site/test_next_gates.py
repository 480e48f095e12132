"""Where a release stands at its next gate: on its page, on the start page, and in the register of exceptions."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opsledger.api import open_book
from opsledger.rules.register import register

HOSTILE = "<img src=x onerror=alert(1)> `rm` \u202e"
RECORDS = f"""
# records/gates/GAT-promote.yaml
mode: enforce
moves: [{{kind: release, from: ready, to: deploying}}, {{kind: deployment, from: planned, to: authorised}}]
needs: [environment]
codes: [LCY202, FLT751]
later: [DPL706]
# records/gates/GAT-verify.yaml
mode: enforce
moves: [{{kind: release, from: deploying, to: early-life-support}}]
codes: [LCY202]
# records/environments/ENV-prod-eu.yaml
production: true
# records/environments/ENV-prod-us.yaml
production: true
# records/environments/ENV-staging.yaml
production: false
# records/cis/CI-pay.yaml
title: Payments
# records/parties/PTY-ada.yaml
type: person
# records/problems/2026/PRB-2026-9001.yaml
title: {json.dumps(HOSTILE)}
state: known-error
severity: critical
known_error: {{symptom: Paid twice, workaround: Stop the worker}}
# records/releases/2026/REL-2026-9001.yaml
title: Held up
state: ready
size_class: small
known_problems: [PRB-2026-9001]
scope: {{cis: [{{ci: CI-pay, version: 1.0.0, effect: changed}}]}}
rollout:
  model: phased
  groups:
    - {{id: try, environment: ENV-staging, order: 1}}
    - {{id: eu, environment: ENV-prod-eu, order: 2}}
    - {{id: eu-rest, environment: ENV-prod-eu, order: 3}}
    - {{id: us, environment: ENV-prod-us, order: 4}}
# records/releases/2026/REL-2026-9002.yaml
title: Nothing in its way
state: ready
size_class: small
scope: {{cis: [{{ci: CI-pay, version: 1.1.0, effect: changed}}]}}
service: CI-pay
type: fix
version: 1.1.0
risk: low
accountable: PTY-ada
changes: [CHG-2026-9001]
rollout: {{model: rolling, groups: [{{id: eu, environment: ENV-prod-eu, order: 1}}]}}
backout: {{method: redeploy-previous}}
package: {{digest: "sha256:{"a" * 64}"}}
# records/changes/2026/CHG-2026-9001.yaml
type: normal
state: approved
owner: PTY-ada
risk: low
effects: [{{ci: CI-pay, effect: changed}}]
business_need: Fees are wrong
solution: Mend the fees
backout: {{method: redeploy-previous}}
impact: {{summary: Fees of merchants}}
# records/approvals/ROL-approver/APR-2026-9e41c07b.yaml
subject: REL-2026-9002
scope: deployment
decision: granted
at: "2026-01-01T08:00:00Z"
# records/releases/2026/REL-2026-9003.yaml
title: Not begun
state: draft
# records/releases/2026/REL-2026-9004.yaml
title: Over
state: closed
"""
HELD = "records/release/REL-2026-9001"


@pytest.fixture(scope="module")
def gated(new_desk: Callable[..., Any]) -> Any:
    """A ledger with two gates, and a release that an open problem holds up."""
    desk = new_desk()
    desk.write_records(RECORDS)
    desk.commit("Begin")
    return desk


@pytest.fixture(scope="module")
def site(gated: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Its site, with the pages of all rules."""
    target = tmp_path_factory.mktemp("gated") / "site"
    return gated.build(target, with_gates=True, rules=tuple(register().values()))


def test_a_release_that_is_held_up_says_by_which_code_and_where_to_look(site: Any) -> None:
    text, page = site.text(HELD), site.page(HELD)

    assert "blocked GAT-promote" in text
    assert re.search(r"blocked FLT751 A release is to go on with an open problem", text)
    assert re.search(r'href="../../records/release/REL-2026-9001.html"><code class="path">records/releases/2026', page)
    assert 'href="../../rules/FLT751.html"' in page
    assert "Named in the gate and not judged yet: DPL706." in text


def test_a_finding_links_to_the_records_that_it_names(site: Any) -> None:
    found = re.search(r'<span class="found">.*?</span></a>', site.page(HELD), re.DOTALL)

    assert found is not None
    assert "records/" in found[0]


def test_the_gate_before_production_is_asked_once_for_each_place_in_production(site: Any) -> None:
    asked = [one["environment"] for one in site.twin(HELD)["next_gates"]]

    assert ["ENV-prod-eu", "ENV-prod-us"] == asked


def test_a_release_with_nothing_in_its_way_is_said_to_stand_before_an_open_gate(site: Any) -> None:
    assert ["open"] == [one["verdict"]["outcome"] for one in site.twin("records/release/REL-2026-9002")["next_gates"]]
    assert "open GAT-promote open: " in site.text("records/release/REL-2026-9002")


@pytest.mark.parametrize(
    "id", [pytest.param("REL-2026-9003", id="not begun"), pytest.param("REL-2026-9004", id="over")]
)
def test_a_release_that_is_not_under_way_has_no_next_gate(site: Any, id: str) -> None:
    assert "At its next gate" not in site.text(f"records/release/{id}")
    assert "next_gates" not in site.twin(f"records/release/{id}")


def test_the_verdict_is_what_the_command_that_it_shows_answers(gated: Any, site: Any) -> None:
    command = re.search(r"<code>(opsledger gate promote [^<]*ENV-prod-eu[^<]*)</code>", site.page(HELD))
    assert command is not None
    words = [sys.executable, "-m", *shlex.split(command[1]), "--format", "json"]

    answer = subprocess.run(words, cwd=gated.root, capture_output=True, check=False)

    told = json.loads(answer.stdout)
    [shown] = [one["verdict"] for one in site.twin(HELD)["next_gates"] if one["environment"] == "ENV-prod-eu"]
    assert 1 == answer.returncode
    assert (shown["outcome"], shown["answers"], shown["as_of"]) == (told["outcome"], told["answers"], told["as_of"])


def test_the_start_page_lists_each_release_at_its_next_gate(site: Any) -> None:
    text = site.text("index")

    assert "Held up promote ENV-prod-us blocked" in text
    assert "Nothing in its way promote ENV-prod-eu open" in text
    assert {"REL-2026-9001", "REL-2026-9002"} == {one["release"] for one in site.twin("index")["next_gates"]}


def test_words_of_a_record_in_a_verdict_cannot_act(site: Any) -> None:
    assert "<img" not in site.page(HELD)
    assert "\u202e" not in site.page(HELD)


def test_two_builds_with_gates_are_equal_byte_for_byte(gated: Any, site: Any, tmp_path: Path) -> None:
    again = gated.build(tmp_path / "again", with_gates=True, rules=tuple(register().values()))

    assert site.files() == again.files()


def test_a_gate_names_its_codes_as_links_to_their_rules(site: Any) -> None:
    assert 'href="../../rules/FLT751.html"' in site.page("records/gate/GAT-promote")
    assert "rules/DPL706.html" not in site.page("records/gate/GAT-promote")


def test_an_approval_is_told_with_its_time_and_whether_its_content_still_stands(site: Any) -> None:
    text = site.text("records/release/REL-2026-9002")

    assert "Who approved what, and when" in text
    assert "2026-01-01 08:00 UTC APR-2026-9e41c07b" in text
    assert "deployment granted changed since" in text
    assert ["changed since"] == [one["content"] for one in site.twin("records/release/REL-2026-9002")["approved"]]


def test_a_record_that_nobody_approved_has_no_table_of_approvals(site: Any) -> None:
    assert "Who approved what" not in site.text(HELD)
    assert "approved" not in site.twin(HELD)


def test_a_build_that_nobody_could_ask_again_says_that_no_gate_was_asked(gated: Any, tmp_path: Path) -> None:
    site = gated.build(tmp_path / "site")

    assert "At its next gate Not asked:" in site.text(HELD)
    assert "next_gates" not in site.twin(HELD)
    assert "At its next gate" not in site.text("records/release/REL-2026-9004")


def test_a_ledger_that_wants_another_version_is_not_judged_by_this_one(desk: Any, tmp_path: Path) -> None:
    desk.write_records(RECORDS)
    desk.write(".opsledger.yaml", 'tool: "0.0.9"\npreset: small\nprotected: main\n')
    desk.commit("Begin")

    assert "At its next gate Not asked:" in desk.build(tmp_path / "site", with_gates=True).text(HELD)


def test_a_gate_that_cannot_be_read_leaves_every_release_undecided(desk: Any, tmp_path: Path) -> None:
    desk.write_records(RECORDS)
    desk.write("records/gates/GAT-broken.yaml", "id: [GAT-broken\n")
    desk.commit("Begin")

    site = desk.build(tmp_path / "site", with_gates=True)

    outcomes = {one["gate"]: one["verdict"]["outcome"] for one in site.twin(HELD)["next_gates"]}
    assert "undecided" == outcomes["GAT-broken"]


def test_a_release_that_names_no_place_is_not_said_to_pass(desk: Any, tmp_path: Path) -> None:
    desk.write_records(RECORDS + "# records/releases/2026/REL-2026-9005.yaml\nstate: ready\n")
    desk.commit("Begin")

    site = desk.build(tmp_path / "site", with_gates=True)

    [ahead] = site.twin("records/release/REL-2026-9005")["next_gates"]
    assert ahead["verdict"] is None
    assert "GAT-promote is asked for one environment, and none was named" in ahead["unasked"]
    assert "undecided GAT-promote could not be asked" in site.text("records/release/REL-2026-9005")


def test_the_book_and_the_site_agree_on_every_next_gate(gated: Any, site: Any) -> None:
    commit = gated.git("rev-parse", "HEAD")
    with open_book(gated.root, environment={"PATH": "/usr/bin:/bin", "OPSLEDGER_CACHE": "off"}) as book:
        verdicts = [
            book.decide("promote", "REL-2026-9001", at=commit, base=commit, environment=place).outcome
            for place in ("ENV-prod-eu", "ENV-prod-us")
        ]

    assert verdicts == [one["verdict"]["outcome"] for one in site.twin(HELD)["next_gates"]]
