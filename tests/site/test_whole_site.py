"""The site as a whole: its addresses, its sameness, what it replaces and what it refuses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest

from opsledger.errors import Refused

ODD = ("4.15.28+x", "ü", "a b", "..x", "con", "INDEX")


@pytest.fixture(scope="module")
def desk_of_many(new_desk: Callable[..., Any]) -> Any:
    """Releases with odd ids, problems that they fix, and one known error."""
    desk = new_desk()
    for number, name in enumerate(ODD):
        desk.write(
            f"records/releases/{name}.yaml",
            f"id: {json.dumps(name)}\nstate: draft\nversion: 1.{number}.0\nfixes: [PRO-1]\n",
        )
    desk.write(
        "records/problems/PRO-1.yaml",
        """
        id: PRO-1
        title: Paid twice
        state: known-error
        severity: high
        affected_versions: [{version: 1.0.0}]
        fixed_in: [1.1.0]
        known_error:
          symptom: The customer sees it *twice*.
          workaround: Stop the worker.
        """,
    )
    desk.commit("Begin")
    return desk


@pytest.fixture(scope="module")
def site(desk_of_many: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Their site."""
    return desk_of_many.build(tmp_path_factory.mktemp("site") / "site")


def test_every_link_leads_to_a_file_of_the_site_and_to_a_place_in_it(site: Any) -> None:
    files = site.files()
    for path, content in files.items():
        if not path.endswith(".html"):
            continue
        page = content.decode()
        for address in re.findall(r'(?:href|src)="([^"]*)"', page):
            if re.match(r"(https?|mailto|data):", address):
                continue
            place, anchor = urldefrag(address)
            found = Path(path).parent / unquote(place) if place else Path(path)
            target = str(Path(*_resolved(found)))
            assert target in files, (path, address)
            if anchor and not anchor.startswith("__"):
                assert f'id="{anchor}"' in files[target].decode(), (path, address)


def _resolved(path: Path) -> list[str]:
    """The parts of a relative path without `..`; one that leaves the site keeps it."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return parts


def test_every_page_has_a_twin_and_says_commit_and_time(desk_of_many: Any, site: Any) -> None:
    commit = desk_of_many.git("rev-parse", "HEAD")
    for path in site.files():
        if path.endswith(".html"):
            assert commit in site.html(path.removesuffix(".html")), path
            assert "2026-01-01 12:00 UTC" in site.html(path.removesuffix(".html")), path
        if path.startswith("records/") and path.endswith(".html"):
            assert commit == site.twin(path.removesuffix(".html"))["snapshot"]["commit"]


def test_ids_however_odd_have_a_page_inside_the_folder_of_their_kind(site: Any) -> None:
    pages = [path for path in site.files() if path.startswith("records/release/") and path.endswith(".html")]

    assert len(ODD) + 1 == len(pages)
    assert all(re.fullmatch(r"records/release/[A-Za-z0-9._-]+\.html", path) for path in pages)


def test_two_builds_of_one_commit_are_equal_byte_for_byte(desk_of_many: Any, site: Any, tmp_path: Path) -> None:
    assert site.files() == desk_of_many.build(tmp_path / "elsewhere" / "other").files()


def test_nothing_of_the_machine_stands_in_the_site(desk_of_many: Any, site: Any) -> None:
    for path, content in site.files().items():
        assert str(desk_of_many.root).encode() not in content, path
        assert b"opsledger-site-" not in content, path


def test_the_manifest_names_each_file_with_its_digest(site: Any) -> None:
    files = site.files()
    manifest = json.loads(files.pop("manifest.json"))

    assert {path: hashlib.sha256(content).hexdigest() for path, content in files.items()} == manifest["files"]
    assert sum(path.endswith(".html") for path in files) == site.built.pages


def test_a_folder_that_holds_other_things_is_left_alone(desk_of_many: Any, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear")

    with pytest.raises(Refused, match="no site build wrote"):
        desk_of_many.build(tmp_path / "letters")

    assert (tmp_path / "letters" / "dear.txt").read_text() == "Dear"


def test_a_folder_with_a_manifest_of_something_else_is_left_alone(desk_of_many: Any, tmp_path: Path) -> None:
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "manifest.json").write_text('{"manifest_version": 3}')

    with pytest.raises(Refused):
        desk_of_many.build(tmp_path / "extension")

    assert (tmp_path / "extension" / "manifest.json").is_file()


def test_a_build_that_fails_leaves_the_old_site_and_nothing_else(desk_of_many: Any, tmp_path: Path) -> None:
    before = desk_of_many.build(tmp_path / "site").files()

    with pytest.raises(ZeroDivisionError):
        desk_of_many.build(tmp_path / "site", progress=lambda done, total, noun: 1 // 0)

    assert before == {
        p.relative_to(tmp_path / "site").as_posix(): p.read_bytes()
        for p in (tmp_path / "site").rglob("*")
        if p.is_file()
    }
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_page_of_a_record_that_is_gone_does_not_stay(desk: Any, tmp_path: Path) -> None:
    desk.write("records/notes/NOT-1.yaml", "id: NOT-1\nstate: open\n")
    desk.commit("Begin")
    desk.build(tmp_path / "site")
    (desk.root / "records/notes/NOT-1.yaml").unlink()
    desk.commit("End")

    assert "records/note/NOT-1.html" not in desk.build(tmp_path / "site").files()


def test_a_list_shows_state_and_facts_and_says_how_many_of_each_state(site: Any) -> None:
    assert 'data-state="draft"' in site.page("records/release/index")
    assert f"draft {len(ODD)}" in site.text("records/release/index")
    assert "Version" in site.text("records/release/index")
    assert {"PRO-1"} == {record["id"] for record in site.twin("records/problem/index")["records"]}


def test_a_kind_without_records_says_how_to_write_the_first(site: Any) -> None:
    assert "opsledger new note" in site.text("records/note/index")


def test_the_matrix_tells_what_fixes_and_what_has_a_problem(site: Any) -> None:
    facts = {(fact["release"], fact["says"]) for fact in site.twin("overviews/release-problem")["facts"]}

    assert {(name, "fixes") for name in ODD} | {("4.15.28+x", "known")} == facts
    assert "Problem" in site.text("overviews/release-problem")


def test_a_matrix_of_many_releases_counts_them_by_minor_version(desk: Any, tmp_path: Path) -> None:
    for number in range(60):
        desk.write(
            f"records/releases/REL-{number}.yaml",
            f"id: REL-{number}\nstate: draft\nversion: 4.{number % 3 + 8}.{number}\nfixes: [PRO-1]\n",
        )
    desk.write("records/problems/PRO-1.yaml", "id: PRO-1\nstate: logged\n")
    desk.commit("Begin")

    text = desk.build(tmp_path / "site").text("overviews/release-problem")

    assert "Problem 4.10 4.9 4.8 PRO-1 20 20 20" in text


def test_the_page_of_known_errors_says_symptom_workaround_and_versions(site: Any) -> None:
    text = site.text("overviews/known-errors")

    assert "How it shows The customer sees it twice . What to do meanwhile Stop the worker." in text
    assert "In 1.0.0 Gone in 1.1.0" in text


def test_the_page_of_a_kind_says_what_each_state_asks(site: Any) -> None:
    text = site.text("kinds/release")

    assert "it has a title LCY202" in text
    assert "fixes problem" in text
    assert "blocked by problem" in text
    assert "risk one word of How risky it is. low high" in text


def test_the_page_of_a_rule_says_why_and_what_to_do(site: Any) -> None:
    assert "Why A link to nothing is a hole. What to do Add it, or correct the id." in site.text("rules/LNK101")


def test_the_start_page_counts_by_kind_and_state_and_tells_what_changed_last(site: Any) -> None:
    assert "7 records, and where they stand" in site.text("index")
    assert "2026-01-01 12:00 UTC Ada" in site.text("index")
    assert site.twin("index")["kinds"]["release"] == {"draft": 6}


def test_a_long_list_goes_on_on_further_pages(desk: Any, tmp_path: Path) -> None:
    for number in range(1001):
        desk.write(f"records/notes/NOT-{number}.yaml", f"id: NOT-{number}\nstate: open\n")
    desk.commit("Begin")

    site = desk.build(tmp_path / "site")

    assert site.page("records/note/index").count("<tr data-state") == 1000
    assert site.page("records/note/index-2").count("<tr data-state") == 1
    assert 'href="index-2.html"' in site.page("records/note/index")


def test_the_progress_ends_with_all_pages(desk_of_many: Any, tmp_path: Path) -> None:
    heard: list[tuple[int, int, str]] = []

    desk_of_many.build(tmp_path / "site", progress=lambda *told: heard.append(told))

    assert heard[-1] == (7, 7, "pages")
