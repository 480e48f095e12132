"""Whether the forge would ask somebody about each record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from opsledger.finding import Fault, Place, Severity
from opsledger.ledger import Ledger
from opsledger.rules.register import Found, Reach, rule

if TYPE_CHECKING:
    from opsledger.codeowners import Dialect

LOCATIONS = tuple(f"{folder}CODEOWNERS" for folder in ("", "docs/", ".github/", ".gitlab/", ".gitea/", ".forgejo/"))
_MOST = 9 << 20


@rule("SIG310", Reach.GLOBAL, severity=Severity.WARNING)
def path_that_nobody_owns(ledger: Ledger) -> Iterator[Found]:
    """
    The CODEOWNERS file asks nobody about a folder of records, or about the approvals of a role.

    ## Why
    A forge waits for a code owner's review only where a line names one. A path that no line is about, a line that
    lost its owners, a section that is optional: in each case the forge goes on without anybody, and says nothing.
    A ledger without a CODEOWNERS file is not judged. Source: S0-2.2, S3-rel-01.

    ## Examples
    ```yaml title="fails"
    # raw: .github/CODEOWNERS
    /records/changes/ @example/change-managers
    # records/problems/PRB-2026-9001.yaml
    title: The queue stops
    ```

    ```yaml title="fails, without an owner"
    # raw: .github/CODEOWNERS
    /records/ @example/approvers
    /records/problems/
    # records/problems/PRB-2026-9001.yaml
    title: The queue stops
    ```

    ```yaml title="fails, in an optional section"
    # raw: .gitlab/CODEOWNERS
    ^[Records] @example/approvers
    /records/
    # records/problems/PRB-2026-9001.yaml
    title: The queue stops
    ```

    ```yaml title="passes"
    # raw: .forgejo/CODEOWNERS
    records/.* @example/approvers
    # records/problems/PRB-2026-9001.yaml
    title: The queue stops
    ```

    ## Fix
    Run `opsledger codeowners generate --write`, or add a line with an owner.
    """
    files = ledger.snapshot.files
    if not any(path in files for path in LOCATIONS):
        return
    from opsledger.codeowners import gaps, parse  # most ledgers have no such file, and need not pay for it

    folders, names = _folders(ledger), _Names(files)
    for dialect, path in _in_force(ledger):
        text = ledger.snapshot.read(path, limit=_MOST).decode("utf-8", "replace")
        for gap in gaps(parse(text, dialect), folders, names.within):
            said = f"{dialect.forge} asks nobody about {gap.what}: {gap.why}"
            place = Place(path, gap.entry.line, gap.entry.column) if gap.entry else Place(path)
            yield Found(path, Fault("", "SIG310", said, f"add a line with an owner to {path}"), place=place)


def _in_force(ledger: Ledger) -> Iterator[tuple[Dialect, str]]:
    """Each forge whose own file stands there with that file; else the forge that the ledger is for."""
    from opsledger.codeowners import OWN, Dialect, dialect_of, found_at

    files = ledger.snapshot.files
    own = [(dialect, path) for path, dialect in OWN.items() if path in files and found_at(files, dialect) == path]
    if own:
        yield from own
        return
    roles = ledger.data_of(ledger.of("role"))
    forges = [forge for _, data in roles if isinstance(data.get("owners"), dict) for forge in data["owners"]]
    # What is left stands at the root or in docs/, where all of them look, in this order.
    yield dialect_of(files, forges) or Dialect.GITHUB, next(path for path in LOCATIONS if path in files)


def _folders(ledger: Ledger) -> set[str]:
    """The folders that hold records, and those for the approvals of roles."""
    folders = {path.rpartition("/")[0] for path in ledger.snapshot.files}
    rows = ledger.database.execute("SELECT id FROM record WHERE kind = 'role'")
    found = {f"{ledger.kinds['approval'].folder}/{id}" for (id,) in rows}
    return found | {folder for folder in folders if ledger.kinds.of_path(f"{folder}/x") is not None}


class _Names:
    """The names of files by folder, gathered when they are first asked for."""

    def __init__(self, files: Collection[str]) -> None:
        self._files = files

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._files:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, []).append(name)
        return found

    def within(self, folder: str) -> list[str]:
        """The files right inside a folder; one that is empty yet is asked about by a name like those to come."""
        return self._by_folder.get(folder) or ["APR-2026-00000000.yaml"]
