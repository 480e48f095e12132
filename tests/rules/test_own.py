"""An organisation's own rules: who they judge, what they say, and what becomes of them without an answer."""

from __future__ import annotations

import pytest

from opsledger.finding import Severity

POLICY = """
# records/policy/POL-x.yaml
rules:
  own:
    - code: ORG001
      kind: problem
      %s
"""
PROBLEM = """
# records/problems/PRB-2026-9001.yaml
severity: high
title: Payments time out
"""


def rule(*lines: str) -> str:
    return POLICY % "\n      ".join(("says: a grave problem says so in its title", *lines))


GRAVE = rule("when: problem.severity >= HIGH", "must: problem.title.startsWith('Grave')", "fix: say Grave first")


def own(book, text: str, problem: str = PROBLEM):
    judged = book(text.lstrip("\n") + problem.lstrip("\n"))
    return [one for one in judged.judgement.findings if one.code in ("ORG001", "GOV969")]


def test_a_record_that_breaks_a_rule_of_ones_own_is_told_at_the_field_that_it_speaks_of(book):
    [one] = own(book, GRAVE)

    assert "ORG001" == one.code
    assert "PRB-2026-9001: a grave problem says so in its title" == one.message
    assert "say Grave first" == one.fix
    assert Severity.ERROR is one.severity
    assert "records/problems/PRB-2026-9001.yaml" == one.place.path
    assert one.place.line > 1


def test_without_a_fix_the_condition_is_what_to_do(book):
    [one] = own(book, rule("must: problem.title.startsWith('Grave')"))

    assert "change it so that problem.title.startsWith('Grave')" == one.fix


@pytest.mark.parametrize("severity", ["note", "warning", "error"])
def test_a_rule_of_ones_own_weighs_as_it_says(book, severity: str):
    [one] = own(book, rule("must: problem.title == 'Grave'", f"severity: {severity}"))

    assert severity == one.severity.word


def test_the_policy_weighs_a_rule_of_its_own_as_any_other(book):
    text = GRAVE.replace("rules:\n", "rules:\n  severity: {ORG001: note}\n")

    assert [Severity.NOTE] == [one.severity for one in own(book, text)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(GRAVE, PROBLEM.replace("Payments", "Grave payments"), id="it holds"),
        pytest.param(GRAVE, PROBLEM.replace("high", "medium"), id="near miss, a word below"),
        pytest.param(
            GRAVE.replace("kind: problem", "kind: incident").replace("problem.", "incident."), PROBLEM, id="kind"
        ),
        pytest.param(GRAVE.replace("rules:\n", "rules:\n  select: [SCH, GOV]\n"), PROBLEM, id="not selected"),
    ],
)
def test_a_rule_of_ones_own_lets_pass(book, text: str, problem: str):
    assert [] == own(book, text, problem)


def test_a_record_that_does_not_fit_its_schema_is_not_judged_beside(book):
    assert [] == own(book, GRAVE, PROBLEM.replace("severity: high", "severity: huge"))


@pytest.mark.parametrize(
    ("must", "why", "column"),
    [
        pytest.param("1 / 0 == 1", "it divides by zero", 3, id="divides by zero"),
        pytest.param(
            "problem.description == ''",
            "problem.description is not there; where it may be missing, ask has(problem.description) first",
            9,
            id="reads a missing field",
        ),
        pytest.param(
            "[1, 2, 3, 4, 5, 6, 7, 8, 9].all(a, {0}.all(b, {0}.all(c, {0}.all(d, {0}.all(e, true)))))".replace(
                "{0}", "[1, 2, 3, 4, 5, 6, 7, 8, 9]"
            ),
            "it takes more than 20,000 steps",
            29,
            id="takes too many steps",
        ),
    ],
)
def test_what_has_no_answer_is_told_at_the_line_and_column_of_the_policy(book, must: str, why: str, column: int):
    text = rule(f'must: "{must}"')

    judged = book(text.lstrip("\n") + PROBLEM.lstrip("\n"))

    [one] = [one for one in judged.judgement.findings if one.code == "GOV969"]
    assert f"ORG001 cannot be judged of PRB-2026-9001: {why}" == one.message
    [seen] = [text for text in judged.seen if text.startswith("GOV969")]
    assert seen.startswith(f"GOV969 POL-x: {must[column - 1 :]}")


def test_a_condition_without_an_answer_is_told_once_for_all_records(book):
    others = "".join(PROBLEM.replace("9001", f"900{number}") for number in range(1, 6))

    [one] = own(book, rule('must: "1 / 0 == 1"'), others)

    named = "PRB-2026-9001, PRB-2026-9002, PRB-2026-9003 and 2 more"
    assert f"ORG001 cannot be judged of {named}: it divides by zero" == one.message


REFUSED = {
    "a code of the tool's": (
        "- {code: SIG301, kind: problem, must: 'true', says: x}",
        "SIG301 is a rule of the tool's, so POL-x cannot state its own under that code",
    ),
    "a kind that is none": (
        "- {code: ORG001, kind: problems, must: 'true', says: x}",
        "POL-x states a rule for records of kind problems, and no schema describes such a kind",
    ),
    "a field that is none": (
        "- {code: ORG001, kind: problem, must: problem.titel == 'x', says: x}",
        "the condition of POL-x says nothing: problem never has a field titel; did you mean title?",
    ),
    "no condition": (
        "- {code: ORG001, kind: problem, must: problem.title =, says: x}",
        "the condition of POL-x says nothing: '=' means nothing here; two things are compared with ==",
    ),
}


@pytest.mark.parametrize(("stated", "message"), REFUSED.values(), ids=REFUSED)
def test_a_rule_of_ones_own_that_says_nothing_is_refused(book, stated: str, message: str):
    judged = book(f"# records/policy/POL-x.yaml\nrules:\n  own:\n    {stated}\n")

    assert [message] == [one.message for one in judged.judgement.findings if one.code == "GOV969"]


def test_a_condition_that_can_have_no_answer_is_told_once_and_not_of_each_record(book):
    [one] = own(book, rule("must: problem.colour == 'red'"))

    assert "GOV969" == one.code
    assert "problem never has a field colour" in one.message
