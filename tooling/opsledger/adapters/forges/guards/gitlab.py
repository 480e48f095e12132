"""GitLab: protected branches, and what the project asks before a merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsledger.adapters.forges.answers import Answer, entries
from opsledger.adapters.forges.guards.model import Guard, Told, covers, guard, told
from opsledger.adapters.forges.wire import Line

_NOBODY = 0
# Both refuse a branch that is behind the one that it goes to.
_UP_TO_DATE = frozenset({"ff", "rebase_merge"})
_FIX = "Settings, Repository, Protected branches"
_MERGING = "Settings, Merge requests"


def guards(line: Line, branch: str, check: str) -> Iterator[Guard]:
    """Yield what GitLab enforces on a branch."""
    start = f"/projects/{line.place.quoted}"
    branches, project, rules = _branches(line, start), _project(line, start), _approvals(line, start)
    named = [one for one in branches.value or () if covers(one.text("name"), branch)]
    yield guard("protection", _known(branches, bool(named)), f"{branch} is protected", f"{branch} is not protected",
                f"protect it: {_FIX}", branches)  # fmt: skip
    yield from _pushing(branches, named, branch)
    yield _pipeline(project, check)
    yield guard(
        "code-owners", _known(branches, any(one.flag("code_owner_approval_required") for one in named)),
        "code owners must approve what they own", "nobody needs to wait for code owners (Free has no such rule)",
        f"require approval from code owners: {_FIX}; on Free, opsledger's own check is what asks", branches,
    )  # fmt: skip
    yield guard(
        "stale-reviews", _known(rules, _says(rules, "reset_approvals_on_push")), "a push takes earlier approvals back",
        "an approval stays after a later push; opsledger finds that out by the digest",
        f"remove all approvals when commits are added: {_MERGING}", rules,
    )  # fmt: skip
    yield guard(
        "deletion", _known(branches, bool(named)),
        "git cannot delete the branch; those who maintain the project still can, on its pages",
        "the branch can be deleted", f"protect it: {_FIX}", branches,
    )  # fmt: skip
    straight = project.is_known and project.value.text_or_nothing("merge_method") in _UP_TO_DATE
    yield guard(
        "merge-queue", _known(project, straight), "what was checked is what lands: branches must be up to date",
        _unsteady(project), f"choose fast-forward or semi-linear merges: {_MERGING}", project,
    )  # fmt: skip


def _unsteady(project: Told) -> str:
    """Say why what was checked need not be what lands."""
    if _says(project, "merge_trains_enabled"):
        return "a merge train can be passed by with `Merge immediately`"
    if _says(project, "merge_pipelines_enabled"):
        return "a merged results pipeline checks the branch as it was when the pipeline started"
    return "two merge requests that are good alone can be bad together"


def _branches(line: Line, start: str) -> Told:
    what = f"the protected branches of {line.place.repository}"
    return told(lambda: tuple(entries(what, list(line.pages(f"{start}/protected_branches?per_page=100", what)))))


def _project(line: Line, start: str) -> Told:
    what = f"the project {line.place.repository}"
    found = told(lambda: Answer.of(what, line.get(start, what).value))
    if found.is_known and not found.value.has("merge_method"):
        return Told(None, f"the settings of {what} are not shown to this token",
                    "set GITLAB_TOKEN to one with the scope read_api of somebody who may see them")  # fmt: skip
    return found


def _approvals(line: Line, start: str) -> Told:
    what = f"the approval settings of {line.place.repository}"
    found = told(lambda: Answer.of(what, line.get(f"{start}/approvals", what).value))
    return found if found.is_known else Told(None, found.why, f"{found.fix}; Free has no such settings")


def _says(found: Told, field: str) -> bool:
    return found.is_known and found.value.flag(field)


def _known(found: Told, holds: bool) -> bool | None:
    return holds if found.is_known else None


def _pushing(branches: Told, named: list[Answer], branch: str) -> Iterator[Guard]:
    """Yield what happens to pushes. Where several protections name a branch, the most lenient one counts."""
    passing = sorted({who for one in named for who in _who(one)})
    people = [who for who in passing if not who.startswith("deploy key")]
    machines = f"; machines may: {', '.join(passing)}" if passing and not people else ""
    yield guard(
        "pull-request", _known(branches, bool(named) and not people),
        f"{branch} changes by merge requests alone{machines}",
        f"these may push to {branch}: {', '.join(people) or 'all who may write'}",
        f"allow nobody to push and merge: {_FIX}", branches,
    )  # fmt: skip
    yield guard(
        "bypass", _known(branches, bool(named) and not people), f"no person can push past a merge request{machines}",
        f"these need no merge request: {', '.join(people) or 'all who may write'}",
        f"allow nobody to push: {_FIX}", branches,
    )  # fmt: skip
    forced = any(one.flag("allow_force_push") for one in named)
    yield guard(
        "force-push", _known(branches, bool(named) and not forced), "nobody can rewrite the branch",
        "the branch can be rewritten, and with it the trail", f"switch off force push: {_FIX}", branches,
    )  # fmt: skip


def _who(protected: Answer) -> Iterator[str]:
    """Yield who may push past a merge request."""
    for level in protected.items("push_access_levels"):
        number: Any = level.data.get("access_level")
        if level.has("deploy_key_id"):
            yield f"deploy key {level.id('deploy_key_id')}"
        elif level.has("user_id"):
            yield f"user {level.id('user_id')}"
        elif level.has("group_id"):
            yield f"group {level.id('group_id')}"
        elif number != _NOBODY:
            yield level.text_or_nothing("access_level_description") or f"access level {number}"


def _pipeline(project: Told, check: str) -> Guard:
    holds = _says(project, "only_allow_merge_if_pipeline_succeeds")
    skipped = _says(project, "allow_merge_on_skipped_pipeline")
    return guard(
        "required-check", _known(project, holds and not skipped),
        f"pipelines must succeed before a merge, the job {check!r} among them as long as the base's own file runs it",
        "a merge request can be merged after a skipped pipeline" if holds
        else "a merge request can be merged while its pipeline is red",
        f"switch on `Pipelines must succeed`, and off that skipped ones count: {_MERGING}", project,
    )  # fmt: skip
