"""`opsledger kinds`: explain the kinds of record."""

from __future__ import annotations

import json

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option, kind_called
from opsledger.cli.screen import show, wants_colour, wide
from opsledger.cli.writing import desk, finish, kinds_around
from opsledger.edit.editors import EDITORS, associations, settings_for
from opsledger.edit.starting import plan_editors
from opsledger.kind import Kinds
from opsledger.report.kind_page import COLUMNS, kind_page, kind_rows
from opsledger.report.plain import escape
from opsledger.report.rows import FORMS, render


@click.command("kinds")
@click.argument("kind", required=False)
@format_option(*FORMS)
@click.option("--editor", type=click.Choice(EDITORS), help="Print the settings by which this editor judges records.")
@click.option("--write-editor", is_flag=True, help="Write the files for editors anew, after a schema changed.")
@click.pass_obj
def command(caller: Caller, *, kind: str | None, form: str, editor: str | None, write_editor: bool) -> None:
    """
    Explain the kinds of record.

    Without KIND, list them; with it, show its fields, its states with what each asks, and its references. As json,
    a kind is its JSON Schema in one piece. Outside a ledger it speaks of the kinds that the tool brings along.

    Exits 0 when there is something to explain, 2 when no kind is called that.
    """
    if editor or write_editor:
        with desk(caller) as at:
            if write_editor:
                finish(plan_editors(at.ledger.kinds, top=at.top, prefix=at.prefix), at.top, dry_run=False)
            else:
                show([settings_for(str(editor), associations(at.ledger.kinds, at.prefix))])
        return
    kinds = kinds_around(caller)
    if kind is None:
        rows = kind_rows(kinds)
        show(render(COLUMNS, rows, form, columns_wide=wide(), colour=wants_colour(caller.environment)))
    elif form == "json":
        show([json.dumps(kind_called(kinds, kind).schema, indent=1)])
    else:
        show(_page(kinds, kind))


def _page(kinds: Kinds, name: str) -> list[str]:
    """Return the page of a kind, harmless whoever wrote its schema."""
    lines = kind_page(kind_called(kinds, name), kinds)
    return [line[: len(line) - len(line.lstrip())] + escape(line.lstrip()) for line in lines]
