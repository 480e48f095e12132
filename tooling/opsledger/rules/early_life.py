"""Whether a release was watched for long enough before it is closed: DPL713."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from opsledger.finding import Fault
from opsledger.moments import moment, spoken
from opsledger.packages import LANDED, deployments_of
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.unread import unread
from opsledger.yamlfile import at

STAGE = "early-life-support"


@rule("DPL713", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def early_life_cut_short(question: Question) -> Iterator[Found | Remark]:
    """
    A release is to be closed before its early-life support has lasted as long as it must.

    ## Why
    Most of what a release breaks shows in its first days, and the people who built it are gone once it is closed. The
    policy says how many days it must be watched (`stages`, the entry called early-life-support, `min_days`); the
    release may say more (`els.until`). Source: S2-step-12, S4-dep-18.

    ## Examples
    ```yaml title="fails, it went live yesterday"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    els: {start: "2026-02-28T12:00:00Z"}
    ```

    ```yaml title="fails, nobody knows since when"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    els: {start: "2026-02-20T12:00:00Z"}
    ```

    ```yaml title="passes, near miss: the third day ends this very second"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    els: {start: "2026-02-26T12:00:00Z"}
    ```

    ## Fix
    Wait until the day that the message names, then propose it again. Where the release never went live, say so with
    its deployments, or cancel it.
    """
    release = question.release
    if release is None:
        return
    lasts = _least(question)
    since = _since(question)
    if moment(at(release.data, "/els/start")) is None:
        yield from unread(question.ledger, "DPL713", "deployment", f"{release.id} went live later")
    stated = moment(at(release.data, "/els/until"))
    if since is None and lasts:
        said = f"{release.id} says nowhere when it went live, so nobody knows whether {_days(lasts)} have passed since"
        fix = "finish its deployment with `opsledger deploy finish`, or write els.start"
        yield Found(release.path, Fault(question.state_pointer, "DPL713", said, fix))
        return
    until = max((one for one in (since + lasts if since else None, stated) if one is not None), default=None)
    if until is not None and question.as_of < until:
        went = f"went live on {spoken(since)} and " if since is not None else ""
        why = "as it says itself" if until == stated else f"for the {_days(lasts)} that the policy asks for"
        said = f"{release.id} {went}is watched until {spoken(until)}, {why}"
        yield Found(release.path, Fault(question.state_pointer, "DPL713", said, f"close it from {spoken(until)} on"))
    elif since is not None:
        yield Remark(f"live since {spoken(since)}")


def _least(question: Question) -> timedelta:
    stages = question.policy.at("stages", default=())
    found = (one.get("min_days", 0) for one in stages if isinstance(one, dict) and one.get("name") == STAGE)
    days = next(found, 0)
    return timedelta(days=days) if isinstance(days, int | float) else timedelta()


def _since(question: Question) -> datetime | None:
    """When it went live: as the release says, else when its last deployment that holds ended."""
    release = question.release
    if release is None:
        return None
    stated = moment(at(release.data, "/els/start"))
    if stated is not None:
        return stated
    held = [one for one in deployments_of(question.ledger, release) if one.state in LANDED]
    return max((ended for one in held if (ended := moment(one.get("ended")))), default=None)


def _days(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return f"{days:g} day{'' if days == 1 else 's'}"
