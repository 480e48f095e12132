"""`opsledger import spdx`: bills of materials become evidence."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.gathering import bring_evidence, evidence_options


@click.command("spdx")
@evidence_options
@click.option("--baseline", is_flag=True, help="Write the agreed baseline of the package as well.")
@click.pass_obj
def command(caller: Caller, /, *, baseline: bool, **said: Any) -> None:
    """
    Make evidence of SPDX documents.

    SPDX 2.2 and 2.3 are read as JSON, 3.0 as JSON-LD. The packages inside are kept by package URL. With --baseline the
    versions become the agreed baseline of the package.

    Exits 0 when the records stand, 1 when a file cannot be read or check would not pass, 2 when it could not look, 3
    when a remote or store cannot be reached.
    """
    bring_evidence(caller, "spdx", said, is_baseline=baseline)
