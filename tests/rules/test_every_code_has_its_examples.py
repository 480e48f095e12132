"""The codes of the everyday path: each page shows a failing, a passing and a near-miss example, and asks its gates."""

from __future__ import annotations

import re

import pytest

from opsledger.rules.register import register

RULES = register()
CODES = [
    "FLT751", "FLT752", "FLT754", "FLT755",
    "PKG501", "PKG504", "PKG505", "PKG506", "PKG507", "PKG509", "PKG514",
    "TES601", "TES602", "TES603", "TES604", "TES612", "TES613",
    "CAL901", "CAL902", "CAL903", "CAL906", "CAL908", "CAL909",
    "WVR921", "WVR922", "WVR923", "WVR924", "WVR925", "WVR926", "WVR927",
    "DPL701", "DPL702", "DPL703", "DPL704", "DPL705", "DPL709", "DPL713",
    "GOV961", "GOV963", "GOV965", "GOV969",
    "SYN983", "SYN985",
]  # fmt: skip
NEAR_MISS = re.compile(r"(fails|passes), near miss(: .+)?")


@pytest.mark.parametrize("code", CODES)
def test_a_code_of_the_everyday_path_is_judged(code: str):
    assert code in RULES


@pytest.mark.parametrize("code", CODES)
def test_a_page_shows_what_fails_what_passes_and_what_nearly_did_otherwise(code: str):
    titles = [example.title for example in RULES[code].examples]

    assert {"fails", "passes"} <= {title.partition(",")[0] for title in titles}
    assert [] != [title for title in titles if NEAR_MISS.fullmatch(title)], titles


@pytest.mark.parametrize("code", CODES)
def test_no_two_examples_of_a_page_are_the_same_records(code: str):
    texts = [example.text for example in RULES[code].examples]

    assert len(set(texts)) == len(texts)
