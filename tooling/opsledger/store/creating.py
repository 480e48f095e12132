"""A git repository where there is none yet."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from opsledger.errors import GitFailed, NoRepository
from opsledger.store.clone import Clone, find_clone
from opsledger.store.git import _hardened, _program


def create(directory: Path, *, environment: Mapping[str, str], branch: str = "main") -> Clone:
    """
    Make a directory the top of a new, empty git repository.

    Raises:
        GitFailed: git could not.
        NoGit: there is no git to ask.
    """
    answer = subprocess.run(
        [_program(environment), "init", "--quiet", "--template=", f"--initial-branch={branch}"],
        cwd=directory, env=_hardened(environment), stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if answer.returncode != 0:
        raise GitFailed("init", answer.stderr.decode("utf-8", "replace"))
    return find_clone(directory)


def around(directory: Path) -> Clone | None:
    """Return the clone that a directory lies in, or None."""
    try:
        return find_clone(directory)
    except NoRepository:
        return None


def current_branch(clone: Clone) -> str:
    """Return the branch that is checked out, or `main` where HEAD names none."""
    try:
        head = (clone.git_dir / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "main"
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else "main"
