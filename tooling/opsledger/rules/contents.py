"""What a package must have behind it: PKG501, PKG505 and PKG507."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.packages import Part, baseline_for, digest_of, evidence_for, parts_of
from opsledger.question import Question
from opsledger.rules.open_problems import brought_parts, release_of
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.unread import unread

RELEASES = "SELECT count(*) FROM record WHERE kind = 'release'"


@rule("PKG501", Reach.QUESTION, counts=RELEASES)
def ci_update_first(question: Question) -> Iterator[Found | Remark]:
    """
    A component that a release brings does not say yet which version is on its way.

    ## Why
    Who works on a component looks at its record, and must see there what is coming before it is built into a
    package. Each component that is introduced or changed names version and release under `pending`, until the version
    is its own. Source: S0-3.2, S3-dsl-01.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/cis/CI-payments.yaml
    version: 4.2.0
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/cis/CI-payments.yaml
    version: 4.2.0
    pending: {version: 4.2.1, release: REL-2026-9001}
    ```

    ```yaml title="fails, near miss: of another release"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/cis/CI-payments.yaml
    version: 4.2.0
    pending: {version: 4.2.1, release: REL-2026-9002}
    # records/releases/REL-2026-9002.yaml
    state: draft
    ```

    ## Fix
    Write version and release under `pending` of the component.
    """
    release = release_of(question)
    ready = []
    for part in brought_parts(question):
        ci = question.ledger.find(part.ci)
        if ci is None:
            continue  # a name of nothing is LNK101's
        if not ci.is_readable:
            said = f"{ci.path} cannot be read, so nobody knows which version of {ci.id} is on its way"
            fault = Fault("", "PKG501", said, "mend it: `opsledger check` says what is wrong there")
            yield Found(ci.path, fault, ci.id, undecided=True)
        elif said := _unannounced(ci, part, release):
            fix = f"write `pending: {{version: {part.version or '…'}, release: {release.id}}}` in {ci.path}"
            yield Found(ci.path, Fault("/pending" if ci.get("pending") else "/state", "PKG501", said, fix), ci.id)
        else:
            ready.append(f"{ci.id} {part.version}".rstrip())
    if ready:
        yield Remark(f"announced in their own records: {', '.join(ready)}")


def _unannounced(ci: Record, part: Part, release: Record) -> str:
    """What a component's record lacks of what a release brings, or nothing."""
    pending = ci.get("pending")
    if part.version and ci.get("version") == part.version:
        return ""
    if not isinstance(pending, dict):
        return f"{release.id} brings {part.ci} {part.version}".rstrip() + f", and {ci.id} has nothing pending"
    changes = {id for _, id in release.items("/changes")}
    is_ours = pending.get("release") == release.id or (not pending.get("release") and pending.get("change") in changes)
    if not is_ours:
        by = pending.get("release") or pending.get("change") or "nobody"
        return f"{release.id} brings {part.ci} {part.version}".rstrip() + f", but what is pending there comes by {by}"
    if part.version and pending.get("version") != part.version:
        return f"{release.id} brings {part.ci} {part.version}, but {pending.get('version')} is pending there"
    return ""


@rule("PKG505", Reach.QUESTION, counts=RELEASES)
def sbom_missing(question: Question) -> Iterator[Found | Remark]:
    """
    There is no bill of materials of this very package.

    ## Why
    When a library turns out to be weak, one question counts: where do we have it. Only a list that was made of the
    package that went out answers it. It is found by the package's digest, so the pipeline may bring it before the
    release exists. Source: S0-3.3.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/evidence/EVD-2026-9001abcd.yaml
    type: sbom
    result: passed
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    ```

    ```yaml title="fails, near miss: of the build before"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package:
      digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
      sbom: EVD-2026-9001abcd
    # records/evidence/EVD-2026-9001abcd.yaml
    type: sbom
    result: passed
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    ```

    ## Fix
    Have the pipeline make one of this package: `opsledger import cyclonedx FILE` stores it.
    """
    release = release_of(question)
    digest = packaged(release)
    lists = evidence_for(question.ledger, release, ("sbom",))
    ours = [one for one in lists if digest_of(one) == digest and one.get("result") not in ("failed", "not-run")]
    yield from unread(question.ledger, "PKG505", "evidence", f"it lists what is in {release.id}")
    if ours:
        yield Remark(f"{ours[0].id} lists what is in it")
        return
    pointer = "/package/sbom" if "sbom" in release.get("package", {}) else "/package/digest"
    other = f"; {lists[0].id} is of {_told(digest_of(lists[0]), digest, lists[0])}" if lists else ""
    said = f"{release.id} has no bill of materials of its package {short(digest)}{other}"
    fix = f"have the pipeline make one of this package and store it: `{_typed(release, digest)}`"
    yield Found(release.path, Fault(pointer, "PKG505", said, fix))


def _typed(release: Record, digest: str, more: str = "") -> str:
    """What the pipeline types to store the bill of materials of a package."""
    cis = "".join(f" --ci {part.ci}" for part in parts_of(release) if part.effect != "retired")
    version = f" --version {release.get('version')}" if release.get("version") else ""
    return f"opsledger import cyclonedx FILE --package-digest {digest}{cis}{version}{more}"


def _told(of: str, digest: str, result: Record) -> str:
    if of == digest:
        return f"it and says {result.get('result')}"
    return f"another package, {short(of)}" if of else "no package that it names"


@rule("PKG507", Reach.QUESTION, counts=RELEASES)
def baseline_missing(question: Question) -> Iterator[Found | Remark]:
    """
    No agreed set of versions stands behind a package.

    ## Why
    What is built, restored and compared later starts from a set of versions that somebody agreed to. It is found by
    the package's digest, or named under `package.baseline`; it is *agreed*, and of this package and no other.
    Source: S2-def-baseline, S2-role-pbm-01, S2-out-06.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/baselines/BSL-2026-9001.yaml
    state: proposed
    of: REL-2026-9001
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/baselines/BSL-2026-9001.yaml
    state: agreed
    at: "2026-02-01T10:00:00Z"
    entries: [{ci: CI-payments, version: 4.2.1}]
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="fails, near miss: agreed for another package"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package:
      digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
      baseline: BSL-2026-9001
    # records/baselines/BSL-2026-9001.yaml
    state: agreed
    package_digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    ```

    ## Fix
    Have the pipeline write the baseline of this package, and agree to it.
    """
    release = release_of(question)
    digest = packaged(release)
    baseline = baseline_for(question.ledger, release)
    if baseline is None:
        yield from unread(question.ledger, "PKG507", "baseline", f"it stands behind {release.id}")
        said = f"{release.id} has no baseline behind its package {short(digest)}"
        typed = _typed(release, digest, " --baseline")
        fix = f"have the pipeline write it with the bill of materials (`{typed}`), or name one under package.baseline"
        yield Found(release.path, Fault("/package/digest", "PKG507", said, fix))
    elif not baseline.is_readable:
        said = f"{baseline.path} cannot be read, so nobody knows what stands behind {release.id}"
        fault = Fault("", "PKG507", said, "mend it: `opsledger check` says what is wrong there")
        yield Found(baseline.path, fault, baseline.id, undecided=True)
    elif (of := digest_of(baseline)) and of != digest:
        said = f"{baseline.id} is the baseline of another package, {short(of)}, and {release.id} brings {short(digest)}"
        typed = _typed(release, digest, " --baseline")
        fix = f"have the pipeline write the baseline of this package (`{typed}`), and take out package.baseline"
        yield Found(baseline.path, Fault("/package_digest", "PKG507", said, fix), baseline.id)
    elif baseline.state != "agreed":
        said = f"{baseline.id} behind {release.id} is {baseline.state} and not agreed"
        fix = f"agree to it (`opsledger transition {baseline.id} agreed`), or name an agreed one under package.baseline"
        yield Found(baseline.path, Fault("/state", "PKG507", said, fix), baseline.id)
    else:
        yield Remark(f"{baseline.id} is agreed")


def packaged(release: Record) -> str:
    """
    The digest of a release's package.

    Raises:
        Undecided: it names none.
    """
    digest = digest_of(release)
    if not digest:
        missing = f"{release.id} names no digest of its package, so nobody knows which one is meant"
        raise Undecided(
            missing, f"write it under package.digest in {release.path}; the pipeline that built it knows it"
        )
    return digest


def short(digest: str) -> str:
    """As much of a digest as people compare."""
    return f"{digest[:19]}…" if digest else "none"
