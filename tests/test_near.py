"""Rules that look only near what is new say what rules say that look at everything."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest

from opsledger.api import Book
from opsledger.store import Repository, Snapshot, overlaid

SAMPLE = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def repository():
    with Repository.open(SAMPLE, environment=os.environ) as opened:
        yield opened


def spoilt(snapshot: Snapshot, dice: random.Random) -> dict[str, bytes | None]:
    """One thing that people do to one or two records, rightly or wrongly."""
    paths = [path for path in snapshot.files if path.startswith("records/") and path.endswith(".yaml")]
    path, other = dice.sample(paths, 2)
    text = snapshot.read(path).decode()
    ids = re.findall(r"\b[A-Z]{2,3}-[0-9A-Za-z][0-9A-Za-z-]+", text)
    match dice.randrange(6):
        case 0:
            return {path: None}
        case 1:
            return {path.replace(".yaml", "-copy.yaml"): text.encode()}
        case 2:
            return {path: text.replace(dice.choice(ids), other.rpartition("/")[2].removesuffix(".yaml")).encode()}
        case 3:
            return {path: text.replace(dice.choice(ids), "PRB-2026-0404").encode()}
        case 4:
            states = ("draft", "closed", "approved", "submitted", "active", "cancelled")
            return {path: re.sub(r"(?m)^state: .*$", f"state: {dice.choice(states)}", text).encode()}
        case _:
            return {path: re.sub(r"[0-9]+\.[0-9]+\.[0-9]+", "9.9.9", text).encode(), other: None}


@pytest.mark.parametrize("seed", range(40))
def test_warm_check_says_what_a_cold_one_says(repository, tmp_path, seed):
    whole = repository.commit("HEAD")
    changed = overlaid(whole, spoilt(whole, random.Random(seed)), name="spoilt")
    warm, cold = Book(repository, tmp_path), Book(repository, None)
    assert () == warm.judge(whole).findings

    assert cold.judge(changed).findings == warm.judge(changed).findings
    assert () == warm.judge(whole).findings
