"""The page of a record: what it says, where it stands, what it is linked to, and its history."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REL = "records/release/REL-1"
PRO = "records/problem/PRO-1"


@pytest.fixture(scope="module")
def story(new_desk: Callable[..., Any]) -> Any:
    """A release that was planned, renamed and then closed, and the problem that it ends."""
    desk = new_desk()
    desk.write(
        "records/releases/REL-1.yaml",
        """
        id: REL-1
        title: First release
        state: draft
        risk: low
        fixes: [PRO-1, PRO-9]
        started: "2026-09-01T10:12:00+02:00"
        steps:
          - {id: one, action: Stop the worker}
        """,
    )
    desk.write("records/problems/PRO-1.yaml", "id: PRO-1\ntitle: Paid twice\nstate: known-error\nblocks: [REL-1]\n")
    desk.commit("REL-1: write it down")
    text = (desk.root / "records/releases/REL-1.yaml").read_text()
    desk.write("records/releases/REL-1.yaml", text.replace("draft", "planned").replace("risk: low", "risk: high"))
    desk.commit("REL-1: plan it", name="Grace")
    return desk


@pytest.fixture(scope="module")
def site(story: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The site of the story."""
    return story.build(tmp_path_factory.mktemp("site") / "site")


def test_the_head_says_id_title_kind_and_state(site: Any) -> None:
    assert "Records Releases REL-1 REL-1 Release planned First release as of" in site.text(REL)


def test_each_field_stands_with_its_description(site: Any) -> None:
    assert "Risk How risky it is. high" in site.text(REL)


def test_a_time_is_shown_in_utc_with_the_original(site: Any) -> None:
    assert "2026-09-01 08:12 UTC written 2026-09-01T10:12:00+02:00" in site.text(REL)


def test_a_list_of_mappings_becomes_a_table(site: Any) -> None:
    assert re.search(r"<th[^>]*>Action</th>", site.page(REL))
    assert "Stop the worker" in site.page(REL)


def test_links_read_as_sentences_from_both_sides(site: Any) -> None:
    assert "fixes PRO-1 Paid twice known-error" in site.text(REL)
    assert "blocked by PRO-1 Paid twice known-error" in site.text(REL)
    assert "fixed by REL-1 First release planned" in site.text(PRO)


def test_a_link_to_nothing_says_so_and_leads_nowhere(site: Any) -> None:
    assert "PRO-9 not in this ledger" in site.text(REL)
    assert "PRO-9.html" not in site.page(REL)


def test_the_lifecycle_shows_the_place_and_the_moves_that_lead_on(site: Any) -> None:
    page = site.page(REL)

    assert "Lifecycle: planned, on the main path. Main path: draft, planned, closed." in page
    assert re.search(r'class="stop now"><circle class="halo"', page)
    assert 'class="tag next"' in page
    assert "may go from here to closed backed-out" in site.text(REL)


def test_the_neighbourhood_links_to_the_neighbours(site: Any) -> None:
    picture = re.search(r'<svg class="neighbours.*', site.page(REL), re.DOTALL)

    assert picture is not None
    assert 'href="../../records/problem/PRO-1.html"' in picture[0]


def test_the_history_names_each_commit_and_what_it_changed(site: Any) -> None:
    text = site.text(REL)

    assert "2026-01-02 12:00 UTC Grace" in text
    assert "REL-1: plan it Field From To State draft planned Risk low high" in text
    assert "REL-1: write it down" in text


def test_the_history_may_be_commits_alone(story: Any, tmp_path: Path) -> None:
    text = story.build(tmp_path / "site", field_history=False).text(REL)

    assert "REL-1: plan it changed" in text
    assert "Field From To" not in text


def test_a_history_that_was_not_read_is_said_so_and_not_shown_as_empty(story: Any, tmp_path: Path) -> None:
    site = story.build(tmp_path / "site", with_history=False)

    assert "The history was not read" in site.text(REL)
    assert "The history was not read" in site.text("index")
    assert site.twin(REL)["history"] is None


def test_the_commands_prove_what_the_page_shows(story: Any, site: Any) -> None:
    commands = re.findall(r"<pre><code>(git [^<]*)</code></pre>", site.page(REL))
    shown = [
        subprocess.run(command, shell=True, check=True, cwd=story.root, capture_output=True, text=True).stdout
        for command in commands
    ]

    assert len(shown) == 3
    assert (story.root / "records/releases/REL-1.yaml").read_text() == shown[0]
    assert "REL-1: plan it" in shown[1]
    assert site.twin(REL)["blob"] == shown[2].strip()


def test_the_twin_says_the_same_to_programs(story: Any, site: Any) -> None:
    twin = site.twin(REL)

    assert (twin["id"], twin["kind"], twin["state"]) == ("REL-1", "release", "planned")
    assert [link["target"] for link in twin["links"]] == ["PRO-1", "PRO-9"]
    assert twin["backlinks"] == [{"source": "PRO-1", "pointer": "/blocks/0", "relation": "blocked by"}]
    assert [event["subject"] for event in twin["history"]] == ["REL-1: plan it", "REL-1: write it down"]
    assert story.git("rev-parse", "HEAD") == twin["snapshot"]["commit"]


def test_a_file_that_cannot_be_read_has_a_page_that_says_why(desk: Any, tmp_path: Path) -> None:
    desk.write("records/notes/NOT-1.yaml", "id: NOT-1\nstate: [open\n")
    desk.commit("NOT-1: break it")

    site = desk.build(tmp_path / "site")

    assert "This file cannot be read" in site.text("records/note/NOT-1")
    assert "SCH009" in site.text("records/note/NOT-1")
    assert "1 file cannot be read. records/notes/NOT-1.yaml" in site.text("index")


def test_two_files_that_claim_one_id_do_not_overwrite_each_other(desk: Any, tmp_path: Path) -> None:
    desk.write("records/notes/NOT-1.yaml", "id: NOT-1\ntitle: One\nstate: open\n")
    desk.write("records/notes/2026/NOT-1.yaml", "id: NOT-1\ntitle: Other\nstate: open\n")
    desk.commit("NOT-1: twice")

    site = desk.build(tmp_path / "site")

    pages = [path for path in site.files() if re.fullmatch(r"records/note/NOT-1.*\.html", path)]
    assert len(pages) == 2
    assert len({site.text(page.removesuffix(".html")) for page in pages}) == 2
