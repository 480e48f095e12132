"""`opsledger import sarif`: what scanners found becomes evidence."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.gathering import bring_evidence, evidence_options


@click.command("sarif")
@evidence_options
@click.pass_obj
def command(caller: Caller, /, **said: Any) -> None:
    """
    Make evidence of SARIF logs.

    Each open result becomes an issue with its place and severity: the rule's security-severity, else high for an error,
    medium for a warning, low for a note. Suppressed results are counted.

    Exits 0 when the records stand, 1 when a file cannot be read or check would not pass, 2 when it could not look, 3
    when a remote or store cannot be reached.
    """
    bring_evidence(caller, "sarif", said)
