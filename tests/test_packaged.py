"""Schemas, presets and site sources travel with every way to install the tool."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from opsledger import packaged

ROOT = Path(__file__).resolve().parent.parent
ASK = """
import site, sys
site.addsitedir(sys.argv[1])
from opsledger import packaged
print(packaged.__file__)
print(packaged.text("schemas/common.json").decode(), end="")
print(sorted(packaged.files("schemas")), sorted(packaged.files("presets")) != [], sorted(packaged.files("site")) != [])
"""


def test_checkout_gives_the_files_at_its_root():
    names = packaged.files("schemas")

    assert (ROOT / "schemas/common.json").read_bytes() == names["common.json"] == packaged.text("schemas/common.json")
    assert sorted(names) == list(names)
    assert "meta/kind.json" in names


def test_folder_below_a_folder_can_be_asked_for():
    assert {"kind.json": packaged.text("schemas/meta/kind.json")}.items() <= packaged.files("schemas/meta").items()


def test_presets_lie_in_the_package():
    assert ROOT / "tooling/opsledger/presets" == packaged.folder("presets")


@pytest.mark.parametrize(
    "path", ["schemas/none.json", "schemas", "", "records/a.yaml", "schemas/../pyproject.toml", "/etc/passwd", "../x/y"]
)
def test_only_what_is_packaged_can_be_read(path):
    with pytest.raises(FileNotFoundError):
        packaged.text(path)


@pytest.mark.parametrize("name", ["records", "", "schemas/none", "schemas/..", "..", "/"])
def test_only_packaged_folders_can_be_listed(name):
    with pytest.raises(FileNotFoundError):
        packaged.files(name)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of what a build needs, so that nothing is written into the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy)
    for name in ("tooling", "schemas", "site"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.parametrize("target", ["wheel", "wheel:editable"], ids=["wheel", "editable install"])
def test_installed_tool_brings_the_same_files_as_the_checkout(source, tmp_path, target):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tmp_path / "dist")],
        cwd=source, check=True, capture_output=True,
    )  # fmt: skip
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")

    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASK, str(tmp_path / "installed")],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip

    place, rest = answer.stdout.split("\n", 1)
    assert str(source if target == "wheel:editable" else tmp_path / "installed") in place
    assert f"{packaged.text('schemas/common.json').decode()}{sorted(packaged.files('schemas'))} True True\n" == rest
