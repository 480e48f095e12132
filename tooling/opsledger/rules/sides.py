"""Links that are told from both ends: LNK113."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.kind import Reference
from opsledger.ledger import Ledger
from opsledger.rules.register import Found, Reach, rule

LINKING = "SELECT count(DISTINCT record) FROM edge"


@rule("LNK113", Reach.LINK, counts=LINKING)
def sides_of_a_link_that_disagree(ledger: Ledger) -> Iterator[Found]:
    """
    Two records tell both sides of one link and disagree, or one of two sides that are due is missing.

    ## Why
    If the release says that it ships the change and the change names another release, one of them misleads whoever
    opens it. Source: S3-goal-06, S3-bundle-03, S3-rel-01.

    ## Examples
    ```yaml title="fails"
    # records/releases/REL-2026-9001.yaml
    changes: [CHG-2026-9001]
    # records/releases/REL-2026-9002.yaml
    title: Another release
    # records/changes/CHG-2026-9001.yaml
    release: REL-2026-9002
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    changes: [CHG-2026-9001]
    # records/changes/CHG-2026-9001.yaml
    release: REL-2026-9001
    ```

    ## Fix
    Correct the side that is wrong; `opsledger show` prints both.
    """
    told: dict[frozenset[int], list[Found]] = {}
    for number, reference in ledger.references.items():
        for other in _mirrors(ledger, reference) if reference.mirror else ():
            told.setdefault(frozenset({number, other}), []).extend(_disagreements(ledger, number, reference, other))
    for found in told.values():
        yield from _first_told(ledger, found)


def _first_told(ledger: Ledger, found: list[Found]) -> Iterator[Found]:
    """Without what follows: a record that one side contradicts may contradict a third one for the same reason."""
    speaking: set[str] = set()
    spoken_of: set[str] = set()
    for one in found:
        record = ledger.at_path(one.path)
        source = record.id if record else ""
        if source not in spoken_of and one.about not in speaking:
            speaking.add(source)
            spoken_of.add(one.about)
            yield one


def _mirrors(ledger: Ledger, reference: Reference) -> Iterator[int]:
    """The numbers of the references that may stand at the mirror."""
    for number, kind, at in ledger.database.execute("SELECT number, kind, at FROM reference").fetchall():
        if reference.allows(kind) and at in (reference.mirror, f"{reference.mirror}/*"):
            yield number


def _disagreements(ledger: Ledger, number: int, reference: Reference, other: int) -> Iterator[Found]:
    rows = ledger.database.execute(
        "SELECT record.path, record.id, edge.pointer, edge.target, target.path, "
        "(SELECT group_concat(back.target, ', ') FROM edge back "
        "WHERE back.record = target.number AND back.reference = :other) AS told "
        "FROM near_edge edge JOIN record ON record.number = edge.record JOIN record target ON target.id = edge.target "
        "JOIN reference mirror ON mirror.number = :other AND mirror.kind = target.kind "
        "WHERE edge.reference = :number AND target.readable AND NOT EXISTS (SELECT 1 FROM edge back "
        "WHERE back.record = target.number AND back.reference = :other AND back.target = record.id) "
        "ORDER BY record.path, edge.place",
        {"number": number, "other": other},
    )
    back = ledger.references[other]
    for path, source, pointer, target, target_path, told in rows:
        if target in ledger.in_doubt or (told is None and not reference.mirror_required):
            continue
        says = f"says that it {back.name} {told}" if told else f"does not say that it {back.name} {source}"
        said = f"{source} {reference.name} {target}, but {target} in {target_path} {says}"
        yield Found(
            path, Fault(pointer, "LNK113", said, f"correct {source} or {target}, so that both say the same"), target
        )
