"""GitHub: branch protection and rulesets, which hold side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from opsledger.adapters.forges.answers import Answer, entries
from opsledger.adapters.forges.guards.model import Guard, Told, either, guard, told
from opsledger.adapters.forges.wire import Line, NotAnswered

_MACHINES = frozenset({"Integration", "DeployKey"})


def guards(line: Line, branch: str, check: str) -> Iterator[Guard]:
    """Yield what GitHub enforces on a branch, by either of its two ways."""
    both = _Both(_classic(line, branch), _rules(line, branch), branch)
    settings = f"add it to a ruleset for {branch}: Settings, Rules, Rulesets"
    unread = (both.rules, both.classic)
    for name, holds, good, bad in (
        ("protection", both.any(), f"{branch} is protected", f"{branch} is not protected"),
        ("pull-request", both.needs_pull_request(), f"{branch} changes by pull requests alone",
         f"anybody who may write can push to {branch}"),
        ("required-check", both.needs_check(check), f"the check {check!r} must be green before a merge",
         f"a pull request can be merged while the check {check!r} is red"),
        ("code-owners", both.needs_owners(), "code owners must approve what they own",
         "nobody needs to wait for code owners"),
        ("stale-reviews", both.drops_stale(), "a push takes earlier approvals back",
         "an approval stays after a later push; opsledger finds that out by the digest"),
        ("force-push", both.refuses("non_fast_forward", "allow_force_pushes"), "nobody can rewrite the branch",
         "the branch can be rewritten, and with it the trail"),
        ("deletion", both.refuses("deletion", "allow_deletions"), "nobody can delete the branch",
         "the branch can be deleted"),
        ("merge-queue", both.judges_result(check), "what was checked is what lands: by a queue or up-to-date branches",
         "two pull requests that are good alone can be bad together: neither queue nor up-to-date rule"),
    ):  # fmt: skip
        yield guard(name, holds, good, bad, settings, *unread)
    yield _bypass(line, both)


def _classic(line: Line, branch: str) -> Told:
    what = f"the protection of {branch} in {line.place.repository}"
    path = f"/repos/{line.place.quoted}/branches/{quote(branch, safe='')}/protection"
    try:
        return Told(Answer.of(what, line.get(path, what).value))
    except NotAnswered as unknown:
        # GitHub says 404 both of a branch without protection and to a token that may not know.
        if unknown.status == 404 and not _may_read(line):
            fix = "set GITHUB_TOKEN to one with the permission Administration: read"
            return Told(None, f"{what} is not shown to this token", fix)
        if unknown.status == 404:
            return Told(None)
        if unknown.status in {401, 403}:
            return Told(None, unknown.missing, "set GITHUB_TOKEN to one with the permission Administration: read")
        raise


def _may_read(line: Line) -> bool:
    """Whether the token belongs to somebody who administers the repository."""
    what = f"the repository {line.place.repository}"
    found = told(lambda: line.get(f"/repos/{line.place.quoted}", what).value)
    return found.is_known and Answer.of(what, found.value).flag("permissions", "admin")


def _rules(line: Line, branch: str) -> Told:
    what = f"the rules for {branch} in {line.place.repository}"
    path = f"/repos/{line.place.quoted}/rules/branches/{quote(branch, safe='')}?per_page=100"
    return told(lambda: tuple(entries(what, list(line.pages(path, what)))))


def _always(_: Answer) -> bool:
    return True


@dataclass(frozen=True)
class _Both:
    """Branch protection and the rules of rulesets; either may be unknown."""

    classic: Told
    rules: Told
    branch: str

    def any(self) -> bool | None:
        """Whether anything at all guards the branch."""
        return either(self._classic(_always), self._rule_holds(None))

    def needs_pull_request(self) -> bool | None:
        """Whether a push past a pull request is refused."""
        return either(
            self._classic(lambda found: found.has("required_pull_request_reviews")), self._rule_holds("pull_request")
        )

    def needs_check(self, check: str) -> bool | None:
        """Whether a status of that name is required."""
        return either(
            self._classic(lambda found: check in _contexts(found)),
            self._rule_holds("required_status_checks", lambda rule: check in _required(rule)),
        )

    def needs_owners(self) -> bool | None:
        """Whether a code owner must approve."""
        return self._review("require_code_owner_reviews", "require_code_owner_review")

    def drops_stale(self) -> bool | None:
        """Whether a push ends earlier approvals."""
        return self._review("dismiss_stale_reviews", "dismiss_stale_reviews_on_push")

    def refuses(self, rule: str, allowed: str) -> bool | None:
        """Whether something is refused that branch protection refuses unless it is allowed."""
        return either(self._classic(lambda found: not found.flag(allowed, "enabled")), self._rule_holds(rule))

    def judges_result(self, check: str) -> bool | None:
        """Whether the merge result is what was checked."""
        return either(
            self._rule_holds("merge_queue"),
            self._classic(lambda found: found.flag("required_status_checks", "strict") and check in _contexts(found)),
            self._rule_holds(
                "required_status_checks",
                lambda rule: (
                    check in _required(rule) and rule.flag("parameters", "strict_required_status_checks_policy")
                ),
            ),
        )

    def _review(self, classic: str, rule: str) -> bool | None:
        return either(
            self._classic(lambda found: found.flag("required_pull_request_reviews", classic)),
            self._rule_holds("pull_request", lambda one: one.flag("parameters", rule)),
        )

    def _classic(self, holds: Any) -> bool | None:
        if not self.classic.is_known:
            return None
        return self.classic.value is not None and bool(holds(self.classic.value))

    def _rule_holds(self, sort: str | None, holds: Any = _always) -> bool | None:
        if not self.rules.is_known:
            return None
        return any(sort in (None, rule.text("type")) and holds(rule) for rule in self.rules.value)


def _contexts(found: Answer) -> frozenset[str]:
    checks = {check.text("context") for check in found.items("required_status_checks", "checks")}
    inner = found.inner_or_none("required_status_checks")
    named = inner.data.get("contexts") if inner else None
    return frozenset(checks | {str(name) for name in (named if isinstance(named, list) else [])})


def _required(rule: Answer) -> frozenset[str]:
    return frozenset(check.text("context") for check in rule.items("parameters", "required_status_checks"))


def _bypass(line: Line, both: _Both) -> Guard:
    """Answer who may pass by: machines have lanes that opsledger judges, people have none."""
    people: list[str] = []
    machines: list[str] = []
    unread: list[Told] = []
    if both.classic.is_known and both.classic.value is not None:
        people += _passing_classic(both.classic.value)
    elif not both.classic.is_known:
        unread.append(both.classic)
    for ruleset in _rulesets(line, both.rules):
        if not ruleset.is_known:
            unread.append(ruleset)
            continue
        for actor in ruleset.value.items("bypass_actors"):
            sort = actor.text("actor_type")
            (machines if sort in _MACHINES else people).append(f"{sort} {actor.id_or_nothing('actor_id')}".strip())
    beside = f"; machines may: {', '.join(sorted(set(machines)))}" if machines else ""
    holds = False if people else None if unread or both.any() is None else bool(both.any())
    return guard(
        "bypass", holds, f"no person can pass the rules by{beside}",
        f"the rules can be passed by: {', '.join(sorted(set(people)))}" if people else "there are no rules to pass by",
        "take people off the bypass lists, and switch on `Do not allow bypassing the above settings`", *unread,
    )  # fmt: skip


def _passing_classic(found: Answer) -> list[str]:
    passing = [] if found.flag("enforce_admins", "enabled") else ["administrators"]
    allowed = found.inner_or_none("required_pull_request_reviews", "bypass_pull_request_allowances")
    if allowed is not None:
        passing += [f"user {user.text('login')}" for user in allowed.items("users")]
        passing += [f"team {team.text('slug')}" for team in allowed.items("teams")]
    return passing


def _rulesets(line: Line, rules: Told) -> Iterator[Told]:
    """Yield the rulesets behind the rules; the list of who may pass is shown only to those who may write them."""
    if not rules.is_known:
        yield rules
        return
    for id in sorted({rule.id("ruleset_id") for rule in rules.value if rule.has("ruleset_id")}):
        yield _ruleset(line, id)


def _ruleset(line: Line, id: str) -> Told:
    what = f"ruleset {id} of {line.place.repository}"
    found = told(lambda: Answer.of(what, line.get(f"/repos/{line.place.quoted}/rulesets/{id}", what).value))
    if found.is_known and "bypass_actors" not in found.value.data:
        fix = "set GITHUB_TOKEN to one with the permission Administration: write, which alone is shown the list"
        return Told(None, f"who may pass {what} by is not shown to this token", fix)
    return found
