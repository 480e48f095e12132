"""Whether a release can be taken back: PKG504."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.packages import WAS_LIVE, digest_of
from opsledger.question import Question
from opsledger.rules.open_problems import release_of
from opsledger.rules.register import Found, Reach, Remark, rule

_BACK = frozenset({"redeploy-previous", "switch-back"})
_ASKED_FROM = "plan-approved"


@rule("PKG504", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'release'")
def reverse_path(question: Question) -> Iterator[Found | Remark]:
    """
    Nobody has said how a release is taken back, or the way that is named leads nowhere.

    ## Why
    At three in the morning nobody invents the way back. A release that goes back to what ran before needs something
    that ran before: a `target`, which is a release that was live or an agreed baseline. A small one may leave it out
    where its service runs in an earlier version. A medium one says what is done, in `steps`, or names the target; a
    large one says both. The first release of a service can only be uninstalled, switched off or mended forwards.
    Source: S2-purpose-04, S3-def-backout, S3-build-02, S3-build-10, S3-build-15, S3-env-02, S4-dep-11.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> plan-approved
    # records/releases/REL-2026-9001.yaml
    state: planned
    ```

    ```yaml title="fails, the first of its service"
    # asks: REL-2026-9001 -> plan-approved
    # records/releases/REL-2026-9001.yaml
    state: planned
    size_class: small
    service: CI-payments
    version: 1.0.0
    backout: {method: redeploy-previous}
    # records/cis/CI-payments.yaml
    state: planned
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> plan-approved
    # records/releases/REL-2026-9001.yaml
    state: planned
    size_class: small
    service: CI-payments
    version: 4.2.1
    backout: {method: redeploy-previous}
    # records/cis/CI-payments.yaml
    version: 4.2.0
    ```

    ```yaml title="fails, near miss: the target was taken back itself"
    # asks: REL-2026-9001 -> plan-approved
    # records/releases/REL-2026-9001.yaml
    state: planned
    size_class: small
    backout: {method: redeploy-previous, target: REL-2026-9002}
    # records/releases/REL-2026-9002.yaml
    state: backed-out
    ```

    ## Fix
    Write under `backout` how it is taken back, and for a way back to something, what that is.
    """
    release = release_of(question)
    backout = release.get("backout")
    if not isinstance(backout, dict):
        if not _is_told(question, release):
            fix = "write under `backout` the method, and what it goes back to"
            yield _leads_nowhere(release, "/state", f"{release.id} does not say how it is taken back", fix)
        return
    named = backout.get("target")
    target = question.ledger.find(named) if isinstance(named, str) else None
    lacking = list(_of_target(release, target) if target is not None else _of_method(question, release, backout))
    yield from lacking
    yield from _of_size(release, backout, target)
    if not lacking:
        to = f" to {target.id}" if target is not None else ""
        yield Remark(f"it is taken back by {backout.get('method')}{to}")


def _is_told(question: Question, release: Record) -> bool:
    """Whether LCY202 says at this gate that the section is missing."""
    lifecycle = release.kind.lifecycle
    if lifecycle is None:
        return False
    asked = lifecycle.onwards(_ASKED_FROM)
    codes = {code for _, code in question.gate.items("/codes")}
    return release.state in asked or ("LCY202" in codes and question.move.after in asked)


def _of_target(release: Record, target: Record) -> Iterator[Found]:
    """What keeps a target from being one."""
    if not target.is_readable:
        said = f"{target.path} cannot be read, so nobody knows whether {release.id} can go back to it"
        fault = Fault("", "PKG504", said, "mend it: `opsledger check` says what is wrong there")
        yield Found(target.path, fault, target.id, undecided=True)
        return
    fix = "name a release that was live, or an agreed baseline"
    if target.id == release.id:
        yield _leads_nowhere(release, "/backout/target", f"{release.id} goes back to itself", fix)
    elif target.kind.name == "release" and target.state not in WAS_LIVE:
        said = f"{release.id} goes back to {target.id}, which is {target.state} and so was never live to the end"
        yield _leads_nowhere(release, "/backout/target", said, fix, target.id)
    elif target.kind.name == "baseline" and target.state == "proposed":
        said = f"{release.id} goes back to {target.id}, which nobody has agreed to"
        yield _leads_nowhere(release, "/backout/target", said, fix, target.id)
    elif (digest := digest_of(target)) and digest == digest_of(release):
        said = f"{release.id} goes back to {target.id}, which holds the very package that it brings"
        yield _leads_nowhere(release, "/backout/target", said, fix, target.id)


def _of_method(question: Question, release: Record, backout: dict[str, object]) -> Iterator[Found]:
    """Whether there is something to go back to where no target is named."""
    method = backout.get("method")
    if method not in _BACK or backout.get("steps"):
        return
    running = _running(question, release)
    if not running:
        said = f"{release.id} goes back by {method}, and no earlier version of {release.get('service')} is known to run"
        fix = "name it under backout.target, or take back by uninstall, feature-off or fix-forward"
        yield _leads_nowhere(release, "/backout/method", said, fix)


def _running(question: Question, release: Record) -> str:
    """The version of the service that ran before, or nothing: by its own record, or by a release that was live."""
    service = release.get("service")
    ci = question.ledger.find(service) if isinstance(service, str) else None
    version = ci.get("version") if ci is not None else None
    if isinstance(version, str) and version != release.get("version"):
        return version
    earlier = question.ledger.naming(ci.id, "release", at="/service") if ci is not None else ()
    live = (one for one in earlier if one.state in WAS_LIVE and one.id != release.id)
    return next((str(one.get("version")) for one in live if one.get("version") != release.get("version")), "")


def _of_size(release: Record, backout: dict[str, object], target: Record | None) -> Iterator[Found]:
    """What a bigger release must say beside the method."""
    size, steps = release.get("size_class"), backout.get("steps")
    wants_target = backout.get("method") in _BACK
    lacking: list[str] = []
    if size == "medium" and not steps and target is None and not backout.get("data") and not backout.get("fallback"):
        lacking = ["backout.target or backout.steps" if wants_target else "backout.steps"]
    elif size == "large":
        lacking += [] if steps else ["backout.steps"]
        lacking += ["backout.target"] if wants_target and target is None else []
        lacking += [] if backout.get("fallback") else ["backout.fallback"]
    if lacking:
        said = f"{release.id} is {size}, and its way back does not say {', '.join(lacking)}"
        yield _leads_nowhere(release, "/backout", said, f"write {', '.join(lacking)}")


def _leads_nowhere(release: Record, pointer: str, said: str, fix: str, about: str = "") -> Found:
    return Found(release.path, Fault(pointer, "PKG504", said, fix), about)
