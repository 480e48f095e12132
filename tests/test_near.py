"""Rules that look only near what is new say what rules say that look at everything."""

from __future__ import annotations

import gc
import os
import random
import re
from pathlib import Path

import pytest

from opsledger.api import Book
from opsledger.rules.acts import acts_on
from opsledger.rules.register import rule_called
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


@pytest.fixture
def sound(repository, tmp_path):
    """The sample as a second look finds it: sound, and with nothing new."""
    Book(repository, tmp_path).judge(repository.commit("HEAD"))
    gc.collect()  # a ledger that is still held keeps its cache to itself
    ledger = Book(repository, tmp_path).ledger("HEAD")
    assert frozenset() == ledger.in_doubt
    return ledger


def plans(ledger, ask) -> list[str]:
    """How SQLite goes about each query that somebody makes."""
    asked: list[str] = []
    ledger.database.set_trace_callback(asked.append)
    ask(ledger)
    ledger.database.set_trace_callback(None)
    queries = [one for one in asked if one.lstrip().startswith(("SELECT", "WITH"))]
    return [row[3] for one in queries for row in ledger.database.execute(f"EXPLAIN QUERY PLAN {one}")]


def through_all(steps: list[str]) -> list[str]:
    """The steps that go through every record or link there is, or through every record of a kind."""
    return [one for one in steps if one.endswith("(kind=?)") or re.match(r"SCAN (record|edge|declaration)\b", one)]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda ledger: ledger.naming("REL-2026-0018", "evidence", at="/subjects/*"), id="naming"),
        pytest.param(lambda ledger: ledger.naming("CI-payments", "problem", is_open=True), id="naming-open"),
        pytest.param(lambda ledger: ledger.declaring("package", "sha256:c8", "evidence"), id="declaring"),
        pytest.param(lambda ledger: acts_on(ledger, "REL-2026-0018"), id="acts-on"),
    ],
)
def test_one_record_is_asked_about_without_going_through_all(sound, ask):
    assert [] == through_all(plans(sound, ask))


@pytest.mark.parametrize("code", ["DPL704", "DUT352", "DUT355", "DUT356", "LNK102", "LNK103", "SIG309"])
def test_where_nothing_is_new_a_rule_starts_there(sound, code):
    steps = plans(sound, lambda ledger: list(rule_called(code).ask(ledger)))

    assert not sound.is_whole
    assert [] == [one for one in through_all(steps) if "edge" not in one]
