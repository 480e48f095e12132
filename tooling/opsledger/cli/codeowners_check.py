"""`opsledger codeowners check`: judge the CODEOWNERS file by the roles."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option
from opsledger.cli.owning import dialect_option, owning
from opsledger.cli.screen import show, wants_colour, wide
from opsledger.codeowners import check
from opsledger.report.codeowners import judged
from opsledger.report.judgement import FORMS, printed


@click.command("check")
@dialect_option
@format_option(*FORMS)
@click.pass_obj
def command(caller: Caller, *, dialect: str | None, form: str) -> None:
    """
    Judge the CODEOWNERS file by the roles.

    It must be as the roles make it, leave no record and nothing that judges without an owner, name nobody whom the
    records do not know, and hold no line that the forge skips or reads otherwise than it looks.

    Exits 0 when no finding is an error, 1 when one is, 2 when nobody can tell for which forge.
    """
    with owning(caller, dialect) as desk:
        judgement = judged(desk.asking, check(desk.asking, desk.text), desk.records)
    colour = wants_colour(caller.environment)
    show(printed(judgement, form, colour=colour, columns_wide=wide()))
    raise SystemExit(judgement.exit_code)
