"""What messages tell the reader to type: each command that one quotes exists, and takes the options that it names."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import click
import pytest

import opsledger
from opsledger.cli.group import commands
from opsledger.kind import packaged_kinds
from opsledger.prove.at_gate import findings_at_gate
from opsledger.prove.examples import staged
from opsledger.rules.register import Example, Rule, register

RULES = register()
PACKAGE = Path(opsledger.__file__).parent
QUOTED = re.compile(r"`opsledger ([^`]+)`")
FAILING = [
    pytest.param(rule, example, id=f"{rule.code} {example.title}")
    for rule in RULES.values()
    for example in rule.examples
    if example.fails and rule.code != "GOV968"  # whose examples are pushes
]


def unknown(typed: str) -> Iterator[str]:
    """Yield what of a quoted command does not exist: the command itself, or options that it does not take."""
    words = shlex.split(typed.replace("…", "X"))
    if words[0].isupper():  # a page that stands for all commands
        return
    here, context = commands, click.Context(commands)
    while isinstance(here, click.Group) and words and not words[0].startswith("-"):
        found = here.get_command(context, words[0])
        if found is None:
            yield f"{words[0]} in `opsledger {typed}`"
            return
        here, words = found, words[1:]
    known = {name for parameter in here.params for name in (*parameter.opts, *parameter.secondary_opts)}
    if "--set" in known:
        yield from (f"{given} in `opsledger {typed}`" for given in _values(words) if "=" not in given)
    if words:  # without any it names the command and no more
        needed = (one for one in here.params if isinstance(one, click.Option) and one.required)
        yield from (f"no {one.opts[0]} in `opsledger {typed}`" for one in needed if not set(one.opts) & set(words))
    options = (word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word))
    yield from (f"{option} of `opsledger {typed}`" for option in options if option not in known)


def _values(words: list[str]) -> Iterator[str]:
    return (after for option, after in pairwise(words) if option == "--set")


def problems_in(text: str) -> list[str]:
    return [problem for typed in QUOTED.findall(text) for problem in unknown(typed)]


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Every text that the sources hold, with its place; what is filled in while running stands there as `…`."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                said = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                said = node.value
            else:
                continue
            found.append((f"{path.relative_to(PACKAGE)}:{node.lineno}", said))
    return tuple(found)


def test_a_command_or_an_option_that_does_not_exist_is_seen():
    assert ["advnace in `opsledger advnace REL-1`"] == problems_in("run `opsledger advnace REL-1`")
    assert ["--rol of `opsledger approve REL-1 --rol X`"] == problems_in("`opsledger approve REL-1 --rol X`")
    assert ["owner in `opsledger new ci --set owner`"] == problems_in("`opsledger new ci --set owner`")
    assert ["no --reason in `opsledger deploy rollback DEP-1`"] == problems_in("`opsledger deploy rollback DEP-1`")
    assert [] == problems_in("`opsledger import junit FILE --package-digest sha256:1`, or `opsledger check`")


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_what_a_page_tells_to_type_exists(rule: Rule):
    assert [] == problems_in(rule.ask.__doc__ or "")


def test_what_messages_tell_to_type_exists():
    assert {} == {place: problems for place, said in texts() if (problems := problems_in(said))}


def test_what_schemas_tell_to_type_exists():
    cycles = [kind.lifecycle for kind in packaged_kinds().values() if kind.lifecycle is not None]

    assert [] == [problem for cycle in cycles for asked in cycle.requires for problem in problems_in(asked.fix)]


@pytest.mark.parametrize(("rule", "example"), FAILING)
def test_what_an_example_is_told_says_what_to_do_and_what_it_tells_to_type_exists(rule: Rule, example: Example, book):
    stage = staged(example, book.kinds)
    if stage.before:
        pytest.skip("two branches are judged elsewhere")
    found = findings_at_gate(stage, rule.code, book.kinds) if stage.asks else book.judge(stage).judgement.findings

    told = [finding for finding in found if finding.code == rule.code]
    assert [] == [problem for one in told for problem in problems_in(f"{one.message} {one.fix}")]
    assert [] == [one.message for one in told if not one.fix]
