"""A ledger is made beside whatever stands there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from opsledger.api import open_book
from opsledger.check import Judgement
from opsledger.edit.plan import apply
from opsledger.edit.starting import plan_init, refuse_preset
from opsledger.errors import Refused
from opsledger.finding import Severity
from opsledger.kind import Kinds, packaged_kinds
from opsledger.packaged import files
from opsledger.store.creating import around, create, current_branch
from opsledger.yamlfile import read


def made(kinds: Kinds, top: Path, folder: str = "", *, name: str = "", me: str = "") -> tuple[str, ...]:
    """Make a ledger, and return what was said."""
    root = top / folder
    root.mkdir(parents=True, exist_ok=True)
    plan = plan_init(kinds, top=top, root=root, version="0.1.0", preset="small", protected="main", name=name, me=me)
    apply(plan, top)
    return plan.said


def test_settings_name_tool_preset_and_branch(kinds: Kinds, tmp_path: Path) -> None:
    made(kinds, tmp_path, name="Payments")

    assert {"tool": "0.1.0", "preset": "small", "protected": "main", "name": "Payments"} == read(
        (tmp_path / ".opsledger.yaml").read_bytes()
    )


def test_ledger_in_a_folder_leaves_editors_what_they_need_at_the_top(kinds: Kinds, tmp_path: Path) -> None:
    made(kinds, tmp_path, "ops")

    settings = json.loads((tmp_path / ".vscode/settings.json").read_text(encoding="utf-8"))
    assert ["/ops/records/works/**/*.yaml"] == settings["yaml.schemas"]["./ops/.opsledger/schemas/work.json"]
    assert (tmp_path / "ops/.opsledger/schemas/work.json").is_file()
    assert (tmp_path / "ops/.opsledger.yaml").is_file()


def test_files_that_stand_there_stay(kinds: Kinds, tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @team\n", encoding="utf-8")
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode/settings.json").write_text('{"editor.rulers": [80]}', encoding="utf-8")

    made(kinds, tmp_path)

    assert "* @team\n" == (tmp_path / "CODEOWNERS").read_text(encoding="utf-8")
    assert [80] == json.loads((tmp_path / ".vscode/settings.json").read_text(encoding="utf-8"))["editor.rulers"]


def test_settings_with_comments_stay_and_it_is_said(kinds: Kinds, tmp_path: Path) -> None:
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode/settings.json").write_text("// mine\n{}", encoding="utf-8")

    said = made(kinds, tmp_path)

    assert "// mine\n{}" == (tmp_path / ".vscode/settings.json").read_text(encoding="utf-8")
    assert ".vscode/settings.json has comments or cannot be read, so it stays as it is;" == said[0]


@pytest.mark.parametrize(("folder", "where"), [("", "here"), ("ops/deep", r"in \.\./\.\.")])
def test_second_ledger_is_refused(kinds: Kinds, tmp_path: Path, folder: str, where: str) -> None:
    made(kinds, tmp_path)

    with pytest.raises(Refused, match=f"a ledger stands {where} already"):
        made(kinds, tmp_path, folder)


def test_fresh_directory_becomes_a_repository(tmp_path: Path) -> None:
    assert around(tmp_path) is None

    clone = create(tmp_path, environment=os.environ)

    assert (tmp_path, "main") == (clone.top, current_branch(clone))


def test_new_repository_runs_nothing_of_the_user_s_templates(tmp_path: Path) -> None:
    hooks = tmp_path / "template/hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "new").mkdir()

    create(tmp_path / "new", environment={**os.environ, "GIT_TEMPLATE_DIR": str(tmp_path / "template")})

    assert not (tmp_path / "new/.git/hooks/post-checkout").exists()


def test_preset_that_does_not_travel_along_is_refused() -> None:
    with pytest.raises(Refused, match="no preset is called 'huge'"):
        refuse_preset("huge")


def test_every_packaged_kind_reaches_the_editors(tmp_path: Path) -> None:
    kinds = packaged_kinds()

    made(kinds, tmp_path)

    stems = {path.stem for path in (tmp_path / ".opsledger/schemas").iterdir()}
    assert set(kinds) == stems


PRESET = {path: text for path, text in files("presets/small").items() if path.startswith("records/")}


def test_new_ledger_holds_the_records_of_its_preset(tmp_path: Path) -> None:
    made(packaged_kinds(), tmp_path, "ops")

    assert PRESET == {path: (tmp_path / "ops" / path).read_bytes() for path in PRESET}


def test_new_ledger_passes_its_check_and_warns_that_nobody_can_approve_yet(tmp_path: Path) -> None:
    judged = checked(tmp_path)

    assert 0 == judged.exit_code
    assert [("DUT354", "warning")] == [
        (one.code, one.severity.word) for one in judged.findings if one.severity is not Severity.NOTE
    ]


def test_first_person_holds_the_roles_of_the_preset_and_the_check_has_nothing_to_say(tmp_path: Path) -> None:
    judged = checked(tmp_path, me="Ada Lovelace  <ada@pay.example>")

    assert [] == [one for one in judged.findings if one.severity is not Severity.NOTE]
    assert {
        "id": "PTY-ada-lovelace", "name": "Ada Lovelace", "type": "person", "state": "active",
        "identities": {"emails": ["ada@pay.example"]}, "roles": [{"role": "ROL-approver"}],
    } == read((tmp_path / "records/parties/PTY-ada-lovelace.yaml").read_bytes())  # fmt: skip


@pytest.mark.parametrize(
    ("me", "state", "owner"), [("", "draft", None), ("Ada <ada@pay.example>", "published", "PTY-ada")],
    ids=["nobody", "the first person"],
)  # fmt: skip
def test_routine_of_releases_is_published_once_somebody_owns_it(
    tmp_path: Path, me: str, state: str, owner: str | None
) -> None:
    made(packaged_kinds(), tmp_path, me=me)

    text = (tmp_path / "records/models/MDL-routine-release.yaml").read_bytes()
    model = read(text)
    assert isinstance(model, dict)
    assert (state, owner) == (model["state"], model.get("owner"))
    assert text.startswith(b"# What ")


def test_next_steps_name_the_second_person_once_there_is_a_first_one(tmp_path: Path) -> None:
    alone = made(packaged_kinds(), tmp_path, "alone")
    begun = made(packaged_kinds(), tmp_path, "begun", me="Ada <ada@pay.example>")

    assert "somebody who can approve" in "\n".join(alone)
    assert "a second person, who can approve what the first one writes" in "\n".join(begun)


@pytest.mark.parametrize(
    "me", ["Ada", "ada@pay.example", "<ada@pay.example>", "Ada <ada>", "Ada <a@b> <c@d>", "A\nda <a@b>"]
)
def test_person_that_is_none_is_refused_and_nothing_is_written(tmp_path: Path, me: str) -> None:
    with pytest.raises(Refused, match="names no person"):
        made(packaged_kinds(), tmp_path, me=me)

    assert [] == list(tmp_path.iterdir())


def test_records_that_stand_there_stay(tmp_path: Path) -> None:
    mine = b"id: ROL-approver\ntitle: Ours\ndescription: Says yes.\n"
    (tmp_path / "records/roles").mkdir(parents=True)
    (tmp_path / "records/roles/ROL-approver.yaml").write_bytes(mine)

    made(packaged_kinds(), tmp_path)

    assert mine == (tmp_path / "records/roles/ROL-approver.yaml").read_bytes()
    assert (tmp_path / "records/policy/POL-policy.yaml").is_file()


def test_preset_without_records_of_its_own_starts_empty(tmp_path: Path) -> None:
    plan = plan_init(packaged_kinds(), top=tmp_path, root=tmp_path, version="0.1.0", preset="bare", protected="main")

    assert [] == [write.path for write in plan.writes if write.path.startswith("records/")]


def checked(top: Path, *, me: str = "") -> Judgement:
    """Make a ledger in a fresh repository, and check it."""
    create(top, environment=os.environ)
    made(packaged_kinds(), top, me=me)
    with open_book(top, environment={**os.environ, "OPSLEDGER_CACHE": "off"}) as book:
        return book.check()
