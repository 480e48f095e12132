"""Text of records is data: nothing in it acts, loads, hides or leaves its place (BAD-083 to BAD-099)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

HOSTILE = (
    "<script>alert(1)</script> <img src=https://t.example/x onerror=alert(1)> <svg onload=alert(1)>\n\n"
    "# Approved by the board\n\n[go](javascript:alert(1)) ![p](https://t.example/p.png)\n\n"
    "{{ 7 * 7 }} ${HOME} {% include '/etc/passwd' %} --8<-- \"/etc/passwd\"\n\n"
    '```mermaid\ngraph TD; A-->B; click A href "javascript:alert(1)"\n```\n\n'
    "</div></article></svg></text><style>*{display:none}</style> <base href=https://t.example/>\n"
)
TITLE = "\"'></title></script><script>alert(2)</script>\u202e\u2028 --><![CDATA[ x"
ADDRESS = "records/release/REL-1"


@pytest.fixture(scope="module")
def site(new_desk: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A site whose records, authors and subjects try everything."""
    desk = new_desk()
    release = {
        "id": "REL-1", "title": TITLE, "state": "planned", "scope": HOSTILE, "fixes": ["PRO-1", TITLE],
        "steps": [{"id": TITLE, "action": HOSTILE}],
    }  # fmt: skip
    problem = {
        "id": "PRO-1", "title": TITLE, "state": "known-error", "blocks": ["REL-1"],
        "known_error": {"symptom": HOSTILE, "workaround": HOSTILE}, "root_cause": {"cause": HOSTILE},
        "affected_versions": [{"version": TITLE}], "fixed_in": [TITLE],
    }  # fmt: skip
    desk.write("records/releases/REL-1.yaml", json.dumps(release))
    desk.write("records/problems/PRO-1.yaml", json.dumps(problem))
    desk.commit("<script>alert(3)</script>", name='Eve & "M" Mallory')
    release["scope"], release["state"] = f"{HOSTILE} changed", "</del><script>alert(4)</script>"
    desk.write("records/releases/REL-1.yaml", json.dumps(release))
    desk.commit("\u202etsil eht teg")
    return desk.build(tmp_path_factory.mktemp("site") / "site")


class _Tags(HTMLParser):
    """Collects tags with their attributes as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """The tags of a page."""
    reader = _Tags()
    reader.feed(page)
    return reader.seen


def pages(site: Any) -> Iterator[str]:
    """Each HTML page of the site."""
    return (content.decode() for path, content in sorted(site.files().items()) if path.endswith(".html"))


def test_no_script_but_those_of_the_theme_stands_in_any_page(site: Any) -> None:
    for page in pages(site):
        scripts = [attributes for tag, attributes in tags(page) if tag == "script"]
        assert all((attributes.get("src") or "").count("://") == 0 for attributes in scripts)
        assert len(scripts) == 6
        assert "<script>alert" not in page


def test_nothing_in_a_page_acts_on_an_event_or_leads_into_code(site: Any) -> None:
    for page in pages(site):
        for tag, attributes in tags(page):
            assert not any(name.startswith("on") for name in attributes), (tag, attributes)
            assert not (attributes.get("href") or "").lower().startswith(("javascript:", "data:", "vbscript:"))


def test_nothing_is_loaded_from_elsewhere(site: Any) -> None:
    for page in pages(site):
        for tag, attributes in tags(page):
            if tag in {"img", "script", "iframe", "link", "object", "embed", "base", "source", "video", "audio"}:
                address = attributes.get("src") or attributes.get("href") or ""
                assert "://" not in address, (tag, attributes)
                assert tag != "base"


def test_the_policy_of_each_page_refuses_what_an_escape_might_let_through(site: Any) -> None:
    for page in pages(site):
        [policy] = [a["content"] for tag, a in tags(page) if tag == "meta" and "http-equiv" in a]
        assert policy is not None
        assert "default-src 'self'" in policy
        scripts = policy.split("script-src ")[1].split(";")[0]
        assert "unsafe" not in scripts
        assert page.index("Content-Security-Policy") < page.index("<script")


def test_every_tag_of_a_record_page_is_closed_where_it_was_opened(site: Any) -> None:
    page = site.page(ADDRESS)

    for tag in ("div", "section", "svg", "g", "a", "dl", "table", "style", "title"):
        assert page.count(f"</{tag}>") == len(re.findall(rf"<{tag}[ >]", page)), tag
    assert "<style" not in page


def test_a_heading_in_a_text_is_no_heading_of_the_page(site: Any) -> None:
    headings = re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", site.page(ADDRESS), re.DOTALL)

    assert not any("Approved" in heading for heading in headings)


def test_template_tokens_are_shown_and_not_worked_out(site: Any) -> None:
    text = site.text(ADDRESS)

    assert "{{ 7 * 7 }} ${HOME}" in text
    assert "49" not in text.split("${HOME}")[0][-12:]


def test_turned_reading_direction_is_flagged_and_shown_as_code_points(site: Any) -> None:
    everything = "".join(pages(site))

    assert "characters that turn the reading direction" in site.text(ADDRESS)
    assert "⟨U+202E⟩" in site.text(ADDRESS)
    assert "\u202e" not in everything
    assert "\u2028" not in everything


def test_authors_and_subjects_of_commits_are_text_as_well(site: Any) -> None:
    assert "Eve &amp; &#34;M&#34; Mallory" in site.page(ADDRESS)
    assert "&lt;script&gt;alert(3)" in site.page("index")


def test_the_search_index_ends_no_script_and_no_line(site: Any) -> None:
    index = (site.root / "assets/index-0.js").read_text(encoding="ascii")

    assert "</script" not in index
    assert index.endswith(");\n")
    assert index.count("\n") == 1
    rows = json.loads(index.removeprefix("opsledgerIndex(0,").removesuffix(");\n"))
    assert [row[0] for row in rows if row[3] in {"problem", "release"}] == ["PRO-1", "REL-1"]


def test_the_twins_parse_and_give_the_text_back_as_it_was(site: Any) -> None:
    twin = (site.root / f"{ADDRESS}.json").read_text(encoding="ascii")

    assert "<" not in twin
    assert json.loads(twin)["data"]["title"] == TITLE
