"""What let each deployment through: a verdict, broken glass with its debt, or nothing that anybody wrote down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.rules.deployments import before_users, faults_of_verdict, is_pilot
from opsledger.rules.deviations import deviations_of
from opsledger.rules.rollout import serves_users
from opsledger.site.atlas import Atlas, Entry, badge, chip, missing
from opsledger.site.press import Press
from opsledger.site.text import minute, safe
from opsledger.site.text import moment as shown_moment
from opsledger.site.verdicts import Table, Titles, linked, table_kept

ADDRESS = "overviews/shipped-without-a-yes"
TITLE = "What shipped without a yes"
SHIPPED = "Shipped without an open gate"
_WAITS = ("planned", "authorised", "cancelled")
GROUPS = (
    ("owed", "Not made up for", "The glass was broken, and what was skipped is still owed."),
    ("none", "Without a word", "No gate says yes, and nobody wrote down that the glass was broken."),
    ("pilot", "Tried out", "They went to people who try a release out, in the time that was set for it."),
    ("repaid", "Made up for", "The glass was broken, and what was skipped has been made up for."),
    ("covered", "With a yes that left something open",
     "A gate said yes: under an exception, with something owed, or because it only watched."),
)  # fmt: skip
"""How deployments to production went, in the order of the page: name, heading, what it means."""


@dataclass(frozen=True)
class Debt:
    """
    One exception that says what broken glass left owed.

    Args:
        until: until when it was to be made up for, as the record says.
    """

    exception: Record
    until: str

    @property
    def is_repaid(self) -> bool:
        """Whether the exception was closed, which its gate allows when nothing is owed any more."""
        return self.exception.state == "closed"


@dataclass(frozen=True)
class Passage:
    """
    How a deployment came to run where it runs.

    Args:
        standing: a name of `GROUPS`; *open* where a gate said a plain yes, *waits* before it began, *beside* where it
            serves nobody and keeps no verdict.
        words: the same in one sentence without a stop.
        debts: what broken glass left owed, as exceptions say.
        is_late: whether something owed was not made up for when it was due.
        kept: the verdict, as the record keeps it.
    """

    record: Record
    standing: str
    words: str
    debts: tuple[Debt, ...] = ()
    is_late: bool = False
    kept: Mapping[str, Any] | None = None

    @property
    def is_without(self) -> bool:
        """Whether it shipped to users without an open gate."""
        return self.standing in ("owed", "none", "pilot", "repaid")

    @property
    def twin(self) -> dict[str, Any]:
        """The same for programs."""
        record = self.record
        return {
            "id": record.id, "release": str(record.get("release", "")), "standing": self.standing, "says": self.words,
            "environment": str(record.get("environment", "")), "started": str(record.get("started", "")),
            "debts": [{"exception": one.exception.id, "state": one.exception.state, "until": one.until,
                       "is_repaid": one.is_repaid} for one in self.debts],
            "is_late": self.is_late, "verdict": self.kept,
        }  # fmt: skip


def passages_in(ledger: Ledger) -> dict[str, Passage]:
    """How each deployment of a ledger went, by its file."""
    if "deployment" not in ledger.kinds or "gate" not in ledger.kinds:
        return {}
    gates = before_users((gate.path, gate.data) for gate in ledger.of("gate") if gate.is_readable)
    return {one.path: _passage(one, ledger, gates) for one in ledger.of("deployment") if one.is_readable}


def _passage(record: Record, ledger: Ledger, gates: frozenset[str]) -> Passage:
    stated, glass = record.get("verdict"), record.get("break_glass")
    kept = stated if isinstance(stated, dict) and _is_whole(stated) else None
    if isinstance(glass, dict):
        return _through_glass(record, glass, ledger, kept)
    if kept is not None:
        return _with_verdict(record, kept, ledger, gates)
    if stated is not None:
        return _without(record, ledger, "keeps a verdict that does not fit its schema")
    return _without_verdict(record, ledger)


def _without_verdict(record: Record, ledger: Ledger) -> Passage:
    if record.state in _WAITS:
        return Passage(record, "waits", "It has not begun, and keeps no verdict")
    if not serves_users(ledger, record):
        return Passage(record, "beside", "It keeps no verdict, and goes to a place that serves no users")
    words = f"{SHIPPED}: it keeps no verdict of any gate"
    release = ledger.find(str(record.get("release", "")))
    if release is not None and release.is_readable and is_pilot(record, release.data):
        return Passage(record, "pilot", f"{words}, and went to those who try {release.id} out")
    return Passage(record, "none", words)


def _with_verdict(record: Record, kept: Mapping[str, Any], ledger: Ledger, gates: frozenset[str]) -> Passage:
    wrong = next((said for _, said in faults_of_verdict(record, kept, gates)), "")
    gate, when = kept.get("gate"), _when(kept.get("as_of"))
    if wrong:
        return _without(record, ledger, wrong, kept)
    left = _left_open(kept)
    watched = kept.get("mode", "enforce") != "enforce"
    words = f"{gate} let it through as of {when}"
    words += f", with {left}" if left else ""
    words += f"; the gate was set to {kept['mode']} and stops nothing" if watched else ""
    # A warning of a gate that enforces is no more than a warning: its yes is plain.
    outcomes = {str(one.get("outcome")) for one in kept.get("answers", ())}
    is_covered = (watched or not outcomes.isdisjoint({"waived", "owed"})) and serves_users(ledger, record)
    return Passage(record, "covered" if is_covered else "open", words, kept=kept)


def _without(record: Record, ledger: Ledger, wrong: str, kept: Mapping[str, Any] | None = None) -> Passage:
    """A deployment whose verdict, for what is wrong with it, let nobody through."""
    if record.state in _WAITS:
        return Passage(record, "waits", f"It has not begun, and it {wrong}", kept=kept)
    standing = "none" if serves_users(ledger, record) else "beside"
    return Passage(record, standing, f"{SHIPPED}: it {wrong}", kept=kept)


def _is_whole(stated: Mapping[str, Any]) -> bool:
    """Whether something that stands where a verdict belongs can be read as one; a check says what its schema asks."""
    answers, policy = stated.get("answers", []), stated.get("policy", {})
    texts = [value for name, value in stated.items() if name not in ("answers", "policy")]
    if not isinstance(answers, list) or not isinstance(policy, dict) or not all(isinstance(one, str) for one in texts):
        return False
    whole = (isinstance(one, dict) and isinstance(one.get("waived_by", []), list) for one in answers)
    return all(whole) and all(isinstance(one, str) for one in policy.values())


def _left_open(kept: Mapping[str, Any]) -> str:
    """The codes of a verdict that are waived, owed or only warned of, in words."""
    found: dict[str, list[str]] = {}
    for one in kept.get("answers", ()):
        if isinstance(one, dict) and one.get("outcome") in ("waived", "owed", "warned"):
            by = one.get("waived_by")
            under = f" by {' and '.join(str(id) for id in by)}" if isinstance(by, list) and by else ""
            found.setdefault(f"{one['outcome']}{under}", []).append(str(one.get("code")))
    return " and ".join(f"{', '.join(codes)} {how}" for how, codes in found.items())


def _through_glass(record: Record, glass: Mapping[str, Any], ledger: Ledger, kept: Mapping[str, Any] | None) -> Passage:
    due = str(glass.get("owed_until", ""))
    named = deviations_of(ledger, (record.id, str(record.get("release", ""))))
    debts = tuple(Debt(one, str(one.get("retest_by") or due)) for one in named)
    words = f"{SHIPPED}: {glass.get('by')} broke the glass on {_when(glass.get('at'))}"
    if debts and all(one.is_repaid for one in debts):
        return Passage(record, "repaid", f"{words}, and what was owed is made up for", debts, kept=kept)
    is_late = any(_is_past(one.until, ledger.snapshot.when) for one in debts if not one.is_repaid)
    is_late = is_late or (not debts and _is_past(due, ledger.snapshot.when))
    if not debts:
        words += ", and no exception says what was skipped"
    words += f", and it {'was' if is_late else 'is'} to be made up for until {_when(due)}"
    return Passage(record, "owed", words, debts, is_late, kept)


def _is_past(stated: str, now: datetime | None) -> bool:
    end = moment(stated)
    return end is not None and now is not None and end < now


def _when(stated: object) -> str:
    at = moment(stated) if isinstance(stated, str) else None
    return minute(at) if at is not None else str(stated or "no stated time")


@dataclass(frozen=True)
class Shown:
    """A passage as a page shows it."""

    passage: Passage
    words: Markup
    table: Table | None
    debts: tuple[tuple[Markup, str, Markup], ...]
    """Of each debt: the exception as a link, how it stands, and until when it was to be made up for."""


def shown(passage: Passage, atlas: Atlas, titles: Titles, root: str) -> Shown:
    """What the page of a deployment, or a row of the overview, says of it."""
    table = table_kept(passage.kept, atlas, titles) if passage.kept is not None else None
    debts = tuple(
        (
            _chip(atlas, one.exception.id, root),
            "made up for" if one.is_repaid else "late" if passage.is_late else "owed",
            shown_moment(one.until) or safe(one.until),
        )
        for one in passage.debts
    )
    return Shown(passage, linked(passage.words, atlas, root), table, debts)


@dataclass(frozen=True)
class Line:
    """One deployment on the overview."""

    entry: Entry
    badge: Markup
    release: Markup
    where: Markup
    when: Markup
    shown: Shown
    reason: str


def write_shipped(passages: Mapping[str, Passage], atlas: Atlas, press: Press, titles: Titles) -> list[Passage]:
    """Write the overview; those come back whose glass was broken and that are not made up for."""
    listed = sorted(
        (one for one in passages.values() if one.is_without or one.standing == "covered"),
        key=lambda one: (str(one.record.get("started") or ""), one.record.id), reverse=True,
    )  # fmt: skip
    lines = {name: [_line(one, atlas, titles) for one in listed if one.standing == name] for name, _, _ in GROUPS}
    counts = [one for one in passages.values() if one.standing == "open"]
    press.page(
        ADDRESS, "shipped", TITLE, {"deployments": [one.twin for one in listed], "with_a_plain_yes": len(counts)},
        groups=GROUPS, lines=lines, plain=len(counts), listed=len(listed),
    )  # fmt: skip
    return [one for one in listed if one.standing == "owed"]


def _line(passage: Passage, atlas: Atlas, titles: Titles) -> Line:
    record, entry = passage.record, atlas.of(passage.record)
    started, glass = record.get("started"), record.get("break_glass")
    return Line(
        entry, badge(entry.state, entry.standing),
        _chip(atlas, str(record.get("release", "")), "../"),
        _chip(atlas, str(record.get("environment", "")), "../"),
        (shown_moment(started) or safe(started)) if isinstance(started, str) else Markup("no start is written down"),
        shown(passage, atlas, titles, "../"),
        str(glass.get("reason", "")) if isinstance(glass, dict) else "",
    )  # fmt: skip


def _chip(atlas: Atlas, id: str, root: str) -> Markup:
    entry = atlas.find(id)
    return chip(entry, root, title=False) if entry is not None else missing(id)


def waived_by_kept(passages: Mapping[str, Passage]) -> Iterator[tuple[str, Passage, str]]:
    """Each exception that a kept verdict rests on, with the deployment and the code."""
    for passage in passages.values():
        answers: Sequence[Any] = passage.kept.get("answers", ()) if passage.kept is not None else ()
        for answer in answers:
            for id in answer.get("waived_by", ()) if isinstance(answer, dict) else ():
                yield str(id), passage, str(answer.get("code", ""))
