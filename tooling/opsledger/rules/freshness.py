"""Results that are about another build, or too old to say anything of this one: TES612."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.question import Question
from opsledger.rules.register import Found, Reach, rule
from opsledger.rules.results import Stale, results_of, unread_results


@rule("TES612", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def result_of_another_build(question: Question) -> Iterator[Found]:
    """
    A result on which a release rests is about another package, or too old.

    ## Why
    What was tested is what goes out, or nothing was tested. Judged are the results that the release names under
    `acceptance.evidence`; and of test runs, load tests, user acceptance, scans and rehearsals that speak of the release
    the newest of each type, where none of its type is about the package as it is now. Too old is what is older than
    `evidence.max_age` of the policy or `test_plan.evidence_max_age` of the release lets it be, whichever is shorter.
    Source: S0-5.3, S2-step-06, S3-pilot-01.

    ## Examples
    ```yaml title="fails, it was built again"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:2222222222222222222222222222222222222222222222222222222222222222"}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    subjects: [REL-2026-9001]
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    ```

    ```yaml title="fails, one second too old"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: scan
    at: "2026-02-22T11:59:59Z"
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    ```

    ```yaml title="passes, near miss: seven days to the second"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: scan
    at: "2026-02-22T12:00:00Z"
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: passed
    ```

    ```yaml title="passes, the new build was tested as well"
    # asks: REL-2026-9001 -> accepted at 2026-03-01T12:00:00Z
    # records/releases/2026/REL-2026-9001.yaml
    state: testing
    package: {digest: "sha256:2222222222222222222222222222222222222222222222222222222222222222"}
    # records/evidence/2026/EVD-2026-a1b2.yaml
    type: test-run
    subjects: [REL-2026-9001]
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    result: failed
    # records/evidence/2026/EVD-2026-a1b3.yaml
    type: test-run
    package_digest: "sha256:2222222222222222222222222222222222222222222222222222222222222222"
    result: passed
    ```

    ## Fix
    Test this package and import the result; take a result of another package out of `acceptance.evidence`.
    """
    results = results_of(question)
    yield from unread_results(question, "TES612")
    for one in results.reported:
        yield _told(one, results.release.path)


def _told(stale: Stale, release: str) -> Found:
    """At the release where that names it, else at the result itself."""
    path, pointer = (release, stale.named) if stale.named else (stale.evidence.path, stale.pointer)
    rest = f", and take {stale.evidence.id} out of `acceptance.evidence`" if stale.named else ""
    fix = f"make the {stale.evidence.get('type')} again for this package and import the result{rest}"
    return Found(path, Fault(pointer, "TES612", f"{stale.evidence.id} {stale.why}", fix), stale.evidence.id)
