"""What went past a gate and is not written down: GOV965."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.packages import deployments_of
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, register, rule

if TYPE_CHECKING:
    from opsledger.question import Question

WENT_ON = ("deploying", "early-life-support", "closed", "backed-out")
"""The states of a release that has gone past the gates before users."""
COUNTING = ("requested", "active", "closed")
"""The states of an exception that is written down and was not turned down."""
OF_A_MOMENT = ("CAL", "DPL", "SIG", "DUT")
"""The families that speak of the moment of a deployment, which nobody can make up for afterwards."""

_BROKEN = (
    "SELECT DISTINCT record.path FROM record JOIN edge ON edge.record = record.number WHERE record.number IN "
    "(SELECT number FROM near_record WHERE kind = 'deployment' UNION SELECT brings.record FROM edge brings "
    "JOIN near_record near ON near.id = brings.target WHERE near.kind = 'release' AND brings.pointer = '/release') "
    "AND record.kind = 'deployment' AND record.readable AND edge.pointer = '/break_glass/by' ORDER BY record.path"
)
_URGENT = (
    "SELECT DISTINCT record.path FROM near_record near JOIN record ON record.number = near.number "
    "JOIN edge ON edge.record = record.number WHERE record.kind = 'release' AND record.readable "
    f"AND edge.pointer = '/emergency/fault' AND record.state IN ({', '.join('?' * len(WENT_ON))}) ORDER BY record.path"
)


@rule("GOV965", Reach.LINK, counts="SELECT count(*) FROM record WHERE kind IN ('deployment', 'release')")
def deviation_that_nobody_wrote_down(ledger: Ledger) -> Iterator[Found]:
    """
    A deployment went past its gate, or an emergency release past a rule, and no record of the deviation says so.

    ## Why
    In an emergency people go on without the usual yes, and they may. What was skipped, on whose word, and until when
    it is made up for must be found afterwards: in an exception of type emergency-deviation that names the deployment
    or its release. An emergency release needs none where its deployments keep verdicts in which nothing is owed. A
    gate that is asked with `--emergency` demands one that names what it lets pass, and the gate before a release is
    closed waits until the exception is closed and what it let pass is met. Source: S0-7.3, S2-purpose-06, S2-emg-01.

    ## Examples
    ```yaml title="fails"
    # records/deployments/DEP-2026-a1b2c3d4.yaml
    state: planned
    break_glass:
      {reason: It could not wait, by: PTY-ada, at: "2026-07-08T20:30:00Z", owed_until: "2026-07-09T20:30:00Z"}
    # records/parties/PTY-ada.yaml
    type: person
    ```

    ```yaml title="passes"
    # records/deployments/DEP-2026-a1b2c3d4.yaml
    state: planned
    break_glass:
      {reason: It could not wait, by: PTY-ada, at: "2026-07-08T20:30:00Z", owed_until: "2026-07-09T20:30:00Z"}
    # records/parties/PTY-ada.yaml
    type: person
    # records/exceptions/EXC-2026-9001.yaml
    state: active
    type: emergency-deviation
    requested_by: PTY-ada
    level: high
    residual_risk: low
    scope: {records: [DEP-2026-a1b2c3d4], rules: [TES603]}
    mitigation: [{action: Make up for the tests, owner: PTY-ada, due: "2026-07-09T20:30:00Z", state: open}]
    expires: "2026-07-09T20:30:00Z"
    ```

    ```yaml title="fails, near miss"
    # records/deployments/DEP-2026-a1b2c3d4.yaml
    state: planned
    break_glass:
      {reason: It could not wait, by: PTY-ada, at: "2026-07-08T20:30:00Z", owed_until: "2026-07-09T20:30:00Z"}
    # records/parties/PTY-ada.yaml
    type: person
    # records/exceptions/EXC-2026-9001.yaml
    state: draft
    type: emergency-deviation
    scope: {records: [DEP-2026-a1b2c3d4], rules: [TES603]}
    ```

    ## Fix
    Write an exception of type emergency-deviation that names the release, the rules that were skipped and, in
    `retest_by`, until when that is made up for; then have it signed.
    """
    for (path,) in ledger.database.execute(_BROKEN).fetchall():
        deployment = ledger.at_path(path)
        if deployment is not None:
            yield from _broken(ledger, deployment)
    for (path,) in ledger.database.execute(_URGENT, WENT_ON).fetchall():
        release = ledger.at_path(path)
        if release is not None:
            yield from _urgent(ledger, release)


@asked_at_gates("GOV965")
def deviation_of_the_subject(question: Question) -> Iterator[Found | Remark]:
    """What went past a gate for the release that is asked about, and at its end what is not made up for yet."""
    release = question.release
    if release is None:
        return
    ledger = question.ledger
    for deployment in deployments_of(ledger, release):
        yield from _broken(ledger, deployment)
    if release.state in WENT_ON:
        yield from _urgent(ledger, release)
    if question.move.after in _ends(release):
        yield from _unmet(question, release)


def _broken(ledger: Ledger, deployment: Record) -> Iterator[Found]:
    broken = deployment.get("break_glass")
    release = deployment.get("release")
    if not isinstance(broken, dict) or deviations_of(ledger, (deployment.id, str(release))):
        return
    said = f"{deployment.id} went ahead on the word of {broken.get('by')} without the yes of a gate"
    said += ", and no exception of type emergency-deviation says what was skipped"
    yield Found(deployment.path, Fault("/break_glass", "GOV965", said, _fix(str(release))), str(release))


def _urgent(ledger: Ledger, release: Record) -> Iterator[Found]:
    if release.get("type") != "emergency" or deviations_of(ledger, (release.id,)):
        return
    deployments = deployments_of(ledger, release)
    if deployments and all(_shows_nothing_owed(one) for one in deployments):
        return
    said = f"{release.id} went on as an emergency, and no exception of type emergency-deviation says what was skipped"
    pointer = "/emergency" if "emergency" in release.data else "/type"
    yield Found(release.path, Fault(pointer, "GOV965", said, _fix(release.id)))


def _shows_nothing_owed(deployment: Record) -> bool:
    """Whether a deployment keeps a verdict by which the gate was open and nothing was put off."""
    kept = deployment.get("verdict")
    answers = kept.get("answers") if isinstance(kept, dict) else None
    if not isinstance(kept, dict) or not isinstance(answers, list) or not answers or kept.get("outcome") != "open":
        return False
    return all(isinstance(one, dict) and one.get("outcome") in ("met", "warned", "later") for one in answers)


def deviations_of(ledger: Ledger, ids: Iterable[str]) -> tuple[Record, ...]:
    """The exceptions of type emergency-deviation that name one of these records and were not turned down."""
    if "exception" not in ledger.kinds:
        return ()
    found = {one.id: one for id in ids for one in ledger.naming(id, "exception", at="/scope/records/*")}
    return tuple(one for one in found.values() if one.get("type") == "emergency-deviation" and one.state in COUNTING)


def _fix(release: str) -> str:
    typed = f"opsledger new exception --set type=emergency-deviation --set scope.records={release} --set scope.rules=…"
    return f"write an exception that names {release} and the rules that were skipped: `{typed}`"


def _ends(release: Record) -> Sequence[str]:
    lifecycle = release.kind.lifecycle
    return lifecycle.main[-1:] if lifecycle is not None else ()


def _unmet(question: Question, release: Record) -> Iterator[Found | Remark]:
    """What is still open of the deviations of a release that is to be closed."""
    ids = (release.id, *(one.id for one in deployments_of(question.ledger, release)))
    for deviation in deviations_of(question.ledger, ids):
        if deviation.state != "closed":
            due = deviation.get("retest_by") or deviation.get("expires") or "no stated time"
            said = f"{deviation.id} is {deviation.state}: what it let pass was to be made up for by {due}"
            fix = f"make up for it, and move {deviation.id} to closed"
            yield Found(deviation.path, Fault("/state", "GOV965", said, fix), deviation.id)
        codes = [code for _, code in deviation.items("/scope/rules") if isinstance(code, str)]
        yield from _still(question, deviation, codes)


def _still(question: Question, deviation: Record, codes: Iterable[str]) -> Iterator[Found | Remark]:
    """What the rules find that a deviation let pass, but for those that speak of a moment that is over."""
    for code in codes:
        known = register().get(code)
        if code[:3] in OF_A_MOMENT or known is None or known.ask_gate is None or code == "GOV965":
            continue
        left = [one for one in known.ask_gate(question) if isinstance(one, Found) and one.severity is None]
        for one in left:
            said = f"{deviation.id} let {code} pass, and it is not made up for: {one.fault.message}"
            fault = Fault(one.fault.pointer, "GOV965", said, one.fault.fix)
            yield Found(one.path, fault, f"{deviation.id} {one.about}".strip(), undecided=one.undecided)
        if not left:
            yield Remark(f"{code}, which {deviation.id} let pass, is met")
