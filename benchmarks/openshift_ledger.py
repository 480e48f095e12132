"""
Turns the bundle of the OpenShift upgrade graph into a ledger repository, commit by commit.

    python benchmarks/openshift_ledger.py [BUNDLE] TARGET [--limit N]

One ledger commit for each source commit, with its parents, people, times and subject line and a trailer
`Source:`. See README.md beside this file for what becomes what, and why.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from openshift_history import State, fold
from openshift_records import File, files, ground
from openshift_schemas import overrides
from openshift_source import Blobs, Commit, clone, commits, main_line
from settings import CHECKOUT, ledger_settings


def main() -> int:
    """Convert, and say how many commits were made."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("bundle", type=Path, nargs="?", default=default_bundle(), help="the bundle, or a clone of it")
    parser.add_argument("target", type=Path, help="the directory to make; must not exist or be empty")
    parser.add_argument("--limit", type=int, metavar="N", help="stop after N source commits")
    options = parser.parse_args()
    if options.target.exists() and any(options.target.iterdir()):
        print(f"{options.target} is not empty; name a new directory", file=sys.stderr)
        return 2
    print(f"{convert(options.bundle, options.target, limit=options.limit)} commits in {options.target}")
    return 0


def default_bundle() -> Path:
    """Where the bundle lies unless it is named: OPSLEDGER_CORPORA, or beside the checkout."""
    folder = os.environ.get("OPSLEDGER_CORPORA") or CHECKOUT.parent / "shared" / "corpora"
    return Path(folder) / "openshift-upgrade-graph.bundle"


def convert(bundle: Path, target: Path, *, limit: int | None = None) -> int:
    """Make the ledger; the number of commits that were written."""
    git(None, "init", "--quiet", "--initial-branch=main", str(target))
    with tempfile.TemporaryDirectory() as directory:
        source = bundle if bundle.is_dir() else clone(bundle, Path(directory))
        command = ["git", "-C", str(target), "fast-import", "--quiet", "--done", "--force"]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as importer:
            if importer.stdin is None:
                raise RuntimeError("git fast-import has no standard input")
            written = _write(importer.stdin, source, limit)
            importer.stdin.close()
        if importer.returncode:
            raise subprocess.CalledProcessError(importer.returncode, command)
    git(target, "branch", "--quiet", "-D", "import")
    git(target, "reset", "--quiet", "--hard", "main")
    return written


def _write(stream: IO[bytes], source: Path, limit: int | None) -> int:
    line = main_line(source)
    history = list(commits(source, limit))
    children = Counter(parent for commit in history for parent in commit.parents)
    states: dict[str, State] = {}
    marks: dict[str, int] = {}
    tip = 0
    blobs = Blobs(source)
    for mark, commit in enumerate(history, start=1):
        state, touched = fold(commit, [states[parent] for parent in commit.parents], blobs, landed=commit.id in line)
        states[commit.id], marks[commit.id] = state, mark
        first = _start() if not commit.parents else iter(())
        stream.writelines(_commit(commit, marks, first, files(state, touched)))
        tip = mark if commit.id in line else tip
        children.subtract(commit.parents)
        for parent in commit.parents:
            if not children[parent]:
                states.pop(parent, None)
    blobs.close()
    stream.write(b"reset refs/heads/main\nfrom :%d\n\ndone\n" % tip)
    return len(history)


def _start() -> Iterator[File]:
    """What the ledger's first commit holds besides records: its settings and its own schemas."""
    yield ".opsledger.yaml", ledger_settings()
    yield from overrides(CHECKOUT / "schemas")
    yield from ground()


def _commit(commit: Commit, marks: dict[str, int], *parts: Iterator[File]) -> Iterator[bytes]:
    message = commit.subject + f"\n\nSource: {commit.id}\n".encode()
    yield b"commit refs/heads/import\nmark :%d\n" % marks[commit.id]
    yield b"author %s\ncommitter %s\n" % (commit.author, commit.committer)
    yield b"data %d\n%s\n" % (len(message), message)
    for number, parent in enumerate(commit.parents):
        yield b"%s :%d\n" % (b"merge" if number else b"from", marks[parent])
    for part in parts:
        for path, content in part:
            name = path.encode()
            yield (
                b"D %s\n" % name
                if content is None
                else b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(content), content)
            )
    yield b"\n"


def git(directory: Path | None, *arguments: str) -> None:
    """Run git, quietly."""
    where = ["-C", str(directory)] if directory else []
    subprocess.run(["git", *where, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
