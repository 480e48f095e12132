"""What allows a deployment, and whether it came before: SIG309."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.approvals.reading import approvals_on, moment
from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
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
        "SELECT DISTINCT deployment.id FROM record deployment "
        "JOIN edge named ON named.record = deployment.number AND named.pointer = '/release' "
        "JOIN edge subject ON subject.pointer = '/subject' AND subject.target IN (deployment.id, named.target) "
        "JOIN record approval ON approval.number = subject.record AND approval.kind = 'approval' "
        "WHERE deployment.kind = 'deployment' AND deployment.readable AND approval.readable "
        "AND (deployment.number IN (SELECT record FROM near_edge) "
        "OR approval.number IN (SELECT record FROM near_edge)) "
        "ORDER BY deployment.path"
    ).fetchall()
    for (id,) in rows:
        yield from _too_late(ledger, ledger.record(id))


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
