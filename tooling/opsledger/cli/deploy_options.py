"""Options that the commands of `deploy` share, and the desk that they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deploying import Desk
from opsledger.cli.occasion import by_option, ledger_option
from opsledger.cli.options import Decorated
from opsledger.edit.deploying.journal import FOLDER

RESULTS = ("passed", "passed-with-issues", "failed", "not-run")
OUTCOMES = ("successful", "successful_with_issues", "partially_implemented", "unsuccessful")


def desk_options(function: Decorated) -> Decorated:
    """Say where the ledger and the journal are, and who writes."""
    words = f"Where deployments are kept until they are in the ledger.  [default: {FOLDER}]"
    journal = click.option("--journal", default=FOLDER, envvar="OPSLEDGER_JOURNAL", metavar="DIR", help=words)
    return journal(ledger_option(by_option(function)))


def desk_of(caller: Caller, journal: str, ledger: str, by: str) -> Desk:
    """Return where deployments are kept, seen from the caller's directory."""
    return Desk(caller, caller.directory / journal, ledger, by)


def system_and_run(_: click.Context, __: click.Parameter, value: str) -> tuple[str, str]:
    """Return the pipeline's system and the run in it."""
    import re

    system, slash, run = value.partition("/")
    if value and (not slash or not run or not re.fullmatch("[a-z0-9][a-z0-9-]*", system)):
        raise click.BadParameter(f"{value!r} is no run; write it as github/1234")
    return system, run


def run_option(function: Decorated) -> Decorated:
    """Name the run, so that another run does not go on with its deployment."""
    words = "The pipeline's run that goes on with it, as it was named at the start."
    option = click.option("--run", default="", callback=system_and_run, metavar="SYSTEM/ID", help=words)
    return option(function)


def pairs(word: str) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, Any]]:
    """Return what reads `name=value` as often as it is given."""

    def read(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for text in values:
            name, sign, value = text.partition("=")
            if not sign or not name.strip() or not value.strip():
                raise click.BadParameter(f"{text!r} is no {word}; write it as name=value")
            found[name.strip()] = value.strip()
        return found

    return read
