"""`opsledger import junit`: test reports become evidence."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.gathering import bring_evidence, evidence_options


@click.command("junit")
@evidence_options
@click.option("--case-map", default="", metavar="FILE", help="Which case is tied to what, as YAML.")
@click.pass_obj
def command(caller: Caller, /, *, case_map: str, **said: Any) -> None:
    """
    Make evidence of JUnit test reports.

    Each case keeps its name and outcome. A case that names PRB-2026-0017#rt-1 in its name, or in its property
    opsledger.problem, shows the state of that problem; opsledger.criterion ties it to an acceptance criterion. What
    does not fit into one record is counted; what failed or is tied to something is kept.

    Exits 0 when the records stand, 1 when a file cannot be read or check would not pass, 2 when it could not look, 3
    when a remote or store cannot be reached.
    """
    bring_evidence(caller, "junit", said, case_map=case_map)
