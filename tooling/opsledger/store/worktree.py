"""The work tree and the index as snapshots: what git says is clean goes by its blob id, the rest is hashed here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from opsledger.errors import GitFailed, Undecided
from opsledger.store import disk
from opsledger.store.git import Git, Running
from opsledger.store.objects import Objects
from opsledger.store.snapshot import Snapshot, blob_id, in_order
from opsledger.store.trees import RECORD_SUFFIXES, odd_folders

_MODES = {"120000": disk.SYMLINK, "160000": disk.SUBMODULE, "100755": disk.EXECUTABLE}
_PLAIN = "H 100644 "
_UNFINISHED = {
    "MERGE_HEAD": ("a merge", "git merge"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "git cherry-pick"),
    "REVERT_HEAD": ("a revert", "git revert"),
    "rebase-merge": ("a rebase", "git rebase"),
    "rebase-apply": ("a rebase", "git rebase"),
}


@dataclass
class _Listing:
    """What the index holds below the root, before the disk is looked at."""

    files: dict[str, str] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)
    untracked: list[str] = field(default_factory=list)
    pinned: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OnDisk:
    """Bytes from the work tree; where these are no longer what they were, from the object of the same id."""

    disk: disk.Disk
    objects: Objects
    object_format: str
    pinned: frozenset[str]

    def blobs(self, wanted: Sequence[tuple[str, str]], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """As `Source.blobs`."""
        for path, blob in wanted:
            data = None if path in self.pinned else self._from_disk(path, blob, limit)
            if data is None:
                [(_, data)] = self.objects.blobs([(path, blob)], limit=limit)
            yield path, data

    def _from_disk(self, path: str, blob: str, limit: int) -> bytes | None:
        # Bytes that do not match the id would poison every cache that goes by it, so each file is hashed as it
        # is read: it may have changed since, or git may have normalised its line ends.
        for _ in range(2):
            try:
                data = self.disk.read(path, limit=limit)
            except PermissionError:
                return None
            if data is not None and (len(data) > limit or blob_id(data, object_format=self.object_format) == blob):
                return data
        return None


def work_tree(git: Git, objects: Objects, files: disk.Disk, root: Path) -> Snapshot:
    """
    What stands below the root now: tracked and untracked files alike, ignored ones not.

    Raises:
        Undecided: a merge or the like is unfinished, or the index cannot be read.
    """
    refuse_unfinished(git)
    # Two at once, and a look at the folders meanwhile: listing what is untracked, comparing what is tracked and
    # looking for what git does not list take as long as each other.
    with (
        git.begin("ls-files", "-m", "-d", "-z", work_tree=root) as comparing,
        git.begin("ls-files", "-s", "-o", "-v", "-z", "--exclude-standard", work_tree=root) as listing_all,
    ):
        strange = _strange_entries(["records"], files)
        listed, compared = _answer(git, listing_all), _answer(git, comparing)
    listing = _parse(listed, git.clone.id_length)
    changed = {path for path in os.fsdecode(compared).split("\0") if path} - listing.pinned.keys()
    _look_again(listing, [*sorted(changed), *listing.untracked], files, git)
    _behind_links(listing)
    listing.odd.update(strange | _strange_entries(_other_folders(listing.files), files))
    listing.odd.update(odd_folders(listing.files, listed))
    source = OnDisk(files, objects, git.clone.object_format, frozenset(listing.pinned))
    return Snapshot("work tree", None, None, in_order(listing.files), in_order(listing.odd), source, _notes(listing))


def index(git: Git, objects: Objects, root: Path) -> Snapshot:
    """
    What the index holds below the root, which is what `git commit` would commit.

    Raises:
        Undecided: a merge or the like is unfinished, or the index cannot be read.
    """
    refuse_unfinished(git)
    with git.begin("ls-files", "-s", "-v", "-z", work_tree=root) as listing_all:
        listed = _answer(git, listing_all)
    listing = _parse(listed, git.clone.id_length)
    listing.odd.update(odd_folders(listing.files, listed))
    return Snapshot("index", None, None, in_order(listing.files), in_order(listing.odd), objects)


def refuse_unfinished(git: Git) -> None:
    """Stop where the index is halfway between two states."""
    present = set(os.listdir(git.clone.git_dir))
    for name, (what, command) in _UNFINISHED.items():
        if name in present:
            raise Undecided(
                f"{what} is unfinished in {git.clone.top}",
                f"finish it with `{command} --continue` or drop it with `{command} --abort`",
            )
    if "index.lock" in present:
        raise Undecided(
            f"another git command holds the index of {git.clone.top}",
            "wait until it ends; if none is running, delete .git/index.lock",
        )


def _answer(git: Git, running: Running) -> bytes:
    try:
        return running.answer()[1]
    except GitFailed as failure:
        raise Undecided(
            f"the index of {git.clone.top} cannot be read: {failure.said.strip()}",
            "run `git status`; if it says the same, delete .git/index and run `git reset`",
        ) from failure


def _parse(listed: bytes, id_length: int) -> _Listing:
    lines = os.fsdecode(listed).split("\0")
    # Nearly all lines are `H 100644 <id> 0<tab><path>`: those are cut at fixed places, for speed.
    end = 9 + id_length
    plain = {line[end + 3 :]: line[9:end] for line in lines if line[:9] == _PLAIN}
    listing = _Listing(plain)
    if len(plain) == len(lines) - 1:
        return listing
    for line in lines:
        if line[:9] == _PLAIN:
            continue
        if line.startswith("? "):
            listing.untracked.append(line[2:])
        elif line:
            before, _, path = line.partition("\t")
            tag, mode, blob, stage = before.split(" ")
            if stage != "0":
                raise Undecided(f"{path} is in conflict", "resolve it and `git add` it")
            if reason := _MODES.get(mode):
                listing.odd[path] = reason
            if mode.startswith("100"):
                listing.files[path] = blob
            if tag != "H":
                listing.pinned[path] = "skip-worktree" if tag in "Ss" else "assume-unchanged"
    return listing


def _look_again(listing: _Listing, paths: Iterable[str], files: disk.Disk, git: Git) -> None:
    keeps_modes = git.clone.settings.get("core.filemode", "true").lower() != "false"
    for path in paths:
        was_executable = listing.odd.pop(path, "") == disk.EXECUTABLE
        listing.files.pop(path, None)
        if path.endswith("/"):
            listing.odd[path[:-1]] = disk.NESTED
            continue
        found = files.look(path)
        if found is None or found[0] == disk.FOLDER:
            continue
        reason, is_executable = found
        try:
            blob = None if reason else files.blob_id(path, object_format=git.clone.object_format)
        except PermissionError:
            blob, reason = None, disk.UNREADABLE
        if blob is not None:
            listing.files[path] = blob
            if is_executable if keeps_modes else was_executable:
                reason = disk.EXECUTABLE
        if reason:
            listing.odd[path] = reason


def _behind_links(listing: _Listing) -> None:
    """Drop files whose folder is now a link: git's index knows them still, and the link may lead anywhere."""
    links = tuple(f"{path}/" for path, reason in listing.odd.items() if reason == disk.SYMLINK)
    if links:
        for path in [path for path in (*listing.files, *listing.odd) if path.startswith(links)]:
            listing.files.pop(path, None)
            listing.odd.pop(path, None)


def _other_folders(known: Iterable[str]) -> Iterable[str]:
    """Folders that hold YAML files outside `records/`: a kind may live anywhere."""
    return {path.rpartition("/")[0] for path in known if path[:8] != "records/" and path.endswith(RECORD_SUFFIXES)}


def _strange_entries(folders: Iterable[str], files: disk.Disk) -> dict[str, str]:
    """
    Entries that git does not list: pipes, sockets, devices, and folders that are empty or closed to us.

    Of `records`, all that lies below it too.
    """
    odd: dict[str, str] = {}
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        for name, reason in _entries(folder, files):
            path = f"{folder}/{name}" if folder else name
            if reason == disk.FOLDER:
                if name.endswith(RECORD_SUFFIXES):
                    odd[path] = disk.NAMED_LIKE_A_RECORD
                if path.startswith("records/"):
                    waiting.append(path)
            elif name:
                odd[path] = reason
            else:
                odd[folder] = reason
    return odd


def _entries(folder: str, files: disk.Disk) -> Iterator[tuple[str, str]]:
    """What in a folder is neither a plain file nor a link; an empty name stands for the folder itself."""
    try:
        with os.scandir(files.folder(folder)) as entries:
            names = [entry.name for entry in entries if not entry.is_file(follow_symlinks=False)]
    except PermissionError:
        yield "", disk.UNREADABLE
        return
    except OSError:
        return
    if ".git" in names:
        return
    for name in names:
        found = files.look(f"{folder}/{name}" if folder else name)
        if found is not None and found[0] not in {"", disk.SYMLINK}:
            yield name, found[0]


def _notes(listing: _Listing) -> tuple[str, ...]:
    marks = sorted(set(listing.pinned.values()))
    counts = [(mark, sum(value == mark for value in listing.pinned.values())) for mark in marks]
    return tuple(
        f"{count} file{'s' if count > 1 else ''} marked {mark} judged as the index has {'them' if count > 1 else 'it'}"
        for mark, count in counts
    )
