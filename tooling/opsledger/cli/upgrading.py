"""What `upgrade` does: judge the ledger as this version would, compare with the version before, and pin it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click

from opsledger import __version__
from opsledger.api import kinds_of
from opsledger.cli.caller import Caller
from opsledger.cli.screen import show, watched
from opsledger.cli.writing import finish
from opsledger.edit.upgrading import Mark, Outlook, outlook, plan_upgrade, upgraded
from opsledger.errors import Refused
from opsledger.finding import Severity
from opsledger.policy import policy_of, settings_of
from opsledger.report.plain import counted, escape

_SECONDS = 600


def upgrade(caller: Caller, *, what_if: bool, before: str, wanted: tuple[str, ...], dry_run: bool) -> int:
    """
    Show what this version would find, and let it judge from now on where nothing new is wrong.

    Args:
        before: the program of the version that judges now, or empty.
        wanted: ids of records that the preset brings.

    Returns:
        1 where something new is wrong, else 0.
    """
    with caller.book() as book:
        here = book.snapshot()
        stated = settings_of(here)
        known = _asked_before(caller, before, Path(book.repository.root)) if before else None
        after = upgraded(here, __version__)
        with watched("judging") as progress:
            judgement = book.judge(after, most=None, progress=progress)
        kinds = kinds_of(after)
        ledger = book.load(after, kinds, policy_of(after, kinds, stated.preset))
        seen = outlook(
            ledger, judgement.findings, known, before=stated.tool, after=__version__, preset=stated.preset
        )  # fmt: skip
        show(_told(seen))
        if not what_if and not seen.stops:
            finish(plan_upgrade(here, seen, wanted), book.repository.root, dry_run=dry_run)
    return int(seen.stops)


def _asked_before(caller: Caller, program: str, root: Path) -> frozenset[Mark]:
    found = shutil.which(program, path=caller.environment.get("PATH"))
    if found is None:
        raise Refused(f"no program is called {program!r}", "name the opsledger that judges now, with its path")
    ended = subprocess.run(
        [found, "-C", str(root), "check", "--format", "json"],
        capture_output=True, timeout=_SECONDS, env=dict(caller.environment), check=False,
    )  # fmt: skip
    if ended.returncode not in (0, 1, 3) or b'"summary"' not in ended.stdout:
        raise Refused(f"{program} could not judge the ledger", "see what `check` says with it")
    try:
        lines = [json.loads(line) for line in ended.stdout.splitlines()]
        return frozenset((one["path"], one["code"], one["message"]) for one in lines if one["sort"] == "finding")
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"{program} does not answer as opsledger does") from None


def _told(seen: Outlook) -> Iterator[str]:
    was = f"opsledger {seen.before}" if seen.before else "any version"
    yield f"judged by {was} until now, by opsledger {seen.after} after the upgrade"
    for one in sorted(seen.new):
        weight = "" if one.severity is Severity.ERROR else f" ({one.severity.word})"
        yield escape(f"{one.place}: {one.code}{weight} {one.message}")
        if one.fix:
            yield f"    fix: {escape(one.fix)}"
    word = "new finding" if seen.is_compared else "finding"
    yield f"{counted(len(seen.new), word)}" + (f", {len(seen.gone)} gone" if seen.is_compared else "")
    if not seen.is_compared and seen.new:
        yield "name the program that judges now with --from, and only what is new is shown"
    for offered in seen.offered:
        yield f"preset: {offered.id} is new; --with {offered.id} brings it"
    for gate, codes in seen.ripe:
        yield escape(f"gate: {gate} names {', '.join(codes)} under `later`, and this version judges them")
