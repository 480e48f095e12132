"""Questions to somebody at a terminal, with choices from the schema; nothing is asked of a pipe."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import click

from opsledger.edit.creating import Question, answered, asked_by, questions
from opsledger.edit.values import Assignment
from opsledger.errors import Refused
from opsledger.kind import Kind, Requirement
from opsledger.ledger import Ledger
from opsledger.report.plain import escape

FEW = 12


def ask(
    kind: Kind, data: dict[str, Any], ledger: Ledger, *, now: datetime, states: Collection[str] = (),
    besides: Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """
    Ask for what a record lacks until nothing is missing, and return its data.

    Args:
        states: that it is soon to be in, and whose facts are asked for too.
        besides: pointers of what is not asked.
    """
    while open_ones := [
        one for one in questions(kind, data, ledger, now=now, states=states) if one.pointer not in besides
    ]:
        data = _answer(kind, data, open_ones[0])
    return data


def _answer(kind: Kind, data: dict[str, Any], question: Question) -> dict[str, Any]:
    """Ask one question until its answer fits."""
    click.echo(f"\n{question.name}: {escape(question.text)}", err=True)
    _offer(question)
    while True:
        words = click.prompt(f"{question.name}", default=question.default or None, err=True)
        try:
            return answered(kind, data, question, str(words).strip())
        except Refused as refused:
            click.echo(str(refused), err=True)


def _offer(question: Question) -> None:
    """Name the choices, or as many as can be read at a glance."""
    if not question.choices:
        return
    shown = ", ".join(escape(choice) for choice in question.choices[:FEW])
    more = len(question.choices) - FEW
    click.echo(f"    {shown}" + (f" … and {more} more" if more > 0 else ""), err=True)


def ask_one(kind: Kind, asked: Requirement, ledger: Ledger, *, now: datetime) -> list[Assignment]:
    """Ask for what a state wants of a record, until the answer fits, and return what was typed."""
    typed: list[Assignment] = []
    for question in asked_by(kind, asked, ledger, now=now):
        click.echo(f"\n{question.name}: {escape(asked.says)}", err=True)
        _offer(question)
        while True:
            words = str(click.prompt(question.name, default=question.default or None, err=True)).strip()
            try:
                answered(kind, {}, question, words)
            except Refused as refused:
                click.echo(str(refused), err=True)
                continue
            typed.append(Assignment(question.pointer, "=", words))
            break
    return typed
