"""One call of the program, from its arguments to its exit code; the one place where exceptions end."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from opsledger import __version__
from opsledger.cli.overview import COMMANDS, overview


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; no exception passes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a closed stream is None
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _answer(list(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - this is the one boundary
        from opsledger.cli.boundary import code_of

        return code_of(error, arguments, COMMANDS)
    return code


def _answer(arguments: list[str]) -> int:
    """Answer what needs no library at once, and leave the rest to the commands: click alone costs 30 ms."""
    match arguments:
        case [] | ["-h"] | ["--help"]:
            print(overview())
            return 0 if arguments else 2
        case ["--version"]:
            print(f"opsledger {__version__}")
            return 0
    from opsledger.cli.group import commands

    result = commands.main(args=arguments, prog_name="opsledger", standalone_mode=False)
    return result if isinstance(result, int) else 0
