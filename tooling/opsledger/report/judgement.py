"""A judgement in the form that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from opsledger import __version__
from opsledger.report.text import text

if TYPE_CHECKING:
    from opsledger.check import Judgement

FORMS = ("text", "json", "sarif", "github", "junit", "gitlab", "markdown")
MOST = 200
"""How many findings are listed unless all are asked for; the rest is counted."""


def printed(
    judgement: Judgement,
    form: str,
    *,
    prefix: str = "",
    coverage: bool = False,
    colour: bool = False,
    columns_wide: int | None = None,
) -> Iterator[str]:
    """
    Yield the lines of a judgement.

    Args:
        judgement: what a check says.
        form: one of `FORMS`.
        prefix: where the ledger stands in its repository (`""` or `"sub/"`).
        coverage: whether to add what each rule did; SARIF and JUnit have it wherever it was counted.
        colour: whether text is marked.
        columns_wide: width of the terminal, if it is one.
    """
    # Each form is loaded only when it is asked for: a warm check takes no longer than these imports together.
    match form:
        case "json":
            from opsledger.report.json_lines import json_lines

            yield from json_lines(judgement, coverage=coverage)
        case "sarif":
            from opsledger.report.rule_page import sarif_page
            from opsledger.report.sarif import sarif
            from opsledger.rules.register import register

            explain = partial(sarif_page, register())
            yield sarif(judgement, version=__version__, explain=explain, prefix=prefix).rstrip("\n")
        case "github":
            from opsledger.report.github import github

            yield from github(judgement, prefix=prefix)
        case "junit" | "gitlab" | "markdown":
            yield _page(judgement, form, prefix).rstrip("\n")
        case _:
            if coverage:
                yield from _coverage(judgement, columns_wide)
            yield text(judgement, colour=colour).rstrip("\n")


def _page(judgement: Judgement, form: str, prefix: str) -> str:
    """Return a judgement in a form that is one piece."""
    from opsledger.report.gitlab import gitlab
    from opsledger.report.junit import junit
    from opsledger.report.markdown import markdown

    return {"junit": junit, "gitlab": gitlab, "markdown": markdown}[form](judgement, prefix=prefix)


def _coverage(judgement: Judgement, columns_wide: int | None) -> Iterator[str]:
    """Yield a table of what each rule did, and a line of those that had nothing to judge."""
    from opsledger.report.rows import table

    rows = [(code, ran.judged, ran.findings) for code, ran in sorted(judgement.coverage.items())]
    yield from table(("rule", "judged", "findings"), rows, columns_wide=columns_wide)
    if idle := [code for code, judged, _ in rows if not judged]:
        yield ""
        yield f"Nothing to judge for {', '.join(idle)}"
    yield ""
