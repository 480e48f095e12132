"""Gitea and Forgejo: rules that protect branches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.adapters.forges.answers import Answer, entries
from opsledger.adapters.forges.guards.model import Guard, Told, covers, guard, told
from opsledger.adapters.forges.wire import Line

_FIX = "Settings, Branches, the rule for the branch"


def guards(line: Line, branch: str, check: str) -> Iterator[Guard]:
    """Yield what Gitea or Forgejo enforces on a branch."""
    rules = _rules(line)
    rule = _rule_for(rules, branch)
    beside = f"; machines may: {rule.data.get('push_whitelist_usernames')}" if rule and _named(rule) else ""
    for name, holds, good, bad, fix in (
        ("protection", rule is not None, f"{branch} is protected", f"{branch} is not protected", f"protect it: {_FIX}"),
        ("pull-request", rule is not None and not _is_open(rule), f"{branch} changes by pull requests alone",
         f"these may push to {branch}: {_pushers(rule)}", f"disable pushes, or allow a machine alone: {_FIX}"),
        ("required-check", rule is not None and _needs(rule, check),
         f"the check {check!r} must be green before a merge",
         f"a pull request can be merged while the check {check!r} is red", f"require the status {check!r}: {_FIX}"),
        ("code-owners", False, "", "the forge asks code owners and does not wait for them",
         "require opsledger's check, which asks for each role itself"),
        ("stale-reviews", rule is not None and _forgets(rule), "a push takes earlier approvals back",
         "an approval stays after a later push; opsledger finds that out by the digest",
         f"dismiss stale approvals: {_FIX}"),
        ("force-push", rule is not None and not rule.flag("enable_force_push"), "nobody can rewrite the branch",
         "the branch can be rewritten, and with it the trail", f"disable force pushes: {_FIX}"),
        ("deletion", rule is not None, "nobody can delete the branch", "the branch can be deleted",
         f"protect it: {_FIX}"),
        ("merge-queue", rule is not None and rule.flag("block_on_outdated_branch"),
         "what was checked is what lands: branches must be up to date",
         "two pull requests that are good alone can be bad together", f"block merges of outdated branches: {_FIX}"),
    ):  # fmt: skip
        yield guard(name, holds if rules.is_known else None, good, bad, fix, rules)
    is_strict = rule is not None and (rule.flag("apply_to_admins") or rule.flag("block_admin_merge_override"))
    yield guard(
        "bypass", is_strict if rules.is_known else None, f"administrators are held to the rule as well{beside}",
        "administrators can merge past the rule", f"apply the rule to administrators: {_FIX}", rules,
    )  # fmt: skip


def _rules(line: Line) -> Told:
    what = f"the branch protection of {line.place.repository}"
    path = f"/repos/{line.place.quoted}/branch_protections"
    return told(lambda: tuple(entries(what, line.get(path, what).value)))


def _rule_for(rules: Told, branch: str) -> Answer | None:
    """
    Return the one rule that holds for a branch.

    Gitea goes by the rules' order, which it numbers from 1. Forgejo has no such order: there a rule of the branch's
    very name goes before a pattern, as it does in Gitea among rules of one number.
    """
    found = [rule for rule in rules.value or () if _is_named(rule, branch) or covers(_name(rule), branch)]
    found.sort(key=lambda rule: (_priority(rule), not _is_named(rule, branch)))
    return found[0] if found else None


def _is_named(rule: Answer, branch: str) -> bool:
    """Whether a rule is of the very name of a branch; upper and lower case are one there."""
    return _name(rule).lower() == branch.lower()


def _name(rule: Answer) -> str:
    return rule.text_or_nothing("rule_name") or rule.text_or_nothing("branch_name")


def _priority(rule: Answer) -> int:
    stated: Any = rule.data.get("priority")
    return stated if isinstance(stated, int) else 0


def _needs(rule: Answer, check: str) -> bool:
    names = rule.data.get("status_check_contexts")
    stated = [str(name) for name in names] if isinstance(names, list) else []
    # The forge writes the name of the workflow and of the event around that of the job.
    return rule.flag("enable_status_check") and any(check in name or covers(name, check) for name in stated)


def _forgets(rule: Answer) -> bool:
    """Whether an approval of an earlier commit no longer counts: it is dismissed, or merely not counted."""
    return rule.flag("dismiss_stale_approvals") or rule.flag("ignore_stale_approvals")


def _named(rule: Answer) -> bool:
    return bool(rule.flag("enable_push_whitelist") and rule.data.get("push_whitelist_usernames"))


def _is_open(rule: Answer) -> bool:
    """Whether somebody may push: to the whole branch, or to files of some names although pushes are disabled."""
    return rule.flag("enable_push") or bool(rule.text_or_nothing("unprotected_file_patterns").strip())


def _pushers(rule: Answer | None) -> str:
    if rule is not None and not rule.flag("enable_push"):
        return f"all who may write, where the file is one of {rule.text_or_nothing('unprotected_file_patterns')}"
    if rule is None or not rule.flag("enable_push_whitelist"):
        return "all who may write"
    names = [*(rule.data.get("push_whitelist_usernames") or ()), *(rule.data.get("push_whitelist_teams") or ())]
    return ", ".join(str(name) for name in names) or "deploy keys"
