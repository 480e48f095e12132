"""What a release carries: LNK103."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.kind.lifecycle import Lifecycle
from opsledger.ledger import Ledger
from opsledger.rules.register import Found, Reach, rule

AUTHORISED_FROM = "approved"
PLANNED_FROM = "plan-approved"
PACKAGED_FROM = "packaged"
LIVE_FROM = "deploying"

# The releases that are near to something new: they are new themselves, or a change that they ship is.
NEAR_RELEASES = """
WITH near_release AS (
  SELECT DISTINCT near_edge.record AS number FROM near_edge
  JOIN reference ON reference.number = near_edge.reference
  WHERE reference.kind = 'release' AND reference.at = '/changes/*')
"""


@rule("LNK103", Reach.LINK, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def release_without_an_approved_change(ledger: Ledger) -> Iterator[Found]:
    """
    A release whose plan is approved carries no approved change, or one of its changes is missing from its package.

    ## Why
    A release brings changes that somebody allowed. One without any has slipped past that question, and a change that
    no part of the package carries out is not in it. Source: S2-def-release, S2-in-01, S3-goal-05, S3-plan-01.

    ## Examples
    ```yaml title="fails"
    # records/releases/REL-2026-9001.yaml
    state: plan-approved
    changes: [CHG-2026-9001]
    # records/changes/CHG-2026-9001.yaml
    state: submitted
    ```

    ```yaml title="fails, not in the package"
    # records/releases/REL-2026-9001.yaml
    state: packaged
    changes: [CHG-2026-9001, CHG-2026-9002]
    package:
      artifacts:
        - name: payments
          digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
          change: CHG-2026-9001
    # records/changes/CHG-2026-9001.yaml
    state: scheduled
    # records/changes/CHG-2026-9002.yaml
    state: scheduled
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    state: plan-approved
    changes: [CHG-2026-9001]
    # records/changes/CHG-2026-9001.yaml
    state: approved
    ```

    ## Fix
    Have the change approved first, or name the one that is; name the change at the part of the package that carries
    it out.
    """
    release, change = ledger.kinds.get("release"), ledger.kinds.get("change")
    if release is None or change is None or release.lifecycle is None or change.lifecycle is None:
        return
    yield from _unapproved(ledger, release.lifecycle, change.lifecycle)
    yield from _unpackaged(ledger, release.lifecycle.onwards(PACKAGED_FROM))


def _unapproved(ledger: Ledger, release: Lifecycle, change: Lifecycle) -> Iterator[Found]:
    """
    Releases none of whose changes got as far as an approval; one that was backed out had got there.

    A change that was done in another system was approved there, if at all: it lets no release here go out.
    """
    planned, live = release.onwards(PLANNED_FROM), release.onwards(LIVE_FROM)
    ahead = tuple(state for state in planned if state not in live)
    allowed, elsewhere = (*change.onwards(AUTHORISED_FROM), "backed-out"), tuple(sorted(change.imported))
    rows = ledger.database.execute(
        f"{NEAR_RELEASES} SELECT record.path, record.id, record.state, "
        "group_concat(change.id || ' is ' || coalesce(change.state, 'in no state'), ', '), "
        "group_concat(change.id, ' ') "
        "FROM near_release "
        "JOIN record ON record.number = near_release.number JOIN edge ON edge.record = record.number "
        "JOIN reference ON reference.number = edge.reference AND reference.at = '/changes/*' "
        "JOIN record change ON change.id = edge.target AND change.kind = 'change' AND change.readable "
        f"WHERE record.state IN ({_places(planned)}) GROUP BY record.number "
        f"HAVING sum(coalesce(change.state, '') IN ({_places(allowed)}) AND NOT (record.state IN ({_places(ahead)}) "
        f"AND change.state IN ({_places(elsewhere)}) AND EXISTS (SELECT 1 FROM declaration "
        "WHERE declaration.record = change.number AND declaration.space = 'external'))) = 0 ORDER BY record.path",
        (*planned, *allowed, *ahead, *elsewhere),
    )
    for path, id, state, changes, ids in rows:
        said = f"{id} is {state}, but no change that it ships is approved: {changes}"
        yield Found(
            path,
            Fault("/changes", "LNK103", said, "have the change approved first, or name one that is"),
            f"{id} {ids}",
        )


def _unpackaged(ledger: Ledger, packaged: tuple[str, ...]) -> Iterator[Found]:
    """Changes that no part of a package carries out, where the package says of other parts what they carry out."""
    rows = ledger.database.execute(
        f"{NEAR_RELEASES}, part AS (SELECT edge.record AS number, edge.target AS target FROM near_release "
        "JOIN edge ON edge.record = near_release.number JOIN reference ON reference.number = edge.reference "
        "WHERE reference.at = '/package/artifacts/*/change') "
        "SELECT record.path, record.id, edge.pointer, edge.target FROM near_release "
        "JOIN record ON record.number = near_release.number JOIN edge ON edge.record = record.number "
        "JOIN reference ON reference.number = edge.reference AND reference.at = '/changes/*' "
        f"WHERE record.state IN ({_places(packaged)}) "
        "AND EXISTS (SELECT 1 FROM part WHERE part.number = record.number) "
        "AND NOT EXISTS (SELECT 1 FROM part WHERE part.number = record.number AND part.target = edge.target) "
        "ORDER BY record.path, edge.rowid",
        packaged,
    )
    for path, id, pointer, change in rows:
        said = f"{id} ships {change}, but no part of its package carries it out"
        yield Found(path, Fault(pointer, "LNK103", said, f"write `change: {change}` at the part that does"), change)


def _places(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))
