"""
The OpenShift upgrade graph as it was written: commits with their changed files, and what one file says.

The data is that of openshift/cincinnati-graph-data (Apache-2.0), cut down to its data folders.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml_rs


@dataclass(frozen=True)
class Commit:
    """One source commit; `changes` are (path, blob or None) against its first parent."""

    id: str
    parents: tuple[str, ...]
    author: bytes
    committer: bytes
    time: int
    subject: bytes
    changes: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Channel:
    """What one channel file says: the versions it offers and those that it must never offer."""

    versions: frozenset[str]
    tombstones: frozenset[str]


@dataclass(frozen=True)
class Risk:
    """What one blocked-edges file says; trackers are the addresses in its comments when it has no name."""

    to: str
    sources: str
    name: str = ""
    url: str = ""
    message: str = ""
    fixed_in: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    trackers: tuple[str, ...] = ()


@dataclass
class Blobs:
    """Reads blobs of a repository through one git process; parsed files are kept by blob id."""

    repository: Path
    _process: subprocess.Popen[bytes] = field(init=False)
    _parsed: dict[tuple[str, str], Channel | Risk | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        command = ["git", "-C", str(self.repository), "cat-file", "--batch"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, blob: str) -> bytes:
        """The bytes of one blob."""
        sink, source = self._process.stdin, self._process.stdout
        if sink is None or source is None:
            raise RuntimeError("git cat-file has no pipes")
        sink.write(f"{blob}\n".encode())
        sink.flush()
        size = int(source.readline().split()[2])
        data = source.read(size)
        source.read(1)
        return data

    def parse(self, path: str, blob: str) -> Channel | Risk | None:
        """What the file says, or None when it is no YAML (one commit of the source holds such a file)."""
        key = (path.partition("/")[0], blob)
        if key not in self._parsed:
            self._parsed[key] = _parse(path, self.read(blob))
        return self._parsed[key]

    def close(self) -> None:
        """End the git process."""
        self._process.communicate()


def clone(bundle: Path, directory: Path) -> Path:
    """A bare clone of the bundle in the directory."""
    target = directory / "source.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(target)], check=True)
    return target


def main_line(repository: Path) -> frozenset[str]:
    """Commits that HEAD reaches through first parents only."""
    out = subprocess.run(
        ["git", "-C", str(repository), "rev-list", "--first-parent", "HEAD"], check=True, capture_output=True, text=True
    )
    return frozenset(out.stdout.split())


def commits(repository: Path, limit: int | None = None) -> Iterator[Commit]:
    """The commits, parents before children, at most `limit` of them."""
    form = "%x01%H%x02%P%x02%an <%ae> %ad%x02%cn <%ce> %cd%x02%ct%x02%s"
    command = [
        "git", "-C", str(repository), "log", "HEAD", "--topo-order", "--reverse", "--raw", "-z", "--no-abbrev",
        "--no-renames", "--diff-merges=first-parent", "--date=raw", f"--format={form}",
    ]  # fmt: skip
    out = subprocess.run(command, check=True, capture_output=True).stdout
    entries = out.split(b"\x01")[1:]
    for entry in entries[:limit]:
        yield _commit(entry)


def _commit(entry: bytes) -> Commit:
    head, _, tail = entry.partition(b"\0")
    name, parents, author, committer, time, subject = head.split(b"\x02")
    return Commit(
        name.decode(), tuple(parents.decode().split()), author, committer, int(time), subject, tuple(_changes(tail))
    )


def _changes(raw: bytes) -> Iterator[tuple[str, str | None]]:
    fields = raw.lstrip(b"\n").split(b"\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        blob = head.split(b" ")[3].decode()
        yield path.decode(), None if blob == "0" * 40 else blob


def channel_of(path: str) -> tuple[str, str | None] | None:
    """
    The channel that a path belongs to, and the version if the path itself is an entry.

    Before 2019-12 a channel was a folder of links named by version, since then it is one file.
    """
    if match := re.fullmatch(r"channels/([a-z]+-[0-9.]+)\.yaml", path):
        return match[1], None
    if match := re.fullmatch(r"channels/([a-z]+-[0-9.]+)/(.+)\.json", path):
        return match[1], release_of(match[2])
    return None


def release_of(version: str) -> str:
    """The release behind a version: build metadata (`+amd64`) sets no new version apart (semver.org, clause 10)."""
    return version.partition("+")[0]


def _parse(path: str, data: bytes) -> Channel | Risk | None:
    try:
        content: Any = yaml_rs.loads(data.decode(), parse_datetime=False)
    except ValueError:
        return None
    return _risk(content, data) if path.startswith("blocked-edges/") else _channel(content)


def _channel(content: dict[str, Any]) -> Channel:
    return Channel(
        frozenset(release_of(str(version)) for version in content.get("versions") or ()),
        frozenset(release_of(str(version)) for version in content.get("tombstones") or ()),
    )


def _risk(content: dict[str, Any], data: bytes) -> Risk:
    rules = tuple(
        (rule["type"], (rule.get("promql") or {}).get("promql", "")) for rule in content.get("matchingRules", ())
    )
    trackers = {match.decode() for match in re.findall(rb"https?://[^\s)>,#]+", data)}
    return Risk(
        to=str(content["to"]),
        sources=str(content["from"]),
        name=content.get("name", ""),
        url=content.get("url", ""),
        message=content.get("message", "").strip(),
        fixed_in=str(content.get("fixedIn", "")),
        rules=rules,
        trackers=() if content.get("name") else tuple(sorted(trackers)),
    )
