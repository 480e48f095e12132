"""The register of rules: how a function becomes a rule, and what its docstring says."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from opsledger.errors import OpsledgerError
from opsledger.finding import Fault, Place, Severity
from opsledger.ledger import Ledger, Record
from opsledger.policy import Policy

ALL_RECORDS = "SELECT count(*) FROM record"


class Reach(Enum):
    """How far a rule looks, and so when it must be asked again."""

    RECORD = "one record"
    LINK = "a record and those that it names"
    GLOBAL = "the whole ledger"
    STEP = "a record before and after one pull request or push"
    QUESTION = "a record that a gate is asked about"
    COMMITS = "the commits that a pull request or push brings"


@dataclass(frozen=True)
class Found:
    """
    What a rule says, before its line is looked up.

    Args:
        path: the file, from the ledger's root.
        fault: pointer and words.
        about: the other record that it speaks of, or empty.
        place: where it stands, if that is known already.
        undecided: of a rule that a gate asks: whether something could not be looked at, so that nothing is decided.
        awaiting: of a rule that a gate asks: whether a review of the very pull request that is judged can still give
            what is missing.
        severity: its weight, where that is not the one of its code.
        waived: of what a gate found: whether an exception covers it, or it is owed after an emergency.
    """

    path: str
    fault: Fault
    about: str = ""
    place: Place | None = None
    undecided: bool = False
    awaiting: bool = False
    severity: Severity | None = None
    waived: bool = False


@dataclass(frozen=True)
class Remark:
    """What a rule that a gate asks says beside its findings: by what it is met, in one sentence without a stop."""

    sentence: str


Asked = Callable[..., Iterable[Any]]


@dataclass(frozen=True)
class Example:
    """A part of a record that a rule refuses or lets pass: its title and its text."""

    title: str
    text: str

    @property
    def fails(self) -> bool:
        """Whether the rule must speak."""
        return self.title.startswith("fails")


@dataclass(frozen=True)
class Rule:
    """
    One thing that must hold.

    Args:
        code: three letters and three digits, never used again.
        ask: the function that judges; of reach *question* the one that a gate asks.
        severity: its weight where the policy says nothing.
        counts: SQL for the number of records that it judges in a ledger.
        ask_gate: what a gate asks under this code, given a `Question`; `None` where it asks `ask`, of the subject.
    """

    code: str
    ask: Asked
    reach: Reach
    severity: Severity
    counts: str = ALL_RECORDS
    ask_gate: Asked | None = None

    @property
    def name(self) -> str:
        """The fault that it names, as it reads after *allow*."""
        return self.ask.__name__.replace("_", " ")

    @property
    def title(self) -> str:
        """What is wrong when it speaks, in one sentence."""
        return inspect.cleandoc(self.ask.__doc__ or "").partition("\n\n")[0].replace("\n", " ")

    @property
    def why(self) -> str:
        """Why it must hold, with the requirement it comes from."""
        return self._section("Why")

    @property
    def fix(self) -> str:
        """What to do about it."""
        return self._section("Fix")

    @property
    def examples(self) -> tuple[Example, ...]:
        """What fails and what passes; run as the rule's first tests."""
        blocks = re.findall(r"```yaml title=\"([^\"]+)\"\n(.*?)```", self._section("Examples"), re.DOTALL)
        return tuple(Example(title, text) for title, text in blocks)

    def _section(self, heading: str) -> str:
        page = inspect.cleandoc(self.ask.__doc__ or "")
        found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
        return found[1].strip() if found else ""


class NoSuchRule(OpsledgerError, LookupError):
    """The register has no rule of that code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"no rule has the code {self.code!r}; `opsledger rules` lists them"


_REGISTER: dict[str, Rule] = {}
_AT_GATES: dict[str, Asked] = {}


def rule(
    code: str, reach: Reach, *, severity: Severity = Severity.ERROR, counts: str = ALL_RECORDS
) -> Callable[[Asked], Asked]:
    """
    Enter a function into the register under a code.

    A function of reach *question* is given a `Question` and yields `Found` and `Remark`; the others are given the
    ledger, or a step, and yield `Found`.
    """

    def entered(ask: Asked) -> Asked:
        if code in _REGISTER:
            raise ValueError(f"{code} is taken by {_REGISTER[code].name}")
        _REGISTER[code] = Rule(code, ask, reach, severity, counts, ask if reach is Reach.QUESTION else None)
        return ask

    return entered


def asked_at_gates(code: str) -> Callable[[Asked], Asked]:
    """
    Enter what a gate asks under a code whose rule, entered with `rule`, is of another reach.

    The function is given a `Question` and yields `Found` and `Remark`; the page of the code is the rule's.
    """

    def entered(ask: Asked) -> Asked:
        if code in _AT_GATES:
            raise ValueError(f"{code} is asked at gates by {_AT_GATES[code].__name__}")
        _AT_GATES[code] = ask
        return ask

    return entered


def register() -> Mapping[str, Rule]:
    """All rules by code, in order of their codes."""
    # Importing a subject enters its rules.
    from opsledger.rules import (  # noqa: F401
        altered,
        chain,
        commits,
        conditions,
        contention,
        contents,
        deployments,
        deviations,
        duties,
        early_life,
        emergency_windows,
        failures,
        faults,
        fieldmaps,
        flagged,
        form,
        freshness,
        governance,
        imports,
        known_errors,
        ladder,
        lifecycle,
        links,
        owners,
        paths,
        pause,
        planned_tests,
        proofs,
        releases,
        retention,
        rollback,
        rollout,
        segregation,
        sides,
        signatures,
        signed,
        slots,
        smoke,
        verification,
        waiver_limits,
        waivers,
        way_back,
        what_runs,
        windows,
    )

    entered = {code: replace(_REGISTER[code], ask_gate=ask) for code, ask in _AT_GATES.items()}
    return dict(sorted({**_REGISTER, **entered}.items()))


def rule_called(code: str) -> Rule:
    """
    The rule of a code, however it is cased.

    Raises:
        NoSuchRule: there is none.
    """
    try:
        return register()[code.upper()]
    except KeyError:
        raise NoSuchRule(code) from None


def stated(ledger: Ledger, code: str) -> Iterator[Found]:
    """What was found against a code when records were read: the clauses that stand in schemas and in record rules."""
    rows = ledger.database.execute(
        "SELECT record.path, fault.pointer, fault.message, fault.fix, fault.on_key FROM fault "
        "JOIN record ON record.number = fault.record WHERE fault.code = ? ORDER BY record.path, fault.rowid",
        (code,),
    )
    for path, pointer, message, fix, on_key in rows:
        yield Found(path, Fault(pointer, code, message, fix, bool(on_key)))


def record_faults(record: Record, data: Mapping[str, Any], policy: Policy) -> Iterator[Fault]:
    """What the rules that are functions of one record find in it; `load` asks this once for each new content."""
    from opsledger.rules.form import id_unlike_its_path, release_name_off_template
    from opsledger.rules.smoke import smoke_that_failed

    yield from id_unlike_its_path(record, data)
    yield from release_name_off_template(record, data, policy)
    yield from smoke_that_failed(record, data, policy)
    if policy.own:
        from opsledger.rules.own import own_faults  # a ledger without rules of its own pays nothing

        yield from own_faults(record, data, policy)
