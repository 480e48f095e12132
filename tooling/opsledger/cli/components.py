"""What `gate ci-check` does: ask about the components that a pipeline builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from opsledger.api import ci_check
from opsledger.cli.brought import bytes_brought
from opsledger.cli.caller import Caller
from opsledger.cli.screen import watched
from opsledger.errors import Refused
from opsledger.store import Repository

if TYPE_CHECKING:
    from opsledger.api import Book
    from opsledger.cli.deciding import Wanted
    from opsledger.gate import Verdict

_MOST = 1 << 22


def on_components(caller: Caller, book: Book, wanted: Wanted) -> Verdict:
    """
    Ask what a pipeline asks before there is a release.

    Raises:
        Refused: the list of changed files cannot be read.
    """
    if wanted.group or wanted.emergency or wanted.reviews or wanted.by:
        raise click.UsageError("ci-check asks about components: leave out --group, --emergency, --reviews and --by")
    paths = _paths(caller, wanted.paths) if wanted.paths else ()
    if not wanted.subjects and wanted.paths is None:
        raise click.UsageError("name the components that are built, or the changed files with --paths-from")
    with watched("judging") as progress:
        return ci_check(
            book,
            wanted.subjects, paths=paths, belongs=_belonging(caller, is_own=not wanted.ledger) if paths else None,
            version=wanted.version, at=wanted.at or "HEAD", base=wanted.base, as_of=wanted.as_of or caller.now,
            environment=wanted.environment, progress=progress,
        )  # fmt: skip


def _paths(caller: Caller, file: str) -> tuple[str, ...]:
    """Return the files of a list, one a line, as `git diff --name-only` prints them."""
    content = bytes_brought(caller, file, most=_MOST, what="changed files")
    if len(content) > _MOST:
        raise Refused(f"{file} is longer than any list of changed files", "list fewer files")
    return tuple(line for line in content.decode("utf-8", "surrogateescape").splitlines() if line)


def _belonging(caller: Caller, *, is_own: bool) -> Callable[[object], bool]:
    """Return what says whether the code of a component is in the repository that the caller stands in."""
    from opsledger.adapters.forges import plain_address

    with Repository.within(caller.directory, "", environment=caller.environment) as clone:
        address = plain_address(clone.remotes().get("origin", "")).lower()

    def belongs(repository: object) -> bool:
        if not isinstance(repository, str):
            return is_own
        return bool(address) and plain_address(repository).lower() == address

    return belongs
