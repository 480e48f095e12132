"""GOV963: reports outside the ledger are kept for as long as the policy asks for."""

from __future__ import annotations

import pytest

CLOSE = "REL-2026-9001 -> closed"
DIGEST = f"sha256:{'0' * 63}1"
RELEASE = "# records/releases/2026/REL-2026-9001.yaml\nstate: early-life-support\n"
POLICY = "# records/policy/POL-ours.yaml\nretention: {evidence: {years: %s}}\n"


def evidence(more: str = "", *, at: str = "2026-02-20T12:00:00Z", number: int = 9001, digest: str = DIGEST) -> str:
    attachment = f"attachment: {{uri: 's3://evidence/tests.xml', digest: {digest}}}"
    head = f'# records/evidence/2026/EVD-2026-{number}.yaml\ntype: test-run\nat: "{at}"\n'
    return f"{head}subjects: [REL-2026-9001]\n{attachment}\n{more}\n"


@pytest.mark.parametrize(
    ("at", "years", "kept", "outcome"),
    [
        pytest.param("2026-02-20T12:00:00Z", "3", "2029-02-19", "blocked", id="a day too short"),
        pytest.param("2026-02-20T12:00:00Z", "3", "2029-02-20", "met", id="to the day"),
        pytest.param("2024-02-29T12:00:00Z", "3", "2027-02-28", "blocked", id="from a leap day, a day too short"),
        pytest.param("2024-02-29T12:00:00Z", "3", "2027-03-01", "met", id="from a leap day"),
        pytest.param("2026-02-20T12:00:00Z", "0.5", "2026-08-20", "blocked", id="half a year, a day too short"),
        pytest.param("2026-02-20T12:00:00Z", "0.5", "2026-08-21", "met", id="half a year"),
        pytest.param("2026-02-20T23:30:00-02:00", "3", "2029-02-20", "blocked", id="the day in UTC"),
        pytest.param("2026-02-20T12:00:00Z", "9000", "2029-02-20", "undecided", id="beyond the calendar"),
        pytest.param("2026-02-20T12:00:00Z", "0", "2026-02-20", "met", id="nothing is asked for"),
    ],
)
def test_the_last_day_decides(ask, at: str, years: str, kept: str, outcome: str) -> None:
    text = POLICY % years + RELEASE + evidence(f'kept_until: "{kept}"', at=at)

    assert outcome == ask("GOV963", CLOSE, text).outcome.value


def test_the_finding_names_both_days_at_the_line_that_is_too_early(ask) -> None:
    answer = ask("GOV963", CLOSE, POLICY % 3 + RELEASE + evidence('kept_until: "2027-01-01"'))

    [found] = answer.findings
    assert "records/evidence/2026/EVD-2026-9001.yaml" == found.place.path
    assert (
        "the report behind EVD-2026-9001 is kept until 2027-01-01, and the policy asks for 3 years: until 2029-02-20"
        == found.message
    )


def test_a_newer_record_of_the_same_report_speaks_for_it(ask) -> None:
    newer = evidence('kept_until: "2030-01-01"\nsupersedes: EVD-2026-9001', number=9002)

    answer = ask("GOV963", CLOSE, POLICY % 3 + RELEASE + evidence('kept_until: "2027-01-01"') + newer)

    assert "met" == answer.outcome.value


def test_a_newer_record_of_another_report_does_not(ask) -> None:
    other = evidence('kept_until: "2030-01-01"\nsupersedes: EVD-2026-9001', number=9002, digest=f"sha256:{'2' * 64}")

    answer = ask("GOV963", CLOSE, POLICY % 3 + RELEASE + evidence('kept_until: "2027-01-01"') + other)

    assert "blocked" == answer.outcome.value


def test_evidence_that_names_only_the_package_is_looked_at_as_well(ask) -> None:
    release = RELEASE + f"package: {{digest: {DIGEST}}}\n"
    by_package = evidence('kept_until: "2027-01-01"').replace("subjects: [REL-2026-9001]", f"package_digest: {DIGEST}")

    assert "blocked" == ask("GOV963", CLOSE, POLICY % 3 + release + by_package).outcome.value


def test_an_evidence_file_that_cannot_be_read_decides_nothing(ask) -> None:
    raw = {"records/evidence/2026/EVD-2026-9001.yaml": "id: [\n"}

    assert "undecided" == ask("GOV963", CLOSE, POLICY % 3 + RELEASE, raw=raw).outcome.value
