"""The parts of a comment on a pull request: lines under heads, each with how much it matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from opsledger.finding import Finding, Severity
from opsledger.proposal.model import Edit, Loosened, Proposal, RecordStep, Sought, Unsigned
from opsledger.report.comment_ink import Ink, called, listed, person

if TYPE_CHECKING:
    from opsledger.gate.model import Answer, Verdict

_MOST_EDITS = 20


@dataclass(frozen=True)
class Line:
    """One line of a list; `depth` counts how far in it stands, `under` is a second line of the same entry."""

    text: str
    depth: int = 0
    under: str = ""


@dataclass(frozen=True)
class Part:
    """
    Lines under a head.

    Args:
        name: for cutting: which part this is.
        folded: whether a forge shows it only when it is asked for.
        picture: a diagram that stands before the lines, in Mermaid's words; empty for none.
    """

    name: str
    head: str
    lines: tuple[Line, ...]
    folded: bool = False
    picture: str = ""


def parts(proposal: Proposal, ink: Ink) -> tuple[Part, ...]:
    """Return the parts that have something to say, in the order of reading, but for the graph."""
    findings = [one for one in proposal.findings if one.severity is not Severity.NOTE]
    notes = [one for one in proposal.findings if one.severity is Severity.NOTE]
    moving = [step for step in proposal.steps if step.states]
    found = (
        Part("findings", "What stands against it", tuple(_findings(findings, proposal.elsewhere, ink))),
        Part("undecided", "What could not be looked at", tuple(_plain(proposal.undecided, ink, "undecided"))),
        Part("approvals", "Who must approve", tuple(_approvals(proposal.sought, ink))),
        Part("signing", "What each approval signs", tuple(_signing(proposal.sought, ink)), folded=True),
        Part("gates", "Moves and their gates", tuple(_moves(moving, proposal, ink))),
        Part("judge", "Changes to the judge itself", tuple(_judge(proposal.loosened, ink))),
        Part("clashes", "Where it meets other open work", tuple(_clashes(proposal, ink))),
        Part("changes", "What changes", tuple(_changes(proposal.steps, ink))),
        Part("remarks", "Remarks", tuple(_remarks(proposal, notes, ink)), folded=True),
    )
    return tuple(part for part in found if part.lines)


def _signed_line(ink: Ink, sign: str, words: str, depth: int = 0, under: str = "") -> Line:
    return Line(f"{ink.sign(sign)} {words}".strip(), depth, under)


def _plain(sentences: Iterable[str], ink: Ink, sign: str) -> Iterator[Line]:
    return (_signed_line(ink, sign, ink.text(sentence)) for sentence in sentences)


def _findings(findings: Iterable[Finding], elsewhere: Sequence[str], ink: Ink) -> Iterator[Line]:
    """Yield findings by file, the files with the gravest first, those that the pull request leaves alone last."""
    files = [list(group) for _, group in groupby(sorted(findings), key=lambda one: one.place.path)]
    away = [group for group in files if group[0].place.path in elsewhere]
    yield from _by_file([group for group in files if group not in away], ink)
    if away:
        yield Line("In files that this pull request leaves as they are:")
        yield from _by_file(away, ink)


def _by_file(files: Iterable[list[Finding]], ink: Ink) -> Iterator[Line]:
    for group in sorted(files, key=lambda found: (-max(one.severity for one in found), found[0].place.path)):
        yield Line(ink.code(group[0].place.path))
        for one in group:
            where = f"line {one.place.line}, " if one.place.line > 1 else ""
            weight = "" if one.severity is Severity.ERROR else f" ({one.severity.word})"
            words = f"{where}{ink.strong(one.code)}{weight}: {ink.text(one.message)}"
            yield _signed_line(ink, one.severity.word, words, 1, f"fix: {ink.text(one.fix)}" if one.fix else "")


def _approvals(asked: Iterable[Sought], ink: Ink) -> Iterator[Line]:
    for one in asked:
        gates = listed([ink.text(gate) for gate in one.gates])
        roles = listed([person(ink, role) for role in one.roles])
        people = f", {one.quorum} people in all" if one.quorum > 1 else ""
        sign = "met" if one.is_met else "undecided" if one.undecided else "awaiting"
        what = f"the {ink.strong(one.scope)} of {called(ink, one.subject)}"
        yield _signed_line(ink, sign, f"{what}: {roles}{people} ({gates} {'asks' if len(one.gates) == 1 else 'ask'})")
        yield from _signatures(one, ink)


def _signatures(one: Sought, ink: Ink) -> Iterator[Line]:
    for signed in one.signed:
        remark = f"; {ink.text(signed.remark)}" if signed.remark else ""
        words = f"{person(ink, signed.party)} signed as {person(ink, signed.role)}, {ink.text(signed.at)}"
        yield _signed_line(ink, "met", f"{words} ({ink.text(signed.source)}){remark}", 1)
    for wanted in one.wanted:
        who = listed([person(ink, holder) for holder in wanted.holders])
        can = f"{who} can" if who else "nobody can: no one who holds it is independent of this content"
        yield _signed_line(
            ink, "awaiting", f"nobody has signed as {ink.strong(wanted.role.title or wanted.role.id)} yet; {can}", 1
        )
    if one.short:
        more = f"{one.short} more {'person has' if one.short == 1 else 'people have'} to sign"
        yield _signed_line(ink, "awaiting", more, 1)
    for unsigned in one.unsigned:
        sign = "undecided" if unsigned.undecided else "not counted"
        fix = f"fix: {ink.text(unsigned.fix)}" if unsigned.fix else ""
        yield _signed_line(ink, sign, _not_counted(unsigned, ink), 1, fix)
    for missing in one.undecided:
        yield _signed_line(ink, "undecided", ink.text(missing), 1)


def _not_counted(unsigned: Unsigned, ink: Ink) -> str:
    whose = person(ink, unsigned.party) if unsigned.party.id else "a signature of somebody unknown"
    role = f" as {person(ink, unsigned.role)}" if unsigned.role.id else ""
    verb = "may count later" if unsigned.undecided else "does not count"
    return f"{whose}{role} ({ink.text(unsigned.source)}) {verb}: {ink.text(unsigned.why)}"


def _signing(asked: Iterable[Sought], ink: Ink) -> Iterator[Line]:
    for one in asked:
        yield Line(f"the {ink.strong(one.scope)} of {called(ink, one.subject)}")
        fields = listed([ink.code(pointer) for pointer in one.pointers], most=40)
        yield Line(f"covers {fields}" if fields else "covers nothing: the kind has no such scope", 1)
        if one.digest:
            yield Line(f"digest {ink.code(one.digest)}", 1)


def _moves(moving: Iterable[RecordStep], proposal: Proposal, ink: Ink) -> Iterator[Line]:
    for step in moving:
        way = " → ".join(ink.text(state) for state in step.states)
        legal = "" if step.is_legal else ": there is no such way"
        yield _signed_line(ink, "move", f"{called(ink, step.record)}: {way}{legal}")
        asked = [verdict for verdict in proposal.verdicts if verdict.subject == step.record.id]
        for verdict in asked:
            yield from _verdict(verdict, proposal.findings, ink)
        if not asked and step.is_legal:
            yield Line("no gate stands before this", 1)


def _verdict(verdict: Verdict, told: Sequence[Finding], ink: Ink) -> Iterator[Line]:
    mode = {"warn": ", and only warns", "observe": ", and only watches"}.get(verdict.mode, "")
    move = f"{ink.text(verdict.move.before)} → {ink.text(verdict.move.after)}"
    words = f"{ink.strong(verdict.gate)} ({move}) is {ink.text(verdict.outcome)}{mode}"
    sign = verdict.outcome if verdict.outcome in ("open", "blocked") else "undecided"
    yield _signed_line(ink, sign, words, 1)
    short: dict[str, list[str]] = {}
    for answer in verdict.answers:
        # Of what comes later, that it could be asked now is for the gate's keeper, and not for this reader.
        said = [*_untold(answer, told), *answer.remarks] if answer.outcome.value != "later" else []
        if not said:
            short.setdefault(answer.outcome.value, []).append(answer.code)
        for sentence in said:
            yield _signed_line(ink, _ANSWERS.get(answer.outcome.value, answer.outcome.value),
                               f"{ink.strong(answer.code)} {ink.text(sentence)}", 2)  # fmt: skip
    for outcome, codes in sorted(short.items(), key=lambda one: _RANKS.index(one[0])):
        yield Line(
            _SHORT.get(outcome, f"{outcome}: {{}}").format(listed([ink.text(code) for code in codes], most=40)), 2
        )


_ANSWERS = {"blocked": "no"}
_RANKS = ("blocked", "awaiting", "undecided", "owed", "waived", "warned", "met", "later")
_SHORT = {"blocked": "no: {} (see above)", "met": "yes: {}", "awaiting": "waits: {} (see above)",
          "later": "named in the gate, and not judged yet by this version: {}"}  # fmt: skip


def _untold(answer: Answer, told: Sequence[Finding]) -> Iterator[str]:
    """Yield what a code says and no finding has said: of what a gate refuses, a check makes findings at the state."""
    known = [one.message for one in told if one.code == answer.code]
    for one in answer.findings:
        if not any(message.endswith(one.message) for message in known):
            yield one.message


def _judge(loosened: Sequence[Loosened], ink: Ink) -> Iterator[Line]:
    for one in loosened:
        yield _signed_line(ink, "looser" if one.is_looser else "other", ink.text(one.sentence))
    if loosened:
        yield Line("All of this is judged by the base, and takes force only after the merge.")


def _clashes(proposal: Proposal, ink: Ink) -> Iterator[Line]:
    for clash in proposal.clashes:
        yield _signed_line(ink, "undecided" if clash.sort == "undecided" else "clash", ink.text(clash.sentence))


def _changes(steps: Iterable[RecordStep], ink: Ink) -> Iterator[Line]:
    for step in steps:
        state = f" ({ink.text(step.record.state)})" if step.record.state and step.sort == "new" else ""
        if step.sort != "changed":
            yield _signed_line(ink, step.sort, f"{step.sort}: {called(ink, step.record)}{state}")
            continue
        if not step.edits and not step.renamed_from:
            if not step.states:
                yield _signed_line(ink, "other", f"{called(ink, step.record)}: only the way it is written")
            continue
        yield _signed_line(ink, "other", called(ink, step.record))
        if step.renamed_from:
            yield Line(f"moved from {ink.code(step.renamed_from)} to {ink.code(step.path)}", 1)
        yield from (Line(_edit(edit, ink), 1) for edit in step.edits[:_MOST_EDITS])
        if len(step.edits) > _MOST_EDITS:
            yield Line(f"and {len(step.edits) - _MOST_EDITS} more fields", 1)


def _edit(edit: Edit, ink: Ink) -> str:
    where = ink.strong(edit.where)
    match edit.sort:
        case "set":
            return f"{where}: now {ink.text(edit.after)}"
        case "removed":
            return f"{where}: no longer {ink.text(edit.before)}"
        case "added":
            return f"{where}: adds {ink.text(edit.after)}"
        case "dropped":
            return f"{where}: drops {ink.text(edit.before)}"
        case "reworded":
            return f"{where}: {ink.words(edit.pieces)}"
        case _:
            return f"{where}: {ink.change(edit.before, edit.after)}"


def _remarks(proposal: Proposal, notes: Iterable[Finding], ink: Ink) -> Iterator[Line]:
    yield from (Line(ink.text(note)) for note in proposal.notes)
    for one in notes:
        yield Line(f"{ink.code(str(one.place))} {ink.strong(one.code)} {ink.text(one.message)}")
    for path in proposal.reverted:
        words = "was changed on the way and changed back: a squash leaves no trace of it, a merge commit does"
        yield Line(f"{ink.code(path)} {words}")
