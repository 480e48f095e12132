"""Risk exceptions: the WVR family."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.ledger import Ledger
from opsledger.rules.register import Found, Reach, rule, stated


@rule("WVR921", Reach.RECORD, counts="SELECT count(*) FROM record WHERE kind = 'exception'")
def exception_without_its_reasons(ledger: Ledger) -> Iterator[Found]:
    """
    A requested exception lacks its justification, its mitigation, its scope, its positions or its end.

    ## Why
    Whoever accepts a risk must see what is accepted, for how long, and what limits the harm meanwhile. Source: S0-2.3,
    S0-7.3.

    ## Examples
    ```yaml title="fails"
    # records/exceptions/EXC-2026-9001.yaml
    state: requested
    ```

    ```yaml title="passes"
    # records/exceptions/EXC-2026-9001.yaml
    state: draft
    ```

    ## Fix
    Fill in what the message names, or move the exception back to draft.
    """
    return stated(ledger, "WVR921")
