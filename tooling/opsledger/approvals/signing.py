"""Signing an approval with the signer's own key, by ssh-keygen or gpg."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from opsledger.approvals.programs import found
from opsledger.approvals.statements import NAMESPACE
from opsledger.errors import Refused

# The signer's agents are needed here: signing is what they asked for. Checking gets none of these.
_KEPT = ("PATH", "HOME", "USER", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY",
         "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "GNUPGHOME", "GPG_TTY", "TERM", "TMPDIR")  # fmt: skip


def sign(said: bytes, *, key: str, type: str = "ssh", environment: Mapping[str, str]) -> str:
    """
    The armoured detached signature over a statement.

    Args:
        said: as `statement` gives it.
        key: for SSH the file of a private key, or of a public one whose private half an agent holds; for GPG the
            fingerprint, or another name that gpg knows it by.
        type: *ssh* or *gpg*.

    Raises:
        Undecided: the program is not there.
        Refused: it could not sign.
    """
    if type == "gpg":
        program, arguments = "gpg", ["--batch", "--armor", "--local-user", key, "--detach-sign"]
    else:
        program, arguments = "ssh-keygen", ["-Y", "sign", "-n", NAMESPACE, "-f", key]
    answer = subprocess.run(
        [found(program, environment), *arguments], input=said, capture_output=True, check=False,
        env={name: environment[name] for name in _KEPT if name in environment} | {"LC_ALL": "C"},
    )  # fmt: skip
    if answer.returncode != 0 or not answer.stdout:
        why = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Refused(f"{program} could not sign with {key}: {why[-1] if why else 'it said nothing'}",
                      "name a key that you hold with --key")  # fmt: skip
    return answer.stdout.decode("ascii")
