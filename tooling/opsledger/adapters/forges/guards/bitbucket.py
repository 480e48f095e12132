"""Bitbucket Cloud: branch restrictions, of which some only warn below the Premium tier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from opsledger.adapters.forges.answers import Answer, entries
from opsledger.adapters.forges.guards.model import Guard, Told, covers, guard, told
from opsledger.adapters.forges.wire import Line

_FIX = "Repository settings, Branch restrictions"
_RESETS = frozenset({"reset_pullrequest_approvals_on_change", "smart_reset_pullrequest_approvals"})

_NEVER = frozenset({"required-check", "code-owners"})
_BY_MODEL = Told(
    None, "restrictions by the branching model do not say which branches they mean",
    f"name the branch in the restrictions: {_FIX}",
)  # fmt: skip


def guards(line: Line, branch: str, check: str) -> Iterator[Guard]:
    """Yield what Bitbucket enforces on a branch."""
    found = _restrictions(line)
    here = [one for one in found.value or () if covers(one.text_or_nothing("pattern"), branch)]
    kinds = {one.text("kind"): one for one in here}
    exempt = sorted({who for kind in ("push", "force", "delete") if kind in kinds for who in _exempt(kinds[kind])})
    strict = "enforce_merge_checks" in kinds
    straight = strict and any(
        one.text("kind") == "require_commits_behind" and one.data.get("value") == 0 for one in here
    )
    builds = "require_passing_builds_to_merge" in kinds
    for name, holds, good, bad, fix in (
        ("protection", bool(here), f"{branch} is restricted", f"{branch} is not restricted", f"restrict it: {_FIX}"),
        ("pull-request", "push" in kinds and not list(_exempt(kinds["push"])),
         f"{branch} changes by pull requests alone",
         f"these may push to {branch}: {', '.join(exempt) or 'all who may write'}", f"let nobody push: {_FIX}"),
        ("required-check", False, "", _builds(builds=builds, strict=strict, check=check),
         f"require passing builds and enforce merge checks (Premium): {_FIX}"),
        ("code-owners", False, "", "code owners are asked for a review and not waited for",
         "require opsledger's check, which asks for each role itself"),
        ("stale-reviews", bool(_RESETS & kinds.keys()), "a push takes earlier approvals back",
         "an approval stays after a later push; opsledger finds that out by the digest",
         f"reset approvals when the source branch changes: {_FIX}"),
        ("force-push", "force" in kinds, "nobody can rewrite the branch",
         "the branch can be rewritten, and with it the trail", f"prevent rewriting history: {_FIX}"),
        ("deletion", "delete" in kinds, "nobody can delete the branch", "the branch can be deleted",
         f"prevent deletion: {_FIX}"),
        ("merge-queue", straight, "what was checked is what lands: branches must be up to date",
         "two pull requests that are good alone can be bad together: there is no queue",
         f"allow no commits behind and enforce merge checks (Premium), or judge the branch after each merge: {_FIX}"),
        ("bypass", bool(here) and not exempt, "nobody is exempt from the restrictions",
         f"these are exempt: {', '.join(exempt) or 'all who may write'}", f"take people off the restrictions: {_FIX}"),
    ):  # fmt: skip
        is_clear = found.is_known and not _is_clouded(name, found.value, holds=holds)
        yield guard(name, holds if is_clear else None, good, bad, fix, found, _BY_MODEL)


def _is_clouded(name: str, restrictions: Iterable[Answer], *, holds: bool) -> bool:
    """
    Whether restrictions by the branching model leave open how the branch is guarded.

    They name a type of branch, such as *production*, and not which branches are of that type. They may guard what no
    pattern guards, and whoever they exempt may push where a pattern lets nobody.
    """
    modelled = [one for one in restrictions if one.text_or_nothing("branch_match_kind") == "branching_model"]
    if not holds:
        return bool(modelled) and name not in _NEVER
    return name in {"pull-request", "bypass"} and any(list(_exempt(one)) for one in modelled)


def _restrictions(line: Line) -> Told:
    what = f"the branch restrictions of {line.place.repository}"
    path = f"/repositories/{line.place.quoted}/branch-restrictions?pagelen={quote('100')}"
    return told(lambda: tuple(entries(what, list(line.pages(path, what)))))


def _exempt(restriction: Answer) -> Iterator[str]:
    """Yield who is exempt from a restriction."""
    yield from (f"user {user.text_or_nothing('nickname')}".strip() for user in restriction.items("users"))
    yield from (f"group {group.text_or_nothing('slug')}".strip() for group in restriction.items("groups"))


def _builds(*, builds: bool, strict: bool, check: str) -> str:
    if builds and strict:
        return f"some builds must pass before a merge, and none by name: {check!r} need not be among them"
    if builds:
        return "red builds only warn before a merge: merge checks are not enforced"
    return f"a pull request can be merged while the check {check!r} is red"
