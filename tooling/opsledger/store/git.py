"""Runs git in a private, empty directory that borrows a clone's objects and references and nothing else."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from opsledger.errors import GitFailed, NoRepository, OpsledgerError, Undecided
from opsledger.store.clone import Clone, owners, small_file

OLDEST = (2, 38)
"""The first git whose `merge-tree` can merge without a work tree."""

_REFTABLE = (2, 45)
_EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_HEADS = ("HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD")
_CONFIG = """\
[core]
\trepositoryformatversion = 1
\tbare = true
\tfilemode = {filemode}
\tignorecase = {ignorecase}
\tprecomposeunicode = {precomposeunicode}
\tfsmonitor = false
\tuntrackedCache = false
\tcommitGraph = false
\thooksPath = /dev/null
\texcludesFile = /dev/null
\tattributesFile = /dev/null
\tautocrlf = false
\tfsync = none
\tlogAllRefUpdates = false
\twarnAmbiguousRefs = false
[extensions]
\tobjectformat = {object_format}
{ref_storage}[attr]
\ttree = {empty_tree}
[protocol]
\tallow = never
[merge]
\trenames = true
\tdirectoryRenames = conflict
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""


class NoGit(OpsledgerError):
    """There is no git that this tool can work with."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found

    def __str__(self) -> str:
        wanted = ".".join(str(number) for number in OLDEST)
        return f"git {wanted} or later is needed, and {self.found}"


class Git:
    """
    Git, hardened against the clone that it looks at; close it when done.

    Every command runs with `GIT_DIR` set to a directory of our own making. Its alternates name the clone's
    objects and its `refs` is the clone's, so the clone's configuration, hooks, filters, drivers, grafts and
    attributes beside the tree have no say. Commit-graph files are not read either: they can lie about parents.
    """

    def __init__(self, clone: Clone, environment: Mapping[str, str]) -> None:
        self.clone = clone
        self.program = _program(environment)
        self.version = _version(self.program, environment)
        if clone.ref_storage == "reftable" and self.version < _REFTABLE:
            found = ".".join(str(number) for number in self.version)
            raise NoGit(f"this clone keeps its references as reftable, which git {found} cannot read")
        _trust(clone, self.program, environment)
        self.directory = Path(tempfile.mkdtemp(prefix="opsledger-", dir=environment.get("TMPDIR")))
        self._remove = weakref.finalize(self, shutil.rmtree, self.directory, ignore_errors=True)
        _furnish(self.directory, clone, _quarantine(clone, environment))
        self._environment = _hardened(environment) | {"GIT_DIR": str(self.directory)}

    def close(self) -> None:
        """Remove the private directory."""
        self._remove()

    def run(self, *arguments: str, work_tree: Path | None = None, accept: Sequence[int] = (0,)) -> bytes:
        """
        What a git command prints.

        Args:
            work_tree: run in this folder of the work tree, with the clone's index; None: away from both.
            accept: the exit codes that are answers.

        Raises:
            GitFailed: it ended with another code.
        """
        return self.ask(*arguments, work_tree=work_tree, accept=accept)[1]

    def ask(self, *arguments: str, work_tree: Path | None = None, accept: Sequence[int] = (0,)) -> tuple[int, bytes]:
        """As `run`, with the exit code in front."""
        with self.begin(*arguments, work_tree=work_tree) as running:
            return running.answer(accept=accept)

    def feed(self, data: bytes, *arguments: str, variables: Mapping[str, str] | None = None) -> bytes:
        """
        What a git command prints that reads these bytes.

        Args:
            variables: what it finds in its environment besides.

        Raises:
            GitFailed: it ended with another code than 0.
        """
        # Both ends go through files and not pipes: then nobody must write while somebody else must read.
        with (
            tempfile.TemporaryFile(dir=self.directory) as given,
            tempfile.TemporaryFile(dir=self.directory) as output,
            tempfile.TemporaryFile(dir=self.directory) as said,
        ):
            given.write(data)
            given.seek(0)
            process = self.start(*arguments, stdin=given, stdout=output, stderr=said, variables=variables)
            name = next((word for word in arguments if word[0] != "-" and "=" not in word), "")
            return Running(name, process, output, said).answer()[1]

    @contextmanager
    def begin(self, *arguments: str, work_tree: Path | None = None) -> Iterator[Running]:
        """A command that works while something else is done."""
        # Output goes to a file and not a pipe: git need not wait until somebody reads it.
        with (
            tempfile.TemporaryFile(dir=self.directory) as output,
            tempfile.TemporaryFile(dir=self.directory) as said,
        ):
            process = self.start(*arguments, work_tree=work_tree, stdout=output, stderr=said)
            try:
                yield Running(arguments[0], process, output, said)
            finally:
                process.kill()
                process.wait()

    def start(
        self,
        *arguments: str,
        work_tree: Path | None = None,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        stderr: int | IO[bytes] = subprocess.DEVNULL,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """A running git command, for output that is read as it comes."""
        environment = self._environment | dict(variables or {})
        if work_tree is not None:
            environment = environment | {
                "GIT_WORK_TREE": str(self.clone.top),
                "GIT_INDEX_FILE": str(self.clone.index),
            }
        return subprocess.Popen(
            [self.program, *arguments],
            cwd=work_tree or self.directory,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            bufsize=1 << 20,
        )

    def refresh_heads(self) -> None:
        """Take over HEAD and its kin from the clone as they are now."""
        for name in _HEADS:
            text = small_file(self.clone.git_dir / name)
            if text is None:
                (self.directory / name).unlink(missing_ok=True)
            else:
                (self.directory / name).write_bytes(text)


@dataclass(frozen=True)
class Running:
    """A git command that has been started; its answer is there once it ends."""

    name: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    said: IO[bytes]

    def answer(self, *, accept: Sequence[int] = (0,)) -> tuple[int, bytes]:
        """
        Wait for its end: the exit code and what it printed.

        Raises:
            GitFailed: it ended with a code that is no answer.
        """
        code = self.process.wait()
        if code not in accept:
            self.said.seek(0)
            raise GitFailed(self.name, self.said.read(4000).decode("utf-8", "replace"))
        self.output.seek(0)
        return code, self.output.read()


def _furnish(directory: Path, clone: Clone, quarantine: Sequence[Path]) -> None:
    """Make the private git directory by hand: `git init` would take ten times as long and read templates."""
    (directory / "objects" / "info").mkdir(parents=True)
    lenders = (clone.common_dir / "objects", *quarantine)
    (directory / "objects" / "info" / "alternates").write_bytes(b"".join(map(_quoted, lenders)))
    for name in ("refs", "packed-refs", "reftable"):
        # Packed references may not be there yet: another git may pack them while this one looks.
        if name == "packed-refs" or (clone.common_dir / name).exists():
            (directory / name).symlink_to(clone.common_dir / name)
    for name in os.listdir(clone.git_dir):
        if name.startswith("sharedindex."):
            (directory / name).symlink_to(clone.git_dir / name)
    head = small_file(clone.git_dir / "HEAD")
    (directory / "HEAD").write_bytes(head or b"ref: refs/heads/nothing\n")
    # Without it every command that walks commits stops at the first cut. Those who need the true parents
    # read them from the commit itself.
    if shallow := clone.shallow():
        (directory / "shallow").write_bytes(shallow)
    (directory / "config").write_text(_configuration(clone), encoding="utf-8")


def _quarantine(clone: Clone, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """
    Where a server keeps the objects of a push until its hook has said yes.

    Only folders inside the clone's own objects are believed: the environment of a hook is made by git, but what
    it was before need not be.
    """
    objects = os.path.realpath(clone.common_dir / "objects")
    named = (environment.get(name, "") for name in ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY"))
    # Git names the second from where it stands, which is the git directory.
    places = dict.fromkeys(os.path.realpath(clone.git_dir / name) for name in named if name)
    return tuple(Path(place) for place in places if place.startswith(objects + os.sep) and os.path.isdir(place))


def _configuration(clone: Clone) -> str:
    def flag(name: str, default: bool) -> str:
        value = clone.settings.get(f"core.{name}", "")
        return "false" if value.lower() in {"false", "no", "off", "0"} else "true" if value or default else "false"

    return _CONFIG.format(
        filemode=flag("filemode", True),
        ignorecase=flag("ignorecase", False),
        precomposeunicode=flag("precomposeunicode", False),
        object_format=clone.object_format,
        ref_storage="\trefstorage = reftable\n" if clone.ref_storage == "reftable" else "",
        empty_tree=_EMPTY_TREE[clone.object_format],
    )


def _quoted(path: Path) -> bytes:
    # A line of `alternates` may be quoted as C quotes strings, which a path with a newline in it needs.
    escaped = b"".join(b"\\%03o" % byte if byte < 32 or byte in b'"\\' else bytes([byte]) for byte in os.fsencode(path))
    return b'"' + escaped + b'"\n'


def _hardened(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: environment[name] for name in ("PATH", "HOME", "TMPDIR") if name in environment}
    return kept | {
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_PAGER": "cat",
        "GIT_ADVICE": "0",
    }


def _program(environment: Mapping[str, str]) -> str:
    # Relative entries of PATH would let the clone bring its own `git`.
    folders = [entry for entry in environment.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
    program = shutil.which("git", path=os.pathsep.join(folders)) if folders else None
    if program is None:
        raise NoGit("none is on the PATH")
    return program


def _version(program: str, environment: Mapping[str, str]) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [program, "version"], capture_output=True, env=_hardened(environment), stdin=subprocess.DEVNULL, check=False
        )
    except OSError as failure:
        raise NoGit(f"{program} does not run: {failure.strerror}") from failure
    said = answer.stdout.decode("utf-8", "replace").strip()
    numbers = re.match(r"git version ([0-9]+(?:\.[0-9]+)+)", said)
    if answer.returncode != 0 or numbers is None:
        raise NoGit(f"{program} does not answer as git does")
    version = tuple(int(number) for number in numbers[1].split("."))
    if version < OLDEST:
        raise NoGit(f"{program} is git {numbers[1]}")
    return version


def _trust(clone: Clone, program: str, environment: Mapping[str, str]) -> None:
    """Leave it to git, and to what its user told it, whether someone else's clone may be looked at."""
    if owners(clone) == {os.geteuid()}:
        return
    kept = {name: environment[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME", "SUDO_UID") if name in environment}
    answer = subprocess.run(
        [program, "-c", "core.fsmonitor=false", "rev-parse", "--git-dir"],
        cwd=clone.top, env=kept | {"LC_ALL": "C"}, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if answer.returncode == 0:
        return
    said = answer.stderr.decode("utf-8", "replace")
    if "dubious ownership" in said:
        raise Undecided(
            f"{clone.top} belongs to another user",
            f"if you trust it, run `git config --global --add safe.directory {shlex.quote(str(clone.top))}`",
        )
    raise NoRepository(str(clone.top), said.strip())
