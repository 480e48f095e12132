"""How far a release gets on real git is the same, whether each state is judged or the farthest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opsledger.cli.caller import Caller
from opsledger.cli.moving import as_merged, course_of
from opsledger.edit.advancing import Advance, advance, told
from opsledger.edit.reaching import farthest_first, one_by_one
from opsledger.store import Person

from .team import CARRIED_OUT, CHANGE, RELEASE, WENT_WELL, closing, made

ADA = Person("Ada", "ada@example.org")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def unfinished(team, call):
    """The pipeline has written nothing yet."""
    made(team, call)


def complete(pipeline, call):
    """Nothing is missing but signatures."""
    made(pipeline, call)


def contradicting(pipeline, call):
    """The component already waits for another version, so the release is refused as soon as it is ready."""
    made(pipeline, call)
    path = pipeline.root / RELEASE
    path.write_text(
        path.read_text().replace("known_problems", "#").replace("environment: ENV-prod", "environment: ENV-no")
    )


def under_way(pipeline, call):
    """It is deployed, and its change is carried out."""
    made(pipeline, call)
    closing(pipeline, WENT_WELL)


def half_closed(pipeline, call):
    """Its change is carried out, and no deployment says so of the release."""
    made(pipeline, call)
    path = pipeline.root / CHANGE
    path.write_text(path.read_text().replace("state: draft", f"state: implemented\n{CARRIED_OUT}"))


LEDGERS = [unfinished, complete, contradicting, under_way, half_closed]


def both(repo, **options: bool) -> tuple[tuple[Advance, int], ...]:
    """The release taken as far as it gets in both ways, each with the number of judgements."""
    caller = Caller(repo.root, {**repo.environment, "OPSLEDGER_CACHE": "off"}, NOON)
    found = []
    with caller.book() as book:
        ledger, base = book.ledger(), book.repository.resolve("refs/heads/main")
        for search in (one_by_one, farthest_first):
            judge, asked = as_merged(caller, book, ledger, base, me=ADA), []
            counting = lambda plan, judge=judge, asked=asked: asked.append(plan) or judge(plan)  # noqa: E731
            course = replace(course_of(book, ledger, base), judge=counting, search=search, **options)
            found.append((advance("REL-2026-0001", course), len(asked)))
    return tuple(found)


@pytest.mark.parametrize("options", [{}, {"may_wait": True, "is_bold": False}], ids=["advance", "propose"])
@pytest.mark.parametrize("prepared", LEDGERS)
def test_both_ways_end_alike(team, request, call, prepared, options):
    prepared(team if prepared is unfinished else request.getfixturevalue("pipeline"), call)

    (slow, many), (quick, few) = both(team, **options)

    assert tuple(told(slow)) == tuple(told(quick))
    assert (slow.moves, slow.stops, slow.plan.writes) == (quick.moves, quick.stops, quick.plan.writes)
    assert few <= many + 2


def test_whole_way_to_ready_takes_two_judgements(pipeline, call):
    made(pipeline, call)

    (_, many), (quick, few) = both(pipeline, may_wait=True, is_bold=False)

    assert ("ready", 2, 8) == (quick.moves[-1].after, few, many)
