"""Whoever turns one condition of a counted signature round, or leaves a part of it out, is told by a scene."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import types
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from opsledger.approvals import counting, tallying, voices

_PAIRS = (("==", "!="), ("in", "not in"), ("is", "is not"), ("<=", "<"), (">=", ">"))


def operator(text: str) -> type[ast.cmpop]:
    return type(ast.parse(f"a {text} b", mode="eval").body.ops[0])


_TURNED = {operator(one): operator(other) for pair in _PAIRS for one, other in (pair, pair[::-1])}
_WORDS = {"_not_granted", "_taken_back", "_fetch", "_no", "name", "what", "_reviewed_commit"}
"""Functions that only choose words, or are asked twice."""


def decisions(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str, object]]:
    """Every place where a function of a module decides: function, node, what to change in it, and into what."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name not in _WORDS):
        for node in (part for test in deciding_parts(function) for part in ast.walk(test)):
            if isinstance(node, ast.Compare):
                yield function.name, node, "ops", [_TURNED[type(node.ops[0])](), *node.ops[1:]]
            elif isinstance(node, ast.BoolOp):
                yield function.name, node, "op", ast.And() if isinstance(node.op, ast.Or) else ast.Or()


def deciding_parts(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """The expressions that decide what a function answers."""
    for node in ast.walk(function):
        if isinstance(node, ast.If):
            yield node.test
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Compare | ast.BoolOp):
            yield node.value


def mutants(module: types.ModuleType) -> Iterator[tuple[str, str]]:
    """What each mutant is called, and its source."""
    source = inspect.getsource(module)
    for number, _ in enumerate(decisions(ast.parse(source))):
        tree = ast.parse(source)
        function, node, attribute, value = list(decisions(tree))[number]
        before = ast.unparse(node)
        setattr(node, attribute, value)
        yield f"{function}: {before} -> {ast.unparse(node)}", ast.unparse(ast.fix_missing_locations(tree))


@lru_cache
def scenes():
    """The scenes of the conditions, by name."""
    place = Path(__file__).with_name("test_conditions_matter.py")
    spec = importlib.util.spec_from_file_location("the_conditions", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {**module.COUNTS, **{name: change for name, (_, change) in module.FAILS.items()}}


class Stages:
    """Every scene, built once, and what its signatures add up to."""

    def __init__(self, scene) -> None:
        changed = {name: change(scene) for name, change in scenes().items()}
        self.built = {name: (one.asked, one.situation) for name, one in changed.items()}
        self.outcomes = {name: self.outcome(name) for name in self.built}

    def outcome(self, name: str) -> object:
        """What becomes of one scene, or that nothing does."""
        asked, situation = self.built[name]
        try:
            found = tallying.tally(asked, situation.ledger.record("DEP-2026-a1b2c3"), situation)
        except (AttributeError, TypeError, KeyError, AssertionError, ValueError) as broken:
            return type(broken)
        reasons = [(one.fault.code, one.undecided) for one in found.discounted]
        return found.is_met, [one.source for one in found.counted], reasons

    def tells(self) -> bool:
        """Whether any scene has come out otherwise."""
        return any(self.outcome(name) != before for name, before in self.outcomes.items())


@pytest.fixture
def stages(scene, monkeypatch):
    """See `Stages`; a proof that was looked at once is not looked at again, whatever is done to the conditions."""
    known = {}

    def verify(approval, people, recorded, environment):
        key = (
            approval.id,
            str(approval.evidence),
            approval.at,
            recorded,
            environment["PATH"],
            tuple(people.parties.values()),
        )
        if key not in known:
            known[key] = outcome(approval, people, recorded, environment)
        if isinstance(known[key], Exception):
            raise known[key]
        return known[key]

    def outcome(*about):
        try:
            return original(*about)
        except counting.Undecided as absent:
            return absent

    original = counting.verify
    monkeypatch.setattr(counting, "verify", verify)
    return Stages(scene)


def changed(source: str, module: types.ModuleType) -> types.ModuleType:
    """A module made from another source."""
    made = types.ModuleType(module.__name__)
    exec(compile(source, str(module.__file__), "exec"), made.__dict__)
    if hasattr(made, "verify"):
        made.verify = counting.verify
    return made


def test_every_mutant_of_a_condition_is_told(stages, monkeypatch):
    silent = []
    for name, source in mutants(counting):
        made = changed(source, counting)
        with monkeypatch.context() as patch:
            patch.setattr(counting, "CONDITIONS", made.CONDITIONS)
            patch.setattr(tallying, "refusal", made.refusal)
            patch.setattr(voices, "Voice", made.Voice)
            if not stages.tells():
                silent.append(name)

    assert "" == "\n".join(silent)


def test_every_mutant_of_the_last_word_is_told(stages, monkeypatch):
    silent = []
    for name, source in mutants(voices):
        made = changed(source, voices)
        with monkeypatch.context() as patch:
            patch.setattr(tallying, "voices_on", made.voices_on)
            patch.setattr(tallying, "last_words", made.last_words)
            if not stages.tells():
                silent.append(name)

    assert "" == "\n".join(silent)
