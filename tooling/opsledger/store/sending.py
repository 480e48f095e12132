"""Fetches from and pushes to a remote, and tells a race that was lost from a refusal and from silence."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from opsledger.errors import GitFailed, Undecided
from opsledger.store.git import Git
from opsledger.store.own import OwnGit, Said


@dataclass(frozen=True)
class Pushed:
    """The remote took everything."""

    said: str = ""


@dataclass(frozen=True)
class Rejected:
    """
    The remote did not take it.

    Args:
        reason: git's own words, such as *fetch first* or *pre-receive hook declined*.
        is_race: whether somebody else was quicker, so that a new try on top of theirs may succeed.
        said: what the remote's hook printed.
    """

    reason: str
    is_race: bool
    said: str = ""


# Words by which git, its servers and the forges say that the branch moved while the push was under way.
_RACE = re.compile(
    r"fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref|reference already exists"
    r"|incorrect old value|is at [0-9a-f]+ but expected|needs merge|remote ref updated since checkout|failed to lock"
    r"|unable to create .*\.lock"
)
_REJECTED = re.compile(r"^!\t[^\t]*\t\[(?:remote )?rejected\] \((.*)\)$|^!\t[^\t]*\t(.*)$", re.MULTILINE)
_REMOTE_LINE = re.compile(r"^remote: ?(.*?)[ \t]*$", re.MULTILINE)
_REVIEW_REF = re.compile(r"refs/(pull|merge-requests|pull-requests)/[0-9]+/(head|from)")
_ADDRESS = re.compile(r"(?:https?|ssh|git|file)://\S+|/\S+|[A-Za-z0-9._-]+@[A-Za-z0-9._-]+:\S+")


def fetch(own: OwnGit, remote: str, refspecs: tuple[str, ...]) -> None:
    """
    Fetch from a remote; without refspecs, what the clone's configuration names.

    Raises:
        Undecided: the remote could not be reached or has no such reference.
    """
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    said = own.ask("fetch", *options, "--", remote, *refspecs)
    if said.code != 0:
        raise Undecided(
            f"nothing could be fetched from {remote}: {_last(said)}",
            f"try `git fetch {shlex.join([remote, *refspecs])}`",
        )


def complete(git: Git, own: OwnGit, remote: str, commit: str, prefix: str) -> None:
    """
    Fetch the blobs of a commit that a partial clone lacks, all in one go.

    Args:
        prefix: only those below this folder of the repository; empty for all.

    Raises:
        Undecided: the remote could not be reached, or does not have them.
    """
    paths = ("--", prefix) if prefix else ()
    listed = git.run("rev-list", "--objects", "--no-walk", "--missing=print", commit, *paths).decode()
    missing = [line[1:] for line in listed.splitlines() if line.startswith("?")]
    if not missing:
        return
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--filter=blob:none")
    said = own.ask(
        "-c", "fetch.negotiationAlgorithm=noop", "fetch", *options, "--stdin", remote, given="\n".join(missing)
    )  # fmt: skip
    if said.code != 0:
        raise Undecided(f"nothing could be fetched from {remote}: {_last(said)}", "try again when it answers")


def push(own: OwnGit, remote: str, refspecs: tuple[str, ...], lease: str | None) -> Pushed | Rejected:
    """
    Push to a remote, all or nothing.

    Args:
        refspecs: as git writes them, `<commit>:refs/heads/<branch>`.
        lease: `<branch>:<commit>`: overwrite the branch only if it is at this commit; nothing after the colon, only
            if it does not exist yet.

    Raises:
        Undecided: the remote could not be reached, so nobody knows whether it took it.
    """
    options = ["--porcelain", "--no-verify", "--no-recurse-submodules", "--no-follow-tags"]
    options += ["--atomic"] if len(refspecs) > 1 else []
    options += [f"--force-with-lease={lease}"] if lease is not None else []
    said = own.ask("push", *options, "--", remote, *refspecs)
    told = "\n".join(_REMOTE_LINE.findall(said.complaint))
    if said.code == 0:
        return Pushed(told)
    reasons = [one or other for one, other in _REJECTED.findall(said.output)]
    if not reasons:
        raise Undecided(
            f"nothing could be pushed to {remote}: {_last(said)}", f"try `git push {shlex.join([remote, *refspecs])}`"
        )
    # With several references the one that was at fault is named first; the others fell with it.
    reason = next((reason for reason in reasons if "atomic" not in reason), reasons[0])
    return Rejected(reason, bool(_RACE.search(f"{reason}\n{_locks(said)}")), told)


def remotes(git: Git) -> Mapping[str, str]:
    """The clone's remotes, name to address, as its own file says."""
    config = git.clone.common_dir / "config"
    code, output = git.ask(
        "config", "--file", str(config), "-z", "--get-regexp", r"^remote\..*\.url$", accept=(0, 1)
    )  # fmt: skip
    found: dict[str, str] = {}
    for entry in output.decode("utf-8", "replace").split("\0") if code == 0 else ():
        key, _, address = entry.partition("\n")
        if address:
            found.setdefault(key.removeprefix("remote.").removesuffix(".url"), address)
    return found


def fetch_review(git: Git, environment: Mapping[str, str], commit: str, ref: str, remote: str) -> None:
    """
    Get a commit that was reviewed from the reference under which the forge keeps it.

    The clone may be somebody else's work, so neither its configuration nor its objects are touched: the commit goes
    to the private directory, and is gone with it.

    Raises:
        Undecided: it could not be had; says how to get it.
    """
    address = remotes(git).get(remote, "")
    by_hand = f"run `git fetch {shlex.join([remote, ref])}`"
    if not _REVIEW_REF.fullmatch(ref) or not _ADDRESS.fullmatch(address):
        raise Undecided(f"commit {commit[:7]}, which was reviewed, is not in this clone", by_hand)
    allowed = {"GIT_ALLOW_PROTOCOL": environment.get("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file")}
    names = ("XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND")
    users = {"GIT_CONFIG_GLOBAL": environment.get("GIT_CONFIG_GLOBAL") or f"{environment.get('HOME', '')}/.gitconfig"}
    variables = allowed | users | {name: environment[name] for name in names if name in environment}
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
    try:
        git.feed(b"", "fetch", *options, "--", address, ref, variables=variables)
    except GitFailed as failure:
        said = (failure.said.strip().splitlines() or ["it said nothing"])[-1]
        raise Undecided(f"commit {commit[:7]}, which was reviewed, could not be fetched: {said}", by_hand) from failure


def _last(said: Said) -> str:
    """Return the line of git's that says why: the first that is called fatal, or the last."""
    lines = [line.strip() for line in said.complaint.splitlines() if line.strip()]
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return next(iter(fatal or lines[-1:]), "git said nothing").rstrip(".")


def _locks(said: Said) -> str:
    """Return what the server's git itself said of locks; a hook's own words never make a race."""
    return "\n".join(line for line in said.complaint.splitlines() if line.startswith("remote: error: cannot lock ref"))
