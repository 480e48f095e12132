"""Files that a caller brings: reviews, an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opsledger.cli.caller import Caller
from opsledger.errors import Refused

if TYPE_CHECKING:
    from opsledger.adapters.issues import Wish


def bytes_brought(caller: Caller, file: str, *, most: int, what: str) -> bytes:
    """
    Return what a file holds, or a pipe for `-`; of more than `most` bytes, one byte more than that.

    Args:
        what: what it should hold, as messages call it.

    Raises:
        Refused: it cannot be read.
    """
    try:
        with click.open_file("-" if file == "-" else str(caller.directory / file), "rb") as opened:
            return bytes(opened.read(most + 1))
    except OSError as error:
        why = (error.strerror or "the machine refused").lower()
        raise Refused(f"no {what} can be read from {file}: {why}", "name a file that is there") from error


def wish_in(caller: Caller, file: str) -> Wish:
    """Return the record that an issue asks for; the text of the issue is data and never anything else."""
    from opsledger.adapters.issues import MOST_BYTES, read_issue

    return read_issue(bytes_brought(caller, file, most=MOST_BYTES, what="issue"))
