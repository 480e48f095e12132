"""What the page on approvals says that anyone can do by hand, done as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from opsledger.approvals import data_of
from opsledger.yamlfile import read

PAGE = Path(__file__).resolve().parents[2] / "site/pages/approvals.md"
BY_HAND = re.findall(
    r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8").partition("## Check one by hand")[2], re.S
)
NEEDED = pytest.mark.skipif(
    shutil.which("jq") is None and os.environ.get("CI") != "true", reason="jq is not installed; .ci/tools installs it"
)


def commands(block: str) -> list[str]:
    """The commands of a block, each with the lines that it goes on in."""
    return [command.strip() for command in re.split(r"^\$ ", block, flags=re.M) if command.strip()]


def run(command: str, folder: Path) -> str:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.fixture
def folder(scene, tmp_path):
    """The approval and its record as JSON, and who may sign: what the commands before these have made."""
    approval = scene.approval(conditions=("At night only",))
    (tmp_path / "approval.json").write_text(json.dumps(data_of(approval)))
    (tmp_path / "record.json").write_text(json.dumps(read(scene.subject.encode())))
    plain = " ".join(scene.keys.public("grace").split()[:2])
    (tmp_path / "signers").write_text(f'PTY-grace namespaces="opsledger-approval" {plain}\n')
    return tmp_path


@NEEDED
def test_the_digest_comes_out_the_same(folder):
    ours, stated = commands(BY_HAND[1])

    said = run(ours.replace('kind: "release"', 'kind: "deployment"'), folder).split()[0]

    assert f"sha256:{said}" == run(stated, folder).strip()


@NEEDED
def test_the_signature_is_found_good(folder):
    said = [run(command, folder) for command in commands(BY_HAND[2]) if not command.startswith("git show")]

    assert 'Good "opsledger-approval" signature for PTY-grace' in said[-1]


@NEEDED
def test_a_changed_record_has_another_digest(folder):
    record = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps({**record, "environment": "ENV-test"}))
    ours, stated = commands(BY_HAND[1])

    said = run(ours.replace('kind: "release"', 'kind: "deployment"'), folder).split()[0]

    assert f"sha256:{said}" != run(stated, folder).strip()
