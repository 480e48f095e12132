"""Whether what was imported says what it was made from: SYN985."""

from __future__ import annotations

from collections.abc import Iterable

from opsledger.ledger import Ledger
from opsledger.rules.register import Found, Reach, rule, stated


@rule("SYN985", Reach.RECORD, counts="SELECT count(*) FROM record WHERE kind = 'evidence'")
def result_of_no_known_source(ledger: Ledger) -> Iterable[Found]:
    """
    An imported result lacks its source, the time at which it was read, or the fingerprint of what was read.

    ## Why
    A result is believed because anybody can look at the report behind it. Without the report's fingerprint nobody can
    tell whether a file is that report, and a second import makes a second record. `opsledger import` says the same code
    of a report that it cannot read, or that is about another package than the one that was named: nothing can stand
    behind such a record, so none is written. Source: S1-8.2.

    ## Examples
    ```yaml title="fails, nobody can tell which report it was"
    # records/evidence/2026/EVD-2026-9001.yaml
    source: {adapter: junit, id: github/17342001, fetched_at: "2026-03-01T12:00:00Z"}
    ```

    ```yaml title="passes"
    # records/evidence/2026/EVD-2026-9001.yaml
    source:
      adapter: junit
      id: github/17342001
      fetched_at: "2026-03-01T12:00:00Z"
      digest: sha256:5ae79fdaae9876fc4294c4c2af6241dab0933c6c1215aeb7b737fb00ab1ef07f
    ```

    ```yaml title="passes, near miss: a person wrote it"
    # records/evidence/2026/EVD-2026-9001.yaml
    type: uat
    ```

    ## Fix
    Import the report again with `opsledger import`; what a person wrote has no source.
    """
    return stated(ledger, "SYN985")
