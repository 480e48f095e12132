"""`opsledger import cyclonedx`: bills of materials and VEX become evidence."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.gathering import bring_evidence, evidence_options


@click.command("cyclonedx")
@evidence_options
@click.option("--baseline", is_flag=True, help="Write the agreed baseline of the package as well.")
@click.pass_obj
def command(caller: Caller, /, *, baseline: bool, **said: Any) -> None:
    """
    Make evidence of CycloneDX documents.

    Versions 1.2 to 1.7 are read. The packages inside are kept by package URL; vulnerabilities that are neither settled
    nor said not to apply become issues. With --baseline the versions become the agreed baseline of the package.

    Exits 0 when the records stand, 1 when a file cannot be read or check would not pass, 2 when it could not look, 3
    when a remote or store cannot be reached.
    """
    bring_evidence(caller, "cyclonedx", said, is_baseline=baseline)
