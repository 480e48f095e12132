"""Verdicts as tables: what each code answers, where the reader must look, and how to ask the gate again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from opsledger.finding import Finding
from opsledger.gate.ahead import Ahead
from opsledger.gate.model import Answer
from opsledger.gate.telling import told
from opsledger.site.atlas import Atlas, Entry, chip, missing
from opsledger.site.slugs import slug
from opsledger.site.text import markup, minute, moment, safe

_ROOT = "../../"
_QUIET = ("met", "later")
_SIGNED = "SIG301"
_ID = re.compile(r"((?<![\w/.-])[A-Z]{2,5}-[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](?![\w/-]|\.\w))")
Titles = Mapping[str, str]
"""What the rules that have a page are called, by code."""


@dataclass(frozen=True)
class Row:
    """
    What one code answers.

    Args:
        page: the file of its rule's page, or empty.
        said: why it is so, one piece of HTML each.
    """

    code: str
    page: str
    title: str
    outcome: str
    said: tuple[Markup, ...] = ()


@dataclass(frozen=True)
class Table:
    """
    One verdict, ready to be shown.

    Args:
        gate: the gate, as a link.
        words: what was decided, in a few words.
        rows: the codes that stop something, are covered, or only warn, and that by which somebody signed.
        met: the others, which are met.
        later: the codes that the gate names and nobody judges yet.
        facts: how it was judged: what, and the value.
        notes: what the reader should know of it, one sentence each.
        command: asks the gate again; empty where nobody can.
    """

    gate: Markup
    outcome: str
    words: str
    rows: tuple[Row, ...] = ()
    met: tuple[Row, ...] = ()
    later: tuple[str, ...] = ()
    facts: tuple[tuple[str, Markup], ...] = ()
    notes: tuple[str, ...] = ()
    command: str = ""


def table_ahead(ahead: Ahead, atlas: Atlas, titles: Titles) -> Table:
    """The verdict of a next gate, or why it could not be asked."""
    gate, verdict = _chip(atlas, ahead.gate), ahead.verdict
    place = _place(atlas, ahead.environment, ahead.group)
    if verdict is None:
        return Table(gate, "undecided", "could not be asked", facts=place, notes=(ahead.unasked,))
    rows = tuple(_row(answer, atlas, titles) for answer in verdict.answers)
    return Table(
        gate, verdict.outcome, _words(verdict.outcome, [row.outcome for row in rows]),
        tuple(row for row in rows if _is_told(row)),
        tuple(row for row in rows if row.outcome == "met" and not _is_told(row)),
        tuple(row.code for row in rows if row.outcome == "later"),
        (*place, ("before it becomes", safe(ahead.after)), ("as of", safe(minute(verdict.as_of))),
         *_mode(verdict.mode)),
        verdict.notes,
        command_for(
            verdict.gate, verdict.subject, verdict.environment, verdict.group, verdict.commit, verdict.commit,
            written(verdict.as_of),
        ),
    )  # fmt: skip


def twin_ahead(ahead: Ahead) -> dict[str, Any]:
    """The same for programs: the verdict as `opsledger gate --format json` says it."""
    where = {"gate": ahead.gate, "before": ahead.after, "environment": ahead.environment, "group": ahead.group}
    verdict = told(ahead.verdict) if ahead.verdict is not None else None
    return {**where, "verdict": verdict, "unasked": ahead.unasked}


def table_kept(kept: Mapping[str, Any], atlas: Atlas, titles: Titles) -> Table:
    """The verdict that a deployment keeps."""
    answers = [one for one in kept.get("answers", ()) if isinstance(one, dict)]
    rows = [_row_kept(one, atlas, titles) for one in answers]
    outcome = str(kept.get("outcome", ""))
    gate, as_of = str(kept.get("gate", "")), str(kept.get("as_of", ""))
    commit, judge = str(kept.get("commit", "")), str(kept.get("judge", ""))
    place = _place(atlas, str(kept.get("environment", "")), str(kept.get("group", "")))
    return Table(
        _chip(atlas, f"GAT-{gate}"), outcome, _words(outcome, [row.outcome for row in rows]),
        tuple(row for row in rows if _is_told(row)),
        tuple(row for row in rows if row.outcome == "met" and not _is_told(row)),
        tuple(row.code for row in rows if row.outcome == "later"),
        (*place, *_facts_kept(kept), *_mode(str(kept.get("mode", "enforce")))),
        (),
        command_for(
            gate, str(kept.get("subject", "")), str(kept.get("environment", "")), str(kept.get("group", "")), commit,
            judge or commit, as_of, emergency=any(one.get("outcome") == "owed" for one in answers),
        ),
    )  # fmt: skip


def _facts_kept(kept: Mapping[str, Any]) -> Iterator[tuple[str, Markup]]:
    as_of = str(kept.get("as_of", ""))
    yield "as of", moment(as_of) or safe(as_of)
    policy = kept.get("policy", {})
    shown = {
        "commit of the ledger": kept.get("commit"), "judged by commit": kept.get("judge"), "tool": kept.get("tool"),
        "preset": policy.get("preset"), "policy": policy.get("blob"), "package": kept.get("package_digest"),
        "reviews": kept.get("reviews"), "fingerprint of all this": kept.get("digest"),
    }  # fmt: skip
    yield from ((name, markup("<code>{}</code>", safe(value))) for name, value in shown.items() if value)


def command_for(
    gate: str, subject: str, environment: str, group: str, commit: str, judge: str, as_of: str, *,
    emergency: bool = False,
) -> str:  # fmt: skip
    """The command that asks a gate again, so that anybody can hold the answer against what is shown."""
    if not (gate and subject and commit and as_of):
        return ""
    options = {"--env": environment, "--group": group, "--at": commit, "--base": judge, "--as-of": as_of}
    words = ["opsledger", "gate", gate.removeprefix("GAT-"), subject]
    words += [word for name, value in options.items() if value for word in (name, value)]
    return shlex.join([*words, *(["--emergency"] if emergency else []), "--explain"])


def written(when: datetime) -> str:
    """A time as commands take it, in UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _words(outcome: str, outcomes: Sequence[str]) -> str:
    """How many codes say what, such as *blocked by 2 of 25 codes*."""
    asked = sum(one != "later" for one in outcomes)
    stops = sum(one in ("blocked", "awaiting", "undecided") for one in outcomes)
    told_of = [f"{outcomes.count(word)} {word}" for word in ("waived", "owed", "warned") if word in outcomes]
    how_many = f"{stops} of {asked} codes" if stops else f"{asked} {'code' if asked == 1 else 'codes'} asked"
    return ", ".join([f"{outcome}: {how_many}", *told_of])


def _is_told(row: Row) -> bool:
    return row.outcome not in _QUIET or (row.code == _SIGNED and bool(row.said))


def _row(answer: Answer, atlas: Atlas, titles: Titles) -> Row:
    # A finding that is covered says by what, and until when.
    said = [*_cover(answer.waived_by.split(","), answer.until, atlas)] if not answer.findings else []
    said += [_line(remark, atlas) for remark in answer.remarks]
    said += [_found(one, atlas) for one in answer.findings]
    return Row(answer.code, _page(answer.code, titles), titles.get(answer.code, ""), answer.outcome.value, tuple(said))


def _row_kept(answer: Mapping[str, Any], atlas: Atlas, titles: Titles) -> Row:
    code, until = str(answer.get("code", "")), answer.get("until")
    waived = answer.get("waived_by", ())
    said = [*_cover(waived if isinstance(waived, list) else (), None, atlas)]
    if until:
        said.append(markup("until {}", moment(str(until)) or safe(until)))
    return Row(code, _page(code, titles), titles.get(code, ""), str(answer.get("outcome", "")), tuple(said))


def _cover(ids: Iterable[object], until: datetime | None, atlas: Atlas) -> Iterator[Markup]:
    for id in filter(None, (str(one).strip() for one in ids)):
        end = markup(" until {}", minute(until)) if until is not None else ""
        yield markup("by {}{}", _chip(atlas, id), end)


def _found(finding: Finding, atlas: Atlas) -> Markup:
    """A finding, at the record in whose file it stands, with what to do about it."""
    entry = atlas.at_path(finding.place.path)
    place = markup('<code class="path">{}</code>', safe(finding.place))
    if entry is not None:
        place = markup('<a href="{}{}">{}</a>', _ROOT, entry.href, place)
    fix = markup('<span class="fix">To do: {}</span>', _line(finding.fix, atlas)) if finding.fix else ""
    return markup('<span class="found">{}</span>{}{}', _line(finding.message, atlas), place, fix)


def _line(text: str, atlas: Atlas) -> Markup:
    """A sentence of a rule: commands stand in it between backticks, and records by their ids, which become links."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return linked(text, atlas, _ROOT)
    shown = (
        markup("<code>{}</code>", safe(one)) if at % 2 else linked(one, atlas, _ROOT) for at, one in enumerate(parts)
    )
    return Markup("").join(shown)


def linked(text: str, atlas: Atlas, root: str) -> Markup:
    """A text in which the ids of records lead to their pages."""
    pieces = (
        _link(entry, root) if at % 2 and (entry := atlas.find(piece)) is not None else safe(piece)
        for at, piece in enumerate(_ID.split(text))
    )
    return Markup("").join(pieces)


def _link(entry: Entry, root: str) -> Markup:
    """A record within a sentence: its id alone."""
    told = entry.family, root, entry.href, safe(entry.title), safe(entry.id)
    return markup('<a class="rec {}" href="{}{}" title="{}"><span class="rec-id">{}</span></a>', *told)


def _mode(mode: str) -> Iterator[tuple[str, Markup]]:
    if mode != "enforce":
        yield "the gate is set to", markup('<span class="word">{}</span> so nothing stops here', safe(mode))


def _place(atlas: Atlas, environment: str, group: str) -> tuple[tuple[str, Markup], ...]:
    where = (("in", _chip(atlas, environment)),) if environment else ()
    return (*where, *((("group", safe(group)),) if group else ()))


def _page(code: str, titles: Titles) -> str:
    return f"rules/{slug(code)}.html" if code in titles else ""


def _chip(atlas: Atlas, id: str) -> Markup:
    entry = atlas.find(id)
    return chip(entry, _ROOT, title=False) if entry is not None else missing(id)
