"""What people did in which role on one matter, as approvals, deployments and releases tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations, groupby
from typing import TYPE_CHECKING

from opsledger.ledger import Ledger
from opsledger.moments import moment
from opsledger.policy import Policy

if TYPE_CHECKING:
    from opsledger.people import Incompatibility, People

_ACTS = """
WITH act AS (
  SELECT subject.target AS matter, party.target AS party, role.target AS role, record.path AS path,
    '/party' AS pointer, record.id AS id
  FROM record JOIN edge subject ON subject.record = record.number AND subject.pointer = '/subject'
  JOIN edge party ON party.record = record.number AND party.pointer = '/party'
  JOIN edge role ON role.record = record.number AND role.pointer = '/role'
  WHERE record.kind = 'approval' AND record.readable
  UNION ALL
  SELECT record.id, party.target, '', record.path, party.pointer, record.id
  FROM record JOIN edge party ON party.record = record.number AND party.pointer = '/executor'
  WHERE record.kind = 'deployment' AND record.readable
  UNION ALL
  SELECT record.id, party.target, role.target, record.path, party.pointer, record.id
  FROM record JOIN edge party ON party.record = record.number AND party.pointer GLOB '/team/*/party'
  JOIN edge role ON role.record = record.number AND role.pointer = replace(party.pointer, '/party', '/role')
  WHERE record.kind = 'release' AND record.readable),
part AS (
  SELECT record.id AS matter, edge.target AS whole FROM record
  JOIN edge ON edge.record = record.number AND edge.pointer = '/release'
  WHERE record.kind IN ('deployment', 'change')
  UNION
  SELECT edge.target, record.id FROM record JOIN edge ON edge.record = record.number
  WHERE record.kind = 'release' AND edge.pointer GLOB '/changes/*'),
family AS (SELECT act.*, coalesce(part.whole, act.matter) AS whole FROM act LEFT JOIN part USING (matter))
"""
_SEVERAL = f"""{_ACTS}, several AS (
  SELECT whole, party FROM family GROUP BY whole, party HAVING count(DISTINCT role) > 1)
SELECT whole, party, matter, role, path, pointer, id FROM family JOIN several USING (whole, party)
ORDER BY whole, party, path, pointer
"""
# The same acts, but from one matter on: a gate that looked through all there are would be as slow as they are many.
_OF_ONE = """
WITH whole (id) AS (SELECT coalesce((SELECT min(id) FROM (
    SELECT edge.target AS id FROM record
    CROSS JOIN edge ON edge.record = record.number AND edge.pointer = '/release'
    WHERE record.id = :matter AND record.kind IN ('deployment', 'change')
    UNION SELECT record.id FROM edge CROSS JOIN record ON record.number = edge.record AND record.kind = 'release'
    WHERE edge.target = :matter AND edge.pointer GLOB '/changes/*')), :matter)),
part (id) AS (
  SELECT id FROM whole
  UNION SELECT record.id FROM whole CROSS JOIN edge ON edge.target = whole.id AND edge.pointer = '/release'
  CROSS JOIN record ON record.number = edge.record AND record.kind IN ('deployment', 'change')
  UNION SELECT edge.target FROM whole CROSS JOIN record ON record.id = whole.id AND record.kind = 'release'
  CROSS JOIN edge ON edge.record = record.number AND edge.pointer GLOB '/changes/*'),
act (party, matter, role, path, pointer, id) AS (
  SELECT party.target, part.id, role.target, record.path, '/party', record.id
  FROM part CROSS JOIN edge subject ON subject.target = part.id AND subject.pointer = '/subject'
  CROSS JOIN record ON record.number = subject.record AND record.kind = 'approval' AND record.readable
  CROSS JOIN edge party ON party.record = record.number AND party.pointer = '/party'
  CROSS JOIN edge role ON role.record = record.number AND role.pointer = '/role'
  UNION ALL SELECT party.target, part.id, '', record.path, party.pointer, record.id
  FROM part CROSS JOIN record ON record.id = part.id AND record.kind = 'deployment' AND record.readable
  CROSS JOIN edge party ON party.record = record.number AND party.pointer = '/executor'
  UNION ALL SELECT party.target, part.id, role.target, record.path, party.pointer, record.id
  FROM part CROSS JOIN record ON record.id = part.id AND record.kind = 'release' AND record.readable
  CROSS JOIN edge party ON party.record = record.number AND party.pointer GLOB '/team/*/party'
  CROSS JOIN edge role ON role.record = record.number AND role.pointer = replace(party.pointer, '/party', '/role'))
SELECT (SELECT id FROM whole), party, matter, role, path, pointer, id FROM act ORDER BY party, path, pointer
"""


@dataclass(frozen=True)
class Act:
    """
    One thing that one party did.

    Args:
        whole: the release that it belongs to in the end, or the matter itself.
        matter: the record that it was done on.
        role: in which role; empty where the record does not say.
        scope: what was approved; empty for anything but a signature.
        says: what was done, as a part of a sentence.
        id: of the record that tells it.
        at: when, if that is known.
    """

    whole: str
    matter: str
    party: str
    role: str
    scope: str
    says: str
    path: str
    pointer: str
    id: str
    at: datetime | None = None


@dataclass(frozen=True)
class Clash:
    """Two acts of one party on one matter in roles that do not go together, and what says that they do not."""

    first: Act
    second: Act
    role: str
    apart: Incompatibility


def acts_of_several_roles(ledger: Ledger) -> Iterator[list[Act]]:
    """Everything that one party did on one matter, wherever that was in more than one role."""
    rows = ledger.database.execute(_SEVERAL).fetchall()
    for _, of_one in groupby(rows, key=lambda row: (row[0], row[1])):
        yield [act for row in of_one for act in _act(ledger, row)]


def acts_on(ledger: Ledger, matter: str) -> list[Act]:
    """Everything that was done on a record, on the release that it belongs to, and on the rest of that release."""
    rows = ledger.database.execute(_OF_ONE, {"matter": matter}).fetchall()
    return [act for row in rows for act in _act(ledger, row)]


def whole_of(acts: Iterable[Act], matter: str) -> str:
    """What a record belongs to, as acts on it and beside it tell."""
    return next((act.whole for act in acts), matter)


def kept_apart(people: People, policy: Policy) -> People:
    """The same people with the pairs that the policy keeps apart, beside those that role records do."""
    from opsledger.people import Incompatibility  # a check where nobody acted twice does without

    roles = dict(people.roles)
    duties = policy.data.get("duties")
    stated = duties.get("incompatible") if isinstance(duties, dict) else None
    for entry in stated if isinstance(stated, list) else ():
        pair = entry.get("pair") if isinstance(entry, dict) else None
        if isinstance(pair, list) and len(pair) == 2 and pair[0] in roles:
            apart = Incompatibility(str(pair[1]), str(entry.get("scope")), str(entry.get("when") or ""), policy.path)
            roles[pair[0]] = replace(roles[pair[0]], incompatible=(*roles[pair[0]].incompatible, apart))
    return replace(people, roles=roles)


def clashes(acts: Iterable[Act], people: People, kind_of: Callable[[str], str], at: datetime | None) -> Iterator[Clash]:
    """
    Each two acts of one party that do not go together.

    Args:
        acts: of one matter.
        people: with all that is kept apart.
        kind_of: the kind of the record of an id, or empty.
        at: the time of acts that do not say when they were done.
    """
    for first, second in combinations(acts, 2):
        if first.party == second.party:
            on = sorts(first, second, kind_of)
            found = [*_between(first, second, people, on, at), *_between(second, first, people, on, at)]
            yield from (Clash(first, second, role, apart) for role, apart in found[:1])


def sorts(first: Act, second: Act, kind_of: Callable[[str], str]) -> frozenset[str]:
    """As what two acts are on one matter: *same-release* and the like; *same-matter* they are anyhow."""
    found = {f"same-{kind_of(first.whole)}"}
    deployments = {act.matter for act in (first, second) if kind_of(act.matter) == "deployment"}
    if len(deployments) < 2 and all(act.matter in deployments or act.scope == "deployment" for act in (first, second)):
        found.add("same-deployment")
    return frozenset(found)


def _between(
    one: Act, other: Act, people: People, on: frozenset[str], at: datetime | None
) -> Iterator[tuple[str, Incompatibility]]:
    """What keeps the role of one act apart from that of another; who does not say in which acts in each it holds."""
    if not one.role:
        return
    if other.role:
        meant = (apart for apart in people.incompatible_with(one.role) if apart.on in on | {"same-matter"})
        yield from ((one.role, apart) for apart in meant if apart.role == other.role)
        return
    when = other.at or one.at or at
    if when is not None:
        yield from people.conflicts(one.party, (one.role,), when, on=on)


def _act(ledger: Ledger, row: tuple[str, ...]) -> Iterator[Act]:
    whole, party, matter, role, path, pointer, id = row
    record = ledger.at_path(path)
    if record is None or {whole, matter, id} & ledger.in_doubt:
        return
    bare = Act(whole, matter, party, role, "", "", path, pointer, id)
    if record.kind.name == "approval":
        # Only a yes that still stands lets anything happen.
        if record.get("decision") == "granted" and not _is_withdrawn(ledger, id):
            says = f"approved {matter} as {role}"
            yield replace(bare, scope=str(record.get("scope")), says=says, at=moment(record.data.get("at")))
    elif record.kind.name == "deployment":
        yield replace(bare, says=f"carries out {matter}", at=moment(record.data.get("started")))
    else:
        yield replace(bare, says=f"works on {matter} as {role}")


def _is_withdrawn(ledger: Ledger, approval: str) -> bool:
    return any(link.pointer == "/withdraws" for link in ledger.backlinks(approval))
