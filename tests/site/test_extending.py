"""A kind that stands in one schema file has pages without any Python, and may bring a page of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opsledger.errors import Refused

DRILL = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Fire drill",
    "description": "One rehearsal of a failure.",
    "x-kind": {
        "name": "drill",
        "plural": "drills",
        "family": "Rehearsal",
        "folder": "/deploy/drills",
        "id_from": "path",
    },
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "What it is called."},
        "of": {"type": "string", "x-refers-to": {"kinds": ["note"], "as": "rehearses", "inverse": "rehearsed in"}},
    },
}


@pytest.fixture
def drilled(desk: Any) -> Any:
    """A ledger with a kind of its own, whose records lie beside its other files and are called by their paths."""
    desk.schemas = {**desk.schemas, "drill.json": json.dumps(DRILL).encode()}
    desk.write("deploy/drills/db/lost.yaml", "name: Lose the database\nof: NOT-1\n")
    desk.write("records/notes/NOT-1.yaml", "id: NOT-1\nstate: open\n")
    return desk


def page_of(site: Any) -> str:
    """The address of the drill's page."""
    [record] = site.twin("records/drill/index")["records"]
    assert record["id"] == "db/lost"
    [path] = [path for path in site.files() if path.startswith("records/drill/db-lost") and path.endswith(".html")]
    return path.removesuffix(".html")


def test_a_new_kind_has_list_pages_links_and_a_reference(drilled: Any, tmp_path: Path) -> None:
    drilled.commit("Begin")

    site = drilled.build(tmp_path / "site")

    assert "rehearses NOT-1" in site.text(page_of(site))
    assert "rehearsed in db/lost Lose the database" in site.text("records/note/NOT-1")
    assert "Rehearsal drills 1" in site.text("index")
    assert "One rehearsal of a failure." in site.text("kinds/drill")


def test_a_template_of_the_ledger_takes_the_place_of_the_common_one(drilled: Any, tmp_path: Path) -> None:
    drilled.write(
        "site/templates/drill.html.j2",
        '{% import "macros.html.j2" as m %}<h1>{{ data.name }}!</h1>{{ m.stamp(snapshot, twin) }}{{ "<b>" }}',
    )
    drilled.commit("Begin")

    site = drilled.build(tmp_path / "site")

    assert "<h1>Lose the database!</h1>" in site.page(page_of(site))
    assert "&lt;b&gt;" in site.page(page_of(site))
    assert "2026-01-01 12:00 UTC" in site.text(page_of(site))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("{{ ''.__class__.__mro__ }}", id="reaches into Python"),
        pytest.param("{{ snapshot.update(commit='forged') }}", id="changes what it was given"),
        pytest.param("{{ nothing_of_that_name }}", id="names what is not there"),
        pytest.param("{% if %}", id="is not whole"),
        pytest.param("{% include '/etc/passwd' %}", id="includes a file"),
    ],
)
def test_a_template_that_cannot_be_filled_stops_the_build_and_is_named(
    drilled: Any, tmp_path: Path, template: str
) -> None:
    drilled.write("site/templates/drill.html.j2", template)
    drilled.commit("Begin")

    with pytest.raises(Refused, match=r"site/templates/drill\.html\.j2"):
        drilled.build(tmp_path / "site")

    assert list(tmp_path.iterdir()) == []


def test_a_kind_called_like_one_of_the_pages_gets_the_common_page(desk: Any, tmp_path: Path) -> None:
    about = {**DRILL["x-kind"], "name": "list", "folder": "lists", "id_from": "/name"}  # type: ignore[dict-item]
    desk.schemas = {**desk.schemas, "list.json": json.dumps({**DRILL, "x-kind": about}).encode()}
    desk.write("records/lists/a.yaml", "name: a\n")
    desk.commit("Begin")

    assert "What it says" in desk.build(tmp_path / "site").text("records/list/a")
