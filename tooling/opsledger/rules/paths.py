"""Files and their names: what under `records/` is a record's file, and what no record's file may be."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from opsledger.finding import Fault
from opsledger.ledger import Ledger
from opsledger.rules.register import Found, Reach, rule

RECORDS = "records/"
_RESERVED = re.compile(r"(?i)(?:^|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=[./]|$)")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f<>:\"\\|?*]|[ .](?=/|$)|(?:^|/)[ -]")
_LONGEST = 400
_ODD = {
    "symbolic link": ("is a symbolic link, which nothing follows", "put a plain file in its place"),
    "executable": ("is executable, and records are not", "run `chmod 644` on it, and `git add` it"),
    "submodule": ("is a submodule, into which nothing looks", "move it out of records/"),
    "nested repository": ("is a repository of its own, into which nothing looks", "move it out of records/"),
    "fifo": ("is a pipe, which nothing reads", "remove it"),
    "unreadable": ("may not be read", "give yourself the right to read it, with `chmod u+r`"),
    "directory named like a record": ("is a folder, and is named like a record", "rename or remove it"),
}


@rule("SCH004", Reach.GLOBAL)
def file_of_no_kind(ledger: Ledger) -> Iterator[Found]:
    """
    A file under `records/` belongs to no kind.

    ## Why
    A file that nothing judges looks like a record and is none: a backup, a misspelt folder, a file that ends in
    `.yml`. Source: S0-8.6, S2-def-cms.

    ## Examples
    ```yaml title="fails"
    # records/relases/REL-2026-9001.yaml
    id: REL-2026-9001
    ```

    ```yaml title="fails, another ending"
    # records/problems/PRB-2026-9001.yml
    id: PRB-2026-9001
    ```

    ```yaml title="passes"
    # records/problems/PRB-2026-9001.yaml
    id: PRB-2026-9001
    ```

    ## Fix
    Move it into the folder of its kind, rename it so that it ends in `.yaml`, or remove it.
    """
    strangers = [path for path in ledger.new_paths if path not in ledger.snapshot.odd and _is_strange(ledger, path)]
    homeless = {path for path in strangers if ledger.kinds.of_path(path) is None}
    if homeless and _has_unread_schema(ledger):
        strangers = [path for path in strangers if path not in homeless]  # SCH011 says why; it may be their kind
    yield from (Found(path, _unknown(ledger, path)) for path in strangers)


def _is_strange(ledger: Ledger, path: str) -> bool:
    kind = ledger.kinds.of_path(path)
    if kind is not None:
        return not path.endswith(".yaml") and (path.startswith(RECORDS) or path.endswith(".yml"))
    return path.startswith(RECORDS)


def _has_unread_schema(ledger: Ledger) -> bool:
    """Whether a schema of the ledger makes no kind, so that nobody knows which folder it is for."""
    names = [path[8:-5] for path in ledger.snapshot.below("schemas") if path.endswith(".json")]
    return any(name not in ledger.kinds and "/" not in name and name != "common" for name in names)


def _unknown(ledger: Ledger, path: str) -> Fault:
    kind = ledger.kinds.of_path(path)
    if kind is None:
        return Fault("", "SCH004", f"{path} lies in the folder of no kind", f"{_way_home(ledger, path)}, or remove it")
    if path.endswith(".yml"):
        twin = f"{path[:-4]}.yaml"
        also = f", beside {twin}" if twin in ledger.snapshot.files else ""
        fix = f"rename it to {twin}, or remove it" if not also else "keep one of the two, as .yaml"
        return Fault("", "SCH004", f"{path} ends in .yml{also}, and records end in .yaml", fix)
    return Fault("", "SCH004", f"{path} is no record: records end in .yaml", "remove it from records/, or rename it")


def _way_home(ledger: Ledger, path: str) -> str:
    """Where a file probably belongs: by its id, or by the folder that is called nearly the same."""
    kind = ledger.kinds.of_id(path.rpartition("/")[2])
    near = difflib.get_close_matches(
        path.rpartition("/")[0], [kind.folder for kind in ledger.kinds.values()], n=1, cutoff=0.9
    )
    if kind is not None or near:
        return f"move it to {kind.folder if kind is not None else near[0]}/"
    return "move it to the folder of its kind (`opsledger kinds` lists them)"


@rule("SCH010", Reach.GLOBAL)
def path_that_records_may_not_have(ledger: Ledger) -> Iterator[Found]:
    """
    A record's file is no plain file, or its name would not survive on every file system.

    ## Why
    A symbolic link can show another file's content as a record, and names that differ only by case are one file on
    some machines and two on others. Source: S0-8.6.

    ## Examples
    ```yaml title="fails"
    # records/problems/aux.yaml
    id: aux
    ```

    ```yaml title="fails, twice but for case"
    # records/vulnerabilities/VUL-CVE-2026-9001.yaml
    title: A header that is too long
    # records/vulnerabilities/VUL-cve-2026-9001.yaml
    title: A header that is too long
    ```

    ```yaml title="passes"
    # records/cis/CI-payments.yaml
    id: CI-payments
    ```

    ## Fix
    Replace it by a plain file with a plain name.
    """
    odd = [path for path in ledger.snapshot.odd if path not in ledger.new_paths]
    concerned = [path for path in [*ledger.new_paths, *odd] if _is_concerned(ledger, path)]
    unfit = {path: fault for path in concerned if (fault := _unfit(ledger, path))}
    yield from (Found(path, fault) for path, fault in unfit.items())
    if any(path not in ledger.snapshot.odd for path in concerned):
        everything = {**ledger.snapshot.files, **ledger.snapshot.odd}
        yield from _alike(path for path in everything if path not in unfit and _is_concerned(ledger, path))


def _alike(concerned: Iterable[str]) -> Iterator[Found]:
    by_form: defaultdict[str, list[str]] = defaultdict(list)
    for path in concerned:
        by_form[path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()].append(path)
    for paths in by_form.values():
        for path in sorted(paths)[1:]:
            said = f"{path} differs from {min(paths)} by case or form of letters alone"
            yield Found(path, Fault("", "SCH010", said, "rename one of the two"))


def _is_concerned(ledger: Ledger, path: str) -> bool:
    return path.startswith(RECORDS) or ledger.kinds.of_path(path) is not None


def _unfit(ledger: Ledger, path: str) -> Fault | None:
    why = ledger.snapshot.odd.get(path)
    if why is not None:
        said, fix = _ODD.get(why, (f"is no plain file but a {why}", "remove it"))
        return Fault("", "SCH010", f"{path} {said}", fix)
    if len(path) >= _LONGEST:
        said = f"the path has {len(path):,} characters, and {_LONGEST - 1} are the most"
        return Fault("", "SCH010", said, "move it up, or shorten its name")
    if path.isascii() and not _UNSAFE.search(path) and not _RESERVED.search(path):
        return None
    bad = next(part for part in path.split("/") if not part.isascii() or _UNSAFE.search(part) or _RESERVED.search(part))
    said = f"{bad!r} is a name that some file systems refuse or show otherwise"
    return Fault("", "SCH010", said, "use ASCII letters, digits, hyphens, dots and underscores")
