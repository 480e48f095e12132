"""What users and staff must be told of a problem that is still there: FLT755."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.question import Question
from opsledger.rules.open_problems import (
    SHAPE,
    brought_parts,
    is_at_least,
    known_in,
    mended_by,
    problems_on,
    release_of,
    threshold_of,
    where,
)
from opsledger.rules.register import Found, Reach, Remark, asked_at_gates, rule, stated
from opsledger.rules.unread import unread

_KNOWN_FROM = "known-error"


@rule(
    "FLT755",
    Reach.RECORD,
    counts="SELECT count(*) FROM record WHERE kind = 'problem' "
    "AND state IN ('known-error', 'fix-in-progress', 'fix-ready', 'fix-deployed')",
)
def known_error_incomplete(ledger: Ledger) -> Iterator[Found]:
    """
    A known error that is still there does not say what support must know, or a release is silent about it.

    ## Why
    Whoever picks up the phone has only this record. A check asks each known error for the versions that have it and
    for the time at which it was put on the known-error page; symptom and workaround are asked by LCY202. A gate asks
    for all of it, and for notes, of each problem under `known_problems` of a release; and that each open problem which
    says that it is in the very version of a component is listed there. At the end of a problem that a patch
    resolved, it asks what was done. Source: S0-6.5, S1-3.4, S2-def-skms, S2-role-pbm-04.

    ## Examples
    ```yaml title="fails"
    # records/problems/PRB-2026-9001.yaml
    state: known-error
    owner: PTY-ada
    impact: low
    urgency: low
    cis: [CI-payments]
    known_error: {symptom: The page stays white., workaround: Load it again.}
    # records/cis/CI-payments.yaml
    title: Payments
    # records/parties/PTY-ada.yaml
    type: person
    ```

    ```yaml title="fails, not listed"
    # asks: REL-2026-9001 -> ready
    # records/releases/REL-2026-9001.yaml
    state: accepted
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: low
    affected_versions: [{ci: CI-payments, version: 4.2.1}]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> ready
    # records/releases/REL-2026-9001.yaml
    state: accepted
    known_problems: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: known-error
    severity: low
    affected_versions: [{ci: CI-payments, version: 4.2.1}]
    known_error:
      symptom: The page stays white.
      workaround: Load it again.
      notes: It happens once a day at most.
      published: "2026-02-01T10:00:00Z"
    # records/cis/CI-payments.yaml
    version: 4.2.1
    ```

    ```yaml title="passes, near miss: another version has it"
    # asks: REL-2026-9001 -> ready
    # records/releases/REL-2026-9001.yaml
    state: accepted
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: low
    affected_versions: [{ci: CI-payments, version: 4.2.0}]
    # records/cis/CI-payments.yaml
    versions: [4.2.0]
    ```

    ## Fix
    Fill in `known_error` and `affected_versions` of the problem, and name it under `known_problems` of the release.
    """
    return stated(ledger, "FLT755")


@asked_at_gates("FLT755")
def release_silent_about_a_known_error(question: Question) -> Iterator[Found | Remark]:
    """What a release says of the problems that are in it; and what a problem that is to be closed says of its end."""
    if question.subject.kind.name == "problem":
        yield from _resolved(question.subject)
        return
    release = release_of(question)
    known = [held.problem for held in known_in(question.ledger, release)]
    for problem in known:
        yield from _incomplete(problem, release)
    yield from _unlisted(question, release)
    matter = f"it is a known error of {release.id}"
    yield from unread(question.ledger, "FLT755", "problem", matter, SHAPE)
    if known:
        yield Remark(f"its known errors are {', '.join(one.id for one in known)}")


def _incomplete(problem: Record, release: Record) -> Iterator[Found]:
    stated = problem.get("known_error")
    section = stated if isinstance(stated, dict) else {}
    lifecycle = problem.kind.lifecycle
    # From there on LCY202 asks for these two.
    is_known = lifecycle is not None and problem.state in lifecycle.onwards(_KNOWN_FROM)
    wanted = ("notes", "published") if is_known else ("symptom", "workaround", "notes", "published")
    lacking = [f"known_error.{name}" for name in wanted if not section.get(name)]
    lacking += [] if problem.get("affected_versions") else ["affected_versions"]
    if lacking:
        said = f"{release.id} ships with {problem.id}, which does not say {', '.join(lacking)}"
        fix = f"write {', '.join(lacking)} in {problem.path}"
        fault = Fault("/known_error" if section else "/state", "FLT755", said, fix)
        yield Found(problem.path, fault, problem.id)


def _unlisted(question: Question, release: Record) -> Iterator[Found]:
    """The open problems that say they are in what a release brings, and that it neither lists nor fixes."""
    listed = {id for _, id in release.items("/known_problems") if isinstance(id, str)} | mended_by(release)
    blocks_itself = "FLT751" in {code for _, code in question.gate.items("/codes")}
    least = threshold_of(question)
    for part in brought_parts(question):
        for held in problems_on(question.ledger, part):
            problem = held.problem
            says_so = not held.doubt and any(one.get("ci") == part.ci for one in _versions(problem))
            if problem.id in listed or not says_so or (blocks_itself and is_at_least(question, problem, least)):
                continue
            listed.add(problem.id)
            said = f"{release.id} {held.words} ({where(problem, '/affected_versions')}), and does not list it"
            fix = f"name {problem.id} under `known_problems`, or under `fixes` if the release ends it"
            yield Found(release.path, Fault(held.pointer, "FLT755", said, fix), problem.id)


def _versions(problem: Record) -> Iterator[dict[str, object]]:
    return (one for _, one in problem.items("/affected_versions") if isinstance(one, dict))


def _resolved(problem: Record) -> Iterator[Found]:
    resolution = problem.get("resolution")
    if isinstance(resolution, dict) and resolution.get("path") == "patch" and not resolution.get("summary"):
        said = f"{problem.id} was ended by a patch, and it does not say what was done"
        yield Found(
            problem.path, Fault("/resolution", "FLT755", said, "write under resolution.summary what it did, and why so")
        )
