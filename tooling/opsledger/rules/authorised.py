"""What allows a deployment, and whether it came before: SIG309."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.approvals.reading import approvals_on
from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.rules.register import Found, Reach, rule


@rule("SIG309", Reach.LINK, counts="SELECT count(*) FROM record WHERE kind = 'deployment'")
def approval_after_the_act(ledger: Ledger) -> Iterator[Found]:
    """
    A deployment had begun before anybody approved it.

    ## Why
    An approval that comes afterwards decides nothing: it only signs what is already so. Source: S3-goal-05.

    ## Examples
    ```yaml title="fails"
    # records/deployments/DEP-2026-a1b2c3.yaml
    started: "2026-03-01T10:00:00Z"
    # records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml
    subject: DEP-2026-a1b2c3
    scope: deployment
    role: ROL-approver
    party: PTY-ada
    decision: granted
    at: "2026-03-01T10:00:01Z"
    pointers: [/release]
    evidence:
      type: forge-review
      forge: github.com
      review: "80"
      commit: 53e1e4bd4dbc4d3fdf0d3f2b1bb1be5b4a17d3d3
      payload: '{"id": 80, "user": {"id": 1, "login": "ada"}, "state": "APPROVED"}'
      payload_digest: "sha256:978a68c582e981395e3c723a449528ca3efef0b4f2b7c6f255952d4a663f2dca"
    # records/roles/ROL-approver.yaml
    title: Approver
    # records/parties/PTY-ada.yaml
    type: person
    roles: [{role: ROL-approver}]
    identities: {accounts: [{forge: github.com, login: ada, id: "1"}]}
    ```

    ```yaml title="passes"
    # records/deployments/DEP-2026-a1b2c3.yaml
    started: "2026-03-01T10:00:00Z"
    ```

    ## Fix
    Leave both as they are and record the deviation as an exception: dates are not mended afterwards.
    """
    rows = ledger.database.execute(
        f"{near_approvals(ledger)} SELECT DISTINCT deployment.id FROM near_approval near "
        "CROSS JOIN record deployment ON deployment.number = near.deployment "
        "CROSS JOIN record approval ON approval.number = near.approval "
        "WHERE deployment.readable AND approval.readable ORDER BY deployment.path"
    ).fetchall()
    for (id,) in rows:
        yield from _too_late(ledger, ledger.record(id))


def near_approvals(ledger: Ledger) -> str:
    """
    The start of a query: near_approval, with the deployments, and the approvals of them or of what they bring.

    One of the two is near to something new. What is near comes first in each part: SQLite would go through all that
    one person did, for each deployment.
    """
    near = "SELECT number FROM record" if ledger.is_whole else "SELECT DISTINCT record FROM near_edge"
    return f"""
WITH near_number (number) AS ({near}),
near_approval (deployment, approval) AS (
  SELECT deployment.number, approval.number FROM near_number
  CROSS JOIN record deployment ON deployment.number = near_number.number AND deployment.kind = 'deployment'
  CROSS JOIN edge brings ON brings.record = deployment.number AND brings.pointer = '/release'
  CROSS JOIN edge subject ON subject.target IN (deployment.id, brings.target) AND subject.pointer = '/subject'
  CROSS JOIN record approval ON approval.number = subject.record AND approval.kind = 'approval'
  UNION SELECT deployment.number, approval.number FROM near_number
  CROSS JOIN record approval ON approval.number = near_number.number AND approval.kind = 'approval'
  CROSS JOIN edge subject ON subject.record = approval.number AND subject.pointer = '/subject'
  CROSS JOIN edge brings ON brings.target = subject.target AND brings.pointer = '/release'
  CROSS JOIN record deployment ON deployment.number = brings.record AND deployment.kind = 'deployment'
  UNION SELECT deployment.number, approval.number FROM near_number
  CROSS JOIN record approval ON approval.number = near_number.number AND approval.kind = 'approval'
  CROSS JOIN edge subject ON subject.record = approval.number AND subject.pointer = '/subject'
  CROSS JOIN record deployment ON deployment.id = subject.target AND deployment.kind = 'deployment')"""


def _too_late(ledger: Ledger, deployment: Record) -> Iterator[Found]:
    """The first approval of a deployment, or of what it brings, where none came in time."""
    began = moment(deployment.get("started"))
    if began is None or deployment.get("break_glass"):
        return
    for subject in authorised_as(ledger, deployment):
        held = approvals_on(ledger, subject, landed={})
        granted = [one for one in held if one.scope == "deployment" and one.decision == "granted"]
        if granted and granted[0].at > began:
            first = granted[0]
            said = f"{first.id} approved the deployment of {subject} after {deployment.id} had begun"
            fix = "record the deviation as an exception; an approval does not work backwards"
            yield Found(first.path, Fault("/at", "SIG309", said, fix), f"{subject} {deployment.id}")


def authorised_as(ledger: Ledger, deployment: Record) -> tuple[str, ...]:
    """
    The records whose approval for deployment allows a deployment: itself, and its release where users are served.

    What is deployed to be tested is deployed before anybody can approve that it goes to users.
    """
    release = deployment.get("release")
    is_meant = isinstance(release, str) and goes_live(ledger, deployment)
    return (deployment.id, str(release)) if is_meant else (deployment.id,)


def goes_live(ledger: Ledger, deployment: Record) -> bool:
    """Whether a deployment is to an environment that serves users."""
    environment = ledger.find(str(deployment.get("environment") or ""))
    return environment is not None and environment.get("production") is True
