"""Snapshots of a git repository, and everything that git is asked for. The git program lives in this room."""

from __future__ import annotations

from opsledger.store.git import NoGit
from opsledger.store.landing import Landed, land
from opsledger.store.log import Change, Commit, Person
from opsledger.store.merging import Conflict
from opsledger.store.repository import Repository
from opsledger.store.sending import Pushed, Rejected
from opsledger.store.snapshot import LIMIT, Snapshot, Source, blob_id, in_memory, overlaid
from opsledger.store.texts import CommitText

__all__ = [
    "LIMIT",
    "Change",
    "Commit",
    "CommitText",
    "Conflict",
    "Landed",
    "NoGit",
    "Person",
    "Pushed",
    "Rejected",
    "Repository",
    "Snapshot",
    "Source",
    "blob_id",
    "in_memory",
    "land",
    "overlaid",
]
