"""Links and traceability: the LNK family."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from opsledger.finding import Fault, Severity
from opsledger.kind import Reference
from opsledger.kind.wording import quoted, with_article
from opsledger.ledger import Ledger
from opsledger.rules.cycles import loops
from opsledger.rules.register import Found, Reach, rule, stated

# A new circle runs through something new, so what can be reached from there is all that must be looked at.
NEAR_CHAINS = """
WITH RECURSIVE chain (relation, id) AS (
  SELECT reference.relation, record.id FROM touched CROSS JOIN record ON record.id = touched.id
  CROSS JOIN edge ON edge.record = record.number CROSS JOIN reference ON reference.number = edge.reference
  WHERE reference.acyclic
  UNION SELECT chain.relation, edge.target FROM chain CROSS JOIN record ON record.id = chain.id
  CROSS JOIN edge ON edge.record = record.number CROSS JOIN reference ON reference.number = edge.reference
  WHERE reference.acyclic AND reference.relation = chain.relation)
SELECT chain.relation, record.id, edge.target, record.path, edge.pointer FROM chain
CROSS JOIN record ON record.id = chain.id CROSS JOIN edge ON edge.record = record.number
CROSS JOIN reference ON reference.number = edge.reference AND reference.relation = chain.relation
WHERE reference.acyclic ORDER BY record.id, edge.rowid
"""
WHOLE_CHAINS = """
SELECT reference.relation, record.id, edge.target, record.path, edge.pointer FROM edge
JOIN reference ON reference.number = edge.reference JOIN record ON record.number = edge.record
WHERE reference.acyclic ORDER BY record.id, edge.rowid
"""
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,99}")
_SEARCHED = 50
"""For how many missing ids a similar one is looked for: each is compared with all that are there."""
LINKING = "SELECT count(DISTINCT record) FROM edge"


@rule("LNK101", Reach.LINK, counts=LINKING)
def reference_to_nothing(ledger: Ledger) -> Iterator[Found]:
    """
    A record names another one that does not exist.

    ## Why
    A release that fixes a problem nobody can open proves nothing. Source: S0-3.1, S2-def-cms, S3-rel-02.

    ## Examples
    ```yaml title="fails"
    # records/releases/REL-2026-9001.yaml
    fixes: [PRB-2026-9999]
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    ```

    ## Fix
    Correct the id, or add the record that is missing.
    """
    rows = ledger.database.execute(
        "SELECT record.path, record.id, edge.pointer, edge.reference, edge.target FROM near_edge edge "
        "JOIN record ON record.number = edge.record "
        "WHERE NOT EXISTS (SELECT 1 FROM record target WHERE target.id = edge.target) "
        "AND NOT EXISTS (SELECT 1 FROM alias WHERE alias.name = edge.target) ORDER BY record.path, edge.place"
    )
    fixes: dict[str, str] = {}
    for path, source, pointer, number, target in rows:
        if target not in fixes:
            fixes[target] = _nearest(ledger, target) if len(fixes) < _SEARCHED else "add the record, or correct the id"
        said = f"{source} {ledger.references[number].name} {_named(target)}, which does not exist"
        yield Found(path, Fault(pointer, "LNK101", said, fixes[target]), target)


def _nearest(ledger: Ledger, target: str) -> str:
    import difflib

    if _named(target) != target:
        return "write the id of a record"
    prefix = target.partition("-")[0]
    alike = ledger.database.execute("SELECT id FROM record WHERE id LIKE ? LIMIT 5000", (f"{prefix}-%",))
    near = difflib.get_close_matches(target, [row[0] for row in alike], n=1, cutoff=0.8)
    return f"add {target}, or write {near[0]} if that is meant" if near else f"add {target}, or correct the id"


def _named(target: str) -> str:
    """An id as it is; what looks like none in quotes, and not at any length."""
    return target if _PLAIN.fullmatch(target) else quoted(target)


@rule("LNK102", Reach.LINK, counts=LINKING)
def reference_to_another_kind(ledger: Ledger) -> Iterator[Found]:
    """
    A reference names a record of a kind that it may not name.

    ## Why
    *Fixes* means a problem. A change in that place breaks each page and rule that follows the link. Source: S0-3.1.

    ## Examples
    ```yaml title="fails"
    # records/releases/REL-2026-9001.yaml
    fixes: [CHG-2026-9001]
    # records/changes/CHG-2026-9001.yaml
    title: Raise the timeout
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    changes: [CHG-2026-9001]
    # records/changes/CHG-2026-9001.yaml
    title: Raise the timeout
    ```

    ## Fix
    Name a record of one of the kinds that the message lists, or use the field that is meant for this kind.
    """
    met = ledger.database.execute(
        "SELECT DISTINCT edge.reference, record.kind FROM near_edge edge JOIN record ON record.id = edge.target"
    ).fetchall()
    for number, kind in met:
        reference = ledger.references[number]
        if not reference.allows(kind):
            yield from _of_wrong_kind(ledger, number, kind, reference)


def _of_wrong_kind(ledger: Ledger, number: int, kind: str, reference: Reference) -> Iterator[Found]:
    rows = ledger.database.execute(
        "SELECT record.path, record.id, edge.pointer, edge.target FROM near_edge edge "
        "JOIN record ON record.number = edge.record "
        "WHERE edge.reference = ? AND EXISTS (SELECT 1 FROM record target WHERE target.id = edge.target "
        "AND target.kind = ?) ORDER BY record.path, edge.place",
        (number, kind),
    )
    for path, source, pointer, target in rows:
        if target not in ledger.in_doubt:
            wanted = " or ".join(with_article(name) for name in reference.kinds)
            said = f"{source} {reference.name} {target}, which is {with_article(kind)} and not {wanted}"
            yield Found(path, Fault(pointer, "LNK102", said, f"name {wanted} here"), target)


@rule("LNK104", Reach.RECORD, counts="SELECT count(*) FROM record WHERE kind = 'problem'")
def problem_without_a_ci(ledger: Ledger) -> Iterator[Found]:
    """
    A problem that is past triage names no configuration item.

    ## Why
    A release can only be held back by a problem that says what it is a problem of. Source: S0-1.2.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    state: triaged
    impact: high
    urgency: high
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    state: triaged
    impact: high
    urgency: high
    cis: [CI-payments]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ## Fix
    Add the component under `cis`.
    """
    return stated(ledger, "LNK104")


@rule("LNK105", Reach.LINK, counts="SELECT count(DISTINCT record) FROM citation")
def version_that_nothing_declares(ledger: Ledger) -> Iterator[Found]:
    """
    An affected or fixing version is declared by no release and no configuration item.

    ## Why
    A version that was never shipped cannot be affected. Usually a digit is wrong, and then the release that really
    is affected looks sound. Source: S0-1.2.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    affected_versions: [{ci: CI-payments, version: 4.2.11}]
    # records/cis/CI-payments.yaml
    version: 4.2.1
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    affected_versions: [{ci: CI-payments, version: 4.2.1}]
    # records/cis/CI-payments.yaml
    version: 4.2.1
    ```

    ## Fix
    Correct the version, or add the release that declares it.
    """
    unreadable = {kind for path in ledger.unreadable if (kind := ledger.kinds.of_path(path))}
    if any("version" in kind.annotations.declares for kind in unreadable):
        return  # the file that cannot be read may be the one that declares it
    rows = ledger.database.execute(
        "SELECT record.path, record.id, citation.pointer, citation.space, citation.value FROM near_citation citation "
        "JOIN record ON record.number = citation.record WHERE NOT EXISTS (SELECT 1 FROM declaration "
        "WHERE declaration.value = citation.value AND declaration.space = citation.space) "
        "ORDER BY record.path, citation.place"
    )
    for path, id, pointer, space, value in rows:
        said = f"{id} names {space} {value}, which no release and no CI declares"
        yield Found(
            path,
            Fault(pointer, "LNK105", said, f"correct the {space}, or add the release that declares {value}"),
            f"{space} {value}",
        )


@rule("LNK109", Reach.GLOBAL, severity=Severity.NOTE)
def record_without_links(ledger: Ledger) -> Iterator[Found]:
    """
    A record names no other, and no other names it.

    ## Why
    What nothing is linked to is found by nobody. Gates, lanes and other kinds of policy rule without being named.
    Source: S2-def-ci.

    ## Examples
    ```yaml title="fails"
    # records/controls/CTL-alone.yaml
    title: Change is approved before it is made
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    ```

    ## Fix
    Link it to what it is about, or leave it if it truly stands alone.
    """
    if ledger.unreadable:
        return  # the file that cannot be read may be the one that names it
    ruling = [kind.name for kind in ledger.kinds.values() if kind.family == "Policy"]
    rows = ledger.database.execute(
        f"SELECT path, id FROM near_record record WHERE readable AND kind NOT IN ({', '.join('?' * len(ruling))}) "
        "AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.record = record.number) "
        "AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.target = record.id) ORDER BY path",
        ruling,
    )
    for path, id in rows:
        if id not in ledger.in_doubt:
            yield Found(
                path, Fault("", "LNK109", f"{id} names no record, and none names it", "link it to what it is about")
            )


@rule("LNK111", Reach.RECORD, counts="SELECT count(*) FROM record WHERE kind = 'deployment'")
def deployed_item_without_version(ledger: Ledger) -> Iterator[Found]:
    """
    A deployed item carries none of repository and commit, version, or digest.

    ## Why
    Nobody can say afterwards what ran. Source: S4-dep-15.

    ## Examples
    ```yaml title="fails"
    # records/deployments/DEP-2026-a1b2c3.yaml
    items: [{ci: CI-payments}]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes"
    # records/deployments/DEP-2026-a1b2c3.yaml
    items: [{ci: CI-payments, version: 4.2.1}]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ## Fix
    Add the version, the digest, or repository and commit; the pipeline knows them.
    """
    return stated(ledger, "LNK111")


@rule("LNK112", Reach.RECORD, counts="SELECT count(*) FROM record WHERE kind = 'patch'")
def patch_without_a_cause(ledger: Ledger) -> Iterator[Found]:
    """
    A patch that is past its assessment has no problem, no vulnerability and no reason for its selection.

    ## Why
    A patch is a change with a risk of its own; what it is taken for must be said. Source: S0-3.3, S1-1.1, S1-4.2.

    ## Examples
    ```yaml title="fails"
    # records/patches/PAT-2026-9001.yaml
    state: assessed
    risk: low
    cis: [CI-payments]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes"
    # records/patches/PAT-2026-9001.yaml
    state: assessed
    risk: low
    cis: [CI-payments]
    problems: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ## Fix
    Link the problem or vulnerability, or say under `selection` why it was chosen.
    """
    return stated(ledger, "LNK112")


@rule(
    "LNK114",
    Reach.GLOBAL,
    counts="SELECT count(DISTINCT record) FROM edge JOIN reference ON number = reference WHERE acyclic",
)
def references_in_a_circle(ledger: Ledger) -> Iterator[Found]:
    """
    A chain of references that must lead somewhere comes back to where it started.

    ## Why
    Things that wait for each other in a circle are never built, and impact cannot be followed. Source: S3-bundle-06.

    ## Examples
    ```yaml title="fails"
    # records/releases/REL-2026-9001.yaml
    depends_on: [REL-2026-9002]
    # records/releases/REL-2026-9002.yaml
    depends_on: [REL-2026-9001]
    ```

    ```yaml title="passes"
    # records/releases/REL-2026-9001.yaml
    depends_on: [REL-2026-9002]
    # records/releases/REL-2026-9002.yaml
    title: The base of the other
    ```

    ## Fix
    Remove the link of the circle that is not true.
    """
    rows = ledger.database.execute(WHOLE_CHAINS if ledger.is_whole else NEAR_CHAINS)
    chains: dict[str, dict[str, dict[str, tuple[str, str]]]] = {}
    for relation, source, target, path, pointer in rows:
        chains.setdefault(relation, {}).setdefault(source, {})[target] = (path, pointer)
    for relation, edges in chains.items():
        for circle in loops(edges):
            yield _circle(relation, circle, edges)


def _circle(relation: str, circle: tuple[str, ...], edges: Mapping[str, Mapping[str, tuple[str, str]]]) -> Found:
    path, pointer = edges[circle[0]][circle[1]]
    way = f" {relation} ".join(circle)
    return Found(
        path, Fault(pointer, "LNK114", f"this goes round in a circle: {way}", "remove the link that is not true")
    )
