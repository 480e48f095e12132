"""What an exception means to the person at the terminal: a sentence, an exit code, a report when we failed."""

from __future__ import annotations

import errno
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click

from opsledger import __version__
from opsledger.errors import OpsledgerError
from opsledger.report.plain import escape

STOPPED = 130
OURS = 70
NOBODY_READS = 141  # what a shell says of a program that wrote into a closed pipe
MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM}
)


def code_of(error: BaseException, arguments: Sequence[str], commands: Collection[str]) -> int:
    """Say what went wrong on standard error and return the exit code for it."""
    match error:
        case _ if _is_broken_pipe(error):
            _forget_output()
            code = NOBODY_READS
        case SystemExit():
            code = _exit_code(error)
        case OpsledgerError():
            code = _say(str(error), error.exit_code)
        case click.Abort() | KeyboardInterrupt():
            code = _say("stopped", STOPPED, start="")
        case click.ClickException():
            code = _say_usage(error)
        case OSError() if error.errno in MACHINE:
            _forget_output()
            code = _say(_machine_sentence(error), 2)
        case _:
            code = _report(error, arguments, commands)
    return code


def _is_broken_pipe(error: BaseException) -> bool:
    """Tell whether the reader of our output went away; click turns that into an exit of its own."""
    seen: BaseException | None = error
    while isinstance(seen, SystemExit):
        seen = seen.__context__
    return isinstance(seen, OSError) and seen.errno == errno.EPIPE


def _forget_output() -> None:
    """Point standard output at nothing, or the interpreter complains about it on its way out."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


def _exit_code(error: SystemExit) -> int:
    """Return the number that a command left with, after its output is really out."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except OSError as failure:
            return code_of(failure, (), ())
    return error.code if isinstance(error.code, int) else 0 if error.code is None else 1


def _say(sentence: str, code: int, *, start: str = "Error: ") -> int:
    """Print a sentence on standard error, each line of it escaped."""
    click.echo(start + "\n".join(escape(line) for line in sentence.splitlines()), err=True)
    return code


def _say_usage(error: click.ClickException) -> int:
    """Say what is wrong with the command line, and where its help is."""
    sentence = error.format_message()
    if isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter) and error.param:
        sentence = f"{error.param.get_error_hint(error.ctx)} {error.message}" if error.ctx else error.message
    _say(sentence.rstrip("."), error.exit_code)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"See: {error.ctx.command_path} --help", err=True)
    return error.exit_code


def _machine_sentence(error: OSError) -> str:
    """Say what the machine refused."""
    refused = (error.strerror or "the machine refused").lower()
    return f"{refused}: {os.fsdecode(error.filename)}" if error.filename else f"{refused} while writing the output"


def _report(error: BaseException, arguments: Sequence[str], commands: Collection[str]) -> int:
    """Write what we need to find our fault, and nothing that stands in a record."""
    text = "\n".join(_report_lines(error, arguments, commands)) + "\n"
    path = _written(text)
    where = f"; what happened is in {path}" if path else ""
    _say(f"opsledger failed in a way it should not ({type(error).__name__}){where}", OURS)
    if not path:
        click.echo(text, err=True)
    return OURS


def _report_lines(error: BaseException, arguments: Sequence[str], commands: Collection[str]) -> Iterator[str]:
    """
    Yield the report: versions, the command without its values, and where the exception came through.

    The text of an exception and the values on the command line may quote a record, so neither is in it.
    """
    yield f"opsledger {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    command = next((word for word in arguments if word in commands), "")
    options = sorted({word.partition("=")[0] for word in arguments if word.startswith("--")})
    yield " ".join(("command: opsledger", command, *options)).rstrip()
    seen: BaseException | None = error
    while seen is not None:
        yield ""
        yield f"{type(seen).__module__}.{type(seen).__qualname__}"
        for frame in traceback.extract_tb(seen.__traceback__)[-60:]:
            yield f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}: {frame.line}"
        seen = seen.__cause__ or seen.__context__


def _short(path: str) -> str:
    """Return the path of a source file from its package on."""
    parts = Path(path).parts
    for package in ("opsledger", "site-packages"):
        if package in parts:
            start = len(parts) - 1 - parts[::-1].index(package)
            return "/".join(parts[start:])
    return parts[-1]


def _written(text: str) -> str:
    """Write the report to the first place that takes it and return its path; empty if none does."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for place in (Path(home, "opsledger"), Path(tempfile.gettempdir())):
        try:
            place.mkdir(parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(prefix="opsledger-report-", suffix=".txt", dir=place)
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return path
    return ""
