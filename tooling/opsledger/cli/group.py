"""The group of commands, each imported only when it is asked for."""

from __future__ import annotations

import importlib

import click

from opsledger import __version__
from opsledger.cli.caller import caller_in
from opsledger.cli.overview import COMMANDS, overview


class LazyGroup(click.Group):
    """The commands, each a module of this package whose attribute `command` is loaded when it is named."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name and give it `-C`, which every command takes."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"opsledger.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        if not any(parameter.name == "directory" for parameter in command.params):
            command.params.append(_directory_option())
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        if args and not ctx.resilient_parsing and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command is called {args[0]!r}{_nearest(args[0])}")
        return super().resolve_command(ctx, args)

    def get_help(self, _: click.Context) -> str:
        """Return the page that `opsledger` alone prints."""
        return overview()


def _nearest(name: str) -> str:
    """Return a question that names the command somebody probably meant."""
    import difflib  # only a mistyped command pays for it

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _directory_option() -> click.Option:
    """Make the `-C` that stands behind a command's name."""
    return click.Option(
        ["-C", "directory"],
        type=click.Path(file_okay=False, exists=True),
        metavar="DIR",
        expose_value=False,
        callback=_go_to,
        help="Work as if started in DIR.",
    )


def _go_to(context: click.Context, _: click.Parameter, directory: str | None) -> None:
    """Work in another directory from here on."""
    if directory is not None and context.obj is not None:
        context.obj = context.obj.moved_to(directory)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="opsledger %(version)s")
@click.option("-C", "directory", type=click.Path(file_okay=False, exists=True), default=".", metavar="DIR",
              help="Work as if started in DIR.")  # fmt: skip
@click.pass_context
def commands(context: click.Context, directory: str) -> None:
    """Read the options that stand before the command."""
    context.obj = caller_in(directory)
