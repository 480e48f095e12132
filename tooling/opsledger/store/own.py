"""Runs git as its user would run it in this clone: with the user's configuration, and asking nobody anything."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsledger.errors import GitFailed, Refused
from opsledger.store.git import Git
from opsledger.store.log import Person

# What names another repository, index or object store than the clone's own; configuration that the caller passes
# on in the environment stays, for CI hands over its credentials so.
_ELSEWHERE = re.compile(
    r"GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH|PREFIX"
    r"|GRAFT_FILE|SHALLOW_FILE|NAMESPACE|REPLACE_REF_BASE|NO_REPLACE_OBJECTS|IMPLICIT_WORK_TREE|INTERNAL_.*"
    r"|TRACE.*|LITERAL_PATHSPECS|GLOB_PATHSPECS|NOGLOB_PATHSPECS|ICASE_PATHSPECS)"
)
_QUIET = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
    "-c", "advice.detachedHead=false", "-c", "submodule.recurse=false",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """How a command of the user's own git ended."""

    code: int
    output: str
    complaint: str


class OwnGit:
    """
    The user's git in the user's clone: credentials, ssh and rewritten addresses are as they set them up.

    Only for what the user asked for by name (fetch, push, commit); a clone that is judged is looked at through
    `Git` alone. Hooks do not run, and nothing waits for an answer.
    """

    def __init__(self, git: Git, environment: Mapping[str, str]) -> None:
        self._git = git
        kept = {name: value for name, value in environment.items() if not _ELSEWHERE.fullmatch(name)}
        clone = git.clone
        place = {"GIT_DIR": str(clone.git_dir)} | ({} if clone.is_bare else {"GIT_WORK_TREE": str(clone.top)})
        quiet = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "GIT_EDITOR": "false"}
        ssh = {} if {"GIT_SSH_COMMAND", "GIT_SSH"} & kept.keys() else _BATCH
        self._environment = ssh | kept | place | quiet | {"GIT_ASKPASS": kept.get("GIT_ASKPASS", "")}

    def ask(self, *arguments: str, given: str = "") -> Said:
        """How a command ends, and what it prints; `given` is what it reads."""
        answer = subprocess.run(
            [self._git.program, *_QUIET, *arguments], cwd=self._git.clone.top, env=self._environment,
            input=given.encode(), capture_output=True, check=False,
        )  # fmt: skip
        readable = [stream.decode("utf-8", "replace") for stream in (answer.stdout, answer.stderr)]
        return Said(answer.returncode, *readable)

    def setting(self, name: str) -> str:
        """A setting of the user's configuration, or empty."""
        return self.ask("config", "--get", name).output.strip()

    def identity(self) -> Person:
        """
        Who the user is as an author.

        Raises:
            Refused: git was never told.
        """
        said = self.ask("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
        found = re.fullmatch(r"(.*) <([^<>]*)> \S+ \S+", said.output.strip())
        if said.code != 0 or found is None:
            raise Refused("git does not know who you are", "tell it: git config --global user.email you@example.org")
        return Person(found[1], found[2])

    def stand_on(self, branch: str, paths: Sequence[str]) -> None:
        """
        Let HEAD name a branch, and the index hold of these paths what the branch holds; no file is touched.

        Args:
            branch: in full, as refs/heads/topic.
            paths: from the top of the repository.

        Raises:
            GitFailed: git could not.
        """
        self._do("symbolic-ref", "HEAD", branch)
        for start in range(0, len(paths), 500):
            some = [f":(top,literal){path}" for path in paths[start : start + 500]]
            self._do("reset", "--quiet", "HEAD", "--", *some)

    def _do(self, *arguments: str) -> None:
        said = self.ask(*arguments)
        if said.code != 0:
            raise GitFailed(arguments[0], said.complaint)


_BATCH = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
