"""The guide "Ship on Thursday", followed word by word in two terminals: each keeps its folder and its clock."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.journeys.test_journeys import Step, pattern, steps

GUIDE = Path(__file__).resolve().parents[2] / "site/pages/ship-on-thursday.md"
TERMINALS = ("terminal 1", "terminal 2")
BOTH = "both terminals"


@dataclass(frozen=True)
class Terminal:
    """A shell that goes on from command to command."""

    typed: IO[str]
    ended: IO[str]
    screen: Path

    def seen(self, command: str) -> str:
        """Return what a command leaves on the screen: standard output first, then standard error."""
        out, err = self.screen.with_suffix(".out"), self.screen.with_suffix(".err")
        self.typed.write(f"{{ {command}\n}} </dev/null >'{out}' 2>'{err}'; echo $?\n")
        self.typed.flush()
        code = self.ended.readline().strip()
        ending = "" if code == "0" else f"[exit {code}]\n"
        return (out.read_text(encoding="utf-8") + err.read_text(encoding="utf-8") + ending).rstrip("\n")


@contextmanager
def terminal(name: str, directory: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """Open a terminal in a directory."""
    with subprocess.Popen(
        ["bash", "--norc"], cwd=directory, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        yield Terminal(shell.stdin, shell.stdout, directory.parent / name)
        shell.stdin.close()


def told() -> list[Step]:
    return list(steps(GUIDE.read_text(encoding="utf-8")))


def written(step: Step, directory: Path) -> None:
    """Write a file as the guide tells its reader to."""
    target = directory / step.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(step.screen, encoding="utf-8")


def test_each_step_of_the_guide_happens_as_it_is_told(tmp_path: Path, shell: dict[str, str]) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    known = {name: value for name, value in shell.items() if not re.match("GIT_(AUTHOR|COMMITTER)_|OPSLEDGER_", name)}

    with ExitStack() as open_ones:
        terminals = {name: open_ones.enter_context(terminal(name, desk, known)) for name in TERMINALS}
        for step in told():
            if step.path:
                written(step, desk / "thursday")
                continue
            for name in TERMINALS if step.folder == BOTH else (step.folder,):
                screen = terminals[name].seen(step.command)
                fits = pattern(step.screen).fullmatch(screen + "\n" if screen else "")
                assert fits, f"{GUIDE.name}:{step.line}: $ {step.command}\nexpected:\n{step.screen}\n\nseen:\n{screen}"


def test_both_terminals_and_every_file_of_the_guide_are_used() -> None:
    assert {BOTH, *TERMINALS} == {step.folder for step in told() if not step.path}
    assert ["ada/pay/charge.py", "ada/pay/test_charge.py", "tools.py"] == [step.path for step in told() if step.path]
