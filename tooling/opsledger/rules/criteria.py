"""What was seen while a release was brought, held against what would make it be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Breach:
    """
    A rollback criterion that an observation breaks.

    Args:
        criterion: its short name.
        position: of the observation among those that were given, from 0.
        said: what was seen and what was allowed, without a stop.
        problem: the id of the problem that came back, or empty.
    """

    criterion: str
    position: int
    said: str
    problem: str = ""


def criteria_of(release: Data) -> tuple[Data, ...]:
    """The rollback criteria of a release, in its order."""
    rollout = release.get("rollout")
    stated = rollout.get("rollback_criteria", ()) if isinstance(rollout, Mapping) else ()
    return tuple(one for one in stated if isinstance(one, Mapping)) if isinstance(stated, list | tuple) else ()


def breaches(criteria: Iterable[Data], observations: Iterable[Data]) -> tuple[Breach, ...]:
    """
    The criteria that observations break, in the order of the observations.

    An observation speaks to the criterion that it names or, where it names none, to those of its measure. A problem
    that a criterion names and an observation saw breaks it, whatever else was measured.

    Source:
        S2-step-10, S3-clu-dep-halt.
    """
    stated = tuple(criteria)
    return tuple(
        breach
        for position, seen in enumerate(observations)
        for one in stated
        for breach in _breach(one, seen, position)
    )


def _breach(one: Data, seen: Data, position: int) -> Iterator[Breach]:
    name, problem = str(one.get("id", "")), one.get("problem")
    if problem is not None and seen.get("problem") == problem:
        yield Breach(name, position, f"{name} is broken: {problem} was seen again", str(problem))
        return
    named, measure, value = seen.get("criterion"), one.get("measure"), seen.get("value")
    speaks = named == name or (named is None and measure is not None and seen.get("measure") == measure)
    if not speaks or isinstance(value, bool) or not isinstance(value, int | float):
        return
    above, below = one.get("above"), one.get("below")
    if isinstance(above, int | float) and value > above:
        yield Breach(name, position, f"{name} is broken: {value:g} was seen, and {above:g} is the most")
    elif isinstance(below, int | float) and value < below:
        yield Breach(name, position, f"{name} is broken: {value:g} was seen, and {below:g} is the least")
