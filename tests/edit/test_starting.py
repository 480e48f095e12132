"""A ledger is made beside whatever stands there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from opsledger.edit.plan import apply
from opsledger.edit.starting import plan_init, refuse_preset
from opsledger.errors import Refused
from opsledger.kind import Kinds, packaged_kinds
from opsledger.store.creating import around, create, current_branch
from opsledger.yamlfile import read


def made(kinds: Kinds, top: Path, folder: str = "", *, name: str = "") -> tuple[str, ...]:
    """Make a ledger, and return what was said."""
    root = top / folder
    root.mkdir(parents=True, exist_ok=True)
    plan = plan_init(kinds, top=top, root=root, version="0.1.0", preset="small", protected="main", name=name)
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

    files = {path.stem for path in (tmp_path / ".opsledger/schemas").iterdir()}
    assert set(kinds) == files
