"""Who has to agree to a change of what judges: the owners of policies, roles, gates, lanes and schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.rules.register import Found, Reach, rule
from opsledger.steps import Step
from opsledger.store import Snapshot

if TYPE_CHECKING:
    from opsledger.approvals.model import PullRequest
    from opsledger.people import Party, People

OWNED = frozenset({"policy", "role", "gate", "lane"})
"""The kinds that say how others are judged, and so belong to somebody."""
SCHEMAS = "schemas/"


@dataclass(frozen=True)
class Makers:
    """
    Who stands behind a step, as far as somebody vouches for it.

    Args:
        people: the judge's.
        at: for which time roles are looked up; `None` where nobody knows one, and then nobody holds any.
        by: the party that pushes, vouched for by whoever let it in.
        pull_request: the open one, whose opener and reviewers its forge vouches for.
        default_role: the role that approves what nothing else is said of.
    """

    people: People
    at: datetime | None = None
    by: str = ""
    pull_request: PullRequest | None = None
    default_role: str = ""

    def agreed(self) -> Iterator[tuple[str, datetime]]:
        """Each person who is known to want the step, and since when: who makes it, and who approved it."""
        request = self.pull_request
        if self.by and self.at is not None:
            yield self.by, self.at
        if request is None:
            return
        opener = self._party(request.opener.login, request.opener.id, self.at)
        if opener is not None and self.at is not None:
            yield opener.id, self.at
        last = {one.account: one for one in sorted(request.reviews, key=lambda one: one.at) if _decides(one.decision)}
        for review in last.values():
            party = self._party(review.account.login, review.account.id, review.at)
            is_current = review.commit == request.head or not review.commit
            if party is not None and party.is_person and review.decision == "granted" and is_current:
                yield party.id, review.at

    def _party(self, login: str, id: str, at: datetime | None) -> Party | None:
        if at is None or self.pull_request is None:
            return None
        return self.people.by_account(self.pull_request.forge, login=login, id=id, at=at)

    def is_by_owner(self, owner: str) -> bool:
        """Whether one of those is an owner: the party itself, one of its members, or a holder of the role."""
        return any(self._is_owner(party, owner, at) for party, at in self.agreed())

    def _is_owner(self, party: str, owner: str, at: datetime) -> bool:
        if owner in self.people.roles:
            return self.people.holding(party, owner, at) is not None
        return party == owner or any(way[0] == owner for way in self.people.teams_of(party, at))

    def named(self, owner: str) -> str:
        """An owner, and who that is."""
        if owner not in self.people.roles or self.at is None:
            return owner
        holders = [one.party for one in self.people.holders(owner, self.at)]
        return f"{owner} ({', '.join(holders)})" if holders else f"{owner}, which nobody holds"


def _decides(decision: str) -> bool:
    return decision != "commented"


@rule("GOV964", Reach.STEP, counts="SELECT count(*) FROM record WHERE kind IN ('policy', 'role', 'gate', 'lane')")
def judge_changed_without_its_owner(step: Step) -> Iterator[Found]:
    """
    A policy, role, gate, lane or schema changed and its owner has not agreed, or a policy's review is overdue.

    ## Why
    Whoever changes the judge decides every later case. The change itself is judged by what holds before it, and its
    owner has to know of it. Source: S2-role-rdm-06, S2-in-08, S3-tool-05.

    The owner is the party that a policy names, the roles whose `paths` take the file in, or else the role that the
    policy calls `approvals.default_role`. It agrees by pushing the step, by opening its pull request, or by approving
    its newest commit.

    ## Examples
    ```yaml title="fails"
    # base: records/policy/POL-main.yaml
    pause: {production: {severity: critical, max_open: 0, scope: service}}
    # head: records/policy/POL-main.yaml
    pause: {production: {severity: critical, max_open: 9, scope: service}}
    ```

    ```yaml title="passes"
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # head: records/problems/PRB-2026-9001.yaml
    title: Payments time out at night
    ```

    ## Fix
    Ask the owner to approve the pull request. Where a review is overdue, look at the policy and set the next day.
    """
    kept = step.after or step.before
    if kept is None or kept.kind.name not in OWNED:
        return
    owner = str((step.before or kept).data.get("owner") or "whoever owns it")
    yield _disagreed(kept.path, step.record, step, owner, owner)


def policy_changes(steps: Sequence[Step], before: Snapshot, ledger: Ledger, makers: Makers) -> Iterator[Found]:
    """
    What GOV964 says of a step whose makers are known, in place of what it says where they are not.

    Args:
        before: the files of the base, which is the judge.
        ledger: the merge result.
    """
    for step in steps:
        kept = step.after or step.before
        if kept is not None and kept.kind.name in OWNED:
            owners = _owners(step.before, kept.path, makers)
            yield from _unsettled(kept.path, step.record, step, owners, makers)
    for path in sorted({path for path in (*before.files, *ledger.snapshot.files) if path.startswith(SCHEMAS)}):
        if before.files.get(path) != ledger.snapshot.files.get(path):
            yield from _unsettled(path, path, None, _owners(None, path, makers), makers)


def reviews_overdue(ledger: Ledger, as_of: datetime) -> Iterator[Found]:
    """The policies whose day of review has passed at a time."""
    for record in ledger.of("policy") if "policy" in ledger.kinds else ():
        day = record.data.get("review_by")
        if isinstance(day, str) and day < as_of.date().isoformat():
            said = f"{record.id} was to be looked at again by {day}"
            fix = "see whether it still fits, and set the next day"
            yield Found(record.path, Fault("/review_by", "GOV964", said, fix))


def _unsettled(path: str, name: str, step: Step | None, owners: Sequence[str], makers: Makers) -> Iterator[Found]:
    if owners and not any(makers.is_by_owner(owner) for owner in owners):
        yield _disagreed(path, name, step, " or ".join(makers.named(owner) for owner in owners), owners[0])


def _owners(before: Record | None, path: str, makers: Makers) -> tuple[str, ...]:
    """Who owns a file of the judge, as the judge says: the record's own word, the roles of its path, the fallback."""
    stated = before.data.get("owner") if before is not None else None
    if isinstance(stated, str) and stated:
        return (stated,)
    roles = tuple(sorted(role.id for role in makers.people.roles.values() if _takes(role.paths, path)))
    return roles or ((makers.default_role,) if makers.default_role in makers.people.roles else ())


def _takes(patterns: Iterable[str], path: str) -> bool:
    from opsledger.codeowners.globs import NoGlob, gitignored  # only a step that changes the judge needs them

    for text in patterns:
        try:
            if gitignored(text).matches(path):
                return True
        except NoGlob:
            continue  # owns nothing
    return False


def _disagreed(path: str, name: str, step: Step | None, owner: str, asked: str) -> Found:
    done = "changed" if step is None or (step.before and step.after) else "is new" if step.after else "is gone"
    said = f"{name} {done}, and nothing shows that {owner} agreed"
    return Found(path, Fault("", "GOV964", said, f"let {asked} open or approve the pull request"), name)
