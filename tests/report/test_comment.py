"""The comment under a pull request: what it says first, what it never lets happen, and how it is cut."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from opsledger.finding import Finding, Place
from opsledger.gate.model import Answer, Move, Outcome, Verdict
from opsledger.proposal.model import (
    Clash,
    Edit,
    Loosened,
    Named,
    Piece,
    Proposal,
    Reach,
    RecordStep,
    Signed,
    Sought,
    Touching,
    Unsigned,
    Wanted,
)
from opsledger.report.comment import LIMIT, comment, comment_text
from opsledger.report.comment_json import comment_json

PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
OURS = {"p", "b", "code", "del", "ins", "span", "ul", "li", "h4", "details", "summary", "br", "pre"}
HOSTILE = (
    "</code></b><img src=https://t.example/x onerror=alert(1)><script>alert(1)</script>\n\n# @octocat `a` | b\n"
    "```\n</details> ![p](https://t.example/p.png) [go](javascript:alert(1)) &#64;hopper #12 $x$ <!-- \u202e\x1b[2J"
)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def proposal(text: str = "the plan", *, outcome: str = "blocked") -> Proposal:
    """A proposal that has something of everything, with one text wherever a record's words may stand."""
    record = Named(f"REL-{text}", text, "release", text)
    finding = Finding(Place(f"records/{text}.yaml", 3, 8), "SCH001", text, text)
    verdict = Verdict(
        f"GAT-{text}", record.id, Move("release", text, text), text, "", text, NOON, "blocked",
        (Answer("SIG301", Outcome.BLOCKED, (replace(finding, message=f"{text} again"),), (text,)),
         Answer("LCY202", Outcome.MET), Answer(text, Outcome.LATER)),
    )  # fmt: skip
    edits = (
        Edit(text, "/a", "replaced", text, text), Edit(text, "/b", "set", after=text),
        Edit(text, "/c", "dropped", text),
        Edit(text, "/d", "reworded",
             pieces=(Piece("same", text), Piece("gone", text), Piece("new", text), Piece("cut"))),
    )  # fmt: skip
    return Proposal(
        outcome, text, text, text, "2026-11-20 12:00 UTC", 12,
        steps=(
            RecordStep(record, "changed", text, (text, text), edits=edits, renamed_from=text),
            RecordStep(Named(f"NEW-{text}", text, "ci", text), "new", text),
            RecordStep(Named(f"OLD-{text}", text), "deleted", text),
        ),
        verdicts=(verdict,),
        sought=(
            Sought(
                record, (text,), text, (Named("ROL-a", text),), 2, (f"/{text}",), f"sha256:{text}",
                signed=(Signed(Named("PTY-a", text), Named("ROL-a", text), text, text, text),),
                unsigned=(Unsigned(Named("PTY-b", text), Named("ROL-a", text), text, text, text),),
                wanted=(Wanted(Named("ROL-b", text), (Named("PTY-c", text),)), Wanted(Named("ROL-c", text))),
                short=1, undecided=(text,),
            ),
        ),
        loosened=(Loosened(text, text, is_looser=True),),
        clashes=(Clash("record", text, text),),
        touching=Touching((Named(f"CI-{text}", text),), (Reach(Named("CI-b", text), 1, f"CI-{text}", text),)),
        findings=(finding,), undecided=(text,), notes=(text,), reverted=(text,),
    )  # fmt: skip


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(markdown: str) -> _Seen:
    """What a reader sees of a comment; its tags nest as they should."""
    reader = _Seen()
    reader.feed(PARSER.render(markdown))
    reader.close()
    assert [] == reader.open
    return reader


@pytest.mark.parametrize(
    ("outcome", "first"),
    [
        pytest.param("open", "✅ <b>Open:</b> the plan.", id="open"),
        pytest.param("blocked", "⛔ <b>Blocked:</b> the plan.", id="blocked"),
        pytest.param("undecided", "❔ <b>Undecided:</b> the plan.", id="undecided"),
        pytest.param("something new", "❔ <b>Undecided:</b> the plan.", id="what nobody knows"),
    ],
)
def test_first_line_says_how_it_stands_and_why(outcome: str, first: str) -> None:
    assert first == comment(proposal(outcome=outcome)).splitlines()[0]


@pytest.mark.parametrize(("outcome", "code"), [("open", 0), ("blocked", 1), ("undecided", 3), ("something new", 3)])
def test_exit_code_is_that_of_a_check(outcome: str, code: int) -> None:
    assert code == proposal(outcome=outcome).exit_code


def test_text_of_records_makes_no_tag_of_its_own() -> None:
    reader = seen(comment(proposal(HOSTILE)))

    assert set() == {tag for tag, _ in reader.tags} - OURS
    assert [] == [attributes for tag, attributes in reader.tags if attributes and tag != "code"]


def test_text_of_records_calls_nobody_and_links_nowhere() -> None:
    text = seen(comment(proposal(HOSTILE))).text

    assert not re.search(r"@\w|#[0-9]|://|\u202e|\x1b", text)


def test_text_of_records_is_seen_as_it_is() -> None:
    harmless = "a <b> | `c` *d* _e_ [f](g) ![h](i) ~~j~~"

    text = seen(comment(proposal(harmless))).text.replace("\u200b", "")

    assert text.count(harmless) > 20


def test_text_of_records_changes_no_shape_of_the_comment() -> None:
    tame, hostile = (
        [tag for tag, _ in seen(comment(proposal(text))).tags if tag != "span"] for text in ("tame", HOSTILE)
    )

    assert tame == hostile


def test_diagram_holds_no_letter_that_steers_it() -> None:
    [picture] = re.findall(r"```mermaid\n(.*?)```", comment(proposal(HOSTILE)), re.DOTALL)

    labels = re.findall(r'\["(.*?)"\]$', picture, re.MULTILINE)
    assert 2 == len(labels)
    assert all(re.fullmatch(r"[\w .·-]+", label) for label in labels)
    assert re.fullmatch(r'(graph LR|  n\d+\["[\w .·-]+"\]|  n\d --> n\d|  class[\w ,:-]+|\n)+', picture)


def test_graph_with_many_components_is_told_in_words_only() -> None:
    reached = tuple(Reach(Named(f"CI-{number}"), 1, "CI-a", "needed by") for number in range(20))

    told = comment(replace(proposal(), touching=Touching((Named("CI-a"),), reached)))

    assert "mermaid" not in told
    assert "needed by <b>CI-19</b>" in told


@pytest.mark.parametrize("many", ["findings", "steps", "sought", "clashes"])
def test_long_comment_is_cut_and_says_so(many: str) -> None:
    whole = proposal()
    [one, *_] = getattr(whole, many)

    told = comment(replace(whole, **{many: (one,) * 5000}))

    assert LIMIT - 5000 < len(told) <= LIMIT
    assert re.search(r"- [0-9,]+ lines are left out here: ", told)
    seen(told)


def test_findings_and_approvals_are_kept_longest() -> None:
    whole = proposal()
    step = replace(whole.steps[0], edits=whole.steps[0].edits * 4)

    told = comment(replace(whole, steps=(step,) * 5000, loosened=whole.loosened * 5000))

    assert len(told) <= LIMIT
    assert "#### What stands against it\n\n- <code>records/the plan.yaml</code>\n  - 🔴 line 3" in told
    assert "nobody has signed as" in told


def test_one_endless_line_is_cut_within_its_marks() -> None:
    endless = "word <b>&amp; *x* " * 20_000

    told = comment(replace(proposal(), loosened=(Loosened("a", endless, is_looser=True),), reason=endless[:900]))

    assert len(told) <= LIMIT
    seen(told)


@pytest.mark.parametrize("length", [900, 50_000, 100_000], ids=str)
def test_endless_texts_everywhere_are_cut(length: int) -> None:
    told = comment(proposal("<&@ " * (length // 4)))

    assert len(told) <= LIMIT
    seen(told)


def test_same_proposal_gives_the_same_bytes() -> None:
    assert comment(proposal()) == comment(proposal())


def test_lines_for_a_terminal_steer_nothing() -> None:
    lines = list(comment_text(proposal(HOSTILE)))

    assert not any(re.search("[\x00-\x1f\u202e]", line) for line in lines)


def test_lines_for_a_terminal_say_the_same() -> None:
    lines = "\n".join(comment_text(proposal()))

    assert lines.startswith("Blocked: the plan.\n")
    assert "nobody has signed as the plan yet; the plan can" in lines
    assert "the plan: the plan[-the plan-]{+the plan+} …" in lines


def test_json_is_one_line_with_sorted_keys() -> None:
    told = comment_json(proposal(HOSTILE))

    read = json.loads(told)
    assert (True, 1) == (told.isascii(), len(told.splitlines()))
    assert list(read) == sorted(read)
    assert (1, "blocked", 1) == (read["schema_version"], read["outcome"], read["exit_code"])
    assert HOSTILE == read["steps"][0]["edits"][0]["before"]
    assert "blocked" == read["gates"][0]["answers"][0]["outcome"]


def test_signature_that_does_not_count_says_why() -> None:
    unsigned = Unsigned(Named("PTY-ada", "Ada"), Named("ROL-a", "Approver"), "APR-1", "Ada wrote it", "ask another")
    asked = replace(proposal().sought[0], unsigned=(unsigned,))

    told = comment(replace(proposal(), sought=(asked,)))

    assert "✖️ Ada as Approver (APR-1) does not count: Ada wrote it<br>fix: ask another" in told


def test_role_that_nobody_can_sign_for_is_told() -> None:
    assert "nobody can: no one who holds it is independent of this content" in comment(proposal())
