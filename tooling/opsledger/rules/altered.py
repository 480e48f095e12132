"""Whether the package of a release is still the one that was accepted: PKG509."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.packages import baseline_for, deployments_of, digest_of
from opsledger.question import Question
from opsledger.rules.contents import RELEASES, packaged, short
from opsledger.rules.open_problems import release_of
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule
from opsledger.rules.unread import unread
from opsledger.steps import Step

_ACCEPTED = "accepted"
_OVER = frozenset({"cancelled", "failed", "backed-out"})
"""The states in which a deployment brings nothing, or nothing any more."""


@rule("PKG509", Reach.STEP, counts=RELEASES)
def package_altered(step: Step) -> Iterator[Found]:
    """
    The package that goes out is not the one that was accepted, deployed or agreed to before.

    ## Why
    Tests speak of one package. Another one, however alike, was never tested. What a release names as its package is
    held at a gate against what was accepted, against each of its deployments, and against the agreed baseline. A check
    of a pull request looks whether the package of an accepted release was exchanged.
    Source: S2-purpose-03, S2-out-06, S3-build-04, S3-dsl-04, S3-eval-04, S3-dep-06, S3-dep-19.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> deploying
    # records/releases/REL-2026-9001.yaml
    state: ready
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    acceptance: {package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"}
    ```

    ```yaml title="fails, elsewhere"
    # asks: REL-2026-9001 -> deploying
    # records/releases/REL-2026-9001.yaml
    state: ready
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/deployments/DEP-2026-9001abcd.yaml
    state: succeeded
    release: REL-2026-9001
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> deploying
    # records/releases/REL-2026-9001.yaml
    state: ready
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    acceptance: {package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/deployments/DEP-2026-9001abcd.yaml
    state: succeeded
    release: REL-2026-9001
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    ```

    ```yaml title="passes, near miss: what was taken back was another"
    # asks: REL-2026-9001 -> deploying
    # records/releases/REL-2026-9001.yaml
    state: ready
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/deployments/DEP-2026-9001abcd.yaml
    state: backed-out
    release: REL-2026-9001
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    ```

    ## Fix
    Take the package that was accepted, or have this one built, tested and accepted anew.
    """
    before, after = step.before, step.after
    if before is None or after is None or after.kind.name != "release" or after.kind.lifecycle is None:
        return
    accepted = after.kind.lifecycle.onwards(_ACCEPTED)
    if before.state not in accepted or after.state not in accepted:
        return
    old, new = digest_of(before), digest_of(after)
    if old and new != old:
        said = f"{after.id} was accepted with the package {short(old)}, and now names {short(new)}"
        yield Found(after.path, Fault("/package/digest" if new else "/state", "PKG509", said, _fix(after)))


@asked_at_gates("PKG509")
def other_package_than_was_accepted(question: Question) -> Iterator[Found | Remark]:
    """What a release names as its package, held against all others who name it."""
    release = release_of(question)
    digest = packaged(release)
    told = False
    for record, pointer, words, other in _named(question, release):
        if other and other != digest:
            told = True
            said = f"{release.id} brings {short(digest)}, but {words} {short(other)}"
            about = record.id if record.id not in (release.id, question.subject.id) else ""
            yield Found(record.path, Fault(pointer, "PKG509", said, _fix(release)), about)
    yield from unread(question.ledger, "PKG509", "deployment", f"it brought {release.id}")
    if not told:
        yield Remark(f"{short(digest)} is what was accepted and what was brought before")


def _named(question: Question, release: Record) -> Iterator[tuple[Record, str, str, str]]:
    """Whoever names the package of a release: the record, where in it, in words, and the digest."""
    ledger, accepted = question.ledger, release.get("acceptance")
    if isinstance(accepted, dict):
        yield release, "/acceptance/package_digest", "what was accepted is", str(accepted.get("package_digest") or "")
    for deployment in deployments_of(ledger, release):
        if deployment.state not in _OVER and deployment.is_readable:
            words = f"{deployment.id} to {deployment.get('environment')} brings"
            yield deployment, "/package_digest", words, digest_of(deployment)
    baseline = baseline_for(ledger, release)
    # Before acceptance PKG507 asks the same of the baseline.
    is_asked = "PKG507" in {code for _, code in question.gate.items("/codes")}
    if baseline is not None and baseline.is_readable and baseline.state == "agreed" and not is_asked:
        yield baseline, "/package_digest", f"{baseline.id} was agreed for", digest_of(baseline)


def _fix(release: Record) -> str:
    return f"take the package that was accepted, or take {release.id} back to building and test this one"
