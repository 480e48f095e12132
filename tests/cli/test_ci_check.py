"""`gate ci-check`: what the pipeline of an application asks before there is a release."""

from __future__ import annotations

import json

import jsonschema
import pytest
from tests.conftest import Repo

from opsledger import packaged

from .conftest import CI, Call

PROBLEM = """id: PRB-2026-0001
title: Payments time out
state: investigating
severity: {severity}
impact: high
urgency: high
owner: PTY-ada
cis: [CI-payments-api]
"""
OTHER = CI.replace("CI-payments-api", "CI-portal").replace("Payments API", "Portal")
PLACE = "id: ENV-{id}\ntitle: {id}\nstate: planned\npurpose: test\nproduction: {production}\n"
CHECK = ("gate", "ci-check")


@pytest.fixture
def built(book: Repo) -> Repo:
    """A ledger of two components, with an open problem on the first, in a repository that holds their code."""
    book.write("records/cis/CI-payments-api.yaml", f"{CI}paths: [src/pay, '!src/pay/docs']\n")
    book.write("records/cis/CI-portal.yaml", f"{OTHER}paths: [src/portal]\n")
    book.write("records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format(severity="high"))
    book.write("records/environments/ENV-prod.yaml", PLACE.format(id="prod", production="true"))
    book.write("records/environments/ENV-staging.yaml", PLACE.format(id="staging", production="false"))
    book.commit("A problem")
    return book


def test_open_problem_on_a_component_exits_1_and_names_its_line(built: Repo, call: Call) -> None:
    done = call("-C", built.root, *CHECK, "CI-payments-api", "--env", "ENV-prod")

    assert 1 == done.code
    assert done.out.startswith("ci-check is blocked for CI-payments-api in ENV-prod as of 2026-11-20 12:00 UTC: 1 of 2")
    assert (
        "PKG514 CI-payments-api has the open problem PRB-2026-0001 "
        "(high, investigating, records/problems/2026/PRB-2026-0001.yaml:4)"
    ) in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("CI-portal", "--env", "ENV-prod"), id="another component"),
        pytest.param(("CI-payments-api", "--env", "ENV-staging"), id="where only critical ones count"),
    ],
)
def test_component_without_a_blocking_problem_exits_0(built: Repo, call: Call, arguments: tuple[str, ...]) -> None:
    assert 0 == call("-C", built.root, *CHECK, *arguments).code


def test_problem_that_is_ended_lets_it_pass(built: Repo, call: Call) -> None:
    ended = 'state: resolved\nresolution: {path: process, resolved: "2026-11-01T00:00:00Z"}'
    built.write(
        "records/problems/2026/PRB-2026-0001.yaml",
        PROBLEM.format(severity="low").replace("state: investigating", ended),
    )
    built.commit("Over")

    assert 0 == call("-C", built.root, *CHECK, "CI-payments-api").code


@pytest.mark.parametrize(
    ("version", "code"), [("4.2.0", 1), ("4.2.1", 0), ("", 1)], ids=["has it", "has it not", "unsaid"]
)
def test_version_that_is_built_is_held_against_those_that_have_it(
    built: Repo, call: Call, version: str, code: int
) -> None:
    affected = "affected_versions: [{ci: CI-payments-api, version: 4.2.0}]\n"
    built.write("records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format(severity="high") + affected)
    built.commit("In one version")

    done = call("-C", built.root, *CHECK, "CI-payments-api", *(["--version", version] if version else []))

    assert code == done.code


def test_grave_problem_in_production_pauses_the_pipeline_of_its_whole_service(built: Repo, call: Call) -> None:
    built.write("records/cis/CI-portal.yaml", f"{OTHER}relations: {{part_of: [CI-payments-api]}}\n")
    built.write("records/problems/2026/PRB-2026-0001.yaml", PROBLEM.format(severity="critical"))
    built.commit("It burns")

    done = call("-C", built.root, *CHECK, "CI-portal")

    assert 1 == done.code
    assert "FLT754 production is paused for CI-portal: 1 problem of severity critical or worse is open" in done.out


def test_several_components_give_one_verdict(built: Repo, call: Call) -> None:
    done = call("-C", built.root, *CHECK, "CI-portal", "CI-payments-api", "--format", "json")

    said = json.loads(done.out)

    jsonschema.validate(said, json.loads(packaged.text("schemas/meta/verdict.json")))
    assert ("CI-portal CI-payments-api", "blocked", ["blocked", "met"], {"kind": "ci", "from": "", "to": ""}) == (
        said["subject"],
        said["outcome"],
        [answer["outcome"] for answer in said["answers"]],
        said["move"],
    )


def test_it_can_be_shown_on_the_page_of_a_job(built: Repo, call: Call) -> None:
    done = call("-C", built.root, *CHECK, "CI-payments-api", "--format", "markdown")

    assert "### ❌ ci-check is blocked for CI-payments-api" in done.out


def test_problem_that_cannot_be_read_exits_3(built: Repo, call: Call) -> None:
    built.write("records/problems/2026/PRB-2026-0002.yaml", "id: [\n")
    built.commit("Broken")

    assert 3 == call("-C", built.root, *CHECK, "CI-portal").code


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ("src/pay/api.py\n", 1),
        ("README.md\nsrc/pay/api.py\n", 1),
        ("src/portal/page.py\n", 0),
        ("src/portal/page.py\nsrc/pay/docs/a.md\n", 0),
    ],
    ids=["of the component", "among others", "of another", "of a folder left out"],
)
def test_changed_files_stand_for_their_components(built: Repo, call: Call, files: str, code: int) -> None:
    (built.root.parent / "changed.txt").write_text(files)

    assert code == call("-C", built.root, *CHECK, "--paths-from", "../changed.txt").code


def test_component_of_another_repository_is_not_meant_by_a_path(built: Repo, call: Call) -> None:
    elsewhere = f"{CI}paths: [src/pay]\nrepository: https://git.example.org/shop/pay\n"
    built.write("records/cis/CI-payments-api.yaml", elsewhere)
    built.commit("Moved")
    (built.root.parent / "changed.txt").write_text("src/pay/api.py\n")

    done = call("-C", built.root, *CHECK, "--paths-from", "../changed.txt")

    assert (2, True) == (done.code, "no changed file belongs to one" in done.err)


def test_component_of_this_repository_by_its_address_is_meant(built: Repo, call: Call) -> None:
    here = f"{CI}paths: [src/pay]\nrepository: https://git.example.org/shop/pay\n"
    built.write("records/cis/CI-payments-api.yaml", here)
    built.commit("Named")
    built.git("remote", "add", "origin", "git@git.example.org:shop/pay.git")
    (built.root.parent / "changed.txt").write_text("src/pay/api.py\n")

    assert 1 == call("-C", built.root, *CHECK, "--paths-from", "../changed.txt", "--base", "main").code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param((), "name the components that are built", id="nothing"),
        pytest.param(("PTY-ada",), "PTY-ada is no component but a party", id="no component"),
        pytest.param(("CI-portl",), "did you mean CI-portal?", id="no such component"),
        pytest.param(("CI-portal", "--env", "ENV-x"), "no environment is called 'ENV-x'", id="nowhere"),
        pytest.param(("CI-portal", "--group", "eu"), "leave out --group", id="a group"),
        pytest.param(("--paths-from", "gone.txt"), "no changed files can be read", id="no list"),
    ],
)
def test_question_that_makes_no_sense_exits_2(built: Repo, call: Call, arguments: tuple[str, ...], words: str) -> None:
    done = call("-C", built.root, *CHECK, *arguments)

    assert (2, True) == (done.code, words in done.err)


def test_other_gates_take_no_version(built: Repo, call: Call) -> None:
    assert 2 == call("-C", built.root, "gate", "plan", "CI-portal", "--version", "1").code
