"""Runs ssh-keygen and gpg away from everything that a clone or a home directory could tell them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opsledger.errors import Undecided

SECONDS = 60
"""How long a program that only checks a signature may take."""


@dataclass(frozen=True)
class Ran:
    """What a program answered: its exit code and what it printed."""

    code: int
    output: bytes
    said: str


def found(name: str, environment: Mapping[str, str]) -> str:
    """
    The path of a program.

    Raises:
        Undecided: no absolute entry of PATH has it. Relative ones would let a clone bring its own.
    """
    entries = [entry for entry in environment.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
    program = shutil.which(name, path=os.pathsep.join(entries)) if entries else None
    if program is None:
        raise Undecided(f"{name} is not on the PATH, so no signature can be checked", f"install {name}")
    return program


def run(program: str, arguments: Sequence[str], *, stdin: bytes, home: Path, environment: Mapping[str, str]) -> Ran:
    """
    Run a program that looks at a signature.

    Args:
        program: as `found` gives it.
        home: an empty folder of our own, which is its home and where it runs: no agent, no key ring and no
            configuration of anybody else is met.

    Raises:
        Undecided: it does not run, or does not end.
    """
    hardened = {"PATH": os.path.dirname(program), "HOME": str(home), "GNUPGHOME": str(home), "LC_ALL": "C"}
    if "TMPDIR" in environment:
        hardened["TMPDIR"] = environment["TMPDIR"]
    try:
        answer = subprocess.run(
            [program, *arguments],
            input=stdin,
            capture_output=True,
            env=hardened,
            cwd=home,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Undecided(f"{program} gave no answer: {failure}", "see why it does not run, and try again") from failure
    return Ran(answer.returncode, answer.stdout, answer.stderr.decode("utf-8", "replace").strip())
