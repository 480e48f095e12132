"""
The file in which a pipeline keeps a deployment until it is written into the ledger.

It is no record, lies outside of the ledger and proves nothing: what is in it is judged when it lands. Its fingerprint
tells an edit by hand from what the tool wrote, so that nobody lands by accident what somebody tried out.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from opsledger.canonical import NotCanonical, digest
from opsledger.errors import OpsledgerError, Refused

FOLDER = ".opsledger-deployments"
VERSION = 1
_MOST_BYTES = 8 << 20


class NoSuchJournal(OpsledgerError, LookupError):
    """No deployment of that id was begun here."""

    def __init__(self, id: str, folder: str) -> None:
        super().__init__(id, folder)
        self.id = id
        self.folder = folder

    def __str__(self) -> str:
        return f"no deployment {self.id!r} was started in {self.folder}; `opsledger deploy start` starts one"


class Tampered(Refused):
    """A journal is not as the tool left it."""


@dataclass(frozen=True)
class Journal:
    """
    One deployment on its way into the ledger.

    Args:
        record: the deployment as its record would be now.
        by: id of the party whose lane writes it down.
        ledger: where the ledger is; empty for the one around the directory.
        criteria: the rollback criteria of the release, as they stood when it began.
        publishes: whether each step is written down at once.
        problem: the record of the problem that a rollback made; empty without one.
        landed: full id of the commit that holds the record as it is here; empty while it is not in the ledger.
    """

    record: Mapping[str, Any]
    by: str
    ledger: str = ""
    criteria: tuple[Mapping[str, Any], ...] = ()
    publishes: bool = False
    problem: Mapping[str, Any] = field(default_factory=dict)
    landed: str = ""

    @property
    def id(self) -> str:
        """The id of the deployment."""
        return str(self.record["id"])

    @property
    def is_owed(self) -> bool:
        """Whether the glass was broken for it and the ledger does not know yet."""
        return "break_glass" in self.record and not self.landed


def kept(folder: Path, id: str) -> Journal:
    """
    The journal of a deployment.

    Raises:
        NoSuchJournal: it was not begun here.
        Tampered: somebody edited it, or it is no journal.
    """
    path = folder / f"{id}.json"
    if "/" in id or id.startswith(".") or not path.is_file():
        raise NoSuchJournal(id, str(folder))
    return read_journal(path)


def read_journal(path: Path) -> Journal:
    """As `kept`, of a file."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        is_plain = stat.S_ISREG(os.fstat(handle).st_mode)
        text = file.read(_MOST_BYTES) if is_plain else b""
    try:
        found = json.loads(text)
        told = found.pop("digest")
        is_whole = found["version"] == VERSION and told == digest(found)
        made = {name: found[name] for name in Journal.__dataclass_fields__}
        journal = Journal(**{**made, "criteria": tuple(made["criteria"])})
        named = journal.id
    except (ValueError, KeyError, TypeError, AttributeError, NotCanonical):
        raise Tampered(f"{path} is no journal of a deployment", "start the deployment again") from None
    if not is_whole or path.name != f"{named}.json":
        raise Tampered(
            f"{path} was changed by hand, so nothing in it counts",
            "put back what the tool wrote, or propose the deployment's record in a pull request",
        )
    return journal


def journals(folder: Path) -> Iterator[Path]:
    """The files of all deployments that were begun in a folder, by id."""
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.suffix == ".json" and path.name.startswith("DEP-"))


def saved(folder: Path, journal: Journal) -> Path:
    """Write a journal so that a kill leaves it old or new, and give its place; git leaves the folder alone."""
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    content: dict[str, Any] = {"version": VERSION, **asdict(journal), "criteria": list(journal.criteria)}
    text = json.dumps({**content, "digest": digest(content)}, indent=2, sort_keys=True, ensure_ascii=False)
    place = folder / f"{journal.id}.json"
    beside = folder / f".{journal.id}.{secrets.token_hex(4)}.tmp"
    try:
        with beside.open("x", encoding="utf-8") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
    return place
