"""What a pull request means, as the comment that stands under it and as lines for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opsledger.proposal.model import Proposal
from opsledger.proposal.sentences import sentences
from opsledger.report.comment_graph import graph_part
from opsledger.report.comment_ink import Forge, Ink, Terminal
from opsledger.report.comment_parts import Line, Part, parts
from opsledger.report.plain import counted

LIMIT = 64_000
"""How many characters a comment may have: GitHub takes 65,536, and who posts it may add a mark."""

_SPARE = 2_000
_LONGEST_LINE = 4_000
_MOST_SENTENCES = 5
# What a reader needs most is kept longest.
_ORDER = ("findings", "undecided", "approvals", "judge", "gates", "clashes", "changes", "signing", "graph", "remarks")


def comment(proposal: Proposal, *, limit: int = LIMIT) -> str:
    """
    Return the comment as Markdown that holds on every forge.

    Args:
        proposal: what the pull request means.
        limit: how many characters it may have; what does not fit is counted in its place.
    """
    ink = Forge()
    sign = ink.sign(proposal.outcome if proposal.outcome in ("open", "blocked") else "undecided")
    head = [_cut_words(f"{sign} {ink.strong(_opening(proposal))} {_sentence(ink, proposal.reason)}")]
    head += [_cut_words(_does(proposal, ink))] if proposal.steps else []
    foot = [_cut_words(_ending(proposal, ink))]
    room = limit - _SPARE - sum(len(block) + 2 for block in (*head, *foot))
    fitted = _fitted(_all_parts(proposal, ink), room)
    return "\n\n".join([*head, *(_block(part) for part in fitted), *foot]) + "\n"


def comment_text(proposal: Proposal) -> Iterator[str]:
    """Yield the same as lines for a terminal, whole and without pictures."""
    ink = Terminal()
    yield f"{_opening(proposal)} {_sentence(ink, proposal.reason)}"
    for part in _all_parts(proposal, ink):
        yield ""
        yield part.head
        for line in part.lines:
            indent = "  " * (line.depth + 1)
            yield indent + line.text
            yield from (f"{indent}  {line.under}",) if line.under else ()
    yield ""
    yield _ending(proposal, ink)


def _all_parts(proposal: Proposal, ink: Ink) -> tuple[Part, ...]:
    said = parts(proposal, ink)
    graph = graph_part(proposal.touching, ink)
    at_end = [part for part in said if part.name == "remarks"]
    return (*(part for part in said if part.name != "remarks"), *([graph] if graph else []), *at_end)


def _opening(proposal: Proposal) -> str:
    return {"open": "Open:", "blocked": "Blocked:"}.get(proposal.outcome, "Undecided:")


def _sentence(ink: Ink, words: str) -> str:
    return ink.text(words) + ("" if words.endswith((".", "?", "!")) else ".")


def _does(proposal: Proposal, ink: Ink) -> str:
    """Return in one line what the pull request does."""
    said = [ink.text(sentence) for sentence in sentences(proposal.steps)]
    more = f"; and {len(said) - _MOST_SENTENCES} more" if len(said) > _MOST_SENTENCES else ""
    return f"It changes {counted(len(said), 'record')}: {'; '.join(said[:_MOST_SENTENCES])}{more}."


def _ending(proposal: Proposal, ink: Ink) -> str:
    judged = f"Judged {ink.code(proposal.subject)} by {ink.code(proposal.judge)}, as of {proposal.as_of}"
    return f"{judged}: {counted(proposal.judged, 'record')}."


def _fitted(all_parts: Sequence[Part], room: int) -> list[Part]:
    """Keep as much as there is room for, what matters most first, and count in each part what is left out."""
    kept: dict[str, Part] = {}
    for part in sorted(all_parts, key=lambda one: _ORDER.index(one.name)):
        fitted = _cut(part, room)
        room -= len(_block(fitted)) + 2
        kept[part.name] = fitted
    return [kept[part.name] for part in all_parts]


def _cut(part: Part, room: int) -> Part:
    lines = [_shortened(line) for line in part.lines]
    whole = Part(part.name, part.head, tuple(lines), part.folded, part.picture)
    if len(_block(whole)) <= room:
        return whole
    left = room - len(_block(Part(part.name, part.head, (_left_out(len(lines)),), part.folded)))
    taken = 0
    for line in lines:
        left -= len(_item(line)) + 1
        if left < 0:
            break
        taken += 1
    rest = (_left_out(len(lines) - taken),) if taken < len(lines) else ()
    return Part(part.name, part.head, (*lines[:taken], *rest), part.folded)


def _left_out(number: int) -> Line:
    typed = "opsledger report --base BRANCH --format text"
    return Line(f"{counted(number, 'line is', 'lines are')} left out here: `{typed}` shows all")


def _shortened(line: Line) -> Line:
    return Line(_cut_words(line.text), line.depth, _cut_words(line.under))


def _cut_words(text: str) -> str:
    """Cut what is longer than anybody reads, between two words, and end the marks that stand open."""
    if len(text) <= _LONGEST_LINE:
        return text
    words = re.sub(r"(?:&[#\w]*|\\|<[^>]*)$", "", text[:_LONGEST_LINE].rsplit(" ", 1)[0])
    standing: list[str] = []
    for closes, name in re.findall(r"<(/?)(b|code|del|ins|span)>", words):
        if not closes:
            standing.append(name)
        elif standing:
            standing.pop()
    return f"{words} …{''.join(f'</{name}>' for name in reversed(standing))}"


def _block(part: Part) -> str:
    """Return a part as Markdown."""
    body = "\n".join(_item(line) for line in part.lines)
    if part.picture:
        body = f"```mermaid\n{part.picture}\n```\n\n{body}"
    if part.folded:
        return f"<details>\n<summary>{part.head}</summary>\n\n{body}\n\n</details>"
    return f"#### {part.head}\n\n{body}"


def _item(line: Line) -> str:
    return f"{'  ' * line.depth}- {line.text}{f'<br>{line.under}' if line.under else ''}"
