"""Whose key made a signature, and whether the signature is good: by ssh-keygen and gpg, with the judge's keys alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from opsledger.approvals.armour import SshSignature
from opsledger.approvals.programs import found, run
from opsledger.people import Key, Party


@dataclass(frozen=True)
class GpgAnswer:
    """
    What gpg says of a signature.

    Args:
        fingerprint: of the primary key that made it, or of whatever gpg knows of it.
        is_good: whether it was made over these very bytes by one of the keys that were given.
        is_of_other_bytes: whether one of those keys made it over something else.
        is_revoked: whether that key was taken back.
        has_ended: whether the signature itself was made for a time that is over.
        until: when that key ends by what it says of itself; `None` for never.
        count: how many signatures there are.
    """

    fingerprint: str = ""
    is_good: bool = False
    is_of_other_bytes: bool = False
    is_revoked: bool = False
    has_ended: bool = False
    until: datetime | None = None
    count: int = 0


def ssh_is_good(
    signature: str,
    about: SshSignature,
    said: bytes,
    *,
    principal: str,
    key: Key,
    environment: Mapping[str, str],
) -> bool:
    """
    Whether ssh-keygen finds an SSH signature good, under that one key.

    Raises:
        Undecided: ssh-keygen is not there.
    """
    program = found("ssh-keygen", environment)
    with _folder(environment) as home:
        plain = " ".join(word for word in key.text.split()[:2])
        (home / "allowed_signers").write_text(f'{principal} namespaces="{about.namespace}" {plain}\n', encoding="utf-8")
        (home / "signature").write_text(signature.strip() + "\n", encoding="utf-8")
        verify = ["-Y", "verify", "-f", "allowed_signers", "-I", principal, "-n", about.namespace, "-s", "signature"]
        return run(program, verify, stdin=said, home=home, environment=environment).code == 0


def ask_gpg(signature: str, said: bytes, keys: Iterable[Key], *, environment: Mapping[str, str]) -> GpgAnswer:
    """
    What gpg says of a detached signature, in a key ring that holds these keys alone.

    Raises:
        Undecided: gpg is not there.
    """
    program = found("gpg", environment)
    with _folder(environment) as home:
        home.chmod(0o700)
        (home / "common.conf").touch()  # without it gpg 2.4 would start a daemon for the keys
        quiet = ["--batch", "--no-tty", "--no-options", "--disable-dirmngr", "--no-auto-key-retrieve",
                 "--trust-model", "always"]  # fmt: skip
        for key in keys:
            run(program, [*quiet, "--import"], stdin=key.text.encode(), home=home, environment=environment)
        (home / "signature.asc").write_text(signature.strip() + "\n", encoding="utf-8")
        verify = [*quiet, "--status-fd", "1", "--verify", "signature.asc", "-"]
        answer = run(program, verify, stdin=said, home=home, environment=environment)
    lines = answer.output.decode("utf-8", "replace").splitlines()
    return _gpg_answer([line.split()[1:] for line in lines if line.startswith("[GNUPG:] ")])


def _gpg_answer(status: Sequence[Sequence[str]]) -> GpgAnswer:
    words = {line[0]: line for line in status if line}
    valid, unknown = words.get("VALIDSIG", ()), words.get("ERRSIG", ())
    ended = [int(line[1]) for line in status if line[:1] == ["KEYEXPIRED"] and line[1].isdigit()]
    return GpgAnswer(
        fingerprint=str(valid[10] if len(valid) > 10 else unknown[7] if len(unknown) > 7 else ""),
        is_good=bool(valid) and "BADSIG" not in words,
        is_of_other_bytes="BADSIG" in words,
        is_revoked="REVKEYSIG" in words,
        has_ended="EXPSIG" in words,
        until=datetime.fromtimestamp(min(ended), UTC) if ended else None,
        count=sum(line[:1] == ["NEWSIG"] for line in status),
    )


def gpg_keys(party: Party) -> tuple[Key, ...]:
    """The GPG keys of a party."""
    return tuple(key for key in party.keys if key.type == "gpg")


@contextmanager
def _folder(environment: Mapping[str, str]) -> Iterator[Path]:
    place = environment.get("TMPDIR")
    with tempfile.TemporaryDirectory(prefix="opsledger-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
