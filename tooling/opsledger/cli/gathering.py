"""What the importers of evidence share: their options, and the way from files to records in the work tree or a lane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import by_option, utc_time
from opsledger.cli.options import dry_run_option

if TYPE_CHECKING:
    from opsledger.edit.gathering import Stated

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(frozen=True)
class Errand:
    """
    What one call of an importer was asked for.

    Args:
        form: of the reports.
        files: their names; `-` is a pipe.
        stated: what was said of them.
        case_map: a file that ties cases to records, or empty.
        is_baseline: whether to write the baseline of the package as well.
        remote: where to push; `None` to write into the work tree.
    """

    form: str
    files: tuple[str, ...]
    stated: Stated
    case_map: str = ""
    is_baseline: bool = False
    remote: str | None = None
    dry_run: bool = False


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--package-digest", "digest", default="", metavar="DIGEST", help="Fingerprint of the package: sha256:…"
    ),
    click.option("--package", metavar="FILE", help="The package itself, to take the fingerprint of."),
    click.option(
        "--ci", "cis", multiple=True, metavar="CI", help="A component that was looked at.  [default: by repository]"
    ),
    click.option("--version", default="", metavar="VERSION", help="The version that was looked at."),
    click.option("--env", "environment", default="", metavar="ENVIRONMENT", help="Where it was looked at."),
    click.option("--commit", default="", metavar="COMMIT", help="What the package was built from.  [default: CI's]"),
    click.option("--release", "releases", multiple=True, metavar="RELEASE", help="The release, if it exists already."),
    click.option("--type", "type", default="", metavar="TYPE", help="What sort of evidence it is, such as smoke."),
    click.option("--title", default="", metavar="TITLE", help="One line for lists.  [default: made]"),
    click.option("--at", "at", callback=utc_time, metavar="TIME", help="When it was complete.  [default: as it says]"),
    click.option("--run", default="", metavar="SYSTEM/ID", help="The run of the pipeline.  [default: CI's]"),
    click.option(
        "--kept-until", default="", metavar="DAY", help="How long the store keeps it.  [default: the policy's]"
    ),
    by_option,
    click.option("--push", is_flag=True, help="Commit the records on the protected branch, and push them."),
    click.option("--remote", default="origin", show_default=True, metavar="NAME", help="Where to push."),
    dry_run_option,
)
"""What can be said of every report."""

_STATED = (
    "digest", "cis", "environment", "commit", "version", "releases", "title", "type", "at", "run", "by", "kept_until",
)  # fmt: skip


def evidence_options(function: Decorated) -> Decorated:
    """Take files, and what is to be said of them."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return click.argument("files", nargs=-1, required=True, metavar="FILE...")(function)


def bring_evidence(
    caller: Caller, form: str, said: Mapping[str, Any], *, case_map: str = "", is_baseline: bool = False
) -> None:  # fmt: skip
    """Carry out what was asked for, and leave with 0, or with 1 where a report cannot be read."""
    from opsledger.cli.gathering_run import carried_out, completed
    from opsledger.edit.gathering import Stated

    if is_baseline and len(said["files"]) > 1:
        raise click.UsageError("--baseline takes the bill of materials of one package: name one FILE")
    stated = Stated(**{name: said[name] for name in _STATED})
    remote = said["remote"] if said["push"] else None
    whole = completed(caller, stated, said["package"] or "")
    errand = Errand(form, said["files"], whole, case_map, is_baseline, remote, said["dry_run"])
    raise SystemExit(carried_out(caller, errand))
