"""Expressions met without trying: all ways through a pattern are walked at once, so that no text takes long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from opsledger.codeowners.expressions import (
    LAST,
    Chars,
    Choice,
    Edge,
    Node,
    NotJudged,
    Ranges,
    Repeat,
    Sequence,
    read_expression,
)
from opsledger.codeowners.model import Names

MOST_STEPS = 2_000
"""A pattern that unrolls to more is not judged."""
MOST_STATES = 2_000
"""So many sets of ways are remembered; beyond, they are forgotten and found again."""
_FEW = 40
"""So many sets are looked at to see whether names make a difference at all."""


@dataclass(eq=False)
class _Step:
    """Where a way may go on: by one character, at an edge of the text, or for free."""

    ranges: Ranges = ()
    edge: Edge | None = None
    after: list[_Step] = field(default_factory=list)


@dataclass(eq=False)
class _State:
    """All ways that are still open after some text, and whether one of them has arrived already, or has at the end."""

    waiting: tuple[_Step, ...]
    is_met: bool
    ends_well: bool
    after: dict[str, _State] = field(default_factory=dict)


class Expression:
    """
    A regular expression that is searched for in paths.

    Args:
        text: in Go's syntax.

    Raises:
        NoExpression: Go refuses it.
        NotJudged: engines differ about it, or it is too large.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = 0
        self._alphabet: set[int] = {0, 10, 11, 47, 48}
        self._end = _Step()
        self._start = self._built(read_expression(text), self._end)
        self._states: dict[tuple[frozenset[_Step], bool, bool], _State] = {}
        self._first = self._closed([self._start], at_start=True)
        self._known: dict[str, Names] = {}

    def matches(self, path: str) -> bool:
        """Whether it is found in a path."""
        return self._is_met(self._first, path)

    def below(self, folder: str) -> Names:
        """As `Pattern.below`."""
        if folder not in self._known:
            self._known[folder] = self._names(self._walked(self._first, f"{folder}/" if folder else ""))
        return self._known[folder]

    def _names(self, state: _State) -> Names:
        if state.is_met:
            return True
        answers = self._possible(state)
        if len(answers) == 1:
            return answers.pop()
        return lambda name: self._is_met(state, name)

    def _possible(self, state: _State) -> set[bool]:
        """What names without slashes and line breaks can come to from here; both where that takes long to see."""
        letters = [chr(code) for code in sorted(self._alphabet) if code not in (10, 47) and code <= LAST]
        seen, waiting, answers = {state}, [state], set[bool]()
        while waiting and len(answers) < 2:
            if len(seen) > _FEW:
                return {True, False}
            at = waiting.pop()
            for further in {self._after(at, letter) for letter in letters}:
                answers.add(further.is_met or further.ends_well)
                if further not in seen and not further.is_met:
                    seen.add(further)
                    waiting.append(further)
        return answers

    def _is_met(self, state: _State, text: str) -> bool:
        last = self._walked(state, text)
        return last.is_met or last.ends_well

    def _walked(self, state: _State, text: str) -> _State:
        for character in text:
            if state.is_met:
                return state
            state = state.after.get(character) or self._after(state, character)
        return state

    def _after(self, state: _State, character: str) -> _State:
        found = state.after.get(character)
        if found is None:
            code = ord(character)
            met = [
                step.after[0] for step in state.waiting if any(low <= code <= high for low, high in step.ranges)
            ]  # fmt: skip
            # It is searched for, so that it may start at each character anew.
            found = state.after[character] = self._closed([*met, self._start], at_start=False)
        return found

    def _closed(self, steps: Iterable[_Step], *, at_start: bool) -> _State:
        """The ways that can be gone for free from some steps."""
        waiting, seen, is_met = self._free(steps, at_start=at_start, at_end=False)
        ends_well = is_met or self._free(seen, at_start=at_start, at_end=True)[2]
        key = frozenset(waiting), is_met, ends_well
        if key not in self._states:
            if len(self._states) >= MOST_STATES:
                self._forget()
            self._states[key] = _State(tuple(waiting), is_met, ends_well)
        return self._states[key]

    def _forget(self) -> None:
        """Let go of all states, which hold on to each other, so that no number of paths fills the memory."""
        for state in self._states.values():
            state.after.clear()
        self._states.clear()
        self._first.after.clear()

    def _free(self, steps: Iterable[_Step], *, at_start: bool, at_end: bool) -> tuple[list[_Step], list[_Step], bool]:
        """What is reached without a character: steps that want one, all steps, and whether the end is among them."""
        stack = list(steps)
        seen = dict.fromkeys(stack)
        while stack:
            step = stack.pop()
            if step.ranges or (step.edge is not None and not (at_end if step.edge.is_end else at_start)):
                continue
            for further in step.after:
                if further not in seen:
                    seen[further] = None
                    stack.append(further)
        return [step for step in seen if step.ranges], list(seen), self._end in seen

    def _new(self) -> _Step:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise NotJudged("it is too large")
        return _Step()

    def _built(self, node: Node, after: _Step) -> _Step:
        """The first step of a part behind which another step stands."""
        match node:
            case Sequence(parts):
                for part in reversed(parts):
                    after = self._built(part, after)
                return after
            case Repeat():
                return self._repeated(node, after)
        step = self._new()
        match node:
            case Chars(ranges):
                step.ranges = ranges or ((LAST + 1, LAST + 1),)
                self._alphabet.update(code for low, high in ranges for code in (low, high + 1))
                step.after = [after]
            case Edge():
                step.edge = node
                step.after = [after]
            case Choice(parts):
                step.after = [self._built(part, after) for part in parts]
        return step

    def _repeated(self, node: Repeat, after: _Step) -> _Step:
        if node.most is None:
            loop = self._new()
            loop.after = [self._built(node.part, loop), after]
            after = loop
        else:
            end = after
            for _ in range(node.most - node.least):
                optional = self._new()
                optional.after = [self._built(node.part, after), end]
                after = optional
        for _ in range(node.least):
            after = self._built(node.part, after)
        return after
