"""What is wrong with the components that go out: PKG506 of what is inside, PKG514 of the components themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from opsledger.errors import Undecided
from opsledger.finding import Fault, Severity
from opsledger.ledger import Ledger, Record
from opsledger.packages import Part, digest_of, evidence_for, replaced_among
from opsledger.question import Question
from opsledger.rules.open_problems import (
    HELD_UP,
    SHAPE,
    Held,
    brought_parts,
    is_at_least,
    mended_by,
    problems_on,
    release_of,
    threshold_of,
    tier_of,
    where,
)
from opsledger.rules.purls import Component, component, is_in
from opsledger.rules.register import Found, Reach, Remark, rule
from opsledger.rules.typed import exception_typed
from opsledger.rules.unread import must_declare, unread

_INSIDE = ("sbom", "scan")
_HARMLESS = frozenset({"not-affected", "fixed"})
_WEAK = ("/affected", "/state", "/severity")


@dataclass(frozen=True)
class _Inside:
    """A component that goes out: as its record names it, by its package URL, and where the release leads to it."""

    package: Component
    named: str
    path: str
    pointer: str


@rule("PKG506", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'vulnerability'")
def flagged_component(question: Question) -> Iterator[Found | Remark]:
    """
    Something inside the package has a known weakness, or an open problem.

    ## Why
    What is inside a package goes live with it. Each package URL that the bills of materials and scans of this very
    package list, and each component in scope, is held against the weaknesses that are not remedied, by the ranges of
    versions that they name, and against the open problems of the component with that package URL. A weakness of less
    than blocking severity is a warning, unless it is known to be used. What nobody can compare is undecided. A
    weakness that says of all components of the release that they are *not-affected* or *fixed* is passed, and so is
    one that the release `fixes`. Source: S0-3.4.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/evidence/EVD-2026-9001abcd.yaml
    type: sbom
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    components: ["pkg:pypi/pillow@11.1.0"]
    # records/vulnerabilities/VUL-CVE-2026-9001.yaml
    state: triaged
    severity: high
    affected: [{purl: "pkg:pypi/pillow", range: "<11.2", status: affected}]
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/evidence/EVD-2026-9001abcd.yaml
    type: sbom
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    components: ["pkg:pypi/pillow@11.2.0"]
    # records/vulnerabilities/VUL-CVE-2026-9001.yaml
    state: triaged
    severity: high
    affected: [{purl: "pkg:pypi/pillow", range: "<11.2", status: affected}]
    ```

    ```yaml title="passes, near miss: another package of a similar name"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    package: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    # records/evidence/EVD-2026-9001abcd.yaml
    type: sbom
    package_digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    components: ["pkg:pypi/pillow-heif@0.1.0"]
    # records/vulnerabilities/VUL-CVE-2026-9001.yaml
    state: triaged
    severity: high
    affected: [{purl: "pkg:pypi/pillow", range: "<11.2", status: affected}]
    ```

    ## Fix
    Take in a version without it, or say in the weakness why it does not matter here, or accept it for a while with an
    exception.
    """
    release = release_of(question)
    listed, parts = [*_listed(question.ledger, release)], brought_parts(question)
    inside = [*listed, *_as_packages(question.ledger, release, parts)]
    told: set[str] = set()
    for one in [*_weaknesses(question, release, inside, parts), *_troubled(question, release, inside, parts)]:
        told.add(one.about)
        yield one
    yield from unread(question.ledger, "PKG506", "evidence", f"it lists what is in {release.id}")
    yield from unread(question.ledger, "PKG506", "vulnerability", f"{release.id} has it", _WEAK)
    yield from unread(question.ledger, "PKG506", "problem", f"a component of {release.id} has it", SHAPE)
    if not listed:
        missing = f"no bill of materials of {release.id}'s package lists a package URL, so nobody knows what is inside"
        raise Undecided(missing, "import one for this package: `opsledger import cyclonedx FILE`")
    if not told:
        yield Remark(f"{len(inside)} components inside, none with a known weakness or a problem that holds it up")


def _listed(ledger: Ledger, release: Record) -> Iterator[_Inside]:
    """What the bills of materials and scans of this package list."""
    digest = digest_of(release)
    results = [one for one in evidence_for(ledger, release, _INSIDE) if digest and digest_of(one) == digest]
    replaced = replaced_among(results)
    for result in (one for one in results if one.id not in replaced):
        for pointer, purl in result.items("/components"):
            if isinstance(purl, str):
                yield _Inside(component(purl), purl, result.path, pointer)


def _as_packages(ledger: Ledger, release: Record, parts: tuple[Part, ...]) -> Iterator[_Inside]:
    """The components in scope that have a package URL, in the versions that they get."""
    for part in parts:
        ci = ledger.find(part.ci)
        purl = ci.get("purl") if ci is not None else None
        if isinstance(purl, str):
            package = replace(component(purl), version=part.version)
            yield _Inside(package, f"{part.ci} {part.version}".rstrip(), release.path, part.pointer)


def _weaknesses(question: Question, release: Record, inside: list[_Inside], parts: tuple[Part, ...]) -> Iterator[Found]:
    ledger, mended, told = question.ledger, mended_by(release), set[str]()
    known = _by_package(ledger, "vulnerability")
    met = [(one, id) for one in inside for id in known.get(one.package.package, ())]
    for one, id in met:
        weak = ledger.record(id)
        if id not in told | mended and not _is_harmless(weak, parts):
            answer, entry = _has(weak, one.package)
            if answer is not False:
                told.add(id)
                yield _weak(question, release, weak, one, answer, entry)
    for part in parts:
        for weak in ledger.naming(part.ci, "vulnerability", at="/affected/*/ci", is_open=True):
            if weak.id in told | mended or _is_harmless(weak, (part,)):
                continue
            answer, entry = _touches(weak, part)
            if answer is not False:
                told.add(weak.id)
                named = f"{part.ci} {part.version}".rstrip()
                here = _Inside(Component("", part.version), named, release.path, part.pointer)
                yield _weak(question, release, weak, here, answer, entry)


def _by_package(ledger: Ledger, kind: str) -> Mapping[str, tuple[str, ...]]:
    """The ids of the records of a kind whose work is not done, by each package that they name, however spelt."""
    must_declare(ledger, kind, "purl")
    rows = ledger.database.execute(
        "SELECT DISTINCT record.id, declaration.value FROM record CROSS JOIN declaration "
        "ON declaration.record = record.number AND declaration.space = 'purl' "
        "WHERE record.kind = ? AND NOT record.done ORDER BY record.id",
        (kind,),
    )
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for id, purl in rows:
        found[component(purl).package][id] = None
    return {package: tuple(ids) for package, ids in found.items()}


def _entries(weak: Record) -> Iterator[Mapping[str, Any]]:
    return (one for _, one in weak.items("/affected") if isinstance(one, dict))


def _is_harmless(weak: Record, parts: tuple[Part, ...]) -> bool:
    """Whether a weakness says of each component that goes out that it does it no harm."""
    said = {one.get("ci"): one.get("status") for one in _entries(weak)}
    return bool(parts) and all(said.get(part.ci) in _HARMLESS for part in parts)


def _has(weak: Record, package: Component) -> tuple[bool | None, Mapping[str, Any]]:
    """Whether a weakness is in this version of a package, and the entry that says so."""
    answers: list[tuple[bool | None, Mapping[str, Any]]] = []
    for entry in _entries(weak):
        purl = entry.get("purl")
        named = component(purl) if isinstance(purl, str) else None
        if named is not None and named.package == package.package and entry.get("status") not in _HARMLESS:
            answers.append((_within(package.version, str(entry.get("range") or named.version)), entry))
    return _gravest(answers)


def _touches(weak: Record, part: Part) -> tuple[bool | None, Mapping[str, Any]]:
    """Whether a weakness is in the version of a component that goes out, and the entry that says so."""
    entries = [one for one in _entries(weak) if one.get("ci") == part.ci and one.get("status") not in _HARMLESS]
    return _gravest([(_within(part.version, str(one.get("range") or "")), one) for one in entries])


def _within(version: str, stated: str) -> bool | None:
    return is_in(version, stated) if version or not stated else None


def _gravest(answers: list[tuple[bool | None, Mapping[str, Any]]]) -> tuple[bool | None, Mapping[str, Any]]:
    order: tuple[bool | None, ...] = (True, None, False)
    return min(answers, key=lambda one: order.index(one[0]), default=(False, {}))


def _weak(
    question: Question, release: Record, weak: Record, inside: _Inside, answer: bool | None, entry: Mapping[str, Any]
) -> Found:
    versions = f", in versions {entry['range']}" if entry.get("range") else ""
    if answer is None:
        said = f"nobody can tell whether {inside.named} in {release.id} has {weak.id}{versions}"
        fix = f"say it under `affected` in {weak.path}: name the component, as affected or as not-affected"
        return Found(inside.path, Fault(inside.pointer, "PKG506", said, fix), weak.id, undecided=True)
    bad = weak.get("severity")
    has = "may have" if entry.get("status") == "under-investigation" else "has"
    how = f"({bad or 'not rated yet'}, {weak.state}, {where(weak, '/affected')}{versions})"
    said = f"{release.id} carries {inside.named}, which {has} {weak.id} {how}"
    typed = exception_typed("unpatched-vulnerability", (release.id, weak.id), ("PKG506",))
    fix = f"take in a version without it and name {weak.id} under `fixes`, or accept it with an exception ({typed})"
    is_grave = bad is None or weak.get("exploited") or is_at_least(question, weak, threshold_of(question))
    weight = None if is_grave else Severity.WARNING
    return Found(inside.path, Fault(inside.pointer, "PKG506", said, fix), weak.id, severity=weight)


def _troubled(question: Question, release: Record, inside: list[_Inside], parts: tuple[Part, ...]) -> Iterator[Found]:
    """Open problems of blocking severity on components that are inside; those on the parts themselves are PKG514's."""
    ledger, least = question.ledger, threshold_of(question)
    own, told = {part.ci for part in parts}, set(mended_by(release))
    known = _by_package(ledger, "ci")
    for one in inside:
        for ci in known.get(one.package.package, ()):
            if ci in own:
                continue
            for held in problems_on(ledger, Part(ci, one.package.version, "changed", one.pointer)):
                problem = held.problem
                if problem.id not in told and is_at_least(question, problem, least):
                    told.add(problem.id)
                    bad = f"({problem.get('severity')}, {problem.state}, {where(problem)})"
                    said = held.doubt or f"{release.id} carries {one.named}, which is {ci} and has {problem.id} {bad}"
                    fix = f"take in a version without it, or mend {problem.id} first"
                    fault = Fault(one.pointer, "PKG506", said, fix)
                    yield Found(one.path, fault, problem.id, undecided=bool(held.doubt))


@rule("PKG514", Reach.QUESTION, counts="SELECT count(*) FROM record WHERE kind = 'problem'")
def open_problem_on_a_component(question: Question) -> Iterator[Found | Remark]:
    """
    A component is changed on which a problem is open that is bad enough to hold up a release.

    ## Why
    Building on something that is broken hides the break, and its mending then waits for what was built on it. The
    pipeline of an application asks this before there is a release, with `opsledger gate ci-check CI-payments`. Where
    the versions that have the problem are written down and the one that is built is none of them, it is passed; so is
    what this very release fixes. Where a gate asks FLT751 too, that code says it. Source: S0-8.5.

    ## Examples
    ```yaml title="fails"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: high
    cis: [CI-payments]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    fixes: [PRB-2026-9001]
    # records/problems/PRB-2026-9001.yaml
    state: fix-ready
    severity: high
    cis: [CI-payments]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ```yaml title="passes, near miss: not bad enough"
    # asks: REL-2026-9001 -> packaged
    # records/releases/REL-2026-9001.yaml
    state: building
    scope: {cis: [{ci: CI-payments, version: 4.2.1}]}
    # records/problems/PRB-2026-9001.yaml
    state: investigating
    severity: medium
    cis: [CI-payments]
    # records/cis/CI-payments.yaml
    title: Payments
    ```

    ## Fix
    Mend the problem first, or with this release, or accept the risk for a while with an exception.
    """
    subject, least = question.subject, threshold_of(question)
    if _is_asked_elsewhere(question):
        yield Remark("FLT751 says which open problems its components have")
        return
    mended, told, parts = mended_by(question.release), set[str](), brought_parts(question)
    path = question.release.path if question.release is not None else subject.path
    for part in parts:
        for held in problems_on(question.ledger, part):
            problem = held.problem
            if problem.id not in told | mended and is_at_least(question, problem, least):
                told.add(problem.id)
                fault, doubtful = _open(question, part, held, least)
                yield Found(path, fault, problem.id, undecided=doubtful)
    yield from unread(question.ledger, "PKG514", "problem", f"it is on a component of {subject.id}", SHAPE)
    if not told:
        yield Remark(f"no open problem of severity {least} or worse is on {', '.join(part.ci for part in parts)}")


def _is_asked_elsewhere(question: Question) -> bool:
    """Whether the same gate asks FLT751, at full weight: it looks at the same components and at more."""
    codes = {code for _, code in question.gate.items("/codes")}
    return "FLT751" in codes and question.policy.severity("FLT751", Severity.ERROR, question.place) is Severity.ERROR


def _open(question: Question, part: Part, held: Held, least: str) -> tuple[Fault, bool]:
    """What is said of an open problem on a component, and whether nobody knows if what is brought has it."""
    problem, pointer = held.problem, part.pointer or question.state_pointer
    # A pipeline that does not say what it builds is told of every version.
    is_pipeline = question.subject.id == part.ci
    if held.doubt and not is_pipeline:
        return Fault(pointer, "PKG514", held.doubt, f"write the version of {part.ci} that is brought"), True
    bad = f"({problem.get('severity')}, {problem.state}, {where(problem)})"
    said = f"{_meets(question.subject, part)} has the open problem {problem.id} {bad}"
    typed = exception_typed("known-problem-release", (question.subject.id, problem.id), HELD_UP)
    fix = f"mend {problem.id} first, or accept the risk with an exception that names both ({typed})"
    fix += ", or say with --version which one is built" if held.doubt else ""
    return Fault(pointer, "PKG514", f"{said}; {least} or worse holds up what goes to {tier_of(question)}", fix), False


def _meets(subject: Record, part: Part) -> str:
    what = f"{part.ci} {part.version}".rstrip()
    return what if subject.id == part.ci else f"{subject.id} changes {what}, which"
