"""What results say of a release's package: which of them count, which are stale, and which cases they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from opsledger.errors import Undecided
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment, spoken
from opsledger.packages import digest_of, evidence_for, replaced_among, when
from opsledger.question import Question
from opsledger.rules.register import Found
from opsledger.rules.unread import unread
from opsledger.yamlfile import at

PASSED = ("passed", "passed-with-issues")
RUN = (*PASSED, "failed")
TESTS = frozenset(
    {"test-run", "load-test", "uat", "smoke", "synthetic", "scan", "metric-comparison", "patch-compliance"}
)
"""The types of evidence that come from trying something out."""

RENEWED = frozenset({"test-run", "load-test", "uat", "scan", "rehearsal"})
"""The types that must be made anew for each build, once they were made for one."""

_SHAPE = ("/type", "/result", "/at", "/package_digest", "/subjects", "/cases")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Case:
    """One case of a result, with what it says that it is about; what it does not say is empty."""

    evidence: Record = field(repr=False)
    pointer: str
    key: str
    result: str
    problem: str = ""
    criterion: str = ""
    retest_of: str = ""
    disposition: Mapping[str, Any] = field(default_factory=dict)

    def shows(self, problem: str) -> bool:
        """Whether it tries a problem, or one of its regression tests."""
        return self.problem.partition("#")[0] == problem

    def is_called(self, id: str) -> bool:
        """Whether a short name means it."""
        return names(self.key, id)


@dataclass(frozen=True)
class Stale:
    """
    A result that does not count for the package as it is now.

    Args:
        pointer: where in it that shows.
        why: what is so of it, as the end of a sentence that begins with its id.
        named: where the release names it, or empty.
    """

    evidence: Record
    pointer: str
    why: str
    named: str


@dataclass(frozen=True, eq=False)
class Results:
    """
    The results that speak of a release, the newest first; those that another one replaces are left out.

    Args:
        counted: those of this very package that are not too old.
        stale: the others, where they are of a sort that must be about a package.
    """

    release: Record
    digest: str
    counted: tuple[Record, ...]
    stale: tuple[Stale, ...]

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The cases of what counts, the newest first."""
        return tuple(case for evidence in self.counted for case in cases_of(evidence))

    @cached_property
    def reported(self) -> tuple[Stale, ...]:
        """What is stale and must be made anew: what the release names, and the newest of each type that is lacking."""
        lacking = RENEWED - {str(one.get("type")) for one in self.counted}
        kept = []
        for one in self.stale:
            type = str(one.evidence.get("type"))
            if one.named or type in lacking:
                kept.append(one)
                lacking -= {type}
        return tuple(kept)

    def are_told_stale(self, question: Question, evidence: Iterable[Record]) -> bool:
        """Whether TES612 says of one of some results that it is stale, so that nothing else needs to say it."""
        told = {one.evidence.id for one in self.reported} if is_asked(question, "TES612") else set()
        return any(one.id in told for one in evidence)


_KNOWN: WeakKeyDictionary[Question, Results] = WeakKeyDictionary()


def results_of(question: Question) -> Results:
    """
    The results that speak of the release that a question is about; gathered once for each question.

    Raises:
        Undecided: it is about no release, or nobody can tell how old a result may be.
    """
    release = question.release
    if release is None:
        missing = f"{question.subject.id} names no release that can be read, so nobody knows whose results to look at"
        raise Undecided(missing, "name the release, or ask at a gate of releases")
    if question not in _KNOWN:
        _KNOWN[question] = _gathered(question, release)
    return _KNOWN[question]


def unread_results(question: Question, code: str) -> Iterator[Found]:
    """
    The evidence that cannot be read: it may be of this package, and its digest is inside.

    No gate that asks for results is open beside such a file, whichever release it was written for.
    """
    release = question.release.id if question.release else question.subject.id
    return unread(question.ledger, code, "evidence", f"it speaks of {release}", _SHAPE)


def of_package(results: Results) -> str:
    """The option of an import that says which package a result is about; empty where the release has none."""
    return f" --package-digest {results.digest}" if results.digest else ""


def is_asked(question: Question, code: str) -> bool:
    """Whether the gate asks a code."""
    return code in {named for _, named in question.gate.items("/codes")}


def cases_of(evidence: Record) -> Iterator[Case]:
    """The cases that a result holds, in its order."""
    for pointer, stated in evidence.items("/cases"):
        if isinstance(stated, dict):
            words = {name: str(stated.get(name) or "") for name in ("problem", "criterion", "retest_of")}
            disposition = stated.get("disposition")
            decided = disposition if isinstance(disposition, dict) else {}
            key, result = str(stated.get("key") or ""), str(stated.get("result") or "")
            yield Case(evidence, pointer, key, result, **words, disposition=decided)


def names(text: str, id: str) -> bool:
    """Whether a name, or a part of it between blanks, dots, slashes, colons and brackets, is that short name."""
    parts = re.split(r"[./:\s\[\]()#]+", text.lower().replace("_", "-"))
    return text == id or not {id, f"test-{id}"}.isdisjoint(parts)


def newest(cases: Iterable[Case]) -> Iterator[Case]:
    """Of the cases of one name in one environment those of the newest result, given the newest first."""
    known: dict[tuple[str, str], str] = {}
    for case in cases:
        place = str(case.evidence.get("environment") or "")
        if known.setdefault((case.key, place), case.evidence.id) == case.evidence.id:
            yield case


def subjects_of(evidence: Record) -> frozenset[str]:
    """The ids that a result says something about."""
    return frozenset(str(id) for _, id in evidence.items("/subjects"))


def has_passed(evidence: Record) -> bool:
    """Whether a result as a whole is a good one."""
    return evidence.get("result") in PASSED


def span(text: object) -> timedelta | None:
    """A length of time as records write it, such as *30m* or *7d*; `None` for anything else."""
    found = re.fullmatch(r"([0-9]{1,5})([smhd])", text) if isinstance(text, str) else None
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def short(digest: str) -> str:
    """A digest as a sentence shows it: its first figures, which nobody mistakes for another's."""
    return digest if len(digest) <= 20 else f"{digest[:19]}…"


def _gathered(question: Question, release: Record) -> Results:
    digest = digest_of(release)
    speaking = evidence_for(question.ledger, release)
    replaced = replaced_among(one for one in speaking if when(one, "at") <= question.as_of)
    named = _named(question.ledger, release)
    counted, stale = [], []
    for evidence in speaking:
        if evidence.id in replaced:
            continue
        doubt = _doubt(question, release, digest, evidence)
        if doubt is None:
            counted.append(evidence)
        elif str(evidence.get("type")) in TESTS | RENEWED or evidence.id in named:
            stale.append(Stale(evidence, *doubt, named.get(evidence.id, "")))
    return Results(release, digest, tuple(counted), tuple(stale))


def _named(ledger: Ledger, release: Record) -> dict[str, str]:
    """The results on which a release says that its acceptance rests, each with where it says so."""
    links = ledger.links(release.id)
    return {link.target: link.pointer for link in links if link.pointer.startswith("/acceptance/evidence/")}


def _doubt(question: Question, release: Record, digest: str, evidence: Record) -> tuple[str, str] | None:
    """Why a result does not count: where that shows, and what is so of it; `None` where it counts."""
    theirs = digest_of(evidence)
    if not digest:
        return "/package_digest", f"cannot be held against {release.id}, which has no package digest"
    if not theirs:
        return "", f"does not say which package it is about, and {release.id} has {short(digest)}"
    if theirs != digest:
        return "/package_digest", f"is about the package {short(theirs)}, and {release.id} now has {short(digest)}"
    made = moment(evidence.get("at"))
    if made is None:
        return "/at", "does not say when it was made"
    if made > question.as_of:
        return "/at", f"is of {spoken(made)}, after the time that is judged for"
    return _age(question, release, evidence, made)


def _age(question: Question, release: Record, evidence: Record, made: datetime) -> tuple[str, str] | None:
    limits = dict(_limits(question, release, str(evidence.get("type"))))
    over = {limit: who for limit, who in limits.items() if question.as_of - made > limit}
    if not over:
        return None
    least = min(over)
    return "/at", f"is of {spoken(made)}, and {over[least]} lets a {evidence.get('type')} count for {_said(least)}"


def _limits(question: Question, release: Record, type: str) -> Iterator[tuple[timedelta, str]]:
    stated = {"the policy": question.policy.at("evidence", "max_age", type)}
    if type in TESTS:
        stated[f"the test plan of {release.id}"] = at(release.data, "/test_plan/evidence_max_age") or None
    for who, text in stated.items():
        if text is not None:
            limit = span(text)
            if limit is None:
                raise Undecided(f"{who} lets a {type} count for {text!r}, which is no length of time", "write 7d, say")
            yield limit, who


def _said(limit: timedelta) -> str:
    days, rest = limit.days, limit.seconds
    return f"{days} days" if not rest else f"{limit.total_seconds() / 3600:g} hours"
