"""
Builds opsledger as one file that any python3 of the named versions runs: `dist/opsledger.pyz`.

    python tooling/single.py [--output FILE] [--python 3.12]... [--platform manylinux_2_28_x86_64]

What it needs is taken from the environment that builds it, in the very versions that were tested there. Compiled parts
cannot run from inside a zip file, so the file unpacks itself once into the user's cache, under its own fingerprint.
Compiled parts for other versions of Python than the one that builds are fetched as wheels.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EPOCH = (1980, 1, 1, 0, 0, 0)
START = '''\
"""Unpacks opsledger once into the user's cache, and runs it from there."""

import os
import runpy
import shutil
import sys
import tempfile
import zipfile

DIGEST = "@DIGEST@"
PYTHONS = @PYTHONS@


def place():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if os.environ.get("OPSLEDGER_CACHE") == "off" or not os.path.isabs(home):
        return None
    folder = os.path.join(home, "opsledger", "single")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return None
    status = os.lstat(folder)
    is_own = status.st_uid == os.geteuid() and not status.st_mode & 0o022
    return os.path.join(folder, DIGEST) if is_own else None


def unpacked():
    wanted = place()
    if wanted is not None and os.path.isdir(wanted):
        return wanted, False
    beside = tempfile.mkdtemp(prefix="opsledger-", dir=os.path.dirname(wanted) if wanted else None)
    with zipfile.ZipFile(os.path.dirname(os.path.abspath(__file__))) as archive:
        archive.extractall(beside)
    if wanted is None:
        return beside, True
    try:
        os.rename(beside, wanted)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)  # somebody else was quicker
    return wanted, False


def main():
    tag = "%d.%d" % sys.version_info[:2]
    if tag not in PYTHONS:
        sys.stderr.write("Error: this file was built for Python %s, and this is %s\\n" % (", ".join(PYTHONS), tag))
        return 2
    folder, is_passing = unpacked()
    sys.path[:0] = [os.path.join(folder, "native", tag), os.path.join(folder, "lib")]
    own = sys.path[:2]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [*own, os.environ.get("PYTHONPATH", "")]))
    try:
        runpy.run_module("opsledger", run_name="__main__", alter_sys=True)
    finally:
        if is_passing:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


sys.exit(main())
'''


def needed(name: str, seen: dict[str, Distribution]) -> dict[str, Distribution]:
    """The distributions that one needs, as far as this environment installed them, without extras."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return seen
    key = re.sub("[-_.]+", "-", found.metadata["Name"]).lower()
    if key in seen:
        return seen
    seen[key] = found
    for text in found.requires or ():
        word = re.match(r"[A-Za-z0-9._-]+", text)
        if word and "extra ==" not in text:
            needed(word[0], seen)
    return seen


def files_of(found: Distribution) -> Iterator[tuple[Path, str]]:
    """The files of a distribution, with their place below its folder; what it put elsewhere is left out."""
    for file in found.files or ():
        place = Path(str(file.locate()))
        if ".." not in file.parts and not file.is_absolute() and "__pycache__" not in file.parts and place.is_file():
            yield place, file.as_posix()


def copied(found: Distribution, folder: Path) -> None:
    """Copy a distribution's files into a folder."""
    for place, name in files_of(found):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, folder / name)


def is_compiled(found: Distribution) -> bool:
    """Whether a distribution has parts for one version of Python or one sort of machine."""
    return any(name.endswith((".so", ".pyd", ".dylib")) for _, name in files_of(found))


def stage(folder: Path, pythons: list[str], platform: str) -> None:
    """Put everything where the file will unpack it: `lib` for all, `native/<version>` for the compiled parts."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    own: dict[str, Distribution] = {}
    for text in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]:
        needed(re.split("[^A-Za-z0-9._-]", text)[0], own)
    compiled = {name: found for name, found in own.items() if is_compiled(found)}
    for name, found in own.items():
        if name not in compiled:
            copied(found, folder / "lib")
    for python in pythons:
        target = folder / "native" / python
        target.mkdir(parents=True)
        if python == here:
            for found in compiled.values():
                copied(found, target)
            continue
        own_place = ["--target", str(target)]
        wanted = [f"{name}=={found.version}" for name, found in sorted(compiled.items())]
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--no-compile", "--only-binary", ":all:", "--python-version", python, "--platform", platform, *own_place,
             *wanted], check=True,
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", made, str(ROOT)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        [wheel] = Path(made).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "lib")


def packed(folder: Path, output: Path, pythons: list[str]) -> None:
    """Write the one file: alike from alike parts, whenever and wherever it is built."""
    entries = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    told = hashlib.sha256()
    for path in entries:
        told.update(f"{path.relative_to(folder).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    start = START.replace("@DIGEST@", told.hexdigest()[:32]).replace("@PYTHONS@", repr(pythons))
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("__main__.py", EPOCH), start)
            for path in entries:
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    output.chmod(0o755)


def main() -> int:
    """Build it, and say how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "dist/opsledger.pyz")
    parser.add_argument("--python", action="append", default=[], metavar="VERSION", help="another version of Python")
    parser.add_argument("--platform", default="manylinux_2_28_x86_64", help="the machines of the other versions")
    given = parser.parse_args()
    pythons = sorted({f"{sys.version_info.major}.{sys.version_info.minor}", *given.python})
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder), pythons, given.platform)
        packed(Path(folder), given.output, pythons)
    size = given.output.stat().st_size / 1e6
    sys.stdout.write(f"wrote {given.output} ({size:.1f} MB) for Python {', '.join(pythons)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
