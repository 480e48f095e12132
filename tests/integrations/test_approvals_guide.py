"""The guide "Set up approvals in ten minutes", followed word by word on a new repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).resolve().parent.parent.parent / "site/pages/set-up-approvals.md"


def followed() -> list[tuple[str, int]]:
    """Each command of the guide with the exit code that it says, 0 unless told."""
    text = "\n".join(re.findall(r"```console\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))
    commands: list[tuple[str, int]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ "), 0))
        elif code := re.fullmatch(r"\[exit ([0-9]+)\]", line):
            commands[-1] = (commands[-1][0], int(code[1]))
    return commands


def script(commands: list[tuple[str, int]]) -> str:
    """The commands as one script that stops where one ends otherwise than the guide says."""
    lines = []
    for command, code in commands:
        lines.append(
            f'{command}\ngot=$?\n[ $got = {code} ] || {{ echo "ended with $got: {_quoted(command)}"; exit 1; }}'
        )
    return "\n".join(lines)


def _quoted(command: str) -> str:
    return re.sub(r'["`$\\]', "", command)


def test_each_command_of_the_guide_does_what_it_says(tmp_path, environment):
    ours = Path(sys.executable).parent
    variables = {
        **environment, "PATH": f"{ours}:{environment['PATH']}", "PYTHONPATH": ":".join(sys.path),
        "TMPDIR": str(tmp_path), "OPSLEDGER_NOW": "", "OPSLEDGER_CACHE": "off",
    }  # fmt: skip

    answer = subprocess.run(
        ["bash", "-c", script(followed())], cwd=tmp_path, env=variables, check=False, capture_output=True, text=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert 0 == answer.returncode, answer.stdout[-3000:] + answer.stderr[-3000:]
    assert "1 approval, of which 1 stands" in answer.stdout
    assert 25 < len(followed())
