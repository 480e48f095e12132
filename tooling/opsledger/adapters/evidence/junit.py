"""JUnit reports, in the dialects that test runners write: each test with its outcome, and what it is tied to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from opsledger.adapters.evidence.words import line, moment, slug, span, text, tied
from opsledger.adapters.evidence.xml_text import walk
from opsledger.edit.evidence import Case, NotRead, Reading

MOST_CASES = 200_000
"""How many cases one report may hold."""

_ROOTS = frozenset({"testsuites", "testsuite"})
_BAD = frozenset({"failure", "error"})
_ENDED_BADLY = frozenset(
    {"failed", "fail", "failure", "error", "errored", "broken", "timeout", "timedout", "aborted", "crashed", "unstable"}
)
_REPEATED = frozenset({"flakyfailure", "flakyerror", "rerunfailure", "rerunerror", "rerun"})
_NOT_RUN = frozenset({"notrun", "skipped", "disabled", "suppressed", "ignored"})
_WORST = ("passed", "not-run", "failed")


def read(data: bytes) -> Reading:
    """
    Read a report.

    Suites may lie in each other or be missing, times may be missing, and tests may be repeated: one that passed in
    the end passed, and is counted as repeated; of two entries of the same name the worse one stands.

    Raises:
        NotRead: it is none.
    """
    report = _Report()
    walk(data, report, "a JUnit report")
    return report.reading()


@dataclass
class _Open:
    """The test that is being read."""

    key: str
    title: str
    result: str = "passed"
    is_repeated: bool = False
    actual: str = ""
    properties: dict[str, str] = field(default_factory=dict)

    def case(self) -> Case:
        """What was read of it."""
        said = self.properties
        problem = tied(said.get("problem")) or tied(self.key) or tied(self.title)
        covers = tuple(dict.fromkeys(filter(None, (slug(one.strip()) for one in said.get("covers", "").split(",")))))
        return Case(
            self.key, self.result, line(said.get("title", "")), problem, slug(said.get("criterion", "").strip()),
            covers, actual=self.actual if self.result == "failed" else "",
        )  # fmt: skip


@dataclass
class _Report:
    """What the elements add up to."""

    cases: dict[str, Case] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)
    claimed: dict[int, int] = field(default_factory=dict)
    took: dict[int, timedelta] = field(default_factory=dict)
    suites: list[str] = field(default_factory=list)
    open: _Open | None = None
    counted: int = 0
    failing: int = 0
    doubled: int = 0
    repeated: int = 0
    is_without_offset: bool = False

    def start(self, path: tuple[str, ...], attributes: Mapping[str, str]) -> None:
        """Take in the beginning of an element."""
        name = path[-1]
        if len(path) == 1 and name not in _ROOTS:
            fix = "name the file that the test runner wrote"
            raise NotRead(f"the file is not a JUnit report: it starts with <{line(name, 40)}>", fix)
        if name in _ROOTS:
            self._suite(len(path), attributes)
        elif name == "testcase":
            self._case(attributes)
        elif self.open is not None:
            self._inside(name, attributes)

    def end(self, path: tuple[str, ...], words: str) -> None:
        """Take in the end of an element."""
        name = path[-1]
        if name in _ROOTS and self.suites:
            self.suites.pop()
        elif name == "testcase" and self.open is not None:
            self._keep(self.open)
            self.open = None
        elif self.open is not None and name in _BAD and not self.open.actual:
            self.open.actual = text(words)
        elif self.open is not None and name == "property" and words.strip() and "" in self.open.properties:
            self.open.properties[self.open.properties.pop("")] = words.strip()

    def reading(self) -> Reading:
        """What the whole report says."""
        cases = tuple(self.cases.values())
        counts = {word: sum(case.result == word for case in cases) for word in ("passed", "failed", "not-run")}
        unlisted = max(0, max(self.claimed.values(), default=0) - self.failing)
        took = [one for level, one in self.took.items() if level == min(self.took)]
        named = next(iter(dict.fromkeys(filter(None, self.names))), "")
        return Reading(
            "junit", "test-run", f"Tests ({named})" if named else "Tests", self._result(counts, unlisted),
            "application/xml", max(self.ends, default=None), took[0] if took else None, cases=cases,
            counts={"tests": len(cases), **counts}, notes=self._notes(unlisted),
        )  # fmt: skip

    def _result(self, counts: Mapping[str, int], unlisted: int) -> str:
        if counts["failed"] or unlisted:
            return "failed"
        if not counts["passed"]:
            return "not-run"
        return "passed-with-issues" if self.repeated else "passed"

    def _notes(self, unlisted: int) -> tuple[str, ...]:
        said = (
            (unlisted, f"The report counts {unlisted:,} failures that none of its cases shows."),
            (self.doubled, f"Of {self.doubled:,} cases with the name of another, the worse outcome was kept."),
            (self.repeated, f"{self.repeated:,} cases passed only when they were repeated."),
            (self.is_without_offset and self.ends, "The report's times say no offset and were taken as UTC."),
        )
        return tuple(sentence for is_so, sentence in said if is_so)

    def _suite(self, level: int, attributes: Mapping[str, str]) -> None:
        self.suites.append(attributes.get("name", ""))
        self.names.append(line(attributes.get("name", ""), 80))
        took = span(attributes.get("time"))
        began, is_without_offset = moment(attributes.get("timestamp"))
        if began is not None:
            self.ends.append((began + (took or timedelta())).replace(microsecond=0))
            self.is_without_offset |= is_without_offset
        if took is not None:
            self.took[level] = self.took.get(level, timedelta()) + took
        stated = [attributes.get(name, "") for name in ("failures", "errors")]
        numbers = [int(one) for one in stated if one.isascii() and one.isdecimal() and len(one) < 10]
        if numbers:
            self.claimed[level] = self.claimed.get(level, 0) + sum(numbers)

    def _case(self, attributes: Mapping[str, str]) -> None:
        if self.open is not None:
            said = "a test lies in another, so nobody can tell whose outcome is whose"
            raise NotRead(said, "have the test runner write it again")
        self.counted += 1
        if self.counted > MOST_CASES:
            raise NotRead(f"the report holds more than {MOST_CASES:,} cases", "split it by test suite")
        name = line(attributes.get("name", "")) or f"case {self.counted} without a name"
        place = line(attributes.get("classname", "") or attributes.get("class", "")) or line("".join(self.suites[-1:]))
        self.open = _Open(line(f"{place}.{name}" if place else name), name)
        words = {attributes.get(one, "").strip().lower() for one in ("status", "result")}
        if words & _NOT_RUN:
            self.open.result = "not-run"
        elif words & _ENDED_BADLY:
            self.open.result = "failed"
            self.failing += 1

    def _inside(self, name: str, attributes: Mapping[str, str]) -> None:
        assert self.open is not None
        if name in _BAD:
            self.failing += 1
            self.open.result = "failed"
            self.open.actual = self.open.actual or text(attributes.get("message", ""))
        elif name in {"skipped", "disabled"} and self.open.result != "failed":
            self.open.result = "not-run"
        elif name in _REPEATED:
            self.open.is_repeated = True
        elif name == "property" and attributes.get("name", "").startswith("opsledger."):
            own = attributes["name"].removeprefix("opsledger.")
            self.open.properties["" if "value" not in attributes else own] = attributes.get("value", own)

    def _keep(self, one: _Open) -> None:
        case = one.case()
        self.repeated += one.is_repeated and case.result == "passed"
        other = self.cases.get(case.key)
        if other is None:
            self.cases[case.key] = case
            return
        self.doubled += 1
        worse, better = sorted((case, other), key=lambda one: _WORST.index(one.result), reverse=True)
        self.cases[case.key] = replace(
            worse, problem=worse.problem or better.problem, criterion=worse.criterion or better.criterion,
            covers=worse.covers or better.covers, title=worse.title or better.title,
        )  # fmt: skip
