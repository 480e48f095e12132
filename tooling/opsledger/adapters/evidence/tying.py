"""A map of cases: which test proves which acceptance criterion, or replicates which problem, by the test's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from opsledger.adapters.evidence.words import slug, tied
from opsledger.edit.evidence import UNMAPPED, Case, NotRead, Reading
from opsledger.yamlfile import Unreadable, read

_SHAPE = "write `name or pattern: {problem: PRB-2026-0017#rt-1, criterion: pay-twice, covers: [late-answer]}`"


@dataclass(frozen=True)
class Tie:
    """What cases of a name, or of a pattern with `*`, are tied to."""

    pattern: str
    problem: str = ""
    criterion: str = ""
    covers: tuple[str, ...] = ()


Ties = tuple[Tie, ...]


def ties_in(data: bytes) -> Ties:
    """
    Read a map of cases.

    Raises:
        NotRead: it is no mapping from names to what they are tied to.
    """
    found = read(data)
    if isinstance(found, Unreadable):
        raise NotRead("the map of cases cannot be read as YAML", _SHAPE)
    return tuple(_tie(str(pattern), said) for pattern, said in found.items())


def _tie(pattern: str, said: Any) -> Tie:
    stated: Mapping[str, Any] = {"problem": said} if isinstance(said, str) else said if isinstance(said, dict) else {}
    unknown = set(stated) - {"problem", "criterion", "covers"}
    problem, criterion = stated.get("problem", ""), stated.get("criterion", "")
    covers = stated.get("covers", [])
    is_sound = (problem == "" or tied(problem) == problem) and (criterion == "" or slug(criterion))
    if not stated or unknown or not is_sound or not isinstance(covers, list) or not all(map(slug, covers)):
        raise NotRead(f"the map ties {pattern[:80]!r} to nothing that a case can be tied to", _SHAPE, code=UNMAPPED)
    return Tie(pattern, problem, criterion, tuple(covers))


def tied_by(ties: Ties, reading: Reading) -> Reading:
    """
    The report with its cases tied as the map says; what a case says of itself goes before.

    A line of the map that no case has is told: whoever relies on it would wait in vain.
    """
    if not ties:
        return reading
    cases = tuple(_tied(ties, case) for case in reading.cases)
    idle = [one.pattern for one in ties if not any(_takes(one, case) for case in reading.cases)]
    told = f"The map of cases names {', '.join(idle[:5])}{' …' if idle[5:] else ''}, which no case is called."
    return replace(reading, cases=cases, notes=(*reading.notes, *([told] if idle else [])))


def _tied(ties: Ties, case: Case) -> Case:
    for one in ties:
        if _takes(one, case):
            case = replace(
                case, problem=case.problem or one.problem, criterion=case.criterion or one.criterion,
                covers=case.covers or one.covers,
            )  # fmt: skip
    return case


def _takes(tie: Tie, case: Case) -> bool:
    return case.key == tie.pattern or ("*" in tie.pattern and fnmatchcase(case.key, tie.pattern.replace("[", "[[]")))
