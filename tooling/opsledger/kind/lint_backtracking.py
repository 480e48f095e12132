"""Whether matching a regular expression by trial can take exponential time (BAD-050).

It can exactly when some loop of the pattern can read one text in two ways. The loops are found in the position
automaton, whose states are the characters of the pattern; how often two positions follow each other is counted, so
that a loop right inside a loop is seen. Two walks side by side over that automaton show a text with two readings.

Source:
    Weber and Seidl, "On the degree of ambiguity of finite automata" (1991): criterion EDA.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MOST_COPIES = 4
"""Counted repeats are unrolled so many times; from then on one more or less makes no difference to loops."""

MOST_POSITIONS = 600
"""A larger pattern is not judged, but taken to be too large."""

_LAST = 0x10FFFF
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_CATEGORIES = {
    "CATEGORY_DIGIT": [(48, 57)],
    "CATEGORY_SPACE": [(9, 13), (32, 32)],
    "CATEGORY_WORD": [(48, 57), (65, 90), (95, 95), (97, 122)],
}

Ranges = list[tuple[int, int]]


@dataclass
class _Part:
    """A piece of a pattern: what it can start and end with, and whether it can be empty."""

    is_empty: bool
    first: list[int]
    last: list[int]


@dataclass
class _Automaton:
    """Positions with the characters they read, and how often each follows each; built once for a pattern."""

    reads: list[Ranges] = field(default_factory=list)
    follows: Counter[tuple[int, int]] = field(default_factory=Counter)

    def read(self, ranges: Ranges) -> _Part:
        if len(self.reads) >= MOST_POSITIONS:
            raise OverflowError
        self.reads.append(ranges)
        position = len(self.reads) - 1
        return _Part(is_empty=False, first=[position], last=[position])

    def join(self, left: _Part, right: _Part) -> _Part:
        self.follows.update((before, after) for before in left.last for after in right.first)
        return _Part(
            left.is_empty and right.is_empty,
            left.first + (right.first if left.is_empty else []),
            right.last + (left.last if right.is_empty else []),
        )

    def loop(self, part: _Part) -> _Part:
        self.follows.update((before, after) for before in part.last for after in part.first)
        return _Part(part.is_empty, part.first, part.last)


def can_explode(tree: Any) -> bool:
    """Whether a parsed pattern has a loop that reads some text in two ways, or is too large to tell."""
    automaton = _Automaton()
    try:
        _sequence(automaton, tree)
    except OverflowError:
        return True
    return _is_ambiguous(automaton)


def _sequence(automaton: _Automaton, tree: Iterable[Any]) -> _Part:
    whole = _Part(is_empty=True, first=[], last=[])
    for operation, argument in tree:
        whole = automaton.join(whole, _step(automaton, str(operation), argument))
    return whole


def _step(automaton: _Automaton, operation: str, argument: Any) -> _Part:
    if operation in _REPEATS:
        least, most, inner = argument
        return _repeated(automaton, int(least), int(most), inner)
    if operation == "SUBPATTERN":
        return _sequence(automaton, argument[-1])
    if operation == "BRANCH":
        branches = [_sequence(automaton, branch) for branch in argument[1]]
        return _Part(
            any(branch.is_empty for branch in branches),
            [position for branch in branches for position in branch.first],
            [position for branch in branches for position in branch.last],
        )
    if operation == "AT":
        return _Part(is_empty=True, first=[], last=[])
    return automaton.read(_ranges(operation, argument))


def _repeated(automaton: _Automaton, least: int, most: int, inner: Any) -> _Part:
    """Copies for what is counted; a loop where there is no limit, or many turns that may differ in length."""
    whole = _Part(is_empty=True, first=[], last=[])
    is_loop = most - least > MOST_COPIES or (most > MOST_COPIES and _varies(inner))
    for _ in range(min(least, MOST_COPIES) - (1 if is_loop and least else 0)):
        whole = automaton.join(whole, _sequence(automaton, inner))
    if is_loop:
        looped = automaton.loop(_sequence(automaton, inner))
        return automaton.join(whole, _Part(looped.is_empty or least == 0, looped.first, looped.last))
    rest: _Part | None = None
    for _ in range(most - least):
        copy = _sequence(automaton, inner)
        joined = copy if rest is None else automaton.join(copy, rest)
        rest = _Part(is_empty=True, first=joined.first, last=joined.last)
    return whole if rest is None else automaton.join(whole, rest)


def _varies(tree: Any) -> bool:
    shortest, longest = tree.getwidth()
    return bool(shortest != longest)


def _ranges(operation: str, argument: Any) -> Ranges:
    """The characters that one step of a pattern reads."""
    if operation == "LITERAL":
        return [(argument, argument)]
    if operation == "NOT_LITERAL":
        return _others([(argument, argument)])
    if operation == "ANY":
        return _others([(10, 10)])
    if operation != "IN":
        return [(0, _LAST)]
    found: Ranges = []
    for sort, value in argument:
        match str(sort):
            case "LITERAL":
                found.append((value, value))
            case "RANGE":
                found.append(value)
            case "CATEGORY":
                name = str(value)
                plain = _CATEGORIES[name.replace("_NOT_", "_")]
                found += _others(plain) if "_NOT_" in name else plain
    return _others(found) if str(argument[0][0]) == "NEGATE" else found


def _others(ranges: Ranges) -> Ranges:
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return [*found, (start, _LAST)] if start <= _LAST else found


def _overlap(left: Ranges, right: Ranges) -> bool:
    return any(low <= upper and lower <= high for low, high in left for lower, upper in right)


def _is_ambiguous(automaton: _Automaton) -> bool:
    after: list[list[int]] = [[] for _ in automaton.reads]
    for before, position in automaton.follows:
        after[before].append(position)
    reach = _reach(after)
    inside = [[to for to in after[at] if reach[to] >> at & 1] for at in range(len(after))]
    if any(count > 1 and reach[to] >> at & 1 for (at, to), count in automaton.follows.items()):
        return True
    return any(
        _overlap(automaton.reads[one], automaton.reads[other])
        for steps in inside
        for index, one in enumerate(steps)
        for other in steps[:index]
    ) and _has_two_readings(automaton.reads, inside)


def _reach(after: list[list[int]]) -> list[int]:
    """For each position, a bit for every position that some way from it leads to."""
    reach = [sum(1 << to for to in steps) for steps in after]
    changed = True
    while changed:
        changed = False
        for at, steps in enumerate(after):
            wider = reach[at]
            for to in steps:
                wider |= reach[to]
            if wider != reach[at]:
                reach[at] = wider
                changed = True
    return reach


def _has_two_readings(reads: list[Ranges], inside: list[list[int]]) -> bool:
    """Whether two walks from one position over the same text part and meet again inside the same loop."""
    back: dict[tuple[int, int], list[tuple[int, int]]] = {}
    waiting = [(at, at) for at in range(len(inside)) if inside[at]]
    seen = set(waiting)
    while waiting:
        pair = waiting.pop()
        for one in inside[pair[0]]:
            for other in inside[pair[1]]:
                if not _overlap(reads[one], reads[other]):
                    continue
                further = (min(one, other), max(one, other))
                back.setdefault(further, []).append(pair)
                if further not in seen:
                    seen.add(further)
                    waiting.append(further)
    meeting = [
        pair for pair in seen if pair[0] == pair[1] and any(before[0] != before[1] for before in back.get(pair, ()))
    ]
    return bool(meeting)
