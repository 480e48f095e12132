"""From a problem over its change and release to where that was deployed: GOV961."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.packages import LANDED
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, asked_at_gates, rule
from opsledger.rules.unread import must_declare, unread

_OUT = "'early-life-support', 'closed'"
_LIVE = ", ".join(f"'{state}'" for state in LANDED)
_RUNS = f"{_LIVE}, 'in-progress', 'verifying', 'paused'"

# Releases and problems whose chain may have been torn by what is new: those that are new, that name something new, or
# that name what a new or lost one names.
_NEAR = f"""
near_chain (number) AS (
  SELECT number FROM near_record
  UNION SELECT edge.record FROM near_record CROSS JOIN edge ON edge.target = near_record.id
  WHERE near_record.kind IN ('problem', 'change', 'release')
  UNION SELECT other.record FROM near_record CROSS JOIN edge one ON one.record = near_record.number
  AND (one.pointer GLOB '/changes/*' OR one.pointer GLOB '/problems/*' OR one.pointer IN ('/release', '/fault'))
  CROSS JOIN edge other ON other.target = one.target
  UNION SELECT record.number FROM near_record CROSS JOIN edge ON edge.record = near_record.number
  CROSS JOIN record ON record.id = edge.target AND record.kind IN ('release', 'problem')),
chain (number) AS (
  SELECT record.number FROM near_chain CROSS JOIN record ON record.number = near_chain.number
  WHERE record.readable AND (record.kind = 'problem' AND record.state = 'closed'
  OR record.kind = 'release' AND record.state IN ({_OUT})))
"""
_WHOLE = f"""
chain (number) AS (
  SELECT number FROM record WHERE kind = 'problem' AND state = 'closed' AND readable
  UNION ALL SELECT number FROM record WHERE kind = 'release' AND state IN ({_OUT}) AND readable)
"""
_ONE = "chain (number) AS (SELECT number FROM record WHERE id = ?)"

_ENDED = """(edge.pointer = '/resolution/change' OR edge.pointer GLOB '/fix/changes/*' AND NOT EXISTS (
  SELECT 1 FROM edge said WHERE said.record = edge.record AND said.pointer = '/resolution/change'))"""
_CARRIED = """(
  EXISTS (SELECT 1 FROM edge up CROSS JOIN record carrier ON carrier.number = up.record AND carrier.kind = 'release'
    WHERE up.target = edge.target AND up.pointer GLOB '/changes/*')
  OR EXISTS (SELECT 1 FROM record carried CROSS JOIN edge down ON down.record = carried.number
    AND down.pointer = '/release' WHERE carried.id = edge.target))"""
_PROBLEMS = f"""
SELECT record.path, record.id, group_concat(edge.target, ' '), min(edge.pointer) FROM chain
CROSS JOIN record ON record.number = chain.number AND record.kind = 'problem'
CROSS JOIN declaration ON declaration.record = record.number AND declaration.space = 'resolution'
AND declaration.value = 'change'
LEFT JOIN edge ON edge.record = record.number AND {_ENDED}
GROUP BY record.number HAVING coalesce(sum({_CARRIED}), 0) = 0 ORDER BY record.path
"""
_FIXES = """
SELECT record.path, record.id, edge.pointer, edge.target FROM chain
CROSS JOIN record ON record.number = chain.number AND record.kind = 'release'
CROSS JOIN edge ON edge.record = record.number AND edge.pointer GLOB '/fixes/*'
CROSS JOIN record problem ON problem.id = edge.target AND problem.kind = 'problem' AND problem.readable
WHERE NOT EXISTS (SELECT 1 FROM edge ships CROSS JOIN record change ON change.id = ships.target
  CROSS JOIN edge names ON names.record = change.number AND names.target = problem.id
  WHERE ships.record = record.number AND ships.pointer GLOB '/changes/*')
AND NOT EXISTS (SELECT 1 FROM edge ships CROSS JOIN edge names ON names.record = problem.number
  AND names.target = ships.target WHERE ships.record = record.number AND ships.pointer GLOB '/changes/*')
ORDER BY record.path, edge.rowid
"""
_DEPLOYED = f"""
SELECT record.path, record.id, package.value,
EXISTS (SELECT 1 FROM edge CROSS JOIN record live ON live.number = edge.record AND live.kind = 'deployment'
  AND live.state IN ({_LIVE}) CROSS JOIN declaration brought ON brought.record = live.number
  AND brought.space = 'package' AND brought.value = package.value
  WHERE edge.target = record.id AND edge.pointer = '/release'),
(SELECT min(other.id) FROM edge CROSS JOIN record other ON other.number = edge.record AND other.kind = 'deployment'
  AND other.state IN ({_RUNS}) CROSS JOIN declaration brought ON brought.record = other.number
  AND brought.space = 'package' AND brought.value != package.value
  WHERE edge.target = record.id AND edge.pointer = '/release') AS stray
FROM chain CROSS JOIN record ON record.number = chain.number AND record.kind = 'release'
CROSS JOIN declaration package ON package.record = record.number AND package.space = 'package'
ORDER BY record.path
"""


@rule(
    "GOV961",
    Reach.LINK,
    counts="SELECT count(*) FROM record WHERE kind = 'problem' AND state = 'closed' "
    f"OR kind = 'release' AND state IN ({_OUT})",
)
def broken_chain(ledger: Ledger) -> Iterator[Found]:
    """
    From a problem to where its end was deployed, one link is missing.

    ## Why
    An auditor takes one problem and asks what ended it, who allowed that, and when it went live. A closed problem that
    a change ended names a change that a release carries; a release that is live or closed ships, for each problem that
    it fixes, a change that names the problem; and its very package was deployed, with nothing else under its name.
    Nothing softens this rule. Source: S0-7.1, S1-4.2, S3-plansum-03, S4-dep-14.

    ## Examples
    ```yaml title="fails"
    # asks: PRB-2026-9001 -> closed
    # records/problems/PRB-2026-9001.yaml
    state: resolved
    resolution: {path: change, resolved: "2026-02-01T10:00:00Z"}
    fix: {changes: [CHG-2026-9001], target: "2026-02-01"}
    # records/changes/CHG-2026-9001.yaml
    state: closed
    ```

    ```yaml title="fails, never deployed"
    # asks: REL-2026-9001 -> closed
    # records/releases/REL-2026-9001.yaml
    state: early-life-support
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/deployments/DEP-2026-9001abcd.yaml
    state: backed-out
    release: REL-2026-9001
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> closed
    # records/releases/REL-2026-9001.yaml
    state: early-life-support
    fixes: [PRB-2026-9001]
    changes: [CHG-2026-9001]
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/changes/CHG-2026-9001.yaml
    problems: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: fix-deployed
    # records/deployments/DEP-2026-9001abcd.yaml
    state: succeeded
    release: REL-2026-9001
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    ```

    ```yaml title="passes, near miss: no change ended it"
    # asks: PRB-2026-9001 -> closed
    # records/problems/PRB-2026-9001.yaml
    state: resolved
    resolution: {path: not_reproducible, resolved: "2026-02-01T10:00:00Z"}
    ```

    ## Fix
    Name the change at the problem, the change at the release that carried it, and the deployment that brought it.
    """
    for one in _gaps(ledger, _WHOLE if ledger.is_whole else _NEAR, ()):
        record = ledger.at_path(one.path)
        if record is not None and not _is_doubtful(ledger, record) and not _carries_nothing(ledger, record, one):
            yield one


def _carries_nothing(ledger: Ledger, record: Record, found: Found) -> bool:
    """
    Whether a release has no chain that could have a gap, since it ships no change at all.

    Its states ask for changes, where the ledger's schema does not say otherwise; a gate asks for the chain anyway.
    """
    is_of_fix = record.kind.name == "release" and found.fault.pointer.startswith("/fixes/")
    return is_of_fix and not any(link.pointer.startswith("/changes/") for link in ledger.links(record.id))


@asked_at_gates("GOV961")
def chain_broken_behind_the_subject(question: Question) -> Iterator[Found]:
    """The chain of a release that is to be closed, of a problem that is, or of a patch that is to be verified."""
    subject, ledger = question.subject, question.ledger
    if subject.kind.name == "patch":
        yield from _of_patch(ledger, subject)
        return
    must_declare(ledger, "problem", "resolution")
    must_declare(ledger, "release", "package")
    yield from _gaps(ledger, _ONE, (subject.id,))
    yield from unread(ledger, "GOV961", "deployment", f"it brought {subject.id}")


def _gaps(ledger: Ledger, chain: str, given: tuple[str, ...]) -> Iterator[Found]:
    yield from _uncarried(ledger, chain, given)
    for path, release, pointer, problem in _rows(ledger, chain, _FIXES, given):
        if not _through_a_patch(ledger, release, problem):
            said = f"{release} fixes {problem}, but none of the changes that it ships names {problem}"
            fix = f"name {problem} under `problems` of the change that ends it"
            yield Found(path, Fault(pointer, "GOV961", said, fix), problem)
    for path, release, digest, is_live, stray in _rows(ledger, chain, _DEPLOYED, given):
        if not is_live or stray:
            yield _undeployed(path, release, digest, stray, is_live=bool(is_live))


def _rows(ledger: Ledger, chain: str, select: str, given: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return ledger.database.execute(f"WITH {chain} {select}", given).fetchall()


def _uncarried(ledger: Ledger, chain: str, given: tuple[str, ...]) -> Iterator[Found]:
    """Problems that a change ended which no release carries, or that name none."""
    for path, problem, changes, pointer in ledger.database.execute(f"WITH {chain} {_PROBLEMS}", given).fetchall():
        named = (changes or "").split()
        if any(ledger.find(change) is None for change in named):
            continue  # a name of nothing is LNK101's
        if named:
            said = f"{problem} was ended by {', '.join(named)}, which no release carries"
            fix = f"name {named[0]} under `changes` of the release that brought it"
        else:
            said, fix = f"{problem} was ended by a change, and names none", "name it under resolution.change"
        yield Found(path, Fault(pointer or "/resolution/path", "GOV961", said, fix), " ".join(named))


def _undeployed(path: str, release: str, digest: str, stray: str | None, *, is_live: bool) -> Found:
    named = f"{digest[:19]}…"
    if is_live:
        said = f"{release} brought the package {named}, but {stray} brought another under its name"
        fix = f"say in {stray} which package it brought, or name the release that it belongs to"
    else:
        other = f"; {stray} brought another" if stray else ""
        said = f"no deployment that succeeded brought the package {named} of {release}{other}"
        fix = "record the deployment that brought it, with its package_digest"
    return Found(path, Fault("/package/digest", "GOV961", said, fix), stray or "")


def _through_a_patch(ledger: Ledger, release: str, problem: str) -> bool:
    """Whether a change of a release brings in a patch that is to end a problem."""
    ending = {patch.id for patch in ledger.naming(problem, "patch", at="/problems/*")}
    changes = (link.target for link in ledger.links(release) if link.pointer.startswith("/changes/"))
    return bool(ending) and any(
        link.target in ending
        for change in changes
        for link in ledger.links(change)
        if link.pointer.startswith("/patches/")
    )


def _of_patch(ledger: Ledger, patch: Record) -> Iterator[Found]:
    changes = [one for _, one in patch.items("/changes") if isinstance(one, str)]
    carried = [
        one for one in changes if ledger.naming(one, "release", at="/changes/*") or _names_a_release(ledger, one)
    ]
    if not carried:
        by = f"by {', '.join(changes)}, which no release carries" if changes else "by no change that it names"
        said = f"{patch.id} was brought in {by}"
        fix = "name the change under `changes`, and name it under `changes` of the release that brought it"
        yield Found(patch.path, Fault("/changes" if changes else "/state", "GOV961", said, fix), " ".join(changes))


def _names_a_release(ledger: Ledger, change: str) -> bool:
    found = ledger.find(change)
    return found is not None and bool(found.get("release"))


def _is_doubtful(ledger: Ledger, record: Record) -> bool:
    """Whether a file that cannot be read may hold the link that is missing: that file is then the one finding."""
    kinds = (
        ("change", "release", "problem", "patch")
        if record.kind.name == "problem"
        else ("deployment", "change", "patch")
    )
    return any(kind.name in kinds for path in ledger.unreadable if (kind := ledger.kinds.of_path(path)))
