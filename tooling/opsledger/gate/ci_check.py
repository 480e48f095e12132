"""What the pipeline of an application asks before there is a release: may something be built on these components."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from opsledger import __version__
from opsledger.approvals import Situation
from opsledger.codeowners.globs import NoGlob, gitignored
from opsledger.errors import Refused, Undecided
from opsledger.gate.asking import answers_to
from opsledger.gate.deciding import reviews_digest, verdict_of
from opsledger.gate.judge import Judge
from opsledger.gate.model import Answer, Outcome, Verdict
from opsledger.ledger import Ledger, Record
from opsledger.question import Move, Question
from opsledger.rules.register import Found
from opsledger.store import in_memory
from opsledger.yamlfile import write

NAME = "GAT-ci-check"
CODES = ("PKG514", "FLT754")

_GRAVEST = (
    Outcome.BLOCKED,
    Outcome.UNDECIDED,
    Outcome.AWAITING,
    Outcome.OWED,
    Outcome.WAIVED,
    Outcome.WARNED,
    Outcome.MET,
    Outcome.LATER,
)
_GONE = ("retired", "disposed")


def verdict_on_cis(
    judge: Judge,
    ledger: Ledger,
    situation: Situation,
    found: Sequence[Found],
    cis: Iterable[str],
    *,
    environment: str = "",
    version: str = "",
) -> Verdict:
    """
    Decide whether something may be built on components, as they stand in the ledger.

    Args:
        found: what the rules find in the ledger as it stands.
        cis: their ids.
        environment: where it is to go; empty for production.
        version: the one that is built, of each of them; empty where it is not known yet.

    Raises:
        NoSuchRecord: the ledger has no such component.
        Refused: a record is no component, or none is named, or there is no such environment.
    """
    subjects = [_component(ledger, id) for id in dict.fromkeys(cis)]
    if not subjects:
        raise Refused(
            "no component was named, and no changed file belongs to one",
            "name those that are built, or write under `paths` of a component which files are its own",
        )
    seen = judge.hears(ledger)
    if environment and seen.find(environment) is None:
        raise Refused(f"no environment is called {environment!r}", "`opsledger list environment` names them")
    gate = _gate(ledger)
    asked = [
        Question(
            gate, Move("ci", one.state or "", one.state or ""), one, seen, judge.people, judge.policy,
            situation.as_of, situation, environment, windows=judge.windows, version=version,
        )
        for one in subjects
    ]  # fmt: skip
    verdicts = [verdict_of(one, answers_to(one, found), judge=judge.name) for one in asked]
    answers = tuple(_merged(answer for verdict in verdicts for answer in verdict.answers))
    outcomes = {answer.outcome for answer in answers}
    stops = not outcomes.isdisjoint((Outcome.BLOCKED, Outcome.AWAITING))
    return Verdict(
        NAME,
        " ".join(one.id for one in subjects),
        Move("ci", "", ""),
        environment,
        ledger.snapshot.commit or "",
        judge.name,
        situation.as_of,
        "blocked" if stops else "undecided" if Outcome.UNDECIDED in outcomes else "open",
        answers,
        reviews=reviews_digest(situation.pull_request),
        tool=__version__,
        notes=() if environment else ("no environment was named, so it was judged as for production",),
    )


def cis_at(ledger: Ledger, paths: Sequence[str], belongs: Callable[[object], bool]) -> tuple[str, ...]:
    """
    The components whose `paths` hold one of these, by id.

    Args:
        belongs: whether the repository that a component names, if it names one, is the one that the paths are of.

    Raises:
        Undecided: what a component says of its paths is no pattern.
    """
    return tuple(
        record.id
        for record, data in ledger.data_of(record for record in ledger.of("ci") if record.state not in _GONE)
        if belongs(data.get("repository")) and _holds(record, [str(one) for one in data.get("paths") or ()], paths)
    )


def _holds(record: Record, patterns: Sequence[str], paths: Sequence[str]) -> bool:
    """Whether a path is a component's, as .gitignore would say it: the last pattern that fits decides."""
    try:
        globs = [(gitignored(one.removeprefix("!")), not one.startswith("!")) for one in reversed(patterns)]
    except NoGlob as odd:
        missing = f"a path of {record.id} is no pattern, so nobody knows what belongs to it: {odd}"
        raise Undecided(missing, f"correct `paths` in {record.path}") from None
    return any(next((takes for glob, takes in globs if glob.matches(path)), False) for path in paths)


def _component(ledger: Ledger, id: str) -> Record:
    record = ledger.record(id)
    if record.kind.name != "ci":
        raise Refused(f"{id} is no component but a {record.kind.name}", "name components: `opsledger list ci`")
    return record


def _gate(ledger: Ledger) -> Record:
    """The gate that is asked, as if it stood in a file: it has no move, so no ledger holds it."""
    kind = ledger.kinds["gate"]
    path = f"{kind.folder}/{NAME}.yaml"
    title = "Build on components"
    said = {"id": NAME, "title": title, "question": "May something be built on these?", "mode": "enforce"}
    snapshot = in_memory({path: write({**said, "moves": [], "codes": list(CODES)})}, name="opsledger")
    return Record(NAME, kind, path, snapshot.files[path], None, title, snapshot)


def _merged(answers: Iterable[Answer]) -> Iterator[Answer]:
    """One answer a code: the gravest of all components, with everything that was said of any."""
    order = {code: place for place, code in enumerate(CODES)}
    several = sorted(answers, key=lambda one: (order.get(one.code, len(order)), one.code))
    for _, group in groupby(several, key=lambda one: one.code):
        alike = sorted(group, key=lambda one: _GRAVEST.index(one.outcome))
        findings = tuple(dict.fromkeys(finding for one in alike for finding in one.findings))
        remarks = tuple(dict.fromkeys(remark for one in alike for remark in one.remarks))
        yield replace(alike[0], findings=findings, remarks=remarks)
