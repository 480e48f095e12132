"""Walks along links: traces from faults to production, and what depends on what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from opsledger import packaged
from opsledger.errors import NoSuchRecord
from opsledger.graph import AmbiguousName, Branch, impact, named, trace
from opsledger.kind import Kinds, load_kinds
from opsledger.ledger import Ledger, load
from opsledger.store import Repository

Book = Callable[..., Ledger]


@pytest.fixture(scope="module")
def kinds() -> Kinds:
    """The packaged kinds, for a trace knows their order."""
    return load_kinds(packaged.files("schemas"), {})


@pytest.fixture
def book(repo: Any, kinds: Kinds) -> Iterator[Book]:
    """Make a ledger of records, each given by its fields as one line of YAML under its id."""
    with ExitStack() as stack:

        def make(**records: str) -> Ledger:
            for name, fields in records.items():
                id = name.replace("_", "-")
                kind = kinds.of_id(id)
                assert kind is not None
                repo.write(f"{kind.folder}/{id}.yaml", f"{{id: {id}, {fields}}}\n")
            repository = stack.enter_context(Repository.open(repo.root, environment=repo.environment))
            return load(repository.work_tree(), kinds)

        yield make


def drawn(branch: Branch) -> list[str]:
    """Return a trace as text, two blanks a level."""
    return [
        "  " * depth + " ".join((*one.relations, one.node.id)) + (" ^" if one.is_above else "")
        for depth, one in branch.walked()
    ]


CHAIN = {
    "PRB_1": "state: known-error", "CHG_1": "state: approved, problems: [PRB-1]",
    "REL_1": "state: ready, changes: [CHG-1]", "DEP_1": "state: planned, release: REL-1",
}  # fmt: skip


def test_trace_goes_from_the_problem_down_to_its_deployment(book: Book) -> None:
    assert ["PRB-1", "  dealt with by CHG-1", "    shipped in REL-1", "      deployed by DEP-1"] == drawn(
        trace(book(**CHAIN), "PRB-1")
    )


def test_trace_goes_from_the_deployment_up_to_its_problem(book: Book) -> None:
    assert ["DEP-1", "  deploys REL-1", "    ships CHG-1", "      deals with PRB-1"] == drawn(
        trace(book(**CHAIN), "DEP-1")
    )


def test_trace_from_the_middle_goes_both_ways(book: Book) -> None:
    found = trace(book(**CHAIN), "REL-1")

    assert ["REL-1", "  ships CHG-1", "    deals with PRB-1", "  deployed by DEP-1"] == drawn(found)
    assert ["", "up", "up", "down"] == [branch.way for _, branch in found.walked()]


def test_trace_does_not_turn_round_to_the_problem_s_other_releases(book: Book) -> None:
    ledger = book(**CHAIN, REL_2="known_problems: [PRB-1]", CHG_2="release: REL-1", CHG_3="problems: [PRB-1]")

    assert {"REL-1", "CHG-1", "CHG-2", "PRB-1", "DEP-1"} == {one.node.id for _, one in trace(ledger, "REL-1").walked()}


def test_release_hangs_on_its_change_and_the_shorter_way_points_there(book: Book) -> None:
    ledger = book(PRB_1="state: logged", CHG_1="problems: [PRB-1]", REL_1="changes: [CHG-1], fixes: [PRB-1]")

    assert ["PRB-1", "  dealt with by CHG-1", "    shipped in REL-1", "  fixed by REL-1 ^"] == drawn(
        trace(ledger, "PRB-1")
    )


def test_fact_written_on_both_sides_is_one_branch(book: Book) -> None:
    ledger = book(CHG_1="release: REL-1", REL_1="changes: [CHG-1]")

    assert ["REL-1", "  ships CHG-1"] == drawn(trace(ledger, "REL-1"))


def test_approvals_reviews_and_evidence_hang_on_what_they_name(book: Book) -> None:
    ledger = book(
        REL_1="state: ready", APR_1="subject: REL-1", REV_1="subjects: [REL-1, CHG-9]", EVD_1="subjects: [REL-1]",
        EXC_1="scope: {records: [REL-1]}", BSL_1="of: REL-1",
    )  # fmt: skip

    expected = ["REL-1", "  decided on in APR-1", "  has the baseline BSL-1", "  has evidence EVD-1",
                "  excepted by EXC-1", "  reviewed in REV-1"]  # fmt: skip
    assert expected == drawn(trace(ledger, "REL-1"))


def test_patch_and_incident_of_a_release_are_shown_and_lead_no_further(book: Book) -> None:
    ledger = book(
        PRB_1="state: logged", REL_1="fixes: [PRB-1]", INC_1="caused_by: {record: REL-1}, problems: [PRB-2]",
        PRB_2="state: logged",
    )  # fmt: skip

    assert ["PRB-1", "  fixed by REL-1", "    set off INC-1"] == drawn(trace(ledger, "PRB-1"))


def test_trace_from_an_approval_enters_the_chain_both_ways(book: Book) -> None:
    ledger = book(**CHAIN, APR_1="subject: REL-1")

    assert [
        "APR-1",
        "  decides on REL-1",
        "    ships CHG-1",
        "      deals with PRB-1",
        "    deployed by DEP-1",
    ] == drawn(trace(ledger, "APR-1"))


def test_trace_passes_by_components_people_and_rules(book: Book) -> None:
    ledger = book(
        REL_1="service: CI-a, accountable: PTY-a", CI_a="title: A", PTY_a="name: A", CHG_1="effects: [{ci: CI-a}]"
    )

    assert ["REL-1"] == drawn(trace(ledger, "REL-1"))


def test_record_that_is_not_there_is_shown_as_such(book: Book) -> None:
    found = trace(book(REL_1="changes: [CHG-9]"), "REL-1")

    assert [("REL-1", True), ("CHG-9", False)] == [(one.node.id, one.node.is_known) for _, one in found.walked()]


def test_records_that_name_each_other_end(book: Book) -> None:
    ledger = book(CHG_1="depends_on: [CHG-2]", CHG_2="depends_on: [CHG-1]", CHG_3="depends_on: [CHG-3]")

    assert ["CHG-1", "  needs first needed first by CHG-2"] == drawn(trace(ledger, "CHG-1"))
    assert ["CHG-3"] == drawn(trace(ledger, "CHG-3"))


@pytest.mark.parametrize(("depth", "expected"), [(0, 1), (1, 2), (2, 3), (9, 4)])
def test_trace_goes_no_further_than_told(book: Book, depth: int, expected: int) -> None:
    assert expected == len(list(trace(book(**CHAIN), "PRB-1", depth=depth).walked()))


def test_trace_of_nothing_names_the_nearest(book: Book) -> None:
    with pytest.raises(NoSuchRecord, match=r"no record is called 'REL-2'; did you mean REL-1\?"):
        trace(book(**CHAIN), "REL-2")


def ci(relation: str = "", *targets: str) -> str:
    return f"title: A, relations: {{{relation}: [{', '.join(targets)}]}}" if relation else "title: A"


def reached(ledger: Ledger, id: str, **options: Any) -> list[tuple[int, str]]:
    return [(one.depth, " ".join((*one.relations, one.node.id))) for one in impact(ledger, id, **options).reached]


@pytest.mark.parametrize(
    ("relation", "named_suffers", "expected"),
    [
        ("depends_on", False, "needed by CI-a"),
        ("runs_on", False, "carries CI-a"),
        ("uses", False, "used by CI-a"),
        ("part_of", True, "is part of CI-b"),
    ],
)
def test_harm_travels_to_who_needs_it_and_to_the_whole(
    book: Book, relation: str, named_suffers: bool, expected: str
) -> None:
    ledger = book(CI_a=ci(relation, "CI-b"), CI_b=ci())
    start, other = ("CI-a", "CI-b") if named_suffers else ("CI-b", "CI-a")

    assert ([(1, expected)], []) == (reached(ledger, start), reached(ledger, other))


def test_document_suffers_nothing(book: Book) -> None:
    ledger = book(CI_a=ci("describes", "CI-b"), CI_b=ci())

    assert ([], []) == (reached(ledger, "CI-a"), reached(ledger, "CI-b"))


def test_impact_is_a_tree_of_shortest_ways(book: Book) -> None:
    ledger = book(
        CI_a=ci(), CI_b=ci("depends_on", "CI-a"), CI_c=ci("depends_on", "CI-b", "CI-a"), CI_d=ci("depends_on", "CI-b")
    )

    found = impact(ledger, "CI-a")

    assert [(1, "CI-b"), (2, "CI-d"), (1, "CI-c")] == [(one.depth, one.node.id) for one in found.reached]
    assert ("CI-a", "CI-b", "CI-d") == found.path_to("CI-d")


def test_components_that_need_each_other_end(book: Book) -> None:
    ledger = book(CI_a=ci("uses", "CI-b"), CI_b=ci("uses", "CI-a"))

    assert [(1, "used by CI-b")] == reached(ledger, "CI-a")


def test_impact_goes_no_further_than_told(book: Book) -> None:
    ledger = book(CI_a=ci(), CI_b=ci("depends_on", "CI-a"), CI_c=ci("depends_on", "CI-b"))

    assert [[], [1], [1, 2]] == [[depth for depth, _ in reached(ledger, "CI-a", depth=most)] for most in (0, 1, 9)]


def test_chain_longer_than_calls_may_nest_is_walked(book: Book) -> None:
    chain = {f"CI_{number}": ci("depends_on", f"CI-{number - 1}") for number in range(1, 1100)}

    found = impact(book(CI_0=ci(), **chain), "CI-0")

    assert 1099 == found.reached[-1].depth
    assert 1100 == len(found.path_to("CI-1099"))


def test_open_work_is_named_and_closed_work_is_not(book: Book) -> None:
    ledger = book(
        CI_a=ci(), CI_b=ci("depends_on", "CI-a"),
        PRB_1="state: logged, cis: [CI-a]", PRB_2="state: closed, cis: [CI-a]",
        CHG_1="state: draft, effects: [{ci: CI-b}]", MON_1="state: active, targets: [CI-a]",
        REL_1="state: ready, service: CI-b, scope: {cis: [{ci: CI-b}]}",
    )  # fmt: skip

    found = impact(ledger, "CI-a")

    assert ["PRB-1"] == [touch.node.id for touch in found.touched]
    assert [("CHG-1", ("changed by",)), ("REL-1", ("released by", "touched by"))] == [
        (touch.node.id, touch.relations) for touch in found.reached[0].touched
    ]


def test_record_is_found_by_its_key_elsewhere(book: Book) -> None:
    ledger = book(
        PRB_1="external: [{system: jira, key: PAY-7}]", PRB_2="external: [{system: jira, key: 7}, x], title: t"
    )

    assert "PRB-1" == named(ledger, "PAY-7").id
    assert "PRB-2" == named(ledger, "PRB-2").id


def test_key_of_several_records_is_refused(book: Book) -> None:
    key = "external: [{system: jira, key: PAY-7}]"

    with pytest.raises(AmbiguousName, match="'PAY-7' is the key of 2 records: CHG-1, PRB-1; say which"):
        named(book(PRB_1=key, CHG_1=key), "PAY-7")


def test_key_of_nothing_is_refused(book: Book) -> None:
    with pytest.raises(NoSuchRecord, match="no record is called 'PAY-7'"):
        named(book(PRB_1="external: []"), "PAY-7")
