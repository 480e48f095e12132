"""New records: what is asked, what is taken for granted, and what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opsledger.edit.creating import (
    Question,
    Unanswered,
    answered,
    begin,
    by_default,
    create,
    ordered,
    plan_new,
    questions,
)
from opsledger.edit.plan import Plan
from opsledger.edit.shape import shape_of
from opsledger.edit.values import assignment
from opsledger.errors import Refused
from opsledger.ledger import Ledger

from .conftest import NOW, Book


def asked(ledger: Ledger, kind: str, *given: str) -> dict[str, Question]:
    sort = ledger.kinds[kind]
    data = begin(sort, [assignment(one) for one in given])
    return {question.name: question for question in questions(sort, data, ledger, now=NOW)}


def accept(plan: Plan) -> None:
    """Accept every plan."""


def test_record_starts_in_the_first_state_with_what_was_given(book: Book) -> None:
    assert {"state": "draft", "title": "Mend it"} == begin(book.kinds["work"], [assignment("title=Mend it")])


def test_required_fields_are_asked_for_and_no_others(book: Book) -> None:
    assert ["title", "size", "opened"] == list(asked(book.ledger(), "work"))


def test_vocabulary_is_offered(book: Book) -> None:
    assert ("small", "large") == asked(book.ledger(), "work")["size"].choices


def test_records_that_may_be_named_are_offered(book: Book) -> None:
    book.write("records/works/WRK-2026-0001.yaml", "id: WRK-2026-0001\ntitle: x\n")

    assert ("WRK-2026-0001",) == asked(book.ledger(), "note")["work"].choices


def test_moment_of_noting_it_goes_without_saying(book: Book) -> None:
    assert "2026-11-20T12:00:00Z" == asked(book.ledger(), "work")["opened"].default


def test_what_a_state_asks_is_asked_when_the_record_starts_there(book: Book) -> None:
    assert "work that is ready has an owner" == asked(book.ledger(), "work", "state=ready")["owner"].text


def test_fields_inside_a_list_s_first_entry_are_asked_for(book: Book) -> None:
    assert ["role", "work", "places.0.line"] == list(asked(book.ledger(), "note"))


def test_required_field_inside_what_was_given_is_asked_for(book: Book) -> None:
    assert "plan.text" in asked(book.ledger(), "work", "plan={steps: [go]}")


def test_answers_fill_the_record(book: Book) -> None:
    book.write("records/works/WRK-2026-0001.yaml", "id: WRK-2026-0001\ntitle: x\n")
    ledger, kind = book.ledger(), book.kinds["note"]
    data: dict[str, Any] = {}
    for text in ("scan", "WRK-2026-0001", "12"):
        data = answered(kind, data, questions(kind, data, ledger, now=NOW)[0], text)

    assert {"role": "scan", "work": "WRK-2026-0001", "places": [{"line": 12}]} == data
    assert () == questions(kind, data, ledger, now=NOW)


def test_answer_that_does_not_fit_is_refused(book: Book) -> None:
    with pytest.raises(Refused, match="/size may not be 'big'"):
        answered(book.kinds["work"], {}, Question("/size", "How big it is."), "big")


def test_unasked_record_says_what_it_lacks(book: Book) -> None:
    ledger = book.ledger()

    with pytest.raises(Unanswered) as refused:
        by_default(ledger.kinds["work"], {"state": "draft"}, ledger, now=NOW)

    assert "a new work needs title, size\nfix: give --set title=… --set size=small|large" == str(refused.value)


def test_plan_writes_fields_in_the_order_of_the_schema(book: Book) -> None:
    data = {"size": "small", "plan": {"steps": ["go"], "text": "x"}, "title": "Mend it", "state": "draft",
            "opened": "2026-11-20T12:00:00Z"}  # fmt: skip

    id, plan = plan_new(book.kinds["work"], data, taken=(), year=2026)

    [write] = plan.writes
    assert ("WRK-2026-0001", "records/works/2026/WRK-2026-0001.yaml", None) == (id, write.path, write.before)
    assert (write.after or b"").decode().splitlines() == [
        "id: WRK-2026-0001", "title: Mend it", "state: draft", "size: small", 'opened: "2026-11-20T12:00:00Z"',
        "plan:", "  text: x", "  steps:", "    - go",
    ]  # fmt: skip


def test_plan_says_what_comes_next_and_what_it_asks_for(book: Book) -> None:
    _, plan = plan_new(book.kinds["work"], {"state": "draft", "title": "x"}, taken=(), year=2026)

    assert (
        "next: opsledger transition WRK-2026-0001 ready", "    work that is ready has an owner (set owner)"
    ) == plan.said  # fmt: skip


def test_plan_for_a_record_that_is_further_on_says_what_comes_after_that(book: Book) -> None:
    _, plan = plan_new(book.kinds["work"], {"state": "ready", "title": "x"}, taken=(), year=2026)

    assert not any("opsledger transition WRK-2026-0001 ready" in line for line in plan.said)


def test_plan_says_nothing_of_the_way_ahead_of_a_record_that_starts_further_on(book: Book) -> None:
    _, plan = plan_new(book.kinds["work"], {"state": "ready", "title": "x", "owner": "PTY-ada"}, taken=(), year=2026)

    assert () == plan.said


def test_id_that_was_asked_for_is_given(book: Book) -> None:
    id, _ = plan_new(book.kinds["party"], {"name": "Ada"}, taken=(), year=2026, id="PTY-countess")

    assert "PTY-countess" == id


def test_id_that_exists_is_refused(book: Book) -> None:
    with pytest.raises(Refused, match="PTY-ada exists already"):
        plan_new(book.kinds["party"], {"name": "Ada"}, taken={"PTY-ada"}, year=2026, id="PTY-ada")


def test_new_record_takes_the_next_number_when_somebody_was_quicker(book: Book) -> None:
    book.write("records/works/2026/WRK-2026-0001.yaml", "somebody else's")
    data = {"title": "x", "state": "draft", "size": "small", "opened": "2026-11-20T12:00:00Z"}

    plan = create(book.kinds["work"], data, taken=(), year=2026, root=book.root, accept=accept)

    assert "records/works/2026/WRK-2026-0002.yaml" == plan.writes[0].path
    assert "somebody else's" == book.read("records/works/2026/WRK-2026-0001.yaml")


def test_record_that_is_not_accepted_is_not_written(book: Book, tmp_path: Path) -> None:
    def refuse(plan: Plan) -> None:
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        create(book.kinds["party"], {"name": "Eve"}, taken=(), year=2026, root=book.root, accept=refuse)

    assert not (tmp_path / "records/parties/PTY-eve.yaml").exists()


def test_order_reaches_into_lists_and_leaves_strangers_last(book: Book) -> None:
    value = {"zzz": 1, "title": "x", "decisions": [{"reason": "r", "at": "a"}], "id": "i"}

    found = ordered(value, shape_of(book.kinds["work"]))

    assert ["id", "title", "decisions", "zzz"] == list(found)
    assert ["at", "reason"] == list(found["decisions"][0])
