"""A plan is judged as the snapshot that it would make, before a byte is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from opsledger.edit.judging import NotAccepted, accept, planned
from opsledger.edit.plan import Plan, Write
from opsledger.finding import Finding, Place
from opsledger.ledger import load
from opsledger.store import Snapshot

from .conftest import Book

ADA = "records/parties/PTY-ada.yaml"


def unnamed(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Find parties without a name, and say of each piece of work how many parties there are."""
    ledger = load(snapshot, book.kinds)
    for party in ledger.of("party"):
        if not party.get("name"):
            yield Finding(Place(party.path, 1, 1), "SCH001", f"{party.id} has no name", "give it one")
    for work in ledger.of("work"):
        yield Finding(Place(work.path, 1, 1), "LNK101", f"{work.id} sees {len(ledger.of('party'))} parties")


def accepted(book: Book, *writes: Write) -> tuple[Finding, ...]:
    return accept(book.ledger().snapshot, Plan(writes), lambda snapshot: unnamed(book, snapshot))


def test_snapshot_is_seen_as_it_will_be(book: Book) -> None:
    book.write("records/parties/PTY-eve.yaml", "id: PTY-eve\nname: Eve\n")
    plan = Plan(
        (
            Write("records/parties/PTY-bob.yaml", None, b"id: PTY-bob\nname: Bob\n"),
            Write("records/parties/PTY-eve.yaml", b"id: PTY-eve\nname: Eve\n", None),
            Write(ADA, b"", b"id: PTY-ada\nname: Countess\n"),
        )
    )

    ledger = load(planned(book.ledger().snapshot, plan), book.kinds)

    assert {"PTY-ada": "Countess", "PTY-bob": "Bob"} == {one.id: one.data["name"] for one in ledger.of("party")}
    assert "id: PTY-ada\nname: Ada\n" == book.read(ADA)


def test_plan_that_breaks_what_it_writes_is_refused(book: Book) -> None:
    with pytest.raises(NotAccepted) as refused:
        accepted(book, Write(ADA, b"id: PTY-ada\nname: Ada\n", b"id: PTY-ada\n"))

    assert 1 == refused.value.exit_code
    assert f"""\
the check would not pass, so nothing was written
{ADA}:1:1: SCH001 PTY-ada has no name
    fix: give it one""" == str(refused.value)


def test_finding_that_was_there_before_stops_nothing(book: Book) -> None:
    book.write(ADA, "id: PTY-ada\n")

    assert () == accepted(book, Write(ADA, b"id: PTY-ada\n", b"# mended elsewhere\nid: PTY-ada\n"))


def test_finding_in_another_file_is_told_and_stops_nothing(book: Book) -> None:
    book.write("records/works/WRK-2026-0001.yaml", "id: WRK-2026-0001\n")

    told = accepted(book, Write("records/parties/PTY-bob.yaml", None, b"id: PTY-bob\nname: Bob\n"))

    assert ["WRK-2026-0001 sees 2 parties"] == [finding.message for finding in told]


def test_plan_without_writes_is_not_judged(book: Book) -> None:
    def never(_: Snapshot) -> Iterator[Finding]:
        raise AssertionError

    assert () == accept(book.ledger().snapshot, Plan(), never)


def test_edit_of_what_was_approved_is_told_and_stops_nothing(book: Book) -> None:
    stale = Finding(Place(ADA, 1, 1), "SIG302", "APR-1 approved PTY-ada, and it was edited since", "ask again")
    write = Write(ADA, b"id: PTY-ada\nname: Ada\n", b"id: PTY-ada\nname: Countess\n")

    snapshot = book.ledger().snapshot
    told = accept(snapshot, Plan((write,)), lambda judged: [stale] if judged is not snapshot else [])

    assert (stale,) == told
