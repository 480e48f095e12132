"""What each code of a gate answers, before lines are looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from opsledger.check import OF_LEDGERS, Weigh, weighed_by
from opsledger.errors import Undecided
from opsledger.finding import Fault, Severity
from opsledger.gate.model import Outcome
from opsledger.gate.waiving import DEVIATION, after_all, lightened
from opsledger.question import Question
from opsledger.rules.conditions import CONDITION, doubts_of
from opsledger.rules.own import asked_at_gate, own_rules, unjudged_at
from opsledger.rules.register import Found, Remark, Rule, register, stated
from opsledger.rules.silence import Quiet, silenced

ALWAYS = ("SCH", "LNK", "LCY")
"""The families that every gate asks, of the subject and of the records that it names."""

SIGNATURE = "SIG301"
UNREADABLE = "SCH009"
CONFLICT = "LCY209"

_SOFT: Mapping[str, Severity] = {"observe": Severity.NOTE, "warn": Severity.WARNING}


@dataclass(frozen=True)
class Said:
    """
    One code's answer: what was found against the subject, and by what it is met.

    Args:
        waived_by: the exceptions that cover it, as `Answer` says.
        until: when that ends, or what is owed is due.
        ended: the exceptions that covered it until they ended, by id.
        is_short: whether something is owed by the short way of emergencies alone.
    """

    code: str
    outcome: Outcome
    found: tuple[Found, ...] = ()
    remarks: tuple[str, ...] = ()
    waived_by: str = ""
    until: datetime | None = None
    ended: tuple[str, ...] = ()
    is_short: bool = False


def answers_to(question: Question, found: Sequence[Found], *, mode: str = "") -> tuple[Said, ...]:
    """
    Put each code of the gate to its subject, then those that every gate asks, then name those that come later.

    Args:
        found: what the rules find in the ledger as it stands.
        mode: what a no means, where that shall not be as the gate itself says.
    """
    asking = _Asking(question, tuple(found))
    gate = question.gate
    if not gate.is_readable:
        words = f"{gate.path} cannot be read or does not fit its schema, so nobody knows which moves it stands before"
        return (asking.in_doubt(UNREADABLE, words, "mend it on the base, whose gates hold here"),)
    if not question.policy.is_readable:
        words = (
            f"{question.policy.unreadable} cannot be read or does not fit its schema, so nobody knows what is in force"
        )
        return (asking.in_doubt(UNREADABLE, words, "mend it on the base, whose policy holds here"),)
    if words := _unknown_place(question):
        return (asking.in_doubt(UNREADABLE, words, f"describe {question.environment} in a record on the base first"),)
    if not question.applies:
        return ()
    return tuple(_softened(mode or gate.get("mode"), one) for one in asking.answers())


def _unknown_place(question: Question) -> str:
    """Why nobody knows what hangs on the environment that is asked about; empty where that is known."""
    place = question.place
    if not question.environment or (place is not None and place.is_readable):
        return ""
    if place is None:
        return f"no environment is called {question.environment} on the base, so nobody knows who depends on it"
    return f"{place.path} cannot be read or does not fit its schema, so nobody knows who depends on {place.id}"


def _softened(mode: object, said: Said) -> Said:
    """The answer of a gate that only watches or warns: nothing stops, and everything is said."""
    weight = _SOFT.get(str(mode))
    if weight is None or said.outcome in (Outcome.MET, Outcome.WAIVED, Outcome.OWED, Outcome.LATER):
        return said
    found = tuple(replace(one, severity=min(weight, one.severity or weight)) for one in said.found)
    return replace(said, outcome=Outcome.WARNED, found=found)


@dataclass(frozen=True, eq=False)
class _Asking:
    """One question, with what was found in its ledger beforehand."""

    question: Question
    found: tuple[Found, ...]

    @cached_property
    def weigh(self) -> Weigh:
        return weighed_by(self.question.policy, self.question.place)

    @cached_property
    def quiet(self) -> Quiet:
        step = self.question.step
        return Quiet.of(self.question.ledger, self.found, () if step is None else (step,))

    def answers(self) -> Iterator[Said]:
        asked = list(self.each())
        for code, found in after_all(self.question, asked):
            place = next((at for at, one in enumerate(asked) if one.code == code), None)
            if place is None or asked[place].outcome is Outcome.LATER:
                asked += [self.settled(code, found)] if code == DEVIATION else []
            else:
                said = {(one.path, one.fault.pointer) for one in found}
                others = [one for one in asked[place].found if (one.path, one.fault.pointer) not in said]
                asked[place] = self.settled(code, (*others, *found), asked[place].remarks)
        doubts = tuple(doubts_of(self.question, (one.code for one in asked)))
        return iter([*asked, Said(CONDITION, Outcome.UNDECIDED, doubts)] if doubts else asked)

    def each(self) -> Iterator[Said]:
        standing = self.standing()
        codes = self.codes()
        for code in codes:
            yield self.answer(code, standing.pop(code, ()))
        for code, several in sorted(standing.items()):
            yield self.settled(code, several)
        rules = register()
        for _, code in self.question.gate.items("/later"):
            if code not in codes:
                ready = ("this version judges it: move it to `codes` to have it asked",) if code in rules else ()
                yield Said(str(code), Outcome.LATER, remarks=ready)

    def codes(self) -> tuple[str, ...]:
        """What the gate asks; a signature that it names is asked even where its code was forgotten."""
        gate = self.question.gate
        later = {code for _, code in gate.items("/later")}
        named = [str(code) for _, code in gate.items("/codes")]
        if gate.get("signatures") and SIGNATURE not in later:
            named.append(SIGNATURE)
        return tuple(dict.fromkeys(named))

    def standing(self) -> dict[str, tuple[Found, ...]]:
        """What stands against the subject and the records that it names, of the families that are always asked."""
        ledger, subject = self.question.ledger, self.question.subject
        named = (ledger.find(link.target) for link in ledger.links(subject.id))
        paths = {subject.path, *(record.path for record in named if record is not None)}
        standing: dict[str, tuple[Found, ...]] = {}
        for one in dict.fromkeys(self.found):
            code = one.fault.code
            is_grave = code[:3] in ALWAYS and one.path in paths and self.weigh(one) is Severity.ERROR
            if is_grave and not silenced(one, self.quiet):
                doubtful = replace(one, undecided=True) if code == UNREADABLE else one
                standing[code] = (*standing.get(code, ()), doubtful)
        return standing

    def answer(self, code: str, standing: Iterable[Found]) -> Said:
        rule = register().get(code)
        own = [] if rule else own_rules(self.question.policy, code=code)
        if rule is None and not own and code not in self.stated_codes():
            words = f"{self.question.gate.id} asks {code}, which this version of opsledger does not judge"
            return self.in_doubt(code, words, f"list {code} under `later` on the base, or run a version that judges it")
        found = list(standing)
        known = {(one.path, one.fault.pointer) for one in found}
        found += [one for one in self.target(code) if (one.path, one.fault.pointer) not in known]
        remarks: list[str] = []
        if code == SIGNATURE:
            found += [self.unknown(role) for role in self.question.unknown_roles]
            remarks += self.question.unasked
        if own:
            found += unjudged_at(self.question, code)
        try:
            for one in self.asked(code, rule):
                if isinstance(one, Remark):
                    remarks.append(one.sentence)
                else:
                    found.append(one)
        except Undecided as unknown:
            found.append(self.doubt(code, unknown.missing, unknown.remedy))
        except OverflowError:  # of times: nothing else that a rule counts has an end
            missing = f"no calendar reaches as far as {self.question.as_of:%Y-%m-%d}"
            found.append(self.doubt(code, missing, "ask for a time that somebody can plan for"))
        return self.settled(code, found, remarks)

    def asked(self, code: str, rule: Rule | None) -> Iterator[Found | Remark]:
        """What the rule of a code says of the subject."""
        question = self.question
        if rule is None and own_rules(question.policy, code=code):
            yield from asked_at_gate(question, code)
        elif rule is None:
            yield from self.about_subject(stated(question.ledger, code))
        elif rule.ask_gate is not None:
            yield from rule.ask_gate(question)
        elif rule.reach in OF_LEDGERS:
            yield from self.about_subject(rule.ask(question.ledger))
        elif code != CONFLICT:
            if question.step is None:
                missing = f"{code} looks at what a pull request did, and a commit is judged here by itself"
                raise Undecided(missing, "name with --base what the commit is to be merged into")
            yield from rule.ask(question.step)

    def about_subject(self, found: Iterable[Found]) -> Iterator[Found]:
        subject = self.question.subject
        return (one for one in found if one.path == subject.path or subject.id in one.about.split())

    def target(self, code: str) -> Iterator[Found]:
        """What the state that the record is to go to asks under a code, judged before it is there."""
        subject, after = self.question.subject, self.question.move.after
        lifecycle = subject.kind.lifecycle
        if lifecycle is None:
            return
        there = {**subject.data, lifecycle.field: after}
        for asked in lifecycle.requirements(after):
            if asked.code == code and not asked.is_met(there, lifecycle.definitions):
                fix = asked.fix or f"fill in `{asked.at.lstrip('/').replace('/', '.')}`"
                said = f"{subject.id} may not become {after} at {self.question.gate.id}: {asked.says}"
                one = Found(subject.path, Fault(asked.at, code, said, fix))
                if not silenced(one, self.quiet):
                    yield one

    def stated_codes(self) -> frozenset[str]:
        """The codes that the states of some kind ask for."""
        lifecycles = (kind.lifecycle for kind in self.question.ledger.kinds.values())
        return frozenset(asked.code for lifecycle in lifecycles if lifecycle for asked in lifecycle.requires)

    def settled(self, code: str, found: Iterable[Found], remarks: Iterable[str] = ()) -> Said:
        """The answer that findings make: one that stops outranks doubt, and doubt outranks what can still be given."""
        light = lightened(self.question, code, tuple(dict.fromkeys(found)), self.weigh)
        kept = light.found
        grave = [one for one in kept if self.weigh(one) is Severity.ERROR]
        # Outside a pull request no review can be given any more.
        can_wait = self.question.step is not None
        if any(not one.undecided and not (one.awaiting and can_wait) for one in grave):
            outcome = Outcome.BLOCKED
        elif any(one.undecided for one in grave):
            outcome = Outcome.UNDECIDED
        elif grave:
            outcome = Outcome.AWAITING
        elif light.until is not None:
            outcome = Outcome.OWED if light.is_owed else Outcome.WAIVED
        else:
            outcome = Outcome.WARNED if kept else Outcome.MET
        is_short = outcome is Outcome.OWED and light.is_short
        return Said(code, outcome, kept, tuple(remarks), light.waived_by, light.until, light.ended, is_short)

    def unknown(self, role: str) -> Found:
        said = f"{self.question.gate.id} asks for a signature of {role}, which no role record of the judge describes"
        return self.doubt(SIGNATURE, said, f"describe {role} in a role record on the base, or correct the gate there")

    def in_doubt(self, code: str, missing: str, remedy: str) -> Said:
        return Said(code, Outcome.UNDECIDED, (self.doubt(code, missing, remedy),))

    def doubt(self, code: str, missing: str, remedy: str) -> Found:
        question = self.question
        fault = Fault(question.state_pointer, code, missing, remedy)
        return Found(question.subject.path, fault, undecided=True)
