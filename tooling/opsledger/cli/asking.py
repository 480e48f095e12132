"""Questions to somebody at a terminal, with choices from the schema; nothing is asked of a pipe."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from opsledger.edit.creating import Question, answered, questions
from opsledger.errors import Refused
from opsledger.kind import Kind
from opsledger.ledger import Ledger
from opsledger.report.plain import escape

FEW = 12


def ask(kind: Kind, data: dict[str, Any], ledger: Ledger, *, now: datetime) -> dict[str, Any]:
    """Ask for what a new record lacks until nothing is missing, and return its data."""
    while open_ones := questions(kind, data, ledger, now=now):
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
