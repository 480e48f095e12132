"""Where forges look for the file, in their order, and which forge a repository is probably for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from opsledger.codeowners.model import Dialect

NAME = "CODEOWNERS"
LOCATIONS: Mapping[Dialect, tuple[str, ...]] = {
    Dialect.GITHUB: (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    Dialect.GITLAB: ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    Dialect.GITEA: ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"),
    Dialect.FORGEJO: ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"),
}
OWN: Mapping[str, Dialect] = {f".{dialect}/{NAME}": dialect for dialect in Dialect}
"""The locations that tell whose file it is."""
EVERYWHERE = tuple(dict.fromkeys(path for paths in LOCATIONS.values() for path in paths))
"""All of them."""
WORKFLOWS: Mapping[Dialect, tuple[str, ...]] = {
    Dialect.GITHUB: (".github/workflows/", ".github/actions/"),
    Dialect.GITLAB: (".gitlab-ci.yml", ".gitlab/"),
    Dialect.GITEA: (".gitea/workflows/", ".github/workflows/"),
    Dialect.FORGEJO: (".forgejo/workflows/", ".gitea/workflows/", ".github/workflows/"),
}
"""What each forge runs when something changes: files, and folders with a slash at their end."""


def found_at(files: Collection[str], dialect: Dialect) -> str | None:
    """The file that a forge reads among those of a repository, or `None` where it finds none."""
    return next((path for path in LOCATIONS[dialect] if path in files), None)


def shadowed(files: Collection[str], dialect: Dialect) -> tuple[str, ...]:
    """The files that a forge would read if it had not found another one first."""
    return tuple(path for path in LOCATIONS[dialect] if path in files)[1:]


def home(files: Collection[str], dialect: Dialect) -> str:
    """Where the file is, or where it should be written: in the forge's own folder, where no other forge sees it."""
    return found_at(files, dialect) or f".{dialect}/{NAME}"


def dialect_of(files: Collection[str], forges: Iterable[str] = ()) -> Dialect | None:
    """
    The forge that a repository is for, or `None` where its files do not tell.

    A file in a folder of one forge tells; else the only forge at which the roles name owners; else what stands
    beside it.

    Args:
        files: the paths of the repository.
        forges: the forges at which the roles name owners.
    """
    own = {dialect for path, dialect in OWN.items() if path in files and found_at(files, dialect) == path}
    named = {Dialect(forge) for forge in forges if forge in set(Dialect)}
    marked = {dialect for dialect in Dialect if _is_marked(files, dialect)}
    for candidates in (own, own & named, named, named & marked, marked):
        if len(candidates) == 1:
            return candidates.pop()
    return None


def _is_marked(files: Collection[str], dialect: Dialect) -> bool:
    if dialect is Dialect.GITLAB and ".gitlab-ci.yml" in files:
        return True
    return any(path.startswith(f".{dialect}/") for path in files)
