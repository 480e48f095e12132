"""Fields set and states moved in records that exist, with all else in the file left as it was."""

from __future__ import annotations

import pytest

from opsledger.edit.changing import NotReady, plan_fmt, plan_set, plan_transition
from opsledger.edit.plan import Plan, apply
from opsledger.edit.values import assignment, removal
from opsledger.errors import Refused

from .conftest import NOW, Book

PATH = "records/works/2026/WRK-2026-0001.yaml"
WORK = """\
# the first piece
id: WRK-2026-0001
title: 'Mend it'   # quoted by hand
state: draft
size: small
opened: 2026-11-01T08:00:00Z
owner: PTY-ada
tags: [one, two]
"""


@pytest.fixture
def work(book: Book) -> Book:
    """A ledger with one piece of work."""
    book.write(PATH, WORK)
    return book


def done(book: Book, plan: Plan) -> str:
    """Carry a plan out and return the record's text."""
    apply(plan, book.root)
    return book.read(PATH)


def moved(book: Book, state: str, *given: str, reason: str = "", by: str = "") -> Plan:
    record = book.ledger().record("WRK-2026-0001")
    return plan_transition(record, state, [assignment(one) for one in given], now=NOW, reason=reason, by=by)


def test_value_changes_and_nothing_else(work: Book) -> None:
    text = done(work, plan_set(work.ledger().record("WRK-2026-0001"), [assignment("size=large")]))

    assert WORK.replace("size: small", "size: large") == text


def test_new_field_goes_where_the_schema_has_it(work: Book) -> None:
    text = done(work, plan_set(work.ledger().record("WRK-2026-0001"), [assignment("started=2026-11-02T08:00:00Z")]))

    lines = [line.partition(":")[0] for line in text.splitlines()]
    assert ["# the first piece", "id", "title", "state", "size", "opened", "started", "owner", "tags"] == lines


def test_several_changes_are_one_plan(work: Book) -> None:
    changes = [assignment("tags+=three"), assignment("tags-=one"), removal("owner"), assignment("plan.text=go")]

    done(work, plan_set(work.ledger().record("WRK-2026-0001"), changes))

    data = work.ledger().record("WRK-2026-0001").data
    assert (["two", "three"], None, {"text": "go"}) == (data["tags"], data.get("owner"), data["plan"])
    assert "title: 'Mend it'   # quoted by hand\n" in work.read(PATH)


@pytest.mark.parametrize("first", ["tags.0=one", "tags+=one", "tags=[one]"], ids=["by place", "added", "whole"])
def test_entries_of_a_list_that_is_not_there_yet_are_one_plan(book: Book, first: str) -> None:
    book.write(PATH, WORK.replace("tags: [one, two]\n", ""))

    text = done(book, plan_set(book.ledger().record("WRK-2026-0001"), [assignment(first), assignment("tags.1=two")]))

    assert text.endswith("tags:\n  - one\n  - two\n")


def test_value_that_is_there_already_changes_nothing(work: Book) -> None:
    plan = plan_set(work.ledger().record("WRK-2026-0001"), [assignment("size=small")])

    assert ((), ("WRK-2026-0001 says so already",)) == (plan.writes, plan.said)


def test_state_is_not_set_but_moved(work: Book) -> None:
    with pytest.raises(Refused, match="fix: use opsledger transition WRK-2026-0001 closed"):
        plan_set(work.ledger().record("WRK-2026-0001"), [assignment("state=closed")])


def test_file_that_cannot_be_read_is_not_changed(work: Book) -> None:
    work.write(PATH, "id: WRK-2026-0001\nid: twice\n")

    with pytest.raises(Refused, match=r"WRK-2026-0001\.yaml:2:1: .* so nothing was changed"):
        plan_set(work.ledger().record("WRK-2026-0001"), [assignment("size=large")])


def test_legal_move_changes_the_state_alone(work: Book) -> None:
    plan = moved(work, "ready")

    assert WORK.replace("state: draft", "state: ready") == done(work, plan)
    assert (
        "WRK-2026-0001 is ready now, it was draft", "next: opsledger transition WRK-2026-0001 doing | draft | dropped"
    ) == plan.said  # fmt: skip


def test_several_moves_are_made_at_once(work: Book) -> None:
    text = done(work, moved(work, "doing", "started=2026-11-02T08:00:00Z"))

    assert "state: doing\n" in text


def test_state_that_asks_for_more_says_so_and_writes_nothing(work: Book) -> None:
    with pytest.raises(NotReady) as refused:
        moved(work, "doing")

    assert 1 == refused.value.exit_code
    assert """\
WRK-2026-0001 is not ready to be doing, so nothing was written
LCY202 work that began says when
    fix: say when it began""" == str(refused.value)


def test_what_a_state_asks_without_a_fix_names_the_field(work: Book) -> None:
    with pytest.raises(NotReady, match="    fix: give --set owner=…"):
        plan_transition(
            work.ledger().record("WRK-2026-0001"), "ready", [removal("owner")], now=NOW
        )  # fmt: skip


def test_illegal_move_names_the_legal_ones(work: Book) -> None:
    done(work, moved(work, "closed", "started=2026-11-02T08:00:00Z"))

    with pytest.raises(Refused) as refused:
        moved(work, "draft")

    assert "WRK-2026-0001 may not go from closed to draft" == refused.value.sentence
    assert "leave it closed; that is its end" == refused.value.fix


@pytest.mark.parametrize(
    ("state", "sentence", "fix"),
    [
        pytest.param("redy", "a piece of work is never 'redy'", "did you mean ready?", id="misspelt"),
        pytest.param("draft", "WRK-2026-0001 is draft already", "", id="the state it is in"),
    ],
)
def test_move_to_nowhere_is_refused(work: Book, state: str, sentence: str, fix: str) -> None:
    with pytest.raises(Refused) as refused:
        moved(work, state)

    assert (sentence, fix) == (refused.value.sentence, refused.value.fix)


def test_record_without_states_cannot_move(work: Book) -> None:
    with pytest.raises(Refused, match="a party has no states"):
        plan_transition(work.ledger().record("PTY-ada"), "closed", now=NOW)


def test_leaving_the_path_needs_a_reason_and_somebody(work: Book) -> None:
    with pytest.raises(Refused) as refused:
        moved(work, "dropped")

    assert "give --reason and --by" == refused.value.fix


def test_leaving_the_path_is_kept_as_a_decision(work: Book) -> None:
    done(work, moved(work, "dropped", reason="no need", by="PTY-ada"))

    record = work.ledger().record("WRK-2026-0001")
    assert "dropped" == record.state
    assert [
        {"at": "2026-11-20T12:00:00Z", "by": "PTY-ada", "state": "dropped", "reason": "no need"}
    ] == record.data["decisions"]  # fmt: skip


def test_coming_back_is_a_further_decision(work: Book) -> None:
    done(work, moved(work, "dropped", reason="no need", by="PTY-ada"))
    done(work, moved(work, "draft", reason="needed after all", by="PTY-ada"))

    decisions = work.ledger().record("WRK-2026-0001").data["decisions"]
    assert ["dropped", "draft"] == [decision["state"] for decision in decisions]


def test_line_ends_of_a_file_stay(work: Book) -> None:
    (work.root / PATH).write_bytes(WORK.replace("\n", "\r\n").encode())

    apply(plan_set(work.ledger().record("WRK-2026-0001"), [assignment("size=large")]), work.root)

    expected = WORK.replace("size: small", "size: large").replace("\n", "\r\n").encode()
    assert expected == (work.root / PATH).read_bytes()


def test_fields_are_put_in_the_order_of_the_schema(work: Book) -> None:
    work.write(PATH, "size: small\n# where it stands\nstate: draft\nid: WRK-2026-0001\n")

    assert "id: WRK-2026-0001\n# where it stands\nstate: draft\nsize: small\n" == done(work, plan_fmt(work.ledger()))


def test_order_that_is_right_changes_nothing(work: Book) -> None:
    assert () == plan_fmt(work.ledger()).writes


def test_only_chosen_folders_are_put_in_order(work: Book) -> None:
    work.write(PATH, "size: small\nid: WRK-2026-0001\n")

    assert () == plan_fmt(work.ledger(), ["records/parties"]).writes
    assert 1 == len(plan_fmt(work.ledger(), ["records/works"]).writes)


def test_path_without_records_is_said(work: Book) -> None:
    with pytest.raises(Refused, match="records/wroks holds no record of the ledger"):
        plan_fmt(work.ledger(), ["records/wroks"])
