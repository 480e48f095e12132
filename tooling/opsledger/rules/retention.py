"""Whether what stands behind a decision is kept for as long as it must be: GOV963."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.moments import instant
from opsledger.packages import evidence_for
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.unread import unread
from opsledger.yamlfile import at

_OWN = "attachments/"


@rule("GOV963", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'evidence'")
def evidence_gone_before_its_time(question: Question) -> Iterator[Found | Remark]:
    """
    Evidence is kept outside the ledger, and not for as long as the policy asks for.

    ## Why
    A record of a result is worth what stands behind it: years later an auditor wants the report itself. The policy
    says for how many years from its time evidence is kept (`retention.evidence.years`); the record says until when the
    store keeps the report (`kept_until`). A report in the ledger itself is kept as long as the ledger. Where nobody
    says until when, the question stays undecided. A newer result that `supersedes` the record and pins the same report
    speaks for it. Source: S0-7.6, S1-4.5.

    ## Examples
    ```yaml title="fails, it is gone a day too early"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/policy/POL-ours.yaml
    retention: {evidence: {years: 3}}
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    # records/evidence/2026/EVD-2026-9001.yaml
    type: test-run
    subjects: [REL-2026-9001]
    at: "2026-02-20T12:00:00Z"
    attachment:
      uri: s3://evidence/tests.xml
      digest: sha256:0000000000000000000000000000000000000000000000000000000000000001
    kept_until: "2029-02-19"
    ```

    ```yaml title="fails, nobody knows until when it is kept"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/policy/POL-ours.yaml
    retention: {evidence: {years: 3}}
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    # records/evidence/2026/EVD-2026-9001.yaml
    type: test-run
    subjects: [REL-2026-9001]
    at: "2026-02-20T12:00:00Z"
    attachment:
      uri: s3://evidence/tests.xml
      digest: sha256:0000000000000000000000000000000000000000000000000000000000000001
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/policy/POL-ours.yaml
    retention: {evidence: {years: 3}}
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    # records/evidence/2026/EVD-2026-9001.yaml
    type: test-run
    subjects: [REL-2026-9001]
    at: "2026-02-20T12:00:00Z"
    attachment:
      uri: attachments/00/0000000000000000000000000000000000000000000000000000000000000001
      digest: sha256:0000000000000000000000000000000000000000000000000000000000000001
    ```

    ```yaml title="passes, near miss: its last day is the day asked for"
    # asks: REL-2026-9001 -> closed at 2026-03-01T12:00:00Z
    # records/policy/POL-ours.yaml
    retention: {evidence: {years: 3}}
    # records/releases/2026/REL-2026-9001.yaml
    state: early-life-support
    # records/evidence/2026/EVD-2026-9001.yaml
    type: test-run
    subjects: [REL-2026-9001]
    at: "2026-02-20T12:00:00Z"
    attachment:
      uri: s3://evidence/tests.xml
      digest: sha256:0000000000000000000000000000000000000000000000000000000000000001
    kept_until: "2029-02-20"
    ```

    ## Fix
    Have the store keep the report until the day that the message names, and import it again with `--kept-until` under
    an id that supersedes the old record; or keep the report in the ledger.
    """
    years = question.policy.at("retention", "evidence", "years")
    if not isinstance(years, int | float) or years <= 0:
        return
    about = question.release or question.subject
    fields = ("/at", "/attachment", "/kept_until", "/package_digest", "/subjects")
    yield from unread(question.ledger, "GOV963", "evidence", f"it stands behind {about.id}", fields)
    found = [(one, _end(one, years)) for one in _evidence(question) if _is_outside(question.ledger, one)]
    for record, until in found:
        kept = _day(record.get("kept_until"))
        if until is None or kept is None:
            said = f"nobody says until when the report behind {record.id} is kept"
            until_when = f" until {until}" if until else ""
            fix = (
                f"have the store keep it{until_when}, and supersede {record.id} by a record that says so in kept_until"
            )
            yield Found(record.path, Fault("/attachment/uri", "GOV963", said, fix), record.id, undecided=True)
        elif kept < until:
            asked = f"{years:g} years"
            said = f"the report behind {record.id} is kept until {kept}, and the policy asks for {asked}: until {until}"
            fix = f"have the store keep it until {until}, and supersede {record.id} by a record that says so"
            yield Found(record.path, Fault("/kept_until", "GOV963", said, fix), record.id)
    if found:
        yield Remark(f"{len(found)} reports outside the ledger were looked at")


def _evidence(question: Question) -> tuple[Record, ...]:
    """What stands behind the release, or names the subject where it is no release."""
    if question.release is not None:
        return evidence_for(question.ledger, question.release)
    return tuple(question.ledger.naming(question.subject.id, "evidence", at="/subjects/*"))


def _is_outside(ledger: Ledger, record: Record) -> bool:
    """Whether a report is kept where it can vanish, and no newer record of the very report speaks for it."""
    address, digest = at(record.data, "/attachment/uri"), at(record.data, "/attachment/digest")
    if not isinstance(address, str) or address.startswith(_OWN):
        return False
    newer = ledger.naming(record.id, "evidence", at="/supersedes")
    return not any(at(one.data, "/attachment/digest") == digest for one in newer)


def _end(record: Record, years: float) -> date | None:
    """The last day on which a report must still be there; a part of a year counts as that part of 365 days."""
    try:
        made = instant(str(record.get("at"))).astimezone(UTC).date()
        whole = made.replace(year=made.year + int(years), day=min(made.day, 28) if made.month == 2 else made.day)
    except (ValueError, OverflowError):
        return None
    more = (made.day - whole.day) + round((years - int(years)) * 365)
    return date.fromordinal(whole.toordinal() + more)


def _day(found: object) -> date | None:
    try:
        return datetime.strptime(found, "%Y-%m-%d").replace(tzinfo=UTC).date() if isinstance(found, str) else None
    except ValueError:
        return None
