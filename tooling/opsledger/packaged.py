"""The files that travel with the tool, as bytes: schemas, presets, field maps, the site's and the pipelines'."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

FOLDERS = ("schemas", "presets", "fieldmaps", "ready", "site")


def text(path: str) -> bytes:
    """
    The bytes of one packaged file.

    Args:
        path: its folder and name with `/` between, `schemas/release.json`.

    Raises:
        FileNotFoundError: nothing of that name is packaged.
    """
    parts = PurePosixPath(path).parts
    if len(parts) < 2 or parts[0] not in FOLDERS or ".." in parts:
        raise FileNotFoundError(path)
    return folder(parts[0]).joinpath(*parts[1:]).read_bytes()


@cache
def files(name: str) -> Mapping[str, bytes]:
    """
    All files of one packaged folder by their path inside it, sorted; hidden files are left out.

    Args:
        name: `schemas`, `presets`, `fieldmaps`, `ready` or `site`, or a folder below one of them (`presets/small`).

    Raises:
        FileNotFoundError: nothing of that name is packaged.
    """
    parts = PurePosixPath(name).parts
    if not parts or parts[0] not in FOLDERS or ".." in parts:
        raise FileNotFoundError(name)
    top = folder(parts[0]).joinpath(*parts[1:])
    if not top.is_dir():
        raise FileNotFoundError(name)
    found = {path.relative_to(top).as_posix(): path for path in top.rglob("*") if path.is_file()}
    return {name: found[name].read_bytes() for name in sorted(found) if not _is_hidden(name)}


def folder(name: str) -> Path:
    """
    Where one packaged folder lies: in the wheel, in the package, or at the root of the checkout.

    An editable install runs from the checkout, because hatchling applies `force-include` to wheels only.

    Raises:
        FileNotFoundError: the folder did not travel with this copy of the tool.
    """
    package = Path(__file__).resolve().parent
    # The room that builds the site is called as the folder of its sources, so the checkout comes before the package.
    candidates = [package / "_packaged" / name]
    if package.parent.name == "tooling":
        candidates.append(package.parent.parent / name)
    if name in ("presets", "fieldmaps", "ready"):
        candidates.append(package / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"this copy of opsledger came without its {name}")


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.split("/"))
