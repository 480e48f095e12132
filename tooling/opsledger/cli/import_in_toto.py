"""`opsledger import in-toto`: attestations become evidence."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.gathering import bring_evidence, evidence_options


@click.command("in-toto")
@evidence_options
@click.pass_obj
def command(caller: Caller, /, **said: Any) -> None:
    """
    Make evidence of in-toto attestations.

    SLSA provenance, in-toto test results and bills of materials are read, plain or in a DSSE envelope, whose signature
    is not verified. The package must be among the subjects; where there is one subject, it is the package.

    Exits 0 when the records stand, 1 when a file cannot be read or check would not pass, 2 when it could not look, 3
    when a remote or store cannot be reached.
    """
    bring_evidence(caller, "in-toto", said)
