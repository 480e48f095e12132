"""What the asking commands share: the ledger at a revision, lists of one kind, and answers on the screen."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import INDEX, WORK_TREE, kind_called
from opsledger.cli.screen import show, tell, wants_colour, watched, wide
from opsledger.kind import Kind
from opsledger.ledger import Ledger
from opsledger.report.list_columns import list_columns
from opsledger.report.plain import counted
from opsledger.report.rows import render
from opsledger.tables import QueryRefused, Table, asked, listing, tables_of

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_DRAWN = "│├└─→"


def list_options(function: Decorated) -> Decorated:
    """Say which records of a kind to list, and what of them."""
    for option in (
        click.option("--columns", metavar="NAME,NAME", help="Show these; plan.owner reaches into a field."),
        click.option("--where", default="", metavar="SQL", help="Only those for which this holds: risk = 'high'."),
        click.option("--state", "states", multiple=True, metavar="STATE", help="Only those in this state."),
    ):
        function = option(function)
    return function


@contextmanager
def ledger_at(caller: Caller, at: str) -> Iterator[Ledger]:
    """Open the ledger around the caller at what `--at` names."""
    with caller.book() as book:
        with watched("reading") as progress:
            ledger = book.ledger(None if at in {WORK_TREE, INDEX} else at, index=at == INDEX, progress=progress)
        yield ledger


def table_called(ledger: Ledger, name: str) -> Table:
    """
    Return the table of a kind, by whatever the kind is called.

    Raises:
        NoSuchKind: none is called that.
    """
    kind = kind_called(ledger.kinds, name)
    return next(table for table in tables_of(ledger.kinds).values() if table.kind is kind)


def list_query(ledger: Ledger, name: str, columns: str | None, where: str, states: Sequence[str]) -> str:
    """
    Return the query behind a list of one kind.

    Raises:
        NoSuchColumn: the kind has no such field.
        NoSuchKind: no kind is called that.
        QueryRefused: the kind has no such state.
    """
    table = table_called(ledger, name)
    assert table.kind is not None
    for state in states:
        _known_state(table.kind, state)
    chosen = [column.strip() for column in columns.split(",")] if columns else list_columns(table)
    return listing(table, chosen, where=where, states=states)


def _known_state(kind: Kind, state: str) -> None:
    states = kind.lifecycle.states if kind.lifecycle is not None else ()
    if state not in states:
        near = difflib.get_close_matches(state, states, n=1)
        hint = f"did you mean {near[0]}?" if near else f"its states are {', '.join(states) or 'none'}"
        raise QueryRefused(f"no {kind.name} is ever in a state called {state!r}; {hint}")


class Query(click.Command):
    """The command that takes SQL, which may start with a comment and then looks like an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put a blank before such SQL; no option has one behind its hyphens."""
        return super().parse_args(ctx, [f" {word}" if re.match(r"--\s", word) else word for word in args])


def query_text(caller: Caller, sql: str) -> str:
    """
    Return a query, wherever it stands.

    Raises:
        QueryRefused: it stands in a file that cannot be read.
    """
    if sql != "-" and not sql.startswith("@"):
        return sql
    try:
        with click.open_file("-" if sql == "-" else str(caller.directory / sql[1:]), encoding="utf-8") as file:
            return str(file.read())
    except OSError as error:
        why = (error.strerror or "the machine refused").lower()
        raise QueryRefused(f"no query can be read from {sql.removeprefix('@')}: {why}") from error
    except UnicodeDecodeError as error:
        raise QueryRefused(f"no query can be read from {sql.removeprefix('@')}: it is not UTF-8 text") from error


def show_answer(caller: Caller, ledger: Ledger, sql: str, form: str) -> int:
    """Print the answer to a query, say what is missing from it, and return the number of its rows."""
    number = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal number
        for row in answer.rows:
            number += 1
            yield row

    with watched("reading") as progress, asked(ledger, sql, progress) as answer:
        colour = wants_colour(caller.environment)
        show(render(answer.columns, rows(), form, columns_wide=wide(), colour=colour))
        if answer.left_out:
            files = counted(len(answer.left_out), "file")
            tell(f"note: {files} cannot be read, so this is not all; `opsledger check` says why")
    return number


def is_plain() -> bool:
    """Tell whether the output can hold no more than ASCII, so that trees are drawn with hyphens."""
    try:
        _DRAWN.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False
