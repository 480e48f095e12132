"""When and for whom gates are asked: options that judging commands share, and what stands behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from opsledger.cli.brought import bytes_brought
from opsledger.cli.caller import Caller
from opsledger.errors import Refused

if TYPE_CHECKING:
    from opsledger.approvals import PullRequest

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

MOST_BYTES = 64 << 20
"""The longest export that is read; pages of a forge take a few hundred kilobytes."""


def utc_time(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """Return a time with its offset, or a day, which starts at midnight in UTC, as the moment in UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no time; write it as 2026-11-20T12:00:00Z") from None
    if moment.tzinfo is None and len(value) > len("2026-11-20"):
        raise click.BadParameter(f"{value!r} says no offset; write {value}Z if it is UTC")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def as_of_option(function: Decorated) -> Decorated:
    """Choose the time that is judged for."""
    words = "Judge for this time, such as 2026-11-20T12:00:00Z.  [default: now]"
    return click.option("--as-of", "as_of", callback=utc_time, metavar="TIME", help=words)(function)


def reviews_option(function: Decorated) -> Decorated:
    """Bring the pull request with its reviews."""
    words = "Count the reviews in this file, as a forge's API gave them (`-` reads them from a pipe)."
    return click.option("--reviews", metavar="FILE", help=words)(function)


def by_option(function: Decorated) -> Decorated:
    """Say who makes the step."""
    words = "Id of the party that makes the step, where the forge or the server vouches for it."
    return click.option("--by", default="", envvar="OPSLEDGER_PARTY", metavar="PARTY", help=words)(function)


def ledger_option(function: Decorated) -> Decorated:
    """Name a ledger that is elsewhere."""
    words = "Ask the ledger at this address or in this directory, at the tip of its protected branch."
    return click.option("--ledger", default="", envvar="OPSLEDGER_LEDGER", metavar="URL|DIR", help=words)(function)


def pull_request_in(caller: Caller, file: str | None) -> PullRequest | None:
    """
    Return the pull request of an export; `None` where none was named.

    Raises:
        Refused: the file cannot be read.
        Undecided: it is no whole answer of a forge.
    """
    if file is None:
        return None
    from opsledger.adapters.forges import read_export

    content = bytes_brought(caller, file, most=MOST_BYTES, what="reviews")
    if len(content) > MOST_BYTES:
        raise Refused(f"{file} is longer than any export of one pull request", "export the pull request again")
    return read_export(content, forge=None)
