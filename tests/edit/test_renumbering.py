"""Another id for a record, wherever it is named."""

from __future__ import annotations

import pytest

from opsledger.edit.base import base_snapshot, came_with_branch, stems
from opsledger.edit.plan import Plan, apply
from opsledger.edit.renumbering import plan_renumber
from opsledger.errors import NoSuchRecord, Refused

from .conftest import Book

ONE, TWO = "records/works/2026/WRK-2026-0001.yaml", "records/works/2026/WRK-2026-0002.yaml"


@pytest.fixture
def works(book: Book) -> Book:
    """One piece of work on main, one on a branch that comes after itself and is spoken of in a note."""
    book.write(ONE, "id: WRK-2026-0001\ntitle: x\nstate: draft\n")
    book.commit()
    book.git("checkout", "-q", "-b", "topic")
    book.write(TWO, "# mine\nid: WRK-2026-0002   # keep\ntitle: y\nafter:\n- WRK-2026-0001\n- WRK-2026-0002#part\n")
    book.write("records/notes/scan/NOT-2026-00000000.yaml", "id: NOT-2026-00000000\nwork: WRK-2026-0002\n")
    return book


def planned(book: Book, id: str, new: str = "") -> Plan:
    repository, ledger = book.repository, book.ledger()
    base = base_snapshot(repository, ledger.snapshot)
    known = stems(base, [kind.folder for kind in book.kinds.values()])
    record = ledger.find(id)
    is_new = record is not None and came_with_branch(repository, record.path, base)
    return plan_renumber(ledger, id, new, known=known, is_new=is_new, year=2026)


def test_file_id_and_references_follow(works: Book) -> None:
    plan = planned(works, "WRK-2026-0002", "WRK-2026-0007")
    apply(plan, works.root)

    assert """\
# mine
id: WRK-2026-0007   # keep
title: y
after:
- WRK-2026-0001
- WRK-2026-0007#part
""" == works.read("records/works/2026/WRK-2026-0007.yaml")
    assert "id: NOT-2026-00000000\nwork: WRK-2026-0007\n" == works.read("records/notes/scan/NOT-2026-00000000.yaml")
    assert not (works.root / TWO).exists()
    assert ("WRK-2026-0002 is WRK-2026-0007 now; 1 other record names it so too",) == plan.said


def test_next_free_id_is_taken_without_a_new_one(works: Book) -> None:
    assert "records/works/2026/WRK-2026-0003.yaml" == planned(works, "WRK-2026-0002").writes[0].path


def test_id_that_the_base_knows_stays(works: Book) -> None:
    with pytest.raises(Refused, match="WRK-2026-0001 is on the base branch"):
        planned(works, "WRK-2026-0001")


def test_record_of_the_branch_gives_way_when_the_base_took_its_number(works: Book) -> None:
    works.commit()
    works.git("checkout", "-q", "main")
    works.write(TWO, "id: WRK-2026-0002\ntitle: somebody else's\n")
    works.commit()
    works.git("checkout", "-q", "topic")

    assert "records/works/2026/WRK-2026-0003.yaml" == planned(works, "WRK-2026-0002").writes[0].path


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        pytest.param("WRK-2026-0001", "WRK-2026-0001 exists already", id="taken"),
        pytest.param("PTY-x", "PTY-x is no id of a piece of work", id="of another kind"),
        pytest.param("WRK-../x", "cannot be the name of a file", id="no file name"),
    ],
)
def test_new_id_that_will_not_do_is_refused(works: Book, new: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        planned(works, "WRK-2026-0002", new)


def test_record_that_nobody_knows_is_said(works: Book) -> None:
    with pytest.raises(NoSuchRecord, match="WRK-2026-0003"):
        planned(works, "WRK-2026-0003")


def test_file_that_cannot_be_read_stops_it(works: Book) -> None:
    works.write("records/notes/scan/NOT-2026-00000001.yaml", "work: [WRK-2026-0002\n")

    with pytest.raises(Refused, match="may name WRK-2026-0002"):
        planned(works, "WRK-2026-0002")


def test_record_outside_its_year_s_folder_stays_beside_it(works: Book) -> None:
    works.write("records/works/WRK-2026-0005.yaml", "id: WRK-2026-0005\n")

    assert "records/works/WRK-2026-0009.yaml" == planned(works, "WRK-2026-0005", "WRK-2026-0009").writes[0].path


def test_renumbering_that_was_stopped_can_be_given_again(works: Book) -> None:
    plan = planned(works, "WRK-2026-0002", "WRK-2026-0007")
    apply(Plan(plan.writes[:2]), works.root)

    apply(plan, works.root)

    assert not (works.root / TWO).exists()


def test_base_is_the_remote_s_branch_before_the_own(works: Book) -> None:
    works.git("update-ref", "refs/remotes/origin/main", "main")
    works.commit()
    works.git("branch", "-f", "main", "topic")

    known = stems(base_snapshot(works.repository, works.ledger().snapshot), ["records/works"])

    assert {"WRK-2026-0001"} == known


def test_ledger_without_a_base_branch_has_none(book: Book) -> None:
    assert base_snapshot(book.repository, book.ledger().snapshot) is None
    assert frozenset() == stems(None, ["records"])
