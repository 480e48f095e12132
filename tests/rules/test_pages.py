"""A rule's page: it says what, why and what to do, and its examples are true."""

from __future__ import annotations

import re

import pytest

from opsledger.finding import Severity
from opsledger.prove.at_gate import findings_at_gate
from opsledger.prove.examples import staged
from opsledger.rules.register import Example, Rule, register

RULES = register()
HEADINGS = ["Why", "Examples", "Fix"]
ISSUE = [
    "SCH001",
    "SCH002",
    "SCH003",
    "SCH004",
    "SCH005",
    "SCH006",
    "SCH007",
    "SCH009",
    "SCH010",
    "SCH011",
    "LNK101",
    "LNK102",
    "LNK104",
    "LNK105",
    "LNK109",
    "LNK111",
    "LNK112",
    "LNK113",
    "LNK114",
    "LCY201",
    "LCY202",
    "LCY203",
    "LCY204",
    "LCY207",
    "LCY208",
    "LCY209",
]


EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code} {example.title}")
    for rule in RULES.values()
    for example in rule.examples
    if rule.code != "GOV968"  # whose examples are pushes: see test_commits.py
]


def test_every_code_that_is_promised_has_a_rule():
    assert set() == set(ISSUE) - set(RULES)


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_a_page_has_a_title_that_is_one_sentence(rule: Rule):
    assert re.fullmatch(r"[A-Z][^.]*[.]", rule.title)


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_a_page_has_its_three_headings_in_order(rule: Rule):
    assert HEADINGS == re.findall(r"^ *## (.+)$", rule.ask.__doc__, re.MULTILINE)


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_a_page_names_the_requirement_that_the_rule_comes_from(rule: Rule):
    assert re.search(r"Source:\s+S[0-9]-[a-z0-9.-]+", rule.why)


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_a_fix_starts_with_what_to_do(rule: Rule):
    assert re.match(r"[A-Z][a-z]+ ", rule.fix)


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_a_page_has_an_example_that_fails_and_one_that_passes(rule: Rule):
    titles = {example.title.split(",")[0] for example in rule.examples}

    assert {"fails", "passes"} == titles


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_is_true(rule: Rule, example: Example, book, repo_of):
    stage = staged(example, book.kinds)
    if stage.asks is not None:
        said = findings_at_gate(stage, rule.code, book.kinds)
        assert example.fails == (rule.code in {one.code for one in said if one.severity is not Severity.NOTE}), said
        return
    said = repo_of(stage) if stage.before else book.judge(stage).judgement.findings

    assert example.fails == (rule.code in {finding.code for finding in said}), said


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_shows_nothing_but_its_rule(rule: Rule, example: Example, book):
    stage = staged(example, book.kinds)
    # A release on its way lacks much beside what is shown, and a page is no place to write all of that.
    beside = {"LCY202"} if (rule.code, example.fails) == ("LCY208", True) or rule.code == "LNK103" else set()
    if not stage.before and stage.asks is None:
        assert ({rule.code} if example.fails else set()) | beside >= set(book.judge(stage).codes) - {"LNK109"}
