"""What of a long report a record holds: what somebody relies on, what went wrong, and the rest if it fits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsledger.edit.evidence import Case, Issue, Reading

ROOM = 88 * 1024
"""How many bytes the lists of a record may take; the record itself must stay below 128 KiB."""

MOST_CASES = 2000
MOST_COMPONENTS = 1500
_LINE = 12  # what YAML puts around each field, at most, beyond what JSON does


def fitted(data: Mapping[str, Any], reading: Reading, notes: Sequence[str]) -> dict[str, Any]:
    """The record with as much of the report's lists as fits, and with a note about what is left out."""
    cases, left_cases = _cases(reading.cases)
    room = ROOM - _size(cases)
    issues, left_issues = _first([_issue(one) for one in reading.issues], room // 2, most=1000)
    components, left_components = _first(list(reading.components), room - _size(issues), most=MOST_COMPONENTS)
    counts = [{"metric": name, "value": number} for name, number in reading.counts.items()]
    said = [
        *notes,
        *_of_cases(reading.cases, left_cases),
        *_left(left_issues, "issues (none worse than those here)"),
        *_left(left_components, "components"),
    ]
    lists = {"cases": cases, "measures": counts, "components": components, "issues": issues}
    kept = {name: value for name, value in lists.items() if value}
    return {**data, **kept, **({"note": "\n".join(said)} if said else {})}


def _cases(cases: Sequence[Case]) -> tuple[list[dict[str, Any]], list[Case]]:
    """The cases that the record holds, in their order, and those that it does not."""
    whole = [_case(one) for one in cases]
    if len(cases) <= MOST_CASES and _size(whole) <= ROOM:
        return whole, []
    wanted = sorted((one for one in cases if one.is_tied or one.result == "failed"), key=_rank)
    held, room = set[str](), ROOM
    for one in wanted:
        room -= _size([_case(one)])
        if room < 0 or len(held) == MOST_CASES:
            break
        held.add(one.key)
    return [_case(one) for one in cases if one.key in held], [one for one in cases if one.key not in held]


def _rank(case: Case) -> tuple[bool, bool]:
    """First what failed of what somebody relies on, then the rest of that, then what else failed."""
    return not case.is_tied, case.result != "failed"


def _case(case: Case) -> dict[str, Any]:
    made = {
        "key": case.key, "title": case.title, "problem": case.problem, "criterion": case.criterion,
        "covers": list(case.covers), "expected": case.expected, "actual": case.actual, "result": case.result,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value}


def _issue(issue: Issue) -> dict[str, Any]:
    made = {"issue": issue.issue, "severity": issue.severity, "component": issue.component}
    return {name: value for name, value in made.items() if value}


def _first(entries: list[Any], room: int, *, most: int) -> tuple[list[Any], int]:
    """The first entries that fit, and the number of the others."""
    held: list[Any] = []
    for one in entries[:most]:
        room -= _size([one])
        if room < 0:
            break
        held.append(one)
    return held, len(entries) - len(held)


def _of_cases(cases: Sequence[Case], left: Sequence[Case]) -> Iterator[str]:
    if not left:
        return
    bad = sum(one.result == "failed" for one in left)
    tied = sum(one.is_tied for one in left)
    words = [f"{len(left):,} of {len(cases):,} cases are in the counts and in the report alone"]
    if bad or tied:
        words.append(f"{bad:,} of them failed and {tied:,} of them are tied to a problem or a criterion")
    else:
        words.append("every case that failed or is tied to a problem or a criterion is here")
    yield "; ".join(words) + "."


def _left(number: int, what: str) -> Iterator[str]:
    if number:
        yield f"{number:,} more {what} are in the report alone."


def _size(entries: Sequence[Any]) -> int:
    return sum(
        len(json.dumps(one, ensure_ascii=False).encode()) + _LINE * (len(one) if isinstance(one, dict) else 1)
        for one in entries
    )  # fmt: skip
