"""Addresses of pages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsledger.site.slugs import slug, slugs


@pytest.mark.parametrize("name", ["REL-2026-0042", "CI-payments-api", "VUL-CVE-2026-1234", "4.15.28", "CTL-pci-6.3.3"])
def test_plain_ids_stay_as_they_are(name: str) -> None:
    assert name == slug(name)


@pytest.mark.parametrize(
    "name",
    [
        "4.15.28+x",
        "..",
        "../../etc/passwd",
        "a/b",
        "ü",
        "",
        "index",
        "INDEX-2",
        "con",
        "NUL.txt",
        "a" * 300,
        "a.",
        "-a",
        "a\nb",
    ],
)
def test_odd_ids_stay_inside_and_apart_from_our_own_pages(name: str) -> None:
    found = slug(name)

    assert name != found
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{1,79}", found)


def test_ids_that_differ_in_case_alone_get_different_files_on_every_disk() -> None:
    found = slugs(["REL-a", "rel-A", "REL-b"])

    assert len({address.casefold() for address in found.values()}) == 3
    assert found["REL-b"] == "REL-b"


def test_an_id_that_imitates_the_slug_of_another_does_not_take_its_place() -> None:
    imitated = slug("4.15.28+x")

    found = slugs(["4.15.28+x", imitated])

    assert imitated == found["4.15.28+x"]
    assert imitated != found[imitated]


@given(st.lists(st.text()))
def test_every_name_has_a_place_of_its_own_inside(names: list[str]) -> None:
    found = slugs(names)

    assert set(names) == set(found)
    assert len(found) == len({address.casefold() for address in found.values()})
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", address) and ".." not in address for address in found.values())


@given(st.lists(st.text(), min_size=1))
def test_the_order_of_names_does_not_matter(names: list[str]) -> None:
    assert slugs(names) == slugs(reversed(names))
