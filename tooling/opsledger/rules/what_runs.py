"""Whether the records of components show what was deployed: DPL704."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment, spoken
from opsledger.packages import LANDED, deployments_of, digest_of, parts_of
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule
from opsledger.rules.rollout import serves_users
from opsledger.yamlfile import at

_CODE = "DPL704"
_HOURS = 24


@dataclass(frozen=True)
class Brought:
    """
    What a release or patch brought to a component.

    Args:
        version: which one, or empty where nobody says.
    """

    ci: str
    version: str


@rule(_CODE, Reach.LINK, counts="SELECT count(*) FROM record WHERE kind = 'ci'")
def component_still_waiting_for_a_release_that_is_over(ledger: Ledger) -> Iterator[Found]:
    """
    The record of a component does not show what was deployed, or still waits for a release that is over.

    ## Why
    Who is called at night looks into these records. Every check finds a component that waits (`pending`) for a release
    that is closed, or that will never come. A gate asks more: `version` of each component in scope is what the release
    brought, or a later one of its `versions`, and `pending` is gone. Before the last state there are the hours of
    `cmdb.update_hours` to do so, from the end of the deployment on. Source: S2-role-rdm-02, S3-goal-07, S3-build-11,
    S3-dep-17, S3-rel-03.

    ## Examples
    ```yaml title="fails"
    # records/cis/CI-payments.yaml
    pending: {version: 4.2.1, release: REL-2026-9001}
    versions: [4.2.1]
    # records/releases/2026/REL-2026-9001.yaml
    state: cancelled
    decisions: [{at: "2026-02-20T10:00:00Z", by: PTY-ada, state: cancelled, reason: Nobody needs it any more.}]
    # records/parties/PTY-ada.yaml
    type: person
    ```

    ```yaml title="fails, at a gate"
    # asks: REL-2026-9001 -> closed
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/cis/CI-payments.yaml
    version: 4.2.0
    versions: [4.2.0, 4.2.1]
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> closed
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/cis/CI-payments.yaml
    version: 4.2.1
    versions: [4.2.0, 4.2.1]
    ```

    ```yaml title="passes, near miss: the next version is there already"
    # asks: REL-2026-9001 -> closed
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/cis/CI-payments.yaml
    version: 4.2.2
    versions: [4.2.0, 4.2.1, 4.2.2]
    pending: {version: 4.3.0, release: REL-2026-9002}
    # records/releases/2026/REL-2026-9002.yaml
    state: building
    ```

    ## Fix
    Write the version that runs into `version` of the component, add it to `versions`, and take `pending` out.
    """
    rows = ledger.database.execute(
        "SELECT record.path, record.id, release.id, release.state FROM near_edge edge "
        "JOIN record ON record.number = edge.record AND record.kind = 'ci' AND record.readable "
        "JOIN record release ON release.id = edge.target AND release.kind = 'release' "
        "AND release.state IN ('closed', 'rejected', 'cancelled', 'superseded') "
        "WHERE edge.pointer = '/pending/release' ORDER BY record.path"
    )
    for path, ci, release, state in rows:
        said = f"{ci} still waits for {release}, which is {state}"
        fix = "write the version that runs into `version`, and take `pending` out"
        yield Found(path, Fault("/pending", _CODE, said, fix), f"{ci} {release}")


@asked_at_gates(_CODE)
def component_that_does_not_show_what_runs(question: Question) -> Iterator[Found | Remark]:
    """The components that a release, a deployment or a patch brought something to."""
    subject = question.subject if question.subject.kind.name == "patch" else question.release or question.subject
    ended = _ended(question, subject)
    until = _until(question, ended)
    for brought in _brought(question, subject):
        ci = question.ledger.find(brought.ci)
        if ci is None or ci.kind.name != "ci":
            continue
        for pointer, said, fix in _behind(subject, brought, ci):
            if until is not None and question.as_of <= until:
                yield Remark(f"{said}; that is due by {spoken(until)}")
            else:
                late = f"; it was there on {spoken(ended)}" if ended is not None else ""
                fault = Fault(pointer, _CODE, f"{said}{late}", fix)
                yield Found(ci.path, fault, ci.id, undecided=not ci.is_readable)


def _until(question: Question, ended: datetime | None) -> datetime | None:
    """Until when the records may still be behind; `None` before a last state, which nothing is behind."""
    lifecycle = question.subject.kind.lifecycle
    hours = question.policy.at("cmdb", "update_hours", default=_HOURS)
    if ended is None or not isinstance(hours, int | float) or (lifecycle and question.move.after == lifecycle.main[-1]):
        return None
    return ended + timedelta(hours=hours)


def _ended(question: Question, subject: Record) -> datetime | None:
    """When what was brought was there: by the last deployment to users, else by the last one."""
    if subject.kind.name == "patch":
        return moment(at(subject.data, "/outcome/deployed") or None)
    digest = digest_of(subject)
    landed = [
        one
        for one in deployments_of(question.ledger, subject)
        if one.state in LANDED and digest_of(one) in ("", digest)
    ]
    live = [one for one in landed if serves_users(question.ledger, one)]
    times = [time for one in live or landed if (time := moment(one.get("ended"))) is not None]
    return max(times, default=None)


def _brought(question: Question, subject: Record) -> Iterator[Brought]:
    if subject.kind.name == "patch":
        stated = [one for _, one in subject.items("/versions") if isinstance(one, dict)]
        yield from (Brought(str(one.get("ci")), str(one.get("to") or "")) for one in stated)
        return
    for part in parts_of(subject) if subject.kind.name == "release" else ():
        if part.effect != "retired":
            own = subject.get("version") if part.ci == subject.get("service") else ""
            yield Brought(part.ci, part.version or str(own or "") or _deployed(question.ledger, subject, part.ci))


def _deployed(ledger: Ledger, release: Record, ci: str) -> str:
    """The version of a component that the deployments of a release say they brought."""
    items = (one for deployment in deployments_of(ledger, release) for _, one in deployment.items("/items"))
    stated = (one.get("version") for one in items if isinstance(one, dict) and one.get("ci") == ci)
    return next((str(version) for version in stated if version), "")


def _behind(subject: Record, brought: Brought, ci: Record) -> Iterator[tuple[str, str, str]]:
    """What a component's record does not show: where, in words, and what to do."""
    if not ci.is_readable:
        yield (
            "",
            f"{ci.path} cannot be read, so nobody knows what runs",
            "mend it: `opsledger check` says what is wrong",
        )
        return
    version, known = str(ci.get("version") or ""), [str(one) for _, one in ci.items("/versions")]
    if brought.version and version != brought.version and not _is_later(version, brought.version, known):
        stands = f"says {version}" if version else "names no version"
        said = f"{subject.id} brought {ci.id} {brought.version}, and its record {stands}"
        fix = f"write `version: {brought.version}` in {ci.path}, and add it to `versions`"
        yield "/version" if version else "/title", said, fix
    pending = ci.get("pending")
    changes = {id for _, id in subject.items("/changes")}
    if isinstance(pending, dict) and (
        pending.get("release") == subject.id or (not pending.get("release") and pending.get("change") in changes)
    ):
        said = f"{ci.id} still waits for {pending.get('version')}, which {subject.id} brought"
        yield "/pending", said, f"take `pending` out of {ci.path}"


def _is_later(version: str, brought: str, known: list[str]) -> bool:
    """Whether a version came after the one that was brought, by the component's own list, oldest first."""
    return version in known and brought in known and known.index(version) > known.index(brought)
