"""Ids for new records, and where their files go."""

from __future__ import annotations

from typing import Any

import pytest

from opsledger.edit.numbering import next_id, path_for, slug
from opsledger.errors import Refused
from opsledger.kind import Kinds


def made(kinds: Kinds, kind: str, data: dict[str, Any], *taken: str) -> str:
    return next_id(kinds[kind], data, taken=set(taken), year=2026)


def test_first_number_of_a_year_is_one(kinds: Kinds) -> None:
    assert "WRK-2026-0001" == made(kinds, "work", {}, "WRK-2025-0412")


def test_number_is_one_past_the_highest_and_fills_no_gap(kinds: Kinds) -> None:
    assert "WRK-2026-0010" == made(kinds, "work", {}, "WRK-2026-0002", "WRK-2026-0009", "WRK-2026-x", "REL-2026-0099")


def test_numbers_grow_past_four_digits(kinds: Kinds) -> None:
    assert "WRK-2026-10000" == made(kinds, "work", {}, "WRK-2026-9999")


def test_named_id_follows_from_the_title(kinds: Kinds) -> None:
    assert "PTY-renee-o-hara" == made(kinds, "party", {"name": "Renée O'Hara"})


def test_named_id_that_is_taken_gets_a_number(kinds: Kinds) -> None:
    assert "PTY-ada-3" == made(kinds, "party", {"name": "Ada"}, "PTY-ada", "PTY-ada-2")


def test_title_without_letters_makes_no_id(kinds: Kinds) -> None:
    with pytest.raises(Refused, match="name it with --id"):
        made(kinds, "party", {"name": "日本"})


def test_alike_content_gets_alike_ids_whatever_its_order(kinds: Kinds) -> None:
    one, other = made(kinds, "note", {"role": "scan", "work": "x"}), made(kinds, "note", {"work": "x", "role": "scan"})

    assert one == other
    assert one.startswith("NOT-2026-")


def test_id_from_content_that_is_taken_gets_longer(kinds: Kinds) -> None:
    first = made(kinds, "note", {"role": "scan"})

    second = made(kinds, "note", {"role": "scan"}, first)

    assert (first, len(first) + 1) == (second[:-1], len(second))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Payments API", "payments-api"),
        ("  a  --  b  ", "a-b"),
        ("../../etc/passwd", "etc-passwd"),
        ("Überweisung für Ärzte", "uberweisung-fur-arzte"),
        ("x" * 80, "x" * 48),
        ("one two three four five six seven eight nine ten eleven", "one-two-three-four-five-six-seven-eight-nine-ten"),
        ("$(touch x); `y`", "touch-x-y"),
    ],
)
def test_title_becomes_words_with_hyphens(title: str, expected: str) -> None:
    assert expected == slug(title)


@pytest.mark.parametrize(
    ("kind", "id", "data", "expected"),
    [
        pytest.param("work", "WRK-2026-0001", {}, "records/works/2026/WRK-2026-0001.yaml", id="by year"),
        pytest.param("party", "PTY-ada", {}, "records/parties/PTY-ada.yaml", id="flat"),
        pytest.param("note", "NOT-1", {"role": "scan"}, "records/notes/scan/NOT-1.yaml", id="by a field"),
        pytest.param("note", "NOT-1", {"role": "../x"}, "records/notes/NOT-1.yaml", id="by a field that leads out"),
    ],
)
def test_file_lies_where_its_kind_says(kinds: Kinds, kind: str, id: str, data: dict[str, Any], expected: str) -> None:
    assert expected == path_for(kinds[kind], id, data)


@pytest.mark.parametrize("id", ["../PTY-x", "PTY-a/b", ".PTY", "-PTY", "PTY\n", "C:PTY", "", "PTY\0"], ids=repr)
def test_id_that_is_no_file_name_is_refused(kinds: Kinds, id: str) -> None:
    with pytest.raises(Refused, match="cannot be the name of a file"):
        path_for(kinds["party"], id, {})
